"""Learners: the model is sampled, not read."""

from marl_edu.learning.independent import (
    DistributedQLearning,
    HystereticQLearning,
    IndependentQLearning,
    LenientQLearning,
)
from marl_edu.learning.joint_action import JointActionLearning
from marl_edu.learning.match import Match
from marl_edu.learning.model_partner import ModelPartner
from marl_edu.learning.partners import FixedPartner, Partner, QPartner, Turn
from marl_edu.learning.tabular import TabularLearner

__all__ = [
    "DistributedQLearning",
    "FixedPartner",
    "HystereticQLearning",
    "IndependentQLearning",
    "JointActionLearning",
    "LenientQLearning",
    "Match",
    "ModelPartner",
    "Partner",
    "QPartner",
    "TabularLearner",
    "Turn",
]

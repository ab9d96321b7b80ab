"""Learners: the model is sampled, not read."""

from marl_edu.learning.independent import (
    DistributedQLearning,
    HystereticQLearning,
    IndependentQLearning,
    LenientQLearning,
)
from marl_edu.learning.joint_action import JointActionLearning
from marl_edu.learning.tabular import TabularLearner

__all__ = [
    "DistributedQLearning",
    "HystereticQLearning",
    "IndependentQLearning",
    "JointActionLearning",
    "LenientQLearning",
    "TabularLearner",
]

"""Learners: the model is sampled, not read.

What needs PyTorch is loaded when it is first asked for.
"""

from importlib import import_module

from marl_edu.learning.dynamics import (
    BestResponseDynamics,
    ConditionalRegretMatching,
    FictitiousPlay,
    GradientAscent,
    MatrixDynamics,
    MultiplicativeWeights,
    RegretMatching,
    Replicator,
    SmoothQLearning,
    TwoByTwo,
    WoLFGradient,
)
from marl_edu.learning.independent import (
    DistributedQLearning,
    HystereticQLearning,
    IndependentQLearning,
    LenientQLearning,
)
from marl_edu.learning.joint_action import JointActionLearning
from marl_edu.learning.match import Match
from marl_edu.learning.memory_one import STRATEGIES, iterated_dilemma, memory_one_payoffs, memory_one_play
from marl_edu.learning.model_partner import ModelPartner
from marl_edu.learning.partners import FixedPartner, Partner, QPartner, Turn
from marl_edu.learning.tabular import TabularLearner
from marl_edu.learning.tournament import RoundRobin, round_robin

_LATER = {"LOLA": "marl_edu.learning.lola"}

__all__ = [
    "LOLA",
    "STRATEGIES",
    "BestResponseDynamics",
    "ConditionalRegretMatching",
    "DistributedQLearning",
    "FictitiousPlay",
    "FixedPartner",
    "GradientAscent",
    "HystereticQLearning",
    "IndependentQLearning",
    "JointActionLearning",
    "LenientQLearning",
    "Match",
    "MatrixDynamics",
    "ModelPartner",
    "MultiplicativeWeights",
    "Partner",
    "QPartner",
    "RegretMatching",
    "Replicator",
    "RoundRobin",
    "SmoothQLearning",
    "TabularLearner",
    "Turn",
    "TwoByTwo",
    "WoLFGradient",
    "iterated_dilemma",
    "memory_one_payoffs",
    "memory_one_play",
    "round_robin",
]


def __getattr__(name: str):
    if name not in _LATER:
        raise AttributeError(f"module 'marl_edu.learning' has no attribute {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(_LATER[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

"""Learners: the model is sampled, not read.

What needs PyTorch or packages for outside worlds is loaded when it is first asked for.
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
from marl_edu.learning.flight import Flight
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

_LATER = {
    "DDPG": "marl_edu.learning.ddpg",
    "EnsembleMADDPG": "marl_edu.learning.ensembles",
    "EpisodeReplay": "marl_edu.learning.replay",
    "GameWorld": "marl_edu.learning.team_worlds",
    "IndependentDQN": "marl_edu.learning.factorisation",
    "InferredMADDPG": "marl_edu.learning.inferred",
    "LOLA": "marl_edu.learning.lola",
    "MADDPG": "marl_edu.learning.maddpg",
    "MonotonicMixer": "marl_edu.learning.mixers",
    "OutsideWorld": "marl_edu.learning.outside_worlds",
    "QMIX": "marl_edu.learning.factorisation",
    "QTRAN": "marl_edu.learning.qtran",
    "Replay": "marl_edu.learning.replay",
    "StackedMLP": "marl_edu.learning.networks",
    "TeamLearner": "marl_edu.learning.team_learner",
    "TeamWorld": "marl_edu.learning.team_worlds",
    "VDN": "marl_edu.learning.factorisation",
    "WeightedQMIX": "marl_edu.learning.weighted_qmix",
    "cross_play": "marl_edu.learning.meetings",
    "difference_interval": "marl_edu.learning.intervals",
    "mean_interval": "marl_edu.learning.intervals",
}

__all__ = [
    "DDPG",
    "LOLA",
    "MADDPG",
    "QMIX",
    "QTRAN",
    "STRATEGIES",
    "VDN",
    "BestResponseDynamics",
    "ConditionalRegretMatching",
    "DistributedQLearning",
    "EnsembleMADDPG",
    "EpisodeReplay",
    "FictitiousPlay",
    "FixedPartner",
    "Flight",
    "GameWorld",
    "GradientAscent",
    "HystereticQLearning",
    "IndependentDQN",
    "IndependentQLearning",
    "InferredMADDPG",
    "JointActionLearning",
    "LenientQLearning",
    "Match",
    "MatrixDynamics",
    "ModelPartner",
    "MonotonicMixer",
    "MultiplicativeWeights",
    "OutsideWorld",
    "Partner",
    "QPartner",
    "RegretMatching",
    "Replay",
    "Replicator",
    "RoundRobin",
    "SmoothQLearning",
    "StackedMLP",
    "TabularLearner",
    "TeamLearner",
    "TeamWorld",
    "Turn",
    "TwoByTwo",
    "WeightedQMIX",
    "WoLFGradient",
    "cross_play",
    "difference_interval",
    "iterated_dilemma",
    "mean_interval",
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

"""Dynamics: how the policies of two agents in a matrix game move if both keep learning."""

from pathlib import Path

from marl_edu.learning.cache import forget_outdated

forget_outdated(Path(__file__).parent)

from marl_edu.learning.dynamics.flows import Flow  # noqa: E402  (after what is out of date is gone)
from marl_edu.learning.dynamics.gradient import GradientAscent, WoLFGradient  # noqa: E402
from marl_edu.learning.dynamics.matrix_dynamics import MatrixDynamics  # noqa: E402
from marl_edu.learning.dynamics.play import BestResponseDynamics, FictitiousPlay  # noqa: E402
from marl_edu.learning.dynamics.regret import ConditionalRegretMatching, RegretMatching  # noqa: E402
from marl_edu.learning.dynamics.replicator import Replicator  # noqa: E402
from marl_edu.learning.dynamics.smooth_q import SmoothQLearning  # noqa: E402
from marl_edu.learning.dynamics.two_by_two import TwoByTwo  # noqa: E402
from marl_edu.learning.dynamics.weights import MultiplicativeWeights  # noqa: E402

__all__ = [
    "BestResponseDynamics",
    "ConditionalRegretMatching",
    "FictitiousPlay",
    "Flow",
    "GradientAscent",
    "MatrixDynamics",
    "MultiplicativeWeights",
    "RegretMatching",
    "Replicator",
    "SmoothQLearning",
    "TwoByTwo",
    "WoLFGradient",
]

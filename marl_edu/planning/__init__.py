"""The model is known: exact values, returns, optima and best responses, to compare learning with."""

from marl_edu.planning.best_response import BestResponse, best_response, best_response_gains, exploitability
from marl_edu.planning.evaluation import evaluate
from marl_edu.planning.induced import induced_chain, induced_mdp, joint_policy, joint_probabilities
from marl_edu.planning.optimum import TeamOptimum, reference_returns, team_optimum
from marl_edu.planning.returns import deterministic_returns, expected_return

__all__ = [
    "BestResponse",
    "TeamOptimum",
    "best_response",
    "best_response_gains",
    "deterministic_returns",
    "evaluate",
    "expected_return",
    "exploitability",
    "induced_chain",
    "induced_mdp",
    "joint_policy",
    "joint_probabilities",
    "reference_returns",
    "team_optimum",
]

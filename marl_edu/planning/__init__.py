"""The model is known: exact values, returns, optima and best responses, to compare learning with."""

from marl_edu.planning.action_values import action_values, decentralised_values, discounted_visits
from marl_edu.planning.best_response import BestResponse, best_response, best_response_gains, exploitability
from marl_edu.planning.decentralised import DecentralisedOptimum, decentralised_optimum, decentralised_value
from marl_edu.planning.evaluation import evaluate
from marl_edu.planning.induced import induced_chain, induced_mdp, joint_policy, joint_probabilities
from marl_edu.planning.iterations import ShapleyIteration, ValueIteration
from marl_edu.planning.monte_carlo import MonteCarlo, return_moments
from marl_edu.planning.optimum import TeamOptimum, reference_returns, team_optimum, value_iteration
from marl_edu.planning.policy_iteration import PolicyIteration, policy_iteration
from marl_edu.planning.policy_sweeps import BestResponseIteration, PolicyEvaluation
from marl_edu.planning.returns import deterministic_returns, expected_return
from marl_edu.planning.stage_games import StageSolution, solve_stage
from marl_edu.planning.zero_sum import ZeroSumSolution, shapley

__all__ = [
    "BestResponse",
    "BestResponseIteration",
    "DecentralisedOptimum",
    "MonteCarlo",
    "PolicyEvaluation",
    "PolicyIteration",
    "ShapleyIteration",
    "StageSolution",
    "TeamOptimum",
    "ValueIteration",
    "ZeroSumSolution",
    "action_values",
    "best_response",
    "best_response_gains",
    "decentralised_optimum",
    "decentralised_value",
    "decentralised_values",
    "deterministic_returns",
    "discounted_visits",
    "evaluate",
    "expected_return",
    "exploitability",
    "induced_chain",
    "induced_mdp",
    "joint_policy",
    "joint_probabilities",
    "policy_iteration",
    "reference_returns",
    "return_moments",
    "shapley",
    "solve_stage",
    "team_optimum",
    "value_iteration",
]

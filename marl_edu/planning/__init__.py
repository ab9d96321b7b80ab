"""The model is known: exact values, returns, optima and best responses, to compare learning with."""

from marl_edu.planning import igm
from marl_edu.planning.action_values import action_values, decentralised_values, discounted_visits
from marl_edu.planning.best_response import BestResponse, best_response, best_response_gains, exploitability
from marl_edu.planning.correlated import (
    CorrelatedEquilibrium,
    correlated_equilibrium,
    deviation_gains,
    is_correlated_equilibrium,
)
from marl_edu.planning.decentralised import DecentralisedOptimum, decentralised_optimum, decentralised_value
from marl_edu.planning.dominance import Dominated, Elimination, dominated_actions, iterated_elimination
from marl_edu.planning.equilibria import equilibria
from marl_edu.planning.equilibrium_set import Equilibrium, EquilibriumSet
from marl_edu.planning.evaluation import bellman_residual, evaluate
from marl_edu.planning.igm import consistent_actions, greedy_is_best, greedy_joint
from marl_edu.planning.induced import induced_chain, induced_mdp, joint_policy, joint_probabilities
from marl_edu.planning.isotonic import isotonic_fit
from marl_edu.planning.iterations import ShapleyIteration, ValueIteration
from marl_edu.planning.moments import return_moments
from marl_edu.planning.monte_carlo import MonteCarlo
from marl_edu.planning.normal_form import (
    action_payoffs,
    expected_payoffs,
    is_equilibrium,
    payoff_tables,
    pure_equilibria,
)
from marl_edu.planning.optimum import TeamOptimum, reference_returns, team_optimum, value_iteration
from marl_edu.planning.policy_iteration import PolicyIteration, policy_iteration
from marl_edu.planning.policy_sweeps import BestResponseIteration, PolicyEvaluation
from marl_edu.planning.projections import (
    AdditiveFit,
    MonotonicFit,
    additive_projection,
    is_monotonic,
    monotonic_projection,
)
from marl_edu.planning.returns import deterministic_returns, expected_return
from marl_edu.planning.security import MinimaxSolution, minimax
from marl_edu.planning.selection import RiskDominance, pareto_front, payoff_dominant, risk_dominant
from marl_edu.planning.stage_games import StageSolution, solve_stage
from marl_edu.planning.support_enumeration import support_enumeration
from marl_edu.planning.zero_sum import ZeroSumSolution, shapley

__all__ = [
    "AdditiveFit",
    "BestResponse",
    "BestResponseIteration",
    "CorrelatedEquilibrium",
    "DecentralisedOptimum",
    "Dominated",
    "Elimination",
    "Equilibrium",
    "EquilibriumSet",
    "MinimaxSolution",
    "MonotonicFit",
    "MonteCarlo",
    "PolicyEvaluation",
    "PolicyIteration",
    "RiskDominance",
    "ShapleyIteration",
    "StageSolution",
    "TeamOptimum",
    "ValueIteration",
    "ZeroSumSolution",
    "action_payoffs",
    "action_values",
    "additive_projection",
    "bellman_residual",
    "best_response",
    "best_response_gains",
    "consistent_actions",
    "correlated_equilibrium",
    "decentralised_optimum",
    "decentralised_value",
    "decentralised_values",
    "deterministic_returns",
    "deviation_gains",
    "discounted_visits",
    "dominated_actions",
    "equilibria",
    "evaluate",
    "expected_payoffs",
    "expected_return",
    "exploitability",
    "greedy_is_best",
    "greedy_joint",
    "igm",
    "induced_chain",
    "induced_mdp",
    "is_correlated_equilibrium",
    "is_equilibrium",
    "is_monotonic",
    "isotonic_fit",
    "iterated_elimination",
    "joint_policy",
    "joint_probabilities",
    "minimax",
    "monotonic_projection",
    "pareto_front",
    "payoff_dominant",
    "payoff_tables",
    "policy_iteration",
    "pure_equilibria",
    "reference_returns",
    "return_moments",
    "risk_dominant",
    "shapley",
    "solve_stage",
    "support_enumeration",
    "team_optimum",
    "value_iteration",
]

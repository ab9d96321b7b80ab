"""Whatever is passed in that can't be meant gets one clear sentence, and soon."""

import time

import numpy as np
import pytest

from marl_edu.games import climbing, gridworld, matrix_game
from marl_edu.planning import (
    BestResponseIteration,
    MonteCarlo,
    PolicyEvaluation,
    PolicyIteration,
    ShapleyIteration,
    ValueIteration,
    action_values,
    best_response,
    best_response_gains,
    decentralised_values,
    deterministic_returns,
    discounted_visits,
    evaluate,
    expected_return,
    exploitability,
    induced_chain,
    induced_mdp,
    joint_policy,
    joint_probabilities,
    policy_iteration,
    reference_returns,
    return_moments,
    shapley,
    team_optimum,
    value_iteration,
)
from marl_edu.planning.evaluation import bellman_residual

ASK = {
    "BestResponseIteration": BestResponseIteration,
    "MonteCarlo": MonteCarlo,
    "PolicyEvaluation": PolicyEvaluation,
    "PolicyIteration": PolicyIteration,
    "ShapleyIteration": ShapleyIteration,
    "ValueIteration": ValueIteration,
    "action_values": action_values,
    "bellman_residual": lambda game: bellman_residual(game, None, [[0]]),
    "best_response": lambda game: best_response(game, 0),
    "best_response_gains": best_response_gains,
    "decentralised_values": lambda game: decentralised_values(game, 0),
    "deterministic_returns": lambda game: deterministic_returns(game, [[[0], [0]]]),
    "discounted_visits": discounted_visits,
    "evaluate": evaluate,
    "expected_return": expected_return,
    "exploitability": exploitability,
    "induced_chain": lambda game: induced_chain(game, None),
    "induced_mdp": lambda game: induced_mdp(game, 0),
    "joint_policy": lambda game: joint_policy(game, None),
    "joint_probabilities": lambda game: joint_probabilities(game, None),
    "policy_iteration": policy_iteration,
    "reference_returns": reference_returns,
    "return_moments": return_moments,
    "shapley": shapley,
    "team_optimum": team_optimum,
    "value_iteration": value_iteration,
}


@pytest.mark.parametrize("ask", ASK.values(), ids=ASK.keys())
@pytest.mark.parametrize("game", [None, "x", 3, climbing], ids=["None", "text", "number", "function"])
def test_what_is_no_game_is_refused(ask, game):
    with pytest.raises(ValueError, match=r"game is .*; expected a MarkovGame"):
        ask(game)


@pytest.mark.parametrize("policies", [np.array(3), {0: None, 1: None}, {"a", "b"}, 3, [[1, [2, 3]], None]])
def test_what_are_no_policies_is_refused(policies):
    with pytest.raises(ValueError, match=r"policies must be a list of 2 policies|policies\[0\] can't be read"):
        evaluate(climbing(), policies)


@pytest.mark.parametrize("free", ["agent 9", float("nan"), 5, -1, 0.5])
def test_who_stays_free_must_exist(free):
    with pytest.raises(ValueError, match=f"agent is '?{free}"):
        joint_probabilities(climbing(), None, free=free)


def test_who_stays_free_may_be_named():
    assert joint_probabilities(climbing(), [[1], None], free="agent 2").tolist() == [[0, 0, 0, 1, 1, 1, 0, 0, 0]]


@pytest.mark.parametrize("ask", [team_optimum, reference_returns, expected_return])
def test_a_sum_of_very_many_steps_is_refused_and_not_waited_for(ask):
    game = matrix_game([[1, 0], [0, 1]], discount=1, horizon=10**9)
    with pytest.raises(ValueError, match="horizon is 1,000,000,000; expected one up to 100,000 where an exact sum"):
        ask(game)


def test_a_long_horizon_ends_where_nothing_is_left_to_earn():
    game = gridworld(["1.A", "2.B"], discount=1, horizon=10**5)
    began = time.process_time()
    best = team_optimum(game)
    assert time.process_time() - began < 2
    assert best.sweeps < 10 and best.per_agent == team_optimum(game.replace(horizon=100)).per_agent

"""What a panel shows while its discount slider is dragged: values and action values follow the new discount at once."""

import itertools

import brute_force
import numpy as np
import pytest

from marl_edu.games import random_game
from marl_edu.planning import (
    BestResponseIteration,
    PolicyEvaluation,
    ShapleyIteration,
    ValueIteration,
    best_response,
    evaluate,
    shapley,
    team_optimum,
)

BEFORE, AFTER = 0.5, 0.8


def world(zero_sum=False):
    return random_game(2, 3, 2, 4, zero_sum=zero_sum, discount=BEFORE)


def exact(kind, game, policies):
    game = game.replace(discount=AFTER)
    return {
        PolicyEvaluation: lambda: evaluate(game, policies),
        BestResponseIteration: lambda: np.array([best_response(game, i, policies).values for i in range(2)]),
        ValueIteration: lambda: team_optimum(game).values,
        ShapleyIteration: lambda: shapley(game).values,
    }[kind]()


@pytest.mark.parametrize("kind", [PolicyEvaluation, BestResponseIteration, ValueIteration, ShapleyIteration])
def test_values_and_action_values_follow_the_discount(kind):
    game = world(zero_sum=kind is ShapleyIteration)
    policies = brute_force.random_policies(game, np.random.default_rng(1))
    given = (policies,) if kind in (PolicyEvaluation, BestResponseIteration) else ()
    sweeps = kind(game, *given)
    sweeps.advance(5)
    sweeps.set(discount=AFTER)
    sweeps.advance(300)
    frame, answer = sweeps.frame(), exact(kind, game, policies)
    assert np.abs(frame["values"][0] - answer).max() < 1e-8
    assert frame["error"][0] < 1e-8
    assert frame["start_value"][0] == pytest.approx(answer @ game.start)
    if kind is ShapleyIteration:
        policies = sweeps.policies()
    for i, s, own in itertools.product(range(2), range(game.n_states), range(2)):
        v = {ValueIteration: answer, ShapleyIteration: (-1) ** i * answer}.get(kind)
        v = answer[i] if v is None else v
        found = []
        for other in range(2):
            a = (own, other) if i == 0 else (other, own)
            paid = game.rewards[(slice(None), s, *a)].sum() if kind is ValueIteration else game.rewards[(i, s, *a)]
            found.append(paid + AFTER * game.transitions[(s, *a)] @ v)
        expected = max(found) if kind is ValueIteration else policies[1 - i][s] @ found
        assert frame["q"][0, i, s, own] == pytest.approx(expected, abs=1e-7)


def test_the_value_of_the_start_weighs_states_by_where_the_game_starts():
    game = world().replace(start=[0.2, 0.3, 0.5])
    sweeps = PolicyEvaluation(game)
    sweeps.advance(3)
    frame = sweeps.frame()
    assert frame["start_value"][0] == pytest.approx(frame["values"][0] @ [0.2, 0.3, 0.5])


def test_in_a_solved_zero_sum_game_both_agents_action_values_average_to_the_value():
    sweeps = ShapleyIteration(world(zero_sum=True))
    sweeps.advance(200)
    frame = sweeps.frame()
    q, v = frame["q"][0], frame["values"][0]
    assert (frame["row"][0] * q[0]).sum(axis=1) == pytest.approx(v)
    assert (frame["column"][0] * q[1]).sum(axis=1) == pytest.approx(-v)

"""Values of actions, held against their definitions and against samples."""

import brute_force
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marl_edu.games import climbing, prisoners_dilemma
from marl_edu.planning import action_values, decentralised_values, discounted_visits, evaluate

seeds = st.integers(0, 10**6)


@given(seeds, st.floats(0, 0.95), st.booleans())
def test_values_of_joint_actions_follow_the_definition_and_average_to_the_state(seed, discount, terminal):
    rng = np.random.default_rng(seed)
    game = brute_force.tiny_game(rng, discount=discount, terminal=terminal)
    policies = brute_force.random_policies(game, rng)
    q, values = action_values(game, policies), evaluate(game, policies)
    for s in range(game.n_states):
        total = np.zeros(2)
        for a in brute_force.joint_actions(game):
            expected = game.rewards[(slice(None), s, *a)] + discount * values @ game.transitions[(s, *a)]
            assert np.allclose(q[(slice(None), s, *a)], expected, atol=1e-10)
            total += brute_force.chance(game, policies, s, a) * q[(slice(None), s, *a)]
        assert np.allclose(total, values[:, s], atol=1e-9)


@given(seeds, st.sampled_from([0.5, 0.9]))
def test_own_values_are_averages_over_what_the_agent_does_not_see(seed, discount):
    rng = np.random.default_rng(seed)
    game = brute_force.tiny_game(rng, discount=discount, n_seen=2)
    policies = brute_force.random_policies(game, rng)
    transitions, _ = brute_force.chain(game, policies)
    often, now = np.zeros(game.n_states), game.start.copy()
    for t in range(600):
        often += discount**t * now
        now = now @ transitions
    assert np.allclose(discounted_visits(game, policies), often, atol=1e-9)
    q = action_values(game, policies)
    for i in range(2):
        found = decentralised_values(game, i, policies)
        for o in range(game.n_observations[i]):
            states = np.flatnonzero(game.observations[i] == o)
            if not len(states):
                assert np.isnan(found[o]).all()
                continue
            for a in range(game.n_actions[i]):
                total = 0
                for s in states:
                    for b in range(game.n_actions[1 - i]):
                        joint = (a, b) if i == 0 else (b, a)
                        total += often[s] * policies[1 - i][game.observations[1 - i, s], b] * q[(i, s, *joint)]
                assert np.isclose(found[o, a], total / often[states].sum(), atol=1e-8)


def test_own_values_move_when_the_other_changes_and_only_then():
    game = prisoners_dilemma(discount=0.5)
    before = decentralised_values(game, 0, [[0], [0]])
    assert not np.allclose(before, decentralised_values(game, 0, [[0], [1]]))
    assert np.allclose(action_values(game, [[0], [0]])[0], action_values(game, [[0], [0]])[0])


def test_terminal_states_are_not_visited_and_unseen_observations_are_no_number():
    rng = np.random.default_rng(1)
    game = brute_force.tiny_game(rng, terminal=True, discount=1)
    often = discounted_visits(game)
    assert often[-1] == 0 and often[:-1].sum() > 0
    shown = game.replace(observations=[[0, 1, 2], [0, 1, 2]])
    assert np.isnan(decentralised_values(shown, 0)[2]).all()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: decentralised_values(climbing(), "agent 7"), "agent"),
        (lambda: action_values(climbing(discount=1, horizon=3)), "discount is 1"),
        (lambda: discounted_visits(climbing(), [[5], [0]]), "policies"),
    ],
)
def test_bad_input(call, words):
    with pytest.raises(ValueError, match=words):
        call()

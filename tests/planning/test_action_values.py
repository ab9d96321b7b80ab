"""Values of actions, held against their definitions and against samples."""

import importlib

import brute_force
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marl_edu.games import MarkovGame, Successors, climbing, prisoners_dilemma
from marl_edu.planning import action_values, decentralised_values, discounted_visits, evaluate, induced_chain
from marl_edu.planning import evaluation as module

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


def sparse_game(rng, n_states, start, discount=0.95, n_next=5):
    """Two agents with two actions each; every joint action leads to a few states anywhere."""
    states = np.sort(rng.integers(n_states, size=(n_states * 4, n_next)), axis=1)
    chances = rng.dirichlet(np.ones(n_next), size=n_states * 4)
    outcomes = [list(zip(p.tolist(), s.tolist(), strict=True)) for p, s in zip(chances, states, strict=True)]
    rewards = rng.normal(size=(2, n_states, 2, 2))
    return MarkovGame(Successors.from_outcomes(outcomes), rewards, discount, start=start)


@pytest.mark.parametrize("start", ["everywhere", "one state", "two states"])
def test_visits_of_ten_thousand_states_agree_with_their_values_and_need_no_factorising(start, monkeypatch):
    """Factors of such a system are nearly full: they would take a minute."""
    rng, n = np.random.default_rng(7), 10**4
    begin = {"everywhere": rng.dirichlet(np.ones(n)), "one state": 0, "two states": np.eye(n)[[3, 77]].mean(axis=0)}
    game = sparse_game(rng, n, begin[start])
    monkeypatch.setattr(module.linalg, "splu", None)
    often, (transitions, rewards) = discounted_visits(game), induced_chain(game, None)
    np.testing.assert_allclose(rewards @ often, evaluate(game) @ game.start, rtol=1e-10)  # d r = start V
    np.testing.assert_allclose(often.sum(), 1 / (1 - game.discount), rtol=1e-11)
    np.testing.assert_allclose(game.start + game.discount * transitions.T @ often, often, rtol=1e-10)


def test_large_systems_of_visits_give_what_small_ones_give(monkeypatch):
    for seed in range(20):
        rng = np.random.default_rng(seed)
        game = sparse_game(rng, 40, seed, discount=[0.5, 0.99, 0.9999][seed % 3], n_next=3)
        small = discounted_visits(game)
        with monkeypatch.context() as patch:
            patch.setattr(module, "DIRECT_UP_TO", 1)
            np.testing.assert_allclose(discounted_visits(game), small, rtol=1e-9)
            patch.setattr(module, "bicgstab", lambda row, model, terminal, begin, cutoff: (begin, False))
            np.testing.assert_allclose(discounted_visits(game), small, rtol=1e-9)


def test_visits_of_the_rarest_states_are_as_exact_as_those_of_others(monkeypatch):
    """A ladder that is climbed a step with chance 1e-4: the tenth rung is seen once in 1e40 steps, but it is seen."""
    up, n = 1e-4, 12
    outcomes = [[(up, min(s + 1, n - 1)), (0.5, s), (0.5 - up, 0)] for s in range(n)]
    game = MarkovGame(Successors.from_outcomes(outcomes), np.ones((1, n, 1)), 0.9)
    staying = 1 - 0.9 * 0.5
    expected = [1.0]
    for s in range(1, n):
        expected.append(expected[-1] * 0.9 * up / (staying - 0.9 * up * (s == n - 1)))
    expected = np.array(expected) * 10 / np.sum(expected)
    for at_most in (module.DIRECT_UP_TO, 1):
        monkeypatch.setattr(module, "DIRECT_UP_TO", at_most)
        np.testing.assert_allclose(discounted_visits(game), expected, rtol=1e-9)
    np.testing.assert_allclose(decentralised_values(game, 0), 10)


def island(discount=0.5, loop=False):
    """The start leads to state 1 and there ends; nothing leads to the island, which leads to itself or to the end."""
    outcomes = [[(1.0, 1)], [(1.0, 3)], [(1.0, 2 if loop else 3)], [(1.0, 3)]]
    rewards = [[[1], [2], [4], [0]]]
    return MarkovGame(
        Successors.from_outcomes(outcomes),
        rewards,
        discount,
        start=0,
        terminal=[3],
        states=["start", "next", "island", "end"],
    )


def test_states_that_the_start_never_leads_to_have_values_no_visits_and_no_observations():
    game = island()
    assert evaluate(game).tolist() == [[2, 2, 4, 0]]
    assert action_values(game)[0, :, 0].tolist() == [2, 2, 4, 0]
    assert discounted_visits(game).tolist() == [1, 0.5, 0, 0]
    np.testing.assert_array_equal(decentralised_values(game, 0)[:, 0], [2, 2, np.nan, np.nan])
    alike = game.replace(observations=[[0, 1, 1, 2]])  # the island looks like "next": it does not count
    np.testing.assert_array_equal(decentralised_values(alike, 0)[:, 0], [2, 2, np.nan])
    assert discounted_visits(game.replace(discount=0)).tolist() == [1, 0, 0, 0]
    np.testing.assert_array_equal(decentralised_values(game.replace(discount=0), 0)[:, 0], [1] + [np.nan] * 3)
    assert discounted_visits(game.replace(discount=1)).tolist() == [1, 1, 0, 0]


@pytest.mark.parametrize(
    "ask", [evaluate, action_values, lambda game: decentralised_values(game, 0), discounted_visits]
)
def test_with_discount_1_every_state_must_lead_to_an_end_even_one_that_is_never_reached(ask):
    with pytest.raises(ValueError, match=r"from state 'island' the episode never ends .*\(the start never leads there"):
        ask(island(1, loop=True))
    assert np.isfinite(ask(island(0.9, loop=True))).any()
    with pytest.raises(ValueError, match=r"from state 'island' the episode never ends under these policies; expected"):
        ask(island(1, loop=True).replace(start="island"))


def test_what_is_reached_and_nothing_else_is_solved_for(monkeypatch):
    sizes = []

    def watched(transitions, discount, begin):
        sizes.append(begin.shape)
        return module.solve_forward(transitions, discount, begin)

    # the package's attribute of that name is the function
    monkeypatch.setattr(importlib.import_module("marl_edu.planning.action_values"), "solve_forward", watched)
    for discount in (0.5, 0):
        game = island(discount)
        expected = [True, discount > 0, False, discount > 0]
        assert module.reached_states(game, induced_chain(game, None)[0]).tolist() == expected
        discounted_visits(game)
    assert sizes == [(1, 2), (1, 1)]


def test_endless_states_that_are_reached_are_named_first():
    outcomes = [[(1.0, 0)], [(1.0, 1)], [(1.0, 2)]]
    game = MarkovGame(Successors.from_outcomes(outcomes), [[[0], [1], [0]]], 1, start=1, terminal=[2])
    with pytest.raises(ValueError, match="from state 's1' the episode never ends under these policies; expected"):
        evaluate(game)


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

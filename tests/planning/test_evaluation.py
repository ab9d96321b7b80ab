import brute_force as brute
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marl_edu.games import MarkovGame, Successors, climbing, matrix_game
from marl_edu.planning import evaluate, induced_chain
from marl_edu.planning import evaluation as module
from marl_edu.planning.evaluation import bellman_residual

SETTINGS = settings(max_examples=60, deadline=None)
SHAPES = st.sampled_from([(2,), (2, 3), (3, 2), (2, 2, 2)])


@SETTINGS
@given(
    seed=st.integers(0, 10**6),
    n_actions=SHAPES,
    discount=st.sampled_from([0, 0.5, 0.9, 0.999]),
    n_seen=st.sampled_from([None, 1, 2]),
    paid_on_arrival=st.booleans(),
    terminal=st.booleans(),
)
def test_equals_the_dense_solution_of_the_definition(seed, n_actions, discount, n_seen, paid_on_arrival, terminal):
    rng = np.random.default_rng(seed)
    game = brute.tiny_game(
        rng, n_actions, 4, discount, n_seen=n_seen, paid_on_arrival=paid_on_arrival, terminal=terminal
    )
    policies = brute.random_policies(game, rng)
    np.testing.assert_allclose(evaluate(game, policies), brute.values(game, policies), rtol=1e-9, atol=1e-9)


@SETTINGS
@given(seed=st.integers(0, 10**6), discount=st.floats(0, 0.99))
def test_bellman_equation_holds(seed, discount):
    rng = np.random.default_rng(seed)
    game = brute.tiny_game(rng, discount=discount, n_seen=2)
    policies = brute.random_policies(game, rng)
    value = evaluate(game, policies)
    transitions, rewards = brute.chain(game, policies)
    np.testing.assert_allclose(value, rewards + discount * value @ transitions.T, atol=1e-9)


@SETTINGS
@given(seed=st.integers(0, 10**6), scale=st.floats(-3, 3), shift=st.floats(-3, 3))
def test_is_linear_in_rewards(seed, scale, shift):
    rng = np.random.default_rng(seed)
    game = brute.tiny_game(rng, discount=0.8)
    changed = game.replace(rewards=scale * game.rewards + shift)
    policies = brute.random_policies(game, rng)
    expected = scale * evaluate(game, policies) + shift / (1 - 0.8)
    np.testing.assert_allclose(evaluate(changed, policies), expected, atol=1e-9)


def test_action_numbers_none_and_tables_mean_the_same():
    rng = np.random.default_rng(1)
    game = brute.tiny_game(rng, n_seen=2)
    np.testing.assert_array_equal(evaluate(game), evaluate(game, [np.full((2, 2), 1 / 2), None]))
    np.testing.assert_array_equal(evaluate(game, [[0, 1], None]), evaluate(game, [np.eye(2), None]))


def test_policies_act_on_observations():
    """Two states that look alike to agent 1 get the same action; agent 2 tells them apart."""
    rewards = np.zeros((2, 2, 2, 2))
    rewards[:, 0, 0, 0], rewards[:, 1, 0, 1] = 5, 7
    stay = np.broadcast_to(np.eye(2)[:, None, None, :], (2, 2, 2, 2))
    game = MarkovGame(stay, rewards, 0.5, observations=[[0, 0], [1, 0]])
    assert evaluate(game, [[0], [1, 0]]).tolist() == [[10, 14], [10, 14]]


def test_discount_1_counts_the_steps_to_the_end():
    """A corridor in which each step costs 1 and succeeds with probability 1/2: twice the distance on average."""
    outcomes = [[(0.5, max(s - 1, 0)), (0.5, s)] if s else [(1.0, 0)] for s in range(6)]
    rewards = np.array([[0.0, *[-1.0] * 5]]).reshape(1, 6, 1)
    game = MarkovGame(Successors.from_outcomes(outcomes), rewards, 1, terminal=[0], start=5)
    np.testing.assert_allclose(evaluate(game), [[0, -2, -4, -6, -8, -10]], atol=1e-12)


def test_improper_policies_are_named():
    """From the hall one can go home or stay, from the loop go to the hall (paid 1) or go round (paid 1)."""
    outcomes = [[(1.0, 0)], [(1.0, 0)], [(1.0, 0)], [(1.0, 1)], [(1.0, 2)], [(1.0, 1)]]
    rewards = [[[0, 0], [0, 0], [1, 1]]]
    game = MarkovGame(Successors.from_outcomes(outcomes), rewards, 1, terminal=[0], states=["home", "hall", "loop"])
    np.testing.assert_allclose(evaluate(game, [[0, 0, 1]]), [[0, 0, 1]])
    np.testing.assert_allclose(evaluate(game, [None]), [[0, 0, 2]])
    with pytest.raises(ValueError, match="from state 'loop' the episode never ends"):
        evaluate(game, [[0, 0, 0]])
    with pytest.raises(ValueError, match="from state 'hall' the episode never ends"):
        evaluate(game, [[0, 1, 1]])
    with pytest.raises(ValueError, match="discount is 1, but from state 's0'"):
        evaluate(matrix_game([[1, 0], [0, 1]], discount=1, horizon=None))


def test_random_outcome_rewards_count_by_their_mean():
    coin = Successors.from_outcomes([[(0.25, 0, [8.0]), (0.75, 0, [0.0])]])
    game = MarkovGame(coin, coin.expected_rewards().reshape(1, 1, 1), 0.5)
    assert evaluate(game).tolist() == [[4.0]]


@pytest.mark.parametrize("discount", [0.9, 0.9999])
@pytest.mark.parametrize("width", [5, 1])
def test_large_systems_give_what_small_ones_give(width, discount, monkeypatch):
    """By iteration (many successors) and by factorising (one successor) alike."""
    rng, n = np.random.default_rng(3), 60
    states = rng.integers(n, size=(n * 4, width))
    chances = rng.dirichlet(np.ones(width), size=n * 4)
    outcomes = [[(p, s) for p, s in zip(*row, strict=True)] for row in zip(chances, states, strict=True)]
    game = MarkovGame(Successors.from_outcomes(outcomes), rng.normal(size=(2, n, 2, 2)), discount)
    policies = [rng.integers(2, size=n) for _ in range(2)]
    small = evaluate(game, policies)
    monkeypatch.setattr(module, "DIRECT_UP_TO", 1)
    np.testing.assert_allclose(evaluate(game, policies), small, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(small, brute.values(game, [np.eye(2)[p] for p in policies]), rtol=1e-9)


@pytest.mark.parametrize("at_most", [module.DIRECT_UP_TO, 1])
def test_residuals_of_300_games_are_as_small_as_promised(at_most, monkeypatch):
    monkeypatch.setattr(module, "DIRECT_UP_TO", at_most)
    for seed in range(300):
        rng = np.random.default_rng(seed)
        discount, n_seen = [0, 0.5, 0.9, 0.99, 1][seed % 5], [None, 2][seed % 2]
        game = brute.tiny_game(rng, n_states=6, discount=discount, n_seen=n_seen, terminal=discount == 1)
        policies = brute.random_policies(game, rng)
        found = evaluate(game, policies)
        size = np.abs(game.rewards).max() + 1e-3 * np.abs(found).max()
        assert (bellman_residual(game, policies, found) <= 1e-12 * size).all()


@SETTINGS
@given(seed=st.integers(0, 10**6), discount=st.floats(0, 1), terminal=st.booleans())
def test_the_residual_follows_its_definition(seed, discount, terminal):
    rng = np.random.default_rng(seed)
    game = brute.tiny_game(rng, discount=discount, n_seen=2, terminal=terminal)
    policies, guess = brute.random_policies(game, rng), rng.normal(size=(2, 3))
    found = bellman_residual(game, policies, guess)
    for i in range(2):
        off = []
        for s in range(3):
            ahead = 0.0
            for a in [] if game.terminal[s] else brute.joint_actions(game):
                step = game.rewards[(i, s, *a)] + discount * game.transitions[(s, *a)] @ guess[i]
                ahead += brute.chance(game, policies, s, a) * step
            off.append(abs(ahead - guess[i, s]))
        assert found[i] == pytest.approx(max(off), abs=1e-12)


def test_an_error_is_at_most_the_residual_divided_by_one_less_the_discount():
    game = brute.tiny_game(np.random.default_rng(8), n_states=5, discount=0.8)
    off = np.random.default_rng(9).normal(size=(2, 5))
    found = bellman_residual(game, None, evaluate(game) + off)
    assert (np.abs(off).max(axis=1) <= found / (1 - 0.8) + 1e-12).all() and (found > 0).all()


def test_values_of_terminal_states_are_nothing_but_0():
    game = brute.tiny_game(np.random.default_rng(8), discount=1, terminal=True)
    assert (bellman_residual(game, None, evaluate(game) + 1) >= 1).all()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1.0], r"values has shape \(1,\); expected \(n_agents, n_states\) = \(2, 1\)"),
        ("much", "values"),
        ([[np.nan]], "values"),
    ],
)
def test_what_are_no_values_is_refused(values, message):
    with pytest.raises(ValueError, match=message):
        bellman_residual(climbing(), None, values)


def test_a_start_that_is_never_seen_again_does_not_stop_the_iteration():
    """With the start as shadow BiCGSTAB has nothing to hold on to after one step: it goes on with another one."""
    outcomes = [[(0.5, 1), (0.5, 2)], [(0.5, 2), (0.5, 3)], [(0.7, 3), (0.3, 1)], [(0.2, 1), (0.8, 2)]]
    game = MarkovGame(Successors.from_outcomes(outcomes), [[[1], [2], [3], [4]]], 0.9)
    transitions, _ = induced_chain(game, None)
    model = (game.rewards[0].T, 0.9, transitions.indptr.astype(np.int64), transitions.indices.astype(np.int32))
    begin, none = np.array([1.0, 0, 0, 0]), np.zeros(4, dtype=bool)
    found, solved = module.bicgstab(np.arange(4), (*model, transitions.data), none, begin, 1e-12)
    assert solved
    np.testing.assert_allclose(found @ (np.eye(4) - 0.9 * transitions.toarray()), begin, atol=1e-12)


def test_large_systems_with_discount_1(monkeypatch):
    game = brute.tiny_game(np.random.default_rng(4), n_states=30, discount=1, terminal=True)
    monkeypatch.setattr(module, "DIRECT_UP_TO", 1)
    monkeypatch.setattr(module.linalg, "splu", None)
    np.testing.assert_allclose(evaluate(game), brute.values(game, [np.full((30, a), 1 / a) for a in (2, 3)]), rtol=1e-9)


def test_iteration_that_fails_is_replaced_by_factorising(monkeypatch):
    game = brute.tiny_game(np.random.default_rng(0), n_states=8)
    exact = evaluate(game)
    monkeypatch.setattr(module, "DIRECT_UP_TO", 1)
    monkeypatch.setattr(module, "bicgstab", lambda row, model, terminal, begin, cutoff: (begin, False))
    np.testing.assert_allclose(evaluate(game), exact, rtol=1e-12)


@pytest.mark.parametrize(
    ("policies", "message"),
    [
        ([None], "list of 2 policies"),
        ("greedy", "list of 2 policies"),
        (3, "list of 2 policies"),
        ([None, [[0.5, 0.6, 0.1]]], r"policies\[1\]\[0\].*sum to 1"),
        ([None, [[-0.5, 1.5, 0]]], r"policies\[1\]\[0\].*sum to 1"),
        ([None, [[np.nan, 1, 0]]], r"policies\[1\]\[0, 0\] is nan"),
        ([[3], None], r"policies\[0\].*expected 0 to 2"),
        ([[-1], None], r"policies\[0\].*expected 0 to 2"),
        ([[0.0], None], r"policies\[0\] has shape \(1,\)"),
        ([[0, 1], None], r"policies\[0\] has shape \(2,\)"),
        ([["up"], None], r"policies\[0\]"),
    ],
)
def test_bad_policies_get_one_clear_sentence(policies, message):
    with pytest.raises(ValueError, match=message):
        evaluate(climbing(), policies)

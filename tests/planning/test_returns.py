import time

import brute_force as brute
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marl_edu.games import MarkovGame, Successors, climbing, gridworld
from marl_edu.planning import deterministic_returns, evaluate, expected_return
from marl_edu.planning.occupation import bicgstab

SETTINGS = settings(max_examples=60, deadline=None)
GAMES = {
    "seed": st.integers(0, 10**6),
    "n_actions": st.sampled_from([(2,), (2, 3), (2, 2, 2)]),
    "n_seen": st.sampled_from([None, 1, 2]),
    "paid_on_arrival": st.booleans(),
    "terminal": st.booleans(),
}


def pad(policies, width, fill=0):
    """Deterministic policies (O_i,) as one (1, N, width) array."""
    return np.array([[[*p, *[fill] * (width - len(p))] for p in policies]])


@SETTINGS
@given(discount=st.sampled_from([0, 0.3, 0.95, 0.99]), **GAMES)
def test_stochastic_policies_earn_the_value_of_the_start(discount, seed, n_actions, **options):
    rng = np.random.default_rng(seed)
    game = brute.tiny_game(rng, n_actions, 4, discount, **options)
    policies = brute.random_policies(game, rng)
    expected = brute.values(game, policies) @ game.start
    np.testing.assert_allclose(expected_return(game, policies), expected, atol=1e-9 * np.abs(game.rewards).max())


@SETTINGS
@given(discount=st.sampled_from([0, 0.3, 0.95, 0.99]), **GAMES)
def test_deterministic_policies_earn_the_value_of_the_start(discount, seed, n_actions, **options):
    rng = np.random.default_rng(seed)
    game = brute.tiny_game(rng, n_actions, 4, discount, horizon=2, **options)
    policies = [rng.integers(a, size=o) for a, o in zip(game.n_actions, game.n_observations, strict=True)]
    tables = [np.eye(a)[p] for a, p in zip(game.n_actions, policies, strict=True)]
    expected = brute.values(game, tables) @ game.start
    error = 1.01e-9 * np.abs(game.rewards).max()
    np.testing.assert_allclose(expected_return(game, policies), expected, rtol=0, atol=error)
    np.testing.assert_allclose(deterministic_returns(game, pad(policies, 9, -7))[0], expected, rtol=0, atol=error)


@SETTINGS
@given(horizon=st.integers(1, 6), deterministic=st.booleans(), **GAMES)
def test_discount_1_sums_rewards_up_to_the_horizon(horizon, deterministic, seed, n_actions, **options):
    rng = np.random.default_rng(seed)
    game = brute.tiny_game(rng, n_actions, 4, 1, horizon=horizon, **options)
    policies = brute.random_policies(game, rng)
    if deterministic:
        policies = [np.eye(p.shape[1])[p.argmax(axis=1)] for p in policies]
    expected = brute.return_within(game, policies, horizon)
    np.testing.assert_allclose(expected_return(game, policies), expected, atol=1e-12)


@pytest.mark.parametrize("discount", [0.9, 0.99, 0.999])
@pytest.mark.parametrize("terminal", [False, True])
def test_where_following_costs_too_much_a_linear_system_gives_the_same(discount, terminal):
    rng = np.random.default_rng(11)
    game = brute.tiny_game(rng, (3, 3), 150, discount, terminal=terminal)
    game = game.replace(start=np.full(150, 1 / 150))
    error = 1.01e-9 * np.abs(game.rewards).max()
    for policies in (brute.random_policies(game, rng), [np.eye(3)[rng.integers(3, size=150)] for _ in range(2)]):
        expected = brute.values(game, policies) @ game.start
        np.testing.assert_allclose(expected_return(game, policies), expected, rtol=0, atol=error)


@pytest.mark.parametrize("terminal", [False, True])
def test_occupation_solves_its_equation(terminal):
    """d = start + gamma d P, P without the way into terminal states, against the dense solution."""
    rng = np.random.default_rng(14)
    game = brute.tiny_game(rng, (2,), 40, 0.95, terminal=terminal)
    transitions, _ = brute.chain(game, [np.eye(2)[np.zeros(40, dtype=int)]])
    transitions[:, game.terminal] = 0
    start = game.start * ~game.terminal
    found = game.successors
    model = (game.rewards.reshape(1, -1), 0.95, found.offsets, found.states, found.probabilities)
    occupied, solved = bicgstab(2 * np.arange(40), model, game.terminal, start, 1e-10)
    assert solved
    np.testing.assert_allclose(occupied, np.linalg.solve((np.eye(40) - 0.95 * transitions).T, start), atol=1e-9)


def test_a_discount_close_to_1_takes_no_longer():
    """Following 150 states for 200,000 steps would take some seconds; the linear system a few milliseconds."""
    rng = np.random.default_rng(15)
    game = brute.tiny_game(rng, (2, 2), 150, 0.9999)
    policies = brute.random_policies(game, rng)
    expected_return(game.replace(discount=0.5))  # compiled before the clock starts
    begin = time.perf_counter()
    found = expected_return(game, policies)
    assert time.perf_counter() - begin < 0.5
    np.testing.assert_allclose(found, brute.values(game, policies) @ game.start, rtol=1e-9)


def test_where_the_linear_system_resists_following_goes_on():
    """One long cycle, on which BiCGSTAB fails: the occupation of its first state is known in closed form."""
    n, discount = 1000, 0.99
    rng = np.random.default_rng(12)
    outcomes = [[(1.0, (s + 1) % n)] for s in range(n)]
    rewards, start = np.zeros((1, n, 1)), rng.dirichlet(np.full(n, 0.1))
    rewards[0, 0] = 1
    game = MarkovGame(Successors.from_outcomes(outcomes), rewards, discount, start=start)
    model = (rewards[0].T, discount, game.successors.offsets, game.successors.states, game.successors.probabilities)
    _, solved = bicgstab(np.arange(n), model, game.terminal, game.start, 1e-11)
    assert not solved
    expected = (start * discount ** (-np.arange(n) % n)).sum() / (1 - discount**n)
    np.testing.assert_allclose(expected_return(game), [expected], rtol=0, atol=1e-9)


@pytest.mark.parametrize("slip", [0, 0.2])
@pytest.mark.parametrize("observe", ["full", "own position"])
def test_greedy_policies_in_a_gridworld(slip, observe):
    game = gridworld(["1..B", "..#.", "2..A"], slip=slip, observe=observe, discount=0.97)
    rng = np.random.default_rng(13)
    actions = rng.integers(5, size=(6, 2, max(game.n_observations)))
    returns = deterministic_returns(game, actions)
    for k, own in enumerate(actions):
        policies = [own[i, : game.n_observations[i]] for i in range(2)]
        expected = evaluate(game, policies) @ game.start
        np.testing.assert_allclose(returns[k], expected, rtol=0, atol=1e-9 * np.abs(game.rewards).max())


def test_agrees_with_the_mean_of_sampled_episodes():
    """G_0 = R_0 + gamma R_1 + ...: the reward for the first action isn't discounted (Monte Carlo, 4 sigma)."""
    rng = np.random.default_rng(5)
    game = brute.tiny_game(rng, discount=0.6, terminal=True, paid_on_arrival=True)
    policies = brute.random_policies(game, rng)
    returns = np.zeros((3000, 2))
    for episode in returns:
        state, t = rng.choice(game.n_states, p=game.start), 0
        while not game.terminal[state] and t < 60:
            action = [rng.choice(len(p[state]), p=p[state]) for p in policies]
            state, reward = game.sample(state, action, rng)
            episode += 0.6**t * reward
            t += 1
    error = 4 * returns.std(axis=0) / np.sqrt(len(returns))
    assert (np.abs(returns.mean(axis=0) - expected_return(game, policies)) < error).all()


def test_a_fixed_path_by_hand():
    """Three steps along a corridor: 1, 10, then 100 on arrival; discount 1/2 gives 1 + 5 + 25."""
    outcomes = [[(1.0, min(s + 1, 3))] for s in range(4)]
    game = MarkovGame(Successors.from_outcomes(outcomes), [[[1], [10], [100], [0]]], 0.5, terminal=[3], horizon=1)
    assert expected_return(game).tolist() == [31.0]
    assert expected_return(game.replace(discount=1, horizon=2)).tolist() == [11.0]
    assert expected_return(game.replace(discount=0)).tolist() == [1.0]
    assert expected_return(game.replace(start=3)).tolist() == [0.0]


def test_a_loop_pays_for_ever_and_a_horizon_does_not_end_it():
    assert expected_return(climbing(discount=0.99, horizon=10), [[0], [0]]) == pytest.approx([1100, 1100])


def test_a_matrix_game_is_one_payoff():
    game = climbing()
    everything = np.array([[[a], [b]] for a in range(3) for b in range(3)])
    np.testing.assert_array_equal(deterministic_returns(game, everything)[:, 0], game.rewards[0].ravel())


def test_seeds_do_not_touch_each_other():
    rng = np.random.default_rng(6)
    game = brute.tiny_game(rng, n_states=6, terminal=True)
    actions = rng.integers(2, size=(7, 2, 6))
    together = deterministic_returns(game, actions)
    for k in range(7):
        np.testing.assert_array_equal(deterministic_returns(game, actions[k : k + 1])[0], together[k])


@pytest.mark.parametrize("dtype", [np.int8, np.int32, np.uint8, np.int64])
def test_any_kind_of_int_will_do(dtype):
    assert deterministic_returns(climbing(), np.ones((2, 2, 1), dtype=dtype)).tolist() == [[7, 7], [7, 7]]


def test_a_coarser_tolerance_is_kept():
    rng = np.random.default_rng(7)
    game = brute.tiny_game(rng, discount=0.99)
    policies = [np.zeros(3, dtype=int), np.ones(3, dtype=int)]
    exact = evaluate(game, policies) @ game.start
    error = np.abs(expected_return(game, policies, tolerance=1e-3) - exact).max()
    assert 1e-9 < error <= 1e-3 * np.abs(game.rewards).max()


@pytest.mark.parametrize(
    ("actions", "message"),
    [
        (np.zeros((2, 1), int), r"actions has shape \(2, 1\); expected \(n_seeds, 2, 3\)"),
        (np.zeros((1, 3, 3), int), "expected"),
        (np.zeros((1, 2, 2), int), "expected"),
        (np.zeros((1, 2, 3)), "whole numbers"),
        ("up", "actions can't be read as a table of numbers: it holds text"),
        ([[[0, 0, 0], [0, 3, 0]]], r"actions\[0, 1, 1\] is 3; expected 0 to 2"),
        ([[[0, 1, 1], [0, 1, 0]], [[0, 0, -1], [0, 2, 0]]], r"actions\[1, 0, 2\] is -1; expected 0 to 1"),
    ],
)
def test_bad_actions_get_one_clear_sentence(actions, message):
    with pytest.raises(ValueError, match=message):
        deterministic_returns(brute.tiny_game(np.random.default_rng(0)), actions)


@pytest.mark.parametrize("tolerance", [0, -1, np.nan, "fine", True, 2])
def test_bad_tolerances_are_named(tolerance):
    with pytest.raises(ValueError, match="tolerance"):
        expected_return(climbing(), tolerance=tolerance)


def test_discount_1_needs_a_horizon():
    game = climbing(discount=1, horizon=None)
    for policies in (None, [[0], [0]]):
        with pytest.raises(ValueError, match="discount is 1 and the game has no horizon"):
            expected_return(game, policies)


def test_fast_enough_for_every_frame_of_a_live_picture():
    """Ten seeds on 256 states, some walking in circles: a generous 20 ms where about 0.2 ms are measured."""
    rng = np.random.default_rng(8)
    successors = Successors(np.arange(256 * 25 + 1), rng.integers(256, size=6400), np.ones(6400))
    game = MarkovGame(successors, rng.normal(size=(2, 256, 5, 5)), 0.95)
    actions = rng.integers(5, size=(10, 2, 256))
    deterministic_returns(game, actions)
    took = []
    for _ in range(10):
        begin = time.perf_counter()
        deterministic_returns(game, actions)
        took.append(time.perf_counter() - begin)
    assert np.median(took) < 0.02

import brute_force as brute
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marl_edu.games import MarkovGame, Successors, climbing, gridworld, penalty, prisoners_dilemma, random_game
from marl_edu.planning import evaluate, expected_return, reference_returns, shapley, team_optimum

SETTINGS = settings(max_examples=40, deadline=None)


@pytest.mark.parametrize("seed", range(30))
def test_nothing_among_all_deterministic_joint_policies_is_better(seed):
    rng = np.random.default_rng(seed)
    game = brute.tiny_game(rng, (2, 2), 3, rng.choice([0, 0.5, 0.95]), terminal=seed % 2 == 0)
    best = team_optimum(game)
    expected = brute.best_values(*brute.team_problem(game), game.discount)
    np.testing.assert_allclose(best.values, expected, rtol=0, atol=1e-9 * np.abs(game.rewards).sum(axis=0).max())


@pytest.mark.parametrize("seed", range(100))
def test_equals_a_linear_programme(seed):
    rng = np.random.default_rng(seed)
    n_actions = [(2, 3), (3, 3), (2, 2, 2), (4,)][seed % 4]
    game = brute.tiny_game(
        rng, n_actions, int(rng.integers(2, 9)), rng.uniform(0.1, 0.95), paid_on_arrival=seed % 3 == 0
    )
    expected = brute.linear_programme(*brute.team_problem(game), game.discount)
    best = team_optimum(game, 1e-11)
    np.testing.assert_allclose(best.values, expected, rtol=0, atol=1e-9)


@SETTINGS
@given(seed=st.integers(0, 10**6), discount=st.floats(0, 0.999), terminal=st.booleans())
def test_the_error_bound_holds_and_the_policy_earns_the_value(seed, discount, terminal):
    game = brute.tiny_game(np.random.default_rng(seed), n_states=5, discount=discount, terminal=terminal)
    best = team_optimum(game, 1e-6)
    transitions, rewards = brute.team_problem(game)
    exact = team_optimum(game, 1e-12).values
    lookahead = rewards + discount * transitions @ exact
    np.testing.assert_allclose(lookahead.max(axis=1), exact, rtol=1e-10, atol=1e-10)
    scale = np.abs(rewards).max()
    assert np.abs(best.values - exact).max() <= best.error_bound + 1e-9 * scale
    assert best.error_bound <= 1e-6 * scale
    assert best.value == pytest.approx(game.start @ best.values)
    assert best.per_agent == best.value / 2
    earned = evaluate(game, list(best.actions.T)).sum(axis=0)
    np.testing.assert_allclose(earned, exact, rtol=0, atol=3e-6 * scale / (1 - discount))


@SETTINGS
@given(seed=st.integers(0, 10**6), n_seen=st.sampled_from([None, 2]))
def test_no_joint_policy_earns_more(seed, n_seen):
    rng = np.random.default_rng(seed)
    game = brute.tiny_game(rng, n_seen=n_seen)
    earned = evaluate(game, brute.random_policies(game, rng)).sum(axis=0)
    assert (earned <= team_optimum(game).values + 1e-8).all()


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("discount", [1])
def test_discount_1_is_the_best_within_the_horizon(seed, discount):
    game = brute.tiny_game(np.random.default_rng(seed), (2, 2), 3, discount, horizon=4, terminal=seed % 2 == 0)
    expected = [brute.best_within(*brute.team_problem(game), discount, s, 4) for s in range(3)]
    best = team_optimum(game)
    np.testing.assert_allclose(best.values, expected, atol=1e-12)
    assert (best.residual, best.error_bound, best.sweeps) == (0, 0, 4)


def test_discount_1_gives_the_first_of_the_best_actions():
    """With two steps to go it pays to invest (action 1: now 0, then 5); with one step it doesn't."""
    outcomes = [[(1.0, 0)], [(1.0, 1)], [(1.0, 1)], [(1.0, 1)]]
    game = MarkovGame(Successors.from_outcomes(outcomes), [[[1, 0], [5, 5]]], 1, horizon=2)
    assert (team_optimum(game).value, team_optimum(game).actions[0].tolist()) == (5, [1])
    assert (team_optimum(game.replace(horizon=1)).value, team_optimum(game.replace(horizon=1)).actions[0]) == (1, [0])


def test_known_games():
    best = team_optimum(penalty(-100))
    assert (best.value, best.per_agent, best.joint_actions.tolist(), best.actions.tolist()) == (20, 10, [0], [[0, 0]])
    repeated = team_optimum(climbing(discount=0.9, horizon=None))
    assert repeated.per_agent == pytest.approx(110)
    game = prisoners_dilemma()
    assert team_optimum(game).value == game.rewards.sum(axis=0).max()


def test_a_gridworld_by_hand():
    """Two agents two moves from their goals, together: each pays -1 and -1 + 10 a move later, and the team shares."""
    game = gridworld(["1.A", "...", "2.B"], discount=0.9, goal_reward=10, step_cost=1, reward="team")
    each = -1 + 0.9 * (10 - 1)
    best = team_optimum(game)
    assert best.per_agent == pytest.approx(2 * each)
    assert best.value == pytest.approx(4 * each)
    assert team_optimum(game.replace(discount=1)).per_agent == pytest.approx(16)
    np.testing.assert_allclose(expected_return(game, list(best.actions.T)), [2 * each, 2 * each])


def test_it_is_the_sum_that_is_maximised():
    """Agent 1 would like action 0 (4 to -9), the team action 1 (1 + 2)."""
    game = MarkovGame(np.ones((1, 2, 1, 1)), [[[[4], [1]]], [[[-9], [2]]]], 0)
    assert (team_optimum(game).value, team_optimum(game).per_agent) == (3, 1.5)


def test_a_costly_world_stays_exactly_0_in_its_terminal_state():
    game = brute.tiny_game(np.random.default_rng(4), terminal=True, discount=0.99)
    assert team_optimum(game.replace(rewards=game.rewards - 5 * ~game.terminal[:, None, None])).values[-1] == 0


def test_a_discount_close_to_1_ends_where_rounding_begins():
    game = brute.tiny_game(np.random.default_rng(5), n_states=4, discount=0.999999)
    expected = brute.linear_programme(*brute.team_problem(game), game.discount)
    best = team_optimum(game)
    np.testing.assert_allclose(best.values, expected, rtol=1e-8)
    assert np.abs(best.values - expected).max() <= best.error_bound + 1e-9 * np.abs(expected).max()


def test_reference_lines_are_means_over_agents():
    rng = np.random.default_rng(6)
    for game in (
        climbing(),
        brute.tiny_game(rng, (2, 2, 2), discount=0.8),
        brute.tiny_game(rng, discount=1, horizon=5),
    ):
        lines = reference_returns(game)
        assert list(lines) == ["team optimum", "random play"]
        assert lines["team optimum"] == team_optimum(game).value / game.n_agents
        assert lines["random play"] == pytest.approx(expected_return(game).mean())


def test_discount_1_needs_a_horizon():
    for ask in (team_optimum, reference_returns):
        with pytest.raises(ValueError, match="discount is 1 and the game has no horizon"):
            ask(climbing(discount=1, horizon=None))


@pytest.mark.parametrize("tolerance", [0, np.inf, None])
def test_bad_tolerances_are_named(tolerance):
    with pytest.raises(ValueError, match="tolerance"):
        team_optimum(climbing(), tolerance)


def exactly(game, choices):
    """Values of chosen joint actions by elimination with fractions, for all states."""
    from fractions import Fraction

    n = game.n_states
    rewards = game.rewards.sum(axis=0).reshape(n, -1)
    table = game.transitions.reshape(n, -1, n)
    rows = []
    for s in range(n):
        chances = [Fraction(float(p)) for p in table[s, choices[s]]]
        total = sum(chances)  # 1 but for rounding
        row = [(s == z) - Fraction(game.discount) * p / total for z, p in enumerate(chances)]
        rows.append([*row, Fraction(float(rewards[s, choices[s]]))])
    for i in range(n):
        pivot = next(k for k in range(i, n) if rows[k][i])
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [x / rows[i][i] for x in rows[i]]
        for k in range(n):
            if k != i and rows[k][i]:
                rows[k] = [x - rows[k][i] * y for x, y in zip(rows[k], rows[i], strict=True)]
    return np.array([float(row[n]) for row in rows])


@pytest.mark.parametrize("discount", [0.9, 0.999, 0.9999, 0.99999])
def test_error_bound_holds_where_rounding_matters(discount):
    for seed in range(15):
        game = random_game(2, 4, 2, seed, discount=discount)
        best = team_optimum(game, 1e-12)
        assert np.abs(exactly(game, best.joint_actions) - best.values).max() <= best.error_bound


@pytest.mark.parametrize("discount", [0.9, 0.99, 0.999, 0.9999])
@pytest.mark.parametrize("length", [2, 3, 10])
def test_states_that_take_turns_are_no_trouble(discount, length):
    transitions = np.zeros((length, 2, 2, length))
    for s in range(length):
        transitions[s, :, :, (s + 1) % length] = 1
    rewards = np.zeros((length, 2, 2))
    rewards[0], rewards[1] = [[1, 0], [0, 2]], [[3, 0], [0, 1]]
    game = MarkovGame(transitions, [rewards, rewards], discount)
    best = team_optimum(game)
    expected = 2 * (2 + 3 * discount) / (1 - discount**length)
    assert abs(best.values[0] - expected) <= best.error_bound <= 1e-8 * abs(expected)
    assert best.sweeps < 100
    zero_sum = shapley(MarkovGame(transitions, [rewards, -rewards], discount))
    stage_values = 2 / 3, 3 / 4  # of [[1, 0], [0, 2]] and [[3, 0], [0, 1]]
    expected = (stage_values[0] + discount * stage_values[1]) / (1 - discount**length)
    assert abs(zero_sum.values[0] - expected) <= max(zero_sum.error_bound, 1e-9 * expected)

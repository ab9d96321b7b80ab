"""Monte Carlo evaluation: the same as a slow loop, unbiased, and as far off as 1/sqrt(n) says."""

import brute_force
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marl_edu import record
from marl_edu.algorithm import HyperparameterError
from marl_edu.games import CROSSING, MarkovGame, Successors, climbing, gridworld, prisoners_dilemma, random_game
from marl_edu.planning import evaluate, expected_return
from marl_edu.planning.moments import return_moments
from marl_edu.planning.monte_carlo import BINS, RUNGS, MonteCarlo, bin_edges


def random_policies(game, rng):
    return [rng.dirichlet(np.ones(a), size=o) for o, a in zip(game.n_observations, game.n_actions, strict=True)]


def slow_episode(game, policies, rng, limit, after=None):
    """One episode in plain Python, drawing in the documented order: start, then agents and outcome of each step."""
    state = int(np.searchsorted(np.cumsum(game.start), rng.random(), side="right"))
    rewards = []
    while not game.terminal[state] and len(rewards) < limit:
        actions = tuple(
            int(np.searchsorted(np.cumsum(table[game.observations[i, state]]), rng.random(), side="right"))
            for i, table in enumerate(policies)
        )
        pair = state * game.n_joint_actions + game.joint_index(actions)
        first, last = game.successors.offsets[pair : pair + 2]
        cumulative = np.cumsum(game.successors.probabilities[first:last])
        outcome = first + min(int(np.searchsorted(cumulative, rng.random(), side="right")), last - first - 1)
        paid = game.successors.rewards
        rewards.append(game.rewards[(slice(None), state, *actions)] if paid is None else paid[:, outcome])
        state = int(game.successors.states[outcome])
    following = np.zeros(game.n_agents) if after is None or game.terminal[state] else after[:, state]
    for reward in reversed(rewards):  # G_t = R_t + gamma G_{t+1}
        following = reward + game.discount * following
    return following


GAMES = {
    "random": lambda: random_game(3, 4, 2, 1),
    "slippery grid": lambda: gridworld(CROSSING, reward="individual", slip=0.2),
    "own positions": lambda: gridworld(["1.", ".2", "BA"], reward="individual", observe="own position"),
    "stochastic climbing": lambda: climbing("fully stochastic", discount=0.7),
}


@pytest.fixture(params=GAMES)
def game(request):
    return GAMES[request.param]().replace(discount=0.8)


@pytest.mark.parametrize("after_limit", ["nothing", "exact value"])
def test_same_returns_as_a_slow_loop(game, after_limit):
    policies = random_policies(game, np.random.default_rng(5))
    estimate = MonteCarlo(game, policies, seeds=2, seed=3, limit=7, after_limit=after_limit)
    after = evaluate(game, policies) if after_limit == "exact value" else None
    estimate.advance(40)
    frame = estimate.frame()
    for k in range(2):
        rng = np.random.default_rng([3, k])
        returns = np.array([slow_episode(game, policies, rng, 7, after) for _ in range(40)])
        np.testing.assert_allclose(frame["mean"][k], returns.mean(axis=0), atol=1e-9)
        np.testing.assert_allclose(frame["team_mean"][k], returns.sum(axis=1).mean(), atol=1e-9)
        columns = np.column_stack([returns, returns.sum(axis=1)])
        np.testing.assert_allclose(frame["standard_error"][k], columns.std(axis=0, ddof=1) / 40**0.5, atol=1e-9)
        np.testing.assert_allclose(frame["latest"][k], columns[-1], atol=1e-9)
        rungs = [columns[:n].mean(axis=0) - estimate.exact for n in RUNGS[RUNGS <= 40]]
        np.testing.assert_allclose(frame["ladder"][k, :, : len(rungs)].T, rungs, rtol=1e-4, atol=1e-5)
        assert np.isnan(frame["ladder"][k, :, len(rungs) :]).all()
        assert (frame["counts"][k].sum(axis=1) == 40).all()


def test_exact_mean_and_deviation(game):
    policies = random_policies(game, np.random.default_rng(6))
    mean, deviation = return_moments(game, policies)
    np.testing.assert_allclose(mean[:-1], expected_return(game, policies), atol=1e-7)
    assert mean[-1] == pytest.approx(mean[:-1].sum())
    estimate = MonteCarlo(game, policies, seeds=200, seed=1, limit=200)
    estimate.advance(500)
    frame = estimate.frame()
    pooled = frame["error"].mean(axis=0)
    assert (np.abs(pooled) < 4 * deviation / np.sqrt(200 * 500) + 1e-9).all()  # unbiased
    spread = np.sqrt((frame["error"] ** 2).mean(axis=0)) * np.sqrt(500)
    np.testing.assert_allclose(spread, deviation, rtol=0.25)
    np.testing.assert_allclose(frame["standard_error"].mean(axis=0) * np.sqrt(500), deviation, rtol=0.05)


def test_intervals_cover_the_exact_value_as_often_as_they_say():
    game = random_game(2, 5, 3, 2)
    estimate = MonteCarlo(game, seeds=1_000, seed=4)
    estimate.advance(300)
    frame = estimate.frame()
    covered = (np.abs(frame["error"]) < 1.959964 * frame["standard_error"]).mean(axis=0)
    assert ((covered > 0.92) & (covered < 0.975)).all()


def test_a_limit_that_counts_as_an_end_is_a_bias_that_no_number_of_episodes_cures():
    game = prisoners_dilemma(discount=0.9)
    together = [[0], [0]]
    cut = MonteCarlo(game, together, limit=10)
    cut.advance(5)
    assert cut.frame()["error"][0, 0] == pytest.approx(-(0.9**10) * 30)
    whole = MonteCarlo(game, together, limit=10, after_limit="exact value")
    whole.advance(5)
    assert np.abs(whole.frame()["error"]).max() < 1e-12


def test_deviation_by_hand():
    half = prisoners_dilemma(discount=0.5)
    mean, deviation = return_moments(half, [[0], [[0.5, 0.5]]])
    # agent 1 gets 3 or 0 with probability 1/2 each, agent 2 then 3 or 5, the team 6 or 5: variances 9/4, 1, 1/4
    np.testing.assert_allclose(mean, [3, 8, 11])
    np.testing.assert_allclose(deviation**2, np.array([9 / 4, 1, 1 / 4]) / (1 - 0.25))
    assert return_moments(half, [[0], [0]])[1].max() == 0


def coin(*payoffs, discount=0.5):
    """One state; each time, one of these rewards, all equally likely."""
    faces = Successors.from_outcomes([[(1 / len(payoffs), 0, (float(pay),)) for pay in payoffs]])
    return MarkovGame(faces, [[[np.mean(payoffs)]]], discount=discount)


@pytest.mark.parametrize("pays", [2e-7, 2e-12, 2e-90, 2e90])
@pytest.mark.parametrize("besides", [0, 1, 1000])
def test_a_coin_counts_however_small_it_is(pays, besides):
    """Also beside a thousand times as much that is certain."""
    mean, deviation = return_moments(coin(besides * pays, (1 + besides) * pays))
    np.testing.assert_allclose(mean, pays * (1 + 2 * besides))
    np.testing.assert_allclose(deviation, pays / 2 / np.sqrt(1 - 0.25), rtol=1e-9)


@settings(deadline=None)
@given(st.integers(0, 10**6), st.floats(-80, 80), st.sampled_from([0, 0.5, 0.99]), st.booleans())
def test_moments_scale_with_the_rewards(seed, power, discount, paid_on_arrival):
    rng = np.random.default_rng(seed)
    game = brute_force.tiny_game(rng, discount=discount, paid_on_arrival=paid_on_arrival)
    transitions, scale = game.transitions, 10**power
    rewards = rng.normal(size=(2, 3, 2, 3, 3) if paid_on_arrival else (2, 3, 2, 3))
    policies = brute_force.random_policies(game, rng)
    one, other = (
        return_moments(MarkovGame(transitions, size * rewards, discount, start=game.start), policies)
        for size in (1, scale)
    )
    np.testing.assert_allclose(other[0], scale * one[0], rtol=1e-9, atol=1e-12 * scale)
    np.testing.assert_allclose(other[1], scale * one[1], rtol=1e-9)
    assert (one[1] > 1e-3).all()
    # what is certain and the same at all times changes the mean and nothing else
    shifted = return_moments(MarkovGame(transitions, rewards + 7, discount, start=game.start), policies)
    np.testing.assert_allclose(shifted[0], one[0] + np.array([7, 7, 14]) / (1 - discount), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(shifted[1], one[1], rtol=1e-7)


@pytest.mark.parametrize("seed", range(20))
def test_deviation_is_that_of_all_courses_of_events(seed):
    """Five steps, with discount 1, and then the end: every course with its chance and its return."""
    rng = np.random.default_rng(seed)
    steps, n = 3, 2
    states = [(t, s) for t in range(steps) for s in range(n)] + ["end"]
    table, rewards = np.zeros((len(states), 2, 2, len(states))), np.zeros((2, len(states), 2, 2, len(states)))
    for t in range(steps):
        for s in range(n):
            here, there = t * n + s, [(t + 1) * n, (t + 1) * n + 1] if t + 1 < steps else [len(states) - 1]
            table[here][..., there] = rng.dirichlet(np.ones(len(there)), size=(2, 2))
            rewards[:, here] = rng.normal(size=rewards[:, here].shape)
    table[-1, ..., -1] = 1
    start = np.zeros(len(states))
    start[:n] = rng.dirichlet(np.ones(n))
    discount = [1, 0.7][seed % 2]
    game = MarkovGame(table, rewards, discount, start=start, terminal=[len(states) - 1])
    policies = brute_force.random_policies(game, rng)
    courses = []

    def follow(s, t, chance, total):
        if game.terminal[s]:
            courses.append((chance, *total, total.sum()))
            return
        for a in brute_force.joint_actions(game):
            for then in np.flatnonzero(table[(s, *a)]):
                here = brute_force.chance(game, policies, s, a) * table[(s, *a, then)]
                follow(then, t + 1, chance * here, total + discount**t * rewards[(slice(None), s, *a, then)])

    if game.successors.rewards is None:  # a table's rewards count by their mean over successors
        rewards = np.broadcast_to(game.rewards[..., None], rewards.shape)
    for s in range(n):
        follow(s, 0, start[s], np.zeros(2))
    chances, returns = np.array(courses)[:, 0], np.array(courses)[:, 1:]
    mean, deviation = return_moments(game, policies)
    np.testing.assert_allclose(mean, chances @ returns, atol=1e-12)
    np.testing.assert_allclose(deviation**2, chances @ (returns - chances @ returns) ** 2, rtol=1e-10)


@pytest.mark.parametrize("discount", [0, 0.5, 0.9, 0.999])
def test_nothing_deviates_where_nothing_is_left_to_chance(discount):
    for seed in range(30):
        rng = np.random.default_rng(seed)
        table = np.eye(4)[rng.integers(4, size=(4, 2, 2))]
        game = MarkovGame(table, 1e3 * rng.normal(size=(2, 4, 2, 2)), discount, start=seed % 4)
        assert (return_moments(game, [rng.integers(2, size=4), rng.integers(2, size=4)])[1] == 0).all()


def test_the_sum_of_opposite_rewards_does_not_deviate():
    game = random_game(2, 5, 3, 4, zero_sum=True)
    deviation = return_moments(game)[1]
    assert deviation[2] == 0 and deviation[0] == pytest.approx(deviation[1]) and deviation[0] > 0.1
    for seed in range(30):  # three agents, whose rewards cancel but for rounding
        game = random_game(3, 5, 2, seed, discount=0.9)
        game = game.replace(rewards=game.rewards - game.rewards.mean(axis=0))
        deviation = return_moments(game)[1]
        assert deviation[3] == 0 and deviation[:3].min() > 0.1


def test_where_the_start_is_drawn_the_return_deviates_by_that():
    stay = np.eye(2)[:, None]
    game = MarkovGame(stay, [[[1], [3]]], 0.5, start=[0.5, 0.5])
    assert return_moments(game)[1].tolist() == [2, 2]
    assert return_moments(game.replace(rewards=[[[3], [3]]]))[1].tolist() == [0, 0]


def test_rewards_of_outcomes_count():
    gamble = Successors.from_outcomes([[(0.5, 1, (8.0, 0.0)), (0.5, 1, (0.0, 2.0))], [(1.0, 1, (0.0, 0.0))]])
    game = MarkovGame(gamble, [[[[4]], [[0]]], [[[1]], [[0]]]], discount=0.9, terminal=[1])
    mean, deviation = return_moments(game)
    np.testing.assert_allclose(mean, [4, 1, 5])
    np.testing.assert_allclose(deviation, [4, 1, 3])


def test_runs_do_not_depend_on_how_they_are_cut_up():
    game = random_game(2, 4, 2, 3)
    one, many = MonteCarlo(game, seeds=3), MonteCarlo(game, seeds=5)
    one.advance(2_500)
    for part in (1, 999, 1_500):
        many.advance(part)
    for name, values in one.frame().items():
        np.testing.assert_allclose(values, many.frame()[name][:3], rtol=1e-6, atol=1e-9)


def test_it_is_an_algorithm():
    game = random_game(2, 4, 2, 3)
    estimate = MonteCarlo(game, seeds=2, limit=50)
    recording = record(estimate, units=100, every=10)
    assert recording.unit == "episode" and recording.references["exact team return"] == estimate.exact[-1]
    assert np.isnan(recording[0]["error"]).all()
    twin = estimate.clone()
    twin.advance(100)
    np.testing.assert_allclose(twin.frame()["mean"], estimate.frame()["mean"], rtol=1e-12)
    estimate.discount = 0.5
    estimate.reset()
    assert estimate.exact[-1] == pytest.approx(expected_return(game.replace(discount=0.5)).sum())
    message = (
        "discount is 1 in this game; MonteCarlo takes up to 0.99: start it with discount=0.99, or use return_moments"
    )
    with pytest.raises(HyperparameterError, match=message):
        MonteCarlo(game.replace(discount=1, horizon=5))
    assert MonteCarlo(game.replace(discount=1, horizon=5), discount=0.99).discount == 0.99


def test_bins_lie_around_the_exact_value():
    assert bin_edges(np.array([0.0, 2.0])).shape == (2, BINS + 1)
    assert bin_edges(2.0)[0] == -8 and bin_edges(0.0)[-1] == 4


def test_what_is_set_before_the_first_episode_counts_and_later_only_after_a_reset():
    game = random_game(2, 4, 2, 3)
    late, early = MonteCarlo(game, seeds=2), MonteCarlo(game, seeds=2, limit=3, discount=0.5)
    late.set(limit=3, discount=0.5)
    np.testing.assert_array_equal(late.frame()["exact"], early.frame()["exact"])
    for estimate in (late, early):
        estimate.advance(20)
    late.set(limit=200, discount=0.9)
    for estimate in (late, early):
        estimate.advance(20)
    np.testing.assert_array_equal(late.frame()["mean"], early.frame()["mean"])
    late.reset()
    assert late.exact[-1] != early.exact[-1]


@pytest.mark.parametrize("name", GAMES)
def test_the_histogram_is_numpys_of_the_returns_that_were_recorded(name):
    game = GAMES[name]().replace(discount=0.8)
    estimate = MonteCarlo(game, random_policies(game, np.random.default_rng(7)), seeds=2, seed=3, limit=20)
    returns = []
    for _ in range(60):
        estimate.advance(1)
        returns.append(estimate.frame()["latest"])
    edges = estimate.exact[:, np.newaxis] + bin_edges(estimate.deviation)
    counts = estimate.frame()["counts"]
    for k, columns in enumerate(np.swapaxes(returns, 0, 1)):
        for c, column in enumerate(columns.T):
            inside = np.clip(column, edges[c, 0], np.nextafter(edges[c, -1], -np.inf))
            np.testing.assert_array_equal(counts[k, c], np.histogram(inside, edges[c])[0])

"""Rules that play: against the same in plain Python, fixed points, ties, regret and its bounds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marl_edu.games import chicken, matching_pennies, matrix_game, prisoners_dilemma, rock_paper_scissors, shapley_game
from marl_edu.learning.dynamics import (
    BestResponseDynamics,
    ConditionalRegretMatching,
    FictitiousPlay,
    MultiplicativeWeights,
    RegretMatching,
    Replicator,
)
from marl_edu.planning import best_response_gains
from marl_edu.recording import record


def drawn(policy, coin):
    return min(int(np.searchsorted(np.cumsum(policy), coin, side="right")), len(policy) - 1)


def random_tables(seed, *shape):
    return np.random.default_rng(seed).normal(size=(2, *shape))


def conditional_regrets(tables, joint):
    """Largest gain of replacing some own action by another wherever it was played, for each agent."""
    found = []
    for table, play in ((tables[0], joint), (tables[1].T, joint.T)):
        found.append(max(play[j] @ (table[a] - table[j]) for j in range(len(table)) for a in range(len(table))))
    return found


# --- best responses ----------------------------------------------------------------------------------------------


def test_best_responses_in_turn_and_at_once():
    """Matching pennies from (heads, heads): at once both chase, in turn agent 2 sees what agent 1 has just done."""
    at_once = BestResponseDynamics(matching_pennies(), [(1, 1)])
    in_turn = BestResponseDynamics(matching_pennies(), [(1, 1)], order="alternating")
    seen = [record(learner, 4, 1).series("policies")[:, 0, :, 0].tolist() for learner in (at_once, in_turn)]
    assert seen[0] == [[1, 1], [1, 0], [0, 0], [0, 1], [1, 1]]
    assert seen[1] == [[1, 1], [1, 0], [0, 1], [1, 0], [0, 1]]


@given(st.integers(0, 10**6), st.integers(2, 4), st.integers(2, 4), st.sampled_from(["simultaneous", "alternating"]))
def test_who_stays_for_ever_plays_an_equilibrium(seed, n_rows, n_columns, order):
    game = matrix_game(np.random.default_rng(seed).integers(-3, 4, size=(2, n_rows, n_columns)))
    learner = BestResponseDynamics(game, seeds=2, order=order)
    learner.advance(30)
    before = learner.frame()["policies"]
    learner.advance(1)
    stayed = np.nanmax(np.abs(learner.frame()["policies"] - before), axis=(1, 2)) == 0
    for k in range(2):
        pair = [before[k, i, None, :n] for i, n in enumerate((n_rows, n_columns))]
        assert stayed[k] == (best_response_gains(game, pair).max() < 1e-8)


def test_a_mixed_equilibrium_is_a_fixed_point_too():
    learner = BestResponseDynamics(matching_pennies(), [(0.5, 0.5)])
    learner.advance(100)
    assert learner.frame()["policies"].tolist() == [[[0.5, 0.5], [0.5, 0.5]]]


def test_a_step_goes_part_of_the_way():
    learner = BestResponseDynamics(prisoners_dilemma(), [(1, 1)], step_size=0.25)
    learner.advance(2)
    np.testing.assert_allclose(learner.frame()["policies"][0, :, 0], 0.75**2)


# --- fictitious play ---------------------------------------------------------------------------------------------


def plain_fictitious_play(tables, start, prior, n):
    counts = [prior * np.array(policy) for policy in start]
    joint = np.zeros(tables.shape[1:])
    for _ in range(n):
        row, column = int(np.argmax(tables[0] @ counts[1])), int(np.argmax(counts[0] @ tables[1]))
        joint[row, column] += 1
        counts[0][row] += 1
        counts[1][column] += 1
    return joint / n, [count / count.sum() for count in counts]


@pytest.mark.parametrize("prior", [1.0, 3.5])
@pytest.mark.parametrize("shape", [(2, 2), (3, 4)])
def test_fictitious_play_is_the_same_in_plain_python(shape, prior):
    tables = random_tables(3, *shape)  # generic: no ties
    learner = FictitiousPlay(matrix_game(tables), seeds=3, prior=prior)
    starts = learner.frame()["policies"]
    for n in (100, 150, 250):
        learner.advance(n)
    frame = learner.frame()
    for k in range(3):
        start = [starts[k, i, :n] for i, n in enumerate(shape)]
        joint, beliefs = plain_fictitious_play(tables, start, prior, 500)
        np.testing.assert_allclose(frame["joint_play"][k], joint, atol=1e-12)
        for i in range(2):
            np.testing.assert_allclose(frame["beliefs"][k, i, : shape[i]], beliefs[i], atol=1e-12)


def test_beliefs_begin_as_the_start_and_what_was_played_last_is_the_policy():
    learner = FictitiousPlay(matching_pennies(), [(0.9, 0.2)])
    np.testing.assert_allclose(learner.frame()["beliefs"][0, :, 0], [0.9, 0.2])
    learner.advance(1)  # agent 1 expects tails and matches; agent 2 expects heads and differs
    assert learner.frame()["policies"][0].tolist() == [[0, 1], [0, 1]]
    learner.advance(0)
    assert learner.frame()["policies"][0].tolist() == [[0, 1], [0, 1]]


def test_ties_are_drawn_evenly_or_the_first_is_taken():
    game = matrix_game(np.zeros((2, 4, 4)))
    drawn_ones = FictitiousPlay(game, seeds=2)
    drawn_ones.advance(40_000)
    np.testing.assert_allclose(drawn_ones.frame()["joint_play"], 1 / 16, atol=0.006)
    first = FictitiousPlay(game, ties="first")
    first.advance(10)
    assert first.frame()["joint_play"][0, 0, 0] == 1


def test_payoffs_that_differ_by_rounding_alone_are_a_tie():
    wide = np.array([[0.1 + 0.2, 0.1 + 0.2], [0.3, 0.3], [-1, -1]])
    learner = FictitiousPlay(matrix_game([wide, wide]), seeds=1)
    learner.advance(2000)
    assert 0.45 < learner.frame()["averages"][0, 0, 0] < 0.55


def test_fictitious_play_converges_in_random_zero_sum_games():
    """Robinson's theorem."""
    for seed in range(10):
        own = np.random.default_rng(seed).normal(size=(3, 4))
        learner = FictitiousPlay(matrix_game([own, -own]), seeds=2)
        learner.advance(200_000)
        assert learner.frame()["average_exploitability"].max() < 0.01


# --- regret ------------------------------------------------------------------------------------------------------


def plain_regret_matching(tables, start, n, rng=None):
    policies, sums, joint = [p.copy() for p in start], [np.zeros(len(p)) for p in start], np.zeros(tables.shape[1:])
    for _ in range(n):
        if rng is None:
            x, y = policies
        else:
            x, y = (np.eye(len(p))[drawn(p, rng.random())] for p in policies)
        joint += np.outer(x, y)
        sums[0] += tables[0] @ y - x @ tables[0] @ y
        sums[1] += x @ tables[1] - x @ tables[1] @ y
        for i in range(2):
            positive = np.maximum(sums[i], 0)
            policies[i] = positive / positive.sum() if positive.sum() > 0 else start[i]
    return policies, joint / n


def plain_conditional_matching(tables, start, n, rng, inertia):
    policies, joint = [p.copy() for p in start], np.zeros(tables.shape[1:])
    for t in range(1, n + 1):
        row, column = (drawn(p, rng.random()) for p in policies)
        joint[row, column] += 1
        for i, (table, play, own) in enumerate(((tables[0], joint, row), (tables[1].T, joint.T, column))):
            scale = inertia * np.ptp(table) * (len(table) - 1)
            gains = np.array([max(play[own] @ (table[a] - table[own]), 0) for a in range(len(table))])
            policies[i] = gains / (t * scale)
            policies[i][own] = 0
            policies[i][own] = 1 - policies[i].sum()
    return policies, joint / n


@pytest.mark.parametrize("rule", [RegretMatching, ConditionalRegretMatching])
def test_regret_matching_is_the_same_in_plain_python(rule):
    tables = random_tables(8, 3, 4)
    learner = rule(matrix_game(tables), seeds=2, seed=4)
    starts = learner.frame()["policies"]
    rngs = learner.generators()
    for n in (50, 100, 150):
        learner.advance(n)
    for k, rng in enumerate(rngs):
        start = [starts[k, i, :n] for i, n in enumerate((3, 4))]
        for n in (3, 4):
            rng.dirichlet(np.ones(n))  # the starting point's draws
        if rule is RegretMatching:
            policies, joint = plain_regret_matching(tables, start, 300, rng)
        else:
            policies, joint = plain_conditional_matching(tables, start, 300, rng, learner.inertia)
        np.testing.assert_allclose(learner.frame()["joint_play"][k], joint, atol=1e-12)
        for i in range(2):
            np.testing.assert_allclose(learner.frame()["policies"][k, i, : 3 + i], policies[i], atol=1e-9)


def test_expected_regret_matching_is_the_same_in_plain_python():
    tables = random_tables(9, 3, 2)
    learner = RegretMatching(matrix_game(tables), seeds=1, play="expected")
    start = [learner.frame()["policies"][0, 0], learner.frame()["policies"][0, 1, :2]]
    learner.advance(200)
    policies, joint = plain_regret_matching(tables, start, 200)
    np.testing.assert_allclose(learner.frame()["joint_play"][0], joint, atol=1e-12)
    np.testing.assert_allclose(learner.frame()["policies"][0, 0], policies[0], atol=1e-9)


@given(st.integers(0, 10**6), st.integers(1, 5), st.integers(1, 5), st.integers(1, 400))
def test_regret_of_policies_never_exceeds_its_bound(seed, n_rows, n_columns, plays):
    game = matrix_game(random_tables(seed, n_rows, n_columns))
    matching = RegretMatching(game, seeds=2, seed=seed, play="expected")
    uniform = [[np.full(n_rows, 1 / n_rows), np.full(n_columns, 1 / n_columns)]]
    for learner in (matching, MultiplicativeWeights(game, uniform)):
        learner.advance(plays)
        assert (learner.frame()["regret"] <= learner.regret_bound(plays) + 1e-12).all()


def test_the_bounds_of_regret_are_those_of_their_sources():
    matching, weights = RegretMatching(rock_paper_scissors()), MultiplicativeWeights(rock_paper_scissors())
    np.testing.assert_allclose(matching.regret_bound(100), [2 * np.sqrt(3) / 10] * 2, rtol=1e-14)
    np.testing.assert_allclose(matching.regret_bound([1, 100])[:, 0], [2 * np.sqrt(3), 2 * np.sqrt(3) / 10], rtol=1e-14)
    in_all = 2 * np.sqrt(100 / 2 * np.log(3)) + np.sqrt(np.log(3) / 8)  # theorem 2.3, losses in a range of 1
    np.testing.assert_allclose(weights.regret_bound(100), [2 * in_all / 100] * 2, rtol=1e-14)


def test_multiplicative_weights_are_exponentials_of_what_would_have_been_paid():
    tables = random_tables(10, 2, 3)
    for options, rate in (({"schedule": "constant", "step_size": 0.3}, None), ({}, "falling")):
        learner = MultiplicativeWeights(matrix_game(tables), seeds=1, **options)
        first = learner.frame()["policies"][0]
        x, y = first[0, :2], first[1]
        sums = [np.zeros(2), np.zeros(3)]
        for t in range(1, 41):
            sums[0], sums[1] = sums[0] + tables[0] @ y, sums[1] + x @ tables[1]
            rates = [
                0.3 if rate is None else np.sqrt(8 * np.log(n) / (t + 1)) / np.ptp(tables[i])  # of play t + 1
                for i, n in enumerate((2, 3))
            ]
            x, y = (start * np.exp(r * s) for start, r, s in zip((first[0, :2], first[1]), rates, sums, strict=True))
            x, y = x / x.sum(), y / y.sum()
        for n in (15, 25):
            learner.advance(n)
        found = learner.frame()["policies"][0]
        np.testing.assert_allclose(found[0, :2], x, atol=1e-10)
        np.testing.assert_allclose(found[1], y, atol=1e-10)


def test_weights_with_a_small_rate_follow_the_replicator():
    game = rock_paper_scissors()
    weights = MultiplicativeWeights(game, seeds=3, schedule="constant", step_size=1e-3)
    flow = Replicator(game, seeds=3, step_size=1e-3)
    for learner in (weights, flow):
        learner.advance(2000)
    np.testing.assert_allclose(weights.frame()["policies"], flow.frame()["policies"], atol=5e-3)


def test_what_has_no_weight_at_first_never_gets_any():
    learner = MultiplicativeWeights(prisoners_dilemma(), [(1, 0.5)])
    learner.advance(10_000)
    assert learner.frame()["policies"][0, 0].tolist() == [1, 0]
    assert np.isfinite(learner.frame()["policies"]).all()


def test_conditional_regret_vanishes_where_external_regret_matching_may_keep_some():
    for game in (chicken(), shapley_game(), matrix_game(random_tables(1, 3, 3))):
        learner = ConditionalRegretMatching(game, seeds=4)
        learner.advance(1_000_000)
        frame = learner.frame()
        for joint in frame["joint_play"]:
            assert max(conditional_regrets(game.rewards[:, 0], joint)) < 0.05 * np.ptp(game.rewards)


def test_millions_of_plays_a_second():
    import time

    for rule in (FictitiousPlay, RegretMatching, ConditionalRegretMatching, MultiplicativeWeights):
        learner = rule(rock_paper_scissors())
        learner.advance(10)
        best = np.inf
        for _ in range(5):
            begin = time.process_time()
            learner.advance(100_000)
            best = min(best, time.process_time() - begin)
        assert 100_000 / best > 1_000_000, rule.__name__


@pytest.mark.parametrize("kind", [FictitiousPlay, BestResponseDynamics, RegretMatching, ConditionalRegretMatching])
def test_random_numbers_are_the_seeds_own_stream_in_any_pieces(kind):
    """They are drawn ahead; what is drawn twice because of an interruption is the same."""
    straight, pieces = (kind(matching_pennies(), seeds=2, seed=4) for _ in range(2))
    straight.advance(3000)
    for n in (1, 1, 1021, 2, 975, 1000):
        coins, used = pieces._coins(n, 1)  # and then interrupted: nothing was played
        assert len(coins) - used[0] >= n
        pieces.advance(n)
    for name, values in straight.frame().items():
        assert np.array_equal(values, pieces.frame()[name]), name
    rng = np.random.default_rng([4, 1])
    for _ in range(2):
        rng.dirichlet(np.ones(2))  # the starting point
    fresh = kind(matching_pennies(), seeds=2, seed=4)
    assert (fresh._coins(5, 1)[0][:5] == rng.random((5, 2))).all()

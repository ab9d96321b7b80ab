"""Cross-play: who steers whom, on which beginnings, and how far off the mean of a table may be."""

import numpy as np
import pytest
from scipy.special import stdtrit

from marl_edu.games.particles import simple_adversary, simple_push, simple_spread, simple_tag
from marl_edu.games.particles.controllers import at_random, do_nothing
from marl_edu.learning import DDPG, MADDPG, cross_play, difference_interval, mean_interval

SMALL = {"worlds": 4, "batch": 8, "warm_up": 8, "hidden": 8, "critic_hidden": 8, "episodes": 3, "head_start": 0}
AFTER_THREE = 0.1375
"""Way of a full force in three steps of 0.1: v = 0, 0.5, 0.75 * 0.5 + 0.5 = 0.875 are the velocities moved with."""

DRAWN, LEAST = 1000, 0.93
"""Random tables, and the share whose interval must contain the truth: 0.95 less 2.9 standard errors."""


class Pushes:
    """A learner whose seed k has all agents push with force ``forces[k]`` along an axis."""

    def __init__(self, forces, axis):
        self.forces, self.axis, self.seeds = np.asarray(forces), axis, len(forces)

    def greedy(self, observations):
        assert len(observations) == self.seeds
        said = np.zeros((*observations.shape[:-1], 2))
        said[..., self.axis] = self.forces[:, np.newaxis, np.newaxis]
        return said


def learners(world, seeds=2, other_seeds=3):
    pair = MADDPG(world, seeds=seeds, seed=5, **SMALL), DDPG(world, seeds=other_seeds, seed=6, **SMALL)
    for learner in pair:
        learner.advance(30)
    return pair


# --- who steers whom -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ones, others", [((1, 0.5), (-1, 0.25, 0.5)), ((1, 0.5), (-1, 0.25)), ((0.2,), (0.4, 1))])
def test_each_seed_steers_its_own_side_against_each_seed_of_the_other(ones, others):
    """Adversaries push along x, good agents along y, with forces of their seeds; in this world nobody is in the way."""
    world = simple_adversary(max_steps=3)
    played = cross_play(Pushes(ones, 0), Pushes(others, 1), world, episodes=4).episodes
    way = played.positions[..., -1, :, :] - played.positions[..., 0, :, :]  # K, M, W, N, 2
    expected = np.zeros_like(way)
    expected[..., 0, 0] = np.reshape(ones, (-1, 1, 1)) * AFTER_THREE
    expected[..., 1:, 1] = np.reshape(others, (1, -1, 1, 1)) * AFTER_THREE
    np.testing.assert_allclose(way, expected, atol=1e-12)


@pytest.mark.parametrize("build", [simple_adversary, simple_push])
def test_against_itself_a_seed_gets_its_own_greedy_return(build):
    learner, other = learners(build())
    own = learner.frame()["greedy_return"]
    for k in range(2):
        table = cross_play(learner, learner, episodes=3, seed=[learner.seed, k, 1]).returns
        np.testing.assert_allclose(table[k, k], own[k], atol=1e-3)
        assert np.abs(table[1 - k, k] - own[k]).max() > 0.01  # another seed's adversary is another opponent
        mixed = cross_play(learner, other, episodes=3, seed=[learner.seed, k, 1]).returns
        assert np.abs(mixed[k] - own[k]).max() > 0.01


def test_sides_are_not_exchanged():
    """With learned good agents that stand for one with the other side's, the tables would be each other's transpose."""
    one, other = learners(simple_push(), 2, 2)
    here, there = cross_play(one, other, episodes=5).returns, cross_play(other, one, episodes=5).returns
    assert np.abs(here - there.swapaxes(0, 1)).max() > 0.1


def test_a_pair_alone_plays_as_it_does_among_others():
    """What is one call for all pairs is, pair by pair, an episode as a loop would play it."""
    ones, others = learners(simple_tag())
    table = cross_play(ones, others, episodes=3, seed=4)
    for k in range(2):
        for m in range(3):
            world = simple_tag()
            world.reset([np.random.default_rng(4)], 3)
            total = 0
            while not world.over:
                hunt = ones.greedy(np.repeat(world.observe(), 2, axis=0))[k]
                flee = others.greedy(np.repeat(world.observe(), 3, axis=0))[m]
                total = total + world.step(np.concatenate([hunt[:, :3], flee[:, 3:]], axis=1)[np.newaxis])
            np.testing.assert_allclose(table.returns[k, m], total[0].mean(axis=0), atol=1e-3)


def test_all_pairs_begin_alike_and_the_same_seed_begins_the_same_again():
    world = simple_tag()
    first = cross_play(*learners(world), episodes=4, seed=7).episodes
    for found in (first.positions[..., 0, :, :], first.landmarks):
        assert (found == found[:1, :1]).all() and len(np.unique(found[0, 0], axis=0)) == 4
    again = cross_play(do_nothing, at_random(np.random.default_rng(0)), world, episodes=4, seed=7).episodes
    assert (again.positions[0, 0, :, 0] == first.positions[0, 0, :, 0]).all()
    other = cross_play(do_nothing, do_nothing, world, episodes=4, seed=8).episodes
    assert (other.positions[0, 0, :, 0] != first.positions[0, 0, :, 0]).any()
    assert world.steps is None  # it was played in a copy


def test_policies_without_learning_may_take_a_side():
    ones, others = learners(simple_push())
    assert cross_play(ones, do_nothing, episodes=3).returns.shape == (2, 1, 2)
    still = cross_play(do_nothing, others, episodes=3)
    assert still.returns.shape == (1, 3, 2)
    alone = cross_play(do_nothing, Pushes([0, 0, 0], 0), simple_push(), episodes=3)
    assert (np.ptp(alone.returns, axis=1) == 0).all() and not alone.touches.any()


def test_a_touch_is_a_catch():
    """In ``simple_tag`` each is worth 10 to every hunter."""
    played = cross_play(at_random(np.random.default_rng(0)), at_random(np.random.default_rng(1)), simple_tag(),
                        episodes=200)  # fmt: skip
    assert played.touches > 0.1
    np.testing.assert_allclose(10 * played.touches, played.returns[..., 0])


# --- how far off a mean may be ---------------------------------------------------------------------------------------


def tables(rng, count, rows, columns, row, column, rest):
    """Random tables whose mean is 0 in expectation, with effects of these sizes."""
    return (
        row * rng.standard_normal((count, rows, 1))
        + column * rng.standard_normal((count, 1, columns))
        + rest * rng.standard_normal((count, rows, columns))
    )


def covered(intervals):
    return np.mean([found.low <= 0 <= found.high for found in intervals])


def test_the_interval_of_a_column_is_students():
    """Against one opponent that is meant: t with K - 1 degrees of freedom, here for 0, 1, 5."""
    found = mean_interval([[0], [1], [5]])
    half = stdtrit(2, 0.975) * np.sqrt(7 / 3)
    assert found == pytest.approx((2, 2 - half, 2 + half))
    assert mean_interval([[0, 1, 5]]) == pytest.approx(found)


def test_the_interval_of_a_table_is_welchs():
    """By hand: row means 1 and 3 (variance 2), column means 1, 2, 3 (variance 1): 2 / 2 + 1 / 3 = 4/3, and degrees of
    freedom (4/3)^2 / (1^2 / 1 + (1/3)^2 / 2) = 32/19.
    """
    found = mean_interval([[0, 1, 2], [2, 3, 4]])
    half = stdtrit(32 / 19, 0.975) * np.sqrt(4 / 3)
    assert found == pytest.approx((2, 2 - half, 2 + half))


@pytest.mark.parametrize("row, column, rest", [(1, 0, 0.1), (0, 1, 0.1), (1, 1, 0), (1, 0.3, 1), (0, 0, 1), (1, 1, 1)])
@pytest.mark.parametrize("shape", [(5, 5), (10, 5)])
def test_intervals_cover_the_truth_whichever_side_the_differences_are_on(shape, row, column, rest):
    drawn = tables(np.random.default_rng(0), DRAWN, *shape, row, column, rest)
    assert covered(map(mean_interval, drawn)) > LEAST


def test_taking_pairs_for_independent_draws_would_not_do():
    """What a reader may be tempted to: it contains the truth half of the time instead of 95 times in 100."""
    drawn = tables(np.random.default_rng(0), DRAWN, 5, 5, 1, 1, 0.3)
    assert covered(mean_interval(table.reshape(-1, 1)) for table in drawn) < 0.75
    assert covered(map(mean_interval, drawn)) > LEAST


def test_where_rows_and_columns_are_the_same_runs_their_effects_may_go_together():
    """The mean of a_k + b_m with a = b is twice that of a: as far off as 4 var a / K, not 2 var a / K."""
    run = np.random.default_rng(0).standard_normal((DRAWN, 5, 1))
    drawn = run + run.swapaxes(1, 2)
    assert covered(map(mean_interval, drawn)) < 0.9
    assert covered(mean_interval(table, same_runs=True) for table in drawn) > LEAST
    against = tables(np.random.default_rng(0), DRAWN, 5, 5, 1, 1, 1)  # effects that have nothing to do with each other
    assert covered(mean_interval(table, same_runs=True) for table in against) > LEAST


@pytest.mark.parametrize("row, own, both, rest", [(1, 0, 5, 0.3), (0, 0, 5, 1), (1, 0, 0, 0), (0.3, 1, 5, 0)])
def test_differences_are_known_to_their_intervals_and_no_worse_for_hard_opponents(row, own, both, rest):
    """An opponent may be hard for one of the two (``own``), which counts, or for ``both``, which doesn't."""
    rng = np.random.default_rng(1)
    opponents = both * rng.standard_normal((DRAWN, 1, 5))
    first, second = (tables(rng, DRAWN, 5, 5, row, own, rest) + opponents for _ in range(2))
    found = [*map(difference_interval, first, second)]
    assert covered(found) > LEAST
    widths = np.mean([each.high - each.low for each in found])
    apart = np.mean([each.high - each.low for each in map(mean_interval, first)])
    assert widths < apart or both == 0


def test_a_difference_is_that_of_the_means():
    rng = np.random.default_rng(2)
    first, second = rng.normal(size=(4, 3)), rng.normal(size=(6, 3))
    assert difference_interval(first, second).mean == pytest.approx(first.mean() - second.mean())
    there, back = difference_interval(first, second), difference_interval(second, first)
    assert (there.mean, there.low, there.high) == pytest.approx((-back.mean, -back.high, -back.low))
    assert difference_interval(first, first + 2) == pytest.approx(difference_interval(first, first) + np.array(-2.0))


# --- what can't be -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: cross_play(3, do_nothing, simple_tag()), "adversaries is 3; expected a policy such as spread_out"),
        (
            lambda: cross_play(do_nothing, MADDPG, simple_tag()),
            "good is .*MADDPG.*expected a policy such as .* or a learner",
        ),
        (lambda: cross_play(do_nothing, do_nothing), "world is not given"),
        (lambda: cross_play(do_nothing, do_nothing, "tag"), "world is 'tag'; expected a ParticleWorld"),
        (lambda: cross_play(do_nothing, do_nothing, simple_spread()), "all agents of simple_spread are on one side"),
        (lambda: cross_play(do_nothing, do_nothing, simple_tag(), episodes=0), "episodes is 0"),
        (lambda: cross_play(do_nothing, do_nothing, simple_tag(), episodes=10**9), "expected a whole number from 1 to"),
        (lambda: cross_play(do_nothing, do_nothing, simple_tag(), seed=-1), "seed is -1"),
        (lambda: cross_play(do_nothing, do_nothing, simple_tag(), seed=[0, 0.5]), r"seed\[1\] is 0.5"),
        (
            lambda: cross_play(lambda world: np.zeros(3), do_nothing, simple_tag()),
            r"^adversaries, <function.*>, says controls of shape \(3,\); expected \(1, 100, 4, 2\): two axes of copies",
        ),
        (lambda: mean_interval([1, 2]), r"table has shape \(2,\); expected two axes"),
        (lambda: mean_interval([[1, 2, 3]] * 2, same_runs=True), "as many columns as rows"),
        (lambda: mean_interval([[1, 2]], same_runs=1), "same_runs is 1; expected True or False"),
        (lambda: mean_interval([[1]]), "one seed on every side"),
        (lambda: mean_interval([[1], [np.nan]]), r"table\[1, 0\] is nan"),
        (lambda: difference_interval(np.ones((2, 2)), np.ones((2, 3))), "as many columns"),
    ],
)
def test_what_can_t_be_is_said(call, words):
    with pytest.raises(ValueError, match=words):
        call()


@pytest.mark.parametrize("change", [lambda said: said.reshape(4, -1, 2, 2), lambda said: said.swapaxes(1, 2)])
def test_controls_of_as_many_numbers_in_another_shape_are_refused(change):
    class Sideways(Pushes):
        def greedy(self, observations):
            return change(super().greedy(observations))

    pair = [Sideways((1, 0.5), 0), Pushes((-1, 0.25), 1)]
    for name, sides in (("adversaries", pair), ("good", pair[::-1])):
        with pytest.raises(ValueError, match=rf"^{name}, <.*, says controls of shape .*expected \(2, 8, 3, 2\)"):
            cross_play(*sides, simple_adversary(max_steps=3), episodes=4)


def test_learners_of_different_worlds_do_not_meet():
    hunters, prey = MADDPG(simple_tag(), **SMALL), DDPG(simple_tag(n_obstacles=1), **SMALL)
    with pytest.raises(
        ValueError, match=r"good learned in simple_tag, whose observation_sizes is .*as in this simple_tag"
    ):
        cross_play(hunters, prey)
    with pytest.raises(ValueError, match=r"adversaries learned in simple_tag, whose name is .* expected 'simple_push'"):
        cross_play(hunters, do_nothing, simple_push())

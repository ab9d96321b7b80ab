"""Learners of one method against learners of another, in a world of two sides.

In a world such as ``simple_tag`` a learner's own return says little: the hunters of a method may catch more because
they hunt better, or because the prey that learned beside them flees worse. Here the actors that learned to hunt meet
prey that learned elsewhere: each seed of one learner each seed of the other, all in the same beginnings. Compare
methods by a *row* or a *column* of such tables, against the same opponents.

The K x M entries of a table are not independent: a good seed of hunters lifts a whole row, a good seed of prey lowers a
whole column. How far their mean may be off is said by how the means of rows differ, and those of columns.

Legend of axes: K seeds of those who steer the adversaries, M of those who steer the good agents, W episodes of each
pair, N agents, F entries of an observation, C of a control, T steps.

Sources: R. Lowe et al., "Multi-agent actor-critic for mixed cooperative-competitive environments", NeurIPS 2017,
section 5.2, for the comparison; B. L. Welch, "The generalization of 'Student's' problem when several different
population variances are involved", Biometrika 34 (1947), for the number of degrees of freedom.
"""

from __future__ import annotations

import copy
from typing import NamedTuple

import numpy as np
from scipy.special import stdtrit

from marl_edu.games import checks
from marl_edu.games.particles import ParticleWorld
from marl_edu.games.particles.controllers import Episodes, play_episodes
from marl_edu.games.particles.physics import distances

FACTS = ("name", "agents", "observation_sizes", "action_sizes", "max_steps")  # by what two worlds are told apart
MOST = 100_000  # episodes of all pairs together: all of their steps are kept


class CrossPlay(NamedTuple):
    """How the seeds of two learners fared against each other.

    Parameters
    ----------
    returns : (K, M, N) array
        Mean undiscounted return of each agent.
    touches : (K, M) array
        In how many steps of an episode an adversary touched a good agent, summed over all such pairs; the mean. In
        ``simple_tag`` this is the number of catches.
    episodes : Episodes
        All of them; its arrays begin with the axes (K, M, W).
    """

    returns: np.ndarray
    touches: np.ndarray
    episodes: Episodes


class Interval(NamedTuple):
    """A mean and its 95 % confidence interval."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.1f} [{self.low:.1f}, {self.high:.1f}]"


def cross_play(adversaries, good, world: ParticleWorld | None = None, *, episodes: int = 100, seed=0) -> CrossPlay:
    """Let one learner's actors steer the adversaries, the other's the good agents, each seed against each.

    Parameters
    ----------
    adversaries, good : learner or function
        Who steers which side: a learner such as ``MADDPG``, greedily and each of its seeds, or a policy of the world
        such as ``do_nothing``, which counts as one seed.
    world : ParticleWorld, optional
        One with two sides; by default that of the learners.
    episodes : int
        W, for each pair of seeds.
    seed : int, or sequence of ints
        Of the beginnings, which are the same for all pairs, and for all tables with this seed.

    Returns
    -------
    CrossPlay

    Raises
    ------
    ValueError
        If a side is steered by neither, the learners learned in different worlds, or the world has one side only.

    Examples
    --------
    >>> from marl_edu.games import simple_tag
    >>> from marl_edu.learning import DDPG, MADDPG
    >>> small = dict(worlds=4, batch=8, hidden=8, critic_hidden=8)
    >>> hunters, prey = MADDPG(simple_tag(), seeds=2, **small), DDPG(simple_tag(), seeds=3, **small)
    >>> cross_play(hunters, prey, episodes=5).returns.shape  # the hunters' seeds, the prey's seeds, agents
    (2, 3, 4)
    """
    world = _world_of_two_sides(world, {"adversaries": adversaries, "good": good})
    k, m = (checks.integer("seeds", getattr(who, "seeds", 1), 1) for who in (adversaries, good))
    episodes = checks.integer("episodes", episodes, 1, max(1, MOST // (k * m)))
    beginnings = _entropy(seed)

    def act(world: ParticleWorld) -> np.ndarray:
        """Controls (K M, W, N, C): each side says some for all agents, those of its own agents count."""
        seen = world.observe().reshape(k, m, episodes, world.n_agents, -1)
        ones, others = _said(adversaries, world, seen), _said(good, world, seen.swapaxes(0, 1)).swapaxes(0, 1)
        return np.where(world.adversaries[:, np.newaxis], ones, others).reshape(k * m, episodes, world.n_agents, -1)

    rngs = [np.random.default_rng(beginnings) for _ in range(k * m)]
    played = play_episodes(world, act, rngs, episodes)
    played = Episodes(*(array.reshape(k, m, *array.shape[1:]) for array in played))
    return CrossPlay(played.returns.mean(axis=2), _touches(world, played.positions), played)


def _said(who, world: ParticleWorld, seen: np.ndarray) -> np.ndarray:
    """What a side would do, (K, M, W, N, C), a learner for what all see, (K, M, W, N, F), a policy for the world.

    A learner of K seeds takes all that its k-th meets as copies of one world.
    """
    is_learner = hasattr(who, "greedy")
    said = np.asarray(who.greedy(seen.reshape(len(seen), -1, *seen.shape[-2:])) if is_learner else who(world))
    expected = (*seen.shape[:-1], max(world.action_sizes))
    if said.size != np.prod(expected):
        raise ValueError(
            f"{checks.shown(who)} says controls of shape {said.shape}; "
            f"expected {np.prod(expected[:3])} copies, {expected[3]} agents, {expected[4]} controls"
        )
    return said.reshape(expected)


def _touches(world: ParticleWorld, positions: np.ndarray) -> np.ndarray:
    """Mean number of touches in an episode, (K, M), from positions (K, M, W, T + 1, N, 2)."""
    ones, others = world.adversaries, ~world.adversaries
    reach = world.sizes[ones, np.newaxis] + world.sizes[others]
    touching = distances(positions[..., 1:, ones, :], positions[..., 1:, others, :]) < reach
    return touching.sum(axis=(-3, -2, -1)).mean(axis=-1)


def _world_of_two_sides(world: ParticleWorld | None, sides: dict[str, object]) -> ParticleWorld:
    """A copy of the world that is played in, once all fits together."""
    for name, who in sides.items():
        if isinstance(who, type) or not (callable(who) or hasattr(who, "greedy")):
            raise ValueError(
                f"{name} is {checks.shown(who)}; expected a learner, such as MADDPG(simple_tag()), or a policy(world)"
            )
    games = {name: who.game for name, who in sides.items() if hasattr(who, "game")}
    if world is None and not games:
        raise ValueError("world is not given and no side is a learner; expected a world, such as simple_tag()")
    world = next(iter(games.values())) if world is None else world
    if not isinstance(world, ParticleWorld):
        raise ValueError(f"world is {checks.shown(world)}; expected a ParticleWorld such as simple_tag()")
    for name, game in games.items():
        for fact in FACTS:
            if (there := getattr(game, fact)) != (here := getattr(world, fact)):
                raise ValueError(f"{name} learned in a world whose {fact} is {there!r}; expected {here!r}, as here")
    if world.adversaries.all() or not world.adversaries.any():
        raise ValueError(f"all agents of {world.name} are on one side; expected a world of two, such as simple_tag()")
    return copy.deepcopy(world)


def _entropy(seed) -> int | list[int]:
    """A seed as ``numpy.random.default_rng`` takes it."""
    if checks.length(seed):
        return [checks.integer(f"seed[{i}]", one, 0) for i, one in enumerate(seed)]
    return checks.integer("seed", seed, 0)


def mean_interval(table, *, same_runs: bool = False) -> Interval:
    """The mean of a table of cross-play, and its 95 % confidence interval for *new* seeds of both sides.

    If every entry is mu + a_k + b_m + e_km with independent effects, the variance of the mean is

        var a / K + var b / M + var e / (K M),

    and (variance of the row means) / K + (variance of the column means) / M is a little more in expectation: it counts
    e twice, so that the interval is a little wide. Student's t has Welch's degrees of freedom. A side with a single row
    or column counts as the opponent that is meant. Where a learner meets itself, a good a_k may come with a good b_k:
    then the runs are the only draws, and the variance is (variance of a run's row mean + column mean) / K.

    Parameters
    ----------
    table : (K, M) array
        One number for each pair of seeds, such as ``played.returns[..., 0]``. K or M is two at least.
    same_runs : bool
        Whether the rows are the same runs as the columns, so that K = M.

    Examples
    --------
    Two seeds that differ by 2, against opponents that are all alike: the t interval of two numbers.

    >>> print(mean_interval([[1, 1, 1], [3, 3, 3]]))
    2.0 [-10.7, 14.7]
    """
    table = _table("table", table)
    rows, columns = table.mean(axis=1), table.mean(axis=0)
    if not checks.flag("same_runs", same_runs):
        return _interval(table.mean(), rows, columns)
    if len(rows) != len(columns):
        raise ValueError(f"table has shape {table.shape}; expected as many columns as rows, if they are the same runs")
    return _interval(table.mean(), rows + columns)


def difference_interval(first, second) -> Interval:
    """By how much the mean of one table is above that of another with the *same opponents* in its columns.

    What opponents are hard for both falls out of the difference, so that it is known better than by comparing two
    intervals by eye. For the same opponents in rows, give the transposed tables.

    Parameters
    ----------
    first, second : (K, M) and (K', M) arrays
        Column m of both: against the same seed of the same opponents, and in the same beginnings.

    Examples
    --------
    Opponents that differ by far, and equally for both:

    >>> print(difference_interval([[2, 52], [3, 53]], [[0, 50], [1, 51]]))
    2.0 [-1.0, 5.0]
    """
    first, second = _table("first", first), _table("second", second)
    if first.shape[1] != second.shape[1]:
        raise ValueError(
            f"first has shape {first.shape} and second {second.shape}; expected as many columns, one for each opponent"
        )
    columns = first.mean(axis=0) - second.mean(axis=0)
    return _interval(columns.mean(), first.mean(axis=1), second.mean(axis=1), columns)


def _interval(mean: float, *effects: np.ndarray) -> Interval:
    """A mean whose variance is the sum of those of the means of independent groups of numbers (Welch, 1947)."""
    groups = [group for group in effects if len(group) > 1]
    if not groups:
        raise ValueError("there is one seed on every side; expected two at least of one, to see how far seeds differ")
    shares = np.array([group.var(ddof=1) / len(group) for group in groups])
    if not shares.any():
        return Interval(float(mean), float(mean), float(mean))
    freedom = shares.sum() ** 2 / (shares**2 / [len(group) - 1 for group in groups]).sum()
    half = stdtrit(freedom, 0.975) * np.sqrt(shares.sum())
    return Interval(float(mean), float(mean - half), float(mean + half))


def _table(name: str, given) -> np.ndarray:
    table = checks.array(name, given)
    if table.ndim != 2 or not table.size:
        raise ValueError(
            f"{name} has shape {table.shape}; expected two axes, seeds by seeds, as played.returns[..., i] has them"
        )
    return table

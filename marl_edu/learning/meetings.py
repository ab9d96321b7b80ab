"""Learners of one method against learners of another, in a world of two sides.

In a world such as ``simple_tag`` a learner's own return says little: the hunters of a method may catch more because
they hunt better, or because the prey that learned beside them flees worse. Here the actors that learned to hunt meet
prey that learned elsewhere: each seed of one learner each seed of the other, all in the same beginnings. Compare
methods by a *row* or a *column* of such tables, against the same opponents.

The K x M entries of a table are not independent; how far their mean may be off, ``intervals.py`` says.

Legend of axes: K seeds of those who steer the adversaries, M of those who steer the good agents, W episodes of each
pair, N agents, F entries of an observation, C of a control, T steps.

Source: R. Lowe et al., "Multi-agent actor-critic for mixed cooperative-competitive environments", NeurIPS 2017, section
5.2.
"""

from __future__ import annotations

import copy
from typing import NamedTuple

import numpy as np

from marl_edu.games import checks
from marl_edu.games.particles import ParticleWorld
from marl_edu.games.particles.controllers import Episodes, play_episodes
from marl_edu.games.particles.physics import distances
from marl_edu.learning.steered import SEEN, expect_same_world, expect_steering, is_learner

FACTS = ("name", *SEEN, "max_steps")  # by what two worlds are told apart: returns must mean the same
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
        ones = _said("adversaries", adversaries, world, seen)
        others = _said("good", good, world, seen.swapaxes(0, 1)).swapaxes(0, 1)
        return np.where(world.adversaries[:, np.newaxis], ones, others).reshape(k * m, episodes, world.n_agents, -1)

    rngs = [np.random.default_rng(beginnings) for _ in range(k * m)]
    played = play_episodes(world, act, rngs, episodes)
    played = Episodes(*(array.reshape(k, m, *array.shape[1:]) for array in played))
    return CrossPlay(played.returns.mean(axis=2), _touches(world, played.positions), played)


def _said(side: str, who, world: ParticleWorld, seen: np.ndarray) -> np.ndarray:
    """What a side would do, (K, M, W, N, C), a learner for what all see, (K, M, W, N, F), a policy for the world.

    A learner of K seeds takes all that its k-th meets as copies of one world.
    """
    k, m, episodes, agents, features = seen.shape
    if is_learner(who):
        said, copies = np.asarray(who.greedy(seen.reshape(k, m * episodes, agents, features))), (k, m * episodes)
    else:
        said, copies = np.asarray(who(world)), world.copies
    expected = (*copies, agents, max(world.action_sizes))
    if said.shape != expected:
        raise ValueError(
            f"{side}, {checks.shown(who)}, says controls of shape {said.shape}; "
            f"expected {expected}: two axes of copies of the world, agents, controls"
        )
    return said.reshape(k, m, episodes, *expected[2:])


def _touches(world: ParticleWorld, positions: np.ndarray) -> np.ndarray:
    """Mean number of touches in an episode, (K, M), from positions (K, M, W, T + 1, N, 2)."""
    ones, others = world.adversaries, ~world.adversaries
    reach = world.sizes[ones, np.newaxis] + world.sizes[others]
    touching = distances(positions[..., 1:, ones, :], positions[..., 1:, others, :]) < reach
    return touching.sum(axis=(-3, -2, -1)).mean(axis=-1)


def _world_of_two_sides(world: ParticleWorld | None, sides: dict[str, object]) -> ParticleWorld:
    """A copy of the world that is played in, once all fits together."""
    for name, who in sides.items():
        expect_steering(name, who)
    games = {name: who.game for name, who in sides.items() if hasattr(who, "game")}
    if world is None and not games:
        raise ValueError("world is not given and no side is a learner; expected a world, such as simple_tag()")
    world = next(iter(games.values())) if world is None else world
    if not isinstance(world, ParticleWorld):
        raise ValueError(f"world is {checks.shown(world)}; expected a ParticleWorld such as simple_tag()")
    for name, game in games.items():
        expect_same_world(name, game, world, FACTS)
    if world.adversaries.all() or not world.adversaries.any():
        raise ValueError(f"all agents of {world.name} are on one side; expected a world of two, such as simple_tag()")
    return copy.deepcopy(world)


def _entropy(seed) -> int | list[int]:
    """A seed as ``numpy.random.default_rng`` takes it."""
    if checks.length(seed):
        return [checks.integer(f"seed[{i}]", one, 0) for i, one in enumerate(seed)]
    return checks.integer("seed", seed, 0)

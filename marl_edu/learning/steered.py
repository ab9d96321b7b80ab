"""Who may steer agents of a particle world: a learner, or a policy of the world. Is it one of these, and of this world?

A *policy* is a function of the world that returns controls of all agents, such as ``spread_out``; a *learner* has
``greedy(observations)``, ``seeds`` runs, and the world in which it learned as ``game``, such as ``MADDPG(world)``.

Legend of axes: K runs of a learner, N agents, A entries of a control.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from marl_edu.games import ParticleWorld, checks

SEEN = ("agents", "observation_sizes", "action_sizes")
"""What a learner's networks are made for."""


def is_learner(who) -> bool:
    """Whether it steers by observations."""
    return hasattr(who, "greedy")


def expect_steering(name: str, who) -> None:
    """Raise a ``ValueError`` where this is neither a learner nor a policy.

    >>> expect_steering("partners", 3)
    Traceback (most recent call last):
        ...
    ValueError: partners is 3; expected a policy such as spread_out (without brackets), or a learner such as MADDPG(...
    """
    if isinstance(who, type) or not (callable(who) or is_learner(who)):
        raise ValueError(
            f"{name} is {checks.shown(who)}; expected a policy such as spread_out (without brackets), "
            "or a learner such as MADDPG(world)"
        )


def expect_same_world(name: str, learned: ParticleWorld, world: ParticleWorld, facts: tuple[str, ...] = SEEN) -> None:
    """Raise a ``ValueError`` where the world in which somebody learned differs from another in one of these facts.

    >>> from marl_edu.games import simple_push, simple_tag
    >>> expect_same_world("good", simple_push(), simple_tag(), ("name", *SEEN))
    Traceback (most recent call last):
        ...
    ValueError: good learned in simple_push, whose name is 'simple_push'; expected 'simple_tag', as in this simple_tag
    """
    for fact in facts:
        if (there := getattr(learned, fact)) != (here := getattr(world, fact)):
            raise ValueError(
                f"{name} learned in {learned.name}, whose {fact} is {there!r}; "
                f"expected {here!r}, as in this {world.name}"
            )


def policy_of(name: str, who, world: ParticleWorld, run: int) -> Callable[[ParticleWorld], np.ndarray]:
    """A function from this world without copies to controls (N, A), of a policy or of one run of a learner."""
    expect_steering(f"{name}: partners", who)
    if not is_learner(who):
        return who
    run = checks.integer(f"{name}: run", run, 0, who.seeds - 1)
    expect_same_world(f"{name}: partners", who.game, world)

    def policy(at: ParticleWorld) -> np.ndarray:
        seen = at.observe()[np.newaxis]  # one copy; every run of the learner sees the same
        return who.greedy(np.repeat(seen[np.newaxis], who.seeds, axis=0))[run, 0]

    return policy


def name_of(who) -> str:
    """What people call a policy: a learner's title, a function's name.

    >>> from marl_edu.games.particles.controllers import spread_out
    >>> name_of(spread_out)
    'spread out'
    """
    title = getattr(who, "title", None) or getattr(who, "__name__", "")
    return str(title).replace("_", " ") if title and "<" not in title else "the policy"

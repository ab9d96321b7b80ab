"""Speaker and listener, hunters and prey: whether MADDPG shows the learned behaviour within two minutes of one core.

Five seeds learn at once and get one minute, all of them together: processor seconds of this process, one thread, only
training. Then each seed plays greedily from beginnings that no learning has seen. Return alone does not say what has
been learned, so that this asks for the behaviour itself:

- *speaker and listener*: at the end the listener is nearer to the goal than to both other landmarks, and within half a
  unit of it. A listener that does not listen finds the nearest of three in one episode of three. To show that words do
  it, the same listener also hears what was said in another episode;
- *hunters and prey*: contacts per episode, that is pairs of hunter and prey that touch at the end of a step. Learned
  hunters must touch prey far more often than hunters do that act at random, and more often a prey that has learned to
  flee; a learned prey must be touched less than one that acts at random. Each compares two against the same opponent.

    python -m benchmarks particle_behaviour     three minutes

Legend of axes: K seeds, W copies of the world, T steps, N agents, A entries of a control, F of an observation.
"""

from __future__ import annotations

import numpy as np
from scipy.stats import t as student

from benchmarks import Figure, bench_maddpg
from marl_edu.games.particles import simple_speaker_listener, simple_tag
from marl_edu.games.particles.controllers import at_random, do_nothing, play_episodes
from marl_edu.games.particles.speaker_listener import LISTENER, SPEAKER
from marl_edu.learning import MADDPG, cross_play

SECONDS = 60
SETTINGS = bench_maddpg.SETTINGS | {"noise_updates": 5000}
"""All else is the learner's default. With layers of 32, batches of 64 and 16 copies of the world an update takes a
third of the time, but after a minute .60 of the episodes end at the goal, not .85."""
SEEDS, EPISODES = 5, 400
NEAR = 0.5
"""A circle of this radius covers a fifth of the square in which landmarks begin."""


def trained(world, seconds: float, seeds: int) -> tuple[MADDPG, float]:
    """A learner after so many processor seconds of training, and how many it were."""
    learner = MADDPG(world, seeds=seeds, **SETTINGS)
    return learner, bench_maddpg.train(learner, seconds)


def play(world, policy, seeds: int, episodes: int):
    """Episodes (K, W, ...) from the same beginnings for every policy."""
    return play_episodes(world, policy, [np.random.default_rng([10_000, k]) for k in range(seeds)], episodes)


def figure(name: str, shares: np.ndarray, **bounds) -> Figure:
    """The mean of numbers (K,), one for each seed, and how far it may be off."""
    shares, note = np.asarray(shares, dtype=float), bounds.pop("note", "")
    found = f"seeds: {', '.join(f'{one:.2f}' for one in sorted(shares))}"
    if len(shares) > 1:
        half = student.ppf(0.975, len(shares) - 1) * shares.std(ddof=1) / len(shares) ** 0.5
        found = f"+- {half:.2g} (95 %); {found}"
    return Figure(name, float(shares.mean()), note="; ".join(filter(None, [found, note])), **bounds)


# --- speaker and listener --------------------------------------------------------------------------------------------


def arrived(played) -> np.ndarray:
    """Share of the episodes that end near the goal and nearer to it than to any other landmark, (K,)."""
    away = np.linalg.norm(played.landmarks - played.positions[..., -1, LISTENER, np.newaxis, :], axis=-1)  # K, W, L
    goal = np.take_along_axis(away, played.goals[..., np.newaxis], axis=-1)[..., 0]
    return ((away.argmin(axis=-1) == played.goals) & (goal < NEAR)).mean(axis=-1)


def hearing_another(learner: MADDPG):
    """The learned policy, but listeners hear what is said in the next copy of the world, where the goal may differ."""

    def policy(world):
        observations, words = world.observe(), world.vocabulary
        end = world.observation_sizes[LISTENER]
        observations[..., LISTENER, end - words : end] = np.roll(world.words[..., SPEAKER, :], 1, axis=1)
        return learner.greedy(observations)

    return policy


def speaking(seconds: float = SECONDS, seeds: int = SEEDS, episodes: int = EPISODES) -> list[Figure]:
    """Figures of ``simple_speaker_listener``."""
    learner, spent = trained(simple_speaker_listener(), seconds, seeds)
    world, title = simple_speaker_listener(), "speaker and listener: share at the goal"
    note = f"after {spent:.0f} CPU-s, {learner.units_done:,} updates of {seeds} seeds"
    policies = {
        "doing nothing": do_nothing,
        "random play": at_random(np.random.default_rng(1)),
        "learned, hearing another's word": hearing_another(learner),
    }
    others = [figure(f"{title}, {name}", arrived(play(world, policy, seeds, episodes)))
              for name, policy in policies.items()]  # fmt: skip
    found = arrived(play(world, lambda at: learner.greedy(at.observe()), seeds, episodes))
    return [figure(f"{title}, learned", found, at_least=0.7, note=note), *others]


# --- hunters and prey ------------------------------------------------------------------------------------------------


def contacts(hunters, prey, world, episodes: int) -> np.ndarray:
    """Pairs of hunter and prey that touch, summed over the steps of an episode, mean over episodes, (K,).

    Where both have learned, seed k's hunters meet the prey that learned beside them.
    """
    table = cross_play(hunters, prey, world, episodes=episodes, seed=10_000).touches
    return table.diagonal() if hunters is prey else table.ravel()


def hunting(seconds: float = SECONDS, seeds: int = SEEDS, episodes: int = EPISODES) -> list[Figure]:
    """Figures of ``simple_tag``."""
    learner, spent = trained(simple_tag(), seconds, seeds)
    world, chance = simple_tag(), at_random(np.random.default_rng(1))
    policies = {"learned": learner, "random": chance}
    found = {
        (one, other): contacts(hunters, prey, world, episodes if learner in (hunters, prey) else episodes * seeds)
        for one, hunters in policies.items()
        for other, prey in policies.items()
    }
    figures = [
        figure(f"tag: contacts per episode, {one} hunters, {other} prey", each) for (one, other), each in found.items()
    ]
    means = {pair: each.mean() for pair, each in found.items()}

    def ratio(name: str, pair: tuple[str, str], other: tuple[str, str], at_least: float) -> Figure:
        return Figure(f"tag: {name}", means[pair] / means[other], at_least=at_least, note=note)

    note = f"of the means; after {spent:.0f} CPU-s, {learner.units_done:,} updates of {seeds} seeds"
    return [
        *figures,
        ratio("learned / random hunters, of random prey", ("learned", "random"), ("random", "random"), 4),
        ratio("learned / random hunters, of learned prey", ("learned", "learned"), ("random", "learned"), 1.5),
        ratio("random / learned prey, by learned hunters", ("learned", "random"), ("learned", "learned"), 1.5),
    ]


def measure() -> list[Figure]:
    """All figures of this module."""
    return [*speaking(), *hunting()]

"""Lesson 10: what is an episode of simple_spread worth? Four numbers for one episode, which must never be mixed.

Legend of axes: T steps, L landmarks, N agents.
"""

from __future__ import annotations

import numpy as np

from marl_edu.exercises import Exercise, Property
from marl_edu.exercises.judge import mistake

KEYS = "MPE2", "MPE2 summed", "original", "original summed"


def four_returns(nearest, touching):
    """Return of one episode, as MPE2 pays with local_ratio 0.5 and as the original code does; each also summed."""
    n_steps, n_agents = touching.shape[:2]
    team = -nearest.sum()
    with_itself = touching.sum()
    with_others = with_itself - n_steps * n_agents
    mpe2 = 0.5 * team - 0.5 * with_others / n_agents
    original = n_agents * team - with_itself
    return {
        "MPE2": mpe2,
        "MPE2 summed": n_agents * mpe2,
        "original": original,
        "original summed": n_agents * original,
    }


# --- wrong answers -------------------------------------------------------------------------------------------------
def _returns(mpe2=None, original=None, summed=lambda each, n: n * each):
    """Four returns, of which some are made otherwise.

    Both functions get, summed over the steps: the team's reward, touches of other agents, touches of oneself, and N.
    """
    mpe2 = mpe2 or (lambda team, others, itself, n: 0.5 * team - 0.5 * others / n)
    original = original or (lambda team, others, itself, n: n * team - others - itself)

    def wrong(nearest, touching):
        n_steps, n, _ = touching.shape
        counts = -float(nearest.sum()), float(touching.sum() - n_steps * n), float(n_steps * n), n
        one, other = mpe2(*counts), original(*counts)
        return dict(zip(KEYS, (one, summed(one, n), other, summed(other, n)), strict=True))

    return wrong


def _mean_over_steps(nearest, touching):
    return {name: value / len(nearest) for name, value in four_returns(nearest, touching).items()}


def _signs_turned(nearest, touching):
    return {name: -value for name, value in four_returns(nearest, touching).items()}


def _mean_over_landmarks(nearest, touching):
    return four_returns(nearest / nearest.shape[1], touching)


# --- cases ---------------------------------------------------------------------------------------------------------
def _episodes(chance, *sizes):
    """Episodes of sizes (T, N) in which any two agents touch with this chance, and at least once if it is not 0."""

    def cases(rng):
        found = []
        for n_steps, n in sizes:
            nearest = np.round(rng.uniform(0.1, 1.2, size=(n_steps, n)), 1)
            pairs = np.triu(rng.random((n_steps, n, n)) < chance, k=1)
            pairs[rng.integers(n_steps), 0, 1] |= chance > 0
            found.append((nearest, pairs | pairs.transpose(0, 2, 1) | np.eye(n, dtype=bool)))
        return found

    return cases


returns = Exercise(
    name="10.returns",
    title="One episode, four returns",
    objective="10.5",
    minutes=7,
    difficulty=1,
    task=(
        "Four papers report the same episode of `simple_spread` by four numbers. `nearest` (T, L) is, for each step "
        "and landmark, the distance to the agent that is nearest to it; `touching` (T, N, N) says who overlaps whom, "
        "and everybody overlaps itself. Return a dict with the four returns, undiscounted sums over the steps:\n\n"
        '- `"MPE2"`: an agent is paid one half of the team\'s reward (minus the sum of `nearest`) and one half of its '
        "own (minus 1 for each *other* agent that it touches); the mean of the agents' returns;\n"
        '- `"MPE2 summed"`: the sum of the agents\' returns;\n'
        '- `"original"`: the first published code has for each agent minus the sum of `nearest`, minus 1 for each '
        "agent that it touches, *itself included*; then everybody is paid the sum of all these. One agent's return;\n"
        '- `"original summed"`: the sum of the agents\' returns.'
    ),
    stub='''
def four_returns(nearest, touching):
    """Return a dict: "MPE2", "MPE2 summed", "original", "original summed"."""
    ...
''',
    solution=four_returns,
    properties=[
        Property("nobody touches another agent, in one step and in several", _episodes(0, (1, 2), (1, 2), (2, 2))),
        Property("two agents touch, and each of them is charged for it", _episodes(0.5, (1, 2), (2, 2), (4, 2))),
        Property("the same holds for larger teams", _episodes(0.3, (2, 3), (5, 3), (4, 4))),
    ],
    misconceptions=[
        mistake(
            "everybody collides with itself in MPE2 too",
            "MPE2 counts *other* agents only. To count oneself lowers everybody's return by a constant, and makes two "
            "papers differ who have learned the same.",
            _returns(mpe2=lambda team, others, itself, n: 0.5 * team - 0.5 * (others + itself) / n),
        ),
        mistake(
            "nobody collides with itself in the original",
            "It should be so, but the original code also asks each agent whether it overlaps with itself, and the "
            "answer is always yes: `touching` as it is.",
            _returns(original=lambda team, others, itself, n: n * team - others),
        ),
        mistake(
            "what everybody is paid is the mean",
            "In the original everybody is paid the *sum* of all agents' rewards, so the distances count once for each "
            "agent.",
            _returns(original=lambda team, others, itself, n: team - (others + itself) / n),
        ),
        mistake(
            "the distances count once in the original",
            "Every agent's own reward has the distances in it. Added up over the agents, they count N times.",
            _returns(original=lambda team, others, itself, n: team - others - itself),
        ),
        mistake(
            "without the halves",
            "With `local_ratio` 0.5 the team's reward and the agent's own are each weighed with one half.",
            _returns(mpe2=lambda team, others, itself, n: team - others / n),
        ),
        mistake(
            "a half for the distances only",
            "Both parts get a weight: `1 - local_ratio` for the team's reward and `local_ratio` for the agent's own, "
            "which are both one half.",
            _returns(mpe2=lambda team, others, itself, n: 0.5 * team - others / n),
        ),
        mistake(
            "a half for the collisions only",
            "Both parts get a weight: `1 - local_ratio` for the team's reward and `local_ratio` for the agent's own, "
            "which are both one half.",
            _returns(mpe2=lambda team, others, itself, n: team - 0.5 * others / n),
        ),
        mistake(
            "all collisions are charged to everybody in MPE2",
            "In MPE2 an agent pays for its *own* collisions. (In the original everybody pays for everybody's.)",
            _returns(mpe2=lambda team, others, itself, n: 0.5 * team - 0.5 * others),
        ),
        mistake(
            "a collision is charged once for both",
            "Two agents that touch are two entries of `touching`, and each of them is charged.",
            _returns(
                mpe2=lambda team, others, itself, n: 0.5 * team - 0.25 * others / n,
                original=lambda team, others, itself, n: n * team - others / 2 - itself,
            ),
        ),
        mistake(
            "the sum is one agent's return",
            "The sum over the agents is N times what one of them gets on average.",
            _returns(summed=lambda each, n: each),
        ),
        mistake(
            "the mean over the steps",
            "A return is the *sum* of an episode's rewards. Say so where you report it: some write down means.",
            _mean_over_steps,
        ),
        mistake(
            "the mean over the landmarks",
            "The distances of all landmarks are *added*.",
            _mean_over_landmarks,
        ),
        mistake("the wrong sign", "Distances and collisions are costs: they make returns negative.", _signs_turned),
    ],
    hints=[
        "Two numbers make all four: the sum of `nearest`, and how many entries of `touching` are true, with or without "
        "the diagonal, which adds one for each step and agent.",
        "With `n_steps, n_agents = touching.shape[:2]`: touches of others, over all agents, are `touching.sum() - "
        "n_steps * n_agents`. Divide by `n_agents` for one agent's share.",
        "MPE2: `-0.5 * nearest.sum() - 0.5 * others / n_agents`. Original: `-n_agents * nearest.sum() - "
        "touching.sum()`. Each summed: times `n_agents`.",
    ],
    equivalent=["= nearest.shape"],  # as many landmarks as agents
)

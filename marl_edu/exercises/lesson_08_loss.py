"""Lesson 08: the loss of VDN, one for the whole team.

Legend of axes: B transitions in the batch, N agents, A actions of each.
"""

from __future__ import annotations

import numpy as np

from marl_edu.exercises import Exercise, Property
from marl_edu.exercises.judge import mistake


def vdn_loss(chosen, rewards, terminated, truncated, next_values, discount):
    """Mean squared error of the sum of the agents' values, against one target for the team."""
    future = next_values.max(axis=2).sum(axis=1)
    targets = rewards + discount * (1 - terminated) * future
    errors = targets - chosen.sum(axis=1)
    return (errors**2).mean()


# --- wrong answers -------------------------------------------------------------------------------------------------
def _sum_of_best(next_values):
    return next_values.max(axis=2).sum(axis=1)


def _loss(*, future=_sum_of_best, together=lambda chosen: chosen.sum(axis=1), ends=lambda end, cut: end,
          discounted=lambda discount, n: discount, reward=lambda r, discount, n: r,
          loss=lambda errors: (errors**2).mean()):  # fmt: skip
    """VDN's loss with one of its parts changed; n is the number of agents."""

    def wrong(chosen, rewards, terminated, truncated, next_values, discount):
        n = chosen.shape[1]
        goes_on = ~ends(terminated, truncated)
        targets = reward(rewards, discount, n) + discounted(discount, n) * goes_on * future(next_values)
        return float(loss(targets - together(chosen)))

    return wrong


def _independent(chosen, rewards, terminated, truncated, next_values, discount):
    """Errors (B, N) of agents that each learn for themselves from the team's reward."""
    return rewards[:, None] + discount * ~terminated[:, None] * next_values.max(axis=2) - chosen


def _team_target_for_each(chosen, rewards, terminated, truncated, next_values, discount):
    targets = rewards + discount * ~terminated * _sum_of_best(next_values)
    return float(((targets[:, None] - chosen) ** 2).mean())


# --- cases ---------------------------------------------------------------------------------------------------------
def _batches(terminated=0.0, truncated=0.0, sizes=((1, 2, 2), (1, 2, 2), (2, 2, 2), (3, 2, 3), (4, 3, 2), (5, 4, 3))):
    """Batches in which these shares of the transitions (at least one, if any) end or are cut off."""

    def flags(share, n, rng):
        chosen = rng.random(n) < share
        return chosen | (np.arange(n) == rng.integers(n)) if share else chosen

    def cases(rng):
        return [
            (
                np.round(rng.uniform(-4, 9, size=(b, n)), 1),
                np.round(rng.uniform(-4, 9, size=b), 1),
                flags(terminated, b, rng),
                flags(truncated, b, rng),
                np.round(rng.uniform(-9, -1 if k % 2 else 9, size=(b, n, a)), 1),
                float(np.round(rng.uniform(0.5, 0.9), 1)),
            )
            for k, (b, n, a) in enumerate(sizes)
        ]

    return cases


loss = Exercise(
    name="08.loss",
    title="One loss for the team",
    objective="08.3",
    minutes=8,
    difficulty=2,
    task=(
        "Write VDN's loss for a batch of B transitions of N agents. `chosen` (B, N) is what each agent's network says "
        "of the action that it took; `rewards` (B,) is what the *team* was paid; `terminated` and `truncated` (B,) say "
        "whether the world came to an end with this transition, or was cut off by a time limit; `next_values` "
        "(B, N, A) are the target networks' values of all actions at each agent's next observation. Return the mean "
        "over the batch of the squared error of the team's value: one number."
    ),
    stub='''
def vdn_loss(chosen, rewards, terminated, truncated, next_values, discount):
    """Return the mean squared error of the sum of the agents' values."""
    ...
''',
    solution=vdn_loss,
    properties=[
        Property("the team's value is a sum, and its target one for all", _batches()),
        Property("after the end there is no future", _batches(terminated=0.5)),
        Property("a time limit is no end", _batches(truncated=0.5)),
        Property("an end at the time limit is an end", _batches(terminated=0.6, truncated=0.6)),
    ],
    misconceptions=[
        mistake(
            "each agent learns for itself",
            "This is independent Q-learning: every agent's value on its own is pulled towards the whole team's reward. "
            "VDN has *one* error, of the sum, so the agents share what there is to explain.",
            lambda *batch: float((_independent(*batch) ** 2).mean()),
        ),
        mistake(
            "each agent learns for itself, and the losses are added",
            "This is independent Q-learning. Add the *values* before you take the error, not the losses after it.",
            lambda *batch: float((_independent(*batch) ** 2).sum(axis=1).mean()),
        ),
        mistake(
            "the sum is asked of each agent alone",
            "The target is the team's, but each agent's value is compared with it alone. It is their sum that has to "
            "reach it.",
            _team_target_for_each,
        ),
        mistake(
            "the reward is counted once for each agent",
            "Each agent's own target was formed and all were added, with the team's reward in every one of them. The "
            "team is paid once.",
            _loss(reward=lambda r, discount, n: n * r),
        ),
        mistake(
            "one maximum for the whole team",
            "The largest value of all agents and actions belongs to one agent. Each agent has a best action: take the "
            "largest value of each, and add these.",
            _loss(future=lambda v: v.max(axis=(1, 2))),
        ),
        mistake(
            "all agents take the same action",
            "Here the agents' values were added for each *number of action* before the maximum. The agents choose each "
            "for itself: first the maximum over the actions of each, then the sum.",
            _loss(future=lambda v: v.sum(axis=1).max(axis=1)),
        ),
        mistake(
            "agents and actions are mixed up",
            "The axes of `next_values` are (B, N, A): the maximum is over the last one, the actions.",
            _loss(future=lambda v: v.max(axis=1).sum(axis=1)),
        ),
        mistake(
            "the mean of the agents instead of the sum",
            "VDN is a sum. With a mean, each agent's value would have to be N times as large.",
            _loss(future=lambda v: v.max(axis=2).mean(axis=1), together=lambda chosen: chosen.mean(axis=1)),
        ),
        mistake(
            "the future is a mean over the agents",
            "The value of the next step is the team's as well: the *sum* of what the agents expect.",
            _loss(future=lambda v: v.max(axis=2).mean(axis=1)),
        ),
        mistake(
            "discounted once for each agent",
            "One step later is one step later for all: the future is multiplied by the discount once, however many "
            "agents there are.",
            _loss(discounted=lambda discount, n: discount**n),
        ),
        mistake(
            "the future counts once for each agent",
            "The sum over the agents is taken already; it is not multiplied by their number.",
            _loss(discounted=lambda discount, n: n * discount),
        ),
        mistake(
            "a time limit is an end",
            "The world did not end, somebody stopped watching: a truncated transition has a future. (Only `terminated` "
            "takes it away.)",
            _loss(ends=lambda end, cut: end | cut),
        ),
        mistake(
            "the end has a future",
            "Nothing follows a terminal state: where `terminated` is true, the target is the reward alone.",
            _loss(ends=lambda end, cut: np.zeros_like(end)),
        ),
        mistake(
            "the limit overrules the end",
            "If the world ends in the very step at which the time limit strikes, it has ended all the same.",
            _loss(ends=lambda end, cut: end & ~cut),
        ),
        mistake(
            "the two ends are mixed up",
            "It is `terminated` that takes the future away; `truncated` does not.",
            _loss(ends=lambda end, cut: cut),
        ),
        mistake(
            "discount forgotten",
            "What comes one step later counts `discount` times as much.",
            _loss(discounted=lambda discount, n: 1.0),
        ),
        mistake(
            "the reward is discounted as well",
            "The reward is paid for this step and counts in full.",
            _loss(reward=lambda r, discount, n: discount * r),
        ),
        mistake(
            "average instead of best",
            "The target asks what the team could earn if each acted best from the next step on: the largest value of "
            "each agent.",
            _loss(future=lambda v: v.mean(axis=2).sum(axis=1)),
        ),
        mistake(
            "numbers of the best actions instead of their values",
            "`argmax` says which actions are best; the target needs what they are worth.",
            _loss(future=lambda v: v.argmax(axis=2).sum(axis=1)),
        ),
        mistake(
            "the sum over the batch",
            "The loss is the mean over the batch, so that the size of the step does not depend on the batch's.",
            _loss(loss=lambda errors: (errors**2).sum()),
        ),
        mistake(
            "the mean is squared",
            "First square, then take the mean; otherwise errors of opposite signs cancel.",
            _loss(loss=lambda errors: errors.mean() ** 2),
        ),
        mistake("not squared", "These are absolute errors.", _loss(loss=lambda errors: np.abs(errors).mean())),
        mistake(
            "half of it",
            "The factor one half makes the gradient look nicer, but the mean squared error has none.",
            _loss(loss=lambda errors: (errors**2).mean() / 2),
        ),
    ],
    hints=[
        "The team's value is `chosen.sum(axis=1)`, one number for each transition. What is its target?",
        "The best that the team expects from the next step: each agent's best action, `next_values.max(axis=2)`, and "
        "the sum of these over the agents.",
        "`targets = rewards + discount * (1 - terminated) * future`; the errors are `targets - chosen.sum(axis=1)`; "
        "return the mean of their squares.",
    ],
    equivalent=["chosen.sum(axis=1) - targets"],  # errors are squared
)

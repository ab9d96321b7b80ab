"""Lesson 10: the targets of the centralised critics, each target actor on its own next observation.

Legend of axes: B transitions in the batch, N agents, F entries of an observation; an agent's action is one number.
"""

from __future__ import annotations

import numpy as np

from marl_edu.exercises import Exercise, Property
from marl_edu.exercises.judge import mistake
from marl_edu.exercises.lesson_10_tiny import actor_of, critic_of


def maddpg_targets(batch, actors, critics, slow_actors, slow_critics, discount):
    """For each agent's critic r_i + discount (1 - d) Q_i(o', mu_1(o'_1), ..., mu_N(o'_N)), all from target networks."""
    seen = batch["next_observations"]
    actions = np.stack([actor(seen[:, j]) for j, actor in enumerate(slow_actors)], axis=1)
    futures = np.stack([critic(seen, actions) for critic in slow_critics], axis=1)
    goes_on = 1 - batch["terminated"][:, None]
    return batch["rewards"] + discount * goes_on * futures


def run(function, batch, actors, critics, slow_actors, slow_critics, discount):
    """Use a student's function with networks made of weights."""
    live = [actor_of(weights) for weights in actors], [critic_of(row) for row in critics]
    slow = [actor_of(weights) for weights in slow_actors], [critic_of(row) for row in slow_critics]
    return function(batch, *live, *slow, discount)


# --- wrong answers -------------------------------------------------------------------------------------------------
def _own(observations, i, j):
    """What actor j is fed with for the target of agent i: its own observation."""
    return observations[:, j]


def _targets(*, fed=_own, live_actors=False, live_critics=False, actors_see="next_observations",
             critics_see="next_observations", judge=lambda i: i, speaks=lambda i, j: j,
             does=lambda actions, batch, i: actions, reward=lambda rewards: rewards,
             ends=lambda batch: batch["terminated"], discounted=lambda discount, n: discount):  # fmt: skip
    """The targets with one of their parts changed; agent i is the one whose target it is."""

    def wrong(batch, actors, critics, slow_actors, slow_critics, discount):
        actors, critics = (actors if live_actors else slow_actors), (critics if live_critics else slow_critics)
        n, columns = len(actors), []
        for i in range(n):
            actions = np.stack([actors[speaks(i, j)](fed(batch[actors_see], i, j)) for j in range(n)], axis=1)
            columns.append(critics[judge(i)](batch[critics_see], does(actions, batch, i)))
        goes_on = 1 - ends(batch).astype(float)[:, None]
        return reward(batch["rewards"]) + discounted(discount, n) * goes_on * np.stack(columns, axis=1)

    return wrong


def _only_own_new(actions, batch, i):
    joint = batch["actions"].copy()
    joint[:, i] = actions[:, i]
    return joint


def _added(rewards):
    return np.repeat(rewards.sum(axis=1, keepdims=True), rewards.shape[1], axis=1)


# --- cases ---------------------------------------------------------------------------------------------------------
def tenths(rng, *shape, least=0.2, most=2.0):
    """Numbers in tenths, of both signs, none of them near 0, as lists."""
    return np.round(rng.choice([-1, 1], size=shape) * rng.uniform(least, most, size=shape), 1).tolist()


def _batches(terminated=0.0, truncated=0.0, sizes=((1, 2, 1), (1, 2, 1), (2, 2, 1), (2, 2, 2), (3, 3, 1), (4, 3, 2))):
    """Batches of sizes (B, N, F) in which these shares of the transitions (at least one, if any) end or are cut off."""

    def flags(share, n, rng):
        drawn = rng.random(n) < share
        return drawn | (np.arange(n) == rng.integers(n)) if share else drawn

    def cases(rng):
        found = []
        for b, n, f in sizes:
            batch = {
                "observations": np.array(tenths(rng, b, n, f)),
                "actions": np.array(tenths(rng, b, n)),
                "rewards": np.array(tenths(rng, b, n)),
                "next_observations": np.array(tenths(rng, b, n, f)),
                "terminated": flags(terminated, b, rng),
                "truncated": flags(truncated, b, rng),
            }
            actors, critics, slow_actors, slow_critics = (tenths(rng, n, size) for size in (f, n + 1, f, n + 1))
            if len(found) < 2:  # the first cases can be checked by hand: critics that do not bend
                critics, slow_critics = ([[*row[:-1], 0] for row in rows] for rows in (critics, slow_critics))
            found.append((batch, actors, critics, slow_actors, slow_critics, float(rng.choice([0.5, 0.9]))))
        return found

    return cases


targets = Exercise(
    name="10.targets",
    title="Everybody's next action, for everybody's critic",
    objective="10.2",
    minutes=9,
    difficulty=2,
    task=(
        "Write the targets of MADDPG's critics. `batch` is a dict: `observations` and `next_observations` (B, N, F), "
        "`actions` and `rewards` (B, N), `terminated` and `truncated` (B,). The four lists have a function for each "
        "agent: `actors` and `critics` are the networks that learn, `slow_actors` and `slow_critics` their target "
        "networks. An actor makes an action (B,) of one agent's observations (B, F); a critic makes a value (B,) of "
        "*all* observations (B, N, F) and *all* actions (B, N). Return the targets, (B, N): one column for each "
        "agent's critic. (In the check an actor is a weighted sum of its observation. A critic is N weights, for the "
        "actions, and a number e: its value is the weighted sum, less e/2 times the square of what the sum of all "
        "actions differs from the sum of all observations.)"
    ),
    stub='''
def maddpg_targets(batch, actors, critics, slow_actors, slow_critics, discount):
    """Return a target for every transition and every agent's critic, (B, N)."""
    ...
''',
    solution=maddpg_targets,
    call=run,
    properties=[
        Property("on the way: own reward, and what its target critic says of everybody's next action", _batches()),
        Property("after the end there is no future", _batches(terminated=0.5)),
        Property("a time limit is no end", _batches(truncated=0.5)),
        Property("an end at the time limit is an end", _batches(terminated=0.6, truncated=0.6)),
    ],
    misconceptions=[
        mistake(
            "every actor is fed with the learning agent's next observation",
            "In agent i's target all target actors were given o'_i. But actor j will act on what agent *j* sees, "
            "o'_j. With observations of one size nothing crashes: the critic is asked about actions that nobody takes.",
            _targets(fed=lambda observations, i, j: observations[:, i]),
        ),
        mistake(
            "every actor is fed with the first agent's next observation",
            "Each target actor acts on its *own* next observation: agent j's is `next_observations[:, j]`.",
            _targets(fed=lambda observations, i, j: observations[:, 0]),
        ),
        mistake(
            "the learning agent's actor speaks for everybody",
            "Agent i's target actor was asked what it would do in the others' places. The others have target actors of "
            "their own.",
            _targets(speaks=lambda i, j: i),
        ),
        mistake(
            "the first agent's actor speaks for everybody",
            "There is a target actor for each agent.",
            _targets(speaks=lambda i, j: 0),
        ),
        mistake(
            "the first agent's critic judges for everybody",
            "Rewards differ, so each agent has a critic of its own: column i is from `slow_critics[i]`.",
            _targets(judge=lambda i: 0),
        ),
        mistake(
            "the actions of the replay",
            "The replay's actions were taken *before* the next observations. What will be done there, only the target "
            "actors can say.",
            _targets(does=lambda actions, batch, i: batch["actions"]),
        ),
        mistake(
            "the others' actions come from the replay",
            "That is how the *actor* is updated. In the target everybody acts anew, in the next step.",
            _targets(does=_only_own_new),
        ),
        mistake(
            "actors act on what they saw before the step",
            "The target is about the next step: target actors are fed with `next_observations`.",
            _targets(actors_see="observations"),
        ),
        mistake(
            "actors and critics see what was before the step",
            "The future begins with `next_observations`, for actors and critics.",
            _targets(actors_see="observations", critics_see="observations"),
        ),
        mistake(
            "critics see what was before the step",
            "The target critics judge the next step: its observations and its actions.",
            _targets(critics_see="observations"),
        ),
        mistake(
            "the actors that learn",
            "The next actions are those of the *target* actors, or the target moves with every step of the actors.",
            _targets(live_actors=True),
        ),
        mistake(
            "the critics that learn",
            "The future is judged by *target* critics, or the target moves with every step of the critics.",
            _targets(live_critics=True),
        ),
        mistake(
            "no target networks at all",
            "All four lists look alike; the target is made with `slow_actors` and `slow_critics`.",
            _targets(live_actors=True, live_critics=True),
        ),
        mistake(
            "the rewards are added",
            "Each critic learns what its *own* agent is paid: they may be rivals. Column i has the reward of agent i.",
            _targets(reward=_added),
        ),
        mistake(
            "the mean of the rewards",
            "Each critic learns what its *own* agent is paid. Column i has the reward of agent i.",
            _targets(reward=lambda rewards: _added(rewards) / rewards.shape[1]),
        ),
        mistake(
            "a time limit is an end",
            "The world did not end, somebody stopped watching: a truncated transition has a future. In particle worlds "
            "that is how every episode stops.",
            _targets(ends=lambda batch: batch["terminated"] | batch["truncated"]),
        ),
        mistake(
            "the end has a future",
            "Nothing follows a terminal state: where `terminated` is true, the target is the reward alone.",
            _targets(ends=lambda batch: 0 * batch["terminated"]),
        ),
        mistake(
            "the two ends are mixed up",
            "It is `terminated` that takes the future away; `truncated` does not.",
            _targets(ends=lambda batch: batch["truncated"]),
        ),
        mistake(
            "discount forgotten",
            "What comes one step later counts `discount` times as much.",
            _targets(discounted=lambda discount, n: 1.0),
        ),
        mistake(
            "discounted once for each agent",
            "One step later is one step later for all, however many agents there are.",
            _targets(discounted=lambda discount, n: discount**n),
        ),
    ],
    hints=[
        "Three steps: everybody's next actions (B, N), what each target critic says of them, and the target. On what "
        "does the target actor of agent 2 act?",
        "`seen = batch['next_observations']`; the next action of agent j is `slow_actors[j](seen[:, j])`, and "
        "`np.stack([...], axis=1)` puts the columns side by side. The critics all get the same `seen` and actions.",
        "`rewards + discount * (1 - terminated[:, None]) * futures`, where column i of `futures` is "
        "`slow_critics[i](seen, actions)`.",
    ],
)

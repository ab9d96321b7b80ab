"""Lesson 10: the gradient of an actor through a critic that sees all actions, by the chain rule.

Legend of axes: B transitions in the batch, N agents, F entries of an observation; an agent's action is one number.
"""

from __future__ import annotations

import numpy as np

from marl_edu.exercises import Exercise, Property
from marl_edu.exercises.judge import mistake
from marl_edu.exercises.lesson_10_targets import tenths
from marl_edu.exercises.lesson_10_tiny import slopes_of


def actor_gradient(agent, observations, actions, weights, slopes, others):
    """How the mean of Q_i(o, a_1, ..., mu_i(o_i), ..., a_N) grows with the weights of mu_i(o_i) = w_i . o_i."""
    now = (weights * observations).sum(axis=2)
    joint = now if others == "current" else actions.copy()
    joint[:, agent] = now[:, agent]
    slope = slopes(observations, joint)[:, agent]
    return (slope[:, None] * observations[:, agent]).mean(axis=0)


def run(function, agent, observations, actions, weights, critic, others):
    """Use a student's function with a critic made of numbers."""
    return function(agent, observations, actions, weights, slopes_of(critic), others)


# --- wrong answers -------------------------------------------------------------------------------------------------
def _joint(agent, now, actions, others):
    """Which actions the critic is asked about, (B, N)."""
    joint = now.copy() if others == "current" else actions.copy()
    joint[:, agent] = now[:, agent]
    return joint


def _chain(slope, seen):
    """The mean over the batch of what the critic says of the action, times what the actor says of its weights."""
    return (slope[:, None] * seen).mean(axis=0)


def _gradient(*, joint=_joint, takes=lambda agent: agent, sees=lambda agent: agent, result=_chain):
    """The gradient with one of its parts changed."""

    def wrong(agent, observations, actions, weights, slopes, others):
        now = (weights * observations).sum(axis=2)
        all_slopes = slopes(observations, joint(agent, now, actions, others))
        return result(all_slopes[:, takes(agent)], observations[:, sees(agent)])

    return wrong


def _swapped(agent, now, actions, others):
    return _joint(agent, now, actions, "buffer" if others == "current" else "current")


def _as_if_shared(agent, observations, actions, weights, slopes, others):
    """All derivatives are added, each with what its own agent sees: right for one actor that all share."""
    now = (weights * observations).sum(axis=2)
    all_slopes = slopes(observations, _joint(agent, now, actions, others))
    return (all_slopes[..., None] * observations).sum(axis=1).mean(axis=0)


def _all_slopes(agent, observations, actions, weights, slopes, others):
    """Derivatives with respect to all actions, added, times what the agent sees."""
    now = (weights * observations).sum(axis=2)
    return _chain(slopes(observations, _joint(agent, now, actions, others)).sum(axis=1), observations[:, agent])


def _own_weights_for_all(agent, observations, actions, weights, slopes, others):
    now = observations @ weights[agent]
    return _chain(slopes(observations, _joint(agent, now, actions, others))[:, agent], observations[:, agent])


# --- cases ---------------------------------------------------------------------------------------------------------
def _batches(others, *sizes):
    """Batches of sizes (B, N, F), for a critic that bends."""

    def cases(rng):
        found = []
        for k, (b, n, f) in enumerate(sizes):
            observations, actions = np.array(tenths(rng, b, n, f)), np.array(tenths(rng, b, n, most=1.0))
            critic = [*tenths(rng, n), 0.5 if k % 2 else 1.0]
            found.append(((k + 1) % n, observations, actions, np.array(tenths(rng, n, f)), critic, others))
        return found

    return cases


gradient = Exercise(
    name="10.gradient",
    title="Uphill through the critic",
    objective="10.3",
    minutes=11,
    difficulty=3,
    task=(
        "Agent i, `agent` (numbered from 0), has the linear actor $\\mu_i(o_i) = w_i \\cdot o_i$. Return the gradient, "
        "with respect to $w_i$, of the mean over the batch of $Q_i(o, a_1, ..., \\mu_i(o_i), ..., a_N)$: an array (F,) "
        "that points uphill. `observations` is (B, N, F), `actions` (B, N) are those of the replay, `weights` (N, F) "
        "the actors'. `slopes(observations, joint_actions)` returns the derivatives of $Q_i$ with respect to each "
        'agent\'s action, (B, N), at any joint actions (B, N). With `others` `"buffer"` the others do what the replay '
        'says, as in the paper; with `"current"` what their actors would do now. No gradient flows through the others, '
        "and the replay must stay as it is. (In the check `critic` is N numbers c and a number e: the derivative with "
        "respect to $a_k$ is $c_k$ less e times what the sum of all actions exceeds the sum of all observations by.)"
    ),
    stub='''
def actor_gradient(agent, observations, actions, weights, slopes, others):
    """Return the direction in which this agent's actor improves fastest, (F,)."""
    ...
''',
    solution=actor_gradient,
    call=run,
    properties=[
        Property(
            "one transition: the critic's slope at one's own present action, times what one sees",
            _batches("buffer", (1, 2, 1), (1, 2, 1), (1, 2, 2), (1, 3, 2)),
        ),
        Property("the mean over the batch", _batches("buffer", (2, 2, 1), (2, 2, 2), (3, 3, 2), (4, 4, 3))),
        Property(
            "in the variant the others act as they would now",
            _batches("current", (1, 2, 1), (2, 2, 1), (2, 3, 2), (3, 2, 2), (4, 4, 3)),
        ),
    ],
    misconceptions=[
        mistake(
            "one's own action is taken from the replay",
            "The slope is asked for at the joint action of the replay. But the actor is to be improved as it is *now*: "
            "its own entry must be `mu_i(o_i)`. Only the others' come from the replay.",
            _gradient(joint=lambda agent, now, actions, others: actions),
        ),
        mistake(
            "one's own action is taken from the replay, in the paper's form",
            "In the paper's form the *others'* actions are those of the replay. One's own entry is always `mu_i(o_i)`.",
            _gradient(joint=lambda agent, now, actions, others: now if others == "current" else actions),
        ),
        mistake(
            "the others always act anew",
            'That is the variant, `"current"`. With `"buffer"`, as in the paper, the others did what the replay says.',
            _gradient(joint=lambda agent, now, actions, others: now),
        ),
        mistake(
            "the others never act anew",
            'With `"current"` all entries of the joint action are what the actors say now.',
            _gradient(joint=lambda agent, now, actions, others: _joint(agent, now, actions, "buffer")),
        ),
        mistake(
            "the two variants are mixed up",
            "`\"buffer\"` is the paper's: the others' actions are those of the replay.",
            _gradient(joint=_swapped),
        ),
        mistake(
            "downhill",
            "This is the gradient of the loss, -Q. The task asks for the direction in which Q *grows*.",
            lambda *case: -actor_gradient(*case),
        ),
        mistake(
            "the slopes of all actions are added",
            "Only `a_i` depends on `w_i`: of the critic's derivatives take the one with respect to the agent's *own* "
            "action, `[:, agent]`.",
            _all_slopes,
        ),
        mistake(
            "as if all agents shared an actor",
            "This adds what every agent's action would do. It is right if all agents share one actor; here the others' "
            "actions do not depend on `w_i`.",
            _as_if_shared,
        ),
        mistake(
            "the agent's weights for everybody",
            "Every agent acts with weights of its own, row by row.",
            _own_weights_for_all,
        ),
        mistake(
            "the first agent's slope",
            "Take the derivative with respect to the action of `agent`, not always of agent 0.",
            _gradient(takes=lambda agent: 0),
        ),
        mistake(
            "the first agent's observation",
            "Actor i's action grows with `w_i` by what agent *i* sees: `observations[:, agent]`.",
            _gradient(sees=lambda agent: 0),
        ),
        mistake(
            "always the first agent",
            "Slope and observation are those of agent 0. They must be those of `agent`.",
            _gradient(takes=lambda agent: 0, sees=lambda agent: 0),
        ),
        mistake(
            "the actor's own derivative is missing",
            "This is how Q grows with the *action*. By the chain rule it is still to be multiplied by how the action "
            "grows with the weights, which is `o_i`.",
            _gradient(result=lambda slope, seen: slope.mean()),
        ),
        mistake(
            "the critic's slope is missing",
            "This is how the action grows with the weights. Whether that is good, the critic's slope says.",
            _gradient(result=lambda slope, seen: seen.mean(axis=0)),
        ),
        mistake(
            "a product of means",
            "Multiply slope and observation in each transition, and take the mean *then*: the mean of a product is not "
            "the product of the means.",
            _gradient(result=lambda slope, seen: slope.mean() * seen.mean(axis=0)),
        ),
        mistake(
            "the sum over the batch",
            "The *mean*, so that the length of the step does not depend on the size of the batch.",
            _gradient(result=lambda slope, seen: (slope[:, None] * seen).sum(axis=0)),
        ),
        mistake(
            "not averaged",
            "One gradient for each transition came out; the task asks for their mean.",
            _gradient(result=lambda slope, seen: slope[:, None] * seen),
        ),
    ],
    hints=[
        "Two factors, by the chain rule: how `Q_i` grows with `a_i`, and how `a_i` grows with `w_i`. The second is "
        "what the agent sees.",
        "The actors' present actions are `(weights * observations).sum(axis=2)`. Begin with a *copy* of the replay's "
        "`actions` (or with the present ones), put the agent's own present action into its column, and ask `slopes`.",
        "`slope = slopes(observations, joint)[:, agent]`; return "
        "`(slope[:, None] * observations[:, agent]).mean(axis=0)`.",
    ],
)

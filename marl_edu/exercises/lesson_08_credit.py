"""Lesson 08: who caused the reward? The difference rewards of a team.

Legend of axes: ``team_reward`` has one axis for each agent, its actions.
"""

from __future__ import annotations

import numpy as np

from marl_edu.exercises import Exercise, Misconception, Property
from marl_edu.exercises.judge import mistake


def difference_rewards(team_reward, actions, defaults):
    """What the team would have missed without each agent, if that one had done its default instead."""
    credits = []
    for agent, default in enumerate(defaults):
        without = list(actions)
        without[agent] = default
        credits.append(team_reward[tuple(actions)] - team_reward[tuple(without)])
    return credits


# --- wrong answers -------------------------------------------------------------------------------------------------
def _with(table, actions, agent, action):
    """What the team is paid if one agent does something else."""
    return table[(*actions[:agent], action, *actions[agent + 1 :])]


def _own_row(table, actions, agent):
    """What the team is paid for each action of one agent, the others as they were."""
    return [_with(table, actions, agent, action) for action in range(table.shape[agent])]


def _each(credit):
    """One number for each agent, by a function of table, actions, defaults and the agent."""
    return lambda table, actions, defaults: [
        float(credit(table, tuple(actions), tuple(defaults), agent)) for agent in range(len(actions))
    ]


def _others_replaced(table, actions, defaults, agent):
    return table[actions] - _with(table, defaults, agent, actions[agent])


def _piling_up(table, actions, defaults):
    credits, now = [], list(actions)
    for agent, default in enumerate(defaults):
        before = table[tuple(now)]
        now[agent] = default
        credits.append(before - table[tuple(now)])
    return credits


def _never_put_back(table, actions, defaults):
    credits, now = [], list(actions)
    for agent, default in enumerate(defaults):
        now[agent] = default
        credits.append(table[tuple(actions)] - table[tuple(now)])
    return credits


def _two_unpacked(table, actions, defaults):
    first, second = actions
    paid = table[first, second]
    return [float(paid - table[defaults[0], second]), float(paid - table[first, defaults[1]])]


def _only_two(found, table, actions, defaults):
    """Whether what is right for two agents says less, or else, of more: two credits, or rows of the table."""
    return len(actions) > 2 and (len(found) == 2 or any(np.ndim(credit) for credit in found))


# --- cases ---------------------------------------------------------------------------------------------------------
WRONG = (
    _each(lambda table, actions, defaults, agent: table[actions]),
    _each(lambda table, actions, defaults, agent: table[actions] - table[defaults]),
    _each(_others_replaced),
    _each(lambda table, actions, defaults, agent: _with(table, actions, agent, defaults[agent])),
    _each(lambda table, actions, defaults, agent: table[actions] - np.mean(_own_row(table, actions, agent))),
    _each(lambda table, actions, defaults, agent: table[actions] - max(_own_row(table, actions, agent))),
    _piling_up,
)


def _teams(*sizes, idle=False):
    """Teams of these sizes; each agent leaves its default, or (``idle``) one of them does not.

    No two wrong answers agree by accident, and no credit is 0 but an idle agent's.
    """

    def cases(rng):
        found = []
        while len(found) < 3 * len(sizes):
            shape = sizes[len(found) // 3]
            table = rng.integers(0, 10, size=shape).astype(float)
            actions = tuple(int(a) for a in rng.integers(shape))
            defaults = [int((a + rng.integers(1, n)) % n) for a, n in zip(actions, shape, strict=True)]
            someone = int(rng.integers(len(shape)))
            if idle:
                defaults[someone] = actions[someone]
            answers = [
                difference_rewards(table, actions, defaults),
                *(wrong(table, actions, defaults) for wrong in WRONG),
            ]
            different = len({tuple(answer) for answer in answers}) == len(answers)
            if np.count_nonzero(answers[0]) == len(shape) - idle and (different or idle):
                found.append((table, actions, tuple(defaults)))
        return found

    return cases


credit = Exercise(
    name="08.credit",
    title="Who caused the reward?",
    objective="08.1",
    minutes=6,
    difficulty=1,
    task=(
        "`team_reward` is an array with one axis for each agent: what the team is paid for a joint action. `actions` "
        "is the joint action that was played, `defaults` has for each agent an action that stands for *doing nothing "
        "special*. The difference reward of an agent is what the team was paid, less what it would have been paid if "
        "this agent *alone* had done its default. Return one number for each agent, for teams of any size."
    ),
    stub='''
def difference_rewards(team_reward, actions, defaults):
    """Return one number for each agent: what the team would have missed without it."""
    ...
''',
    solution=difference_rewards,
    properties=[
        Property(
            "with two agents: what was paid, less what would have been paid without this one", _teams((2, 2), (2, 3))
        ),
        Property("who did its default anyway has caused nothing", _teams((2, 2), (3, 2), idle=True)),
        Property("the same holds for larger teams: only one agent is replaced at a time", _teams((2, 2, 2), (2, 3, 2))),
    ],
    misconceptions=[
        mistake(
            "everybody gets the team's reward",
            "That is what the learners of lesson 06 are paid: the same for all, whoever caused it. Credit is a "
            "*difference*: what would have been paid without this agent?",
            WRONG[0],
        ),
        mistake(
            "the reward is shared equally",
            "Equal shares ask nobody what it has done. Compare with what would have been paid without the agent.",
            _each(lambda table, actions, defaults, agent: table[actions] / len(actions)),
        ),
        mistake(
            "everybody is replaced at once",
            "This is what the whole team has caused, and it is the same number for all. Replace one agent and keep the "
            "actions of the others.",
            WRONG[1],
        ),
        mistake(
            "the others are replaced",
            "The agent's action was kept and the others' were replaced. It is the other way round: the world without "
            "*this* agent.",
            _each(_others_replaced),
        ),
        mistake(
            "replacements pile up",
            "The second agent's credit is counted in a world in which the first one is already gone, so it depends on "
            "who comes first. Begin again from the actions that were played.",
            _piling_up,
        ),
        mistake(
            "who was replaced is not put back",
            "For the second agent, the first one is still replaced: copy the joint action anew for each agent "
            "(`list(actions)` inside the loop).",
            _never_put_back,
        ),
        mistake(
            "the reward without the agent, not the difference",
            "This is what would have been paid without the agent. Its credit is what was paid *less* that.",
            WRONG[3],
        ),
        mistake(
            "compared with the mean of its actions",
            "Also a fair way to give credit (it is what COMA does, with the policy's chances as weights), but here the "
            "agent's action is compared with its *default*.",
            WRONG[4],
        ),
        mistake(
            "compared with its best action",
            "That is its regret with the sign turned round. Credit compares with the default action.",
            WRONG[5],
        ),
        mistake(
            "the first agent's default for everybody",
            "`defaults` has an action for each agent: `defaults[agent]`.",
            _each(lambda table, actions, defaults, agent: table[actions] - _with(table, actions, agent, defaults[0])),
        ),
        mistake(
            "the gain is shared equally",
            "What the agent's action has caused is its own credit; it is not divided by the number of agents.",
            _each(
                lambda table, actions, defaults, agent: (
                    (table[actions] - _with(table, actions, agent, defaults[agent])) / len(actions)
                )
            ),
        ),
        Misconception(
            "written for two agents",
            "This is right for two agents, and other teams are larger: `actions` and `defaults` have an entry for each "
            "agent, `team_reward` an axis for each. Go through all of them (`for agent in range(len(actions))`).",
            _two_unpacked,
            _only_two,
        ),
        mistake(
            "the wrong sign",
            "Positive credit is for an agent whose action made the team better off: what was paid comes first.",
            _each(
                lambda table, actions, defaults, agent: _with(table, actions, agent, defaults[agent]) - table[actions]
            ),
        ),
    ],
    hints=[
        "What was paid is `team_reward[tuple(actions)]`. What would have been paid if agent 1 alone had done its "
        "default?",
        "For each agent, copy the joint action (`without = list(actions)`) and change one entry of the copy.",
        "`team_reward[tuple(actions)] - team_reward[tuple(without)]`, with `without[agent] = defaults[agent]`.",
    ],
)

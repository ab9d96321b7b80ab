"""Lesson 02, two exercises about the arrays: a game built by hand, and the number of a joint action.

Legend of axes: N agents, S states, A_i actions of agent i.
"""

from __future__ import annotations

import numpy as np

from marl_edu.exercises import Exercise, Misconception, Property
from marl_edu.exercises.judge import mistake
from marl_edu.exercises.values import in_words, plain, shown


# --- 02.1 a game built by hand -------------------------------------------------------------------------------------
def build_door(both, one, bell, shuts, cost, gains):
    """The door as arrays: transitions (2, 2, 3, 2) and rewards (2, 2, 2, 3)."""
    transitions = np.zeros((2, 2, 3, 2))
    transitions[0, :, :, 1] = [[0, one, bell], [one, both, bell]]
    transitions[1, :, :, 1] = 1 - shuts
    transitions[..., 0] = 1 - transitions[..., 1]
    rewards = np.zeros((2, 2, 2, 3))
    rewards[0, :, 1, :] -= cost
    rewards[1, :, :, 1] -= cost
    rewards[:, 1] += np.reshape(gains, (2, 1, 1))
    return transitions, rewards


def _door(both, one, bell, shuts, cost, gains, *, fault=""):
    """The door with one of its rules read wrongly."""
    transitions, rewards = build_door(both, one, bell, shuts, cost, gains)
    if fault == "half":
        transitions[..., 0] = 0
    elif fault == "shuts":
        transitions[1] = transitions[1, ..., ::-1]
    elif fault == "next first":
        transitions = np.moveaxis(transitions, -1, 0)
    elif fault == "agent last":
        rewards = np.moveaxis(rewards, 0, -1)
    elif fault == "swapped":
        transitions, rewards = transitions.swapaxes(1, 2), rewards.swapaxes(2, 3)
    elif fault == "team":
        rewards = np.stack([rewards.sum(axis=0)] * 2)
    elif fault == "sign":
        rewards = rewards + 2 * (np.reshape(gains, (2, 1, 1, 1)) * [[[[0]], [[1]]]] - rewards)
    elif fault == "opening":
        rewards[:, 1] -= np.reshape(gains, (2, 1, 1))
        rewards = rewards + np.reshape(gains, (2, 1, 1, 1)) * transitions[..., 1]
    elif fault == "bell":
        transitions[0, 1, 2] = transitions[0, 1, 0]
    elif fault == "same gain":
        rewards[1, 1] += gains[0] - gains[1]
    elif fault == "own axis":
        rewards[1] += cost * np.array([0, 1, 0])
        rewards[1, :, 1] -= cost
    elif fault == "rows only":
        rewards[:] = 0
    elif fault == "rewards only":
        transitions[:] = 0.5
    return transitions, rewards


def wrong_rows(build, both, one, bell, shuts, cost, gains):
    """The rows that are not as they should be, by name, and of an array with another shape all of it.

    Two arrays are a lot to read; what is right of them tells nothing.
    """
    if not callable(build):
        return f"{in_words(plain(build))} was handed in; hand in the function itself, without brackets"
    made = build(both, one, bell, shuts, cost, gains)
    if made is None or made is ...:
        return made
    made = plain(made)
    if type(made) not in (tuple, list) or len(made) != 2:
        return {"what came out": made}
    found, expected = {}, build_door(both, one, bell, shuts, cost, gains)
    for name, given, right in zip(("transitions", "rewards"), made, expected, strict=True):
        try:
            array = np.array(given, dtype=float)
        except (ValueError, TypeError):
            array = None
        if array is None or array.shape != right.shape:
            found[name] = given if array is None else array
            continue
        off = ~np.isclose(array, right, rtol=1e-9, atol=1e-9).all(axis=-1)
        found |= {f"{name}[{', '.join(map(str, place))}]": array[tuple(place)] for place in np.argwhere(off)}
    return found


def _of(found, name) -> dict:
    """What is wrong of one of the two arrays."""
    return {key: value for key, value in found.items() if key.split("[")[0] == name} if isinstance(found, dict) else {}


def _as_told(found, *case):
    """None if both arrays are right; else which is not, and its first wrong row."""
    if not isinstance(found, dict):
        return found if isinstance(found, str) else f"{in_words(plain(found))} came out; expected two arrays"
    if not found:
        return None
    if "what came out" in found:
        return f"{in_words(plain(found['what came out']))} came out; expected the two arrays, transitions and rewards"
    right = dict(zip(("transitions", "rewards"), build_door(*case), strict=True))
    said = [_one_array(name, array, _of(found, name)) for name, array in right.items()]
    return f"{'; '.join(said)}. Rows that are right are not shown above"


def _one_array(name, right, wrong) -> str:
    if not wrong:
        return f"{name}: all right"
    key, value = next(iter(wrong.items()))
    if key == name:
        return f"{name}: {in_words(plain(value))}; expected one of shape {right.shape}"
    place = tuple(map(int, key[len(name) + 1 : -1].split(",")))
    rows = right[..., 0].size
    first = f"{key} = {shown(value)}; expected {shown(right[place])}"
    return f"{name}: {len(wrong)} of {rows} rows are off, the first is {first}"


def _same_part(name, fault):
    """Whether one of the arrays shows just this fault, whatever the other one is like."""

    def recognised(found, *case):
        mine, theirs = (_of(value, name) for value in (found, wrong_rows(_wrong_door(fault), *case)))
        return bool(mine) and mine.keys() == theirs.keys() and all(np.array_equal(mine[k], theirs[k]) for k in mine)

    return recognised


def _leaky(found, *case):
    rows = [row for key, row in _of(found, "transitions").items() if key != "transitions"]
    return any(abs(np.sum(row) - 1) > 1e-9 for row in rows)


def _faulty(name, explains, part, fault):
    """A misconception about one of the two arrays, recognised also if the other one has faults of its own."""
    return Misconception(name, explains, _wrong_door(fault), _same_part(part, fault))


def _doors(rng):
    found = [(0.9, 0.2, 0.5, 0.4, 1.0, (3.0, 5.0))]
    for _ in range(6):
        both, one, bell, shuts = (float(p) for p in np.round(rng.uniform(0.05, 0.95, 4), 2))
        cost, gain_1, gain_2 = (float(r) for r in np.round(rng.uniform(0.5, 6, 3), 1))
        found.append((both, one, bell, shuts, cost, (gain_1, gain_2)))
    return found


def _wrong_door(fault):
    return lambda both, one, bell, shuts, cost, gains: _door(both, one, bell, shuts, cost, gains, fault=fault)


build = Exercise(
    name="02.build",
    title="Build a game by hand",
    objective="02.1",
    minutes=14,
    difficulty=2,
    task=(
        "Write the door as two arrays. States: 0 closed, 1 open. Agent 1 has two actions: 0 wait, 1 push. Agent 2 "
        "has three: 0 wait, 1 push, 2 ring. **A closed door** opens with probability `both` if both push, `one` if "
        "exactly one pushes and nobody rings, `bell` if agent 2 rings (whatever agent 1 does); else it stays closed. "
        "**An open door** shuts with probability `shuts`, whatever they do. **Pay**: in either state a push costs "
        "whoever pushes `cost`; in state open, agent 1 is paid `gains[0]` and agent 2 `gains[1]` besides. Return "
        "`transitions`, axes (state, action 1, action 2, next state), and `rewards`, axes (agent, state, action 1, "
        "action 2)."
    ),
    stub='''
def build_door(both, one, bell, shuts, cost, gains):
    """Return transitions, shape (2, 2, 3, 2), and rewards, shape (2, 2, 2, 3)."""
    ...
''',
    solution=build_door,
    call=wrong_rows,
    properties=[
        Property("the two arrays say what the text says, for all probabilities and payments", _doors, holds=_as_told)
    ],
    misconceptions=[
        _faulty(
            "agent 2's push is paid along agent 1's axis",
            "What agent 2 does is the *last* axis of rewards: `rewards[1, :, :, 1] -= cost` takes all entries in which "
            "agent 2 pushes. `rewards[1, :, 1]` are those in which agent 1 pushes.",
            "rewards",
            "own axis",
        ),
        Misconception(
            "rows that don't sum to 1",
            "A door that doesn't open stays closed, one that doesn't shut stays open, and that has a probability too. "
            "Each row p(. | s, a) sums to 1.",
            _wrong_door("half"),
            _leaky,
        ),
        _faulty(
            "shutting and staying open are mixed up",
            "`shuts` is the probability with which an open door leads to state 0; it stays open with the rest.",
            "transitions",
            "shuts",
        ),
        _faulty(
            "the next state stands first",
            "The axes are (state, action 1, action 2, next state): what follows stands last, so that "
            "`transitions[s, a1, a2]` is a row that sums to 1.",
            "transitions",
            "next first",
        ),
        _faulty(
            "the agent stands last",
            "The axes of rewards are (agent, state, action 1, action 2): `rewards[i]` is the table of one agent.",
            "rewards",
            "agent last",
        ),
        mistake(
            "the agents' axes are swapped",
            "Agent 1's action comes before agent 2's in both arrays; agent 2 is the one with three actions.",
            _wrong_door("swapped"),
        ),
        _faulty(
            "everybody gets the sum",
            "This pays the team's sum to both. Here rewards are individual: a push costs only the one that pushes, and "
            "each has a gain of its own.",
            "rewards",
            "team",
        ),
        _faulty(
            "a cost with the wrong sign",
            "Whoever pushes pays: a cost is a negative reward.",
            "rewards",
            "sign",
        ),
        _faulty(
            "paid for opening the door",
            "The gain is paid in state open, for whatever is done there, and not for the step that opens the door.",
            "rewards",
            "opening",
        ),
        _faulty(
            "the bell is heard only if agent 1 waits",
            "If agent 2 rings, the door opens with probability `bell` whatever agent 1 does, also if it pushes.",
            "transitions",
            "bell",
        ),
        _faulty(
            "both have agent 1's gain",
            "`gains` holds two numbers, one for each agent.",
            "rewards",
            "same gain",
        ),
        Misconception(
            "transitions are right, rewards are not",
            "Leave `transitions` as they are. Of the rewards only the rows that are off are shown; read them aloud: "
            "which agent, in which state, after which actions, is paid what?",
            _wrong_door("rows only"),
            lambda found, *case: bool(_of(found, "rewards")) and not _of(found, "transitions"),
        ),
        Misconception(
            "rewards are right, transitions are not",
            "Leave `rewards` as they are. Of the transitions only the rows that are off are shown; read them aloud: "
            "in which state, after which actions, does the door open with which probability?",
            _wrong_door("rewards only"),
            lambda found, *case: bool(_of(found, "transitions")) and not _of(found, "rewards"),
        ),
    ],
    hints=[
        "Fill in the probability of state 1 (open) first, for all states and joint actions; the probability of state "
        "0 is the rest.",
        "In the closed state these are six numbers: rows agent 1 (wait, push), columns agent 2 (wait, push, ring). "
        "`transitions[0, :, :, 1] = [[0, one, bell], [...]]`",
        "`rewards[0, :, 1, :] -= cost` says: agent 1 pays in every state if it pushes, whatever agent 2 does. And "
        "`rewards[0, 1] += gains[0]`.",
    ],
)


# --- 02.2 the number of a joint action -----------------------------------------------------------------------------
def joint_number(actions, counts):
    """Number of a joint action in C order: the last agent's action varies fastest."""
    number = 0
    for action, count in zip(actions, counts, strict=True):
        number = number * count + action
    return number


def _first_fastest(actions, counts):
    return joint_number(actions[::-1], counts[::-1])


def _one_base(actions, counts):
    return joint_number(actions, [max(counts)] * len(counts))


def _own_count(actions, counts):
    number = 0
    for k, action in enumerate(actions):
        number += action * int(np.prod(counts[:k]) if k else 1)
    return number


def _neighbour(actions, counts):
    number = actions[0]
    for k in range(1, len(actions)):
        number = number * counts[k - 1] + actions[k]
    return number


def _joint(n_agents):
    def cases(rng):
        found = []
        for _ in range(8):
            counts = tuple(int(n) for n in rng.permutation([2, 3, 4, 5, 6])[:n_agents])
            actions = tuple(int(rng.integers(1, n)) for n in counts)
            found.append((actions, counts))
        return found

    return cases


def _first_and_last(rng):
    return [((0,) * n, counts) for n, counts in ((2, (2, 3)), (3, (4, 2, 3)))] + [
        (tuple(n - 1 for n in counts), counts) for counts in ((2, 3), (5, 2), (4, 2, 3), (2, 3, 4, 5))
    ]


number = Exercise(
    name="02.number",
    title="The number of a joint action",
    objective="02.2",
    minutes=7,
    difficulty=1,
    task=(
        "`actions` holds one action number per agent, `counts` how many actions each agent has. Return the number of "
        "the joint action when all are counted from 0 in C order: the *last* agent's action varies fastest, as in the "
        "list above. For any number of agents, and without building the list."
    ),
    stub='''
def joint_number(actions, counts):
    """Return the number of the joint action, the last agent varying fastest."""
    ...
''',
    solution=joint_number,
    properties=[
        Property(
            "the first joint action is number 0, the last one the number of joint actions minus 1", _first_and_last
        ),
        Property("two agents", _joint(2)),
        Property("three agents and four", lambda rng: [*_joint(3)(rng), *_joint(4)(rng)]),
    ],
    misconceptions=[
        mistake(
            "the first agent varies fastest",
            "That is the other order (Fortran's). In C order, the next number is the next action of the *last* agent.",
            _own_count,
        ),
        mistake(
            "one base for all agents",
            "All agents were given equally many actions. Each step to the left weighs as many as there are actions to "
            "its right.",
            _one_base,
        ),
        mistake(
            "the neighbour's count",
            "An agent's action weighs the product of the counts of the agents *after* it, its own not included.",
            _neighbour,
        ),
        mistake(
            "the actions' numbers added",
            "Different joint actions have the same sum; a number has to belong to one of them only.",
            lambda actions, counts: sum(actions),
        ),
        mistake(
            "counted from 1",
            "Joint actions are counted from 0, as their actions are.",
            lambda actions, counts: joint_number(actions, counts) + 1,
        ),
        mistake(
            "the actions written side by side",
            "To write the digits side by side is to give ten actions to each agent.",
            lambda actions, counts: int("".join(map(str, actions))),
        ),
    ],
    hints=[
        "Two agents with 2 and 3 actions: how many joint actions come before the first one with `actions[0] == 1`?",
        "As many as agent 2 has actions. So for two agents: `actions[0] * counts[1] + actions[1]`.",
        "For more agents go from left to right: what you have so far times this agent's count, plus its action.",
    ],
)

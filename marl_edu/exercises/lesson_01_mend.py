"""Lesson 01, find the bugs: the loop of two agents, with a fault of whose and two of when."""

from __future__ import annotations

from marl_edu.exercises import Exercise, Misconception, Property


def collect(next_state, rewards, sees, policies, steps):
    """One (observations, actions, rewards) for each step, from state 0 on."""
    state, trace = 0, []
    for _ in range(steps):
        seen = [sees[i][state] for i in range(2)]
        actions = [policies[i][seen[i]] for i in range(2)]
        paid = [rewards[i][state][actions[0]][actions[1]] for i in range(2)]
        state = next_state[state][actions[0]][actions[1]]
        trace.append((seen, actions, paid))
    return trace


def _loop(next_state, rewards, sees, policies, steps, *, first=False, noted_first=None, after=False, late=False,
          turns=False):  # fmt: skip
    """The loop with any of its faults; what agent 1 sees is used to act (``first``), or noted, for everybody."""
    noted_first = first if noted_first is None else noted_first
    state, trace = 0, []
    for _ in range(steps):
        seen = [sees[0 if first else i][state] for i in range(2)]
        actions = [policies[i][seen[i]] for i in range(2)]
        before, joint = state, (actions[0], actions[1])
        if turns:  # agent 2 looks when agent 1 has moved, as if the world moved in between
            middle = next_state[state][joint[0]][0]
            seen[1] = sees[1][middle]
            actions[1] = policies[1][seen[1]]
            joint = (actions[0], actions[1])
        state = next_state[state][joint[0]][joint[1]]
        paid = [rewards[i][state if late else before][joint[0]][joint[1]] for i in range(2)]
        noted = [sees[0 if noted_first else i][state] for i in range(2)] if after else seen
        trace.append((noted, actions, paid))
    return trace


def _worlds(rng):
    sizes = ((2, 2, 1), (2, 2, 3), (3, 2, 4), (4, 3, 6), (5, 3, 8))
    return [_world(rng, *size) for size in sizes for _ in range(4)]


def _world(rng, n_states, n_actions, steps):
    def numbers(high, *shape):
        return rng.integers(high, size=shape).tolist()

    sees = [rng.permutation(n_states).tolist(), rng.permutation(n_states).tolist()]
    rewards = rng.permutation(2 * n_states * n_actions**2).reshape(2, n_states, n_actions, n_actions).tolist()
    return (numbers(n_states, n_states, n_actions, n_actions), rewards, sees, numbers(n_actions, 2, n_states), steps)


def _length(value, next_state, rewards, sees, policies, steps):
    if not isinstance(value, list | tuple) or len(value) != steps:
        return f"expected a list with {steps} entries, one for each step"
    return None


def _fault(name, explains, **faults):
    return Misconception(name, explains, wrong=lambda p, r, s, pi, n: _loop(p, r, s, pi, n, **faults))


STUB = """
def collect(next_state, rewards, sees, policies, steps):
    state, trace = 0, []
    for _ in range(steps):
        seen = [sees[0][state] for i in range(2)]
        actions = [policies[i][seen[i]] for i in range(2)]
        state = next_state[state][actions[0]][actions[1]]
        paid = [rewards[i][state][actions[0]][actions[1]] for i in range(2)]
        seen = [sees[0][state] for i in range(2)]
        trace.append((seen, actions, paid))
    return trace
"""

loop = Exercise(
    name="01.loop",
    title="Find the bugs: a loop that looks right",
    objective="01.1",
    minutes=8,
    difficulty=2,
    task=(
        "Mend the loop. All inputs are nested lists of whole numbers: `next_state[s][a1][a2]`, "
        "`rewards[i][s][a1][a2]`, `sees[i][s]` (what agent i observes in state s) and `policies[i][o]` (what agent i "
        "does when it observes o). It starts in state 0. For each step the trace holds what everybody saw "
        "**when it chose**, what everybody did, and what everybody was paid **for that**."
    ),
    stub=STUB,
    solution=collect,
    properties=[
        Property("the trace has one entry for each step", _worlds, holds=_length),
        Property("each entry holds what was seen, what was done on seeing it, and what that paid", _worlds),
    ],
    misconceptions=[
        Misconception(
            "nothing mended yet",
            "This still behaves like the loop as it was given. Follow one step with a pencil: whose observation does "
            "agent 2 act on? Of which moment are the observations and the rewards that are stored?",
            wrong=lambda p, r, s, pi, n: _loop(p, r, s, pi, n, first=True, after=True, late=True),
        ),
        _fault(
            "everybody sees what agent 1 sees",
            "Agent 2 acts on agent 1's observation. Each agent i has its own: `sees[i][state]`.",
            first=True,
        ),
        _fault(
            "the observation of the next moment is stored",
            "What is stored was seen *after* the step. Who learns from this trace believes that the action was chosen "
            "on seeing what it has led to.",
            after=True,
        ),
        _fault(
            "paid for the state that was reached",
            "R(s, a) is paid for the action in the state in which it was *taken*. Here the state had already moved on.",
            late=True,
        ),
        _fault(
            "everybody sees what agent 1 sees, and the observation of the next moment is stored",
            "The rewards are right. But agent 2 still acts on agent 1's observation, and what is stored was seen after "
            "the step.",
            first=True,
            after=True,
        ),
        _fault(
            "everybody sees what agent 1 sees, and is paid for the state that was reached",
            "What is stored is of the right moment. But agent 2 still acts on agent 1's observation, and R(s, a) is "
            "looked up in the state after the step.",
            first=True,
            late=True,
        ),
        _fault(
            "stored and paid one moment late",
            "Everybody acts on its own observation now. But observations and rewards are still those of the state "
            "after the step.",
            after=True,
            late=True,
        ),
        _fault(
            "agent 1's observation is stored for both, one moment late",
            "Everybody acts on its own observation now. But the second line with `sees[0]` still stores agent 1's for "
            "both, seen after the step; and rewards are looked up there too.",
            noted_first=True,
            after=True,
            late=True,
        ),
        _fault(
            "agent 1's observation of the next moment is stored for both",
            "Everybody acts on its own observation now, and the rewards are right. But the second line with `sees[0]` "
            "still stores agent 1's for both, seen after the step.",
            noted_first=True,
            after=True,
        ),
        _fault(
            "agent 2 acts on what agent 1 sees; stored and paid one moment late",
            "The second line with `sees[0]` is mended, the first is not: agent 2 still acts on agent 1's observation. "
            "And what is stored and paid is of the state after the step.",
            first=True,
            noted_first=False,
            after=True,
            late=True,
        ),
        _fault(
            "agent 2 acts on what agent 1 sees; stored one moment late",
            "The rewards are right, and so is the second line's `sees[i]`. But agent 2 still acts on agent 1's "
            "observation, and what is stored was seen after the step.",
            first=True,
            noted_first=False,
            after=True,
        ),
        _fault(
            "agent 2 moves after agent 1",
            "Agents act at the same time: agent 2 can't see a world in which agent 1 has already moved.",
            turns=True,
        ),
    ],
    hints=[
        "There are three faults: one is about *whose* observation, two are about *when*.",
        "Give each agent its own observation, `sees[i][state]`, and look the rewards up before `state` changes.",
        "The second `seen = ...` overwrites what was seen when the actions were chosen. It is not needed.",
    ],
)

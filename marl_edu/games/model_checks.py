"""Checks of a game's fields, each alone and all against each other.

Every message says which field, where, what was found and what was expected.

Legend of axes: N agents, S states, A_i actions of agent i.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from marl_edu.games.checks import array, index_of, integer, integers, length, names, numeric, shown
from marl_edu.games.successors import Successors

TOLERANCE = 1e-8
"""How far a row of probabilities may be from summing to 1."""


def action_names(given, n_actions: tuple[int, ...]) -> tuple[tuple[str, ...], ...]:
    """Names of actions, one tuple per agent; a flat list serves all agents."""
    if given is None:
        return tuple(names("actions", None, count, "a{}") for count in n_actions)
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise ValueError(f"actions is {shown(given)}; expected a list of names, or one list per agent")
    if len(given) and isinstance(given[0], str):
        given = [given] * len(n_actions)
    if len(given) != len(n_actions):
        raise ValueError(f"actions has {len(given)} lists; expected one for each of {len(n_actions)} agents")
    return tuple(
        names(f"actions[{i}]", own, count, "a{}") for i, (own, count) in enumerate(zip(given, n_actions, strict=True))
    )


def model(transitions, rewards) -> tuple[Successors, np.ndarray]:
    """Both parts of the model, checked against each other."""
    if isinstance(transitions, Successors):
        return _compact_model(transitions, rewards)
    transitions, rewards = array("transitions", transitions), array("rewards", rewards)
    if transitions.ndim < 3:
        raise ValueError(
            f"transitions has shape {transitions.shape}; expected (n_states, *n_actions, n_states), one axis per agent"
        )
    n_states, *n_actions, n_next = transitions.shape
    if n_states != n_next or 0 in transitions.shape:
        raise ValueError(
            f"transitions has shape {transitions.shape}; expected (n_states, *n_actions, n_states) with the first and "
            "last axis of equal length, all above 0"
        )
    wanted = (len(n_actions), n_states, *n_actions)
    if rewards.shape not in (wanted, (*wanted, n_states)):
        raise ValueError(
            f"rewards has shape {rewards.shape}; expected (n_agents, n_states, *n_actions) = {wanted} to match "
            f"transitions {transitions.shape}"
        )
    _probability_rows(transitions.reshape(n_states, -1, n_states), n_actions)
    depends_on_successor = rewards.ndim == len(wanted) + 1
    flat = transitions.reshape(n_states, -1, n_states)
    successors = Successors.from_dense(
        flat, rewards.reshape(len(n_actions), *flat.shape) if depends_on_successor else None
    )
    if depends_on_successor:
        rewards = successors.expected_rewards().reshape(wanted)
    return successors, rewards


def _compact_model(successors: Successors, rewards) -> tuple[Successors, np.ndarray]:
    rewards = array("rewards", rewards)
    if rewards.ndim < 3 or len(rewards) != rewards.ndim - 2 or 0 in rewards.shape:
        raise ValueError(f"rewards has shape {rewards.shape}; expected (n_agents, n_states, *n_actions)")
    n_agents, n_states, *n_actions = rewards.shape
    n_pairs = n_states * math.prod(n_actions)
    offsets = integers("successors.offsets", successors.offsets)
    states = integers("successors.states", successors.states)
    probabilities = array("successors.probabilities", successors.probabilities)
    if offsets.shape != (n_pairs + 1,):
        raise ValueError(f"successors.offsets has shape {offsets.shape}; expected ({n_pairs + 1},) to match rewards")
    if (
        offsets[0] != 0
        or (np.diff(offsets) < 1).any()
        or states.shape != (offsets[-1],)
        or probabilities.shape != states.shape
    ):
        raise ValueError("successors: every state and joint action needs at least one outcome, listed in order")
    if states.min() < 0 or states.max() >= n_states:
        raise ValueError(f"successors.states go from {states.min()} to {states.max()}; expected 0 to {n_states - 1}")
    negative = np.flatnonzero(probabilities < 0)
    if len(negative):
        raise ValueError(f"successors.probabilities[{negative[0]}] is {probabilities[negative[0]]:g}; expected >= 0")
    sums = np.add.reduceat(probabilities, offsets[:-1])
    wrong = np.flatnonzero(np.abs(sums - 1) > TOLERANCE)
    if len(wrong):
        state, joint = divmod(int(wrong[0]), math.prod(n_actions))
        where = tuple(map(int, np.unravel_index(joint, n_actions)))
        raise ValueError(f"successors of state {state}, joint action {where} sum to {sums[wrong[0]]:g}; expected 1")
    paid = None if successors.rewards is None else array("successors.rewards", successors.rewards)
    if paid is not None and paid.shape != (n_agents, len(states)):
        raise ValueError(f"successors.rewards has shape {paid.shape}; expected {(n_agents, len(states))}")
    checked = Successors(offsets, states.astype(np.int32), probabilities, paid)
    if paid is not None and not np.allclose(checked.expected_rewards(), rewards.reshape(n_agents, -1)):
        raise ValueError("rewards differs from the mean of successors.rewards; expected the same (or none there)")
    return checked, rewards


def _probability_rows(rows: np.ndarray, n_actions: list[int]) -> None:
    def place(state, joint):
        return f"transitions[state {state}, joint action {tuple(map(int, np.unravel_index(joint, n_actions)))}]"

    negative = np.argwhere(rows < 0)
    if len(negative):
        state, joint, successor = map(int, negative[0])
        raise ValueError(f"{place(state, joint)}[{successor}] is {rows[state, joint, successor]:g}; expected >= 0")
    sums = rows.sum(axis=-1)
    wrong = np.argwhere(np.abs(sums - 1) > TOLERANCE)
    if len(wrong):
        state, joint = map(int, wrong[0])
        raise ValueError(f"{place(state, joint)} sums to {sums[state, joint]:g}; expected 1")


def start(given, states: tuple[str, ...]) -> np.ndarray:
    """Start distribution, (S,)."""
    if given is None:
        given = 0
    if isinstance(given, np.ndarray) and given.ndim == 0:
        given = given.item()
    if np.isscalar(given):
        distribution = np.zeros(len(states))
        distribution[index_of("start", given, states)] = 1
        return distribution
    found = array("start", given)
    if found.shape != (len(states),):
        raise ValueError(f"start has shape {found.shape}; expected ({len(states)},), one probability per state")
    if (found < 0).any() or abs(found.sum() - 1) > TOLERANCE:
        raise ValueError(f"start sums to {found.sum():g} with least entry {found.min():g}; expected probabilities")
    return found


def terminal(given, states: tuple[str, ...], successors: Successors, rewards: np.ndarray) -> np.ndarray:
    """Terminal mask, (S,); each terminal state must lead to itself and pay nothing."""
    mask = np.zeros(len(states), dtype=bool)
    if given is None:
        return mask
    flags = [] if isinstance(given, str) or length(given) is None else given
    if len(flags) and all(isinstance(one, bool | np.bool_) for one in flags):
        found = np.array(flags)
        if found.shape != mask.shape:
            raise ValueError(f"terminal has shape {found.shape}; expected ({len(states)},), one flag per state")
        mask = found
    else:
        for state in [given] if length(given) is None else given:
            mask[index_of("terminal state", state, states)] = True
    n_joint = math.prod(rewards.shape[2:])
    for state in np.flatnonzero(mask):
        first, last = successors.offsets[state * n_joint], successors.offsets[(state + 1) * n_joint]
        if (successors.states[first:last] != state).any() or (rewards[:, state] != 0).any():
            raise ValueError(
                f"terminal state {states[state]!r} leads elsewhere or pays a reward; expected it to lead to "
                "itself and pay 0"
            )
    return mask


OBSERVATION_LIMIT = 2**16
"""Numbers of observations may have gaps, but a learner's tables reach up to the largest: it is to be below this limit
or below 16 times the number of states, whichever is more."""


def observations(given, n_agents: int, n_states: int) -> np.ndarray:
    """Observation of each agent in each state, (N, S), numbered from 0."""
    if given is None:
        return np.tile(np.arange(n_states, dtype=np.int64), (n_agents, 1))
    found = numeric("observations", given)
    if found.shape != (n_agents, n_states) or found.dtype.kind not in "iu":
        raise ValueError(
            f"observations has shape {found.shape} of {found.dtype}; expected whole numbers of shape "
            f"{(n_agents, n_states)}"
        )
    if found.min() < 0:
        raise ValueError(f"observations has the entry {found.min()}; expected numbers from 0")
    limit = max(OBSERVATION_LIMIT, 16 * n_states)
    if found.max() >= limit:
        raise ValueError(f"observations has the entry {found.max()}; expected numbers below {limit}, with few gaps")
    return found.astype(np.int64)


def joint_action(given, n_actions: tuple[int, ...]) -> tuple[int, ...]:
    """A joint action as a tuple of ints in range."""
    if length(given) != len(n_actions):
        raise ValueError(f"joint_action is {shown(given)}; expected {len(n_actions)} whole numbers, one per agent")
    return tuple(
        integer(f"joint_action[{i}]", action, 0, count - 1)
        for i, (action, count) in enumerate(zip(given, n_actions, strict=True))
    )


def policies(given, n_rows: tuple[int, ...], n_actions: tuple[int, ...]) -> list[np.ndarray]:
    """A joint policy: per agent an (O_i, A_i) table of probabilities, or an (O_i,) array of action numbers.

    ``None`` in an agent's place, or instead of the whole list, stands for the uniformly random policy.
    """
    if given is None:
        given = [None] * len(n_actions)
    if length(given) != len(n_actions):
        raise ValueError(f"policies must be a list of {len(n_actions)} policies, one per agent; got {shown(given)}")
    return [
        _policy(f"policies[{i}]", own, rows, count)
        for i, (own, rows, count) in enumerate(zip(given, n_rows, n_actions, strict=True))
    ]


def _policy(field: str, given, n_rows: int, n_actions: int) -> np.ndarray:
    if given is None:
        return np.full((n_rows, n_actions), 1 / n_actions)
    found = array(field, given)
    if found.shape == (n_rows,) and np.issubdtype(np.asarray(given).dtype, np.integer):
        if found.min() < 0 or found.max() >= n_actions:
            raise ValueError(f"{field} has actions {found.min():g} to {found.max():g}; expected 0 to {n_actions - 1}")
        return np.eye(n_actions)[found.astype(int)]
    if found.shape != (n_rows, n_actions):
        raise ValueError(
            f"{field} has shape {found.shape}; expected {(n_rows, n_actions)} probabilities or "
            f"({n_rows},) action numbers"
        )
    wrong = np.flatnonzero((found < 0).any(axis=1) | (np.abs(found.sum(axis=1) - 1) > TOLERANCE))
    if len(wrong):
        row = found[wrong[0]]
        raise ValueError(f"{field}[{wrong[0]}] is {row.tolist()}; expected probabilities that sum to 1")
    return found

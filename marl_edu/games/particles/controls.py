"""What an agent can do, in three languages: controls, numbered choices, and the vectors of MPE2.

Legend of axes: N agents, A entries of the longest control, C words; before them any axes that count copies.

**Controls** are the native language: a force (x, y) in [-1, 1]^2 for an agent that moves, then, for one that speaks,
one number in [0, 1] for each word of the vocabulary (a one-hot vector, or a softmax). Shorter controls are padded.

**Choices** are whole numbers: 0 nothing, 1 left (-x), 2 right (+x), 3 down (-y), 4 up (+y), with full force; for an
agent that only speaks, the number of the word; for one that does both, move + 5 word.

**MPE2's vectors** lie in [0, 1]: nothing, left, right, down, up, then the words. They are read as the force
(right - left, up - down), so that many vectors are the same force; ``to_mpe2`` gives the one that pulls in no direction
and its opposite at once.
"""

from __future__ import annotations

import numpy as np

from marl_edu.games import checks

MOVES = np.array([[0, 0], [-1, 0], [1, 0], [0, -1], [0, 1]], dtype=float)
"""Control of each numbered move. Five probabilities times this are the mean control."""


def sizes(world) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Entries of each agent's control, and number of its choices."""
    entries = tuple(2 * body.moves + world.vocabulary * body.speaks for body in world.bodies)
    choices = ((len(MOVES) if body.moves else 1) * (world.vocabulary if body.speaks else 1) for body in world.bodies)
    return entries, tuple(choices)


def bounds(world) -> tuple[np.ndarray, np.ndarray]:
    """Least and greatest value of each entry, both (N, A); padding may be any finite number."""
    lowest = np.full((world.n_agents, max(world.action_sizes)), -checks.LARGEST)
    highest = -lowest
    for i, body in enumerate(world.bodies):
        lowest[i, : 2 * body.moves], lowest[i, entries_of_words(world, i)] = -1, 0
        highest[i, : world.action_sizes[i]] = 1
    return lowest, highest


def entries_of_words(world, i: int) -> slice:
    """Which entries of agent ``i``'s control are words."""
    return slice(2 * world.bodies[i].moves, world.action_sizes[i])


def words(world, actions: np.ndarray) -> np.ndarray:
    """What everybody says, (..., N, C); zeros for those who can't speak."""
    said = np.zeros_like(world.words)
    for i, body in enumerate(world.bodies):
        if body.speaks:
            said[..., i, :] = actions[..., i, entries_of_words(world, i)]
    return said


def checked(world, actions) -> np.ndarray:
    """Controls as an array (..., N, A) whose entries lie within their bounds, or a ``ValueError``."""
    actions = checks.numeric("actions", actions)
    expected = (*world.copies, world.n_agents, max(world.action_sizes))
    if actions.shape != expected:
        raise ValueError(f"actions has shape {actions.shape}; expected {expected}: copies, agents, controls")
    fine = (actions >= world.lowest) & (actions <= world.highest)
    if not fine.all():
        *copy, i, entry = np.argwhere(~fine)[0].tolist()
        body, found = world.bodies[i], actions[(*copy, i, entry)]
        what = f"force {'xy'[entry]}" if body.moves and entry < 2 else f"word {entry - 2 * body.moves}"
        what = what if entry < world.action_sizes[i] else "padding"
        where = f" in copy {tuple(copy)}" if copy else ""
        low, high = world.lowest[i, entry], world.highest[i, entry]
        raise ValueError(f"{what} of {body.name!r}{where} is {found:g}; expected a number in [{low:g}, {high:g}]")
    return actions


def from_choices(world, choices) -> np.ndarray:
    """Controls (..., N, A) of numbered choices (..., N).

    Raises
    ------
    ValueError
        If there is no such choice; the message names the agent.

    Examples
    --------
    >>> from marl_edu.games import simple_spread
    >>> from_choices(simple_spread(), [0, 2, 3])
    array([[ 0.,  0.],
           [ 1.,  0.],
           [ 0., -1.]])
    """
    choices = checks.integers("choices", choices)
    if choices.shape[-1:] != (world.n_agents,):
        raise ValueError(f"choices has shape {choices.shape}; expected (..., {world.n_agents}), one for each agent")
    actions = np.zeros((*choices.shape, max(world.action_sizes)))
    for i, body in enumerate(world.bodies):
        own, last = choices[..., i], world.n_choices[i] - 1
        wrong = own[(own < 0) | (own > last)]
        if wrong.size:
            raise ValueError(f"choice of {body.name!r} is {wrong[0]}; expected a whole number from 0 to {last}")
        if body.moves:
            actions[..., i, :2] = MOVES[own % len(MOVES)]
        if body.speaks:
            said = own // len(MOVES) if body.moves else own
            actions[..., i, entries_of_words(world, i)] = np.eye(world.vocabulary)[said]
    return actions


def to_mpe2(world, i: int, action) -> np.ndarray:
    """MPE2's vector (..., 5 and words) for the control (..., A) of agent ``i``: exactly the same force and words.

    >>> from marl_edu.games import simple_spread
    >>> to_mpe2(simple_spread(), 0, [0.5, -0.25]).tolist()
    [0.0, 0.0, 0.5, 0.25, 0.0]
    """
    action, body, parts = np.asarray(action, dtype=float), world.bodies[i], []
    if body.moves:
        x, y = action[..., 0], action[..., 1]
        parts.append(np.maximum(np.stack([np.zeros_like(x), -x, x, -y, y], axis=-1), 0))
    if body.speaks:
        parts.append(action[..., entries_of_words(world, i)])
    return np.concatenate(parts, axis=-1)


def from_mpe2(world, i: int, vector) -> np.ndarray:
    """The control (..., A) of agent ``i`` for MPE2's vector.

    >>> from marl_edu.games import simple_spread
    >>> from_mpe2(simple_spread(), 0, [0.9, 0.0, 0.5, 1.0, 0.75]).tolist()
    [0.5, -0.25]
    """
    vector, body = np.asarray(vector, dtype=float), world.bodies[i]
    action = np.zeros((*vector.shape[:-1], max(world.action_sizes)))
    if body.moves:
        action[..., 0] = vector[..., 2] - vector[..., 1]
        action[..., 1] = vector[..., 4] - vector[..., 3]
    if body.speaks:
        action[..., entries_of_words(world, i)] = vector[..., len(MOVES) * body.moves :]
    return action

"""Repeated 2 x 2 games between strategies that remember one round, and their exact mean payoffs.

A *memory-one strategy* is five numbers: the probability of one's first action ("cooperate") at the start, and after
each outcome of the round before: CC, CD, DC, DD, one's own action first. Two of them, p and q, make the outcomes a
Markov chain. Told from agent 1's side, so that CD and DC of q change places,

    P[s, CC] = p_s q_s,   P[s, CD] = p_s (1 - q_s),   P[s, DC] = (1 - p_s) q_s,   P[s, DD] = (1 - p_s) (1 - q_s),

and P_0 alike at the start. How much each outcome weighs in the discounted sum of payoffs, and the mean payoff, are then

    z = (1 - gamma) P_0 (I - gamma P)^-1,    V^i = z . u^i,

in payoffs per round: V^i / (1 - gamma) is the discounted sum G_0 = sum_t gamma^t R_t.

Legend of axes: ... any leading axes, 5 probabilities, 4 outcomes.

Sources: M. Nowak and K. Sigmund, "A strategy of win-stay, lose-shift that outperforms tit-for-tat in the Prisoner's
Dilemma game", Nature 364 (1993); W. Press and F. Dyson, "Iterated Prisoner's Dilemma contains strategies that dominate
any evolutionary opponent", PNAS 109 (2012); J. Foerster et al., "Learning with opponent-learning awareness", AAMAS
2018 (the value).
"""

from __future__ import annotations

import numpy as np

from marl_edu.games import checks
from marl_edu.games.markov_game import MarkovGame
from marl_edu.games.matrix_games import matrix_game

OUTCOMES = ("start", "CC", "CD", "DC", "DD")
"""What a strategy may just have seen: nothing yet, or both actions, its own first. C is the first action."""

STRATEGIES: dict[str, tuple[float, float, float, float, float]] = {
    "always cooperate": (1, 1, 1, 1, 1),
    "always defect": (0, 0, 0, 0, 0),
    "tit for tat": (1, 1, 0, 1, 0),
    "generous tit for tat": (1, 1, 1 / 3, 1, 1 / 3),
    "grim trigger": (1, 1, 0, 0, 0),
    "win-stay lose-shift": (1, 1, 0, 0, 1),
    "extortion": (0, 11 / 13, 1 / 2, 7 / 26, 0),
    "coin": (1 / 2, 1 / 2, 1 / 2, 1 / 2, 1 / 2),
}
"""Strategies by name, each the probabilities of cooperating after what ``OUTCOMES`` lists.

Generous tit for tat forgives as often as suits payoffs 5, 3, 1, 0 (M. Nowak and K. Sigmund, Nature 355 (1992)).
Extortion is made for them too: discounted little, it gains three times as much above 1 as any opponent does (Press and
Dyson 2012). Grim trigger defects for good once anybody has; with one round's memory, noise can make both forget.
"""

SEEN_BY_THE_OTHER = [0, 1, 3, 2, 4]
"""The outcomes as the other agent tells them: CD and DC change places."""


def iterated_dilemma(*, discount: float = 0.96) -> MarkovGame:
    """The prisoner's dilemma in years of prison, repeated: -1, -3, 0, -2.

    Source: J. Foerster et al., "Learning with opponent-learning awareness", AAMAS 2018.

    >>> iterated_dilemma().rewards[0, 0].tolist()
    [[-1.0, -3.0], [0.0, -2.0]]
    """
    own = np.array([[-1, -3], [0, -2]])
    actions, name = ["cooperate", "defect"], "iterated prisoner's dilemma"
    return matrix_game([own, own.T], discount=discount, actions=actions, name=name)


def two_action_tables(game: MarkovGame) -> np.ndarray:
    """The payoffs (2, 2, 2) of a game that memory-one strategies can play, or a ``ValueError`` that says why not."""
    if checks.game(game).n_states != 1 or tuple(game.n_actions) != (2, 2):
        many = " x ".join(map(str, game.n_actions))
        raise ValueError(
            f"game {game.name!r} has {game.n_states} state{'s' * (game.n_states > 1)} and {many} actions; expected "
            "one state and two agents with two actions each"
        )
    return game.rewards[:, 0]


def discount_of(game: MarkovGame, discount: float | None = None) -> float:
    """The discount that is given, or else the game's; below 1, so that sums and means exist."""
    field = "discount" if discount is not None else f"discount of game {game.name!r}"
    found = checks.number(field, game.discount if discount is None else discount, 0, 1)
    if found == 1:
        raise ValueError(f"{field} is 1; expected one below 1, such as 0.99")
    return found


def outcome_chances(first, second) -> tuple:
    """P: how likely CC, CD, DC, DD are after what ``OUTCOMES`` lists, four (..., 5), for arrays as for tensors.

    ``first`` and ``second`` (..., 5) are each told from its own side.
    """
    second = second[..., SEEN_BY_THE_OTHER]
    return first * second, first * (1 - second), (1 - first) * second, (1 - first) * (1 - second)


def memory_one_play(first, second, discount: float, noise: float = 0.0) -> np.ndarray:
    """How often each joint action is played when two memory-one strategies meet: z.

    Parameters
    ----------
    first, second : (..., 5) array
        Probabilities of the first action of agent 1, and of agent 2, after what ``OUTCOMES`` lists, each from its own
        side. Leading axes are broadcast.
    discount : float in [0, 1)
        gamma: round t counts gamma^t. Near 1 this is the share of rounds in the long run.
    noise : float in [0, 0.5]
        Probability that an agent's action comes out as the other one, in each round anew. Both see what came out.

    Returns
    -------
    (..., 2, 2) array
        Summing to 1: action of agent 1, action of agent 2.

    Raises
    ------
    ValueError
        If the strategies are no probabilities, or the discount is 1.

    Examples
    --------
    Two that play tit for tat, of whom the second begins by defecting, take turns:

    >>> memory_one_play([1, 1, 0, 1, 0], [0, 1, 0, 1, 0], discount=0.5).round(3).tolist()
    [[0.0, 0.667], [0.333, 0.0]]
    """
    first, second = strategy("first", first, noise), strategy("second", second, noise)
    if (discount := checks.number("discount", discount, 0, 1)) == 1:
        raise ValueError("discount is 1; expected one below 1, such as 0.99")
    chances = np.stack(outcome_chances(first, second), axis=-1)  # ..., start and outcomes, next outcome
    start, moves = chances[..., 0, :], chances[..., 1:, :]
    weights = np.linalg.solve(np.eye(4) - discount * np.swapaxes(moves, -1, -2), (1 - discount) * start[..., None])
    return weights[..., 0].reshape(*weights.shape[:-2], 2, 2)


def strategy(field: str, given, noise: float = 0.0) -> np.ndarray:
    """Checked probabilities (..., 5), after noise has turned some actions into the other one."""
    found = checks.array(field, given)
    if not found.ndim or found.shape[-1] != 5:
        raise ValueError(f"{field} has shape {found.shape}; expected 5 probabilities: {', '.join(OUTCOMES)}")
    if len(bad := np.argwhere((found < 0) | (found > 1))):
        index = tuple(bad[0].tolist())
        raise ValueError(f"{field}{list(index)} is {found[index]:g}; expected a probability, from 0 to 1")
    noise = checks.number("noise", noise, 0, 0.5)
    return (1 - noise) * found + noise * (1 - found)


def memory_one_payoffs(
    game: MarkovGame, first, second, discount: float | None = None, noise: float = 0.0
) -> np.ndarray:
    """Mean payoff per round of two memory-one strategies: (1 - gamma) times the discounted sum.

    Parameters
    ----------
    game : MarkovGame
        Two agents, one state, two actions each.
    first, second : (..., 5) array
        As in ``memory_one_play``.
    discount : float in [0, 1), optional
        By default the game's.
    noise : float in [0, 0.5]
        As in ``memory_one_play``.

    Returns
    -------
    (..., 2) array
        Of agent 1 and agent 2, in units of reward.

    Raises
    ------
    ValueError
        If one of these is otherwise.

    Examples
    --------
    A defector gains once from tit for tat, which is not worth it if the future counts:

    >>> game = iterated_dilemma(discount=0.96)
    >>> memory_one_payoffs(game, STRATEGIES["always defect"], STRATEGIES["tit for tat"]).round(2).tolist()
    [-1.92, -2.04]
    """
    tables = two_action_tables(game)
    play = memory_one_play(first, second, discount_of(game, discount), noise)
    return np.einsum("...ab,iab->...i", play, tables)

"""Matrix games: one state, one table of payoffs per agent, and the classics with their sources.

A matrix game is a Markov game whose only state leads back to itself. Played once, an episode is one step and the
discount is 0; with a discount above 0 and a longer horizon the same data is the repeated game.

Legend of axes: N agents, A_i actions of agent i. In two-agent tables rows are agent 1 and columns agent 2.
"""

from __future__ import annotations

import math

import numpy as np

from marl_edu.games import checks
from marl_edu.games.markov_game import MarkovGame
from marl_edu.games.successors import Successors


def matrix_game(
    payoffs, *, discount: float = 0.0, horizon: int | None = 1, agents=None, actions=None, name: str = "matrix game"
) -> MarkovGame:
    """A game with one state, ``'s0'``, from its table or tables of payoffs.

    Parameters
    ----------
    payoffs : array
        One table per agent, shape (N, A_1, ..., A_N): ``payoffs[i][a_1, ..., a_N]`` is what agent i gets. A pair of
        (A_1, A_2) tables is such an array. A *single* table of shape (A_1, A_2) is a team game of two agents: both
        get the same payoff. So two axes always mean a team of two, and N + 1 axes mean N agents.
    discount : float in [0, 1]
        0 for a game played once, above 0 for a repeated game.
    horizon : int or None
        Plays in an episode, after which it is truncated; ``None`` for no limit.
    agents, actions : sequence of str, optional
        Names, as in ``MarkovGame``.
    name : str
        A title.

    Returns
    -------
    MarkovGame
        With one state that every joint action leads back to.

    Raises
    ------
    ValueError
        If the tables are not finite numbers of one of the two shapes.

    Examples
    --------
    >>> matrix_game([[2, 0], [0, 1]]).setting
    'cooperative'
    >>> matrix_game([[[1, -1], [-1, 1]], [[-1, 1], [1, -1]]]).setting
    'zero-sum'
    """
    tables = _tables(payoffs)
    return MarkovGame(
        transitions=np.ones((1, *tables.shape[1:], 1)),
        rewards=tables[:, np.newaxis],
        discount=discount,
        horizon=horizon,
        agents=agents,
        actions=actions,
        name=name,
    )


def _tables(payoffs) -> np.ndarray:
    """Payoffs as one table per agent, (N, A_1, ..., A_N)."""
    tables = checks.array("payoffs", payoffs)
    if tables.ndim == 2 and tables.size:
        return np.stack([tables, tables])
    if tables.ndim < 3 or len(tables) != tables.ndim - 1 or not tables.size:
        raise ValueError(
            f"payoffs has shape {tables.shape}; expected one (A_1, A_2) table for a team of two, or one table per agent: "
            "(2, A_1, A_2) for two agents, (3, A_1, A_2, A_3) for three"
        )
    return tables


def _coin_flip_game(heads, tails, *, discount: float, horizon: int | None, actions, name: str) -> MarkovGame:
    """A team game of two that pays ``heads`` or ``tails``, (A_1, A_2) each, with probability 1/2 at every play."""
    heads, tails = np.array(heads, dtype=float), np.array(tails, dtype=float)
    outcomes = [
        [(1.0, 0, (one, one))] if one == other else [(0.5, 0, (one, one)), (0.5, 0, (other, other))]
        for one, other in zip(heads.ravel(), tails.ravel(), strict=True)
    ]
    mean = (heads + tails) / 2
    return MarkovGame(
        transitions=Successors.from_outcomes(outcomes),
        rewards=np.stack([mean, mean])[:, np.newaxis],
        discount=discount,
        horizon=horizon,
        actions=actions,
        name=name,
    )


def prisoners_dilemma(*, discount: float = 0.0, horizon: int | None = 1) -> MarkovGame:
    """Defecting always pays more, yet both are better off if both cooperate: 5, 3, 1, 0.

    Source: R. Axelrod, "The Evolution of Cooperation", 1984, chapter 1, figure 1.

    >>> prisoners_dilemma().rewards[0, 0].tolist()
    [[3.0, 0.0], [5.0, 1.0]]
    """
    own = np.array([[3, 0], [5, 1]])
    return matrix_game(
        [own, own.T],
        discount=discount,
        horizon=horizon,
        actions=["cooperate", "defect"],
        name="prisoner's dilemma",
    )


def stag_hunt(*, discount: float = 0.0, horizon: int | None = 1) -> MarkovGame:
    """The stag needs both hunters; the hare is safe. Two pure equilibria, the better one riskier.

    Source: M. Osborne, "An Introduction to Game Theory", 2004, section 2.5.

    >>> stag_hunt().rewards[0, 0].tolist()
    [[2.0, 0.0], [1.0, 1.0]]
    """
    own = np.array([[2, 0], [1, 1]])
    return matrix_game([own, own.T], discount=discount, horizon=horizon, actions=["stag", "hare"], name="stag hunt")


def chicken(*, discount: float = 0.0, horizon: int | None = 1) -> MarkovGame:
    """Who swerves loses face, but if nobody does both lose most. Two pure equilibria, each better for one agent.

    A coordinating signal helps: the payoffs are the usual example of a correlated equilibrium outside the hull of the
    Nash equilibria.

    Source: R. Aumann, "Subjectivity and correlation in randomized strategies", J. Math. Economics 1 (1974), 67-96.

    >>> chicken().rewards[0, 0].tolist()
    [[6.0, 2.0], [7.0, 0.0]]
    """
    own = np.array([[6, 2], [7, 0]])
    return matrix_game([own, own.T], discount=discount, horizon=horizon, actions=["swerve", "straight"], name="chicken")


def battle_of_the_sexes(*, discount: float = 0.0, horizon: int | None = 1) -> MarkovGame:
    """Both want to be together, one prefers Bach, the other Stravinsky.

    Source: R. Luce and H. Raiffa, "Games and Decisions", 1957, section 5.3; payoffs as in M. Osborne and
    A. Rubinstein, "A Course in Game Theory", 1994, example 15.3.

    >>> battle_of_the_sexes().rewards[:, 0].tolist()
    [[[2.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, 2.0]]]
    """
    return matrix_game(
        [[[2, 0], [0, 1]], [[1, 0], [0, 2]]],
        discount=discount,
        horizon=horizon,
        actions=["Bach", "Stravinsky"],
        name="battle of the sexes",
    )


def matching_pennies(*, discount: float = 0.0, horizon: int | None = 1) -> MarkovGame:
    """Agent 1 wins if the pennies match, agent 2 if they differ. The only equilibrium is to mix evenly.

    Source: M. Osborne and A. Rubinstein, "A Course in Game Theory", 1994, example 17.1.

    >>> matching_pennies().setting
    'zero-sum'
    """
    own = np.array([[1, -1], [-1, 1]])
    return matrix_game(
        [own, -own], discount=discount, horizon=horizon, actions=["heads", "tails"], name="matching pennies"
    )


def rock_paper_scissors(*, discount: float = 0.0, horizon: int | None = 1) -> MarkovGame:
    """Paper beats rock, scissors beat paper, rock beats scissors: +1 for the winner, -1 for the loser.

    Source: J. Hofbauer and K. Sigmund, "Evolutionary Games and Population Dynamics", 1998, section 7.7.

    >>> rock_paper_scissors().rewards[0, 0].tolist()
    [[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]]
    """
    own = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]])
    return matrix_game(
        [own, -own],
        discount=discount,
        horizon=horizon,
        actions=["rock", "paper", "scissors"],
        name="rock-paper-scissors",
    )


def climbing(variant: str = "deterministic", *, discount: float = 0.0, horizon: int | None = 1) -> MarkovGame:
    """A team of two must find (a, a) = 11 although every miss on the way there is punished.

    (b, b) = 7 is an equilibrium too; (c, c) is none, because from there agent 1 gains by playing b against c. The 6
    stands at (b, c): many copies of the table transpose it.

    Source: C. Claus and C. Boutilier, "The dynamics of reinforcement learning in cooperative multiagent systems",
    AAAI 1998; the stochastic variants from S. Kapetanakis and D. Kudenko, AAAI 2002, as tabulated in L. Matignon,
    G. Laurent and N. Le Fort-Piat, Knowledge Engineering Review 27 (2012), 1-31.

    Parameters
    ----------
    variant : {'deterministic', 'partially stochastic', 'fully stochastic'}
        Partially: (b, b) pays 14 or 0, each with probability 1/2. Fully: every entry pays one of two amounts; the
        means are those of the deterministic table but for (c, b), whose mean is 6.
    discount, horizon : float, int or None
        As in ``matrix_game``.

    Raises
    ------
    ValueError
        If the variant is unknown.

    Examples
    --------
    >>> climbing().rewards[0, 0].tolist()
    [[11.0, -30.0, 0.0], [-30.0, 7.0, 6.0], [0.0, 0.0, 5.0]]
    >>> climbing("fully stochastic").rewards[0, 0].tolist()
    [[11.0, -30.0, 0.0], [-30.0, 7.0, 6.0], [0.0, 6.0, 5.0]]
    """
    table = [[11, -30, 0], [-30, 7, 6], [0, 0, 5]]
    pairs = {
        "deterministic": (table, table),
        "partially stochastic": ([[11, -30, 0], [-30, 14, 6], [0, 0, 5]], [[11, -30, 0], [-30, 0, 6], [0, 0, 5]]),
        "fully stochastic": ([[10, 5, 8], [5, 14, 12], [8, 12, 10]], [[12, -65, -8], [-65, 0, 0], [-8, 0, 0]]),
    }
    checks.option("variant", variant, pairs)
    if variant == "deterministic":
        return matrix_game(table, discount=discount, horizon=horizon, actions=["a", "b", "c"], name="climbing game")
    name = f"{variant} climbing game"
    return _coin_flip_game(*pairs[variant], discount=discount, horizon=horizon, actions=["a", "b", "c"], name=name)


def penalty(k: float = -100.0, *, discount: float = 0.0, horizon: int | None = 1) -> MarkovGame:
    """A team of two has two optima, (a, a) and (c, c), each 10, and pays ``k`` if the agents pick different ones.

    (b, b) = 2 is the safe equilibrium.

    Source: C. Claus and C. Boutilier, "The dynamics of reinforcement learning in cooperative multiagent systems",
    AAAI 1998, where ``k`` is at most 0.

    >>> penalty(-30).rewards[0, 0].tolist()
    [[10.0, 0.0, -30.0], [0.0, 2.0, 0.0], [-30.0, 0.0, 10.0]]
    """
    k = checks.number("k", k, -math.inf, 0)
    table = [[10, 0, k], [0, 2, 0], [k, 0, 10]]
    return matrix_game(
        table, discount=discount, horizon=horizon, actions=["a", "b", "c"], name=f"penalty game, k = {k:g}"
    )


def shapley_game(*, discount: float = 0.0, horizon: int | None = 1) -> MarkovGame:
    """Agent 1 wants to match, agent 2 wants to be one ahead: fictitious play runs in ever longer circles.

    Source: L. Shapley, "Some topics in two-person games", in Advances in Game Theory, Annals of Mathematics Studies
    52 (1964), 1-28.

    >>> shapley_game().rewards[1, 0].tolist()
    [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    """
    matched = np.eye(3)
    return matrix_game(
        [matched, np.roll(matched, 1, axis=1)],
        discount=discount,
        horizon=horizon,
        actions=["a", "b", "c"],
        name="Shapley's game",
    )

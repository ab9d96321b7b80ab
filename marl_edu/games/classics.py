"""The classic matrix games, each with its source.

Rows are agent 1, columns agent 2. Every one is played once by default; with a ``discount`` above 0 it is the repeated
game, without end unless a ``horizon`` is given.
"""

from __future__ import annotations

import numpy as np

from marl_edu.games import checks
from marl_edu.games.markov_game import MarkovGame
from marl_edu.games.matrix_games import coin_flip_game, matrix_game


def prisoners_dilemma(*, discount: float = 0.0, horizon: int | None = None) -> MarkovGame:
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


def stag_hunt(*, discount: float = 0.0, horizon: int | None = None) -> MarkovGame:
    """The stag needs both hunters; the hare is safe. Two pure equilibria, the better one riskier.

    Source: M. Osborne, "An Introduction to Game Theory", 2004, section 2.5.

    >>> stag_hunt().rewards[0, 0].tolist()
    [[2.0, 0.0], [1.0, 1.0]]
    """
    own = np.array([[2, 0], [1, 1]])
    return matrix_game([own, own.T], discount=discount, horizon=horizon, actions=["stag", "hare"], name="stag hunt")


def chicken(*, discount: float = 0.0, horizon: int | None = None) -> MarkovGame:
    """Who swerves loses face, but if nobody does both lose most. Two pure equilibria, each better for one agent.

    A coordinating signal helps: the payoffs are the usual example of a correlated equilibrium outside the hull of the
    Nash equilibria.

    Source: R. Aumann, "Subjectivity and correlation in randomized strategies", J. Math. Economics 1 (1974), 67-96.

    >>> chicken().rewards[0, 0].tolist()
    [[6.0, 2.0], [7.0, 0.0]]
    """
    own = np.array([[6, 2], [7, 0]])
    return matrix_game([own, own.T], discount=discount, horizon=horizon, actions=["swerve", "straight"], name="chicken")


def battle_of_the_sexes(*, discount: float = 0.0, horizon: int | None = None) -> MarkovGame:
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


def matching_pennies(*, discount: float = 0.0, horizon: int | None = None) -> MarkovGame:
    """Agent 1 wins if the pennies match, agent 2 if they differ. The only equilibrium is to mix evenly.

    Source: M. Osborne and A. Rubinstein, "A Course in Game Theory", 1994.

    >>> matching_pennies().rewards[:, 0].tolist()
    [[[1.0, -1.0], [-1.0, 1.0]], [[-1.0, 1.0], [1.0, -1.0]]]
    """
    own = np.array([[1, -1], [-1, 1]])
    return matrix_game(
        [own, -own], discount=discount, horizon=horizon, actions=["heads", "tails"], name="matching pennies"
    )


def rock_paper_scissors(*, discount: float = 0.0, horizon: int | None = None) -> MarkovGame:
    """Paper beats rock, scissors beat paper, rock beats scissors: +1 for the winner, -1 for the loser.

    Source: J. Hofbauer and K. Sigmund, "Evolutionary Games and Population Dynamics", 1998.

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


def climbing(variant: str = "deterministic", *, discount: float = 0.0, horizon: int | None = None) -> MarkovGame:
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
    return coin_flip_game(*pairs[variant], discount=discount, horizon=horizon, actions=["a", "b", "c"], name=name)


def penalty(k: float = -100.0, *, discount: float = 0.0, horizon: int | None = None) -> MarkovGame:
    """A team of two has two optima, (a, a) and (c, c), each 10, and pays ``k`` if the agents pick different ones.

    (b, b) = 2 is the safe equilibrium.

    Source: C. Claus and C. Boutilier, "The dynamics of reinforcement learning in cooperative multiagent systems",
    AAAI 1998, where ``k`` is at most 0.

    >>> penalty(-30).rewards[0, 0].tolist()
    [[10.0, 0.0, -30.0], [0.0, 2.0, 0.0], [-30.0, 0.0, 10.0]]
    """
    k = checks.number("k", k, -checks.LARGEST, 0)
    table = [[10, 0, k], [0, 2, 0], [k, 0, 10]]
    return matrix_game(
        table, discount=discount, horizon=horizon, actions=["a", "b", "c"], name=f"penalty game, k = {k:g}"
    )


def qtran_matrix(*, discount: float = 0.0, horizon: int | None = None) -> MarkovGame:
    """A team of two earns 8 if both play a, loses 12 if only one does, and 0 is safe.

    A sum of what each agent adds ranks (a, a) last. The best monotone fit keeps the 8, but learning by gradient from a
    random start tends to end in another one, which does not.

    Source: K. Son et al., "QTRAN: Learning to factorize with transformation for cooperative multi-agent reinforcement
    learning", ICML 2019, table 1a.

    >>> qtran_matrix().rewards[0, 0].tolist()
    [[8.0, -12.0, -12.0], [-12.0, 0.0, 0.0], [-12.0, 0.0, 0.0]]
    """
    table = [[8, -12, -12], [-12, 0, 0], [-12, 0, 0]]
    return matrix_game(table, discount=discount, horizon=horizon, actions=["a", "b", "c"], name="QTRAN matrix")


def shapley_game(*, discount: float = 0.0, horizon: int | None = None) -> MarkovGame:
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

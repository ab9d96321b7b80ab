"""All Nash equilibria of a matrix game.

With two agents every equilibrium is found, a continuum by its corners: ``extreme_equilibria.py`` says how. With
more agents the equations are no longer linear; ``mixed_roots.py`` solves them for small games, and what could
not be settled is said: ``complete`` is then False.

The solver is this package's own, after others were measured on random bimatrix games. nashpy's support enumeration
misses equilibria. QuantEcon's is complete, but compiles for seconds at its first use; ``bench_equilibria.py`` among the
benchmarks measures both. pygambit's ``enummixed_solve`` is complete, and fast where games are small (0.25 ms at 2 x 2,
34 ms at 8 x 8, 19 s at 12 x 12), but it comes under the GPL, and for this version of Python as a source package only,
which every student would have to compile: so it is neither used nor compared there.

Legend of axes: N agents, A_i actions of agent i.

Source: J. Nash, "Non-cooperative games", Annals of Mathematics 54 (1951).
"""

from __future__ import annotations

import numpy as np

from marl_edu.games.markov_game import MarkovGame
from marl_edu.planning.equilibrium_set import EquilibriumSet, as_equilibrium
from marl_edu.planning.extreme_equilibria import extreme_equilibria
from marl_edu.planning.mixed_roots import mixed_roots
from marl_edu.planning.normal_form import payoff_tables, pure_equilibria
from marl_edu.planning.polytopes import rounding_doubt


def equilibria(game: MarkovGame) -> EquilibriumSet:
    """All Nash equilibria of a matrix game, pure and mixed.

    Parameters
    ----------
    game : MarkovGame
        A matrix game: of two agents up to about 13 x 13 actions (payoffs are compared exactly, those within 1e-12 of
        the agent's range count as equal; ``complete`` is False where payoffs differ by less than rounding can tell),
        of more agents as far as ``complete`` says.

    Returns
    -------
    EquilibriumSet
        ``equilibria``, and whether the game is ``degenerate``, how the equilibria hang together, whether they are all.

    Raises
    ------
    ValueError
        If the game has more than one state, or is too large.

    Examples
    --------
    >>> from marl_edu.games import battle_of_the_sexes, matrix_game
    >>> for equilibrium in equilibria(battle_of_the_sexes()):
    ...     print(equilibrium)
    Equilibrium([1, 0], [1, 0]; pays 2, 1; pure)
    Equilibrium([0, 1], [0, 1]; pays 1, 2; pure)
    Equilibrium([2/3, 1/3], [1/3, 2/3]; pays 2/3, 2/3; mixed)

    If agent 2 doesn't care, there are infinitely many, and this is said:

    >>> found = equilibria(matrix_game([[[1, 0], [0, 1]], [[0, 0], [0, 0]]]))
    >>> found.degenerate, found.continuum, found.nash_subsets
    (True, True, ((0, 2), (1, 3), (2, 3)))
    """
    tables = payoff_tables(game)
    choosing = [agent for agent, count in enumerate(game.n_actions) if count > 1]
    if len(choosing) > 2:
        return _of_many(game, tables)
    first, second = _as_bimatrix(tables, choosing)
    found = extreme_equilibria(first, second)
    listed = []
    for pair in found.pairs:
        policies = [np.ones(1) for _ in game.n_actions]
        for agent, policy in zip(choosing, pair, strict=False):
            policies[agent] = policy
        listed.append(as_equilibrium(tables, policies))
    subsets, components = (tuple(map(tuple, given)) for given in (found.nash_subsets, found.components))
    doubt = rounding_doubt((first, second)[: len(choosing)], [game.agents[agent] for agent in choosing])
    return EquilibriumSet(game, tuple(listed), found.degenerate, subsets, components, not doubt, doubt)


def _as_bimatrix(tables: np.ndarray, choosing: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Payoffs of the at most two agents that have a choice, (m, n) each; who is not there has one action and gets 0."""
    shape = [tables.shape[1 + agent] for agent in choosing] + [1, 1]
    kept = [tables[agent].reshape(shape[:2]) for agent in choosing]
    first, second, *_ = [*kept, np.zeros(shape[:2]), np.zeros(shape[:2])]
    return first, second


def _of_many(game: MarkovGame, tables: np.ndarray) -> EquilibriumSet:
    """Equilibria of a game in which three agents or more have a choice."""
    pure = [
        [np.eye(count)[a] for count, a in zip(game.n_actions, joint, strict=True)] for joint in pure_equilibria(game)
    ]
    roots = mixed_roots(tables)
    listed = tuple(as_equilibrium(tables, policies) for policies in pure + roots.policies)
    single = tuple((e,) for e in range(len(listed)))
    reason = roots.reason or rounding_doubt(tables, game.agents)
    return EquilibriumSet(game, listed, roots.degenerate, single, single, not reason, reason)

"""What a search for equilibria hands back: the equilibria, how they hang together, and whether these are all.

Most games have finitely many equilibria. In a *degenerate* game there may be a continuum. With two agents it consists
of *maximal Nash subsets*: pick any mixture of some policies of agent 1 and any mixture of some of agent 2, and the two
are an equilibrium. The corners of these sets are the *extreme* equilibria, and they are what is listed.

Legend of axes: N agents, A_i actions of agent i.

Source: C. Millham, "On Nash subsets of bimatrix games", Naval Research Logistics 21 (1974); R. Winkels, "An algorithm
to determine all equilibrium points of a bimatrix game", in "Game Theory and Related Topics", North-Holland 1979.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from marl_edu.games.markov_game import MarkovGame
from marl_edu.planning.normal_form import payoffs_of_actions

SPOKEN = 6
"""Most equilibria that ``words`` goes through one by one."""


@dataclass(frozen=True, eq=False)
class Equilibrium:
    """One Nash equilibrium of a matrix game.

    Attributes
    ----------
    policies : tuple of N arrays (1, A_i)
        Probabilities of actions, as ``evaluate`` takes them. Read-only.
    payoffs : (N,) array
        Expected payoffs, in units of reward. Read-only.
    pure : bool
        Whether nobody mixes.
    support : tuple of N tuples of int
        The actions that are played with a probability above 0.
    """

    policies: tuple[np.ndarray, ...]
    payoffs: np.ndarray
    pure: bool
    support: tuple[tuple[int, ...], ...]

    def __repr__(self) -> str:
        policies = ", ".join("[" + ", ".join(map(as_text, table[0])) + "]" for table in self.policies)
        kind = "pure" if self.pure else "mixed"
        return f"Equilibrium({policies}; pays {', '.join(map(as_text, self.payoffs))}; {kind})"


@dataclass(frozen=True, eq=False)
class EquilibriumSet:
    """The Nash equilibria of a matrix game.

    Attributes
    ----------
    game : MarkovGame
        Whose they are.
    equilibria : tuple of Equilibrium
        Pure ones first, each group in order of the actions played. Where there is a continuum, its corners.
    degenerate : bool
        With two agents: whether some mixed policy has more best responses than actions that it mixes. Only then can
        there be a continuum, or an even number. With more: whether an equilibrium was met that is not isolated, or
        in which an action that is not played is a best response.
    nash_subsets : tuple of tuples of int
        Maximal Nash subsets, as positions in ``equilibria``: {(x, y)} with x in the convex hull of the policies of
        agent 1 in these equilibria, y in that of agent 2's. A single position is an isolated equilibrium; in a 2 x 2
        game, two span a segment and four a rectangle.
    components : tuple of tuples of int
        The connected pieces of the set, as positions in ``equilibria``; a piece is the union of Nash subsets.
    complete : bool
        Whether these are certainly all, a continuum counting as given by its corners.
    reason : str
        Why they may not be all; empty if ``complete``.
    """

    game: MarkovGame
    equilibria: tuple[Equilibrium, ...]
    degenerate: bool
    nash_subsets: tuple[tuple[int, ...], ...]
    components: tuple[tuple[int, ...], ...]
    complete: bool
    reason: str = ""

    def __len__(self) -> int:
        return len(self.equilibria)

    def __iter__(self) -> Iterator[Equilibrium]:
        return iter(self.equilibria)

    def __getitem__(self, position: int) -> Equilibrium:
        return self.equilibria[position]

    @property
    def continuum(self) -> bool | None:
        """Whether there are infinitely many equilibria; None if that is not known."""
        if any(len(piece) > 1 for piece in self.components):
            return True
        return False if self.complete else None

    def __repr__(self) -> str:
        found = f"{len(self)} extreme, a continuum" if self.continuum else f"{len(self)}"
        notes = ["degenerate"] * self.degenerate + ["complete" if self.complete else "perhaps not all"]
        return f"EquilibriumSet({self.game.name!r}: {found}, {', '.join(notes)})"

    def words(self) -> str:
        """The set in sentences, for a student.

        >>> from marl_edu.games import stag_hunt
        >>> from marl_edu.planning import equilibria
        >>> print(equilibria(stag_hunt()).words())
        3 equilibria: (stag, stag) pays 2, 2; (hare, hare) pays 1, 1; agent 1 mixes stag 1/2, hare 1/2 and agent 2 \
mixes stag 1/2, hare 1/2, which pays 1, 1.
        """
        count = f"{len(self)} equilibri{'um' if len(self) == 1 else 'a'}"
        if self.continuum:
            pieces = sum(len(piece) > 1 for piece in self.components)
            points = len(self.components) - pieces
            where = f"{pieces} connected piece{'s' if pieces > 1 else ''}"
            where += f" and {points} single point{'s' if points > 1 else ''}" if points else ""
            count = f"Infinitely many equilibria, in {where}, with {len(self)} corners"
        more = f"; and {len(self) - SPOKEN} more" if len(self) > SPOKEN else ""
        listed = ": " + "; ".join(map(self._spoken, self.equilibria[:SPOKEN])) + more if len(self) else ""
        sentences = [f"{count}{listed}."]
        if self.degenerate:
            sentences.append("The game is degenerate: some policy has more best responses than actions that it mixes.")
        if not self.complete:
            many = ", even infinitely many" if self.continuum is None else ""
            sentences.append(f"There may be more{many}: {self.reason}.")
        return " ".join(sentences)

    def _spoken(self, equilibrium: Equilibrium) -> str:
        """One equilibrium in words."""
        actions, paid = self.game.actions, ", ".join(map(as_text, equilibrium.payoffs))
        if equilibrium.pure:
            played = ", ".join(names[own[0]] for names, own in zip(actions, equilibrium.support, strict=True))
            return f"({played}) pays {paid}"
        clauses = []
        for agent, table, names, own in zip(
            self.game.agents, equilibrium.policies, actions, equilibrium.support, strict=True
        ):
            shares = ", ".join(f"{names[a]} {as_text(table[0, a])}" for a in own)
            clauses.append(f"{agent} plays {names[own[0]]}" if len(own) == 1 else f"{agent} mixes {shares}")
        return f"{' and '.join(clauses)}, which pays {paid}"


def as_equilibrium(tables: np.ndarray, policies: list[np.ndarray]) -> Equilibrium:
    """Mixed policies that are an equilibrium, with what goes with them."""
    payoffs = np.array([payoffs_of_actions(tables, i, policies) @ own for i, own in enumerate(policies)])
    support = tuple(tuple(np.flatnonzero(policy).tolist()) for policy in policies)
    rows = tuple(policy[None].copy() for policy in policies)
    for array in (payoffs, *rows):
        array.flags.writeable = False
    return Equilibrium(rows, payoffs, all(len(own) == 1 for own in support), support)


def as_text(number: float) -> str:
    """A number as a fraction with a small denominator if it is one, otherwise with four digits.

    >>> as_text(1 / 3), as_text(0.1234567), as_text(-2.0), as_text(1e12)
    ('1/3', '0.1235', '-2', '1e+12')
    """
    simple = Fraction(float(number)).limit_denominator(100)
    close = abs(float(simple) - number) <= 1e-12 * max(1.0, abs(number))
    return str(simple) if close and abs(number) < 1e9 else f"{number:.4g}"

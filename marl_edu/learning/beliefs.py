"""What the partners of a match believe, as arrays for its frame.

Legend of axes: N agents, O observations and A actions (most of any agent).
"""

from __future__ import annotations

import numpy as np

from marl_edu.games import MarkovGame, checks
from marl_edu.learning.partners import Partner

MOST_ENTRIES = 2**18
"""Size N O A up to which beliefs go into frames."""


def beliefs(game: MarkovGame, partners: dict[int, Partner], state: int, chosen: list[dict]) -> dict[str, np.ndarray]:
    """What partners say: values ``q`` everywhere, (N, O, A), and of one state three rows per agent, (N, A).

    The rows are the ``policy``, the ``model`` of the student, and how often the student has ``chosen`` each action in
    the same situation, from ``chosen[i]``: counts by partner i's contexts. NaN stands for what a partner does not say.
    Nothing at all is returned where the values would be very large.
    """
    shape = game.n_agents, max(game.n_observations), max(game.n_actions)
    if np.prod(shape, dtype=float) > MOST_ENTRIES:
        return {}
    found = {"q": np.full(shape, np.nan, dtype=np.float32)}
    found |= {name: np.full((shape[0], shape[2]), np.nan) for name in ("policy", "model", "chosen")}
    for i, partner in partners.items():
        o = int(game.observations[i, state])
        values, policy = said(partner, "values", i), said(partner, "policy", i)
        model = said(partner, "model", partner.student)
        counts = chosen[i].get(partner.context(o), np.zeros(game.n_actions[partner.student]))
        if values is not None:
            found["q"][i, : values.shape[0], : values.shape[1]] = values
        for name, row in (("policy", policy), ("model", model), ("chosen", [counts])):
            if row is not None:
                row = row[0] if name == "chosen" else row[o]
                found[name][i, : len(row)] = row
    return found


def said(partner: Partner, what: str, agent: int) -> np.ndarray | None:
    """A partner's ``values``, ``policy`` or ``model``, (O, actions of the agent meant), checked; None if it has none.

    Raises
    ------
    ValueError
        If it is no table of that shape; chances that are no numbers from 0 to 1 are refused too.
    """
    name, table = f"{type(partner).__name__}.{what}()", getattr(partner, what)()
    if table is None:
        return None
    table, wanted = checks.numeric(name, table), (partner.shape[0], partner.game.n_actions[agent])
    if table.shape != wanted:
        raise ValueError(f"{name} has shape {table.shape}; expected {wanted}: a row for each observation")
    if what != "values" and not ((table >= -1e-9) & (table <= 1 + 1e-9)).all():
        raise ValueError(f"{name} has an entry that is no chance; expected numbers from 0 to 1")
    return table

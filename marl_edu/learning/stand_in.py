"""Who acts for the student where the student has chosen nothing: a static page, a test."""

from __future__ import annotations

import copy

import numpy as np

from marl_edu.games import checks
from marl_edu.learning.partners import FixedPartner, Partner, QPartner


class Asked(Partner):
    """Asks a function ``policy(observation, rng)``, which gives an action by number or name."""

    title = "function"
    rng: np.random.Generator
    """Its own random stream; the match sets it at every reset."""

    def __init__(self, function):
        self.function = function

    def __deepcopy__(self, memo):
        return Asked(self.function)  # the function itself may hold anything, so it is shared

    def act(self, observation, coin, pick):
        """What the function says."""
        return self.function(observation, self.rng)


def stand_in_for(given) -> Partner:
    """The stand-in that is meant by ``'random'``, ``'greedy'``, a partner or a function.

    Raises
    ------
    ValueError
        If it is none of these.

    Examples
    --------
    >>> stand_in_for("random").title, stand_in_for(lambda observation, rng: 0).title
    ('fixed policy', 'function')
    """
    if isinstance(given, Partner):
        return copy.deepcopy(given)
    if callable(given) and not isinstance(given, type):
        return Asked(checks.policy_function("Match: stand_in", given))
    word = checks.option("Match: stand_in", given, ("random", "greedy"))
    return FixedPartner() if word == "random" else QPartner(explores=False)

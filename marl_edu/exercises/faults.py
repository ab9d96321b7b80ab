"""Find-the-bugs exercises whose listing is a class: which of the planted faults an answer still has."""

from __future__ import annotations

from collections.abc import Callable

from marl_edu.exercises.compare import difference
from marl_edu.exercises.values import plain


def which_shows(run: Callable, mended: type, with_faults: Callable) -> Callable:
    """A function that makes the ``recognise`` of misconceptions: ``shows(("b1", "b2"), ("b1",))`` and the like.

    Parameters
    ----------
    run : callable
        ``run(program, *case)``: what a method of a program returns in a case.
    mended : type
        The program without faults.
    with_faults : callable
        ``with_faults(*names)``: the program with these faults.

    Returns
    -------
    callable
        ``shows(*programs)``, each a tuple of faults: whether an output is wrong, and is what a program with one of
        these tuples of faults, and no other, returns.
    """

    def shows(*programs):
        def recognise(found, *case):
            if not difference(found, plain(run(mended, *case))):
                return False
            return any(not difference(found, plain(run(with_faults(*faults), *case))) for faults in programs)

        return recognise

    return shows

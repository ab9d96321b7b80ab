"""How the loops are compiled, and how numba's cache of them is kept true.

numba keeps on disk what it compiled and looks only at the file of the function that is called, not at the files of its
helpers. After a change in ``rules.py`` the compiled loop of ``loop.py`` would be out of date, so whatever is older than
any source in this folder is removed when this module is imported: before anything is compiled, since ``leaf`` is here.
"""

from __future__ import annotations

from pathlib import Path

from numba import njit

leaf = njit(cache=True, _nrt=False)
"""For functions that allocate nothing: without counting references to the tables they are three times as fast."""

inlined_leaf = njit(cache=True, _nrt=False, inline="always")
"""The same, put in place where it is called: for one that chooses between others and has many arguments."""


def forget_outdated(folder: Path) -> list[Path]:
    """Remove what numba keeps of the modules in a folder if it is older than any of these modules.

    A folder that can't be written to is left as it is: numba then keeps nothing there either.
    """
    newest = max((source.stat().st_mtime for source in folder.glob("*.py")), default=0.0)
    outdated = [kept for kept in folder.glob("__pycache__/*.nb[ic]") if kept.stat().st_mtime < newest]
    try:
        for kept in outdated:
            kept.unlink(missing_ok=True)
    except OSError:
        return []
    return outdated


forget_outdated(Path(__file__).parent)

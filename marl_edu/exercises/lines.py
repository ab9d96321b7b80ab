"""Which line is the student's own: the innermost one that belongs neither to Python, nor to a library, nor to us."""

from __future__ import annotations

import linecache
import re
import sysconfig
from pathlib import Path
from typing import NamedTuple

HOMES = tuple({str(Path(p)) for name, p in sysconfig.get_paths().items() if name.endswith(("stdlib", "lib"))})
OURS = str(Path(__file__).parents[1])
OUTERMOST = tuple(str(Path(__file__).with_name(name)) for name in ("container.py", "child.py"))
DUMPED = re.compile(r'File "(.*)", line (\d+) in (\S+)')


class Line(NamedTuple):
    """A line of a student's code."""

    number: int
    """Counted from 1, in its cell or file."""
    text: str
    """As it was written, without the blanks around it; '' if unknown."""
    function: str
    """Name of the function that it is in."""

    def __str__(self) -> str:
        return f"line {self.number}: {self.text}" if self.text else f"line {self.number}"


def own(filename: str) -> bool:
    """Whether code from a file is a student's.

    >>> own("/tmp/ipykernel_12/34.py"), own(linecache.__file__), own(__file__)
    (True, False, False)
    """
    if filename.startswith("<"):
        return not filename.startswith(("<frozen", "<__"))
    return not (filename.startswith((OURS, *HOMES)) or "site-packages" in filename or "dist-packages" in filename)


def line_of(filename: str, number: int, function: str) -> Line:
    """A line with its text, where the text is known."""
    return Line(number, linecache.getline(filename, number).strip()[:160], function)


def from_traceback(error: BaseException) -> Line | None:
    """Where in the student's code an exception arose; None if not in it."""
    found, trace = None, BaseException.__traceback__.__get__(error)
    while trace is not None:
        if own(trace.tb_frame.f_code.co_filename):
            found = trace
        trace = trace.tb_next
    code = found and found.tb_frame.f_code
    return found and line_of(code.co_filename, found.tb_lineno, code.co_name)


def from_frame(frame) -> Line | None:
    """The student's line that is being run at or below a frame; None if there is none."""
    while frame is not None and not own(frame.f_code.co_filename):
        if frame.f_code.co_filename in OUTERMOST:
            return None  # what called us is not what is being tested
        frame = frame.f_back
    return frame and line_of(frame.f_code.co_filename, frame.f_lineno or 0, frame.f_code.co_name)


def from_dump(text: str) -> Line | None:
    """The student's line in what ``faulthandler`` wrote, innermost first."""
    for filename, number, function in DUMPED.findall(text):
        if own(filename):
            return line_of(filename, int(number), function)
        if filename in OUTERMOST:
            return None
    return None

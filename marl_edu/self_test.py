"""Is everything there that the lessons need? Each check says what is well, or what is wrong and how to mend it.

In a notebook, ``self_test.run()`` shows the answers; in a terminal, ``marl-edu doctor`` prints them. Nothing that may
be missing is imported before it is tried. Where all is well the words are the same on every machine: no versions, no
folders, no times.
"""

from __future__ import annotations

import html
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass

from marl_edu import installed

OLDEST_PYTHON = (3, 11)
LEAST_MEMORY = 400_000_000
"""Bytes that must be free: what a kernel holds that has run a whole lesson."""

TORCH = "import torch; assert float(torch.ones(3) @ torch.ones(3)) == 3"
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Finding:
    """What one check found; ``trouble`` is '' if all is well, and ``mend`` says what to do about it."""

    what: str
    well: str
    trouble: str = ""
    mend: str = ""

    def __str__(self) -> str:
        if not self.trouble:
            return f"ok    {self.what}: {self.well}"
        return f"MEND  {self.what}: {self.trouble}\n      {self.mend}"


@dataclass(frozen=True)
class Report:
    """What all checks found. As the last line of a cell it shows itself, and asks the page whether buttons work."""

    findings: tuple[Finding, ...]

    @property
    def well(self) -> bool:
        """Whether nothing needs mending."""
        return not any(finding.trouble for finding in self.findings)

    def __str__(self) -> str:
        last = "All is well." if self.well else "Mend what is marked, from the top; then run this again."
        return "\n".join([*map(str, self.findings), last])

    __repr__ = __str__

    def _repr_mimebundle_(self, include=None, exclude=None):
        """The live widget where there is a front end, the same words as text beside it."""
        data = {"text/plain": str(self)}
        try:
            import ipywidgets as widgets

            from marl_edu.panels.round_trip import RoundTrip

            trip = RoundTrip(install_command())
            box = widgets.VBox([widgets.HTML(self._html()), trip.box])
            box.add_class("marl-self-test")
            view = box._repr_mimebundle_() or {}
        except Exception:  # the text above says what is wrong with widgets
            return data
        return {key: value for key, value in view.items() if "widget" in key} | data

    def _html(self) -> str:
        lines = []
        for finding in self.findings:
            if finding.trouble:
                words = f"<b>&#10007; {html.escape(finding.what)}: {html.escape(finding.trouble)}</b>"
                lines.append(f"{words}<br><code>{html.escape(finding.mend)}</code>")
            else:
                lines.append(f"<b>&#10003;</b> {html.escape(finding.what)}: {html.escape(finding.well)}")
        style = "color: var(--jp-ui-font-color1, #222); line-height: 1.5"
        return f"<div style='{style}'>{''.join(f'<div>{line}</div>' for line in lines)}</div>"


def run() -> Report:
    """Make all checks; takes some seconds, changes nothing, and never raises.

    Returns
    -------
    Report
        Prints as text, and is a live widget as the last line of a cell.
    """
    return Report(tuple(tried(check) for check in CHECKS))


def tried(check: Callable[[], Finding]) -> Finding:
    """Make one check; whatever it raises is what it found."""
    try:
        return check()
    except Exception as error:
        words = f"could not be tried ({type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''})"
        return Finding(check.__name__.strip("_").replace("_", " "), "", words, install_command())


def install_command() -> str:
    """Return the command that installs what the course needs into the Python that runs this."""
    return installed.install_command(sys.executable, installed.requirements())


# --- the checks ---------------------------------------------------------------------------------------------------


def python() -> Finding:
    """Is this Python new enough?"""
    if sys.version_info[:2] >= OLDEST_PYTHON:
        return Finding("Python", "new enough.")
    needed = ".".join(map(str, OLDEST_PYTHON))
    trouble = f"{platform.python_version()} is too old; the course needs {needed} or newer."
    return Finding("Python", "", trouble, f"Install Python {needed}, then: make lab PYTHON=python{needed}")


def packages() -> Finding:
    """Are all packages here, in versions that fit?"""
    needed = installed.requirements()
    wrong = installed.misfits(needed)
    if not wrong:
        return Finding(f"{len(needed)} packages", "all there.")
    trouble = "; ".join(f"{name}: {words}" for name, words in wrong.items()) + "."
    command = installed.install_command(sys.executable, {name: needed[name] for name in wrong})
    return Finding(f"{len(needed)} packages", "", trouble, f"{command}   (then restart the kernel)")


def compiler() -> Finding:
    """Does numba compile, and can it keep what it compiled?"""
    import numba

    what = "Compiler"
    if numba.config.DISABLE_JIT:
        trouble = "numba is told not to compile (NUMBA_DISABLE_JIT is set), so learners run a hundred times slower."
        return Finding(what, "", trouble, "Unset NUMBA_DISABLE_JIT where JupyterLab is started, and start it again.")
    try:
        compiled = numba.njit(cache=True)(_add)
    except RuntimeError:  # what numba raises if no folder for its cache can be written to
        trouble = "it finds no folder to keep what it compiled."
        return Finding(what, "", trouble, "Before you start JupyterLab: " + _variable("NUMBA_CACHE_DIR", "numba-cache"))
    if compiled(1, 2) != 3:
        raise RuntimeError("a compiled function gives a wrong answer")
    return Finding(what, "compiles, and keeps what it compiled.")


def _add(a, b):
    return a + b


def _variable(name: str, folder: str) -> str:
    """The command that sets an environment variable to a folder in the user's home."""
    return f"set {name}=%USERPROFILE%\\{folder}" if os.name == "nt" else f'export {name}="$HOME/{folder}"'


def learner() -> Finding:
    """Does a small learner learn?"""
    from marl_edu.games import gridworld
    from marl_edu.learning import IndependentQLearning

    agents = IndependentQLearning(gridworld(["1..A", "2..B"]), seeds=2)
    agents.advance(20_000)
    if agents.greedy_returns().mean() > agents.references()["random play"]:
        return Finding("A small learner", "learns.")
    return Finding("A small learner", "", "did not learn: compiled code may be out of date.", "marl-edu warm")


def pytorch() -> Finding:
    """Does PyTorch compute? In a process of its own: it takes memory, and a broken one can end the process."""
    tried = subprocess.run([sys.executable, "-c", TORCH], capture_output=True, text=True, timeout=120)
    if tried.returncode == 0:
        return Finding("PyTorch", "computes on this processor.")
    last = (tried.stderr.strip().splitlines() or [f"its process ended with status {tried.returncode}"])[-1]
    command = (
        f'"{sys.executable}" -m pip install --force-reinstall torch --index-url https://download.pytorch.org/whl/cpu'
    )
    return Finding("PyTorch", "", f"{last} (needed from lesson 08 on)", command)


def progress() -> Finding:
    """Can the student's progress be kept?"""
    from marl_edu.progress import progress as student

    student().note("lesson", "00.self_test", made=True)
    trouble = student().trouble
    if not trouble:
        return Finding("Progress", "can be kept.")
    remedy = "Before you start JupyterLab: " + _variable("MARL_EDU_PROGRESS", "progress.json")
    return Finding("Progress", "", trouble, remedy)


def memory() -> Finding:
    """Is enough memory free for one more lesson? On a shared server by the limit it states, else by what is left."""
    import psutil

    free = psutil.virtual_memory().available
    if limit := int(os.environ.get("MEM_LIMIT") or 0):
        free = min(free, limit)
    if free >= LEAST_MEMORY:
        return Finding("Memory", "enough is free.")
    trouble = f"only {free // MEGABYTE} MB are free; a lesson takes up to {LEAST_MEMORY // MEGABYTE} MB."
    return Finding("Memory", "", trouble, "In JupyterLab: Kernel > Shut Down All Kernels, then open this lesson alone.")


def buttons() -> Finding:
    """Are the packages for live widgets in order? Whether a page answers is for the page to say."""
    from marl_edu.panels.round_trip import RoundTrip

    RoundTrip()
    return Finding("Widgets", "can be made.")


CHECKS = (python, packages, compiler, learner, pytorch, buttons, progress, memory)

"""What runs all tests: a phase that hangs is ended, with all that it has started, and counts as failed."""

import runpy
import sys
import time
from pathlib import Path

RUN = runpy.run_path(str(Path(__file__).parents[1] / "tools" / "run_tests.py"))["run"]


def test_status_and_lines_of_a_command():
    assert RUN([sys.executable, "-c", "print('one'); print('two'); raise SystemExit(3)"]) == (3, ["one", "two"])


def test_a_phase_without_end_is_killed_and_has_failed():
    child = (
        "import subprocess, sys; print('begun', flush=True); subprocess.run([sys.executable, '-c', 'while 1: pass'])"
    )
    begun = time.monotonic()
    status, lines = RUN([sys.executable, "-c", child], limit=2)
    assert status != 0 and lines == ["begun", "killed after 2 s without an end"]
    assert time.monotonic() - begun < 600  # its child, which holds the other end of the pipe, was ended too

"""Every check of this repository, one phase after another; `make test` calls it.

All phases run even if one fails. The last lines say how each ended, and what was left out.
Browser tests measure time, so they run alone, after the rest.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TWO_AT_ONCE = ("-n", "2", "--dist", "loadfile")
NO_TESTS = 5  # pytest's exit status when it found none
LIMIT = 30 * 60  # seconds that a phase may take: there are hangs that no time limit of a single test can end


def phases() -> dict[str, list[str]]:
    """Return {name: command line}, in the order in which they run."""
    python, pytest = [sys.executable, "-m"], [sys.executable, "-m", "pytest", "-q"]
    lessons = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("lessons/*.ipynb"))
    compare = ["--nbval", "--nbval-current-env", "--nbval-cell-timeout=120"]
    compare += ["--nbval-sanitize-with=tests/lessons/sanitize.cfg"]
    return {
        "lint": [*python, "ruff", "check", "."],
        "format": [*python, "ruff", "format", "--check", "."],
        "tests and doctests": [*pytest, *TWO_AT_ONCE, "-m", "not browser"],
        "lessons as stored": [*pytest, *compare, *(TWO_AT_ONCE if len(lessons) > 1 else ()), *(lessons or ["lessons"])],
        "browser": [*pytest, "-m", "browser", "tests"],
    }


def run(command: list[str], limit: float = LIMIT) -> tuple[int, list[str]]:
    """Run a command in the repository, showing its output as it comes; return its status and its lines.

    After ``limit`` seconds it is killed with all that it has started, and has failed.
    """
    environment = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
    environment["MARL_EDU_PROGRESS"] = "off"  # a student's own progress changes what a lesson shows
    if sys.stdout.isatty():
        environment |= {"PY_COLORS": "1", "CLICOLOR_FORCE": "1"}
    lines = []
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as process:
        watchdog = threading.Timer(limit, os.killpg, (process.pid, signal.SIGKILL))
        watchdog.start()
        try:
            for line in process.stdout:
                print(line, end="", flush=True)
                lines.append(line.rstrip())
        except KeyboardInterrupt:  # a session of its own does not hear it
            os.killpg(process.pid, signal.SIGINT)
            raise
        finally:
            watchdog.cancel()
    if process.returncode == -signal.SIGKILL:
        lines.append(f"killed after {limit:g} s without an end")
        print(lines[-1], flush=True)
    return process.returncode, lines


def main() -> int:
    """Run all phases and print how they ended; return 0 if all of them passed."""
    endings, left_out, failed = [], [], False
    for name, command in phases().items():
        print(f"\n##### {name}: {' '.join(command[2:])}", flush=True)
        start = time.perf_counter()
        status, lines = run(command)
        failed |= status != 0
        left_out += [line for line in lines if "LEFT OUT: " in line]
        last = next((line for line in reversed(lines) if line and "LEFT OUT: " not in line), "")
        if status == NO_TESTS:
            last = "found no test at all, which is not a pass"
        endings.append(f"{'ok' if status == 0 else 'FAILED':<8}{name:<20}{time.perf_counter() - start:6.1f} s   {last}")
    print("\n##### In short", *endings, *left_out, sep="\n", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

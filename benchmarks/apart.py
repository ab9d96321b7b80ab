"""Programs that use a library which lies apart from the course: ``make bench`` installs TorchRL into ``build/torchrl``.

It brings a package (orjson) with which Jupyter would encode its messages otherwise than in our tests. A program runs in
a process of its own, gets its settings as JSON, and prints what it found as JSON in its last line.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
LIBRARY = ROOT / "build" / "torchrl"


def run_with_torchrl(program: str, order: dict):
    """What ``benchmarks/<program>`` found with these settings.

    Raises
    ------
    ModuleNotFoundError
        If the library is not here.
    RuntimeError
        If the program failed: its last words.
    """
    places = sorted(LIBRARY.glob("lib*/python*/site-packages"))
    if not places and importlib.util.find_spec("torchrl") is None:
        raise ModuleNotFoundError("no TorchRL here (make bench installs it)")
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / program), json.dumps(order)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(map(str, [*places, ROOT]))},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"TorchRL failed: {(done.stderr.strip() or 'no words').splitlines()[-1]}")
    return json.loads(done.stdout.splitlines()[-1])

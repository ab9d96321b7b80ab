"""Run all benchmarks, or those named, and print what was measured beside what is required.

    python -m benchmarks            all
    python -m benchmarks tabular    bench_tabular.py only

The exit status is 1 if a requirement was missed.
"""

import importlib
import sys
from pathlib import Path


def main(names: list[str]) -> int:
    """Measure, print, and return the exit status."""
    known = sorted(path.stem.removeprefix("bench_") for path in Path(__file__).parent.glob("bench_*.py"))
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"no benchmark {unknown[0]!r}; expected some of {', '.join(known)}", file=sys.stderr)
        return 2
    missed = 0
    for name in names or known:
        module = importlib.import_module(f"benchmarks.bench_{name}")
        print(f"\n{name}: {module.__doc__.splitlines()[0]}", flush=True)
        for figure in module.measure():
            print(f"  {figure}", flush=True)
            missed += figure.verdict == "MISSED"
    print(f"\n{missed} missed" if missed else "\nnothing missed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

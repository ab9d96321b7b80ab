"""The `marl-edu` command: open the course, build its lessons, check an installation.

    marl-edu lab              JupyterLab on the course, on this machine only, with its token
    marl-edu build-lessons    lessons/source/*.py -> lessons/*.ipynb, run from top to bottom
    marl-edu warm             let numba compile into its cache, so that the first panel starts at once
    marl-edu doctor           what is installed, what is missing, how to mend it

Everything heavy is imported inside the command that needs it, so `marl-edu doctor` works on a broken installation.
"""

import argparse
import json
import os
import sys
import tempfile
import time
import webbrowser
from pathlib import Path

from marl_edu import installed
from marl_edu.installed import PACKAGE, installed_version

LAB_SETTINGS = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}
"""Defaults for JupyterLab: without them its first words to a student are a question about news."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status (0: all is well).

    `arguments` are the words after `marl-edu`; None takes them from the shell.

    >>> main(["doctor", "--quiet"])
    0
    """
    parser = build_parser()
    options, rest = parser.parse_known_args(arguments)
    if rest and options.command is not lab:
        parser.error(f"unknown argument: {' '.join(rest)}")
    options.rest = rest
    try:
        return options.command(options)
    except BrokenPipeError:  # the reader of our output has gone, as in `marl-edu doctor | head -1`
        sys.stderr.close()
        return 0


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line; each sub-command carries its function as `command`."""
    parser = argparse.ArgumentParser(prog=PACKAGE, description="Lessons on multi-agent reinforcement learning.")
    parser.add_argument("--version", action="version", version=f"{PACKAGE} {installed_version(PACKAGE) or 'unknown'}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    sub = commands.add_parser("lab", help="open the course in JupyterLab; other options go to JupyterLab")
    sub.set_defaults(command=lab)

    sub = commands.add_parser("build-lessons", help="make the notebooks from lessons/source/ and run them")
    sub.add_argument("names", nargs="*", help="lessons to build, by number or name (default: all)")
    sub.add_argument("--check", action="store_true", help="only check that notebooks and sources agree; run nothing")
    sub.add_argument("--timeout", type=float, default=300, help="seconds one cell may take (default: 300)")
    sub.set_defaults(command=build_lessons)

    sub = commands.add_parser("warm", help="compile everything once, so that the first panel starts at once")
    sub.set_defaults(command=warm)

    sub = commands.add_parser("doctor", help="say what is installed, what is missing and how to mend it")
    sub.add_argument("--quiet", action="store_true", help="print only what is wrong")
    sub.set_defaults(command=doctor)
    return parser


def course_root() -> Path:
    """Return the folder of the course: the one with `lessons/`, from here upwards or around this package."""
    here = Path.cwd()
    for folder in (here, *here.parents, Path(__file__).resolve().parents[1]):
        if (folder / "lessons").is_dir() and (folder / "marl_edu").is_dir():
            return folder
    raise SystemExit(f"No lessons found from {here} upwards. Run this inside your copy of the course.")


# --- lab ---------------------------------------------------------------------------------------------------------


def lab(options: argparse.Namespace) -> int:
    """Open JupyterLab on the course and serve it until it is stopped."""
    from jupyterlab.labapp import main as jupyterlab

    browser = browser_available()
    print("Starting JupyterLab. Stop it with Ctrl-C.", flush=True)
    if not browser:
        print("No browser can be opened from here: open the address below, with its token, in one.", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        defaults = Path(folder) / "labconfig" / "default_setting_overrides.json"
        defaults.parent.mkdir()
        defaults.write_text(json.dumps(LAB_SETTINGS))
        paths = [folder, os.environ.get("JUPYTER_CONFIG_PATH")]
        os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, paths))
        jupyterlab([*lab_arguments(course_root(), is_root(), browser), *options.rest])
    return 0


def lab_arguments(root: Path, as_root: bool, browser: bool) -> list[str]:
    """Return the options for JupyterLab: the course as its files, this machine only, no news, Jupyter's own token.

    >>> lab_arguments(Path("no/course/here"), as_root=False, browser=False)[-3:]
    ['--log-level=WARN', '--LabApp.log_level=WARN', '--no-browser']
    """
    lessons = sorted((root / "lessons").glob("[0-9]*.ipynb"))
    page = f"/lab/tree/lessons/{lessons[0].name}" if lessons else "/lab/tree/lessons"
    return [
        f"--ServerApp.root_dir={root}",
        "--ServerApp.ip=127.0.0.1",
        f"--LabApp.default_url={page}",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--log-level=WARN",  # what remains is the address, and what goes wrong
        "--LabApp.log_level=WARN",
        *(["--allow-root"] if as_root else []),
        *([] if browser else ["--no-browser"]),
    ]


def is_root() -> bool:
    """Return whether this process is the superuser, as in many containers (never on Windows)."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def browser_available() -> bool:
    """Return whether a browser with windows can be opened from here."""
    on_desktop = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))
    if sys.platform.startswith("linux") and not on_desktop:
        return False
    try:
        name = getattr(webbrowser.get(), "name", "")
    except webbrowser.Error:
        return False
    return name not in {"www-browser", "links", "elinks", "lynx", "w3m"}  # these would take over the terminal


# --- build-lessons -----------------------------------------------------------------------------------------------


def build_lessons(options: argparse.Namespace) -> int:
    """Build the named lessons, or check them; print one line for each, and what is wrong with it."""
    from marl_edu import lesson_builder, lesson_lint

    root, failures = course_root(), 0
    for source in lesson_builder.find_sources(root, options.names):
        notebook, start = lesson_builder.notebook_of(source), time.perf_counter()
        if options.check:
            ran = "only checked"
            problems = lesson_builder.disagreements(source, notebook) + lesson_lint.problems(source, notebook)
        else:
            ran, problems = linted_and_built(source, notebook, options.timeout)
        failures += bool(problems)
        ending = "FAILED" if problems else "ok"
        print(f"{notebook.relative_to(root)}: {ending}, {ran}, {time.perf_counter() - start:.1f} s in all", flush=True)
        for problem in (*problems, *(f"(only wished for) {wish}" for wish in lesson_lint.wishes(source))):
            print(f"  {problem}")
    return 1 if failures else 0


def linted_and_built(source: Path, notebook: Path, timeout: float) -> tuple[str, list[str]]:
    """Build one lesson unless it breaks a rule of `lesson_lint`; return how long it ran, in words, and what is wrong.

    What its run shows (time, pictures) is held to the rules before the notebook is stored.
    """
    from marl_edu import lesson_builder, lesson_lint

    ran = "not run"
    if problems := lesson_lint.problems(source, audit=True):
        return ran, problems

    def lint(node, seconds: float) -> list[str]:
        nonlocal ran
        ran = f"ran in {seconds:.1f} s"
        return lesson_lint.run_problems(source, node, seconds)

    problems = lesson_builder.build(source, notebook, timeout, lint)
    return ran, problems


# --- warm --------------------------------------------------------------------------------------------------------


def warm(options: argparse.Namespace) -> int:
    """Run every learner for a moment, so that its compiled loop lies in numba's cache, and find the fonts once."""
    import matplotlib.font_manager  # noqa: F401  (the first import of all looks for fonts, for seconds)

    from marl_edu import games, learning

    start = time.perf_counter()
    loaded = vars(learning)  # what comes later needs PyTorch, which compiles nothing
    kinds = [loaded[name] for name in learning.__all__ if isinstance(loaded.get(name), type)]
    learners = [kind for kind in kinds if issubclass(kind, learning.TabularLearner) and not kind.__subclasses__()]
    rules = [
        kind for kind in kinds if issubclass(kind, learning.MatrixDynamics) and kind is not learning.MatrixDynamics
    ]
    for game in (games.climbing(), games.gridworld("1.A\n2.B")):
        for learner in learners:
            algorithm = learner(game, seeds=2)
            algorithm.advance(10)
            algorithm.frame()
            algorithm.references()
    for rule in rules:
        algorithm = rule(games.matching_pennies(), seeds=2)
        algorithm.advance(1)
        frame = algorithm.frame()
        if hasattr(rule, "velocity"):
            rule.velocity(frame["tables"], frame["policies"])
    warmed = ", ".join(kind.__name__ for kind in (*learners, *rules))
    print(f"Warm after {time.perf_counter() - start:.1f} s: {warmed}.")
    return 0


# --- doctor ------------------------------------------------------------------------------------------------------


def doctor(options: argparse.Namespace) -> int:
    """Print each package the course needs (version found, needed, tested with), then what the self-test finds."""
    from marl_edu import self_test

    tested, needed = installed.tested_versions(), installed.requirements()
    wrong = installed.misfits(needed)
    if not options.quiet:
        print(f"Python {sys.version.split()[0]} in {sys.prefix}")
        print(f"{'package':<14}{'found':<14}{'needed':<18}tested with")
        for name, bounds in needed.items():
            found, mark = installed_version(name) or "missing", "   <-- here" if name in wrong else ""
            print(f"{name:<14}{found:<14}{bounds:<18}{tested.get(name, '-')}{mark}")
        print("Trying what the lessons do ...", flush=True)
    report = self_test.run()
    if not options.quiet:
        print(report)
    elif not report.well:
        print(*(finding for finding in report.findings if finding.trouble), sep="\n")
    return 0 if report.well else 1


if __name__ == "__main__":
    sys.exit(main())

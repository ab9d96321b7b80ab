"""What all tests share: figures without windows, reproducible property tests, and what happens without a Chromium."""

import getpass
import os
import shutil
import signal
import tempfile
from pathlib import Path

import hypothesis
import matplotlib
import pytest

collect_ignore_glob = ["*conftest.py"]  # there are several, and collecting their doctests would mix them up
IN_CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_CHROME = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
NO_CHROMIUM = "no Chromium on this machine (looked for " + ", ".join(CHROMIUMS) + ")"


def find_chromium() -> str | None:
    """Return the path of a Chromium or Chrome, or None."""
    found = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    return found or (str(MAC_CHROME) if MAC_CHROME.exists() else None)


def pytest_configure(config):
    """Draw without windows (not by MPLBACKEND: kernels started by the tests would inherit that and show no figure)."""
    os.environ["MARL_EDU_PROGRESS"] = "off"  # nobody's own progress: neither read nor written
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in what a shell starts in the background
        signal.signal(signal.SIGINT, signal.default_int_handler)  # by which tests press the stop button
    matplotlib.use("Agg")
    patient = {"deadline": None, "suppress_health_check": [hypothesis.HealthCheck.too_slow]}  # busy machines
    # To explain a failure Hypothesis traces every line, and CPython 3.11 has been seen to spin for ever under that.
    patient["phases"] = set(hypothesis.Phase) - {hypothesis.Phase.explain}
    hypothesis.settings.register_profile("local", **patient)
    hypothesis.settings.register_profile("ci", **patient, derandomize=True)
    hypothesis.settings.load_profile("ci" if IN_CI else "local")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """Without a Chromium, leave a browser test out, or fail it where continuous integration relies on it."""
    if item.get_closest_marker("browser") and not find_chromium():
        (pytest.fail if IN_CI else pytest.skip)(NO_CHROMIUM)


def pytest_terminal_summary(terminalreporter):
    """Say loudly what was left out; tools/run_tests.py repeats such lines at the very end."""
    skipped = [report for report in terminalreporter.stats.get("skipped", []) if NO_CHROMIUM in str(report.longrepr)]
    if skipped:
        terminalreporter.write_line(f"LEFT OUT: {len(skipped)} browser tests: {NO_CHROMIUM}", red=True, bold=True)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of the Chromium that the browser tests drive."""
    return find_chromium()


@pytest.fixture(scope="session")
def artefacts() -> Path:
    """Return the folder, outside the repository, where tests leave screenshots (set it by MARL_EDU_ARTEFACTS)."""
    default = Path(tempfile.gettempdir()) / f"marl-edu-artefacts-{getpass.getuser()}"
    folder = Path(os.environ.get("MARL_EDU_ARTEFACTS", default)).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder

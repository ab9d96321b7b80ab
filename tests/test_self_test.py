"""The self-test and `marl-edu doctor`: all well here, and each thing that can be missing is named with its remedy."""

import builtins
import importlib.metadata
import re
import subprocess
import sys

import pytest

from marl_edu import cli, installed, self_test


@pytest.fixture
def versions(monkeypatch):
    """Pretend that packages have other versions (or, with None, that they are missing)."""
    real, pretended = importlib.metadata.version, {}

    def version(name):
        if name not in pretended:
            return real(name)
        if pretended[name] is None:
            raise importlib.metadata.PackageNotFoundError(name)
        return pretended[name]

    monkeypatch.setattr(importlib.metadata, "version", version)
    return pretended


@pytest.fixture
def hidden(monkeypatch):
    """Pretend that modules can't be imported."""
    names, real = set(), builtins.__import__

    def importing(name, *rest, **options):
        if name.split(".")[0] in names:
            raise ModuleNotFoundError(f"No module named {name!r}")
        return real(name, *rest, **options)

    monkeypatch.setattr(builtins, "__import__", importing)
    return names


def test_here_all_is_well_in_words_that_are_the_same_on_every_machine():
    report = self_test.run()
    assert report.well, str(report)
    text = str(report)
    assert text == repr(report) and text.endswith("All is well.")
    assert f"{len(installed.requirements())} packages: all there." in text
    without_count = text.replace(str(len(installed.requirements())), "")
    assert not re.search(r"\d|/|\\", without_count), "no versions, no times, no folders"


def test_a_missing_and_an_old_package_are_named_with_the_command(versions):
    versions |= {"torch": None, "numpy": "1.26.4"}
    finding = self_test.packages()
    assert finding.trouble == "numpy: 1.26.4 does not fit (needed: >=2.0,<3); torch: missing (needed: >=2.6,<3)."
    assert f'"{sys.executable}" -m pip install' in finding.mend
    assert str(finding).startswith("MEND")


def test_where_the_course_is_only_installed_the_command_names_the_packages(versions, monkeypatch, tmp_path):
    monkeypatch.setattr(installed, "ROOT", tmp_path)
    versions |= {"numpy": "3.0"}
    mend = self_test.packages().mend  # the order of bounds is the packager's
    assert f'"{sys.executable}" -m pip install "numpy' in mend and ">=2.0" in mend and "<3" in mend


def test_too_new_counts_as_wrong_and_suffixes_do_not(versions):
    versions |= {"numpy": "3.0.0", "torch": "2.13.0+cpu"}
    assert list(installed.misfits({"numpy": ">=2.0,<3", "torch": ">=2.6,<3"})) == ["numpy"]


def test_an_old_python_is_named(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 10, 4, "final", 0))
    assert "needs 3.11 or newer" in self_test.python().trouble
    assert "make lab PYTHON=python3.11" in self_test.python().mend


@pytest.mark.parametrize("module", ["numba", "psutil", "ipywidgets", "anywidget"])
def test_whatever_cannot_be_imported_the_self_test_answers(hidden, monkeypatch, module):
    for name in [name for name in sys.modules if name.startswith("marl_edu.panels")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(self_test, "TORCH", "pass")  # not the subject, and slow
    hidden.add(module)
    report = self_test.run()
    assert not report.well
    assert f"No module named '{module}'" in str(report)
    data = report._repr_mimebundle_()
    assert data["text/plain"] == str(report)


def test_a_compiler_that_is_switched_off_or_cannot_keep_anything_is_named(monkeypatch):
    import numba

    monkeypatch.setattr(numba.config, "DISABLE_JIT", True)
    assert "NUMBA_DISABLE_JIT" in self_test.compiler().trouble
    monkeypatch.setattr(numba.config, "DISABLE_JIT", False)

    def nowhere(**options):
        def decorate(function):
            raise RuntimeError("cannot cache function: no locator available")

        return decorate

    monkeypatch.setattr(numba, "njit", nowhere)
    assert "no folder" in self_test.compiler().trouble
    assert "NUMBA_CACHE_DIR" in self_test.compiler().mend


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("raise ImportError('libtorch.so is broken')", "libtorch.so is broken"),
        ("import os; os._exit(41)", "its process ended with status 41"),
    ],
)
def test_a_broken_pytorch_harms_only_its_own_process(monkeypatch, code, words):
    monkeypatch.setattr(self_test, "TORCH", code)
    finding = self_test.pytorch()
    assert words in finding.trouble and "pip install --force-reinstall torch" in finding.mend


def test_a_pytorch_that_never_answers_is_ended(monkeypatch):
    def late(command, **options):
        raise subprocess.TimeoutExpired("python", options["timeout"])

    monkeypatch.setattr(self_test.subprocess, "run", late)
    assert "TimeoutExpired" in self_test.tried(self_test.pytorch).trouble


def test_little_memory_is_named_also_where_a_server_sets_the_limit(monkeypatch):
    assert self_test.memory().trouble == ""
    monkeypatch.setenv("MEM_LIMIT", str(200 * self_test.MEGABYTE))
    assert "only 200 MB are free" in self_test.memory().trouble
    assert "Shut Down All Kernels" in self_test.memory().mend


def test_progress_that_cannot_be_kept_is_named(monkeypatch):
    import marl_edu.progress as module

    class Full:
        trouble = "The disk is full."

        def note(self, *args, **facts):
            pass

    monkeypatch.setattr(module, "progress", lambda: Full())
    finding = self_test.progress()
    assert finding.trouble == "The disk is full." and "MARL_EDU_PROGRESS" in finding.mend


def test_the_question_is_answered_only_when_both_kinds_of_widgets_have_answered():
    from marl_edu.panels.round_trip import ANSWERED, WAITING, RoundTrip

    trip = RoundTrip("mend-it")
    assert WAITING in trip.line.value and "mend-it" in trip.line.value
    trip._question.answer = trip._question.question
    assert not trip.answered and WAITING in trip.line.value
    trip._count.value = 1
    assert trip.answered and ANSWERED in trip.line.value and "mend-it" not in trip.line.value


def test_shown_it_is_a_widget_and_the_same_text():
    report = self_test.Report((self_test.Finding("A", "fine."), self_test.Finding("<B>", "", "x < y", "do & so")))
    data = report._repr_mimebundle_()
    assert data["text/plain"].splitlines() == [
        "ok    A: fine.",
        "MEND  <B>: x < y",
        "      do & so",
        "Mend what is marked, from the top; then run this again.",
    ]
    assert any("widget" in kind for kind in data)
    assert "&lt;B&gt;: x &lt; y" in report._html() and "do &amp; so" in report._html()


# --- marl-edu doctor ----------------------------------------------------------------------------------------------


@pytest.fixture
def quick(monkeypatch):
    """Only the checks of Python and its packages."""
    monkeypatch.setattr(self_test, "CHECKS", (self_test.python, self_test.packages))


def test_doctor_lists_what_is_needed_and_finds_nothing_wrong(capsys, quick):
    assert cli.main(["doctor"]) == 0
    printed = capsys.readouterr().out
    for name in installed.requirements():
        assert re.search(rf"^{name}\s+\d", printed, re.MULTILINE)
    assert "All is well." in printed


def test_doctor_says_how_to_mend_what_is_missing(capsys, quick, monkeypatch):
    monkeypatch.setattr(installed, "requirements", lambda: {"numpy": ">=99", "a-package-that-nobody-has": ""})
    assert cli.main(["doctor", "--quiet"]) == 1
    printed = capsys.readouterr().out
    assert "a-package-that-nobody-has: missing" in printed and "needed: >=99" in printed
    assert "-m pip install -c constraints.txt -e ." in printed
    assert cli.main(["doctor"]) == 1
    assert "<-- here" in capsys.readouterr().out


def test_doctor_needs_no_package_at_all():
    """With everything but Python's own modules hidden it still says what is missing."""
    code = "import sys; from marl_edu import cli; sys.exit(cli.main(['doctor', '--quiet']))"
    root = installed.ROOT
    command = [sys.executable, "-S", "-c", f"import sys; sys.path.insert(0, {str(root)!r}); {code}"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 1 and "numpy: missing" in ran.stdout, ran.stderr

"""The benchmarks compare loops that do the same work, and report honestly; what they measure is no test."""

import ast
import importlib.util
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def root_on_the_path(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))


@pytest.mark.skipif(not (shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")), reason="no C compiler")
def test_c_numba_and_plain_python_learn_the_same_tables():
    from benchmarks import bench_tabular

    bench_tabular.check_agreement(bench_tabular.world(), steps=3000)


def test_without_a_c_compiler_one_line_says_so(monkeypatch):
    from benchmarks import bench_tabular

    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(bench_tabular, "STEPS", dict.fromkeys(bench_tabular.STEPS, 10))
    monkeypatch.setattr(bench_tabular, "REPEATS", 1)
    monkeypatch.setattr(bench_tabular, "in_fresh_process", lambda code: 0.1)
    figures = {figure.name: figure for figure in bench_tabular.measure()}
    left_out = figures["marl_edu / C"]
    assert left_out.verdict == "left out" and "no C compiler" in str(left_out)
    assert figures["marl_edu / plain Python"].value is not None


def test_verdicts():
    from benchmarks import Figure

    verdicts = [
        Figure("a", 1.0),
        Figure("a", 1.0, at_least=1),
        Figure("a", 0.9, at_least=1),
        Figure("a", 0.9, at_most=1),
        Figure("a", 1.1, at_most=1),
        Figure("a", None, at_least=1, note="because"),
    ]
    assert [figure.verdict for figure in verdicts] == ["", "ok", "MISSED", "ok", "MISSED", "left out"]


def test_an_unknown_benchmark_is_named_with_those_there_are(capsys):
    from benchmarks.__main__ import main

    assert main(["tabluar"]) == 2
    assert "no benchmark 'tabluar'; expected some of" in capsys.readouterr().err


# --- beside TorchRL, and lesson 08's field ------------------------------------------------------------------------


def settings_of_the_lesson(name: str) -> dict:
    """What the source of lesson 08 puts into a dict of this name, all its cells together."""
    (source,) = (ROOT / "lessons" / "source").glob("08_*.py")
    lines = [ast.unparse(line) for line in ast.parse(source.read_text()).body]
    cell = {}
    exec("\n".join(line for line in lines if re.match(rf"{name}( = | \|= |\.update\()", line)), cell)
    return cell[name]


def test_what_is_compared_has_the_settings_of_the_lesson():
    from benchmarks import bench_small_field, bench_two_step

    assert settings_of_the_lesson("settings").items() <= bench_two_step.SETTINGS.items()
    assert settings_of_the_lesson("outdoors") == bench_small_field.SETTINGS


def test_settings_that_torchrl_shares_are_the_learners_own_where_the_lesson_is_silent():
    """Ours gets all of them by name; what the lesson leaves to the defaults must be the defaults."""
    from benchmarks.bench_two_step import SETTINGS
    from marl_edu.games import two_step
    from marl_edu.learning import QMIX

    learner, lesson = QMIX(two_step()), settings_of_the_lesson("settings")
    assert {name: getattr(learner, name) for name in SETTINGS.keys() - lesson} == {
        name: value for name, value in SETTINGS.items() if name not in lesson
    }


def test_torchrl_plays_the_same_game():
    from marl_edu.games import two_step

    source = (ROOT / "benchmarks" / "torchrl_two_step.py").read_text()
    paid = ast.literal_eval(re.search(r"^PAID = torch\.tensor\((.*)\)$", source, re.MULTILINE)[1])
    np.testing.assert_array_equal(paid, two_step().rewards[0, :3])


@pytest.mark.parametrize(
    ("paid", "first"), [([8, 7, 8, 8], 75), ([8, 8, 8, 8], 25), ([8, 8, 8, 7], np.inf), ([7, 7, 7, 8], 100)]
)
def test_what_was_found_by_luck_and_lost_again_does_not_count(paid, first):
    from benchmarks.bench_two_step import settled

    looks = [(25 * (k + 1), 0.1 * (k + 1), paid[k]) for k in range(4)]
    assert settled(looks) == (first, pytest.approx(first / 250))


def test_ours_learns_the_two_step_game_by_the_rule_of_the_benchmark():
    from benchmarks import bench_two_step

    updates, seconds = bench_two_step.settled(bench_two_step.learn(2, 0, 400))
    assert updates <= 400 and seconds > 0


def test_without_torchrl_one_line_says_so(monkeypatch, tmp_path):
    from benchmarks import bench_two_step

    monkeypatch.setattr(bench_two_step, "LIBRARY", tmp_path)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    last = bench_two_step.measure(updates=25)[-1]
    assert last.verdict == "left out" and "no TorchRL here" in str(last)


def test_torchrl_that_fails_is_a_line_too(monkeypatch, tmp_path):
    from benchmarks import bench_two_step

    broken = tmp_path / "lib" / "python3" / "site-packages" / "tensordict"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise ImportError('built for another version')")
    monkeypatch.setattr(bench_two_step, "LIBRARY", tmp_path)
    last = bench_two_step.measure(updates=25)[-1]
    assert last.verdict == "left out" and "built for another version" in str(last)


def test_the_library_was_tested_in_a_version_that_is_asked_for():
    tested = dict(re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / "constraints.txt").read_text(), re.MULTILINE))
    lines = (ROOT / "benchmarks" / "requirements.txt").read_text().splitlines()
    asked = [Requirement(line) for line in lines if not line.startswith("#")]
    assert asked and all(one.specifier.contains(tested[one.name]) for one in asked)

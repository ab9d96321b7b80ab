"""The benchmarks compare loops that do the same work, and report honestly; what they measure is no test."""

import shutil
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def root_on_the_path(monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1]))


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

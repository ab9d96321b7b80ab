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


def test_the_small_field_is_learned_as_in_the_lesson():
    """Field, methods, seeds and updates of the cell that records, ``record(method(field, seeds=..., ...), ...)``."""
    from benchmarks import bench_small_field

    (source,) = (ROOT / "lessons" / "source").glob("08_*.py")
    lines = {line.targets[0].id: line.value for line in ast.parse(source.read_text()).body
             if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name)}  # fmt: skip
    assert ast.unparse(lines["field"]) == f"foraging({bench_small_field.FIELD}, sight=1, name='small field')"
    assert [ast.unparse(method) for method in lines["methods"].values] == list(bench_small_field.METHODS)
    seeds, updates, moments = bench_small_field.SEEDS, bench_small_field.UPDATES, bench_small_field.MOMENTS
    recorded = f"record(method(field, seeds={seeds}, **outdoors), {updates}, {updates // moments})"
    assert ast.unparse(lines["gathered"].value) == recorded


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
    from benchmarks import apart, bench_two_step

    monkeypatch.setattr(apart, "LIBRARY", tmp_path)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    last = bench_two_step.measure(updates=25)[-1]
    assert last.verdict == "left out" and "no TorchRL here" in str(last)


def test_torchrl_that_fails_is_a_line_too(monkeypatch, tmp_path):
    from benchmarks import apart, bench_two_step

    broken = tmp_path / "lib" / "python3" / "site-packages" / "tensordict"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise ImportError('built for another version')")
    monkeypatch.setattr(apart, "LIBRARY", tmp_path)
    last = bench_two_step.measure(updates=25)[-1]
    assert last.verdict == "left out" and "built for another version" in str(last)


def test_the_library_was_tested_in_a_version_that_is_asked_for():
    tested = dict(re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / "constraints.txt").read_text(), re.MULTILINE))
    lines = (ROOT / "benchmarks" / "requirements.txt").read_text().splitlines()
    asked = [Requirement(line) for line in lines if not line.startswith("#")]
    assert asked and all(one.specifier.contains(tested[one.name]) for one in asked)


# --- particle worlds ----------------------------------------------------------------------------------------------


def test_marks_are_reached_at_the_first_look_that_scores_them():
    from benchmarks import bench_maddpg_torchrl

    ours = [[(4, 400, -20.0), (8, 800, -14.0), (12, 1200, -12.0)], [(5, 500, -18.0), (9, 900, -16.0)]]
    theirs = [[(40, 800, -17.0), (80, 1600, -12.4)]]
    found = {figure.name: figure for figure in bench_maddpg_torchrl.compared(ours, theirs)}
    assert found["ours: CPU-s to -18.2 per agent"].value == (8 + 5) / 2
    assert found["TorchRL / marl_edu, CPU-s to -18.2"].value == pytest.approx(40 / 6.5)
    assert found["TorchRL / marl_edu, CPU-s to -12.5"].verdict == "left out"  # one of our seeds did not get there
    assert found["ours: an update, ms"].value == 10 and found["TorchRL: an update, ms"].value == 50


def test_both_sides_learn_with_networks_batches_and_a_discount_of_the_same_size():
    from benchmarks.bench_maddpg import SETTINGS
    from benchmarks.bench_maddpg_torchrl import THEIRS
    from marl_edu.games import simple_spread
    from marl_edu.learning import MADDPG

    ours = MADDPG(simple_spread(), **SETTINGS)
    same = ("hidden", "critic_hidden", "discount", "batch", "capacity", "target_share")
    assert {name: THEIRS[name] for name in same} == {name: getattr(ours, name) for name in same}
    assert THEIRS["copies"] == THEIRS["frames"] == ours.worlds


def test_without_torchrl_the_comparison_of_maddpg_is_one_line(monkeypatch, tmp_path):
    from benchmarks import apart, bench_maddpg_torchrl

    monkeypatch.setattr(apart, "LIBRARY", tmp_path)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(bench_maddpg_torchrl, "learn", lambda *args: [])
    (line,) = bench_maddpg_torchrl.measure()
    assert line.verdict == "left out" and "no TorchRL here" in str(line)


def test_a_variant_that_does_not_get_there_is_missed(monkeypatch):
    from benchmarks import bench_maddpg

    monkeypatch.setattr(bench_maddpg, "train", lambda learner, seconds: seconds)
    scores = iter([-20.0, -9.5, -8.9, -20.0, -8.0, -10.0, -10.0, -10.0])
    monkeypatch.setattr(bench_maddpg, "score", lambda learner: next(scores))
    monkeypatch.setattr(bench_maddpg, "VARIANT_SECONDS", 3 * bench_maddpg.VARIANT_LOOK)
    figure = bench_maddpg.variant()
    assert figure.value == 3 * bench_maddpg.VARIANT_LOOK  # of 3, 2 and never: the median
    assert "seeds: 30, 20, inf" in figure.note


def test_who_arrives():
    from benchmarks import bench_particle_behaviour as behaviour
    from marl_edu.games.particles import simple_speaker_listener
    from marl_edu.games.particles.controllers import do_nothing, play_episodes

    world = simple_speaker_listener()
    played = play_episodes(world, do_nothing, [np.random.default_rng(0)], 30)
    places, marks = world.positions[0, :, 1], world.landmarks[0]
    there = [np.argmin(np.hypot(*(mark - place).T)) == goal and np.hypot(*(mark[goal] - place)) < behaviour.NEAR
             for place, mark, goal in zip(places, marks, world.goals[0], strict=True)]  # fmt: skip
    assert 0 < np.mean(there) < 1 and behaviour.arrived(played) == [np.mean(there)]


def test_hunters_meet_the_prey_that_learned_beside_them():
    """Those of seed 0 gather in the middle, those of seed 1 leave it."""
    from benchmarks import bench_particle_behaviour as behaviour
    from marl_edu.games.particles import simple_tag
    from marl_edu.games.particles.controllers import do_nothing, play_episodes
    from marl_edu.learning import cross_play

    class Learner:
        seeds, game = 2, simple_tag()

        def greedy(self, observations):
            ways = observations[..., 2:4]  # away from the middle
            return np.clip(np.stack([-ways[0], ways[1]]), -1, 1)

    learner, world = Learner(), simple_tag()
    together = behaviour.contacts(learner, learner, world, 30)
    table = cross_play(learner, learner, episodes=30, seed=10_000).touches
    assert together.tolist() == [table[0, 0], table[1, 1]] and table[0, 0] != table[1, 1]
    apart = behaviour.contacts(learner, do_nothing, world, 30)
    assert apart.shape == (2,) and (apart != together).any()
    still = play_episodes(world, do_nothing, [np.random.default_rng(10_000)], 30)
    each_pays_ten = still.returns[..., 0].mean(axis=-1) / 10
    np.testing.assert_allclose(behaviour.contacts(do_nothing, lambda at: do_nothing(at), world, 30), each_pays_ten)


def test_words_come_from_another_copy():
    from benchmarks import bench_particle_behaviour as behaviour
    from marl_edu.games.particles import simple_speaker_listener

    class Echo:
        def greedy(self, observations):
            return observations

    world = simple_speaker_listener()
    world.reset([np.random.default_rng(0)], 3)
    said = np.zeros((1, 3, 2, 3))
    said[0, :, 0] = np.eye(3)  # copy w says word w
    world.step(said)
    own, heard = world.observe(), behaviour.hearing_another(Echo())(world)
    np.testing.assert_array_equal(heard[0, :, 1, -3:], np.roll(np.eye(3), 1, axis=0))
    np.testing.assert_array_equal(heard[..., :-3], own[..., :-3])
    np.testing.assert_array_equal(heard[:, :, 0], own[:, :, 0])


@pytest.mark.skipif(importlib.util.find_spec("lbforaging") is None, reason="no lbforaging")
def test_foraging_is_judged_by_the_median_of_its_seeds(monkeypatch):
    from benchmarks import bench_foraging

    found = iter([(0.9, 100.0), (0.4, 300.0), (0.6, 200.0)])
    monkeypatch.setattr(bench_foraging, "learn", lambda *args: next(found))
    monkeypatch.setattr(bench_foraging, "steps_a_second", lambda: 1.0)
    earned, took, *_ = bench_foraging.measure()
    assert (earned.value, took.value) == (0.6, 200.0) and "0.90, 0.40, 0.60" in earned.note

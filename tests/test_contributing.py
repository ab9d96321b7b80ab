"""The examples in CONTRIBUTING.md run, and what they make works like what the package has."""

import linecache
import re
from pathlib import Path

import numpy as np
import pytest

from marl_edu import lesson_lint, record
from marl_edu.games import matrix_game
from marl_edu.manifest_lint import MANIFEST_RULES, QUESTIONS

GAME = matrix_game([[0.0, 1, 2], [1, 0, 7]])  # the best joint action is not the first
TEXT = (Path(__file__).parents[1] / "CONTRIBUTING.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def examples():
    """The names that the examples define."""
    found = {"__name__": "contributing"}
    for k, block in enumerate(re.findall(r"^```python\n(.*?)^```", TEXT, flags=re.DOTALL | re.MULTILINE)):
        name = f"<example {k} of CONTRIBUTING.md>"
        linecache.cache[name] = (len(block), None, block.splitlines(keepends=True), name)  # the audit reads sources
        exec(compile(block, name, "exec"), found)
    return found


def test_the_game_is_one_that_learners_learn(examples):
    from marl_edu.learning import IndependentQLearning

    game = examples["lift"]()
    assert (game.n_agents, game.states, game.setting) == (2, ("down", "up"), "cooperative")
    learner = IndependentQLearning(game, seeds=3, epsilon=0.3)
    learner.advance(5000)
    assert learner.greedy_returns() == pytest.approx(0.9 / (1 - 0.9))


def test_the_particle_world_is_one_that_can_be_played(examples):
    from marl_edu.games.particles.controllers import play_episodes

    world = examples["Meet"]()
    assert world.observation_sizes == (4, 4) and world.n_choices == (5, 5)
    world.reset([np.random.default_rng(seed) for seed in (0, 1)], copies=3)
    apart = np.linalg.norm(world.positions[..., 0, :] - world.positions[..., 1, :], axis=-1)
    np.testing.assert_allclose(world.rewards(), -np.stack([apart, apart], axis=-1))
    there = world.positions[..., 1, :] - world.positions[..., 0, :]
    np.testing.assert_allclose(world.observe()[..., 0, :], np.concatenate([0 * there, there], axis=-1), atol=1e-6)

    def approach(world):
        seen = world.observe()
        return np.clip(2 * seen[..., 2:] - seen[..., :2], -1, 1)

    rngs = [np.random.default_rng(seed) for seed in range(5)]
    met = play_episodes(world, approach, rngs, 20)
    assert met.rewards[..., -1, :].mean() > -0.25 > met.rewards[..., 0, :].mean()
    face = world.parallel_env()
    face.reset(seed=0)
    assert face.step(dict.fromkeys(face.agents, 0))[1]["agent_0"] < 0


def test_the_algorithm_runs_clones_and_is_recorded(examples):
    algorithm = examples["BestSoFar"](GAME, seeds=5, epsilon=0.5)
    recording = record(algorithm, 200, 20)
    assert recording.game is algorithm.game and recording.unit == "turn"
    assert (recording[-1]["greedy_return"] == 7).all()
    twin = algorithm.clone()
    twin.advance(200)
    np.testing.assert_array_equal(twin.frame()["greedy_return"], recording[-1]["greedy_return"])
    one = examples["BestSoFar"](GAME, epsilon=0.5)
    np.testing.assert_array_equal(record(one, 40, 20)[-1]["greedy_return"], recording[2]["greedy_return"][:1])


def test_the_team_learner_learns_what_a_sum_can_hold(examples):
    table = np.add.outer([0.0, 2, 1], [1.0, 0, 3])
    learner = examples["WeighedSum"](matrix_game(table), seeds=3, weight=3, step_size=0.01, epsilon_last=1)
    learner.advance(150)
    frame = learner.frame()
    q_1, q_2 = frame["q"][:, 0, 0, :, None], frame["q"][:, 1, 0, None, :]
    np.testing.assert_allclose(frame["q_tot"][:, 0], 3 * q_1 + q_2, atol=1e-5)
    np.testing.assert_allclose(frame["q_tot"][:, 0], np.broadcast_to(table, (3, 3, 3)), atol=0.3)
    assert (frame["greedy_return"] == 5).all()


def test_the_view_draws_any_moment(examples):
    from matplotlib.figure import Figure

    recording = record(examples["BestSoFar"](GAME, seeds=5, epsilon=0.5), 200, 20)
    view, ax = examples["Shares"](), Figure().subplots()
    (bar,) = view(ax, recording, -1)
    assert bar.get_width() == 1 and view.alt_text(recording) == "100% of the seeds got there."
    view(ax, recording, 0)
    assert bar.get_width() == 0


def test_the_picture_follows_the_table(examples):
    panel = examples["safety"]
    assert panel.payoffs[0, 1] == 11 and panel.describe() == "Row 0 loses least if the partner errs."
    panel.edit(0, 0, -1)
    assert panel.describe() == "Row 2 loses least if the partner errs."
    panel.choose("my own")
    assert panel.describe() == "Row 1 loses least if the partner errs."
    with pytest.raises(ValueError, match="12"):
        panel.edit(0, 0, 12)


def test_the_exercise_is_fit_for_a_lesson(examples):
    from marl_edu.exercises.audit import audit

    exercise = examples["exercise"]
    report = audit(exercise)
    assert report.problems() == [] and report.total > 5
    assert exercise.check(lambda payoffs, action: np.max(payoffs) - payoffs[action]).outcome == "right"
    verdict = exercise.check(lambda payoffs, action: payoffs[action] - np.max(payoffs))
    assert (verdict.outcome, verdict.misconception) == ("wrong", "the wrong sign")


def test_the_manifest_holds_together_and_the_quiz_explains(examples):
    lesson, quiz = examples["lesson"], examples["quiz"]
    assert [name for _, name in lesson.names()] == ["42.regret", "42.curve", "42.quiz"]
    assert len(quiz.questions) in QUESTIONS
    assert "5 - 3" in str(quiz.answer(3, 2).why)


def test_the_rules_of_the_lint_are_all_described():
    """Whoever adds a rule says so here: each of these words stands for one."""
    described = TEXT[TEXT.index("### What is refused") :]
    rules = [rule.__name__ for rule in (*lesson_lint.TEXT_RULES, *MANIFEST_RULES)]
    words = {
        "sections": "No section", "headings": "headings", "words": "simple or obvious", "length": "25 lines",
        "play_first": "formula before", "links": "broken link", "title": "titles", "objectives": "Objectives",
        "exercises": "exercises", "labels": "minutes and difficulty", "stubs": "stub", "predictions": "prediction",
        "quiz": "quiz", "games": "games",
    }  # fmt: skip
    assert set(rules) == set(words)
    assert [rule for rule in rules if words[rule] not in described] == []


def test_files_that_are_named_exist():
    root = Path(__file__).parents[1]
    for name in set(re.findall(r"`((?:marl_edu|tests|lessons)/[\w/]+(?:\.py|/))`", TEXT)):
        assert "NN" in name or (root / name).exists(), name

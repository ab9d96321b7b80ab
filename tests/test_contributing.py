"""The examples in CONTRIBUTING.md run, and what they make works like what the package has."""

import re
from pathlib import Path

import numpy as np
import pytest

from marl_edu import record
from marl_edu.games import matrix_game

GAME = matrix_game([[0.0, 1, 2], [1, 0, 7]])  # the best joint action is not the first
TEXT = (Path(__file__).parents[1] / "CONTRIBUTING.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def examples():
    """The names that the examples define."""
    found = {"__name__": "contributing"}
    for block in re.findall(r"^```python\n(.*?)^```", TEXT, flags=re.DOTALL | re.MULTILINE):
        exec(block, found)
    return found


def test_the_game_is_one_that_learners_learn(examples):
    from marl_edu.learning import IndependentQLearning

    game = examples["lift"]()
    assert (game.n_agents, game.states, game.setting) == (2, ("down", "up"), "cooperative")
    learner = IndependentQLearning(game, seeds=3, epsilon=0.3)
    learner.advance(5000)
    assert learner.greedy_returns() == pytest.approx(0.9 / (1 - 0.9))


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


def test_the_view_draws_any_moment(examples):
    from matplotlib.figure import Figure

    recording = record(examples["BestSoFar"](GAME, seeds=5, epsilon=0.5), 200, 20)
    view, ax = examples["Shares"](), Figure().subplots()
    (bar,) = view(ax, recording, -1)
    assert bar.get_width() == 1 and view.alt_text(recording) == "100% of the seeds got there."
    view(ax, recording, 0)
    assert bar.get_width() == 0


def test_files_that_are_named_exist():
    root = Path(__file__).parents[1]
    for name in set(re.findall(r"`((?:marl_edu|tests|lessons)/[\w/]+(?:\.py|/))`", TEXT)):
        assert "NN_" in name or (root / name).exists(), name

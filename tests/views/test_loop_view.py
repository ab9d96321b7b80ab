"""The picture of the loop: what it says, and that painting piece by piece is painting all."""

import copy

import numpy as np
import pytest
from painted import expect_blitting_as_redrawn, walked

from marl_edu.exercises.lesson_01_loop import Interaction
from marl_edu.games import climbing, gridworld
from marl_edu.learning import IndependentQLearning
from marl_edu.recording import record
from marl_edu.views import LoopView
from marl_edu.views.figures import blank


@pytest.fixture(scope="module", params=[1, 2, 3])
def walk(request):
    drawing = {1: ["1.#", "..A"], 2: ["1.2", "...", "B.A"], 3: ["1.2", "...", "BCA", "3.."]}[request.param]
    game = gridworld(drawing, observe="own position", reward="individual")
    policies = [lambda row, column: "south", lambda row, column: "west", lambda row, column: "north"]
    return record(Interaction(game, policies[: request.param], epsilon=0.4, seeds=2), 40, 1)


def test_words_say_what_happens(walk):
    game, view = walk.game, LoopView()
    who = "the agent" if game.n_agents == 1 else "everybody"
    assert view.alt_text(walk, 0).startswith(f"The loop at t = 0, {who} observes: agent 1 observes (0, 0)")
    assert " does " not in view.alt_text(walk, 0)
    said = view.alt_text(walk, 1)
    assert game.actions[0][walk[1]["action"][0, 0]] in said and "is paid" not in said
    assert view.alt_text(walk, 2).count("is paid") == game.n_agents


def test_blitting_paints_the_same_pixels_as_a_full_redraw(walk):
    expect_blitting_as_redrawn(LoopView(), blank(1).axes[0], walk, (20, 3, 40))


def test_an_updated_picture_equals_a_new_one(walk):
    ways = ([7], [0, 40, 2, 7])
    np.testing.assert_array_equal(*(walked(LoopView(), blank(1), walk, way) for way in ways))


def test_a_copy_and_another_seed(walk):
    view = copy.copy(LoopView(seed=1))
    assert view.seed == 1 and view(blank(1).axes[0], walk, 5)


def test_other_recordings_are_refused():
    learned = record(IndependentQLearning(climbing()), 10, 5)
    with pytest.raises(ValueError, match="moment"):
        LoopView()(blank(1).axes[0], learned, 0)

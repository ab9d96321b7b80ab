"""Pictures show where everybody is, in everybody's colour."""

import numpy as np
import pytest
from PIL import ImageColor

from marl_edu.games import climbing, gridworld, prisoners_dilemma
from marl_edu.games.colours import AGENT_COLOURS
from marl_edu.games.rendering import CELL, WALL, picture, words


def share(pixels, colour):
    """Part of the pixels that have a colour."""
    return (pixels == ImageColor.getrgb(colour)).all(axis=-1).mean()


def cell_of(image, row, column):
    return image[row * CELL : (row + 1) * CELL, column * CELL : (column + 1) * CELL]


@pytest.fixture
def game():
    return gridworld(["1.2", "#.#", "BG3"], starts={"3": (2, 2)}, collision="pay")


def test_every_agent_is_seen_where_it_is(game):
    for state in range(0, game.n_states, 37):
        image = picture(game, state)
        assert image.shape == (3 * CELL, 3 * CELL, 3) and image.dtype == np.uint8
        for agent, cell in enumerate(game.layout.positions[state]):
            place = cell_of(image, *game.layout.place(cell))
            assert share(place, AGENT_COLOURS[agent]) > 0.03, "seen even where three share a cell"
            elsewhere = [
                c for c in range(9) if c not in game.layout.positions[state] and not game.layout.goals[:, c].any()
            ]
            assert all(share(cell_of(image, *game.layout.place(c)), AGENT_COLOURS[agent]) == 0 for c in elsewhere)


def test_walls_and_goals_are_seen(game):
    image = picture(game, int(game.start.argmax()))
    assert share(cell_of(image, 1, 0), WALL) > 0.8 and share(cell_of(image, 1, 1), WALL) == 0
    assert share(cell_of(image, 2, 0), AGENT_COLOURS[1]) > 0.1, "agent 2's goal has its colour"


def test_words_draw_the_same_map(game):
    assert words(game, int(game.start.argmax())) == "1.2\n#.#\nBG3"
    assert words(game, game.states.index("(0,1) (0,1) (2,2)")) == ".*.\n#.#\nBG3"


def test_other_games_are_told_in_words():
    game = prisoners_dilemma()
    before, after = picture(game, 0), picture(game, 0, (0, 1), np.array([0.0, 5.0]))
    assert before.shape == after.shape and (before != after).any()
    assert share(after, AGENT_COLOURS[0]) > 0 and share(after, AGENT_COLOURS[1]) > 0
    assert "agent 2: defect, reward 5" in words(game, 0, (0, 1), np.array([0.0, 5.0]))
    assert "agent 1: no action yet" in words(climbing(), 0)


def test_a_rendered_picture_follows_the_world():
    env = gridworld(["1.A"]).parallel_env(render_mode="rgb_array")
    env.reset(seed=0)
    first = env.render()
    env.step({"agent 1": 4})
    second = env.render()
    assert share(cell_of(first, 0, 0), AGENT_COLOURS[0]) > 0.2 > 0.01 > share(cell_of(second, 0, 0), AGENT_COLOURS[0])
    assert share(cell_of(second, 0, 1), AGENT_COLOURS[0]) > 0.2
    first[:] = 0
    assert env.render().any(), "a picture that was handed out is the caller's own"

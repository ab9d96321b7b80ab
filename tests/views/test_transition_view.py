"""A step drawn: the numbers in the picture are those of the arrays."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from painted import expect_blitting_as_redrawn

from marl_edu.exercises.lesson_02_lake import lake
from marl_edu.games import CORRIDOR, gridworld, random_game
from marl_edu.learning import IndependentQLearning, Match, QPartner
from marl_edu.recording import record
from marl_edu.views.figures import blank
from marl_edu.views.transition import (
    StateView,
    draw_rewards,
    draw_row,
    draw_states,
    row_of,
    states_to_show,
    step_in_words,
)


def test_rows_are_those_of_the_dense_array():
    for game in (lake(), random_game(2, 6, (3, 2), 1, n_successors=3), gridworld(CORRIDOR)):
        for state in range(0, game.n_states, 3):
            for joint in np.ndindex(*game.n_actions):
                assert np.allclose(row_of(game, state, joint), game.transitions[(state, *joint)])


def test_bars_are_as_long_as_the_probabilities_and_diamonds_stand_at_the_shares():
    ax = Figure().subplots()
    draw_row(ax, lake(), 1, (0, 1), {0: 1, 1: 3})
    assert [bar.get_width() for bar in ax.patches] == pytest.approx([0.1, 0.7, 0.2])
    assert ax.lines[0].get_xdata().tolist() == [0.25, 0.75, 0.0]
    assert "4 times" in ax.get_xlabel()


def test_rewards_are_those_of_the_agents_and_their_sum():
    ax = Figure().subplots()
    draw_rewards(ax, lake(), 0, (1, 0))
    assert [bar.get_width() for bar in ax.patches] == [4, 2, 6]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["agent 1", "agent 2", "all together"]


def test_an_arrow_for_each_state_that_may_follow_and_its_probability():
    ax = Figure().subplots()
    draw_states(ax, lake(), 1, (0, 1), came_from=0)
    said = [text.get_text() for text in ax.texts]
    assert {"0.1", "0.7", "0.2", "before", "here", "full", "low", "empty"} == set(said)


def test_of_a_large_world_only_what_may_follow_is_shown():
    game = gridworld(CORRIDOR)
    state = int(game.start.argmax())
    shown = states_to_show(game, state, (2, 4))
    assert state in shown and len(shown) <= 2
    assert game.states[state] in step_in_words(game, state, (2, 4))


def test_the_present_state_is_filled_and_the_latest_turn_is_said():
    match = Match(lake(), QPartner(), seed=1)
    recording = record(match, units=12, every=1)
    view, ax = StateView(title="The lake"), Figure().subplots()
    for t in range(len(recording)):
        view(ax, recording, t)
        filled = ax.collections[0].get_facecolor()[:, 0] < 0.5
        assert filled.nonzero()[0].tolist() == [recording[t]["begins"][0]]
        assert match.game.states[recording[t]["begins"][0]] in view.alt_text(recording, t)
    assert "Nothing has been played" in view.alt_text(recording, 0)
    first = recording[1]
    acted = [match.game.actions[i][a] for i, a in enumerate(first["joint_action"][0])]
    said = f"From full: agent 1 {acted[0]}, agent 2 {acted[1]}. It led to {match.game.states[first['state'][0]]}"
    assert said in view.alt_text(recording, 1)


def test_the_state_view_refuses_what_it_cannot_show():
    with pytest.raises(ValueError, match="expected at most 7"):
        StateView()(Figure().subplots(), record(Match(gridworld(CORRIDOR), QPartner()), units=1, every=1), 0)
    with pytest.raises(ValueError, match="no match"):
        StateView()(Figure().subplots(), record(IndependentQLearning(lake()), units=1, every=1), 0)


def test_blitting_paints_the_same_pixels_as_a_full_redraw():
    recording = record(Match(lake(), QPartner(), seed=1), units=8, every=1)
    expect_blitting_as_redrawn(StateView(), blank(1).axes[0], recording, (3, 0, 8))

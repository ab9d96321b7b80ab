"""What a partner believes and how a match goes, as pictures: the numbers behind them, their words, their painting."""

import numpy as np
import pytest
from painted import expect_the_same_artists, extend, parts, up_to, walked

from marl_edu.games import CORRIDOR, climbing, gridworld, matching_pennies, matrix_game, prisoners_dilemma
from marl_edu.learning import FixedPartner, IndependentQLearning, Match, ModelPartner, QPartner
from marl_edu.panels.painter import Painter
from marl_edu.recording import Recording, record
from marl_edu.views import BeliefView, GridWorldView, PlayedActions, ScoreView, figure
from marl_edu.views.belief import Covered
from marl_edu.views.figures import blank


@pytest.fixture(scope="module")
def pennies() -> Recording:
    """Heads, heads, heads, tails against fictitious play."""
    match = Match(matching_pennies(), ModelPartner(explores=False))
    for side in (0, 0, 0, 1):
        match.choose(side)
    return record(match, 4, 1)


@pytest.fixture(scope="module")
def corridor() -> Recording:
    """Thirty turns in the corridor beside a learner with a model."""
    return record(Match(gridworld(CORRIDOR), ModelPartner()), 30, 1)


VIEWS = {
    "beliefs": (BeliefView, "pennies"),
    "beliefs on a grid": (lambda: BeliefView("agent 2"), "corridor"),
    "score": (ScoreView, "pennies"),
    "score on a grid": (lambda: ScoreView(title="Points"), "corridor"),
    "played": (PlayedActions, "pennies"),
    "world": (lambda: GridWorldView(1), "corridor"),
    "covered": (lambda: Covered(BeliefView(), "not yet"), "pennies"),
}


@pytest.fixture(params=VIEWS)
def view_and_recording(request):
    make, name = VIEWS[request.param]
    return make(), request.getfixturevalue(name)


def test_the_numbers_of_the_beliefs(pennies):
    found = BeliefView().beliefs(pennies, -1)
    assert found["model"] == pytest.approx([4 / 6, 2 / 6])
    assert found["true"].tolist() == [0.75, 0.25] and found["times"] == 4
    assert found["values"] == pytest.approx([-1 / 3, 1 / 3])
    assert found["policy"].tolist() == [0, 1]
    before = BeliefView().beliefs(pennies, 0)
    assert before["model"].tolist() == [0.5, 0.5] and np.isnan(before["true"]).all()


def test_the_bars_are_as_long_as_the_chances(pennies, ax):
    view = BeliefView()
    artists = parts(view, ax, pennies, -1)
    lengths = [path.vertices[:, 0].max() for path in artists["bars"].get_paths()]
    assert lengths == pytest.approx([0, 1, 4 / 6, 2 / 6])
    assert np.asarray(artists["true"].get_offsets())[:, 0].tolist() == [0.75, 0.25]


def test_words(pennies, corridor):
    assert BeliefView().alt_text(pennies, -1) == (
        "After 4 turns, agent 2 will choose heads 0 % (worth -0.33 to it), tails 100 % (worth 0.33 to it). It expects "
        "you to choose heads 67 %, tails 33 %; so far you chose heads 75 %, tails 25 %."
    )
    assert "so far" not in BeliefView().alt_text(pennies, 0)
    assert ScoreView().alt_text(pennies, -1) == "Rewards earned after 4 turns: you (agent 1) -2, agent 2 2."
    assert PlayedActions().alt_text(pennies, 0) == "Joint actions played after 0 turns: none yet."
    assert "(heads, tails), which pays -1 and 1, 75 %" in PlayedActions().alt_text(pennies, -1)
    assert BeliefView().alt_text(corridor).count("%") == 10 + 5


def test_a_partner_without_a_model_or_values_has_no_such_bars(ax):
    for partner, bars, worth in ((QPartner(), 2, True), (FixedPartner(), 2, False)):
        recording = record(Match(matching_pennies(), partner), 3, 1)
        axes = blank(1).axes[0]
        artists = parts(BeliefView(), axes, recording, -1)
        assert len(artists["bars"].get_paths()) == bars and "true" not in artists
        assert ("worth" in [text.get_text() for text in axes.texts]) == worth
        assert "expects you" not in BeliefView().alt_text(recording)
        assert ("worth" in BeliefView().alt_text(recording)) == worth


def test_the_partner_that_is_looked_at():
    game = matrix_game(np.random.default_rng(0).normal(size=(3, 2, 3, 2)))
    recording = record(Match(game, [QPartner(), ModelPartner()], seat=1), 5, 1)
    assert len(BeliefView().beliefs(recording)["policy"]) == 2
    assert BeliefView("agent 3").beliefs(recording)["model"].shape == (3,)
    with pytest.raises(ValueError, match="agent is 'agent 2', the student; expected a partner"):
        figure(BeliefView("agent 2"), recording)
    with pytest.raises(ValueError, match="agent is 3; expected a whole number from 0 to 2"):
        figure(BeliefView(3), recording)


def test_the_latest_joint_action_is_framed(pennies, ax):
    view = PlayedActions()
    assert not parts(view, ax, pennies, 0)["latest"].get_paths()
    frame = parts(view, ax, pennies, 1)["latest"].get_paths()[0]
    row, column = pennies[1]["joint_action"][0]
    np.testing.assert_allclose(frame.vertices[:-1].mean(axis=0), (column, row))
    assert view.shares(pennies, 0).sum() == 0 and view.shares(pennies, -1).sum() == 1


def test_a_second_call_moves_the_same_artists(view_and_recording, ax):
    expect_the_same_artists(view_and_recording[0], ax, view_and_recording[1])


def test_an_updated_picture_equals_a_new_one(view_and_recording):
    view, recording = view_and_recording
    grown = list(range(len(recording)))
    ways = ([*grown, -2], [*grown, 2, 0, 3, -2])
    np.testing.assert_array_equal(*(walked(view, blank(2), recording, way) for way in ways))


def test_blitting_paints_the_same_pixels_as_a_full_redraw(view_and_recording):
    view, recording = view_and_recording
    painter, fresh = Painter([view], recording), Painter([view], recording)
    for t in range(len(recording)):
        painter.paint(recording, t)
        fresh.paint(recording, t)
    painter.paint(recording, 1)
    fresh._background = None
    np.testing.assert_array_equal(painter.paint(recording, -1), fresh.paint(recording, -1))


def test_while_a_match_goes_on_few_turns_need_a_new_layout():
    """That is slow; the limits of the score grow in large steps instead."""
    whole = record(Match(climbing(), ModelPartner(), stand_in="greedy"), 120, 1)
    for view in (ScoreView(), PlayedActions(), BeliefView()):
        view.expected_units = 120
        growing = up_to(whole, 1)
        painter, layouts = Painter([view], growing), 0
        for t in range(1, len(whole)):
            extend(growing, whole, t + 1)
            before = painter._laid_out_for
            painter.paint(growing, t)
            layouts += painter._laid_out_for != before
        assert layouts <= 8, f"{type(view).__name__}: {layouts}"


@pytest.mark.parametrize("view", [BeliefView(), ScoreView(), PlayedActions()])
def test_what_is_no_match_is_refused(view, ax):
    with pytest.raises(ValueError, match=r"expected (the recording|that) of a Match|no array 'earned' was recorded"):
        view(ax, record(IndependentQLearning(climbing()), 10, 5), -1)
    bare = record(Match(climbing(), QPartner()), 3, 1)
    bare.game = None
    with pytest.raises(ValueError, match="carries no game"):
        view(ax, bare, -1)


def test_payoffs_need_one_state_and_two_agents(corridor, ax):
    with pytest.raises(ValueError, match="PlayedActions: expected the recording of a Match of two agents"):
        PlayedActions()(ax, corridor, -1)


@pytest.mark.parametrize("make", [BeliefView, ScoreView, PlayedActions])
def test_a_title_is_a_text(make, pennies, ax):
    make(title="Mine")(ax, pennies, 0)
    assert ax.get_title() == "Mine"
    with pytest.raises(ValueError, match="title is 3; expected a text"):
        make(title=3)


def test_names_with_signs_of_formulas_are_shown_as_they_are(ax):
    odd = r"$\frac$ {x}_1 ^ \n"
    game = prisoners_dilemma().replace(agents=[odd, "$a"], actions=[[odd, "$"], ["^", "_"]], name=odd)
    recording = record(Match(game, ModelPartner()), 4, 1)
    figure([BeliefView(title=odd), ScoreView(title=odd), PlayedActions(title=odd)], recording).canvas.draw()

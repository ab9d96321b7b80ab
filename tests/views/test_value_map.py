"""Values of states on a gridworld: the right state behind every cell, and frames that stay smooth on large maps."""

import time
from itertools import pairwise

import numpy as np
import pytest
from painted import parts, pixels

from marl_edu import record
from marl_edu.games import climbing, gridworld
from marl_edu.panels.painter import Painter
from marl_edu.planning import PolicyEvaluation, ValueIteration, evaluate
from marl_edu.recording import Recording
from marl_edu.views import ContractionView, ValueMap
from marl_edu.views.base import in_words
from marl_edu.views.figures import blank

DRAWING = ["1..", ".#.", "B.A", "2.."]


@pytest.fixture(scope="module")
def run():
    return record(PolicyEvaluation(gridworld(DRAWING, discount=0.9, reward="individual")), 200, 20)


@pytest.fixture(scope="module")
def large():
    drawing = [["."] * 50 for _ in range(50)]
    drawing[0][0], drawing[40][42] = "1", "G"
    return record(PolicyEvaluation(gridworld(["".join(row) for row in drawing], discount=0.95)), 60, 1)


@pytest.mark.parametrize("agent", [0, 1])
def test_a_cell_is_as_dark_as_its_state_is_worth(run, agent):
    """The picture's colours order the cells as the exact values do, found state by state from their names."""
    game, view = run.game, ValueMap(agent)
    drawn = parts(view, blank(1).axes[0], run, -1)
    exact = evaluate(game)[agent]
    start = game.states[int(game.start.argmax())].split()
    image, found = np.asarray(drawn["cells"].get_array()), []
    for row, column in np.ndindex(4, 3):
        places = list(start)
        places[agent] = f"({row},{column})"
        if " ".join(places) in game.states:
            found.append((exact[game.states.index(" ".join(places))], image[row, column].sum()))
    found.sort()
    assert len(found) == (view._states(run) >= 0).sum() >= 9
    assert (np.diff([shade for _, shade in found]) <= 1e-3).all() and found[0][1] > found[-1][1] + 0.3


def test_values_of_each_agent_and_of_the_team(run):
    assert ValueMap(0).alt_text(run) != ValueMap(1).alt_text(run)
    team = record(ValueIteration(run.game), 30, 1)
    assert "is worth" in ValueMap(0).alt_text(team) and "to the team" in ValueMap(0).alt_text(team)
    ax = blank(1).axes[0]
    ValueMap(1)(ax, team, -1)
    assert ax.get_title() == "Values of states for the team"


def test_the_words_say_the_exact_values(run):
    told, exact = ValueMap(1).alt_text(run), evaluate(run.game)[1] @ run.game.start
    assert f"is worth {in_words(exact)} to agent 2" in told
    assert told.startswith("After 200 sweeps") and told.endswith(".")


def test_another_state_moves_the_others(run):
    here, there = (parts(ValueMap(0, state=s), blank(1).axes[0], run, -1) for s in (None, run.game.n_states // 2))
    assert not np.array_equal(here["cells"].get_array(), there["cells"].get_array())
    name = run.game.states[run.game.n_states // 2]
    same = parts(ValueMap(0, state=name), blank(1).axes[0], run, -1)
    np.testing.assert_array_equal(same["cells"].get_array(), there["cells"].get_array())


def test_numbers_are_written_on_small_maps_only(run, large):
    assert len(parts(ValueMap(0), blank(1).axes[0], run, -1)["written"].get_paths()) == 10
    assert "written" not in parts(ValueMap(), blank(1).axes[0], large, -1)


def test_frames_of_2500_cells_stay_smooth(large):
    painter = Painter([ContractionView(), ValueMap()], large)
    for t in (0, 30, 60):  # limits have grown
        painter.paint(large, t)
    taken = []
    for t in range(len(large)):
        began = time.perf_counter()
        painter.paint(large, t)
        taken.append(time.perf_counter() - began)
    assert np.median(taken) < 0.05  # 20 frames a second, on a busy machine too


def test_with_exact_values_the_colours_mean_the_same_through_the_whole_run():
    """From 0 to the lowest exact value of a cell that is no goal: while all values fall, no cell gets darker."""
    game = gridworld(["1....", ".....", "...G.", "....."], discount=0.9)
    asked = []

    def exact(discount):
        asked.append(discount)
        return evaluate(game.replace(discount=discount))

    sweeps, view, ax = PolicyEvaluation(game), ValueMap(exact=exact), blank(1).axes[0]
    run = record(sweeps, 60, 1)
    labels, pictures = set(), []
    for t in range(len(run)):
        pictures.append(np.array(parts(view, ax, run, t)["cells"].get_array()).sum(axis=-1))
        labels.add(ax.get_xlabel())
    (label,) = labels
    goal = game.states.index("(2,3)")
    lowest = np.delete(evaluate(game)[0], goal).min()
    low = float(label.split("white ")[1].split(",")[0].replace("\N{MINUS SIGN}", "-"))
    assert low == pytest.approx(lowest, rel=0.05) and lowest < -2
    values = run.series("values")[:, 0, 0]
    falling = (np.diff(values, axis=0) <= 0).all(axis=0).reshape(4, 5)
    assert falling.sum() > 10
    for earlier, later in pairwise(pictures):
        assert (later[falling] >= earlier[falling] - 1e-6).all()
    sweeps.set(discount=0.5)
    record(sweeps, 5, 1, run)
    view(ax, run, -1)
    assert ax.get_xlabel() != label and asked == [0.9, 0.5]
    view(ax, run, 3)
    assert ax.get_xlabel() == label and asked == [0.9, 0.5]


def test_what_is_outside_of_fixed_colours_is_white_or_darkest():
    game = gridworld(["1..", "..G"], discount=0.9)
    run = record(PolicyEvaluation(game), 30, 1)
    narrow = parts(ValueMap(exact=lambda discount: 0.01 * evaluate(game)), blank(1).axes[0], run, -1)
    picture = np.asarray(narrow["cells"].get_array())
    assert (picture >= 0).all() and (picture <= 1).all() and (picture[0, 0] == 1).all()


def test_scrubbing_leaves_nothing_behind(run):
    pictures = []
    for way in ([*range(len(run)), 5], [*range(len(run)), 4, 0, 9, 5]):
        drawn, view = blank(2), ValueMap(0)
        for t in way:
            view(drawn.axes[0], run, t)
        drawn.canvas.draw()
        pictures.append(pixels(drawn))
    np.testing.assert_array_equal(*pictures)


def test_what_it_cannot_show_is_refused(run, ax):
    with pytest.raises(ValueError, match="no gridworld"):
        ValueMap()(ax, record(ValueIteration(climbing(discount=0.5, horizon=None)), 2, 1), 0)
    other = Recording("other", "sweep", game=run.game)
    other.append(0, {"residual": np.zeros(1)})
    with pytest.raises(ValueError, match="no array 'values' was recorded"):
        ValueMap()(ax, other, 0)
    with pytest.raises(ValueError, match="exact is 3; expected a function of the discount"):
        ValueMap(exact=3)
    for state in ("nowhere", -1, 10**6):
        with pytest.raises(ValueError, match="ValueMap: state is"):
            ValueMap(state=state)(ax, run, 0)

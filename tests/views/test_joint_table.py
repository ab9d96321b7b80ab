"""The table of learned joint values, and tables side by side."""

import numpy as np
import pytest
from mixed import learned
from painted import parts, pixels

from marl_edu.games import climbing, matching_pennies, matrix_game, qtran_matrix, random_game, two_step
from marl_edu.planning import additive_projection, monotonic_projection
from marl_edu.recording import Recording
from marl_edu.views import JointTable, figure, joint_table_figure, joint_table_words
from marl_edu.views.figures import blank
from marl_edu.views.joint_cells import COLOURS, DARKEST, figures
from marl_edu.views.shapes import glyphs

QTRAN = qtran_matrix().rewards[0, 0]


@pytest.fixture(scope="module")
def run():
    return learned(two_step(), mixer=False)


def cells_of(paths):
    """Cells around which these outlines lie, as (row, column)."""
    return {(round(path.vertices[:-1, 1].mean()), round(path.vertices[:-1, 0].mean())) for path in paths}


@pytest.mark.parametrize("t", [0, 5, -1])
@pytest.mark.parametrize("seed", [0, 2])
def test_what_is_drawn_is_what_was_recorded(run, ax, t, seed):
    view = JointTable("2B", seed=seed, exact="payoffs")
    artists, frame = parts(view, ax, run, t), run[t]
    table = frame["q_tot"][seed, 2]
    own = frame["q"][seed, :, 2]
    shades = COLOURS(DARKEST * (table - table.min()).ravel() / np.ptp(table))
    np.testing.assert_allclose(artists["cells"].get_facecolor(), shades, atol=1e-6)
    best = np.unravel_index(table.argmax(), table.shape)
    assert best == (own[0].argmax(), own[1].argmax())
    assert cells_of(artists["greedy"].get_paths()) == {best} and cells_of(artists["best"].get_paths()) == {(1, 1)}
    drawn = [path.vertices / np.ptp(path.vertices[:, 1]) for path in artists["values"].get_paths()]
    for path, number, cell in zip(drawn, table.ravel(), np.ndindex(2, 2), strict=True):
        word = glyphs(figures(number), 1.0, "bold" if cell == best else "normal").vertices
        np.testing.assert_allclose(path, word / np.ptp(word[:, 1]))
    assert len(artists["own"].get_paths()) == 4 and len(artists["exact"].get_paths()) == 4


def test_greedy_is_what_individual_values_say_even_where_the_joint_ones_disagree(ax):
    """As in a learner whose joint values have no IGM."""
    recording = Recording("QTRAN", "update", game=qtran_matrix())
    q = np.array([[[[0.0, 1, 1]], [[0, 2, 0]]]])
    recording.append(0, {"q": q, "q_tot": QTRAN[np.newaxis, np.newaxis]})
    artists = parts(JointTable(0, exact=QTRAN), ax, recording, 0)
    assert cells_of(artists["greedy"].get_paths()) == {(1, 1), (2, 1)}
    assert cells_of(artists["best"].get_paths()) == {(0, 0)}


def test_the_optimum_is_what_is_earned_if_the_team_goes_on_as_well_as_it_can(run):
    shown = JointTable("1", exact="optimum").shown(run)
    np.testing.assert_allclose(shown.exact, [[0.99 * 7] * 2, [0.99 * 8] * 2])
    assert shown.best.tolist() == [[False, False], [True, True]]
    np.testing.assert_allclose(JointTable("2B", exact="optimum").shown(run).exact, [[0, 1], [1, 8]])
    assert JointTable("2B").shown(run).exact is None


def test_agents_with_different_numbers_of_actions(ax):
    game = random_game(2, 3, (2, 4), 1)
    run = learned(game, mixer=False)
    artists = parts(JointTable(1), ax, run, -1)
    assert len(artists["cells"].get_paths()) == 8 and len(artists["own"].get_paths()) == 6
    assert "best" not in JointTable(1).alt_text(run)


@pytest.mark.parametrize("options", [{}, {"exact": "payoffs"}, {"exact": [[1.0, 2], [3, 4]], "seed": 1}])
def test_updates_in_place_and_equals_a_new_picture(run, options):
    view = JointTable("2B", **options)
    first, second = blank(3), blank(3)
    artists = view(first.axes[0], run, 0)
    for t in (7, 3, 11):
        assert view(first.axes[0], run, t) == artists
    view(second.axes[0], run, 11)
    for drawn in (first, second):
        drawn.canvas.draw()
    np.testing.assert_array_equal(pixels(first), pixels(second))
    first.canvas.draw()
    assert not first.stale
    for artist in artists:
        artist.set_animated(True)
    first.canvas.draw()
    view(first.axes[0], run, 2)
    assert not first.stale, "only moving artists change"


def test_everything_lies_within_the_picture(run):
    for n_views in (1, 2, 3):
        drawn = figure([JointTable("2B", exact="optimum", seed=1)] * n_views, run)
        drawn.canvas.draw()
        width = drawn.bbox.width / n_views
        for k, ax in enumerate(drawn.axes):
            box = ax.get_tightbbox()
            assert box.x0 >= k * width and box.x1 <= (k + 1) * width and box.y0 >= 0 and box.y1 <= drawn.bbox.height


def test_it_speaks(run):
    told = JointTable("2B", exact="payoffs").alt_text(run, 4)
    shown = JointTable("2B", exact="payoffs").shown(run, 4)
    assert told.startswith("Q_tot in 2B after 40 updates, seed 0: (A, A) ") and told.endswith(".")
    assert "(exact 8" in told and "best)" in told and told.count("greedy") == 1
    assert f"agent 1: A {figures(shown.own[0][0])}".replace("\N{MINUS SIGN}", "-") in told
    alone = learned(climbing(), mixer=False)
    assert JointTable().alt_text(alone, 0).startswith("Q_tot after 0 updates")


def test_another_quantity_and_a_title(run, ax):
    other = Recording("Weighted QMIX", "update", game=run.game)
    other.append(0, {"q": run[0]["q"], "q_star": 2 * run[0]["q_tot"]})
    view = JointTable("1", "q_star", title="$own")
    view(ax, other, 0)
    assert ax.get_title() == "$own" and view.alt_text(other).startswith("q_star in 1")
    np.testing.assert_allclose(view.shown(other).values, 2 * run[0]["q_tot"][0, 0])


def without(run, *names, game=None):
    bare = Recording("x", "update", game=game or run.game)
    bare.append(0, {name: array for name, array in run[0].items() if name not in names})
    return bare


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda run, ax: JointTable()(ax, without(run, "q_tot"), 0), "no array 'q_tot' was recorded; there is q"),
        (lambda run, ax: JointTable()(ax, without(run, "q"), 0), "no array 'q' was recorded"),
        (lambda run, ax: JointTable("3")(ax, run, 0), "JointTable: state is '3'"),
        (lambda run, ax: JointTable(4)(ax, run, 0), "JointTable: state is 4; expected a whole number from 0 to 3"),
        (lambda run, ax: JointTable("end")(ax, run, 0), "state 'end' is terminal; expected one in which agents act"),
        (lambda run, ax: JointTable(seed=3)(ax, run, 0), "JointTable: seed is 3"),
        (lambda run, ax: JointTable(exact="best"), "exact is 'best'; expected one of 'payoffs', 'optimum'"),
        (lambda run, ax: JointTable(exact=[[1, np.nan]]), "expected a finite number"),
        (
            lambda run, ax: JointTable(exact=[1, 2])(ax, run, 0),
            r"exact has shape \(2,\); expected \(A_1, A_2\), \(2, 2\)",
        ),
        (lambda run, ax: JointTable(quantity=3), "quantity is 3; expected a text"),
        (lambda run, ax: JointTable(exact="payoffs")(ax, learned(matching_pennies(), mixer=False), 0), "zero-sum game"),
        (lambda run, ax: JointTable(exact="optimum")(ax, learned(two_step(1.0), mixer=False), 0), "with discount 1"),
        (lambda run, ax: JointTable()(ax, without(run, game=climbing()), 0), r"shape \(4, 2, 2\) for each seed"),
        (lambda run, ax: JointTable()(ax, without(run, game=matrix_game(np.zeros((3, 2, 2, 2)))), 0), "3 agents"),
    ],
)
def test_bad_input(run, ax, make, words):
    with pytest.raises(ValueError, match=words):
        make(run, ax)


def test_tables_side_by_side():
    added, monotone = additive_projection(QTRAN), monotonic_projection(QTRAN)
    arguments = {"own": [None, added.parts, monotone.parts()], "exact": QTRAN}
    titles = ["payoffs", "nearest sum", "nearest monotone"]
    drawn = joint_table_figure([QTRAN, added.table, monotone.tables[0]], titles, **arguments)
    drawn.canvas.draw()
    assert drawn.bbox.width <= 1000 and [ax.get_title() for ax in drawn.axes] == titles
    for k, ax in enumerate(drawn.axes):
        box = ax.get_tightbbox()
        assert box.x0 >= k * drawn.bbox.width / 3 - 1 and box.x1 <= (k + 1) * drawn.bbox.width / 3 + 1
    told = joint_table_words([QTRAN, added.table, monotone.tables[0]], titles, **arguments)
    first, second, third = told.split("nearest ")
    assert first.startswith("payoffs: (a, a) 8 (greedy, best); (a, b) -12;")
    assert "(a, a) -6.22 (exact 8, best)" in second and second.count("greedy") == 4
    assert "(a, a) 8 (exact 8, greedy, best)" in third and third.count("greedy") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([], []), "expected a list of one to four"),
        ((np.zeros(3), ["a"]), "titles has 1 names|tables"),
        (([QTRAN, np.zeros((2, 2))], ["a", "b"]), r"tables\[1\] has shape \(2, 2\)"),
        (([QTRAN], ["a", "b"]), "titles has 2 names; expected 1"),
        (([QTRAN], ["a"], {"exact": [[1]]}), "exact has shape"),
        (([QTRAN], ["a"], {"own": [([1, 2], [1, 2, 3])]}), r"own\[0\] has shapes"),
        (([QTRAN], ["a"], {"own": [None, None]}), "own is .*; expected 1 entries"),
        (([QTRAN], ["a"], {"actions": ["ab", "abc"]}), r"actions\[0\] has 2 names; expected 3"),
    ],
)
def test_bad_tables(arguments, words):
    *given, options = arguments if isinstance(arguments[-1], dict) else (*arguments, {})
    with pytest.raises(ValueError, match=words):
        joint_table_figure(*given, **options)

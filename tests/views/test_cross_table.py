"""The cross-table of a tournament: its order, its numbers, its words, and what it refuses."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from marl_edu.games import prisoners_dilemma
from marl_edu.games.colours import INK
from marl_edu.learning import STRATEGIES, memory_one_payoffs, round_robin
from marl_edu.views import CrossTable
from marl_edu.views.cross_table import MOST
from marl_edu.views.figures import blank

GAME = prisoners_dilemma(discount=0.99)


@pytest.fixture
def tournament():
    return round_robin(STRATEGIES, GAME)


def names_on(ax):
    return [label.get_text().rsplit("  ", 1)[0] for label in ax.get_yticklabels()]


def numbers_on(ax):
    rows = {}
    for text in ax.texts:
        column, row = text.get_position()
        rows.setdefault(row, {})[column] = float(text.get_text().replace("\N{MINUS SIGN}", "-"))
    return np.array([[rows[row][column] for column in sorted(rows[row])] for row in sorted(rows)])


def test_rows_and_columns_go_by_the_mean(tournament, ax):
    CrossTable()(ax, tournament)
    names, shown = names_on(ax), numbers_on(ax)
    assert names == tournament.ranking and (np.diff(shown[:, -1]) <= 0.0051).all()
    for i, one in enumerate(names):
        for j, other in enumerate(names):
            paid = memory_one_payoffs(GAME, STRATEGIES[one], STRATEGIES[other])[0]
            assert shown[i, j] == pytest.approx(paid, abs=0.0051)
    np.testing.assert_allclose(shown[:, -1], sorted(tournament.means)[::-1], atol=0.0051)
    assert [label.get_text() for label in ax.get_xticklabels()] == [*"12345678", "mean"]
    assert "per round" in ax.get_xlabel()


def test_shades_follow_the_payoffs_and_letters_can_be_read_on_them(tournament, ax):
    CrossTable()(ax, tournament)
    shades = ax.collections[0].get_facecolor()[:, :3]
    linear = np.where(shades <= 0.03928, shades / 12.92, ((shades + 0.055) / 1.055) ** 2.4)
    light = linear @ (0.2126, 0.7152, 0.0722)  # all that those who see no colours go by
    paid = np.array([*(tournament.payoffs[np.ix_(*[order(tournament)] * 2)]).ravel(), *sorted(tournament.means)[::-1]])
    by_pay = np.argsort(paid, kind="stable")
    assert (np.diff(light[by_pay]) <= 1e-9).all() and light.max() - light.min() > 0.5
    ink = np.array(to_rgb(INK))
    dark = float(np.where(ink <= 0.03928, ink / 12.92, ((ink + 0.055) / 1.055) ** 2.4) @ (0.2126, 0.7152, 0.0722))
    assert (light.min() + 0.05) / (dark + 0.05) > 4.5, "the contrast that accessibility guidelines ask for"


def order(tournament):
    return [tournament.names.index(name) for name in tournament.ranking]


@pytest.mark.parametrize("count", [1, 2, 8, MOST])
def test_everything_lies_within_the_figure_and_nothing_on_top_of_anything(count):
    rng = np.random.default_rng(0)
    entrants = {f"a strategy with a very long name, number {k}": rng.random(5) for k in range(count)}
    drawn = CrossTable().figure(round_robin(entrants, GAME))
    drawn.canvas.draw()
    assert drawn.bbox.width <= 1000
    ax = drawn.axes[0]
    box = ax.get_tightbbox()
    assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= drawn.bbox.width and box.y1 <= drawn.bbox.height
    cell = ax.transData.transform([(1, 0), (0, 0)])[:, 0]
    widest = max(text.get_window_extent().width for text in ax.texts if text.get_weight() == "normal")
    assert widest < abs(cell[0] - cell[1])


def test_drawn_again_it_is_another_table(tournament, ax):
    view = CrossTable(title="With noise, $x_1$")
    view(ax, round_robin({"coin": STRATEGIES["coin"]}, GAME))
    view(ax, round_robin(STRATEGIES, GAME, noise=0.05))
    assert names_on(ax)[0] == "always defect" and len(ax.texts) == 72 and ax.get_title() == "With noise, $x_1$"
    ax.figure.canvas.draw()


def test_in_small_axes_numbers_shrink(tournament):
    ax = blank(3).axes[1]
    CrossTable()(ax, tournament)
    cell = ax.bbox.width / 9.3
    assert max(text.get_window_extent().width for text in ax.texts if text.get_weight() == "normal") <= cell


def test_equal_payoffs_and_small_negative_ones(ax):
    CrossTable()(ax, round_robin({"a": [1] * 5, "b": (1, 1, 0, 1, 0)}, GAME))
    assert {text.get_text() for text in ax.texts} == {"3.00"}
    ax.figure.canvas.draw()


def test_it_speaks(tournament):
    told = CrossTable().alt_text(tournament)
    assert told.startswith("Mean payoff per round in the prisoner's dilemma, discount 0.99, best mean first: (1) grim")
    assert "(6) always defect, mean 2.18, 1.04 against 1, 1.04 against 2, " in told and told.endswith(".")
    assert "\n" not in told
    assert ", noise 0.05, best" in CrossTable().alt_text(round_robin(STRATEGIES, GAME, noise=0.05))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda ax: CrossTable()(ax, np.eye(3)), "tournament is array.* expected what round_robin returns"),
        (lambda ax: CrossTable().alt_text(None), "tournament is None"),
        (lambda ax: CrossTable(title=3), "CrossTable: title is 3; expected a text"),
        (
            lambda ax: CrossTable()(ax, round_robin({str(k): [0.5] * 5 for k in range(MOST + 1)}, GAME)),
            "13 strategies; expected at most 12",
        ),
    ],
)
def test_bad_input(make, words, ax):
    with pytest.raises(ValueError, match=words):
        make(ax)

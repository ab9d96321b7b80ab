"""A picture that follows an editable table, and the panel of IGM: from code, as the boxes ask, and with bad input."""

import asyncio
import base64
import io

import numpy as np
import pytest
from PIL import Image

from marl_edu.games import climbing, matching_pennies, matrix_game, two_step
from marl_edu.panels import IGMPanel, TablePanel
from marl_edu.panels.igm_panel import loss, presets
from marl_edu.panels.table_panel import EDITED
from marl_edu.panels.team_table import TeamTable
from marl_edu.planning import additive_projection, igm, is_monotonic, monotonic_projection

TABLES = {"small": [[1, 0], [0, 2]], "wide": [[1, 2, 3], [4, 5, 6]], "climbing": climbing()}


def draw(ax, payoffs):
    ax.imshow(payoffs)
    if payoffs.sum() > 90:
        raise ValueError("too much for this picture")
    payoffs[:] = 0  # nobody's harm: it is a copy
    return f"{payoffs.shape[0]} x {payoffs.shape[1]}."


def tell(ax, payoffs):
    return f"The sum is {payoffs.sum():g}." if payoffs.sum() <= 90 else {}["worn"]


@pytest.fixture
def panel():
    made = TablePanel(tell, "Sums", TABLES)
    yield made
    made.close()


def boxes(panel):
    return [child for child in panel._tuning.children if isinstance(child, TeamTable)]


def test_what_is_edited_chosen_and_set_is_drawn_and_stands_in_the_boxes(panel):
    assert panel.describe() == "The sum is 3." and panel._menu.value == "small"
    first = panel.png()
    panel.edit(0, 1, 4.5)
    assert panel.describe() == "The sum is 7.5." and panel.payoffs.tolist() == [[1, 4.5], [0, 2]]
    assert boxes(panel)[0].values == [[[1, 4.5], [0, 2]]] and panel._menu.value == EDITED
    assert panel.png() == first, "nothing is drawn but words"
    panel.choose("climbing")
    assert panel.actions == climbing().actions and boxes(panel)[0].actions == [["a", "b", "c"]] * 2
    assert len(boxes(panel)) == 1 and np.shape(boxes(panel)[0].values) == (1, 3, 3)
    panel.set([[1], [2]])
    assert panel.describe() == "The sum is 3." and panel.actions == (("a", "b"), ("a",))
    panel._menu.value = "wide"
    assert panel.describe() == "The sum is 21." and panel._table.values == [[[1, 2, 3], [4, 5, 6]]]
    panel.choose("small")
    assert panel.payoffs.tolist() == [[1, 0], [0, 2]], "presets are as they were"


def test_what_draw_does_to_its_payoffs_does_no_harm():
    panel = TablePanel(draw, "Shapes", TABLES)
    assert panel.payoffs.tolist() == [[1, 0], [0, 2]] and panel.describe() == "2 x 2."
    panel.payoffs[:] = 7
    assert panel.payoffs.tolist() == [[1, 0], [0, 2]]
    first = panel.png()
    panel.edit(0, 0, 9)
    assert panel.png() != first
    with pytest.raises(ValueError, match="too much"):
        panel.edit(0, 0, 95)
    assert panel.payoffs.tolist() == [[9, 0], [0, 2]] and panel._table.values == [[[9, 0], [0, 2]]]
    assert panel._menu.value == EDITED and panel.idle() == float("inf")
    panel.close()


def test_the_boxes_ask_and_are_answered(panel):
    told = []
    panel._table.send = told.append
    panel._wished((2, 2), [0, 1, 0], -3, 1)
    assert panel.payoffs.tolist() == [[1, 0], [-3, 2]] and told == [{"answered": 1}]
    for at, value in (
        ([0, 1, 1], "two"),
        ([0, 1, 1], 101),
        ([1, 0, 0], 1),
        (None, 1),
        ([0, 0, 2], 0),
        ([0, 0, 0], True),
    ):
        with pytest.raises(ValueError, match="expected"):
            panel._wished((2, 2), at, value, 2)
        assert told.pop() == {"answered": 2}, "whether granted or not"
    assert panel.payoffs.tolist() == [[1, 0], [-3, 2]]


def test_a_wish_for_boxes_that_are_gone_changes_nothing(panel):
    before = panel._table
    panel.choose("wide")
    panel._wished((2, 2), [0, 0, 0], 50, 3)
    assert panel.describe() == "The sum is 21." and panel._menu.value == "wide"
    panel.choose("small")
    assert panel._table is before and before.values == [[[1, 0], [0, 2]]]


def test_errors_are_said_in_the_panel_and_the_table_goes_back_to_what_is_drawn(panel):
    panel._engine.ask(panel._wished, (2, 2), [0, 0, 1], "lots", 1)
    assert "payoff of the team for (a, b) is" in panel._warns.value
    assert "expected a number from -100 to 100" in panel._warns.value
    panel._engine.ask(panel._wished, (2, 2), [0, 0, 0], 99, 2)
    assert "KeyError" in panel._warns.value and panel.payoffs.tolist() == [[1, 0], [0, 2]]
    assert panel._table.values == [[[1, 0], [0, 2]]] and panel._menu.value == "small"
    panel.choose("wide")
    assert panel._warns.value == ""
    panel._engine.ask(panel._wished, (2, 3), [0, 0, 0], 99, 2)
    assert panel._menu.value == "wide" and panel.describe() == "The sum is 21."


def test_while_an_engine_drives_only_the_newest_wish_is_drawn_and_then_all_are_answered(panel):
    drawn, told, show = [], [], panel._show
    panel._show, panel._table.send = (lambda: (drawn.append(panel.payoffs.tolist()), show())), told.append

    async def drag():
        panel._engine.start()
        for wish, value in enumerate((3, 4, 5)):
            panel._engine.ask(panel._wished, (2, 2), [0, 0, 0], value, wish)
        assert drawn == [] and told == []
        while len(told) < 3:
            await asyncio.sleep(0.005)
        panel._engine.ask(panel._wished, (2, 2), [0, 0, 0], 99, 3)
        while len(told) < 4:
            await asyncio.sleep(0.005)
        await asyncio.sleep(0.01)
        panel._engine.stop()

    asyncio.run(drag())
    assert drawn == [[[5, 0], [0, 2]], [[99, 0], [0, 2]]] and [each["answered"] for each in told] == [0, 1, 2, 3]
    assert "KeyError" in panel._warns.value and panel.payoffs.tolist() == [[5, 0], [0, 2]]


def test_without_a_front_end_it_is_a_picture_and_words(panel):
    data, metadata = panel._repr_mimebundle_()
    assert data["text/plain"] == "Sums. The sum is 3." and metadata["image/png"]["alt"] == "The sum is 3."
    assert Image.open(io.BytesIO(base64.b64decode(data["image/png"]))).size == (680, 330)
    assert repr(panel) == "TablePanel('Sums')"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: TablePanel(tell, "x", {}), "presets is {}; expected a dict of names and tables"),
        (lambda: TablePanel(tell, "x", [[1]]), "expected a dict of names and tables"),
        (lambda: TablePanel(tell, "x", {1: [[1]]}), "a preset's name is 1; expected a text"),
        (lambda: TablePanel(tell, "x", {"big": np.zeros((4, 2))}), r"presets\['big'\] has shape \(4, 2\)"),
        (lambda: TablePanel(tell, "x", {"one": [1, 2]}), r"has shape \(2,\); expected \(A_1, A_2\)"),
        (lambda: TablePanel(tell, "x", {"far": [[1, 200]]}), r"has the entry 200; expected numbers from -100 to 100"),
        (lambda: TablePanel(tell, "x", {"pennies": matching_pennies()}), "expected a cooperative matrix game"),
        (lambda: TablePanel(tell, "x", {"steps": two_step()}), "expected a cooperative matrix game"),
        (lambda: TablePanel(tell, "x", {"three": matrix_game(np.zeros((3, 2, 2, 2)))}), "of two agents"),
        (lambda: TablePanel(tell, "x", TABLES, low=0), r"has the entry -30; expected numbers from 0 to 100"),
        (lambda: TablePanel(tell, "x", TABLES, low=5, high=1), "high is 1"),
        (lambda: TablePanel("tell", "x", TABLES), "expected a function"),
        (lambda: TablePanel(lambda ax, payoffs: None, "x", TABLES), "expected what the picture says, in words"),
        (lambda: TablePanel(tell, 3, TABLES), "title is 3"),
        (lambda: TablePanel(tell, "x", TABLES).choose("other"), "the table is 'other'; expected one of 'small'"),
        (lambda: TablePanel(tell, "x", TABLES).set([[1, np.nan]]), "expected a finite number"),
        (lambda: TablePanel(tell, "x", TABLES).edit(2, 0, 1), "row is 2; expected a whole number from 0 to 1"),
    ],
)
def test_bad_input(make, words):
    with pytest.raises(ValueError, match=words):
        make()


# ---- the panel of IGM -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def igm_panel():
    made = IGMPanel()
    yield made
    made.close()


@pytest.mark.parametrize("name", presets())
def test_what_the_panel_of_igm_says_is_what_is_worked_out(igm_panel, name):
    igm_panel.choose(name)
    payoffs, told = igm_panel.payoffs, igm_panel.describe()
    possible = igm.consistent_actions(payoffs) is not None
    assert ("no individual values satisfy IGM" in told) != possible and ("satisfy IGM if" in told) == possible
    added, monotone = additive_projection(payoffs), monotonic_projection(payoffs)
    assert ("Q_tot is a sum itself" in told) == (added.error < 1e-12)
    assert ("Q_tot is monotone itself" in told) == is_monotonic(payoffs)
    greedy = igm.greedy_joint(added.parts)
    cells = [f"({igm_panel.actions[0][a]}, {igm_panel.actions[1][b]})" for a, b in np.argwhere(greedy)]
    assert f"greedy by its parts: {cells[0]}" in told
    assert (f"{len(monotone.tables)} monotone tables are equally near" in told) == (len(monotone.tables) > 1)


def test_headlines(igm_panel):
    """QTRAN's matrix: only the sum loses. Climbing and penalty: both do. The two-step game's second state: none."""
    expected = {"QTRAN matrix": (8, 0), "climbing game": (6, 6), "penalty game, k = -100": (8, 8)}
    expected |= {"two-step game, state 2B": (0, 0), "a sum": (0, 0)}
    for name, losses in expected.items():
        payoffs = np.asarray(igm_panel._presets[name][0])
        parts = additive_projection(payoffs).parts, monotonic_projection(payoffs).parts()
        assert tuple(loss(payoffs, igm.greedy_joint(own)) for own in parts) == losses
    igm_panel.choose("QTRAN matrix")
    assert "which pay 0, 8 less than the best" in igm_panel.describe()
    igm_panel.choose("two best, no product")
    assert "also gets (a, b) and (b, a), so no" in igm_panel.describe()
    assert "4 monotone tables are equally near; greedy by them loses 0 or 1." in igm_panel.describe()


@pytest.mark.parametrize(
    "payoffs", [[[0, 0], [0, 0]], [[5]], [[1, 2, 3]], [[1e-3, 0], [0, 1e-3]], [[-100, 100], [99.5, 0]]]
)
def test_any_table_can_be_drawn(igm_panel, payoffs):
    igm_panel.set(payoffs)
    assert igm_panel.describe().endswith(".") and "nan" not in igm_panel.describe()
    assert Image.open(io.BytesIO(igm_panel.png())).size == (680, 330)

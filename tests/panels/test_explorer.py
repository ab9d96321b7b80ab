"""A picture that follows sliders: from code, by its widgets, and what it does with bad input."""

import base64
import io

import pytest
from PIL import Image

from marl_edu.algorithm import Choice, Real
from marl_edu.panels import Explorer


def draw(ax, height, colour="grey"):
    ax.bar([0], [height], color=colour)
    if height > 9:
        raise ValueError("too high for this picture")
    return f"A {colour} bar of height {height:g}."


@pytest.fixture
def explorer():
    made = Explorer(
        draw,
        "A bar",
        {"height": Real(1, 0, 10, "how high"), "colour": Choice("grey", ["grey", "red"], "its colour")},
    )
    yield made
    made.close()


def test_pictures_and_words_follow_what_is_set_from_code_and_by_widgets(explorer):
    first = explorer.png()
    explorer.set(height=3, colour="red")
    assert explorer.describe() == "A red bar of height 3." and explorer.png() != first
    assert explorer.controls["height"].value == 3 and explorer.controls["colour"].value == "red"
    explorer.controls["height"].value = 5
    assert explorer.describe() == "A red bar of height 5." and explorer.values == {"height": 5.0, "colour": "red"}


def test_without_a_front_end_it_is_a_picture_and_words(explorer):
    data, metadata = explorer._repr_mimebundle_()
    assert data["text/plain"] == "A bar. A grey bar of height 1."
    assert metadata["image/png"]["alt"] == "A grey bar of height 1."
    assert Image.open(io.BytesIO(base64.b64decode(data["image/png"]))).size == (680, 330)
    assert repr(explorer) == "Explorer('A bar')"


def test_what_is_refused_changes_nothing(explorer):
    for wrong in ({"height": 11}, {"height": 9.5}, {"width": 1}):
        with pytest.raises(ValueError, match=r"height|too high|width"):
            explorer.set(**wrong)
        assert explorer.values == {"height": 1.0, "colour": "grey"}
    assert explorer.describe() == "A grey bar of height 1."


def test_an_error_while_dragging_is_said_and_the_last_picture_stays(explorer):
    before = explorer.png()
    explorer.controls["height"].value = 9.5
    assert "too high" in explorer._warns.value and explorer.png() == before
    explorer.controls["height"].value = 2
    assert explorer._warns.value == "" and "height 2" in explorer.describe()


def test_after_an_error_the_controls_show_what_the_picture_shows():
    def fragile(ax, height):
        return f"{height:g}" if height < 5 else {}["worn"]

    explorer = Explorer(fragile, "Fragile", {"height": Real(1, 0, 10, "how high")})
    explorer.controls["height"].value = 3
    explorer.controls["height"].value = 7
    assert explorer.values == {"height": 3.0} and explorer.controls["height"].value == 3
    assert explorer.describe() == "3" and "KeyError" in explorer._warns.value
    explorer.close()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Explorer("draw", "A bar", {}), "expected a function"),
        (lambda: Explorer(draw, "A bar", {"height": 3}), "expected a Real or a Choice"),
        (lambda: Explorer(draw, "A bar", {"set": Real(1, 0, 2, "x")}), "'set' can't be a control's name"),
        (lambda: Explorer(draw, "A bar", {"two words": Real(1, 0, 2, "x")}), "can't be a control's name"),
        (lambda: Explorer(lambda ax: None, "A bar", {}), "expected what the picture says"),
        (lambda: Explorer(draw, "A bar", {"height": Real(1, 0, 2, "x")}, columns=4), "columns"),
    ],
)
def test_bad_input(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def test_several_axes():
    explorer = Explorer(lambda axes, x: f"{len(axes)} axes, {x:g}.", "Axes", {"x": Real(1, 0, 2, "x")}, columns=2)
    assert explorer.describe() == "2 axes, 1."

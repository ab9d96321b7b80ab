"""What a verdict says, as text and as a card."""

import html.parser

import numpy as np
import pytest
from samples import adding, exercise

from marl_edu.exercises import Misconception, Property
from marl_edu.exercises.card import SURE, Card, rich


def divides(a, b):
    c = a - a
    return b / c


class Tags(html.parser.HTMLParser):
    """All tags and words of some HTML."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.words = [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.words += data


def html_of(card) -> str:
    return "".join(child.value for child in card.box.children if hasattr(child, "value"))


def test_wrong_says_input_output_property_and_misconception():
    tested = exercise()
    verdict = tested.check(tested.misconceptions[0].wrong)
    assert verdict.text == (
        "✗ not right yet: The target\n"
        "With: reward = 1, discount = 0.5, next_values = [0, 2], terminal = True\n"
        "it returned: 2\n"
        "it must return: 1\n"
        "What must hold: after the end there is no future: the target is the reward alone\n"
        "This looks like: “bootstraps through the end”. Nothing follows."
    )
    assert (verdict.got, verdict.expected, verdict.line) == (2.0, 1.0, None)
    assert verdict.case[3] is True and verdict.property.startswith("after the end")


@pytest.mark.parametrize("where", ["child", "place"])
def test_crashed_says_the_line_and_the_arguments(where):
    verdict = adding().check(divides, where=where)
    number = divides.__code__.co_firstlineno + 2
    assert verdict.line == f"line {number}: return b / c"
    assert verdict.text.splitlines()[1:] == [
        "ZeroDivisionError: division by zero",
        f"In your own: line {number}: return b / c",
        "With: a = 1, b = 2",
    ]


def test_a_crash_in_a_library_is_shown_at_the_students_line():
    def multiplies(a, b):
        return np.ones((2, 3)) @ np.linalg.inv(np.zeros((2, 2)))

    assert "np.linalg.inv" in adding().check(multiplies).line


def test_what_was_printed_for_the_case_is_shown_shortly():
    def talks(a, b):
        print("a is", a)
        print("x" * 5000)
        return 0

    text = adding().check(talks).text
    assert "It printed:\n  a is 1\n  xxx" in text and len(text) < 1500


def test_right_and_not_attempted():
    tested = exercise()
    assert tested.check(tested.reference).text.splitlines()[:2] == [
        "✓ right: The target",
        "On 42 inputs both properties hold:",
    ]
    assert tested.check().text == (
        "○ not attempted yet: The target\n"
        "Work on `target` in the cell above, run that cell, then this one. About 5 minutes."
    )


def test_arrays_are_shown_compactly():
    big = adding(cases=[(np.arange(10_000.0).reshape(100, 100), 1)])
    text = big.check(lambda a, b: a).text
    assert "(shape (100, 100))" in text and len(text) < 1500


@pytest.mark.parametrize("thing, outcome", [
    (..., "not-attempted"), (lambda a, b: 0, "wrong"), (divides, "crashed"), (lambda a, b: a + b, "right"),
])  # fmt: skip
def test_card_and_text_stand_side_by_side(thing, outcome):
    verdict = adding().check(thing)
    bundle = verdict._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "application/vnd.jupyter.widget-view+json"}
    assert bundle["text/plain"] == verdict.text
    card = Card(verdict)
    assert {"marl-exercise", f"marl-outcome-{outcome}"} <= set(card.box._dom_classes)
    assert 'role="status" aria-live="polite"' in html_of(card)
    words = Tags(html_of(card)).words
    for part in verdict.parts:
        assert part.body.replace("`", "")[:40] in words


def test_everything_a_student_wrote_is_escaped():
    def attacks(a, b):
        print("<script>alert(1)</script>")
        raise ValueError("<img src=x onerror=alert(2)>")

    tested = adding(hints=["<b>&amp;</b>", "two"])
    card = Card(tested.check(attacks))
    card.hint()
    assert {"script", "img"} & set(Tags(html_of(card)).tags) == set()
    assert "&lt;img src=x" in html_of(card) and "&lt;b&gt;&amp;amp;" in html_of(card)
    card = Card(tested.check(lambda a, b: "<script>alert(3)</script>"))
    assert "script" not in Tags(html_of(card)).tags


def test_hint_button_shows_the_next_hint():
    card = Card(adding(hints=["one `a < b`", "two"]).check())
    card.buttons["hint"].click()
    assert "Hint 1 of 2" in card.more.value and "<code>a &lt; b</code>" in card.more.value
    card.buttons["hint"].click()
    assert "Hint 2 of 2" in card.more.value
    assert "marl-hint" in card.buttons["hint"]._dom_classes and "marl-solution" in card.buttons["solution"]._dom_classes


def test_solution_button_asks_first_until_something_was_tried():
    def untried(name):
        slips = [Misconception(f"{k}", "No.", lambda a, b, k=k: 90 + k) for k in range(3)]
        sums = [Property("sum", lambda rng: [(1, 2)])]
        tested = exercise(
            name=name, stub="def add(a, b): ...", solution=lambda a, b: a + b, misconceptions=slips, properties=sums
        )
        return tested

    tested = untried("98.untried")
    card = Card(tested.check())
    card.buttons["solution"].click()
    assert card.more.value == "" and card.buttons["solution"].description == SURE
    card.buttons["solution"].click()
    assert "a + b" in card.more.value and card.buttons["solution"].description == "solution"
    tested = untried("98.tried")
    card = Card(tested.check(lambda a, b: a))
    card.buttons["solution"].click()
    assert "a + b" in card.more.value


@pytest.mark.parametrize("text, shown", [
    ("a **b c** d", "a <b>b c</b> d"),
    ("2 * 3 * 4", "2 * 3 * 4"),
    ("`x ** y` and <i>", "<code>x ** y</code> and &lt;i&gt;"),
    ("an *own* word", "an <i>own</i> word"),
])  # fmt: skip
def test_little_markdown(text, shown):
    assert rich(text) == shown

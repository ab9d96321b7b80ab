"""An exercise checks itself, knows what is not attempted, gives hints and its solution, and keeps what happened."""

import numpy as np
import pytest
from samples import STUB, adding, exercise, settings

import marl_edu.exercises
from marl_edu.exercises import Exercise, Misconception, Property
from marl_edu.progress import progress

SLIP = Misconception("a", "b", lambda r, d, v, t: 0)
BAD = [
    ({"name": "target"}, "name is 'target'; expected something like '06.target'"),
    ({"name": 7}, "name is 7"),
    ({"objective": "6"}, "objective is '6'"),
    ({"title": " "}, "title is empty"),
    ({"task": ""}, "task is empty"),
    ({"minutes": 0}, "minutes is 0"),
    ({"minutes": "5"}, "minutes is '5'"),
    ({"difficulty": 4}, "difficulty is 4"),
    ({"difficulty": 1.5}, "difficulty is 1.5"),
    ({"time_limit": 0}, "time_limit is 0"),
    ({"hints": ["one"]}, "hints has 1; expected at least 2"),
    ({"hints": "help"}, "hints is 'help'"),
    ({"properties": []}, "properties has 0"),
    ({"properties": [SLIP]}, "expected only Property"),
    ({"misconceptions": [SLIP, SLIP]}, "misconceptions has 2; expected at least 3"),
    ({"misconceptions": [SLIP] * 3}, "have a name twice"),
    ({"stub": "def target(:"}, "the stub can't be read"),
    ({"stub": "import numpy"}, "it defines nothing"),
    ({"stub": "target = 3"}, "the stub defines no function"),
    ({"stub": "def target(reward, discount):\n    ..."}, "expected the solution's arguments"),
    ({"stub": "class Target:\n    ..."}, "the stub is a class"),
    ({"solution": 3}, "the solution is 3"),
    ({"call": 3}, "call is 3"),
    ({"equivalent": "x"}, "equivalent is 'x'"),
]


@pytest.mark.parametrize("changes, says", BAD, ids=[says[:30] for _, says in BAD])
def test_what_does_not_fit_is_refused(changes, says):
    with pytest.raises(ValueError) as refused:
        Exercise(**settings(**changes))
    assert says in str(refused.value)


@pytest.mark.parametrize(
    "make, says",
    [
        (lambda: Property("", lambda rng: []), "says is empty"),
        (lambda: Property("p", [(1,)]), "cases is"),
        (lambda: Property("p", lambda rng: [], expected=3), "expected is 3"),
        (lambda: Property("p", lambda rng: [], expected=print, holds=print), "either expected or holds"),
        (lambda: Property("p", lambda rng: [], tolerance=-1), "tolerance"),
        (lambda: Misconception("", "x", print), "name is empty"),
        (lambda: Misconception("x", "", print), "explains is empty"),
        (lambda: Misconception("x", "y"), "neither wrong nor recognise"),
    ],
)
def test_parts_check_themselves(make, says):
    with pytest.raises(ValueError, match=says):
        make()


def made(source: str, name: str = "target"):
    """What a cell defines."""
    names = {"np": np}
    exec(source, names)
    return names[name]


@pytest.mark.parametrize(
    "source",
    [
        STUB,
        STUB.replace('"""The target of one transition."""', '"""My words."""  # and a comment'),
        STUB.replace('    """The target of one transition."""\n', ""),
        STUB.replace("...", "pass"),
        STUB.replace("...", "return None"),
        STUB.replace("...", "return ..."),
        STUB.replace("...", "raise NotImplementedError"),
        STUB.replace("...", "raise NotImplementedError('later')"),
        STUB.replace("...", "best = ...\n    return best"),
    ],
)
@pytest.mark.parametrize("where", ["child", "place"])
def test_not_attempted(source, where):
    assert exercise().check(made(source), where=where).outcome == "not attempted"


def test_nothing_handed_in_is_not_attempted_and_a_constant_is_an_attempt():
    assert exercise().check().outcome == exercise().check(...).outcome == "not attempted"
    assert exercise().check(made(STUB.replace("...", "return 0"))).outcome == "wrong"
    assert exercise().check(lambda *args: None if args[3] else 1).outcome == "wrong"


BUGGY = "def add(a, b):\n    total = a\n    total += a\n    return total\n"


def test_find_the_bug_is_not_attempted_until_something_is_changed():
    tested = Exercise(
        **settings(
            name="98.mend",
            stub=BUGGY,
            solution=lambda a, b: a + b,
            properties=[Property("sum", lambda rng: [(1, 2)])],
            misconceptions=[Misconception(f"{k}", "No.", lambda a, b, k=k: k + 90) for k in range(3)],
        )
    )
    assert tested.check(made(BUGGY, "add")).outcome == "not attempted"
    assert (
        tested.check(made("# mine\n" + BUGGY.replace("return", "# so\n    return"), "add")).outcome == "not attempted"
    )
    assert tested.check(made(BUGGY.replace("+= a", "-= a"), "add")).outcome == "wrong"
    assert tested.check(made(BUGGY.replace("+= a", "+= b"), "add")).outcome == "right"


class Counter:
    """A class as solution."""

    def __init__(self, start):
        self.count = start

    def step(self, by):
        """Count."""
        self.count += by
        return self.count


def counting(**changes):
    kinds = [lambda start: start, type("Never", (Counter,), {"step": lambda self, by: 99}), lambda start: None]
    return Exercise(
        **settings(
            name="98.counter",
            stub="class Counter:\n    def __init__(self, start):\n        ...\n\n    def step(self, by):\n        ...",
            solution=Counter,
            call=lambda kind, start, by: kind(start).step(by),
            properties=[Property("it counts", lambda rng: [(0, 1), (2, 3)])],
            misconceptions=[Misconception(f"{k}", "No.", wrong) for k, wrong in enumerate(kinds)],
        )
        | changes
    )


def test_a_class_is_tested_by_a_call_of_its_own():
    tested = counting()
    assert tested.parameters == ["start", "by"]
    assert tested.check(Counter).outcome == "right"
    assert tested.check(made(tested.stub, "Counter")).outcome == "not attempted"
    assert tested.check(type("Counter", (Counter,), {"step": lambda self, by: 99})).misconception == "1"
    assert "start = 0, by = 1" in tested.check(type("Counter", (), {})).text
    assert "class Counter" in repr(tested.solution())
    with pytest.raises(ValueError, match=r"Counter\.step differs"):
        counting(stub="class Counter:\n    def step(self, more):\n        ...")


def test_a_plain_value_is_tested_by_a_call_of_its_own():
    tested = Exercise(
        **settings(
            name="98.value",
            stub="answer = ...",
            solution=[0.5, 0.5],
            call=lambda value: value,
            properties=[Property("it is even", lambda rng: [()])],
            misconceptions=[Misconception(f"{k}", "No.", [k, 1 - k]) for k in (0, 1, 2)],
        )
    )
    assert tested.check().outcome == tested.check(...).outcome == "not attempted"
    assert tested.check(np.array([0.5, 0.5])).outcome == "right"
    assert tested.check([0, 1]).misconception == "0"
    assert tested.solution().code == "answer = [0.5, 0.5]"


def test_hints_come_one_after_the_other():
    tested = exercise(name="98.hints")
    texts = [repr(tested.hint()) for _ in range(4)]
    assert [text.split(".")[0] for text in texts] == [
        "Hint 1 of 3",
        "Hint 2 of 3",
        "Hint 3 of 3",
        "Hint 3 of 3, again: it is the last",
    ]
    assert "`np.max(next_values)` is the best." in texts[-1]
    assert tested.facts()["hints"] == 3
    assert "**Hint 3 of 3, again: it is the last.**" in tested.hint()._repr_markdown_()


def test_the_solution_is_shown_under_the_name_of_the_stub():
    tested = exercise(name="98.solution")
    words = tested.solution()
    assert words.code.startswith("def target(reward, discount, next_values, terminal):\n    if terminal:")
    assert "```python" in words._repr_markdown_()
    assert tested.facts()["solution_seen"] is True
    names = {"np": np}
    exec(words.code, names)
    assert tested.check(names["target"]).outcome == "right"


def test_what_happened_is_kept():
    tested = exercise(name="98.kept")
    tested.check()
    assert tested.facts() == {}, "running the cells of a lesson is nothing done"
    tested.check(lambda r, d, v, t: 1 / 0)
    tested.check(tested.reference)
    tested.check(3)
    kept = progress().facts("exercise", "98.kept")
    assert (kept["outcome"], kept["attempts"], kept["right"]) == ("wrong", 3, True)


def test_its_repr_is_stable_and_the_package_is_lazy():
    assert repr(exercise()) == "Exercise('98.target', 'The target')"
    assert repr(adding().check(3)) == "Verdict('wrong', '98.add')"
    with pytest.raises(AttributeError, match="it has COURSE, Exercise"):
        _ = marl_edu.exercises.Nothing
    assert "Exercise" in dir(marl_edu.exercises)

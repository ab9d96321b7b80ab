"""The audit finds what is wrong with an exercise, and mutants are real mistakes."""

import time

import numpy as np
import pytest
from samples import exercise, settings

from marl_edu.exercises import Exercise, Misconception, Property
from marl_edu.exercises.audit import AuditReport, audit
from marl_edu.exercises.mutants import mutants, source_of
from marl_edu.progress import progress


def lines(source: str) -> set[str]:
    return {mutant.line for mutant in mutants(source)}


def test_a_good_exercise_has_no_problems():
    report = audit(exercise(name="98.audited"))
    assert report.problems() == []
    assert report.accepted and report.verdict_on_stub == "not attempted"
    assert report.diagnoses == {name: name for name in report.diagnoses} and len(report.diagnoses) == 3
    assert report.total >= 20 and report.caught == report.total and report.share == 1
    assert repr(report).startswith(f"98.audited: {report.total} of {report.total} mutants caught")
    assert report.alive == report.total - report.crashed >= 5 and report.share_alive == 1
    assert progress().facts("exercise", "98.audited") == {}


def one_of(says: str, **changes) -> None:
    found = audit(Exercise(**settings(**changes))).problems()
    assert any(says in words for words in found), found


def narrow(rng):
    return [(1.0, 0.0, np.array([2.0, 2.0]), False)]


def test_checks_that_test_too_little_are_found():
    one_of("mutants are caught; expected 95%", properties=[Property("the target", narrow)])


def test_mutants_that_crash_do_not_stand_for_those_that_give_an_answer():
    report = AuditReport("98.x", caught=19, crashed=17, total=20)
    assert report.share == 0.95 and report.alive == 3 and report.share_alive == 2 / 3
    assert any("3 of 20 mutants give an answer, the others crash" in words for words in report.problems())
    assert "2 of 3 of those that don't crash (67%)" in repr(report)
    report.crashed = 15
    assert not any("give an answer" in words for words in report.problems())
    assert AuditReport("98.x").share_alive == 1 and not any("give" in words for words in AuditReport("98.x").problems())


def test_a_solution_that_is_not_accepted_is_found():
    odd = Property("it is 7", lambda rng: [(1.0, 0.5, np.ones(2), False)], expected=lambda *args: 7)
    one_of("its own solution is not accepted", properties=[odd])


def test_a_stub_that_counts_as_an_attempt_is_found():
    one_of("the stub is 'wrong'", stub="answer = 0", solution=5, call=lambda answer, *args: answer)


def test_a_wrong_answer_with_another_name_is_found():
    slips = settings()["misconceptions"]
    twin = Misconception("twin", "The same again.", slips[0].wrong)
    one_of("the mistake 'twin' is said to be: bootstraps through the end", misconceptions=[*slips, twin])
    right = Misconception("none at all", "It is right.", settings()["solution"])
    one_of("the mistake 'none at all' is said to be: right", misconceptions=[*slips, right])


def test_misconceptions_without_an_example_are_found():
    seen = [Misconception(f"{k}", "No.", recognise=lambda value, *args: False) for k in range(3)]
    one_of("0 misconceptions have a wrong implementation", misconceptions=seen)


def test_cases_that_fail_are_found():
    one_of("no cases", properties=[Property("none", lambda rng: [])])


def largest(values):
    best = values[0]
    for value in values[1:]:
        if value > best:
            best = value
    return best


def finding(**changes) -> Exercise:
    slips = [Misconception(f"{k}", "No.", lambda values, k=k: 90 + k) for k in range(3)]
    random = Property("it is the largest", lambda rng: [(list(rng.normal(size=n)),) for n in (1, 2, 3, 4, 5, 6)])
    return Exercise(
        **settings(
            name="98.largest",
            stub="def largest(values):\n    ...",
            solution=largest,
            properties=[random],
            misconceptions=slips,
        )
        | changes
    )


def test_equivalent_mutants_must_be_declared_and_declarations_must_be_true():
    report = audit(finding())
    assert [line for line in report.survivors if "value >= best" in line]
    declared = audit(finding(equivalent=("value >= best",)))
    assert declared.total == report.total - 1 and len(declared.equivalent) == 1
    assert not any("equivalent" in words for words in declared.problems())
    assert any("excuses no mutant" in words for words in audit(finding(equivalent=("nothing like it",))).problems())
    one = Property("largest", lambda rng: [([3.0],), ([2.0, 1.0] if rng.random() < 0.8 else [1.0, 2.0],)])
    lucky = audit(finding(properties=[one], equivalent=("if False",)))
    assert len(lucky.equivalent) == 1, "the cases of the first seed must miss it for this test"
    assert any("other random cases tell them apart" in words for words in lucky.problems())


def test_mutants_that_never_end_count_as_caught():
    def count(a):
        n = 0
        while n < a:
            n += 1
        return n

    tested = Exercise(
        **settings(
            name="98.count",
            stub="def count(a):\n    ...",
            solution=count,
            properties=[Property("it counts", lambda rng: [(k,) for k in (0, 1, -1, 2.5, 5)])],
            misconceptions=[Misconception(f"{k}", "No.", lambda a, k=k: 90 + k) for k in range(3)],
        )
    )
    report = audit(tested)
    assert report.total > 8 and not [words for words in report.problems() if "mutants" in words]


def test_mutants_are_the_mistakes_people_make():
    found = lines("def f(a, b, n):\n    if a < b and not n:\n        return max(a, b)\n    return a[n + 1] - b")
    for line in (
        "if a <= b and (not n):",
        "if a > b and (not n):",
        "if a < b or not n:",
        "if a < b and n:",
        "if a < b:",
        "if not n:",
        "return min(a, b)",
        "return a[n + 2] - b",
        "return a[n + 0] - b",
        "return a[n - 1] - b",
        "return a[n + 1] + b",
        "return b - a[n + 1]",
        "return -(a[n + 1] - b)",
        "return b[n + 1] - b",
        "return a[b + 1] - b",
    ):
        assert line in found, line
    found = lines("def f(x):\n    y = x.max(axis=1).any()\n    y += 1\n    return [v for v in y if v > 0]")
    for line in ("y = x.max(axis=0).any()", "y = x.min(axis=1).any()", "y = x.max(axis=1).all()", "y -= 1", "pass"):
        assert line in found, line
    assert "return [v for v in y]" in found


def test_mutants_are_different_from_one_another_and_from_the_original_and_compile():
    source = source_of(settings()["solution"])
    made = mutants(source)
    assert len({mutant.source for mutant in made}) == len(made) and source not in {mutant.source for mutant in made}
    for mutant in made:
        compile(mutant.source, "<mutant>", "exec")
    assert [str(mutant) for mutant in made] == [str(mutant) for mutant in mutants(source)]


def test_what_has_no_source_has_no_mutants():
    assert source_of(3) == ""


@pytest.mark.parametrize("most", [5, 12])
def test_of_many_mutants_some_are_taken_evenly(most):
    source = source_of(settings()["solution"])
    some = mutants(source, most)
    assert len(some) == most and {mutant.before for mutant in some} >= {"if terminal:"}


def waits(reward, discount, next_values, terminal):
    time.sleep(0.005)  # as on a machine that does something else
    return reward if terminal else reward + discount * np.max(next_values)


def works(reward, discount, next_values, terminal):
    began = time.process_time()
    while time.process_time() - began < 0.005:
        pass
    return reward if terminal else reward + discount * np.max(next_values)


def test_a_solution_that_needs_more_than_students_have_is_found():
    """More processor time: a busy machine is not held against it."""
    assert audit(exercise(solution=waits, time_limit=0.15)).accepted
    one_of("expected at most 0.15", solution=works, time_limit=0.15)

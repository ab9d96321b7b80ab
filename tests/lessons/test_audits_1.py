"""Every exercise accepts its solution and rejects typical mistakes and mutants: share 1 of the lessons (audits.py)."""

from audits import share

from marl_edu.exercises.audit import audit


@share(1)
def test_exercise_accepts_its_solution_and_rejects_typical_mistakes_and_mutants(exercise):
    assert audit(exercise).problems() == []

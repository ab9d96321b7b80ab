"""The audit: does an exercise accept what is right, reject what is wrong, and say the right thing about it?

It judges in place, which is fast: the mistakes that it tries are our own, nothing hostile is among them. A mutant
that does not end is ended.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from marl_edu.exercises.cases import call, prepare
from marl_edu.exercises.container import contain
from marl_edu.exercises.judge import judge, problem
from marl_edu.exercises.mutants import Mutant, mutants, source_of

ENOUGH = 0.95
"""Share of the mutants that must be caught."""

ENOUGH_ALIVE = 4
"""Mutants that give an answer, which must be told from the right one by the cases: so many at least."""

MUTANT_SECONDS = 0.5
"""Seconds after which a mutant counts as one that doesn't end; three times what the solution takes if that is more."""

PATIENT = 8
"""Times the exercise's own limit that an audit waits for an answer; what counts against that limit is processor time,
since a busy machine is no fault of the answer.
"""

MORE_SEEDS = 20
"""Sets of other random cases on which what is declared equivalent must agree with the solution too."""


@dataclass
class AuditReport:
    """What an audit found."""

    name: str
    accepted: bool = False
    """Whether the solution is right."""
    verdict_on_stub: str = ""
    diagnoses: dict[str, str] = field(default_factory=dict)
    """By name of a misconception that has a wrong implementation: what is said about that implementation."""
    caught: int = 0
    crashed: int = 0
    """How many of those caught raise an exception or don't end: the easy ones."""
    total: int = 0
    """Mutants, without the equivalent ones."""
    survivors: list[str] = field(default_factory=list)
    """Mutants that are accepted, in words."""
    equivalent: list[str] = field(default_factory=list)
    """Mutants that the exercise declares to be right too."""
    complaints: list[str] = field(default_factory=list)
    """Whatever else is wrong."""

    @property
    def share(self) -> float:
        """Share of the mutants that are caught; 1 if there are none."""
        return self.caught / self.total if self.total else 1.0

    @property
    def alive(self) -> int:
        """How many mutants give an answer: neither crash nor run on without end."""
        return self.total - self.crashed

    @property
    def share_alive(self) -> float:
        """Share that is caught of those that give an answer; 1 if there are none."""
        return (self.caught - self.crashed) / self.alive if self.alive else 1.0

    def problems(self) -> list[str]:
        """What must be mended; [] if nothing."""
        found = [] if self.accepted else ["its own solution is not accepted"]
        if self.verdict_on_stub != "not attempted":
            found.append(f"the stub is {self.verdict_on_stub!r}; expected 'not attempted'")
        found += [
            f"the mistake {name!r} is said to be: {said}; expected its own name"
            for name, said in self.diagnoses.items()
            if said != name
        ]
        if len(self.diagnoses) < 3:
            found.append(f"{len(self.diagnoses)} misconceptions have a wrong implementation; expected at least 3")
        if self.share < ENOUGH:
            some = "; ".join(self.survivors[:6])
            found.append(f"{self.caught} of {self.total} mutants are caught; expected {ENOUGH:.0%}. Accepted: {some}")
        if self.total and self.alive < ENOUGH_ALIVE:
            found.append(
                f"{self.alive} of {self.total} mutants give an answer, the others crash; expected at least "
                f"{ENOUGH_ALIVE}, or its cases are hardly tried"
            )
        return [f"exercise {self.name}: {words}" for words in found + self.complaints]

    def __repr__(self) -> str:
        return (
            f"{self.name}: {self.caught} of {self.total} mutants caught, "
            f"{self.caught - self.crashed} of {self.alive} of those that don't crash ({self.share_alive:.0%}), "
            f"{len(self.equivalent)} equivalent, {len(self.diagnoses)} misconceptions, {len(self.problems())} problems"
        )


def audit(exercise) -> AuditReport:
    """Try an exercise with its solution, its stub, its misconceptions and all mutants of its solution.

    Parameters
    ----------
    exercise : Exercise
        Nothing is written to the student's progress.

    Returns
    -------
    AuditReport
        ``problems()`` says what must be mended. A mutant that gives right answers counts as a survivor unless a piece
        of its changed line is declared in ``exercise.equivalent``; such a declaration is checked on many more random
        cases, and one that excuses nothing is a problem.
    """
    report = AuditReport(exercise.name)
    try:
        prepared = exercise.prepared()
    except ValueError as error:
        report.complaints.append(str(error))
        return report
    began = time.process_time()
    outcome = _judged_in_time(exercise, exercise.reference, prepared)
    patience = max(MUTANT_SECONDS, 3 * (time.process_time() - began))
    report.accepted = outcome.get("outcome") == "right"
    if not report.accepted:
        report.complaints.append(f"judging the solution gave {outcome}"[:300])
    _audit_stub(exercise, prepared, report)
    for misconception in exercise.misconceptions:
        if misconception.wrong is not None:
            facts = _judged_in_time(exercise, misconception.wrong, prepared)
            named = facts.get("misconception")
            said = exercise.misconceptions[named].name if named is not None else facts.get("outcome", "nothing")
            report.diagnoses[misconception.name] = said
    _audit_mutants(exercise, prepared, report, patience)
    return report


def _judged_in_time(exercise, thing, prepared) -> dict:
    """The facts of judging an answer, which must not need more processor time than students' answers have."""
    for _ in range(2):  # the first use of a library may be slow
        began = time.process_time()
        facts = _judged(exercise, thing, prepared, PATIENT * exercise.time_limit)
        took = time.process_time() - began
        if took <= exercise.time_limit:
            return facts
    return {"outcome": "crashed", "error": f"it took {took:.1f} s; expected at most {exercise.time_limit:g} s"}


def _judged(exercise, thing, prepared, seconds: float) -> dict:
    ended = contain(lambda place: judge(exercise, thing, prepared, place), seconds, "place")
    if ended.how == "done":
        return ended.facts
    return ended.facts or {"outcome": "crashed", "error": f"it ended by {ended.how}"}


def _audit_stub(exercise, prepared, report: AuditReport) -> None:
    names = dict(getattr(exercise.reference, "__globals__", {}))
    try:
        exec(compile(exercise.stub, "<stub>", "exec", dont_inherit=True), names)
        given = names[exercise.stub_name]
    except Exception as error:
        report.verdict_on_stub = f"{type(error).__name__}: {error}"
        return
    if exercise.not_attempted(given):
        report.verdict_on_stub = "not attempted"
    else:
        report.verdict_on_stub = _judged(exercise, given, prepared, exercise.time_limit)["outcome"]


def _audit_mutants(exercise, prepared, report: AuditReport, patience: float) -> None:
    excused: set[str] = set()
    for mutant in mutants(source_of(exercise.reference) or "0"):
        facts = _try(exercise, mutant, prepared, patience)
        fragments = [piece for piece in exercise.equivalent if piece in mutant.line]
        if facts["outcome"] in ("wrong", "crashed"):
            report.caught, report.crashed = report.caught + 1, report.crashed + (facts["outcome"] == "crashed")
            report.total += 1
        elif fragments:
            excused |= set(fragments)
            report.equivalent.append(str(mutant))
            if not _agrees_everywhere(exercise, mutant, patience):
                report.complaints.append(f"{mutant} is declared equivalent, but other random cases tell them apart")
        else:
            report.total += 1
            report.survivors.append(str(mutant))
    for piece in exercise.equivalent:
        if piece not in excused:
            report.complaints.append(f"equivalent {piece!r} excuses no mutant; expected a piece of a changed line")


def _made(exercise, mutant: Mutant):
    reference = exercise.reference
    names = dict(getattr(reference, "__globals__", None) or vars(__import__(reference.__module__, fromlist=["_"])))
    exec(compile(mutant.source, "<mutant>", "exec", dont_inherit=True), names)
    return names[reference.__name__]


def _try(exercise, mutant: Mutant, prepared, patience: float) -> dict:
    """Like ``judge``, but it stops at the first failure and recognises nothing."""

    def first_failure(place):
        for p, cases in enumerate(prepared):
            for case in cases:
                result = call(lambda *args: exercise.use(thing, *args), case.args, place)
                if problem(exercise.properties[p], case, result):
                    return {"outcome": "crashed" if result.error else "wrong"}
        return {"outcome": "right"}

    try:
        thing = _made(exercise, mutant)
    except Exception:
        return {"outcome": "crashed"}
    ended = contain(first_failure, patience, "place")
    return ended.facts if ended.how == "done" else {"outcome": "crashed"}


def _agrees_everywhere(exercise, mutant: Mutant, patience: float) -> bool:
    others = (prepare(exercise, seed) for seed in range(1, MORE_SEEDS))
    return all(_try(exercise, mutant, prepared, patience)["outcome"] == "right" for prepared in others)

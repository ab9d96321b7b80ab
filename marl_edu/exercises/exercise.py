"""An exercise, declared: what to do, what must hold, what is commonly misunderstood, and how to get unstuck."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Sequence

from marl_edu.exercises.declared import Misconception, Property, a_function, matching, sentence, several
from marl_edu.exercises.stubs import definition, is_unchanged, parameters_of, untouched
from marl_edu.games.checks import integer, number, text


class Exercise:
    r"""What a student is to write, and how it is judged.

    Parameters
    ----------
    name : str
        ``"<lesson>.<word>"``, such as "06.target": under this name progress is kept.
    title : str
        Heading.
    objective : str
        Id of the objective that it serves, such as "06.2".
    minutes : number
        How long it takes, in [1, 120].
    difficulty : int
        1 (easy) to 3.
    task : str
        What is to be done, in short, for authors and tests: students read the lesson's text, which asks for the same.
    stub : str
        Source text of the cell that the student completes.
    solution
        A right answer with the signature of the stub; usually a function.
    properties : sequence of Property
        What must hold; judged in this order.
    misconceptions : sequence of Misconception
        At least three; where several fit, the first counts, so the most specific stands first.
    hints : sequence of str
        At least two, from a nudge to nearly the answer.
    call : function, optional
        ``call(thing, *arguments)`` uses what is tested; by default ``thing(*arguments)``.
    time_limit : float
        Seconds that the student's code may take for all cases together.
    equivalent : sequence of str
        For the audit: pieces of changed lines of the solution that give another right answer.

    Raises
    ------
    ValueError
        If something is missing or doesn't fit; it names the exercise, what was found and what was expected.

    Examples
    --------
    >>> def twice(x):
    ...     return 2 * x
    >>> slip = lambda name, wrong: Misconception(name, "Look again.", wrong)
    >>> exercise = Exercise(
    ...     "99.twice", "Twice", objective="99.1", minutes=1, difficulty=1, task="Return twice x.",
    ...     stub="def twice(x):\n    ...", solution=twice,
    ...     properties=[Property("twice x is x + x", lambda rng: [(1,), (2.5,)])],
    ...     misconceptions=[slip("square", lambda x: x * x), slip("same", lambda x: x), slip("half", lambda x: x / 2)],
    ...     hints=["Add.", "Add x to itself."],
    ... )
    >>> exercise.check(lambda x: x + x).outcome, exercise.check(lambda x: x**2).misconception
    ('right', 'square')
    """

    def __init__(
        self,
        name: str,
        title: str,
        objective: str,
        minutes: float,
        difficulty: int,
        task: str,
        stub: str,
        solution,
        properties: Sequence[Property],
        misconceptions: Sequence[Misconception],
        hints: Sequence[str],
        call: Callable | None = None,
        time_limit: float = 1.5,
        equivalent: Sequence[str] = (),
    ):
        self.name = matching("name", name, r"\d\d\.[a-z][a-z0-9_]*", "like '06.target'")
        self.title, self.task = (
            sentence("title", title),
            sentence("task", textwrap.dedent(text("task", task)).strip()),
        )
        self.objective = matching("objective", objective, r"\d\d\.\d+", "like '06.2'")
        self.minutes = number("minutes", minutes, 1, 120)
        self.difficulty = integer("difficulty", difficulty, 1, 3)
        self.time_limit = number("time_limit", time_limit, 0.05, 60)
        self.properties = several("properties", properties, Property, 1)
        self.misconceptions = several("misconceptions", misconceptions, Misconception, 3)
        self.hints = tuple(sentence("a hint", hint) for hint in several("hints", hints, str, 2))
        self.equivalent = several("equivalent", equivalent, str, 0)
        names = [misconception.name for misconception in self.misconceptions]
        if len(set(names)) < len(names):
            raise ValueError(f"exercise {name}: misconceptions {names} have a name twice; expected different names")
        a_function("call", call, optional=True)
        self.custom_call, self.use = call is not None, call or _plain_call
        self.reference = solution
        self.stub = textwrap.dedent(text("stub", stub)).strip() + "\n"
        self.stub_name = self._check_stub()
        self.parameters = parameters_of(call, skip=1) if call else parameters_of(solution)
        self._prepared = None
        self._hints_seen = 0
        self.attempts = 0

    def _check_stub(self) -> str:
        """Name of what the stub defines; it must look like the solution."""
        try:
            found = definition(self.stub, getattr(self.reference, "__name__", ""))
        except (SyntaxError, ValueError) as error:
            raise ValueError(f"exercise {self.name}: the stub can't be read: {error}") from None
        if isinstance(found, ast.FunctionDef | ast.AsyncFunctionDef):
            if not inspect.isfunction(self.reference):
                raise ValueError(
                    f"exercise {self.name}: the stub is a function; the solution is {self.reference!r:.60}"
                )
            expected, present = parameters_of(self.reference), [a.arg for a in _arguments(found.args)]
            if present != expected:
                raise ValueError(
                    f"exercise {self.name}: the stub is {found.name}({', '.join(present)}); "
                    f"expected the solution's arguments ({', '.join(expected)})"
                )
            return found.name
        if isinstance(found, ast.ClassDef):
            if not isinstance(self.reference, type):
                raise ValueError(f"exercise {self.name}: the stub is a class; the solution is {self.reference!r:.60}")
            for node in found.body:
                method = getattr(self.reference, getattr(node, "name", ""), None)
                if isinstance(node, ast.FunctionDef) and parameters_of(method) != [
                    a.arg for a in _arguments(node.args)
                ]:
                    raise ValueError(f"exercise {self.name}: {found.name}.{node.name} differs from the solution's")
            return found.name
        if not self.custom_call:
            raise ValueError(f"exercise {self.name}: the stub defines no function; expected one, or call=...")
        return found.targets[0].id

    def __repr__(self) -> str:
        return f"Exercise({self.name!r}, {self.title!r})"

    # ---- what a student does ----------------------------------------------------------------------------------------

    def check(self, thing=..., *, where: str | None = None):
        """Judge what the student wrote.

        Parameters
        ----------
        thing
            The student's function (or whatever the exercise asks for), whatever it may be in fact.
        where : 'child', 'place' or None
            Which container to run it in; see ``marl_edu.exercises.container``.

        Returns
        -------
        Verdict
            ``outcome`` is 'not attempted', 'wrong', 'crashed' or 'right'.
        """
        from marl_edu.exercises.container import Ended, contain
        from marl_edu.exercises.judge import judge
        from marl_edu.exercises.verdict import Verdict

        if self.not_attempted(thing):
            return Verdict.of(self, Ended("done", {"outcome": "not attempted"}))  # nothing was done: nothing to note
        try:
            prepared = self.prepared()
            ended = contain(lambda place: judge(self, thing, prepared, place), self.time_limit, where)
        except KeyboardInterrupt:
            ended = Ended("stopped")
        return self._noted(Verdict.of(self, ended))

    def not_attempted(self, thing) -> bool:
        """Whether it is still the stub, or nothing at all."""
        return thing is ... or is_unchanged(thing, self.stub, self.stub_name) or untouched(thing)

    def prepared(self):
        """All cases with their right answers, made once."""
        if self._prepared is None:
            from marl_edu.exercises.cases import prepare

            self._prepared = prepare(self)
        return self._prepared

    def hint(self):
        """The next hint; after the last one, the last again, and words that say so."""
        from marl_edu.exercises.words import Words

        no_more = self._hints_seen == len(self.hints)
        self._hints_seen = min(self._hints_seen + 1, len(self.hints))
        self.note(hints=max(self._hints_seen, self.facts().get("hints", 0)))
        head = f"Hint {self._hints_seen} of {len(self.hints)}" + (", again: it is the last" if no_more else "")
        return Words(head, self.hints[self._hints_seen - 1])

    def solution(self):
        """A right answer, as source code."""
        from marl_edu.exercises.words import Words

        self.note(solution_seen=True)
        return Words("One solution", code=self.solution_source())

    def solution_source(self) -> str:
        """Source text of the solution, under the stub's name.

        It is text only: the solution itself is never put where a student's names are.
        """
        try:
            source = textwrap.dedent(inspect.getsource(self.reference)).strip()
        except (TypeError, OSError):
            return f"{self.stub_name} = {self.reference!r}"
        return re.sub(rf"\b{re.escape(self.reference.__name__)}\b", self.stub_name, source)

    # ---- what is kept -----------------------------------------------------------------------------------------------

    def facts(self) -> dict:
        """What the student's progress holds about this exercise."""
        from marl_edu.progress import progress

        return progress().facts("exercise", self.name)

    def note(self, **facts) -> None:
        """Keep facts in the student's progress."""
        from marl_edu.progress import progress

        progress().note("exercise", self.name, **facts)

    def _noted(self, verdict):
        before = self.facts()
        if verdict.outcome == "not attempted":
            return verdict
        self.attempts += 1
        self.note(
            outcome=verdict.outcome,
            attempts=before.get("attempts", 0) + 1,
            right=bool(before.get("right")) or verdict.outcome == "right",
        )
        return verdict


def _plain_call(thing, *args):
    return thing(*args)


def _arguments(args: ast.arguments) -> list[ast.arg]:
    return [*args.posonlyargs, *args.args, *filter(None, [args.vararg]), *args.kwonlyargs, *filter(None, [args.kwarg])]

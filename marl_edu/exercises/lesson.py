"""The manifest of a lesson: what it promises, what can be done in it, and how long that takes. Data, checked once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from marl_edu.games.checks import integer, number, shown, text
from marl_edu.panels.quiz import Quiz

LONGEST = 600
"""Most minutes, and most seconds of running, that a lesson may state."""


@dataclass(frozen=True, eq=False, repr=False)
class Lesson:
    """What a lesson promises and what there is to do in it.

    Parameters
    ----------
    number : str
        Two digits, as in "06". All ids and names of the lesson begin with it.
    title : str
        As in the lesson's heading, without the number.
    minutes : int
        For the whole lesson, exercises included.
    seconds : float
        Upper bound for running the lesson from top to bottom on two cores.
    objectives : dict of str to str
        "06.1" and so on: what the student will be able to do. Each needs an exercise or a question of the quiz.
    exercises : sequence of Exercise
        With ``name``, ``objective`` and ``minutes``.
    predictions : sequence of str
        Names of the guesses, as in "06.greedy_curve".
    quiz : Quiz, optional
        At the end of the lesson.
    play : sequence of str
        Names of the games to play.
    builds_on : sequence of str
        Numbers of the lessons that should come before.
    next : str, optional
        Number of the lesson that comes after.
    published : dict of str to str, optional
        Numbers that the prose may state without computing them, as written there ("81.7 %"), each with its source.

    Raises ``ValueError`` for what contradicts itself.

    Examples
    --------
    >>> from marl_edu.panels.quiz import Number
    >>> quiz = Quiz("00.quiz", [Number("1 + 1?", 2, "Two ones.", tolerance=0, objective="00.1")])
    >>> lesson = Lesson("00", "Start here", 10, 20, {"00.1": "add"}, quiz=quiz, play=["00.play"], next="01")
    >>> lesson
    Lesson('00 Start here', 10 minutes, 1 objective)
    >>> lesson.names()
    [('quiz', '00.quiz'), ('play', '00.play')]
    """

    number: str
    title: str
    minutes: int
    seconds: float
    objectives: Mapping[str, str]
    exercises: tuple = ()
    predictions: tuple[str, ...] = ()
    quiz: Quiz | None = None
    play: tuple[str, ...] = ()
    builds_on: tuple[str, ...] = field(default=())
    next: str | None = None
    published: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self):
        if not re.fullmatch(r"[0-9]{2}", text("number", self.number)):
            raise ValueError(f"number is {shown(self.number)}; expected two digits such as '06'")
        if not text("title", self.title).strip():
            raise ValueError("title is empty; expected the lesson's heading")
        integer("minutes", self.minutes, 1, LONGEST)
        if number("seconds", self.seconds, 0, LONGEST) == 0:
            raise ValueError("seconds is 0; expected an upper bound for running the lesson from top to bottom")
        for name in ("exercises", "predictions", "play", "builds_on"):
            given = getattr(self, name)
            if not isinstance(given, list | tuple):
                raise ValueError(f"{name} is {shown(given)}; expected a list or tuple")
            object.__setattr__(self, name, tuple(given))
        self._check_objectives()
        self._check_exercises()
        if self.quiz is not None and not isinstance(self.quiz, Quiz):
            raise ValueError(f"quiz is {shown(self.quiz)}; expected a Quiz")
        self._check_names()
        self._check_neighbours()

    def names(self) -> list[tuple[str, str]]:
        """All that can be done, as (kind, name): exercises, predictions, the quiz, games to play."""
        quiz = [("quiz", self.quiz.name)] if self.quiz else []
        exercises = [("exercise", exercise.name) for exercise in self.exercises]
        return [*exercises, *(("prediction", n) for n in self.predictions), *quiz, *(("play", n) for n in self.play)]

    def exercises_for(self, objective: str) -> list:
        """The exercises that serve an objective."""
        return [exercise for exercise in self.exercises if exercise.objective == objective]

    def questions_for(self, objective: str) -> list:
        """The questions of the quiz that serve an objective."""
        return [q for q in (self.quiz.questions if self.quiz else ()) if q.objective == objective]

    def __repr__(self) -> str:
        count = len(self.objectives)
        plural = "" if count == 1 else "s"
        return f"Lesson('{self.number} {self.title}', {self.minutes} minutes, {count} objective{plural})"

    def _check_objectives(self) -> None:
        if not isinstance(self.objectives, Mapping) or not self.objectives:
            raise ValueError(f"objectives is {shown(self.objectives)}; expected texts by id, such as {{'06.1': '...'}}")
        for name, words in self.objectives.items():
            if not isinstance(name, str) or not re.fullmatch(rf"{self.number}\.[1-9][0-9]?", name):
                raise ValueError(f"objectives has the id {shown(name)}; expected '{self.number}.1' and so on")
            if not text(f"objectives[{name!r}]", words).strip():
                raise ValueError(f"objectives[{name!r}] is empty; expected what the student will be able to do")
        object.__setattr__(self, "objectives", MappingProxyType(dict(self.objectives)))

    def _check_exercises(self) -> None:
        for k, exercise in enumerate(self.exercises):
            missing = [name for name in ("name", "objective", "minutes", "check") if not hasattr(exercise, name)]
            if missing:
                raise ValueError(f"exercises[{k}] is {shown(exercise)}; expected an Exercise (it has no {missing[0]})")
            if exercise.objective not in self.objectives:
                raise ValueError(
                    f"exercise {exercise.name!r} serves the objective {shown(exercise.objective)}; "
                    f"expected one of {', '.join(self.objectives)}"
                )
        total = sum(exercise.minutes for exercise in self.exercises)
        if total > self.minutes:
            raise ValueError(f"minutes is {self.minutes}; the exercises alone take {total}")

    def _check_names(self) -> None:
        seen = set()
        for kind, name in self.names():
            if not isinstance(name, str) or not re.fullmatch(rf"{self.number}\.[a-z]\w*", name):
                raise ValueError(f"a {kind} has the name {shown(name)}; expected '{self.number}.<word>'")
            if name in seen:
                raise ValueError(f"two things are named {name!r}; expected different names")
            seen.add(name)
        for k, question in enumerate(self.quiz.questions if self.quiz else (), start=1):
            if question.objective and question.objective not in self.objectives:
                raise ValueError(
                    f"question {k} of the quiz serves the objective {shown(question.objective)}; "
                    f"expected one of {', '.join(self.objectives)}"
                )
        for objective in self.objectives:
            if not self.exercises_for(objective) and not self.questions_for(objective):
                raise ValueError(f"objective {objective!r} has no exercise and no question; expected at least one")

    def _check_neighbours(self) -> None:
        for name in (*self.builds_on, *([] if self.next is None else [self.next])):
            if not isinstance(name, str) or not re.fullmatch(r"[0-9]{2}", name) or name == self.number:
                raise ValueError(f"builds_on or next names {shown(name)}; expected another lesson, such as '07'")

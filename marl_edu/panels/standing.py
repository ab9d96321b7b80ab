"""Where a student stands in each lesson of the course: computed from the manifests and the student's progress."""

from __future__ import annotations

from dataclasses import dataclass

SIGNS = {"planned": "\N{DOTTED CIRCLE}", "not begun": "\N{WHITE CIRCLE}", "begun": "\N{CIRCLE WITH LEFT HALF BLACK}",
         "done": "\N{CHECK MARK}"}  # fmt: skip
"""A sign for each state, so that colour is not the only one."""


@dataclass(frozen=True)
class Standing:
    """One lesson and how far it has come.

    Parameters
    ----------
    lesson : CourseLesson
        Number, title, about, builds_on, file, place.
    minutes : int or None
        Where the lesson states them.
    state : str
        "planned", "not begun", "begun" or "done".
    counts : dict of str to (int, int)
        By kind, how many are done of how many: exercises right, guesses made, questions answered right, games played.
    trouble : str
        Why the manifest can't be loaded; '' if it can.
    """

    lesson: object
    minutes: int | None
    state: str
    counts: dict[str, tuple[int, int]]
    trouble: str = ""

    def in_words(self) -> str:
        """The counts in words, as in "exercises 2 of 6, guesses 1 of 4, quiz 3 of 5"."""
        return ", ".join(f"{kind} {done} of {of}" for kind, (done, of) in self.counts.items() if of)


def standing(lesson, entries) -> Standing:
    """Where the student stands in a lesson of the course.

    A lesson is done when all its exercises are right, all its guesses made and all questions of its quiz answered
    right; it is begun when anything was really done in it. ``entries`` is what ``Progress.all()`` gives.
    """
    trouble = ""
    try:
        manifest = lesson.manifest if lesson.file else None  # what can be done nowhere is not counted
    except Exception as error:  # one broken lesson must not take the map away
        manifest, trouble = None, f"Lesson {lesson.number} can't be loaded: {type(error).__name__}."
    noted = {key: facts for key, facts in entries.items() if key[1].startswith(f"{lesson.number}.")}
    begun = any(done_something(kind, facts) for (kind, _), facts in noted.items())
    if manifest is None:
        state = "begun" if begun else "not begun" if lesson.file else "planned"
        return Standing(lesson, None, state, {}, trouble)
    wanted = manifest.names()

    def count(kind, holds):
        names = [name for each, name in wanted if each == kind]
        return sum(bool(holds(noted.get((kind, name), {}))) for name in names), len(names)

    counts = {
        "exercises": count("exercise", lambda facts: facts.get("right") is True),
        "guesses": count("prediction", lambda facts: done_something("prediction", facts)),
        "quiz": _quiz(manifest.quiz, noted),
        "games": count("play", lambda facts: done_something("play", facts)),
    }
    needed = [counts[kind] for kind in ("exercises", "guesses", "quiz")]
    done = any(of for _, of in needed) and all(right == of for right, of in needed)
    state = "done" if done else "begun" if begun else "not begun"
    return Standing(lesson, manifest.minutes, state, counts)


def done_something(kind: str, facts: dict) -> bool:
    """Whether notes tell of something that a student did: running a lesson's cells is not enough.

    Examples
    --------
    >>> done_something("exercise", {"attempts": 0}), done_something("exercise", {"attempts": 1})
    (False, True)
    """
    if kind == "exercise":
        return bool(facts.get("attempts")) or facts.get("right") is True
    return bool({"prediction": "guess" in facts, "quiz": facts.get("answers"), "play": facts.get("turns")}.get(kind))


def _quiz(quiz, noted) -> tuple[int, int]:
    if quiz is None:
        return 0, 0
    answers = noted.get(("quiz", quiz.name), {}).get("answers")
    answers = answers if isinstance(answers, dict) else {}
    kept = [answers.get(str(k)) for k in range(1, len(quiz.questions) + 1)]
    return sum(isinstance(each, dict) and each.get("right") is True for each in kept), len(kept)

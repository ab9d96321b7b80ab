"""Exercises: a stub in the lesson, ``check(object)``, ``hint()`` and ``solution()``; one module for each lesson.

Nothing is loaded before it is asked for. ``from marl_edu.exercises import lesson_06`` loads the exercises of lesson 06.
"""

from importlib import import_module

_HOMES = {
    "COURSE": "marl_edu.exercises.course",
    "course_map": "marl_edu.exercises.course",
    "Exercise": "marl_edu.exercises.exercise",
    "Lesson": "marl_edu.exercises.lesson",
    "Misconception": "marl_edu.exercises.exercise",
    "Property": "marl_edu.exercises.exercise",
    "Verdict": "marl_edu.exercises.verdict",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str):
    if name not in _HOMES:
        raise AttributeError(f"module 'marl_edu.exercises' has no attribute {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__

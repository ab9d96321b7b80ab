"""The course: which lessons there are, what each carries, and which build on which."""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class CourseLesson:
    """One lesson of the course, whether it is written or planned.

    Parameters
    ----------
    number : str
        Two digits.
    title : str
        The lesson's heading.
    about : str
        What it carries, in one line.
    builds_on : tuple of str
        Numbers of the lessons that it needs.
    place : (int, int)
        Row and column on the map of the course, chosen so that arrows run to the right or down, and not over cards.

    Examples
    --------
    >>> lesson("06").title
    'Independent Q-learning on a gridworld'
    >>> lesson("06").manifest.number
    '06'
    """

    number: str
    title: str
    about: str
    builds_on: tuple[str, ...] = ()
    place: tuple[int, int] = (0, 0)

    @property
    def file(self) -> str | None:
        """Name of the notebook in the folder of lessons; ``None`` while it is planned."""
        found = sorted(folder().glob(f"{self.number}_*.ipynb"))
        return found[0].name if found else None

    @property
    def manifest(self):
        """The ``Lesson`` with its exercises and quiz, loaded when first asked for; ``None`` if there is none."""
        name = f"{__package__}.lesson_{self.number}"
        return importlib.import_module(name).lesson if importlib.util.find_spec(name) else None


def folder() -> Path:
    """Where the notebooks are: beside the package in a checkout, otherwise the folder that the student works in."""
    beside = Path(__file__).resolve().parents[2] / "lessons"
    return beside if beside.is_dir() else Path.cwd()


def lesson(number: str) -> CourseLesson:
    """The lesson with a number; raises ``KeyError`` if there is none."""
    return {each.number: each for each in COURSE}[number]


COURSE = (
    CourseLesson("00", "Start here", "the map of the course; predict, play, rewind, check; a self-test", (), (0, 0)),
    CourseLesson(
        "01", "From one agent to many", "agent and environment, the joint action, central or not", ("00",), (0, 1)
    ),
    CourseLesson(
        "02", "Markov games", "matrix, repeated and stochastic games; what each agent observes", ("01",), (0, 2)
    ),
    CourseLesson("03", "Returns", "discount, horizon, one return for each agent, Monte Carlo spread", ("02",), (0, 3)),
    CourseLesson("04", "Value functions", "Bellman equations, value iteration, Shapley's theorem", ("03",), (0, 4)),
    CourseLesson(
        "05", "Nash equilibrium and convergence", "best responses, equilibria, and play that cycles", ("04",), (1, 0)
    ),
    CourseLesson(
        "06",
        "Independent Q-learning on a gridworld",
        "non-stationarity, measured; failures to coordinate",
        ("04",),
        (1, 1),
    ),
    CourseLesson(
        "07", "Learning in Markov games", "joint-action learners, minimax-Q, Nash-Q, WoLF", ("05", "06"), (2, 0)
    ),
    CourseLesson("08", "Value factorisation", "credit, VDN, QMIX, and what neither can represent", ("06",), (2, 1)),
    CourseLesson(
        "09", "Actor-critic", "policy gradients, central critics, counterfactual baselines, MAPPO", ("06",), (2, 2)
    ),
    CourseLesson("10", "MADDPG", "a critic that sees all actions, particle worlds", ("09",), (3, 2)),
    CourseLesson(
        "11", "Multiagent rollout", "one agent at a time, and never worse than the base policy", ("04",), (1, 4)
    ),
    CourseLesson(
        "12", "Distributed asynchronous dynamic programming", "stale values, and when they do no harm", ("04",), (1, 3)
    ),
    CourseLesson("13", "Coded distributed MARL", "stragglers, and codes that make up for them", ("10", "12"), (4, 3)),
    CourseLesson(
        "14", "Networked agents", "consensus over a graph, actor-critic without a centre", ("09", "12"), (3, 4)
    ),
    CourseLesson("15", "The tournament", "a league of your own agents, and honest reports", ("07", "08", "10"), (4, 1)),
)


def course_map(folder: str = ""):
    """The map of the course with the student's progress; ``folder`` leads from this notebook to the lessons.

    >>> course_map()
    CourseMap(16 lessons)
    """
    from marl_edu.panels.course_map import CourseMap  # a widget, loaded when it is wanted

    return CourseMap(COURSE, folder=folder)

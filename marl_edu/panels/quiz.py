"""The quiz: questions that say for every answer why it is right or wrong, and remember what the student answered.

The questions are data (``questions.py``), their widgets are in ``quizboard.py``. What is right stays in Python: the
page and the static text hold the questions and the options, and a reason only once its answer was given.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cached_property

from marl_edu.games.checks import integer, shown, text
from marl_edu.panels.questions import Choice, Judgement, Number, Option, Unread
from marl_edu.panels.quizboard import QuizBoard, in_html
from marl_edu.progress import Progress
from marl_edu.progress import progress as of_student

__all__ = ["Choice", "Feedback", "Number", "Option", "Quiz"]


@dataclass(frozen=True, repr=False)
class Feedback:
    """What is said to an answer.

    Parameters
    ----------
    number : int
        Of the question, from 1.
    outcome : str
        "right", "wrong" or "not read" (which counts as no try).
    why : str
        The reason.
    read_as : str
        What was taken for the answer, where that is not what was typed; otherwise ''.
    tries : int
        Answers up to the first right one.
    """

    number: int
    outcome: str
    why: str
    read_as: str = ""
    tries: int = 0

    @property
    def right(self) -> bool:
        """Whether the answer was right."""
        return self.outcome == "right"

    @property
    def text(self) -> str:
        """The feedback without the question's number."""
        sign = {"right": "\N{CHECK MARK} Right.", "wrong": "\N{BALLOT X} Not right."}.get(self.outcome, "Not counted.")
        read = f" (Read as {self.read_as}.)" if self.read_as else ""
        again = " Try again." if self.outcome == "wrong" else ""
        return f"{sign}{read} {self.why}{again}"

    def __repr__(self) -> str:
        return f"Question {self.number}: {self.text}"

    def _repr_html_(self) -> str:
        return f"<div>Question {self.number}: {in_html(self.text)}</div>"


class Quiz:
    """A few questions with their answers explained, kept in the student's progress.

    Parameters
    ----------
    name : str
        "<lesson>.<word>" as in "06.quiz".
    questions : sequence of Choice or Number
        One to twenty.
    progress : Progress, optional
        Where answers are kept; by default the student's own.

    Examples
    --------
    >>> first = Choice("Two agents with 3 actions each have how many joint actions?", [
    ...     Option("5", "That would be one of an agent's *or* one of the other's.", right=False),
    ...     Option("6", "You added; each of 3 goes with each of 3."),
    ...     Option("9", "Each of 3 goes with each of 3.", right=True)])
    >>> second = Number("And four agents?", lambda: 3**4, "3 to the power of 4.", tolerance=0, wrong={12: "You added."})
    >>> quiz = Quiz("02.quiz", [first, second], progress=Progress(None))
    >>> quiz.answer(2, "12")
    Question 2: ✗ Not right. You added. Try again.
    >>> quiz.answer(2, 81).tries
    2
    >>> quiz.score
    '1 of 2 answered right, 0 at first try.'
    """

    def __init__(self, name: str, questions, progress: Progress | None = None):
        if not text("name", name).strip():
            raise ValueError("name is empty; expected '<lesson>.<word>' such as '06.quiz'")
        if not isinstance(questions, list | tuple) or not all(isinstance(q, Choice | Number) for q in questions):
            raise ValueError(f"questions is {shown(questions)}; expected a list of Choice and Number")
        if not 1 <= len(questions) <= 20:
            raise ValueError(f"questions has {len(questions)} entries; expected 1 to 20")
        if len({q.text for q in questions}) < len(questions):
            raise ValueError("questions has the same text twice; expected different questions")
        self.name = name
        self.questions = tuple(questions)
        self._own_progress = progress
        self._guard = threading.RLock()

    # ---- answering ------------------------------------------------------------------------------------------------

    def answer(self, number: int, given) -> Feedback:
        """Answer a question, as the check button does.

        Parameters
        ----------
        number : int
            Of the question, from 1.
        given
            For a choice a letter (or the text of an option), for a number a number or a text that holds one.
        """
        with self._guard:
            feedback = self._take(integer("number", number, 1, len(self.questions)), given)
            if "board" in self.__dict__ and feedback.outcome != "not read":
                self.board.restore(number, self.questions[number - 1].judge(given).given)
            return feedback

    def _take(self, number: int, given) -> Feedback:
        """Judge an answer, keep it, and show the feedback."""
        question = self.questions[number - 1]
        with self._guard:
            try:
                judged = question.judge(given)
            except Unread as unread:
                feedback = Feedback(number, "not read", str(unread))
            else:
                feedback = self._feedback(number, judged, given, self._count(number, judged))
            if "board" in self.__dict__:
                self.board.show(number, feedback, self.score)
            return feedback

    def feedback(self, number: int) -> Feedback | None:
        """What was said to the answer that is kept; ``None`` if the question is unanswered."""
        kept = self.answers.get(integer("number", number, 1, len(self.questions)))
        return None if kept is None else self._feedback(number, kept["judged"], kept["given"], kept["tries"])

    def start_over(self) -> None:
        """Forget all answers to this quiz."""
        with self._guard:
            forgotten = {str(k): None for k in range(1, len(self.questions) + 1)}
            self._progress.note("quiz", self.name, answers=forgotten, of=len(self.questions))
            self._refresh()

    @property
    def answers(self) -> dict[int, dict]:
        """The answers that are kept, by the question's number: ``given``, ``right``, ``tries`` and ``judged``."""
        kept = self._progress.facts("quiz", self.name).get("answers")
        found = {}
        for k, question in enumerate(self.questions, start=1):
            facts = kept.get(str(k)) if isinstance(kept, dict) else None
            if not isinstance(facts, dict):
                continue
            try:
                judged = question.judge(facts.get("given"))
            except Unread:
                continue  # the author has changed the question since
            tries = facts.get("tries")
            tries = tries if isinstance(tries, int) and tries > 0 else 1
            found[k] = {"given": judged.given, "right": judged.right, "tries": tries, "judged": judged}
        return found

    @property
    def score(self) -> str:
        """How many were answered right, in words."""
        answers = self.answers.values()
        right, first = sum(a["right"] for a in answers), sum(a["right"] and a["tries"] == 1 for a in answers)
        return f"{right} of {len(self.questions)} answered right, {first} at first try."

    @property
    def _progress(self) -> Progress:
        return self._own_progress or of_student()

    def _count(self, number: int, judged: Judgement) -> int:
        """Keep an answer and return the tries.

        The same answer again is no further try; once it was right, others are looked at without counting.
        """
        before = self.answers.get(number, {"given": None, "right": False, "tries": 0})
        if before["right"] or before["given"] == judged.given:
            return before["tries"]
        kept = {"given": judged.given, "right": judged.right, "tries": before["tries"] + 1}
        self._progress.note("quiz", self.name, answers={str(number): kept}, of=len(self.questions))
        return kept["tries"]

    def _feedback(self, number: int, judged: Judgement, given, tries: int) -> Feedback:
        read = f"{judged.given:.10g}" if isinstance(judged.given, float) and isinstance(given, str) else ""
        read = "" if read == str(given).strip() else read
        return Feedback(number, "right" if judged.right else "wrong", judged.why, read, tries)

    # ---- showing --------------------------------------------------------------------------------------------------

    @cached_property
    def board(self) -> QuizBoard:
        """The widgets, made when the quiz is first shown."""
        return QuizBoard(self.questions, self._take, self.start_over)

    def _refresh(self) -> None:
        """Show what is kept, which another notebook may have changed."""
        if "board" in self.__dict__:
            answers = self.answers
            for k in range(1, len(self.questions) + 1):
                self.board.restore(k, answers.get(k, {}).get("given"))
                self.board.show(k, self.feedback(k), self.score)

    def _repr_mimebundle_(self, include=None, exclude=None):
        """The widgets where there is a front end; beside them the questions and options as text."""
        with self._guard:
            _ = self.board
            self._refresh()
            bundle = self.board.box._repr_mimebundle_() or {}
        view = {key: value for key, value in bundle.items() if "widget" in key}
        return view | {"text/plain": str(self), "text/markdown": self._markdown()}

    def __str__(self) -> str:
        blocks = [
            "\n".join([f"{k}. {q.text}", *(f"   {line}" for line in q.lines())])
            for k, q in enumerate(self.questions, start=1)
        ]
        return "\n\n".join([f"Quiz, {self._length()}", *blocks])

    def _markdown(self) -> str:
        blocks = [
            "\n".join([f"**{k}.** {q.text}", "", *(f"- {line}" for line in q.lines())])
            for k, q in enumerate(self.questions, start=1)
        ]
        return "\n\n".join([f"**Quiz**, {self._length()}", *blocks])

    def _length(self) -> str:
        return f"{len(self.questions)} question{'' if len(self.questions) == 1 else 's'}"

    def __repr__(self) -> str:
        return f"Quiz({self.name!r}, {self._length()})"

    def close(self) -> None:
        """Free the widgets; shown again, the quiz makes new ones."""
        if "board" in self.__dict__:
            self.board.close()
            del self.board

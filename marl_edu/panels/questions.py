"""Questions as data: choices and numbers, with a reason for every answer. No widget in here."""

from __future__ import annotations

import hashlib
import math
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from marl_edu.games.checks import number, shown, text

LETTERS = "abcdefgh"
PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
AMBIGUOUS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")
THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?")


class Unread(ValueError):
    """An answer that can't be read; it counts as no try."""


@dataclass(frozen=True)
class Option:
    """One possible answer and why it is right or wrong."""

    text: str
    why: str
    right: bool = False


@dataclass(frozen=True)
class Judgement:
    """Whether an answer is right, why, and what was taken for the answer."""

    right: bool
    why: str
    given: str | float


@dataclass(frozen=True)
class Choice:
    """A question with three to eight options, of which one is right.

    They are shown in an order that depends on their texts alone: the same each time, and not the author's.

    Parameters
    ----------
    text : str
        The question; `code` in backquotes and LaTeX between dollars are allowed.
    options : sequence of Option
        Each with its reason.
    objective : str
        Id of the objective it serves.

    Examples
    --------
    >>> options = [Option("3", "Off by one."), Option("4", "Two pairs.", right=True), Option("5", "Off by one.")]
    >>> question = Choice("What is 2 + 2?", options)
    >>> question.judge(question.letter_of("4"))
    Judgement(right=True, why='Two pairs.', given='4')
    """

    text: str
    options: tuple[Option, ...] | list[Option]
    objective: str = ""

    def __post_init__(self):
        _require_words("text", self.text)
        text("objective", self.objective)
        if not isinstance(self.options, list | tuple) or not all(isinstance(each, Option) for each in self.options):
            raise ValueError(f"options is {shown(self.options)}; expected a list of Option")
        if not 3 <= len(self.options) <= len(LETTERS):
            raise ValueError(f"options has {len(self.options)} entries; expected 3 to {len(LETTERS)}")
        for k, each in enumerate(self.options):
            _require_words(f"options[{k}].text", each.text)
            _require_words(f"options[{k}].why", each.why)
        if sum(each.right is True for each in self.options) != 1:
            raise ValueError(f"options has {sum(bool(o.right) for o in self.options)} right ones; expected exactly one")
        if len({each.text.strip().lower() for each in self.options}) < len(self.options):
            raise ValueError("options has two with the same text; expected different ones")
        object.__setattr__(self, "options", tuple(self.options))

    @cached_property
    def shown(self) -> tuple[Option, ...]:
        """The options in the order in which they are shown."""
        texts = "\n".join([self.text, *sorted(each.text for each in self.options)])
        order = sorted(self.options, key=lambda each: each.text)
        random.Random(int.from_bytes(hashlib.sha256(texts.encode()).digest()[:8])).shuffle(order)
        return tuple(order)

    def letter_of(self, words: str) -> str:
        """The letter under which an option is shown."""
        return LETTERS[[each.text for each in self.shown].index(words)]

    def judge(self, given) -> Judgement:
        """Judge an answer: a letter, or an option's text. Raises ``Unread`` for anything else."""
        letters = LETTERS[: len(self.shown)]
        word = given.strip() if isinstance(given, str) else ""
        for letter, each in zip(letters, self.shown, strict=False):
            if word.lower().rstrip(".)") == letter or word == each.text.strip():
                return Judgement(each.right, each.why, each.text)
        raise Unread(f"{shown(given)} is none of the options; answer with a letter from a to {letters[-1]}.")

    def lines(self) -> list[str]:
        """The options as they stand on a static page: lettered, with nothing that tells right from wrong."""
        return [f"{letter}) {each.text}" for letter, each in zip(LETTERS, self.shown, strict=False)]


@dataclass(frozen=True)
class Number:
    """A question whose answer is a number.

    Parameters
    ----------
    text : str
        The question.
    answer : float or function without arguments
        What is right; a function is called when the first answer is judged, so that the package computes it.
    why : str
        Why that is right.
    tolerance : float
        How far off (absolutely) an answer may be.
    objective : str
        Id of the objective it serves.
    wrong : dict
        Wrong numbers (or functions that compute them) that are recognised, each with what went wrong.
    unit : str
        Shown behind the field.
    hint : str
        What to say to other wrong numbers, after whether they are too large or too small.

    Examples
    --------
    >>> wrong = {6: "You multiplied."}
    >>> question = Number("What is 3 / 2?", lambda: 3 / 2, "Half of three.", tolerance=0.01, wrong=wrong)
    >>> question.judge("1,5").right, question.judge(6).why
    (True, 'You multiplied.')
    >>> question.judge(1.4).why
    'Too small.'
    """

    text: str
    answer: float | Callable[[], float]
    why: str
    tolerance: float
    objective: str = ""
    wrong: Mapping = field(default_factory=dict)
    unit: str = ""
    hint: str = ""

    def __post_init__(self):
        _require_words("text", self.text)
        _require_words("why", self.why)
        for name in ("objective", "unit", "hint"):
            text(name, getattr(self, name))
        number("tolerance", self.tolerance, 0)
        if not isinstance(self.wrong, Mapping):
            raise ValueError(
                f"wrong is {shown(self.wrong)}; expected reasons by wrong number, {{6: 'You multiplied.'}}"
            )
        for value, why in self.wrong.items():
            _require_words(f"wrong[{shown(value)}]", why)
        if not any(callable(value) for value in (self.answer, *self.wrong)):
            _ = self.right, self.recognised  # complain now rather than later

    @cached_property
    def right(self) -> float:
        """The right number."""
        return number("answer", self.answer() if callable(self.answer) else self.answer)

    @cached_property
    def recognised(self) -> dict[float, str]:
        """Wrong numbers and what went wrong."""
        found = {number("wrong", value() if callable(value) else value): why for value, why in self.wrong.items()}
        for value in found:
            if abs(value - self.right) <= self.tolerance:
                raise ValueError(f"wrong has {value:g}, within {self.tolerance:g} of the answer {self.right:g}")
        return found

    def judge(self, given) -> Judgement:
        """Judge an answer: a number, or a text that holds one. Raises ``Unread`` if it can't be read."""
        value = self.read(given)
        slack = self.tolerance + 1e-9 * max(self.tolerance, abs(self.right))  # 0.3 for 0.1 + 0.2
        if abs(value - self.right) <= slack:
            return Judgement(True, self.why, value)
        nearest = min(self.recognised, key=lambda each: abs(each - value), default=None)
        if nearest is not None and abs(nearest - value) <= slack:
            return Judgement(False, self.recognised[nearest], value)
        return Judgement(False, f"Too {'large' if value > self.right else 'small'}. {self.hint}".strip(), value)

    def read(self, given) -> float:
        """The number that is meant: 0.5, "1e-3", "1,5", "1/3", "40%", with or without the unit."""
        if not isinstance(given, str):
            try:
                return number("the answer", given)
            except ValueError:
                raise Unread(f"{shown(given)} is no finite number.") from None
        words = given.strip().replace("\N{MINUS SIGN}", "-").replace("\N{NO-BREAK SPACE}", " ")
        percent = words.endswith("%")
        for ending in filter(None, (self.unit, "%")):
            words = words.removesuffix(ending).strip()
        if AMBIGUOUS.fullmatch(words):
            raise Unread(f"{words} can mean {words.replace(',', '.')} or {words.replace(',', '')}; write one of them.")
        parts = [_plain_number(part.strip()) for part in words.split("/")]
        if None in parts or len(parts) > 2 or parts[1:] == [0] or len(given) > 60:
            raise Unread(f"{shown(given)} can't be read as a number; write it like 0.5, 1e-3 or 1/3.")
        value = parts[0] / parts[1] if len(parts) == 2 else parts[0]
        value = value / 100 if percent and "%" not in self.unit else value
        if not math.isfinite(value):
            raise Unread(f"{shown(given)} is no finite number.")
        return value

    def lines(self) -> list[str]:
        """What stands under the question on a static page."""
        return [f"Answer with a number{f' ({self.unit})' if self.unit else ''}; {self.stated_tolerance()}."]

    def stated_tolerance(self) -> str:
        """How exact an answer must be, in words; a tolerance too small to matter is not mentioned."""
        whole = not callable(self.answer) and float(self.answer).is_integer()
        if self.tolerance < (1 if whole else 1e-3):
            return "exactly"
        return f"{self.tolerance:g} more or less is right too"


def _plain_number(words: str) -> float | None:
    if THOUSANDS.fullmatch(words):
        words = words.replace(",", "")
    elif words.count(",") == 1 and "." not in words:
        words = words.replace(",", ".")
    return float(words) if PLAIN.fullmatch(words) else None


def _require_words(name: str, given) -> None:
    if not text(name, given).strip():
        raise ValueError(f"{name} is empty; expected words")

"""What a check found, for the student: in a few words of text, and as a card where there is a front end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from marl_edu.exercises.container import Ended
from marl_edu.exercises.lines import Line
from marl_edu.exercises.values import shown

SIGNS = {"not attempted": "○", "wrong": "✗", "crashed": "⚠", "right": "✓"}
HEADS = {"not attempted": "not attempted yet", "wrong": "not right yet", "crashed": "crashed", "right": "right"}


TOO_LONG = "it took too long"


class Part(NamedTuple):
    """One piece of a verdict."""

    label: str
    """Words before it; '' for none."""
    body: str
    code: bool = False
    """Whether the body is something to be read as code or numbers."""


@dataclass(frozen=True, repr=False, eq=False)
class Verdict:
    """What a check found. ``outcome`` is 'not attempted', 'wrong', 'crashed' or 'right'."""

    exercise: object
    outcome: str
    property: str | None = None
    """The property that doesn't hold, in words."""
    case: tuple | None = None
    """The arguments that show it."""
    got: object = None
    """What came out for them (a plain value; see ``values.plain``)."""
    expected: object = None
    """What must come out; None too where several answers are right."""
    misconception: str | None = None
    """Name of the misconception that was recognised."""
    line: str | None = None
    """The student's own line where it crashed: "line 3: return 1 / x"."""
    parts: tuple[Part, ...] = ()
    """What the card shows, piece by piece."""
    text: str = ""
    """Everything in words, several lines."""

    @classmethod
    def of(cls, exercise, ended: Ended) -> Verdict:
        """The verdict on an exercise from how judging ended."""
        facts = dict(ended.facts or {})
        if "outcome" not in facts:
            facts = {"outcome": "crashed", "property": ended.place[0], "case": ended.place[1], "line": ended.line}
            if ended.how == "time":
                facts |= {
                    "error": TOO_LONG,
                    "message": f"stopped after {exercise.time_limit:g} s. A loop that never ends?",
                }
            elif ended.how == "stopped":
                facts |= {"error": "you stopped the check"}
            else:
                facts |= {"error": ended.words or "it ended Python itself"}
        return _Writer(exercise, facts).verdict()

    def __repr__(self) -> str:
        return f"Verdict({self.outcome!r}, {self.exercise.name!r})"

    def _repr_mimebundle_(self, include=None, exclude=None):
        """The card where there is a front end, and the text."""
        from marl_edu.exercises.card import Card

        bundle = Card(self).box._repr_mimebundle_() or {}
        return {key: value for key, value in bundle.items() if "widget" in key} | {"text/plain": self.text}


def _text(title: str, outcome: str, parts: tuple[Part, ...]) -> str:
    lines = [f"{SIGNS[outcome]} {HEADS[outcome]}: {title}"]
    for label, body, _ in parts:
        inner = "\n  " + body.replace("\n", "\n  ") if "\n" in body else " " + body
        lines.append(f"{label}:{inner}" if label else body)
    return "\n".join(lines)


class _Writer:
    """Puts facts into words."""

    def __init__(self, exercise, facts: dict):
        self.exercise, self.facts = exercise, facts
        p, c = facts.get("property"), facts.get("case")
        known = p is not None and c is not None and min(p, c) >= 0
        self.property = exercise.properties[p] if known else None
        self.tried = exercise.prepared()[p][c] if known else None
        m = facts.get("misconception")
        self.misconception = None if m is None else exercise.misconceptions[m]

    def verdict(self) -> Verdict:
        outcome, line = self.facts["outcome"], self.facts.get("line")
        parts = {"right": self.right, "not attempted": self.not_attempted}.get(outcome, self.failed)()
        parts = tuple(part for part in parts if part.body)
        return Verdict(
            self.exercise,
            outcome,
            property=self.property and self.property.says,
            case=self.tried and self.tried.args,
            got=self.facts.get("got"),
            expected=self.tried and self.tried.expected,
            misconception=self.misconception and self.misconception.name,
            line=str(Line(*line)) if line else None,
            parts=parts,
            text=_text(self.exercise.title, outcome, parts),
        )

    def right(self) -> list[Part]:
        many = len(self.exercise.properties)
        held = {1: "what must hold holds", 2: "both properties hold"}.get(many, f"all {many} properties hold")
        return [Part("", f"On {self.facts.get('tried', 0)} inputs {held}:")] + [
            Part("", f"· {each.says}") for each in self.exercise.properties
        ]

    def not_attempted(self) -> list[Part]:
        name, minutes = self.exercise.stub_name, self.exercise.minutes
        return [
            Part("", f"Work on `{name}` in the cell above, run that cell, then this one. About {minutes:g} minutes.")
        ]

    def failed(self) -> list[Part]:
        return self.crash() if self.facts["outcome"] == "crashed" else self.wrong()

    def arguments(self) -> str:
        if self.tried is None:
            return ""
        names = self.exercise.parameters
        named = [f"{_name(names, k)} = {shown(value)}" for k, value in enumerate(self.tried.args)]
        return ("\n" if any("\n" in each for each in named) or sum(map(len, named)) > 70 else ", ").join(named)

    def crash(self) -> list[Part]:
        line, message = self.facts.get("line"), self.facts.get("message")
        return [
            Part("", _capital(f"{self.facts['error']}: {message}" if message else self.facts["error"])),
            Part("In your own", str(Line(*line)) if line else "", code=True),
            Part("With", self.arguments(), code=True),
            Part("It printed", (self.facts.get("printed") or "").strip(), code=True),
            *self.recognised(),
        ]

    def wrong(self) -> list[Part]:
        facts = self.facts
        if self.tried is None:
            return [Part("", _capital(facts["why"]) + ".")]
        changed = facts.get("changed") or []
        names = self.exercise.parameters
        after = "\n".join(f"{_name(names, k)} = {now}" for k, now in changed)
        expected = "" if self.property.holds else shown(self.tried.expected)
        return [
            Part("With", self.arguments(), code=True),
            Part("it returned", shown(facts.get("got")), code=True),
            Part("it must return", expected, code=True),
            Part("Difference", self.difference()),
            Part("Afterwards", after, code=True),
            Part("What must hold", self.property.says),
            Part("It printed", (facts.get("printed") or "").strip(), code=True),
            *self.recognised(),
        ]

    def difference(self) -> str:
        """What is different, unless two numbers one below the other say it."""
        plain_to_see = self.facts["why"].startswith("it is off by") and not self.property.holds
        got, expected = shown(self.facts.get("got")), shown(self.tried.expected)
        return "" if plain_to_see and got != expected else self.facts["why"]

    def recognised(self) -> list[Part]:
        if self.misconception is None:
            return []
        return [Part("This looks like", f"“{self.misconception.name}”. {self.misconception.explains}")]


def _name(names: list[str], k: int) -> str:
    return names[k] if k < len(names) else f"argument {k + 1}"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]

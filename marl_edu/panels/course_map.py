"""The map of the course: its lessons, which builds on which, and where the student stands.

It is handed the course as data (``marl_edu.exercises.course``) and reads the student's progress; it deletes that
only when asked twice.
"""

from __future__ import annotations

import ipywidgets as widgets

from marl_edu.panels import controls as parts
from marl_edu.panels import export, map_page
from marl_edu.panels.keys import OwnKeys
from marl_edu.panels.standing import SIGNS, standing
from marl_edu.progress import Progress
from marl_edu.progress import progress as of_student


class CourseMap:
    """A picture of the course with the student's progress, links to the lessons, and buttons for the file of progress.

    Parameters
    ----------
    course : sequence of CourseLesson
        With ``number``, ``title``, ``about``, ``builds_on``, ``place`` (row, column), ``file`` and ``manifest``.
    progress : Progress, optional
        By default the student's own.
    folder : str
        Where the notebooks are, seen from the notebook that shows the map: '' if beside it, otherwise as in "lessons/".

    Examples
    --------
    >>> from marl_edu.exercises.course import COURSE
    >>> course_map = CourseMap(COURSE, Progress(None))
    >>> course_map
    CourseMap(16 lessons)
    >>> course_map.standings()[6].in_words()
    'exercises 0 of 6, guesses 0 of 7, quiz 0 of 5, games 0 of 1'
    """

    def __init__(self, course, progress: Progress | None = None, folder: str = ""):
        self.course = tuple(course)
        if not self.course or not all(hasattr(each, "builds_on") for each in self.course):
            raise ValueError("course has no lessons in it; expected COURSE from marl_edu.exercises")
        self.folder = folder
        self._own_progress = progress
        self._widgets: dict[str, widgets.Widget] = {}
        self._sure = False

    @property
    def progress(self) -> Progress:
        """What the map shows."""
        return self._own_progress or of_student()

    def standings(self) -> list:
        """Where the student stands in each lesson."""
        entries = self.progress.all()
        return [standing(each, entries) for each in self.course]

    # ---- on a static page -----------------------------------------------------------------------------------------

    def __str__(self) -> str:
        lines = [f"The course: {len(self.course)} lessons"]
        for each, one in zip(self.course, self.standings(), strict=True):
            words = [one.state, *([f"{one.minutes} minutes"] if one.minutes else []), one.in_words()]
            builds = f"; builds on {', '.join(each.builds_on)}" if each.builds_on else ""
            lines.append(f"{SIGNS[one.state]} {each.number} {each.title} ({', '.join(filter(None, words))}{builds})")
        return "\n".join(lines)

    def _markdown(self) -> str:
        rows = ["| | lesson | what it carries | builds on | minutes | |", "|---|---|---|---|---|---|"]
        for each, one in zip(self.course, self.standings(), strict=True):
            title = f"[{each.title}]({self.folder}{each.file})" if each.file else each.title
            state = f"{SIGNS[one.state]} {one.state}"
            row = (each.number, title, each.about, ", ".join(each.builds_on), one.minutes or "", state)
            rows.append(f"| {' | '.join(map(str, row))} |")
        return "\n".join(rows)

    def __repr__(self) -> str:
        return f"CourseMap({len(self.course)} lessons)"

    def _repr_mimebundle_(self, include=None, exclude=None):
        """The map with its buttons where there is a front end; beside it a table and lines of text."""
        if not self._widgets:
            self._make_widgets()
        self.progress.tell(self)
        self.refresh()
        bundle = self._widgets["box"]._repr_mimebundle_() or {}
        view = {key: value for key, value in bundle.items() if "widget" in key}
        return view | {"text/plain": str(self), "text/markdown": self._markdown()}

    # ---- what the buttons do --------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Look again at what the student has done, in this notebook or another."""
        self._sure = False
        if self._widgets:
            self._draw()
            self._widgets["delete"].description = "delete"
            self._say("")

    def progress_changed(self, deleted: bool) -> None:
        """Something was noted in this kernel: show it, and leave alone what the buttons say."""
        if self._widgets:
            self._draw()

    def _draw(self) -> None:
        standings = self.standings()
        self._widgets["map"].value = map_page.picture(standings, self.folder)
        self._widgets["where"].value = map_page.summary(standings, self.progress)

    def offer(self) -> None:
        """Offer all progress as a link that saves one small file."""
        self.refresh()
        link = export.link("JSON", self.progress.as_json().encode(), "marl-edu progress")
        self._say(f"{link} <code>progress().load(file)</code> reads it on another machine.")

    def delete(self) -> None:
        """Forget all progress; the first call asks, the second one does it."""
        if not self._sure:
            self.refresh()
            self._sure = True
            if self._widgets:
                self._widgets["delete"].description = "yes, delete"
            self._say("This forgets what you did in all lessons. Press again to do it, or refresh to keep it.")
        else:
            self.progress.delete()
            self.refresh()
            self._say("Forgotten.")

    def _say(self, words: str) -> None:
        if self._widgets:
            self._widgets["notice"].value = f'<span role="alert">{words}</span>' if words else ""

    def _make_widgets(self) -> None:
        actions = {
            "refresh": ("refresh", "look again at what you have done", self.refresh),
            "export": ("download", "save your progress as one small file", self.offer),
            "delete": ("trash", "forget all your progress", self.delete),
        }
        made = {"map": widgets.HTML(layout=widgets.Layout(width="100%", margin="0")), "where": parts.text("marl-where")}
        made["notice"] = parts.text("marl-notice")
        for word, (icon, tooltip, action) in actions.items():
            made[word] = parts.button(word, icon, tooltip, "112px")
            made[word].on_click(lambda _, action=action: action())
        row = widgets.HBox([made[word] for word in actions])
        made["box"] = widgets.VBox(
            [made["map"], made["where"], row, made["notice"], OwnKeys(".marl-map")],
            layout=widgets.Layout(width="100%", max_width="985px"),
        )
        made["box"].add_class("marl-map")
        self._widgets = made

    def close(self) -> None:
        """Free the widgets; shown again, the map makes new ones."""
        for widget in self._widgets.values():
            widget.close()
        self._widgets = {}

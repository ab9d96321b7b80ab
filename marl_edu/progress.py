"""What a student has done so far: one small file on the student's own machine, never sent anywhere.

Exercises, predictions, quizzes and games note what happened under a kind and a name. Several lessons may be open at
once: every note is merged into what the file holds at that moment, under a lock (``progress_file.py`` reads and writes
it, ``progress_facts.py`` merges). Nothing in here stops a lesson: when the disk fails, notes stay in memory and
``trouble`` says so.
"""

from __future__ import annotations

import atexit
import contextlib
import copy
import datetime
import logging
import os
import threading
import weakref
from pathlib import Path

from marl_edu import progress_file as file
from marl_edu.games.checks import option, shown
from marl_edu.progress_facts import TooLarge, applied, joined, known, plain, when

KINDS = ("exercise", "prediction", "quiz", "play", "lesson")
ENVIRONMENT = "MARL_EDU_PROGRESS"
"""Environment variable: a file, a folder (the file is then progress.json in it), or ``off`` (in memory only)."""

LONGEST_NAME = 100


class Progress:
    """The notes of one student.

    Parameters
    ----------
    path : Path or None
        The file; it need not exist. ``None`` keeps everything in memory.

    Examples
    --------
    >>> progress = Progress(None)
    >>> progress.note("exercise", "06.target", outcome="right", right=True, attempts=2)
    >>> progress.note("exercise", "06.target", outcome="wrong", right=False, attempts=3)
    >>> facts = progress.facts("exercise", "06.target")
    >>> facts["outcome"], facts["right"], facts["attempts"]  # once right stays right
    ('wrong', True, 3)
    >>> progress
    Progress(1 exercise)
    """

    def __init__(self, path: Path | str | None):
        self.path = None if path is None else Path(os.path.abspath(os.path.expanduser(path)))
        self._guard = threading.RLock()
        self._kept: file.Entries = {}  # as last seen on the disk, or all there is without a file
        self._waiting: file.Entries = {}  # noted, but not on the disk yet
        self._seen = None  # the file's stamp when it was read
        self._patience = file.PATIENCE
        self._troubles: dict[str, str] = {}
        self._readers: weakref.WeakSet = weakref.WeakSet()

    # ---- noting and asking ----------------------------------------------------------------------------------------

    def note(self, kind: str, name: str, **facts) -> None:
        """Keep facts under a kind and a name, beside those that are there already, and the time as ``when``.

        Parameters
        ----------
        kind : str
            "exercise", "prediction", "quiz", "play" or "lesson".
        name : str
            "<lesson>.<word>" as in "06.target"; at most 100 characters.
        **facts
            Anything; what JSON can't hold is converted (arrays to lists, NaN to None). A fact that is ``None`` is
            forgotten. Some are merged rather than replaced: ``right`` and ``solution_seen`` stay true, ``attempts``
            does not fall, ``answers`` are merged one by one. A fact that is too large is not kept, and ``trouble``
            says so.

        Raises ``ValueError`` for an unknown kind or a name that is no text; never for trouble with the disk.
        """
        key = self._key(kind, name)
        new = {"when": datetime.datetime.now().astimezone().isoformat(timespec="seconds")}
        for word, fact in facts.items():
            try:
                new[word] = plain(fact)
            except TooLarge:
                self._troubles["size"] = f"{word!r} of {name!r} is too large to be kept."
        with self._guard:
            self._waiting[key] = joined(self._waiting.get(key, {}), new)
            self._save()
        self._tell_all()

    def facts(self, kind: str, name: str) -> dict:
        """A copy of what is kept under a kind and a name; empty if there is nothing."""
        key = self._key(kind, name)
        return self.all().get(key, {})

    def all(self, kind: str | None = None) -> dict[tuple[str, str], dict]:
        """A copy of everything, or everything of a kind: ``{(kind, name): facts}``, sorted."""
        if kind is not None:
            option("kind", kind, KINDS)
        with self._guard:
            self._look()
            found = copy.deepcopy(applied(self._kept, self._waiting))
        return {key: found[key] for key in sorted(found) if kind in (None, key[0])}

    @property
    def trouble(self) -> str:
        """What went wrong with the file, in a sentence or two; '' if nothing did."""
        return " ".join(self._troubles.values())

    @property
    def where(self) -> str:
        """Where it is kept, in words that show nobody's folders."""
        if self.path is None:
            return "in memory only: it is gone when the kernel ends"
        with contextlib.suppress(RuntimeError, ValueError):
            return f"in ~/{self.path.relative_to(Path.home()).as_posix()}"
        return f"in a file {self.path.name}, in the folder that {ENVIRONMENT} names"

    def __repr__(self) -> str:
        counts = {kind: sum(key[0] == kind for key in self.all()) for kind in KINDS}
        words = (f"{n} {kind if n == 1 else kind.replace('quiz', 'quizz') + 's'}" for kind, n in counts.items() if n)
        return f"Progress({', '.join(words).replace('quizzs', 'quizzes') or 'nothing yet'})"

    def tell(self, reader) -> None:
        """Have ``reader.progress_changed(deleted)`` called, while it lives, after each note or deletion made here.

        It is called on the thread that made the note; what other notebooks do is not told.
        """
        with self._guard:
            self._readers.add(reader)

    def _tell_all(self, deleted: bool = False) -> None:
        with self._guard:
            readers = list(self._readers)
        for reader in readers:  # without the lock, for they ask in turn
            try:
                reader.progress_changed(deleted)
            except Exception:
                logging.getLogger(__name__).exception("a change of progress could not be shown")

    # ---- taking it along, throwing it away ------------------------------------------------------------------------

    def as_json(self) -> str:
        """Everything as the text of one small file, which ``load`` reads on another machine."""
        return file.text_of(self.all())

    def export_to(self, path: Path | str) -> Path:
        """Write everything to a file of its own and return its path."""
        path = Path(path).expanduser()
        path.write_text(self.as_json(), encoding="utf-8")
        return path

    def load(self, path: Path | str) -> None:
        """Merge an exported file into this one; where both have a fact, the newer note counts.

        Raises ``ValueError`` if the file can't be read as an export, or holds what could not be noted, and then
        changes nothing.
        """
        path = Path(path).expanduser()
        try:
            data = path.read_bytes()
        except OSError as error:
            raise ValueError(f"{path.name} can't be read: {error.strerror}") from None
        there, wrong = file.entries_of(data)
        if wrong:
            raise ValueError(f"{path.name} is no export of progress: {wrong}")
        try:
            there = {self._key(*key): known(facts) for key, facts in there.items()}
        except ValueError as error:
            raise ValueError(f"{path.name} is no export of progress: {error}") from None
        with self._guard:
            here = self.all()
            for key, facts in there.items():
                old = here.get(key, {})
                self._waiting[key] = joined(old, facts) if when(facts) >= when(old) else joined(facts, old)
            self._save()
        self._tell_all()

    def delete(self) -> None:
        """Forget everything and remove the file. It asks nothing; export first what you want to keep."""
        with self._guard:
            self._kept, self._waiting, self._seen, self._troubles = {}, {}, None, {}
            if self.path is not None:
                self._on_disk(lambda: self.path.unlink(missing_ok=True))
        self._tell_all(deleted=True)

    # ---- the disk -------------------------------------------------------------------------------------------------

    def _key(self, kind: str, name: str) -> tuple[str, str]:
        if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME:
            raise ValueError(f"name is {shown(name)}; expected a text such as '06.target'")
        return option("kind", kind, KINDS), str(name)

    def _look(self) -> None:
        """Read the file if it is another one than last time. It is replaced as a whole, so no lock is needed."""
        if self.path is None:
            return
        try:
            stamp = file.stamp(self.path)
            if stamp == self._seen:
                return
            entries, wrong = file.read(self.path)
        except OSError as error:
            self._troubles["disk"] = file.in_words(error)
            return
        if wrong:
            self._on_disk(self._read_again)
        else:
            self._kept, self._seen = entries, stamp
            if not self._waiting:
                self._troubles.pop("disk", None)

    def _read_again(self) -> None:
        """With the lock in hand: read, and set the file aside if it is damaged."""
        stamp = file.stamp(self.path)
        entries, wrong = file.read(self.path)
        if wrong:
            aside = file.set_aside(self.path)
            self._troubles["damage"] = f"The file with your progress {wrong}. It was set aside as {aside.name}."
            stamp = None
        self._kept, self._seen = entries, stamp
        if wrong and entries:
            self._write(entries)  # what could still be read

    def _save(self) -> None:
        """Bring what waits onto the disk; if that fails, it waits for the next time."""
        if self.path is None:
            self._kept, self._waiting = applied(self._kept, self._waiting), {}
        elif self._waiting:
            self._on_disk(self._merge)

    def _merge(self) -> None:
        self._read_again()
        self._write(applied(self._kept, self._waiting))
        self._waiting = {}

    def _write(self, entries: file.Entries) -> None:
        file.write(self.path, entries)
        self._kept, self._seen = entries, file.stamp(self.path)

    def _on_disk(self, action) -> None:
        """Do something with the lock in hand; trouble with the disk is put into words."""
        try:
            with file.locked(self.path, self._patience):
                action()
        except (OSError, NotImplementedError) as error:
            self._troubles["disk"] = file.in_words(error)
            self._patience = file.SHORT_PATIENCE  # not again a wait with every note
        else:
            self._troubles.pop("disk", None)
            self._patience = file.PATIENCE


_all: dict[Path | None, Progress] = {}
_guard = threading.Lock()


def progress() -> Progress:
    """The student's progress: the same object for the same place, wherever it is asked for.

    It is kept in ``~/.marl_edu/progress.json``, or where the environment variable ``MARL_EDU_PROGRESS`` says: a file, a
    folder, or ``off`` for memory only.
    """
    place, trouble = os.environ.get(ENVIRONMENT, "").strip(), ""
    path: Path | None = None
    if place.lower() != "off":
        try:
            path = Path(os.path.abspath(Path(place or "~/.marl_edu/progress.json").expanduser()))
            path = path / "progress.json" if place and path.is_dir() else path
        except (RuntimeError, ValueError, OSError):
            path, trouble = None, "Your home folder can't be found: progress is kept in memory only."
    with _guard:
        found = _all.setdefault(path, Progress(path))
        if trouble:
            found._troubles["home"] = trouble
        return found


@atexit.register
def _last_try() -> None:
    """What could not be written so far, because the file was locked, gets one more chance."""
    for one in _all.values():
        with one._guard:
            one._save()

"""The file with a student's progress: read and replaced as a whole, under a lock, never overwritten when damaged."""

from __future__ import annotations

import errno
import glob
import json
import os
import stat
import tempfile
from pathlib import Path

from filelock import FileLock, Timeout

from marl_edu.progress_facts import Entries, TooLarge, plain

FORMAT = 1
LARGEST = 20_000_000
"""Bytes; a file beyond that is not ours."""

PATIENCE = 5.0
SHORT_PATIENCE = 0.2
"""Seconds to wait for the lock, first and after it was waited for in vain."""

WHAT = "progress of a student in the course of marl_edu"


class NewerFormat(OSError):
    """The file was written by a newer version: it is not damaged, and nothing in it may be touched."""


def locked(path: Path, patience: float):
    """A context in which no other kernel writes the file; raises OSError if it can't be had in ``patience`` seconds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return FileLock(f"{os.path.realpath(path)}.lock", timeout=patience, poll_interval=0.01).acquire()


def stamp(path: Path):
    """What changes when the file does; ``None`` if there is no file."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def read(path: Path) -> tuple[Entries, str]:
    """What the file holds as far as it can be read, and in words what is wrong with it ('' if nothing is).

    Raises OSError if there is something that can't be opened, or that is neither a file nor a folder named like one;
    NewerFormat, which is one, if a newer version wrote it.
    """
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return {}, ""
    if stat.S_ISDIR(found.st_mode) and path.suffix == ".json":  # others may be somebody's folder: hands off
        return {}, "is a folder"
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "it is no ordinary file")
    if found.st_size > LARGEST:
        return {}, "is too large"
    data = path.read_bytes()
    if _whole_number(form := _content(data).get("format")) and form > FORMAT:
        raise NewerFormat(f"it has the format {plain(form)}")
    return entries_of(data)


def entries_of(data: bytes) -> tuple[Entries, str]:
    """What the bytes of a file hold as far as they can be read, and in words what is wrong with them.

    Examples
    --------
    >>> entries_of(text_of({("play", "06.play"): {"turns": 9}}).encode())
    ({('play', '06.play'): {'turns': 9}}, '')
    >>> entries_of(b'{"format": 1')
    ({}, 'is damaged')
    """
    if not data.strip():
        return {}, "is empty"
    try:
        content = _loaded(data)
    except (ValueError, RecursionError):
        return {}, "is damaged"
    if not isinstance(content, dict) or not _whole_number(content.get("format")):
        return {}, "is something else"
    if content["format"] != FORMAT:
        return {}, f"has the format {plain(content['format'])}, and this version of marl_edu knows {FORMAT}"
    entries, lost = {}, False
    kinds = content.get("entries")
    for kind, named in kinds.items() if isinstance(kinds, dict) else ():
        for name, facts in named.items() if isinstance(named, dict) else ():
            try:
                entries[kind, name] = {word: plain(fact) for word, fact in facts.items()}
            except (AttributeError, TooLarge):
                lost = True
        lost |= not isinstance(named, dict)
    return entries, "is damaged in part" if lost or not isinstance(kinds, dict) else ""


def _loaded(data: bytes):
    return json.loads(data.decode("utf-8-sig"), parse_constant=lambda name: None)


def _content(data: bytes) -> dict:
    """The object in the bytes of a file, {} if there is none."""
    try:
        content = _loaded(data)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _whole_number(value) -> bool:
    return type(value) is int  # True is an int for Python


def _others(path: Path) -> dict:
    """What a file of this format holds besides our entries: somebody else's, to be kept."""
    try:
        content = _content(path.read_bytes())
    except OSError:
        return {}
    ours = content.get("format") == FORMAT
    return {key: plain(value) for key, value in content.items() if ours and key not in ("what", "format", "entries")}


def text_of(entries: Entries, others: dict | None = None) -> str:
    """The text of a file with these entries, and what else is to stand in it."""
    kinds: dict[str, dict] = {}
    for (kind, name), facts in sorted(entries.items()):
        kinds.setdefault(kind, {})[name] = facts
    content = {"what": WHAT, "format": FORMAT, **(others or {}), "entries": kinds}
    return json.dumps(content, indent=1, allow_nan=False) + "\n"


def write(path: Path, entries: Entries) -> None:
    """Replace the file in one step: whoever reads meanwhile sees the old or the new one, and a crash leaves either."""
    path = Path(os.path.realpath(path))  # a link stays a link
    begin, end = f".{path.name}-", ".tmp"
    for left in path.parent.glob(f"{glob.escape(begin)}*{end}"):  # by a kernel that was killed: we hold the lock
        left.unlink(missing_ok=True)
    text = text_of(entries, _others(path))
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=begin, suffix=end)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def set_aside(path: Path) -> Path:
    """Give a damaged file another name, next to where it was, and return that."""
    path = Path(os.path.realpath(path))
    number = 1
    while os.path.lexists(aside := path.with_name(f"{path.stem}-damaged-{number}{path.suffix}")):
        number += 1
    os.rename(path, aside)
    return aside


def in_words(error: Exception) -> str:
    """Trouble with the disk in a sentence without anybody's folders."""
    if isinstance(error, NewerFormat):
        return (
            "The file with your progress was written by a newer version of marl_edu: it is left as it is, and progress "
            "is kept in memory only. Update marl_edu."
        )
    if isinstance(error, Timeout):
        why = "another program holds its lock"
    else:
        why = getattr(error, "strerror", None) or type(error).__name__
    return f"The file with your progress can't be used ({why}): progress is kept in memory only."

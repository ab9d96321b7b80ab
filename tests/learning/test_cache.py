"""Compiled code that is older than its source is removed, since numba does not notice a change in a helper's file."""

import os

from marl_edu.learning.cache import forget_outdated


def folder_with(tmp_path, **ages):
    """Files so many seconds old."""
    (tmp_path / "__pycache__").mkdir()
    for name, age in ages.items():
        stem, _, ending = name.rpartition("_")
        path = tmp_path / ("" if ending == "py" else "__pycache__") / f"{stem}.{ending}"
        path.write_text("")
        os.utime(path, (1e9 - age, 1e9 - age))
    return tmp_path


def test_what_is_older_than_any_source_goes(tmp_path):
    folder = folder_with(tmp_path, loop_py=100, rules_py=10, loop_nbi=20, loop_nbc=20, rules_nbi=5, rules_pyc=50)
    gone = {path.name for path in forget_outdated(folder)}
    assert gone == {"loop.nbi", "loop.nbc"}
    assert {path.name for path in (folder / "__pycache__").iterdir()} == {"rules.nbi", "rules.pyc"}


def test_what_is_up_to_date_stays(tmp_path):
    folder = folder_with(tmp_path, loop_py=100, rules_py=10, loop_nbi=5, loop_nbc=5)
    assert forget_outdated(folder) == []
    assert len(list((folder / "__pycache__").iterdir())) == 2


def test_an_empty_folder_is_no_trouble(tmp_path):
    assert forget_outdated(tmp_path) == []


def test_files_that_can_not_be_removed_are_no_trouble(tmp_path, monkeypatch):
    folder = folder_with(tmp_path, rules_py=10, loop_nbi=20)

    def refuse(path, missing_ok=False):
        raise PermissionError(path)

    monkeypatch.setattr("pathlib.Path.unlink", refuse)
    assert forget_outdated(folder) == []

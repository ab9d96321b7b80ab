"""Progress: nothing is lost, nothing damaged is overwritten, and no trouble with the disk reaches a lesson."""

import gc
import json
import multiprocessing
import os
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock
from hypothesis import given
from hypothesis import strategies as st

from marl_edu import progress as module
from marl_edu import progress_file
from marl_edu.progress import KINDS, Progress, progress
from marl_edu.progress_facts import applied, joined

needs_permissions = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere"
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "home" / "progress.json"


def facts_only(entries):
    return {key: {name: fact for name, fact in facts.items() if name != "when"} for key, facts in entries.items()}


# --- kept ----------------------------------------------------------------------------------------------------------


def test_what_is_noted_is_there_in_another_kernel(path):
    Progress(path).note("exercise", "06.target", outcome="wrong", attempts=1, right=False)
    again = Progress(path)
    facts = again.facts("exercise", "06.target")
    assert facts.pop("when").startswith("20")
    assert facts == {"outcome": "wrong", "attempts": 1, "right": False}
    assert again.facts("exercise", "06.other") == again.facts("quiz", "06.target") == {}
    assert again.trouble == ""


def test_the_folder_holds_one_file_beside_its_lock(path):
    for _ in range(3):
        Progress(path).note("play", "06.play", turns=3)
    assert {each.name for each in path.parent.iterdir()} <= {"progress.json", "progress.json.lock"}
    assert json.loads(path.read_text())["format"] == 1


def test_a_note_of_another_kernel_is_seen_at_once(path):
    one, other = Progress(path), Progress(path)
    for k in range(20):
        one.note("play", "06.play", turns=k)
        assert other.facts("play", "06.play")["turns"] == k
        other.note("quiz", "06.quiz", of=k)
        assert one.facts("quiz", "06.quiz")["of"] == k


def test_copies_are_handed_out(path):
    kept = Progress(path)
    kept.note("prediction", "06.curve", guess=[1, 2])
    kept.facts("prediction", "06.curve")["guess"].append(3)
    kept.all()["prediction", "06.curve"].clear()
    assert kept.facts("prediction", "06.curve")["guess"] == [1, 2]


def test_rules_of_merging():
    kept = Progress(None)
    kept.note("exercise", "06.a", right=True, attempts=5, solution_seen=True, outcome="right")
    kept.note("exercise", "06.a", right=False, attempts=2, solution_seen=False, outcome="wrong")
    facts = kept.facts("exercise", "06.a")
    assert (facts["right"], facts["attempts"], facts["solution_seen"], facts["outcome"]) == (True, 5, True, "wrong")
    kept.note("quiz", "06.quiz", answers={"1": {"given": "a"}, "2": {"given": 3}})
    kept.note("quiz", "06.quiz", answers={"2": None, "3": {"given": "b"}})
    assert kept.facts("quiz", "06.quiz")["answers"] == {"1": {"given": "a"}, "3": {"given": "b"}}
    kept.note("prediction", "06.c", guess=0, words="")
    kept.note("prediction", "06.c", guess=None)
    assert "guess" not in kept.facts("prediction", "06.c") and kept.facts("prediction", "06.c")["words"] == ""


FACTS = st.fixed_dictionaries(
    {},
    optional={
        "right": st.booleans(),
        "attempts": st.integers(0, 9),
        "guess": st.one_of(st.none(), st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=4)),
        "answers": st.dictionaries(st.sampled_from("123"), st.one_of(st.none(), st.integers(0, 3))),
    },
)
NOTES = st.lists(
    st.tuples(st.sampled_from([0, 1]), st.sampled_from(KINDS), st.sampled_from(["06.a", "06.b", "07.ü"]), FACTS),
    max_size=12,
)


@given(NOTES)
def test_two_kernels_together_keep_what_one_would(tmp_path_factory, notes):
    path = tmp_path_factory.mktemp("progress") / "progress.json"
    both, alone = (Progress(path), Progress(path)), {}
    for who, kind, name, facts in notes:
        both[who].note(kind, name, **facts)
        alone = applied(alone, {(kind, name): facts})
    for each in (*both, Progress(path)):
        assert facts_only(each.all()) == alone
        assert each.trouble == ""


@given(FACTS, FACTS)
def test_notes_that_wait_are_merged_as_if_each_was_written(first, second):
    one_by_one = applied(applied({}, {("play", "a"): first}), {("play", "a"): second})
    assert applied({}, {("play", "a"): joined(first, second)}) == one_by_one


def hammer(path, who, times):
    kept = Progress(path)
    for k in range(times):
        kept.note("quiz", "06.quiz", answers={f"{who}.{k}": k})
        kept.note("exercise", f"06.of_{who}", attempts=k + 1)
    module._all[path] = kept  # so that what waits for the lock is written at the end
    module._last_try()


def test_processes_that_write_at_once_lose_nothing(path):
    method = multiprocessing.get_context("spawn")
    several = [method.Process(target=hammer, args=(path, who, 40)) for who in range(4)]
    for each in several:
        each.start()
    for each in several:
        each.join(120)
        assert each.exitcode == 0
    kept = Progress(path)
    assert len(kept.facts("quiz", "06.quiz")["answers"]) == 160
    assert [kept.facts("exercise", f"06.of_{who}")["attempts"] for who in range(4)] == [40] * 4
    assert list(path.parent.glob("*damaged*")) == list(path.parent.glob("*.tmp")) == []


def test_a_process_killed_while_it_writes_leaves_a_whole_file(path):
    Progress(path).note("play", "06.first", turns=1)
    method = multiprocessing.get_context("spawn")
    for pause in (0.0, 0.05, 0.1):
        process = method.Process(target=hammer, args=(path, "killed", 10_000))
        process.start()
        size = path.stat().st_size
        while path.stat().st_size == size and process.is_alive():
            time.sleep(0.01)  # until it writes
        time.sleep(pause)
        process.kill()
        process.join(20)
    kept = Progress(path)
    kept.note("play", "06.last", turns=2)
    assert kept.trouble == "" and set(kept.all("play")) == {("play", "06.first"), ("play", "06.last")}
    assert kept.facts("exercise", "06.of_killed")["attempts"] > 0
    assert {each.name for each in path.parent.iterdir()} <= {"progress.json", "progress.json.lock"}


def test_threads_of_one_kernel_lose_nothing(path):
    kept = Progress(path)
    notes = [threading.Thread(target=kept.note, args=("play", f"06.play_{k}"), kwargs={"turns": k}) for k in range(20)]
    for each in notes:
        each.start()
    for each in notes:
        each.join()
    assert len(Progress(path).all("play")) == 20


# --- damaged -------------------------------------------------------------------------------------------------------

GOOD = json.dumps({"format": 1, "entries": {"play": {"06.play": {"turns": 3}}}})
DAMAGED = {
    "truncated": GOOD[:-5].encode(),
    "empty": b"",
    "blank": b" \n",
    "no json": b"hello",
    "no text": b"\xff\xfe\x00\x81",
    "a list": b"[1, 2]",
    "a number": b"3",
    "no format": b'{"entries": {}}',
    "older": GOOD.replace("1", "0", 1).encode(),
    "format true": GOOD.replace("1", "true", 1).encode(),
    "huge format": b'{"format": 1' + b"0" * 5000 + b', "entries": {}}',
    "no entries": b'{"format": 1}',
    "entries a list": b'{"format": 1, "entries": []}',
    "kind a text": b'{"format": 1, "entries": {"play": "much"}}',
    "facts a number": b'{"format": 1, "entries": {"play": {"06.play": 3}}}',
    "deep": b'{"format": 1, "entries": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep fact": b'{"format": 1, "entries": {"play": {"06.play": {"turns": ' + b"[" * 50 + b"]" * 50 + b"}}}}",
}


@pytest.mark.parametrize("first", ["note", "read"])
@pytest.mark.parametrize("data", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_file_is_set_aside(path, data, first):
    path.parent.mkdir()
    path.write_bytes(data)
    kept = Progress(path)
    if first == "read":
        assert kept.all() == {}
    kept.note("play", "07.play", turns=1)
    assert "progress-damaged-1.json" in kept.trouble
    assert str(path.parent) not in kept.trouble
    assert (path.parent / "progress-damaged-1.json").read_bytes() == data
    assert Progress(path).facts("play", "07.play")["turns"] == 1
    assert Progress(path).trouble == ""


@pytest.mark.parametrize("first", ["note", "read"])
def test_the_file_of_a_newer_version_is_left_alone(path, first):
    path.parent.mkdir()
    data = GOOD.replace("1", "2", 1).encode()
    path.write_bytes(data)
    kept = Progress(path)
    if first == "read":
        assert kept.all() == {}
    kept.note("play", "07.play", turns=1)
    assert kept.facts("play", "07.play")["turns"] == 1
    assert "written by a newer version" in kept.trouble and "memory only" in kept.trouble
    assert path.read_bytes() == data
    assert sorted(each.name for each in path.parent.glob("*.json")) == [path.name]


def test_what_others_keep_in_the_file_stays(path):
    path.parent.mkdir()
    path.write_text(GOOD.replace('{"format"', '{"settings": {"name": "z"}, "format"'))
    kept = Progress(path)
    kept.note("play", "07.play", turns=1)
    assert json.loads(path.read_text())["settings"] == {"name": "z"}
    assert set(Progress(path).all()) == {("play", "06.play"), ("play", "07.play")}


def exported(folder, entries):
    (folder / "export.json").write_text(json.dumps({"format": 1, "entries": entries}))
    return folder / "export.json"


def test_of_two_notes_the_later_counts_whatever_the_time_zone(tmp_path):
    early, late = "2026-11-21T09:30:00+02:00", "2026-11-21T08:00:00+00:00"
    for here, there, counts in ((early, late, "there"), (late, early, "here"), (late, "long ago", "here")):
        kept = Progress(None)
        kept.load(exported(tmp_path, {"prediction": {"06.x": {"when": here, "guess": "here"}}}))
        kept.load(exported(tmp_path, {"prediction": {"06.x": {"when": there, "guess": "there"}}}))
        assert kept.facts("prediction", "06.x")["guess"] == counts


@pytest.mark.parametrize(
    "entries, says",
    [
        ({"bogus": {"06.x": {"turns": 1}}}, "kind"),
        ({"play": {"x" * 500: {"turns": 1}}}, "expected a text such as"),
        ({"play": {"": {"turns": 1}}}, "expected a text such as"),
    ],
    ids=["kind", "long name", "no name"],
)
def test_what_can_not_be_noted_can_not_be_loaded(tmp_path, entries, says):
    kept = Progress(None)
    with pytest.raises(ValueError, match=says):
        kept.load(exported(tmp_path, {"play": {"06.play": {"turns": 1}}} | entries | {"quiz": {"06.q": {"of": 1}}}))
    assert kept.all() == {}


def test_nothing_in_an_export_forgets_nothing(tmp_path):
    kept = Progress(None)
    kept.note("exercise", "06.t", right=True, outcome="right")
    kept.load(exported(tmp_path, {"exercise": {"06.t": {"when": "9999-01-01", "right": None, "outcome": None}}}))
    assert kept.facts("exercise", "06.t")["right"] is True and kept.facts("exercise", "06.t")["outcome"] == "right"


class Reader:
    def __init__(self):
        self.heard = []

    def progress_changed(self, deleted):
        self.heard.append(deleted)


def test_readers_are_told_of_notes_and_deletion_as_long_as_they_live(tmp_path):
    kept, reader = Progress(None), Reader()
    kept.tell(reader)
    kept.note("play", "06.play", turns=1)
    kept.load(exported(tmp_path, {"play": {"06.play": {"turns": 1}}}))
    kept.delete()
    assert reader.heard == [False, False, True]
    del reader
    gc.collect()
    assert len(kept._readers) == 0


def test_a_reader_that_fails_stops_nothing():
    kept, reader = Progress(None), Reader()
    reader.heard = None
    kept.tell(reader)
    kept.note("play", "06.play", turns=1)
    assert kept.facts("play", "06.play")["turns"] == 1


def test_what_can_be_read_of_a_damaged_file_is_kept(path):
    path.parent.mkdir()
    path.write_text(GOOD.replace("}}}}", '}}, "quiz": 3}}'))
    kept = Progress(path)
    assert kept.facts("play", "06.play") == {"turns": 3}
    assert "set aside" in kept.trouble
    assert Progress(path).facts("play", "06.play") == {"turns": 3}


def test_several_damaged_files_stay(path):
    path.parent.mkdir()
    for k in range(1, 4):
        path.write_text(f"broken {k}")
        Progress(path).note("lesson", "06.lesson", opened=True)
        assert (path.parent / f"progress-damaged-{k}.json").read_text() == f"broken {k}"


def test_damaged_while_a_kernel_uses_it(path):
    kept = Progress(path)
    kept.note("play", "06.play", turns=1)
    path.write_text("")
    kept.note("play", "06.other", turns=2)
    assert "set aside" in kept.trouble
    assert (path.parent / "progress-damaged-1.json").exists()
    assert Progress(path).facts("play", "06.other")["turns"] == 2


def test_a_folder_in_its_place_is_set_aside_with_what_is_in_it(path):
    path.mkdir(parents=True)
    (path / "thesis.txt").write_text("mine")
    kept = Progress(path)
    kept.note("play", "06.play", turns=1)
    assert "is a folder" in kept.trouble
    assert (path.parent / "progress-damaged-1.json" / "thesis.txt").read_text() == "mine"
    assert Progress(path).facts("play", "06.play")["turns"] == 1


@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_what_is_not_ours_is_left_alone(tmp_path, kind):
    place = tmp_path / "documents"
    place.mkdir() if kind == "folder" else os.mkfifo(place)
    kept = Progress(place)
    kept.note("play", "06.play", turns=1)
    assert kept.facts("play", "06.play")["turns"] == 1
    assert "in memory only" in kept.trouble
    assert place.is_dir() if kind == "folder" else place.is_fifo()
    assert not list(tmp_path.glob("*damaged*"))


def test_numbers_that_json_should_not_hold(path):
    path.parent.mkdir()
    path.write_text('{"format": 1, "entries": {"play": {"06.play": {"turns": NaN, "earned": [1e999, -Infinity]}}}}')
    kept = Progress(path)
    kept.note("play", "06.other", turns=1)
    assert kept.facts("play", "06.play")["earned"] == [None, None]
    assert kept.trouble == "" and "Infinity" not in path.read_text() and "NaN" not in path.read_text()


# --- a disk that fails ---------------------------------------------------------------------------------------------


def test_a_file_where_the_folder_should_be(tmp_path):
    (tmp_path / "file").write_text("")
    kept = Progress(tmp_path / "file" / "progress.json")
    kept.note("exercise", "06.a", right=True)
    kept.note("exercise", "06.a", attempts=2)
    assert kept.facts("exercise", "06.a")["attempts"] == 2 and kept.facts("exercise", "06.a")["right"]
    assert "in memory only" in kept.trouble and str(tmp_path) not in kept.trouble


@needs_permissions
def test_a_folder_that_can_not_be_written(tmp_path):
    tmp_path.chmod(0o500)
    kept = Progress(tmp_path / "progress.json")
    kept.note("exercise", "06.a", right=True)
    assert kept.facts("exercise", "06.a")["right"] and "in memory only" in kept.trouble
    tmp_path.chmod(0o700)


def test_a_full_disk_loses_nothing_once_there_is_room(path, monkeypatch):
    kept = Progress(path)
    kept.note("play", "06.play", turns=1)

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(progress_file.os, "fsync", full)
        kept.note("play", "06.play", turns=2)
        kept.note("play", "06.other", turns=3)
        assert "No space left" in kept.trouble
        assert kept.facts("play", "06.play")["turns"] == 2
        assert Progress(path).facts("play", "06.play")["turns"] == 1
    kept.note("play", "06.third", turns=4)
    assert kept.trouble == ""
    assert [facts["turns"] for facts in Progress(path).all().values()] == [3, 2, 4]
    assert not list(path.parent.glob("*.tmp"))


def test_a_lock_that_is_not_given_back_stops_nobody(path, monkeypatch):
    monkeypatch.setattr(progress_file, "PATIENCE", 0.3)
    kept = Progress(path)
    kept._patience = 0.3
    kept.note("play", "06.play", turns=1)
    with FileLock(f"{path}.lock"):
        began = time.perf_counter()
        for k in range(3):
            kept.note("play", "06.play", turns=k)
        assert time.perf_counter() - began < 3
        assert "lock" in kept.trouble and kept.facts("play", "06.play")["turns"] == 2
    kept.note("play", "06.other", turns=1)
    assert kept.trouble == "" and Progress(path).facts("play", "06.play")["turns"] == 2


def test_a_lock_file_left_by_a_dead_kernel(path):
    path.parent.mkdir()
    Path(f"{path}.lock").write_text("12345")
    kept = Progress(path)
    kept.note("play", "06.play", turns=1)
    assert kept.trouble == "" and path.exists()


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    link = tmp_path / "progress.json"
    link.symlink_to(tmp_path / "real" / "mine.json")
    Progress(link).note("play", "06.play", turns=1)
    assert link.is_symlink() and Progress(link).facts("play", "06.play")["turns"] == 1


# --- what is handed in ---------------------------------------------------------------------------------------------


class Hostile:
    def __getattribute__(self, name):
        raise RuntimeError("hands off")


@pytest.mark.parametrize(
    "given, kept",
    [
        (np.float32(0.5), 0.5),
        (np.array([[1, 2], [3, 4]]), [[1, 2], [3, 4]]),
        (np.array(7), 7),
        (np.bool_(True), True),
        ([float("nan"), float("inf"), 1.5], [None, None, 1.5]),
        ((1, "a", None), [1, "a", None]),
        ({1: 2, None: 3}, {"1": 2, "None": 3}),
        (10**5000, "<a very large number>"),
        (1j, "<complex>"),
        (Hostile, "<type>"),
        ("\ud800 \x00 ü", "\ud800 \x00 ü"),
        (np.datetime64("2020-01-01"), "<datetime64>"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_values_become_json(path, given, kept):
    Progress(path).note("prediction", "06.curve", guess=given)
    assert Progress(path).facts("prediction", "06.curve")["guess"] == kept


def circle():
    found = []
    found += [found, found]
    return found


@pytest.mark.parametrize("given", [np.zeros(10**7), [0] * 10**6, "x" * 10**6, circle(), [[1] * 100] * 100])
def test_what_is_too_large_is_not_kept(path, given):
    kept = Progress(path)
    kept.note("prediction", "06.curve", guess=given, words="fine")
    assert set(Progress(path).facts("prediction", "06.curve")) == {"words", "when"}
    assert "'guess' of '06.curve' is too large" in kept.trouble


def test_hostile_objects(path):
    kept = Progress(path)
    kept.note("prediction", "06.curve", guess=[Hostile()], words="fine")
    assert kept.facts("prediction", "06.curve")["words"] == "fine"


@pytest.mark.parametrize("kind, name", [("exam", "06.a"), ("play", ""), ("play", 6), ("play", "x" * 101), (None, "a")])
def test_bad_names_are_refused(kind, name):
    with pytest.raises(ValueError, match="expected"):
        Progress(None).note(kind, name)


# --- where, export, delete -----------------------------------------------------------------------------------------


def test_the_environment_says_where(tmp_path, monkeypatch):
    monkeypatch.setenv("MARL_EDU_PROGRESS", "off")
    assert progress().path is None and progress() is progress() and "memory" in progress().where
    monkeypatch.setenv("MARL_EDU_PROGRESS", str(tmp_path / "mine.json"))
    assert progress().path == tmp_path / "mine.json" and progress() is progress()
    assert str(tmp_path) not in progress().where
    monkeypatch.setenv("MARL_EDU_PROGRESS", str(tmp_path))
    assert progress().path == tmp_path / "progress.json"
    for nothing in ("", "  "):
        monkeypatch.setenv("MARL_EDU_PROGRESS", nothing)
        monkeypatch.setenv("HOME", str(tmp_path))
        assert progress().path == tmp_path / ".marl_edu" / "progress.json"
        assert progress().where == "in ~/.marl_edu/progress.json"
    assert not list(tmp_path.iterdir()), "asking creates nothing"


def test_export_and_merge_on_another_machine(tmp_path):
    here, there = Progress(tmp_path / "here.json"), Progress(tmp_path / "there.json")
    here.note("exercise", "06.a", right=True, outcome="right", attempts=3)
    there.note("exercise", "06.b", outcome="wrong")
    exported = here.export_to(tmp_path / "export.json")
    assert exported.read_text() == here.as_json()
    time.sleep(1.1)  # times are kept to the second
    there.note("exercise", "06.a", right=False, outcome="crashed", attempts=1)
    there.load(exported)
    merged = there.facts("exercise", "06.a")
    assert (merged["right"], merged["outcome"], merged["attempts"]) == (True, "crashed", 3)
    assert there.facts("exercise", "06.b")["outcome"] == "wrong"


@pytest.mark.parametrize("content", [None, b"", b"PK\x03", b"{}"])
def test_what_is_no_export_changes_nothing(tmp_path, content):
    kept = Progress(tmp_path / "progress.json")
    kept.note("play", "06.play", turns=1)
    if content is not None:
        (tmp_path / "export").write_bytes(content)
    before = (tmp_path / "progress.json").read_bytes()
    with pytest.raises(ValueError, match="export"):
        kept.load(tmp_path / "export")
    assert (tmp_path / "progress.json").read_bytes() == before


def test_delete(path):
    kept, other = Progress(path), Progress(path)
    kept.note("play", "06.play", turns=1)
    assert other.all()
    kept.delete()
    assert not path.exists() and kept.all() == other.all() == {} and kept.trouble == ""
    kept.delete()
    other.note("play", "06.new", turns=1)
    assert list(kept.all()) == [("play", "06.new")]
    memory = Progress(None)
    memory.note("play", "06.play", turns=1)
    memory.delete()
    assert memory.all() == {} and repr(memory) == "Progress(nothing yet)"


def test_words_about_it():
    kept = Progress(None)
    kept.note("exercise", "06.a", right=True)
    kept.note("exercise", "06.b", right=True)
    kept.note("quiz", "06.quiz")
    assert repr(kept) == "Progress(2 exercises, 1 quiz)"

"""A learner that is resumed goes on bit for bit as if nothing had happened; other files are refused in clear words."""

import json

import numpy as np
import push_once
import pytest
import torch

from marl_edu import record
from marl_edu.algorithm import HyperparameterError
from marl_edu.games.particles import simple_speaker_listener, simple_spread, simple_tag
from marl_edu.learning import DDPG, MADDPG

SMALL = push_once.SMALL | {"capacity": 150, "head_start": 3}
"""The ring of the replay is full, and actors learn, after a few updates."""

VARIANTS = [
    (MADDPG, simple_spread, {}),
    (DDPG, simple_tag, {"others": "current"}),
    (MADDPG, simple_spread, {"critics": "twin", "shared": "yes"}),
    (MADDPG, simple_speaker_listener, {"actions": "discrete"}),
]


def everything(learner):
    """All that can be seen of a learner: what it learned, what it remembers, what it shows."""
    places = {name: np.asarray(place).copy() for name, place in learner._places().items()}
    return places | {f"frame {name}": values for name, values in learner.frame().items()}


def expect_the_same(one, other):
    found, wanted = everything(one), everything(other)
    assert found.keys() == wanted.keys()
    for name in wanted:
        np.testing.assert_array_equal(found[name], wanted[name], err_msg=name)
    assert one.units_done == other.units_done and one.hyperparameters == other.hyperparameters


@pytest.mark.parametrize(
    "updates", [0, 1, 37]
)  # before anything, within the warm-up, in mid-episode with the ring full
@pytest.mark.parametrize(("learner_class", "world", "options"), VARIANTS, ids=str)
def test_a_resumed_learner_goes_on_bit_for_bit(tmp_path, learner_class, world, options, updates):
    learner = learner_class(world(), seeds=2, seed=3, **SMALL | options)
    learner.advance(updates)
    learner.save(tmp_path / "checkpoint.npz")
    resumed = learner_class.resume(tmp_path / "checkpoint.npz", world())
    for both in (learner, resumed):
        both.advance(31)  # over the end of an episode
    expect_the_same(resumed, learner)
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint.npz"]


def test_settings_changed_on_the_way_are_kept(tmp_path):
    learner = MADDPG(simple_spread(), **SMALL)
    learner.advance(10)
    learner.set(discount=0.5, actor_step=1e-4, worlds=2, shared="yes", capacity=60)  # the last three wait for a reset
    learner.save(tmp_path / "checkpoint.npz")
    resumed = MADDPG.resume(tmp_path / "checkpoint.npz", simple_spread())
    for both in (learner, resumed):
        both.advance(10)
    expect_the_same(resumed, learner)
    for both in (learner, resumed):
        both.reset()
        both.advance(10)
    expect_the_same(resumed, learner)


def test_what_a_resumed_learner_does_does_not_reach_the_one_that_was_saved(tmp_path):
    learner = MADDPG(simple_spread(), **SMALL)
    learner.advance(20)
    before = {name: np.asarray(place).copy() for name, place in learner._places().items()}
    learner.save(tmp_path / "checkpoint.npz")
    MADDPG.resume(tmp_path / "checkpoint.npz", simple_spread()).advance(20)
    for name, place in learner._places().items():
        np.testing.assert_array_equal(place, before[name])


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A checkpoint that nobody writes to."""
    learner = MADDPG(simple_spread(), **SMALL)
    learner.advance(12)
    path = tmp_path_factory.mktemp("kept") / "checkpoint.npz"
    learner.save(path)
    return path.read_bytes()


@pytest.fixture
def written(kept, tmp_path):
    path = tmp_path / "checkpoint.npz"
    path.write_bytes(kept)
    return path


def changed(path, change):
    """The same file with another header."""
    with np.load(path) as file:
        parts = {name: file[name] for name in file.files}
    header = json.loads(str(parts["header"]))
    change(header)
    np.savez(path, **parts | {"header": np.array(json.dumps(header))})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda header: header.update(checkpoint=2),
            r"^checkpoint\.npz is a checkpoint of format 2; expected 1 \(a newer marl_edu wrote it: update",
        ),
        (lambda header: header.update(checkpoint=0), r"is a checkpoint of format 0; expected 1$"),
        (
            lambda header: header.pop("checkpoint"),
            r"^checkpoint\.npz is not a checkpoint: there is no 'checkpoint' in",
        ),
        (lambda header: header.update(algorithm="DDPG"), "of the algorithm 'DDPG'; expected 'MADDPG'"),
        (lambda header: header.update(world=None), "written in another world"),
        (lambda header: header["streams"].pop("noise"), "damaged"),
        (lambda header: header["built_with"].update(hidden=16), "damaged"),
        (lambda header: header["built_with"].update(colour=16), "can't be resumed here: .*colour"),
        (lambda header: header["counters"].update({"replay filled": 10**9}), "damaged"),
        (lambda header: header.update(seeds=2), "damaged"),
    ],
)
def test_other_files_are_refused(written, change, message):
    changed(written, change)
    with pytest.raises(ValueError, match=message):
        MADDPG.resume(written, simple_spread())


@pytest.mark.parametrize(
    ("world", "message"),
    [
        (simple_tag(), "its .* is .*; this one's is"),
        (simple_spread(4), "another world"),
        (simple_spread(local_ratio=0.25), "its local_ratio is 0.5; this one's is 0.25"),
        (simple_spread(max_steps=50), "is 25; this one's is 50"),
        ("simple_spread", "expected the ParticleWorld"),
    ],
)
def test_another_world_is_refused(written, world, message):
    with pytest.raises(ValueError, match=message):
        MADDPG.resume(written, world)


def test_what_is_no_checkpoint_is_refused(tmp_path):
    path = tmp_path / "notes.txt"
    with pytest.raises(FileNotFoundError, match=r"no \.npz file .*notes\.txt"):
        MADDPG.resume(path, simple_spread())
    path.write_text("nothing")
    with pytest.raises(ValueError, match=r"notes\.txt is not a checkpoint that can be read \(it is no \.npz file"):
        MADDPG.resume(path, simple_spread())
    np.savez(tmp_path / "other.npz", header=np.array([{"checkpoint": 1}], dtype=object))  # a pickle: never executed
    with pytest.raises(ValueError, match="not a checkpoint that can be read"):
        MADDPG.resume(tmp_path / "other.npz", simple_spread())
    np.savez(tmp_path / "array.npz", header=np.array("[1, 2]"))
    with pytest.raises(ValueError, match=r"array\.npz is not a checkpoint: .* another kind of file"):
        MADDPG.resume(tmp_path / "array.npz", simple_spread())


@pytest.mark.parametrize(
    "device",
    ["gpu", pytest.param("cuda", marks=pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here"))],
)
def test_a_file_is_not_blamed_for_what_is_not_here(written, device):
    with pytest.raises(HyperparameterError, match=f"^checkpoint.npz can't be resumed here: device is '{device}'"):
        MADDPG.resume(written, simple_spread(), device=device)
    MADDPG.resume(written, simple_spread(), device="cpu").advance(1)


def test_a_learner_too_large_for_the_limits_is_not_damage(written):
    changed(written, lambda header: header["built_with"].update(capacity=10_000_000) or header.update(seeds=50))
    with pytest.raises(HyperparameterError, match=r"can't be resumed here: .* MiB"):
        MADDPG.resume(written, simple_spread())


def test_the_device_is_given_by_name(written):
    with pytest.raises(TypeError):
        MADDPG(simple_spread(), "cpu")
    with pytest.raises(TypeError):
        MADDPG.resume(written, simple_spread(), "cpu")
    assert MADDPG(simple_spread(), device="cpu:0", **SMALL).clone()._device == torch.device("cpu:0")


def test_a_truncated_file_is_refused(written):
    written.write_bytes(written.read_bytes()[:3000])
    with pytest.raises(ValueError, match="not a checkpoint that can be read"):
        MADDPG.resume(written, simple_spread())


def test_what_can_not_be_written_is_told_and_leaves_nothing_behind(tmp_path, monkeypatch):
    learner, (folder, path) = MADDPG(simple_spread(), **SMALL), (tmp_path / "folder", tmp_path / "learner.npz")
    folder.mkdir()
    with pytest.raises(IsADirectoryError, match="folder' is a folder; expected the name of a file"):
        learner.save(folder)
    with pytest.raises(FileNotFoundError, match=r"there is no folder '.*nowhere'; expected one to write x\.npz into"):
        learner.save(tmp_path / "nowhere" / "x.npz")
    learner.save(path)
    before = path.read_bytes()

    def full(file, **parts):
        file.write(b"a part")
        raise OSError("no space left")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match="no space left"):
        learner.save(path)
    assert {found.name for found in tmp_path.iterdir()} == {"folder", "learner.npz"}
    assert path.read_bytes() == before


def test_a_recording_is_no_checkpoint(tmp_path):
    record(MADDPG(simple_spread(), **SMALL), 1, every=1).save(tmp_path / "run.npz")
    with pytest.raises(ValueError, match=r"^run\.npz is not a checkpoint: there is no 'checkpoint' in its header"):
        MADDPG.resume(tmp_path / "run.npz", simple_spread())

"""A recording keeps the whole history in bounded memory, and its files are plain data."""

import io
import json
import pickle
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marl_edu import Recording, record
from marl_edu.algorithm import DivergedError
from marl_edu.games import climbing, gridworld, simple_spread, simple_tag
from marl_edu.games.particles.controllers import do_nothing, play_episodes
from marl_edu.learning import HystereticQLearning, IndependentQLearning, JointActionLearning
from marl_edu.recording import MOST_MOMENTS
from marl_edu.views import ParticleView


def filled(moments, budget=10**9, width=1):
    recording = Recording("example", "step", {"optimum": 11}, budget=budget)
    for t in range(moments):
        recording.append(10 * t, {"level": np.full((1, width), float(t))}, {"step_size": 0.1})
    return recording


def assert_same(one, other):
    assert (one.algorithm, one.unit, one.references) == (other.algorithm, other.unit, other.references)
    assert one.units.tolist() == other.units.tolist()
    for t in range(len(one)):
        assert one.hyperparameters(t) == other.hyperparameters(t)
        assert one[t].keys() == other[t].keys()
        for name in one[t]:
            assert one[t][name].dtype == other[t][name].dtype
            np.testing.assert_array_equal(one[t][name], other[t][name])


def is_thinned_evenly(units):
    """The first is there, and all are equally far apart but the newest, which may be nearer."""
    apart = np.diff(units)
    return units[0] == 0 and (len(apart) < 2 or ((apart[:-1] == apart[0]).all() and 0 < apart[-1] <= apart[0]))


class TestThinning:
    @settings(max_examples=60)
    @given(moments=st.integers(1, 400), budget=st.integers(1, 5000), width=st.integers(1, 40))
    def test_first_and_newest_stay_evenly_spaced_in_bounded_memory(self, moments, budget, width):
        recording = Recording("example", "step", budget=budget)
        for t in range(moments):
            recording.append(10 * t, {"level": np.full((1, width), float(t))})
            units = recording.units
            assert units[-1] == 10 * t
            assert is_thinned_evenly(units)
            assert recording.nbytes <= max(budget, 9 * 8 * width) + 8 * width
            assert [float(frame["level"][0, 0]) for frame in map(recording.__getitem__, range(len(units)))] == [
                unit / 10 for unit in units
            ]

    def test_a_long_recording_keeps_between_half_and_all_of_the_moments_allowed(self):
        recording = filled(20 * MOST_MOMENTS + 7)
        assert MOST_MOMENTS / 2 <= len(recording) <= MOST_MOMENTS + 1
        assert is_thinned_evenly(recording.units)

    def test_a_small_one_keeps_everything(self):
        assert filled(MOST_MOMENTS).units.tolist() == [10 * t for t in range(MOST_MOMENTS)]

    def test_series_follows(self):
        recording = filled(100, budget=200)
        for t in range(100, 150):
            recording.append(10 * t, {"level": np.full((1, 1), float(t))})
            np.testing.assert_array_equal(recording.series("level")[:, 0, 0], recording.units / 10)


class TestAppend:
    """What doesn't fit is refused in one sentence, and what was recorded stays."""

    @pytest.mark.parametrize(
        ("units", "frame", "message"),
        [
            (40, {"level": np.zeros((1, 1))}, "a moment at 40 steps can't follow one at 90; expected a later one"),
            (-1, {"level": np.zeros((1, 1))}, "units is -1; expected a whole number"),
            (100.5, {"level": np.zeros((1, 1))}, "units is 100.5; expected a whole number"),
            (np.nan, {"level": np.zeros((1, 1))}, "units is nan; expected a whole number"),
            ("100", {"level": np.zeros((1, 1))}, "units is '100'; expected a whole number"),
            (2**63, {"level": np.zeros((1, 1))}, "units is 9223372036854775808; expected a whole number"),
            (2**70, {"level": np.zeros((1, 1))}, "units is .*; expected a whole number"),
            (True, {"level": np.zeros((1, 1))}, "units is True; expected a whole number"),
            (100, {"level": np.zeros((1, 2))}, r"'level' has shape \(1, 2\); expected \(1, 1\)"),
            (
                100,
                {"levle": np.zeros((1, 1))},
                r"frame array 'lev.*' has shape .*; expected .* as in the frames before",
            ),
            (100, {}, "frame is dict; expected a dict of named arrays"),
            (100, None, "frame is NoneType; expected a dict"),
            (100, {"level": [["text"]]}, "frame array 'level' has entries of type <U4; expected numbers"),
            (100, {"level": np.array([[None]])}, "frame array 'level' has entries of type object; expected numbers"),
        ],
    )
    def test_misfits_are_refused_and_nothing_is_lost(self, units, frame, message):
        recording = filled(10, budget=70)
        before = [(unit, float(recording[t]["level"][0, 0])) for t, unit in enumerate(recording.units.tolist())]
        with pytest.raises(ValueError, match=message):
            recording.append(units, frame)
        assert before == [(unit, float(recording[t]["level"][0, 0])) for t, unit in enumerate(recording.units.tolist())]
        recording.append(np.int64(100), {"level": np.array([[10.0]])})
        assert recording.units[-1] == 100

    def test_a_frame_is_copied_and_can_not_be_changed(self):
        live = np.zeros((1, 2))
        recording = Recording("example", "step")
        for step in range(3):
            live += 1
            recording.append(step, {"level": live})
        assert recording.series("level")[:, 0, 0].tolist() == [1, 2, 3]
        for array in (recording[0]["level"], recording.series("level")):
            with pytest.raises(ValueError, match="read-only"):
                array[:] = 7

    def test_settings_are_copied(self):
        values = {"step_size": 0.1}
        recording = Recording("example", "step")
        recording.append(0, {"level": np.zeros(1)}, values)
        values["step_size"] = 0.9
        recording.hyperparameters(0)["step_size"] = 0.8
        assert recording.hyperparameters(0) == {"step_size": 0.1}


class TestReading:
    def test_positions(self):
        recording = filled(5)
        assert [recording.position_of(units) for units in (-5, 0, 9, 10, 25, 40, 999)] == [0, 0, 0, 1, 2, 4, 4]
        assert recording[-1]["level"].tolist() == [[4.0]]
        assert repr(recording) == "Recording('example': 5 moments, up to 40 steps)"

    def test_an_empty_one(self):
        recording = Recording("example", "step")
        assert (len(recording), recording.nbytes, recording.units.tolist()) == (0, 0, [])
        assert repr(recording) == "Recording('example': 0 moments)"
        with pytest.raises(KeyError, match="there is nothing yet"):
            recording.series("level")

    def test_an_unknown_array_is_named_with_those_there_are(self):
        with pytest.raises(KeyError, match="no array 'levle' was recorded; there is level"):
            filled(2).series("levle")

    def test_only_small_leaves_tables_out(self):
        recording = Recording("example", "step")
        for t in range(3):
            recording.append(t, {"curve": np.full(1, t), "table": np.zeros((100, 100))}, {"step_size": t})
        small = recording.only_small()
        assert list(small[0]) == ["curve"] and small.units.tolist() == [0, 1, 2]
        assert small.hyperparameters(2) == {"step_size": 2}
        assert small.nbytes < 100 < recording.nbytes


class TestRecord:
    def test_frames_every_so_often_and_at_the_end(self):
        learner = IndependentQLearning(climbing(), seeds=2)
        recording = record(learner, 25, 10)
        assert recording.units.tolist() == [0, 10, 20, 25]
        assert recording.algorithm == "Independent Q-learning" and recording.unit == "environment step"
        assert recording.references == learner.references() and recording.game is learner.game
        np.testing.assert_array_equal(recording[-1]["q"], learner.frame()["q"])

    def test_it_goes_on_where_the_algorithm_stands(self):
        learner = IndependentQLearning(climbing(), epsilon=0.5)
        recording = record(learner, 10, 10)
        learner.epsilon = 0.2
        assert record(learner, 10, 5, recording) is recording
        assert recording.units.tolist() == [0, 10, 15, 20]
        assert [recording.hyperparameters(t)["epsilon"] for t in range(4)] == [0.5, 0.5, 0.2, 0.2]

    def test_the_same_frames_however_often_one_looks(self):
        often, once = (record(IndependentQLearning(climbing(), seeds=2), 300, every) for every in (7, 300))
        np.testing.assert_array_equal(often[-1]["q"], once[-1]["q"])

    @pytest.mark.parametrize(
        ("units", "every", "name"),
        [
            (-1, 10, "units"),
            (1.5, 10, "units"),
            ("9", 10, "units"),
            (True, 10, "units"),
            (10, 0, "every"),
            (10**30, 10, "units"),
        ]
        + [(10, bad, "every") for bad in (-1, 2.0, None, np.nan, True)],
    )
    def test_bad_amounts(self, units, every, name):
        with pytest.raises(ValueError, match=f"record: {name} is .*; expected a whole number from"):
            record(IndependentQLearning(climbing()), units, every)

    def test_nothing_to_do(self):
        assert record(IndependentQLearning(climbing()), 0, 10).units.tolist() == [0]

    @staticmethod
    def stopping(monkeypatch, error, at=30):
        """Learning that is stopped at this step."""

        def advance(self, n, advance=IndependentQLearning._advance):
            advance(self, n)
            if self.units_done + n >= at:
                raise error

        monkeypatch.setattr(IndependentQLearning, "_advance", advance)

    def test_an_interruption_returns_what_was_recorded(self, monkeypatch):
        learner = IndependentQLearning(climbing(), seeds=2)
        self.stopping(monkeypatch, KeyboardInterrupt)
        monkeypatch.setattr(IndependentQLearning, "_finished", lambda self, n: n)
        with pytest.warns(UserWarning, match=r"^interrupted after 30 of 10,000 environment steps; the recording ends"):
            recording = record(learner, 10_000, 10)
        assert recording.units.tolist() == [0, 10, 20, 30] and learner.units_done == 30
        np.testing.assert_array_equal(recording[-1]["q"], learner.frame()["q"])
        monkeypatch.undo()
        assert record(learner, 10, 10, recording) is recording
        assert recording.units.tolist() == [0, 10, 20, 30, 40]

    def test_an_interruption_before_anything_new_adds_no_moment(self, monkeypatch):
        learner = IndependentQLearning(climbing())
        recording = record(learner, 20, 10)
        self.stopping(monkeypatch, KeyboardInterrupt, at=0)
        monkeypatch.setattr(IndependentQLearning, "_finished", lambda self, n: 0)
        with pytest.warns(UserWarning, match="interrupted after 0 of 50"):
            record(learner, 50, 10, recording)
        assert recording.units.tolist() == [0, 10, 20]

    def test_values_that_diverge_keep_what_was_recorded(self, monkeypatch):
        learner = IndependentQLearning(climbing())

        def advance(self, n, advance=IndependentQLearning._advance):
            advance(self, n)
            if self.units_done >= 20:
                self._q[:] = np.inf

        monkeypatch.setattr(IndependentQLearning, "_advance", advance)
        with pytest.raises(DivergedError, match=r"^q\[0, 0, 0, 0\] is inf by environment step 30") as caught:
            record(learner, 50, 10)
        assert caught.value.recording.units.tolist() == [0, 10, 20]

    @pytest.mark.parametrize("bad", [None, 3, "learner", IndependentQLearning])
    def test_what_is_no_algorithm_is_refused(self, bad):
        with pytest.raises(ValueError, match=r"^record: algorithm is .*; expected an Algorithm"):
            record(bad, 10, 10)
        with pytest.raises(ValueError, match=r"^algorithm is .*; expected an Algorithm"):
            Recording.of(bad)

    @pytest.mark.parametrize("bad", [[], {}, 3, "run.npz"])
    def test_what_is_no_recording_is_refused(self, bad):
        with pytest.raises(ValueError, match=r"^record: recording is .*; expected a Recording or None"):
            record(IndependentQLearning(climbing()), 10, 10, recording=bad)


class TestConstructor:
    @pytest.mark.parametrize("bad", [None, np.inf, -1, 0, 1e6, "x", True, 2**63])
    def test_bad_budgets(self, bad):
        with pytest.raises(ValueError, match=r"^budget is .*; expected a whole number from 1 up"):
            Recording("example", "step", budget=bad)

    @pytest.mark.parametrize("bad", ["x", 3, [1], {"optimum": "x"}, {"optimum": None}])
    def test_bad_references(self, bad):
        with pytest.raises(ValueError, match=r"^references.* is .*; expected a (dict|number)"):
            Recording("example", "step", bad)

    @pytest.mark.parametrize("bad", [3, "x", [1], {"step_size": None}, {"step_size": [1]}])
    def test_bad_settings_are_refused_and_nothing_is_added(self, bad):
        recording = filled(3)
        with pytest.raises(ValueError, match=r"^hyperparameters.* is .*; expected a (dict|number)"):
            recording.append(100, {"level": np.zeros((1, 1))}, bad)
        assert len(recording) == 3


names = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=8)
dtypes = st.sampled_from([np.float64, np.float32, np.int64, np.int32, np.bool_])


class TestFiles:
    @settings(max_examples=40)
    @given(st.data())
    def test_save_and_load_give_the_same(self, tmp_path_factory, data):
        path = tmp_path_factory.mktemp("recording") / "run.npz"
        shapes = data.draw(
            st.dictionaries(
                st.sampled_from(["q", "td_error", "trace", "x y"]), st.tuples(st.integers(0, 3)), min_size=1
            )
        )
        kinds = {name: data.draw(dtypes) for name in shapes}
        recording = Recording(data.draw(names), "step", {data.draw(names): 1.5}, budget=data.draw(st.integers(1, 400)))
        rng = np.random.default_rng(data.draw(st.integers(0, 99)))
        for t in range(data.draw(st.integers(0, 30))):
            frame = {name: (100 * rng.random((2, *shape))).astype(kinds[name]) for name, shape in shapes.items()}
            recording.append(3 * t, frame, {"step_size": t / 7, "exploration": "softmax"})
        recording.save(path)
        again = Recording.load(path)
        assert_same(recording, again)
        for t in range(100, 120):  # both go on in the same way
            for one in (recording, again):
                one.append(3 * t, {name: np.zeros((2, *shape), kinds[name]) for name, shape in shapes.items()})
        assert recording.units.tolist() == again.units.tolist()

    def test_a_real_run(self, tmp_path):
        recording = record(HystereticQLearning(gridworld("1.A\n2.B"), seeds=3), 500, 50)
        recording.save(tmp_path / "run.npz")
        assert_same(recording, Recording.load(tmp_path / "run.npz"))

    @pytest.mark.parametrize(
        ("other", "message"),
        [
            (climbing(), "recorded in another game: its .* this game has 2 agents"),
            (gridworld("1.A\n...\n2.B"), "recorded in another game: its .* this game has 2 agents"),
            (gridworld("1.A\n2.B", observe="own position", ends="first").replace(), None),
            (simple_spread(), "its joint_q is of a Markov game; 'simple_spread' is a particle world$"),
            (3, "^game is int; expected a MarkovGame or a ParticleWorld$"),
            ("climbing", "^game is str; expected a MarkovGame or a ParticleWorld$"),
        ],
    )
    def test_another_game_is_refused(self, tmp_path, other, message):
        game = gridworld("1.A\n2.B", observe="own position")
        record(JointActionLearning(game, seeds=3), 500, 50).save(tmp_path / "run.npz")
        assert Recording.load(tmp_path / "run.npz", game).game is game
        if message is None:
            assert Recording.load(tmp_path / "run.npz", other).game is other
            return
        with pytest.raises(ValueError, match=message):
            Recording.load(tmp_path / "run.npz", other)

    @pytest.mark.parametrize(
        ("other", "message"),
        [
            (simple_spread(), None),
            (simple_spread(2), r"its greedy_return has shape \(3,\) after the seeds; this game has 2 agents$"),
            (simple_spread(max_steps=9), r"its episode_positions has shape \(26, 3, 2\) .* 10 moments, 3 agents"),
            (simple_tag(n_adversaries=2), r"its episode_landmarks has .* 2 landmarks, 2 coord"),
            (gridworld("1.A\n2.B"), "its episode_landmarks is of a particle world; '.*' is a Markov game$"),
            (3, "^game is int; expected a MarkovGame or a ParticleWorld$"),
        ],
    )
    def test_a_particle_world_is_given_back_to_its_recording_and_another_refused(self, tmp_path, other, message):
        world = simple_spread()
        played = play_episodes(world, do_nothing, [np.random.default_rng(seed) for seed in (0, 1)])
        recording = Recording("a learner", "update", game=world)
        shown = {"episode_positions": played.positions, "episode_landmarks": played.landmarks}
        recording.append(0, {"greedy_return": played.returns, **shown})
        recording.save(tmp_path / "run.npz")
        if message is None:
            again = Recording.load(tmp_path / "run.npz", other)
            assert_same(recording, again)
            assert again.game is other
            assert ParticleView().alt_text(again) == ParticleView().alt_text(recording)
            alone = Recording.load(tmp_path / "run.npz")
            assert alone.game is None
            assert ParticleView()._radii(again, 3).tolist() == [0.15] * 3 > ParticleView()._radii(alone, 3).tolist()
            return
        with pytest.raises(ValueError, match=message):
            Recording.load(tmp_path / "run.npz", other)

    def test_nan_and_numpy_numbers_survive(self, tmp_path):
        recording = Recording("example", "step", {"optimum": np.float32(np.nan)})
        recording.append(0, {"level": np.array([np.nan, np.inf, -0.0])}, {"step_size": np.float32(0.5)})
        recording.save(tmp_path / "run.npz")
        again = Recording.load(tmp_path / "run.npz")
        assert np.isnan(again.references["optimum"]) and again.hyperparameters(0) == {"step_size": 0.5}
        np.testing.assert_array_equal(again[0]["level"], recording[0]["level"])

    def test_frames_of_a_loaded_recording_can_be_thinned_away(self, tmp_path):
        """They don't keep the file's large arrays alive."""
        filled(20).save(tmp_path / "run.npz")
        assert all(
            frame["level"].base is None for frame in map(Recording.load(tmp_path / "run.npz").__getitem__, [0, 9])
        )

    def test_a_missing_file_is_missing(self, tmp_path):
        with pytest.raises(FileNotFoundError, match=r"no \.npz file .*nowhere\.npz.*; expected a recording"):
            Recording.load(tmp_path / "nowhere.npz")

    def test_nothing_in_a_file_is_executed(self, tmp_path):
        struck = tmp_path / "struck"

        class Attack:
            def __reduce__(self):
                return struck.touch, ()

        bare, inside = tmp_path / "bare.npz", tmp_path / "inside.npz"
        bare.write_bytes(pickle.dumps(Attack()))
        filled(2).save(inside)
        with np.load(inside) as file:
            parts = dict(file)
        np.savez(inside, **parts | {"frame/level": np.array([Attack(), Attack()], dtype=object)})
        header = tmp_path / "header.npz"
        np.savez(header, **parts | {"header": np.array([Attack()], dtype=object)})
        for path in (bare, inside, header):
            with pytest.raises(ValueError, match=f"^{path.name} is not a recording that can be read"):
                Recording.load(path)
            assert not struck.exists()
        pickle.loads(bare.read_bytes())
        assert struck.exists()  # the attack was a real one

    @settings(max_examples=150)
    @given(cut=st.integers(0, 10**6), flip=st.integers(0, 10**6), bit=st.integers(0, 7), truncate=st.booleans())
    def test_a_damaged_file_is_refused_by_name_or_read_whole(self, tmp_path_factory, cut, flip, bit, truncate):
        path = tmp_path_factory.mktemp("damaged") / "run.npz"
        recording = filled(20)
        recording.save(path)
        content = bytearray(path.read_bytes())
        if truncate:
            del content[cut % len(content) :]
        else:
            content[flip % len(content)] ^= 1 << bit
        path.write_bytes(content)
        try:
            again = Recording.load(path)
        except ValueError as error:
            assert str(error).startswith("run.npz is ") and "\n" not in str(error)
        else:
            assert_same(recording, again)  # the flipped bit was in a time stamp or the like

    @pytest.mark.parametrize(
        "content",
        [b"", b"hello", b"\x93NUMPY\x01\x00", b"PK\x03\x04" + 50 * b"\0", b"PK\x05\x06" + 18 * b"\0", bytes(1000)],
    )
    def test_other_files_are_refused_by_name(self, tmp_path, content):
        path = tmp_path / "other.npz"
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"^other.npz is not a recording that can be read"):
            Recording.load(path)

    def test_other_archives_are_refused_by_name(self, tmp_path):
        np.save(tmp_path / "one.npy", np.zeros(3))
        np.savez(tmp_path / "some.npz", q=np.zeros(3))
        with zipfile.ZipFile(tmp_path / "text.npz", "w") as file:
            file.writestr("header.npy", "hello")
        for name in ("one.npy", "some.npz", "text.npz"):
            with pytest.raises(ValueError, match=f"^{name} is not a recording that can be read"):
                Recording.load(tmp_path / name)

    @staticmethod
    def forged(path, changes=None, without=(), **arrays):
        """A recording's file with parts of the header or arrays changed."""
        filled(4).save(path)
        with np.load(path) as file:
            parts = dict(file)
        header = {k: v for k, v in (json.loads(str(parts["header"])) | (changes or {})).items() if k not in without}
        np.savez(path, **parts | {"header": np.array(json.dumps(header))} | arrays)
        return path

    @pytest.mark.parametrize(
        "changes",
        [
            {"without": ["unit"]},
            {"without": ["hyperparameters"]},
            {"without": ["stride"]},
            {"changes": {"stride": 0}},
            {"changes": {"stride": "x"}},
            {"changes": {"arrivals": -1}},
            {"without": ["budget"]},
            {"changes": {"budget": None}},
            {"changes": {"references": [1, 2]}},
            {"changes": {"hyperparameters": [{}]}},
            {"changes": {"hyperparameters": [1, 2, 3, 4]}},
            {"changes": {"hyperparameters": None}},
            {"units": np.array([0, 30, 20, 10])},
            {"units": np.array([0.0, 1, 2, 3])},
            {"units": np.array([-1, 1, 2, 3])},
            {"units": np.zeros((2, 2), dtype=int)},
            {"units": np.array(3)},
            {"frame/level": np.zeros((3, 1, 1))},
            {"frame/level": np.array(1.0)},
            {"frame/level": np.array(list("abcd"))},
            {"frame/other": np.zeros((5, 1))},
        ],
    )
    def test_forged_files_are_refused_by_name(self, tmp_path, changes):
        path = self.forged(tmp_path / "forged.npz", **changes)
        with pytest.raises(ValueError, match=r"^forged.npz is damaged"):
            Recording.load(path)

    @pytest.mark.parametrize("version", [0, 2, "1", None])
    def test_other_versions_are_refused(self, tmp_path, version):
        path = self.forged(tmp_path / "new.npz", {"format": version})
        with pytest.raises(ValueError, match=f"^new.npz is a recording of format {version!r}; expected 1") as caught:
            Recording.load(path)
        assert ("a newer marl_edu wrote it" in str(caught.value)) == (version == 2)

    @pytest.mark.parametrize("header", ["[1, 2]", "3", "{", "", "[" * 100_000])
    def test_other_headers_are_refused(self, tmp_path, header):
        path = tmp_path / "odd.npz"
        np.savez(path, header=np.array(header), units=np.zeros(0, dtype=int))
        with pytest.raises(ValueError, match=r"^odd.npz is (not )?a recording"):
            Recording.load(path)

    def test_a_save_that_fails_keeps_the_recording(self, tmp_path):
        recording = filled(3)
        with pytest.raises(OSError, match=r"[Nn]o such|not exist"):
            recording.save(tmp_path / "nowhere" / "run.npz")
        assert len(recording) == 3

    def test_a_file_is_one_archive_of_plain_arrays(self, tmp_path):
        filled(3).save(tmp_path / "run.npz")
        with zipfile.ZipFile(tmp_path / "run.npz") as file:
            assert sorted(file.namelist()) == ["frame/level.npy", "header.npy", "units.npy"]
            for name in file.namelist():
                array = np.load(io.BytesIO(file.read(name)), allow_pickle=False)
                assert array.dtype.kind in "fiU"

"""The protocol that every algorithm follows, on one that only counts; and what importing the package costs."""

import subprocess
import sys

import numpy as np
import pytest

from marl_edu.algorithm import Algorithm, Choice, DivergedError, HyperparameterError, Real


class Counter(Algorithm):
    """Adds up noisy steps.

    Two lines of text.
    """

    unit = "count"
    size = Real(1.0, 0, 10, "how much a count adds", unit="apples")
    direction = Choice("up", ["up", "down"], "which way")

    def reset(self):
        super().reset()
        self._rngs = self.generators()
        self._total = np.zeros(self.seeds)

    def _advance(self, n):
        sign = 1 if self.direction == "up" else -1
        for k, rng in enumerate(self._rngs):
            self._total[k] += sign * self.size * rng.random(n).sum()

    def frame(self):
        return {"total": self._total.copy()}


class Wider(Counter):
    noise = Real(0.5, 0, 1, "of no use")


class Bare(Counter):
    """Declares nothing."""

    @classmethod
    def declared(cls):
        return {}


def test_hyperparameters_are_declared_once_and_inherited_in_order():
    assert list(Counter.declared()) == ["size", "direction"]
    assert list(Wider.declared()) == ["size", "direction", "noise"]
    assert Wider(noise=0.2, size=3).hyperparameters == {"size": 3.0, "direction": "up", "noise": 0.2}
    assert Wider.title == "Wider"


def test_two_algorithms_share_no_values():
    one, other = Counter(), Counter()
    one.size = 5
    assert (one.size, other.size, Counter.size.default_value) == (5, 1, 1)


def test_the_docstring_gets_a_table():
    assert Counter.__doc__ == (
        "Adds up noisy steps.\n\nTwo lines of text.\n\nHyperparameters\n---------------\n"
        "size : float in [0, 10] apples, default 1\n    how much a count adds\n"
        "direction : one of 'up', 'down', default 'up'\n    which way\n"
    )
    assert Wider.__doc__.startswith("Wider\n\nHyperparameters\n---------------\nsize")


def test_advance_counts_units_and_reset_begins_again():
    counter = Counter(seeds=3)
    assert counter.units_done == 0
    counter.advance(4)
    counter.advance(0)
    first = counter.frame()["total"]
    assert (counter.units_done, repr(counter)) == (4, "Counter(3 seeds, 4 counts done)")
    counter.reset()
    counter.advance(4)
    np.testing.assert_array_equal(counter.frame()["total"], first)


def test_an_advance_that_fails_counts_nothing(monkeypatch):
    counter = Counter()
    monkeypatch.setattr(Counter, "_advance", lambda self, n: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        counter.advance(3)
    assert counter.units_done == 0


@pytest.mark.parametrize("stop", [KeyboardInterrupt, ZeroDivisionError])
def test_chunks_that_were_done_count(monkeypatch, stop):
    def count(self, n):
        assert n <= Counter.chunk
        if self.units_done >= 3 * Counter.chunk:
            raise stop

    monkeypatch.setattr(Counter, "_advance", count)
    counter = Counter()
    with pytest.raises(stop):
        counter.advance(np.int64(10**15))
    assert counter.units_done == 3 * Counter.chunk
    counter.reset()
    counter.advance(2 * Counter.chunk + 1)
    assert counter.units_done == 2 * Counter.chunk + 1


def test_changes_take_effect_from_the_next_advance():
    counter = Counter()
    counter.advance(10)
    before = counter.frame()["total"]
    counter.set(direction="down", size=10)
    np.testing.assert_array_equal(counter.frame()["total"], before)
    counter.advance(10)
    assert counter.frame()["total"] < before


def test_restart_changes_seeds_and_base_or_nothing():
    counter = Counter(seeds=2, seed=1, size=2)
    counter.advance(5)
    for bad in ({"seeds": 0}, {"seed": -1}, {"seeds": 3, "seed": "x"}):
        with pytest.raises(HyperparameterError):
            counter.restart(**bad)
        assert (counter.seeds, counter.seed, counter.units_done) == (2, 1, 5)
    counter.restart(seeds=4)
    assert (counter.seeds, counter.seed, counter.units_done, counter.size) == (4, 1, 0, 2)


def test_a_clone_is_alike_and_apart():
    counter = Counter(seeds=2, seed=9, size=2)
    counter.advance(5)
    twin = counter.clone()
    assert (type(twin), twin.seeds, twin.seed, twin.size, twin.units_done) == (Counter, 2, 9, 2, 0)
    twin.size = 3
    assert counter.size == 2


def test_errors_can_be_caught_as_value_errors_and_as_trait_errors():
    import traitlets

    assert issubclass(HyperparameterError, ValueError) and issubclass(HyperparameterError, traitlets.TraitError)
    with pytest.raises(ValueError, match=r"size is 11; expected a number from 0 to 10 \(how much a count adds\)"):
        Counter(size=11)


def test_unknown_names():
    with pytest.raises(
        HyperparameterError, match=r"^Counter: the name of a hyperparameter is 'sise' \(did you mean 'size'\?\)"
    ):
        Counter(sise=1)
    with pytest.raises(HyperparameterError, match=r"expected one of 'size', 'direction'$"):
        Counter().require("xyz")
    with pytest.raises(HyperparameterError, match=r"^Bare: the name of a hyperparameter is 'size'"):
        Bare(size=1)
    with pytest.raises(AttributeError, match="did you mean 'direction'"):
        Counter().directoin = "up"


@pytest.mark.parametrize("name", ["unit", "advance", "frame", "title", "game", "chunk", "seeds", "observe"])
def test_only_hyperparameters_can_be_set(name):
    counter = Counter()
    with pytest.raises(AttributeError, match=rf"'{name}'.*expected one of 'size', 'direction'; .* an underscore$"):
        setattr(counter, name, 1)
    counter._mine = 1
    assert counter._mine == 1


class TestAuthorsErrors:
    """What a new class forgot is said by name."""

    def test_reset_without_super(self):
        class Forgets(Counter):
            def reset(self):
                self._total = 0

        with pytest.raises(TypeError, match=r"^Forgets.reset\(\) .* expected it to call super\(\).reset\(\)"):
            Forgets()

    def test_methods_not_written(self):
        class Empty(Algorithm):
            pass

        with pytest.raises(NotImplementedError, match=r"^Empty has no _advance\(n\)"):
            Empty().advance(1)
        with pytest.raises(NotImplementedError, match=r"^Empty has no frame\(\)"):
            Empty().frame()

    def test_inputs_not_given(self):
        class InWorld(Counter):
            def __init__(self, world, **options):
                self._world = world
                super().__init__(**options)

        with pytest.raises(TypeError, match=r"^InWorld.clone\(\): .*'world'; expected _inputs\(\) to return"):
            InWorld("here").clone()

    def test_inputs_by_name_reach_the_clone(self):
        class InWorld(Counter):
            def __init__(self, world, *, colour, **options):
                self._world, self._colour = world, colour
                super().__init__(**options)

            def _inputs(self):
                return (self._world,)

            def _named_inputs(self):
                return {"colour": self._colour}

        copy = InWorld("here", colour="red", size=2.0).clone()
        assert (copy._world, copy._colour, copy.size) == ("here", "red", 2.0)

    @pytest.mark.parametrize(
        ("frame", "error", "message"),
        [
            ({"total": np.zeros(2)}, ValueError, r"^Odd.frame\(\)\['total'\] has shape \(2,\); expected the seeds, 3,"),
            ({"total": 1.5}, ValueError, r"has shape \(\); expected the seeds"),
            (None, TypeError, r"^Odd.frame\(\) gives NoneType; expected named arrays"),
            ({"total": np.array([0, -np.inf, 0])}, DivergedError, r"^total\[1\] is -inf by count 0; expected a finite"),
        ],
    )
    def test_frames_that_nobody_can_read(self, frame, error, message):
        class Odd(Counter):
            def frame(self):
                return frame

        with pytest.raises(error, match=message):
            Odd(seeds=3).frame()

    def test_nan_is_a_gap(self):
        class Gap(Counter):
            def frame(self):
                return {"total": np.full(1, np.nan)}

        assert np.isnan(Gap().frame()["total"]).all()


def test_an_algorithm_without_a_world_says_so():
    assert Counter().game is None


@pytest.mark.parametrize("module", ["marl_edu", "marl_edu.algorithm", "marl_edu.recording"])
def test_importing_is_light(module):
    heavy = {"torch", "matplotlib", "ipywidgets", "numba", "scipy", "pettingzoo", "gymnasium", "IPython"}
    code = f"import sys, {module}; print(*sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


@pytest.mark.parametrize("module", ["games", "planning", "learning"])
def test_the_lower_floors_import_no_widget_and_no_picture(module):
    heavy = {"torch", "matplotlib", "ipywidgets", "IPython", "marl_edu.views", "marl_edu.panels"}
    code = f"import sys, marl_edu; marl_edu.{module}; print(*sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_pytorch_is_loaded_when_it_is_asked_for():
    code = (
        "import sys, marl_edu.learning as learning; names = learning.__all__, dir(learning);"
        "assert all('LOLA' in found for found in names) and 'torch' not in sys.modules;"
        "assert learning.LOLA.__name__ == 'LOLA' and 'torch' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    from marl_edu import learning

    with pytest.raises(AttributeError, match=r"no attribute 'LOLAS'; it has .*LOLA"):
        _ = learning.LOLAS


def test_public_names_exist_and_unknown_ones_are_named():
    import marl_edu

    for name in ("MarkovGame", "matrix_game", "gridworld", "random_game", "Algorithm", "Recording", "record"):
        assert name in dir(marl_edu) and callable(getattr(marl_edu, name))
    with pytest.raises(AttributeError, match="has no attribute 'gridwolrd'"):
        _ = marl_edu.gridwolrd

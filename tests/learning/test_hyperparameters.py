"""Bad hyperparameters, at the start and while learning: one sentence, and nothing changes."""

from fractions import Fraction

import numpy as np
import pytest
import traitlets

from marl_edu import learning
from marl_edu.algorithm import Choice, HyperparameterError
from marl_edu.games import CROSSING, MarkovGame, climbing, gridworld
from marl_edu.hyperparameters import Real, Tunable

ALL = [
    learning.IndependentQLearning,
    learning.HystereticQLearning,
    learning.LenientQLearning,
    learning.DistributedQLearning,
    learning.JointActionLearning,
]
NOT_NUMBERS = [True, np.True_, None, "0.1", "", [0.1], (), {}, np.array([0.1]), 0.1j, np.nan, float("inf"), -np.inf]
CASES = [(package, name) for package in ALL for name in package.declared()]
ids = [f"{package.__name__}-{name}" for package, name in CASES]


@pytest.fixture(params=ALL, ids=lambda package: package.__name__)
def learner(request):
    """One that is on its way."""
    found = request.param(climbing(), seeds=2, epsilon=0.5)
    found.advance(50)
    return found


def refused(trait):
    """Values that a hyperparameter must refuse."""
    if isinstance(trait, Choice):
        return [*NOT_NUMBERS, 0, "epsilon", "Softmax"]
    return [*NOT_NUMBERS, trait.min - 1, trait.max * 2 + 1, 10**400, -(10**400), np.float32("nan")]


@pytest.mark.parametrize(("package", "name"), CASES, ids=ids)
def test_bad_values_are_refused_on_the_way_and_nothing_changes(package, name):
    learner, twin = (package(climbing(), seeds=2, epsilon=0.5) for _ in range(2))
    for one in (learner, twin):
        one.advance(50)
    trait, before = package.declared()[name], learner.hyperparameters
    for bad in refused(trait):
        for attempt in (
            lambda bad=bad: setattr(learner, name, bad),
            lambda bad=bad: learner.set(**{name: bad}),
            lambda bad=bad: package(climbing(), **{name: bad}),
        ):
            with pytest.raises(HyperparameterError) as caught:
                attempt()
            message = str(caught.value)
            assert message.startswith(f"{name} is {bad!r:.60}") and "; expected " in message
            assert "\n" not in message and len(message) < 250
            for bound in trait.metadata["choices"] if isinstance(trait, Choice) else (trait.min, trait.max):
                assert (repr(bound) if isinstance(bound, str) else f"{bound:g}") in message
    assert learner.hyperparameters == before
    for one in (learner, twin):
        one.advance(50)
    np.testing.assert_array_equal(learner.q, twin.q)


@pytest.mark.parametrize(("package", "name"), CASES, ids=ids)
def test_ends_of_the_range_and_numpy_scalars_are_accepted(package, name):
    trait = package.declared()[name]
    learner = package(climbing())
    if isinstance(trait, Choice):
        good = [*trait.metadata["choices"], np.str_("softmax")]
    else:
        good = [trait.min, trait.max, np.float64(trait.max), np.float32(0.5), Fraction(1, 2), int(trait.max)]
        if trait.max < np.iinfo(np.int32).max:
            good.append(np.int32(trait.max))
    for value in good:
        if not isinstance(trait, Choice) and not trait.min <= value <= trait.max:
            continue
        learner.set(**{name: value})
        learner.advance(20)
        kept = getattr(learner, name)
        assert kept == value and type(kept) in (float, str)
    assert np.isfinite(learner.q).all()


def test_a_word_close_to_a_choice_is_suggested(learner):
    with pytest.raises(HyperparameterError, match=r"exploration is 'softmaxx' \(did you mean 'softmax'\?\)"):
        learner.exploration = "softmaxx"


@pytest.mark.parametrize(("typo", "meant"), [("stepsize", "step_size"), ("epsilon_deacy", "epsilon_decay")])
def test_unknown_names_are_refused_with_the_nearest_one(learner, typo, meant):
    name = type(learner).__name__
    for attempt in (
        lambda: learner.set(**{typo: 0.5}),
        lambda: setattr(learner, typo, 0.5),
        lambda: type(learner)(climbing(), **{typo: 0.5}),
    ):
        with pytest.raises(
            (HyperparameterError, AttributeError),
            match=f"^{name}: the name of a hyperparameter is '{typo}' .*{meant!r}",
        ):
            attempt()
    assert not hasattr(learner, typo)


def test_an_unknown_name_like_none_lists_those_there_are(learner):
    with pytest.raises(HyperparameterError, match=r"expected one of 'step_size', 'step_size_decay', "):
        learner.set(zzz=1)


@pytest.mark.parametrize("bad", [{"epsilon": 2}, {"temperature": "hot"}, {"discount": 0.5}])
def test_set_is_all_or_nothing(learner, bad):
    before, seen = learner.hyperparameters, []
    learner.observe(seen.append)
    with pytest.raises(HyperparameterError):
        learner.set(step_size=0.7, exploration="softmax", **bad, initial_value=3)
    assert learner.hyperparameters == before
    assert not seen  # and nobody was told otherwise


def test_what_is_no_hyperparameter_can_not_be_set(learner):
    state = ("q", "preferences", "seeds", "seed", "units_done", "game")
    for name in (*state, "rule", "unit", "title", "chunk", "advance", "frame"):
        before = repr(getattr(learner, name))
        with pytest.raises(AttributeError):
            setattr(learner, name, 1)
        assert repr(getattr(learner, name)) == before


@pytest.mark.parametrize("n", [-1, 1.0, 2.5, "10", None, True, np.nan, np.float64(3), [1], 10**30, 2**63])
def test_bad_amounts_of_work_are_refused(learner, n):
    before = learner.q
    with pytest.raises(ValueError, match=r"the number of environment steps is .*; expected a whole number from 0"):
        learner.advance(n)
    assert learner.units_done == 50
    np.testing.assert_array_equal(learner.q, before)
    learner.advance(np.int64(3))
    assert learner.units_done == 53


@pytest.mark.parametrize("package", ALL)
@pytest.mark.parametrize("name", ["seeds", "seed"])
@pytest.mark.parametrize("bad", [-1, 1.5, "3", None, True, np.nan, [1]])
def test_bad_seeds_are_refused(package, name, bad):
    with pytest.raises(HyperparameterError, match=f"^{name} is .*; expected a whole number from"):
        package(climbing(), **{name: bad})


def test_too_many_seeds_are_refused_before_any_memory_is_asked_for():
    with pytest.raises(HyperparameterError, match=r"^seeds is 10000000; expected a whole number from 1 to 100000$"):
        learning.IndependentQLearning(climbing(), seeds=10**7)


@pytest.mark.parametrize("rule", [None, 17, -1, "independent"])
def test_a_learner_without_a_known_rule_is_refused(rule):
    class Odd(learning.TabularLearner):
        pass

    Odd.rule = rule
    with pytest.raises(ValueError, match=rf"^Odd.rule is {rule!r}; expected one of the numbers in learning/rules.py"):
        Odd(climbing())


@pytest.mark.parametrize("bad", [None, "climbing", [[1, 2], [3, 4]], np.eye(2), climbing])
def test_a_game_is_needed(bad):
    with pytest.raises(HyperparameterError, match=r"^game is .*; expected a MarkovGame"):
        learning.IndependentQLearning(bad)


def test_a_return_without_end_is_refused():
    endless = MarkovGame(np.ones((1, 1, 1)), np.ones((1, 1, 1)), discount=1)
    with pytest.raises(HyperparameterError, match=r"discount 1 and no horizon.*; expected a discount below 1"):
        learning.IndependentQLearning(endless)
    learner = learning.IndependentQLearning(endless.replace(horizon=3))
    learner.advance(10)
    assert learner.frame()["greedy_return"].tolist() == [[3]]


@pytest.mark.parametrize("package", [learning.IndependentQLearning, learning.JointActionLearning])
def test_tables_too_large_are_refused_and_nothing_changes(package):
    game = gridworld(CROSSING)
    with pytest.raises(HyperparameterError, match=r"seeds need a table of shape .*; expected at most"):
        package(game, seeds=10**5)
    learner = package(game, seeds=2)
    learner.advance(100)
    before = learner.frame()
    with pytest.raises(HyperparameterError):
        learner.restart(seeds=10**5, seed=5)
    assert (learner.seeds, learner.seed, learner.units_done) == (2, 0, 100)
    np.testing.assert_array_equal(learner.frame()["q"], before["q"])


@pytest.mark.parametrize("package", [*ALL, learning.TabularLearner])
def test_docstrings_list_every_hyperparameter(package):
    lines = package.__doc__.split("\nHyperparameters\n---------------\n")[1].splitlines()
    stated = {line.split(" : ")[0]: (line, lines[number + 1]) for number, line in enumerate(lines) if " : " in line}
    assert list(stated) == list(package.declared())
    for name, trait in package.declared().items():
        line, meaning = stated[name]
        word = isinstance(trait, Choice)
        assert line.endswith(f"default {trait.default_value!r}" if word else f"default {trait.default_value:g}")
        assert meaning.strip() == trait.help and trait.help
    assert package.__doc__.count("Hyperparameters\n-") == 1


def test_hyperparameters_are_traits_that_can_be_observed_and_linked(learner):
    class Slider(traitlets.HasTraits):
        value = traitlets.Float(0.3)

    slider = Slider()
    traitlets.dlink((slider, "value"), (learner, "epsilon"))
    slider.value = 0.25
    assert learner.epsilon == 0.25
    with pytest.raises(HyperparameterError):
        slider.value = 7.0
    assert learner.epsilon == 0.25


def test_a_hyperparameter_says_with_which_values_of_another_it_plays_a_part():
    class Several(Tunable):
        kind = Choice("a", ("a", "b", "c"), "which")
        always = Real(1, 0, 2, "always read")
        of_one = Real(1, 0, 2, "read by b", when=("kind", "b"))
        of_two = Choice("x", ("x", "y"), "read by a and c", when=("kind", ("a", "c")))

    made, read = Several(), {}
    for kind in "abc":
        made.set(kind=kind)
        read[kind] = [name for name in made.declared() if made.plays_a_part(name)]
    both = ["kind", "always"]
    assert read == {"a": [*both, "of_two"], "b": [*both, "of_one"], "c": [*both, "of_two"]}

"""What all dynamics share: the frame against planning, starting points, seeds, payoffs that change, bad input."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marl_edu import learning
from marl_edu.algorithm import Choice, HyperparameterError
from marl_edu.games import climbing, matching_pennies, matrix_game, prisoners_dilemma, random_game, rock_paper_scissors
from marl_edu.learning import dynamics
from marl_edu.learning.dynamics.matrix_dynamics import MatrixDynamics
from marl_edu.planning import best_response_gains, evaluate
from marl_edu.recording import record

FLOWS = [dynamics.GradientAscent, dynamics.WoLFGradient, dynamics.Replicator, dynamics.SmoothQLearning]
PLAYS = [
    dynamics.BestResponseDynamics,
    dynamics.FictitiousPlay,
    dynamics.RegretMatching,
    dynamics.ConditionalRegretMatching,
    dynamics.MultiplicativeWeights,
]
ALL = FLOWS + PLAYS
ANY_SIZE = [rule for rule in ALL if rule is not dynamics.WoLFGradient]


def random_matrix_game(rng, *n_actions):
    return matrix_game(rng.normal(size=(len(n_actions), *n_actions)))


@pytest.mark.parametrize("rule", ALL)
def test_a_frame_agrees_with_planning_whatever_was_done(rule):
    n_actions = (2, 2) if rule is dynamics.WoLFGradient else (2, 3)
    game = random_matrix_game(np.random.default_rng(1), *n_actions)
    learner = rule(game, seeds=3)
    for n in (0, 1, 40):
        learner.advance(n)
        frame = learner.frame()
        for k in range(3):
            policies, averages = (
                [frame[name][k, i, None, : n_actions[i]] for i in range(2)] for name in ("policies", "averages")
            )
            play = frame["joint_play"][k]
            assert play.sum() == pytest.approx(1) and play.min() >= 0
            np.testing.assert_allclose(policies[0].sum(), 1, atol=1e-12)
            np.testing.assert_allclose(frame["payoffs"][k], evaluate(game, policies)[:, 0], atol=1e-12)
            np.testing.assert_allclose(averages[0][0], play.sum(axis=1), atol=1e-12)
            np.testing.assert_allclose(averages[1][0], play.sum(axis=0), atol=1e-12)
            gains = best_response_gains(game, policies), best_response_gains(game, averages)
            found = frame["exploitability"][k], frame["average_exploitability"][k]
            np.testing.assert_allclose(found, [gain.mean() for gain in gains], atol=1e-9)
            paid = (game.rewards[:, 0] * play).sum(axis=(1, 2))
            np.testing.assert_allclose(frame["average_payoffs"][k], paid, atol=1e-12)
            best = [(game.rewards[0, 0] @ averages[1][0]).max(), (averages[0][0] @ game.rewards[1, 0]).max()]
            np.testing.assert_allclose(frame["regret"][k], best - paid, atol=1e-12)
            np.testing.assert_array_equal(frame["tables"][k], game.rewards[:, 0])
        assert np.isnan(frame["policies"][:, 0, 2:]).all() and not np.isnan(frame["policies"][:, 1]).any()


@pytest.mark.parametrize("rule", ALL)
def test_a_seed_does_not_depend_on_the_others_nor_on_how_work_is_cut(rule):
    many, one = (rule(prisoners_dilemma(), seeds=n, seed=5) for n in (4, 1))
    many.advance(60)
    for n in (1, 0, 9, 50):
        one.advance(n)
    for name, values in many.frame().items():
        np.testing.assert_allclose(one.frame()[name][0], values[0], atol=1e-12, err_msg=name)
    again = many.clone()
    again.advance(60)
    many.reset()
    many.advance(60)
    for name, values in many.frame().items():
        np.testing.assert_array_equal(again.frame()[name], values)


@pytest.mark.parametrize("rule", ANY_SIZE)
def test_games_of_any_shape(rule):
    rng = np.random.default_rng(3)
    for n_actions in ((1, 1), (1, 3), (4, 2), (5, 5)):
        learner = rule(random_matrix_game(rng, *n_actions), seeds=2)
        recording = record(learner, 50, 10)
        policies = recording.series("policies")
        np.testing.assert_allclose(np.nansum(policies, axis=-1), 1, atol=1e-12)
        assert np.nanmin(policies) >= 0


@pytest.mark.parametrize("rule", ALL)
def test_interrupted_between_seeds_it_goes_on_as_if_nothing_had_happened(rule, monkeypatch):
    whole, cut = (rule(matching_pennies(), seeds=3) for _ in range(2))
    whole.advance(20)
    play, calls = rule._play, []

    def interrupted(self, n, k, *rest):
        calls.append(k)
        if calls == [0, 1]:
            raise KeyboardInterrupt
        return play(self, n, k, *rest)

    monkeypatch.setattr(rule, "_play", interrupted)
    if rule in PLAYS:
        with pytest.raises(KeyboardInterrupt):
            cut.advance(20)
        assert cut.units_done == 20
    else:  # all seeds in one compiled call
        cut.advance(20)
    for name, values in whole.frame().items():
        np.testing.assert_array_equal(cut.frame()[name], values)


def test_starting_points_in_all_the_ways_they_may_be_given():
    game = matching_pennies()
    wanted = np.array([[[0.25, 0.75], [1, 0]], [[0.5, 0.5], [0.1, 0.9]]])
    for starts in (wanted, wanted.tolist(), [(0.25, 1), (0.5, 0.1)], wanted[..., 0], [[0.25, [1, 0]], [0.5, 0.1]]):
        found = dynamics.Replicator(game, starts)
        np.testing.assert_allclose(found.frame()["policies"], wanted, atol=1e-15)
    frame = dynamics.Replicator(random_matrix_game(np.random.default_rng(0), 2, 3), seeds=4).frame()
    again = dynamics.Replicator(random_matrix_game(np.random.default_rng(0), 2, 3), frame["policies"])
    np.testing.assert_allclose(again.frame()["policies"], frame["policies"], atol=1e-15)


def test_seeds_beyond_the_given_starts_are_drawn_and_fewer_are_the_first():
    starts = [(0.1, 0.2), (0.3, 0.4)]
    more, drawn = (
        dynamics.Replicator(matching_pennies(), starts, seeds=4),
        dynamics.Replicator(matching_pennies(), seeds=4),
    )
    np.testing.assert_array_equal(more.frame()["policies"][2:], drawn.frame()["policies"][2:])
    more.restart(seeds=1)
    np.testing.assert_allclose(more.frame()["policies"][0, :, 0], starts[0])


def test_drawn_starting_points_are_uniform():
    learner = dynamics.Replicator(rock_paper_scissors(), seeds=4000)
    policies = learner.frame()["policies"]
    np.testing.assert_allclose(policies.mean(axis=0), 1 / 3, atol=0.015)
    np.testing.assert_allclose(policies.var(axis=0), 1 / 18, atol=0.004)


@pytest.mark.parametrize("rule", ALL)
def test_other_payoffs_take_effect_and_are_those_of_the_frame(rule):
    game, other = matching_pennies(), prisoners_dilemma()
    learner = rule(game, seeds=2)
    learner.advance(30)
    before = learner.frame()["policies"]
    learner.set_payoffs(other.rewards[:, 0])
    frame = learner.frame()
    np.testing.assert_array_equal(frame["policies"], before)
    np.testing.assert_array_equal(frame["tables"][1], other.rewards[:, 0])
    np.testing.assert_array_equal(learner.game.rewards, other.rewards)
    assert learner.game.actions == game.actions
    learner.reset()
    fresh = rule(other, seeds=2)
    for one in (learner, fresh):
        one.advance(50)
    for name, values in fresh.frame().items():
        np.testing.assert_array_equal(learner.frame()[name], values)
    assert learner.clone().frame()["tables"].tolist() == frame["tables"].tolist()


@pytest.mark.parametrize("rule", ALL)
def test_whatever_the_rule_dominance_prevails(rule):
    learner = rule(prisoners_dilemma(), seeds=3)
    learner.advance(20_000)
    loosely = rule is dynamics.SmoothQLearning
    assert (learner.frame()["policies"][:, :, 1] > (0.98 if loosely else 0.999)).all()


@pytest.mark.parametrize("rule", ALL)
@given(data=st.data())
def test_policies_stay_policies_under_any_payoffs(rule, data):
    numbers = st.floats(-100, 100, allow_subnormal=False)
    tables = np.array(data.draw(st.lists(numbers, min_size=8, max_size=8))).reshape(2, 2, 2)
    shares = st.sampled_from([0.0, 1.0]) | st.floats(0, 1)
    start = data.draw(st.tuples(shares, shares))
    learner = rule(matrix_game(tables), [start])
    if "integrator" in learner.declared():
        learner.set(integrator=data.draw(st.sampled_from(["flow", "steps"])))
    learner.advance(25)
    frame = learner.frame()
    np.testing.assert_allclose(frame["policies"].sum(axis=-1), 1, atol=1e-9)
    assert frame["policies"].min() >= 0 and frame["averages"].min() >= 0
    assert frame["exploitability"].min() >= 0
    assert np.abs(frame["regret"]).max() <= 2 * 100 + 1e-9


class TestBadInput:
    def refused(self, words, *arguments, error=ValueError, **options):
        with pytest.raises(error) as caught:
            dynamics.Replicator(*arguments, **options)
        message = str(caught.value)
        assert words in message and "; expected " in message and "\n" not in message
        return message

    def test_games(self):
        self.refused("has 2 agents and 5 states", random_game(n_agents=2, n_states=5, n_actions=2, rng=0))
        self.refused("has 3 agents", matrix_game(np.zeros((3, 2, 2, 2))))
        self.refused("has (31, 1) actions", matrix_game(np.zeros((2, 31, 1))))
        self.refused("1e+07", matrix_game(np.full((2, 2, 2), 1e7)))
        self.refused("game is 'pennies'", "pennies")

    @pytest.mark.parametrize(
        "starts",
        [
            [], 3, "a", [[0.5]], [[0.5, 1.1]], [[0.5, float("nan")]], [[0.5, "a"]], [[[0.5, 0.6], [1, 0]]], [0.5, 0.5],
            [[[-0.5, 1.5], [1, 0]]], [[[1, 0, 0], [1, 0]]], [[[1], [1]]], {0: 1}, [[None, 0.5]], [[True, 0.5]],
        ],
    )  # fmt: skip
    def test_starts(self, starts):
        self.refused("starts", matching_pennies(), starts)

    def test_a_share_will_not_do_for_three_actions(self):
        self.refused("starts[0][0]", rock_paper_scissors(), [(0.5, 0.5)])

    @pytest.mark.parametrize(
        "tables", [np.zeros((2, 2, 3)), np.zeros((2, 2)), [[["a"] * 2] * 2] * 2, np.full((2, 2, 2), np.inf), 3]
    )
    def test_payoffs_leave_all_as_it_was(self, tables):
        learner = dynamics.FictitiousPlay(matching_pennies())
        learner.advance(3)
        before = learner.frame()
        with pytest.raises(ValueError, match="payoffs"):
            learner.set_payoffs(tables)
        for name, values in learner.frame().items():
            np.testing.assert_array_equal(values, before[name])

    def test_wolf_and_one_population_are_not_for_every_game(self):
        with pytest.raises(ValueError, match="two each"):
            dynamics.WoLFGradient(rock_paper_scissors())
        self.refused("not symmetric", matching_pennies(), populations="one", error=HyperparameterError)
        one = dynamics.Replicator(prisoners_dilemma(), populations="one")
        one.set_payoffs(matching_pennies().rewards[:, 0])
        with pytest.raises(HyperparameterError, match="not symmetric"):
            one.advance(1)

    def test_a_step_too_long_to_follow(self):
        learner = dynamics.Replicator(matrix_game(np.array([[1e6, 0], [0, 0]])), step_size=10)
        with pytest.raises(HyperparameterError, match="a smaller step size, or smaller payoffs"):
            learner.advance(1)

    def test_velocities(self):
        tables = np.zeros((2, 2, 3))
        with pytest.raises(ValueError, match="A the larger"):
            dynamics.Replicator.velocity(tables, np.zeros((2, 2)))
        with pytest.raises(ValueError, match="did you mean 'temperature'"):
            dynamics.SmoothQLearning.velocity(np.zeros((2, 2, 2)), np.zeros((2, 2)), temprature=1)
        with pytest.raises(HyperparameterError):
            dynamics.SmoothQLearning.velocity(np.zeros((2, 2, 2)), np.zeros((2, 2)), temperature=-1)


@pytest.mark.parametrize("rule", ALL)
def test_hyperparameters_are_refused_and_accepted_on_the_way(rule):
    learner = rule(matching_pennies(), seeds=2)
    for name, trait in rule.declared().items():
        kept = getattr(learner, name)
        good = trait.metadata["choices"] if isinstance(trait, Choice) else (trait.min, trait.max)
        for bad in ("no", None, float("nan"), True, 10**400):
            with pytest.raises(HyperparameterError):
                learner.set(**{name: bad})
        for value in good:
            if value != "one":  # population: matching pennies is not symmetric
                learner.set(**{name: value})
                learner.advance(2)
                assert np.nanmin(learner.frame()["policies"]) >= 0
        learner.set(**{name: kept})


def test_every_rule_is_public():
    for rule in ALL:
        assert getattr(learning, rule.__name__) is rule and rule.__name__ in learning.__all__
        assert issubclass(rule, MatrixDynamics)
    with pytest.raises(ValueError, match="populations"):
        climbing_once = dynamics.Replicator(climbing(), populations="three")
        climbing_once.advance(1)

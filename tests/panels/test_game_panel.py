"""A panel in which the game is edited: from code, as the table of payoffs asks, and with bad input."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from marl_edu import record
from marl_edu.games import chicken, climbing, matching_pennies, matrix_game, prisoners_dilemma
from marl_edu.learning.dynamics import GradientAscent, TwoByTwo
from marl_edu.learning.dynamics.two_by_two import DYNAMICS, PAYOFFS
from marl_edu.panels import GamePanel, Panel, PayoffTable
from marl_edu.panels.game_panel import FRAMES
from marl_edu.views import UnitSquare

UNEQUAL = "payoffs can't be read as a table of numbers .rows of unequal length"
TOO_MANY = "UnitSquare: the agents have 3 and 3 actions; expected two"
STARTS = [[x, y] for x in (0.2, 0.5, 0.8) for y in (0.3, 0.6, 0.9)]


@pytest.fixture
def panel():
    learner = TwoByTwo(matching_pennies(), starts=STARTS)
    made = GamePanel(learner, UnitSquare(TwoByTwo.velocity), [chicken(), prisoners_dilemma()], units=60)
    made.run()
    yield made
    made.close()


def policies(panel):
    return panel.recording[-1]["policies"][:, :, 0]


def test_a_changed_payoff_is_as_if_the_run_had_been_made_with_it(panel):
    moments = panel.recording.units.tolist()
    panel.edit(0, 0, 1, 2.5)
    fresh = TwoByTwo(matching_pennies(), starts=STARTS, a12=2.5)
    fresh.advance(60)
    assert panel.recording.units.tolist() == moments and panel.recording.units[-1] == 60
    assert np.allclose(policies(panel), fresh.frame()["policies"][:, :, 0], atol=1e-12)
    assert (panel.recording[0]["tables"] == panel.algorithm.tables).all()
    assert panel.recording.game.rewards[0, 0, 0, 1] == 2.5


@pytest.mark.parametrize("shown", [0, 12, 60])
def test_the_moment_that_is_shown_stays(panel, shown):
    panel.seek(shown)
    before = panel.recording.units[panel.moment]
    panel.edit(1, 1, 1, -4)
    assert panel.recording.units[panel.moment] == before


def test_of_a_long_run_not_all_moments_are_kept_but_the_one_that_is_shown(panel):
    learner = TwoByTwo(matching_pennies(), starts=STARTS)
    long = GamePanel(learner, UnitSquare(), units=900)
    long._session.finish(900)
    long.seek(37)
    long.edit(0, 0, 0, 3)
    assert FRAMES <= len(long.recording) <= FRAMES + 3 and long.recording.units[-1] == 900
    assert long.recording.units[long.moment] == 37
    long.close()


def test_every_step_of_a_run_is_drawn_however_it_came_about():
    """A circle through every third of its steps has corners."""

    def made():
        return GamePanel(TwoByTwo(matching_pennies(), STARTS), UnitSquare(), units=300)

    def assert_fine(panel):
        assert panel.recording.units.tolist() == list(range(301))
        panel.edit(0, 0, 0, 3)
        assert panel.recording.units.tolist() == list(range(301))
        panel.close()

    assert_fine(made().run())
    for speed in (0, 1000):
        panel = made()
        panel._session.set_speed(speed)
        panel.play()
        while panel.playing:
            panel._session._due = 0.0  # as if time had passed
            panel.tick()
        assert_fine(panel)
    still = made()._preview()
    assert still.recording.units.tolist() == list(range(301))


@pytest.mark.parametrize("rule", DYNAMICS)
def test_controls_that_the_rule_does_not_read_are_grey(panel, rule):
    """Grey exactly where another value changes nothing."""
    panel.set(rule=rule)
    panel._say()
    for name, values in (("integrator", ("flow", "steps")), ("step_size", (0.05, 0.5))):
        runs = []
        for value in values:
            learner = TwoByTwo(matching_pennies(), STARTS, rule=rule, **{name: value})
            learner.advance(20)
            runs.append(learner.frame()["policies"])
        changes = not np.array_equal(*runs)
        assert panel.board.controls[name].disabled is not changes and panel.algorithm.plays_a_part(name) is changes
    assert not panel.board.controls["rule"].disabled and "reset" not in panel.board.controls["rule"].tooltip


def test_games_and_rules_of_the_menus_are_taken(panel):
    panel.choose("chicken")
    assert (panel.algorithm.tables == chicken().rewards[:, 0]).all()
    assert panel._table.values[0] == [[6, 2], [7, 0]] and panel._table.actions[0] == ["swerve", "straight"]
    panel.board.controls["rule"].value = "replicator"
    assert panel.algorithm.rule == "replicator" and "replicator" in panel.recording.hyperparameters(-1).values()
    panel._menu.value = "prisoner's dilemma"
    assert policies(panel).max() < 0.5, "all learn to defect"
    panel.edit(0, 0, 0, 9)
    assert panel._menu.value == "a game of your own"


def test_the_table_asks_and_is_answered(panel):
    panel._wished([0, 1, 1], 2)
    assert panel.algorithm.a22 == 2 and panel._table.values[0][1][1] == 2
    for at, value in (([0, 1, 1], "two"), ([0, 1, 1], 11), ([2, 0, 0], 1), (None, 1), ([0, 0, 0], None)):
        with pytest.raises(ValueError, match="expected"):
            panel._wished(at, value)
    assert panel.algorithm.a22 == 2


def test_what_is_typed_wrongly_is_said_in_the_panel_and_changes_nothing(panel):
    before = policies(panel).copy()
    panel._engine.ask(panel._wished, [1, 0, 1], "lots")
    words = "payoff of agent 2 for (heads, tails) is"
    assert words in panel.board.notice.value and "expected a number from -10 to 10" in panel.board.notice.value
    assert (policies(panel) == before).all()


def test_nothing_of_it_breaks_playing_on(panel):
    panel.edit(0, 0, 0, 3)
    panel.play()
    panel.run()
    assert panel.recording.units[-1] == 120
    assert panel._stale() == ""


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: GamePanel(GradientAscent(chicken()), UnitSquare(), units=9), "expected a TwoByTwo"),
        (lambda: GamePanel(TwoByTwo(chicken()), UnitSquare(), [climbing()], units=9), "3 x 3"),
        (lambda: GamePanel(TwoByTwo(climbing()), UnitSquare(), units=9), "1 state and 3 x 3 actions"),
        (lambda: matrix_game([[[1, 0], [0, 1]], [[1, 0, 2], [0, 1, 2]]]), UNEQUAL),
        (lambda: matrix_game([[[1, 0], [0, 1]], [[1, 0]]]), UNEQUAL),
        (lambda: matrix_game([[1, 0], [0]]), UNEQUAL),
        (lambda: UnitSquare()(plt.figure().add_subplot(), record(GradientAscent(climbing()), 2, 1), 0), TOO_MANY),
        (lambda: Panel(GradientAscent(climbing()), UnitSquare(), units=2), TOO_MANY),
        (lambda: PayoffTable(matrix_game(np.zeros((2, 4, 4)))), "at most 3 actions each"),
        (lambda: TwoByTwo(climbing()), "expected one state and two agents with two actions each"),
        (lambda: TwoByTwo(chicken(), a11=11), "a11 is 11; expected a number from -10 to 10"),
        (lambda: TwoByTwo(chicken()).set_payoffs(np.zeros((2, 2, 3))), "expected \\(2, 2, 2\\)"),
        (lambda: TwoByTwo(chicken()).set(rule="guessing"), "rule"),
        (lambda: PayoffTable(chicken().replace(rewards=chicken().rewards * 1)).place([0, 0, 2]), "column"),
    ],
)
def test_bad_input(make, words):
    with pytest.raises(ValueError, match=words):
        make()


@pytest.mark.parametrize("rule", DYNAMICS)
def test_every_rule_runs_as_by_itself(rule):
    game = chicken()
    ours, own = TwoByTwo(game, STARTS, rule=rule, seed=3), DYNAMICS[rule](game, STARTS, seed=3)
    shared = {name: getattr(ours, name) for name in ("step_size", "integrator") if name in own.declared()}
    own.set(**shared)
    ours.advance(40)
    own.advance(40)
    for name, values in own.frame().items():
        assert np.array_equal(ours.frame()[name], values, equal_nan=True), name


def test_payoffs_may_change_on_the_way_and_a_copy_begins_with_them():
    learner = TwoByTwo(matching_pennies(), STARTS)
    recording = record(learner, units=10, every=5)
    learner.set(a11=5)
    assert learner.game.rewards[0, 0, 0, 0] == 5 and recording[-1]["tables"][0, 0, 0, 0] == 1
    assert learner.clone().tables[0, 0, 0] == 5
    assert PAYOFFS[:4] == ("a11", "a12", "a21", "a22")


def test_the_field_of_a_rule_is_its_velocity_or_points_to_best_responses():
    tables, points = matching_pennies().rewards[:, 0], np.array([[[0.7, 0.3], [0.2, 0.8]]])
    assert np.allclose(TwoByTwo.velocity(tables, points), GradientAscent.velocity(tables, points))
    towards = TwoByTwo.velocity(tables, points, rule="fictitious play")
    assert np.allclose(towards, [[[-0.7, 0.7], [-0.2, 0.2]]])  # tails is best against 0.2 heads, tails against 0.7


@pytest.mark.parametrize("rule", DYNAMICS)
def test_every_rule_takes_every_step_size_or_its_own_largest(rule):
    """Best responses go at most all the way, so that the slider of the other rules goes further than theirs."""
    largest = TwoByTwo.declared()["step_size"].max
    learner = TwoByTwo(chicken(), STARTS, rule=rule, step_size=largest)
    learner.advance(5)
    assert np.isfinite(learner.frame()["policies"]).all()
    learner.set(step_size=0.01)
    learner.set(step_size=largest)
    learner.advance(5)
    own = DYNAMICS[rule](chicken(), STARTS)
    if "step_size" in own.declared():
        own.set(step_size=min(largest, own.declared()["step_size"].max))
    own.advance(10)
    np.testing.assert_allclose(learner.frame()["policies"], own.frame()["policies"], atol=1e-12)
    assert learner.step_size == largest


def test_a_panel_may_change_to_best_responses_whatever_the_step_size(panel):
    panel.algorithm.set(step_size=2)
    panel.board.controls["rule"].value = "best response"
    panel.run()
    assert np.isin(policies(panel), (0, 1)).all(), "all the way in one step"

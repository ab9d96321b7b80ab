"""Flows against closed forms, an independent integrator, and what they conserve."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from marl_edu.games import (
    battle_of_the_sexes,
    matching_pennies,
    matrix_game,
    prisoners_dilemma,
    rock_paper_scissors,
    stag_hunt,
)
from marl_edu.learning.dynamics import Flow, GradientAscent, Replicator, SmoothQLearning, WoLFGradient
from marl_edu.learning.dynamics import velocities as rules
from marl_edu.learning.dynamics.integrate import field as rules_field
from marl_edu.planning import best_response_gains

FLOWS = [GradientAscent, WoLFGradient, Replicator, SmoothQLearning]


def shares(learner):
    """Both agents' probabilities of their first actions, (K, 2)."""
    return learner.frame()["policies"][:, :, 0]


def mixed_profile(n_rows, n_columns, rng):
    policies = np.zeros((2, max(n_rows, n_columns)))
    policies[0, :n_rows], policies[1, :n_columns] = rng.dirichlet(np.ones(n_rows)), rng.dirichlet(np.ones(n_columns))
    return policies


# --- velocities --------------------------------------------------------------------------------------------------


def plain_velocity(rule, tables, policies, temperature=0.2):
    """The equations once more, in numpy, for points inside."""
    n_rows, n_columns = tables.shape[1:]
    x, y = policies[0, :n_rows], policies[1, :n_columns]
    found = np.full(policies.shape, np.nan)
    for i, (u, p) in enumerate(((tables[0] @ y, x), (x @ tables[1], y))):
        if rule is GradientAscent:
            n = len(p)
            v = u * 0 if n == 1 else np.array([u[a] - np.delete(u, a).mean() for a in range(n)])
        else:
            v = p * (u - p @ u)
            if rule is SmoothQLearning:
                v = v - temperature * p * (np.log(p) - p @ np.log(p))
        found[i, : len(p)] = v
    return found


@pytest.mark.parametrize("rule", [GradientAscent, Replicator, SmoothQLearning])
@pytest.mark.parametrize("n_actions", [(2, 2), (3, 3), (2, 4), (1, 3)])
def test_velocities_are_the_equations(rule, n_actions):
    rng = np.random.default_rng(0)
    tables = rng.normal(size=(5, 1, 2, *n_actions))
    points = np.stack([mixed_profile(*n_actions, rng) for _ in range(7)])
    found = rule.velocity(tables, points)
    assert found.shape == (5, 7, 2, max(n_actions))
    for g in range(5):
        for m in range(7):
            np.testing.assert_allclose(found[g, m], plain_velocity(rule, tables[g, 0], points[m]), atol=1e-12)
    np.testing.assert_allclose(np.nansum(found, axis=-1), 0, atol=1e-12)


@pytest.mark.parametrize("rule", FLOWS)
def test_the_learner_moves_by_its_velocity(rule):
    game = matrix_game(np.random.default_rng(4).normal(size=(2, 2, 2)))
    learner = rule(game, seeds=20, step_size=1e-4)
    before = learner.frame()
    learner.advance(1)
    moved = (learner.frame()["policies"] - before["policies"]) / 1e-4
    np.testing.assert_allclose(moved, rule.velocity(before["tables"], before["policies"]), atol=3e-3)


def test_gradient_ascent_is_the_published_pair_of_equations():
    a, b = np.random.default_rng(2).normal(size=(2, 2, 2))
    for x, y in np.random.default_rng(3).random((20, 2)):
        found = GradientAscent.velocity([a, b], [[x, 1 - x], [y, 1 - y]])[:, 0]
        u_a, u_b = (table[0, 0] + table[1, 1] - table[1, 0] - table[0, 1] for table in (a, b))
        wanted = u_a * y - (a[1, 1] - a[0, 1]), u_b * x - (b[1, 1] - b[1, 0])
        np.testing.assert_allclose(found, wanted, atol=1e-12)


def test_at_the_edge_the_gradient_does_not_lead_out():
    tables = np.array([[[0, 0, 0], [1, 1, 1], [2, 2, 2.0]]] * 2)
    tables[1] = tables[0].T
    start = np.array([[0, 0.5, 0.5], [0, 0, 1]])
    np.testing.assert_allclose(GradientAscent.velocity(tables, start), [[0, -0.75, 0.75], [0, 0, 0]])
    np.testing.assert_allclose(
        GradientAscent.velocity(tables[::-1] * 0 + tables * -1, start), [[1.5, 0, -1.5]] * 2, atol=3
    )


# --- the integrator ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", [Replicator, SmoothQLearning])
@pytest.mark.parametrize("n_actions", [(2, 2), (3, 4)])
def test_smooth_flows_agree_with_an_independent_integrator(rule, n_actions):
    rng = np.random.default_rng(7)
    game = matrix_game(rng.normal(size=(2, *n_actions)))
    learner = rule(game, seeds=3, step_size=0.25)
    start = learner.frame()["policies"]
    shape, tables = start.shape[1:], game.rewards[:, 0]
    learner.advance(40)
    for k in range(3):
        there = np.nan_to_num(start[k]).ravel()
        exact = solve_ivp(
            lambda t, x: np.nan_to_num(rule.velocity(tables, x.reshape(shape))).ravel(), (0, 10), there,
            method="DOP853", rtol=1e-11, atol=1e-13, dense_output=True,
        )  # fmt: skip
        found = learner.frame()
        np.testing.assert_allclose(np.nan_to_num(found["policies"][k]).ravel(), exact.y[:, -1], atol=1e-7)
        moments = exact.sol(np.linspace(0, 10, 4001)).reshape(*shape, -1)
        play = np.einsum("at,bt->abt", moments[0, : n_actions[0]], moments[1, : n_actions[1]])
        average = np.trapezoid(play, dx=1 / 4000, axis=-1)
        np.testing.assert_allclose(found["joint_play"][k], average, atol=1e-6)
    np.testing.assert_allclose(found["time"], 10)


def test_inside_the_square_gradient_ascent_is_linear():
    """Against the matrix exponential, which is exact: centre, saddle and singular."""
    for game in (matching_pennies(), battle_of_the_sexes(), matrix_game([[[1, 0], [0, 0.5]], [[0, 1], [0, 1]]])):
        a, b = game.rewards[:, 0]
        u_a, u_b = (table[0, 0] + table[1, 1] - table[1, 0] - table[0, 1] for table in (a, b))
        linear = np.array([[0, u_a, a[0, 1] - a[1, 1]], [u_b, 0, b[1, 0] - b[1, 1]], [0, 0, 0]])
        learner = GradientAscent(game, [(0.45, 0.52), (0.6, 0.4), (0.3, 0.5)], step_size=0.01)
        start = shares(learner)
        learner.advance(8)
        wanted = np.c_[start, np.ones(3)] @ expm(0.08 * linear).T
        assert wanted.min() > 0 and wanted.max() < 1.001
        np.testing.assert_allclose(shares(learner), wanted[:, :2], atol=1e-9)


def test_the_centre_of_gradient_ascent_is_closed():
    """Ten turns of the exact period end where they began, to 1e-5; a turn to 1e-6."""
    period = 2 * np.pi / 4
    learner = GradientAscent(matching_pennies(), [(0.5, r) for r in (0.55, 0.7, 0.85, 0.99)], step_size=period / 20)
    start = shares(learner)
    learner.advance(20)
    np.testing.assert_allclose(shares(learner), start, atol=1e-6)
    learner.advance(180)
    np.testing.assert_allclose(shares(learner), start, atol=1e-5)


def test_an_orbit_that_meets_the_edge_slides_along_it_and_leaves_where_the_gradient_turns():
    """From (0, y) it waits at the edge until y crosses 1/2, and then follows the largest circle inside the square."""
    learner = GradientAscent(matching_pennies(), [(0.95, 0.9)], step_size=1e-3)
    touched = []
    for _ in range(4000):
        learner.advance(1)
        touched.append(shares(learner)[0])
    radius = np.hypot(*(np.array(touched) - 0.5).T)
    assert radius[0] > 0.55
    np.testing.assert_allclose(radius[-1600:], 0.5, atol=1e-7)
    coarse = GradientAscent(matching_pennies(), [(0.95, 0.9)], step_size=0.5)
    coarse.advance(8)
    np.testing.assert_allclose(shares(coarse)[0], touched[-1], atol=1e-5)


def test_average_payoffs_of_gradient_ascent_tend_to_an_equilibriums_in_each_case():
    """Singh, Kearns and Mansour's theorem: a centre inside, a centre outside, a saddle, a singular game."""
    outside = matrix_game([[[3, 0], [1, 0.5]], [[0, 1], [0.6, 0.4]]])  # u_A u_B < 0
    cases = {
        matching_pennies(): [(0, 0)],
        battle_of_the_sexes(): [(2, 1), (1, 2)],
        prisoners_dilemma(): [(1, 1)],
        stag_hunt(): [(2, 2), (1, 1)],
        outside: None,
    }
    for game, payoffs in cases.items():
        learner = GradientAscent(game, seeds=10, step_size=0.5)
        learner.advance(3000)
        found = learner.frame()["average_payoffs"]
        if payoffs is None:
            averages = learner.frame()["averages"]
            gains = [best_response_gains(game, [row[0:1], row[1:2]]).max() for row in averages]
            assert max(gains) < 5e-3
        else:
            gap = np.abs(found[:, None] - np.array(payoffs)).max(axis=-1).min(axis=1)
            assert gap.max() < 5e-3, game.name


@given(st.lists(st.floats(-3, 3), min_size=8, max_size=8), st.floats(0, 1), st.floats(0, 1))
def test_cutting_steps_finer_changes_nothing(payoffs, x, y):
    """The flow does not depend on its steps, edges and changes of rate included."""
    game = matrix_game(np.round(payoffs, 2).reshape(2, 2, 2))
    for rule in FLOWS:
        coarse, fine = rule(game, [(x, y)], step_size=0.5), rule(game, [(x, y)], step_size=0.05)
        coarse.advance(4)
        fine.advance(40)
        gap = np.abs(shares(coarse) - shares(fine)).max()
        moved = np.abs(rule.velocity(game.rewards[:, 0], fine.frame()["policies"])).max()
        assert gap < 1e-5 * (1 + moved), rule.__name__


# --- what is conserved, and what is reached ----------------------------------------------------------------------


def test_replicator_constants():
    """x (1 - x) y (1 - y) in matching pennies and x1 x2 x3 in rock-paper-scissors: to 1e-6 over a time of 1000."""
    pennies = Replicator(matching_pennies(), seeds=9, step_size=0.5)
    circle = Replicator(rock_paper_scissors(), seeds=9, step_size=0.5, populations="one")
    for learner in (pennies, circle):
        constant = learner.frame()["policies"].prod(axis=(1, 2))
        for _ in range(20):
            learner.advance(100)
            now = learner.frame()["policies"].prod(axis=(1, 2))
            np.testing.assert_allclose(now, constant, atol=1e-8)
            np.testing.assert_allclose(now, constant, rtol=1e-5)


def test_replicator_keeps_its_digits_next_to_a_corner():
    learner = Replicator(matching_pennies(), [(1e-9, 0.3)], step_size=0.5)
    constant = learner.frame()["policies"].prod()
    learner.advance(400)
    np.testing.assert_allclose(learner.frame()["policies"].prod(), constant, rtol=1e-5)


def test_a_step_of_any_size_spirals_outward():
    for rule in (Replicator, GradientAscent):
        for step_size in (0.02, 0.1):
            learner = rule(matching_pennies(), [(0.5, 0.55)], integrator="steps", step_size=step_size)
            radius = []
            for _ in range(20):
                radius.append(np.hypot(*(shares(learner)[0] - 0.5)))
                learner.advance(1)
            assert (np.diff(radius) > 0).all()
    growth = np.sqrt(1 + (4 * 0.02) ** 2)  # gradient ascent: exactly, with each step
    learner = GradientAscent(matching_pennies(), [(0.5, 0.6)], integrator="steps", step_size=0.02)
    learner.advance(100)
    assert np.hypot(*(shares(learner)[0] - 0.5)) == pytest.approx(0.1 * growth**100, rel=1e-9)


def test_one_population_is_two_that_start_alike():
    starts = np.random.default_rng(0).dirichlet(np.ones(3), size=(4, 1)).repeat(2, axis=1)
    one, two = (Replicator(rock_paper_scissors(), starts, populations=kind) for kind in ("one", "two"))
    for learner in (one, two):
        learner.advance(200)
    np.testing.assert_allclose(one.frame()["policies"], two.frame()["policies"], atol=1e-12)


@pytest.mark.parametrize("rates", [(0.5, 2.0), (0.2, 1.0), (1.0, 1.0)])
def test_wolf_shrinks_a_quarter_turn_by_the_root_of_the_rates(rates):
    """A quarter takes pi / (2 sqrt(l_min l_max) 4) of time in matching pennies."""
    low, high = rates
    quarter = np.pi / 2 / (4 * np.sqrt(low * high))
    learner = WoLFGradient(matching_pennies(), [(0.5, 0.9)], winning_rate=low, losing_rate=high, step_size=quarter / 25)
    for turn in range(1, 9):
        learner.advance(25)
        distance = np.hypot(*(shares(learner)[0] - 0.5))
        assert distance == pytest.approx(0.4 * np.sqrt(low / high) ** turn, rel=1e-5)


def test_wolf_settles_where_gradient_ascent_circles():
    rng = np.random.default_rng(11)
    circling = 0
    for _ in range(40):
        game = matrix_game(rng.normal(size=(2, 2, 2)))
        gradient, wolf = (rule(game, seeds=3, step_size=0.5) for rule in (GradientAscent, WoLFGradient))
        for learner in (gradient, wolf):
            learner.advance(400)
        assert wolf.frame()["exploitability"].max() < 1e-4
        circling += gradient.frame()["exploitability"].max() > 1e-2
    assert circling >= 3


def test_smooth_q_rests_where_policies_are_softmax_of_payoffs():
    rng = np.random.default_rng(5)
    for temperature in (0.1, 0.5, 2):
        own = rng.normal(size=(3, 3))
        learner = SmoothQLearning(matrix_game([own, -own]), seeds=5, temperature=temperature, step_size=1)
        learner.advance(2000)
        x, y = learner.frame()["policies"][0]
        for policy, payoffs in ((x, own @ y), (y, -x @ own)):
            weights = np.exp(payoffs / temperature)
            np.testing.assert_allclose(policy, weights / weights.sum(), atol=1e-7)
        assert np.ptp(learner.frame()["policies"], axis=0).max() < 1e-7


def test_smooth_q_without_temperature_is_the_replicator():
    game = battle_of_the_sexes()
    cold, replicator = SmoothQLearning(game, seeds=3, temperature=0), Replicator(game, seeds=3)
    for learner in (cold, replicator):
        learner.advance(100)
    np.testing.assert_allclose(cold.frame()["policies"], replicator.frame()["policies"], atol=1e-12)


@pytest.mark.parametrize(
    ("game", "rates"),
    [
        (prisoners_dilemma(), (2.0, 2.0)),  # defection is dominant: to cooperate at all is to lose
        (matrix_game([[[1, 0], [0, 0.5]], [[0, 1], [0, 1]]]), (0.5, 2.0)),  # singular: only agent 2 loses
        (matrix_game([[[1, 1], [0, 0]], [[0, 1], [1, 0]]]), (2.0, 0.5)),  # agent 2 wins while agent 1 is still wrong
    ],
)
def test_without_a_mixed_equilibrium_wolf_compares_itself_with_the_pure_one(game, rates):
    """Here half and half as the policy to compare with would give an agent, or both, the other rate."""
    point, tables = np.array([[0.25, 0.75], [0.4, 0.6]]), game.rewards[:, 0]
    wanted = np.array(rates)[:, None] * GradientAscent.velocity(tables, point)
    np.testing.assert_allclose(WoLFGradient.velocity(tables, point), wanted, atol=1e-12)
    learner = WoLFGradient(game, [(0.25, 0.4)], step_size=1e-4)
    learner.advance(1)
    np.testing.assert_allclose((learner.frame()["policies"][0] - point) / 1e-4, wanted, atol=2e-3)


def test_a_rule_without_a_branch_is_refused_and_not_taken_for_another():
    class Forgotten(Flow):
        rule = len(rules.FLOWS)

    learner = Forgotten(matching_pennies(), starts=[[0.3, 0.8]])
    with pytest.raises(NotImplementedError, match="no branch for this rule"):
        learner.advance(1)
    with pytest.raises(NotImplementedError, match="no branch for this rule"):
        Forgotten.velocity(matching_pennies().rewards[:, 0], [[0.3, 0.7], [0.8, 0.2]])


def test_every_flow_has_a_branch_of_its_own():
    """In a symmetric game at a point where all differ, but for one population, which is the replicator there."""
    tables, policies = np.array([[[3.0, 0], [5, 1]], [[3, 5], [0, 1]]]), np.array([[[0.3, 0.7], [0.3, 0.7]]])
    found = {}
    for rule, name in enumerate(rules.FLOWS):
        velocity, work = np.full(policies.shape, np.nan), np.zeros((2, 2))
        rules_field(rule, tables[None], policies, np.array([0.5, 2.0]), velocity, work)
        assert np.isfinite(velocity).all() and abs(velocity.sum(axis=-1)).max() < 1e-12
        found[name] = tuple(velocity.ravel().round(9))
    assert found.pop("one population") == found["replicator"]
    assert len(set(found.values())) == len(found)
    assert {rules.FLOWS[rule] for rule in rules.CLIMBING} == {"gradient", "wolf"}

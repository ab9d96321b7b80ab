"""All equilibria of bimatrix games, held against two libraries, brute force, known degenerate games, and theory."""

import itertools
import time
import warnings

import nashpy
import numpy as np
import pytest
from equilibrium_cases import DEGENERATE, equilibria_by_brute_force, nash_subsets_by_brute_force, tables
from hypothesis import example, given, settings
from hypothesis import strategies as st
from quantecon.game_theory import NormalFormGame, Player
from quantecon.game_theory import support_enumeration as quantecon_supports

from marl_edu.games import (
    battle_of_the_sexes,
    chicken,
    matching_pennies,
    matrix_game,
    penalty,
    random_game,
    rock_paper_scissors,
    shapley_game,
)
from marl_edu.planning import equilibria, exploitability, is_equilibrium, pure_equilibria, support_enumeration
from marl_edu.planning.polytopes import TooLarge, whole_numbers

SIZES = st.tuples(st.integers(1, 5), st.integers(1, 5))


def as_points(found):
    """Equilibria as a sorted list of tuples of all probabilities."""
    return sorted(tuple(np.concatenate([table[0] for table in one.policies]).round(9) + 0.0) for one in found)


def in_any_order(pairs):
    return sorted(tuple(np.concatenate(pair).round(9) + 0.0) for pair in pairs)


@pytest.mark.parametrize("seed", range(10))
def test_random_games_have_the_equilibria_that_quantecon_finds_and_their_number_is_odd(seed):
    rng = np.random.default_rng(seed)
    for _ in range(30):
        payoffs = rng.normal(size=(2, *rng.integers(1, 7, size=2)))
        game = matrix_game(payoffs)
        found = equilibria(game)
        assert len(found) % 2 == 1 and found.complete and not found.degenerate and not found.continuum
        assert all(is_equilibrium(game, one.policies) for one in found)
        theirs = quantecon_supports(NormalFormGame((Player(payoffs[0]), Player(payoffs[1].T.copy()))))
        assert np.allclose(as_points(found), in_any_order(theirs), atol=1e-8)


@pytest.mark.parametrize("seed", range(5))
def test_random_games_have_the_equilibria_that_nashpy_finds(seed):
    rng = np.random.default_rng(seed)
    for _ in range(8):
        payoffs = rng.normal(size=(2, *rng.integers(2, 5, size=2)))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs = list(nashpy.Game(*payoffs).vertex_enumeration())
        assert np.allclose(as_points(equilibria(matrix_game(payoffs))), in_any_order(theirs), atol=1e-8)


@pytest.mark.parametrize("seed", range(10))
def test_the_taught_solver_finds_the_same_in_games_that_are_not_degenerate(seed):
    rng = np.random.default_rng(seed)
    for _ in range(10):
        game = matrix_game(rng.normal(size=(2, *rng.integers(1, 6, size=2))))
        taught = support_enumeration(game)
        assert taught.complete and not taught.degenerate
        assert np.allclose(as_points(taught), as_points(equilibria(game)), atol=1e-8)


@pytest.mark.parametrize("name", DEGENERATE)
def test_known_degenerate_games(name):
    first, second, extreme, components, continuum = DEGENERATE[name]
    game = matrix_game([first, second])
    found = equilibria(game)
    assert found.degenerate and found.complete
    assert (len(found), len(found.components), found.continuum) == (extreme, components, continuum)
    assert np.allclose(as_points(found), equilibria_by_brute_force(*tables(name)))
    assert sorted(found.nash_subsets) == nash_subsets_by_brute_force(found)
    assert ("Infinitely many" in found.words()) == continuum and "degenerate" in found.words()
    taught = support_enumeration(game)
    assert taught.degenerate and not taught.complete and "There may be more" in taught.words()
    assert set(as_points(taught)) <= set(as_points(found)) or continuum  # inside a continuum it may find others
    assert taught.continuum is None and "even infinitely many" in taught.words()


def test_a_case_with_thirteen_nash_subsets():
    assert len(equilibria(matrix_game(tables("three corners in common"))).nash_subsets) == 13


@settings(max_examples=400)
@given(SIZES, st.integers(0, 10**6), st.sampled_from([1, 2]))
def test_games_of_few_integers_have_the_extreme_equilibria_of_brute_force(shape, seed, largest):
    payoffs = np.random.default_rng(seed).integers(0, largest + 1, size=(2, *shape)).astype(float)
    game = matrix_game(payoffs)
    found = equilibria(game)
    expected = equilibria_by_brute_force(*payoffs)
    assert len(found) == len(expected) and np.allclose(as_points(found), expected)
    assert all(is_equilibrium(game, one.policies) and exploitability(game, one.policies) < 1e-9 for one in found)
    assert found.degenerate or len(found) % 2 == 1
    pure = {tuple(own[0] for own in one.support) for one in found if one.pure}
    assert pure == set(map(tuple, pure_equilibria(game).tolist()))


@settings(max_examples=400)
@given(SIZES, st.integers(0, 10**6))
def test_any_mixtures_of_a_nash_subset_are_an_equilibrium_and_subsets_are_maximal(shape, seed):
    rng = np.random.default_rng(seed)
    game = matrix_game(rng.integers(0, 2, size=(2, *shape)))
    found = equilibria(game)
    for subset in found.nash_subsets:
        spanned = [rng.dirichlet(np.ones(len(subset))) @ [found[e].policies[i][0] for e in subset] for i in (0, 1)]
        assert is_equilibrium(game, spanned)
        assert any(set(subset) <= set(piece) for piece in found.components)
    for one, other in itertools.permutations(found.nash_subsets, 2):
        assert not set(one) <= set(other)
    expected = nash_subsets_by_brute_force(found)
    assert expected is None or sorted(found.nash_subsets) == expected
    assert sorted(e for piece in found.components for e in piece) == list(range(len(found)))
    assert {e for subset in found.nash_subsets for e in subset} == set(range(len(found)))


@given(st.integers(0, 10**6))
def test_no_equilibrium_of_a_2x2_game_lies_outside_the_nash_subsets(seed):
    game = matrix_game(np.random.default_rng(seed).integers(0, 3, size=(2, 2, 2)))
    found = equilibria(game)
    boxes = [np.array([[found[e].policies[i][0, 0] for e in subset] for i in (0, 1)]) for subset in found.nash_subsets]
    for x, y in itertools.product(np.linspace(0, 1, 13), repeat=2):
        if is_equilibrium(game, [[x, 1 - x], [y, 1 - y]]):
            inside = [(box.min(axis=1) - 1e-9 <= (x, y)).all() and (box.max(axis=1) + 1e-9 >= (x, y)).all()
                      for box in boxes]  # fmt: skip
            assert any(inside)


@given(st.integers(0, 10**6), st.sampled_from([1e-9, 1e-6, 1.0, 1e9]), st.sampled_from([0.0, 1e3, -1e6, 1e8]))
@example(3797, 1e-9, -1e6)  # a continuum that was lost as rounding broke a tie
@example(134, 1e-9, -1e6)
@example(3797, 1e-9, 1e8)
@example(3797, 1e-6, 1e8)
@example(134, 1e-9, 1e8)
@example(134, 1e-6, 1e8)
@example(134, 1e9, 1e8)
def test_equilibria_do_not_depend_on_the_unit_and_the_zero_of_payoffs(seed, unit, zero):
    payoffs = np.random.default_rng(seed).integers(0, 4, size=(2, 3, 3)).astype(float)
    moved = np.stack([unit * (payoffs[0] + zero), payoffs[1]])
    before, after = equilibria(matrix_game(payoffs)), equilibria(matrix_game(moved))
    assert as_points(before) == as_points(after) and before.components == after.components
    assert before.nash_subsets == after.nash_subsets and after.complete


@given(st.integers(0, 10**6), st.floats(1e-3, 1e3), st.floats(-1e3, 1e3))
def test_nor_on_units_and_zeros_that_are_no_round_numbers(seed, unit, zero):
    payoffs = np.random.default_rng(seed).integers(0, 4, size=(2, 3, 3)).astype(float)
    before, after = equilibria(matrix_game(payoffs)), equilibria(matrix_game(unit * (payoffs + zero)))
    assert as_points(before) == as_points(after) and before.nash_subsets == after.nash_subsets


@pytest.mark.parametrize("zero", [1e11, -1e12, 1e15, 3e16])
def test_where_rounding_may_make_or_break_ties_it_is_said(zero):
    game = matrix_game([np.eye(2), zero + np.array([[4, 0], [0, 8]])])
    found = equilibria(game)
    assert not found.complete and found.continuum is not False and "There may be more" in found.words()
    assert found.reason == (
        "the payoffs of agent 2 differ by so little, for their size, that ties can't be told from rounding"
    )
    assert not support_enumeration(game).complete
    same = equilibria(matrix_game([np.eye(2), np.full((2, 2), zero)]))  # equal payoffs are a tie at any size
    assert same.complete and same.continuum


@given(st.integers(0, 10**6))
def test_rounding_does_not_break_ties(seed):
    rng = np.random.default_rng(seed)
    payoffs = rng.integers(0, 3, size=(2, 3, 3)) / 3
    dusty = payoffs + rng.uniform(-1e-15, 1e-15, size=payoffs.shape)
    assert as_points(equilibria(matrix_game(dusty))) == as_points(equilibria(matrix_game(payoffs)))


@given(st.integers(0, 10**6))
def test_who_is_agent_1_does_not_matter(seed):
    first, second = np.random.default_rng(seed).integers(0, 3, size=(2, 3, 4))
    ours = equilibria(matrix_game([first, second]))
    theirs = equilibria(matrix_game([second.T, first.T]))
    turned = sorted(point[4:] + point[:4] for point in as_points(theirs))
    assert turned == as_points(ours) and len(ours.components) == len(theirs.components)


def test_games_of_the_course():
    mixed = [[[0.5, 0.5]], [[0.5, 0.5]]]
    assert [[table.tolist() for table in one.policies] for one in equilibria(matching_pennies())] == [mixed]
    for game in (rock_paper_scissors(), shapley_game()):
        found = equilibria(game)
        assert len(found) == 1 and all(np.allclose(table, 1 / 3, atol=1e-15) for table in found[0].policies)
    assert [one.payoffs.round(3).tolist() for one in equilibria(chicken())] == [[2, 7], [7, 2], [4.667, 4.667]]
    assert len(equilibria(battle_of_the_sexes())) == 3
    teams = equilibria(penalty(-10))  # against a and c half the time, b pays 0 as they do: a tie, and an even number
    assert teams.degenerate and not teams.continuum and len(teams) == 6


@pytest.mark.parametrize("payoffs", [[[1e100, -1e100], [0, 1]], [[1e-300, 0], [0, 1e-300]], [[5e-324, 0], [0, 1e-320]]])
def test_payoffs_at_the_ends_of_what_a_float_can_hold(payoffs):
    game = matrix_game(payoffs)
    found = equilibria(game)
    assert len(found) >= 3 and all(is_equilibrium(game, one.policies) for one in found) and len(found.words()) < 600


def test_a_small_difference_on_top_of_much_is_seen():
    high = matrix_game(1e6 + 1e-3 * np.eye(2))
    assert as_points(equilibria(high)) == as_points(equilibria(matrix_game(np.eye(2))))


def test_coordination_games_have_two_to_the_n_less_one_equilibria():
    for n in range(1, 7):
        found = equilibria(matrix_game(np.eye(n)))
        assert len(found) == 2**n - 1 and not found.degenerate
        for one in found:
            assert np.isclose(one.payoffs, 1 / len(one.support[0])).all()


def test_pure_ones_come_first_and_what_is_said_is_stable():
    found = equilibria(battle_of_the_sexes())
    assert [one.pure for one in found] == [True, True, False]
    assert repr(found) == "EquilibriumSet('battle of the sexes': 3, complete)"
    assert repr(found) == repr(equilibria(battle_of_the_sexes()))
    many = equilibria(matrix_game(np.eye(4)))
    assert "15 equilibria" in many.words() and "and 9 more" in many.words()
    with pytest.raises(ValueError):
        found[0].policies[0][0, 0] = 1


def test_one_agent_and_agents_without_a_choice():
    alone = equilibria(random_game(1, 1, 4, 0))
    assert len(alone) == 1 and alone[0].pure and alone.complete
    idle = equilibria(matrix_game(np.random.default_rng(0).normal(size=(3, 2, 1, 3))))
    assert idle.complete and len(idle) % 2 == 1 and idle[0].policies[1].tolist() == [[1.0]]


def test_what_is_no_matrix_game_or_too_large_is_told_so():
    with pytest.raises(ValueError, match="has 3 states; expected a matrix game"):
        equilibria(random_game(2, 3, 2, 0))
    with pytest.raises(ValueError, match="game is 3; expected a MarkovGame"):
        equilibria(3)
    with pytest.raises(ValueError, match="3 agents; expected a matrix game of two"):
        support_enumeration(random_game(3, 1, 2, 0))
    with pytest.raises(TooLarge, match="20 and 20 actions and more than 20,000 corners"):
        equilibria(random_game(2, 1, 20, 0))
    with pytest.raises(TooLarge, match="40 and 40 actions"):
        equilibria(random_game(2, 1, 40, 0))
    with pytest.raises(ValueError, match="pairs of supports"):
        support_enumeration(random_game(2, 1, 12, 0))


@given(st.lists(st.integers(-1000, 1000), min_size=2, max_size=6), st.integers(1, 1000))
def test_fractions_are_read_as_what_was_meant(numerators, denominator):
    table = np.array([numerators], dtype=float) / denominator
    (read,) = whole_numbers(table)
    for (i, a), (j, b) in itertools.combinations(enumerate(numerators), 2):
        assert (read[i] > read[j]) == (a > b) and (read[i] == read[j]) == (a == b)
    if read[0] != read[-1]:
        scale = (read[0] - read[-1]) / (numerators[0] - numerators[-1])
        assert all(
            np.isclose(r - read[-1], scale * (a - numerators[-1])) for r, a in zip(read, numerators, strict=True)
        )


def test_a_2x2_game_is_solved_while_a_picture_is_drawn():
    games = [random_game(2, 1, 2, seed) for seed in range(50)]
    begin = time.process_time()
    for game in games:
        equilibria(game)
    assert (time.process_time() - begin) / len(games) < 0.005

"""Memory-one strategies: exact payoffs against planning and against plain sums, published results, tournaments."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marl_edu.games import (
    MarkovGame,
    climbing,
    matching_pennies,
    matrix_game,
    prisoners_dilemma,
    random_game,
    stag_hunt,
)
from marl_edu.learning import STRATEGIES, iterated_dilemma, memory_one_payoffs, memory_one_play, round_robin
from marl_edu.learning.memory_one import OUTCOMES, SEEN_BY_THE_OTHER
from marl_edu.planning import evaluate

DETERMINISTIC = np.array(list(itertools.product([0.0, 1.0], repeat=5)))
FIVE = st.lists(st.floats(0, 1), min_size=5, max_size=5)


def with_memory(game, discount):
    """The same repeated game as one of five states, what was played last."""
    transitions = np.zeros((5, 2, 2, 5))
    transitions[:, range(2), range(2), [1, 4]] = 1
    transitions[:, 0, 1, 2] = transitions[:, 1, 0, 3] = 1
    return MarkovGame(transitions, np.repeat(game.rewards, 5, axis=1), discount)


def as_table(strategy):
    chance = np.asarray(strategy)
    return np.stack([chance, 1 - chance], axis=1)


@given(FIVE, FIVE, st.floats(0, 0.99), st.integers(0, 5))
def test_planning_finds_the_same(first, second, discount, seed):
    game = matrix_game(np.random.default_rng(seed).normal(size=(2, 2, 2)))
    second_as_told_by_first = np.array(second)[SEEN_BY_THE_OTHER]
    values = evaluate(with_memory(game, discount), [as_table(first), as_table(second_as_told_by_first)])[:, 0]
    paid = memory_one_payoffs(game, first, second, discount)
    np.testing.assert_allclose(paid, (1 - discount) * values, atol=1e-9)


@given(FIVE, FIVE, st.floats(0, 0.999), st.floats(0, 0.5))
def test_play_is_a_distribution_and_the_same_from_the_other_side(first, second, discount, noise):
    play = memory_one_play(first, second, discount, noise)
    assert play.min() > -1e-12 and play.sum() == pytest.approx(1)
    np.testing.assert_allclose(memory_one_play(second, first, discount, noise), play.T, atol=1e-12)


def test_it_is_what_playing_it_gives_on_average():
    rng, noise, discount = np.random.default_rng(0), 0.1, 0.8
    first, second = rng.random(5), rng.random(5)
    chance = lambda strategy, seen: strategy[seen] * (1 - noise) + (1 - strategy[seen]) * noise  # noqa: E731
    found, runs = np.zeros((2, 2)), 20_000
    seen = np.zeros(runs, dtype=int)
    for t in range(60):
        rows = (rng.random(runs) >= chance(first, seen)).astype(int)
        columns = (rng.random(runs) >= chance(second[SEEN_BY_THE_OTHER], seen)).astype(int)
        np.add.at(found, (rows, columns), (1 - discount) * discount**t / runs)
        seen = 1 + 2 * rows + columns
    np.testing.assert_allclose(memory_one_play(first, second, discount, noise), found, atol=0.01)


@pytest.mark.parametrize("discount", [0, 0.5, 0.9, 0.999])
def test_payoffs_that_can_be_worked_out_by_hand(discount):
    game = prisoners_dilemma()
    paid = lambda one, other: memory_one_payoffs(game, STRATEGIES[one], STRATEGIES[other], discount)  # noqa: E731
    np.testing.assert_allclose(paid("always cooperate", "always defect"), [0, 5], atol=1e-12)
    np.testing.assert_allclose(paid("tit for tat", "grim trigger"), [3, 3])
    np.testing.assert_allclose(paid("always defect", "tit for tat"), [5 - 4 * discount, discount])
    np.testing.assert_allclose(paid("coin", "coin"), [9 / 4, 9 / 4])
    taking_turns = memory_one_payoffs(game, STRATEGIES["tit for tat"], [0, 1, 0, 1, 0], discount)
    np.testing.assert_allclose(taking_turns, [5 * discount / (1 + discount), 5 / (1 + discount)])


def test_without_a_future_only_the_first_round_counts():
    first, second = [0.3, 0, 0, 0, 0], [0.6, 1, 1, 1, 1]
    np.testing.assert_allclose(memory_one_play(first, second, 0), np.outer([0.3, 0.7], [0.6, 0.4]))


def test_full_noise_is_a_coin():
    play = memory_one_play(STRATEGIES["always cooperate"], STRATEGIES["grim trigger"], 0.9, noise=0.5)
    np.testing.assert_allclose(play, 0.25)


@pytest.mark.parametrize(("name", "least"), [("grim trigger", 1 / 2), ("tit for tat", 2 / 3)])
def test_from_which_discount_cooperation_is_an_equilibrium(name, least):
    """Against a memory-one strategy some deterministic memory-one strategy is a best response: 32 to try."""
    strategy = np.array(STRATEGIES[name], dtype=float)
    for discount, holds in ((least - 0.01, False), (least + 1e-9, True), (least + 0.01, True), (0.99, True)):
        own = memory_one_payoffs(prisoners_dilemma(), strategy, strategy, discount)[0]
        best = memory_one_payoffs(prisoners_dilemma(), DETERMINISTIC, strategy, discount)[:, 0].max()
        assert (best <= own + 1e-12) == holds, (name, discount)


def test_extortion_takes_three_times_what_it_leaves():
    """Press and Dyson 2012: s_X - 1 = 3 (s_Y - 1), whatever the opponent does."""
    opponents = np.random.default_rng(0).random((500, 5))
    paid = memory_one_payoffs(prisoners_dilemma(), STRATEGIES["extortion"], opponents, 1 - 1e-7)
    np.testing.assert_allclose(paid[:, 0] - 1, 3 * (paid[:, 1] - 1), atol=1e-4)


def test_noise_undoes_tit_for_tat_and_not_win_stay_lose_shift():
    """Nowak and Sigmund 1993: one error starts a vendetta of the one, the other is back after two rounds."""
    alone = {
        name: memory_one_payoffs(prisoners_dilemma(), STRATEGIES[name], STRATEGIES[name], 0.9999, noise=0.005)[0]
        for name in ("tit for tat", "win-stay lose-shift", "generous tit for tat")
    }
    assert alone["tit for tat"] == pytest.approx(9 / 4, abs=0.02)
    assert min(alone["win-stay lose-shift"], alone["generous tit for tat"]) > 2.95


def test_leading_axes_are_broadcast():
    rng = np.random.default_rng(1)
    first, second = rng.random((4, 1, 5)), rng.random((3, 5))
    paid = memory_one_payoffs(iterated_dilemma(), first, second)
    assert paid.shape == (4, 3, 2)
    np.testing.assert_allclose(paid[2, 1], memory_one_payoffs(iterated_dilemma(), first[2, 0], second[1]))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: memory_one_play([1, 0, 0, 0], [0] * 5, 0.9), r"first has shape \(4,\); expected 5 probabilities"),
        (lambda: memory_one_play([0] * 5, [0, 0, 1.5, 0, 0], 0.9), r"second\[2\] is 1.5; expected a probability"),
        (lambda: memory_one_play([0, np.nan, 0, 0, 0], [0] * 5, 0.9), r"first\[1\] is nan"),
        (lambda: memory_one_play(0.5, [0] * 5, 0.9), r"first has shape \(\)"),
        (lambda: memory_one_play([0] * 5, [0] * 5, 1), "discount is 1; expected one below 1"),
        (lambda: memory_one_play([0] * 5, [0] * 5, 0.9, noise=0.6), "noise is 0.6"),
        (lambda: memory_one_payoffs(climbing(), [0] * 5, [0] * 5, 0.9), "3 x 3 actions; expected one state"),
        (lambda: memory_one_payoffs(random_game(2, 2, 2, np.random.default_rng(0)), [0] * 5, [0] * 5), "2 states"),
        (lambda: memory_one_payoffs("chess", [0] * 5, [0] * 5), "expected a MarkovGame"),
        (
            lambda: memory_one_payoffs(prisoners_dilemma(discount=1, horizon=9), [0] * 5, [0] * 5),
            'discount of game "prisoner\'s dilemma" is 1',
        ),
    ],
)
def test_bad_input(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def test_the_names_are_those_of_the_field():
    assert len(OUTCOMES) == 5 and set(map(len, STRATEGIES.values())) == {5}
    assert {"tit for tat", "grim trigger", "win-stay lose-shift", "always defect"} <= set(STRATEGIES)
    assert (iterated_dilemma().rewards[1, 0] == [[-1, 0], [-3, -2]]).all() and iterated_dilemma().discount == 0.96


# --- tournaments -------------------------------------------------------------------------------------------------


def test_each_cell_of_a_tournament_is_that_pair():
    game = stag_hunt(discount=0.7)
    table = round_robin(STRATEGIES, game, noise=0.1)
    assert table.names == tuple(STRATEGIES) and (table.discount, table.noise) == (0.7, 0.1)
    for (i, one), (j, other) in itertools.product(enumerate(STRATEGIES.values()), repeat=2):
        assert table.payoffs[i, j] == pytest.approx(memory_one_payoffs(game, one, other, noise=0.1)[0])
    np.testing.assert_allclose(table.means, table.payoffs.mean(axis=1))


def test_where_the_sides_differ_each_plays_either():
    table = round_robin(STRATEGIES, matching_pennies(), 0.9)
    np.testing.assert_allclose(table.payoffs, -table.payoffs.T, atol=1e-12)  # what one wins the other loses


def test_who_wins_depends_on_noise_and_on_who_takes_part():
    game = prisoners_dilemma(discount=0.99)
    assert round_robin(STRATEGIES, game).ranking[0] == "grim trigger"
    assert round_robin(STRATEGIES, game, noise=0.05).ranking[0] == "always defect"
    few = {name: STRATEGIES[name] for name in ("tit for tat", "always cooperate", "always defect")}
    table = round_robin(few, game)
    assert table.ranking == ["always defect", "tit for tat", "always cooperate"], "there is somebody to exploit"
    assert repr(table) == f"RoundRobin(3 strategies, best mean {table.means.max():.2f}: always defect)"
    assert table.words().startswith("Mean payoff per round against all, discount 0.99, best first: always defect 2.3")
    few["grim trigger"] = STRATEGIES["grim trigger"]
    assert round_robin(few, game).ranking[-1] == "always defect"


def test_of_equals_the_first_given_comes_first():
    twins = dict.fromkeys("dbca", (1, 1, 0, 1, 0))
    assert round_robin(twins, prisoners_dilemma(discount=0.9)).ranking == list("dbca")


@pytest.mark.parametrize(
    ("strategies", "words"),
    [
        ({}, "expected a dict of 1 to 1,000"),
        ([(1, 1, 0, 1, 0)], "expected a dict"),
        ({"mine": (1, 1, 0, 1)}, r"strategies\['mine'\] has shape \(4,\); expected 5 probabilities"),
        ({"mine": np.ones((2, 5))}, r"strategies\['mine'\] has shape \(2, 5\)"),
        ({"mine": (1, 1, 0, 1, 2)}, r"strategies\['mine'\]\[4\] is 2; expected a probability"),
        ({"mine": "tit for tat"}, r"strategies\['mine'\] can't be read"),
        ({3: (1, 1, 0, 1, 0)}, "a name is 3; expected a text"),
    ],
)
def test_bad_strategies_are_named(strategies, words):
    with pytest.raises(ValueError, match=words):
        round_robin(strategies, prisoners_dilemma(discount=0.9))


def test_bad_games_are_refused_before():
    with pytest.raises(ValueError, match="expected one state and two agents with two actions each"):
        round_robin(STRATEGIES, climbing())
    with pytest.raises(ValueError, match="expected a MarkovGame"):
        round_robin(STRATEGIES, None)

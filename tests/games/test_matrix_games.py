"""Matrix games and the classics: the tables, where their equilibria are, and bad input."""

import numpy as np
import pytest

from marl_edu.games import (
    battle_of_the_sexes,
    chicken,
    climbing,
    matching_pennies,
    matrix_game,
    penalty,
    prisoners_dilemma,
    qtran_matrix,
    rock_paper_scissors,
    shapley_game,
    stag_hunt,
)

CLASSICS = [
    battle_of_the_sexes,
    chicken,
    climbing,
    matching_pennies,
    penalty,
    prisoners_dilemma,
    qtran_matrix,
    rock_paper_scissors,
    shapley_game,
    stag_hunt,
]


def pure_equilibria(game):
    """Pairs of action names from which nobody gains by leaving alone, by looking at every pair."""
    first, second = game.rewards[:, 0]
    return [
        (game.actions[0][i], game.actions[1][j])
        for i in range(first.shape[0])
        for j in range(first.shape[1])
        if first[i, j] == first[:, j].max() and second[i, j] == second[i, :].max()
    ]


@pytest.mark.parametrize("classic", CLASSICS)
def test_a_classic_is_one_state_played_once_or_repeated(classic):
    once = classic()
    assert (once.n_states, once.n_agents, once.discount, once.horizon) == (1, 2, 0, 1)
    assert not once.terminal.any()
    repeated = classic(discount=0.9)
    assert (repeated.discount, repeated.horizon) == (0.9, None)
    assert (repeated.rewards == once.rewards).all()
    assert classic.__doc__.count("Source:") == 1


@pytest.mark.parametrize(
    ("game", "setting", "equilibria"),
    [
        (prisoners_dilemma(), "general-sum", [("defect", "defect")]),
        (stag_hunt(), "general-sum", [("stag", "stag"), ("hare", "hare")]),
        (chicken(), "general-sum", [("swerve", "straight"), ("straight", "swerve")]),
        (battle_of_the_sexes(), "general-sum", [("Bach", "Bach"), ("Stravinsky", "Stravinsky")]),
        (matching_pennies(), "zero-sum", []),
        (rock_paper_scissors(), "zero-sum", []),
        (climbing(), "cooperative", [("a", "a"), ("b", "b")]),
        (penalty(-100), "cooperative", [("a", "a"), ("b", "b"), ("c", "c")]),
        (qtran_matrix(), "cooperative", [("a", "a"), ("b", "b"), ("b", "c"), ("c", "b"), ("c", "c")]),
        (shapley_game(), "general-sum", []),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_setting_and_pure_equilibria(game, setting, equilibria):
    assert game.setting == setting
    assert pure_equilibria(game) == equilibria


@pytest.mark.parametrize(
    "classic",
    [chicken, penalty, prisoners_dilemma, qtran_matrix, rock_paper_scissors, stag_hunt],
    ids=lambda c: c.__name__,
)
def test_symmetric_games_are_symmetric(classic):
    first, second = classic().rewards[:, 0]
    assert (second == first.T).all()


def test_tables_as_published():
    assert climbing().rewards[0, 0].tolist() == [[11, -30, 0], [-30, 7, 6], [0, 0, 5]]
    assert penalty(-100).rewards[1, 0].tolist() == [[10, 0, -100], [0, 2, 0], [-100, 0, 10]]
    assert penalty(0).rewards[0, 0].tolist() == [[10, 0, 0], [0, 2, 0], [0, 0, 10]]
    assert qtran_matrix().rewards[1, 0].tolist() == [[8, -12, -12], [-12, 0, 0], [-12, 0, 0]]
    assert climbing("partially stochastic").rewards[0, 0].tolist() == climbing().rewards[0, 0].tolist()
    # Against a partner who plays at random the safe action c of climbing, and b of the penalty game, look best.
    assert climbing().rewards[0, 0].mean(axis=1) == pytest.approx([-19 / 3, -17 / 3, 5 / 3])
    assert penalty(-100).rewards[0, 0].mean(axis=1) == pytest.approx([-30, 2 / 3, -30])


def test_random_payoffs_are_paid_as_pairs():
    pairs = [[(10, 12), (5, -65), (8, -8)], [(5, -65), (14, 0), (12, 0)], [(8, -8), (12, 0), (10, 0)]]
    game = climbing("fully stochastic")
    rng = np.random.default_rng(3)
    for i, j in np.ndindex(3, 3):
        paid = [tuple(game.sample(0, (i, j), rng)[1]) for _ in range(60)]
        assert set(paid) == {(one, one) for one in pairs[i][j]}
        assert game.rewards[0, 0, i, j] == sum(pairs[i][j]) / 2
    assert game.setting == "cooperative"
    certain = climbing("partially stochastic").successors
    assert np.diff(certain.offsets).tolist() == [1, 1, 1, 1, 2, 1, 1, 1, 1]


def test_one_table_is_a_team_of_two_and_more_axes_are_one_table_per_agent():
    team = matrix_game([[1, 2, 3], [4, 5, 6]])
    assert team.n_actions == (2, 3) and team.setting == "cooperative"
    pair = matrix_game([[[1, 2]], [[3, 4]]], agents=["Ann", "Bob"], actions=[["wait"], ["left", "right"]])
    assert pair.n_actions == (1, 2) and pair.rewards[1, 0, 0].tolist() == [3, 4]
    assert pair.agents == ("Ann", "Bob") and pair.actions == (("wait",), ("left", "right"))
    three = matrix_game(np.arange(24).reshape(3, 2, 2, 2))
    assert three.n_agents == 3 and three.rewards[2, 0, 1, 0, 1] == 21


def test_a_repeated_game_has_no_end_unless_it_is_given_one():
    """So that exact values and a learner's returns are about the same thing."""
    for make in (*CLASSICS, lambda **how: climbing("fully stochastic", **how), lambda **how: matrix_game([[1]], **how)):
        horizons = [make(discount=gamma, horizon=h).horizon for gamma, h in ((0, None), (0.9, None), (0, 3), (0.9, 3))]
        assert horizons == [1, None, 3, 3]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: matrix_game([1, 2]), r"payoffs has shape \(2,\); expected one \(A_1, A_2\) table"),
        (lambda: matrix_game(np.zeros((3, 2, 2))), r"payoffs has shape \(3, 2, 2\); expected"),
        (lambda: matrix_game(np.zeros((2, 0, 2))), r"payoffs has shape \(2, 0, 2\); expected"),
        (lambda: matrix_game([]), r"payoffs has shape \(0,\)"),
        (lambda: matrix_game([[1, 2], [3]]), "payoffs can't be read as a table of numbers"),
        (lambda: matrix_game([[[1, 2]], [[1, 2, 3]]]), "payoffs can't be read as a table of numbers"),
        (lambda: matrix_game([[0, np.inf]]), r"payoffs\[0, 1\] is inf; expected a finite number"),
        (lambda: matrix_game([["1", "2"]]), "payoffs can't be read as a table of numbers: it holds text"),
        (lambda: matrix_game(np.ma.array([[1, 2]], mask=[[0, 1]])), "payoffs is a masked array; expected a table"),
        (lambda: matrix_game([[1, 1e101]]), r"payoffs\[0, 1\] is 1e\+101; expected at most 1e\+100 in size"),
        (lambda: matrix_game([[1, 2]], actions=["a", ["b"]]), r"actions\[0\]\[1\] is \['b'\]; expected a name"),
        (lambda: matrix_game([["x", "y"]]), "payoffs can't be read as a table of numbers"),
        (lambda: matrix_game([[1, 2]], discount=2), "discount is 2"),
        (lambda: matrix_game([[1, 2]], actions=[["a"], ["b", "b"]]), r"actions\[1\] has the name 'b' twice"),
        (lambda: climbing("stochastic"), "variant is 'stochastic'.*expected one of 'deterministic', 'partially"),
        (lambda: climbing(2), "variant is 2; expected one of"),
        (lambda: penalty(1), r"k is 1; expected a finite number in \[-1e\+100, 0\]"),
        (lambda: penalty(float("-inf")), "k is -inf"),
        (lambda: prisoners_dilemma(horizon=0), "horizon is 0"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_partially_stochastic_climbing_pays_14_or_nothing_at_b_b():
    game = climbing("partially stochastic")
    pair = game.joint_index((1, 1))
    first, last = game.successors.offsets[pair : pair + 2]
    assert sorted(game.successors.rewards[0, first:last]) == [0, 14]
    assert game.successors.probabilities[first:last].tolist() == [0.5, 0.5]

"""Tables of values, policies and joint actions."""

import numpy as np
import pytest
from painted import parts

from marl_edu.games import climbing, matrix_game
from marl_edu.learning import IndependentQLearning
from marl_edu.recording import Recording, record
from marl_edu.views import JointActionView, PolicyTable, QTable
from marl_edu.views.present import greedy, state_of
from marl_edu.views.shapes import glyphs

UNEVEN = [[[1, 2, 3], [4, 5, 6]], [[1, -2, 3], [4, 5, 6.25]]]


def test_values_of_a_matrix_game(climb, ax):
    view = QTable(seed=4)
    np.testing.assert_array_equal(view.numbers(climb, 9), climb[9]["q"][4, :, 0])
    artists = parts(view, ax, climb, 9)
    best = climb[9]["q"][4, :, 0].argmax(axis=1)
    middles = [path.get_extents().get_points().mean(axis=0) for path in artists["greedy"].get_paths()]
    np.testing.assert_allclose(middles, [[best[0], 0], [best[1], 1]], atol=1e-9)
    words = [f"{x:.2f}".replace("-", "\N{MINUS SIGN}") for x in climb[9]["q"][4, :, 0].ravel()]
    for path, word in zip(artists["numbers"].get_paths(), words, strict=True):
        assert len(path.vertices) == len(glyphs(word, 1, "normal").vertices)


def test_values_where_the_run_stands_or_where_one_asks(walk):
    state = state_of(walk.game, walk[30], 0)
    np.testing.assert_array_equal(QTable().numbers(walk, 30), walk[30]["q"][0, :, state])
    np.testing.assert_array_equal(QTable(11, seed=2).numbers(walk, 30), walk[30]["q"][2, :, 11])
    by_name = QTable(walk.game.states[11], seed=2).numbers(walk, 30)
    np.testing.assert_array_equal(by_name, QTable(11, seed=2).numbers(walk, 30))
    for state in (walk.game.n_states, "nowhere"):
        with pytest.raises(ValueError, match="state"):
            QTable(state).numbers(walk, 0)


def test_own_positions_are_looked_up_for_each_agent(own_walk):
    seen = own_walk.game.observations[:, 6]
    assert seen[0] != seen[1]
    np.testing.assert_array_equal(QTable(6).numbers(own_walk), own_walk[-1]["q"][0, [0, 1], seen])


def test_policies_with_their_exploration(climb, own_walk):
    chances = PolicyTable(seed=4).numbers(climb, 9)
    q = climb[9]["q"][4, :, 0]
    np.testing.assert_allclose(chances, 0.1 + 0.7 * (q == q.max(axis=1, keepdims=True)))
    np.testing.assert_allclose(PolicyTable().numbers(own_walk, 0), np.full((2, 5), 0.2))


def test_softmax_policies():
    learner = IndependentQLearning(climbing(), exploration="softmax", temperature=2.0)
    recording = record(learner, 200, 50)
    q = recording[-1]["q"][0, :, 0].astype(float)
    expected = np.exp(q / 2) / np.exp(q / 2).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(PolicyTable().numbers(recording), expected, rtol=1e-5)


@pytest.mark.parametrize("exploration", ["softmax", "epsilon-greedy"])
def test_agents_with_different_actions(exploration, ax):
    game = matrix_game(UNEVEN, actions=[["up", "down"], ["left", "middle", "right"]])
    recording = record(IndependentQLearning(game, exploration=exploration), 200, 50)
    chances = PolicyTable().numbers(recording)
    assert np.isnan(chances[0, 2]) and np.isfinite(chances[1]).all()
    np.testing.assert_allclose(np.nansum(chances, axis=1), 1)
    artists = parts(QTable(), ax, recording, -1)
    assert len(artists["cells"].get_paths()) == len(artists["numbers"].get_paths()) == 5
    assert "down" in QTable().alt_text(recording)


def test_words_of_a_table(climb):
    q = climb[9]["q"][4, :, 0]
    told = QTable(seed=4).alt_text(climb, 9)
    assert "after 450 environment steps, seed 4: agent 1: " in told
    for name, value in zip("abc", q[0], strict=True):
        assert f"{name} {value:.2f}{' (greedy)' if value == q[0].max() else ''}" in told


def test_shares_of_greedy_joint_actions(climb, ax):
    shares = JointActionView().shares(climb)
    q = climb[-1]["q"][:, :, 0]
    chosen = q.argmax(axis=2)
    expected = np.zeros((3, 3))
    for a, b in chosen:
        expected[a, b] += 1 / 20
    np.testing.assert_allclose(shares, expected)
    artists = parts(JointActionView(), ax, climb, -1)
    for (a, b), share in np.ndenumerate(shares):
        assert artists[f"share {a} {b}"].get_text() == (f"{100 * share:.0f} %" if share else "")
    radii = [np.ptp(path.vertices[:, 0]) for path in artists["discs"].get_paths()]
    np.testing.assert_allclose(np.square(radii), shares.ravel(), atol=1e-6)
    best = np.unravel_index(shares.argmax(), (3, 3))
    told = JointActionView().alt_text(climb)
    names, paid = ", ".join("abc"[k] for k in best), climb.game.rewards[0, 0][best]
    assert f"share of 20 seeds: ({names}), which pays {paid:g} and {paid:g}, {100 * shares.max():.0f} %" in told


def test_ties_are_shared_equally(climb):
    np.testing.assert_allclose(JointActionView().shares(climb, 0), np.full((3, 3), 1 / 9))


def test_the_payoffs_are_in_the_cells(climb, ax):
    JointActionView()(ax, climb, 0)
    words = {text.get_text() for text in ax.texts}
    assert {"11", "\N{MINUS SIGN}30", "7"} <= words
    recording = record(IndependentQLearning(matrix_game(UNEVEN)), 20, 10)
    JointActionView()(ax, recording, 0)
    assert "6, 6.25" in {text.get_text() for text in ax.texts}


def test_worlds_that_are_no_matrix_game_of_two_are_refused(walk, ax):
    with pytest.raises(ValueError, match="expected two agents and one state"):
        JointActionView()(ax, walk, 0)
    three = matrix_game(np.zeros((3, 2, 2, 2)))
    recording = Recording("example", "step", game=three)
    recording.append(0, {"q": np.zeros((1, 3, 1, 2))})
    with pytest.raises(ValueError, match="has 3 agents and 1 state"):
        JointActionView()(ax, recording, 0)


def test_near_equals_are_all_greedy():
    table = np.array([[1.0, 1.0 + 1e-7, 0.9], [np.nan, -2.0, -3.0], [0.0, 0.0, 1e-3]], dtype=np.float32)
    assert greedy(table).tolist() == [[True, True, False], [False, True, False], [False, False, True]]

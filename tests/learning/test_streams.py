"""Seeds, resets and advances: who draws which random number, and when."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marl_edu import learning
from marl_edu.algorithm import DivergedError
from marl_edu.games import climbing, gridworld, random_game

LEARNERS = [
    learning.IndependentQLearning,
    learning.HystereticQLearning,
    learning.LenientQLearning,
    learning.DistributedQLearning,
    learning.JointActionLearning,
]
GRID = gridworld("1.A\n.#.\nB.2", slip=0.1, horizon=20)
every_learner = pytest.mark.parametrize("package", LEARNERS)


def assert_same(one, other):
    """Two frames are equal, NaN included."""
    assert one.keys() == other.keys()
    for name in one:
        np.testing.assert_array_equal(one[name], other[name], err_msg=name)


def run(package, n=500, game=GRID, **settings):
    learner = package(game, epsilon=0.3, **settings)
    learner.advance(n)
    return learner.frame()


@every_learner
def test_a_seed_does_not_depend_on_its_neighbours(package):
    ten, three, one = (run(package, seeds=seeds, seed=7) for seeds in (10, 3, 1))
    assert_same({name: values[:3] for name, values in ten.items()}, three)
    assert_same({name: values[:1] for name, values in ten.items()}, one)


@every_learner
def test_seeds_and_bases_differ(package):
    tables = [*run(package, seeds=4, seed=0)["q"], *run(package, seeds=4, seed=1)["q"]]
    assert len({np.nan_to_num(table).tobytes() for table in tables}) == 8


@every_learner
def test_reset_goes_back_to_the_first_random_number(package):
    learner = package(GRID, seeds=3, epsilon=0.3)
    start = learner.frame()
    learner.advance(300)
    first = learner.frame()
    learner.reset()
    assert learner.units_done == 0
    assert_same(learner.frame(), start)
    learner.advance(300)
    assert_same(learner.frame(), first)


@every_learner
def test_restart_and_clone_run_like_a_new_one(package):
    expected = run(package, seeds=5, seed=3)
    learner = package(GRID, seeds=2, epsilon=0.3)
    learner.advance(100)
    learner.restart(seeds=5, seed=3)
    twin = learner.clone()
    for one in (learner, twin):
        one.advance(500)
        assert_same(one.frame(), expected)


@settings(max_examples=25)
@given(
    pieces=st.lists(st.integers(0, 60), max_size=6),
    package=st.sampled_from(LEARNERS),
    exploration=st.sampled_from(["epsilon-greedy", "softmax"]),
)
def test_advancing_in_pieces_is_advancing_at_once(pieces, package, exploration):
    game = random_game(2, 4, 3, rng=5, horizon=7)
    slow, fast = (package(game, seeds=2, exploration=exploration, epsilon_decay=0.99) for _ in range(2))
    for piece in pieces:
        slow.advance(piece)
    fast.advance(sum(pieces))
    assert slow.units_done == fast.units_done == sum(pieces)
    assert_same(slow.frame(), fast.frame())


@every_learner
def test_looking_changes_nothing(package):
    watched, alone = (package(GRID, seeds=2, epsilon=0.2) for _ in range(2))
    for _ in range(20):
        watched.advance(25)
        watched.frame(), watched.greedy_actions(), watched.greedy_returns(), watched.references(), repr(watched)
    alone.advance(500)
    np.testing.assert_array_equal(watched.q, alone.q)
    np.testing.assert_array_equal(watched.preferences, alone.preferences)


@every_learner
def test_a_frame_is_a_copy(package):
    learner = package(GRID, seeds=2, epsilon=0.3)
    learner.advance(100)
    frame = learner.frame()
    kept = {name: values.copy() for name, values in frame.items()}
    learner.advance(400)
    assert_same(frame, kept)
    for values in frame.values():
        values[...] = 0  # what a reader does to its frame is its own business
    assert learner.frame()["q"].any()
    for table in (learner.q, learner.preferences):
        with pytest.raises(ValueError, match="read-only"):
            table[:] = 0


def test_joint_values_can_be_read_but_not_written():
    learner = learning.JointActionLearning(climbing(), epsilon=1, step_size=1)
    learner.advance(300)
    assert learner.joint_q[0, 0, 0].tolist() == climbing().rewards[0].ravel().tolist()
    assert learner.frame()["joint_q"].shape == (1, 2, 1, 9)
    with pytest.raises(ValueError, match="read-only"):
        learner.joint_q[:] = 0


def interrupting(monkeypatch, at):
    """Ctrl-C arrives before each of these calls of the compiled loop, numbered from 1."""
    from marl_edu.learning import tabular

    calls = []

    def learn(*arguments, learn=tabular.learn):
        calls.append(None)
        if len(calls) in at:
            raise KeyboardInterrupt
        learn(*arguments)

    monkeypatch.setattr(tabular, "learn", learn)


@pytest.mark.parametrize(("at", "done"), [([3], 150), ([3, 4], 100), ([1], 150), ([4], 150)])
def test_an_interrupted_advance_leaves_seeds_equal_or_is_made_up_for(monkeypatch, at, done):
    """The chunk is finished for all seeds; a second Ctrl-C stops that too, and the next advance makes up for it."""
    interrupted, alone = (learning.IndependentQLearning(GRID, seeds=4, epsilon=0.2) for _ in range(2))
    interrupted.advance(100)
    with monkeypatch.context() as patch:
        interrupting(patch, at)
        with pytest.raises(KeyboardInterrupt):
            interrupted.advance(50)
    assert interrupted.units_done == done
    if done == 150:
        assert interrupted._runs["clock"].tolist() == [150] * 4
    interrupted.frame()
    interrupted.advance(300 - done)
    alone.advance(300)
    np.testing.assert_array_equal(interrupted.q, alone.q)


def test_a_long_advance_counts_chunk_by_chunk(monkeypatch):
    monkeypatch.setattr(learning.IndependentQLearning, "chunk", 1000)
    interrupted, alone = (learning.IndependentQLearning(GRID, seeds=4, epsilon=0.2) for _ in range(2))
    with monkeypatch.context() as patch:
        interrupting(patch, [4 * 7 + 2])  # in the eighth chunk
        with pytest.raises(KeyboardInterrupt):
            interrupted.advance(10**8)
    assert interrupted.units_done == 8000
    interrupted.advance(500)
    alone.advance(8500)
    assert_same(interrupted.frame(), alone.frame())


@every_learner
def test_what_is_no_longer_finite_is_refused_with_its_name_and_the_step(package):
    learner = package(GRID, seeds=2)
    learner.advance(100)
    learner._q[1, 0, 2, 3] = np.nan
    message = r"^q\[1, 0, 2, 3\] is nan by environment step {}; expected a finite number"
    with pytest.raises(DivergedError, match=message.format(100)):
        learner.frame()
    with pytest.raises(DivergedError, match=message.format(110)):
        learner.advance(10)
    learner.reset()
    learner.advance(10)


def test_a_table_too_large_for_a_frame_is_refused_without_other_noise(recwarn):
    learner = learning.IndependentQLearning(climbing())
    learner._q[0, 0, 0, 0] = 1e39
    with pytest.raises(DivergedError, match=r"^q\[0, 0, 0, 0\] is inf by environment step 0;"):
        learner.frame()
    assert not recwarn.list


def test_greedy_actions_are_the_same_for_the_same_moment():
    learner = learning.IndependentQLearning(GRID, seeds=3)
    first = learner.greedy_actions()
    np.testing.assert_array_equal(first, learner.greedy_actions())
    assert first.shape == (3, 2, max(GRID.n_observations))
    wide = learning.IndependentQLearning(GRID, seeds=30).greedy_actions()
    np.testing.assert_array_equal(first, wide[:3])


def test_greedy_actions_exist_for_every_agent():
    game = random_game(3, 4, (2, 3, 4), rng=0)
    learner = learning.IndependentQLearning(game, seeds=50)
    for _ in range(3):
        chosen = learner.greedy_actions()
        assert [int(chosen[:, i].max()) for i in range(3)] == [1, 2, 3]  # each of an agent's own, at random on zeros
        learner.advance(20)

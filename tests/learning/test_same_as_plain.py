"""The compiled loop computes the same numbers as the textbook in plain Python, bit for bit."""

import numpy as np
import pytest
from plain_learners import Plain, PlainDistributed, PlainHysteretic, PlainJointAction, PlainLenient

from marl_edu.games import CROSSING, MarkovGame, climbing, gridworld, penalty, random_game, shapley_game
from marl_edu.learning import (
    DistributedQLearning,
    HystereticQLearning,
    IndependentQLearning,
    JointActionLearning,
    LenientQLearning,
)
from marl_edu.learning.loop import learn

PAIRS = {
    "independent": (IndependentQLearning, Plain, {}),
    "hysteretic": (HystereticQLearning, PlainHysteretic, {"negative_step_size": 0.03}),
    "lenient": (LenientQLearning, PlainLenient, {"leniency": 3.0, "cooling": 0.9}),
    "distributed": (DistributedQLearning, PlainDistributed, {"initial_value": -30.0}),
    "joint action": (JointActionLearning, PlainJointAction, {}),
}
WORLDS = {
    "climbing": climbing,
    "fully stochastic climbing": lambda: climbing("fully stochastic"),
    "penalty": lambda: penalty(-100),
    "repeated Shapley": lambda: shapley_game(discount=0.9, horizon=5),
    "gridworld": lambda: gridworld(CROSSING),
    "slippery, own position, individual": lambda: gridworld(
        "1.A\n.#.\nB.2", slip=0.2, observe="own position", reward="individual", collision="end", horizon=15
    ),
    "three agents": lambda: gridworld("12\n3.\nGG", horizon=9, ends="first"),
    "random": lambda: random_game(2, 6, 3, rng=0, n_terminal=1, horizon=12),
    "random, unequal": lambda: random_game(3, 5, (2, 3, 4), rng=1, n_successors=2, n_terminal=2),
    "one agent, no end": lambda: random_game(1, 4, 5, rng=2),
    "unequal observations": lambda: random_game(2, 4, (3, 2), rng=3).replace(
        observations=[[0, 1, 0, 1], [2, 0, 1, 2]], horizon=7
    ),
}
EXPLORATIONS = {
    "epsilon": {"epsilon": 0.4, "step_size": 0.25},
    "epsilon schedule": {"epsilon": 1.0, "epsilon_decay": 0.99, "epsilon_floor": 0.05, "step_size_decay": 0.999},
    "softmax schedule": {"exploration": "softmax", "temperature": 50.0, "temperature_decay": 0.98},
}


def assert_same(learner, plain, k=0):
    """Values, what is acted on, and what was written down."""
    frame = learner.frame()
    for i, table in enumerate(plain.q):
        rows, columns = table.shape
        np.testing.assert_array_equal(learner.q[k, i, :rows, :columns], table)
        assert np.isnan(learner.q[k, i, rows:]).all()
        assert np.isnan(learner.q[k, i, :, columns:]).all()
        for o in range(rows):
            np.testing.assert_array_equal(learner.preferences[k, i, o, :columns], plain.judged(i, o))
    states = [step[3] for step in plain.history][-24:]
    assert frame["trace"][k].tolist() == [-1] * (24 - len(states)) + states
    np.testing.assert_allclose(frame["td_error"][k], np.mean(plain.errors, axis=0), rtol=1e-12)
    if plain.returns:
        np.testing.assert_allclose(frame["episode_return"][k], np.mean(plain.returns, axis=0), rtol=1e-9, atol=1e-12)
    else:
        assert np.isnan(frame["episode_return"][k]).all()
    plain.errors, plain.returns = [], []


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("rule", PAIRS)
def test_the_package_learns_what_the_textbook_loop_learns(rule, world):
    package, textbook, own = PAIRS[rule]
    game = WORLDS[world]()
    for number, explore in enumerate(EXPLORATIONS.values()):
        learner = package(game, seeds=2, seed=number, **own, **explore)
        for k in range(2):
            plain = textbook(game, seed=number, k=k, **own, **explore)
            learner.reset()
            for steps in (10, 290):
                learner.advance(steps)
                plain.advance(steps)
                assert_same(learner, plain, k)


def test_all_learners_share_one_compiled_loop():
    for world in ("climbing", "fully stochastic climbing", "three agents", "unequal observations"):
        for package, _, own in PAIRS.values():
            package(WORLDS[world](), **own).advance(1)
    assert len(learn.signatures) == 1


def test_probabilities_that_sum_to_a_little_less_than_one_draw_only_what_is_possible():
    lost = 1 - 5e-9
    game = MarkovGame(
        transitions=[[[0.5 * lost, 0.5 * lost, 0.0]], [[lost, 0.0, 0.0]], [[0.0, 0.0, 1.0]]],
        rewards=np.zeros((1, 3, 1)),
        start=[lost, 0, 0],
    )
    learner = IndependentQLearning(game)
    world = learner._world
    assert world.start.tolist() == [1, 1, 1]
    assert world.cumulative[world.offsets[1:] - 1].tolist() == [1, 1, 1]

"""Real recordings for the views."""

import pytest

from marl_edu.games import climbing, gridworld
from marl_edu.learning import IndependentQLearning
from marl_edu.recording import Recording, record
from marl_edu.views.figures import blank

DRAWING = ["1..", ".#.", "B.A", "2.."]


@pytest.fixture(scope="session")
def walk() -> Recording:
    """Two agents in a gridworld that see the whole state, 5 seeds, 61 moments."""
    game = gridworld(DRAWING, observe="full")
    return record(IndependentQLearning(game, seeds=5, seed=3, epsilon=0.3), 3000, 50)


@pytest.fixture(scope="session")
def own_walk() -> Recording:
    """The same, but agents see only where they are."""
    game = gridworld(DRAWING, observe="own position")
    return record(IndependentQLearning(game, seeds=2, epsilon=0.3), 3000, 50)


@pytest.fixture(scope="session")
def climb() -> Recording:
    """The climbing game, 20 seeds, 41 moments."""
    return record(IndependentQLearning(climbing(), seeds=20, epsilon=0.3), 2000, 50)


@pytest.fixture
def ax():
    """Axes 320 pixels wide."""
    return blank(3).axes[0]

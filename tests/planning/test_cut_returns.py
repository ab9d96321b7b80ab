"""The reference lines of play that is cut at a horizon: against brute force, and against recursion written out."""

import brute_force as brute
import numpy as np
import pytest

from marl_edu.games import climbing, gridworld
from marl_edu.planning import expected_return, reference_returns, team_optimum


def by_recursion(game):
    """Mean over agents of the best and the random return in ``game.horizon`` steps, one step at a time."""
    transitions, rewards = brute.team_problem(game)
    best, random = np.zeros(game.n_states), np.zeros(game.n_states)
    for _ in range(game.horizon):
        best = (rewards + game.discount * transitions @ best).max(axis=1)
        random = (rewards + game.discount * transitions @ random).mean(axis=1)
    return game.start @ best / game.n_agents, game.start @ random / game.n_agents


@pytest.mark.parametrize("seed", range(40))
def test_equals_recursion_and_trying_everything(seed):
    rng = np.random.default_rng(seed)
    n_actions, discount = [(2, 2), (2, 3), (2, 2, 2)][seed % 3], [0.0, 0.5, 0.9, 0.99][seed % 4]
    game = brute.tiny_game(rng, n_actions, 3, discount, horizon=3, terminal=seed % 2 == 0)
    lines = reference_returns(game, cut=True)
    assert list(lines.values()) == pytest.approx(by_recursion(game), abs=1e-9)
    tried = [brute.best_within(*brute.team_problem(game), discount, s, 3) for s in range(game.n_states)]
    assert lines["team optimum"] * game.n_agents == pytest.approx(game.start @ tried, abs=1e-9)


@pytest.mark.parametrize("discount", [0.5, 0.95, 0.999])
def test_far_horizons_come_to_the_endless_game_and_near_ones_do_not(discount):
    game = brute.tiny_game(np.random.default_rng(1), (2, 2), 4, discount)
    endless = reference_returns(game)
    far = reference_returns(game.replace(horizon=10**6), cut=True)
    assert list(far.values()) == pytest.approx(list(endless.values()), rel=1e-8, abs=1e-8)
    near = reference_returns(game.replace(horizon=2), cut=True)
    assert abs(near["random play"] - endless["random play"]) > 1e-3


def test_a_walk_that_is_cut_short_earns_no_goal():
    """Home is two moves away: with one move there is only its cost."""
    game = gridworld(["1.A", "...", "2.B"], discount=0.9, goal_reward=10, step_cost=1, reward="team", horizon=1)
    assert reference_returns(game, cut=True)["team optimum"] <= 0 < reference_returns(game)["team optimum"]


def test_unless_asked_for_it_is_the_endless_game():
    """Learners count on beyond a time limit, so their lines may not move with it."""
    game = climbing(discount=0.9, horizon=5)
    lines = reference_returns(game)
    assert lines == reference_returns(game, cut=False) == reference_returns(game.replace(horizon=None), cut=True)
    assert lines["team optimum"] == team_optimum(game).per_agent == pytest.approx(110)
    assert lines["random play"] == expected_return(game).mean()
    once = climbing(discount=1, horizon=4)
    assert reference_returns(once, cut=True) == reference_returns(once)
    with pytest.raises(ValueError, match="cut is 1"):
        reference_returns(game, cut=1)

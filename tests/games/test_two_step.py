"""The two-step game: the published tables, and its exact values by planning and by looking at every way to play it."""

import itertools

import numpy as np
import pytest

from marl_edu.games import two_step
from marl_edu.planning import deterministic_returns, reference_returns, team_optimum


def exact_action_values(game):
    """Q*(s, a) of the team, (S, 2, 2): what is paid now and the best that can follow."""
    return game.rewards[0] + game.discount * game.transitions @ (team_optimum(game).values / game.n_agents)


def test_exact_values_as_published():
    game = two_step()
    values = exact_action_values(game)
    assert values[0] == pytest.approx(np.array([[6.93, 6.93], [7.92, 7.92]])), "the other agent decides nothing there"
    assert values[1] == pytest.approx(np.full((2, 2), 7.0))
    assert values[2] == pytest.approx(np.array([[0.0, 1.0], [1.0, 8.0]]))
    assert not values[3].any()


def test_the_first_agent_alone_decides_where_to_go():
    game, rng = two_step(), np.random.default_rng(0)
    for first, second in itertools.product((0, 1), repeat=2):
        then, paid = game.sample(game.states.index("1"), (first, second), rng)
        assert game.states[then] == ("2A", "2B")[first] and not paid.any()
        for state in ("2A", "2B"):
            assert game.states[game.sample(game.states.index(state), (first, second), rng)[0]] == "end"


def test_every_way_to_play_it_earns_what_was_walked_through():
    """All 4 x 4 x 4 joint policies of states 1, 2A and 2B, against a walk in plain Python."""
    game, pays = two_step(discount=0.9), [[0, 1], [1, 8]]
    policies = list(itertools.product((0, 1), repeat=6))
    tables = np.array([[[*policy[:3], 0], [*policy[3:], 0]] for policy in policies])
    walked = [0.9 * (7 if one[0] == 0 else pays[one[2]][other[2]]) for one, other in tables.tolist()]
    np.testing.assert_allclose(deterministic_returns(game, tables)[:, 1], walked)
    assert max(walked) == pytest.approx(reference_returns(game)["team optimum"])
    assert reference_returns(game)["random play"] == pytest.approx(0.9 * (7 + 2.5) / 2)


def test_a_safe_start_is_best_for_who_meets_a_random_partner_in_2b():
    """B earns 4.5 on average there, less than the 7 of 2A: why independent learners give the 8 up."""
    risky = two_step().rewards[0, 2]
    assert risky.mean(axis=0).max() == 4.5 < 7


def test_it_is_played_once_from_state_1_and_ends_by_itself():
    game = two_step()
    assert (game.setting, game.horizon, game.states) == ("cooperative", 2, ("1", "2A", "2B", "end"))
    assert game.start.tolist() == [1, 0, 0, 0] and game.terminal.tolist() == [False, False, False, True]
    assert (game.observations == np.arange(4)).all(), "both see the state"
    env = game.parallel_env()
    env.reset(seed=0)
    env.step({"agent 1": 1, "agent 2": 0})
    _, rewards, terminated, truncated, _ = env.step({"agent 1": 1, "agent 2": 1})
    assert rewards == {"agent 1": 8, "agent 2": 8}
    assert all(terminated.values()) and not any(truncated.values())
    assert team_optimum(two_step(discount=1)).per_agent == 8


@pytest.mark.parametrize("discount", [1.5, -0.1, True, "1", float("nan")])
def test_bad_input_is_named(discount):
    with pytest.raises(ValueError, match="discount is"):
        two_step(discount)

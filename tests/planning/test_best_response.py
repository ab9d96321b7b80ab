import brute_force as brute
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marl_edu.games import climbing, matching_pennies, prisoners_dilemma, rock_paper_scissors
from marl_edu.planning import best_response, best_response_gains, evaluate, exploitability, team_optimum
from marl_edu.planning.evaluation import bellman_residual

SETTINGS = settings(max_examples=40, deadline=None)


@pytest.mark.parametrize("seed", range(30))
def test_nothing_among_all_the_agents_policies_is_better(seed):
    rng = np.random.default_rng(seed)
    game = brute.tiny_game(rng, (3, 2), 4, rng.choice([0, 0.5, 0.95]), n_seen=[None, 2][seed % 2])
    policies = brute.random_policies(game, rng)
    for agent in range(2):
        expected = brute.best_values(*brute.agent_problem(game, agent, policies), game.discount)
        found = best_response(game, agent, policies)
        np.testing.assert_allclose(found.values, expected, rtol=0, atol=1e-9 * np.abs(game.rewards).max())
        assert found.agent == agent


@pytest.mark.parametrize("seed", range(100))
def test_equals_a_linear_programme(seed):
    rng = np.random.default_rng(seed)
    n_actions = [(2, 3), (3, 3), (2, 2, 2)][seed % 3]
    game = brute.tiny_game(rng, n_actions, int(rng.integers(2, 9)), rng.uniform(0.1, 0.95), n_seen=[None, 2][seed % 2])
    policies = brute.random_policies(game, rng)
    agent = seed % len(n_actions)
    expected = brute.linear_programme(*brute.agent_problem(game, agent, policies), game.discount)
    np.testing.assert_allclose(best_response(game, agent, policies, 1e-11).values, expected, rtol=0, atol=1e-9)


@SETTINGS
@given(seed=st.integers(0, 10**6), discount=st.sampled_from([0, 0.5, 0.99]), terminal=st.booleans())
def test_it_earns_what_it_says_and_no_less_than_before(seed, discount, terminal):
    rng = np.random.default_rng(seed)
    game = brute.tiny_game(rng, (2, 3, 2), 4, discount, terminal=terminal)
    policies = brute.random_policies(game, rng)
    before = evaluate(game, policies)
    for agent in range(3):
        found = best_response(game, agent, policies)
        assert (found.values >= before[agent] - 1e-8).all()
        after = evaluate(game, [found.actions if i == agent else p for i, p in enumerate(policies)])
        np.testing.assert_allclose(after[agent], found.values, atol=1e-6)
        np.testing.assert_allclose(found.action_values.max(axis=1), found.values, rtol=1e-12, atol=1e-12)
        np.testing.assert_array_equal(
            found.action_values[np.arange(4), found.actions] >= found.values - 1e-9, np.ones(4, bool)
        )
        transitions, rewards = brute.agent_problem(game, agent, policies)
        np.testing.assert_allclose(found.action_values, rewards + discount * transitions @ found.values, atol=1e-7)
        assert found.value == pytest.approx(game.start @ found.values)


@pytest.mark.parametrize("seed", range(10))
def test_discount_1_is_the_best_within_the_horizon(seed):
    rng = np.random.default_rng(seed)
    game = brute.tiny_game(rng, (2, 2), 3, 1, horizon=4)
    policies = brute.random_policies(game, rng)
    problem = brute.agent_problem(game, 1, policies)
    found = best_response(game, 1, policies)
    for left, table in ((4, found.values), (4, found.action_values.max(axis=1))):
        np.testing.assert_allclose(table, [brute.best_within(*problem, 1, s, left) for s in range(3)], atol=1e-12)


@SETTINGS
@given(seed=st.integers(0, 10**6))
def test_in_a_team_the_optimum_is_an_equilibrium(seed):
    game = brute.tiny_game(np.random.default_rng(seed), n_states=4)
    game = game.replace(rewards=np.stack([game.rewards[0]] * 2))
    best = team_optimum(game, 1e-11)
    policies = list(best.actions.T)
    assert best_response_gains(game, policies).max() <= 1e-8
    for agent in range(2):
        np.testing.assert_allclose(best_response(game, agent, policies).values, best.values / 2, atol=1e-8)


@pytest.mark.parametrize("tolerance", [1e-3, 1e-12])
def test_residual_is_that_of_the_values_and_bounds_their_error(tolerance):
    for seed in range(100):
        rng = np.random.default_rng(seed)
        game = brute.tiny_game(rng, (2, 3), 4, [0, 0.5, 0.95][seed % 3], terminal=seed % 2 == 0)
        policies = brute.random_policies(game, rng)
        found = best_response(game, seed % 2, policies, tolerance)
        transitions, rewards = brute.agent_problem(game, seed % 2, policies)
        ahead = (rewards + game.discount * transitions @ found.values).max(axis=1)
        assert found.residual == pytest.approx(np.abs(ahead - found.values).max(), abs=1e-13)
        assert found.residual <= 2 * found.error_bound + 1e-13  # both V and TV are that close to the truth
        earned = game.replace(rewards=np.stack([game.rewards[seed % 2]] * 2))
        replied = [found.actions if i == seed % 2 else p for i, p in enumerate(policies)]
        if tolerance == 1e-12:
            assert bellman_residual(earned, replied, [found.values] * 2).max() < 1e-11 * np.abs(found.values).max()


def test_with_discount_1_the_sum_stops_and_no_residual_is_left():
    game = brute.tiny_game(np.random.default_rng(0), discount=1, horizon=4)
    assert best_response(game, 0).residual == 0


def test_gains_are_within_the_tolerance_that_was_asked_for():
    for seed in range(50):
        rng = np.random.default_rng(seed)
        game = brute.tiny_game(rng, (2, 2), 4, 0.95)
        policies = brute.random_policies(game, rng)
        now = brute.values(game, policies) @ game.start
        best = [game.start @ brute.best_values(*brute.agent_problem(game, i, policies), 0.95) for i in range(2)]
        for tolerance in (1e-4, 1e-12):
            off = np.abs(best_response_gains(game, policies, tolerance) - (np.array(best) - now)).max()
            assert off <= 2 * tolerance * np.abs(game.rewards).max() + 1e-13 * np.abs(best).max()
            assert exploitability(game, policies, tolerance) == best_response_gains(game, policies, tolerance).mean()
    with pytest.raises(ValueError, match="tolerance"):
        exploitability(game, policies, 0)


def test_names_and_numbers_mean_the_same_agent():
    game = prisoners_dilemma().replace(agents=["row", "column"])
    by_name, by_number = best_response(game, "column"), best_response(game, 1)
    assert by_name.agent == by_number.agent == 1
    np.testing.assert_array_equal(by_name.action_values, by_number.action_values)


def test_the_partner_decides_what_is_best_in_climbing():
    responses = [best_response(climbing(), 0, [None, [b]]).actions[0] for b in range(3)]
    assert responses == [0, 1, 1]
    assert best_response(climbing(), 0).action_values.round(2).tolist() == [[-6.33, -5.67, 1.67]]


def test_exploitability_is_0_in_equilibrium_only():
    for game in (matching_pennies(), rock_paper_scissors()):
        assert exploitability(game) == pytest.approx(0, abs=1e-12)
        assert exploitability(game, [[0], [0]]) > 0.1
    game = matching_pennies()
    gains = best_response_gains(game, [[0], [0]])
    payoffs = game.rewards[:, 0]
    expected = [payoffs[0, :, 0].max() - payoffs[0, 0, 0], payoffs[1, 0].max() - payoffs[1, 0, 0]]
    assert gains.tolist() == expected
    assert exploitability(game, [[0], [0]]) == np.mean(expected)


def test_an_agent_that_sees_less_may_fall_short_of_it():
    """Agent 1 can't tell two states apart in which different actions pay: the bound is 1, it can reach 1/2."""
    from marl_edu.games import MarkovGame

    stay = np.broadcast_to(np.eye(2)[:, None, :], (2, 2, 2))
    game = MarkovGame(stay, [[[1, 0], [0, 1]]], 0, start=[0.5, 0.5], observations=[[0, 0]])
    assert best_response(game, 0).value == 1
    assert max(evaluate(game, [[a]])[0] @ game.start for a in range(2)) == 0.5


@pytest.mark.parametrize(
    ("agent", "message"), [("agent 9", "agent is 'agent 9'"), (5, "agent is 5"), (None, "agent is None")]
)
def test_unknown_agents_are_named(agent, message):
    with pytest.raises(ValueError, match=message):
        best_response(climbing(), agent)


def test_bad_policies_are_named():
    with pytest.raises(ValueError, match=r"policies\[1\]"):
        best_response(climbing(), 0, [None, [[0.2, 0.2, 0.2]]])
    with pytest.raises(ValueError, match="no horizon"):
        best_response(climbing(discount=1, horizon=None), 0)

import brute_force as brute
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marl_edu.games import MarkovGame, climbing
from marl_edu.planning import evaluate, induced_chain, induced_mdp, joint_probabilities

SETTINGS = settings(max_examples=50, deadline=None)


@SETTINGS
@given(
    seed=st.integers(0, 10**6),
    n_actions=st.sampled_from([(2,), (2, 3), (3, 2, 2)]),
    n_seen=st.sampled_from([None, 2]),
    paid_on_arrival=st.booleans(),
    terminal=st.booleans(),
)
def test_what_remains_is_what_the_definition_says(seed, n_actions, n_seen, paid_on_arrival, terminal):
    rng = np.random.default_rng(seed)
    game = brute.tiny_game(rng, n_actions, 4, n_seen=n_seen, paid_on_arrival=paid_on_arrival, terminal=terminal)
    policies = brute.random_policies(game, rng)

    transitions, rewards = induced_chain(game, policies)
    expected = brute.chain(game, policies)
    np.testing.assert_allclose(transitions.toarray(), expected[0], atol=1e-13)
    np.testing.assert_allclose(rewards, expected[1], atol=1e-13)

    for agent in range(game.n_agents):
        problem = induced_mdp(game, agent, [*policies[:agent], None, *policies[agent + 1 :]])
        expected = brute.agent_problem(game, agent, policies)
        np.testing.assert_allclose(problem.transitions, expected[0], atol=1e-13)
        np.testing.assert_allclose(problem.rewards[0], expected[1], atol=1e-13)
        np.testing.assert_allclose(evaluate(problem, [policies[agent]])[0], evaluate(game, policies)[agent], atol=1e-9)


def test_names_and_the_rest_travel_along():
    rng = np.random.default_rng(0)
    actions = [["l", "r"], ["x", "y", "z"]]
    names = {"agents": ["ann", "bo"], "actions": actions, "states": ["p", "q", "e"]}
    game = brute.tiny_game(rng, terminal=True, n_seen=2, horizon=9, discount=0.7, **names)
    problem = induced_mdp(game, "bo")
    assert isinstance(problem, MarkovGame)
    assert (problem.agents, problem.actions, problem.states) == (("bo",), (("x", "y", "z"),), ("p", "q", "e"))
    assert (problem.discount, problem.horizon, problem.terminal.tolist()) == (0.7, 9, [False, False, True])
    np.testing.assert_array_equal(problem.observations, game.observations[1:])
    np.testing.assert_array_equal(problem.start, game.start)


def test_the_problem_of_one_agent_moves_when_another_changes():
    before, after = (induced_mdp(climbing(), 0, [None, [action]]).rewards[0, 0] for action in (0, 1))
    assert before.tolist() == [11, -30, 0]
    assert after.tolist() == [-30, 7, 0]


def test_each_successor_is_listed_once_and_impossible_ones_never():
    game = brute.tiny_game(np.random.default_rng(2), n_states=5)
    transitions, _ = induced_chain(game, [[0] * 5, None])
    assert all(len(set(row)) == len(row) for row in np.split(transitions.indices, transitions.indptr[1:-1]))
    assert (transitions.data > 0).all()


def test_policies_slightly_off_are_made_to_sum_to_1():
    game = brute.tiny_game(np.random.default_rng(3), (2, 2, 2))
    almost = [np.full((3, 2), 0.5 + 4e-9)] * 3
    np.testing.assert_allclose(joint_probabilities(game, almost).sum(axis=1), 1, atol=1e-15)
    assert induced_mdp(game, 0, almost).n_agents == 1


@pytest.mark.parametrize(
    ("agent", "message"),
    [("agent 3", "agent is 'agent 3'"), (2, "agent is 2"), (-1, "agent is -1"), (0.5, "agent is 0.5")],
)
def test_unknown_agents_are_named(agent, message):
    with pytest.raises(ValueError, match=message):
        induced_mdp(climbing(), agent)

import brute_force as brute
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marl_edu.games import MarkovGame, climbing, matching_pennies, matrix_game, random_game
from marl_edu.planning import (
    best_response,
    best_response_gains,
    evaluate,
    expected_payoffs,
    expected_return,
    exploitability,
    induced_chain,
    induced_mdp,
    is_equilibrium,
    joint_policy,
    joint_probabilities,
)

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


ASKED = (
    lambda game, policies: evaluate(game, policies),
    lambda game, policies: expected_return(game, policies),
    lambda game, policies: best_response_gains(game, policies),
    lambda game, policies: np.array(exploitability(game, policies)),
    lambda game, policies: best_response(game, 0, policies).values,
    lambda game, policies: expected_payoffs(game, policies),
    lambda game, policies: np.array(is_equilibrium(game, policies)),
)


@pytest.mark.parametrize("asked", ASKED)
def test_in_a_game_of_one_state_a_vector_of_probabilities_is_a_policy(asked):
    """One that the equilibria of a matrix game come as, for everything that takes policies."""
    game = matching_pennies(discount=0.5)
    for own, other in (([0.5, 0.5], [0.25, 0.75]), ([1.0, 0.0], [0, 1]), (np.array([0.1, 0.9]), None)):
        table = None if other is None else [other]
        np.testing.assert_array_equal(asked(game, (own, other)), asked(game, ([own], table)))
    np.testing.assert_array_equal(asked(game, [[1], [0]]), asked(game, [[0, 1], [1, 0]]))  # action numbers


def test_a_vector_and_an_action_number_are_told_apart():
    lonely = matrix_game(np.zeros((2, 1, 2)))
    assert [table.tolist() for table in joint_policy(lonely, [[0], [1]])] == [[[1.0]], [[0.0, 1.0]]]
    assert joint_policy(lonely, [[1.0], None])[0].tolist() == [[1.0]]
    for wrong, words in (
        ([[1.0], None], r"policies\[0\] has shape \(1,\)"),
        ([[2], None], "actions 2 to 2; expected 0 to 1"),
        ([[0.5, 0.4], None], "expected probabilities that sum to 1"),
        ([[0.5, 0.5, 0.0], None], r"policies\[0\] has shape \(3,\)"),
        ([[0.5, 0.5]], "a list of 2 policies"),
    ):
        with pytest.raises(ValueError, match=words):
            joint_policy(matching_pennies(), wrong)
    several = random_game(2, 2, 2, np.random.default_rng(0))
    with pytest.raises(ValueError, match=r"has shape \(2,\)"):
        joint_policy(several, [[0.5, 0.5], None])

"""Many copies of a cooperative game: the right steps, the right ends, one random stream for each seed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marl_edu.games import (
    CROSSING,
    MarkovGame,
    climbing,
    gridworld,
    matching_pennies,
    prisoners_dilemma,
)
from marl_edu.games.successors import Successors
from marl_edu.learning.draws import BLOCK
from marl_edu.learning.team_worlds import GameWorld, TeamWorld, team_world


def streams(seeds: int, first: int = 0) -> list[np.random.Generator]:
    return [np.random.default_rng([3, k]) for k in range(first, first + seeds)]


def started(game: MarkovGame, seeds: int = 1, copies: int = 1) -> GameWorld:
    world = GameWorld(game)
    world.start(streams(seeds), copies)
    return world


def chain(**options) -> MarkovGame:
    """Two agents that can only wait: s0 -> s1 -> s1, each step pays 1, so that it is worth 10 if all goes on."""
    transitions = np.zeros((2, 1, 1, 2))
    transitions[..., 1] = 1
    rewards = np.ones((2, 2, 1, 1))
    if "terminal" in options:
        rewards[:, 1] = 0
    return MarkovGame(transitions, rewards, 0.9, **options)


def random_team_game(seed: int, **options) -> MarkovGame:
    """Five states, 2 x 3 actions, up to five successors each, some of probability 0; one reward for both agents."""
    rng = np.random.default_rng(seed)
    chances = rng.dirichlet(np.ones(5), size=(5, 2, 3)) * (rng.random((5, 2, 3, 5)) < 0.6)
    chances[..., 0] += 0.1
    rewards = np.broadcast_to(rng.normal(size=(5, 2, 3)), (2, 5, 2, 3))
    return MarkovGame(chances / chances.sum(-1, keepdims=True), rewards, start=rng.dirichlet(np.ones(5)), **options)


def random_actions(rng: np.random.Generator, world: GameWorld, seeds: int, copies: int) -> np.ndarray:
    return rng.integers(0, world.game.n_actions, size=(seeds, copies, world.n_agents))


# --- steps -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "game",
    [gridworld(CROSSING, horizon=30), climbing(), random_team_game(1, horizon=7)],
    ids=["grid", "matrix", "random"],
)
def test_every_step_is_one_that_the_game_allows_and_pays_what_it_pays(game):
    world, rng = started(game, 3, 4), np.random.default_rng(0)
    chances = game.transitions.reshape(game.n_states, game.n_joint_actions, game.n_states)
    rewards = game.rewards[0].reshape(game.n_states, game.n_joint_actions)
    for _ in range(2 * BLOCK + 10):
        before, actions = world.where["state"], random_actions(rng, world, 3, 4)
        step = world.step(actions)
        joint = np.ravel_multi_index(tuple(np.moveaxis(actions, -1, 0)), game.n_actions)
        assert (chances[before, joint, step.next_where["state"]] > 0).all()
        assert (step.rewards == rewards[before, joint]).all()
        ended = step.terminated | step.truncated
        assert (world.where["state"] == step.next_where["state"])[~ended].all()
        assert (game.start[world.where["state"][ended]] > 0).all()


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_successors_and_starts_are_drawn_as_often_as_the_game_says(seed):
    game = random_team_game(seed, horizon=2)
    world, copies = started(game, 1, 4000), 4000
    assert (game.transitions == 0).any()
    firsts = np.bincount(world.where["state"][0], minlength=5) / copies
    assert np.abs(firsts - game.start).max() < 5 * 0.5 / np.sqrt(copies)
    for _ in range(6):
        states, actions = world.where["state"][0], np.ones((1, copies, 2), dtype=int)
        following = world.step(actions).next_where["state"][0]
        for state in range(5):
            here = following[states == state]
            found = np.bincount(here, minlength=5) / max(len(here), 1)
            if len(here):
                wanted = game.transitions[state, 1, 1]
                assert np.abs(found - wanted).max() < 5 * 0.5 / np.sqrt(len(here))
                assert (found[wanted == 0] == 0).all()


@pytest.mark.parametrize("coin", [0.0, 1e-300, 1 - 2**-53])
def test_a_coin_at_the_very_edge_falls_on_an_outcome_of_its_own_pair(coin):
    game = random_team_game(3, horizon=1)
    world, rng = started(game, 1, 200), np.random.default_rng(0)
    world._coins.block[:] = coin
    for _ in range(5):
        world._coins.block[:, :, 1] = rng.random(world._coins.block[:, :, 1].shape)  # where episodes begin
        states, actions = world.where["state"][0], random_actions(rng, world, 1, 200)
        found = world.step(actions).next_where["state"][0]
        chances = game.transitions[states, actions[0, :, 0], actions[0, :, 1]]
        edge = [np.flatnonzero(row)[0 if coin < 0.5 else -1] for row in chances]
        assert found.tolist() == edge


def test_rewards_that_are_random_themselves():
    world = started(climbing("partially stochastic"), 1, 10_000)
    paid = world.step(np.ones((1, 10_000, 2), dtype=int)).rewards
    assert set(paid.ravel().tolist()) == {0, 14}
    assert abs(paid.mean() - 7) < 5 * 7 / 100


def test_the_same_play_as_around_the_pettingzoo_world():
    """Turn by turn beside ``parallel_env`` in a world without chance: rewards, observations and both kinds of end."""
    game = gridworld(CROSSING, horizon=9)
    world, env, rng = started(game), game.parallel_env(), np.random.default_rng(2)
    env.reset(seed=0)
    ends = {"terminated": 0, "truncated": 0}
    for _ in range(400):
        actions = random_actions(rng, world, 1, 1)
        step = world.step(actions)
        seen, rewards, terminated, truncated, _ = env.step(dict(zip(game.agents, actions[0, 0].tolist(), strict=True)))
        assert step.rewards[0, 0] == rewards[game.agents[0]]
        assert (step.terminated[0, 0], step.truncated[0, 0]) == (terminated["agent 1"], truncated["agent 1"])
        assert game.observations[0, step.next_where["state"][0, 0]] == seen["agent 1"]
        ends["terminated"] += terminated["agent 1"]
        ends["truncated"] += truncated["agent 1"]
        if not env.agents:
            env.reset()
    assert ends["truncated"] > 10


# --- ends: cut off is not terminated ---------------------------------------------------------------------------------


def learned_value(game: MarkovGame, future) -> float:
    """Value of s0 after many corrections with step size 1/2 towards r + discount x future(values, step, world)."""
    world, values = started(game), np.zeros(game.n_states)
    for _ in range(400):
        state = world.where["state"][0, 0]
        step = world.step(np.zeros((1, 1, 2), dtype=int))
        target = step.rewards[0, 0] + game.discount * future(values, step, world)
        values[state] += 0.5 * (target - values[state])
    return values[0]


def right(values, step, world):
    return (1 - step.terminated[0, 0]) * values[step.next_where["state"][0, 0]]


def cut_off_as_if_it_were_an_end(values, step, world):
    return (1 - (step.terminated | step.truncated)[0, 0]) * values[step.next_where["state"][0, 0]]


def from_where_the_next_episode_begins(values, step, world):
    return (1 - step.terminated[0, 0]) * values[world.where["state"][0, 0]]


def test_a_time_limit_bootstraps_from_the_true_last_state_and_an_end_does_not():
    assert learned_value(chain(horizon=2), right) == pytest.approx(10, abs=0.01)
    assert learned_value(chain(terminal=[1]), right) == pytest.approx(1)
    # and the two usual mistakes would show: 1 + .9 x 1, and a value that hides the second state's
    assert learned_value(chain(horizon=2), cut_off_as_if_it_were_an_end) == pytest.approx(1.9)
    detour = MarkovGame(  # s0 pays 0 and leads to s1, which pays 1 for ever
        chain().transitions, [[[[0.0]], [[1.0]]]] * 2, 0.9, horizon=1
    )
    untouched = learned_value(detour, right)
    assert untouched == learned_value(detour, from_where_the_next_episode_begins) == 0  # s1 is never learned about
    assert learned_value(detour.replace(start=[0.5, 0.5]), right) == pytest.approx(9, abs=0.1)
    assert learned_value(detour.replace(start=[0.5, 0.5]), from_where_the_next_episode_begins) != pytest.approx(
        9, abs=1
    )


def test_the_two_kinds_of_end_are_counted_exactly():
    world = started(chain(horizon=3), 2, 2)
    steps = [world.step(np.zeros((2, 2, 2), dtype=int)) for _ in range(12)]
    assert [step.truncated.all() for step in steps] == [False, False, True] * 4
    assert not any(step.terminated.any() for step in steps)
    assert [step.next_where["state"].min() for step in steps] == [1] * 12
    assert (world.where["state"] == 0).all()


def test_an_end_in_the_last_step_allowed_is_an_end():
    world = started(chain(horizon=1, terminal=[1]))
    step = world.step(np.zeros((1, 1, 2), dtype=int))
    assert step.terminated.all() and not step.truncated.any()


def test_ages_are_counted_copy_by_copy():
    """One copy's early end must not restart the clock of the others."""
    transitions = np.zeros((2, 2, 2, 2))
    transitions[0, 0, :, 0] = transitions[0, 1, :, 1] = transitions[1, :, :, 1] = 1  # agent 1's action 1 ends it
    world = started(MarkovGame(transitions, np.zeros((2, 2, 2, 2)), terminal=[1], horizon=4), 1, 2)
    ends = []
    for t in range(8):
        actions = np.zeros((1, 2, 2), dtype=int)
        actions[0, 0, 0] = t == 1
        step = world.step(actions)
        ends.append((step.terminated[0].tolist(), step.truncated[0].tolist()))
    assert [t for t in range(8) if ends[t][0][0]] == [1] and [t for t in range(8) if ends[t][1][0]] == [5]
    assert [t for t in range(8) if ends[t][0][1]] == [] and [t for t in range(8) if ends[t][1][1]] == [3, 7]


def test_a_game_that_is_played_once_is_over_after_one_play():
    step = started(climbing()).step(np.zeros((1, 1, 2), dtype=int))
    assert step.terminated.all() and not step.truncated.any()


# --- seeds -----------------------------------------------------------------------------------------------------------


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10**6), copies=st.integers(1, 4))
def test_a_seed_lives_the_same_life_alone_and_among_others(seed, copies):
    game = random_team_game(seed, horizon=5)
    rng = np.random.default_rng(seed)
    together, alone = GameWorld(game), GameWorld(game)
    together.start(streams(3), copies)
    alone.start(streams(1, first=2), copies)
    for _ in range(BLOCK + 5):
        actions = random_actions(rng, together, 3, copies)
        both = together.step(actions), alone.step(actions[2:])
        for name in ("rewards", "terminated", "truncated"):
            assert (getattr(both[0], name)[2:] == getattr(both[1], name)).all()
        assert (together.where["state"][2:] == alone.where["state"]).all()


def test_seeds_and_copies_differ():
    world, rng = started(random_team_game(0, horizon=5), 2, 2), np.random.default_rng(0)
    lives = []
    for _ in range(40):
        world.step(np.broadcast_to(random_actions(rng, world, 1, 1), (2, 2, 2)))
        lives.append(world.where["state"].ravel())
    assert len(set(map(tuple, np.array(lives).T))) == 4


def test_another_world_does_not_disturb_the_first():
    game, rng = random_team_game(0, horizon=5), np.random.default_rng(0)
    disturbed, alone = started(game, 1, 3), started(game, 1, 3)
    for _ in range(20):
        actions = random_actions(rng, alone, 1, 3)
        other = disturbed.another()
        other.start(streams(2, first=7), 2)
        other.step(np.zeros((2, 2, 2), dtype=int))
        disturbed.step(actions)
        alone.step(actions)
        assert (disturbed.where["state"] == alone.where["state"]).all()
    assert (disturbed._age == alone._age).all()


def test_a_started_world_is_not_shared_by_those_who_ask_for_one():
    world = started(climbing())
    assert team_world(world) is not world
    with pytest.raises(ValueError, match="climbing game has not been started; expected a call of start"):
        _ = team_world(world).where
    with pytest.raises(ValueError, match="has not been started"):
        team_world(climbing()).step(np.zeros((1, 1, 2), dtype=int))


# --- what agents see -------------------------------------------------------------------------------------------------


def test_without_features_of_its_own_a_game_has_one_for_each_observation_and_state():
    seen = [[0, 0, 1, 2, 1], [3, 1, 1, 0, 0]]
    world = started(random_team_game(0, observations=seen), 2, 3)
    observations, states = world.encode({"state": np.arange(5)})
    assert observations.shape == (5, 2, 4) and states.shape == (5, 5)
    assert (seen == observations.argmax(-1).T).all() and (observations.sum(-1) == 1).all()
    assert (states == np.eye(5)).all() and observations.dtype == states.dtype == np.float32
    assert (world.n_features, world.n_state_features) == (4, 5)
    assert world.encode(world.where)[0].shape == (2, 3, 2, 4)


class Layout:
    """Features as a game's layout may give them."""

    def __init__(self, observation_features, state_features):
        self.observation_features, self.state_features = observation_features, state_features


def test_features_of_the_game_itself_are_used():
    own = Layout(np.arange(2 * 5 * 3).reshape(2, 5, 3), np.arange(5 * 2).reshape(5, 2) / 2)
    world = started(random_team_game(0, layout=own))
    observations, states = world.encode({"state": np.array([[4, 2]])})
    assert observations.shape == (1, 2, 2, 3) and states.shape == (1, 2, 2)
    assert observations[0, 0, 1].tolist() == own.observation_features[1, 4].tolist()  # copy 0 in state 4, agent 2
    assert states[0, 1].tolist() == [2.0, 2.5]


@pytest.mark.parametrize(
    ("layout", "said"),
    [
        (
            Layout(np.zeros((5, 2, 3)), np.zeros((5, 1))),
            r"observation_features has shape \(5, 2, 3\); expected 2 x 5 x",
        ),
        (Layout(np.zeros((2, 5, 3)), np.zeros((4, 1))), r"state_features has shape \(4, 1\); expected 5 x"),
        (Layout(np.zeros((2, 5, 3)), np.full((5, 1), np.nan)), "state_features.* is nan; expected a finite number"),
        (Layout(np.zeros((2, 5, 0)), np.zeros((5, 1))), "expected 2 x 5 x at least one feature"),
    ],
)
def test_features_that_do_not_fit_are_refused(layout, said):
    with pytest.raises(ValueError, match=said):
        GameWorld(random_team_game(0, layout=layout))


def test_actions_that_an_agent_lacks_are_known_and_refused():
    world = started(random_team_game(0), 2, 2)
    assert world.n_actions == 3
    assert world.available(world.where).shape == (2, 2, 2, 3)
    assert world.available(world.where)[1, 1].tolist() == [[True, True, False], [True, True, True]]
    assert started(climbing()).available({"state": np.zeros(3, dtype=int)}) is None
    actions = np.zeros((2, 2, 2), dtype=int)
    actions[1, 0, 0] = 2
    with pytest.raises(ValueError, match=r"actions\[1, 0, 0\] is 2; expected a whole number from 0 to 1"):
        world.step(actions)


@pytest.mark.parametrize(
    ("actions", "said"),
    [
        (np.zeros((1, 2), dtype=int), r"shape \(1, 2\) of int64; expected whole numbers of shape \(1, 1, 2\)"),
        (np.zeros((1, 1, 2)), "of float64"),
        (np.full((1, 1, 2), -1), r"actions\[0, 0, 0\] is -1"),
        (np.zeros((1, 1, 2), dtype=bool), "of bool"),
    ],
)
def test_actions_of_another_kind_are_refused(actions, said):
    with pytest.raises(ValueError, match=said):
        started(climbing()).step(actions)


# --- worlds that are not for a team ----------------------------------------------------------------------------------


def three_states_one_unfair() -> MarkovGame:
    game = random_team_game(
        0, states=["here", "there", "far", "near", "home"], actions=[["up", "down"], ["a", "b", "c"]]
    )
    rewards = game.rewards.copy()
    rewards[1, 2, 1, 0] += 1.5
    rewards[:, 2, 1, 0] = np.round(rewards[:, 2, 1, 0], 1)
    return game.replace(rewards=rewards, name="quarrel")


def unfair_by_chance() -> MarkovGame:
    """Each outcome pays differently, the mean is the same."""
    paid = np.zeros((2, 1, 2, 2, 1))
    game = MarkovGame(np.ones((1, 2, 2, 1)), paid, 0, name="lottery")
    assert game.setting == "cooperative"
    split = MarkovGame(
        np.full((2, 1, 1, 2), 0.5),
        np.array([[[[[3.0, 1.0]]], [[[0, 0]]]], [[[[1.0, 3.0]]], [[[0, 0]]]]]),
        0.5,
        name="lottery",
    )
    assert (split.rewards[0] == split.rewards[1]).all()
    return split


@pytest.mark.parametrize(
    ("game", "said"),
    [
        (
            three_states_one_unfair(),
            r"quarrel is not cooperative: in state far the joint action \(down, a\) pays agent 1 ",
        ),
        (prisoners_dilemma(), r"not cooperative: in state s0 the joint action \(.*\) pays agent 1 .* and agent 2 .*"),
        (matching_pennies(), "not cooperative"),
        (unfair_by_chance(), r"in state s0 the joint action \(.*\) pays agent 1 3 and agent 2 1; expected one reward"),
        (gridworld("1.A"), "has one agent; expected a team of two or more"),
        (random_team_game(0, discount=1), "discount 1 and no horizon"),
    ],
)
def test_worlds_that_are_not_for_a_team_are_refused(game, said):
    with pytest.raises(ValueError, match=said):
        GameWorld(game)


def test_too_many_states_for_one_feature_each_are_refused():
    n = 4097
    still = Successors(np.arange(n + 1), np.arange(n, dtype=np.int32), np.ones(n))
    ring = MarkovGame(still, np.zeros((2, n, 1, 1)))
    with pytest.raises(ValueError, match="4,097 observations, too many for one feature each; expected at most 4,096"):
        GameWorld(ring)
    with pytest.raises(ValueError, match=r"4,097 states, .* or a layout with state_features"):
        GameWorld(ring.replace(observations=np.zeros((2, n), dtype=int)))


@pytest.mark.parametrize("given", [None, "climbing", np.zeros(3)])
def test_what_is_no_world_is_refused(given):
    with pytest.raises(ValueError, match="expected a MarkovGame or a TeamWorld"):
        team_world(given)


@pytest.mark.parametrize(
    ("generators", "copies", "said"), [([0], 1, r"generators\[0\] is 0"), (streams(1), 0, "copies")]
)
def test_a_start_without_streams_or_copies_is_refused(generators, copies, said):
    with pytest.raises(ValueError, match=said):
        GameWorld(climbing()).start(generators, copies)


def test_the_base_says_what_a_world_must_do():
    for act in (lambda w: w.where, lambda w: w.step(0), lambda w: w.start([], 1), lambda w: w.encode({})):
        with pytest.raises(NotImplementedError):
            act(TeamWorld())

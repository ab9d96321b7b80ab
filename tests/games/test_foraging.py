"""Foraging: every rule against a second implementation, what agents see, exact values, size, faces, bad input."""

import itertools
import tracemalloc

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pettingzoo.test import api_test, parallel_api_test, parallel_seed_test, render_test
from pettingzoo.test.state_test import state_test
from pettingzoo.utils.conversions import parallel_to_aec
from slow_foraging import SlowForaging

from marl_edu.games import CLEARING, foraging
from marl_edu.games.rendering import CELL, FOOD, picture, words
from marl_edu.planning import deterministic_returns, expected_return, reference_returns, team_optimum

STAY, NORTH, SOUTH, WEST, EAST, LOAD = range(6)


def after(game, places, *joint_action):
    """Where a joint action leads from a named state, and what it pays."""
    state, rewards = game.sample(game.states.index(places), joint_action, np.random.default_rng(0))
    return game.states[state], pytest.approx(rewards.tolist())


def situation(game, state):
    """Places and foods of a state, as the second implementation has them."""
    layout = game.layout
    left = zip(layout.foods, layout.food_levels.tolist(), layout.present[state], strict=True)
    places = tuple(layout.place(cell) for cell in layout.positions[state])
    return places, {layout.place(cell): level for cell, level, there in left if there}


@st.composite
def small_worlds(draw):
    """A random drawing and options, with the description that the second implementation reads."""
    rows, columns = draw(st.integers(2, 3)), draw(st.integers(2, 4))
    cells = list(itertools.product(range(rows), range(columns)))
    walls = set(draw(st.lists(st.sampled_from(cells), max_size=2)))
    free = [cell for cell in cells if cell not in walls]
    n_agents = draw(st.integers(1, 3 if len(free) <= 8 else 2))
    levels = draw(st.lists(st.integers(1, 2), min_size=n_agents, max_size=n_agents))
    placed = draw(st.lists(st.sampled_from(free), min_size=1, max_size=2, unique=True))
    assume(len(free) - len(placed) >= n_agents)
    foods = {place: draw(st.integers(1, sum(levels))) for place in sorted(placed)}
    drawing = [
        "".join("#" if (r, c) in walls else str(foods.get((r, c), ".")) for c in range(columns)) for r in range(rows)
    ]
    options = {
        "penalty": draw(st.sampled_from([0.0, 0.3])),
        "step_cost": draw(st.sampled_from([0.0, 0.05])),
        "reward": draw(st.sampled_from(["individual", "team"])),
        "sight": draw(st.integers(0, 3)),
    }
    slow = SlowForaging(set(free), foods, levels, **options)
    try:
        game = foraging(drawing, levels=levels, **options)
    except ValueError as error:
        assert any(reason in str(error) for reason in ("can't gather all food", "no free cells")), error
        assume(False)
    return game, slow


@given(small_worlds(), st.integers(0, 2**32))
@settings(max_examples=100, deadline=None)
def test_agrees_with_a_second_implementation(world, seed):
    game, slow = world
    rng = np.random.default_rng(seed)
    for state in rng.choice(game.n_states, size=min(game.n_states, 12), replace=False).tolist():
        places, left = situation(game, state)
        assert game.terminal[state] == (not left)
        assert game.start[state] > 0 or len(left) < len(slow.foods)
        for _ in range(15):
            joint_action = tuple(rng.integers(6, size=game.n_agents).tolist())
            then, rewards = game.sample(state, joint_action, rng)
            expected = slow.step(places, left, joint_action)
            assert situation(game, then) == expected[:2], (game.states[state], joint_action)
            assert rewards.tolist() == pytest.approx(expected[2]), (game.states[state], joint_action)


@given(small_worlds())
@settings(max_examples=60, deadline=None)
def test_what_is_seen_is_all_that_is_within_sight_and_features_say_the_same(world):
    """Two states have one number for an agent exactly if it sees the same, and exactly then the same features."""
    game, slow = world
    features = game.layout.observation_features
    assert features.dtype == game.layout.state_features.dtype == np.float32
    for i in range(game.n_agents):
        told = [slow.seen(*situation(game, state), i) for state in range(game.n_states)]
        numbers = game.observations[i].tolist()
        assert len(set(zip(told, numbers, strict=True))) == len(set(told)) == len(set(numbers))
        vectors = {vector.tobytes() for vector in features[i]}
        pairs = {(number, vector.tobytes()) for number, vector in zip(numbers, features[i], strict=True)}
        assert len(pairs) == len(vectors) == len(set(numbers))
    assert len(np.unique(game.layout.state_features, axis=0)) == game.n_states, "the state's features tell all"


@given(small_worlds())
@settings(max_examples=40, deadline=None)
def test_exactly_the_states_that_can_be_reached_are_listed(world):
    game, _ = world
    leads_to = game.successors.states.reshape(game.n_states, -1)
    seen, n_seen = game.start > 0, 0
    while seen.sum() > n_seen:
        n_seen = seen.sum()
        seen[leads_to[seen]] = True
    assert seen.all()


def test_features_are_one_out_of_the_values_of_every_part_and_have_names():
    layout = foraging().layout
    state = foraging().states.index("(0,0) (2,1) 2.")
    names = np.array(layout.feature_names)
    assert layout.observation_features.shape == (2, 692, len(names)) and len(set(names)) == len(names) - 1
    said = set(names[layout.observation_features[0, state] == 1])
    assert said == {
        *("in row 0", "in column 0", "food 2 at (1, 1) there", "food 1 at (2, 3) out of sight"),
        *("other 1 2 south", "other 1 1 east"),
    }
    said = set(names[layout.observation_features[1, state] == 1])
    assert {"food 1 at (2, 3) gone", "other 1 2 north", "other 1 1 west"} < said
    assert (layout.observation_features.sum(axis=-1) == 6).all()
    assert layout.state_features[state].nonzero()[0].tolist() == [0, 4, 8 + 2, 12 + 1, 16]


def test_a_food_of_level_two_needs_both_at_the_same_time():
    game = foraging(penalty=0.3, step_cost=0, reward="individual")
    beside = "(0,1) (2,1) 21"
    assert after(game, beside, LOAD, LOAD) == ("(0,1) (2,1) .1", [1 / 3, 1 / 3])
    for alone in (STAY, EAST, SOUTH):
        assert after(game, beside, LOAD, alone)[1] == [-0.3, 0]
        assert after(game, beside, alone, LOAD)[1] == [0, -0.3]
    assert after(game, "(0,1) (3,0) 21", LOAD, LOAD) == ("(0,1) (3,0) 21", [-0.3, 0]), "from afar nothing is loaded"
    assert after(game, "(0,1) (3,3) 21", STAY, LOAD) == ("(0,1) (3,3) 2.", [0, 1 / 3])
    assert after(game, "(2,2) (3,3) 21", LOAD, LOAD) == ("(2,2) (3,3) 2.", [1 / 6, 1 / 6])


def test_who_lifts_more_is_paid_more_and_all_foods_pay_one():
    """The rule of Christianos et al.: l_i f / (sum of loaders' levels x sum of foods)."""
    game = foraging([".3.", "..1"], levels=(1, 2), reward="individual", step_cost=0)
    assert after(game, "(0,0) (1,1) 31", LOAD, LOAD)[1] == [3 / 12, 6 / 12]
    assert after(game, "(0,0) (0,2) .1", LOAD, LOAD)[1] == [0, 1 / 4]
    team = foraging([".3.", "..1"], levels=(1, 2), step_cost=0)
    assert team.setting == "cooperative" and game.setting == "general-sum"
    assert (team.rewards == game.rewards.sum(axis=0)).all()
    undiscounted = foraging(discount=1, step_cost=0)
    assert team_optimum(undiscounted).per_agent == pytest.approx(1), "within the horizon nothing is left"


def test_nobody_enters_walls_foods_people_or_a_cell_that_another_wants():
    game = foraging(["1...", ".#.."], step_cost=0, penalty=0)
    for places, actions, then in [
        ("(0,1) (0,3) 1", (EAST, WEST), "(0,1) (0,3) 1"),  # both want the cell between them
        ("(0,1) (0,2) 1", (EAST, WEST), "(0,1) (0,2) 1"),  # nobody changes places
        ("(0,1) (0,2) 1", (EAST, EAST), "(0,1) (0,3) 1"),  # and nobody follows into a cell that is being left
        ("(0,1) (0,2) 1", (WEST, STAY), "(0,1) (0,2) 1"),  # the food
        ("(0,1) (0,2) 1", (SOUTH, NORTH), "(0,1) (0,2) 1"),  # the wall and the border
        ("(0,1) (0,2) 1", (LOAD, SOUTH), "(0,1) (1,2) ."),
    ]:
        assert after(game, places, *actions)[0] == then


def test_of_two_foods_the_first_in_the_drawing_is_loaded():
    game = foraging(["1.2", "..."], step_cost=0, penalty=0.5)
    assert after(game, "(0,1) (1,2) 12", LOAD, LOAD)[1] == [1 / 3 - 0.5] * 2, "each another one"
    assert after(game, "(0,1) (1,2) .2", LOAD, LOAD)[1] == [2 / 3] * 2


def test_an_episode_ends_with_the_last_food_and_not_before():
    game = foraging()
    assert (game.terminal == ~game.layout.present.any(axis=1)).all() and game.terminal.any()
    assert all(name.endswith("..") == bool(end) for name, end in zip(game.states, game.terminal, strict=True))


def test_all_starts_are_equally_likely_or_one_is_given():
    game = foraging()
    first = game.start > 0
    assert first.sum() == 14 * 13 and np.allclose(game.start[first], 1 / (14 * 13))
    assert game.layout.present[first].all()
    fixed = foraging(starts=[(0, 0), (3, 3)])
    assert fixed.states[int(fixed.start.argmax())] == "(0,0) (3,3) 21" and fixed.start.max() == 1


def test_what_an_agent_sees_is_less_than_the_state_unless_it_sees_everything():
    assert foraging().n_observations == (500, 500)
    everything = foraging(sight=3)
    for i in (0, 1):
        assert len(set(everything.observations[i])) == everything.n_states
    blind = foraging(sight=0)
    assert blind.n_observations == (16, 16)
    assert foraging(sight=9).n_observations == everything.n_observations


def test_the_same_number_means_the_same_to_all_agents():
    """So that agents may share a table or a network: who stands where the other stood sees what it saw."""
    game = foraging(levels=(1, 1))
    place = {tuple(cells): state for state, cells in enumerate(game.layout.positions.tolist()) if game.start[state]}
    for (one, other), state in place.items():
        assert game.observations[0, state] == game.observations[1, place[other, one]]


def walked(game, policies, starts, steps):
    """Mean discounted return of deterministic local policies, walked step by step."""
    total, rng = 0.0, np.random.default_rng(0)
    for state in starts:
        for t in range(steps):
            actions = tuple(int(policies[i][game.observations[i, state]]) for i in range(game.n_agents))
            state, rewards = game.sample(int(state), actions, rng)
            total += game.discount**t * rewards[0]
    return total / len(starts)


def test_exact_returns_are_those_of_walks():
    game = foraging()
    policies = np.random.default_rng(4).integers(6, size=(2, 500))
    by_hand = walked(game, policies, np.flatnonzero(game.start), 120)
    assert deterministic_returns(game, policies[np.newaxis])[0] == pytest.approx(by_hand, abs=1e-5)


def test_the_optimum_of_a_field_can_be_counted_by_hand():
    """Agent 1 must go two steps to stand below the food; agent 2 stands beside it; then both load."""
    game = foraging(["..2.", "...."], starts=[(0, 0), (0, 3)], step_cost=0.01, discount=0.9, horizon=None)
    one_way = -0.02 + 0.9 * (1 - 0.02)
    assert team_optimum(game).per_agent == pytest.approx(one_way)
    both = team_optimum(foraging(["..2.", "...."], levels=(2, 1), starts=[(0, 0), (1, 0)], step_cost=0, discount=0.5))
    assert both.per_agent == pytest.approx(0.5), "an agent of level 2 lifts it alone"


def test_in_the_default_field_selfish_play_loses_much():
    """Who never tries the large food can be paid 1/3 at most; who tries it without the other is worse off."""
    game = foraging()
    known = reference_returns(game)
    assert known["team optimum"] == pytest.approx(0.760168, abs=1e-6)
    assert known["random play"] == pytest.approx(-0.241913, abs=1e-6)
    states = np.arange(game.n_states)
    left = game.layout.present.copy()
    lifts = left[:, 0, np.newaxis] & ~left[:, 0][game.successors.states.reshape(game.n_states, -1)]
    without = game.rewards.reshape(2, game.n_states, -1).copy()
    without[:, lifts] = -1  # nobody will choose that
    alone = team_optimum(game.replace(rewards=without.reshape(game.rewards.shape))).per_agent
    assert states.size == 692 and alone < 0.2 < 0.5 * known["team optimum"]
    # Against a partner who plays at random, loading the large food brings less than not loading from 1/6 up.
    beside = game.states.index("(0,1) (2,1) 21")
    for penalty, worth in ((0.16, True), (0.17, False), (0.2, False)):
        pays = foraging(penalty=penalty).rewards[0, beside]
        assert (pays[LOAD].mean() > pays[:LOAD].mean()) == (pays[:, LOAD].mean() > pays[:, :LOAD].mean()) == worth
    assert pays.argmax() == np.ravel_multi_index((LOAD, LOAD), (6, 6))


def test_in_the_default_field_sight_and_no_memory_are_nearly_enough():
    """What learners miss there is not hidden from them: local rules come within 0.1 % of central control.

    Each agent first does in each of its observations what is best in most states that look like it, and then changes
    one answer at a time as long as the team gains.
    """
    game = foraging()
    best, sights = team_optimum(game), max(game.n_observations)
    votes = np.zeros((2, sights, 6))
    for i in (0, 1):
        np.add.at(votes, (i, game.observations[i], best.actions[:, i]), 1)
    policy = votes.argmax(axis=-1)
    for i, seen in itertools.product((0, 1), range(sights)):
        tried = np.repeat(policy[np.newaxis], 6, axis=0)
        tried[:, i, seen] = range(6)
        returns = deterministic_returns(game, tried)[:, 0]
        policy = tried[returns.argmax()]
    assert 0.999 * best.per_agent < returns.max() < best.per_agent


def test_random_play_solves_its_bellman_equation():
    game = foraging(["2.", ".."], horizon=None, discount=0.8)
    chain = game.transitions.reshape(game.n_states, 36, game.n_states).mean(axis=1)
    values = np.linalg.solve(
        np.eye(game.n_states) - 0.8 * chain, game.rewards[0].reshape(game.n_states, 36).mean(axis=1)
    )
    assert expected_return(game)[0] == pytest.approx(game.start @ values)


def test_three_agents_fit():
    tracemalloc.start()
    game = foraging(["....", ".3.1", "...."], levels=(1, 1, 1))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (~game.terminal).sum() == 10 * 9 * 8 + 2 * 11 * 10 * 9 and peak < 0.15e9
    assert game.layout.observation_features.shape[::2] == (3, 3 + 4 + 2 * 3 + 2 * (6 + 6))
    around = game.states.index("(0,1) (2,1) (1,0) 31")
    assert game.rewards[0, around, LOAD, LOAD, LOAD] == pytest.approx(0.75 - 0.03)
    assert game.rewards[0, around, LOAD, LOAD, STAY] == pytest.approx(-0.4 - 0.03)


# --- faces and pictures ----------------------------------------------------------------------------------------------


def test_the_published_conformance_checks(monkeypatch):
    game = foraging(horizon=10)
    parallel_api_test(game.parallel_env(), num_cycles=100)
    parallel_seed_test(game.parallel_env, num_cycles=50)
    env = game.parallel_env()
    state_test(parallel_to_aec(game.parallel_env()), env)
    monkeypatch.delitem(gymnasium.registry, "markov/Foraging-v0", raising=False)
    gymnasium.register("markov/Foraging-v0", entry_point=lambda **given: game.single_agent_env(1, **given))
    check_env(gymnasium.make("markov/Foraging-v0", disable_env_checker=True).unwrapped)


@pytest.mark.filterwarnings("ignore:We recommend agents to be named", "ignore:Observation is not a NumPy array")
def test_the_published_checks_of_turns_and_pictures(capsys):
    game = foraging(horizon=10)
    api_test(parallel_to_aec(game.parallel_env()), num_cycles=50)
    render_test(lambda render_mode=None: parallel_to_aec(game.parallel_env(render_mode=render_mode)))
    assert capsys.readouterr().out


def test_a_time_limit_truncates_and_the_last_food_terminates():
    env = foraging(["21.", "..."], starts=[(1, 0), (0, 2)], horizon=2).parallel_env()
    env.reset(seed=0)
    for t in (1, 2):
        _, _, terminated, truncated, _ = env.step({"agent 1": STAY, "agent 2": STAY})
        assert not any(terminated.values()) and set(truncated.values()) == {t == 2}
    env = foraging(["1..", "..."], starts=[(1, 0), (0, 2)], horizon=1, discount=0.9).parallel_env()
    env.reset(seed=0)
    _, _, terminated, truncated, _ = env.step({"agent 1": LOAD, "agent 2": STAY})
    assert all(terminated.values()) and not any(truncated.values())


def test_pictures_and_words_show_agents_and_what_is_left():
    game = foraging(["#2..", "...1"])
    assert words(game, game.states.index("(0,2) (1,2) 21")) == "#2a.\n..b1"
    assert words(game, game.states.index("(0,2) (1,3) 2.")) == "#2a.\n...b"
    there, gone = (picture(game, game.states.index(f"(0,2) (1,2) {left}")) for left in ("21", "2."))
    assert there.shape == gone.shape == (2 * CELL, 4 * CELL, 3) and there.dtype == np.uint8
    food = np.array([int(FOOD[k : k + 2], 16) for k in (1, 3, 5)])
    corner = [(image[CELL:, 3 * CELL :] == food).all(axis=-1).mean() for image in (there, gone)]
    assert corner[0] > 0.15 and corner[1] == 0
    assert (there[:CELL] == gone[:CELL]).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: foraging(["...", "..."]), "layout has no food; expected a level from '1' to '9'"),
        (lambda: foraging(["1.x"]), "unknown character 'x' in row 0, column 2; expected '#' for a wall"),
        (lambda: foraging(["1.0"]), "unknown character '0' in row 0, column 2"),
        (lambda: foraging(["1.²"]), "unknown character '²' in row 0, column 2"),
        (lambda: foraging(["1..", ".."]), "layout row 1 has 2 characters; expected 3 as in row 0"),
        (lambda: foraging(None), "layout is None; expected a drawing"),
        (lambda: foraging(""), "layout is empty"),
        (lambda: foraging(["3.."]), r"agents of levels \[1, 1\] can't gather all food of this field; expected higher"),
        (lambda: foraging(["2.."]), "can't gather all food"),
        (lambda: foraging([".1#1", "..##"]), "can't gather all food"),
        (lambda: foraging(["1."]), "2 agents find no free cells to start in; expected a larger field"),
        (lambda: foraging(levels=()), r"levels is \(\); expected a level for each of 1 to 6 agents"),
        (lambda: foraging(levels=[1] * 7), "expected a level for each of 1 to 6 agents"),
        (lambda: foraging(levels=2), "levels is 2; expected a level for each"),
        (lambda: foraging(levels="11"), "levels is '11'; expected a level for each"),
        (lambda: foraging(levels=(1, 0)), r"levels\[1\] is 0; expected a whole number from 1 to 9"),
        (lambda: foraging(levels=(1, True)), r"levels\[1\] is True; expected a whole number"),
        (lambda: foraging(sight=-1), "sight is -1; expected a whole number from 0 up"),
        (lambda: foraging(sight=1.5), "sight is 1.5; expected a whole number"),
        (lambda: foraging(penalty=-1), "penalty is -1"),
        (lambda: foraging(penalty=float("nan")), "penalty is nan"),
        (lambda: foraging(step_cost=float("inf")), "step_cost is inf"),
        (lambda: foraging(reward="shared"), "reward is 'shared'; expected one of 'team', 'individual'"),
        (lambda: foraging(discount=1.5), "discount is 1.5"),
        (lambda: foraging(horizon=0), "horizon is 0"),
        (lambda: foraging(starts=[(0, 0)]), r"starts is \[\(0, 0\)\]; expected \(row, column\) for each of 2 agents"),
        (lambda: foraging(starts=[(0, 0), 3]), r"starts\[1\] is 3; expected \(row, column\)"),
        (lambda: foraging(starts=[(0, 0), (0, 4)]), r"starts\[1\] column is 4; expected a whole number from 0 to 3"),
        (lambda: foraging(starts=[(0, 0), (0, 0)]), r"starts\[1\] is where another agent is, in row 0, column 0"),
        (lambda: foraging(starts=[(1, 1), (0, 0)]), r"starts\[0\] is where a food is, in row 1, column 1"),
        (lambda: foraging([".#1", "..."], starts=[(0, 1), (0, 0)]), r"starts\[0\] is where a wall is"),
        (lambda: foraging(levels=(1, 1, 1, 1)), "4 agents and 2 foods on 16 cells make up to .* outcomes; expected"),
        (lambda: foraging(["1" * 6] * 3), "2 agents and 18 foods on 18 cells make up to .* outcomes; expected at most"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_the_ready_made_field_and_its_description():
    game = foraging(CLEARING)
    assert repr(game.layout) == "ForagingLayout(4 x 4 cells, 2 agents, foods of level 2 and 1, sight 2)"
    assert (game.horizon, game.discount, game.actions[0][LOAD]) == (25, 0.9, "load")
    for table in (game.layout.observation_features, game.layout.positions, game.layout.present):
        with pytest.raises(ValueError, match="read-only"):
            table[...] = 0

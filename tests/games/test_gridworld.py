"""Gridworlds: every rule against a second implementation, symmetry, published values, size, and bad input."""

import itertools
import time
import tracemalloc
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from slow_grid import SlowGrid

from marl_edu.games import CORRIDOR, CROSSING, DOORWAY, gridworld
from marl_edu.planning import team_optimum

RULES = ("block", "pay", "end", "pass")
EVERYBODY = 8
STAY, NORTH, SOUTH, WEST, EAST = range(5)


def after(game, places, *joint_action):
    """Where a joint action leads from a named state of a game without slipping, and what it pays."""
    state, rewards = game.sample(game.states.index(places), joint_action, np.random.default_rng(0))
    return game.states[state], rewards.tolist()


@st.composite
def small_worlds(draw):
    """A random drawing and options, with the description that the second implementation reads."""
    rows, columns = draw(st.integers(1, 3)), draw(st.integers(2, 4))
    cells = list(itertools.product(range(rows), range(columns)))
    walls = set(draw(st.lists(st.sampled_from(cells), max_size=3)))
    free = [cell for cell in cells if cell not in walls]
    n_agents = draw(st.integers(1, 3 if len(free) <= 9 else 2))
    assume(len(free) > n_agents)
    starts = draw(st.permutations(free))[:n_agents]
    shared = draw(st.booleans())
    goals = [draw(st.sampled_from(free)) for _ in range(n_agents)]
    options = {
        "collision": draw(st.sampled_from(RULES)),
        "slip": draw(st.sampled_from([0, 0, 0.3, 1])),
        "reward": draw(st.sampled_from(["individual", "team"])),
        "ends": draw(st.sampled_from(["all", "first"])),
        "goal_reward": 7.0,
        "step_cost": 0.5,
        "collision_cost": 2.0,
    }
    drawing = ["".join("#" if (row, column) in walls else "." for column in range(columns)) for row in range(rows)]
    places = {
        "starts": {str(i + 1): start for i, start in enumerate(starts)},
        "goals": {"G": goals[0]} if shared else {"ABC"[i]: goal for i, goal in enumerate(goals)},
    }
    slow = SlowGrid(set(free), [{goals[0] if shared else goal} for goal in goals], **options)
    try:
        game = gridworld(drawing, **places, **options)
    except ValueError as error:
        assert any(reason in str(error) for reason in ("its own goal", "can't reach", "no way brings")), error
        assume(False)
    return game, slow, tuple(starts)


def listed(game, state, joint_action):
    """Outcomes of a joint action as ``{(next places, whether crashed, rewards): probability}``."""
    layout, successors = game.layout, game.successors
    pair = state * game.n_joint_actions + game.joint_index(joint_action)
    found = defaultdict(float)
    for outcome in range(successors.offsets[pair], successors.offsets[pair + 1]):
        paid = game.rewards[:, state, *joint_action] if successors.rewards is None else successors.rewards[:, outcome]
        then = successors.states[outcome]
        places = tuple(layout.place(cell) for cell in layout.positions[then])
        found[places, game.states[then].endswith("crash"), tuple(paid.tolist())] += successors.probabilities[outcome]
    return dict(found)


@given(small_worlds(), st.integers(0, 2**32))
@settings(max_examples=150, deadline=None)
def test_agrees_with_a_second_implementation(world, seed):
    game, slow, starts = world
    layout = game.layout
    rng = np.random.default_rng(seed)
    assert tuple(map(layout.place, layout.positions[game.start.argmax()])) == starts
    for state in rng.choice(game.n_states, size=min(game.n_states, 12), replace=False):
        places = tuple(map(layout.place, layout.positions[state]))
        crashed = game.states[state].endswith("crash")
        assert game.terminal[state] == slow.over(places, crashed)
        assert layout.home(state).tolist() == slow.home(places)
        for _ in range(12):
            joint_action = tuple(rng.integers(5, size=game.n_agents).tolist())
            expected = slow.outcomes(places, joint_action, crashed)
            assert listed(game, state, joint_action) == pytest.approx(expected), (game.states[state], joint_action)


@given(small_worlds())
@settings(max_examples=60, deadline=None)
def test_rows_sum_to_one_and_means_are_means(world):
    game, _, _ = world
    successors = game.successors
    sums = np.add.reduceat(successors.probabilities, successors.offsets[:-1])
    assert np.allclose(sums, 1) and (successors.probabilities > 0).all()
    if successors.rewards is not None:
        assert np.allclose(successors.expected_rewards(), game.rewards.reshape(game.n_agents, -1))
    # Exactly the states that can be reached are listed.
    from_state = np.repeat(np.arange(game.n_states), np.diff(successors.offsets[:: game.n_joint_actions]))
    seen, n_seen = game.start > 0, 0
    while seen.sum() > n_seen:
        n_seen = seen.sum()
        seen[successors.states[seen[from_state]]] = True
    assert seen.all()


@pytest.mark.parametrize("collision", RULES)
@pytest.mark.parametrize("slip", [0, 0.2])
@pytest.mark.parametrize("drawing", [CORRIDOR, CROSSING, DOORWAY], ids=["corridor", "crossing", "doorway"])
def test_a_mirror_image_is_the_same_game(drawing, slip, collision):
    """These drawings are their own mirror image if the agents change names, so the model must be as well."""
    game = gridworld(drawing, slip=slip, collision=collision, reward="individual")
    layout = game.layout
    cells = np.arange(layout.n_cells).reshape(layout.rows, layout.columns)[:, ::-1].ravel()
    twin = layout.state_at[cells[layout.positions[:, 1]], cells[layout.positions[:, 0]]]
    assert (twin >= 0).all()
    mirrored = [STAY, NORTH, SOUTH, EAST, WEST]
    transitions, rewards = game.transitions, game.rewards
    # Swap the agents' axes, mirror their actions, rename the states.
    other = transitions.swapaxes(1, 2)[np.ix_(twin, mirrored, mirrored, twin)]
    if collision != "end":
        assert np.allclose(other, transitions)
    else:
        # Who is shown where after a crash in passing is a convention; that it is over is not.
        assert np.allclose(other @ game.terminal[twin], transitions @ game.terminal)
    assert np.allclose(rewards[::-1].swapaxes(2, 3)[np.ix_((0, 1), twin, mirrored, mirrored)], rewards)


def test_collision_rules_one_by_one():
    drawing = ["1.2", "B.A"]
    meet, swap = "(0,0) (0,2)", "(0,0) (0,1)"
    for collision, after_meeting, after_swapping, cost in [
        ("block", "(0,0) (0,2)", "(0,0) (0,1)", 1),
        ("pay", "(0,1) (0,1)", "(0,1) (0,0)", 1),
        ("end", "(0,1) (0,1) crash", "(0,1) (0,1) crash", 1),
        ("pass", "(0,1) (0,1)", "(0,1) (0,0)", 0),
    ]:
        game = gridworld(drawing, collision=collision, reward="individual", step_cost=0.5)
        assert after(game, meet, EAST, WEST) == (after_meeting, [-0.5 - cost] * 2)
        assert after(game, swap, EAST, WEST) == (after_swapping, [-0.5 - cost] * 2)
        assert game.terminal[game.states.index(after_meeting)] == (collision == "end")


def test_changing_places_is_a_collision_also_for_who_arrives_by_it():
    for collision, then, paid in [
        ("block", "(0,0) (0,1)", [-2, -2]),
        ("pay", "(0,1) (0,0)", [8, -2]),
        ("end", "(0,0) (0,0) crash", [-2, -2]),
        ("pass", "(0,1) (0,0)", [9, -1]),
    ]:
        game = gridworld(["1A.2", "B..."], collision=collision, reward="individual")
        assert after(game, "(0,0) (0,1)", EAST, WEST) == (then, paid)
        assert game.terminal[game.states.index(then)] == (collision == "end")


def test_a_crash_of_two_who_both_arrive_by_it_differs_from_standing_there():
    game = gridworld(["1.A", "2.B"], collision="end", reward="individual")
    assert after(game, "(1,2) (0,2)", NORTH, SOUTH) == ("(1,2) (1,2) crash", [-2, -2])
    assert not game.terminal[game.states.index("(1,2) (1,2)")], "agent 2 is home, agent 1 walks over it"


def test_in_the_corridor_somebody_must_give_way():
    game = gridworld(CORRIDOR)
    state, rng, way = int(game.start.argmax()), np.random.default_rng(0), []
    plan = team_optimum(game)
    while not game.terminal[state]:
        way.append(game.layout.positions[state])
        state, _ = game.sample(state, plan.actions[state], rng)
    way = np.array([*way, game.layout.positions[state]])
    assert not ((way[1:, 0] == way[:-1, 1]) & (way[1:, 1] == way[:-1, 0])).any(), "nobody changes places"
    assert (way // game.layout.columns == 1).any(), "one of them waits in the bay"


def test_walking_into_somebody_who_stays_is_a_collision_and_following_is_none():
    game = gridworld(["12..A", "....B"], reward="individual", step_cost=0, collision_cost=3)
    assert after(game, "(0,0) (0,1)", EAST, STAY) == ("(0,0) (0,1)", [-3, -3])
    assert after(game, "(0,0) (0,1)", EAST, EAST) == ("(0,1) (0,2)", [0, 0])
    assert after(game, "(0,0) (0,1)", EAST, NORTH) == ("(0,0) (0,1)", [-3, -3]), "a wall stops the one in front"


def test_blocking_runs_back_through_a_queue():
    game = gridworld(["123..", "..CBA"], reward="individual", step_cost=0)
    assert after(game, "(0,0) (0,1) (0,2)", EAST, EAST, EAST) == ("(0,1) (0,2) (0,3)", [0, 0, 0])
    assert after(game, "(0,0) (0,1) (0,2)", EAST, EAST, NORTH) == ("(0,0) (0,1) (0,2)", [-1, -1, -1])


def test_who_has_arrived_stays_pays_nothing_and_is_in_nobodys_way():
    game = gridworld(["1A.2", "...B"], goals={"B": (0, 0)}, reward="individual")
    assert after(game, "(0,0) (0,3)", EAST, STAY) == ("(0,1) (0,3)", [9, -1])
    assert after(game, "(0,1) (0,2)", SOUTH, WEST) == ("(0,1) (0,1)", [0, -1])
    assert after(game, "(0,1) (0,1)", SOUTH, WEST) == ("(0,1) (0,0)", [0, 9])
    assert game.terminal[game.states.index("(0,1) (0,0)")]


def test_all_may_arrive_at_a_shared_goal_at_once():
    game = gridworld(["1G2"], reward="individual")
    assert after(game, "(0,0) (0,2)", EAST, WEST) == ("(0,1) (0,1)", [9, 9])


def test_the_episode_may_end_with_the_first_arrival():
    game = gridworld(["1.A", "2.B"], ends="first", reward="individual")
    assert after(game, "(0,1) (1,0)", EAST, STAY) == ("(0,2) (1,0)", [9, -1])
    assert game.terminal[game.states.index("(0,2) (1,0)")]
    assert not game.terminal[game.states.index("(0,1) (1,0)")]


def test_a_team_is_paid_the_sum():
    team, alone = gridworld(CROSSING), gridworld(CROSSING, reward="individual")
    assert team.setting == "cooperative" and alone.setting == "general-sum"
    assert (team.rewards == alone.rewards.sum(axis=0)).all()


def test_slipping_goes_each_other_way_with_equal_probability_and_staying_never_slips():
    game = gridworld(["...", ".1.", "..A"], slip=0.3)
    middle = game.states.index("(1,1)")
    leads = dict(zip(game.states, game.transitions[middle, NORTH], strict=True))
    assert leads["(0,1)"] == pytest.approx(0.7)
    assert [leads[place] for place in ("(2,1)", "(1,0)", "(1,2)")] == pytest.approx([0.1] * 3)
    assert game.transitions[middle, STAY, middle] == 1


def test_outcomes_that_are_alike_are_one():
    game = gridworld(["1.", "GA"], slip=0.3)
    pair = game.start.argmax() * 5 + NORTH
    first, last = game.successors.offsets[pair : pair + 2]
    assert last - first == 3, "north and west both lead into a wall"
    assert sorted(game.successors.probabilities[first:last]) == pytest.approx([0.1, 0.1, 0.8])


def test_a_goal_reached_by_slipping_is_paid_when_it_happens():
    game = gridworld(["1A", ".."], slip=0.3, step_cost=0)
    rng = np.random.default_rng(0)
    for _ in range(200):
        state, rewards = game.sample(game.states.index("(0,0)"), (NORTH,), rng)
        assert rewards[0] == (10 if game.states[state] == "(0,1)" else 0)


def test_own_position_is_the_cells_number():
    game = gridworld(CROSSING, observe="own position")
    assert (game.observations == game.layout.positions.T).all()
    assert game.n_observations == (16, 16)
    assert (gridworld(CROSSING).observations == np.arange(242)).all()


@pytest.mark.parametrize("observe", ["full", "own position"])
def test_a_picture_can_look_up_what_an_agent_would_see_in_each_cell(observe):
    game = gridworld(DOORWAY, observe=observe)
    layout, state = game.layout, 100
    for agent in (0, 1):
        seen = layout.observation_on_cells(agent, state)
        assert (seen[layout.walls.ravel()] == -1).all()
        for cell in np.flatnonzero(seen >= 0):
            places = layout.positions[state].copy()
            places[agent] = cell
            there = layout.state_at[tuple(places)]
            assert there < 0 or game.observations[agent, there] == seen[cell]


def test_hu_and_wellmans_first_grid_game_has_the_published_start_value():
    """Both can arrive in four moves: 100 * .99**3 = 97.03 for each (Hu & Wellman 2003, section 5.1)."""
    game = gridworld(
        ["B.A", "...", "1.2"],
        discount=0.99,
        goal_reward=100,
        step_cost=0,
        collision_cost=1,
        ends="first",
        reward="individual",
    )
    state, returns = int(game.start.argmax()), np.zeros(2)
    rng = np.random.default_rng(0)
    for t, joint_action in enumerate([(NORTH, NORTH), (EAST, NORTH), (EAST, WEST), (NORTH, WEST)]):
        assert not game.terminal[state]
        state, rewards = game.sample(state, joint_action, rng)
        returns += game.discount**t * rewards
    # Agent 2 walks north first and then west along the top row; agent 1 crosses the middle.
    assert game.terminal[state] and returns == pytest.approx([97.0299, 97.0299])


@pytest.mark.parametrize("drawing", [CORRIDOR, CROSSING, DOORWAY])
def test_ready_made_drawings_bring_two_agents_home(drawing):
    game = gridworld(drawing)
    assert game.n_agents == 2 and game.layout.home(int(np.flatnonzero(game.terminal)[0])).all()


def test_drawings_may_be_texts_indented_texts_or_rows():
    rows = gridworld(["1 .", "#.A"])
    indented = """
        1 .
        #.A
        """
    for same in ("1 .\n#.A", "1 .\n#.A\n", indented, ("1 .", "#.A")):
        game = gridworld(same)
        assert (game.layout.walls == rows.layout.walls).all() and game.states == rows.states
    left_column_of_spaces = gridworld([" 1", " A"])
    assert left_column_of_spaces.layout.columns == 2


def test_three_agents_on_five_by_five_fit():
    tracemalloc.start()
    before = time.process_time()
    game = gridworld(["1...C", ".....", "..2..", ".....", "3.B.A"], collision="pass")
    seconds, (_, peak) = time.process_time() - before, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert game.n_states == 15_625
    assert seconds < 10
    assert peak < 1e9


PACKED = [(0, 3), (0, 3), (0, 0), (0, 0)]
"""Goals of four agents who fill a corridor and can't let each other pass."""

BAD_DRAWINGS = [
    (["...", "..A"], {}, "layout has no start; expected '1' for agent 1"),
    (["1..", "..A."], {}, "layout row 1 has 4 characters; expected 3 as in row 0"),
    (["1.x", "..A"], {}, "unknown character 'x' in row 0, column 2; expected '#' for a wall"),
    (["1..", ".\tA"], {}, r"unknown character '\\t' in row 1, column 1"),
    (["1#A"], {}, r"agent 1 can't reach its goal at \(0, 2\) from its start at \(0, 0\)"),
    (["1.#", "A#G", "2.."], {"goals": {"B": (0, 0)}}, None),
    (["1.1", "..A"], {}, "start '1' 2 times, at row 0, column 0 and row 0, column 2; expected once"),
    (["1..", "..."], {}, "layout has no goal for agent 1; expected 'A', or 'G' for everybody"),
    (["1.A", "2.."], {}, "layout has no goal for agent 2; expected 'B'"),
    (["1.A", "3.C"], {}, "layout has a start '3' but no '2'; expected agents 1 to 3"),
    (["1.A", "..B"], {}, "goal 'B' at row 1, column 2 but no agent 2; expected a start '2'"),
    (["1.A"], {"goals": {"A": (0, 0)}}, "agent 1 starts at row 0, column 0, its own goal; expected another cell"),
    (["1#A"], {"starts": {"1": (0, 1)}}, r"starts\['1'\] is in the wall at row 0, column 1"),
    (["1.A"], {"starts": {"1": (0, 3)}}, r"starts\['1'\] column is 3; expected a whole number from 0 to 2"),
    (["1.A"], {"starts": {"1": 3}}, r"starts\['1'\] is 3; expected \(row, column\)"),
    (["1.A"], {"starts": {"1": [0, [1, 2]]}}, r"starts\['1'\] column is \[1, 2\]; expected a whole number"),
    (["1.A"], {"starts": {"1": [[0, 1], 2]}}, r"starts\['1'\] row is \[0, 1\]; expected a whole number"),
    (["1.A"], {"goal_reward": 10**400}, "goal_reward is a number of 401 digits; expected a finite number"),
    (["1.A"], {"horizon": 10**12}, "horizon is 1000000000000; expected a whole number from 1 to 1000000000"),
    (["1.A"], {"starts": {1: (0, 0)}}, "starts has the key 1; expected one of '1', '2'"),
    (["1.A"], {"goals": {"Z": (0, 0)}}, "goals has the key 'Z'; expected one of 'A', 'B'"),
    (["1.A"], {"goals": [(0, 0)]}, "goals is .*; expected a dict such as"),
    (["1.A", "2.B"], {"starts": {"2": (0, 0)}}, "two agents start in one cell.*'block'"),
    (
        ["1234"],
        {"goals": dict(zip("ABCD", PACKED, strict=True))},
        "no way brings the agents home under collision='block'",
    ),
    (["1.A"], {"collision": "bloc"}, r"collision is 'bloc' \(did you mean 'block'\?\); expected one of 'block', 'pay'"),
    (["1.A"], {"reward": "shared"}, "reward is 'shared'; expected one of 'team', 'individual'"),
    (["1.A"], {"observe": None}, "observe is None; expected one of 'full', 'own position'"),
    (["1.A"], {"ends": "last"}, "ends is 'last'; expected one of 'all', 'first'|did you mean"),
    (["1.A"], {"slip": 1.5}, r"slip is 1.5; expected a finite number in \[0, 1\]"),
    (["1.A"], {"step_cost": -1}, "step_cost is -1"),
    (["1.A"], {"collision_cost": float("nan")}, "collision_cost is nan"),
    (["1.A"], {"goal_reward": float("inf")}, "goal_reward is inf"),
    (["1.A"], {"discount": 1.5}, "discount is 1.5"),
    (["1.A"], {"horizon": 0}, "horizon is 0"),
    ("", {}, "layout is empty"),
    ([], {}, "layout is empty"),
    ("\n\n", {}, "layout is empty"),
    (None, {}, "layout is None; expected a drawing"),
    ([1, 2], {}, r"layout is \[1, 2\]; expected a drawing"),
    (["1234GA", "......", "......", "......"], {}, r"4 agents on 24 free cells make up to 207,360,000 outcomes"),
    (["1...C", ".....", "..2..", ".....", "3.B.A"], {"slip": 0.1}, "3 agents on 25 free cells.*slip=0"),
]


@pytest.mark.parametrize(("drawing", "options", "message"), [bad for bad in BAD_DRAWINGS if bad[2]])
def test_bad_input_is_named(drawing, options, message):
    with pytest.raises(ValueError, match=message) as caught:
        gridworld(drawing, **options)
    assert "\n" not in str(caught.value)

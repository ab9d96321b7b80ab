"""The gridworld: agents where they are, values and arrows that agree with the tables."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb, to_rgba
from painted import parts

from marl_edu.games import gridworld
from marl_edu.learning import DistributedQLearning, IndependentQLearning
from marl_edu.recording import Recording, record
from marl_edu.views import GridWorldView, agent_colour
from marl_edu.views.present import episode_of, state_of, way_of


def centres(paths):
    return np.array([path.get_extents().get_points().mean(axis=0) for path in paths])


def nearest(place):
    """The cell whose arrow has its middle here: arrows reach less than half a cell."""
    return int(np.round(place))


def places_of(game, state):
    return np.array([game.layout.place(cell)[::-1] for cell in game.layout.positions[state]])


def test_agents_stand_where_the_trace_says_and_wear_their_numbers(walk, ax):
    for t in (0, 17, -1):
        artists = parts(GridWorldView(seed=2), ax, walk, t)
        last = int(walk[t]["trace"][2, -1])
        state = int(np.argmax(walk.game.start)) if last < 0 else last
        np.testing.assert_allclose(centres(artists["discs"].get_paths()), places_of(walk.game, state), atol=0.21)
        assert len(artists["numbers"].get_paths()) == 2
        np.testing.assert_allclose(artists["discs"].get_facecolor(), [to_rgba(agent_colour(i)) for i in (0, 1)])
    assert "values" not in artists and "arrows" not in artists


def test_cells_are_shaded_by_the_best_value_and_arrows_point_the_greedy_way(walk, ax):
    t, seed, agent = 40, 1, 0
    game, layout = walk.game, walk.game.layout
    artists = parts(GridWorldView(agent, seed=seed), ax, walk, t)
    state = state_of(game, walk[t], seed)
    q = walk[t]["q"][seed, agent]
    free = [cell for cell in range(layout.n_cells) if not layout.walls.ravel()[cell]]
    values, arrows = {}, set()
    for cell in free:
        cells = layout.positions[state].copy()
        cells[agent] = cell
        there = layout.state_at[tuple(cells)]
        if there >= 0:
            values[cell] = q[there].max()
            if not layout.goals[agent, cell]:
                arrows |= {(cell, a) for a in np.flatnonzero(q[there] >= q[there].max() - 1e-5 * abs(q[there].max()))}
    shades = dict(zip(free, artists["values"].get_facecolor()[:, 0], strict=True))
    order = sorted(values, key=values.get)
    assert (np.diff([shades[cell] for cell in order]) <= 1e-12).all()
    assert all(shades[cell] == 1 for cell in set(free) - set(values))
    assert to_rgb(agent_colour(agent))[0] < shades[order[-1]]

    shown = set()
    for (x, y), path in zip(centres(artists["arrows"].get_paths()), artists["arrows"].get_paths(), strict=True):
        cell = nearest(y) * layout.columns
        cell += nearest(x)
        away = np.array([y, x]) - layout.place(cell)
        move = np.where(np.abs(away) > 0.1, np.sign(away), 0)
        shown.add((cell, int(np.flatnonzero((layout.moves == move).all(axis=1))[0])))
        assert path.vertices.shape[1] == 2
    assert shown == arrows


def test_a_table_of_equal_values_shows_every_action(own_walk, ax):
    artists = parts(GridWorldView(0), ax, own_walk, 0)
    layout = own_walk.game.layout
    free = (~layout.walls.ravel() & ~layout.goals[0]).sum()
    assert len(artists["arrows"].get_paths()) == 5 * free


def test_preferences_rule_the_arrows(walk, ax):
    recording = record(DistributedQLearning(walk.game, epsilon=0.5), 2000, 500)
    view = GridWorldView(1)
    _, best = view._on_cells(recording, -1)
    seen = walk.game.layout.observation_on_cells(1, state_of(walk.game, recording[-1], 0))
    for cell in np.flatnonzero(seen >= 0):
        table = recording[-1]["preferences"][0, 1, seen[cell]]
        assert set(np.flatnonzero(best[cell])) == set(np.flatnonzero(table == table.max()))


def test_the_way_is_that_of_this_episode(walk):
    game = walk.game
    end, start = int(np.flatnonzero(game.terminal)[0]), int(np.argmax(game.start))
    others = [s for s in range(game.n_states) if not game.terminal[s]][:3]
    for trace, way in (
        ([-1, -1, -1, -1], [start]),
        ([-1, -1, others[0], others[1]], [start, others[0], others[1]]),
        ([others[2], end, others[0], others[1]], [start, others[0], others[1]]),
        ([others[0], others[1], others[2], end], [others[0], others[1], others[2], end]),
        ([others[0], others[1], end, end], [start, end]),
        ([others[0], others[1], others[2], others[0]], [others[0], others[1], others[2], others[0]]),
    ):
        frame = {"trace": np.array([trace])}
        assert episode_of(game, frame, 0) == way
        assert state_of(game, frame, 0) == (way[-2] if game.terminal[way[-1]] else way[-1])


def test_a_way_cut_off_by_the_horizon_has_no_jump(ax):
    game = gridworld(["1.......A", "B.......2"], horizon=9)
    recording = record(IndependentQLearning(game, epsilon=1.0), 400, 4)
    for t in range(len(recording)):
        segments = parts(GridWorldView(), ax, recording, t)["tails"].get_segments()
        assert all(np.abs(np.diff(piece, axis=0)).sum() < 1.01 for piece in segments)


def test_a_way_begins_after_a_step_that_the_world_cannot_make(walk):
    game, rng = walk.game, np.random.default_rng(0)
    leads_to = game.transitions.reshape(game.n_states, -1, game.n_states).any(axis=1)
    leads_to &= ~game.terminal
    trace = [int(np.argmax(game.start))]
    for _ in range(5):
        trace.append(int(rng.choice(np.flatnonzero(leads_to[trace[-1]]))))
    assert way_of(game, {"trace": np.array([trace])}, 0) == trace
    elsewhere = next(s for s in np.flatnonzero(~game.terminal) if not leads_to[s, trace[3]])
    cut = {"trace": np.array([[*trace[:2], elsewhere, *trace[3:]]])}
    assert way_of(game, cut, 0) == trace[3:]
    assert episode_of(game, cut, 0)[0] == trace[0]


def test_agents_that_share_a_cell_are_both_seen(ax):
    game = gridworld(["1.A", "2.B"], collision="pass")
    together = next(s for s in range(game.n_states) if len(set(game.layout.positions[s])) == 1)
    recording = Recording("example", "step", game=game)
    recording.append(0, {"trace": np.array([[together]])})
    one, other = centres(parts(GridWorldView(), ax, recording, 0)["discs"].get_paths())
    assert np.abs(one - other).sum() > 0.3


def test_goals_wear_the_colour_and_number_of_their_agent(walk, ax):
    artists = parts(GridWorldView(), ax, walk, 0)
    layout = walk.game.layout
    where = [layout.place(np.flatnonzero(layout.goals[i])[0])[::-1] for i in (0, 1)]
    shown = {tuple(np.round(c).astype(int)): tuple(e) for c, e in zip(
        centres(artists["goals"].get_paths()), artists["goals"].get_edgecolor(), strict=True)}  # fmt: skip
    for i in (0, 1):
        light = np.array(to_rgba(agent_colour(i)))[:3]
        np.testing.assert_allclose(shown[where[i]][:3], 0.75 * light)  # seen also on a cell of full colour
    assert len(artists["goal numbers"].get_paths()) == 2


def test_goal_marks_can_be_read_in_a_cell_of_40_pixels(walk, ax):
    artists = parts(GridWorldView(), ax, walk, 0)
    heights = [np.ptp(path.vertices[:, 1]) * 40 for path in artists["goal numbers"].get_paths()]
    assert min(heights) > 9
    for badge, number in zip(artists["badges"].get_paths(), artists["goal numbers"].get_paths(), strict=True):
        assert badge.get_extents().contains(*number.get_extents().min)
        assert badge.get_extents().contains(*number.get_extents().max)


def test_the_words_say_where_and_what(walk):
    told = GridWorldView("agent 2", seed=3).alt_text(walk, 25)
    state = int(walk[25]["trace"][3, -1])
    for i, cell in enumerate(walk.game.layout.positions[state]):
        row, column = walk.game.layout.place(cell)
        assert f"agent {i + 1} is in row {row}, column {column}" in told
    assert "others where they are" in told and "Seed 3 after 1,250 environment steps" in told


def test_the_heading_says_whose_values_and_which_seed(walk, own_walk, ax):
    GridWorldView(1, seed=3)(ax, walk, -1)
    assert ax.get_title() == "Values of agent 2, seed 3" and "others where they are now" in ax.get_xlabel()
    GridWorldView(0)(ax, own_walk, -1)
    assert "others" not in ax.get_xlabel() and "white" in ax.get_xlabel()


@pytest.mark.parametrize("agent", [2, -1, "agent 3", 0.5])
def test_an_agent_that_is_not_there_is_refused(agent, walk, ax):
    with pytest.raises(ValueError, match="agent"):
        GridWorldView(agent)(ax, walk, 0)


def test_a_game_that_is_no_gridworld_is_refused(climb, ax):
    with pytest.raises(ValueError, match="which is no gridworld; expected a gridworld"):
        GridWorldView()(ax, climb, 0)


def test_three_agents_and_shared_goals(ax):
    game = gridworld(["1.2", "..G", "3.."], observe="own position")
    recording = record(IndependentQLearning(game), 50, 10)
    artists = parts(GridWorldView(2), ax, recording, -1)
    assert len(artists["discs"].get_paths()) == 3
    assert len(artists["goals"].get_paths()) == 3

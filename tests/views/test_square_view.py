"""The unit square: best responses, equilibria, arrows, runs and averages are where they belong."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from painted import parts
from played import of, played, replicator

from marl_edu.games import battle_of_the_sexes, matching_pennies, prisoners_dilemma, rock_paper_scissors
from marl_edu.views import UnitSquare, agent_colour
from marl_edu.views.square import ACROSS
from marl_edu.views.strategies import MOST_POINTS, MOST_RUNS

small = arrays(float, (2, 2), elements=st.integers(-3, 3).map(float))


@pytest.fixture(scope="module")
def pennies():
    return played(matching_pennies())


def close(points, wanted):
    return np.abs(np.asarray(points) - wanted).max(axis=-1).min() < 1e-9


@settings(deadline=None, max_examples=150)
@given(small)
def test_the_curve_is_the_best_response(own):
    corners = UnitSquare.curve(own)
    if corners is None:
        assert (own[0] == own[1]).all()
        return
    for (x, y), (x2, y2) in itertools.pairwise(corners):
        for share in (0, 0.3, 1):  # every point of it is a best response
            own_chance, other = x + share * (x2 - x), y + share * (y2 - y)
            paid = own @ [other, 1 - other]
            assert own_chance * paid[0] + (1 - own_chance) * paid[1] >= paid.max() - 1e-9
    assert sorted(corners[:, 1]) == corners[:, 1].tolist() and corners[0, 1] == 0 and corners[-1, 1] == 1


def test_curves_of_known_games(pennies, ax):
    drawn = parts(UnitSquare(), ax, pennies, 0)
    np.testing.assert_allclose(np.transpose(drawn["best 0"].get_data()), [[0, 0], [0, 0.5], [1, 0.5], [1, 1]])
    np.testing.assert_allclose(np.transpose(drawn["best 1"].get_data()), [[0, 1], [0.5, 1], [0.5, 0], [1, 0]])
    drawn = parts(UnitSquare(), ax, played(prisoners_dilemma()), 0)
    np.testing.assert_allclose(np.transpose(drawn["best 0"].get_data()), [[0, 0], [0, 1]])
    np.testing.assert_allclose(np.transpose(drawn["best 1"].get_data()), [[0, 0], [1, 0]])


def test_all_equilibria_are_marked(ax):
    drawn = parts(UnitSquare(), ax, played(battle_of_the_sexes()), 0)
    marks = drawn["equilibria"].get_offsets()
    assert len(marks) == 3
    assert all(close(marks, wanted) for wanted in ([0, 0], [1, 1], [2 / 3, 1 / 3]))
    assert not len(drawn["join"].get_segments())


def test_a_continuum_is_a_thick_line_and_anything_is_a_tint(ax):
    drawn = parts(UnitSquare(), ax, of([[[1, 0], [0, 1]], [[0, 0], [0, 0]]]), 0)
    ends = sorted(np.round(sorted(map(tuple, each)), 9).tolist() for each in drawn["join"].get_segments())
    assert ends == [[[0, 0], [0, 0.5]], [[0, 0.5], [1, 0.5]], [[1, 0.5], [1, 1]]]
    assert len(drawn["any 1"].get_paths()) == 1 and not len(drawn["any 0"].get_paths())


def test_if_all_is_an_equilibrium_the_square_is_full(ax):
    drawn = parts(UnitSquare(), ax, of(np.zeros((2, 2, 2))), 0)
    (area,) = drawn["continuum"].get_paths()
    np.testing.assert_allclose(area.get_extents().get_points(), [[0, 0], [1, 1]])


def test_runs_end_at_the_shown_moment(pennies, ax):
    drawn = parts(UnitSquare(), ax, pennies, 20)
    np.testing.assert_allclose(drawn["run heads"].get_offsets(), pennies[20]["policies"][:, :, 0])
    np.testing.assert_allclose(drawn["average heads"].get_offsets(), pennies[20]["averages"][:, :, 0])
    line = np.transpose(drawn["early"].get_data())
    assert len(line) == 9 * 22 and np.isnan(line[21::22]).all()
    np.testing.assert_allclose(line[:21], pennies.series("policies")[:21, 0, :, 0])


def test_play_that_jumps_is_shown_where_it_is_now(pennies, ax):
    drawn = parts(UnitSquare(play="now"), ax, pennies, 20)
    assert len(drawn["run heads"].get_offsets()) == 9 and not len(drawn["run"].get_data()[0])
    assert len(drawn["average"].get_data()[0])


def test_long_and_many_runs_are_thinned(ax):
    long = played(matching_pennies(), runs=MOST_RUNS + 5, moments=MOST_POINTS + 50)
    drawn = parts(UnitSquare(), ax, long, -1)
    assert len(drawn["run heads"].get_offsets()) == MOST_RUNS
    assert len(drawn["average"].get_data()[0]) <= MOST_RUNS * (MOST_POINTS + 2)
    np.testing.assert_allclose(drawn["run heads"].get_offsets(), long[-1]["policies"][:MOST_RUNS, :, 0])


def test_arrows_point_where_the_field_drives(pennies, ax):
    field = parts(UnitSquare(replicator), ax, pennies, 0)["field"]
    at = np.asarray(field.get_offsets())
    x, y = at.T
    u, v = 2 * x * (1 - x) * (2 * y - 1), 2 * y * (1 - y) * (1 - 2 * x)  # matching pennies in closed form
    assert len(at) == ACROSS["arrows"] ** 2
    np.testing.assert_allclose(field.U * v - field.V * u, 0, atol=1e-12)
    assert (field.U * u + field.V * v >= -1e-12).all()
    lengths = np.hypot(field.U, field.V)
    assert lengths.max() <= 1 / ACROSS["arrows"] and np.argmax(lengths) == np.argmax(np.hypot(u, v))


def test_a_field_gets_recorded_settings_unless_told_otherwise(pennies, ax):
    seen = []

    def named(tables, policies, step_size=0.0, other=7):
        seen.append((step_size, other))
        return 0 * policies

    def all_of_them(tables, policies, **rest):
        seen.append(rest)
        return 0 * policies

    UnitSquare(named)(ax, pennies, 0)
    UnitSquare(named, settings={"step_size": 3, "other": 4})(ax, pennies, 0)
    UnitSquare(all_of_them)(ax, pennies, 0)
    assert seen == [(0.2, 7), (3, 4), {"step_size": 0.2}]


def test_agents_keep_their_colours(pennies, ax):
    drawn = parts(UnitSquare(), ax, pennies, 0)
    assert [drawn[f"best {i}"].get_color() for i in (0, 1)] == [agent_colour(0), agent_colour(1)]
    assert ax.xaxis.label.get_color() == agent_colour(0) and ax.yaxis.label.get_color() == agent_colour(1)


def test_it_says_where_play_is_and_what_the_equilibria_are(pennies):
    told = UnitSquare().alt_text(pennies, 3)
    assert "9 runs" in told and "agent 1 plays heads with chance" in told and "on average over time" in told
    assert told.endswith("which pays 0, 0.")
    assert "equilibri" not in UnitSquare(answers=False).alt_text(pennies, 3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"field": 3}, "field is 3; expected a function"),
        ({"settings": [1]}, r"settings is \[1\]; expected a dict"),
        ({"averages": 1}, "averages is 1; expected True or False"),
        ({"answers": None}, "answers is None; expected True or False"),
        ({"play": "dots"}, "play is 'dots'; expected one of 'line', 'now'"),
    ],
)
def test_what_it_cannot_use_is_refused(options, message):
    with pytest.raises(ValueError, match=f"UnitSquare: {message}"):
        UnitSquare(**options)


def test_other_numbers_of_actions_are_refused(ax):
    with pytest.raises(ValueError, match=r"the agents have 3 and 3 actions; expected two each \(a Simplex shows three"):
        UnitSquare()(ax, played(rock_paper_scissors()), 0)


def test_a_field_of_another_shape_is_refused(pennies, ax):
    with pytest.raises(ValueError, match=r"field gave an array of shape \(2,\); expected \(169, 2, 2\)"):
        UnitSquare(lambda tables, policies: np.zeros(2))(ax, pennies, 0)

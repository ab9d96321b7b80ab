"""The triangle of policies of three actions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from painted import parts
from played import of, played, replicator

from marl_edu.games import matching_pennies, rock_paper_scissors, shapley_game
from marl_edu.views import Simplex
from marl_edu.views.polygons import area, cut, hull_of
from marl_edu.views.simplex import CORNERS, ROWS


@pytest.fixture(scope="module")
def rocks():
    return played(rock_paper_scissors(), runs=4, together=True)


def test_pure_policies_are_corners_and_the_uniform_one_is_in_the_middle():
    policies = np.concatenate([np.eye(3), np.full((1, 3), 1 / 3)])[:, np.newaxis].repeat(2, axis=1)
    np.testing.assert_allclose(Simplex().where(policies)[:3], CORNERS)
    np.testing.assert_allclose(Simplex(agent=1).where(policies)[3], CORNERS.mean(axis=0))


@settings(deadline=None, max_examples=60)
@given(arrays(float, (2, 3, 3), elements=st.integers(-4, 4).map(float)), st.integers(0, 1))
def test_regions_fill_the_triangle_and_hold_best_responses(tables, agent):
    regions = Simplex(agent=agent).regions(tables)
    theirs = tables[1] if agent == 0 else tables[0].T
    for b, corners in enumerate(regions):
        for x in [*corners, *([corners.mean(axis=0)] if len(corners) else [])]:
            paid = x @ theirs
            assert paid[b] >= paid.max() - 1e-9
    areas = [area(corners @ CORNERS) for corners in regions if len(corners) > 2]
    if len(np.unique(theirs, axis=1).T) == 3:  # no two actions of the other are the same
        assert sum(areas) == pytest.approx(area(CORNERS))


def test_bounds_of_rock_paper_scissors_meet_in_the_middle(rocks, ax):
    drawn = parts(Simplex(), ax, rocks, 0)
    ends = np.array(drawn["bounds"].get_segments())
    middle = CORNERS.mean(axis=0)
    assert len(ends) and (np.abs(ends - middle).sum(axis=-1).min(axis=1) < 1e-9).all()
    np.testing.assert_allclose(drawn["equilibria"].get_offsets(), [middle])


def test_against_itself_arrows_are_those_of_one_population(rocks, ax):
    field = parts(Simplex(replicator, against="self"), ax, rocks, 5)["field"]
    assert len(field.U) == ROWS * (ROWS + 1) // 2
    around = np.asarray(field.get_offsets()) - CORNERS.mean(axis=0)
    turning = around[:, 0] * field.V - around[:, 1] * field.U  # all the same way around
    assert (turning >= -1e-12).all() or (turning <= 1e-12).all()


def test_against_the_other_arrows_follow_what_it_plays(ax):
    recording, view = played(shapley_game()), Simplex(replicator, seed=3)
    early = parts(view, ax, recording, 0)["field"].U.copy()
    late = parts(view, ax, recording, 30)["field"].U
    assert np.abs(early - late).max() > 1e-3


def test_a_continuum_is_drawn(ax):
    drawn = parts(Simplex(), ax, of(np.zeros((2, 3, 3))), 0)
    (whole,) = drawn["continuum"].get_paths()
    assert area(hull_of(whole.vertices)) == pytest.approx(area(CORNERS))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"agent": 2}, "agent is 2; expected a whole number from 0 to 1"),
        ({"against": "nobody"}, "against is 'nobody'; expected one of 'present', 'self'"),
        ({"seed": -1}, "seed is -1"),
    ],
)
def test_what_it_cannot_use_is_refused(options, message):
    with pytest.raises(ValueError, match=f"Simplex: {message}"):
        Simplex(**options)


def test_what_it_cannot_show_is_refused(rocks, ax):
    with pytest.raises(ValueError, match=r"agent 0 has 2 actions; expected three \(a UnitSquare shows two\)"):
        Simplex()(ax, played(matching_pennies()), 0)
    with pytest.raises(ValueError, match="seed is 4; expected a whole number from 0 to 3"):
        Simplex(replicator, seed=4)(ax, rocks, 0)


def test_polygons():
    square = np.array([[0.0, 0], [1, 0], [1, 1], [0, 1]])
    assert hull_of(np.concatenate([square, [[0.5, 0.5]]])).shape == (4, 2)
    assert hull_of(np.full((5, 2), 3.0)).tolist() == [[3.0, 3.0]]
    assert hull_of(1e8 * square).shape == hull_of(1e-8 * square).shape == (4, 2)
    half = cut(np.column_stack([square, np.ones(4)]), np.array([1, 0, -0.5]))
    assert area(half[:, :2]) == pytest.approx(0.5)
    assert len(cut(square, np.array([-1.0, -1.0]))) <= 1

"""The region of payoffs: its corners, its front, minimax values, and what is drawn of them."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from painted import parts
from played import of, played

from marl_edu.games import (
    battle_of_the_sexes,
    chicken,
    matching_pennies,
    prisoners_dilemma,
    rock_paper_scissors,
    stag_hunt,
)
from marl_edu.planning.stage_games import solve_stage
from marl_edu.recording import Recording
from marl_edu.views import PayoffRegion
from marl_edu.views.feasible import region_of, round_box, within
from marl_edu.views.figures import blank
from marl_edu.views.payoff_region import MARGINS, REACH

tables_of_any_shape = st.tuples(st.integers(1, 3), st.integers(1, 3)).flatmap(
    lambda shape: arrays(float, (2, *shape), elements=st.integers(-4, 4).map(float))
)


@settings(deadline=None, max_examples=100)
@given(tables_of_any_shape)
@example(np.array([[[-1.0, 0, 1]], [[0, -2, -3]]]))  # a corner that only a mixture beats
@example(np.array([[[0.0, 0, 1]], [[2, 1, 1]]]))
def test_what_a_region_is(tables):
    region = region_of(tables)
    rng = np.random.default_rng(0)
    mixed = rng.dirichlet(np.ones(len(region.pure)), 20) @ region.pure
    for corner in region.front:  # nothing possible is better for one and no worse for the other
        better = (mixed >= corner - 1e-9).all(axis=1) & (mixed > corner + 1e-6).any(axis=1)
        assert not better.any()
    assert (np.diff(region.front[:, 0]) <= 1e-12).all() and (np.diff(region.front[:, 1]) >= -1e-12).all()
    assert region.front[:, 0].max() == tables[0].max() and region.front[:, 1].max() == tables[1].max()
    if len(region.rational):
        assert (region.rational >= region.minimax - 1e-6).all()
    for i, own in enumerate((tables[0], tables[1].T)):
        assert region.minimax[i] == pytest.approx(solve_stage(own).value)


def test_equilibria_pay_at_least_the_minimax_values(ax):
    rng = np.random.default_rng(1)
    for _ in range(5):
        recording = of(rng.normal(size=(2, 3, 3)), moments=2)
        region, drawn = PayoffRegion().region(recording), parts(PayoffRegion(), ax, recording, 0)
        box = round_box(np.concatenate([region.pure, recording[0]["average_payoffs"]]))
        pays = drawn["equilibria"].get_offsets()
        assert (pays >= within(box, region.minimax) - 1e-6).all() and (pays <= 1 + 1e-9).all()


def test_a_prisoners_dilemma(ax):
    recording = played(prisoners_dilemma())
    region = PayoffRegion().region(recording)
    table = recording.game.rewards[0, 0]
    assert region.minimax.tolist() == [table[1, 1]] * 2
    assert len(region.possible) == 4 and len(region.front) == 3
    drawn = parts(PayoffRegion(), ax, recording, -1)
    assert len(drawn["names"].get_paths()) == 4 and len(drawn["heads"].get_offsets()) == 9
    assert len(drawn["equilibria"].get_offsets()) == 1


@pytest.mark.parametrize("make", [prisoners_dilemma, battle_of_the_sexes, chicken, stag_hunt, matching_pennies])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_names_lie_on_no_mark_and_not_on_the_axes(make, count):
    """With one to three pictures abreast."""
    drawn, recording = blank(count), played(make())
    ax, view = drawn.axes[0], PayoffRegion()
    view(ax, recording, -1)
    drawn.draw_without_rendering()
    shown = parts(view, ax, recording, -1)
    scale = np.array(shown["placed"].scale)
    marks = [(place * scale, half) for name, half in zip(("pure", "equilibria"), REACH, strict=True)
             for place in np.asarray(shown[name].get_offsets())]  # fmt: skip
    boxes = []
    for path, place in zip(shown["names"].get_paths(), shown["names"].get_offsets(), strict=True):
        low, high = path.get_extents().get_points() + place * scale
        assert all((at + half <= low).any() or (at - half >= high).any() for at, half in marks)
        assert low[0] > -MARGINS[0] and low[1] > -MARGINS[2] + 2
        assert all((top <= low).any() or (bottom >= high).any() for bottom, top in boxes)
        boxes.append((low, high))


def test_a_zero_sum_game_is_a_line(ax):
    recording = played(matching_pennies())
    region = PayoffRegion().region(recording)
    assert region.possible.tolist() == region.front[::-1].tolist() or region.possible.tolist() == region.front.tolist()
    drawn = parts(PayoffRegion(), ax, recording, -1)
    assert len(drawn["names"].get_paths()) == 2  # two joint actions pay the same, twice


def test_many_joint_actions_have_no_names(ax):
    assert not len(parts(PayoffRegion(), ax, played(rock_paper_scissors()), -1)["names"].get_paths())


def test_equal_payoffs_everywhere_can_be_drawn(ax):
    drawn = parts(PayoffRegion(), ax, of(np.full((2, 2, 2), 3.0)), -1)
    ax.figure.canvas.draw()
    assert len(drawn["front"].get_data()[0]) == 1


@pytest.mark.parametrize("scale", [1e-6, 1, 1e6])
def test_the_box_is_round_and_holds_all(scale):
    points = np.random.default_rng(0).normal(size=(20, 2)) * scale
    box = np.reshape(round_box(points), (2, 2))
    assert (points >= box[0]).all() and (points <= box[1]).all()
    assert (box[1] - box[0] <= 1.6 * np.ptp(points, axis=0)).all()


def test_it_speaks_in_numbers():
    told = PayoffRegion().alt_text(played(prisoners_dilemma()), -1)
    assert told.startswith("Average payoffs after 1,200 steps (mean of 9 runs): agent 1 ")
    assert "Minimax values 1 and 1; corners of the Pareto front 5, 0; 3, 3; 0, 5; equilibria pay 1, 1." in told


def test_what_it_cannot_show_is_refused(ax):
    with pytest.raises(ValueError, match="quantity is 3; expected a text"):
        PayoffRegion(3)
    other = Recording("other", "step", game=matching_pennies())
    other.append(0, {"average_payoffs": np.zeros(4)})
    with pytest.raises(ValueError, match=r"'average_payoffs' has shape \(4,\) in a frame; expected \(seeds, 2\)"):
        PayoffRegion()(ax, other, 0)

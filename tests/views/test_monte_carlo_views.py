"""The two pictures of Monte Carlo evaluation show the numbers of the run."""

import numpy as np
import pytest
from matplotlib.collections import PolyCollection
from painted import expect_blitting_as_redrawn, expect_the_same_artists

from marl_edu import record
from marl_edu.games import prisoners_dilemma, random_game
from marl_edu.planning import MonteCarlo
from marl_edu.planning.monte_carlo import RUNGS, bin_edges
from marl_edu.views import MonteCarloError, ReturnDistribution
from marl_edu.views.figures import blank


@pytest.fixture(scope="module")
def run():
    return record(MonteCarlo(random_game(2, 4, 2, 3), seeds=30), units=500, every=50)


VIEWS = [MonteCarloError, ReturnDistribution, lambda: MonteCarloError(1), lambda: ReturnDistribution(0)]


@pytest.mark.parametrize("make", VIEWS)
def test_a_second_call_moves_the_same_artists(make, run, ax):
    expect_the_same_artists(make(), ax, run)


@pytest.mark.parametrize("make", VIEWS)
def test_blitting_paints_the_same_pixels_as_a_full_redraw(make, run):
    expect_blitting_as_redrawn(make(), blank(2).axes[0], run, (5, 2, 10))


def test_errors_are_those_of_the_frames(run):
    places, errors = MonteCarloError("team").errors(run)
    assert places.tolist() == [*RUNGS[RUNGS <= 500].tolist(), 500]
    np.testing.assert_allclose(errors[:, -1], run[-1]["team_mean"] - run[-1]["exact"][:, -1])
    places, errors = MonteCarloError(0).errors(run, 1)
    np.testing.assert_allclose(errors[:, -1], run[1]["mean"][:, 0] - run[1]["exact"][:, 0], atol=1e-12)
    assert len(MonteCarloError().errors(run, 0)[0]) == 0


def test_words(run):
    assert "30 seeds" in MonteCarloError().alt_text(run)
    assert "no episode" in MonteCarloError().alt_text(run, 0)
    assert "agent 2" in ReturnDistribution(1).alt_text(run) and "running means" in ReturnDistribution().alt_text(run)
    assert "running means" not in ReturnDistribution().alt_text(run, 0)


def test_returns_without_chance(ax):
    still = record(MonteCarlo(prisoners_dilemma(discount=0.5), [[0], [0]], seeds=2), units=20, every=10)
    for view in (MonteCarloError(), ReturnDistribution()):
        assert view(blank(2).axes[0], still, -1) and view.alt_text(still)


def test_bad_input(walk, run, ax):
    with pytest.raises(ValueError, match="MonteCarlo"):
        MonteCarloError()(ax, walk, 0)
    with pytest.raises(ValueError, match="agent is 2"):
        ReturnDistribution(2)(ax, run, 0)
    with pytest.raises(ValueError, match="agent"):
        MonteCarloError("nobody")


def test_bars_stand_where_the_returns_are(ax):
    run = record(MonteCarlo(random_game(2, 4, 2, 3), seeds=3), units=200, every=1)
    returns = np.concatenate([run[t]["latest"][:, -1] for t in range(1, 201)])
    exact, sigma = (float(run[-1][name][0, -1]) for name in ("exact", "deviation"))
    edges = exact + bin_edges(sigma)
    inside = np.clip(returns, edges[0], np.nextafter(edges[-1], -np.inf))
    expected = 100 * np.histogram(inside, edges)[0] / len(returns)
    artists = ReturnDistribution()(ax, run, -1)
    bars = next(artist for artist in artists if isinstance(artist, PolyCollection))
    corners = [path.vertices for path in bars.get_paths()]
    found = {round(float(np.min(box[:, 0])), 9): box[:, 1].max() for box in corners}
    wanted = {round(float(edge), 9): height for edge, height in zip(edges, expected, strict=False) if height > 0}
    assert found.keys() == wanted.keys()
    np.testing.assert_allclose([found[edge] for edge in wanted], list(wanted.values()))

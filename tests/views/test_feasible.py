"""The Pareto front in the picture of payoffs is that of planning, in order from agent 1's best to agent 2's."""

import numpy as np
import pytest

from marl_edu.planning import pareto_front
from marl_edu.views.feasible import region_of


@pytest.mark.parametrize("seed", range(30))
def test_the_front_is_what_nothing_possible_beats(seed):
    rng = np.random.default_rng(seed)
    tables = rng.normal(size=(2, *rng.integers(1, 5, size=2))).round(1 if seed % 2 else 6)
    region = region_of(tables)
    assert (np.diff(region.front[:, 0]) < 0).all() and (np.diff(region.front[:, 1]) > 0).all()
    best = region.pure[pareto_front(region.pure)]
    assert all((best == corner).all(axis=1).any() for corner in region.front)
    assert (region.front[0] == max(region.pure.tolist())).all()
    mixtures = rng.dirichlet(np.ones(len(region.pure)), size=200) @ region.pure
    for weight in np.linspace(0.01, 0.99, 9):
        along = np.array([weight, 1 - weight])
        assert (mixtures @ along).max() <= (region.front @ along).max() + 1e-12


@pytest.mark.parametrize(
    ("tables", "front"),
    [
        (np.zeros((2, 2, 2)), [[0, 0]]),
        (np.array([[[1, -1], [-1, 1]], [[-1, 1], [1, -1]]]), [[1, -1], [-1, 1]]),
        (np.array([[[2, 0], [0, 1]], [[2, 0], [0, 1]]]), [[2, 2]]),
    ],
    ids=["nothing at stake", "zero-sum", "a team"],
)
def test_flat_regions(tables, front):
    assert region_of(tables).front.tolist() == front

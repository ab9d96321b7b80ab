"""Recordings of learning in matrix games, made by hand: a replicator with large steps, and what its frames hold."""

import numpy as np

from marl_edu.games import MarkovGame, matrix_game
from marl_edu.recording import Recording


def replicator(tables, policies):
    """x_a (u_a - x . u), for both agents, over any leading axes."""
    first = np.einsum("...ab,...b->...a", tables[..., 0, :, :], policies[..., 1, :])
    second = np.einsum("...ab,...a->...b", tables[..., 1, :, :], policies[..., 0, :])
    paid = np.stack([first, second], axis=-2)
    return policies * (paid - (policies * paid).sum(axis=-1, keepdims=True))


def played(game: MarkovGame, *, runs=9, moments=61, later=None, seed=0, together=False) -> Recording:
    """A run from random starting points; ``later`` are payoffs from its middle on; ``together``: one population."""
    tables, rng = np.asarray(game.rewards[:, 0]), np.random.default_rng(seed)
    policies = rng.dirichlet(np.ones(tables.shape[1]), (runs, 2))
    if together:
        policies[:, 1] = policies[:, 0]
    recording, total, joint = Recording("replicator", "step", game=game), np.zeros_like(policies), 0.0
    for t in range(moments):
        tables = tables if later is None or t < moments // 2 else np.asarray(later, dtype=float)
        total += policies
        joint = joint + np.einsum("ka,kb->kab", policies[:, 0], policies[:, 1])
        averages, paid = total / (t + 1), np.einsum("kab,nab->kn", joint / (t + 1), tables)
        best = [np.einsum("ab,kb->ka", tables[0], averages[:, 1]), np.einsum("ab,ka->kb", tables[1], averages[:, 0])]
        frame = {
            "policies": policies,
            "averages": averages,
            "average_payoffs": paid,
            "regret": np.stack([each.max(axis=1) for each in best], axis=1) - paid,
            "tables": np.broadcast_to(tables, (runs, *tables.shape)),
        }
        recording.append(20 * t, frame, {"step_size": 0.2})
        policies = policies + 0.2 * replicator(tables, policies)
        policies = np.clip(policies, 0, None)
        policies /= policies.sum(axis=-1, keepdims=True)
    return recording


def of(tables, **options) -> Recording:
    """The same in a game that is given by its tables."""
    return played(matrix_game(np.asarray(tables, dtype=float)), **options)

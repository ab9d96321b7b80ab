"""Recordings as learners of joint values leave them, made by hand: random values, and a mixer or a sum."""

import numpy as np

from marl_edu.games import MarkovGame
from marl_edu.planning import igm
from marl_edu.recording import Recording

MOMENTS, SEEDS, UNITS = 12, 3, 8


def learned(game: MarkovGame, *, mixer: bool, seed: int = 0) -> Recording:
    """Individual values that grow, joined by a random monotone mixer for each seed and state, or summed up."""
    rng = np.random.default_rng(seed)
    states, most, recording = game.n_states, max(game.n_actions), Recording("QMIX", "update", game=game)
    q = rng.normal(size=(SEEDS, 2, max(game.n_observations), most)).astype(np.float32)
    for i, count in enumerate(game.n_actions):
        q[:, i, :, count:] = np.nan
    weights = {
        "mixer_w1": np.abs(rng.normal(size=(SEEDS, states, 2, UNITS))),
        "mixer_b1": rng.normal(size=(SEEDS, states, UNITS)),
        "mixer_w2": np.abs(rng.normal(size=(SEEDS, states, UNITS))),
        "mixer_b2": rng.normal(size=(SEEDS, states)),
    }
    for t in range(MOMENTS):
        now = (1 + t / 8) * q
        own = igm.in_each_state(now, game)
        rows, columns = own[:, :, 0, : game.n_actions[0]], own[:, :, 1, : game.n_actions[1]]
        if mixer:
            total = np.stack([[by_hand(rows[k, s], columns[k, s], weights, k, s) for s in range(states)]
                              for k in range(SEEDS)])  # fmt: skip
        else:
            total = rows[..., :, np.newaxis] + columns[..., np.newaxis, :]
        recording.append(10 * t, {"q": now, "q_tot": total} | (weights if mixer else {}))
    return recording


def by_hand(rows, columns, weights, k, s):
    """Q_tot of each pair of individual values, one by one."""
    table = np.zeros((len(rows), len(columns)))
    for a, b in np.ndindex(table.shape):
        total = weights["mixer_b2"][k, s]
        for h in range(UNITS):
            x = weights["mixer_b1"][k, s, h]
            x += rows[a] * weights["mixer_w1"][k, s, 0, h] + columns[b] * weights["mixer_w1"][k, s, 1, h]
            total += weights["mixer_w2"][k, s, h] * (x if x > 0 else np.exp(x) - 1)
        table[a, b] = total
    return table

"""Compiled core of ``returns``: how much discounted time a fixed joint policy spends where, times what is paid there.

Two ways to the same number. Following the distribution of the state, step after step, is quickest while it sits in
few states, as in a world without chance. Once that has cost too much, what is left is a linear system for the
discounted occupation d of every state, d = b + gamma d P, which BiCGSTAB solves in a few dozen products with P.

Legend of axes: K seeds, N agents, O observations, S states, P pairs of a state and a joint action.

Sources: M. Puterman, "Markov Decision Processes", Wiley 1994, section 6.9 (discounted occupation); H. van der Vorst,
"Bi-CGSTAB", SIAM Journal on Scientific and Statistical Computing 13 (1992), 631-644, without preconditioner.
"""

from __future__ import annotations

import numba
import numpy as np

MOST_FLOWS = 20_000
"""So many moves of probability from one state to another are followed before the linear system is tried."""

MOST_ITERATIONS = 300
ROUNDING = 16 * np.finfo(float).eps

BREAKDOWN = 1e-10
"""Cosine of the angle between residual and shadow below which BiCGSTAB starts afresh."""


@numba.njit(cache=True)
def deterministic(actions, observations, n_actions, model, terminal, start, steps, cutoff):
    """Returns (K, N) of the joint policies ``actions`` (K, N, O), and the flat index of a bad action, or -1."""
    n_seeds, n_agents, width = actions.shape
    returns = np.zeros((n_seeds, n_agents))
    row = np.zeros(len(start), dtype=np.int64)  # number of the pair (s, joint action in s), in C order
    for k in range(n_seeds):
        for s in range(len(start)):
            row[s] = s
            for i in range(n_agents):
                action = actions[k, i, observations[i, s]]
                if action < 0 or action >= n_actions[i]:
                    return returns, (k * n_agents + i) * width + observations[i, s]
                row[s] = row[s] * n_actions[i] + action
        add_returns(row, model, terminal, start, steps, cutoff, returns[k])
    return returns, -1


@numba.njit(cache=True)
def add_returns(row, model, terminal, start, steps, cutoff, returns):
    """Add sum_t gamma^t sum_s mu_t(s) rewards[:, row[s]] to ``returns`` (N,), with mu_0 the start.

    Ends after ``steps`` steps, or when gamma^t times the probability that the episode is still going on is at most
    ``cutoff``. ``row[s]`` (S,) is the number of the pair in use in state s; ``model`` is (rewards (N, P), discount,
    offsets (P + 1,), states, probabilities), pair p's outcomes being ``offsets[p]`` up to ``offsets[p + 1]``.
    """
    rewards, discount, offsets, states, probabilities = model
    n_states = len(start)
    here, there = np.zeros(n_states), np.zeros(n_states)
    occupied, next_occupied = np.empty(n_states, dtype=np.int64), np.empty(n_states, dtype=np.int64)
    n_occupied = 0
    for s in range(n_states):
        if start[s] > 0 and not terminal[s]:
            here[s] = start[s]
            occupied[n_occupied] = s
            n_occupied += 1
    weight, mass, flows, t = 1.0, 1.0, 0, 0
    solvable = discount < 1
    while t < steps and n_occupied > 0 and weight * mass > cutoff:
        if flows > MOST_FLOWS and solvable:
            rest, solvable = bicgstab(row, model, terminal, weight * here, cutoff)
            if solvable:
                for i in range(len(returns)):
                    for s in range(n_states):
                        returns[i] += rest[s] * rewards[i, row[s]]
                return
        n_next, mass = 0, 0.0
        for index in range(n_occupied):
            s = occupied[index]
            for i in range(len(returns)):
                returns[i] += weight * here[s] * rewards[i, row[s]]
            for m in range(offsets[row[s]], offsets[row[s] + 1]):
                flow, successor = here[s] * probabilities[m], states[m]
                flows += 1
                if flow > 0 and not terminal[successor]:
                    if there[successor] == 0:
                        next_occupied[n_next] = successor
                        n_next += 1
                    there[successor] += flow
                    mass += flow
            here[s] = 0.0
        here, there = there, here
        occupied, next_occupied = next_occupied, occupied
        n_occupied = n_next
        weight *= discount
        t += 1


@numba.njit(cache=True)
def bicgstab(row, model, terminal, begin, cutoff):
    """Solve d = begin + gamma d P for d (S,); also whether that succeeded.

    The sizes of the errors in the S equations must sum to ``cutoff`` at most, or to what rounding makes of d.
    Inner products are sums and not ``np.dot``: with vectors this short, BLAS threads only get in each other's way.
    """
    solution = np.zeros(len(begin))
    residual = begin.copy()
    shadow = begin.copy()
    direction, image = np.zeros(len(begin)), np.zeros(len(begin))
    rho = alpha = omega = 1.0
    for _ in range(MOST_ITERATIONS):
        last_rho, rho = rho, (shadow * residual).sum()
        left = (residual * residual).sum()
        if omega == 0 or rho * rho <= BREAKDOWN**2 * left * (shadow * shadow).sum():
            # Stuck, as after a start in one state that is never seen again: on from here, with another shadow.
            if left == 0:
                break
            shadow, rho, last_rho, alpha, omega = residual.copy(), left, 1.0, 1.0, 1.0
            direction, image = np.zeros(len(begin)), np.zeros(len(begin))
        direction = residual + rho / last_rho * alpha / omega * (direction - omega * image)
        image = minus_step(direction, row, model, terminal)
        along = (shadow * image).sum()
        if along == 0:
            break
        alpha = rho / along
        half = residual - alpha * image
        half_image = minus_step(half, row, model, terminal)
        size = (half_image * half_image).sum()
        omega = (half_image * half).sum() / size if size > 0 else 0.0
        solution += alpha * direction + omega * half
        residual = half - omega * half_image
        if np.abs(residual).sum() <= cutoff:
            break
    error = begin - minus_step(solution, row, model, terminal)
    return solution, np.abs(error).sum() <= max(cutoff, ROUNDING * np.abs(solution).sum())


@numba.njit(cache=True)
def minus_step(mass, row, model, terminal):
    """``mass`` (S,) less what one step makes of it, d - gamma d P; terminal states receive nothing."""
    _, discount, offsets, states, probabilities = model
    result = mass.copy()
    for s in range(len(mass)):
        if mass[s] != 0:
            for m in range(offsets[row[s]], offsets[row[s] + 1]):
                if not terminal[states[m]]:
                    result[states[m]] -= discount * mass[s] * probabilities[m]
    return result

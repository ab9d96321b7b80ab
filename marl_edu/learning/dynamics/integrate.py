"""Following a flow: small Runge-Kutta steps that stop where the velocity jumps, or the plain steps of a learner.

A step of a learner is x + step size times velocity, moved back to the nearest policy. The flow is what is left as the
step size goes to 0; here it is followed by the classical method of fourth order. Its error formula holds where the
velocity is smooth, so a step that would end in another regime is cut at the moment the regime changes, by bisection.

Legend of axes: K seeds, 2 agents, A actions (the larger number of the two), A_1 and A_2 actions of agents 1 and 2.

Sources: E. Hairer, S. Norsett and G. Wanner, "Solving Ordinary Differential Equations I", 2nd edition, Springer 1993,
table II.1.2; C. Michelot, "A finite algorithm for finding the projection of a point onto the canonical simplex",
J. Optimization Theory and Applications 50 (1986); M. Zinkevich, "Online convex programming and generalized
infinitesimal gradient ascent", ICML 2003 (steps with a projection).
"""

from __future__ import annotations

from marl_edu.learning.cache import leaf
from marl_edu.learning.dynamics.velocities import CLIMBING, action_payoffs, regime_of, velocities

CUTS = 64
"""Changes of regime that one small step follows; what is left of it after so many is done without looking."""

BISECTIONS = 20
"""Halvings to find when a regime changes: to 1e-6 of the small step."""

WORK = 7
"""Tables (2, A) that an integrator works with: payoffs, four velocities, the point between, the end."""


@leaf
def project(policies, i, n):
    """Move agent i's policy to the nearest one whose entries are at least 0 and sum to 1."""
    while True:
        total, count = 0.0, 0
        for a in range(n):
            if policies[i, a] > 0:
                total += policies[i, a]
                count += 1
            else:
                policies[i, a] = 0.0
        outside = False
        for a in range(n):
            if policies[i, a] > 0:
                policies[i, a] -= (total - 1) / count
                outside = outside or policies[i, a] < 0
        if not outside:
            return


@leaf
def rescale(policies, i, n):
    """Undo what rounding does to the sum, so that the smallest probabilities keep their digits."""
    total = 0.0
    for a in range(n):
        total += policies[i, a]
    for a in range(n):
        policies[i, a] /= total


@leaf
def runge_kutta(rule, tables, policies, regime, settings, h, work):
    """One step of length h in a fixed regime, from ``policies`` to ``work[6]``; the points between stay in ``work``."""
    payoffs, between, end = work[0], work[5], work[6]
    n = policies.shape[1]
    for stage in range(4):
        for i in range(2):
            for a in range(n):
                ahead = 0.0 if stage == 0 else work[stage, i, a] * (h if stage == 3 else h / 2)
                between[i, a] = policies[i, a] + ahead
        action_payoffs(tables, between, payoffs)
        velocities(rule, tables, between, payoffs, regime, settings, work[1 + stage])
    for i in range(2):
        for a in range(n):
            mean = (work[1, i, a] + 2 * work[2, i, a] + 2 * work[3, i, a] + work[4, i, a]) / 6
            end[i, a] = policies[i, a] + h * mean


@leaf
def leaves(rule, tables, regime, work):
    """Whether the end of a step is outside the simplex, or in another regime than its begin."""
    end = work[6]
    for i in range(2):
        for a in range(tables.shape[1 + i]):
            if end[i, a] < 0:
                return True
    action_payoffs(tables, end, work[0])
    return regime_of(rule, tables, end, work[0]) != regime


@leaf
def add_play(tables, joint, policies, h, work):
    """Add to ``joint`` the integral of x_a y_b over the step from ``policies`` to ``work[6]``, by Simpson's rule.

    The middle of the step is that of the cubic through both ends with their slopes, which is as exact.
    """
    end = work[6]
    for a in range(tables.shape[1]):
        x_middle = (policies[0, a] + end[0, a]) / 2 + h / 8 * (work[1, 0, a] - work[4, 0, a])
        for b in range(tables.shape[2]):
            y_middle = (policies[1, b] + end[1, b]) / 2 + h / 8 * (work[1, 1, b] - work[4, 1, b])
            ends = policies[0, a] * policies[1, b] + end[0, a] * end[1, b]
            joint[a, b] += h / 6 * max(ends + 4 * x_middle * y_middle, 0.0)  # rounding may put it just below


@leaf
def follow(rule, tables, policies, joint, settings, h, work):
    """Follow the flow for a time h; the policies are written to, and the integral of joint play is added to."""
    left = h
    for cut in range(CUTS):
        action_payoffs(tables, policies, work[0])
        regime = regime_of(rule, tables, policies, work[0])
        done = left
        runge_kutta(rule, tables, policies, regime, settings, done, work)
        if rule in CLIMBING and cut < CUTS - 1 and leaves(rule, tables, regime, work):
            low, high = 0.0, left
            for _ in range(BISECTIONS):
                middle = (low + high) / 2
                runge_kutta(rule, tables, policies, regime, settings, middle, work)
                if leaves(rule, tables, regime, work):
                    high = middle
                else:
                    low = middle
            done = high  # just beyond, so that what comes next begins in the new regime
            runge_kutta(rule, tables, policies, regime, settings, done, work)
        add_play(tables, joint, policies, done, work)
        for i in range(2):
            for a in range(tables.shape[1 + i]):
                policies[i, a] = work[6, i, a]
            if rule in CLIMBING:
                project(policies, i, tables.shape[1 + i])
            else:
                rescale(policies, i, tables.shape[1 + i])
        left -= done
        if left <= 0:
            return


@leaf
def euler(rule, tables, policies, joint, settings, h, work):
    """A learner's step: h times the velocity, and back to the nearest policy; joint play is that of its begin."""
    action_payoffs(tables, policies, work[0])
    regime = regime_of(rule, tables, policies, work[0])
    velocities(rule, tables, policies, work[0], regime, settings, work[1])
    for a in range(tables.shape[1]):
        for b in range(tables.shape[2]):
            joint[a, b] += h * policies[0, a] * policies[1, b]
    for i in range(2):
        for a in range(tables.shape[1 + i]):
            policies[i, a] += h * work[1, i, a]
        project(policies, i, tables.shape[1 + i])


@leaf
def run(rule, tables, policies, joint, steps, times, goal, settings, h, parts, work):
    """Take all seeds to ``goal`` steps, each of length h: by Runge-Kutta in so many parts, by Euler if 0.

    ``steps`` and ``times`` (K,) are counted on.
    """
    for k in range(len(policies)):
        while steps[k] < goal:
            if parts == 0:
                euler(rule, tables, policies[k], joint[k], settings, h, work)
            for _ in range(parts):
                follow(rule, tables, policies[k], joint[k], settings, h / parts, work)
            steps[k] += 1
            times[k] += h


@leaf
def field(rule, tables, policies, settings, velocity, payoffs):
    """Velocities at M points in M games: tables (M, 2, A_1, A_2), policies and velocity (M, 2, A)."""
    for m in range(len(policies)):
        action_payoffs(tables[m], policies[m], payoffs)
        regime = regime_of(rule, tables[m], policies[m], payoffs)
        velocities(rule, tables[m], policies[m], payoffs, regime, settings, velocity[m])

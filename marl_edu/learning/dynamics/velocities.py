"""How fast probabilities change under each rule that is a flow: the rules side by side, so that they can be compared.

Agent i mixes its actions by the policy x^i; u^i_a is what action a pays it on average against the other's policy.

    replicator    dx_a/dt = x_a (u_a - sum_b x_b u_b)
    smooth Q      dx_a/dt = x_a (u_a - sum_b x_b u_b) - tau x_a (ln x_a - sum_b x_b ln x_b)
    gradient      dx_a/dt = c rate (u_a - mean of u over the free actions), c = A / (A - 1)

A gradient flow moves inside the simplex, so where x_a is 0 and would fall, action a is not *free*: it stays at 0. With
two actions c (u_1 - mean) is u_1 - u_2, the derivative of the payoff by the probability of the first action.
The rate is 1, or for WoLF small while the agent is *winning* and large while it is losing. Which actions are free and
who is winning, all that makes a velocity jump, is the *regime*: one bit for each.

Legend of axes: 2 agents, A actions (the larger number of the two), A_1 and A_2 actions of agents 1 and 2.

Sources: P. Taylor and L. Jonker, "Evolutionary stable strategies and game dynamics", Mathematical Biosciences 40
(1978); K. Tuyls, K. Verbeeck and T. Lenaerts, "A selection-mutation model for Q-learning in multi-agent systems",
AAMAS 2003; S. Singh, M. Kearns and Y. Mansour, "Nash convergence of gradient dynamics in general-sum games", UAI 2000;
M. Bowling and M. Veloso, "Multiagent learning using a variable learning rate", Artificial Intelligence 136 (2002).
"""

from __future__ import annotations

import math

from marl_edu.learning.cache import leaf

FLOWS = ("gradient", "wolf", "replicator", "one population", "smooth Q")
GRADIENT, WOLF, REPLICATOR, ONE_POPULATION, SMOOTH_Q = range(len(FLOWS))

CLIMBING = (GRADIENT, WOLF)
"""The flows that run into the edges of the simplex and whose velocity jumps: all others stay inside by themselves."""

ACTION_BITS = 30
"""Actions that an agent may have: a regime is one number of 64 bits, one for each action and one for each agent."""

SETTLED = 1e-12
"""So close to its equilibrium policy an agent counts as not winning: rounding would let it win and lose in turns."""


@leaf
def action_payoffs(tables, policies, payoffs):
    """Write u^i_a, what each action pays against the other's policy, into ``payoffs`` (2, A)."""
    n_rows, n_columns = tables.shape[1], tables.shape[2]
    for a in range(n_rows):
        payoffs[0, a] = 0.0
        for b in range(n_columns):
            payoffs[0, a] += tables[0, a, b] * policies[1, b]
    for b in range(n_columns):
        payoffs[1, b] = 0.0
        for a in range(n_rows):
            payoffs[1, b] += tables[1, a, b] * policies[0, a]


@leaf
def replicator(payoffs, policies, i, n, velocity):
    """What pays more than the mean grows, in proportion to what is there."""
    mean = 0.0
    for a in range(n):
        mean += policies[i, a] * payoffs[i, a]
    for a in range(n):
        velocity[i, a] = policies[i, a] * (payoffs[i, a] - mean)


@leaf
def smooth_q(payoffs, policies, i, n, temperature, velocity):
    """The replicator, and a pull to the middle in proportion to the temperature: -x ln x is an entropy."""
    replicator(payoffs, policies, i, n, velocity)
    mean = 0.0
    for a in range(n):
        if policies[i, a] > 0:
            mean += policies[i, a] * math.log(policies[i, a])
    for a in range(n):
        if policies[i, a] > 0:
            velocity[i, a] -= temperature * policies[i, a] * (math.log(policies[i, a]) - mean)


@leaf
def gradient(payoffs, i, n, rate, free, velocity):
    """Towards what pays more than the mean of the free actions; the others stay where they are."""
    total, count = 0.0, 0
    for a in range(n):
        if free >> a & 1:
            total += payoffs[i, a]
            count += 1
    for a in range(n):
        velocity[i, a] = 0.0
        if count > 1 and free >> a & 1:
            velocity[i, a] = rate * n / (n - 1) * (payoffs[i, a] - total / count)


@leaf
def free_actions(payoffs, policies, i, n):
    """The actions that may move, as bits: one at 0 is left out as long as it pays less than the mean of the others."""
    free = (1 << n) - 1
    while True:
        total, count, kept = 0.0, 0, free
        for a in range(n):
            if free >> a & 1:
                total += payoffs[i, a]
                count += 1
        for a in range(n):
            if free >> a & 1 and policies[i, a] <= 0 and payoffs[i, a] * count < total:
                kept &= ~(1 << a)
        if kept == free:
            return free
        free = kept


@leaf
def equilibrium_share(tables, i):
    """Agent i's probability of its first action in an equilibrium of a 2 x 2 game: a mixed one, or else pure."""
    gain_1 = tables[0, 0, 1] - tables[0, 1, 1]  # agent 1 prefers its first action by gain_1 + slope_1 y
    slope_1 = tables[0, 0, 0] - tables[0, 1, 0] - gain_1
    gain_2 = tables[1, 1, 0] - tables[1, 1, 1]
    slope_2 = tables[1, 0, 0] - tables[1, 0, 1] - gain_2
    mixed_1, mixed_2 = 0 < -gain_2 * slope_2 < slope_2**2, 0 < -gain_1 * slope_1 < slope_1**2
    if mixed_1 and mixed_2:
        return -gain_2 / slope_2 if i == 0 else -gain_1 / slope_1
    for a in range(2):
        for b in range(2):
            if tables[0, a, b] >= tables[0, 1 - a, b] and tables[1, a, b] >= tables[1, a, 1 - b]:
                return 1.0 - (a if i == 0 else b)
    return 0.5  # payoffs so close that rounding hides the mixed one


@leaf
def regime_of(rule, tables, policies, payoffs):
    """Which actions are free, bits 0 to 29 and 30 to 59, and which agent is winning, bits 60 and 61."""
    if rule not in CLIMBING:
        return 0
    free_1 = free_actions(payoffs, policies, 0, tables.shape[1])
    regime = free_1 | free_actions(payoffs, policies, 1, tables.shape[2]) << ACTION_BITS
    if rule == WOLF:
        for i in range(2):
            lead = policies[i, 0] - equilibrium_share(tables, i)
            if abs(lead) > SETTLED and lead * (payoffs[i, 0] - payoffs[i, 1]) > 0:  # V(x, y) > V(x*, y)
                regime |= 1 << (2 * ACTION_BITS + i)
    return regime


@leaf
def velocities(rule, tables, policies, payoffs, regime, settings, velocity):
    """Write both agents' velocities under a rule into ``velocity`` (2, A); ``payoffs`` are theirs at ``policies``."""
    for i in range(2):
        n = tables.shape[1 + i]
        free = regime >> ACTION_BITS * i & ((1 << ACTION_BITS) - 1)
        if rule == GRADIENT:
            gradient(payoffs, i, n, 1.0, free, velocity)
        elif rule == WOLF:
            winning = regime >> (2 * ACTION_BITS + i) & 1
            gradient(payoffs, i, n, settings[0] if winning else settings[1], free, velocity)
        elif rule in (REPLICATOR, ONE_POPULATION):
            replicator(payoffs, policies, i, n, velocity)
        elif rule == SMOOTH_Q:
            smooth_q(payoffs, policies, i, n, settings[0], velocity)
        else:
            raise NotImplementedError("velocities() in velocities.py has no branch for this rule")
    if rule == ONE_POPULATION:  # both agents are drawn from it
        for a in range(tables.shape[1]):
            velocity[1, a] = velocity[0, a]

"""What policies and joint play amount to: payoffs, regret, and what best responses would gain.

Legend of axes: K seeds, 2 agents, A actions (the larger number of the two), A_1 and A_2 actions of agents 1 and 2.
"""

from __future__ import annotations

from marl_edu.learning.cache import leaf
from marl_edu.learning.dynamics.velocities import action_payoffs


@leaf
def expected(tables, i, policies):
    """Agent i's expected payoff of two policies."""
    total = 0.0
    for a in range(tables.shape[1]):
        for b in range(tables.shape[2]):
            total += policies[0, a] * policies[1, b] * tables[i, a, b]
    return total


@leaf
def best(payoffs, i, n):
    """The largest of payoffs[i, :n]."""
    found = payoffs[i, 0]
    for a in range(1, n):
        found = max(found, payoffs[i, a])
    return found


@leaf
def look(tables, policies, joint_play, averages, numbers, exploitabilities, work):
    """Write what a frame says about policies (K, 2, A) and joint play (K, A_1, A_2).

    Parameters
    ----------
    tables, policies, joint_play
        The payoffs (2, A_1, A_2), and what is asked about.
    averages : (K, 2, A)
        Zeros; the margins of joint play are added.
    numbers : (3, K, 2)
        Written to: expected payoffs of the policies, payoffs of joint play, and its external regret.
    exploitabilities : (2, K)
        Written to: of the policies, and of the averages.
    work : (2, 2, A)
        Room to work in.
    """
    now, on_average = work[0], work[1]
    for k in range(len(policies)):
        for a in range(tables.shape[1]):
            for b in range(tables.shape[2]):
                averages[k, 0, a] += joint_play[k, a, b]
                averages[k, 1, b] += joint_play[k, a, b]
        action_payoffs(tables, policies[k], now)
        action_payoffs(tables, averages[k], on_average)
        exploitabilities[0, k] = exploitabilities[1, k] = 0.0
        for i in range(2):
            n = tables.shape[1 + i]
            numbers[0, k, i] = expected(tables, i, policies[k])
            numbers[1, k, i] = 0.0
            for a in range(tables.shape[1]):
                for b in range(tables.shape[2]):
                    numbers[1, k, i] += joint_play[k, a, b] * tables[i, a, b]
            numbers[2, k, i] = best(on_average, i, n) - numbers[1, k, i]
            exploitabilities[0, k] += max(best(now, i, n) - numbers[0, k, i], 0.0) / 2
            exploitabilities[1, k] += max(best(on_average, i, n) - expected(tables, i, averages[k]), 0.0) / 2

"""Lesson 08: a small QMIX in three methods, the same with faults, and what its methods do.

Hypernetworks are tables here, with a row for each state.

Legend of axes: N agents, A actions, S states, H hidden units; a mixer is (w1 (S, N, H), b1 (S, H), w2 (S, H), b2 (S,)).
"""

from __future__ import annotations

import numpy as np

from marl_edu.exercises.lesson_08_mixer import elu

PLAYS = 600
"""How often a team of agents is asked to act in a case."""

NEAR = 0.08
"""How far a share of so many plays may be from its chance: four standard deviations."""


class TinyQMIX:
    """The listing, mended."""

    def act(self, values, epsilon, rng):
        """One action for each agent: with chance epsilon any, else its best."""
        n_agents, n_actions = values.shape
        explores = rng.random(n_agents) < epsilon
        anything = rng.integers(n_actions, size=n_agents)
        return np.where(explores, anything, values.argmax(axis=1))

    def mix(self, values, state, mixer):
        """Joint value in a state: weights non-negative, biases free."""
        w1, b1, w2, b2 = (table[state] for table in mixer)
        hidden = elu(values @ np.abs(w1) + b1)
        return hidden @ np.abs(w2) + b2

    def loss(self, steps, mixer, target_mixer, discount):
        """Mean squared error over the real steps."""
        squares = []
        for step in steps:
            if step["real"]:
                best = step["next_values"].max(axis=1)
                future = self.mix(best, step["next_state"], target_mixer)
                goes_on = 1 - step["terminated"]
                target = step["reward"] + discount * goes_on * future
                joint = self.mix(step["chosen"], step["state"], mixer)
                squares.append((target - joint) ** 2)
        return np.mean(squares)


# --- wrong answers -------------------------------------------------------------------------------------------------
def with_faults(*faults):
    """The program with some faults: "coin", "b1", "b2", "state", "limit", "padding" of the listing, or others."""

    class Program(TinyQMIX):
        def act(self, values, epsilon, rng):
            return super().act(values, float(rng.random() < epsilon) if "coin" in faults else epsilon, rng)

        def mix(self, values, state, mixer):
            w1, b1, w2, b2 = (table[state] for table in mixer)
            b1, b2 = np.abs(b1) if "b1" in faults else b1, np.abs(b2) if "b2" in faults else b2
            return elu(values @ np.abs(w1) + b1) @ np.abs(w2) + b2

        def loss(self, steps, mixer, target_mixer, discount):
            squares = []
            for step in steps:
                future = self.mix(
                    step["next_values"].max(axis=1),
                    step["state" if "state" in faults else "next_state"],
                    mixer if "online" in faults else target_mixer,
                )
                ends = step["truncated"] if "limit" in faults else step["terminated"]
                ends = (ends or (step["truncated"] and "both" in faults)) and "forever" not in faults
                joint = self.mix(step["chosen"], step["state"], mixer)
                error = step["reward"] + discount * (not ends) * future - joint
                counts = step["real"] and not ("no end" in faults and step["terminated"])
                if counts or "padding" in faults or "unmasked" in faults:
                    squares.append(error**2 * (counts or "unmasked" in faults))
            return float(np.mean(squares)) if squares else 0.0

    return Program


# --- watching a program --------------------------------------------------------------------------------------------
def run(program, method, given, mixer=None, target_mixer=None, discount=None):
    """What a method of a program returns; for "act" what agents do in many plays, as a dict of shares."""
    learner = program() if isinstance(program, type) else program
    if method == "act":
        return _acting(learner, np.array(given["values"]), given["epsilon"], np.random.default_rng(given["seed"]))
    tables = tuple(np.array(table) for table in mixer)
    if method == "mix":
        return learner.mix(np.array(given["values"]), given["state"], tables)
    steps = [{k: np.array(v) if isinstance(v, list) else v for k, v in step.items()} for step in given]
    return learner.loss(steps, tables, tuple(np.array(table) for table in target_mixer), discount)


def _acting(learner, values, epsilon, rng):
    n_agents, n_actions = values.shape
    played = [learner.act(values.copy(), epsilon, rng) for _ in range(PLAYS)]
    if any(one is None or one is ... for one in played):
        return None
    try:
        actions = np.array(played, dtype=float)
    except (TypeError, ValueError):
        actions = np.zeros(0)
    if actions.shape != (PLAYS, n_agents) or not np.isin(actions, range(n_actions)).all():
        return {"trouble": f"`act` must return {n_agents} numbers of actions, from 0 to {n_actions - 1}"}
    left = actions != values.argmax(axis=1)
    counts = [[float((column == a).mean()) for a in range(n_actions)] for column in actions.T]
    return {
        "shares of each agent's actions": counts,
        "agent 1 leaves its best action": float(left[:, 0].mean()),
        "agent 2 leaves its best action": float(left[:, 1].mean()),
        "both leave it": float(left[:, :2].all(axis=1).mean()),
    }

"""Lesson 10: networks so small that gradients are known by hand, MADDPG on them in four methods, and with faults.

An actor is a weighted sum of what its agent sees. A critic is a row (c_1, ..., c_N, e) of numbers:
Q(x, a) = c_1 a_1 + ... + c_N a_N - e/2 (sum of all actions - sum of all observations)^2.

Legend of axes: N agents, F entries of an observation; an agent's action is one number. ``...`` may be a batch.
"""

from __future__ import annotations

import numpy as np


def actor_of(weights):
    """The function of an actor: its agent's observation (..., F) -> its action (...)."""
    return lambda observation: np.asarray(observation) @ np.array(weights)


def critic_of(row):
    """The function of a critic: all observations (..., N, F) and actions (..., N) -> a value (...)."""
    *weights, bend = row
    return lambda observations, actions: np.asarray(actions) @ weights - bend / 2 * _gap(observations, actions) ** 2


def slopes_of(row):
    """Derivatives of a critic with respect to each agent's action: the same arguments -> (..., N)."""
    *weights, bend = row
    return lambda observations, actions: np.array(weights) - bend * _gap(observations, actions)[..., np.newaxis]


def _gap(observations, actions):
    return np.asarray(actions).sum(axis=-1) - np.asarray(observations).sum(axis=(-2, -1))


class TinyMADDPG:
    """The listing, mended."""

    def act(self, observations, actors, noise):
        """What each agent does, noise included, and what the replay keeps of it: the same."""
        wanted = (actors * observations).sum(axis=1)
        played = np.clip(wanted + noise, -1, 1)
        return played, played

    def targets(self, step, slow_actors, slow_critics, discount):
        """One target for each agent's critic."""
        found = []
        for i, critic in enumerate(slow_critics):
            seen = step["next_observations"]
            actions = (slow_actors * seen).sum(axis=1)
            future = critic(step["next_observations"], actions)
            goes_on = 1 - step["terminated"]
            found.append(step["rewards"][i] + discount * goes_on * future)
        return np.array(found)

    def climb(self, step, i, actors, slopes, step_size):
        """Weights of agent i's actor after one step up its critic; the others act as the replay says."""
        seen = step["observations"]
        joint = step["actions"].copy()
        joint[i] = actors[i] @ seen[i]
        return actors[i] + step_size * slopes(seen, joint)[i] * seen[i]

    def follow(self, slow, live, share):
        """Weights of a target network after it went this share of its way."""
        return (1 - share) * slow + share * live


# --- wrong answers -------------------------------------------------------------------------------------------------
def with_faults(*faults):
    """The program with some faults: "wanted", "fed", "limit", "own", "roles" of the listing, or others."""

    class Program(TinyMADDPG):
        def act(self, observations, actors, noise):
            wanted = (actors * observations).sum(axis=1)
            played = np.clip(wanted + (noise[0] if "one noise" in faults else noise), -1, 1)
            kept = wanted + noise if "unclipped" in faults else wanted
            return played, kept if {"wanted", "unclipped"} & {*faults} else played

        def targets(self, step, slow_actors, slow_critics, discount):
            found, ahead = [], step["next_observations"]
            for i, critic in enumerate(slow_critics):
                seen = ahead[i] if "fed" in faults else ahead[0] if "first" in faults else ahead
                seen = step["observations"] if "present" in faults else seen
                ends = step["terminated"] or ("both" in faults and step["truncated"])
                ends = step["truncated"] if "limit" in faults else ends
                future = critic(ahead, (slow_actors * seen).sum(axis=1))
                found.append(step["rewards"][i] + discount * (not ends or "forever" in faults) * future)
            return np.array(found)

        def climb(self, step, i, actors, slopes, step_size):
            seen, joint = step["observations"], step["actions"].copy()
            if "anew" in faults:
                joint = (actors * seen).sum(axis=1)
            if "own" not in faults:
                joint[i] = actors[i] @ seen[i]
            up = -1 if "down" in faults else 1
            return actors[i] + up * step_size * slopes(seen, joint)[i] * seen[i]

        def follow(self, slow, live, share):
            if "copy" in faults:
                return live + 0 * slow
            return super().follow(live, slow, share) if "roles" in faults else super().follow(slow, live, share)

    return Program


def run(program, method, given, actors=None, critics=None, setting=None):
    """What a method of a program returns; ``setting`` is noise, discount, step size or share, as the method needs."""
    learner = program() if isinstance(program, type) else program
    given = {name: np.array(part) if isinstance(part, list) else part for name, part in given.items()}
    if method == "act":
        return learner.act(given["observations"], np.array(actors), np.array(setting))
    if method == "targets":
        return learner.targets(given, np.array(actors), [critic_of(row) for row in critics], setting)
    if method == "climb":
        i = given.pop("agent")
        return learner.climb(given, i, np.array(actors), slopes_of(critics[i]), setting)
    return learner.follow(given["slow"], given["live"], setting)

"""Lesson 10, open-ended: a controller for cooperative navigation, the same for all agents, judged by what it earns.

Legend of axes: E episodes; one agent sees the landmarks (L, 2) and the others (N - 1, 2).
"""

from __future__ import annotations

from math import dist

import numpy as np

from marl_edu.exercises import Exercise, Misconception, Property
from marl_edu.games import simple_spread

EPISODES, LEAST = 40, -9.0
"""Episodes of the trial that counts, and what its interval must exceed."""

NOTHING, AT_RANDOM = -24.2, -26.5
"""What an agent earns by doing nothing, and by choices at random: means of 100,000 episodes (``controllers.py``)."""


def steer(velocity, landmarks, others):
    """Force towards the landmark that is mine if everybody's ways are to be shortest in sum; brakes against overshoot.

    All see the same distances, so all come to the same division without a word.
    """
    from itertools import permutations
    from math import dist

    everyone = [(0, 0), *others.tolist()]
    mine, *_ = min(permutations(landmarks.tolist()), key=lambda marks: sum(map(dist, marks, everyone)))
    return np.clip(5 * np.array(mine) - velocity, -1, 1)


MEAN, LOW, SHARED = "mean return of an agent", "interval from", "share of episodes that end with two at one landmark"
TOUCHES, SPEED = "steps of two in touch, in an episode", "speed at the end"
COVERED = 0.15
"""A landmark is covered if it lies under an agent, whose radius this is."""


# --- how it does ---------------------------------------------------------------------------------------------------
def fly(function, seed, episodes):
    """Let all agents of ``simple_spread`` be steered by one function, and return how that went: a dict of numbers."""
    world = simple_spread()
    world.reset(np.random.default_rng(seed), episodes)
    total, touches = np.zeros((episodes, world.n_agents)), 0
    while not world.over:
        forces = np.zeros((episodes, world.n_agents, 2))
        for copy, i in np.ndindex(forces.shape[:2]):
            force = function(*_seen(world, copy, i))
            if force is None or force is ...:
                return force
            wrong = _trouble(force)
            if wrong:
                return {"trouble": wrong}
            forces[copy, i] = force
        total += world.step(np.clip(forces, -1, 1))
        touches += world.touching().sum() / 2
    return _facts(total.mean(axis=1), touches, world)


def _seen(world, copy, i):
    """What one agent sees: its velocity, the landmarks and the other agents relative to itself."""
    here = world.positions[copy, i]
    others = [j for j in range(world.n_agents) if j != i]
    return world.velocities[copy, i].copy(), world.landmarks[copy] - here, world.positions[copy][others] - here


def _trouble(force) -> str:
    try:
        force = np.array(force, dtype=float)
    except (TypeError, ValueError):
        force = np.zeros(0)
    if force.shape != (2,) or not np.isfinite(force).all():
        return "what came out is no force: two finite numbers are expected"
    if np.abs(force).max() > 1 + 1e-9:
        return f"a force of ({force[0]:.3g}, {force[1]:.3g}) came out, which lies outside [-1, 1]"
    return ""


def _facts(returns, touches, world) -> dict:
    """Mean and interval of the returns of the episodes (E,), and how the last step left the world."""
    mean, half = returns.mean(), 1.96 * returns.std(ddof=1) / np.sqrt(len(returns))
    away = np.linalg.norm(world.positions[:, :, None] - world.landmarks[:, None], axis=-1)  # episode, agent, landmark
    shared = [len(set(row)) < len(row) for row in away.argmin(axis=2).tolist()]
    facts = {
        MEAN: mean,
        LOW: mean - half,
        "interval to": mean + half,
        "landmarks covered at the end": (away.min(axis=1) < COVERED).sum(axis=1).mean(),
        SHARED: np.mean(shared),
        TOUCHES: touches / len(returns),
        SPEED: np.linalg.norm(world.velocities, axis=-1).mean(),
    }
    return {name: round(float(value), 2) for name, value in facts.items()}


def _is_a_force(found, *case):
    if not isinstance(found, dict):
        return "no force came out"
    return found.get("trouble")


def _earns_enough(found, *case):
    """Whether the interval lies above what is asked for; that no force came out is said by the property before."""
    if not isinstance(found, dict) or MEAN not in found or found[LOW] > LEAST:
        return None
    words = f"the interval begins at {found[LOW]:.1f}, not above {LEAST:g}"
    return words if found[LOW] > NOTHING else f"{words}; doing nothing earns {NOTHING:g}"


def _shows(judge):
    """Whether a trial in which forces were forces looks like it."""
    return lambda found, *case: MEAN in found and judge(found)


def _trials(episodes):
    return lambda rng: [(int(rng.integers(10**6)), episodes)]


# --- wrong answers -------------------------------------------------------------------------------------------------
def _towards(mark, velocity, damping=1.0):
    return np.clip(5 * np.asarray(mark) - damping * velocity, -1, 1)


def _nearest(velocity, landmarks, others):
    return _towards(min(landmarks, key=lambda mark: dist(mark, (0, 0))), velocity)


def _no_brakes(velocity, landmarks, others):
    return np.sign(steer(0 * velocity, landmarks, others))


steering = Exercise(
    name="10.steer",
    title="A controller of your own",
    objective="10.5",
    minutes=14,
    difficulty=3,
    task=(
        "Write a controller for `simple_spread` with three agents. *All three* are steered by your one function, each "
        "with what it sees itself: its `velocity` (2,), the `landmarks` (3, 2) and the `others` (2, 2), relative to "
        "itself. Nobody is told who is number one, and nobody can speak. Return the force (2,), within [-1, 1]. A "
        "landmark counts as far away as the agent that is nearest to it, and collisions cost. The check plays "
        f"{EPISODES} episodes and reports the mean return of an agent on MPE2's scale, with its interval: that must "
        f"lie above {LEAST:g}. Doing nothing earns {NOTHING:g}, numbered actions at random {AT_RANDOM:g}, and the "
        "package's own controller about -6: place your result among them, as you do with a learner's."
    ),
    stub='''
def steer(velocity, landmarks, others):
    """Return this agent's force, two numbers within [-1, 1]."""
    ...
''',
    solution=steer,
    call=fly,
    properties=[
        Property("it returns a force, whatever is seen", _trials(2), holds=_is_a_force),
        Property("the interval lies above what is asked for", _trials(EPISODES), holds=_earns_enough),
    ],
    misconceptions=[
        Misconception(
            "no force",
            "Two finite numbers within [-1, 1] are expected, whatever is seen: `np.clip(force, -1, 1)` holds a force "
            "within its bounds.",
            wrong=lambda velocity, landmarks, others: 5 * landmarks[0],
            recognise=lambda found, *case: "trouble" in found,
        ),
        Misconception(
            "away from the landmarks",
            "The agents have flown apart. `landmarks` are relative to the agent, so a landmark lies in the direction "
            "of its own entry: plus, not minus.",
            wrong=lambda velocity, landmarks, others: -steer(velocity, landmarks, others),
            recognise=_shows(lambda facts: facts[MEAN] < -35),
        ),
        Misconception(
            "nobody moves",
            "Nothing covers a landmark but an agent that goes there. (Random moves, too, lead nowhere on average.)",
            wrong=lambda velocity, landmarks, others: np.zeros(2),
            recognise=_shows(lambda facts: facts[SPEED] < 0.01),
        ),
        Misconception(
            "everybody goes to the same place",
            "All three went to one place, where they push each other, and two landmarks are left alone. `landmarks[0]` "
            "is the same landmark for all of them.",
            wrong=lambda velocity, landmarks, others: _towards(landmarks[0], velocity),
            recognise=_shows(lambda facts: facts[TOUCHES] > 10),
        ),
        Misconception(
            "no brakes",
            "The agents fly past their landmarks: there is little friction, and a force changes the *velocity*, one "
            "step later. Take away something in proportion to `velocity`.",
            wrong=_no_brakes,
            recognise=_shows(lambda facts: facts[SPEED] > 0.7),
        ),
        Misconception(
            "two agents go to one landmark",
            "Each goes to where it is near, whoever else goes there too, and a landmark is left alone. Everybody can "
            "see the others: who is nearer? Find a division at which all arrive by themselves.",
            wrong=_nearest,
            recognise=_shows(lambda facts: facts[SHARED] > 0.3 and facts[TOUCHES] > 4),
        ),
    ],
    hints=[
        "Going somewhere: a force in proportion to the distance, less one in proportion to the velocity, "
        "`np.clip(5 * mark - velocity, -1, 1)`. The question is which `mark`.",
        "There are only six ways to divide three landmarks among three agents, and everybody can compute the length "
        "of all ways together. Where are the agents, as seen from here? `[(0, 0), *others]`: the first is oneself.",
        "`itertools.permutations(landmarks)` lists the divisions, `math.dist` measures. Take the division whose "
        "distances to `[(0, 0), *others]` are shortest in sum, and steer to its first entry.",
    ],
    time_limit=8.0,
    equivalent=["6 * np", "4 * np"],  # steering a little harder or softer
)

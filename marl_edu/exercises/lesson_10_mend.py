"""Lesson 10, find the bugs: one update of MADDPG in four short methods, judged by what they do.

Networks are the tiny ones of ``lesson_10_tiny.py``.

Legend of axes: N agents, F entries of an observation; an agent's action is one number.
"""

from __future__ import annotations

from marl_edu.exercises import Exercise, Misconception, Property
from marl_edu.exercises.faults import which_shows
from marl_edu.exercises.lesson_10_targets import tenths
from marl_edu.exercises.lesson_10_tiny import TinyMADDPG, run, with_faults

STUB = """
class TinyMADDPG:
    def act(self, observations, actors, noise):
        wanted = (actors * observations).sum(axis=1)
        played = np.clip(wanted + noise, -1, 1)
        return played, wanted

    def targets(self, step, slow_actors, slow_critics, discount):
        found = []
        for i, critic in enumerate(slow_critics):
            seen = step["next_observations"][i]
            actions = (slow_actors * seen).sum(axis=1)
            future = critic(step["next_observations"], actions)
            goes_on = 1 - step["truncated"]
            found.append(step["rewards"][i] + discount * goes_on * future)
        return np.array(found)

    def climb(self, step, i, actors, slopes, step_size):
        seen = step["observations"]
        joint = step["actions"].copy()
        return actors[i] + step_size * slopes(seen, joint)[i] * seen[i]

    def follow(self, slow, live, share):
        return share * slow + (1 - share) * live
"""


# --- cases ---------------------------------------------------------------------------------------------------------
def _step(rng, n, f, kind="on"):
    return {
        "observations": tenths(rng, n, f),
        "actions": tenths(rng, n, most=1.0),
        "rewards": tenths(rng, n),
        "next_observations": tenths(rng, n, f),
        "terminated": kind in ("end", "both"),
        "truncated": kind in ("limit", "both"),
    }


def _plays(rng):
    """Agents whose noise matters; the first of them is held back by the upper or by the lower bound."""
    found = []
    for k, (n, f) in enumerate(((2, 1), (2, 1), (2, 2), (3, 2), (4, 3))):
        observations, noise = tenths(rng, n, f, most=0.8), tenths(rng, n, most=0.5)
        actors = tenths(rng, n, f, most=0.8)
        actors[0], observations[0] = [(-1.0) ** k] * f, [round(1.8 / f, 1)] * f
        found.append(("act", {"observations": observations}, actors, None, noise))
    return found


def _steps(*kinds):
    """Targets for steps of these kinds: "on", "end", "limit" or "both"."""

    def cases(rng):
        found = []
        for k, (n, f) in enumerate(((2, 1), (2, 1), (2, 2), (3, 1), (3, 2))):
            given = _step(rng, n, f, kinds[k % len(kinds)])
            discount = float(rng.choice([0.5, 0.9]))
            found.append(("targets", given, tenths(rng, n, f), tenths(rng, n, n + 1), discount))
        return found

    return cases


def _climbs(rng):
    found = []
    for k, (n, f) in enumerate(((2, 1), (2, 1), (2, 2), (3, 2), (4, 3))):
        given = {"agent": (k + 1) % n, **_step(rng, n, f)}
        found.append(("climb", given, tenths(rng, n, f), tenths(rng, n, n + 1), 0.1))
    return found


def _follows(rng):
    found = []
    for f, share in ((1, 0.1), (2, 0.1), (3, 0.25), (2, 1.0), (2, 0.0)):
        found.append(("follow", {"slow": tenths(rng, f), "live": tenths(rng, f)}, None, None, share))
    return found


# --- the exercise --------------------------------------------------------------------------------------------------
_shows = which_shows(run, TinyMADDPG, with_faults)


mend = Exercise(
    name="10.mend",
    title="Find the bugs",
    objective="10.1",
    minutes=13,
    difficulty=3,
    task=(
        "Mend this small MADDPG. Row j of `actors` (N, F) holds the weights of agent j's linear actor. `act` returns "
        "what the agents do, noise included and held within [-1, 1], and what the replay keeps of it. `targets` gets "
        "one transition, a dict (`observations` and `next_observations` (N, F), `actions` and `rewards` (N,), "
        "`terminated`, `truncated`), and returns a target for each agent's critic, all from target networks; "
        "`critic(observations, actions)` judges everybody's observations (N, F) and actions (N,). `climb` returns the "
        "weights of agent `i`'s actor after one step up its critic, the others acting as the replay says; "
        "`slopes(observations, actions)` (N,) are the derivatives of its critic with respect to each agent's action. "
        "`follow` returns the weights of a target network after it went the `share` of its way towards the one that "
        "learns. (In the check networks are made of numbers as in the exercises above; `setting` is noise, discount, "
        "step size or share, as the method needs.)"
    ),
    stub=STUB,
    solution=TinyMADDPG,
    call=run,
    properties=[
        Property("the replay keeps what was played", _plays),
        Property("in a target each actor acts on its own next observation", _steps("on")),
        Property("after the end there is no future", _steps("end")),
        Property("a time limit is no end", _steps("limit", "both")),
        Property("an actor is improved at what it would do now, the others at what they did", _climbs),
        Property("target networks go a small share of their way", _follows),
    ],
    misconceptions=[
        Misconception(
            "the replay keeps what was wanted",
            "The reward and the next observation came of what was *played*, noise and bounds included. A critic that "
            "is told something else learns the value of actions that nobody took.",
            wrong=with_faults("wanted"),
            recognise=_shows(("wanted",), ("unclipped",)),
        ),
        Misconception(
            "one noise for the whole team",
            "Each agent explores with noise of its own, or only a line through the joint actions is ever tried.",
            wrong=with_faults("one noise"),
            recognise=_shows(("one noise",)),
        ),
        Misconception(
            "a target critic is fed with the wrong agent's next observation",
            "All target actors were given the next observation of the agent whose target it is. Actor j will act on "
            "what agent j sees. Observations are of the same size, so nothing crashes, and the critics learn the value "
            "of actions that nobody will take.",
            wrong=with_faults("fed"),
            recognise=_shows(("fed",), ("first",)),
        ),
        Misconception(
            "actors act on what they saw before the step",
            "The target is about the next step: target actors are fed with `next_observations`, each with its own row.",
            wrong=with_faults("present"),
            recognise=_shows(("present",)),
        ),
        Misconception(
            "the end has a future",
            "After a terminal state nothing follows. It is `terminated` that takes the future away, not `truncated`.",
            wrong=with_faults("limit"),
            recognise=_shows(("limit",), ("forever",)),
        ),
        Misconception(
            "a time limit is an end",
            "When the time limit strikes the world goes on, only nobody watches: the future counts. Every episode of a "
            "particle world stops that way.",
            wrong=with_faults("both"),
            recognise=_shows(("both",)),
        ),
        Misconception(
            "the actor is improved where it was, not where it is",
            "The slope is asked for at the action that the replay holds, which an earlier actor chose, with noise. "
            "Agent i's entry must be what its actor says *now*; only the others' come from the replay.",
            wrong=with_faults("own"),
            recognise=_shows(("own",)),
        ),
        Misconception(
            "the others act anew",
            "That is a variant. As the paper and this task have it, the others did what the replay says.",
            wrong=with_faults("anew"),
            recognise=_shows(("anew",)),
        ),
        Misconception(
            "downhill",
            "The actor is to *raise* what its critic says: plus the gradient.",
            wrong=with_faults("down"),
            recognise=_shows(("down",)),
        ),
        Misconception(
            "the shares are mixed up",
            "With a share of 0.01 a target network should hardly move; this one all but jumps, and the target runs "
            "after itself. `share` belongs to the network that learns.",
            wrong=with_faults("roles"),
            recognise=_shows(("roles",)),
        ),
        Misconception(
            "the target networks are copies",
            "A target network that is replaced at once does not stand still for the critic to catch up.",
            wrong=with_faults("copy"),
            recognise=_shows(("copy",)),
        ),
    ],
    hints=[
        "Ask of each line: whose observation, from which moment? which network, the one that learns or the slow one? "
        "an action of now, or of the replay?",
        "There are five faults: one in `act`, two in `targets`, one line missing in `climb`, one in `follow`.",
        "`return played, played`; `seen` without `[i]`; `terminated`; `joint[i] = actors[i] @ seen[i]`; "
        "`(1 - share) * slow + share * live`.",
    ],
)

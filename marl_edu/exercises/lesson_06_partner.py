"""Lesson 06, two exercises about the partner: the world it makes for one agent, and how careless it may be.

Legend of axes: S states, A actions of agent 1, B actions of agent 2.
"""

from __future__ import annotations

import numpy as np

from marl_edu.exercises import Exercise, Property
from marl_edu.exercises.judge import mistake
from marl_edu.games import climbing, penalty, random_game


# --- 06.3 the world of one agent -----------------------------------------------------------------------------------
def induced_transitions(transitions, policy_2):
    """p^1(s' | s, a1) = sum over a2 of pi2(a2 | s) p(s' | s, a1, a2), as an array (S, A1, S)."""
    n_states, n_own, n_others, _ = transitions.shape
    mine = np.zeros((n_states, n_own, n_states))
    for s in range(n_states):
        for a in range(n_own):
            for b in range(n_others):
                mine[s, a] += policy_2[s, b] * transitions[s, a, b]
    return mine


def _worlds(pick):
    """Small games, and a policy of agent 2 for each."""

    def cases(rng):
        sizes = [(1, 2, 2), (2, 1, 2), (2, 2, 2), (2, 2, 3), (3, 3, 2), (3, 3, 3), (5, 4, 4)]
        games = [random_game(2, s, (a, b), rng) for s, a, b in sizes]
        return [(game.transitions.copy(), pick(rng, game.n_states, game.n_actions[1])) for game in games]

    return cases


def _mixed(rng, n_states, n_actions):
    return rng.dirichlet(np.ones(n_actions), size=n_states)


def _certain(rng, n_states, n_actions):
    return np.eye(n_actions)[rng.integers(n_actions, size=n_states)]


def _is_a_world(value, transitions, policy_2):
    value = np.asarray(value, dtype=float)
    if value.shape != (*transitions.shape[:2], transitions.shape[3]):
        return f"the shape is {value.shape}, not (states, own actions, states)"
    off = float(np.abs(value.sum(axis=-1) - 1).max())
    return None if off < 1e-9 else f"the chances of all next states do not add up to 1 (off by {off:.2g})"


partner = Exercise(
    name="06.partner",
    title="The world that one agent lives in",
    objective="06.3",
    minutes=9,
    difficulty=2,
    task=(
        "Write the formula above. `transitions` has the axes (state, action of agent 1, action of agent 2, next "
        "state), `policy_2` the axes (state, action of agent 2): with what chance agent 2 takes which action "
        "where. Return agent 1's own transitions, with the axes (state, action of agent 1, next state), and leave "
        "both arguments as they are."
    ),
    stub='''
def induced_transitions(transitions, policy_2):
    """Return p^1(s' | s, a^1), axes (state, action of agent 1, next state)."""
    ...
''',
    solution=induced_transitions,
    properties=[
        Property(
            "what comes out is a world: the chances of all next states add up to 1", _worlds(_mixed), holds=_is_a_world
        ),
        Property("a partner who always does the same picks one slice of the transitions", _worlds(_certain)),
        Property("each action of the partner counts as often as the partner takes it", _worlds(_mixed)),
    ],
    misconceptions=[
        mistake(
            "the partner acts at random",
            "This is the mean over the partner's actions, each counted alike. The partner's policy says how much "
            "each counts, in each state.",
            lambda p, policy: p.mean(axis=2),
        ),
        mistake(
            "the partner does only what it likes best",
            "Only the partner's likeliest action was counted. It takes the others too, now and then, and they "
            "count as often as they are taken.",
            lambda p, policy: p[np.arange(len(p)), :, policy.argmax(axis=1)],
        ),
        mistake(
            "summed without weights",
            "The partner takes one action at a time, with the chances of its policy. Without these weights the "
            "sum over next states is more than 1.",
            lambda p, policy: p.sum(axis=2),
        ),
        mistake(
            "the agents are mixed up",
            "The policy was laid over agent 1's own actions. Axis 1 of `transitions` is agent 1's action, axis 2 "
            "is agent 2's.",
            lambda p, policy: np.einsum("sabt,sa->sbt", p, policy),
        ),
        mistake(
            "the partner looks at the next state",
            "The partner chooses in the state in which both stand now, at the same time as agent 1: its policy "
            "belongs to s, not to s'.",
            lambda p, policy: np.einsum("sabt,tb->sat", p, policy),
        ),
        mistake(
            "one policy for all states",
            "The partner may do something else in each state; its policy must be read at the state in question.",
            lambda p, policy: np.einsum("sabt,b->sat", p, policy.mean(axis=0)),
        ),
    ],
    hints=[
        "Fix a state and an own action. The next state then depends on what the partner does: average over that.",
        "In a loop over states s and own actions a: the (A2, S) table `transitions[s, a]` has to be averaged "
        "over its rows with the weights `policy_2[s]`.",
        "`policy_2[s] @ transitions[s, a]` is one row. `np.einsum` does all of them: letters s, a, b, t for "
        "state, own action, partner's action, next state.",
    ],
)


# --- 06.4 the tipping point ----------------------------------------------------------------------------------------
def tipping_point(payoffs, best):
    """Largest epsilon of the partner at which the action of the best joint plan is still agent 1's best reply."""
    row, column = best
    agreed = payoffs[:, column]  # what each own action earns if the partner does its part
    at_random = payoffs.mean(axis=1)  # and if it acts at random
    ahead, behind = agreed[row] - agreed, at_random - at_random[row]
    gains = behind > 0  # actions that catch up when the partner explores more
    crossings = ahead[gains] / (ahead[gains] + behind[gains])
    return min(crossings, default=1.0)


def _games(cases):
    def made(rng):
        found = []
        for payoffs in cases(rng):
            best = np.unravel_index(payoffs.argmax(), payoffs.shape)
            found.append((payoffs, (int(best[0]), int(best[1]))))
        return found

    return made


def _published(rng):
    return [penalty(-100).rewards[0, 0].copy(), climbing().rewards[0, 0].copy(), penalty(-30).rewards[0, 0].copy()]


def _random(rng):
    sizes = [(2, 2), (2, 2), (2, 3), (3, 2), (3, 3), (3, 3), (4, 4), (3, 4)]
    large = [np.round(rng.uniform(-9, 9, size=size), 1) for size in sizes * 2]
    return large + [np.round(rng.uniform(-1, 1, size=(3, 3)), 2) for _ in range(8)]


def _tricky(rng):
    """Games in which the rival that draws level first is not the one that is safest, nor the second best."""
    found = []
    while len(found) < 5:
        payoffs = np.round(rng.uniform(-9, 9, size=(4, 3)), 1)
        best = np.unravel_index(payoffs.argmax(), payoffs.shape)
        tip = tipping_point(payoffs, best)
        if 0.05 < tip < 1 and all(abs(_against(payoffs, best, who) - tip) > 0.05 for who in ("safest", "second")):
            found.append(payoffs)
    return found


def _harmless(rng):
    """Games in which the best action is also the best against a random partner."""
    found = []
    for size in (2, 3, 3, 4):
        payoffs = np.round(rng.uniform(-9, 5, size=(size, size)), 1)
        payoffs[rng.integers(size)] += 15
        found.append(payoffs)
    return found


def _crossings(payoffs, best, at_random=None):
    """Where each other action draws level: below 0 or above 1 if it never does."""
    row, column = best
    at_random = payoffs.mean(axis=1) if at_random is None else at_random
    ahead = payoffs[row, column] - payoffs[:, column]
    behind = at_random - at_random[row]
    others = np.arange(len(payoffs)) != row
    with np.errstate(divide="ignore", invalid="ignore"):
        return (ahead / (ahead + behind))[others], behind[others]


def _first(crossings, behind):
    return min(crossings[behind > 0], default=1.0)


def _exploring_is_erring(payoffs, best):
    return _first(*_crossings(payoffs, best, np.delete(payoffs, best[1], axis=1).mean(axis=1)))


def _columns(payoffs, best):
    return _first(*_crossings(payoffs, best, payoffs.mean(axis=0)))


def _against(payoffs, best, who):
    """The crossing with one rival alone: the best one against a random partner, or the second best reply."""
    row, column = best
    rated = payoffs.mean(axis=1) if who == "safest" else payoffs[:, column].copy()
    if who == "second":
        rated[row] = -np.inf
    rival = int(rated.argmax())
    ahead, behind = payoffs[row, column] - payoffs[rival, column], (payoffs[rival] - payoffs[row]).mean()
    return ahead / (ahead + behind) if behind > 0 else 1.0


def _tips(says, games):
    return Property(says, _games(games), tolerance=1e-4)


tipping = Exercise(
    name="06.tipping",
    title="How careless may a partner be?",
    objective="06.4",
    minutes=11,
    difficulty=3,
    task=(
        "`payoffs[a1, a2]` is the team's payoff, `best` the joint action (row, column) with the largest one. The "
        "partner plays its part of `best`, epsilon-greedily: with chance epsilon it takes any of its actions, "
        "all alike. For a small epsilon, agent 1's best reply is its own part. Return the largest epsilon in [0, "
        "1] for which that is still so, to within 0.0001, and leave `payoffs` as it is. (There is a formula; a search "
        "on a grid would have to be that fine.)"
    ),
    stub='''
def tipping_point(payoffs, best):
    """Return the largest epsilon in [0, 1] at which best[0] is still a best reply."""
    ...
''',
    solution=tipping_point,
    properties=[
        _tips("in penalty and climbing the best action is lost at some epsilon below 1", _published),
        _tips("if the best action is best against a random partner too, nothing tips: 1", _harmless),
        _tips("at the tipping point another action draws level", _random),
        _tips("of several other actions, the first one to draw level counts, whichever that is", _tricky),
    ],
    misconceptions=[
        mistake(
            "exploring means doing something else",
            "With chance epsilon the partner takes *any* action, its part of the plan included. Averaged over "
            "the other actions only, exploration looks worse than it is.",
            _exploring_is_erring,
        ),
        mistake(
            "the partner's average instead of one's own",
            "The columns were averaged. Agent 1 chooses the row; what it must average over is the column.",
            _columns,
        ),
        mistake(
            "only the safest rival was looked at",
            "This compares with the action that is best against a random partner. Another one may draw level "
            "earlier, since it starts less far behind.",
            lambda payoffs, best: _against(payoffs, best, "safest"),
        ),
        mistake(
            "only the second best was looked at",
            "This compares with the second best reply to a careful partner. Another action may start further "
            "behind and gain so much faster that it draws level earlier.",
            lambda payoffs, best: _against(payoffs, best, "second"),
        ),
        mistake(
            "how often the partner is careful",
            "This is 1 minus the answer: asked for is how often the partner may explore.",
            lambda payoffs, best: 1 - tipping_point(payoffs, best),
        ),
        mistake(
            "the last rival instead of the first",
            "The best reply changes as soon as the *first* of the other actions draws level: the smallest crossing.",
            lambda payoffs, best: max([c for c, b in zip(*_crossings(payoffs, best), strict=True) if b > 0] or [1.0]),
        ),
        mistake(
            "per cent instead of a share",
            "Epsilon is a chance between 0 and 1; this is a hundred times as much.",
            lambda payoffs, best: 100 * tipping_point(payoffs, best),
        ),
        mistake(
            "actions that never catch up",
            "An action that loses ground when the partner explores never draws level. The formula gives a number "
            "for it all the same, below 0 or above 1; leave such actions out. If none is left, the answer is 1.",
            lambda payoffs, best: min(_crossings(payoffs, best)[0]),
        ),
    ],
    hints=[
        "What does own action k earn against this partner? With chance 1 - epsilon the partner does its part, "
        "with chance epsilon it is a random partner: a straight line in epsilon.",
        "Two numbers for each k: `payoffs[k, column]` at epsilon 0, `payoffs[k].mean()` at epsilon 1. The lines "
        "of the best action and of action k may cross; where?",
        "If the best action is ahead by `a` at epsilon 0 and behind by `b > 0` at epsilon 1, they cross at a / "
        "(a + b).",
        "The answer is the smallest of these crossings, over all k with b > 0, and 1 if there is none.",
    ],
)

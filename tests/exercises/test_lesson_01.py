"""Typical wrong answers to the exercises of lesson 01, written as students write them, get the right diagnosis."""

import itertools
import math

import numpy as np
import pytest
from answers import diagnosed, verdict_of

from marl_edu.exercises import lesson_01
from marl_edu.exercises.lesson_01_lamps import lamps_table, value_with_messages
from marl_edu.games import climbing, gridworld, matching_pennies, prisoners_dilemma
from marl_edu.recording import record

# --- the loop ---------------------------------------------------------------------------------------------------------


def only_own_eyes(next_state, rewards, sees, policies, steps):
    """Mended: whose. Not mended: when."""
    s, trace = 0, []
    for _ in range(steps):
        a, b = policies[0][sees[0][s]], policies[1][sees[1][s]]
        s = next_state[s][a][b]
        trace.append(([sees[0][s], sees[1][s]], [a, b], [rewards[0][s][a][b], rewards[1][s][a][b]]))
    return trace


def paid_late(next_state, rewards, sees, policies, steps):
    s, trace = 0, []
    for _ in range(steps):
        seen = [sees[0][s], sees[1][s]]
        a, b = policies[0][seen[0]], policies[1][seen[1]]
        s = next_state[s][a][b]
        trace.append((seen, [a, b], [r[s][a][b] for r in rewards]))
    return trace


def stored_late(next_state, rewards, sees, policies, steps):
    s, trace = 0, []
    while len(trace) < steps:
        acts = [policies[i][sees[i][s]] for i in (0, 1)]
        paid = [rewards[i][s][acts[0]][acts[1]] for i in (0, 1)]
        s = next_state[s][acts[0]][acts[1]]
        trace.append(([sees[i][s] for i in (0, 1)], acts, paid))
    return trace


def one_pair_of_eyes(next_state, rewards, sees, policies, steps):
    s, trace = 0, []
    for _ in range(steps):
        seen = [sees[0][s]] * 2
        acts = [policy[seen[0]] for policy in policies]
        trace.append((seen, acts, [r[s][acts[0]][acts[1]] for r in rewards]))
        s = next_state[s][acts[0]][acts[1]]
    return trace


def as_given(next_state, rewards, sees, policies, steps):
    state, trace = 0, []
    for _step in range(steps):
        seen = [sees[0][state] for i in range(2)]
        actions = [policies[i][seen[i]] for i in range(2)]
        state = next_state[state][actions[0]][actions[1]]
        paid = [rewards[i][state][actions[0]][actions[1]] for i in range(2)]
        trace.append(([sees[0][state] for i in range(2)], actions, paid))
    return trace


def half_mended(acts, notes, late):
    """One of the two lines with `sees[0]` mended: that by which they act, or that which is stored."""

    def collect(next_state, rewards, sees, policies, steps):
        state, trace = 0, []
        for _ in range(steps):
            seen = [sees[acts * i][state] for i in range(2)]
            actions = [policies[i][seen[i]] for i in range(2)]
            before = state
            state = next_state[state][actions[0]][actions[1]]
            paid = [rewards[i][state if late else before][actions[0]][actions[1]] for i in range(2)]
            seen = [sees[notes * i][state] for i in range(2)]
            trace.append((seen, actions, paid))
        return trace

    return collect


@diagnosed(
    lesson_01.loop,
    [
        (half_mended(1, 0, late=True), "agent 1's observation is stored for both, one moment late"),
        (half_mended(1, 0, late=False), "agent 1's observation of the next moment is stored for both"),
        (half_mended(0, 1, late=True), "agent 2 acts on what agent 1 sees; stored and paid one moment late"),
        (half_mended(0, 1, late=False), "agent 2 acts on what agent 1 sees; stored one moment late"),
        (only_own_eyes, "stored and paid one moment late"),
        (paid_late, "paid for the state that was reached"),
        (stored_late, "the observation of the next moment is stored"),
        (one_pair_of_eyes, "everybody sees what agent 1 sees"),
        (as_given, "nothing mended yet"),
    ],
)
def test_loop(answer, name):
    assert verdict_of(lesson_01.loop, answer) == ("wrong", name)


def another_right_loop(next_state, rewards, sees, policies, steps):
    s, trace = 0, []
    for _ in range(steps):
        seen = tuple(row[s] for row in sees)
        a, b = (policy[o] for policy, o in zip(policies, seen, strict=True))
        trace.append((seen, (a, b), tuple(table[s][a][b] for table in rewards)))
        s = next_state[s][a][b]
    return trace


# --- the network ------------------------------------------------------------------------------------------------------


def naive_softmax(observation, weights_1, bias_1, weights_2, bias_2):
    with np.errstate(all="ignore"):
        z = np.exp(weights_2.dot(np.tanh(weights_1.dot(observation) + bias_1)) + bias_2)
        return z / sum(z)


def hard(observation, weights_1, bias_1, weights_2, bias_2):
    z = weights_2 @ np.tanh(weights_1 @ observation + bias_1) + bias_2
    out = np.zeros(len(z))
    out[np.argmax(z)] = 1.0
    return out


def forgot_tanh(observation, weights_1, bias_1, weights_2, bias_2):
    z = weights_2 @ (weights_1 @ observation + bias_1) + bias_2
    z = np.exp(z - max(z))
    return z / z.sum()


def scores_only(observation, weights_1, bias_1, weights_2, bias_2):
    return bias_2 + weights_2 @ np.tanh(bias_1 + weights_1 @ observation)


def no_biases(observation, weights_1, bias_1, weights_2, bias_2):
    z = weights_2 @ np.tanh(weights_1 @ observation)
    z = np.exp(z - z.max())
    return z / z.sum()


def entries_in_the_first(observation, weights_1, bias_1, weights_2, bias_2):
    z = weights_2 @ np.tanh(weights_1 * observation + bias_1) + bias_2
    z = np.exp(z - z.max())
    return z / z.sum()


def entries_in_both(observation, weights_1, bias_1, weights_2, bias_2):
    hidden = np.tanh(weights_1 * observation + bias_1)
    scores = weights_2 * hidden + bias_2
    powers = np.exp(scores - scores.max())
    return powers / powers.sum()


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        (entries_in_the_first, "* instead of @ in the first layer"),
        (entries_in_both, "* instead of @ in both layers"),
    ],
)
def test_products_by_entries(answer, name):
    """Most shapes don't fit then; where they do, something else comes out."""
    verdict = lesson_01.network.check(answer)
    assert verdict.outcome in ("wrong", "crashed") and verdict.misconception == name


@diagnosed(
    lesson_01.network,
    [
        (naive_softmax, "the exponential overflows"),
        (hard, "the best action instead of a chance for each"),
        (forgot_tanh, "no tanh in between"),
        (scores_only, "the scores themselves"),
        (no_biases, "biases left out"),
    ],
)
def test_network(answer, name):
    assert verdict_of(lesson_01.network, answer) == ("wrong", name)


def other_right_network(observation, weights_1, bias_1, weights_2, bias_2):
    z = [float(row @ np.tanh(weights_1 @ observation + bias_1) + b) for row, b in zip(weights_2, bias_2, strict=True)]
    powers = [math.exp(x - max(z)) for x in z]
    return [x / sum(powers) for x in powers]


# --- tables -----------------------------------------------------------------------------------------------------------


def by_numpy(n_states, n_actions):
    with np.errstate(all="ignore"):
        return int(n_states * np.prod(n_actions)), int(n_states * np.sum(n_actions))


def by_floats(n_states, n_actions):
    joint = 1.0
    for a in n_actions:
        joint *= a
    return int(joint * n_states), n_states * sum(n_actions)


def by_power(n_states, n_actions):
    return n_states * n_actions[0] ** len(n_actions), n_states * n_actions[0] * len(n_actions)


def without_states(n_states, n_actions):
    return math.prod(n_actions), sum(n_actions)


@diagnosed(
    lesson_01.tables,
    [
        (by_numpy, "an integer of 64 bits ran over"),
        (by_floats, "a float was rounded"),
        (by_power, "all agents have as many actions as the first"),
        (without_states, "states left out"),
        (lambda s, a: (s ** len(a) * math.prod(a), s ** len(a) * sum(a)), "states to the power of the agents"),
        (
            lambda s, a: (s ** len(a) * math.prod(a), s * sum(a)),
            "states to the power of the agents, in the centre's table",
        ),
        (lambda s, a: (s * sum(a), s * sum(a)), "added instead of multiplied"),
    ],
)
def test_tables(answer, name):
    assert verdict_of(lesson_01.tables, answer) == ("wrong", name)


def right_tables(n_states, n_actions):
    return n_states * math.prod(n_actions), sum(n_states * a for a in n_actions)


# --- the gain ---------------------------------------------------------------------------------------------------------


def never_looks(wins):
    shape = wins.shape
    constant = max(wins[:, :, a, b].mean() for a in range(shape[2]) for b in range(shape[3]))
    return np.mean([wins[o, p].max() for o in range(shape[0]) for p in range(shape[1])]), constant


def greedy_alone(wins):
    first, second = wins.mean((1, 3)).argmax(1), wins.mean((0, 2)).argmax(1)
    pairs = [wins[o, p, first[o], second[p]] for o in range(wins.shape[0]) for p in range(wins.shape[1])]
    return wins.max((2, 3)).mean(), np.mean(pairs)


def second_knows_all(wins):
    best = max(
        np.mean([wins[o, p, plan[o]].max() for o in range(wins.shape[0]) for p in range(wins.shape[1])])
        for plan in itertools.product(range(wins.shape[2]), repeat=wins.shape[0])
    )
    return wins.max((2, 3)).mean(), best


def in_sums(wins):
    best = max(_pairs(wins))
    return wins.max((2, 3)).sum(), best * wins.shape[0] * wins.shape[1]


def _pairs(wins):
    lamps_1, lamps_2, n_1, n_2 = wins.shape
    for p in itertools.product(range(n_1), repeat=lamps_1):
        for q in itertools.product(range(n_2), repeat=lamps_2):
            yield np.mean([wins[i, j, p[i], q[j]] for i in range(lamps_1) for j in range(lamps_2)])


def as_in_the_lesson(wins):
    """The lesson's lines for the two lamps, copied."""
    policies = list(itertools.product(range(2), repeat=2))
    lamps = list(itertools.product(range(2), repeat=2))
    values = {
        (p, q): np.mean([wins[l1, l2, p[l1], q[l2]] for l1, l2 in lamps])
        for p, q in itertools.product(policies, policies)
    }
    return wins.max(axis=(2, 3)).mean(), max(values.values())


def all_signals_two_actions(wins):
    lamps_1, lamps_2 = wins.shape[:2]
    best = -np.inf
    for p in itertools.product(range(2), repeat=lamps_1):
        for q in itertools.product(range(2), repeat=lamps_2):
            best = max(best, np.mean([wins[i, j, p[i], q[j]] for i in range(lamps_1) for j in range(lamps_2)]))
    return wins.max(axis=(2, 3)).mean(), best


@diagnosed(
    lesson_01.gain,
    [
        (as_in_the_lesson, "only two signals and two actions"),
        (all_signals_two_actions, "only two actions"),
        (never_looks, "nobody looks at its lamp"),
        (greedy_alone, "each for itself"),
        (second_knows_all, "agent 2 sees both lamps"),
        (in_sums, "summed over the lamps"),
        (lambda wins: (wins.max((2, 3)).mean(), wins.mean()), "random agents"),
    ],
)
def test_gain(answer, name):
    assert verdict_of(lesson_01.gain, answer) == ("wrong", name)


def all_pairs(wins):
    return wins.max(axis=3).max(axis=2).mean(), max(_pairs(wins))


# --- the map ----------------------------------------------------------------------------------------------------------


def cosine(payoffs_1, payoffs_2):
    a, b = payoffs_1.ravel(), payoffs_2.ravel()
    return a @ b / (np.linalg.norm(a) * np.linalg.norm(b))


@diagnosed(
    lesson_01.place,
    [
        (cosine, "means were not taken off"),
        (lambda a, b: np.mean(a * b) - a.mean() * b.mean(), "covariance instead of correlation"),
        (lambda a, b: np.corrcoef(a.ravel(), b.ravel()), "a matrix instead of one number"),
        (lambda a, b: np.corrcoef(a, b)[0, 1], "two rows of agent 1's table"),
        (lambda a, b: np.corrcoef(a.ravel(), b.ravel())[0, 1] ** 2, "the square of the correlation"),
        (lambda a, b: -np.corrcoef(a.ravel(), b.ravel())[0, 1], "the wrong sign"),
    ],
)
def test_place(answer, name):
    assert verdict_of(lesson_01.place, answer) == ("wrong", name)


X, Z = np.array([[3.0, 1], [-1, -3]]), np.array([[1.0, -3], [3, -1]])  # means 0, equally large, product 0


@diagnosed(
    lesson_01.invent,
    [
        (lambda rho: (X, rho * X + (1 - abs(rho)) * Z), "weights that add up to 1"),
        (lambda rho: (X, -rho * X + np.sqrt(1 - rho**2) * Z), "the sign got lost"),
        (lambda rho: (X, rho * X + Z), "the whole of the other table is added"),
        (lambda rho: (X, X if rho > 0 else -X), "always the same game"),
    ],
)
def test_invent(answer, name):
    assert verdict_of(lesson_01.invent, answer) == ("wrong", name)


def tilted(rho):
    return X.tolist(), (5 + 2 * rho * X + 2 * np.sqrt(1 - rho**2) * Z).tolist()


def searched(rho):
    """Two agents that are paid for an angle: any right answer will do."""
    angle = math.acos(rho)
    return X + 0.5, math.cos(angle) * X - math.sin(angle) * Z


def test_games_that_do_not_interact_are_refused():
    rows, columns = np.array([[1.0, 1], [-1, -1]]), np.array([[1.0, -1], [1, -1]])
    verdict = lesson_01.invent.check(lambda rho: (rows, rho * rows + np.sqrt(1 - rho**2) * columns))
    assert verdict.outcome == "wrong" and "two games for one agent" in verdict.text


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        (lesson_01.loop, another_right_loop),
        (lesson_01.network, other_right_network),
        (lesson_01.tables, right_tables),
        (lesson_01.gain, all_pairs),
        (lesson_01.place, lambda a, b: np.corrcoef(a.ravel(), b.ravel())[0, 1]),
        (lesson_01.invent, tilted),
        (lesson_01.invent, searched),
    ],
)
def test_other_right_answers(exercise, answer):
    assert exercise.check(answer).outcome == "right"


# --- what the lesson is built of --------------------------------------------------------------------------------------


def test_lamps_by_hand():
    wins = lamps_table()
    assert wins[1, 1].tolist() == [[0, 1], [1, 0]]
    for lamps in ((0, 0), (0, 1), (1, 0)):
        assert wins[lamps].tolist() == [[1, 0], [0, 1]]


@pytest.mark.parametrize("loss", [0.0, 0.2, 0.5, 1.0])
def test_messages_against_trying_everything(loss):
    """Agent 1: 4 policies. Agent 2: one action for each own lamp and message (off, on, nothing), 64 policies."""
    wins, best = lamps_table(), 0.0
    for p in itertools.product(range(2), repeat=2):
        for q in itertools.product(range(2), repeat=6):
            total = 0.0
            for one, two in itertools.product(range(2), repeat=2):
                total += (1 - loss) * wins[one, two, p[one], q[3 * two + one]]
                total += loss * wins[one, two, p[one], q[3 * two + 2]]
            best = max(best, total / 4)
    assert value_with_messages(loss) == pytest.approx(best, abs=1e-12)


def test_in_others_hands():
    def share(game):
        return lesson_01.in_others_hands(*game.rewards[:, 0])

    assert share(matching_pennies()) == pytest.approx(1)
    assert share(prisoners_dilemma()) == pytest.approx(1 - 0.5625 / 3.6875)
    assert 0 < share(climbing()) < 1
    own = np.array([[0.0, 0.0, 0.0], [2.0, 2.0, 2.0]])  # 2 x 3: agents may have different numbers of actions
    assert lesson_01.in_others_hands(own, np.array([[1.0, 5.0, 9.0], [1.0, 5.0, 9.0]])) == pytest.approx(0)


@pytest.fixture
def crossing():
    return gridworld(["1.2", "...", "B.A"], observe="own position", reward="individual")


def south_then_east(row, column):
    return "south" if row < 2 else "east"


def west_then_south(row, column):
    return "west" if row == 0 and column > 0 else "south"


def test_the_recorded_loop_is_the_game(crossing):
    recording = record(lesson_01.Interaction(crossing, [south_then_east, west_then_south], seeds=3), 14, 1)
    states = recording.series("state")
    for t in range(2, 12, 3):
        frame = recording[t]
        assert frame["moment"].tolist() == [2, 2, 2] and frame["time"].tolist() == [t // 3] * 3
        before = int(states[t - 1, 0])
        then, paid = crossing.sample(before, frame["action"][0], np.random.default_rng(0))
        assert frame["state"][0] == then and frame["reward"][0].tolist() == paid.tolist()
        assert frame["observation"][0].tolist() == crossing.observations[:, before].tolist()
    assert recording[11]["earned"][0].tolist() == [6, 6]
    assert recording[12]["time"][0] == 0 and recording[12]["earned"][0].tolist() == [0, 0]


def test_epsilon_takes_one_coin_for_each_agent(crossing):
    wild = lesson_01.Interaction(crossing, [south_then_east, west_then_south], epsilon=1.0, seeds=200)
    wild.advance(1)
    actions = wild.frame()["action"]
    assert set(actions.ravel().tolist()) == set(range(5)) and (actions[:, 0] == actions[:, 1]).mean() < 0.35


def test_bad_policies_are_refused(crossing):
    with pytest.raises(ValueError, match="2 functions"):
        lesson_01.Interaction(crossing, [south_then_east])
    with pytest.raises(ValueError, match=r"policies\[1\]"):
        lesson_01.Interaction(crossing, [south_then_east, lambda row, column: "up"])
    with pytest.raises(ValueError, match="own position"):
        lesson_01.Interaction(climbing(), [south_then_east] * 2)

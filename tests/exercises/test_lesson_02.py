"""Typical wrong answers to the exercises of lesson 02, written as students write them, get the right diagnosis."""

from functools import partial

import numpy as np
import pytest
from answers import diagnosed, outcomes, verdict_of, verdict_of_text
from matplotlib.figure import Figure

from marl_edu.exercises import lesson_02
from marl_edu.exercises import lesson_02_pictures as pictures
from marl_edu.games import DecPOMDP, MarkovGame, dec_tiger, random_game
from marl_edu.planning import decentralised_optimum, evaluate, team_optimum

# --- the door ---------------------------------------------------------------------------------------------------------


def door(both, one, bell, shuts, cost, gains, fault=""):
    """Entry by entry, as a careful student writes it."""
    p, r = np.zeros((2, 2, 3, 2)), np.zeros((2, 2, 2, 3))
    for a in range(2):
        for b in range(3):
            opens = bell if b == 2 else both if a == b == 1 else one if a + b == 1 else 0
            if fault == "bell" and b == 2 and a == 1:
                opens = one
            stays = shuts if fault == "shuts" else 1 - shuts
            p[0, a, b] = [0 if fault == "half" else 1 - opens, opens]
            p[1, a, b] = [0 if fault == "half" else 1 - stays, stays]
            for s in range(2):
                sign = 1 if fault == "sign" else -1
                r[0, s, a, b] = sign * cost * a + gains[0] * s
                r[1, s, a, b] = sign * cost * (b == 1) + gains[0 if fault == "gain" else 1] * s
    if fault == "next first":
        p = np.transpose(p, (3, 0, 1, 2))
    if fault == "agent last":
        r = np.transpose(r, (1, 2, 3, 0))
    if fault == "swapped":
        p, r = np.transpose(p, (0, 2, 1, 3)), np.transpose(r, (0, 1, 3, 2))
    if fault == "team":
        r[0] = r[1] = r[0] + r[1]
    if "own axis" in fault:
        r[1, :, :, 1] += cost
        r[1, :, 1] -= cost
    if "closed" in fault:
        p[0, :, :, 0] = 0
    if "free" in fault:
        r[:, 1] = 0
    if "deaf" in fault:
        p[0, 0] = [1, 0]
    return p, r


def with_fault(function, fault):
    return lambda *case: function(*case, fault=fault)


DOORS = [
    (with_fault(door, "half"), "rows that don't sum to 1"),
    (with_fault(door, "shuts"), "shutting and staying open are mixed up"),
    (with_fault(door, "next first"), "the next state stands first"),
    (with_fault(door, "agent last"), "the agent stands last"),
    (with_fault(door, "swapped"), "the agents' axes are swapped"),
    (with_fault(door, "team"), "everybody gets the sum"),
    (with_fault(door, "sign"), "a cost with the wrong sign"),
    (with_fault(door, "gain"), "both have agent 1's gain"),
    (with_fault(door, "own axis"), "agent 2's push is paid along agent 1's axis"),
    (with_fault(door, "own axis, closed"), "agent 2's push is paid along agent 1's axis"),
    (with_fault(door, "closed"), "rows that don't sum to 1"),
    (with_fault(door, "closed, free"), "rows that don't sum to 1"),
    (with_fault(door, "free"), "transitions are right, rewards are not"),
    (with_fault(door, "deaf"), "rewards are right, transitions are not"),
    (with_fault(door, "deaf, free"), None),
]


@diagnosed(lesson_02.build, DOORS)
def test_doors(answer, name):
    assert verdict_of(lesson_02.build, answer) == ("wrong", name)


def test_the_verdict_on_a_door_is_short_and_says_which_array_is_right():
    def told(fault):
        return lesson_02.build.check(with_fault(door, fault)).text

    assert "transitions: all right; rewards: 4 of 8 rows are off, the first is rewards[1, 0, 0] =" in told("own axis")
    assert "transitions: 2 of 12 rows are off" in told("deaf") and "rewards: all right" in told("deaf")
    both = told("own axis, closed")
    assert "transitions: 6 of 12 rows are off, the first is transitions[0, 0, 0] = [0, 0]; expected [1, 0]" in both
    for fault in ("own axis", "own axis, closed", "deaf, free", "agent last", "next first"):
        assert len(told(fault).splitlines()) <= 26, told(fault)
    assert "expected one of shape (2, 2, 3, 2)" in told("next first")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda *case: np.zeros((2, 2, 3, 2)), "expected the two arrays"),
        (lambda *case: (1, 2, 3), "a tuple of 3 came out"),
        (lambda *case: ("up", "down"), "a text; expected one of shape"),
        (lambda *case: ([[1], [2, 3]], np.zeros((2, 2, 2, 3))), "transitions: a list of 2; expected one of shape"),
        ((np.zeros((2, 2, 3, 2)), np.zeros((2, 2, 2, 3))), "without brackets"),
    ],
)
def test_what_is_no_door_is_told_in_words(answer, words):
    verdict = lesson_02.build.check(answer)
    assert verdict.outcome == "wrong" and words in verdict.text


def test_another_way_to_build_the_door_is_right_and_valid():
    assert lesson_02.build.check(with_fault(door, "")).outcome == "right"
    game = MarkovGame(*door(0.9, 0.2, 0.5, 0.4, 1.0, (3.0, 5.0)))
    assert game.n_actions == (2, 3) and game.setting == "general-sum"


# --- the number of a joint action -------------------------------------------------------------------------------------

NUMBERS = [
    (lambda actions, counts: int(np.ravel_multi_index(actions, counts, order="F")), "the first agent varies fastest"),
    (lambda actions, counts: int(np.sum(actions)), "the actions' numbers added"),
    (lambda actions, counts: int(np.ravel_multi_index(actions, counts)) + 1, "counted from 1"),
    (
        lambda actions, counts: sum(a * max(counts) ** (len(counts) - 1 - k) for k, a in enumerate(actions)),
        "one base for all agents",
    ),
    (
        lambda actions, counts: sum(a * 10 ** (len(counts) - 1 - k) for k, a in enumerate(actions)),
        "the actions written side by side",
    ),
]


@diagnosed(lesson_02.number, NUMBERS)
def test_numbers(answer, name):
    assert verdict_of(lesson_02.number, answer) == ("wrong", name)


def test_the_number_is_that_of_numpy_and_of_the_package():
    game = random_game(3, 2, (2, 3, 4), 0)
    for joint in np.ndindex(2, 3, 4):
        assert lesson_02.number.reference(joint, (2, 3, 4)) == game.joint_index(joint)
    answer = lambda actions, counts: int(np.ravel_multi_index(actions, counts))  # noqa: E731
    assert lesson_02.number.check(answer).outcome == "right"


# --- one step ---------------------------------------------------------------------------------------------------------


def inverse(transitions, rewards, state, joint_action, u, fault=""):
    row = transitions[(state, *(joint_action[::-1] if fault == "swapped" else joint_action))]
    if fault == "column":
        row = [transitions[(s, *joint_action, state)] for s in range(len(transitions))]
    so_far, then = 0.0, len(row) - 1
    for k, chance in enumerate(row):
        so_far = chance if fault == "single" else so_far + chance
        if u < so_far:
            then = k
            break
    if fault == "likeliest":
        then = int(np.argmax(row))
    if fault == "uniform":
        then = int(np.floor(u * len(row)))
    where = then if fault == "late" else state
    paid = [table[(where, *joint_action)] for table in rewards]
    if fault == "one":
        paid = paid[0]
    if fault == "sum":
        paid = [sum(paid)] * len(paid)
    return then, paid


def indexed(transitions, rewards, state, joint_action, u, fault=""):
    """With NumPy's own search, as a student writes it who knows it."""
    tuple_in_row = fault in ("tuple everywhere", "tuple in the row")
    row = transitions[state, joint_action] if tuple_in_row else transitions[(state, *joint_action)]
    then = np.searchsorted(np.cumsum(row), u, **({} if fault == "no side" else {"side": "right"}))
    whole = fault in ("tuple everywhere", "tuple in the rewards")
    return then, rewards[:, state, joint_action] if whole else rewards[(slice(None), state, *joint_action)]


def looped(transitions, rewards, state, joint_action, u):
    row, so_far, then = transitions[(state, *joint_action)], 0.0, 0
    for then, chance in enumerate(row):  # noqa: B007
        so_far += chance
        if u <= so_far:
            break
    return then, rewards[(slice(None), state, *joint_action)]


STEPS = [
    (with_fault(indexed, "tuple everywhere"), "the joint action is not unpacked"),
    (with_fault(indexed, "tuple in the rewards"), "the joint action is not unpacked"),
    (with_fault(indexed, "tuple in the row"), "the joint action is not unpacked for the row"),
    (with_fault(indexed, "no side"), "an edge belongs to the piece on its left"),
    (looped, "an edge belongs to the piece on its left"),
    (with_fault(inverse, "likeliest"), "the likeliest state is taken"),
    (with_fault(inverse, "uniform"), "all states are equally likely"),
    (with_fault(inverse, "single"), "each probability is compared with u alone"),
    (with_fault(inverse, "late"), "paid in the next state"),
    (with_fault(inverse, "one"), "only agent 1 is paid"),
    (with_fault(inverse, "sum"), "everybody gets the sum"),
]


@diagnosed(lesson_02.sample, STEPS)
def test_steps(answer, name):
    assert verdict_of(lesson_02.sample, answer) == ("wrong", name)


@pytest.mark.parametrize("fault", ["swapped", "column"])
def test_mixed_up_axes_are_never_accepted(fault):
    assert lesson_02.sample.check(with_fault(inverse, fault)).outcome in ("wrong", "crashed")


def test_another_way_to_draw_is_right_and_as_frequent_as_the_row_says():
    assert lesson_02.sample.check(with_fault(inverse, "")).outcome == "right"
    game, rng = random_game(2, 4, (2, 3), 0), np.random.default_rng(0)
    drawn = [lesson_02.sample.reference(game.transitions, game.rewards, 1, (1, 2), u)[0] for u in rng.random(4_000)]
    shares = np.bincount(drawn, minlength=4) / 4_000
    assert np.abs(shares - game.transitions[1, 1, 2]).max() < 4 * np.sqrt(0.25 / 4_000)


def test_a_row_that_is_a_hair_too_short_leads_to_a_state_that_exists():
    """The solution that students are shown, and the last hint, on a row that sums to 1 - 1e-9 and a u above that."""
    transitions, rewards, u = np.zeros((1, 1, 1, 3)), np.zeros((1, 1, 1, 1)), 1 - 1e-10
    transitions[0, 0, 0] = [0.25, 0.25, 0.5 - 1e-9]
    row = transitions[0, 0, 0]
    assert np.searchsorted(np.cumsum(row), u, side="right") == 3  # there is no state 3
    assert lesson_02.sample.reference(transitions, rewards, 0, (0, 0), u)[0] == 2
    scope = {"np": np}
    exec(lesson_02.sample.solution_source(), scope)
    assert scope["sample_step"](transitions, rewards, 0, (0, 0), u)[0] == 2
    assert "min(..., len(row) - 1)" in lesson_02.sample.hints[-1]
    assert lesson_02.sample.check(with_fault(indexed, "")).outcome == "right"  # nobody is failed for a hair


# --- rows from steps --------------------------------------------------------------------------------------------------


def shares(steps, n_states, n_actions, fault=""):
    found, before = {}, 0
    for state, (a, b), then in steps:
        key = (state, a, before if "turns" in fault else b)
        before = b
        found.setdefault(key, []).append(then)
    if "ones" in fault:
        for key in np.ndindex(n_states, *n_actions):
            found[key] = [*found.get(key, []), *range(n_states)]
    unseen = np.nan if "nan" in fault else 0.0 if "zero" in fault else 1 / n_states
    table = np.full((n_states, *n_actions, n_states), unseen)
    if "axis" in fault:
        counts = np.zeros_like(table)
        for key, thens in found.items():
            for then in thens:
                counts[(*key, then)] += 1
        with np.errstate(all="ignore"):
            divided = counts / counts.sum(axis=0)
        return divided if "nan" in fault else np.where(np.isnan(divided), 1 / n_states, divided)
    for key, thens in found.items():
        table[key] = np.bincount(thens, minlength=n_states) / len(thens)
    return table


ESTIMATES = [
    (with_fault(shares, "turns"), "the agents move one after the other"),
    (with_fault(shares, "axis"), "the wrong axis is normalised"),
    (with_fault(shares, "nan"), "what was never seen is 0/0"),
    (with_fault(shares, "zero"), "what was never seen has probability 0"),
    (with_fault(shares, "turns nan"), "two faults are left: turns and nan"),
    (with_fault(shares, "axis nan"), "two faults are left: axis and nan"),
    (with_fault(shares, "turns axis"), "two faults are left: turns and axis"),
    (with_fault(shares, "ones"), "counts that start at 1"),
    (with_fault(shares, "ones turns"), "counts that start at 1, and turns"),
    (with_fault(shares, "ones axis"), "counts that start at 1, and axis"),
]


@diagnosed(lesson_02.mend, ESTIMATES)
def test_estimates(answer, name):
    assert verdict_of(lesson_02.mend, answer) == ("wrong", name)


def test_first_things_that_students_change_in_the_program():
    """From the stub, one fault mended at a time: each step is told which faults remain."""
    judged = partial(verdict_of_text, lesson_02.mend)
    program = lesson_02.mend.stub
    assert judged(program)[0] == "not attempted"
    axis = program.replace("axis=0", "axis=-1")
    assert judged(axis) == ("wrong", "two faults are left: turns and nan")
    turns = program.replace("action_1, action_of_2, then", "action_1, action_2, then")
    assert judged(turns) == ("wrong", "two faults are left: axis and nan")
    assert judged(turns.replace("axis=0", "axis=-1")) == ("wrong", "what was never seen is 0/0")
    last = "np.where(totals > 0, counts / totals, 1 / n_states)"
    whole = turns.replace("axis=0", "axis=-1").replace("counts / totals", last)
    assert judged(whole) == ("right", None)


def test_another_way_to_estimate_is_right():
    assert lesson_02.mend.check(with_fault(shares, "")).outcome == "right"


# --- beliefs ----------------------------------------------------------------------------------------------------------


def bayes(belief, transitions, hearing, action, heard, fault=""):
    (a, b), (o1, o2) = action, heard
    weights = np.zeros(len(belief))
    for t in range(len(belief)):
        arrived = sum(belief[s] * transitions[s, a, b, t] for s in range(len(belief)))
        arrived = belief[t] if fault == "still" else 1.0 if fault == "no prior" else arrived
        heard_so = hearing[a, b, t, o1].sum() if fault == "one ear" else hearing[a, b, t, o1, o2]
        weights[t] = arrived * (1.0 if fault == "deaf" else heard_so)
    if fault == "unscaled":
        return weights
    return weights / weights.sum()


BELIEFS = [
    (with_fault(bayes, "still"), "the world stands still"),
    (with_fault(bayes, "no prior"), "what was believed before is forgotten"),
    (with_fault(bayes, "one ear"), "only one ear"),
    (with_fault(bayes, "deaf"), "nothing was heard"),
    (with_fault(bayes, "unscaled"), "not divided by the sum"),
]


@diagnosed(lesson_02.belief, BELIEFS)
def test_beliefs(answer, name):
    assert verdict_of(lesson_02.belief, answer) == ("wrong", name)


def test_beliefs_entry_by_entry_are_right():
    assert lesson_02.belief.check(with_fault(bayes, "")).outcome == "right"


def test_two_ears_that_agree_on_the_tiger():
    tiger = dec_tiger()
    arrays = tiger.game.transitions, tiger.observation_probabilities
    found = lesson_02.belief.reference(np.array([0.5, 0.5]), *arrays, (0, 0), (0, 0))
    assert found == pytest.approx([0.85**2 / (0.85**2 + 0.15**2), 0.15**2 / (0.85**2 + 0.15**2)])
    assert decentralised_optimum(tiger, 3).value == pytest.approx(5.190812, abs=1e-6)


# --- a game of one's own ----------------------------------------------------------------------------------------------


def commons(discount, fault=""):
    """Three states: rich, poorer, poor; both modest leads up, anything else down."""
    p, r = np.zeros((3, 2, 2, 3)), np.zeros((2, 3, 2, 2))
    for s, a, b in np.ndindex(3, 2, 2):
        then = max(s - 1, 0) if a == b == 0 else min(s + 1, 2)
        p[s, a, b, s if fault == "no harm" else then] = 1
        for i, (mine, other) in enumerate([(a, b), (b, a)]):
            r[i, s, a, b] = (2 - s) * (2 + 2 * mine - other)
    if fault == "chance":
        p = 0.9 * p + 0.1 * np.roll(p, 1, axis=-1)
    if fault == "dilemma":
        r[:, 0] = [[[3, 0], [5, 1]], [[3, 5], [0, 1]]]
    if fault == "coordination":
        r[:, 0] = [[5, 0], [0, 4]]
    if fault == "one table":
        r = r[0]
    return p, r


GAMES = [
    (with_fault(commons, "one table"), "the arrays don't fit"),
    (with_fault(commons, "chance"), "chance is used"),
    (with_fault(commons, "coordination"), "nothing tempts"),
    (with_fault(commons, "dilemma"), "the step itself does the harm"),
    (with_fault(commons, "no harm"), "patience does not pay"),
]


@diagnosed(lesson_02.own, GAMES)
def test_games(answer, name):
    assert verdict_of(lesson_02.own, answer) == ("wrong", name)


def repeated(discount):
    """A game that is valid, of one state."""
    return np.ones((1, 2, 2, 1)), np.array([[[[3, 0], [5, 1]]], [[[3, 5], [0, 1]]]])


def test_a_game_of_one_state_is_not_said_not_to_fit():
    verdict = lesson_02.own.check(repeated)
    assert verdict.misconception == "a game of another size"
    assert "2 agents, 1 state, 2 and 2 actions; expected 2 agents, 2 to 3 states" in verdict.text
    p, r = commons(0.9)
    rich = lesson_02.own.check(lambda discount: (p, 10 * r))
    assert rich.misconception == "rewards beyond the limits" and "a reward beyond the limits, 80" in rich.text


def test_the_game_is_shown_in_words():
    text = lesson_02.own.check(with_fault(commons, "dilemma")).text
    assert "in state 0 giving in is action 1 of agent 1 and 1 of agent 2, pays 1 and 1 and leads to 1, where" in text
    assert "in state 0 another joint action pays both agents more, at once" in text
    assert "{" not in text and "True" not in text and "False" not in text
    indifferent = lesson_02.own.check(lambda discount: (np.ones((2, 2, 2, 2)) * [0, 1], np.zeros((2, 2, 2, 2))))
    assert indifferent.misconception == "nothing tempts" and "pays an agent as much as giving in" in indifferent.text
    assert "giving in: taking that action" in lesson_02.own.task


def test_another_game_is_right():
    assert lesson_02.own.check(with_fault(commons, "")).outcome == "right"


# --- all of them ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("exercise", lesson_02.lesson.exercises, ids=lambda exercise: exercise.name)
def test_solution_and_stub(exercise):
    assert outcomes(exercise) == ("right", "not attempted", "not attempted")


def test_the_numbers_of_the_quiz_and_of_the_lake():
    assert lesson_02.quiz.questions[0].right == np.zeros((10, 4, 4, 4, 10)).size == 6_400
    lake = lesson_02.lake()
    plans = [[0, 0, 0], [1, 0, 0], [1, 1, 1]]
    together = {(k, m): evaluate(lake, [plans[k], plans[m]])[:, 0].sum() for k in range(3) for m in range(3)}
    assert max(together, key=together.get) in ((0, 1), (1, 0))
    assert together[0, 1] == pytest.approx(team_optimum(lake).value)


# --- pictures ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("sharing", "labels"), [(-1, ["ss, ff", "sf", "fs"]), (1, ["ss", "sf, fs, ff"])])
def test_dots_that_coincide_have_one_label_and_squares_hide_no_circle(sharing, labels):
    lake, ax = lesson_02.lake(), Figure().subplots()
    own = lake.rewards if sharing < 0 else np.zeros_like(lake.rewards)
    pictures.payoffs(ax, lake.replace(rewards=own + sharing * lake.rewards.mean(axis=0)), (0, 1))
    circles, squares = ax.lines[:2]
    assert circles.get_markerfacecolor() == "none" and circles.get_markersize() > 2 * squares.get_markersize()
    assert [text.get_text() for text in ax.texts] == labels * 2
    assert len(circles.get_xdata()) == len(labels)


def test_labels_stand_clear_of_bars_below_zero():
    ax = Figure().subplots()
    pictures.bars(ax, [1, 2], {"silent": [-2.0, -4.0], "told": [-2.0, 7.5]})
    assert [(text.get_text(), text.xy[1]) for text in ax.texts] == [("-2.0", 0), ("-4.0", 0), ("-2.0", 0), ("7.5", 7.5)]


def test_what_one_report_is_worth():
    """Dec-Tiger, two steps, agent 1 tells agent 2, which follows: one ear decides. By trying all pairs of plans."""
    tiger = dec_tiger()
    hearing, paid = tiger.observation_probabilities[0, 0], tiger.game.rewards[0]
    assert tiger.game.transitions[:, 0, 0] == pytest.approx(np.eye(2))
    ends = [
        sum(0.5 * hearing[s, a, b] * paid[s, own[a], other[2 * a + b]] for s, a, b in np.ndindex(2, 2, 2))
        for own in np.ndindex(3, 3)
        for other in np.ndindex(3, 3, 3, 3)
    ]
    one_tells = np.zeros((3, 3, 2, 2, 4))
    for a, b in np.ndindex(2, 2):
        one_tells[..., a, 2 * a + b] = tiger.observation_probabilities[..., a, b]
    found = decentralised_optimum(DecPOMDP(tiger.game, one_tells), 2).value
    assert found == pytest.approx(-2 + max(ends)) == pytest.approx(-2 + 0.85 * 20 - 0.15 * 50)

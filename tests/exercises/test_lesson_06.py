"""Typical wrong answers to the exercises of lesson 06, written as students write them, get the right diagnosis."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest
from answers import diagnosed, outcomes, verdict_of, verdict_of_text

from marl_edu.exercises import lesson_06
from marl_edu.exercises.audit import audit
from marl_edu.exercises.cases import prepare
from marl_edu.exercises.lesson_06_grid import joint_move as right_move
from marl_edu.exercises.lesson_06_mend import act
from marl_edu.games import CORRIDOR, CROSSING, DOORWAY, gridworld
from marl_edu.games.grid_moves import destinations

LESSON = Path(__file__).parents[2] / "lessons/source/06_independent_q_learning.py"
SOURCE = " ".join(LESSON.read_text(encoding="utf-8").replace("\n# ", " ").split())

# --- one turn on the grid ---------------------------------------------------------------------------------------------


def agent_1_goes_first(here, wanted, goals):
    a, b = here
    if wanted[0] != b or b == goals[0]:
        a = wanted[0]
    bumped = a != wanted[0]
    if wanted[1] != a or wanted[1] == goals[1] or a == goals[0]:
        b = wanted[1]
    bumped = bumped or b != wanted[1]
    reward = -2
    if bumped:
        reward -= 2
    if a == goals[0]:
        reward += 10
    if b == goals[1]:
        reward += 10
    return a, b, reward


def passes_through(here, wanted, goals):
    if wanted[0] == wanted[1] and wanted[0] != goals[0] and wanted[1] != goals[1]:
        return here[0], here[1], -4
    return [wanted[0], wanted[1], -2 + 10 * (wanted[0] == goals[0]) + 10 * (wanted[1] == goals[1])]


def only_looks_where_they_stand(here, wanted, goals):
    (a, b), (x, y) = here, wanted
    crash = x == b or y == a
    if x == y and x != goals[0] and y != goals[1]:
        crash = True
    if crash:
        x, y = a, b
    return x, y, sum(-1 - crash + (10 if c == g else 0) for c, g in zip((x, y), goals, strict=True))


def for_agent_1(here, wanted, goals):
    x, y, _ = right_move(here, wanted, goals)
    reward = -1
    if (x, y) == here and (x, y) != wanted:
        reward = -2
    if x == goals[0]:
        reward += 10
    return x, y, reward


def one_penalty(here, wanted, goals):
    same = wanted[0] == wanted[1] and wanted[0] not in (goals[0],) and wanted[1] not in (goals[1],)
    swap = wanted == here[::-1]
    reward = -2
    x, y = wanted
    if same or swap:
        reward = reward - 1
        x, y = here
    return x, y, reward + 10 * int(x == goals[0]) + 10 * int(y == goals[1])


def free_arrival(here, wanted, goals):
    x, y, _ = right_move(here, wanted, goals)
    reward = 0
    hit = (x, y) != wanted
    for cell, goal in ((x, goals[0]), (y, goals[1])):
        reward += 10 if cell == goal else -1
        reward -= hit
    return x, y, reward


def goals_are_cells(here, wanted, goals):
    if wanted[0] == wanted[1] or (wanted[0] == here[1] and wanted[1] == here[0]):
        x, y, reward = here[0], here[1], -4
    else:
        x, y, reward = wanted[0], wanted[1], -2
    reward += 10 * ((x == goals[0]) + (y == goals[1]))
    return x, y, reward


MOVES = [
    (agent_1_goes_first, "agents move one after the other"),
    (passes_through, "places can be swapped"),
    (only_looks_where_they_stand, "a cell that is being left is still taken"),
    (for_agent_1, "own reward instead of the team's"),
    (one_penalty, "a collision is paid once"),
    (free_arrival, "the last step is free"),
    (goals_are_cells, "somebody is in the way on a goal"),
    (lambda here, wanted, goals: here if wanted[0] == wanted[1] else wanted, "the reward is missing"),
]


@diagnosed(lesson_06.move, MOVES)
def test_moves(answer, name):
    assert verdict_of(lesson_06.move, answer) == ("wrong", name)


@pytest.mark.parametrize("drawing", [CORRIDOR, CROSSING, DOORWAY], ids=["corridor", "crossing", "doorway"])
def test_the_solution_is_the_rule_of_the_gridworld(drawing):
    game = gridworld(drawing)
    layout, leads_to = game.layout, destinations(game.layout.walls)
    goals = tuple(int(cells.argmax()) for cells in layout.goals)
    on_the_way = [state for state in range(game.n_states) if not layout.home(state).any()]
    for state in on_the_way:
        here = tuple(map(int, layout.positions[state]))
        for a, b in np.ndindex(5, 5):
            wanted = int(leads_to[here[0], a]), int(leads_to[here[1], b])
            after = int(game.transitions[state, a, b].argmax())
            expected = (*map(int, layout.positions[after]), game.rewards[0, state, a, b])
            assert right_move(here, wanted, goals) == expected


# --- the target -------------------------------------------------------------------------------------------------------


def done_is_done(reward, next_values, discount, terminated, truncated):
    done = terminated or truncated
    if done:
        return reward
    return reward + discount * np.max(next_values)


def always_looks_ahead(reward, next_values, discount, terminated, truncated):
    return reward + discount * np.array(next_values).max()


def limit_first(reward, next_values, discount, terminated, truncated):
    if truncated:
        return reward + discount * next_values.max()
    if terminated:
        return reward
    return reward + discount * next_values.max()


def undiscounted(reward, next_values, discount, terminated, truncated):
    return reward + (0 if terminated else next_values.max())


def discounts_all(reward, next_values, discount, terminated, truncated):
    future = 0 if terminated else next_values.max()
    return discount * (reward + future)


def expected_value(reward, next_values, discount, terminated, truncated):
    return reward if terminated else reward + discount * sum(next_values) / len(next_values)


def best_action(reward, next_values, discount, terminated, truncated):
    return reward if terminated else reward + discount * np.argmax(next_values)


def zero_at_the_end(reward, next_values, discount, terminated, truncated):
    if terminated:
        return 0.0
    return reward + discount * next_values.max()


TARGETS = [
    (done_is_done, "a time limit is an end"),
    (always_looks_ahead, "the end has a future"),
    (limit_first, "the limit overrules the end"),
    (undiscounted, "discount forgotten"),
    (discounts_all, "the reward is discounted as well"),
    (expected_value, "average instead of best"),
    (best_action, "number of the best action instead of its value"),
    (zero_at_the_end, "nothing is paid at the end"),
]


@diagnosed(lesson_06.target, TARGETS)
def test_targets(answer, name):
    assert verdict_of(lesson_06.target, answer) == ("wrong", name)


# --- the world of one agent -------------------------------------------------------------------------------------------


def plain_mean(transitions, policy_2):
    return np.mean(transitions, axis=2)


def greedy_partner(transitions, policy_2):
    out = np.zeros((transitions.shape[0], transitions.shape[1], transitions.shape[3]))
    for s in range(len(out)):
        out[s] = transitions[s, :, np.argmax(policy_2[s])]
    return out


def forgot_the_policy(transitions, policy_2):
    return sum(transitions[:, :, b] for b in range(transitions.shape[2]))


def wrong_axis(transitions, policy_2):
    return (transitions * policy_2[:, :, None, None]).sum(axis=1)


def policy_of_next_state(transitions, policy_2):
    out = np.zeros((transitions.shape[0], transitions.shape[1], transitions.shape[3]))
    for s, a, b, t in np.ndindex(transitions.shape):
        out[s, a, t] += policy_2[t, b] * transitions[s, a, b, t]
    return out


def one_mixture(transitions, policy_2):
    return np.tensordot(transitions, policy_2.mean(0), axes=([2], [0]))


PARTNERS = [
    (plain_mean, "the partner acts at random"),
    (greedy_partner, "the partner does only what it likes best"),
    (forgot_the_policy, "summed without weights"),
    (wrong_axis, "the agents are mixed up"),
    (policy_of_next_state, "the partner looks at the next state"),
    (one_mixture, "one policy for all states"),
]


@diagnosed(lesson_06.partner, PARTNERS)
def test_partners(answer, name):
    outcome, misconception = verdict_of(lesson_06.partner, answer)
    assert (outcome, misconception) == ("wrong", name) or (outcome == "crashed" and answer is wrong_axis)


# --- the tipping point ------------------------------------------------------------------------------------------------


def other_actions_only(payoffs, best):
    r, c = best
    others = [k for k in range(payoffs.shape[1]) if k != c]
    eps = 1.0
    for k in range(payoffs.shape[0]):
        lead = payoffs[r, c] - payoffs[k, c]
        loss = payoffs[k, others].mean() - payoffs[r, others].mean()
        if loss > 0:
            eps = min(eps, lead / (lead + loss))
    return eps


def safest_rival(payoffs, best):
    r, c = best
    k = payoffs.mean(axis=1).argmax()
    if k == r:
        return 1.0
    lead, loss = payoffs[r, c] - payoffs[k, c], payoffs[k].mean() - payoffs[r].mean()
    return lead / (lead + loss)


def how_careful(payoffs, best):
    r, c = best
    eps = 1.0
    for k in range(len(payoffs)):
        lead, loss = payoffs[r, c] - payoffs[k, c], payoffs[k].mean() - payoffs[r].mean()
        if loss > 0:
            eps = min(eps, lead / (lead + loss))
    return 1 - eps


def lines_cross(payoffs, best):
    r, c = best
    found = []
    for k in range(len(payoffs)):
        lead, loss = payoffs[r, c] - payoffs[k, c], payoffs[k].mean() - payoffs[r].mean()
        if k != r:
            found.append(lead / (lead + loss))
    return min(found)


def runner_up(payoffs, best):
    r, c = best
    k = np.argsort(payoffs[:, c])[-2]
    lead, loss = payoffs[r, c] - payoffs[k, c], payoffs[k].mean() - payoffs[r].mean()
    return lead / (lead + loss) if loss > 0 else 1.0


def until_all_are_better(payoffs, best):
    r, c = best
    eps = []
    for k in range(len(payoffs)):
        lead, loss = payoffs[r, c] - payoffs[k, c], payoffs[k].mean() - payoffs[r].mean()
        if loss > 0:
            eps.append(lead / (lead + loss))
    return max(eps) if eps else 1.0


TIPPING = [
    (other_actions_only, "exploring means doing something else"),
    (safest_rival, "only the safest rival was looked at"),
    (runner_up, "only the second best was looked at"),
    (how_careful, "how often the partner is careful"),
    (until_all_are_better, "the last rival instead of the first"),
    (lines_cross, "actions that never catch up"),
]


@diagnosed(lesson_06.tipping, TIPPING)
def test_tipping(answer, name):
    assert verdict_of(lesson_06.tipping, answer) == ("wrong", name)


def test_tipping_points_of_the_two_games():
    from marl_edu.games import climbing, penalty

    tip = lesson_06.tipping.reference
    assert tip(climbing().rewards[0, 0], (0, 0)) == pytest.approx(11 / 19)
    assert tip(penalty(-100).rewards[0, 0], (0, 0)) == pytest.approx(10 / (10 + 92 / 3))
    assert tip(penalty(0).rewards[0, 0], (0, 0)) == 1


# --- a correction of one's own ----------------------------------------------------------------------------------------

INVENTIONS = [
    (lambda value, target, visits, rng: value + 0.1 * (target - value), "bad news counts in full"),
    (lambda value, target, visits, rng: value + (target - value) / (visits + 1), "bad news counts in full"),
    (lambda value, target, visits, rng: np.maximum(value, target), "the lucky draw is believed"),
    (
        lambda value, target, visits, rng: value + np.where(target > value, 0.5, 0.03) * (target - value),
        "the lucky draw is believed",
    ),
    (lambda value, target, visits, rng: 0.0, "one number for all agents"),
    (lambda value, target, visits, rng: value - 5 * (target - value), "values that run away"),
    (lambda value, target, visits, rng: value, "nothing is learned"),
]


@diagnosed(lesson_06.invent, INVENTIONS)
def test_inventions(answer, name):
    assert verdict_of(lesson_06.invent, answer) == ("wrong", name)


def test_another_invention_is_right():
    def slow(value, target, visits, rng):
        step = np.where(target >= value, 0.03, 0.0032)
        return value + step * (target - value)

    assert lesson_06.invent.check(slow).outcome == "right"


# --- find the bugs ----------------------------------------------------------------------------------------------------


def mended(world, episodes, rng, step_size=0.1, discount=0.9, epsilon=0.1, fault=""):
    n = 4 if fault == "size" else world.size
    tables = [np.zeros((n, n, 4)) for _ in range(2)]
    if fault == "one table":
        tables[1] = tables[0]
    for _ in range(episodes):
        places = world.reset()
        if fault == "two resets":
            places = (places[0], world.reset()[1])
        while True:
            actions = [act(tables[i][places[i]], epsilon, rng) for i in range(2)]
            if fault == "two steps":
                world.step(actions[0])
            then, rewards, arrived, late = world.step(actions)
            for i in range(2):
                future = tables[i][then[i]].max()
                ended = any(arrived)
                if fault == "own end":
                    ended = arrived[i]
                if fault == "limit" and late:
                    ended = True
                if ended and fault != "future":
                    future = 0
                table, at = tables[i], (*places[i], actions[i])
                table[at] = (1 - step_size) * table[at] + step_size * (rewards[i] + discount * future)
            places = then
            done = arrived[1] if fault == "second done" else all(arrived) if fault == "both" else any(arrived)
            if done or (late and fault != "clock"):
                break
    return tables[0], tables[1]


def with_fault(fault):
    def circulating(world, episodes, rng, step_size=0.1, discount=0.9, epsilon=0.1):
        return mended(world, episodes, rng, step_size, discount, epsilon, fault)

    return circulating


BUGS = [
    (with_fault("two resets"), "both agents reset the world"),
    (with_fault("two steps"), "the world is stepped once per agent"),
    (with_fault("second done"), "one agent's end is overlooked"),
    (with_fault("both"), "one agent's end is overlooked"),
    (with_fault("clock"), "nobody looks at the clock"),
    (with_fault("size"), "the size is written into the code"),
    (with_fault("future"), "the end has a future"),
    (with_fault("own end"), "the end has a future"),
    (with_fault("limit"), "a time limit is an end"),
    (with_fault("one table"), "one table for two agents"),
]


@diagnosed(lesson_06.mend, BUGS)
def test_bugs(answer, name):
    assert verdict_of(lesson_06.mend, answer) == ("wrong", name)


def test_another_way_of_writing_it_is_right():
    assert lesson_06.mend.check(with_fault("")).outcome == "right"


def test_first_things_that_students_change_in_the_listing():
    """From the stub, one fault at a time: each step meets the next fault, by name."""
    judged = partial(verdict_of_text, lesson_06.mend, act=act)
    listing = lesson_06.mend.stub
    assert judged(listing)[0] == "not attempted"
    sized = listing.replace("(2, 4, 4, 4)", "(2, world.size, world.size, 4)")
    assert judged(sized) == ("wrong", "both agents reset the world")
    reset = sized.replace("state_1 = world.reset()", "state_1, state_2 = world.reset()")
    reset = reset.replace("        state_2 = world.reset()\n", "")
    assert judged(reset) == ("wrong", "the world is stepped once per agent")


# --- other mistakes get no false name ---------------------------------------------------------------------------------


def turn(reward=lambda crash, home: -2 - 2 * crash + 10 * home, swap_free_at_goals=False):
    """The rule, right but for what is changed."""

    def joint_move(here, wanted, goals):
        at_goal = wanted[0] == goals[0] or wanted[1] == goals[1]
        swapped = wanted[0] == here[1] and wanted[1] == here[0]
        crash = (wanted[0] == wanted[1] and not at_goal) or (swapped and not (swap_free_at_goals and at_goal))
        x, y = here if crash else wanted
        return x, y, reward(crash, (x == goals[0]) + (y == goals[1]))

    return joint_move


def sorts_the_row(reward, next_values, discount, terminated, truncated):
    next_values.sort()
    return reward + (0 if terminated else discount * next_values[-1])


def writes_into_transitions(transitions, policy_2):
    return np.multiply(transitions, policy_2[:, None, :, None], out=transitions).sum(axis=2)


def best_from_zero(reward, next_values, discount, terminated, truncated):
    best = 0
    for value in next_values:
        if value > best:
            best = value
    return reward if terminated else reward + discount * best


def worst(reward, next_values, discount, terminated, truncated):
    return reward if terminated else reward + discount * min(next_values)


def first(reward, next_values, discount, terminated, truncated):
    return reward if terminated else reward + discount * next_values[0]


def policy_of_state_0(transitions, policy_2):
    return np.einsum("sabt,b->sat", transitions, policy_2[0])


def fills_the_payoffs(payoffs, best):
    tip = lesson_06.tipping.reference(payoffs, best)
    payoffs[:] = 0
    return tip


OTHERS = [
    (lesson_06.move, turn(lambda crash, home: -2 + 10 * home), None, "no price for a collision"),
    (lesson_06.move, turn(lambda crash, home: (-2 - 2 * crash + 10 * home) / 2), None, "mean reward"),
    (lesson_06.move, turn(lambda crash, home: -1 - 2 * crash + 10 * home), None, "1 per step"),
    (lesson_06.move, turn(lambda crash, home: -2 - 3 * crash + 10 * home), None, "3 for a collision"),
    (lesson_06.move, turn(lambda crash, home: -2 - 2 * crash + 5 * home), None, "5 for arriving"),
    (lesson_06.move, turn(lambda crash, home: 2 - 2 * crash + 10 * home), None, "a step pays"),
    (lesson_06.move, turn(swap_free_at_goals=True), None, "swap where it is a goal"),
    (lesson_06.target, sorts_the_row, None, "sorts the row"),
    (lesson_06.target, lambda r, v, g, end, cut: r, "no future at all", "reward alone"),
    (lesson_06.target, best_from_zero, "a maximum that begins at 0", "best from 0"),
    (lesson_06.target, lambda r, v, g, end, cut: r + g * max(0, *v) * (not end), "a maximum that begins at 0", "max"),
    (lesson_06.target, worst, None, "worst"),
    (lesson_06.target, first, None, "first"),
    (lesson_06.target, lambda r, v, g, end, cut: r - g * max(v) * (not end), None, "minus"),
    (lesson_06.target, lambda r, v, g, end, cut: r + g**2 * max(v) * (not end), None, "discount squared"),
    (lesson_06.target, lambda r, v, g, end, cut: max(v), None, "no reward"),
    (lesson_06.target, lambda r, v, g, end, cut: 0.0, None, "zero"),
    (lesson_06.partner, writes_into_transitions, None, "writes into transitions"),
    (lesson_06.partner, policy_of_state_0, None, "policy of state 0"),
    (lesson_06.tipping, fills_the_payoffs, None, "fills the payoffs"),
    (lesson_06.tipping, lambda p, b: 100 * lesson_06.tipping.reference(p, b), "per cent instead of a share", "x 100"),
    (lesson_06.tipping, lambda p, b: 2.0, None, "always 2"),
    (lesson_06.tipping, lambda p, b: 0.5, None, "always a half"),
    (lesson_06.tipping, lambda p, b: lesson_06.tipping.reference(p, b) + 3e-4, None, "a little too large"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("exercise", "answer", "name"),
    [pytest.param(exercise, answer, name, id=f"{exercise.name}-{words}") for exercise, answer, name, words in OTHERS],
)
def test_other_mistakes_get_no_false_name(exercise, answer, name):
    assert verdict_of(exercise, answer) == ("wrong", name)


def test_a_mistake_beside_another_is_still_named():
    def no_swap_and_one_penalty(here, wanted, goals):
        if wanted == here[::-1]:
            return *wanted, -2 + 10 * ((wanted[0] == goals[0]) + (wanted[1] == goals[1]))
        return one_penalty(here, wanted, goals)

    assert verdict_of(lesson_06.move, no_swap_and_one_penalty) == ("wrong", "a collision is paid once")


def test_most_rows_of_the_target_tell_a_maximum_that_begins_at_0():
    for property_, cases in zip(lesson_06.target.properties, lesson_06.target.prepared(), strict=True):
        assert sum(case.args[1].max() < 0 for case in cases) >= 5, property_.says


def test_how_exact_a_tipping_point_must_be():
    tip = lesson_06.tipping.reference
    assert lesson_06.tipping.check(lambda payoffs, best: tip(payoffs, best) - 5e-5).outcome == "right"
    assert "0.0001" in lesson_06.tipping.task and "to within a ten-thousandth" in SOURCE


def explores(how, default=0.1):
    """Right but for exploring: ``how(best, epsilon, rng)`` makes two actions of two lists of best ones."""

    def circulating(world, episodes, rng, step_size=0.1, discount=0.9, epsilon=default):
        tables = np.zeros((2, world.size, world.size, 4))
        for _ in range(episodes):
            places, over = world.reset(), False
            while not over:
                rows = [tables[i][places[i]] for i in range(2)]
                actions = how([np.flatnonzero(row == row.max()) for row in rows], epsilon, rng)
                then, rewards, arrived, late = world.step(actions)
                for i in range(2):
                    future = 0 if any(arrived) else tables[i][then[i]].max()
                    rows[i][actions[i]] += step_size * (rewards[i] + discount * future - rows[i][actions[i]])
                places, over = then, any(arrived) or late
        return tables

    return circulating


def own_coins(best, epsilon, rng):
    return [int(rng.integers(4) if rng.random() < epsilon else rng.choice(row)) for row in best]


def one_coin(best, epsilon, rng):
    if rng.random() < epsilon:
        return rng.integers(4, size=2).tolist()
    return [int(rng.choice(row)) for row in best]


def all_or_nothing(best, epsilon, rng):
    return own_coins(best, float(epsilon >= 1), rng)


def something_else(best, epsilon, rng):
    others = [np.setdiff1d(range(4), row) if len(row) < 4 else row for row in best]
    return [int(rng.choice(others[i] if rng.random() < epsilon else best[i])) for i in range(2)]


def only_agent_1(best, epsilon, rng):
    return [own_coins(best, epsilon, rng)[0], own_coins(best, float(epsilon >= 1), rng)[1]]


EXPLORING = [
    (one_coin, 0.1, "one coin for the whole team"),
    (all_or_nothing, 0.1, None),
    (something_else, 0.1, None),
    (only_agent_1, 0.1, None),
    (own_coins, 0.2, None),
    (own_coins, 0.7, None),
    (own_coins, 0.0, None),
]


@pytest.mark.parametrize(("how", "default", "name"), EXPLORING)
def test_exploring_is_judged(how, default, name):
    assert verdict_of(lesson_06.mend, explores(how, default)) == ("wrong", name)


@pytest.mark.parametrize("seed", range(5))
def test_exploring_with_coins_of_their_own_is_right_whatever_is_drawn(seed):
    def circulating(world, episodes, rng, step_size=0.1, discount=0.9, epsilon=0.1):
        rng = np.random.default_rng([seed, episodes])
        return explores(own_coins)(world, episodes, rng, step_size, discount, epsilon)

    assert lesson_06.mend.check(circulating).outcome == "right"


def test_tables_that_are_no_arrays_are_named_in_words():
    def circulating(world, episodes, rng, step_size=0.1, discount=0.9, epsilon=0.1):
        tables = explores(own_coins)(world, episodes, rng, step_size, discount, epsilon)
        return [{place: table[place] for place in np.ndindex(table.shape[:2])} for table in tables]

    verdict = lesson_06.mend.check(circulating)
    assert verdict.outcome == "wrong" and "arrays" in verdict.text
    assert "as arrays" in lesson_06.mend.task and "as arrays with the axes" in SOURCE


def test_a_check_of_an_invention_takes_little_time():
    assert lesson_06.invent.time_limit <= 1.5
    assert [case.args for cases in lesson_06.invent.prepared() for case in cases] == [
        case.args for cases in prepare(lesson_06.invent) for case in cases
    ]  # the same at each check, as the task says
    assert "at each check" not in lesson_06.invent.task


def test_the_audit_of_the_world_of_one_agent_does_not_live_on_crashes():
    report = audit(lesson_06.partner)
    assert report.total - report.crashed >= 8 and not report.problems()


# --- all of them ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("exercise", lesson_06.lesson.exercises, ids=lambda exercise: exercise.name)
def test_solution_and_stub(exercise):
    assert outcomes(exercise, act=act) == ("right", "not attempted", "not attempted")


def test_numbers_of_the_quiz():
    questions = lesson_06.quiz.questions
    assert questions[0].right == -4
    assert questions[-1].right == pytest.approx(140 / 11)

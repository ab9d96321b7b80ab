"""Answers to the exercises of lesson 08, written as students write them, get the right verdict and diagnosis."""

import re
from pathlib import Path

import numpy as np
import pytest
from answers import diagnosed, expect_mended_one_by_one, unnamed, verdict_of
from hypothesis import given
from hypothesis import strategies as some

from marl_edu.exercises import lesson_08
from marl_edu.exercises.cases import prepare
from marl_edu.exercises.lesson_08_invent import LARGEST, facts_of, is_like, look
from marl_edu.exercises.lesson_08_mixer import elu
from marl_edu.exercises.lesson_08_tiny import PLAYS, TinyQMIX, run, with_faults
from marl_edu.games import climbing, qtran_matrix, two_step
from marl_edu.learning import Match, QPartner
from marl_edu.planning.igm import holds
from marl_edu.planning.projections import additive_projection, is_monotonic, monotonic_projection

# --- who caused the reward? -------------------------------------------------------------------------------------------


def changes(team_reward, actions, who):
    now = list(actions)
    for agent, action in who.items():
        now[agent] = action
    return team_reward[tuple(now)]


def total_minus_all_defaults(team_reward, actions, defaults):
    return [team_reward[actions] - team_reward[defaults] for _ in actions]


def only_i_act(team_reward, actions, defaults):
    return [
        team_reward[actions] - changes(team_reward, defaults, {agent: action}) for agent, action in enumerate(actions)
    ]


def forgets_to_copy(team_reward, actions, defaults):
    now, found = list(actions), []
    for agent in range(len(actions)):
        now[agent] = defaults[agent]
        found.append(team_reward[actions] - team_reward[tuple(now)])
    return np.array(found)


def aristocrat(team_reward, actions, defaults):
    return [
        team_reward[actions]
        - np.mean([changes(team_reward, actions, {agent: a}) for a in range(team_reward.shape[agent])])
        for agent in range(len(actions))
    ]


CREDITS = [
    (lambda team_reward, actions, defaults: [team_reward[actions]] * len(actions), "everybody gets the team's reward"),
    (lambda team_reward, actions, defaults: np.full(len(actions), team_reward[actions] / len(actions)),
     "the reward is shared equally"),
    (total_minus_all_defaults, "everybody is replaced at once"),
    (only_i_act, "the others are replaced"),
    (forgets_to_copy, "who was replaced is not put back"),
    (aristocrat, "compared with the mean of its actions"),
    (lambda team_reward, actions, defaults: [changes(team_reward, actions, {i: d}) for i, d in enumerate(defaults)],
     "the reward without the agent, not the difference"),
    (lambda team_reward, actions, defaults: -np.array(lesson_08.credit.reference(team_reward, actions, defaults)),
     "the wrong sign"),
]  # fmt: skip


@diagnosed(lesson_08.credit, CREDITS)
def test_credits(answer, name):
    assert verdict_of(lesson_08.credit, answer) == ("wrong", name)


def both_in_one_line(team_reward, actions, defaults):
    paid = team_reward[actions]
    return paid - team_reward[defaults[0], actions[1]], paid - team_reward[actions[0], defaults[1]]


def a_loop_of_two(team_reward, actions, defaults):
    return np.array([team_reward[actions] - changes(team_reward, actions, {i: defaults[i]}) for i in range(2)])


def me_and_the_other(team_reward, actions, defaults):
    found = []
    for agent in range(len(actions)):
        without = (defaults[0], actions[1]) if agent == 0 else (actions[0], defaults[1])
        found.append(team_reward[tuple(actions)] - team_reward[without])
    return found


def two_by_name(team_reward, actions, defaults):
    mine, yours = actions
    my_default, your_default = defaults
    paid = team_reward[mine, yours]
    return [paid - team_reward[my_default, yours], paid - team_reward[mine, your_default]]


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [(both_in_one_line, "wrong"), (a_loop_of_two, "wrong"), (me_and_the_other, "wrong"), (two_by_name, "crashed")],
)
def test_an_answer_for_two_agents_is_told_so(answer, outcome):
    assert verdict_of(lesson_08.credit, answer) == (outcome, "written for two agents")


def test_who_crashes_on_two_agents_too_is_not_told_that_it_is_right_for_two():
    def three(team_reward, actions, defaults):
        first, second, third = actions
        return [team_reward[first, second, third]] * 3

    assert verdict_of(lesson_08.credit, three) == ("crashed", None)
    assert verdict_of(lesson_08.credit, lambda *args: doubled(*args)[:2]) == ("wrong", None)


def doubled(team_reward, actions, defaults):
    return 2 * np.array(lesson_08.credit.reference(team_reward, actions, defaults))


def absolute(team_reward, actions, defaults):
    return np.abs(lesson_08.credit.reference(team_reward, actions, defaults))


def next_action(team_reward, actions, defaults):
    sizes = team_reward.shape
    return [
        team_reward[actions] - changes(team_reward, actions, {i: (a + 2) % sizes[i]}) for i, a in enumerate(actions)
    ]


@unnamed(lesson_08.credit, [doubled, absolute, next_action])
def test_other_credits_get_no_false_name(answer):
    assert verdict_of(lesson_08.credit, answer) == ("wrong", None)


def test_other_ways_to_give_credit_are_right():
    def by_slices(team_reward, actions, defaults):
        credits = ()
        for i in range(team_reward.ndim):
            rest = (*actions[:i], defaults[i], *actions[i + 1 :])
            credits += (team_reward[actions] - team_reward[rest],)
        return credits

    def by_take(team_reward, actions, defaults):
        found = np.zeros(len(actions))
        for i, default in enumerate(defaults):
            row = np.moveaxis(team_reward, i, 0)[(slice(None), *np.delete(actions, i))]
            found[i] = row[actions[i]] - row[default]
        return found

    for answer in (by_slices, by_take):
        assert lesson_08.credit.check(answer).outcome == "right", answer


# --- does IGM hold? ---------------------------------------------------------------------------------------------------


def greedy_reaches_the_best(joint, individual, tolerance):
    return joint[tuple(np.argmax(values) for values in individual)] >= joint.max() - tolerance


def argmaxes(joint, individual, tolerance):
    best = np.unravel_index(np.argmax(joint), joint.shape)
    return all(np.argmax(values) == action for values, action in zip(individual, best, strict=True))


def additive(joint, individual, tolerance):
    total = individual[0]
    for values in individual[1:]:
        total = np.add.outer(total, values)
    return np.allclose(total, joint, atol=tolerance, rtol=0)


def flags(joint, individual, tolerance=0.0):
    together = joint >= joint.max() - tolerance
    own = np.ones(joint.shape, dtype=bool)
    for i, values in enumerate(individual):
        best = values >= values.max() - tolerance
        own &= best.reshape([-1 if k == i else 1 for k in range(joint.ndim)])
    return together, own


IGMS = [
    (greedy_reaches_the_best, "one combination is looked at"),
    (argmaxes, "the first of several best actions"),
    (additive, "the values must add up"),
    (lambda joint, individual, tolerance: abs(joint.max() - sum(max(v) for v in individual)) <= tolerance,
     "the largest values are compared, not the actions"),
    (lambda joint, individual, tolerance: bool((np.equal(*flags(joint, individual))).all()), "exact comparison"),
    (lambda joint, individual, tolerance: bool((np.greater_equal(*flags(joint, individual, tolerance))).all()),
     "best joint actions that they can't find are overlooked"),
    (lambda joint, individual, tolerance: bool((np.less_equal(*flags(joint, individual, tolerance))).all()),
     "bad combinations are overlooked"),
    (lambda joint, individual, tolerance: bool(np.logical_and(*flags(joint, individual, tolerance)).any()),
     "one in common is enough"),
]  # fmt: skip


@diagnosed(lesson_08.igm, IGMS)
def test_igms(answer, name):
    assert verdict_of(lesson_08.igm, answer) == ("wrong", name)


def always(joint, individual, tolerance):
    return True


def never(joint, individual, tolerance):
    return False


def two_agents_only(joint, individual, tolerance):
    return lesson_08.igm.reference(joint, individual, tolerance) if joint.ndim == 2 else False


def generous(joint, individual, tolerance):
    return lesson_08.igm.reference(joint, individual, 1e6 * tolerance + 0.01)


@unnamed(lesson_08.igm, [always, never, two_agents_only, generous])
def test_other_tests_of_igm_get_no_false_name(answer):
    assert verdict_of(lesson_08.igm, answer) == ("wrong", None)


def test_other_ways_to_test_igm_are_right():
    def by_sets(joint, individual, tolerance):
        import itertools

        own = [[a for a, v in enumerate(values) if v >= max(values) - tolerance] for values in individual]
        best = [tuple(index) for index in np.argwhere(joint >= np.max(joint) - tolerance)]
        return sorted(itertools.product(*own)) == sorted(best)

    def by_flags(joint, individual, tolerance):
        return np.array_equal(*flags(joint, individual, tolerance))

    for answer in (by_sets, by_flags):
        assert lesson_08.igm.check(answer).outcome == "right", answer


def test_the_solution_agrees_with_the_package():
    for cases in lesson_08.igm.prepared():
        for case in cases:
            joint, individual, _ = case.args
            assert lesson_08.igm.reference(*case.args) == case.expected == bool(holds(joint, individual)), case.args


@given(some.integers(0, 2**32 - 1))
def test_the_solution_agrees_with_the_package_on_tables_with_many_ties(seed):
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 4, size=rng.integers(2, 4))
    joint, individual = (
        rng.integers(0, 3, size=sizes).astype(float),
        [rng.integers(0, 2, n).astype(float) for n in sizes],
    )
    assert lesson_08.igm.reference(joint, individual, 1e-9) == bool(holds(joint, individual))


# --- one loss for the team --------------------------------------------------------------------------------------------


def loop(chosen, rewards, terminated, truncated, next_values, discount, fault=""):
    losses = []
    for b in range(len(rewards)):
        future = sum(max(row) for row in next_values[b])
        if fault == "team max":
            future = np.max(next_values[b])
        if fault == "same action":
            future = max(np.sum(next_values[b], axis=0))
        if fault == "own":
            for q, row in zip(chosen[b], next_values[b], strict=True):
                losses.append((rewards[b] + discount * max(row) * (not terminated[b]) - q) ** 2)
            continue
        if fault == "each reward":
            target = sum(rewards[b] + discount * max(row) * (not terminated[b]) for row in next_values[b])
        else:
            gone = terminated[b] or (fault == "limit" and truncated[b])
            target = rewards[b] if gone and fault != "future" else rewards[b] + discount * future
        losses.append((target - sum(chosen[b])) ** 2)
    return np.mean(losses)


def looped(fault):
    def vdn_loss(chosen, rewards, terminated, truncated, next_values, discount):
        return loop(chosen, rewards, terminated, truncated, next_values, discount, fault)

    return vdn_loss


def spread_over_agents(chosen, rewards, terminated, truncated, next_values, discount):
    target = rewards + discount * (1 - terminated) * np.sum(np.max(next_values, axis=-1), axis=-1)
    return np.mean((target[:, None] - chosen) ** 2)


LOSSES = [
    (looped("team max"), "one maximum for the whole team"),
    (looped("same action"), "all agents take the same action"),
    (looped("own"), "each agent learns for itself"),
    (looped("each reward"), "the reward is counted once for each agent"),
    (looped("limit"), "a time limit is an end"),
    (looped("future"), "the end has a future"),
    (spread_over_agents, "the sum is asked of each agent alone"),
    (lambda chosen, r, end, cut, v, g: np.mean((r + g * ~end * v.max(2).mean(1) - chosen.mean(1)) ** 2),
     "the mean of the agents instead of the sum"),
    (lambda chosen, r, end, cut, v, g: np.mean((r + g ** len(v[0]) * ~end * v.max(2).sum(1) - chosen.sum(1)) ** 2),
     "discounted once for each agent"),
    (lambda chosen, r, end, cut, v, g: np.mean((r + len(v[0]) * g * ~end * v.max(2).sum(1) - chosen.sum(1)) ** 2),
     "the future counts once for each agent"),
    (lambda chosen, r, end, cut, v, g: np.mean(r + g * ~end * v.max(2).sum(1) - chosen.sum(1)) ** 2,
     "the mean is squared"),
]  # fmt: skip


@diagnosed(lesson_08.loss, LOSSES)
def test_losses(answer, name):
    assert verdict_of(lesson_08.loss, answer) == ("wrong", name)


def worst(chosen, r, end, cut, v, g):
    return np.mean((r + g * ~end * v.min(axis=2).sum(axis=1) - chosen.sum(axis=1)) ** 2)


def rewards_left_out(chosen, r, end, cut, v, g):
    return np.mean((g * ~end * v.max(axis=2).sum(axis=1) - chosen.sum(axis=1)) ** 2)


def first_transition(chosen, r, end, cut, v, g):
    return lesson_08.loss.reference(chosen[:1], r[:1], end[:1], cut[:1], v[:1], g)


def sorts_in_place(chosen, r, end, cut, v, g):
    v.sort(axis=2)
    return np.mean((r + g * ~end * v[:, :, -1].sum(axis=1) - chosen.sum(axis=1)) ** 2)


@unnamed(lesson_08.loss, [worst, rewards_left_out, first_transition, sorts_in_place])
def test_other_losses_get_no_false_name(answer):
    assert verdict_of(lesson_08.loss, answer) == ("wrong", None)


def test_other_ways_to_write_the_loss_are_right():
    def by_where(chosen, rewards, terminated, truncated, next_values, discount):
        y = np.where(terminated, rewards, rewards + discount * np.amax(next_values, -1).sum(-1))
        return float(np.square(y - np.sum(chosen, axis=-1)).sum() / len(y))

    for answer in (looped(""), by_where):
        assert lesson_08.loss.check(answer).outcome == "right", answer


def test_where_the_loss_is_lowest_the_sum_is_the_additive_projection():
    """All joint actions of state 2B equally often, no future: no step away from the projection lowers the loss."""
    payoffs = two_step().rewards[0, 2]
    fit = additive_projection(payoffs)
    joint = np.argwhere(np.ones((2, 2)))

    def value(parts):
        chosen = np.array([[parts[i][a] for i, a in enumerate(actions)] for actions in joint])
        return lesson_08.loss.reference(
            chosen, payoffs.ravel(), np.ones(4, bool), np.zeros(4, bool), np.zeros((4, 2, 2)), 0.9
        )

    assert value(fit.parts) == pytest.approx(fit.error)
    rng = np.random.default_rng(0)
    for _ in range(20):
        assert value([part + 0.01 * rng.normal(size=2) for part in fit.parts]) >= fit.error


# --- the mixer --------------------------------------------------------------------------------------------------------


def mixing(first=abs, last=abs, bias=lambda b: b, act=elu):
    def mix(values, w1, b1, w2, b2):
        hidden = [act(sum(q * first(w) for q, w in zip(values, column, strict=True)) + bias(b))
                  for column, b in zip(w1.T, b1, strict=True)]  # fmt: skip
        return sum(float(h) * last(w) for h, w in zip(hidden, w2, strict=True)) + bias(b2)

    return mix


def same(x):
    return x


MIXERS = [
    (mixing(bias=abs), "biases are made positive as well"),
    (mixing(first=same, last=same), "weights of any sign"),
    (mixing(last=same), "only the first layer's weights are made positive"),
    (mixing(first=same), "only the second layer's weights are made positive"),
    (mixing(first=lambda w: max(w, 0), last=lambda w: max(w, 0)), "negative weights are cut off at 0"),
    (mixing(act=same), "no activation"),
    (mixing(act=lambda x: max(x, 0)), "cut off below 0 instead of bent"),
    (lambda values, w1, b1, w2, b2: abs(elu(values @ w1 + b1) @ w2 + b2), "the outcome is made positive"),
    (lambda values, w1, b1, w2, b2: elu(abs(values @ w1) + b1) @ abs(w2) + b2, "the product is made positive"),
    (lambda values, w1, b1, w2, b2: elu(values @ abs(w1) + b1) @ abs(w2), "the last bias is missing"),
    (lambda values, w1, b1, w2, b2: sum(values), "only a sum"),
]  # fmt: skip


@diagnosed(lesson_08.mixer, MIXERS)
def test_mixers(answer, name):
    assert verdict_of(lesson_08.mixer, answer) == ("wrong", name)


def squared_weights(values, w1, b1, w2, b2):
    return elu(values @ w1**2 + b1) @ w2**2 + b2


def softplus(values, w1, b1, w2, b2):
    return elu(values @ np.log1p(np.exp(w1)) + b1) @ np.log1p(np.exp(w2)) + b2


def bias_subtracted(values, w1, b1, w2, b2):
    return elu(values @ np.abs(w1) - b1) @ np.abs(w2) - b2


def tanh(values, w1, b1, w2, b2):
    return np.tanh(values @ np.abs(w1) + b1) @ np.abs(w2) + b2


@unnamed(lesson_08.mixer, [squared_weights, softplus, bias_subtracted, tanh])
def test_other_mixers_get_no_false_name(answer):
    assert verdict_of(lesson_08.mixer, answer) == ("wrong", None)


def test_another_way_to_mix_is_right():
    assert lesson_08.mixer.check(mixing()).outcome == "right"


@given(some.integers(0, 2**32 - 1))
def test_the_mixer_never_falls_when_a_value_rises(seed):
    rng = np.random.default_rng(seed)
    w1, b1, w2, b2 = rng.normal(size=(3, 4)), rng.normal(size=4), rng.normal(size=4), rng.normal()
    values, mix = rng.normal(size=3), lesson_08.mixer.reference
    for i in range(3):
        assert mix(values + np.eye(3)[i], w1, b1, w2, b2) >= mix(values, w1, b1, w2, b2)


def test_elu_rises_everywhere_and_has_no_step():
    x = np.linspace(-5, 5, 1001)
    assert (np.diff(elu(x)) > 0).all() and np.abs(np.diff(elu(x))).max() < 0.0101
    np.testing.assert_allclose(elu(np.array([2.0, 0.0, -1.0])), [2, 0, np.exp(-1) - 1])


# --- find the bugs ----------------------------------------------------------------------------------------------------

BUGS = [
    (with_faults("coin"), "one coin for the whole team"),
    (with_faults("b1", "b2"), "biases are made positive as well"),
    (with_faults("b2"), "biases are made positive as well"),
    (with_faults("state"), "the target is mixed with the present state"),
    (with_faults("online"), "the target comes from the mixer that learns"),
    (with_faults("limit"), "the end has a future"),
    (with_faults("forever"), "the end has a future"),
    (with_faults("both"), "a time limit is an end"),
    (with_faults("padding"), "what fills up the batch counts"),
    (with_faults("unmasked"), "what fills up the batch counts"),
    (with_faults("no end"), "the last step is taken for padding"),
    (with_faults("coin", "padding", "limit"), "the end has a future"),
]


@pytest.mark.parametrize(("answer", "name"), BUGS)
def test_bugs(answer, name):
    assert verdict_of(lesson_08.mend, answer) == ("wrong", name)


REPAIRS = [
    ("np.abs(b1)", "b1", "biases are made positive as well"),
    ("np.abs(b2)", "b2", "the target is mixed with the present state"),
    ('step["state"], target_mixer', 'step["next_state"], target_mixer', "the end has a future"),
    ('step["truncated"]', 'step["terminated"]', "what fills up the batch counts"),
    ("np.mean(squares)", 'sum(squares) / sum(step["real"] for step in steps)', "one coin for the whole team"),
    ("        if rng.random() < epsilon:\n            return rng.integers(n_actions, size=n_agents)\n"
     "        return values.argmax(axis=1)",
     "        return [rng.integers(n_actions) if rng.random() < epsilon else row.argmax() for row in values]", None),
]  # fmt: skip


def test_the_listing_mended_fault_by_fault():
    expect_mended_one_by_one(lesson_08.mend, REPAIRS, elu=elu)


def test_the_listing_has_just_these_faults():
    scope = {"np": np, "elu": elu}
    exec(lesson_08.mend.stub, scope)
    faulty = with_faults("b1", "b2", "state", "limit", "padding", "coin")
    for cases in lesson_08.mend.prepared()[:-1]:  # the last is about who draws which number
        for case in cases:
            assert run(scope["TinyQMIX"], *case.args) == pytest.approx(run(faulty, *case.args)), case.args


def greedy_only(self, values, epsilon, rng):
    return values.argmax(axis=1)


def something_else(self, values, epsilon, rng):
    """Explores among the actions that are not the best one."""
    n, a = values.shape
    others = (values.argmax(axis=1) + rng.integers(1, a, size=n)) % a
    return np.where(rng.random(n) < epsilon, others, values.argmax(axis=1))


def same_action(self, values, epsilon, rng):
    """A coin each, but those who explore all take the same action."""
    return np.where(rng.random(len(values)) < epsilon, rng.integers(values.shape[1]), values.argmax(axis=1))


def only_agent_1(self, values, epsilon, rng):
    actions = values.argmax(axis=1)
    actions[0] = rng.integers(values.shape[1]) if rng.random() < epsilon else actions[0]
    return actions


@unnamed(lesson_08.mend, [greedy_only, something_else, same_action, only_agent_1])
def test_other_ways_to_explore_get_no_false_name(answer):
    assert verdict_of(lesson_08.mend, type("TinyQMIX", (TinyQMIX,), {"act": answer})) == ("wrong", None)


@pytest.mark.parametrize("acts", [lambda *_: 0, lambda *_: [0.5, 0.5], lambda *_: [9, 9], lambda *_: ["a", "b"]])
def test_what_are_no_actions_is_said_to_be_none(acts):
    verdict = lesson_08.mend.check(type("TinyQMIX", (TinyQMIX,), {"act": lambda self, *given: acts(*given)}))
    assert verdict.outcome == "wrong" and "numbers of actions" in verdict.text and verdict.misconception is None


@pytest.mark.parametrize("seed", range(3))
def test_a_coin_each_is_right_whatever_is_drawn(seed):
    class Other(TinyQMIX):
        own = np.random.default_rng(seed)

        def act(self, values, epsilon, rng):
            return super().act(values, epsilon, self.own)

    assert lesson_08.mend.check(Other).outcome == "right" and PLAYS >= 500


def test_an_object_instead_of_a_class_is_judged_too():
    assert lesson_08.mend.check(TinyQMIX()).outcome == "right"


# --- a treasure that no sum finds -------------------------------------------------------------------------------------

TABLES = [
    ([[0, 1], [1, 8]], "no table of the kind"),
    ([[8.5, -12, -12], [-12, 0, 0], [-12, 0, 0]], "no table of the kind"),
    ([[80, -12, -12], [-12, 0, 0], [-12, 0, 0]], "no table of the kind"),
    ([["a", 0, 0]] * 3, "no table of the kind"),
    (7, "no table of the kind"),
    ([[8, -12, -12], [-12, 8, 0], [-12, 0, 0]], "several best joint actions"),
    ([[0, 0, -12], [0, 0, -12], [-12, -12, 8]], "a table of the lesson"),
    ([[4, -6, -6], [-6, 0, 0], [-6, 0, 0]], "a table of the lesson"),
    ([[5, 6, 0], [0, 7, -30], [0, -30, 11]], "a table of the lesson"),
    ([[1, 2, 3], [4, 5, 6], [7, 8, 9]], "the sum finds it"),
    ([[20, -20, -20], [-20, 10, 10], [-20, 10, 10]], "the monotone table loses it as well"),
    ([[6, 1, 1], [1, 8, -3], [1, -3, -4]], "one of several monotone tables loses it"),
]


@pytest.mark.parametrize(("table", "name"), TABLES)
def test_tables(table, name):
    verdict = lesson_08.invent.check(lambda: table)
    assert (verdict.outcome, verdict.misconception) == ("wrong", name)
    assert "{" not in verdict.text and len(verdict.text.splitlines()) < 15


@pytest.mark.parametrize("table", [[[8, -12, -12], [-12, 0, 1], [-12, 0, 0]], [[0, -12, 1], [-11, 9, -12], [0, -12, 0]],
                                   [[9, -10, -10], [-10, 0, 0], [-10, 0, 0]]])  # fmt: skip
def test_other_tables_are_right(table):
    assert lesson_08.invent.check(lambda: table).outcome == "right", look(lambda: table)
    assert lesson_08.invent.check(lambda: np.array(table)).outcome == "right"


def test_the_solution_by_definition():
    table = np.array(lesson_08.invent.reference())
    best = np.argwhere(table == table.max()).tolist()
    total = table.mean(axis=1)[:, None] + table.mean(axis=0) - table.mean()
    assert len(best) == 1 and best != np.argwhere(total == total.max()).tolist()
    for fit in monotonic_projection(table).tables:
        assert is_monotonic(fit) and np.argwhere(fit == fit.max()).tolist() == best


@pytest.mark.parametrize("seed", range(5))
def test_a_table_in_other_clothes_is_known(seed):
    rng = np.random.default_rng(seed)
    for known in (qtran_matrix().rewards[0, 0], climbing().rewards[0, 0]):
        other = known[np.ix_(rng.permutation(3), rng.permutation(3))]
        other = (other.T if seed % 2 else other) * 3 + 7
        assert is_like(other, known)
        other[rng.integers(3), rng.integers(3)] += 1
        assert not is_like(other, known)
    assert not is_like(np.ones((3, 3)), known)


def test_a_crash_of_ones_own_is_shown_as_a_crash():
    verdict = lesson_08.invent.check(lambda: [[1, 2, 3], int("four")])
    assert verdict.outcome == "crashed" and "ValueError" in verdict.text


def test_looking_twice_says_the_same():
    table = lesson_08.invent.reference()
    assert str(look(lambda: table)) == str(look(lambda: table))
    assert facts_of(tuple(map(tuple, table))).keys() == {"said"}


# --- a failing example can be read ------------------------------------------------------------------------------------

READABLE = [lesson_08.credit, lesson_08.igm, lesson_08.loss, lesson_08.mixer]


@pytest.mark.parametrize("exercise", READABLE, ids=lambda exercise: exercise.name)
def test_the_first_property_begins_with_a_case_that_can_be_checked_by_hand(exercise):
    for arg in exercise.properties[0].cases(np.random.default_rng(0))[0]:
        for table in [arg] if isinstance(arg, np.ndarray) else []:
            assert table.size <= 4
            np.testing.assert_allclose(10.0 * table, np.round(10.0 * table), atol=1e-9)


@pytest.mark.parametrize(("exercise", "answer"), [(lesson_08.credit, only_i_act), (lesson_08.igm, additive),
                                                   (lesson_08.loss, looped("own")), (lesson_08.mixer, mixing(bias=abs)),
                                                   (lesson_08.mend, with_faults("state"))],
                         ids=["credit", "igm", "loss", "mixer", "mend"])  # fmt: skip
def test_the_verdict_shows_short_numbers(exercise, answer):
    given = exercise.check(answer).text.split("it returned")[0]
    assert "With:" in given and not re.search(r"\.\d{3,}", given) and " ..." not in given, given
    assert len(given.splitlines()) < 20, given


# --- all of them ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("exercise", lesson_08.lesson.exercises, ids=lambda exercise: exercise.name)
def test_solution_and_stub(exercise):
    scope = {"np": np, "elu": lesson_08.elu}
    exec(exercise.stub, scope)
    assert exercise.check(exercise.reference).outcome == "right"
    assert exercise.check(scope[exercise.stub_name]).outcome == "not attempted"
    assert exercise.check().outcome == "not attempted"


@pytest.mark.parametrize("exercise", [*READABLE, lesson_08.mend], ids=lambda exercise: exercise.name)
def test_cases_can_be_made_with_any_seed(exercise):
    for seed in range(1, 4):
        assert prepare(exercise, seed)


def test_the_time_that_the_exercises_take():
    assert sum(exercise.minutes for exercise in lesson_08.lesson.exercises) <= 60


def test_the_number_of_the_quiz():
    """Least squares by hand: row mean plus column mean, less the mean of all."""
    payoffs = two_step().rewards[0, two_step().states.index("2B")]
    by_hand = payoffs[1].mean() + payoffs[:, 1].mean() - payoffs.mean()
    assert lesson_08.quiz.questions[1].right == pytest.approx(by_hand) == pytest.approx(6.5)


def test_what_the_quiz_says_of_projections():
    (kept,), lost = (
        monotonic_projection(qtran_matrix().rewards[0, 0]).tables,
        monotonic_projection(climbing().rewards[0, 0]),
    )
    assert kept.argmax() == 0 and all(table.argmax() != 0 for table in lost.tables)
    assert is_monotonic(two_step().rewards[0, 2]) and additive_projection(two_step().rewards[0, 2]).error > 1


def test_the_lesson_asks_for_the_numbers_that_the_open_ended_exercise_takes():
    source = (Path(__file__).parents[2] / "lessons" / "source" / "08_value_factorisation.py").read_text()
    assert f"whole numbers from -{LARGEST} to {LARGEST}, one best" in " ".join(source.replace("\n# ", " ").split())


def test_the_game_to_play_can_be_played():
    match = Match(two_step(), QPartner(), step_size=0.2, epsilon=0.1)
    match.choose("B")
    match.choose("B")
    match.advance(2)
    assert match.over and match.frame()["rewards"].max() in (1, 8)

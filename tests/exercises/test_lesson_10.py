"""Answers to the exercises of lesson 10, written as students write them, get the right verdict and diagnosis."""

import re
from itertools import permutations, product

import numpy as np
import pytest
from answers import diagnosed, expect_mended_one_by_one, unnamed, verdict_of
from hypothesis import given
from hypothesis import strategies as some

from marl_edu.exercises import lesson_10
from marl_edu.exercises.cases import prepare
from marl_edu.exercises.lesson_10_quiz import chance_of_the_right_way
from marl_edu.exercises.lesson_10_steer import AT_RANDOM, LEAST, MEAN, NOTHING, fly
from marl_edu.exercises.lesson_10_tiny import TinyMADDPG, critic_of, run, slopes_of, with_faults
from marl_edu.games import simple_spread
from marl_edu.games.particles.controllers import at_random, do_nothing, play_episodes, spread_out

# --- one episode, four returns ----------------------------------------------------------------------------------------


def counted(nearest, touching, *, itself=(False, True), half=0.5, own=0.5, shared="sum", pairs=2, times=True):
    """Step by step and agent by agent, as in the two programs."""
    n_steps, n = len(touching), len(touching[0])
    mpe2, original = 0.0, 0.0
    for t in range(n_steps):
        rewards, old = [], []
        for i in range(n):
            team = -sum(nearest[t])
            bumps = [sum(touching[t][i][j] * pairs / 2 for j in range(n) if j != i) + touching[t][i][i] * self
                     for self in itself]  # fmt: skip
            rewards.append(half * team - own * bumps[0])
            old.append(team - bumps[1])
        mpe2 += sum(rewards) / n
        original += {"sum": sum(old), "mean": sum(old) / n}[shared]
    much = n if times else 1
    return {"MPE2": mpe2, "MPE2 summed": much * mpe2, "original": original, "original summed": much * original}


def counting(**how):
    return lambda nearest, touching: counted(nearest, touching, **how)


RETURNS = [
    (counting(itself=(True, True)), "everybody collides with itself in MPE2 too"),
    (counting(itself=(False, False)), "nobody collides with itself in the original"),
    (counting(shared="mean"), "what everybody is paid is the mean"),
    (counting(half=1, own=1), "without the halves"),
    (counting(own=1), "a half for the distances only"),
    (counting(half=1), "a half for the collisions only"),
    (counting(pairs=1), "a collision is charged once for both"),
    (counting(times=False), "the sum is one agent's return"),
    (lambda nearest, touching: {k: -v for k, v in counted(nearest, touching).items()}, "the wrong sign"),
    (lambda nearest, touching: {k: v / len(nearest) for k, v in counted(nearest, touching).items()},
     "the mean over the steps"),
]  # fmt: skip


@diagnosed(lesson_10.returns, RETURNS)
def test_returns(answer, name):
    assert verdict_of(lesson_10.returns, answer) == ("wrong", name)


def only_the_first_step(nearest, touching):
    return counted(nearest[:1], touching[:1])


def halves_swapped_for_quarters(nearest, touching):
    return counted(nearest, touching, half=0.75, own=0.25)


def all_the_same(nearest, touching):
    return dict.fromkeys(counted(nearest, touching), -nearest.sum())


@unnamed(lesson_10.returns, [only_the_first_step, halves_swapped_for_quarters, all_the_same])
def test_other_returns_get_no_false_name(answer):
    assert verdict_of(lesson_10.returns, answer) == ("wrong", None)


def test_another_way_to_count_returns_is_right():
    assert lesson_10.returns.check(counted).outcome == "right"


def test_a_forgotten_key_is_named():
    verdict = lesson_10.returns.check(lambda nearest, touching: {"MPE2": 0.0})
    assert verdict.outcome == "wrong" and "'MPE2 summed' is missing" in verdict.text


def watched(policy, copies, seed):
    """Distances (W, T, L) and touches (W, T, N, N) of whole episodes, and what MPE2 pays (W, N)."""
    world = simple_spread()
    world.reset(np.random.default_rng(seed), copies)
    nearest, touching, paid = [], [], 0
    while not world.over:
        paid = paid + world.step(policy(world))
        away = np.linalg.norm(world.positions[:, :, None] - world.landmarks[:, None], axis=-1)
        near = np.linalg.norm(world.positions[:, :, None] - world.positions[:, None], axis=-1) < 0.3
        nearest.append(away.min(axis=1))
        touching.append(near)
    return np.stack(nearest, axis=1), np.stack(touching, axis=1), paid


def test_the_solution_agrees_with_the_world():
    nearest, touching, paid = watched(spread_out, 20, 0)
    assert touching.sum() > 20 * 25 * 3  # somebody touches somebody
    for episode in zip(nearest, touching, paid, strict=True):
        found = lesson_10.returns.reference(*episode[:2])
        assert found["MPE2"] == pytest.approx(episode[2].mean()) and found["MPE2 summed"] == pytest.approx(
            episode[2].sum()
        )


def test_random_play_on_the_four_scales():
    """Published figures, -26.0, -78.0, -231 and -693, within what a thousand episodes can tell."""
    nearest, touching, _ = watched(at_random(np.random.default_rng(1)), 1000, 1)
    found = [lesson_10.returns.reference(*episode) for episode in zip(nearest, touching, strict=True)]
    for name, published in [("MPE2", -26.0), ("MPE2 summed", -78.0), ("original", -231), ("original summed", -693)]:
        assert np.mean([one[name] for one in found]) == pytest.approx(published, rel=0.05), name


# --- everybody's next action, for everybody's critic ------------------------------------------------------------------


def loop(batch, actors, critics, slow_actors, slow_critics, discount, fault=""):
    found = []
    for b in range(len(batch["rewards"])):
        row, ahead = [], batch["next_observations"][b]
        now = batch["observations"][b]
        speakers = actors if fault == "live" else slow_actors
        for i, critic in enumerate(critics if fault == "live critic" else slow_critics):
            joint = [speakers[j](ahead[j]) for j in range(len(speakers))]
            if fault == "own view":
                joint = [speakers[j](ahead[i]) for j in range(len(speakers))]
            if fault == "first view":
                joint = [speakers[j](ahead[0]) for j in range(len(speakers))]
            if fault == "own actor":
                joint = [speakers[i](ahead[j]) for j in range(len(speakers))]
            if fault == "before":
                joint = [speakers[j](now[j]) for j in range(len(speakers))]
            if fault == "replay":
                joint = batch["actions"][b]
            if fault == "only own":
                joint = [joint[j] if j == i else batch["actions"][b][j] for j in range(len(speakers))]
            future = critic(now if fault == "critic before" else ahead, np.array(joint))
            over = batch["terminated"][b] or (fault == "limit" and batch["truncated"][b])
            paid = sum(batch["rewards"][b]) if fault == "added" else batch["rewards"][b][i]
            row.append(paid if over and fault != "no end" else paid + discount * future)
        found.append(row)
    return found


def looped(fault):
    return lambda batch, actors, critics, slow_actors, slow_critics, discount: loop(
        batch, actors, critics, slow_actors, slow_critics, discount, fault
    )


TARGETS = [
    (looped("own view"), "every actor is fed with the learning agent's next observation"),
    (looped("first view"), "every actor is fed with the first agent's next observation"),
    (looped("own actor"), "the learning agent's actor speaks for everybody"),
    (looped("replay"), "the actions of the replay"),
    (looped("only own"), "the others' actions come from the replay"),
    (looped("before"), "actors act on what they saw before the step"),
    (looped("critic before"), "critics see what was before the step"),
    (looped("live"), "the actors that learn"),
    (looped("live critic"), "the critics that learn"),
    (looped("added"), "the rewards are added"),
    (looped("limit"), "a time limit is an end"),
    (looped("no end"), "the end has a future"),
]


@diagnosed(lesson_10.targets, TARGETS)
def test_targets(answer, name):
    assert verdict_of(lesson_10.targets, answer) == ("wrong", name)


def rewards_forgotten(batch, actors, critics, slow_actors, slow_critics, discount):
    return np.array(loop(batch, actors, critics, slow_actors, slow_critics, discount)) - batch["rewards"]


def agents_turned_round(batch, actors, critics, slow_actors, slow_critics, discount):
    return np.array(loop(batch, actors, critics, slow_actors, slow_critics, discount))[:, ::-1]


def ends_the_replay(batch, actors, critics, slow_actors, slow_critics, discount):
    found = loop(batch, actors, critics, slow_actors, slow_critics, discount)
    batch["rewards"] += 1
    return found


@unnamed(lesson_10.targets, [rewards_forgotten, agents_turned_round, ends_the_replay])
def test_other_targets_get_no_false_name(answer):
    assert verdict_of(lesson_10.targets, answer) == ("wrong", None)


def test_other_ways_to_write_targets_are_right():
    def by_where(batch, actors, critics, slow_actors, slow_critics, discount):
        ahead = batch["next_observations"]
        actions = np.zeros(batch["actions"].shape)
        for j in range(len(slow_actors)):
            actions[:, j] = slow_actors[j](ahead[:, j, :])
        values = np.array([critic(ahead, actions) for critic in slow_critics]).T
        return np.where(batch["terminated"][:, None], batch["rewards"], batch["rewards"] + discount * values)

    for answer in (looped(""), by_where):
        assert lesson_10.targets.check(answer).outcome == "right", answer


# --- uphill through the critic ----------------------------------------------------------------------------------------


def summed(agent, observations, actions, weights, slopes, others, fault=""):
    total = np.zeros(observations.shape[2])
    for b in range(len(observations)):
        joint = actions[b].copy()
        for j in range(len(joint)):
            anew = (others == "current" or fault == "always anew") and fault != "never anew"
            if (j == agent and fault != "own from replay") or (j != agent and anew):
                joint[j] = weights[agent if fault == "own weights" else j] @ observations[b, j]
        slope = slopes(observations[b : b + 1], joint[None])[0]
        if fault == "all slopes":
            total += slope.sum() * observations[b, agent]
        elif fault == "all":
            total += slope @ observations[b]
        else:
            total += slope[agent] * observations[b, agent]
    return total / (1 if fault == "sum" else len(observations)) * (-1 if fault == "down" else 1)


def summing(fault):
    return lambda agent, observations, actions, weights, slopes, others: summed(
        agent, observations, actions, weights, slopes, others, fault
    )


GRADIENTS = [
    (summing("always anew"), "the others always act anew"),
    (summing("never anew"), "the others never act anew"),
    (summing("own from replay"), None),  # with "current" too: one's own stays the replay's, a mistake without a name
    (summing("all slopes"), "the slopes of all actions are added"),
    (summing("all"), "as if all agents shared an actor"),
    (summing("down"), "downhill"),
    (summing("sum"), "the sum over the batch"),
    (lambda agent, o, a, w, slopes, others: (slopes(o, a)[:, [agent]] * o[:, agent]).mean(0),
     "one's own action is taken from the replay"),
    (lambda agent, o, a, w, slopes, others: (slopes(o, (w * o).sum(2) if others == "current" else a)[:, [agent]]
                                             * o[:, agent]).mean(0),
     "one's own action is taken from the replay, in the paper's form"),
]  # fmt: skip


@diagnosed(lesson_10.gradient, GRADIENTS)
def test_gradients(answer, name):
    assert verdict_of(lesson_10.gradient, answer) == ("wrong", name)


def into_the_replay(agent, observations, actions, weights, slopes, others):
    joint = (weights * observations).sum(2) if others == "current" else actions
    joint[:, agent] = observations[:, agent] @ weights[agent]
    return (slopes(observations, joint)[:, [agent]] * observations[:, agent]).mean(0)


def doubled(*case):
    return 2 * summed(*case)


def squared(*case):
    return summed(*case) ** 2


@unnamed(lesson_10.gradient, [doubled, squared])
def test_other_gradients_get_no_false_name(answer):
    def named(agent, observations, actions, weights, slopes, others):
        return answer(agent, observations, actions, weights, slopes, others)

    assert verdict_of(lesson_10.gradient, named) == ("wrong", None)


def test_writing_into_the_replay_is_said():
    verdict = lesson_10.gradient.check(into_the_replay)
    assert verdict.outcome == "wrong" and "an argument was changed" in verdict.text and verdict.misconception is None


def test_other_ways_to_find_the_gradient_are_right():
    def by_product(agent, observations, actions, weights, slopes, others):
        now = np.einsum("bnf,nf->bn", observations, weights)
        own = np.arange(len(weights)) == agent
        joint = np.where(own | (others == "current"), now, actions)
        return slopes(observations, joint)[:, agent] @ observations[:, agent] / len(observations)

    for answer in (summing(""), by_product):
        assert lesson_10.gradient.check(answer).outcome == "right", answer


def test_the_gradient_by_finite_differences():
    h = 1e-5
    for cases in lesson_10.gradient.prepared():
        for case in cases:
            agent, observations, actions, weights, critic, others = case.args
            value = critic_of(critic)

            def mean_value(w, seen=observations, then=actions, now=weights, i=agent, how=others, q=value):
                joint = (now * seen).sum(axis=2) if how == "current" else then.copy()
                joint[:, i] = seen[:, i] @ w
                return q(seen, joint).mean()

            steps = h * np.eye(weights.shape[1])
            by_hand = [(mean_value(weights[agent] + s) - mean_value(weights[agent] - s)) / (2 * h) for s in steps]
            np.testing.assert_allclose(case.expected, by_hand, atol=1e-7)


@given(some.integers(0, 2**32 - 1))
def test_slopes_are_the_derivatives_of_the_critic(seed):
    rng = np.random.default_rng(seed)
    row, observations, actions = rng.normal(size=4), rng.normal(size=(5, 3, 2)), rng.normal(size=(5, 3))
    value, h = critic_of(row), 1e-5
    steps = h * np.eye(3)
    by_hand = [(value(observations, actions + s) - value(observations, actions - s)) / (2 * h) for s in steps]
    np.testing.assert_allclose(slopes_of(row)(observations, actions), np.transpose(by_hand), atol=1e-6)


# --- a choice that lets a gradient through ----------------------------------------------------------------------------


def jacobian(logits, uniforms, slopes, temperature, *, noise="gumbel", at="noisy", scale=True, back="full"):
    g = {"gumbel": -np.log(-np.log(uniforms)), "none": 0 * uniforms, "uniform": uniforms, "log": -np.log(uniforms),
         "sign": np.log(-np.log(uniforms))}[noise]  # fmt: skip
    noisy = logits + g
    action = [0.0] * len(logits)
    action[int(np.argmax(noisy))] = 1.0
    soft = np.exp((noisy if at == "noisy" else logits) / temperature)
    soft = soft / soft.sum()
    matrix = np.diag(soft) - np.outer(soft, soft)
    matrix = {"full": matrix, "own": np.diag(soft * (1 - soft)), "none": np.eye(len(soft)), "zero": 0 * matrix}[back]
    return action, matrix @ slopes / (temperature if scale else 1.0)


def through(**how):
    return lambda logits, uniforms, slopes, temperature: jacobian(logits, uniforms, slopes, temperature, **how)


GUMBELS = [
    (through(noise="none"), "no noise"),
    (through(noise="uniform"), "uniform noise"),
    (through(noise="log"), "one logarithm is missing"),
    (through(noise="sign"), "the noise has the wrong sign"),
    (through(at="logits"), "the softmax of logits without noise"),
    (through(scale=False), "the temperature is missing in the chain rule"),
    (through(back="own"), "a chance grows alone"),
    (through(back="none", scale=False), "as if the action were the logits"),
    (through(back="zero"), "the derivative of argmax"),
]


@diagnosed(lesson_10.gumbel, GUMBELS)
def test_gumbels(answer, name):
    assert verdict_of(lesson_10.gumbel, answer) == ("wrong", name)


def only_the_action(logits, uniforms, slopes, temperature):
    return jacobian(logits, uniforms, slopes, temperature)[0]


def worst_choice(logits, uniforms, slopes, temperature):
    _, gradient = jacobian(logits, uniforms, slopes, temperature)
    return np.eye(len(logits))[np.argmin(logits - np.log(-np.log(uniforms)))], gradient


def other_way_round(logits, uniforms, slopes, temperature):
    return jacobian(logits, uniforms, slopes, temperature)[::-1]


@unnamed(lesson_10.gumbel, [only_the_action, worst_choice, other_way_round])
def test_other_gumbels_get_no_false_name(answer):
    assert verdict_of(lesson_10.gumbel, answer) == ("wrong", None)


def test_another_way_through_is_right():
    assert lesson_10.gumbel.check(jacobian).outcome == "right"


def test_the_choice_and_gradient_agree_with_the_package():
    torch = pytest.importorskip("torch")
    from marl_edu.learning.gumbel import straight_through

    for cases in lesson_10.gumbel.prepared():
        for case in cases:
            logits, uniforms, slopes, temperature = case.args
            leaf = torch.tensor(logits, requires_grad=True)
            made = straight_through(leaf - torch.log(-torch.log(torch.tensor(uniforms))), float(temperature))
            (made * torch.tensor(slopes)).sum().backward()
            np.testing.assert_allclose(case.expected[0], made.detach().numpy(), atol=1e-12)
            np.testing.assert_allclose(case.expected[1], leaf.grad.numpy(), atol=1e-12)


def test_choices_are_drawn_from_the_softmax():
    rng, logits = np.random.default_rng(0), np.array([0.5, -1.0, 1.5])
    draw = lesson_10.gumbel.reference
    counts = sum(draw(logits, uniforms, np.zeros(3), 1.0)[0] for uniforms in rng.random((4000, 3)))
    np.testing.assert_allclose(counts / 4000, np.exp(logits) / np.exp(logits).sum(), atol=0.03)


# --- find the bugs ----------------------------------------------------------------------------------------------------

BUGS = [
    (with_faults("wanted"), "the replay keeps what was wanted"),
    (with_faults("unclipped"), "the replay keeps what was wanted"),
    (with_faults("one noise"), "one noise for the whole team"),
    (with_faults("fed"), "a target critic is fed with the wrong agent's next observation"),
    (with_faults("first"), "a target critic is fed with the wrong agent's next observation"),
    (with_faults("present"), "actors act on what they saw before the step"),
    (with_faults("limit"), "the end has a future"),
    (with_faults("forever"), "the end has a future"),
    (with_faults("both"), "a time limit is an end"),
    (with_faults("own"), "the actor is improved where it was, not where it is"),
    (with_faults("anew"), "the others act anew"),
    (with_faults("down"), "downhill"),
    (with_faults("roles"), "the shares are mixed up"),
    (with_faults("copy"), "the target networks are copies"),
    (with_faults("own", "roles", "limit"), "the end has a future"),
]


@pytest.mark.parametrize(("answer", "name"), BUGS)
def test_bugs(answer, name):
    assert verdict_of(lesson_10.mend, answer) == ("wrong", name)


REPAIRS = [
    ("return played, wanted", "return played, played",
     "a target critic is fed with the wrong agent's next observation"),
    ('seen = step["next_observations"][i]', 'seen = step["next_observations"]', "the end has a future"),
    ('1 - step["truncated"]', '1.0 - float(step["terminated"])',
     "the actor is improved where it was, not where it is"),
    ('step["actions"].copy()', 'np.where(np.arange(len(actors)) == i, (actors * seen).sum(axis=1), step["actions"])',
     "the shares are mixed up"),
    ("share * slow + (1 - share) * live", "slow + share * (live - slow)", None),
]  # fmt: skip


def test_the_listing_mended_fault_by_fault():
    expect_mended_one_by_one(lesson_10.mend, REPAIRS)


def test_the_listing_has_just_these_faults():
    scope = {"np": np}
    exec(lesson_10.mend.stub, scope)
    faulty = with_faults("wanted", "fed", "limit", "own", "roles")
    for cases in lesson_10.mend.prepared():
        for case in cases:
            np.testing.assert_allclose(
                run(scope["TinyMADDPG"], *case.args), run(faulty, *case.args), err_msg=str(case.args)
            )


def test_a_step_that_climbs_in_place_is_seen():
    class InPlace(TinyMADDPG):
        def climb(self, step, i, actors, slopes, step_size):
            actors[i] += step_size * slopes(step["observations"], step["actions"])[i] * step["observations"][i]
            return actors[i]

    assert verdict_of(lesson_10.mend, InPlace)[0] == "wrong"


def test_an_object_instead_of_a_class_is_judged_too():
    assert lesson_10.mend.check(TinyMADDPG()).outcome == "right"


# --- a controller of your own -----------------------------------------------------------------------------------------


def pull(mark, velocity, damping=1.0):
    return np.clip(5 * np.asarray(mark) - damping * np.asarray(velocity), -1, 1)


def first_come(velocity, landmarks, others):
    """The nearest pair of agent and landmark belongs together, then the nearest of the rest."""
    free, left = list(range(len(landmarks))), [np.zeros(2), *others]
    while True:
        _, a, k = min(
            (np.linalg.norm(landmarks[k] - left[a]), a, k)
            for a in range(len(left))
            if left[a] is not None
            for k in free
        )
        if a == 0:
            return pull(landmarks[k], velocity)
        left[a] = None
        free.remove(k)


def my_nearest(velocity, landmarks, others):
    return pull(landmarks[np.argmin((landmarks**2).sum(axis=1))], velocity)


def keeps_clear(velocity, landmarks, others):
    push = sum(-other for other in others if np.linalg.norm(other) < 0.35)
    return np.clip(pull(landmarks[np.argmin((landmarks**2).sum(axis=1))], velocity) + push, -1, 1)


def divided(velocity, landmarks, others):
    everyone = np.vstack([np.zeros((1, 2)), others])
    lengths = {
        order: np.linalg.norm(landmarks[list(order)] - everyone, axis=1).sum() for order in permutations(range(3))
    }
    return landmarks[min(lengths, key=lengths.get)[0]]


FLIGHTS = [
    (lambda velocity, landmarks, others: landmarks[0], "no force"),
    (lambda velocity, landmarks, others: 0.5, "no force"),
    (lambda velocity, landmarks, others: [np.nan, 0], "no force"),
    (lambda velocity, landmarks, others: "north", "no force"),
    (lambda velocity, landmarks, others: pull(-landmarks[0], velocity), "away from the landmarks"),
    (lambda velocity, landmarks, others: (0, 0), "nobody moves"),
    (lambda velocity, landmarks, others: -0.1 * velocity, "nobody moves"),
    (lambda velocity, landmarks, others: pull(landmarks[2], velocity), "everybody goes to the same place"),
    (lambda velocity, landmarks, others: pull(landmarks.mean(axis=0), velocity), "everybody goes to the same place"),
    (my_nearest, "two agents go to one landmark"),
    (keeps_clear, "two agents go to one landmark"),
    (lambda velocity, landmarks, others: pull(divided(velocity, landmarks, others), velocity, 0), "no brakes"),
    (lambda velocity, landmarks, others: np.sign(divided(velocity, landmarks, others)), "no brakes"),
]


@pytest.mark.parametrize(("answer", "name"), FLIGHTS)
def test_flights(answer, name):
    verdict = lesson_10.steering.check(answer)
    assert (verdict.outcome, verdict.misconception) == ("wrong", name), verdict.text
    assert len(verdict.text.splitlines()) < 14


def feeble(velocity, landmarks, others):
    return np.clip(0.2 * divided(velocity, landmarks, others) - 0.2 * velocity, -0.2, 0.2)


@unnamed(lesson_10.steering, [feeble])
def test_other_flights_get_no_false_name(answer):
    assert verdict_of(lesson_10.steering, answer) == ("wrong", None)


def test_random_forces_are_not_enough():
    rng = np.random.default_rng(0)

    def whim(velocity, landmarks, others):
        return rng.uniform(-1, 1, 2)

    assert verdict_of(lesson_10.steering, whim) == ("wrong", None)


def test_other_controllers_are_right():
    def harder(velocity, landmarks, others):
        return list(pull(divided(velocity, landmarks, others) * 8 / 5, velocity, 2.0))

    for answer in (first_come, harder):
        assert lesson_10.steering.check(answer).outcome == "right", fly(answer, 0, 40)


def test_a_crash_of_ones_own_is_shown_as_a_crash():
    verdict = lesson_10.steering.check(lambda velocity, landmarks, others: landmarks[3])
    assert verdict.outcome == "crashed" and "IndexError" in verdict.text


def test_the_same_trial_tells_the_same():
    steer = lesson_10.steering.reference
    assert str(fly(steer, 3, 5)) == str(fly(steer, 3, 5)) != str(fly(steer, 4, 5))


def test_an_agent_sees_the_world_from_where_it_is():
    """Steered by sight, the team does what the package's controller does from above."""
    world, seen = simple_spread(), []

    def by_sight(velocity, landmarks, others):
        seen.append((velocity, landmarks, others))
        return np.zeros(2)

    fly(by_sight, 7, 2)
    world.reset(np.random.default_rng(7), 2)
    for k, (copy, i) in enumerate(product(range(2), range(3))):
        velocity, landmarks, others = seen[k]
        np.testing.assert_allclose(velocity, world.velocities[copy, i])
        np.testing.assert_allclose(landmarks, world.landmarks[copy] - world.positions[copy, i])
        rest = [world.positions[copy, j] - world.positions[copy, i] for j in range(3) if j != i]
        np.testing.assert_allclose(others, rest)
    total = play_episodes(simple_spread(), spread_out, np.random.default_rng(7), 30).returns.mean()
    assert fly(lesson_10.steering.reference, 7, 30)[MEAN] == pytest.approx(total, abs=0.01)


def test_the_levels_that_are_told():
    """Doing nothing and random choices, within four standard errors of a thousand episodes."""
    nothing = play_episodes(simple_spread(), do_nothing, np.random.default_rng(2), 1000).returns.mean(axis=1)
    by_chance = play_episodes(simple_spread(), at_random(np.random.default_rng(3)), np.random.default_rng(4), 1000)
    for level, returns in ((NOTHING, nothing), (AT_RANDOM, by_chance.returns.mean(axis=1))):
        assert abs(returns.mean() - level) < 4 * returns.std() / np.sqrt(1000)
    assert NOTHING < LEAST


# --- a failing example can be read ------------------------------------------------------------------------------------

READABLE = [lesson_10.returns, lesson_10.targets, lesson_10.gradient, lesson_10.gumbel]


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [(lesson_10.returns, counting(own=1)), (lesson_10.targets, looped("own view")),
     (lesson_10.gradient, summing("down")), (lesson_10.gumbel, through(noise="none")),
     (lesson_10.mend, with_faults("fed"))],
    ids=["returns", "targets", "gradient", "gumbel", "mend"],
)  # fmt: skip
def test_the_verdict_shows_short_numbers(exercise, answer):
    told = exercise.check(answer).text.split("it returned")[0]
    assert "With:" in told and not re.search(r"\.\d{3,}", told) and " ..." not in told, told
    assert len(told.splitlines()) < 20, told


def test_the_first_target_can_be_checked_by_hand():
    batch, _, critics, slow_actors, slow_critics, _ = lesson_10.targets.prepared()[0][0].args
    assert batch["next_observations"].size == 2 and all(row[-1] == 0 for row in (*critics, *slow_critics))
    assert np.array(slow_actors).shape == (2, 1)


# --- all of them ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("exercise", lesson_10.lesson.exercises, ids=lambda exercise: exercise.name)
def test_solution_and_stub(exercise):
    scope = {"np": np}
    exec(exercise.stub, scope)
    assert exercise.check(exercise.reference).outcome == "right"
    assert exercise.check(scope[exercise.stub_name]).outcome == "not attempted"
    assert exercise.check().outcome == "not attempted"


@pytest.mark.parametrize("exercise", lesson_10.lesson.exercises, ids=lambda exercise: exercise.name)
def test_the_solution_that_is_shown_can_be_pasted(exercise):
    scope = {"np": np}
    exec(exercise.solution_source(), scope)
    assert exercise.check(scope[exercise.stub_name]).outcome == "right"


@pytest.mark.parametrize("exercise", [*READABLE, lesson_10.mend], ids=lambda exercise: exercise.name)
def test_cases_can_be_made_with_any_seed(exercise):
    for seed in range(1, 4):
        assert prepare(exercise, seed)


def test_the_stubs_fit_in_a_cell():
    assert all(len(exercise.stub.splitlines()) <= 25 for exercise in lesson_10.lesson.exercises)


def test_the_time_that_the_exercises_take():
    assert sum(exercise.minutes for exercise in lesson_10.lesson.exercises) <= 65


def test_every_objective_has_an_exercise_and_a_question():
    for objective in lesson_10.lesson.objectives:
        assert lesson_10.lesson.exercises_for(objective) and lesson_10.lesson.questions_for(objective)


def test_the_numbers_of_the_quiz():
    assert lesson_10.quiz.questions[1].right == pytest.approx(1 + 0.5 * (2 * 1 + -1 * 3))
    assert lesson_10.quiz.questions[2].right == pytest.approx(1 / 256)


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_how_often_one_sample_points_the_right_way(n):
    """All plays of the coin game: the estimate, by its formula, against the true gradient."""
    plays = np.array(list(product((0, 1), repeat=n)))
    scores = np.where(plays == 1, 2.0, -2.0)  # derivative of log p(a_i) with respect to the chance of yes, at 1/2
    estimates = plays.all(axis=1)[:, None] * scores
    true = estimates.mean(axis=0)
    np.testing.assert_allclose(true, 0.5 ** (n - 1))
    assert (estimates @ true > 0).mean() == chance_of_the_right_way(n)

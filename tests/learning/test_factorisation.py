"""Independent DQN, VDN, QMIX, weighted QMIX and QTRAN: losses by hand, gradients, seeds, targets, frames."""

import numpy as np
import pytest
import torch
from narrow import Narrow

from marl_edu.games import matrix_game, random_game, two_step
from marl_edu.learning import QMIX, QTRAN, VDN, IndependentDQN, WeightedQMIX
from marl_edu.learning.outside_worlds import OutsideWorld
from marl_edu.learning.team_batch import batch_of
from marl_edu.planning import team_optimum

UNIFORM = {"epsilon": 1, "epsilon_last": 1}
ALL = [
    (IndependentDQN, {}),
    (VDN, {}),
    (QMIX, {}),
    (WeightedQMIX, {"weighting": "optimistic"}),
    (WeightedQMIX, {"weighting": "central"}),
    (QTRAN, {}),
]
every_learner = pytest.mark.parametrize(("package", "options"), ALL, ids=lambda x: getattr(x, "__name__", str(x)))


def team_matrix(table):
    """A matrix game in which all are paid the same."""
    return matrix_game(np.stack([table] * np.ndim(table)))


def trained(package, game, updates, **options):
    learner = package(game, **options)
    learner.advance(updates)
    return learner, learner.frame()


def assert_same(one, other, **tolerance):
    """Two frames are equal, NaN included."""
    assert one.keys() == other.keys()
    for name in one:
        np.testing.assert_allclose(one[name], other[name], err_msg=name, **{"rtol": 0, "atol": 0, **tolerance})


def by_hand(learner, batch, k, double):
    """The loss of seed k, one transition after the other, as the papers write it."""
    new, old = learner._nets, learner._slow
    n_agents, losses = batch.actions.shape[-1], []
    q_of = {id(nets): [learner._values(nets, seen)[k] for seen in (batch.observations, batch.next_observations)]
            for nets in (new, old)}  # fmt: skip
    joint = {id(nets): lambda actions, states, nets=nets: joint_value(nets, actions, states, k) for nets in (new, old)}
    for b in range(batch.actions.shape[1]):
        q, next_old = q_of[id(new)][0][:, b], q_of[id(old)][1][:, b]
        choosing = q_of[id(new)][1][:, b] if double else next_old
        a, best = batch.actions[k, b], there(q, batch.available, k, b).argmax(dim=1)
        next_a = there(choosing, batch.next_available, k, b).argmax(dim=1)
        taken, next_taken = [
            torch.stack([v[i, c[i]] for i in range(n_agents)]) for v, c in ((q, a), (next_old, next_a))
        ]
        reward, onward = batch.rewards[k, b, 0], batch.onward[k, b, 0]
        state, next_state = batch.states[k, b], batch.next_states[k, b]
        kind = type(learner)
        if kind is IndependentDQN:
            loss = sum((reward + onward * next_taken[i] - taken[i]) ** 2 for i in range(n_agents))
        elif kind is VDN:
            loss = (reward + onward * sum(next_taken) - sum(taken)) ** 2
        elif kind is QMIX:
            loss = (reward + onward * mixed(old, next_taken, next_state, k) - mixed(new, taken, state, k)) ** 2
        elif kind is WeightedQMIX:
            y = reward + onward * joint[id(old)](next_a, next_state)
            q_tot, q_star = mixed(new, taken, state, k), joint[id(new)](a, state)
            optimistic = q_tot < y
            central = y > joint[id(new)](best, state) or bool((a == best).all())
            weight = 1 if (optimistic if learner.weighting == "optimistic" else central) else learner.alpha
            loss = weight * (q_tot - y) ** 2 + (q_star - y) ** 2
        else:
            y = reward + onward * joint[id(old)](next_a, next_state)
            v = state_value(new, state, k)
            q_best = sum(q[i, best[i]] for i in range(n_agents))
            loss = (joint[id(new)](a, state) - y) ** 2
            loss += learner.opt_weight * (q_best - joint[id(new)](best, state) + v) ** 2
            loss += learner.nopt_weight * min(sum(taken) - joint[id(new)](a, state) + v, torch.tensor(0.0)) ** 2
        losses.append(float(loss))
    return np.mean(losses)


def there(values, available, k, b):
    """Values (N, A) of what can be done; nothing else is ever best."""
    return values if available is None else values.where(available[k, b], -torch.inf)


def all_seeds(values, k, seeds):
    return torch.stack([values] * seeds)[:, None]


def mixed(nets, values, state, k):
    seeds = nets["mixer"].hyper.seeds
    return nets["mixer"](all_seeds(values, k, seeds), all_seeds(state, k, seeds))[k, 0]


def joint_value(nets, actions, state, k):
    seeds = nets["joint"].network.seeds
    return nets["joint"](all_seeds(actions, k, seeds), all_seeds(state, k, seeds))[k, 0]


def state_value(nets, state, k):
    seeds = nets["state_value"].seeds
    return nets["state_value"](all_seeds(state, k, seeds)[:, None])[k, 0, 0, 0]


@every_learner
@pytest.mark.parametrize("world", [two_step(), Narrow()], ids=["two-step", "narrow"])
@pytest.mark.parametrize("double", ["yes", "no"])
def test_the_loss_is_that_of_the_paper(package, options, double, world):
    """With target networks that differ from those that learn, terminal steps, and a choice that differs too."""
    learner = package(world, seeds=2, double_q=double, batch=8, worlds=2, target_every=20, clip=1, **options)
    learner.set(step_size=0.02)
    learner.advance(30)
    batch = batch_of(learner._world, learner._replay.sample(8, learner._for_batches))
    assert batch.onward.unique().tolist() == pytest.approx([0, world.discount])
    with torch.no_grad():
        losses = learner._losses(batch)
        for k in range(2):
            assert losses[k].item() == pytest.approx(by_hand(learner, batch, k, double == "yes"), rel=1e-4)


@every_learner
def test_only_what_should_learn_gets_a_gradient(package, options):
    """None goes into targets; the free network's values are constants for the agents, and the agents' for it."""
    learner = package(two_step(), seeds=2, **options)
    learner.advance(3)
    loss = learner._losses(batch_of(learner._world, learner._replay.sample(16, learner._for_batches))).sum()
    loss.backward()
    assert all(parameter.grad is None for parameter in learner._slow.parameters())
    assert all(parameter.grad is not None for parameter in learner._nets.parameters())


def test_qtrans_free_network_learns_by_its_td_error_alone():
    learner = QTRAN(two_step(), seeds=2)
    learner.advance(3)
    batch = batch_of(learner._world, learner._replay.sample(16, learner._for_batches))
    free = list(learner._nets["joint"].parameters())
    whole = torch.autograd.grad(learner._losses(batch).sum(), free)
    error = learner._nets["joint"](batch.actions, batch.states) - learner._targets(batch)[..., 0]
    alone = torch.autograd.grad(error.square().mean(dim=1).sum(), free)
    for one, other in zip(whole, alone, strict=True):
        torch.testing.assert_close(one, other)


@every_learner
@pytest.mark.parametrize("target", ["hard", "soft"])
def test_a_seed_is_the_same_to_the_last_bit_in_a_batch_of_ten(package, options, target):
    options = {"epsilon": 0.9, "target": target, "target_every": 10, "clip": 0.5, "seed": 3, **options}
    ten, one = (trained(package, two_step(), 30, seeds=seeds, **options)[1] for seeds in (10, 1))
    assert_same({name: values[:1] for name, values in ten.items()}, one)
    assert len({table.tobytes() for table in np.nan_to_num(ten["q"])}) == 10


def test_with_odd_sizes_it_is_the_same_but_for_rounding():
    """ELU's last, incomplete vector of numbers is rounded differently, and where that is depends on the seeds."""
    options = {"batch": 17, "hidden": 19, "embed": 7, "worlds": 3, "shared": "yes", "epsilon": 0.9}
    ten, one = (trained(QMIX, two_step(), 60, seeds=seeds, **options)[1] for seeds in (10, 1))
    assert_same({name: values[:1] for name, values in ten.items()}, one, atol=1e-4)


@every_learner
def test_many_small_advances_are_one_large_one(package, options):
    learner, whole = trained(package, two_step(), 40, seeds=2, **options)
    learner.reset()
    for n in (1, 20, 19):
        learner.advance(n)
    again = learner.frame()
    assert_same({k: v for k, v in whole.items() if k != "loss"}, {k: v for k, v in again.items() if k != "loss"})
    twin = learner.clone()
    twin.advance(40)
    assert_same(twin.frame(), whole)


def test_how_target_networks_follow():
    def parameters(nets):
        return torch.cat([parameter.detach().flatten() for parameter in nets.parameters()])

    learner = VDN(two_step(), seeds=2, target_every=10)
    start = parameters(learner._slow)
    learner.advance(9)
    assert torch.equal(parameters(learner._slow), start) and not torch.equal(parameters(learner._nets), start)
    learner.advance(1)
    assert torch.equal(parameters(learner._slow), parameters(learner._nets))
    learner.set(target="soft", target_share=0.25)
    before = parameters(learner._slow)
    learner.advance(1)
    torch.testing.assert_close(parameters(learner._slow), before + 0.25 * (parameters(learner._nets) - before))
    learner.target = "none"
    learner.advance(1)
    assert torch.equal(parameters(learner._slow), parameters(learner._nets))


def test_a_shared_network_is_told_who_acts():
    """In the two-step game both see the same; sharing without names would leave agents one and the same table."""
    learner, frame = trained(QMIX, two_step(), 400, seeds=3, shared="yes", step_size=3e-3, **UNIFORM)
    assert learner._nets["agents"].nets == 1
    assert np.abs(frame["q"][:, 0, :3] - frame["q"][:, 1, :3]).max() > 0.1
    np.testing.assert_allclose(frame["greedy_return"], 0.99 * 8)


def test_stochastic_worlds_with_other_actions_for_each_agent():
    """Where an agent has fewer actions, the rest is NaN, never taken (the world would refuse) and never a target."""
    game = random_game(2, 4, (2, 3), 5, cooperative=True, discount=0.5, horizon=7)
    frame = trained(QTRAN, game, 500, seeds=3, hidden=32, step_size=5e-3, epsilon_last=0.5, epsilon_updates=300)[1]
    assert np.isnan(frame["q"][:, 0, :, 2]).all() and np.isfinite(frame["q"][:, 1]).all()
    assert frame["q_tot"].shape == (3, 4, 2, 3)
    best = team_optimum(game)
    np.testing.assert_allclose(frame["greedy_return"], best.per_agent, atol=0.1)
    np.testing.assert_allclose(frame["q_joint"].max(axis=(2, 3)), np.tile(best.values / 2, (3, 1)), atol=0.15)


def test_the_frame_says_where_learning_stands():
    learner = VDN(two_step(), seeds=2, worlds=4, epsilon=0.8, epsilon_last=0.2, epsilon_updates=100)
    start = learner.frame()
    assert np.isnan(start["loss"]).all() and np.isnan(start["episode_return"]).all() and (start["trace"] == -1).all()
    learner.advance(50)
    frame = learner.frame()
    assert frame["epsilon"].tolist() == pytest.approx([0.5, 0.5]) and frame["environment_steps"].tolist() == [200, 200]
    assert set(frame["trace"].ravel().tolist()) <= {1, 2, 3}  # where steps led: state 1 is where they begin
    assert np.isfinite(frame["loss"]).all() and frame["greedy_return"].shape == (2, 2)
    assert (frame["episode_return"] >= 0).all() and (frame["episode_return"] <= 0.99 * 8).all()
    assert "q_tot" not in IndependentDQN(two_step()).frame()  # independent agents have no such thing


def test_in_a_world_without_a_model_greedy_episodes_are_played():
    """Both agents' rewards count there, so that the 7 and the 8 are twice as much; no tables, no references."""
    world = OutsideWorld(two_step().parallel_env, discount=0.99)
    learner, frame = trained(QMIX, world, 300, seeds=2, step_size=5e-3, hidden=32, **UNIFORM)
    np.testing.assert_allclose(frame["greedy_return"], 0.99 * 16)
    assert not {"q", "q_tot", "trace"} & frame.keys() and learner.references() == {} and learner.game is None
    learner.reset()
    twin = learner.clone()
    for one in (learner, twin):
        one.advance(20)
    assert_same(twin.frame(), learner.frame())

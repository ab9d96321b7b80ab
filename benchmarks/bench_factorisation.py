"""Value factorisation: updates a second with stacked networks, beside separate ones.

The separate networks are what one writes first: one ``torch.nn.Linear`` after the other, a list of agents, PyTorch's
Adam and its clipping, seed by seed. Both draw the same batches, and before anything is timed they must go through the
same losses from the same parameters. Times are processor times of this process, with one thread of PyTorch. How long
QMIX takes to the optimum of the two-step game is in ``bench_two_step.py``.
"""

from __future__ import annotations

import copy
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from benchmarks import Figure
from marl_edu.games import MarkovGame, random_game, two_step
from marl_edu.learning import QMIX, VDN
from marl_edu.learning.networks import one_thread
from marl_edu.learning.team_batch import Batch, batch_of

REPEATS, UPDATES = 9, 20


class Mixer(nn.Module):
    """QMIX's mixer with layers of PyTorch, of the same sizes."""

    def __init__(self, n_agents: int, state_size: int, embed: int):
        super().__init__()
        self.hyper = nn.Linear(state_size, n_agents * embed + 2 * embed)
        self.state_value = nn.Sequential(nn.Linear(state_size, embed), nn.ReLU(), nn.Linear(embed, 1))
        self.sizes = (n_agents * embed, embed, embed)

    def forward(self, values, states):
        """Q_tot (B,)."""
        w1, b1, w2 = self.hyper(states).split(self.sizes, dim=-1)
        hidden = torch.bmm(values[:, None], w1.abs().view(len(values), -1, self.sizes[1]))[:, 0] + b1
        return (functional.elu(hidden) * w2.abs()).sum(dim=-1) + self.state_value(states)[:, 0]


class Separate:
    """One seed's agents, one network each, with targets and an optimiser: the update of ``FactorisedLearner``."""

    def __init__(self, learner: VDN | QMIX, k: int):
        nets, self.clip = learner._nets, learner.clip
        stacked = nets["agents"]
        agents = [nn.Sequential(nn.Linear(a, b), nn.ReLU(), nn.Linear(b, c), nn.ReLU(), nn.Linear(c, d))
                  for a, b, c, d in [stacked.sizes] * stacked.nets]  # fmt: skip
        self.nets = nn.ModuleList(agents)
        copied = [(agents[i], stacked, i) for i in range(stacked.nets)]
        self.mixed = "mixer" in nets
        if self.mixed:
            hyper, state_value = nets["mixer"].hyper, nets["mixer"].state_value
            mixer = Mixer(stacked.nets, hyper.sizes[0], int(learner.embed))
            self.nets.append(mixer)
            copied += [(nn.Sequential(mixer.hyper), hyper, 0), (mixer.state_value, state_value, 0)]
        with torch.no_grad():
            for layers, source, i in copied:
                linear = [layer for layer in layers if isinstance(layer, nn.Linear)]
                for layer, weight, bias in zip(linear, source.weights, source.biases, strict=True):
                    layer.weight.copy_(weight[k, i].T)
                    layer.bias.copy_(bias[k, i, 0])
        self.slow = copy.deepcopy(self.nets)
        self.optimiser = torch.optim.Adam(self.nets.parameters(), lr=learner.step_size)

    def mix(self, nets, values, states):
        """VDN's sum or QMIX's mixer."""
        return nets[-1](values, states) if self.mixed else values.sum(dim=-1)

    def update(self, batch: Batch, k: int) -> float:
        """One gradient step on seed k's part of a batch; the loss before it."""
        n_agents = batch.actions.shape[-1]
        taken = [
            self.nets[i](batch.observations[k, i]).gather(1, batch.actions[k, :, i, None]) for i in range(n_agents)
        ]
        with torch.no_grad():
            judged = []
            for i in range(n_agents):
                seen = batch.next_observations[k, i]
                judged.append(self.slow[i](seen).gather(1, self.nets[i](seen).argmax(dim=1, keepdim=True)))
            next_value = self.mix(self.slow, torch.cat(judged, dim=1), batch.next_states[k])
            target = batch.rewards[k, :, 0] + batch.onward[k, :, 0] * next_value
        loss = (target - self.mix(self.nets, torch.cat(taken, dim=1), batch.states[k])).square().mean()
        self.optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.nets.parameters(), self.clip)
        self.optimiser.step()
        return float(loss.detach())


def drawn(learner: VDN | QMIX) -> Batch:
    """A batch of each seed's experience."""
    return batch_of(learner._world, learner._replay.sample(int(learner.batch), learner._for_batches))


def update(learner: VDN | QMIX, batch: Batch) -> np.ndarray:
    """One stacked update, as in ``TeamLearner._learn``; the losses before it, (K,)."""
    losses = learner._losses(batch)
    learner._step(losses)
    return losses.detach().numpy()


def check_agreement(learner: VDN | QMIX, updates: int = 10) -> None:
    """Raise an ``AssertionError`` if the two do not go through the same losses."""
    separate = [Separate(learner, k) for k in range(learner.seeds)]
    for _ in range(updates):
        batch = drawn(learner)
        theirs = [one.update(batch, k) for k, one in enumerate(separate)]
        np.testing.assert_allclose(update(learner, batch), theirs, rtol=1e-3, atol=1e-4)


def best_times(works: list) -> list[float]:
    """Seconds of the fastest of several turns of each; they take turns, so that a busy machine is fair to all."""
    found = [[] for _ in works]
    for _ in range(REPEATS + 1):
        for times, work in zip(found, works, strict=True):
            begin = time.process_time()
            for _ in range(UPDATES):
                work()
            times.append((time.process_time() - begin) / UPDATES)
    return [min(times[1:]) for times in found]


def ratio(package, game: MarkovGame, at_least: float | None, **options) -> list[Figure]:
    """Updates of all seeds a second: stacked, and stacked over separate."""
    learner = package(game, epsilon=1, epsilon_last=1, **options)
    for _ in range(50):
        learner._act()  # experience, and nothing learned yet
    check_agreement(learner)
    separate = [Separate(learner, k) for k in range(learner.seeds)]

    def one_by_one():
        batch = drawn(learner)
        for k, one in enumerate(separate):
            one.update(batch, k)

    stacked, apart = best_times([lambda: update(learner, drawn(learner)), one_by_one])
    what = f"{package.title}, {game.n_agents} agents, {learner.seeds} seed{'s' * (learner.seeds > 1)}"
    return [
        Figure(f"{what}: updates a second", 1 / stacked),
        Figure(f"{what}: stacked / separate", apart / stacked, at_least=at_least),
    ]


def measure() -> list[Figure]:
    """Ten seeds at once as in the lesson; and one seed alone, where only agents are stacked."""
    three = random_game(3, 10, 4, 0, cooperative=True)
    with one_thread():
        return [
            *ratio(VDN, two_step(), 2.5, seeds=10),
            *ratio(QMIX, two_step(), 2.5, seeds=10),
            *ratio(VDN, three, None, seeds=1, batch=128),
            *ratio(QMIX, three, None, seeds=1, batch=128),
        ]

"""QMIX in the two-step game with TorchRL, as a user of that library writes it: the other side of a comparison.

A world of one's own is a subclass of ``EnvBase`` with many copies along its batch; a ``Collector`` steps them, what
happened goes into a replay buffer, ``QMixerLoss`` and Adam learn from it. That is the library's own example of QMIX,
with this game in place of its simulator. Networks, batches, steps of the world per gradient step, step size and target
copies are those that the benchmark hands over.

    python benchmarks/torchrl_two_step.py '{"seeds": [0], "hidden": 32, ...}'

prints one list for each seed, of (updates, processor seconds, greedy return), as looked up every ``look_every``
updates. It imports nothing of this course.

Legend of axes: W copies of the world, N = 2 agents, S = 3 states, A = 2 actions.
"""

from __future__ import annotations

import json
import sys
import time

import torch
from tensordict import TensorDict
from tensordict.nn import TensorDictModule
from torchrl.collectors import Collector
from torchrl.data import Binary, Categorical, Composite, LazyTensorStorage, TensorDictReplayBuffer, Unbounded
from torchrl.envs import EnvBase
from torchrl.envs.utils import ExplorationType, set_exploration_type
from torchrl.modules import QValueModule, RandomPolicy, SafeSequential
from torchrl.modules.models.multiagent import MultiAgentMLP, QMixer
from torchrl.objectives import HardUpdate, ValueEstimators
from torchrl.objectives.multiagent import QMixerLoss

FIRST, SAFE, RISKY = range(3)
PAID = torch.tensor([[[0.0, 0.0], [0.0, 0.0]], [[7.0, 7.0], [7.0, 7.0]], [[0.0, 1.0], [1.0, 8.0]]])
"""What the team is paid, by state and the two actions."""


class TwoStep(EnvBase):
    """W copies of the two-step game; both agents see the state, one-hot."""

    def __init__(self, copies: int, seed: int):
        super().__init__(batch_size=[copies])
        self._where = torch.zeros(copies, dtype=torch.int64)
        seen = {"observation": Unbounded((copies, 2, 3))}
        self.observation_spec = Composite(
            agents=Composite(seen, shape=(copies, 2)), state=Unbounded((copies, 3)), shape=(copies,)
        )
        chosen = {"action": Categorical(2, shape=(copies, 2))}
        self.action_spec = Composite(agents=Composite(chosen, shape=(copies, 2)), shape=(copies,))
        self.reward_spec = Unbounded((copies, 1))
        self.done_spec = Composite(
            {name: Binary(1, shape=(copies, 1), dtype=torch.bool) for name in ("done", "terminated")}, shape=(copies,)
        )
        self.set_seed(seed)

    def _reset(self, tensordict=None):
        over = None if tensordict is None else tensordict.get("_reset", None)  # which copies; None: all
        again = torch.full_like(self._where, FIRST)
        self._where = again if over is None else torch.where(over.squeeze(-1), again, self._where)
        return self._seen(torch.zeros(*self.batch_size, 1, dtype=torch.bool))

    def _step(self, tensordict):
        first, second = tensordict["agents", "action"].unbind(-1)
        reward, ended = PAID[self._where, first, second], self._where != FIRST
        self._where = torch.where(ended, self._where, SAFE + first)  # after the end nothing is looked at
        return self._seen(ended.unsqueeze(-1)).set("reward", reward.unsqueeze(-1))

    def _seen(self, ended):
        state = torch.nn.functional.one_hot(self._where, 3).float()
        agents = {"observation": state.unsqueeze(-2).expand(-1, 2, -1).clone()}
        parts = {"agents": TensorDict(agents, [*self.batch_size, 2]), "state": state}
        return TensorDict({**parts, "done": ended, "terminated": ended.clone()}, self.batch_size)

    def _set_seed(self, seed):
        torch.manual_seed(seed)


def networks(settings: dict):
    """The agents' values with the choice among them, and the mixer."""
    agents = MultiAgentMLP(
        n_agent_inputs=3,
        n_agent_outputs=2,
        n_agents=2,
        centralized=False,
        share_params=False,
        depth=2,
        num_cells=settings["hidden"],
        activation_class=torch.nn.ReLU,
    )
    values = TensorDictModule(agents, in_keys=[("agents", "observation")], out_keys=[("agents", "action_value")])
    names = [("agents", name) for name in ("action", "action_value", "chosen_action_value")]
    choice = QValueModule(action_value_key=names[1], out_keys=names, action_space="categorical")
    mixer = TensorDictModule(
        QMixer(state_shape=(3,), mixing_embed_dim=settings["embed"], n_agents=2, device="cpu"),
        in_keys=[names[2], "state"],
        out_keys=["chosen_action_value"],
    )
    return SafeSequential(values, choice), mixer


def greedy_return(env: TwoStep, policy) -> float:
    """Of one episode."""
    with torch.no_grad(), set_exploration_type(ExplorationType.DETERMINISTIC):
        return float(env.rollout(2, policy)["next", "reward"].sum())


def learn(settings: dict, seed: int) -> list[tuple[int, float, float]]:
    """Updates, processor seconds and greedy return, as looked up now and then."""
    begin = time.process_time()
    torch.manual_seed(seed)
    copies, most = settings["worlds"], settings["updates"]
    env, alone = TwoStep(copies, seed), TwoStep(1, seed)
    policy, mixer = networks(settings)
    uniform = RandomPolicy(env.full_action_spec)  # epsilon is 1
    collector = Collector(env, uniform, frames_per_batch=copies, total_frames=copies * most)
    replay = TensorDictReplayBuffer(storage=LazyTensorStorage(settings["capacity"]), batch_size=settings["batch"])
    loss = QMixerLoss(policy, mixer, delay_value=True, action_space="categorical")
    loss.make_value_estimator(ValueEstimators.TD0, gamma=settings["discount"])
    targets = HardUpdate(loss, value_network_update_interval=settings["target_every"])
    adam = torch.optim.Adam(loss.parameters(), settings["step_size"])
    looks = []
    for update, happened in enumerate(collector, 1):
        replay.extend(happened.reshape(-1))
        loss(replay.sample())["loss"].backward()
        torch.nn.utils.clip_grad_norm_(loss.parameters(), settings["clip"])
        adam.step()
        adam.zero_grad()
        targets.step()
        if update % settings["look_every"] == 0:
            looks.append((update, time.process_time() - begin, greedy_return(alone, policy)))
    collector.shutdown()
    return looks


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    torch.set_num_threads(1)
    learn(given | {"updates": given["look_every"]}, seed=0)  # what is done once in a process does not count
    print(json.dumps([learn(given, seed) for seed in given["seeds"]]))

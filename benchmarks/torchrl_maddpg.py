"""MADDPG in simple_spread with TorchRL, as a user of that library writes it: the other side of a comparison.

``MultiAgentMLP`` makes an actor for each agent, which sees its own observation, and a critic for each, which sees what
all saw and did; ``AdditiveGaussianModule`` explores, a ``Collector`` steps the worlds, ``DDPGLoss`` and ``SoftUpdate``
learn: the parts of the library's own example of MADDPG. Time limits are truncations, here as there.

The world is either MPE2's, one copy after the other behind the library's ``PettingZooWrapper`` ("mpe2"), or ours, many
copies at once, as a batched ``EnvBase`` ("batched"): the same world, number for number, without MPE2's loop. The score
is that of ``bench_maddpg``, by the same function, in MPE2 itself.

    python benchmarks/torchrl_maddpg.py '{"seed": 0, "looks": [20, 60], "world": "batched", ...}'

prints one (processor seconds, updates, score) for each look, in one line; looks are processor seconds of training.

Legend of axes: W copies of the world, N = 3 agents, F entries of an observation, A of an action.
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np
import torch
from mpe2 import simple_spread_v3
from tensordict import TensorDict
from tensordict.nn import TensorDictModule, TensorDictSequential
from torchrl.collectors import Collector
from torchrl.data import Binary, Bounded, Composite, LazyTensorStorage, TensorDictReplayBuffer, Unbounded
from torchrl.envs import EnvBase, RewardScaling, SerialEnv, TransformedEnv
from torchrl.envs.libs.pettingzoo import PettingZooWrapper
from torchrl.modules import AdditiveGaussianModule, ProbabilisticActor, TanhDelta, ValueOperator
from torchrl.modules.models.multiagent import MultiAgentMLP
from torchrl.objectives import DDPGLoss, SoftUpdate, ValueEstimators

from benchmarks.bench_maddpg import score
from marl_edu.games.particles import controls, simple_spread

SEEN, SAID, DONE, PAID = (("agent", name) for name in ("observation", "param", "action", "reward"))
JUDGED = ("agent", "state_action_value")
ENDS = ("done", "terminated", "truncated")


# --- worlds ----------------------------------------------------------------------------------------------------------


def one_of_mpe2(seed: int) -> PettingZooWrapper:
    """MPE2's world, whose actions are vectors of 5 numbers in [0, 1]."""
    world = simple_spread_v3.parallel_env(N=3, local_ratio=0.5, max_cycles=25, continuous_actions=True)
    return PettingZooWrapper(world, seed=seed)


class Copies(EnvBase):
    """W copies of the same world that step at once; actions are forces, 2 numbers in [-1, 1]."""

    def __init__(self, copies: int, seed: int):
        super().__init__(batch_size=[copies])
        self._world, self._rng = simple_spread(), np.random.default_rng(seed)
        self._each = each = (copies, self._world.n_agents)

        def spec(**entries):
            return Composite(agent=Composite(entries, shape=each), shape=(copies,))

        self.observation_spec = spec(observation=Unbounded((*each, self._world.observation_sizes[0])))
        self.action_spec = spec(action=Bounded(-1, 1, (*each, 2)))
        self.reward_spec = spec(reward=Unbounded((*each, 1)))
        self.done_spec = spec(**{name: Binary(1, shape=(*each, 1), dtype=torch.bool) for name in ENDS})
        for name in ENDS:
            self.done_spec[name] = Binary(1, shape=(copies, 1), dtype=torch.bool)

    def _reset(self, tensordict=None):
        self._world.reset(self._rng, self._each[0])  # all of them: they keep step
        return self._seen()

    def _step(self, tensordict):
        paid = self._world.step(tensordict[DONE].numpy())
        return self._seen().set(PAID, torch.from_numpy(paid).float().unsqueeze(-1))

    def _seen(self):
        def ends(*shape):
            over = {"done": self._world.over, "terminated": False, "truncated": self._world.over}
            return {name: torch.full((*shape, 1), found) for name, found in over.items()}

        agents = {"observation": torch.from_numpy(self._world.observe()), **ends(*self._each)}
        copies = self._each[0]
        return TensorDict({"agent": TensorDict(agents, self._each), **ends(copies)}, [copies])

    def _set_seed(self, seed):
        self._rng = np.random.default_rng(seed)


def worlds(settings: dict, seed: int) -> TransformedEnv:
    """All copies, and rewards moved by a constant so that the critics' values begin where they belong, near 0."""
    copies = settings["copies"]
    if settings["world"] == "batched":
        env = Copies(copies, seed)
    else:
        env = SerialEnv(copies, [lambda k=k: one_of_mpe2(1000 * seed + k) for k in range(copies)])
    return TransformedEnv(env, RewardScaling(loc=settings["shift"], scale=1.0, in_keys=[PAID]))


# --- learning --------------------------------------------------------------------------------------------------------


def network(settings: dict, inputs: int, outputs: int, centralised: bool) -> MultiAgentMLP:
    """One for each agent; ours has these sizes, too."""
    return MultiAgentMLP(
        n_agent_inputs=inputs,
        n_agent_outputs=outputs,
        n_agents=3,
        centralized=centralised,
        share_params=settings["shared"],
        depth=2,
        num_cells=settings["critic_hidden" if centralised else "hidden"],
        activation_class=torch.nn.ReLU,
    )


def policy_and_critic(settings: dict, spec: Composite) -> tuple[ProbabilisticActor, ValueOperator]:
    """Actors that stay within the bounds of their actions, and critics that see everything."""
    features, size, space = simple_spread().observation_sizes[0], spec[DONE].shape[-1], spec[DONE].space
    actors = TensorDictModule(network(settings, features, size, False), in_keys=[SEEN], out_keys=[SAID])
    bounds = {name: bound.reshape(-1, size)[0] for name, bound in (("low", space.low), ("high", space.high))}
    policy = ProbabilisticActor(
        actors, spec=spec, in_keys=[SAID], out_keys=[DONE], distribution_class=TanhDelta, distribution_kwargs=bounds
    )
    critics = network(settings, features + size, 1, True)
    return policy, ValueOperator(critics, in_keys=[SEEN, DONE], out_keys=[JUDGED])


class Greedy:
    """The policy as ``score`` asks for it: its world, and forces (1, 1, N, 2) for observations (1, 1, N, F)."""

    def __init__(self, policy: ProbabilisticActor):
        self.game, self._actors = simple_spread(), policy.module[0]

    def greedy(self, observations: np.ndarray) -> np.ndarray:
        """What the actors do without noise."""
        seen = TensorDict({"agent": TensorDict({"observation": torch.from_numpy(observations[0, 0])}, [3])}, [])
        with torch.no_grad():
            done = torch.tanh(self._actors(seen)[SAID]).numpy()
        if done.shape[-1] > 2:
            done = np.stack([controls.from_mpe2(self.game, i, vector) for i, vector in enumerate((done + 1) / 2)])
        return done[np.newaxis, np.newaxis]


class Learner:
    """Losses, target networks and optimisers."""

    def __init__(self, settings: dict, policy: ProbabilisticActor, critic: ValueOperator):
        self.updates, self._settings = 0, settings
        self._loss = DDPGLoss(policy, critic, delay_actor=True, delay_value=True, loss_function="l2")
        self._loss.set_keys(state_action_value=JUDGED, reward=PAID, done=("agent", "done"),
                            terminated=("agent", "terminated"))  # fmt: skip
        self._loss.make_value_estimator(ValueEstimators.TD0, gamma=settings["discount"])
        self._targets = SoftUpdate(self._loss, tau=settings["target_share"])
        own = {"actor": self._loss.actor_network_params, "critic": self._loss.value_network_params}
        self._adam = {
            who: torch.optim.Adam(list(parameters.values(True, True)), settings[f"{who}_step"])
            for who, parameters in own.items()
        }

    def update(self, batch: TensorDict) -> None:
        """One gradient step of the critics, and of the actors once critics know something; target networks follow."""
        losses = self._loss(batch)
        (losses["loss_actor"] + losses["loss_value"]).backward()
        torch.nn.utils.clip_grad_norm_(self._loss.parameters(), self._settings["clip"])
        self._adam["critic"].step()
        if self.updates >= self._settings["head_start"]:
            self._adam["actor"].step()
        for adam in self._adam.values():
            adam.zero_grad()
        self._targets.step()
        self.updates += 1


def learn(settings: dict, seed: int, looks: list[float]) -> list[tuple[float, int, float]]:
    """Processor seconds, updates and the score at each look, until one is good enough."""
    torch.manual_seed(seed)
    env, frames = worlds(settings, seed), settings["frames"]
    spec = env.full_action_spec_unbatched
    policy, critic = policy_and_critic(settings, spec)
    half = (spec[DONE].space.high - spec[DONE].space.low).max() / 2  # noise is given in half ranges, as ours is
    noise = AdditiveGaussianModule(
        spec=spec,
        action_key=DONE,
        annealing_num_steps=settings["noise_updates"],
        sigma_init=settings["noise"] * half,
        sigma_end=settings["noise_last"] * half,
    )
    collector = Collector(env, TensorDictSequential(policy, noise), frames_per_batch=frames, total_frames=-1)
    replay = TensorDictReplayBuffer(storage=LazyTensorStorage(settings["capacity"]), batch_size=settings["batch"])
    learner, happenings = Learner(settings, policy, critic), iter(collector)
    steps, spent, found = 0, 0.0, []
    for look in looks:
        while spent < look:
            begin = time.process_time()
            replay.extend(next(happenings).reshape(-1))
            steps += frames
            for _ in range(settings["updates"] * (steps >= settings["warm_up"])):
                learner.update(replay.sample())
                noise.step(1)
            spent += time.process_time() - begin
        found.append((spent, learner.updates, score(Greedy(policy), settings["episodes"])))
        if found[-1][-1] >= settings["enough"]:
            break
    collector.shutdown()
    return found


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    torch.set_num_threads(1)
    learn(given | {"warm_up": 0, "episodes": 1}, 0, [1])  # what is done once in a process does not count
    print(json.dumps(learn(given, given["seed"], given["looks"])))

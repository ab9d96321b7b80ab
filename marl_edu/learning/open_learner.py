"""What can be asked of a learner with actors and critics: values, surfaces, its networks, a step from a given batch.

Nothing here learns; the algorithm is in ``deterministic.py``, which writes ``_nets``, ``_slow``, ``_judge``,
``_own_first``, ``_batch_of`` and ``_learn_from``.

Legend of axes: K seeds, W copies of the world, N agents, B batch, F entries of an observation, A of an action, C of a
control, T steps of an episode, G points a side of a surface.
"""

from __future__ import annotations

import numpy as np
import torch

from marl_edu.algorithm import Frame, HyperparameterError
from marl_edu.games import checks
from marl_edu.hyperparameters import Count
from marl_edu.learning.critic_surface import critic_surfaces
from marl_edu.learning.networks import one_thread
from marl_edu.learning.particle_learner import ParticleLearner


class OpenLearner(ParticleLearner):
    """Base of learners with actors and critics that can be looked into."""

    surface = Count(
        0, 0, 41, "points a side of the critics' surfaces in a frame, 0 for none; at a reset", choices=(0, 9, 13, 17)
    )

    def _expect_possible(self) -> None:
        super()._expect_possible()
        if self.surface == 1:
            raise HyperparameterError("surface is 1; expected 0 for none, or at least 2 points a side")

    def values(self, observations: np.ndarray, actions: np.ndarray) -> np.ndarray:
        """What each agent's critic thinks, Q_i, (K, W, N), where agents see (K, W, N, F) and do (K, W, N, A).

        Actions are controls, or one-hot vectors of choices if they are discrete.
        """
        pairs = np.concatenate([observations, actions], axis=-1, dtype=np.float32)
        with torch.no_grad(), one_thread():
            judged = self._judge(self._nets["critics"][0], self._own_first(self._tensor(pairs)))
            return judged.transpose(1, 2).cpu().numpy()

    def networks(self, who: str, seed: int = 0, slow: bool = False) -> list[torch.nn.Sequential]:
        """Copies of each agent's network as ordinary PyTorch networks: change them as you like.

        Parameters
        ----------
        who : str
            'actors' or 'critics'.
        seed : int
            Of which run.
        slow : bool
            Whether the target networks are meant.

        Returns
        -------
        list
            Agent i's at position i; one for all where they share it. An actor's output is not squashed yet; a critic
            takes pairs of observation and action end to end, its own agent's first.
        """
        nets = (self._slow if slow else self._nets)[checks.option("who", who, ("actors", "critics"))]
        stacked = nets if who == "actors" else nets[0]
        return [stacked.single(checks.integer("seed", seed, 0, self.seeds - 1), i) for i in range(stacked.nets)]

    def learn_from(self, **transitions: np.ndarray) -> None:
        """One gradient step from these transitions, in place of some from the replay: no world moves, no update counts.

        Parameters
        ----------
        **transitions : arrays
            ``observations`` and ``next_observations`` (K, B, N, F), ``actions`` (K, B, N, A), which are controls, or
            one-hot vectors of choices if they are discrete, ``rewards`` (K, B, N), ``terminated`` (K, B).

        Raises
        ------
        ValueError
            If one of these is missing or has another shape.
        DivergedError
            If a loss is not finite.

        Examples
        --------
        >>> from marl_edu.games import simple_spread
        >>> from marl_edu.learning import DDPG
        >>> learner, seen = DDPG(simple_spread()), np.zeros((1, 5, 3, 18))
        >>> rewards, ended = np.ones((1, 5, 3)), np.zeros((1, 5), dtype=bool)
        >>> learner.learn_from(observations=seen, actions=seen[..., :2], rewards=rewards, next_observations=seen,
        ...                    terminated=ended)
        """
        given = _checked(transitions, self._replay_shapes(), self.seeds)
        pairs = np.concatenate([given.pop("observations"), given.pop("actions")], axis=-1)
        with one_thread():
            self._learn_from(self._batch_of({"pairs": pairs, **given}))

    def _replay_shapes(self) -> dict[str, tuple]:
        """Of the parts of one transition, as ``learn_from`` takes them."""
        n, features = self._world.n_agents, max(self._world.observation_sizes)
        seen = (n, features)
        return {"observations": seen, "actions": (n, self._kind.size), "rewards": (n,), "next_observations": seen,
                "terminated": ()}  # fmt: skip

    def frame(self) -> Frame:
        """Where learning stands now: as of every ``ParticleLearner``.

        Where ``surface`` is G > 0, also what critics think in the first greedy episode, at each step. All agents do
        what their actors say, but agent i's own action, which its critic is asked about, may be another.
        ``critic_surface`` and ``critic_slope`` are there if any agent acts by a force, and NaN for those who don't;
        ``critic_choices`` is for those: numbered choices of discrete actions, or the words of a speaker that can't
        move, each said alone. It costs about 10 ms a frame and seed with 13 points, and 26 steps of 3 agents take
        53 kB.

        ================= ================= ========================================================================
        array             shape             meaning
        ================= ================= ========================================================================
        critic_surface    (K, T+1, N, G, G) Q_i of agent i's own force: rows from -1 to 1 upwards, columns to the right
        critic_slope      (K, T+1, N, 2)    gradient of Q_i in agent i's own force, where its actor acts
        critic_choices    (K, T+1, N, A)    Q_i of agent i's choices or words; NaN for those that it does not have
        critic_value      (K, T+1, N)       Q_i of what all do
        critic_sees       (K, N)            of how many agents critic i is told what they see and do
        episode_actions   (K, T+1, N, A)    what all do: controls, or one-hot vectors of choices if they are discrete
        ================= ================= ========================================================================
        """
        found, points = super().frame(), int(self._built_with["surface"])
        return found | critic_surfaces(self, self._evaluated[1], points) if points else found


def _checked(transitions: dict, shapes: dict[str, tuple], seeds: int) -> dict[str, np.ndarray]:
    """The parts of transitions as arrays of the replay's types; errors say which part is wrong."""
    if set(transitions) != set(shapes):
        raise ValueError(f"learn_from got {', '.join(transitions) or 'nothing'}; expected {', '.join(shapes)}")
    found = {name: checks.array(name, part) for name, part in transitions.items()}
    rows = found["rewards"].shape[1] if found["rewards"].ndim > 1 else 0
    for name, part in found.items():
        if part.shape != (seeds, rows, *shapes[name]) or not rows:
            wanted = ", ".join(map(str, ("transitions", *shapes[name])))
            raise ValueError(
                f"{name} has shape {part.shape}; expected ({seeds}, {wanted}) with {seeds} seeds and at least one "
                "transition, as many in all parts"
            )
    return {name: part.astype(bool if name == "terminated" else np.float32) for name, part in found.items()}

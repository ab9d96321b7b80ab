"""Worlds from other packages, as a team's world: learners train in them that know nothing of them.

Two dialects are understood: PettingZoo's ``ParallelEnv``, where everything is a dict by agent, and Gymnasium's ``Env``
whose action and observation spaces are ``Tuple`` spaces with one part for each agent, as level-based foraging has them.
Rewards are *summed* over the agents: that sum is the team's reward. What the whole state is, nobody says there; the
agents' observations one after the other stand for it.

Legend of axes: K seeds, W copies of the world, N agents, A actions (the most of any agent), R entries of an observation
as it comes, F features of an observation, G = N F features of a state; "..." any leading axes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from marl_edu.games import checks
from marl_edu.learning.dialects import action_count, dialect
from marl_edu.learning.entries import Entries
from marl_edu.learning.team_worlds import Step, TeamWorld, Where, existing_actions


class OutsideWorld(TeamWorld):
    """Many copies of a world from another package, stepped one after the other.

    Parameters
    ----------
    make : callable
        ``make()`` returns a new world. It is called once here, and K W times at every start, which closes those that
        were made by the start before.
    discount : float in [0, 1]
        Weight of the next reward. At 1 the world itself must cut its episodes off.
    numbers : {'scaled', 'one-hot', 'as they come'}
        How networks read the entries of a ``Box``: see ``Entries``. ``Discrete`` observations are always one-hot.
    reward_scale : float above 0
        Factor on every reward that learners see, not on returns that they show. Networks learn best where returns are
        around 1 to 10 in size.
    ended : callable, optional
        ``ended(env)`` says whether the world has really come to its end. It is asked when the world reports that it
        terminated; where it says no, the end is taken as a time limit, a truncation. For worlds that mix up the two.
    title : str, optional
        Name for pictures and messages. Default: the class of the world.

    Raises
    ------
    ValueError
        If ``make`` does not make a world of one of the two dialects, for two or more agents, with spaces that can be
        read; or later, if an observation is not what its space says.

    Notes
    -----
    Where a copy stands is told by what its agents see, ``observations`` (K, W, N, R) float32; agents that see less than
    others have 0 in the entries they lack. An agent that left a PettingZoo world before the others still sees what it
    saw last, and what it does is not passed on; the episode is over when all have left, and terminated if the last ones
    did so.

    Examples
    --------
    >>> from marl_edu.games import climbing
    >>> world = OutsideWorld(climbing().parallel_env, discount=0)
    >>> world.start([np.random.default_rng(0)], copies=1)
    >>> world.step(np.array([[[0, 0]]])).rewards.tolist()  # 11 for each agent
    [[22.0]]

    Level-based foraging reports its time limit as an end::

        OutsideWorld(
            lambda: gymnasium.make("Foraging-8x8-2p-2f-v3", disable_env_checker=True),
            ended=lambda env: env.unwrapped.field.sum() == 0,
        )
    """

    def __init__(
        self,
        make: Callable,
        *,
        discount: float = 0.99,
        numbers: str = "scaled",
        reward_scale: float = 1.0,
        ended: Callable | None = None,
        title: str | None = None,
    ):
        for name, given in (("make", make), ("ended", ended)):
            if not (callable(given) or (name == "ended" and given is None)):
                raise ValueError(f"{name} is {checks.shown(given)}; expected a function")
        self._make, self._ended = make, ended
        first = dialect(make(), ended)
        self.discount, self.title = checks.number("discount", discount, 0, 1), title or first.title
        self.reward_scale = checks.number("reward_scale", reward_scale, 1e-9)
        if len(first.action_spaces) < 2:
            raise ValueError(f"{self.title} has one agent; expected a team of two or more")
        counts = len(first.action_spaces), len(first.observation_spaces)
        if counts[0] != counts[1]:
            raise ValueError(f"{self.title} has {counts[0]} action spaces and {counts[1]} observation spaces")
        self._n_actions = tuple(action_count(self.title, i, space) for i, space in enumerate(first.action_spaces))
        self.n_agents, self.n_actions = len(self._n_actions), max(self._n_actions)
        self._exists = existing_actions(self._n_actions)
        self._entries = Entries(self.title, first.observation_spaces, numbers)
        self.n_features = self._entries.n_features
        self.n_state_features = self.n_agents * self.n_features
        first.close()
        self._copies = []

    @property
    def where(self) -> Where:
        """What the agents of each copy see, {'observations': (K, W, N, R) float32}."""
        self._expect_started()
        return {"observations": self._seen}

    def start(self, generators: Sequence[np.random.Generator], copies: int) -> None:
        """Make K W new worlds, each with a random seed from its own seed's stream; those from before are closed."""
        seeds, copies = self._begin(generators, copies)
        self._close()
        self._copies = [[dialect(self._make(), self._ended) for _ in range(copies)] for _ in range(seeds)]
        self._seen = np.zeros((seeds, copies, *self._entries.shape), dtype=np.float32)
        for row, generator, seen in zip(self._copies, self._generators, self._seen, strict=True):
            for world, place in zip(row, seen, strict=True):
                _write(place, world.reset(int(generator.integers(2**31))))
        self._entries.expect_readable(self._seen)

    def step(self, actions: np.ndarray) -> Step:
        """Play one joint action in every copy, (K, W, N)."""
        actions = self._expect_actions(actions, (*self._seen.shape[:2], self.n_agents), self._n_actions)
        rewards, terminated, truncated = np.zeros(actions.shape[:2]), *np.zeros((2, *actions.shape[:2]), dtype=bool)
        next_seen = self._seen.copy()  # who has left sees what it saw last
        restarted = []
        for k, row in enumerate(self._copies):
            for w, world in enumerate(row):
                seen, rewards[k, w], terminated[k, w], truncated[k, w] = world.step(actions[k, w].tolist())
                _write(next_seen[k, w], seen)
                if terminated[k, w] or truncated[k, w]:
                    restarted.append((k, w, world.reset(None)))
        self._seen = next_seen.copy() if restarted else next_seen
        for k, w, seen in restarted:
            _write(self._seen[k, w], seen)
        self._entries.expect_readable(next_seen)
        if restarted:
            self._entries.expect_readable(self._seen)
        return Step(self.reward_scale * rewards, terminated, truncated & ~terminated, {"observations": next_seen})

    def another(self) -> OutsideWorld:
        """The same kind of world, not started, with no copies in common."""
        found = super().another()
        found._copies = []
        return found

    def _close(self) -> None:
        before, self._copies = self._copies, []
        for row in before:
            for world in row:
                world.close()

    def encode(self, where: Where) -> tuple[np.ndarray, np.ndarray]:
        """Observations as features, (..., N, F), and all of them one after the other as the state, (..., N F)."""
        return self._entries.encode(where["observations"])

    def available(self, where: Where) -> np.ndarray | None:
        """Which actions each agent has; None if all have equally many."""
        if self._exists is None:
            return None
        return np.broadcast_to(self._exists, (*where["observations"].shape[:-2], *self._exists.shape))


def _write(place: np.ndarray, seen: Sequence) -> None:
    """Put what each agent sees into its row of (N, R); None for one that has left."""
    for row, one in zip(place, seen, strict=True):
        if one is not None:
            row[: np.size(one)] = np.ravel(one)

"""A particle world: discs in the plane that push, meet and talk, stepped many copies at once.

Legend of axes: K seeds, W copies, N agents, L landmarks, A entries of a control, F of an observation, C words. The axes
of copies come first: none for one world, (W,), (K, W), or any others; below, ``...`` stands for them.

A new world is a subclass with four things, and takes a page (``spread.py`` is one): who is in it (a list of ``Body``),
where all begin (``place``, if not uniformly at random), what each gets (``rewards``), and what each sees (``sees``).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from marl_edu.games import checks
from marl_edu.games.particles import controls
from marl_edu.games.particles import state as states
from marl_edu.games.particles.physics import contact_forces, distances, move
from marl_edu.games.particles.state import Body, State, copies_inside, flat

MOST_COPIES = 10**7


class ParticleWorld:
    """Base of the particle worlds: agents and landmarks are discs in the plane, most of the time in [-1, 1]^2.

    An episode lasts ``max_steps`` steps and is then cut off (truncated), unless the world says that it is ``terminal``.
    All copies keep step.

    Parameters
    ----------
    bodies : sequence of Body
        The agents.
    n_landmarks : int
        How many landmarks there are.
    landmark_size : float
        Their radius.
    solid_landmarks : bool
        Whether solid agents bump into them.
    landmark_range : float
        They begin uniformly within this distance of 0 in x and y; agents within 1, at rest.
    has_goal : bool
        Whether one of the landmarks is drawn as the goal.
    vocabulary : int
        How many words there are.
    max_steps : int
        Steps after which an episode is cut off.

    Attributes
    ----------
    agents : tuple of str
        Names, as in MPE2, which counts each kind from 0.
    labels : tuple of str
        Names for people, by the numbers that pictures show: "agent 1", "adversary 1", "listener 2".
    action_sizes, observation_sizes : tuple of int
        Entries of each agent's control and observation; arrays of both are padded with zeros to the longest.
    n_choices : tuple of int
        Number of each agent's actions where they are numbered (``controls.from_choices``).
    lowest, highest : (N, A) arrays
        Bounds of the controls.
    horizon, discount : int, float
        ``max_steps`` and 1, under the names that all games have for them: returns are reported as plain sums.
    terminal : bool
        Whether the world comes to an end after its last step, so that nothing is worth anything afterwards, where other
        worlds are only cut off. False, but in a subclass that says otherwise.
    positions, velocities, landmarks, goals, words, steps
        The present state, as in ``State``; a step replaces these arrays and never changes them in place.

    Examples
    --------
    >>> from marl_edu.games import simple_spread
    >>> world = simple_spread()
    >>> world.reset([np.random.default_rng(seed) for seed in (0, 1)], copies=64)
    >>> world.observe().shape
    (2, 64, 3, 18)
    >>> rewards = world.step(np.zeros((2, 64, 3, 2)))
    >>> rewards.shape, world.steps, world.over
    ((2, 64, 3), 1, False)
    """

    name = "particle world"
    discount = 1.0
    terminal = False

    def __init__(
        self,
        bodies: Sequence[Body],
        n_landmarks: int,
        *,
        landmark_size: float = 0.05,
        solid_landmarks: bool = False,
        landmark_range: float = 1.0,
        has_goal: bool = False,
        vocabulary: int = 2,
        max_steps: int = 25,
    ):
        self.bodies, self.agents = tuple(bodies), tuple(body.name for body in bodies)
        self.labels = tuple(f"{name.rsplit('_', 1)[0]} {i + 1}" for i, name in enumerate(self.agents))
        self.n_agents, self.n_landmarks, self.vocabulary = len(bodies), n_landmarks, vocabulary
        self.landmark_size, self.landmark_range, self.has_goal = landmark_size, landmark_range, has_goal
        self.solid_landmarks = checks.flag("solid_landmarks", solid_landmarks)
        self.max_steps = self.horizon = checks.integer("max_steps", max_steps, 1, checks.LONGEST)
        self.sizes = np.array([body.size for body in bodies])
        self.strengths = np.array([body.strength * body.moves for body in bodies])
        self.adversaries = np.array([body.adversary for body in bodies])
        self.top_speeds = np.array([body.top_speed if body.moves else 0.0 for body in bodies])
        self._pairs = self.sizes[:, np.newaxis] + self.sizes
        self._others = ~np.eye(self.n_agents, dtype=bool)
        solid = np.array([body.solid for body in bodies])
        self._reach = np.where(solid[:, np.newaxis] & solid & self._others, self._pairs, -np.inf)
        blocked = solid[:, np.newaxis] & np.full(n_landmarks, self.solid_landmarks)
        self._reach_of_landmarks = np.where(blocked, self.sizes[:, np.newaxis] + landmark_size, -np.inf)
        self.action_sizes, self.n_choices = controls.sizes(self)
        self.lowest, self.highest = controls.bounds(self)
        self._nowhere = states.nowhere(self.n_agents, n_landmarks, vocabulary)
        self._set(self._nowhere)
        self.observation_sizes = tuple(sum(part.shape[-1] for part in self.sees(i)) for i in range(self.n_agents))

    # --- what a new world writes -------------------------------------------------------------------------------------

    def rewards(self) -> np.ndarray:
        """What each agent gets for where all stand now, (..., N)."""
        raise NotImplementedError

    def sees(self, i: int) -> list[np.ndarray]:
        """What agent ``i`` sees now, as pieces (..., anything) that are laid end to end."""
        raise NotImplementedError

    def place(self, rng: np.random.Generator, copies: tuple[int, ...]) -> State:
        """Where all begin. For one copy these are the draws of MPE2, so that the same seed begins the same episode."""
        agents, landmarks = (*copies, self.n_agents, 2), (*copies, self.n_landmarks, 2)
        goals = rng.integers(self.n_landmarks, size=copies) if self.has_goal else np.zeros(copies, dtype=int)
        return State(
            positions=rng.uniform(-1, 1, agents),
            velocities=np.zeros(agents),
            landmarks=rng.uniform(-self.landmark_range, self.landmark_range, landmarks),
            goals=np.asarray(goals),
            words=np.zeros((*copies, self.n_agents, self.vocabulary)),
        )

    # --- an episode --------------------------------------------------------------------------------------------------

    def reset(self, rngs, copies: int | None = None) -> None:
        """Begin an episode.

        Parameters
        ----------
        rngs : Generator, or sequence of K of them
            Seed k's copies are drawn from generator k alone. A sequence makes a first axis of K.
        copies : int, optional
            Copies for each generator, W; None for one, without an axis of its own.

        Raises
        ------
        ValueError
            If these are anything else.
        """
        shape = () if copies is None else (checks.integer("copies", copies, 1, MOST_COPIES),)
        if isinstance(rngs, np.random.Generator):
            self._set(self.place(rngs, shape))
            return
        if not checks.length(rngs):
            raise ValueError(f"rngs is {checks.shown(rngs)}; expected a numpy.random.Generator or a list of them")
        rngs = [checks.generator(f"rngs[{k}]", rng) for k, rng in enumerate(rngs)]
        *arrays, _ = zip(*(self.place(rng, shape) for rng in rngs), strict=True)
        self._set(State(*map(np.stack, arrays)))

    def step(self, actions) -> np.ndarray:
        """All agents act at once.

        Parameters
        ----------
        actions : (..., N, A) array
            Controls (``controls.py``): a force in [-1, 1]^2, then words in [0, 1]; what pads shorter ones is ignored.

        Returns
        -------
        (..., N) array
            Rewards.

        Raises
        ------
        ValueError
            If the episode is over or has not begun, or a control is out of bounds; the message names the agent.
        """
        if self.steps is None or self.over:
            found = "has not begun" if self.steps is None else f"is over after {self.steps} steps"
            raise ValueError(f"the episode {found}; expected a call of reset() before step()")
        actions = copies_inside(controls.checked(self, actions))
        forces = self.strengths[:, np.newaxis] * actions[..., :2]
        if np.isfinite(self._reach).any():
            forces += contact_forces(self.positions, self.positions, self._reach)
        if np.isfinite(self._reach_of_landmarks).any():
            forces += contact_forces(self.positions, self.landmarks, self._reach_of_landmarks)
        self.positions, self.velocities = move(self.positions, self.velocities, forces, self.top_speeds)
        self.words = controls.words(self, actions)
        self.steps += 1
        return self.rewards()

    @property
    def over(self) -> bool:
        """Whether the episode has had all its steps."""
        return self.steps is not None and self.steps >= self.max_steps

    def observe(self) -> np.ndarray:
        """What all agents see now, (..., N, F) float32; agent i's own is ``[..., i, :observation_sizes[i]]``."""
        seen = np.zeros((*self.copies, self.n_agents, max(self.observation_sizes)), dtype=np.float32)
        for i in range(self.n_agents):
            end = 0
            for part in self.sees(i):
                begin, end = end, end + part.shape[-1]
                seen[..., i, begin:end] = part
        return seen

    @property
    def copies(self) -> tuple[int, ...]:
        """Sizes of the axes that count copies."""
        return self.positions.shape[:-2]

    @property
    def state(self) -> State:
        """The present state, in arrays of its own. It may be set, also to one with other axes of copies."""
        if self.steps is None:
            raise ValueError("the episode has not begun; expected a call of reset() before its state is asked for")
        arrays = (self.positions, self.velocities, self.landmarks, self.goals, self.words)
        return State(*(array.copy() for array in arrays), self.steps)

    @state.setter
    def state(self, state: State) -> None:
        state = states.checked(state, self._nowhere, self.max_steps)
        moving = np.array([[body.moves] for body in self.bodies])
        self._set(state._replace(velocities=state.velocities * moving))

    def _set(self, state: State) -> None:
        arrays = (copies_inside(array, own) for array, own in zip(state, states.OWN_AXES, strict=False))
        self.positions, self.velocities, self.landmarks, self.goals, self.words = arrays
        self.steps = state.steps

    def parallel_env(self, continuous_actions: bool = False):
        """The world as a PettingZoo ``ParallelEnv``, with the names, spaces and seeds of MPE2."""
        from marl_edu.games.particles.face import ParticleParallelEnv

        return ParticleParallelEnv(self, continuous_actions)

    # --- words for `rewards` and `sees` ------------------------------------------------------------------------------

    def touching(self) -> np.ndarray:
        """Which pairs of different agents overlap, (..., N, N)."""
        return (distances(self.positions, self.positions) < self._pairs) & self._others

    def goal_positions(self) -> np.ndarray:
        """Where the goal is, (..., 1, 2)."""
        return np.take_along_axis(self.landmarks, self.goals[..., np.newaxis, np.newaxis], axis=-2)

    def from_agent(self, i: int, places: np.ndarray) -> np.ndarray:
        """Places (..., M, 2) as agent ``i`` sees them, relative to itself, end to end: (..., 2 M)."""
        return flat(places - self.positions[..., i : i + 1, :])

    def others(self, i: int, array: np.ndarray) -> np.ndarray:
        """An array (..., N, anything) without the row of agent ``i``."""
        return array[..., [j for j in range(self.n_agents) if j != i], :]

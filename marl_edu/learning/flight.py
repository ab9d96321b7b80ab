"""A flight: a student steers one agent of a particle world, a policy the others, one step after the other.

It is an algorithm like any other, so that a recording keeps it, a view draws it and a timeline rewinds it.

Legend of axes: K = 1 seed, N agents, A entries of a control, T steps of an episode, L landmarks, C words.
"""

from __future__ import annotations

import copy
from typing import NamedTuple

import numpy as np

from marl_edu.algorithm import Algorithm, Frame, HyperparameterError
from marl_edu.games import ParticleWorld, checks
from marl_edu.games.particles import State, controls
from marl_edu.learning.steered import name_of, policy_of


class Outcome(NamedTuple):
    """What one episode brought each agent: undiscounted returns, (N,) each, from the same beginning.

    Parameters
    ----------
    you : (N,) array
        As it was flown.
    policy : (N,) array
        Had the policy steered the student's agent as well.
    nobody : (N,) array
        Had nobody touched the student's stick.
    """

    you: np.ndarray
    policy: np.ndarray
    nobody: np.ndarray


class Flight(Algorithm):
    """The student steers one agent of a particle world; a unit of work is one step, in which all act at once.

    A step takes the force that was passed to ``choose``; without one the policy steers that agent, too. When an episode
    is over, its last state stays in the frame until ``next_episode()`` or the next step begins another one. Episode e
    begins as ``default_rng([seed, 0, e])`` says, whatever happened before: every flight has the same beginnings.

    Parameters
    ----------
    world : ParticleWorld
        Such as ``simple_spread()``; what is flown in is a copy of it.
    partners : callable or learner
        Who steers the others: ``policy(world)``, which returns controls (N, A) as ``spread_out`` and ``do_nothing`` do,
        or a learner with ``greedy(observations)``, such as ``MADDPG(world)``. It may go on learning all the while.
    seat : int or str
        The student's agent, which must be one that moves and doesn't speak.
    run : int
        Which of a learner's runs acts.
    called : str, optional
        What people call the policy; by default its title or name.
    seed : int
        Of the beginnings.

    Raises
    ------
    ValueError
        If one of these is otherwise, or the policy does not suit the world.

    Examples
    --------
    >>> from marl_edu.games import simple_spread
    >>> from marl_edu.games.particles.controllers import spread_out
    >>> flight = Flight(simple_spread(), spread_out)
    >>> flight.choose([1, 0])  # full force to the right, for one step
    >>> flight.advance(25)  # in the other 24, the controller steers
    >>> [round(float(returns[flight.seat]), 1) for returns in flight.outcomes[0]]
    [-6.3, -4.4, -16.4]
    """

    unit = "step"
    title = "Flight"
    chunk = 1

    def __init__(self, world: ParticleWorld, partners, seat: int | str = 0, run: int = 0, called: str | None = None, *,
                 seeds: int = 1, seed: int = 0):  # fmt: skip
        if not isinstance(world, ParticleWorld):
            raise ValueError(
                f"Flight: world is {checks.shown(world)}; expected a ParticleWorld such as simple_spread()"
            )
        self._world, self._given = copy.deepcopy(world), (world, partners, seat, run, called)
        self._seat = _seat_in(world, seat)
        self._policy = policy_of("Flight", partners, world, run)
        self._called = name_of(partners) if called is None else checks.text("Flight: called", called)
        self._knows_goal = _knows_goal(self._world, self._seat)
        super().__init__(seeds=seeds, seed=seed)
        self._asked(self._world)  # a policy that doesn't suit the world says so here and now

    def _inputs(self):
        return self._given

    @property
    def game(self) -> ParticleWorld:
        """The world that is flown in."""
        return self._world

    @property
    def seat(self) -> int:
        """Number of the student's agent."""
        return self._seat

    @property
    def called(self) -> str:
        """What people call the policy."""
        return self._called

    @property
    def knows_goal(self) -> bool:
        """Whether the student's agent can see which landmark is the goal; True in worlds without one."""
        return self._knows_goal

    @property
    def over(self) -> bool:
        """Whether the episode has had all its steps."""
        return self._world.over

    @property
    def episode(self) -> int:
        """Number of the present episode, from 1."""
        return self._episode

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """Of every episode that is over, what it brought and what it would have brought."""
        return tuple(self._outcomes)

    @property
    def chosen(self) -> int:
        """Number of steps for which the student chose."""
        return self._chosen

    def choose(self, force) -> None:
        """Set the force on the student's agent in the next step; a later choice replaces an earlier one.

        Parameters
        ----------
        force : two numbers in [-1, 1]
            To the right and up, as shares of the agent's full strength.

        Raises
        ------
        ValueError
            If it is anything else. Nothing is changed then.
        """
        self._choice = checked_force(f"force on {self._world.agents[self._seat]}", force)

    def next_episode(self) -> None:
        """Begin the next episode; no step is made.

        Raises
        ------
        ValueError
            If the present one is not over.
        """
        if not self.over:
            raise ValueError(f"episode {self._episode} has had {self._world.steps} of {self._world.max_steps} steps; "
                             "expected it to be over before the next begins")  # fmt: skip
        self._begin(self._episode + 1)

    def reset(self) -> None:
        """Back to the beginning of the first episode."""
        if self.seeds != 1:
            raise HyperparameterError(f"seeds is {self.seeds}; expected 1: there is one student")
        super().reset()
        self._outcomes: list[Outcome] = []
        self._choice, self._chosen = None, 0
        self._begin(1)

    def _begin(self, episode: int) -> None:
        world, n = self._world, self._world.n_agents
        world.reset(np.random.default_rng([self.seed, 0, episode]))
        self._episode = episode
        self._force, self._rewards, self._return = np.full(2, np.nan), np.full(n, np.nan), np.zeros(n)
        self._compared = np.full((2, n), np.nan)  # what the policy, and nobody, would have earned
        self._positions = np.repeat(world.positions[np.newaxis], world.max_steps + 1, axis=0)  # (T + 1, N, 2)
        self._words = np.repeat(world.words[np.newaxis], world.max_steps + 1, axis=0)

    def _advance(self, n: int) -> None:
        for _ in range(n):
            self._step()

    def _step(self) -> None:
        """All act at once, on the student's force if there is one, and the world moves."""
        world = self._world
        if world.over:
            self._begin(self._episode + 1)
        actions = self._asked(world)
        if world.steps == 0:  # before the student's first step, when a learner is as good as it will be in this episode
            self._compared = np.stack([self._played(stick=None), self._played(stick=np.zeros(2))])
        if self._choice is not None:
            actions[self._seat, :2] = self._choice
        self._chosen += self._choice is not None
        self._force, self._choice = actions[self._seat, :2].copy(), None
        self._rewards = world.step(actions)
        self._return = self._return + self._rewards
        self._positions[world.steps :] = world.positions  # the rest stays where it is for now
        self._words[world.steps :] = world.words
        if world.over:
            self._outcomes.append(Outcome(self._return.copy(), *self._compared.copy()))

    def _played(self, stick: np.ndarray | None) -> np.ndarray:
        """Returns (N,) of the rest of this episode, in a copy, with this force on the student's agent all the time."""
        world, total = copy.deepcopy(self._world), np.zeros(self._world.n_agents)
        while not world.over:
            actions = self._asked(world)
            if stick is not None:
                actions[self._seat, :2] = stick
            total = total + world.step(actions)
        return total

    def _asked(self, world: ParticleWorld) -> np.ndarray:
        """What the policy wants of all agents, (N, A), in an array that may be changed."""
        try:
            return controls.checked(world, self._policy(world)).astype(float)
        except ValueError as error:
            raise ValueError(f"Flight: partners, {self._called}, in {world.name}: {error}") from error

    def frame(self) -> Frame:
        """Where the flight stands now.

        ================= =============== ==========================================================================
        array             shape           meaning
        ================= =============== ==========================================================================
        seat              (1,)            the student's agent
        goal_known        (1,) bool       whether it can see which landmark is the goal; True in worlds without one
        episode           (1,)            number of the present episode, from 1
        step              (1,)            steps that it has had, from 0
        over              (1,) bool       whether it has had all
        episode_positions (1, T+1, N, 2)  where agents were after each step; after the present step: where they are
        episode_landmarks (1, L, 2)       where landmarks are
        episode_goals     (1,)            which of them is the goal, in worlds that have one
        episode_words     (1, T+1, N, C)  what agents said, in worlds where some speak
        force             (1, 2)          on the student's agent in the latest step; NaN before the first
        rewards           (1, N)          for the latest step; NaN before the first of the episode
        return_so_far     (1, N)          their sum in this episode, not discounted
        policy_return     (1, N)          what the policy in the student's place would earn in the whole episode
        nobody_return     (1, N)          and with nobody at the student's stick; both NaN before the first step
        ================= =============== ==========================================================================
        """
        world = self._world
        found = {
            "seat": self._seat, "goal_known": self._knows_goal, "episode": self._episode, "step": world.steps,
            "over": world.over, "episode_positions": self._positions, "episode_landmarks": world.landmarks,
            "force": self._force, "rewards": self._rewards, "return_so_far": self._return,
            "policy_return": self._compared[0], "nobody_return": self._compared[1],
        }  # fmt: skip
        if world.has_goal:
            found["episode_goals"] = world.goals
        if any(body.speaks for body in world.bodies):
            found["episode_words"] = self._words
        return {name: np.array(value)[np.newaxis] for name, value in found.items()}


def checked_force(field: str, force) -> np.ndarray:
    """Two numbers in [-1, 1] as an array (2,), or a ``ValueError``."""
    wanted = "expected two numbers from -1 to 1: to the right and up"
    try:
        found = checks.array(field, force)
    except ValueError as error:
        raise ValueError(f"{field} is {checks.shown(force)}; {wanted}") from error
    if found.shape != (2,) or np.asarray(force).dtype.kind == "b" or np.abs(found).max() > 1:
        raise ValueError(f"{field} is {checks.shown(force)}; {wanted}")
    return found


def _seat_in(world: ParticleWorld, seat: int | str) -> int:
    """The number of an agent that can be steered and has nothing to say."""
    number = checks.index_of("Flight: seat", seat, world.agents)
    fit = [body.name for body in world.bodies if body.moves and not body.speaks]
    body = world.bodies[number]
    if body.name not in fit:
        does = "can't move" if not body.moves else "speaks as well as moves"
        raise ValueError(
            f"Flight: seat is {body.name!r}, which {does}; expected one to steer: {', '.join(fit) or 'none'}"
        )
    return number


def _knows_goal(world: ParticleWorld, seat: int) -> bool:
    """Whether what this agent sees depends on which landmark is the goal."""
    if not world.has_goal or world.n_landmarks < 2:
        return True
    world, seen = copy.deepcopy(world), []
    world.reset(np.random.default_rng(0))
    begun: State = world.state
    for goal in (0, 1):
        world.state = begun._replace(goals=np.array(goal))
        seen.append(world.observe()[seat])
    return not np.array_equal(*seen)

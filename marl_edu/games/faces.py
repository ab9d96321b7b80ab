"""The faces that other libraries expect: a game as a PettingZoo world, or as one agent's Gymnasium world.

Both are thin: the game says what happens, a face only keeps the state, counts steps and speaks the library's dialect.
``terminated`` means that the world has ended the episode, ``truncated`` that the step limit has cut it off: a learner
bootstraps from the last observation in the second case and not in the first (Pardo et al., "Time limits in
reinforcement learning", ICML 2018). Only a game with horizon 1 and discount 0, which is played once, terminates at its
horizon: what would come later counts for nothing there, so that it makes no difference to what is learned.

Sources: the PettingZoo Parallel API (Terry et al., NeurIPS 2021) and the Gymnasium Env API (Towers et al., 2024).
"""

from __future__ import annotations

import gymnasium
import numpy as np
from gymnasium.spaces import Discrete

from marl_edu.games import checks, model_checks
from marl_edu.games.episode import RENDER_MODES, Episode
from marl_edu.games.markov_game import MarkovGame
from marl_edu.games.parallel_face import ParallelFace, as_number, check_seed


class MarkovParallelEnv(ParallelFace):
    """A Markov game as a PettingZoo ``ParallelEnv``.

    Agents are called as in ``game.agents``. Observations and actions are numbers (``Discrete``); all agents live as
    long as the episode.

    Parameters
    ----------
    game : MarkovGame
        The world.
    max_steps : int, optional
        Steps after which an episode is truncated. Default: the game's horizon, or else 100.
    render_mode : {'rgb_array', 'ansi', 'human'}, optional
        What ``render()`` gives: a picture, a text, or the text printed.

    Raises
    ------
    ValueError
        If an argument, or later an action, is not what was expected.

    Examples
    --------
    >>> from marl_edu.games import prisoners_dilemma
    >>> env = prisoners_dilemma().parallel_env()
    >>> observations, infos = env.reset(seed=0)
    >>> observations, rewards, terminated, truncated, infos = env.step({"agent 1": 0, "agent 2": 1})
    >>> rewards, terminated
    ({'agent 1': 0.0, 'agent 2': 5.0}, {'agent 1': True, 'agent 2': True})
    """

    metadata = {"name": "markov_game_v0", "render_modes": list(RENDER_MODES), "render_fps": 4}  # noqa: RUF012

    def __init__(self, game: MarkovGame, max_steps: int | None = None, render_mode: str | None = None):
        self._episode = Episode(game, max_steps, render_mode)
        self.game, self.max_steps, self.render_mode = game, self._episode.max_steps, render_mode
        super().__init__(game.agents, map(Discrete, game.n_observations), map(Discrete, game.n_actions))
        self.state_space = Discrete(game.n_states)

    def state(self) -> np.ndarray:
        """Number of the state, which a centralised critic may see."""
        if self._episode.state is None:
            raise RuntimeError("state() was called before the first episode; call reset() first")
        return np.array(self._episode.state)

    def render(self):
        """A picture, a text or nothing, by ``render_mode``."""
        return self._episode.render()

    def _begin(self) -> None:
        self._episode.begin(self._rng)

    def _play(self, actions: dict) -> tuple[np.ndarray, bool, bool]:
        joint_action = tuple(
            checks.integer(f"actions[{agent!r}]", actions[agent], 0, int(self.action_spaces[agent].n) - 1)
            for agent in self.agents
        )
        terminated, truncated = self._episode.advance(joint_action, self._rng)
        return self._episode.rewards, terminated, truncated

    def _observations(self) -> dict:
        return {agent: self._episode.observation(i) for i, agent in enumerate(self.possible_agents)}


class MarkovSingleAgentEnv(gymnasium.Env):
    """One agent's view of a Markov game, the others following fixed policies: to it, an ordinary decision process.

    Parameters
    ----------
    game : MarkovGame
        The world.
    agent : int or str
        Who learns, by number (from 0) or name.
    others : list or dict of policies, optional
        What the others do. A list has one policy for each *other* agent, in order; or one for every agent, of which
        the learner's own is not looked at. A dict goes by number or name. A policy is an (O_i, A_i) table of
        probabilities, an (O_i,) array of action numbers, a callable ``(observation, rng) -> action``, or ``None`` for
        uniformly random, which is also what agents left out do.
    max_steps : int, optional
        Steps after which an episode is truncated. Default: the game's horizon, or else 100.
    render_mode : {'rgb_array', 'ansi', 'human'}, optional
        What ``render()`` gives: a picture, a text, or the text printed.

    Raises
    ------
    ValueError
        If an argument, or later an action, is not what was expected.

    Examples
    --------
    >>> from marl_edu.games import rock_paper_scissors
    >>> always_rock = np.array([0])
    >>> env = rock_paper_scissors(horizon=3).single_agent_env("agent 1", others=[always_rock])
    >>> observation, info = env.reset(seed=0)
    >>> observation, reward, terminated, truncated, info = env.step(1)
    >>> reward
    1.0
    """

    metadata = {"render_modes": list(RENDER_MODES), "render_fps": 4}  # noqa: RUF012

    def __init__(
        self,
        game: MarkovGame,
        agent: int | str = 0,
        others=None,
        max_steps: int | None = None,
        render_mode: str | None = None,
    ):
        self._episode = Episode(game, max_steps, render_mode)
        self.game, self.max_steps, self.render_mode = game, self._episode.max_steps, render_mode
        self.agent = game.agent_index(agent)
        self._policies = _policies_of_others(game, self.agent, others)
        self.observation_space = Discrete(game.n_observations[self.agent])
        self.action_space = Discrete(game.n_actions[self.agent])
        self._over = True

    def reset(self, *, seed: int | None = None, options: dict | None = None) -> tuple[np.int64, dict]:
        """Begin an episode; a seed makes a new generator, no seed goes on with the old one."""
        check_seed(seed)
        super().reset(seed=seed)
        self._episode.begin(self.np_random)
        self._over = False
        return self._episode.observation(self.agent), {}

    def step(self, action) -> tuple[np.int64, float, bool, bool, dict]:
        """Play one action; the info tells the joint action."""
        if self._over:
            raise ValueError("the episode is over or has not begun; expected a call of reset() before step()")
        action = checks.integer("action", as_number(action), 0, int(self.action_space.n) - 1)
        joint_action = tuple(action if i == self.agent else self._act(i) for i in range(self.game.n_agents))
        terminated, truncated = self._episode.advance(joint_action, self.np_random)
        self._over = terminated or truncated
        reward = float(self._episode.rewards[self.agent])
        return self._episode.observation(self.agent), reward, terminated, truncated, {"joint_action": joint_action}

    def render(self):
        """A picture, a text or nothing, by ``render_mode``."""
        return self._episode.render()

    def _act(self, i: int) -> int:
        observation, policy = self._episode.observation(i), self._policies[i]
        if callable(policy):
            action = as_number(policy(observation, self.np_random))
            return checks.integer(f"action of {self.game.agents[i]}", action, 0, self.game.n_actions[i] - 1)
        return int(np.searchsorted(policy[observation], self.np_random.random(), side="right"))


def _policies_of_others(game: MarkovGame, agent: int, others) -> list:
    """One entry per agent: a callable, a table of cumulative probabilities (O_i, A_i), or ``None`` for the learner."""
    given = [None] * game.n_agents
    if isinstance(others, dict):
        for other, policy in others.items():
            if game.agent_index(other) == agent:
                raise ValueError(
                    f"others has a policy for {game.agents[agent]!r}, who learns; expected only the others"
                )
            given[game.agent_index(other)] = policy
    elif checks.length(others) in (game.n_agents - 1, game.n_agents):
        order = [i for i in range(game.n_agents) if i != agent or len(others) == game.n_agents]
        for i, policy in zip(order, others, strict=True):
            given[i] = policy
    elif others is not None:
        raise ValueError(
            f"others is {checks.shown(others)}; expected a list of {game.n_agents - 1} policies, one for each "
            "other agent, or a dict of policies by agent"
        )
    given[agent] = None
    tables = [None if callable(policy) else policy for policy in given]
    tables = model_checks.policies(tables, game.n_observations, game.n_actions)
    chosen = [
        checks.policy_function(f"policy of {name}", policy) if callable(policy) else _cumulative(table)
        for name, policy, table in zip(game.agents, given, tables, strict=True)
    ]
    chosen[agent] = None
    return chosen


def _cumulative(table: np.ndarray) -> np.ndarray:
    """Running sums of each row that end in exactly 1, so that a draw never falls off the end."""
    sums = np.cumsum(table, axis=1)
    return sums / sums[:, -1:]

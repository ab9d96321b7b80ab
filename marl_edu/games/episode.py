"""One episode of a game: what both faces keep between steps."""

from __future__ import annotations

import gymnasium
import numpy as np

from marl_edu.games import checks, rendering
from marl_edu.games.markov_game import MarkovGame

RENDER_MODES = ("human", "ansi", "rgb_array")
DEFAULT_MAX_STEPS = 100
"""Length at which an episode is truncated if neither the game nor the caller says."""


class Episode:
    """One episode of a game: the state, the number of steps, and what happened last."""

    def __init__(self, game: MarkovGame, max_steps: int | None, render_mode: str | None):
        checks.game(game)
        # With discount 0 nothing comes after the only play that counts, so that the world may as well end there.
        self.played_once = max_steps is None and game.horizon == 1 and game.discount == 0
        if max_steps is None:
            max_steps = game.horizon or DEFAULT_MAX_STEPS
        self.game = game
        self.max_steps = checks.integer("max_steps", max_steps, 1, checks.LONGEST)
        self.render_mode = None if render_mode is None else checks.option("render_mode", render_mode, RENDER_MODES)
        self.state = self.steps = self.joint_action = self.rewards = None

    def begin(self, rng: np.random.Generator) -> None:
        """Draw the first state."""
        self.state = int(rng.choice(self.game.n_states, p=self.game.start / self.game.start.sum()))
        self.steps, self.joint_action, self.rewards = 0, None, None

    def advance(self, joint_action: tuple[int, ...], rng: np.random.Generator) -> tuple[bool, bool]:
        """Play one step; returns whether it terminated or truncated the episode."""
        self.state, self.rewards = self.game.sample(self.state, joint_action, rng)
        self.joint_action = joint_action
        self.steps += 1
        terminated = self.played_once or bool(self.game.terminal[self.state])
        return terminated, self.steps >= self.max_steps and not terminated

    def observation(self, agent: int) -> np.int64:
        """What an agent sees now."""
        return np.int64(self.game.observations[agent, self.state])

    def render(self):
        """A picture, a text, or, for ``'human'``, the text printed."""
        if self.render_mode is None:
            gymnasium.logger.warn("render() was called without a render_mode; choose one when the world is made")
            return None
        if self.state is None:
            raise RuntimeError("render() was called before the first episode; call reset() first")
        shown = (self.game, self.state, self.joint_action, self.rewards)
        if self.render_mode == "rgb_array":
            return rendering.picture(*shown)
        text = rendering.words(*shown)
        if self.render_mode == "ansi":
            return text
        print(text, flush=True)
        return None

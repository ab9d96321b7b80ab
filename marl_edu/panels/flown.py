"""What is flown in a steering panel: the episodes of one flight, and a recording of every step. No widget is in here.

The moments of episode e, from 1 on, are numbers (e - 1) (T + 1) to e (T + 1) - 1, for episodes of T steps.
"""

from __future__ import annotations

import numpy as np

from marl_edu.games import checks
from marl_edu.learning import Flight
from marl_edu.panels import steer_words
from marl_edu.panels.turns import BUDGET
from marl_edu.recording import MOST_MOMENTS, Recording


class Flown:
    """Episodes of a flight, begun afresh.

    Parameters
    ----------
    flight : Flight
        In which world, and with whom.
    episodes : int
        How many; their steps are at most 2,000 in all.

    Raises
    ------
    ValueError
        If one of these is otherwise.

    Examples
    --------
    >>> from marl_edu.games import simple_spread
    >>> from marl_edu.games.particles.controllers import spread_out
    >>> flown = Flown(Flight(simple_spread(max_steps=2), spread_out), 2)
    >>> flown.step([1, 0])
    >>> flown.step(None)
    >>> flown.newest, flown.between, flown.over, flown.by_the_student
    (2, True, False, False)
    """

    def __init__(self, flight: Flight, episodes: int):
        if not isinstance(flight, Flight):
            raise ValueError(f"flight is {checks.shown(flight)}; expected a Flight, such as Flight(world, spread_out)")
        self.flight, self.moments_each = flight, flight.game.max_steps + 1
        if self.moments_each > MOST_MOMENTS:
            raise ValueError(
                f"{flight.game.name} has {flight.game.max_steps:,} steps; expected fewer than {MOST_MOMENTS:,}"
            )
        self.episodes = checks.integer("episodes", episodes, 1, MOST_MOMENTS // self.moments_each)
        flight.reset()
        self.record()

    def record(self) -> None:
        """A new recording of the flight, which has just begun."""
        self.recording = Recording.of(self.flight, BUDGET)
        self._keep()

    def _keep(self) -> None:
        self.recording.append(self.flight.units_done, self.flight.frame())

    @property
    def newest(self) -> int:
        """Number of the newest moment."""
        return len(self.recording) - 1

    @property
    def over(self) -> bool:
        """Whether the last episode is over."""
        return len(self.flight.outcomes) >= self.episodes

    @property
    def between(self) -> bool:
        """Whether an episode is over, and another one follows."""
        return self.flight.over and not self.over

    @property
    def by_the_student(self) -> bool:
        """Whether every step so far was steered by the student, none by the policy in the student's place."""
        return self.flight.chosen == self.flight.units_done > 0

    def step(self, force: np.ndarray | None) -> None:
        """One step, with the policy's force where there is none."""
        if force is not None:
            self.flight.choose(force)
        self.flight.advance(1)
        self._keep()

    def next_episode(self) -> None:
        """The beginning of the next episode."""
        self.flight.next_episode()
        self._keep()

    def expect_unmoved(self) -> None:
        """The newest moment must be where the flight stands, or a ``ValueError`` says that it is not."""
        stands = (self.flight.episode - 1) * self.moments_each + int(self.flight.game.steps)
        if stands != self.newest:
            raise ValueError("this flight is not where this panel left it: another cell or panel has moved it; "
                             "fly again from the first episode on")  # fmt: skip

    def by_the_policy(self) -> tuple[Recording, str]:
        """The same episodes with the policy in the student's place: its last moment, and how it went, in words."""
        flight = self.flight.clone()
        flight.advance(self.episodes * flight.game.max_steps)
        recording = Recording.of(flight, BUDGET)
        recording.append(flight.units_done, flight.frame())
        _, policy, nobody = steer_words.earned(flight).sum(axis=0)
        n = f"{self.episodes} episodes together" if self.episodes > 1 else "one episode"
        return recording, (
            f"Nobody has steered yet. In {n} {flight.called} in your place would earn {steer_words.in_words(policy)}, "
            f"and nobody at your stick {steer_words.in_words(nobody)}."
        )

    def note(self, name: str) -> None:
        """Keep the result of all episodes in the student's progress, if the student has steered in every step."""
        if not self.over or not self.by_the_student:
            return
        from marl_edu.progress import progress

        you, policy, nobody = map(float, steer_words.earned(self.flight).sum(axis=0))
        progress().note("play", name, turns=self.flight.chosen, earned=you, policy=policy, nobody=nobody)

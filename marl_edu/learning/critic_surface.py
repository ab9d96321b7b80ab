"""What critics think of everything that an agent might do, at each step of one episode: for pictures of a critic.

At each step of the first greedy episode all agents act as their greedy actors say; agent i's own action alone is
replaced, by every force of a grid over [-1, 1]^2, or by every choice or word that it has:

    critic_surface[t, i] = Q_i(o, a_1, ..., force, ..., a_N),   critic_slope[t, i] = grad_{a_i} Q_i at a_i = mu_i(o_i).

The slope is the first factor of the deterministic policy gradient: the way in which the critic sends the actor.

Legend of axes: K seeds, N agents, T steps of an episode, F entries of an observation, A of an action; P = F + A, a
pair; M actions that are tried out; G points of a grid along each side.

Source: D. Silver et al., "Deterministic policy gradient algorithms", ICML 2014, equation 9.
"""

from __future__ import annotations

import copy

import numpy as np
import torch

from marl_edu.algorithm import Frame
from marl_edu.games.particles import ParticleWorld
from marl_edu.games.particles.controllers import Episodes
from marl_edu.games.particles.controls import entries_of_words
from marl_edu.games.particles.state import State
from marl_edu.learning.networks import one_thread

AT_ONCE = 2**24
"""Numbers that critics are told, or say in a layer, at once (64 MiB): what is more is asked in parts."""

LARGEST = 2**23
"""Numbers that the surfaces of a frame may have, all seeds together (32 MiB)."""


def expect_room(seeds: int, world: ParticleWorld, points: int) -> None:
    """Raise a ``ValueError`` where surfaces of so many points a side would have more numbers than ``LARGEST``.

    >>> from marl_edu.games import simple_spread
    >>> expect_room(1000, simple_spread(), 41)
    Traceback (most recent call last):
        ...
    ValueError: surfaces of 1000 seeds need 131,118,000 numbers in a frame; expected at most 8,388,608 (fewer seeds, ...
    """
    needed = seeds * world.n_agents * (world.max_steps + 1) * points**2
    if needed > LARGEST:
        raise ValueError(
            f"surfaces of {seeds} seeds need {needed:,} numbers in a frame; expected at most {LARGEST:,} "
            "(fewer seeds, a smaller surface)"
        )


def critic_surfaces(learner, played: Episodes, points: int) -> Frame:
    """What the critics of an ``ActorCritic`` think in the first of these episodes.

    Parameters
    ----------
    learner : ActorCritic
        Its actors should be those that played.
    played : Episodes
        Arrays (K, W, ...), of which copy 0 is looked at.
    points : int
        G, from 2 on.

    Returns
    -------
    dict of str to array
        As the table of ``ActorCritic.frame`` says.
    """
    world, size = learner.game, learner._kind.size
    seen = learner._tensor(seen_in_first(world, played)).transpose(1, 2)  # K, N, T + 1, F
    with one_thread():
        with torch.no_grad():
            acted = learner._kind.greedy(learner._say(seen))
        pairs = learner._own_first(torch.cat([seen, acted], dim=-1).transpose(1, 2)).requires_grad_()  # K, N, T+1, N, P
        critic = learner._nets["critics"][0]
        values = learner._judge(critic, pairs)
        found = {
            "episode_actions": acted.transpose(1, 2),
            "critic_value": values.detach().transpose(1, 2),
            "critic_sees": _agents_seen(learner, pairs),
        }
        slope = torch.autograd.grad(values.sum(), pairs)[0][..., 0, -size:]
        with torch.no_grad():
            moves, choices = _who_pushes(learner), _choices(learner)
            if moves.any():
                forces = _grid(points).to(pairs.device)
                surface = _tried(learner, critic, pairs, forces, slice(0, 2)).unflatten(-1, (points, points))
                found["critic_surface"] = _only(surface.transpose(1, 2), moves[:, None, None])
                found["critic_slope"] = _only(slope[..., :2].transpose(1, 2), moves[:, None])
            if choices.any():
                said = torch.eye(choices.shape[1], device=pairs.device)
                tried = _tried(learner, critic, pairs, said, slice(0, len(said)))
                found["critic_choices"] = _only(tried.transpose(1, 2), choices)
    return {name: np.ascontiguousarray(part.cpu().numpy(), dtype=np.float32) for name, part in found.items()}


def seen_in_first(world: ParticleWorld, played: Episodes) -> np.ndarray:
    """What agents saw in the first of some episodes, from its beginning to its end: (K, T + 1, N, F) float32.

    Steps are laid out as copies of one world, which then says at once what is seen in all of them.

    Parameters
    ----------
    world : ParticleWorld
        In which they were played; it is not changed.
    played : Episodes
        Arrays (K, W, ...).
    """
    world, times = copy.deepcopy(world), played.positions.shape[2]
    landmarks, goals = (np.repeat(part[:, :1], times, axis=1) for part in (played.landmarks, played.goals))
    world.state = State(played.positions[:, 0], played.velocities[:, 0], landmarks, goals, played.words[:, 0])
    return world.observe()


def _tried(learner, critic, pairs: torch.Tensor, actions: torch.Tensor, entries: slice) -> torch.Tensor:
    """What critic i says, (K, N, T + 1, M), if agent i's action has these ``actions`` (M, some) as its ``entries``.

    Steps and actions are laid out as one long batch, which is judged in parts where it is too long.
    """
    begin, (seeds, n, steps), choices = pairs.shape[-1] - learner._kind.size, pairs.shape[:3], len(actions)
    widest = max(pairs[0, 0, 0].numel(), *critic.sizes)
    judged = []
    for rows in torch.arange(steps * choices, device=pairs.device).split(max(1, AT_ONCE // (seeds * n * widest))):
        tried = pairs[:, :, rows // choices]
        tried[..., 0, begin:][..., entries] = actions[rows % choices]
        judged.append(learner._judge(critic, tried))
    return torch.cat(judged, dim=2).unflatten(2, (steps, choices))


def _grid(points: int) -> torch.Tensor:
    """Forces (G G, 2): row by row from below, in each row from the left."""
    side = torch.linspace(-1, 1, points)
    upwards, across = torch.meshgrid(side, side, indexing="ij")
    return torch.stack([across, upwards], dim=-1).flatten(0, 1)


def _who_pushes(learner) -> np.ndarray:
    """Which agents act by a force, (N,)."""
    forces = learner._built_with["actions"] == "continuous"
    return np.array([forces and body.moves for body in learner.game.bodies])


def _choices(learner) -> np.ndarray:
    """Which choices or words each agent has that does not act by a force, (N, A)."""
    world, size = learner.game, learner._kind.size
    counts = np.array(world.n_choices)
    if learner._built_with["actions"] == "continuous":
        words = [entries_of_words(world, i) for i in range(world.n_agents)]
        counts = np.where(_who_pushes(learner), 0, [part.stop - part.start for part in words])
    return np.arange(size) < counts[:, np.newaxis]


def _agents_seen(learner, pairs: torch.Tensor) -> torch.Tensor:
    """Of how many agents a critic is told what they see and do, (K, N): those whose pair changes what it is given."""
    told = learner.critics_see(pairs)
    (through,) = torch.autograd.grad(told.sum(), pairs)
    return through.abs().amax(dim=(2, 4)).gt(0).sum(dim=-1)


def _only(values: torch.Tensor, whose: np.ndarray) -> torch.Tensor:
    """The same with NaN for all others."""
    return values.masked_fill(~torch.as_tensor(whose, device=values.device), torch.nan)

"""What a match says in words: the latest turn, the end of an episode, how it went in all.

Legend of axes: T moments, N agents.
"""

from __future__ import annotations

import numpy as np

from marl_edu.algorithm import Frame
from marl_edu.games import GridLayout, MarkovGame
from marl_edu.learning import Match
from marl_edu.planning import reference_returns
from marl_edu.recording import Recording
from marl_edu.views.base import in_words

ARROWS = {"north": "ArrowUp", "south": "ArrowDown", "west": "ArrowLeft", "east": "ArrowRight"}
SHOWN = {"ArrowUp": "↑", "ArrowDown": "↓", "ArrowLeft": "←", "ArrowRight": "→", " ": "space"}


def keys_for(actions: tuple[str, ...]) -> dict[str, int]:
    """Which key stands for which action; the first one of each action is the one that its button names.

    Compass points have arrow keys, staying has the space bar and the dot. Other actions have their first letter where
    no other begins with it, and, up to the ninth, their number.

    >>> keys_for(("stay", "north", "east"))
    {' ': 0, '.': 0, 'ArrowUp': 1, 'ArrowRight': 2, '1': 0, '2': 1, '3': 2}
    >>> keys_for(("rock", "paper", "pass"))
    {'r': 0, '1': 0, '2': 1, '3': 2}
    """
    found: dict[str, int] = {}
    compass = set(ARROWS) & set(actions)
    first = [name[:1].lower() for name in actions]
    for a, name in enumerate(actions):
        if compass and name == "stay":
            found |= {" ": a, ".": a}
        elif name in ARROWS:
            found[ARROWS[name]] = a
        elif first[a].isascii() and first[a].isalpha() and first.count(first[a]) == 1:
            found[first[a]] = a
    return found | {str(a + 1): a for a in range(min(9, len(actions)))}


def key_of(action: int, keys: dict[str, int]) -> str:
    """The sign of the key that a button names; '' if there is none."""
    own = next((key for key, a in keys.items() if a == action), "")
    return SHOWN.get(own, own)


def turn(recording: Recording, t: int, turns: int) -> str:
    """What happened in the turn that led to moment ``t``."""
    game, frame, seat = recording.game, recording[t], int(recording[t]["seat"][0])
    done = int(recording.units[t])
    if frame["joint_action"][0, seat] < 0:
        return f"Nothing has been played yet; there are {turns:,} turns."
    acted = [f"{_doing(recording, t, i, seat)}" for i in _you_first(game, seat)]
    acted[0] = acted[0][0].upper() + acted[0][1:]
    paid = _payment(game, frame["rewards"][0], seat)
    said = f"{', '.join(acted)}: {paid}. Turn {done:,} of {turns:,}."
    return f"{said} {episode(game, frame, done >= turns)}".strip()


def episode(game: MarkovGame, frame: Frame, last: bool = False) -> str:
    """That an episode is over, and what comes, unless this was the ``last`` turn; '' if it isn't over."""
    if game.horizon == 1 or not (frame["terminated"][0] or frame["truncated"][0]):
        return ""
    number, age, seat = int(frame["episode"][0]), int(frame["age"][0]), int(frame["seat"][0])
    how = "is over" if frame["terminated"][0] else "was cut off by the time limit"
    earned = in_words(frame["return_so_far"][0, seat])
    ended = f"Episode {number:,} {how} after {age:,} turn{'' if age == 1 else 's'}: your discounted return is {earned}."
    where = f" in state {game.states[int(frame['begins'][0])]}" if game.start.max() < 1 else ""
    return ended if last else f"{ended} The next choice begins episode {number + 1:,}{where}."


def score(recording: Recording, t: int) -> str:
    """What everybody has earned so far, short."""
    frame = recording[t]
    seat = int(frame["seat"][0])
    earned = frame["earned"][0]
    if recording.game.setting == "cooperative":
        return f"total {in_words(earned[seat])} each"
    return ", ".join(
        f"{'you' if i == seat else recording.game.agents[i]} {in_words(earned[i])}"
        for i in _you_first(recording.game, seat)
    )


def summary(match: Match, recording: Recording, t: int = -1) -> str:
    """How the match went: what was earned, the references, and what the partners believed."""
    game, frame, seat = recording.game, recording[t], match.seat
    done = int(recording.units[t])
    said = [f"After {done:,} turn{'' if done == 1 else 's'}: {score(recording, t)}."]
    said.append(_compared(game, recording, frame, seat, done))
    for i, partner in match.partners.items():
        if partner.values() is not None or partner.model() is not None:  # who keeps nothing has nothing to tell
            said.append(_believed(game, frame, i, seat, partner.title))
    return " ".join(filter(None, said))


def _compared(game: MarkovGame, recording: Recording, frame: Frame, seat: int, done: int) -> str:
    """The student's average beside the team optimum and random play."""
    if not done:
        return ""
    per, mine, within = "turn", frame["earned"][0, seat] / done, ""
    if game.n_states == 1:
        paid = game.rewards[:, 0].reshape(game.n_agents, -1)
        best, random = paid.mean(axis=0).max(), paid.mean()
        if game.setting == "zero-sum":
            return f"You earned {in_words(mine)} per turn; what one wins here, the other loses."
    elif game.horizon is None and not game.terminal.any():
        return f"You earned {in_words(mine)} per turn."
    else:
        episodes = int(frame["episodes"][0])
        levels = recording.references
        if game.horizon is not None:  # the recording's are those of a world that goes on; these episodes were cut off
            levels, within = reference_returns(game, cut=True), f" in {game.horizon:,} turns"
        best, random = levels["team optimum"], levels["random play"]
        if not episodes:
            one = within or " in one"
            return f"No episode was finished; the best a team can reach{one} is {in_words(best)} each (discounted)."
        mine, per = frame["mean_return"][0, seat], f"episode (discounted, mean of {episodes:,})"
    return (
        f"You earned {in_words(mine)} per {per}; the best a team can reach{within} is {in_words(best)} each, random "
        f"play by all is worth {in_words(random)}."
    )


def _believed(game: MarkovGame, frame: Frame, i: int, seat: int, title: str) -> str:
    """How well a partner's model foresaw the student."""
    name, names = f"{game.agents[i]} ({title})", game.actions[seat]
    name = name[0].upper() + name[1:]
    foreseen = frame["foreseen"][0, i]
    if not np.isfinite(foreseen):
        return f"{name} keeps no model of you."
    said = f"{name} gave what you then chose a chance of {100 * foreseen:.0f} % on average"
    said += f" (knowing nothing gives {100 / len(names):.0f} %)"
    if game.n_states == 1 and "model" in frame:
        model, counts = frame["model"][0, i, : len(names)], frame["chosen"][0, i, : len(names)]
        a = int(np.nanargmax(model))
        said += f"; in the end it expected {names[a]} in {100 * model[a]:.0f} % of the cases"
        said += f", and you had chosen that in {100 * counts[a] / counts.sum():.0f} %" if counts.sum() else ""
    return said + "."


def _you_first(game: MarkovGame, seat: int) -> list[int]:
    return [seat, *(i for i in range(game.n_agents) if i != seat)]


def _doing(recording: Recording, t: int, i: int, seat: int) -> str:
    """What one agent did: ``you went east``."""
    game, frame = recording.game, recording[t]
    who = "you" if i == seat else game.agents[i]
    action = game.actions[i][int(frame["joint_action"][0, i])]
    if not isinstance(game.layout, GridLayout):
        return f"{who} chose {action}"
    before, after = int(frame["before"][0]), int(frame["state"][0])
    if game.layout.home(before)[i]:
        return f"{who} {'were at your' if i == seat else 'was at its'} goal"
    if action not in ARROWS:
        return f"{who} waited"
    moved = game.layout.positions[before, i] != game.layout.positions[after, i]
    return f"{who} went {action}" if moved else f"{who} could not go {action}"


def _payment(game: MarkovGame, rewards: np.ndarray, seat: int) -> str:
    if np.ptp(rewards) == 0 and game.setting == "cooperative":
        return f"each is paid {in_words(rewards[0])}"
    told = [f"you are paid {in_words(rewards[seat])}"]
    told += [f"{game.agents[i]} {in_words(rewards[i])}" for i in _you_first(game, seat)[1:]]
    return ", ".join(told)

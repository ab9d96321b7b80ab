"""Particle worlds: discs with continuous positions that learn to meet, hunt, speak, hide and push.

Five worlds of Lowe et al., "Multi-agent actor-critic for mixed cooperative-competitive environments", NeurIPS 2017,
stepped many copies at once and equal, number for number, to those of MPE2 1.1, the maintained package. The physics is
in ``physics.py``, what agents can do in ``controls.py``, what all worlds share in ``world.py``; each takes a page.
"""

from marl_edu.games import checks
from marl_edu.games.particles.adversary import SimpleAdversary
from marl_edu.games.particles.push import SimplePush
from marl_edu.games.particles.speaker_listener import SimpleSpeakerListener
from marl_edu.games.particles.spread import SimpleSpread
from marl_edu.games.particles.state import Body, State
from marl_edu.games.particles.tag import SimpleTag
from marl_edu.games.particles.world import ParticleWorld

# Called as all the other builders of games are, by a name in small letters.
simple_adversary = SimpleAdversary
simple_push = SimplePush
simple_speaker_listener = SimpleSpeakerListener
simple_spread = SimpleSpread
simple_tag = SimpleTag

WORLDS = {world.name: world for world in (SimpleSpread, SimpleSpeakerListener, SimpleTag, SimpleAdversary, SimplePush)}
"""The worlds by name."""


def particle_world(name: str, **options) -> ParticleWorld:
    """A particle world by its name.

    Parameters
    ----------
    name : str
        One of ``WORLDS``; anything else is a ``ValueError`` that lists them.
    **options
        As the world itself takes them.

    Examples
    --------
    >>> particle_world("simple_spread", n_agents=2).observation_sizes
    (12, 12)
    """
    return WORLDS[checks.option("particle world", name, WORLDS)](**options)


__all__ = [
    "WORLDS",
    "Body",
    "ParticleWorld",
    "State",
    "particle_world",
    "simple_adversary",
    "simple_push",
    "simple_speaker_listener",
    "simple_spread",
    "simple_tag",
]

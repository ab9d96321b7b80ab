"""The worlds: Markov games as data, builders that make them, and the faces that other libraries expect."""

from marl_edu.games.classics import (
    battle_of_the_sexes,
    chicken,
    climbing,
    matching_pennies,
    penalty,
    prisoners_dilemma,
    qtran_matrix,
    rock_paper_scissors,
    shapley_game,
    stag_hunt,
)
from marl_edu.games.dec_pomdp import DecPOMDP, dec_tiger
from marl_edu.games.foraging import CLEARING, ForagingLayout, foraging
from marl_edu.games.gridworld import CORRIDOR, CROSSING, DOORWAY, GridLayout, gridworld
from marl_edu.games.markov_game import MarkovGame
from marl_edu.games.matrix_games import matrix_game
from marl_edu.games.particles import (
    ParticleWorld,
    particle_world,
    simple_adversary,
    simple_push,
    simple_speaker_listener,
    simple_spread,
    simple_tag,
)
from marl_edu.games.random_games import random_game
from marl_edu.games.successors import Successors
from marl_edu.games.two_step import two_step

__all__ = [
    "CLEARING",
    "CORRIDOR",
    "CROSSING",
    "DOORWAY",
    "DecPOMDP",
    "ForagingLayout",
    "GridLayout",
    "MarkovGame",
    "ParticleWorld",
    "Successors",
    "battle_of_the_sexes",
    "chicken",
    "climbing",
    "dec_tiger",
    "foraging",
    "gridworld",
    "matching_pennies",
    "matrix_game",
    "particle_world",
    "penalty",
    "prisoners_dilemma",
    "qtran_matrix",
    "random_game",
    "rock_paper_scissors",
    "shapley_game",
    "simple_adversary",
    "simple_push",
    "simple_speaker_listener",
    "simple_spread",
    "simple_tag",
    "stag_hunt",
    "two_step",
]

"""The worlds: Markov games as data, builders that make them, and the faces that other libraries expect."""

from marl_edu.games.classics import (
    battle_of_the_sexes,
    chicken,
    climbing,
    matching_pennies,
    penalty,
    prisoners_dilemma,
    rock_paper_scissors,
    shapley_game,
    stag_hunt,
)
from marl_edu.games.dec_pomdp import DecPOMDP, dec_tiger
from marl_edu.games.gridworld import CORRIDOR, CROSSING, DOORWAY, GridLayout, gridworld
from marl_edu.games.markov_game import MarkovGame
from marl_edu.games.matrix_games import matrix_game
from marl_edu.games.random_games import random_game
from marl_edu.games.successors import Successors

__all__ = [
    "CORRIDOR",
    "CROSSING",
    "DOORWAY",
    "DecPOMDP",
    "GridLayout",
    "MarkovGame",
    "Successors",
    "battle_of_the_sexes",
    "chicken",
    "climbing",
    "dec_tiger",
    "gridworld",
    "matching_pennies",
    "matrix_game",
    "penalty",
    "prisoners_dilemma",
    "random_game",
    "rock_paper_scissors",
    "shapley_game",
    "stag_hunt",
]

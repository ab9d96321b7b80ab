"""Multi-agent reinforcement learning that people can play with.

``marl_edu.games`` are the worlds, ``marl_edu.planning`` computes true answers, ``marl_edu.learning`` learns,
``marl_edu.record`` keeps what was learned, ``marl_edu.views`` draws it and ``marl_edu.panels`` lets people touch it.
Everything is loaded when first used, so that ``import marl_edu`` stays light.
"""

import importlib

__version__ = "0.1.0"

_NAMES = {
    "games": (
        "MarkovGame matrix_game gridworld random_game prisoners_dilemma stag_hunt chicken battle_of_the_sexes "
        "matching_pennies rock_paper_scissors climbing penalty shapley_game two_step qtran_matrix foraging"
    ),
    "learning": ("IndependentQLearning HystereticQLearning LenientQLearning DistributedQLearning JointActionLearning"),
    "algorithm": "Algorithm",
    "recording": "Recording record",
    "panels": "Panel",
}
_HOME = {name: module for module, names in _NAMES.items() for name in names.split()}
_MODULES = ("algorithm", "games", "learning", "panels", "planning", "progress", "recording", "views")
__all__ = [*_HOME, *_MODULES]


def __getattr__(name):
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    if name in _HOME:
        return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted([*globals(), *__all__])

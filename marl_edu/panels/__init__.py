"""What is touched: live panels with a timeline, pictures that follow sliders, steppers, predictions, games to play.

Nothing is loaded before it is asked for.
"""

from importlib import import_module

_HOMES = {
    "ChoiceGuess": "marl_edu.panels.predict",
    "CurveGuess": "marl_edu.panels.predict",
    "Explorer": "marl_edu.panels.explorer",
    "GamePanel": "marl_edu.panels.game_panel",
    "IGMPanel": "marl_edu.panels.igm_panel",
    "MarkerGuess": "marl_edu.panels.predict",
    "Panel": "marl_edu.panels.panel",
    "ParticlePanel": "marl_edu.panels.particle_panel",
    "PayoffTable": "marl_edu.panels.payoff_table",
    "Play": "marl_edu.panels.play",
    "Steer": "marl_edu.panels.steer",
    "Stepper": "marl_edu.panels.stepper",
    "TablePanel": "marl_edu.panels.table_panel",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str):
    if name not in _HOMES:
        raise AttributeError(f"module 'marl_edu.panels' has no attribute {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__

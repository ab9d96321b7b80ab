"""Pictures: ``view(axes, recording, t)`` draws one moment of a recording. No widget in here.

Nothing is loaded, matplotlib least of all, before it is asked for.
"""

from importlib import import_module

_HOMES = {
    "AGENT_COLOURS": "base",
    "GridWorldView": "grid",
    "JointActionView": "joint_actions",
    "LearningCurve": "curves",
    "PolicyTable": "tables",
    "QTable": "tables",
    "REFERENCE_STYLES": "base",
    "View": "base",
    "agent_colour": "base",
    "figure": "figures",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str):
    if name not in _HOMES:
        raise AttributeError(f"module 'marl_edu.views' has no attribute {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(f"marl_edu.views.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__

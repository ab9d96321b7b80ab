"""Pictures: ``view(axes, recording, t)`` draws one moment of a recording. No widget in here.

Nothing is loaded, matplotlib least of all, before it is asked for.
"""

from importlib import import_module

_HOMES = {
    "AGENT_COLOURS": "marl_edu.games.colours",
    "BeliefView": "marl_edu.views.belief",
    "ContractionView": "marl_edu.views.contraction",
    "CriticView": "marl_edu.views.critic",
    "CrossTable": "marl_edu.views.cross_table",
    "FlightView": "marl_edu.views.flight",
    "ForagingView": "marl_edu.views.foraging",
    "GridWorldView": "marl_edu.views.grid",
    "JointActionView": "marl_edu.views.joint_actions",
    "JointTable": "marl_edu.views.joint_table",
    "LearningCurve": "marl_edu.views.curves",
    "MixerSurface": "marl_edu.views.mixer_surface",
    "MonteCarloError": "marl_edu.views.monte_carlo",
    "LoopView": "marl_edu.views.loop",
    "ParticleView": "marl_edu.views.particles",
    "PayoffRegion": "marl_edu.views.payoff_region",
    "PlayedActions": "marl_edu.views.score",
    "PolicyTable": "marl_edu.views.tables",
    "QTable": "marl_edu.views.tables",
    "REFERENCE_STYLES": "marl_edu.views.base",
    "RateView": "marl_edu.views.rates",
    "ReturnDistribution": "marl_edu.views.monte_carlo",
    "ScoreView": "marl_edu.views.score",
    "Simplex": "marl_edu.views.simplex",
    "UnitSquare": "marl_edu.views.square",
    "ValueMap": "marl_edu.views.value_map",
    "View": "marl_edu.views.base",
    "agent_colour": "marl_edu.games.colours",
    "figure": "marl_edu.views.figures",
    "folded": "marl_edu.views.shown",
    "joint_table_figure": "marl_edu.views.joint_table",
    "joint_table_words": "marl_edu.views.joint_table",
    "show": "marl_edu.views.shown",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str):
    if name not in _HOMES:
        raise AttributeError(f"module 'marl_edu.views' has no attribute {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__

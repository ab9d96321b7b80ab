"""Independent networks, VDN and QMIX on lesson 08's small field, ten seeds each: alone, and with the panel live.

World and settings are those of the lesson. With the panel live, a JupyterLab and a headless Chromium run beside each
method's kernel, and the learner goes as fast as it can while field and curve are drawn. Seconds are those of the
kernel's processor: it does all the learning and drawing on one core, the browser and the server have the other, so on
a machine with two free cores this is how long one waits. Seconds on the clock, on this machine as busy as it is, are in
the notes.
"""

from __future__ import annotations

import time

from benchmarks import Figure
from benchmarks.bench_panel import lab_with

FIELD = ["...", ".2.", "..1"]
SETTINGS = {
    "hidden": 64,
    "batch": 64,
    "worlds": 16,
    "step_size": 3e-3,
    "epsilon": 1.0,
    "epsilon_last": 0.05,
    "epsilon_updates": 800,
    "target": "soft",
    "target_share": 0.03,
}
METHODS = ("IndependentDQN", "VDN", "QMIX")
SEEDS, UPDATES, MOMENTS = 10, 1200, 12
SETUP = """
from marl_edu.games import foraging
from marl_edu.learning import {method}
from marl_edu.panels import Panel
from marl_edu.views import ForagingView, LearningCurve
field = foraging({field}, sight=1, name="small field")
learner = {method}(field, seeds={seeds}, **{settings})
panel = Panel(learner, [ForagingView(sight=0), LearningCurve()], units={updates}, controls=["step_size"])
panel
"""
COUNT = "image => { window.pictures = 0; image.addEventListener('load', () => window.pictures++); }"
WORK = "import time; print(panel.algorithm.units_done, time.process_time())"
LONGEST = 600
"""Seconds on the clock after which a run with the panel live is given up."""


def alone(method: str, updates: int = UPDATES) -> tuple[float, float]:
    """Processor seconds of a recorded run without a panel, and its greedy return at the end, mean over seeds."""
    from marl_edu import learning
    from marl_edu.games import foraging
    from marl_edu.recording import record

    field = foraging(FIELD, sight=1, name="small field")
    begin = time.process_time()
    run = record(getattr(learning, method)(field, seeds=SEEDS, **SETTINGS), updates, updates // MOMENTS)
    return time.process_time() - begin, float(run[-1]["greedy_return"][:, 0].mean())


def live(lab, method: str) -> tuple[float, float, float, float]:
    """Of one whole run in a panel: the kernel's processor seconds before it and in it, seconds, pictures a second.

    Before it are the imports and the run that is done for the still picture which a notebook keeps.
    """
    from browser_lab import PanelOnPage

    page = lab.open(f"{method}.ipynb")
    page.run_all(LONGEST)
    assert page.errors() == [], page.errors()
    panel = PanelOnPage(page)
    panel.root.scroll_into_view_if_needed()
    before = float(page.eval(WORK).split()[1])
    panel.page.evaluate(COUNT, panel.image.element_handle())
    begin = time.perf_counter()
    panel.press("play")
    panel.until("root.querySelector('button.marl-play').innerText.includes('pause')")
    panel.until("root.querySelector('button.marl-play').innerText.includes('play')", 1000 * LONGEST)
    clock, pictures = time.perf_counter() - begin, panel.page.evaluate("window.pictures")
    done, after = map(float, page.eval(WORK).split())
    assert done == UPDATES, f"{method} stopped after {done:g} updates; expected {UPDATES}"
    page.shutdown()
    return before, after - before, clock, pictures / clock


def measure() -> list[Figure]:
    """All three methods without a panel, and with it."""
    figures, total = [], 0.0
    for method in METHODS:
        seconds, earned = alone(method)
        total += seconds
        figures.append(Figure(f"{method}: s, no panel", seconds, note=f"greedy return {earned:.2f}, mean of {SEEDS}"))
    figures.append(Figure("all three: s, no panel", total, at_most=120))
    cells = {
        method: SETUP.format(method=method, field=FIELD, seeds=SEEDS, settings=SETTINGS, updates=UPDATES).strip()
        for method in METHODS
    }
    with lab_with(cells) as lab:
        if lab is None:
            return [*figures, Figure("all three with the panel live, s", None, note="no Chromium here")]
        total = before = waited = 0.0
        for method in METHODS:
            still, seconds, clock, rate = live(lab, method)
            before, total, waited = before + still, total + seconds, waited + clock
            figures.append(Figure(f"{method}: s, panel live", seconds, note=f"on the clock {clock:.0f} s"))
            note = f"{rate * clock / seconds:.0f} in a processor second of the kernel"
            figures.append(Figure(f"{method}: pictures a second", rate, at_least=8, note=note))
    note = f"{before:.0f} s of it imports and still pictures; learning: on the clock {waited:.0f} s"
    return [*figures, Figure("all three: s, from an idle kernel, panel live", before + total, at_most=120, note=note)]

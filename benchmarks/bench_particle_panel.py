"""A particle world that is seen while it is learned: pictures a second, and what the panel leaves for learning.

MADDPG learns simple_spread with three agents, one seed and networks of the default size, once in a kernel that shows
nothing, once with its panel live in a headless Chromium: curve, world in motion, and critic. A JupyterLab, the browser
and the kernel share this machine's cores. The updates that the two make in a second of the kernel's processor are
compared, so that what else runs here plays as small a part as it can; on the clock they are in the note.
"""

from __future__ import annotations

import os

from benchmarks import Figure
from benchmarks.bench_panel import FRAMES, PAUSE, SCRUB, lab_with

SETUP = """
from marl_edu.games import simple_spread
from marl_edu.learning import MADDPG
from marl_edu.panels import ParticlePanel
learner = MADDPG(simple_spread(), surface=13)
panel = ParticlePanel(learner, units=20_000, controls=["actor_step", "critic_step", "discount"], preview=20)
panel
"""
SECONDS = 12
WORK = "import time; print(panel.algorithm.units_done, time.process_time(), time.perf_counter())"
ALONE = """
import time
fresh = MADDPG(simple_spread())
fresh.advance(350)
began, clock = time.process_time(), time.perf_counter()
for _ in range(40): fresh.advance(25)
print(1000 / (time.process_time() - began), 1000 / (time.perf_counter() - clock))
"""


def measure() -> list[Figure]:
    """Of one panel: pictures, answers, and updates against those without a panel."""
    with lab_with({"particles": SETUP.strip()}) as lab:
        if lab is None:
            return [Figure("particle panel in a browser", None, note="no Chromium here")]
        return _live(lab)


def _live(lab) -> list[Figure]:
    from browser_lab import PanelOnPage

    page = lab.open("particles.ipynb")
    page.run_all()
    assert page.errors() == [], page.errors()
    panel = PanelOnPage(page)
    panel.root.scroll_into_view_if_needed()
    image = panel.image.element_handle()
    alone, alone_clock = map(float, page.eval(ALONE, seconds=120).split())
    panel.press("play")
    panel.page.wait_for_timeout(5000)  # until actors learn, too
    units, seconds, clock = map(float, page.eval(WORK).split())
    pictures = panel.page.evaluate(FRAMES, [image, 1000 * SECONDS])
    units_after, seconds_after, clock_after = map(float, page.eval(WORK).split())
    live, live_clock = ((units_after - units) / (after - before)
                        for before, after in ((seconds, seconds_after), (clock, clock_after)))  # fmt: skip
    button = panel.root.locator("button.marl-play").element_handle()
    paused = panel.page.evaluate(PAUSE, [button])
    panel.page.wait_for_timeout(700)
    handle = panel.root.locator(".marl-episode-step .noUi-handle").first
    scrubs = []
    for number in range(12):
        if number % 4 == 0:  # one press is five of the 25 steps
            handle.press("End")
            panel.page.wait_for_timeout(900)
        scrubs.append(panel.page.evaluate(SCRUB, [image, handle.element_handle()]))
        panel.page.wait_for_timeout(500)
    kernel = (seconds_after - seconds) / (clock_after - clock)
    page.shutdown()
    drawn = f"{pictures / (seconds_after - seconds):.0f} in a processor second of the kernel"
    load = f"{drawn}; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, the kernel had {kernel:.2f} of one"
    return [
        Figure("particle panel: pictures a second", pictures / SECONDS, at_least=10, note=load),
        Figure("updates a CPU second, panel live", live, note=f"on the clock {live_clock:.0f} a second"),
        Figure("updates a CPU second, no panel", alone, note=f"on the clock {alone_clock:.0f} a second"),
        Figure("updates with the panel / without", live / alone, at_least=0.4),
        Figure("pause, ms", paused, at_most=300),
        Figure("step slider to picture, median, ms", sorted(scrubs)[len(scrubs) // 2], at_most=200),
    ]

"""Ten minutes of learning with the panel open: how much the kernel grows."""

from __future__ import annotations

from benchmarks import Figure
from benchmarks.bench_panel import MEMORY, SETUP, lab_with

MINUTES = 10


def measure() -> list[Figure]:
    """Play for ten minutes with three views and compare the kernel's memory after two seconds and at the end."""
    endless = SETUP.format(views=3).strip().replace("40_000_000", "4_000_000_000")
    with lab_with({"memory": endless}) as lab:
        if lab is None:
            return [Figure("ten minutes with the panel open", None, note="no Chromium here")]
        from browser_lab import PanelOnPage

        page = lab.open("memory.ipynb")
        page.run_all()
        panel = PanelOnPage(page)
        panel.press("play")
        panel.page.wait_for_timeout(2_000)
        early = float(page.eval(MEMORY))
        panel.page.wait_for_timeout(60_000 * MINUTES)
        late = float(page.eval(MEMORY))
        page.shutdown()
    return [Figure(f"growth in {MINUTES} minutes with the panel open, MB", late - early, at_most=50)]

"""Ten minutes of learning with the panel open: how much the kernel grows."""

from __future__ import annotations

import tempfile
from pathlib import Path

import nbformat

from benchmarks import Figure
from benchmarks.bench_panel import MEMORY, SETUP

MINUTES = 10


def measure() -> list[Figure]:
    """Play for ten minutes with three views and compare the kernel's memory after half a minute and at the end."""
    from browser_lab import Lab, PanelOnPage
    from conftest import find_chromium

    chromium = find_chromium()
    if chromium is None:
        return [Figure("ten minutes with the panel open", None, note="no Chromium here")]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "notebooks")
        folder.mkdir()
        notebook = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
        notebook.cells = [
            nbformat.v4.new_code_cell(SETUP.format(views=3).strip().replace("40_000_000", "4_000_000_000"))
        ]
        nbformat.write(notebook, folder / "memory.ipynb")
        lab = Lab(folder, Path(scratch, "jupyter"), chromium)
        try:
            page = lab.open("memory.ipynb")
            page.run_all()
            panel = PanelOnPage(page)
            panel.press("play")
            panel.page.wait_for_timeout(2_000)
            early = float(page.eval(MEMORY))
            panel.page.wait_for_timeout(60_000 * MINUTES)
            late = float(page.eval(MEMORY))
            page.shutdown()
        finally:
            lab.close()
    return [Figure(f"growth in {MINUTES} minutes with the panel open, MB", late - early, at_most=50)]

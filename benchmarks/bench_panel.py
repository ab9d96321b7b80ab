"""The panel in a real browser: pictures a second, answers to the mouse, and what is left for learning.

A JupyterLab and a headless Chromium run on this machine, beside the kernel: all three share its cores.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import nbformat

from benchmarks import Figure

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "browser")]

SETUP = """
from marl_edu.games import CROSSING, gridworld
from marl_edu.learning import IndependentQLearning
from marl_edu.panels import Panel
from marl_edu.views import GridWorldView, LearningCurve
learner = IndependentQLearning(gridworld(CROSSING, name="crossing"), seeds=10, step_size=0.02)
views = [LearningCurve(), GridWorldView(agent=0), GridWorldView(agent=1)][:{views}]
panel = Panel(learner, views, units=40_000_000, controls=["step_size", "epsilon"])
panel
"""
SECONDS = 6
FRAMES = """([image, wait]) => new Promise(done => {
    let count = 0; const watch = () => count++;
    image.addEventListener('load', watch);
    setTimeout(() => { image.removeEventListener('load', watch); done(count); }, wait); })"""
SCRUB = """([image, handle]) => new Promise(done => {
    const began = performance.now();
    const stop = result => { image.removeEventListener('load', seen); done(result); };
    const seen = () => stop(performance.now() - began);
    image.addEventListener('load', seen);
    handle.dispatchEvent(new KeyboardEvent('keydown', {key: 'PageDown', bubbles: true}));
    setTimeout(() => stop(5000), 5000); })"""
PAUSE = """([button]) => new Promise(done => {
    const began = performance.now();
    const watch = new MutationObserver(() => { if (button.innerText.includes('play')) {
        watch.disconnect(); done(performance.now() - began); } });
    watch.observe(button, {childList: true, subtree: true, characterData: true});
    button.click();
    setTimeout(() => done(5000), 5000); })"""
EMPTY = "() => { window.jupyterapp.commands.execute('editmenu:clear-all'); }"
WORK = "import time; print(panel.algorithm.units_done, time.process_time())"
HEADLESS = """
import time
fresh = panel.algorithm.clone()
fresh.advance(1000)
began = time.process_time()
for _ in range(40): fresh.advance(50_000)
print(2_000_000 / (time.process_time() - began))
"""
MEMORY = "print([int(l.split()[1]) / 1000 for l in open('/proc/self/status') if l.startswith('VmRSS')][0])"


@contextmanager
def lab_with(cells: dict[str, str]):
    """A lab with a notebook of one cell for each name, or None where there is no Chromium."""
    from browser_lab import Lab
    from conftest import find_chromium

    chromium = find_chromium()
    if chromium is None:
        yield None
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "notebooks")
        folder.mkdir()
        for name, cell in cells.items():
            kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
            notebook = nbformat.v4.new_notebook(metadata=kernel, cells=[nbformat.v4.new_code_cell(cell)])
            nbformat.write(notebook, folder / f"{name}.ipynb")
        lab = Lab(folder, Path(scratch, "jupyter"), chromium)
        lab.folder = folder
        try:
            yield lab
        finally:
            lab.close()


def measure() -> list[Figure]:
    """Measure with one view and with three, and lesson 06."""
    with lab_with({f"views{views}": SETUP.format(views=views).strip() for views in (1, 3)}) as lab:
        if lab is None:
            return [Figure("panel in a browser", None, note="no Chromium here")]
        return [figure for views in (1, 3) for figure in _with(lab, views)] + _lesson(lab)


def _with(lab, views: int) -> list[Figure]:
    from browser_lab import PanelOnPage

    page = lab.open(f"views{views}.ipynb")
    page.run_all()
    assert page.errors() == [], page.errors()
    panel = PanelOnPage(page)
    panel.root.scroll_into_view_if_needed()
    image = panel.image.element_handle()
    panel.press("play")
    panel.page.wait_for_timeout(1500)
    units, seconds = map(float, page.eval(WORK).split())
    frames = panel.page.evaluate(FRAMES, [image, 1000 * SECONDS])
    units_after, seconds_after = map(float, page.eval(WORK).split())
    button = panel.root.locator("button.marl-play").element_handle()
    pauses = []
    for _ in range(7):
        pauses.append(panel.page.evaluate(PAUSE, [button]))
        panel.press("play")
        panel.page.wait_for_timeout(400)
    panel.page.evaluate(PAUSE, [button])
    panel.page.wait_for_timeout(600)
    handle = panel.root.locator(".marl-timeline .noUi-handle").first
    handle.press("End")
    page.eval("panel._session.goal = panel.algorithm.units_done; panel._changed()")
    panel.page.wait_for_timeout(1000)
    scrubs = []
    for number in range(40):
        if number % 8 == 0:
            handle.press("End")
            panel.page.wait_for_timeout(600)
        scrubs.append(panel.page.evaluate(SCRUB, [image, handle.element_handle()]))
        panel.page.wait_for_timeout(350)
    learning = (units_after - units) / (seconds_after - seconds)
    alone = float(page.eval(HEADLESS, seconds=60))
    memory = float(page.eval(MEMORY))
    page.shutdown()
    scrubs.sort()
    name = f"{views} view" + "s" * (views > 1)
    return [
        Figure(f"{name}: pictures a second", frames / SECONDS, at_least={1: 12, 3: 8}[views]),
        Figure(f"{name}: slider to picture, median, ms", median(scrubs), at_most=120),
        Figure(f"{name}: slider to picture, 95th percentile, ms", scrubs[int(0.95 * len(scrubs))], at_most=300),
        Figure(f"{name}: pause, slowest of 7, ms", max(pauses), at_most=150),
        Figure(f"{name}: learning / headless, per CPU second", learning / alone, at_least=0.7),
        Figure(f"{name}: kernel, MB", memory, at_most=700),
    ]


def _lesson(lab) -> list[Figure]:
    """Lesson 06 from an idle kernel to its first picture, and what its kernel holds at the end."""
    lesson = ROOT / "lessons" / "06_independent_q_learning.ipynb"
    shutil.copy(lesson, lab.folder)
    page = lab.open(lesson.name)
    page.page.evaluate(EMPTY)
    began = time.perf_counter()
    page.page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
    page.page.locator("img.marl-picture").first.wait_for(timeout=60_000)
    first = time.perf_counter() - began
    page.run_all(180)
    memory = float(page.eval(MEMORY))
    page.shutdown()
    return [
        Figure("lesson 06: first live picture, s", first, at_most=5),
        Figure("lesson 06: kernel after all cells, MB", memory, at_most=700),
    ]

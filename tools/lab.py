"""Look at a lesson as a student sees it: a real JupyterLab in a real Chromium, with a picture of every cell.

    python tools/lab.py 06 /tmp/pictures                  run lesson 06, photograph each cell into that folder
    python tools/lab.py 00 /tmp/p --size 1024x768 --dark  smaller, and in the dark theme
    python tools/lab.py path/to/other.ipynb /tmp/p        any notebook

Prints when the first picture was there and when each cell had run, errors in cells and in the browser's console, and
the state of the kernel at the end. The lesson is copied first, so nothing in the repository changes; progress is kept
in a file beside the pictures. To try more, write a script that calls `opened(...)`.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "browser")]  # what the browser tests are built of

from browser_lab import Lab, Page  # noqa: E402
from conftest import NO_CHROMIUM, find_chromium  # noqa: E402
from playwright.sync_api import Error as PlaywrightError  # noqa: E402

PROMPTS = "() => window.jupyterapp.shell.currentWidget.content.widgets.map(cell => cell.prompt ?? null)"
KERNEL = """
import resource, threading
most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(f"{most:.0f} MB at most, {threading.active_count()} threads")
"""
SCROLL = """async number => {
    const content = window.jupyterapp.shell.currentWidget.content;
    await content.scrollToItem(number, 'start'); }"""
LOADED = "cell => [...cell.querySelectorAll('img')].every(img => img.complete && img.clientHeight > 0)"
TALLEST = 6000
"""Height of the window, in pixels, while a tall cell is photographed."""


def main() -> int:
    """Open, run, photograph, report; return 1 if anything went wrong."""
    options = arguments()
    folder = Path(options.folder).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    size = tuple(map(int, options.size.split("x")))
    with opened(find(options.lesson), folder, size) as page:
        if options.dark:
            page.command_with("apputils:change-theme", {"theme": "JupyterLab Dark"})
        page.page.screenshot(path=str(folder / "before.png"))
        timed_run(page, options.seconds)
        page.page.wait_for_timeout(1000)
        page.page.screenshot(path=str(folder / "window.png"))
        photograph(page, folder, size)
        print(f"kernel: {page.eval(KERNEL)}")
        wrong = page.errors() + page.complaints + page.console
    for line in wrong:
        print(f"WRONG {line}")
    print(f"pictures: {folder}")
    return 1 if wrong else 0


def arguments() -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lesson", help="number or name of a lesson, or a notebook")
    parser.add_argument("folder", help="where the pictures go; outside of the repository, please")
    parser.add_argument("--size", default="1400x1000", help="of the window, in pixels (default: 1400x1000)")
    parser.add_argument("--seconds", type=float, default=180, help="how long the whole lesson may run (default: 180)")
    parser.add_argument("--dark", action="store_true", help="in JupyterLab's dark theme")
    return parser.parse_args()


def find(lesson: str) -> Path:
    """The notebook of a lesson by number or name, or the file itself."""
    if Path(lesson).suffix == ".ipynb":
        return Path(lesson).resolve()
    found = sorted((ROOT / "lessons").glob(f"{lesson}*.ipynb"))
    if not found:
        raise SystemExit(f"No lesson {lesson!r} in {ROOT / 'lessons'}.")
    return found[0]


@contextlib.contextmanager
def opened(notebook: Path, folder: Path, size: tuple[int, int] = (1400, 1000)) -> Iterator[Page]:
    """A copy of a notebook in a browser, with its kernel, its errors and its console; closed afterwards."""
    chromium = find_chromium()
    if chromium is None:
        raise SystemExit(f"This needs a Chromium: {NO_CHROMIUM}.")
    os.environ["MARL_EDU_PROGRESS"] = str(folder / "progress.json")
    with tempfile.TemporaryDirectory() as scratch:
        lessons = Path(scratch) / "lessons"
        lessons.mkdir()
        for other in {notebook, *(ROOT / "lessons").glob("*.ipynb")}:
            shutil.copy(other, lessons)
        start = time.perf_counter()
        lab = Lab(lessons, Path(scratch), chromium)
        try:
            page = lab.open(notebook.name, size)
            print(f"opened after {time.perf_counter() - start:.1f} s")
            yield page
            page.shutdown()
        finally:
            lab.close()


def timed_run(page: Page, seconds: float) -> None:
    """Run all cells, and print when each was done and when the first picture was seen."""
    start, done, first_picture = time.perf_counter(), {}, None
    page.page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
    before = None
    while time.perf_counter() - start < seconds:
        page.page.wait_for_timeout(50)
        now = time.perf_counter() - start
        if first_picture is None and page.page.locator(".jp-OutputArea img").count():
            first_picture = now
            print(f"first picture after {now:.1f} s")
        prompts = page.page.evaluate(PROMPTS)
        for number, prompt in enumerate(prompts):
            if prompt and "*" not in prompt and before and "*" in (before[number] or "") and number not in done:
                done[number] = now
        if before and not any("*" in (prompt or "") for prompt in prompts):
            break
        before = prompts
    last = 0.0
    for number, moment in sorted(done.items()):
        if moment - last > 0.2:
            print(f"cell {number + 1}: done after {moment:.1f} s ({moment - last:.1f} s)")
        last = moment
    print(f"all cells after {time.perf_counter() - start:.1f} s")


def photograph(page: Page, folder: Path, size: tuple[int, int]) -> None:
    """A picture of each cell, with its number in the file's name."""
    count = page.page.evaluate("() => window.jupyterapp.shell.currentWidget.content.widgets.length")
    page.page.set_viewport_size({"width": size[0], "height": TALLEST})  # so that tall cells are drawn whole
    for number in range(count):
        page.page.evaluate(SCROLL, number)
        cell = page.page.locator(f'.jp-Notebook .jp-Cell[data-windowed-list-index="{number}"]').first
        with contextlib.suppress(PlaywrightError):  # a picture that never comes is a thing to see, too
            page.page.wait_for_function(LOADED, arg=cell.element_handle(timeout=5000), timeout=3000)
        try:
            cell.screenshot(path=str(folder / f"cell-{number + 1:03d}.png"), timeout=5000)
        except PlaywrightError as error:
            print(f"WRONG cell {number + 1} could not be photographed: {str(error).splitlines()[0]}")
    page.page.set_viewport_size({"width": size[0], "height": size[1]})


if __name__ == "__main__":
    sys.exit(main())

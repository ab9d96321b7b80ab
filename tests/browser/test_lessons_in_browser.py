"""Every lesson runs from top to bottom in a real browser, and its first panel plays."""

import shutil
from pathlib import Path

import pytest
from browser_lab import PanelOnPage

pytestmark = pytest.mark.browser
LESSONS = sorted((Path(__file__).parents[2] / "lessons").glob("*.ipynb"))


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_lesson(lab, lesson, artefacts):
    shutil.copy(lesson, lab.folder)
    page = lab.open(lesson.name)
    try:
        page.run_all(seconds=180)
        assert page.errors() == []
        plays = page.page.locator(".marl-panel").evaluate_all(
            "panels => panels.findIndex(panel => panel.querySelector('button.marl-play'))"
        )
        panel = PanelOnPage(page, max(plays, 0))
        panel.root.scroll_into_view_if_needed()
        if plays >= 0:  # not all lessons have one that goes on by itself
            panel.press("play")
            assert panel.picture_changes()
            panel.page.wait_for_timeout(1500)
            panel.press("play")  # pause
            panel.drag("timeline", 0.0)
            panel.until("root.querySelector('.marl-status').innerText.startsWith('showing')")
        panel.page.wait_for_timeout(500)
        panel.root.screenshot(path=str(artefacts / f"{lesson.stem}-panel.png"))
        assert page.complaints == []
    finally:
        page.shutdown()

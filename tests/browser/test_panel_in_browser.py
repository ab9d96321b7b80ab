"""The panel as a student meets it: every test asserts on what is seen in a real browser."""

import io
import re

import numpy as np
import pytest
from browser_lab import PanelOnPage
from PIL import Image

pytestmark = pytest.mark.browser


def seen(panel) -> np.ndarray:
    """Pixels of the picture, once it stands still and is sharp."""
    panel.page.wait_for_timeout(700)
    return np.asarray(Image.open(io.BytesIO(panel.image.screenshot())).convert("RGB")).astype(int)


def differ(one: np.ndarray, other: np.ndarray) -> float:
    """Share of pixels that differ visibly."""
    return float((np.abs(one - other).max(axis=-1) > 40).mean())


def steps_done(panel) -> int:
    """Number of steps that the status line says were done."""
    return int(re.search(r"([\d,]+) of", panel.text("status"))[1].replace(",", ""))


def test_play_moves_the_picture_and_pause_stops_it(panel):
    before = seen(panel)
    panel.press("play")
    assert panel.picture_changes()
    panel.until("root.querySelector('.marl-play').innerText.includes('pause')")
    panel.page.wait_for_timeout(1500)
    panel.press("play")
    panel.until("root.querySelector('.marl-play').innerText.includes('play')")
    after = seen(panel)
    assert differ(before, after) > 0.002
    assert steps_done(panel) > 1000
    assert not panel.picture_changes(800)


def test_a_slider_changes_how_it_learns_while_it_learns(page, panel):
    panel.press("play")
    assert panel.picture_changes()
    panel.drag("step-size", 0.6)
    panel.page.wait_for_timeout(500)
    assert panel.word() == "pause"
    now = float(page.eval("print(panel.algorithm.step_size)"))
    assert abs(now - 0.6) < 0.1
    assert float(page.eval("print(panel.recording.hyperparameters(-1)['step_size'])")) == now


@pytest.mark.parametrize("page", ["three"], indirect=True)
def test_rewind_shows_what_was_and_the_end_again(panel):
    panel.press("play")
    panel.page.wait_for_timeout(2500)
    panel.press("play")
    newest = seen(panel)
    panel.drag("timeline", 0.02)
    panel.until("root.querySelector('.marl-status').innerText.trim().startsWith('showing ')")
    panel.slide("timeline", "Home")
    panel.until("root.querySelector('.marl-status').innerText.trim().startsWith('showing 0 ')")
    earliest = seen(panel)
    assert differ(newest, earliest) > 0.01
    panel.slide("timeline", "End")
    panel.until("!root.querySelector('.marl-status').innerText.includes('showing ')")
    assert differ(newest, seen(panel)) < 0.001


def test_reset_starts_afresh_and_a_pinned_curve_stays(panel):
    blank = seen(panel)
    panel.press("play")
    panel.page.wait_for_timeout(1500)
    panel.press("play")
    panel.press("pin")
    with_pin = seen(panel)
    panel.press("reset")
    panel.until("/(^|\\s)0 of/.test(root.querySelector('.marl-status').innerText)")
    after = seen(panel)
    assert differ(after, with_pin) > 0.001, "the curve itself must be gone"
    assert differ(after, blank) > 0.001, "the pinned curve must still be seen"
    panel.press("unpin")
    assert differ(seen(panel), after) > 0.001


def test_stale_mark_when_a_control_no_longer_matches_the_picture(panel):
    panel.press("step")
    panel.until("/1 of/.test(root.querySelector('.marl-status').innerText)")
    assert panel.text("notice") == ""
    panel.slide("epsilon", "ArrowRight", 5)
    panel.until("root.querySelector('.marl-notice').innerText.includes('epsilon 0.1')")
    assert "marl-stale" in panel.image.get_attribute("class")
    panel.press("step")
    panel.until("root.querySelector('.marl-notice').innerText.trim() === ''")
    assert "marl-stale" not in panel.image.get_attribute("class")


@pytest.mark.parametrize(
    "form, begins", [("PNG", b"\x89PNG"), ("GIF", b"GIF89a"), ("CSV", b"environment_step,seed,agent")]
)
def test_export(panel, form, begins, tmp_path):
    panel.press("play")
    panel.page.wait_for_timeout(600)
    panel.press("play")
    panel.press(form)
    panel.root.locator("a.marl-link").wait_for(timeout=20_000)
    with panel.page.expect_download() as started:
        panel.root.locator("a.marl-link").click()
    started.value.save_as(tmp_path / "export")
    assert started.value.suggested_filename.endswith(form.lower())
    assert (tmp_path / "export").read_bytes().startswith(begins)


def test_survives_a_reload_of_the_page(page, panel):
    panel.press("play")
    panel.page.wait_for_timeout(800)
    panel.press("play")
    panel.until("root.querySelector('.marl-play').innerText.includes('play')")
    done = steps_done(panel)
    page.command("docmanager:save")
    page.page.wait_for_timeout(500)
    page.load(page.address)
    again = PanelOnPage(page)
    again.image.wait_for(timeout=15_000)
    again.root.scroll_into_view_if_needed()
    assert steps_done(again) == done
    again.press("play")
    assert again.picture_changes()
    again.press("play")


@pytest.mark.parametrize("page", ["two"], indirect=True)
def test_two_panels_at_once(page):
    first, second = PanelOnPage(page, 0), PanelOnPage(page, 1)
    for panel in (first, second):
        panel.root.scroll_into_view_if_needed()
        panel.press("play")
    first.page.wait_for_timeout(600)
    assert steps_done(second) > 0
    second.until("root.querySelector('.marl-status').innerText.startsWith('600 of 600')")
    second.until("root.querySelector('.marl-play').innerText.includes('play')")
    assert first.word() == "pause"
    assert steps_done(first) > 10_000
    first.root.scroll_into_view_if_needed()
    assert first.picture_changes()
    first.press("play")


def test_interrupting_the_kernel_leaves_a_panel_that_plays_on(page, panel):
    panel.press("play")
    panel.page.wait_for_timeout(500)
    page.page.evaluate("""() => { const app = window.jupyterapp, notebook = app.shell.currentWidget;
        const kernel = notebook.sessionContext.session.kernel;
        kernel.requestExecute({code: 'import time\\nfor _ in range(300): time.sleep(0.1)'}); }""")
    panel.page.wait_for_timeout(1000)
    page.command("notebook:interrupt-kernel")
    assert panel.picture_changes(8000)
    panel.press("play")
    panel.until("root.querySelector('.marl-play').innerText.includes('play')")


def test_running_the_cell_again_ends_the_old_panel(page, panel):
    panel.press("play")
    panel.page.wait_for_timeout(500)
    page.eval("old = panel")
    page.run_all()
    assert page.eval("print(old.playing, panel.playing, old is panel)") == "False False False"
    fresh = PanelOnPage(page)
    fresh.root.scroll_into_view_if_needed()
    fresh.press("play")
    assert fresh.picture_changes()


@pytest.mark.parametrize("page", ["three", "three@1024x768"], indirect=True)
def test_nothing_is_cut_off_and_the_height_stays(page, panel):
    box = panel.root.bounding_box()
    outer = panel.page.locator(".jp-Notebook .jp-OutputArea-output").last.bounding_box()
    assert panel.root.evaluate("root => root.scrollWidth - root.clientWidth") <= 2
    assert box["width"] <= 1000
    picture = panel.image.bounding_box()
    assert picture["x"] + picture["width"] <= outer["x"] + outer["width"] + 2
    panel.press("play")
    panel.page.wait_for_timeout(1500)
    panel.press("play")
    assert abs(panel.root.bounding_box()["height"] - box["height"]) <= 26
    widths = panel.root.locator("button").evaluate_all("all => all.map(b => b.scrollWidth - b.clientWidth)")
    assert max(widths) <= 1, "a button's word is cut off"


def test_keyboard_alone(panel):
    panel.root.locator("button.marl-play").focus()
    panel.page.keyboard.press("Enter")
    assert panel.picture_changes()
    panel.page.keyboard.press("Enter")
    panel.until("root.querySelector('.marl-play').innerText.includes('play')")
    reached = []
    for _ in range(12):
        panel.page.keyboard.press("Tab")
        reached.append(panel.page.evaluate("() => document.activeElement.className + document.activeElement.tagName"))
    assert any("marl-reset" in name for name in reached)
    assert any("noUi-handle" in name for name in reached)
    assert any("SELECT" in name for name in reached)

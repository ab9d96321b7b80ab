"""Painting: what is blitted is what a full redraw would show."""

import numpy as np
import pytest

from marl_edu import record
from marl_edu.games import CROSSING, gridworld
from marl_edu.learning import IndependentQLearning
from marl_edu.panels.painter import Painter
from marl_edu.views import GridWorldView, LearningCurve


@pytest.fixture(scope="module")
def recording():
    return record(IndependentQLearning(gridworld(CROSSING), seeds=3), 3000, 100)


def views(count):
    return [LearningCurve(), GridWorldView(agent=0), GridWorldView(agent=1)][:count]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_blitting_equals_drawing_afresh(recording, count):
    used = Painter(views(count), recording)
    for t in (0, 30, 5, 29, 12):
        used.paint(recording, t)
    moment = np.array(used.paint(recording, 17))
    used._background = None
    np.testing.assert_array_equal(moment, used.paint(recording, 17))


def test_jpeg_and_png_show_the_same(recording):
    import io

    from PIL import Image

    painter = Painter(views(2), recording)
    quick, sharp = (
        Image.open(io.BytesIO(data)).convert("RGB") for data in (painter.jpeg(recording, 9), painter.png(recording, 9))
    )
    difference = np.abs(np.asarray(quick).astype(int) - np.asarray(sharp).astype(int))
    assert difference.mean() < 2


def test_the_picture_keeps_its_size(recording):
    painter = Painter(views(3), recording)
    assert {painter.paint(recording, t).shape for t in range(len(recording))} == {(painter.height, 680, 4)}


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_place_of_the_picture_is_a_place_in_a_view(recording, count):
    painter = Painter(views(count), recording)
    painter.paint(recording, 5)
    for k, ax in enumerate(painter._axes):
        across, up = ax.transAxes.transform((0.25, 0.75))
        number, x, y = painter.place(across / painter.width, 1 - up / painter.height)
        (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
        assert number == k and (x, y) == pytest.approx((0.75 * left + 0.25 * right, 0.25 * low + 0.75 * high))
    assert painter.place(0.001, 0.001) is None and painter.place(-1, 2) is None


def test_no_pyplot():
    import subprocess
    import sys

    code = "import sys, marl_edu.panels, marl_edu.views.grid; print('matplotlib.pyplot' in sys.modules)"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "False"

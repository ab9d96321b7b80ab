"""A JupyterLab for the browser tests, and pages with panels on them."""

import nbformat
import pytest
from browser_lab import Lab, PanelOnPage

SETUP = """
from marl_edu.games import CROSSING, climbing, gridworld
from marl_edu.learning import IndependentQLearning
from marl_edu.panels import Panel
from marl_edu.views import GridWorldView, JointActionView, LearningCurve
game = gridworld(CROSSING, name="crossing")
"""
ONE_VIEW = """
learner = IndependentQLearning(game, seeds=10)
panel = Panel(learner, LearningCurve(), units=50_000_000, controls=["step_size", "epsilon"])
panel
"""
THREE_VIEWS = """
views = [LearningCurve(), GridWorldView(agent=0), GridWorldView(agent=1)]
panel = Panel(IndependentQLearning(game, seeds=10), views, units=50_000_000, controls=["step_size", "epsilon"])
panel
"""
SHORT = """
short = Panel(IndependentQLearning(climbing(), seeds=10), LearningCurve(), units=600, speed=300)
short
"""
NOTEBOOKS = {"one": [SETUP, ONE_VIEW], "three": [SETUP, THREE_VIEWS], "two": [SETUP, ONE_VIEW, SHORT]}


@pytest.fixture(scope="session")
def lab(tmp_path_factory, chromium):
    """Yield one server and one browser for all tests."""
    folder, scratch = tmp_path_factory.mktemp("notebooks"), tmp_path_factory.mktemp("jupyter")
    for name, cells in NOTEBOOKS.items():
        notebook = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
        notebook.cells = [nbformat.v4.new_code_cell(cell.strip()) for cell in cells]
        nbformat.write(notebook, folder / f"{name}.ipynb")
    lab = Lab(folder, scratch, chromium)
    lab.folder = folder
    yield lab
    lab.close()


@pytest.fixture
def page(lab, request, artefacts):
    """Yield a notebook that has run (by parameter), photographed at the end and without errors all along."""
    name, *size = getattr(request, "param", "one").split("@")
    page = lab.open(f"{name}.ipynb", tuple(map(int, size[0].split("x"))) if size else (1400, 1000))
    page.run_all()
    assert page.errors() == []
    yield page
    page.page.screenshot(path=str(artefacts / f"{request.node.name.replace('/', '_')}.png"))
    complaints = page.complaints
    page.shutdown()
    assert complaints == []


@pytest.fixture
def panel(page):
    """Return the first panel of the page, in view."""
    panel = PanelOnPage(page)
    panel.root.scroll_into_view_if_needed()
    panel.until("root.querySelector('img.marl-picture').naturalWidth > 100")
    return panel

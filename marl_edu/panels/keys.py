"""Keys inside a panel act on its buttons and fields, and not on the notebook around it."""

from __future__ import annotations

from pathlib import Path

import anywidget
import ipywidgets as widgets
import traitlets


class OwnKeys(anywidget.AnyWidget):
    """An invisible widget: put into a box, it keeps the keys pressed anywhere in that box from the notebook.

    Parameters
    ----------
    root : str
        CSS selector of the box, such as ".marl-quiz".
    """

    _esm = Path(__file__).parent / "keys.js"
    root = traitlets.Unicode().tag(sync=True)

    def __init__(self, root: str):
        super().__init__(root=root, layout=widgets.Layout(display="none"))

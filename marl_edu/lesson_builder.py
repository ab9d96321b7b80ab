"""From the source of a lesson to the notebook that a student opens.

Lessons are written as text, `lessons/source/NN_name.py` in jupytext's percent format, and stored as
`lessons/NN_name.ipynb`: run from top to bottom in a fresh kernel, with their outputs, so that they read well on a
code host and a test can compare them. Built twice, the same source gives the same cells, ids and metadata.
"""

import hashlib
import json
import os
import re
import sys
import time
from collections.abc import Callable
from itertools import zip_longest
from pathlib import Path

import jupytext
import nbclient
import nbformat
from nbformat import NotebookNode

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
KERNEL = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
LAYOUT_OF_THE_TEXT = ("lines_to_next_cell", "lines_to_end_of_cell_marker", "cell_marker")  # jupytext's own notes
SOMEONES_FOLDER = re.compile(r"(?:/home|/Users|/tmp|/private|/root)/[\w.-]+|[A-Za-z]:\\+Users\\|site-packages")
COLOUR = re.compile(r"\x1b\[[\d;]*m")


def find_sources(root: Path, names: list[str] | tuple[str, ...] = ()) -> list[Path]:
    """Return the sources of the named lessons ("06", "06_name" or a path), of all lessons if none is named.

    Raises SystemExit, with the lessons there are, when a name fits none.
    """
    sources = sorted((root / "lessons" / "source").glob("[0-9]*.py"))
    if not names:
        return sources
    wanted = []
    for name in names:
        stem = Path(name).stem
        found = [source for source in sources if source.stem == stem or source.stem.startswith(f"{stem}_")]
        if not found:
            raise SystemExit(f"No lesson {name!r}. There are: {', '.join(s.stem for s in sources) or 'none'}.")
        wanted += found
    return wanted


def notebook_of(source: Path) -> Path:
    """Return where the notebook of a source belongs.

    >>> notebook_of(Path("lessons/source/06_name.py")).as_posix()
    'lessons/06_name.ipynb'
    """
    return source.parent.parent / f"{source.stem}.ipynb"


def read_source(source: Path) -> NotebookNode:
    """Return a source as a notebook without outputs, with stable cell ids and no metadata but the author's."""
    notebook = nbformat.v4.new_notebook(metadata=KERNEL)
    used: dict[str, int] = {}
    for cell in jupytext.read(source, fmt="py:percent").cells:
        if not cell.source.strip():
            continue
        content = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:12]
        used[content] = used.get(content, 0) + 1
        cell.id = content if used[content] == 1 else f"{content}-{used[content]}"
        for key in LAYOUT_OF_THE_TEXT:
            cell.metadata.pop(key, None)
        notebook.cells.append(cell)
    return notebook


def build(
    source: Path,
    notebook: Path,
    timeout: float = 300,
    lint: Callable[[NotebookNode, float], list[str]] | None = None,
) -> list[str]:
    """Run a source in a fresh kernel and store it as a notebook; return what is wrong, and then store nothing.

    `timeout` is in seconds, for one cell. The kernel works in the notebook's folder, shows figures in the notebook, and
    keeps no student's progress. `lint` gets the executed notebook and the seconds that it ran, and may object as well.
    """
    node = read_source(source)
    client = nbclient.NotebookClient(
        node,
        timeout=timeout,
        kernel_name="python3",
        resources={"metadata": {"path": str(notebook.parent)}},
        extra_arguments=["--log-level=ERROR"],
        allow_errors=True,
        coalesce_streams=True,
        record_timing=False,
        store_widget_state=False,
    )
    environment = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
    environment["MARL_EDU_PROGRESS"] = "off"  # what the author did must not show in what is stored
    start = time.perf_counter()
    try:
        client.execute(env=environment)
    except (nbclient.exceptions.CellTimeoutError, nbclient.exceptions.DeadKernelError) as error:
        return [COLOUR.sub("", str(error)).strip()]
    seconds = time.perf_counter() - start
    node.metadata = nbformat.from_dict(KERNEL)
    for cell in node.cells:
        if cell.cell_type == "code":
            cell.outputs = [output for output in map(without_widget_view, cell.outputs) if output.get("data", True)]
    problems = objections(node) + (lint(node, seconds) if lint else [])
    if not problems:
        nbformat.validate(node)
        nbformat.write(node, notebook)
    return problems


def without_widget_view(output: NotebookNode) -> NotebookNode:
    """Return an output without its live widget: what stays is the picture and the text, which need no kernel."""
    output.get("data", {}).pop(WIDGET_VIEW, None)
    return output


def objections(notebook: NotebookNode) -> list[str]:
    """Return why an executed notebook must not be stored: errors, warnings, folders of this machine, unrun cells."""
    problems, count = [], 0
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type != "code":
            continue
        where = f"cell {number} ({first_line(cell.source)})"
        count += 1
        if cell.execution_count != count:
            problems.append(f"{where}: execution count {cell.execution_count}, not {count}; run `make lessons`")
        for output in cell.outputs:
            if output.output_type == "error":
                traceback = COLOUR.sub("", "\n".join(output.traceback)) or f"{output.ename}: {output.evalue}"
                problems.append(f"{where}: raised\n{traceback}")
            elif output.output_type == "stream" and output.name == "stderr":
                problems.append(f"{where}: wrote to stderr: {output.text.strip()}")
            elif folder := machine_folder(output):
                problems.append(f"{where}: shows a folder of this machine: {folder}")
    return problems


def machine_folder(output: NotebookNode) -> str | None:
    """Return the first folder of the building machine that an output shows as text, or None."""
    texts = [output.get("text", "")]
    for kind, data in output.get("data", {}).items():
        if not kind.startswith("image/") or kind == "image/svg+xml":  # the others are base64
            texts.append(data if isinstance(data, str) else json.dumps(data))
    text = "\n".join(texts)
    own = [str(folder) for folder in (Path.home(), Path.cwd(), Path(sys.prefix)) if len(folder.parts) > 1]
    found = SOMEONES_FOLDER.search(text) or re.search("|".join(rf"{re.escape(f)}\b" for f in own) or r"\Z\A.", text)
    return found.group() if found else None


def disagreements(source: Path, notebook: Path) -> list[str]:
    """Return how a stored notebook differs from its source, and what is wrong with it as stored; runs nothing."""
    if not notebook.exists():
        return [f"{notebook.name} is missing; run `make lessons`"]
    stored = nbformat.read(notebook, as_version=4)
    problems = []
    for number, (new, old) in enumerate(zip_longest(read_source(source).cells, stored.cells), start=1):
        if new is None or old is None:
            side = "notebook" if new is None else "source"
            problems.append(f"cell {number} is only in the {side}; run `make lessons`")
            break
        for field in ("cell_type", "source", "metadata", "id"):
            if new.get(field) != old.get(field):
                place = first_line(new.source)
                problems.append(f"cell {number} ({place}): {field} differs from the source; run `make lessons`")
    return problems + objections(stored)


def first_line(text: str) -> str:
    """Return the beginning of a cell, to recognise it by."""
    return (text.strip().splitlines() or [""])[0][:60]

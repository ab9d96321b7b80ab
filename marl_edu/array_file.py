"""An ``.npz`` file of plain arrays with a header of JSON text: read in one place, safely, whatever is in the file."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path

import numpy as np


def read(path: str | os.PathLike, what: str, version: str, newest: int) -> tuple[dict, dict[str, np.ndarray]]:
    """The header and all other arrays of a file. Nothing in it is executed.

    Parameters
    ----------
    path : str or path
        The file.
    what : str
        What it should be, for messages: 'recording'.
    version : str
        Under which name the header says in which version of the format the file was written.
    newest : int
        The version that can be read.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is no ``.npz`` file, is damaged, or is of another kind or version.
    """
    name = Path(path).name
    try:
        with open(path, "rb") as file:
            header, arrays = _parts(file)
    except FileNotFoundError:
        raise FileNotFoundError(f"there is no .npz file {str(path)!r}; expected a {what} that was saved") from None
    except (IsADirectoryError, PermissionError):
        raise
    except Exception as error:  # a damaged file may fail in any layer: zip, zlib, numpy, json, memory
        raise ValueError(f"{name} is not a {what} that can be read ({error})") from None
    if not isinstance(header, dict) or version not in header:
        raise ValueError(f"{name} is not a {what}: there is no {version!r} in its header; it is another kind of file")
    found = header[version]
    if found != newest:
        newer = isinstance(found, int) and found > newest
        advice = " (a newer marl_edu wrote it: update this one, or make and save it again with this one)"
        raise ValueError(f"{name} is a {what} of format {found!r}; expected {newest}{advice if newer else ''}")
    return header, arrays


def _parts(file) -> tuple[object, dict[str, np.ndarray]]:
    if not zipfile.is_zipfile(file):
        raise ValueError("it is no .npz file, or only a part of one")
    file.seek(0)
    with np.load(file, allow_pickle=False) as parts:
        return json.loads(str(parts["header"])), {key: parts[key] for key in parts.files if key != "header"}

"""Which packages the course needs, in which versions, and which are here. Needs nothing but Python itself."""

from __future__ import annotations

import importlib.metadata
import re
import tomllib
from pathlib import Path

PACKAGE = "marl-edu"
ROOT = Path(__file__).resolve().parents[1]
"""Folder of the course, if this package is run from a copy of it."""


def requirements() -> dict[str, str]:
    """Return {package: range} as stated for the course itself, without the tools for its tests."""
    pyproject = ROOT / "pyproject.toml"
    if pyproject.exists():
        lines = tomllib.loads(pyproject.read_text())["project"]["dependencies"]
    else:
        lines = [line for line in importlib.metadata.requires(PACKAGE) or [] if "extra ==" not in line]
    return dict(re.match(r"([\w.-]+)\s*(.*)", line).groups() for line in lines)


def tested_versions() -> dict[str, str]:
    """Return {package: version} of constraints.txt, or {} where that file is not at hand."""
    constraints = ROOT / "constraints.txt"
    if not constraints.exists():
        return {}
    return dict(line.lower().split("==") for line in constraints.read_text().splitlines() if "==" in line)


def installed_version(name: str) -> str | None:
    """Return the version of an installed package, or None.

    >>> installed_version("a-package-that-nobody-has") is None
    True
    """
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def satisfies(version: str, needed: str) -> bool:
    """Return whether a version lies in a range such as ">=2.0,<3"; compares the numbers, not the suffixes.

    >>> satisfies("2.13.0+cpu", ">=2.6,<3"), satisfies("3.0", ">=2.6,<3"), satisfies("11.0", ">=11")
    (True, False, True)
    """

    def numbers(text: str) -> tuple[int, ...]:
        return tuple(int(part) for part in re.match(r"[\d.]*\d", text).group().split("."))

    compare = {">=": lambda a, b: a >= b, "<": lambda a, b: a < b}
    bounds = re.findall(r"(>=|<)\s*([\d.]+)", needed)
    return all(compare[sign](numbers(version), numbers(bound)) for sign, bound in bounds)


def misfits(needed: dict[str, str]) -> dict[str, str]:
    """Return {package: what is wrong with it, in words} for those that are missing or out of their range.

    >>> misfits({"numpy": ">=1", "a-package-that-nobody-has": ">=2,<3"})
    {'a-package-that-nobody-has': 'missing (needed: >=2,<3)'}
    """
    wrong = {}
    for name, bounds in needed.items():
        found = installed_version(name)
        if found is None:
            wrong[name] = f"missing (needed: {bounds or 'any version'})"
        elif not satisfies(found, bounds):
            wrong[name] = f"{found} does not fit (needed: {bounds})"
    return wrong


def install_command(python: str, names: dict[str, str]) -> str:
    """Return the command, for a terminal, that brings these packages ({name: range}) into their ranges.

    >>> install_command("python", {})  # doctest: +ELLIPSIS
    '...python...-m pip install...'
    """
    if (ROOT / "pyproject.toml").exists():
        return f'cd "{ROOT}" && "{python}" -m pip install -c constraints.txt -e .'
    return f'"{python}" -m pip install ' + " ".join(f'"{name}{bounds}"' for name, bounds in names.items())

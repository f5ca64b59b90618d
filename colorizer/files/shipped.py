"""Finds the weights and example photographs that come with the program."""

from pathlib import Path

_PACKAGE = Path(__file__).parents[1]


def shipped(name: str) -> Path:
    """The folder `name`, "weights" or "examples": inside the package if installed from a wheel, next to the package in
    a checkout."""
    inside = _PACKAGE / name
    return inside if inside.is_dir() else _PACKAGE.parent / name

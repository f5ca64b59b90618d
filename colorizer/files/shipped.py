"""The weights and example photographs that come with the program."""

from pathlib import Path

_PACKAGE = Path(__file__).parents[1]


def shipped(name: str) -> Path:
    """The folder `name`, "weights" or "examples": in the package where it was installed from a wheel, beside the
    package in a checkout."""
    inside = _PACKAGE / name
    return inside if inside.is_dir() else _PACKAGE.parent / name

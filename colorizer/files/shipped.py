"""Finds the weights and example photographs that come with the program."""

from pathlib import Path

_PACKAGE = Path(__file__).parents[1]

OLD = ("louis_armstrong", "paris_1900", "great_sphinx", "walt_whitman", "camera")
"""The black-and-white examples, in the order in which they are shown. They come first, because the program is made for
such photos."""


def shipped(name: str) -> Path:
    """The folder `name`, "weights" or "examples": inside the package if installed from a wheel, next to the package in
    a checkout."""
    inside = _PACKAGE / name
    return inside if inside.is_dir() else _PACKAGE.parent / name


def example_photos(folder: Path) -> list[Path]:
    """The JPEGs in a folder: those in `OLD` first, the others by name."""
    places = {name: place for place, name in enumerate(OLD)}
    return sorted(folder.glob("*.jpg"), key=lambda path: (places.get(path.stem, len(OLD)), path.name))

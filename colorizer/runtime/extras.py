"""Packages that only parts of the program need: the extras of `pip install colorizer[...]`."""

from importlib.util import find_spec

from ..errors import UserError


def need(kind: str, *packages: str) -> None:
    """Raise UserError, of a kind such as "needs_page", if any of these packages is not installed."""
    missing = [package for package in packages if find_spec(package) is None]
    if missing:
        raise UserError.of(kind, packages=", ".join(missing))

"""Errors that a person can fix have one English sentence, a kind, and values."""

import ast
import pickle
from pathlib import Path

import pytest

import colorizer
from colorizer import PhotoError
from colorizer.colour.readout import preset
from colorizer.errors import SENTENCES, UserError

PACKAGE = Path(colorizer.__file__).parent


def kinds_raised():
    """Every kind of error that the package's source names, in `....of("kind", ...)` or in a variable passed to it."""
    constants = set()
    for path in PACKAGE.rglob("*.py"):
        if path.name != "errors.py":
            tree = ast.parse(path.read_text(encoding="utf-8"))
            constants |= {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
            for call in ast.walk(tree):
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "of":
                    kind = call.args[0]
                    assert not isinstance(kind, ast.Constant) or kind.value in SENTENCES, f"{path}: {ast.dump(kind)}"
    return constants


def test_every_kind_is_raised_somewhere():
    assert set(SENTENCES) <= kinds_raised()


def test_an_error_of_a_kind():
    error = PhotoError.of("photo_folder", name="album")
    assert str(error) == "album is a folder; choose a photograph in it."
    assert (error.kind, error.values) == ("photo_folder", {"name": "album"})
    assert isinstance(error, ValueError)
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), again.kind, again.values) == (PhotoError, str(error), error.kind, error.values)
    with pytest.raises(KeyError):
        PhotoError.of("no such kind")
    with pytest.raises(KeyError):
        PhotoError.of("photo_folder")


def test_an_unknown_preset_is_told():
    with pytest.raises(UserError, match="there is no preset 'bold'; there are faithful, natural, vivid"):
        preset("bold")

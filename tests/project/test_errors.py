"""Errors that a person can fix have one English sentence, a kind, and values."""

import ast
import pickle
from pathlib import Path

import pytest
from conftest import colour_photo
from PIL import Image

import colorizer
from colorizer import CheckpointError, PhotoError, open_photo, save_photo
from colorizer.checkpoints.file import find_checkpoint, read_card
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


def test_a_free_sentence_has_no_kind():
    error = CheckpointError("anything")
    assert (str(error), error.kind, error.values) == ("anything", "", {})


def test_every_raised_error_has_a_kind(tmp_path, weights):
    (tmp_path / "bad.safetensors").write_bytes(b"x")
    (tmp_path / "bad.png").write_bytes(b"x")
    photo = Image.new("RGB", (4, 4))
    photo.save(tmp_path / "a.png")
    colour_photo(200, 200).save(tmp_path / "a.jpg")
    cut = (tmp_path / "a.jpg").read_bytes()[:-900]
    for kind, act in {
        "photo_missing": lambda: open_photo(tmp_path / "nothing.png"),
        "photo_folder": lambda: open_photo(tmp_path),
        "photo_unknown": lambda: open_photo(tmp_path / "bad.png"),
        "photo_unsupported": lambda: open_photo(b"BM" + bytes(8) + b"\x1a\0\0\0\x05\0\0\0" + bytes(40)),
        "photo_incomplete": lambda: open_photo(cut),
        "photo_megapixels": lambda: open_photo(tmp_path / "a.png", max_pixels=10),
        "photo_suffix": lambda: save_photo(photo, tmp_path / "a.bmp"),
        "photo_exists": lambda: save_photo(photo, tmp_path / "a.png", overwrite=False),
        "unwritten": lambda: save_photo(photo, tmp_path / "nowhere" / "a.png"),
        "checkpoint_gone": lambda: read_card(tmp_path / "nothing.safetensors"),
        "checkpoint_unreadable": lambda: read_card(tmp_path / "bad.safetensors"),
        "checkpoint_no_file": lambda: find_checkpoint(tmp_path / "nothing.safetensors"),
        "checkpoint_unknown": lambda: find_checkpoint("nothing", weights),
        "checkpoint_none": lambda: find_checkpoint("nothing", tmp_path / "nowhere"),
        "preset": lambda: preset("bold"),
    }.items():
        with pytest.raises(UserError) as caught:
            act()
        assert caught.value.kind == kind
        assert str(caught.value) == SENTENCES[kind].format(**caught.value.values)

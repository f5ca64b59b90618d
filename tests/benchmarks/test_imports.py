"""The drawing of the imports."""

from pathlib import Path

from benchmarks.imports import ROOT, layers, needed

ROWS = [["cli"], ["page", "data"], ["photo"], ["errors"]]


def test_an_import_that_follows_from_others_or_goes_up_is_not_drawn():
    imports = {("cli", "page"), ("cli", "photo"), ("page", "photo"), ("data", "errors"), ("photo", "errors")}
    assert needed(imports | {("photo", "page")}, ROWS) == imports - {("cli", "photo")}


def test_the_drawing_shows_every_folder():
    drawing = (ROOT / "docs" / "imports.svg").read_text(encoding="utf-8")
    named = {name for row in layers(ROOT / "pyproject.toml") for name in row}
    folders = {path.parent.name for path in Path(ROOT / "colorizer").glob("*/__init__.py")}
    assert named == folders | {"errors"}
    assert not [name for name in named if f">{name}</text>" not in drawing], "run `make imports`"

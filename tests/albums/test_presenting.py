"""`python -m colorizer present`, and the same files on the page."""

import numpy as np
import pptx
import pytest
from conftest import colour_photo
from film_files import frames_of
from PIL import Image
from showing import answer_to, show

from colorizer import save_photo
from colorizer.cli.parser import main
from colorizer.figures import film
from colorizer.page.i18n.texts import speaking, text
from colorizer.page.session.request import PhotoRequest
from colorizer.page.session.shelf import Shelf
from colorizer.page.tabs.one_photo.export import ENDINGS, make, notes_of
from colorizer.page.tabs.one_photo.handlers import Handlers
from colorizer.photo.caption import Caption, captioned
from colorizer.photo.metadata import Metadata


@pytest.fixture
def photos(tmp_path):
    """in/a.png in colour, in/b.png in gray, in/broken.jpg."""
    (tmp_path / "in").mkdir()
    colour_photo(90, 60).save(tmp_path / "in/a.png")
    colour_photo(50, 80).convert("L").save(tmp_path / "in/b.png")
    (tmp_path / "in/broken.jpg").write_bytes(b"no photograph")
    return tmp_path


@pytest.fixture(autouse=True)
def jerky(monkeypatch):
    """Films of few frames, because these tests are not about the encoder."""
    monkeypatch.setattr(film, "FRAMES", 1)


def present(weights, *arguments) -> int:
    return main(["present", *map(str, arguments), "--weights", str(weights)])


def test_a_deck_leaves_out_broken_photos(photos, weights, capsys):
    out = photos / "talk.pptx"
    assert present(weights, photos / "in", "-o", out, "--preset", "vivid") == 1
    error = capsys.readouterr().err
    assert "broken.jpg is not a picture" in error
    assert "2 presented, 1 not" in error
    first, a, b = pptx.Presentation(out).slides
    assert first.shapes.title.text == "talk"
    assert [len([s for s in slide.shapes if hasattr(s, "image")]) for slide in (a, b)] == [3, 2]
    notes = a.notes_slide.notes_text_frame.text
    for words in ("invented", "a.png, 90 × 60 pixels", "mobile-unet", "vividness"):
        assert words in notes
    assert present(weights, photos / "in/a.png", "-o", out) == 1
    assert "already there" in capsys.readouterr().err
    assert present(weights, photos / "in/a.png", "-o", out, "--overwrite") == 0
    assert len(pptx.Presentation(out).slides) == 1


def test_titles_and_credits_are_those_of_the_scan(photos, weights):
    said = captioned(Metadata(), Caption("Grandmother at the sea", "1932", "City archive"))
    save_photo(colour_photo(90, 60), photos / "scan.jpg", metadata=said)
    assert present(weights, photos / "scan.jpg", "-o", photos / "scan.pptx") == 0
    slide = pptx.Presentation(photos / "scan.pptx").slides[0]
    assert slide.shapes.title.text == "Grandmother at the sea, 1932"
    assert any("City archive" in shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)
    assert present(weights, photos / "scan.jpg", "-o", photos / "scan.html") == 0
    page = (photos / "scan.html").read_text(encoding="utf-8")
    assert "Grandmother at the sea, 1932" in page
    assert page.count("City archive") == 1


def test_what_was_coloured_before_is_no_original(photos, weights, capsys):
    save_photo(colour_photo(90, 60), photos / "scan.jpg", checkpoint="alpha")
    assert present(weights, photos / "scan.jpg", "-o", photos / "scan.pptx") == 0
    slide = pptx.Presentation(photos / "scan.pptx").slides[0]
    assert len([shape for shape in slide.shapes if hasattr(shape, "image")]) == 2
    assert "scan.jpg was coloured by Colorizer" in capsys.readouterr().err


def test_slides_films_and_sheets(photos, weights):
    gray = photos / "in/b.png"
    assert present(weights, photos / "in/*.png", "-o", photos / "slides") == 0
    assert sorted(p.name for p in (photos / "slides").iterdir()) == ["a-slide.png", "b-slide.png"]
    assert present(weights, gray, "-o", photos / "one.png", "--4k") == 0
    assert Image.open(photos / "one.png").size == (3840, 2160)
    assert present(weights, gray, "-o", photos / "film.mp4") == 0
    assert len(frames_of(photos / "film.mp4")) == 7
    assert present(weights, photos / "in/*.png", "-o", photos / "sheet.jpg", "--as", "sheet") == 0
    assert Image.open(photos / "sheet.jpg").width == 2400


def test_the_page_presents_the_photo_on_screen(photos, weights):
    shelf = Shelf(weights)
    hint = {"x": 0.5, "y": 0.5, "color": "#d02020", "note": "Aunt Maria remembers: red"}
    asked = PhotoRequest(str(photos / "in/a.png"), "mobile-unet", preset="vivid", points=[hint])
    told = []
    with speaking("ru"):
        made = {kind: make(answer_to(shelf, asked), kind, told.append) for kind in ENDINGS}
        notes = notes_of(answer_to(shelf, asked))
        assert text("export_invented") in notes
        assert text("row_hints", count=1) in notes
        assert text("preset_vivid") in notes
        assert text("export_note", note="Aunt Maria remembers: red") in notes
    assert {kind: path.name for kind, path in made.items()} == {
        "triptych": "a-triptych.png", "slide": "a-slide.png", "slide_4k": "a-slide-4k.png", "film": "a-film.mp4",
        "deck": "a.pptx", "page": "a.html",
    }  # fmt: skip
    assert told[-1] == 1
    (slide,) = pptx.Presentation(made["deck"]).slides
    assert slide.notes_slide.notes_text_frame.text == notes
    predicted = [shape for shape in slide.shapes if hasattr(shape, "image")][1]
    expected = answer_to(shelf, asked).result.image
    (photos / "p.jpg").write_bytes(predicted.image.blob)
    got = Image.open(photos / "p.jpg").resize(expected.size, Image.Resampling.BOX)
    assert np.abs(np.asarray(got, int) - np.asarray(expected, int)).mean() < 4
    page = made["page"].read_text(encoding="utf-8")
    sha256 = answer_to(shelf, asked).result.provenance.sha256
    for words in ('<html lang="ru">', "В цвете, с поправками", *notes.split("\n"), sha256):
        assert words in page
    assert page.count("data:image/jpeg") == 3
    plain = PhotoRequest(str(photos / "in/b.png"), "mobile-unet")
    shapes = pptx.Presentation(make(answer_to(shelf, plain), "deck")).slides[0].shapes
    assert len([shape for shape in shapes if hasattr(shape, "image")]) == 2
    said = [shape.text_frame.text for shape in shapes if shape.has_text_frame]
    assert "In colour" in said, "another term than with corrections"


def test_old_files_disappear_when_the_picture_changes(photos, weights):
    handlers = Handlers(Shelf(weights))
    for updates in (show(handlers, PhotoRequest(str(photos / "in/a.png"), "mobile-unet")), handlers.cleared()):
        assert not updates["made_file"]["visible"]
        assert updates["progress"] == ""

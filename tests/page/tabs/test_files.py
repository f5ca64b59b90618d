"""The files that the page and the endpoints write, and photographs of which a part is missing."""

import io
import zipfile
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
import tifffile
from conftest import colour_photo
from PIL import Image, ImageOps
from showing import answer_to, full_size, show

from colorizer import Colorizer, open_photo, read_photo
from colorizer.colour.levels import correct_levels
from colorizer.page.i18n.texts import speaking, translated
from colorizer.page.session.request import PhotoRequest
from colorizer.page.session.shelf import Shelf
from colorizer.page.tabs.album.run import AlbumHandlers
from colorizer.page.tabs.one_photo.export import make
from colorizer.page.tabs.one_photo.handlers import Handlers
from colorizer.page.tabs.one_photo.pictures import side_options
from colorizer.photo.form import Form

from .test_page import panes_of


@pytest.fixture
def handlers(weights):
    return Handlers(Shelf(weights))


@pytest.fixture
def deep(tmp_path):
    """A gray scan of 16 bits, with finer steps than 8 bits have, whose file says who made it."""
    path = tmp_path / "deep.tif"
    ramp = np.tile(np.linspace(9000, 15000, 120, dtype=np.uint16), (80, 1))
    tifffile.imwrite(path, ramp, photometric="minisblack", extratags=[(0x013B, 2, 0, "An archive", True)])
    return str(path)


@pytest.fixture
def torn(tmp_path):
    """The first half of a PNG."""
    buffer = io.BytesIO()
    colour_photo(120, 90).save(buffer, "PNG")
    path = tmp_path / "torn.png"
    path.write_bytes(buffer.getvalue()[: len(buffer.getvalue()) // 2])
    return str(path)


def saved(handlers, path, **asked):
    return full_size(handlers, PhotoRequest.from_values(path=path, checkpoint="mobile-unet", **asked))


def test_a_deep_scan_stays_deep(handlers, deep):
    path = saved(handlers, deep, bits=16)
    assert path.endswith("deep-colorized.png")
    scan, result = read_photo(deep, deep=True).gray, read_photo(path, deep=True).gray
    assert len(np.unique(result[:, ::10])) > 10
    assert np.abs(scan.astype(int) - result).max() <= 2  # of 65535
    assert b"An archive" in Path(path).read_bytes()


def test_16_bits_are_for_scans_and_formats_that_have_them(handlers, deep, tmp_path):
    colour_photo(60, 40).save(tmp_path / "flat.png")
    assert read_photo(saved(handlers, str(tmp_path / "flat.png"), bits=16), deep=True).gray is None
    assert Image.open(saved(handlers, deep, format="jpg", bits=16)).format == "JPEG"
    with pytest.raises(gr.Error, match="corrected levels and a visible mark are for files of 8 bits"):
        saved(handlers, deep, bits=16, mark="corner")


def test_a_mark_has_the_visitors_words_and_a_stripped_file_says_nothing(handlers, deep):
    plain = open_photo(saved(handlers, deep))
    marked = {}
    for language in ("en", "ru"):
        with speaking(language):
            marked[language] = open_photo(saved(handlers, deep, mark="strip"))
    assert marked["en"].size == marked["ru"].size > plain.size
    assert marked["en"].crop((0, 0, *plain.size)).tobytes() == plain.tobytes()
    assert marked["en"].tobytes() != marked["ru"].tobytes()
    said = Path(saved(handlers, deep, format="tif", strip=True)).read_bytes()
    assert b"An archive" not in said
    assert b"Colorizer" not in said


def test_levels_are_corrected_before_colour_and_the_scan_stays_beside(handlers, tmp_path):
    faded = Image.fromarray(np.asarray(colour_photo(120, 90).convert("L")) // 4 + 90).convert("RGB")
    faded.save(tmp_path / "faded.png")
    request = PhotoRequest(str(tmp_path / "faded.png"), "mobile-unet", preset="faithful", form=Form(levels=True))
    result = answer_to(handlers.shelf, request).result
    expected = Colorizer.from_checkpoint("mobile-unet", folder=handlers.shelf.weights).colorize(correct_levels(faded))
    assert np.array_equal(np.asarray(result.image), np.asarray(expected.image))
    assert side_options(answer_to(handlers.shelf, request))[:2] == ["gray", "scanned"]
    panes = panes_of(show(handlers, request))
    scan, gray = (np.asarray(Image.open(panes[side]).convert("L"), int) for side in ("scanned", "gray"))
    assert np.ptp(gray) > 2 * np.ptp(scan)
    assert np.abs(scan - np.asarray(faded.convert("L"))).mean() < 1
    path = saved(handlers, request.path, preset="faithful", levels=True)
    assert np.array_equal(np.asarray(open_photo(path)), np.asarray(expected.image))
    assert b'"levels": "corrected"' in Path(path).read_bytes().replace(b"&quot;", b'"')


def test_a_negative_is_inverted_on_request_and_never_by_itself(handlers, tmp_path, monkeypatch):
    positive = colour_photo(120, 90).convert("L")
    path = str(tmp_path / "negative.png")
    ImageOps.invert(positive).save(path)
    monkeypatch.setattr("colorizer.inference.negative.looks_negative", lambda photo: photo.getpixel((0, 0))[0] > 127)
    asked = show(handlers, PhotoRequest(path, "mobile-unet"))
    negative = Image.open(path).getpixel((0, 0)) > 127
    assert asked["question"]["visible"] == negative
    assert asked["content"]["visible"]
    shown = show(handlers, PhotoRequest(path, "mobile-unet", preset="faithful", form=Form(invert=True)))
    assert not shown["question"]["visible"]
    expected = Colorizer.from_checkpoint("mobile-unet", folder=handlers.shelf.weights).colorize(positive)
    path = saved(handlers, path, preset="faithful", invert=True)
    assert np.array_equal(np.asarray(open_photo(path)), np.asarray(expected.image))
    assert b'"negative": "inverted"' in Path(path).read_bytes().replace(b"&quot;", b'"')


def test_what_is_there_of_a_damaged_photo_is_shown_on_request(handlers, torn):
    (question,) = handlers.show_in_steps(PhotoRequest(torn, "mobile-unet"))
    assert question["question"]["visible"]
    assert "torn.png is damaged or incomplete. Show the part" in question["question_text"]
    assert not question["content"]["visible"]
    request = PhotoRequest(torn, "mobile-unet", form=Form(partial=True))
    shown = show(handlers, request)
    assert not shown["question"]["visible"]
    assert shown["content"]["visible"]
    assert "torn.png is incomplete" in shown["time"].replace("\\", "")
    path = saved(handlers, torn, partial=torn)
    assert path.endswith("torn-colorized-incomplete.png")
    assert "a part of the picture is missing" in Image.open(path).info["Description"]
    slide = make(answer_to(handlers.shelf, request), "slide")
    assert slide.name == "torn-incomplete-slide.png"
    assert "a part of the picture is missing" in Image.open(slide).info["Description"]
    with pytest.raises(gr.Error, match="damaged or incomplete"):  # another photo is asked about anew
        saved(handlers, torn, partial="another.png")


def test_an_album_has_the_same_forms(handlers, deep, torn):
    album = AlbumHandlers(handlers.shelf)

    def run(form):
        steps = list(album.run(None, [deep, torn], "mobile-unet", "vivid", form))
        with zipfile.ZipFile(steps[-1]["zip"]["value"]) as archive:
            found = {name: archive.read(name) for name in archive.namelist() if name.endswith(form.format)}
        return found, steps[0]["running"].album, steps[-1]

    found, made, last = run(Form("tif", bits=16, partial=True))
    assert list(found) == ["deep-colorized.tif", "torn-colorized-incomplete.tif"]
    grays = [read_photo(data, deep=True).gray for data in found.values()]
    assert np.array_equal(grays[0].shape, (80, 120))
    assert grays[1] is None
    assert made.settings["bits"] == 16
    assert "Incomplete" in last["view"]["value"][1]["about"]
    assert "Incomplete" not in last["view"]["value"][0]["about"]
    with speaking("de"):
        assert "Unvollständig" in translated(last["view"]["value"])[1]["about"]
    found, made, _ = run(Form("jpg", mark="strip", strip=True, levels=True))
    assert list(found) == ["deep-colorized.jpg"]
    assert open_photo(found["deep-colorized.jpg"]).height > 80
    assert b"An archive" not in found["deep-colorized.jpg"]
    assert made.settings.items() >= {"levels": True, "mark": "strip", "strip": True}.items()
    assert made.failed[0].name == "torn.png"

"""The Show tab's work as plain functions: what there is to show, and each photograph's pictures when it is wanted."""

import json
import zipfile

import gradio as gr
import numpy as np
import pytest
from conftest import colour_photo
from PIL import Image

from colorizer.colour.readout import preset
from colorizer.page.app import EXAMPLES
from colorizer.page.i18n.texts import speaking, text, translated
from colorizer.page.session.request import PhotoRequest
from colorizer.page.session.roll import Roll
from colorizer.page.session.shelf import Shelf
from colorizer.page.tabs.show import SIDE, ShowHandlers
from colorizer.page.widgets.filmstrip import roll_update
from colorizer.page.widgets.show_stage import KEYS, SHORTCUTS, WORDS, ShowStage

from .test_page import mean_difference

RED = {"x": 0.2, "y": 0.3, "color": "#d02020"}


@pytest.fixture
def show(weights):
    return ShowHandlers(Shelf(weights), [EXAMPLES / "coffee.jpg", EXAMPLES / "astronaut.jpg"])


@pytest.fixture
def photos(tmp_path):
    """Two photographs: one in colour, one black and white."""
    colour_photo(300, 200).save(tmp_path / "my grand-mother_1932.png")
    colour_photo(200, 300, seed=1).convert("L").save(tmp_path / "bw.png")
    return [str(tmp_path / "my grand-mother_1932.png"), str(tmp_path / "bw.png")]


def roll_of(*paths):
    roll = Roll()
    roll.add_files(paths)
    return roll


def wished(show, slides, which, n=1, roll=None):
    return show.show(slides, {"key": slides[which].key, "n": n}, roll or Roll())["slide"]


def test_photos_of_an_album_are_shown_as_they_were_left(show, photos, tmp_path):
    with zipfile.ZipFile(tmp_path / "box.zip", "w") as archive:
        archive.write(photos[1], "1932/bw.png")
    roll = roll_of(photos[0], str(tmp_path / "box.zip"))
    _, second = roll.frames()
    roll.note(PhotoRequest(photos[0], "mobile-unet", preset="faithful", points=[RED]))
    roll.write(second.key, "title", "Two sisters")
    roll.write(second.key, "year", "1932")
    roll.write(second.key, "credit", "City archive")
    roll.made(second.upload, PhotoRequest(checkpoint="resnet18-decoder"), tmp_path / "small.jpg")
    slides = show.photos(PhotoRequest(None, "mobile-unet", preset="vivid"), roll)
    assert [slide.name for slide in slides] == ["My grand mother 1932", "Two sisters, 1932 · City archive"]
    assert [slide.request.checkpoint for slide in slides] == ["mobile-unet", "resnet18-decoder"]
    assert wished(show, slides, 0, roll=roll)["hinted"]
    slide = wished(show, slides, 1, roll=roll)
    assert Image.open(slide["colour"]["path"]).size == (200, 300)
    again = show.photos(PhotoRequest(photos[0], "mobile-unet", preset="vivid"), roll)
    assert again[0].request.preset == "vivid", "as the first tab shows it now"
    assert [slide.of for slide in again] == [slide.of for slide in slides]
    assert again[1] == slides[1], "though its file was written meanwhile"


def test_a_talk_begins_with_the_first_of_the_visitors_photos_and_has_no_examples(show, photos):
    own = PhotoRequest(photos[0], "mobile-unet", preset="vivid", points=[RED])
    roll = roll_of(photos[1], photos[0])
    slides = show.photos(own, roll)
    assert [slide.name for slide in slides] == ["Bw", "My grand mother 1932"]
    assert [len(slide.request.points) for slide in slides] == [0, 1]
    assert {slide.request.preset for slide in slides} == {"vivid"}
    assert [slide.name for slide in show.photos(own, Roll())] == ["My grand mother 1932"]
    example = show.photos(PhotoRequest(None, "mobile-unet"), Roll())[0].request
    assert [slide.name for slide in show.photos(example, roll)] == ["Bw", "My grand mother 1932"]


def test_an_example_of_the_first_tab_comes_once(show):
    examples = show.photos(PhotoRequest(None, "mobile-unet"), Roll())
    again = show.photos(PhotoRequest(examples[1].request.path, "mobile-unet", points=[RED]), Roll())
    assert [slide.name for slide in again] == ["Astronaut", "Coffee"]
    assert again[0].request.points == [RED]


def test_examples_have_their_names_in_the_visitors_language(show, photos):
    with speaking("it"):
        slides = show.photos(PhotoRequest(None, "mobile-unet"), Roll())
        assert [slide.name for slide in slides] == ["Caffè", "Astronauta"]
    updates = show.list_photos(PhotoRequest(None, "mobile-unet"), Roll())
    with speaking("it"):  # from now on
        assert [entry["name"] for entry in translated(updates["stage"])["list"]] == ["Caffè", "Astronauta"]


def test_keys_change_only_with_the_pictures(show, photos):
    def keys(**more):
        return [slide.key for slide in show.photos(PhotoRequest(photos[0], "mobile-unet", **more), roll_of(*photos))]

    first = keys()
    assert len(set(first)) == 2
    assert keys(view="versions", sides={"left": "original"}) == first
    assert set(keys(preset="vivid")).isdisjoint(first)
    hinted = keys(points=[RED])
    assert hinted[0] != first[0]
    assert hinted[1] == first[1]  # hints are the first one's alone


def test_a_photo_is_coloured_when_the_stage_asks_for_it(show, photos, passes):
    roll = roll_of(*photos)
    updates = show.list_photos(PhotoRequest(photos[0], "mobile-unet", preset="vivid"), roll)
    assert passes == []
    slides, update = updates["photos"], updates["stage"]
    assert [entry["name"] for entry in update["list"]] == ["My grand mother 1932", "Bw"]
    assert json.dumps(update["list"]).count("/") == 0  # no path leaves the server
    slide = wished(show, slides, 0, n=7, roll=roll)
    assert passes == [0]
    assert slide["n"] == 7
    assert not slide["hinted"]
    result = show.shelf.colorize(photos[0], "mobile-unet")
    assert passes == [0]
    assert mean_difference(slide["colour"]["path"], result.with_readout(**preset("vivid")).image) < 1
    assert mean_difference(slide["gray"]["path"], result.grayscale.convert("RGB")) < 1
    assert mean_difference(slide["truth"]["path"], colour_photo(300, 200)) < 1
    assert "truth" not in wished(show, slides, 1, roll=roll)
    assert wished(show, show.photos(PhotoRequest(photos[0], "mobile-unet", points=[RED]), Roll()), 0)["hinted"]


def test_pictures_are_large_enough_for_a_projector(show, tmp_path):
    colour_photo(SIDE + 400, 600).save(tmp_path / "large.jpg")
    slides = show.photos(PhotoRequest(str(tmp_path / "large.jpg"), "resnet18-decoder"), Roll())
    slide = wished(show, slides, 0)
    assert {Image.open(slide[name]["path"]).width for name in ("gray", "colour", "truth")} == {SIDE}
    assert np.ptp(np.asarray(Image.open(slide["gray"]["path"])).astype(int), axis=2).max() <= 2


def test_a_photo_that_cannot_be_read_is_in_the_list_with_its_reason_and_never_on_the_stage(show, photos, tmp_path):
    (tmp_path / "<b>.jpg").write_bytes(b"no photo")
    roll = roll_of(str(tmp_path / "<b>.jpg"), str(tmp_path / "gone.jpg"), photos[1])
    asked = PhotoRequest(None, "mobile-unet")
    slides = show.photos(asked, roll)
    for which in (0, 1):
        assert wished(show, slides, which, n=5, roll=roll) == {"n": 5, "unread": True}
    assert "gray" in wished(show, slides, 2, roll=roll)
    assert [slide.name for slide in show.photos(asked, roll)] == ["Bw"]
    reasons = [entry["unread"] for entry in roll_update(roll)["value"]]
    assert reasons == ["<b>.jpg is not a picture that can be read; " + reasons[0].partition("; ")[2], text("gone"), ""]
    roll.remove(roll.frames()[2].key)
    assert show.photos(asked, roll) == [], "no examples in the visitor's talk"
    assert len(show.photos(asked, Roll())) == 2


def test_failures_have_a_reason_in_plain_text(show, photos, monkeypatch):
    roll = roll_of(photos[1])
    slides = show.photos(PhotoRequest(None, "mobile-unet"), roll)
    assert "error" not in wished(show, slides, 0, roll=roll)
    assert show.show(slides, {"key": "old", "n": 2}, roll)["slide"] == {"n": 2, "error": text("gone")}
    assert show.show(slides, {}, roll)["slide"]["error"] == text("gone")
    nothing = show.photos(PhotoRequest(photos[0], None), Roll())
    assert wished(show, nothing, 0)["error"] == text("no_checkpoints")

    def too_little(*_):
        raise RuntimeError("not enough memory\nmore")

    monkeypatch.setattr(Shelf, "answer", too_little)
    assert wished(show, slides, 0, roll=roll)["error"] == "not enough memory"


def test_the_settings_of_the_show_are_named(show):
    said = show.list_photos(PhotoRequest(None, "mobile-unet", preset="vivid"), Roll())["settings"]
    assert "mobile-unet" in said
    assert "vivid" in said
    assert "natural" not in show.list_photos(PhotoRequest(None, "resnet18-decoder"), Roll())["settings"]
    assert show.list_photos(PhotoRequest(None, None), Roll())["settings"] == text("no_checkpoints")


def test_every_button_has_its_words_and_every_key_is_explained():
    with gr.Blocks():
        stage = ShowStage()
    explained = {name for name, _ in KEYS}
    assert set(SHORTCUTS) <= explained
    for key in WORDS:
        assert stage.props["words"][key]

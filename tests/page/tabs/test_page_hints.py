"""Colours that a visitor corrects, and other versions to choose from."""

from dataclasses import replace

import gradio as gr
import numpy as np
import pytest
import torch
from conftest import colour_photo
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from showing import answer_to, full_size, show, suggest
from skimage.color import rgb2lab

from colorizer import Colorizer, build
from colorizer.checkpoints.file import save_checkpoint
from colorizer.colour.hex import hex_to_ab
from colorizer.colour.readout import Readout
from colorizer.inference.colorization import Colorization
from colorizer.inference.doubts import Doubt
from colorizer.page.session.request import MOST_HINTS, MOST_POINTS, OWN, PhotoRequest, to_hints
from colorizer.page.session.shelf import Shelf
from colorizer.page.tabs.one_photo.handlers import Handlers
from colorizer.page.tabs.one_photo.pictures import VERSIONS, region

from .test_page import colour_of

RED = {"x": 0.2, "y": 0.3, "color": "#d02020"}
BLUE = {"x": 0.8, "y": 0.6, "color": "#2040d0"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """One checkpoint of each kind: both, hints only, a distribution only, neither."""
    folder = tmp_path_factory.mktemp("kinds")
    torch.manual_seed(0)
    networks = {
        "flagship": build("mobile-unet", width=0.25),
        "hints": build("siggraph17", width=0.125),
        "doubts": build("eccv16", width=0.125),
        "plain": build("alpha"),
    }
    flagship = networks["flagship"]
    flagship.prior = torch.softmax(-flagship.centres.norm(dim=1) / 20, dim=0)  # so that vividness means something
    for name, network in networks.items():
        save_checkpoint(folder / f"{name}.safetensors", network, working_size=64, temperature=0.7)
    return folder


@pytest.fixture
def handlers(folder):
    return Handlers(Shelf(folder))


@pytest.fixture
def photo(tmp_path):
    colour_photo(300, 200).save(tmp_path / "a.png")
    return str(tmp_path / "a.png")


def hue_difference(path, x, y, colour):
    """Degrees between the hue of a picture's pixel, fractions x and y, and that of "#rrggbb"."""
    picture = Image.open(path).convert("RGB")
    lab = rgb2lab(np.asarray(picture))[int(y * picture.height), int(x * picture.width)]
    wanted = np.arctan2(*hex_to_ab(colour)[::-1])
    return abs((np.degrees(np.arctan2(lab[2], lab[1]) - wanted) + 180) % 360 - 180)


def test_the_network_runs_for_photo_checkpoint_and_hints_only(handlers, photo, tmp_path, passes):
    show(handlers, PhotoRequest(photo, "flagship"))
    assert passes == [0]
    colour_photo(40, 30, seed=3).save(tmp_path / "b.png")
    for more in (
        {"preset": "vivid"},
        {"preset": OWN, "sliders": Readout(temperature=0.3, vividness=0.8, saturation=1.4)},
        {"like": "palette", "palette": ["#aa3311", "#2255aa"], "sliders": Readout(strength=0.7)},
        {"like": "picture", "reference": str(tmp_path / "b.png")},
        {"view": "compare"},
    ):
        show(handlers, PhotoRequest(photo, "flagship", **more))
        full_size(handlers, PhotoRequest(photo, "flagship", **more))
    suggest(handlers, PhotoRequest(photo, "flagship"))
    assert passes == [0]
    show(handlers, PhotoRequest(photo, "flagship", points=[RED]))
    show(handlers, PhotoRequest(photo, "flagship", points=[RED, BLUE]))
    show(handlers, PhotoRequest(photo, "flagship", points=[RED], preset="vivid"))  # undo
    suggest(handlers, PhotoRequest(photo, "flagship", points=[RED]))
    show(handlers, PhotoRequest(photo, "flagship"))  # clear
    assert passes == [0, 1, 2]
    show(handlers, PhotoRequest(photo, "plain", points=[RED]))
    assert passes == [0, 1, 2, 0]


def test_other_versions_run_the_network_once(handlers, photo, passes):
    asked = PhotoRequest(photo, "flagship", view="versions")
    shown = show(handlers, asked)
    assert passes == [0] + [1] * VERSIONS
    gallery, points = shown["versions"], shown["version_points"]
    assert len(gallery) == len(points) == VERSIONS
    names = [caption.split("\n")[0].lower() for _, caption in gallery]
    assert names == [point["name"] for point in points]
    assert len(set(names)) == VERSIONS
    x, y = answer_to(handlers.shelf, asked).plain.most_uncertain()
    assert (points[0]["x"], points[0]["y"]) == pytest.approx((x / 300, y / 200))
    assert gallery[0][1].endswith(region(x / 300, y / 200))
    expected = Colorizer.alternatives(handlers.shelf.colorizer("flagship"), answer_to(handlers.shelf, asked).plain)
    for point, version in zip(points, expected, strict=True):
        assert tuple(point["ab"]) == version.hints[-1].ab
    del passes[:]
    taken = handlers.version_chosen({"index": 2}, [], points)
    assert taken["stage"]["value"] == "picture"
    show(handlers, PhotoRequest(photo, "flagship", points=taken["picker"]["value"]))
    handlers.answered(handlers.versions, PhotoRequest(photo, "flagship", preset="vivid", view="versions"))
    assert passes == []
    assert "picker" not in handlers.version_chosen({"index": 9}, [], points)


def test_versions_are_shown_only_where_there_are_any(handlers, photo):
    for name in ("hints", "doubts", "plain"):
        assert show(handlers, PhotoRequest(photo, name, view="versions"))["versions"] == []
    assert show(handlers, PhotoRequest(photo, "flagship", view="picture"))["versions"] == []
    assert handlers.answered(handlers.versions, PhotoRequest(view="versions")) == {}


def test_a_hint_colours_its_place(handlers, photo):
    for points in ([RED], [RED, BLUE]):
        shown = show(handlers, PhotoRequest(photo, "flagship", points=points))
        for point in points:
            assert hue_difference(colour_of(shown), point["x"], point["y"], point["color"]) < 20
    assert f"{len(points)} correction" in shown["measures"]["value"]


def test_hints_wait_while_a_network_takes_none(handlers, photo):
    for name, taken in (("flagship", True), ("hints", True), ("doubts", False), ("plain", False)):
        asked = PhotoRequest(photo, name, points=[RED])
        assert len(answer_to(handlers.shelf, asked).result.hints) == taken
        shown = show(handlers, asked)["picker"]
        assert shown["shown"]["hints"] is taken
        assert "value" not in shown  # they stay for the next that takes them


finite = st.floats(allow_nan=False, allow_infinity=False)


@given(finite, finite, st.integers(1, 9000), st.integers(1, 9000))
def test_every_point_becomes_a_place_in_the_photo(x, y, width, height):
    (hint,) = to_hints([{"x": x, "y": y, "color": "#123456"}], (width, height))
    assert 0 <= hint.x < width
    assert 0 <= hint.y < height
    assert to_hints([{"x": hint.x / width, "y": hint.y / height, "color": "#123456"}], (width, height)) == [hint]


@pytest.mark.parametrize(
    ("points", "sentence"),
    [
        ([{"x": float("nan"), "y": 0, "color": "#123456"}], "fractions of the picture"),
        ([{"y": 0, "color": "#123456"}], "fractions of the picture"),
        ([{"x": 0, "y": 0, "color": "red"}], "written as #rrggbb"),
        ([{"x": 0, "y": 0}], "written as #rrggbb"),
        ([{"x": 0, "y": 0, "ab": [1, "x"]}], "two numbers"),
        ([{"x": 0, "y": 0, "ab": [float("inf"), 0]}], "two numbers"),
        ([RED] * (MOST_HINTS + 1), "100 hints at most"),
        ([{**RED, "path": [[0, 0]] * MOST_POINTS}], "400 points at most"),
        ([{**RED, "path": [[0, 0]] * (MOST_POINTS // 2)}] * 2, "400 points at most"),
        ([{**RED, "path": [[0, 0], 3]}], "fractions of the picture"),
        ([{**RED, "reach": "world"}], "one of thing, picture"),
        ([{**RED, "strength": "much"}], "from 0 to 1"),
    ],
)
def test_a_bad_hint_gives_a_message(handlers, photo, points, sentence):
    with pytest.raises(gr.Error, match=sentence):
        show(handlers, PhotoRequest(photo, "flagship", points=points))


def test_a_correction_has_more_to_it(handlers, photo, passes):
    """Strokes, reach, strength and notes; what is off waits, and what is about a thing needs no pass."""
    note = "  Aunt Maria\nremembers:\x00 red\ud800 " + "x" * 300
    told = {**RED, "path": [[0.3, 0.4], [2, 0.5]], "reach": "thing", "strength": 0.5, "note": note}
    asked = PhotoRequest(photo, "flagship", points=[told, {**BLUE, "off": True}])
    (hint,) = answer_to(handlers.shelf, asked).result.hints
    assert hint.points == ((60, 60), (90, 80), (299.99, 100))
    assert (hint.reach, hint.strength) == ("thing", 0.5)
    assert hint.note.startswith("Aunt Maria remembers: red xxx")
    assert len(hint.note) == 200
    assert passes == [0]
    said = answer_to(handlers.shelf, asked).result.provenance.hints[0]
    assert (said["note"], said["strength"], said["reach"]) == (hint.note, 0.5, "thing")
    with_pass = handlers.shelf.colorizer("flagship").colorize(Image.open(photo), [hint])
    assert torch.allclose(
        answer_to(handlers.shelf, asked).result.with_readout(with_pass.readout).low_ab, with_pass.low_ab
    )
    del passes[:]
    for note in ("red", "really red"):
        asked = PhotoRequest(photo, "flagship", points=[{**RED, "reach": "picture", "note": note}])
        assert answer_to(handlers.shelf, asked).result.hints[0].note == note
    assert passes == [1]


def test_marks_offer_the_colours_of_things_in_doubt_and_take_them_back(handlers, photo, monkeypatch):
    asked = PhotoRequest(photo, "flagship")
    found = [
        Doubt(30.0, 20.0, 0.2, 30.0, ((40.0, 30.0), (-30.0, 20.0))),
        Doubt(200.0, 150.0, 0.1, 20.0, ((5.0, -40.0),)),
    ]
    monkeypatch.setattr(
        Colorization, "doubts", lambda self: [each for each in found if not any(h.x == 200 for h in self.hints)]
    )
    shown = show(handlers, asked)["stage"]
    assert shown["marks"]["of"] == shown["panes"][0]["file"]
    first, second = shown["marks"]["list"]
    assert (first["x"], first["y"], first["taken"]) == (0.1, 0.1, None)
    assert [swatch["ab"] for swatch in first["swatches"]] == [[40.0, 30.0], [-30.0, 20.0]]
    taken = {"x": first["x"], "y": first["y"], **first["swatches"][1]}
    marks = show(handlers, replace(asked, points=[taken]))["stage"]["marks"]["list"]
    assert marks[0]["taken"] == taken["color"]
    assert marks[1] == second
    from_file = {**taken, "x": taken["x"] + 1e-6, "y": taken["y"] - 1e-6, "color": "#9e8f6e"}  # as a saved file has it
    mark = show(handlers, replace(asked, points=[from_file]))["stage"]["marks"]["list"][0]
    assert mark == {**marks[0], "x": from_file["x"], "y": from_file["y"]}
    assert show(handlers, PhotoRequest(photo, "plain"))["stage"]["marks"]["list"] == []  # it takes no hints

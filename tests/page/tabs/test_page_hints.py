"""Colours that a visitor corrects, and other versions to choose from."""

import io
from base64 import b64decode
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
import torch
from conftest import colour_photo
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from skimage.color import rgb2lab

from colorizer import Colorizer, Hint, build
from colorizer.checkpoints.file import save_checkpoint
from colorizer.colour.hex import ab_to_hex, hex_to_ab, parse_hex
from colorizer.colour.names import NAMED, NAMES, SHADES, colour_name, seen_at
from colorizer.colour.readout import Readout
from colorizer.page.i18n.texts import text
from colorizer.page.session.points import MOST_HINTS, MOST_POINTS, to_hints
from colorizer.page.session.request import PhotoRequest, answer, plain_answer
from colorizer.page.session.shelf import Shelf
from colorizer.page.session.tones import OWN
from colorizer.page.tabs.one_photo import correcting
from colorizer.page.tabs.one_photo.handlers import Handlers
from colorizer.page.tabs.one_photo.uncertainty import VERSIONS, region, spot_lightness, swatches
from colorizer.page.widgets.hint_picker import HintPicker
from colorizer.page.widgets.palette import Palette

from .test_page import colour_of

RED = {"x": 0.2, "y": 0.3, "color": "#d02020"}
BLUE = {"x": 0.8, "y": 0.6, "color": "#2040d0"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """One checkpoint of each kind: both, hints only, a distribution only, neither."""
    folder = tmp_path_factory.mktemp("kinds")
    torch.manual_seed(0)
    networks = {
        "flagship": build("mobile-unet", width=0.5),
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
    handlers.show(PhotoRequest(photo, "flagship"))
    assert passes == [0]
    colour_photo(40, 30, seed=3).save(tmp_path / "b.png")
    for more in (
        {"preset": "vivid"},
        {"preset": OWN, "sliders": Readout(temperature=0.3, vividness=0.8, saturation=1.4)},
        {"like": "palette", "palette": ["#aa3311", "#2255aa"], "sliders": Readout(strength=0.7)},
        {"like": "picture", "reference": str(tmp_path / "b.png")},
        {"view": "compare"},
    ):
        handlers.show(PhotoRequest(photo, "flagship", **more))
        handlers.full_size(PhotoRequest(photo, "flagship", **more))
    correcting.suggest(handlers.shelf, PhotoRequest(photo, "flagship"), {"x": 0.5, "y": 0.5, "n": 1})
    assert passes == [0]
    handlers.show(PhotoRequest(photo, "flagship", points=[RED]))
    handlers.show(PhotoRequest(photo, "flagship", points=[RED, BLUE]))
    handlers.show(PhotoRequest(photo, "flagship", points=[RED], preset="vivid"))  # undo
    correcting.suggest(handlers.shelf, PhotoRequest(photo, "flagship", points=[RED]), {"x": 0.5, "y": 0.5, "n": 2})
    handlers.show(PhotoRequest(photo, "flagship"))  # clear
    assert passes == [0, 1, 2]
    handlers.show(PhotoRequest(photo, "plain", points=[RED]))
    assert passes == [0, 1, 2, 0]


def test_other_versions_run_the_network_once(handlers, photo, passes):
    asked = PhotoRequest(photo, "flagship", view="versions")
    shown = handlers.show(asked)
    assert passes == [0] + [1] * VERSIONS
    gallery, points = shown["versions"], shown["version_points"]
    assert len(gallery) == len(points) == VERSIONS
    names = [caption.split("\n")[0].lower() for _, caption in gallery]
    assert names == [point["name"] for point in points]
    assert len(set(names)) == VERSIONS
    x, y = plain_answer(handlers.shelf, asked).most_uncertain()
    assert (points[0]["x"], points[0]["y"]) == pytest.approx((x / 300, y / 200))
    assert gallery[0][1].endswith(region(x / 300, y / 200))
    expected = Colorizer.alternatives(handlers.shelf.colorizer("flagship"), plain_answer(handlers.shelf, asked))
    for point, version in zip(points, expected, strict=True):
        assert tuple(point["ab"]) == version.hints[-1].ab
    del passes[:]
    taken = handlers.version_chosen(2, asked, points)
    assert taken["stage"]["value"] == "picture"
    handlers.show(PhotoRequest(photo, "flagship", points=taken["picker"]["value"]))
    handlers.versions(PhotoRequest(photo, "flagship", preset="vivid", view="versions"))
    assert passes == []
    assert "picker" not in handlers.version_chosen(9, asked, points)


def test_versions_are_shown_only_where_there_are_any(handlers, photo):
    for name in ("hints", "doubts", "plain"):
        assert handlers.show(PhotoRequest(photo, name, view="versions"))["versions"] == []
    assert handlers.show(PhotoRequest(photo, "flagship", view="picture"))["versions"] == []
    assert handlers.versions(PhotoRequest(view="versions"))["versions"] == []


def test_a_hint_colours_its_place(handlers, photo):
    for points in ([RED], [RED, BLUE]):
        shown = handlers.show(PhotoRequest(photo, "flagship", points=points))
        for point in points:
            assert hue_difference(colour_of(shown), point["x"], point["y"], point["color"]) < 20
    assert f"hints: {len(points)}" in shown["measures"]["value"]


def test_a_version_gives_its_colour_in_lab(handlers, photo):
    point = {"x": 0.5, "y": 0.5, "color": "#808080", "ab": [40.0, 30.0]}
    assert answer(handlers.shelf, PhotoRequest(photo, "flagship", points=[point])).hints == (
        Hint(150, 100, (40.0, 30.0)),
    )


def test_hints_wait_while_a_network_takes_none(handlers, photo):
    for name, taken in (("flagship", True), ("hints", True), ("doubts", False), ("plain", False)):
        asked = PhotoRequest(photo, name, points=[RED])
        assert len(answer(handlers.shelf, asked).hints) == taken
        shown = handlers.show(asked)["picker"]
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
        handlers.show(PhotoRequest(photo, "flagship", points=points))


def test_a_correction_has_more_to_it(handlers, photo, passes):
    """Strokes, reach, strength and notes; what is off waits, and what is about a thing needs no pass."""
    note = "  Aunt Maria\nremembers:\x00 red\ud800 " + "x" * 300
    told = {**RED, "path": [[0.3, 0.4], [2, 0.5]], "reach": "thing", "strength": 0.5, "note": note}
    asked = PhotoRequest(photo, "flagship", points=[told, {**BLUE, "off": True}])
    (hint,) = answer(handlers.shelf, asked).hints
    assert hint.points == ((60, 60), (90, 80), (299.99, 100))
    assert (hint.reach, hint.strength) == ("thing", 0.5)
    assert hint.note.startswith("Aunt Maria remembers: red xxx")
    assert len(hint.note) == 200
    assert passes == [0]
    said = answer(handlers.shelf, asked).provenance.hints[0]
    assert (said["note"], said["strength"], said["reach"]) == (hint.note, 0.5, "thing")
    with_pass = handlers.shelf.colorizer("flagship").colorize(Image.open(photo), [hint])
    assert torch.allclose(answer(handlers.shelf, asked).with_readout(with_pass.readout).low_ab, with_pass.low_ab)
    del passes[:]
    for note in ("red", "really red"):
        asked = PhotoRequest(photo, "flagship", points=[{**RED, "reach": "picture", "note": note}])
        assert answer(handlers.shelf, asked).hints[0].note == note
    assert passes == [1]


def test_contradictions_and_points_outside_do_no_harm(handlers, photo):
    here = [{"x": 0.5, "y": 0.5, "color": colour} for colour in ("#ff0000", "#00ff00", "#0000ff")]
    outside = [{"x": -3, "y": 7, "color": "#ff0000"}, {"x": 1, "y": 1, "color": "#00ff00", "ab": [1e9, -1e9]}]
    shown = handlers.show(PhotoRequest(photo, "flagship", points=[*here, *outside]))
    assert hue_difference(colour_of(shown), 0.5, 0.5, "#0000ff") < 20  # the last word


def test_suggestions_look_as_they_will_in_the_photo(handlers, photo):
    click = {"x": 0.25, "y": 0.75, "n": 7}
    offered = correcting.suggest(handlers.shelf, PhotoRequest(photo, "flagship"), click)["picker"]["offer"]
    assert offered["n"] == 7
    result = plain_answer(handlers.shelf, PhotoRequest(photo, "flagship"))
    assert [tuple(swatch["ab"]) for swatch in offered["swatches"]] == result.suggest(75, 150, 5)
    assert len({swatch["name"] for swatch in offered["swatches"]}) == 5
    L = spot_lightness(result.original, 75, 150)
    for swatch in offered["swatches"]:
        shown = rgb2lab(np.array([[parse_hex(swatch["color"])]], np.uint8))[0, 0]
        assert shown[0] == pytest.approx(L, abs=1.5)
    assert swatches(handlers.shelf, PhotoRequest(photo, "hints"), 0.5, 0.5)[1] == []
    with pytest.raises(gr.Error, match="fractions"):
        correcting.suggest(handlers.shelf, PhotoRequest(photo, "flagship"), {"n": 8})


def opacity(updates):
    """The mask that the browser gets, as float32 in [0, 1]."""
    content = b64decode(updates["picker"]["region"]["mask"].partition("base64,")[2])
    return np.asarray(Image.open(io.BytesIO(content)))[..., 1] / 255


def test_the_outline_is_the_region(handlers, photo, passes):
    """What a pointer shows is what a correction will colour: also beside others, and for one that is changed."""
    network = handlers.shelf.colorizer("flagship")
    blue, asked = {**BLUE, "reach": "thing"}, {"points": [[0.2, 0.3], [0.3, 0.35]], "index": -1, "n": 5}

    def looked(points=(), name="flagship", **question):
        request = PhotoRequest(photo, name, points=points)
        return correcting.look(handlers.shelf, request, {**asked, **question})

    automatic = network.colorize(Image.open(photo))
    hinted = network.colorize(Image.open(photo), [Hint(240, 120, hex_to_ab(BLUE["color"]), reach="thing")])
    del passes[:]
    for kept in ("flagship", "plain"):
        handlers.show(PhotoRequest(photo, kept))
    alone, beside = looked(), looked([{**RED, "off": True}, blue])
    assert alone["picker"]["region"]["n"] == 5
    assert opacity(alone) == pytest.approx(automatic.region(60, 60, [(90, 70)]), abs=0.003)
    assert opacity(beside) == pytest.approx(hinted.region(60, 60, [(90, 70)]), abs=0.003)
    assert not np.array_equal(opacity(alone), opacity(beside))
    assert np.array_equal(opacity(alone), opacity(looked([blue], index=0)))
    assert passes == [0, 0], "a network ran for a pointer"
    assert looked(name="plain")["picker"]["region"]["mask"] is None
    for nothing in ({}, {"points": []}, {"points": "x"}):
        answer = correcting.look(handlers.shelf, PhotoRequest(photo, "flagship"), nothing)
        assert answer["picker"]["region"]["mask"] is None
    for wrong in ([["x", 0]], [3], [[1, 2, 3]]):
        with pytest.raises(gr.Error, match="fractions"):
            correcting.look(handlers.shelf, PhotoRequest(photo, "flagship"), {"points": wrong})


@pytest.mark.parametrize("how", ["damaged", "levels", "plain forgotten"])
def test_the_outline_is_of_the_photo_as_it_is_shown(handlers, photo, tmp_path, how):
    content, place = Path(photo).read_bytes(), {"points": [[0.2, 0.3]], "index": -1, "n": 5}
    (tmp_path / "torn.png").write_bytes(content[: len(content) // 2])
    torn = str(tmp_path / "torn.png")
    request = {
        "damaged": PhotoRequest(torn, "flagship", partial=torn),
        "levels": PhotoRequest(photo, "flagship", levels=True),
        "plain forgotten": PhotoRequest(photo, "flagship", points=[RED]),
    }[how]
    shown = plain_answer(handlers.shelf, request)
    mask = opacity(correcting.look(handlers.shelf, request, place))
    width, height = shown.original.size
    assert mask == pytest.approx(shown.region(0.2 * width, 0.3 * height), abs=0.003)


def test_for_a_pointer_nothing_is_read_and_no_network_runs(handlers, photo, passes, monkeypatch):
    """It does not wait in the queue."""
    place = {"points": [[0.2, 0.3]], "index": -1, "n": 5}
    with monkeypatch.context() as patch:
        patch.setattr(handlers.shelf, "decode", lambda *_, **__: pytest.fail("a photo was read"))
        looked = correcting.look(handlers.shelf, PhotoRequest(photo, "flagship"), place)
    assert looked["picker"]["region"]["mask"] is None
    handlers.shelf.open(photo)
    for points in ([], [RED], [{**RED, "reach": "thing"}]):
        asked = PhotoRequest(photo, "flagship", points=points)
        assert correcting.look(handlers.shelf, asked, place)["picker"]["region"]["mask"] is None
    assert passes == []


def test_what_becomes_of_named_colours():
    """White cloth can only become pink, black cloth stays black, and gray cloth becomes red."""
    middle = len(SHADES)  # the first of the colours in between: red
    assert NAMED[middle] == NAMES["red"]
    assert (seen_at(95)[middle]["name"], seen_at(95)[middle]["word"]) == ("pink", "pale")
    assert (seen_at(6)[middle]["name"], seen_at(6)[middle]["word"]) == ("black", "dark")
    assert (seen_at(45)[middle]["name"], seen_at(45)[middle]["word"]) == ("red", "")
    for L in (0, 50, 100):
        assert len(seen_at(L)) == len(NAMED) == 3 * len(SHADES)
        assert all(seen["name"] in NAMES for seen in seen_at(L))
    for name, shades in SHADES.items():
        lightness = [rgb2lab(np.array([[parse_hex(shade)]], np.uint8))[0, 0, 0] for shade in shades]
        assert lightness == sorted(lightness, reverse=True)
        assert shades[1] == NAMES[name]


@given(st.integers(0, 255), st.integers(0, 255), st.integers(0, 255))
def test_a_colour_keeps_its_chroma(r, g, b):
    L, *ab = rgb2lab(np.array([[[r, g, b]]], np.uint8))[0, 0]
    assert hex_to_ab(f"#{r:02x}{g:02x}{b:02X}") == pytest.approx(ab, abs=0.05)
    assert parse_hex(ab_to_hex(L, tuple(ab))) == pytest.approx((r, g, b), abs=3)


def test_colours_have_names():
    for name, colour in NAMES.items():
        L = rgb2lab(np.array([[parse_hex(colour)]], np.uint8))[0, 0, 0]
        assert colour_name(L, hex_to_ab(colour)) == name
        assert text(f"colour_{name}")
    assert colour_name(50, (0, 0)) == "grey"
    assert colour_name(50, (0, 0), without=["grey"]) != "grey"
    assert parse_hex("#f0a") == (255, 0, 170)
    for wrong in ("", "#12345", "12345g", "rgb(1, 2, 3)", None, 7):
        with pytest.raises(ValueError, match="written as #rrggbb"):
            parse_hex(wrong)


def test_regions_have_names():
    assert [region(x, y) for x, y in ((0, 0), (0.5, 0.5), (0.99, 0.99), (1, 0))] == [
        "top left", "middle", "bottom right", "top right",
    ]  # fmt: skip


def test_what_browsers_send_is_checked():
    with gr.Blocks():
        picker, palette = HintPicker(), Palette()
    assert picker.preprocess([RED, 3, None]) == [RED]
    assert picker.preprocess("x") == []
    assert palette.preprocess(["#123456", 3]) == ["#123456"]
    assert palette.preprocess(None) == []
    for word in ("aria-label", "tabindex", 'role="status"', 'type="color"'):
        assert word in picker.html_template

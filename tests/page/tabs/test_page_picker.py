"""The picker shows colours to choose, the region of a place, and the names of both."""
# ruff: noqa: F811 - fixtures of another file

import io
from base64 import b64decode
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from showing import answer_to, show, suggest
from skimage.color import rgb2lab

from colorizer import Hint
from colorizer.colour.hex import ab_to_hex, hex_to_ab, parse_hex
from colorizer.colour.names import NAMED, NAMES, SHADES, colour_name, seen_at
from colorizer.page.i18n.texts import text
from colorizer.page.session.request import PhotoRequest
from colorizer.page.tabs.one_photo import correcting
from colorizer.page.tabs.one_photo.pictures import as_swatches, spot_lightness, swatches
from colorizer.page.widgets.drawer import Palette
from colorizer.page.widgets.hint_picker import HintPicker
from colorizer.photo.form import Form

from .test_page_hints import BLUE, RED, folder, handlers, photo  # noqa: F401


def test_suggestions_look_as_they_will_in_the_photo(handlers, photo):
    offered = suggest(handlers, PhotoRequest(photo, "flagship"), x=0.25, y=0.75, n=7)["picker"]["offer"]
    assert offered["n"] == 7
    result = answer_to(handlers.shelf, PhotoRequest(photo, "flagship")).plain
    assert [tuple(swatch["ab"]) for swatch in offered["swatches"]] == result.suggest(75, 150, 5)
    assert len({swatch["name"] for swatch in offered["swatches"]}) == 5
    L = spot_lightness(result.original, 75, 150)
    for swatch in offered["swatches"]:
        shown = rgb2lab(np.array([[parse_hex(swatch["color"])]], np.uint8))[0, 0]
        assert shown[0] == pytest.approx(L, abs=1.5)
    assert swatches(answer_to(handlers.shelf, PhotoRequest(photo, "hints")), 0.5, 0.5)[1] == []
    with pytest.raises(gr.Error, match="fractions"):
        suggest(handlers, PhotoRequest(photo, "flagship"), n=8)


def opacity(updates):
    """The mask that the browser gets, as float32 in [0, 1]."""
    content = b64decode(updates["picker"]["region"]["mask"].partition("base64,")[2])
    return np.asarray(Image.open(io.BytesIO(content)))[..., 1] / 255


def test_the_outline_is_the_region(handlers, photo, passes):
    """A pointer shows the pixels that a correction will colour, also beside others, and for one that is changed."""
    network = handlers.shelf.colorizer("flagship")
    blue, asked = {**BLUE, "reach": "thing"}, {"points": [[0.2, 0.3], [0.3, 0.35]], "index": -1, "n": 5}

    def looked(points=(), name="flagship", **question):
        request = PhotoRequest(photo, name, points=points)
        return correcting.look(handlers.shelf, request, {**asked, **question})

    automatic = network.colorize(Image.open(photo))
    hinted = network.colorize(Image.open(photo), [Hint(240, 120, hex_to_ab(BLUE["color"]), reach="thing")])
    del passes[:]
    for kept in ("flagship", "plain"):
        show(handlers, PhotoRequest(photo, kept))
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
        "damaged": PhotoRequest(torn, "flagship", form=Form(partial=True)),
        "levels": PhotoRequest(photo, "flagship", form=Form(levels=True)),
        "plain forgotten": PhotoRequest(photo, "flagship", points=[RED]),
    }[how]
    shown = answer_to(handlers.shelf, request).plain
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


def test_a_bluish_suggestion_is_not_called_black():
    assert [each["name"] for each in as_swatches(25, [(0, 0), (0, -10)])] == ["black", "navy"]
    assert as_swatches(8, [(0, 0)])[0]["name"] == "black"
    assert as_swatches(95, [(0, 0), (3, 9)])[1]["name"] not in ("black", "white", "grey")


def test_what_browsers_send_is_checked():
    with gr.Blocks():
        picker, palette = HintPicker(), Palette()
    assert picker.preprocess([RED, 3, None]) == [RED]
    assert picker.preprocess("x") == []
    assert palette.preprocess(["#123456", 3]) == ["#123456"]
    assert palette.preprocess(None) == []
    for word in ("aria-label", "tabindex", 'role="status"', 'type="color"'):
        assert word in picker.html_template

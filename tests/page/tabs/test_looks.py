"""The small results to tap: which there are, what they show, and that no network runs for them."""

import numpy as np
import pytest
from PIL import Image
from showing import answer_to, show

from colorizer.colour.readout import PRESETS
from colorizer.page.session.request import PhotoRequest
from colorizer.page.session.tones import LOOKS, TONES, leaning
from colorizer.page.widgets.looks import Looks

from .test_page import handlers, mean_difference, photo  # noqa: F401  # fixtures


def looks_of(shown):
    return {look["name"]: look["file"]["path"] for look in shown["preset"]["looks"]}


def test_every_preset_and_one_tone_from_one_pass(handlers, photo, passes):  # noqa: F811
    looks = looks_of(show(handlers, PhotoRequest(photo, "mobile-unet")))
    assert passes == [0]
    assert list(looks)[:3] == list(PRESETS)
    (tone,) = looks.keys() & TONES.keys()
    pictures = [np.asarray(Image.open(path)).astype(int) for path in looks.values()]
    assert {max(each.shape) for each in pictures} == {240}
    assert len({each.tobytes() for each in pictures}) == 4, "each look shows something of its own"
    for look, path in looks.items():
        asked = PhotoRequest(photo, "mobile-unet", preset=look)
        small = answer_to(handlers.shelf, asked).result.at_size(Image.open(path))
        assert mean_difference(path, small.image) < 1
    natural = answer_to(handlers.shelf, PhotoRequest(photo, "mobile-unet")).result
    assert tone == leaning(natural)
    chosen = looks_of(show(handlers, PhotoRequest(photo, "mobile-unet", preset="cool")))
    assert list(chosen)[3] == "cool", "the tone that was chosen stays"
    assert passes == [0]


def test_tones_are_warmer_and_cooler(handlers, photo):  # noqa: F811
    means = {
        look: answer_to(handlers.shelf, PhotoRequest(photo, "mobile-unet", preset=look)).result.low_ab[1].mean()
        for look in ("cool", "natural", "warm")
    }
    assert means["cool"] + 1 < means["natural"] < means["warm"] - 1


def test_a_palette_of_ones_own_takes_the_place_of_a_tone(handlers, photo):  # noqa: F811
    own = {"like": "palette", "palette": ["#aa3311"]}
    assert list(looks_of(show(handlers, PhotoRequest(photo, "mobile-unet", **own)))) == list(PRESETS)
    toned, plain = (
        answer_to(handlers.shelf, PhotoRequest(photo, "mobile-unet", preset=look, **own)).result
        for look in ("warm", "natural")
    )
    assert toned.readout == plain.readout


def test_a_network_without_a_distribution_has_no_looks(handlers, photo):  # noqa: F811
    request = PhotoRequest(photo, "resnet18-decoder", preset="warm")
    assert looks_of(show(handlers, request)) == {}
    assert answer_to(handlers.shelf, request).result.readout == answer_to(handlers.shelf, request).plain.readout


@pytest.mark.parametrize("sent", ["bold", None, 3, ["vivid"], {}])
def test_what_browsers_send_is_a_look(sent):
    looks = Looks("natural", names=LOOKS)
    assert looks.preprocess("warm") == "warm"
    assert looks.preprocess(sent) in LOOKS

"""The small results to tap: which there are, what they show, and that no network runs for them."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
import torch
from PIL import Image
from showing import answer_to, show

from colorizer.colour.hex import hex_to_ab
from colorizer.colour.readout import BOLDNESS, PRESETS, Readout
from colorizer.page.session.request import MOST_COLOURS, OWN, PhotoRequest
from colorizer.page.widgets.drawer import Looks

from .test_page import handlers, mean_difference, photo  # noqa: F401  # fixtures


def looks_of(shown):
    return {look["name"]: look["file"]["path"] for look in shown["preset"]["looks"]}


def test_every_preset_from_one_pass(handlers, photo, passes):  # noqa: F811
    looks = looks_of(show(handlers, PhotoRequest(photo, "mobile-unet")))
    assert passes == [0]
    assert list(looks) == list(PRESETS)
    pictures = [np.asarray(Image.open(path)).astype(int) for path in looks.values()]
    assert {max(each.shape) for each in pictures} == {240}
    assert len({each.tobytes() for each in pictures}) == len(PRESETS), "each look shows something of its own"
    for look, path in looks.items():
        asked = PhotoRequest(photo, "mobile-unet", preset=look)
        small = answer_to(handlers.shelf, asked).result.at_size(Image.open(path))
        assert mean_difference(path, small.image) < 1
    assert passes == [0]


def test_a_visitors_own_settings_are_a_picture_while_they_are_chosen(handlers, photo):  # noqa: F811
    own = PhotoRequest(photo, "mobile-unet", preset=OWN, sliders=Readout(temperature=0.5, saturation=0.0))
    looks = looks_of(show(handlers, own))
    assert list(looks) == [*PRESETS, OWN]
    assert np.ptp(np.asarray(Image.open(looks[OWN])).astype(int), axis=2).max() <= 3  # without saturation it is gray


def mean_ab(handlers, photo, look):  # noqa: F811
    return answer_to(handlers.shelf, PhotoRequest(photo, "mobile-unet", preset=look)).result.low_ab.mean(dim=(1, 2))


def test_an_evening_is_warmer_and_a_morning_cooler(handlers, photo):  # noqa: F811
    cool, natural, warm = (float(mean_ab(handlers, photo, look)[1]) for look in ("cool", "natural", "warm"))
    assert cool + 1 < natural < warm - 1


def test_looks_differ_in_colour(handlers, photo):  # noqa: F811
    means = {look: mean_ab(handlers, photo, look) for look in PRESETS if look not in BOLDNESS}
    assert len(means) >= 4
    for one, other in combinations(means, 2):
        assert (means[one] - means[other]).norm() > 2, (one, other)  # Lab units: to be seen at a glance


def test_a_palette_of_ones_own_takes_the_place_of_that_of_a_look(handlers, photo):  # noqa: F811
    own = {"like": "palette", "palette": ["#aa3311"]}
    assert list(looks_of(show(handlers, PhotoRequest(photo, "mobile-unet", **own)))) == [*BOLDNESS, "rare"]
    toned, plain = (
        answer_to(handlers.shelf, PhotoRequest(photo, "mobile-unet", preset=look, **own)).result
        for look in ("warm", "natural")
    )
    assert toned.readout == plain.readout


def test_a_palette_begins_with_the_pictures_own_colours(handlers, tmp_path):  # noqa: F811
    Image.new("RGB", (60, 40), (90, 90, 90)).save(tmp_path / "gray.png")
    asked = PhotoRequest(str(tmp_path / "gray.png"), "mobile-unet", like="palette", palette=["#aa3311"])
    answer = answer_to(handlers.shelf, asked)
    assert handlers.palette_started(answer) == {}, "a visitor's own stays"
    empty = answer_to(handlers.shelf, replace(asked, palette=()))
    (colours,) = handlers.palette_started(empty).values()
    assert 1 <= len(colours) <= MOST_COLOURS
    centres = empty.plain.architecture.centres
    nearest = [(torch.tensor(hex_to_ab(colour)) - centres).norm(dim=1).min() for colour in colours]
    assert max(nearest) < 12, "bins of the picture"
    painted = np.zeros((40, 60, 3), np.uint8)
    painted[:, :30], painted[:, 30:] = (200, 40, 40), (40, 60, 200)
    object.__setattr__(empty, "picture", Image.fromarray(painted))
    red, blue = sorted(map(hex_to_ab, handlers.palette_started(empty)["palette"]), reverse=True)
    assert red[0] > 30
    assert blue[1] < -30
    assert handlers.palette_started(answer_to(handlers.shelf, replace(asked, like="nothing", palette=()))) == {}


def test_a_network_without_a_distribution_has_no_looks(handlers, photo):  # noqa: F811
    request = PhotoRequest(photo, "resnet18-decoder", preset="warm")
    assert looks_of(show(handlers, request)) == {}
    assert answer_to(handlers.shelf, request).result.readout == answer_to(handlers.shelf, request).plain.readout


@pytest.mark.parametrize("sent", ["bold", None, 3, ["vivid"], {}])
def test_what_browsers_send_is_a_look(sent):
    looks = Looks("natural", names=PRESETS)
    assert looks.preprocess("warm") == "warm"
    assert looks.preprocess(sent) in PRESETS

"""The pieces of the pipeline: a photo as `Colorizer` reads and writes it, and points as `inference` treats hints."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image

from colorizer import Colorizer, Hint, build
from colorizer.architectures.networks.mobile_unet import End, Prediction
from colorizer.colour.whole_photo import join, lightness
from colorizer.graph import pieces
from colorizer.graph.whole import hint_rows
from colorizer.inference import reach
from colorizer.inference.hints import corrected, honour, rasterize
from colorizer.inference.region import Regions

SIZES = [(60, 90), (90, 60), (5, 7), (1, 1), (400, 30), (16, 300)]
"""(H, W): larger and smaller than what the network is fed with, and beyond its aspect ratio."""


def noise(size):
    return np.random.default_rng(size[0]).integers(0, 256, (*size, 3), dtype=np.uint8)


@pytest.mark.parametrize("size", SIZES)
def test_the_network_is_fed_with_the_same_lightness(size):
    picture = noise(size)
    network = build("mobile-unet")
    network.working_size = 64
    result = Colorizer(network).fitting_size((size[1], size[0]))
    sides = [max(32, round(side / 32) * 32) for side in result]
    L = F.interpolate(lightness(picture)[None, None], sides, mode="bilinear", antialias=True, align_corners=False)
    fed, told, sides, *_ = pieces.Feed(64, 32)(torch.from_numpy(picture))
    assert fed.shape == L.shape
    assert (fed - L).abs().max() < 0.02
    assert told.shape == (1, 3, *L.shape[2:])
    assert not told.any()
    assert sides.tolist() == list(size)


@pytest.mark.parametrize("size", SIZES)
def test_colours_and_the_photographs_lightness_are_joined_alike(size):
    picture = noise(size)
    ab = torch.randn(2, 20, 30, generator=torch.Generator().manual_seed(0)) * 60  # many beyond sRGB
    light = pieces.Feed(64, 32)(torch.from_numpy(picture))[-2:]
    made = pieces.Join()(*light, ab[None])
    unlike = np.abs(made.numpy().astype(int) - join(Image.fromarray(picture), ab))
    assert (unlike > 1).mean() <= 1e-3
    assert unlike.max() <= 2


SIZE, PHOTO = (64, 96), (200, 300)
GRID = (16, 24)
RANDOM = torch.Generator().manual_seed(0)


def smooth(channels, height, width):
    coarse = torch.randn(1, channels, 4, 5, generator=RANDOM)
    return F.interpolate(coarse, (height, width), mode="bilinear") + 0.3 * torch.randn(
        1, channels, height, width, generator=RANDOM
    )


@pytest.fixture(scope="module")
def scene():
    """A network, and what it might say of a photograph."""
    network = build("mobile-unet", width=0.1)
    logits = smooth(len(network.centres), *GRID) * 3
    features = smooth(6, *GRID), smooth(7, 8, 12), smooth(9, 4, 6)
    L = (smooth(1, *SIZE) * 20 + 50).clamp(0, 100)
    return network, Prediction(End(logits, logits, None, features)), L


SIDES = torch.tensor(PHOTO)
PLAUSIBLE = (0.0, 0.0)
CASES = {
    "one thing": [Hint(100, 80, (60.0, 40.0), reach="thing")],
    "the picture": [Hint(100, 80, (20.0, -20.0), reach="picture")],
    "by how plausible": [Hint(100, 80, (90.0, -80.0)), Hint(30, 150, PLAUSIBLE), Hint(299, 199, (40.0, 0.0))],
    "a stroke and a rival": [
        Hint.stroke([(100, 80), (140, 90), (150, 20)], (50.0, 30.0), reach="thing"),
        Hint(200, 90, (-30.0, 30.0), reach="thing"),
    ],
    "two at one place": [Hint(50, 50, (50.0, 0.0), reach="thing"), Hint(50.5, 50, (0.0, 50.0), reach="thing")],
}


def rows_of(hints):
    return torch.from_numpy(hint_rows(hints))


def by_row(hints, shares):
    return torch.tensor([1.0, *(share for hint, share in zip(hints, shares, strict=True) for _ in hint.points)])


@pytest.mark.parametrize("hints", [*CASES.values(), []], ids=[*CASES, "none"])
def test_the_network_is_told_the_same(scene, hints):
    network, prediction, L = scene
    shares = reach.clues(network, prediction, hints, PHOTO)
    share, any_clue, planes = pieces.Clues(network)(L, SIDES, rows_of(hints), prediction.calibrated.logits)
    assert torch.allclose(share, by_row(hints, shares), atol=1e-4)
    given = reach.hints_for_network(network, prediction, L, hints, shares, PHOTO)
    assert torch.allclose(planes, rasterize(given, PHOTO, SIZE), atol=1e-3)
    assert bool(any_clue) == bool(given)


@pytest.mark.parametrize("hints", CASES.values(), ids=CASES)
def test_things_are_painted_alike(scene, hints):
    network, prediction, L = scene
    shares = reach.clues(network, prediction, hints, PHOTO)
    ab = smooth(2, *GRID)[0] * 20
    features = prediction.calibrated.features
    regions = Regions(L[0, 0], [feature[0] for feature in features])
    expected = reach.paint(ab, regions, hints, shares, PHOTO, lambda maps: maps)
    reached = pieces.Reached(network)(L, SIDES, rows_of(hints), by_row(hints, shares), *features)
    assert torch.allclose(reach.laid_on(ab, reached[0]), expected, atol=1e-3)


@pytest.mark.parametrize("hints", [*CASES.values(), []], ids=[*CASES, "none"])
def test_rows_that_are_left_out_change_nothing(scene, hints):
    ab, L = smooth(2, *SIZE)[0] * 20, scene[2][0, 0]
    rows, cell, there = pieces.placed(rows_of(hints), SIDES, SIZE)
    made = corrected(ab, L, cell, rows[:, 2:4], there.float(), there.float())
    assert torch.allclose(made, honour(ab, L, hints, PHOTO), atol=1e-3)


def test_no_points_have_no_suggestions(scene):
    network, prediction, _ = scene
    found = pieces.Suggestions(network)(SIDES, prediction.calibrated.logits, torch.zeros(0, 2))
    assert found.shape == (0, 5, 2)

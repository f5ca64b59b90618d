"""The graph's hints: as `inference` reads, paints and honours them."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from graph.graphs import run

from colorizer import Hint, build
from colorizer.architectures.networks.mobile_unet import End, Prediction
from colorizer.graph import hints as told
from colorizer.graph import painting, readout
from colorizer.graph.whole import hint_rows
from colorizer.inference import reach
from colorizer.inference.hints import honour, rasterize
from colorizer.inference.region import Regions

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


SIDES = np.array(PHOTO, np.float32)
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
    return run(told.with_first, hint_rows(hints))


def shares(scene, hints):
    network, prediction, _ = scene
    return reach.clues(network, prediction, hints, PHOTO)


def by_row(hints, shares):
    return np.array([1, *(share for hint, share in zip(hints, shares, strict=True) for _ in hint.points)], np.float32)


@pytest.mark.parametrize("hints", CASES.values(), ids=CASES)
def test_the_network_is_told_the_same(scene, hints):
    network, prediction, L = scene
    rows, given = rows_of(hints)
    logits, centres = prediction.calibrated.logits.numpy(), network.centres.numpy()
    p = run(readout.at_cells, logits, run(readout.cells_of, rows, SIDES, logits))
    halo = np.exp(-np.square(torch.cdist(network.centres, network.centres).numpy()) / 200)
    share = run(told.clues, rows, given, p, centres, halo)
    assert np.abs(share - by_row(hints, shares(scene, hints))).max() < 1e-3
    given_to_network = reach.hints_for_network(network, prediction, L, hints, share[1 : len(hints) + 1].tolist(), PHOTO)
    planes = run(told.planes, rows, given, share, p, centres, SIDES, np.array(SIZE))
    assert np.abs(planes - rasterize(given_to_network, PHOTO, SIZE).numpy()).max() < 1e-3
    assert run(told.any_clue, given, share) == bool(given_to_network)


@pytest.mark.parametrize("hints", CASES.values(), ids=CASES)
def test_things_are_painted_alike(scene, hints):
    _, prediction, L = scene
    share = shares(scene, hints)
    ab = smooth(2, *GRID) * 20
    regions = Regions(L[0, 0], [feature[0] for feature in prediction.calibrated.features])
    expected = reach.paint(ab[0], regions, hints, share, PHOTO, lambda maps: maps)
    rows, given = rows_of(hints)
    features = [feature.numpy() for feature in prediction.calibrated.features]
    parts = run(painting.parts, L.numpy(), *features, rows, given, by_row(hints, share), SIDES)
    made = run(painting.painted, ab.numpy(), parts)[0]
    assert np.abs(made - expected.numpy()).max() < 0.01


@pytest.mark.parametrize("hints", [*CASES.values(), []], ids=[*CASES, "none"])
def test_hints_are_honoured_alike(scene, hints):
    ab, L = smooth(2, *SIZE) * 20, scene[2]
    expected = honour(ab[0], L[0, 0], hints, PHOTO)
    rows, given = rows_of(hints)
    made = run(told.honoured, ab.numpy(), L.numpy(), rows, given, SIDES)[0]
    assert np.abs(made - expected.numpy()).max() < 0.01

"""The graph's photograph in and out: as `Colorizer` reads and writes it."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image

from colorizer import Colorizer, build
from colorizer.colour.whole_photo import join, lightness
from colorizer.graph import pieces

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

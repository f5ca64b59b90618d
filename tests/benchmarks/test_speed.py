"""The benchmarks of networks, of whole photographs and of many, on small ones."""

import numpy as np
import pytest
from PIL import Image

from benchmarks.common import photograph
from benchmarks.speed import full_resolution, networks
from benchmarks.speed.many_photographs import compare
from colorizer import Colorizer


def test_every_network_fastest_first(monkeypatch):
    monkeypatch.setattr(networks, "LARGEST", "conv-autoencoder")
    seconds = {("alpha", True): [0.1], ("alpha", False): [0.2]}
    seconds |= {("conv-autoencoder", True): [0.4], ("conv-autoencoder", False): [0.6]}
    monkeypatch.setattr(networks, "time_alternately", lambda passes, rounds, warm: seconds)
    lines = networks.every_network(["conv-autoencoder", "alpha"], rounds=1).splitlines()
    assert [line.split("`")[1] for line in lines[2:]] == ["alpha", "conv-autoencoder"]
    assert lines[2].endswith("| 100.0 ms | 2.00 × | 4.0 × | 6.0 × |")


def test_both_ways_to_colour_a_whole_photograph_give_the_same_picture(weights, tmp_path, monkeypatch):
    colorizer = Colorizer.from_checkpoint("mobile-unet", folder=weights)
    monkeypatch.setattr(full_resolution, "_colorizer", lambda: colorizer)
    source = photograph(1, tmp_path / "a.jpg")
    for name, way in full_resolution.WAYS.items():
        way(source, tmp_path / f"{name}.png")
    ours, plain = (np.asarray(Image.open(tmp_path / f"{name}.png")).astype(int) for name in full_resolution.WAYS)
    assert ours.shape == (866, 1155, 3)
    assert np.median(np.abs(ours - plain)) == 0  # untrained, many colours are outside of what sRGB can show


@pytest.mark.full
def test_a_folder_one_by_one_and_at_once(weights):
    lines = compare(Colorizer.from_checkpoint("mobile-unet", folder=weights), [("small", 1, "jpg", 2)], 1).splitlines()
    assert len(lines) == 3
    assert lines[2].startswith("| small | ")

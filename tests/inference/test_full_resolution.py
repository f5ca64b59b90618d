"""The benchmark of whole photographs, run on small ones."""

import numpy as np
import pytest
from PIL import Image

from benchmarks.common import photograph
from benchmarks.speed import full_resolution
from colorizer import Colorizer


@pytest.fixture(autouse=True)
def untrained(weights, monkeypatch):
    colorizer = Colorizer.from_checkpoint("mobile-unet", folder=weights)
    monkeypatch.setattr(full_resolution, "_colorizer", lambda: colorizer)


def test_both_ways_give_the_same_picture(tmp_path):
    source = photograph(1, tmp_path / "a.jpg")
    with Image.open(source) as photo:
        assert photo.size == (1155, 866)
    for name, way in full_resolution.WAYS.items():
        way(source, tmp_path / f"{name}.png")
    ours, plain = (np.asarray(Image.open(tmp_path / f"{name}.png")).astype(int) for name in full_resolution.WAYS)
    assert np.median(np.abs(ours - plain)) == 0  # untrained, many colours are outside of what sRGB can show


def test_table(tmp_path, monkeypatch):
    measured = {"ours": {"seconds": 0.5, "memory": 30.0}, "plain": {"seconds": 5.0, "memory": 300.0}}
    monkeypatch.setattr(full_resolution, "in_its_own_process", lambda way, source: measured[way])
    monkeypatch.setattr(full_resolution, "photograph", lambda megapixels, path: path)
    lines = full_resolution.measure((10, 50)).splitlines()
    assert lines[2] == "| 10 MP | 0.50 s | 50 ms | 30 MB | 10.0 × | 0.10 |"
    assert lines[3] == "| 50 MP | 0.50 s | 10 ms | 30 MB |  |  |"

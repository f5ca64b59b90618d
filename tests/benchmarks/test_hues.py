"""Hues of skin and within things, on colours of which the answer is known."""

import math

import pytest
import torch
from conftest import colour_photo
from PIL import Image

from benchmarks.hues import hue_spread, main, mean_hue, skin_of
from colorizer import build
from colorizer.checkpoints.file import save_checkpoint
from colorizer.colour.lab import rgb_to_lab


def turned(degrees):
    angles = torch.deg2rad(torch.tensor(degrees))
    return 20 * torch.stack((angles.cos(), angles.sin()))


def test_a_mean_hue_is_one_of_colours_and_not_of_numbers():
    assert mean_hue(turned([350.0, 20.0])) == pytest.approx(5, abs=1e-3)


def test_a_spread_is_that_of_the_hues():
    random = torch.Generator().manual_seed(0)
    angles = torch.randn(20_000, generator=random) * 12
    assert math.degrees(hue_spread(turned(angles.tolist()))) == pytest.approx(12, rel=0.03)
    assert hue_spread(turned([30.0, 30.0])) == pytest.approx(0, abs=1e-3)


def test_skin_is_in_the_middle_and_has_its_colours():
    rgb = torch.tensor([[0.85, 0.65, 0.55], [0.3, 0.4, 0.9]]).repeat_interleave(20, 0).T[:, :, None].expand(3, 40, 40)
    found = skin_of(rgb_to_lab(rgb[None])[0])
    assert found[10:20, 10:30].all()
    assert not found[20:].any()
    assert not found[:10].any()


@pytest.fixture
def weights(tmp_path):
    torch.manual_seed(0)
    save_checkpoint(tmp_path / "mobile-unet.safetensors", build("mobile-unet", width=0.1, grid=20), working_size=32)
    return tmp_path


def test_the_command_prints_a_row_for_each_preset(tmp_path, weights, capsys):
    voc = tmp_path / "voc"
    for folder in ("JPEGImages", "SegmentationObject"):
        (voc / folder).mkdir(parents=True)
    colour_photo(64, 64).save(voc / "JPEGImages/a.jpg")
    thing = Image.new("P", (64, 64), 0)
    thing.paste(1, (10, 10, 40, 40))
    thing.save(voc / "SegmentationObject/a.png")
    portraits = tmp_path / "portraits"
    portraits.mkdir()
    face = Image.new("RGB", (64, 64), (216, 166, 140))
    face.save(portraits / "a.png")
    asked = ["--portraits", str(portraits), "--outlines", str(voc), "--weights", str(weights)]
    assert main(asked) == 0
    table = capsys.readouterr().out
    assert "of 1 portraits" in table
    assert "1 things" in table
    assert [line.split(" | ")[0].strip("| ") for line in table.splitlines()[2:]] == ["faithful", "natural", "vivid"]
    assert main(["--weights", str(weights)]) == 1

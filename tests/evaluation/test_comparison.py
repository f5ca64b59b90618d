"""The table and the sheet of `evaluate --all`."""

import pytest
import torch
from conftest import colour_photo
from PIL import Image

from colorizer import build, list_checkpoints
from colorizer.architectures.contract import Architecture
from colorizer.cli.parser import main
from colorizer.evaluation import comparison
from colorizer.evaluation.comparison import (  # fmt: skip
    compare_all,
    count_macs,
    relative_time,
    sheet,
    table,
)


@pytest.fixture
def quick(monkeypatch, small_measures):
    """Small pictures, for figures and for cost."""
    monkeypatch.setattr(comparison, "SIDE", 64)


def test_macs_by_hand():
    class One(torch.nn.Module):
        fixed_size = False
        working_size = 0
        ready = Architecture.ready

        def __init__(self):
            super().__init__()
            self.conv = torch.nn.Conv2d(1, 5, 3, 2, 1)

        def forward(self, L):
            return self.conv(L)

    assert count_macs(One()) == 128 * 128 * 5 * 9  # a 3 x 3 kernel at every second place of 256 x 256
    fixed = One()
    fixed.fixed_size, fixed.working_size = True, 32
    assert count_macs(fixed) == 16 * 16 * 5 * 9


def test_time_is_a_ratio():
    assert relative_time(build("resnet18-decoder").eval(), repeats=15) == pytest.approx(1, abs=0.7)
    assert relative_time(build("conv-fc", width=0.25).eval(), repeats=3) < 0.5


def test_best_first_with_gray_and_the_oracle(weights, quick):
    cards = list_checkpoints(weights)
    photos = [colour_photo(seed=i) for i in range(2)]
    rows = compare_all(cards, photos)
    assert [row.metrics["psnr"] for row in rows] == sorted((row.metrics["psnr"] for row in rows), reverse=True)
    lines = table(rows).splitlines()
    assert {line.split("`")[1] for line in lines[2:4]} == {"mobile-unet", "resnet18-decoder"}
    assert "oracle" in lines[4]
    assert "plain gray" in lines[5]
    assert "+0.00" in lines[5]
    assert "2 photographs" in lines[7]
    shown = sheet(cards, {"a": photos[0], "b": photos[1]}, height=40)
    assert shown.height > 80
    assert shown.width > 4 * 60


def test_command_writes_table_and_sheet(weights, tmp_path, capsys, quick):
    for i in range(2):
        colour_photo(seed=i).save(tmp_path / f"{i}.png")
    flags = ["--weights", str(weights), "--out", str(tmp_path / "out"), "--sheet", str(tmp_path)]
    assert main(["evaluate", "--all", str(tmp_path), *flags]) == 0
    written = (tmp_path / "out" / "comparison.md").read_text()
    assert written in capsys.readouterr().out
    assert Image.open(tmp_path / "out" / "comparison.jpg").width > 200
    assert main(["evaluate", "--all", str(tmp_path), *flags, "--temperature", "0.5"]) == 1
    assert "as they come" in capsys.readouterr().err


def test_what_a_network_puts_off_is_counted():
    assert count_macs(build("mobile-unet", width=0.25).eval()) > 1e7

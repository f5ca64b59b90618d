"""The benchmarks of networks and of ways to run them, on small ones; tests/inference has those of whole photographs."""

import pytest
import torch
from conftest import colour_photo

from benchmarks.__main__ import main
from benchmarks.speed import networks, training
from benchmarks.speed.many_photographs import compare
from benchmarks.speed.ways import PLAIN, SHIPPED, Way
from colorizer import Colorizer
from colorizer.checkpoints.file import find_checkpoint
from colorizer.training.recipes import Recipe


def test_every_network_fastest_first(monkeypatch):
    monkeypatch.setattr(networks, "LARGEST", "conv-autoencoder")
    seconds = {("alpha", True): [0.1], ("alpha", False): [0.2]}
    seconds |= {("conv-autoencoder", True): [0.4], ("conv-autoencoder", False): [0.6]}
    monkeypatch.setattr(networks, "time_alternately", lambda passes, rounds, warm: seconds)
    lines = networks.every_network(["conv-autoencoder", "alpha"], rounds=1).splitlines()
    assert [line.split("`")[1] for line in lines[2:]] == ["alpha", "conv-autoencoder"]
    assert lines[2].endswith("| 100.0 ms | 2.00 × | 4.0 × | 6.0 × |")


@torch.no_grad()
def test_a_way_that_is_not_open_here_leaves_the_others(weights, monkeypatch):
    def closed():
        raise RuntimeError("no compiler")

    every = networks.ways
    chosen = lambda *given: {name: every(*given)[name] for name in (PLAIN, SHIPPED)} | {"closed": Way(closed)}  # noqa: E731
    monkeypatch.setattr(networks, "ways", chosen)
    photographs = [torch.rand(1, 1, 64, 64, generator=torch.Generator().manual_seed(i)) * 100 for i in range(2)]
    lines = networks.every_way(find_checkpoint("mobile-unet", weights), photographs, rounds=1).splitlines()
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines[2:]]
    assert cells[0][:2] == [PLAIN, "1.00 ×"]
    assert cells[1][0] == SHIPPED
    assert float(cells[1][4]) == pytest.approx(0, abs=0.01)
    assert cells[2] == ["closed", "not here: RuntimeError", "", "", ""]


@pytest.mark.full
def test_training_compares_loader_and_step(tmp_path, monkeypatch, capsys):
    for i in range(2):
        colour_photo(64, 64, seed=i).save(tmp_path / f"{i}.png")
    monkeypatch.setattr(training, "recipe_for", lambda name: (Recipe(batch=2, sizes=(32,)), {}))
    flags = ["alpha", "--data", str(tmp_path), "--pictures", "4", "--seconds", "0.01"]
    assert main(["training", *flags]) in (0, 1)
    assert "\nalpha" in capsys.readouterr().out


@pytest.mark.full
def test_a_folder_one_by_one_and_at_once(weights):
    lines = compare(Colorizer.from_checkpoint("mobile-unet", folder=weights), [("small", 1, "jpg", 2)], 1).splitlines()
    assert len(lines) == 3
    assert lines[2].startswith("| small | ")

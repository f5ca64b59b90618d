"""The benchmarks of networks and of many photographs, on small ones; tests/inference has those of whole photographs."""

import pytest

from benchmarks.speed import networks
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


@pytest.mark.full
def test_a_folder_one_by_one_and_at_once(weights):
    lines = compare(Colorizer.from_checkpoint("mobile-unet", folder=weights), [("small", 1, "jpg", 2)], 1).splitlines()
    assert len(lines) == 3
    assert lines[2].startswith("| small | ")

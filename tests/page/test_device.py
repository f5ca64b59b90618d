"""The device on which networks run."""

import sys
import types

import pytest

from colorizer.page.app import launch
from colorizer.page.session.shelf import Shelf, chosen_device, on_zero_gpu, satisfy_zero_gpu


def test_the_device_is_named(monkeypatch):
    for name, expected in {"": "auto", "auto": "auto", "cpu": "cpu", "mps": "mps", "cuda:1": "cuda:1"}.items():
        monkeypatch.setenv("COLORIZER_DEVICE", name)
        assert chosen_device() == expected
    monkeypatch.setenv("COLORIZER_DEVICE", "gpu")
    with pytest.raises(ValueError, match="is auto, cpu, cuda, cuda:1 or mps, not 'gpu'"):
        launch()


def test_on_zero_gpu_networks_run_on_the_cpu(monkeypatch):
    for value, expected in {"": False, "0": False, "1": True, "true": True, "True": True}.items():
        monkeypatch.setenv("SPACES_ZERO_GPU", value)
        assert on_zero_gpu() == expected
    monkeypatch.setenv("COLORIZER_DEVICE", "auto")
    assert chosen_device() == "cpu"
    monkeypatch.setenv("COLORIZER_DEVICE", "cuda")
    with pytest.raises(ValueError, match="is auto or cpu on ZeroGPU, not 'cuda'"):
        launch()


def test_zero_gpu_sees_a_function_that_may_use_its_gpu(monkeypatch):
    seen = []
    monkeypatch.setitem(sys.modules, "spaces", types.SimpleNamespace(GPU=seen.append))
    satisfy_zero_gpu()
    assert len(seen) == 1


def test_a_device_that_is_not_there_is_told(weights, monkeypatch):
    monkeypatch.setenv("COLORIZER_DEVICE", "cuda")
    with pytest.raises(ValueError, match="finds no cuda device here; use auto or cpu"):
        Shelf(weights).colorizer("mobile-unet")

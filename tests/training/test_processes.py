"""Compares several processes on one machine, started as torchrun starts them, with one process."""

import copy
import json
import os
import socket
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from conftest import colour_photo, measure_small, prepared_processes, representing
from safetensors.torch import load_file

from colorizer.training.processes import precision_here
from colorizer.training.recipes import Recipe

RECIPE = Recipe(
    sizes=(32,), batch=16, pictures=64, warmup=2, rate=1e-3, held_out=0.1, ema=0.5, hints=0.5, rotation=5, old=0.5
)


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    for label in ("a", "b"):
        (folder / label).mkdir()
        for i in range(16):
            colour_photo(40, 36, seed=i if label == "a" else i + 50).save(folder / label / f"{label}{i}.png")
    return folder


def run_in(out: Path, photos: Path, **changes):
    from colorizer.training import Run

    settings = {"workers": 0, "validate_every": 32, "log_every": 1, "trackers": (), "cache": str(out / "cache")}
    return Run(data=(str(photos),), out=str(out), **{**settings, **changes})


def _rank(
    rank: int, world: int, port: int, architecture: str, config: dict, recipe: Recipe, run, exactly: bool
) -> None:
    """Starts one process like torchrun does. exactly: in float64, with batch norms that keep their statistics: on
    CPUs each sees only its process's part of a batch."""
    torch.set_num_threads(1)
    measure_small(pytest.MonkeyPatch())
    os.environ |= {
        "RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": str(world), "LOCAL_WORLD_SIZE": str(world),
        "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port),
    }  # fmt: skip
    from colorizer.training import learner, loop, validation

    augment, make_network = learner.augment, loop.make_network
    if exactly:
        learner.augment = lambda *crops, **settings: tuple(x.double() for x in augment(*crops, **settings))
        loop.make_network = lambda *settings: make_network(*settings).double()
        torch.nn.modules.batchnorm._BatchNorm.train = lambda norm, mode=True: torch.nn.Module.train(norm, False)

    class Single(validation.Colorizer):
        """Measures in float32, and notes what it measured first."""

        def __init__(self, network, **where):
            super().__init__(copy.deepcopy(network).float(), **where)
            if not (noted := Path(run.out) / f"measured-{rank}.pt").exists():
                torch.save(dict(network.named_buffers()), noted)

    validation.Colorizer = Single
    loop.train(architecture, config, recipe, run)


def train_in(world: int, architecture: str, config: dict, recipe: Recipe, run, exactly: bool = False) -> list[dict]:
    """The log of a run of `world` processes."""
    context = prepared_processes()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    ranks = [
        context.Process(target=_rank, args=(rank, world, port, architecture, config, recipe, run, exactly))
        for rank in range(world)
    ]
    for process in ranks:
        process.start()
    for process in ranks:
        process.join(150)
        assert process.exitcode == 0
    lines = [json.loads(line) for line in (Path(run.out) / "log.jsonl").read_text().splitlines()]
    assert lines.pop()["why"] == "finished"
    assert json.loads((Path(run.out) / "run.json").read_text())["environment"]["processes"] == world
    return lines


RUNS = [
    ("siggraph17", {"width": 0.0625}, RECIPE),  # hints
    ("mobile-unet", {"width": 0.25}, RECIPE),  # a prior too
    ("eccv16", {"width": 0.125}, replace(RECIPE, loss="rebalanced")),
    ("iizuka16", {"width": 0.125, "global_size": 32}, replace(RECIPE, class_weight=0.1)),  # classes
    ("iizuka16", {"width": 0.125, "global_size": 32}, replace(RECIPE, class_weight=0.0)),  # parts without gradient
    ("beta", {"width": 0.25}, replace(RECIPE, accumulate=2)),
]


@pytest.mark.full
@pytest.mark.parametrize("run", representing(RUNS, RUNS[:1]))
def test_two_processes_learn_the_same_as_one(run, photos, tmp_path):
    architecture, config, recipe = run
    exactly = architecture != "beta"  # it has no batch norm
    logs = [
        train_in(world, architecture, config, recipe, run_in(tmp_path / str(world), photos), exactly)
        for world in (1, 2)
    ]
    assert [line["kind"] for line in logs[0]] == [line["kind"] for line in logs[1]]
    assert len([line for line in logs[0] if line["kind"] == "step"]) == recipe.pictures // recipe.batch
    for one, two in zip(*logs, strict=True):
        assert two["loss"] == pytest.approx(one["loss"], rel=1e-6 if exactly else 1e-4)
        if one["kind"] == "validation":
            assert two["pictures"] == one["pictures"]
            assert two["psnr"] == pytest.approx(one["psnr"], abs=0.02)
    weights = [load_file(tmp_path / str(world) / "last.safetensors") for world in (1, 2)]
    for name, tensor in weights[0].items():
        assert torch.allclose(tensor.float(), weights[1][name].float(), atol=5e-3), name


@pytest.mark.full
def test_two_processes_measure_the_same_network(photos, tmp_path):
    """Each has batch norm statistics of its own; those of the first count."""
    train_in(2, "siggraph17", {"width": 0.0625}, RECIPE, run_in(tmp_path, photos))
    one, two = (torch.load(tmp_path / f"measured-{rank}.pt") for rank in range(2))
    assert any(name.endswith("running_var") for name in one)
    assert all(torch.equal(tensor, two[name]) for name, tensor in one.items())


def test_a_batch_that_cannot_be_divided_is_refused(photos, tmp_path):
    from colorizer.training import train

    with pytest.raises(ValueError, match="make it a multiple of 3"):
        train("alpha", {}, replace(RECIPE, accumulate=3), run_in(tmp_path, photos))


def test_accumulated_gradients_are_those_of_the_whole_batch(photos, tmp_path):
    from colorizer.training import train

    results = []
    for parts in (1, 4):
        train("alpha", {}, replace(RECIPE, accumulate=parts, ema=0.0), run_in(tmp_path / str(parts), photos))
        results.append(load_file(tmp_path / str(parts) / "last.safetensors"))
    for name, tensor in results[0].items():
        assert torch.allclose(tensor.float(), results[1][name].float(), atol=1e-3), name


@pytest.mark.parametrize(("bf16", "amx", "best"), [(False, False, "no"), (True, False, "bf16"), (False, True, "bf16")])
def test_the_precision_follows_from_the_processor(bf16, amx, best, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    monkeypatch.setattr("torch.cpu._is_avx512_bf16_supported", lambda: bf16)
    monkeypatch.setattr("torch.cpu._is_amx_tile_supported", lambda: amx)
    assert precision_here("auto") == best
    assert [precision_here(asked) for asked in ("no", "bf16", "fp16")] == ["no", "bf16", "fp16"]

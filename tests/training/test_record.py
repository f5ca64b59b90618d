"""The files in which a run records how it went."""

import json
import math
from dataclasses import replace

import pytest
from conftest import colour_photo, write_photos

from colorizer.cli.train import main
from colorizer.training import Run, train
from colorizer.training.recipes import Recipe
from colorizer.training.record import read_log

RECIPE = Recipe(sizes=(16,), batch=4, pictures=32, warmup=2, held_out=0.3, ema=0.5)


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = write_photos(tmp_path_factory.mktemp("photos"), 12, 24, 20)
    (folder / "broken <b>.jpg").write_bytes(b"\xff\xd8\xff nothing")
    colour_photo(seed=99).convert("L").save(folder / "gray.png")
    return folder


def run_in(out, photos, **changes) -> Run:
    settings = {"workers": 0, "validate_every": 16, "log_every": 2, "trackers": (), "cache": str(out / "cache")}
    return Run(data=(str(photos),), out=str(out), **{**settings, **changes})


def test_log_and_facts(photos, tmp_path):
    train("alpha", {}, RECIPE, run_in(tmp_path, photos))
    lines = read_log(tmp_path / "log.jsonl")
    assert [line["step"] for line in lines if line["kind"] == "step"] == [2, 4, 6, 8]
    assert [line["step"] for line in lines if line["kind"] == "validation"] == [4, 8]
    assert lines[-1] == {"kind": "end", "step": 8, "why": "finished"}
    for line in lines[:-1]:
        assert math.isfinite(line["loss"])
        if line["kind"] == "step":
            assert line["pictures_seen"] == line["step"] * 4
            assert line["gradient_norm"] > 0
            assert line["pictures_per_second"] > 0
        else:
            assert {"psnr", "gray_psnr", "delta_e", "gray_delta_e", "dead_units"} <= set(line)
            assert set(line["gradients"]) == {"encoder", "decoder"}
    about = json.loads((tmp_path / "run.json").read_text())
    assert about["architecture"] == "alpha"
    assert about["recipe"]["pictures"] == 32
    skipped = about["pictures"]["skipped"]
    assert "broken <b>.jpg" in skipped["unreadable"] or "broken <b>.jpg" not in str(about)  # or it is held out
    assert about["environment"]["processes"] == 1


def test_incomplete_lines_are_skipped(tmp_path):
    path = tmp_path / "log.jsonl"
    path.write_text('{"kind": "step", "step": 1}\n[1]\n{"kind": "step"}\n\n{"kind": "st')
    assert read_log(path) == [{"kind": "step", "step": 1}]
    assert read_log(tmp_path / "none") == []


def test_tensorboard_has_figures_and_samples(photos, tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    train("alpha", {}, RECIPE, run_in(tmp_path, photos, trackers=("tensorboard",)))
    kept: dict[str, list] = {"scalars": [], "images": []}
    for file in (tmp_path / "colorizer").rglob("events.*"):
        events = EventAccumulator(str(file.parent))
        events.Reload()
        for kind in kept:
            kept[kind] += events.Tags()[kind]
    assert {"step/loss", "validation/psnr", "validation/gray_psnr", "validation/gradients/encoder"} <= set(
        kept["scalars"]
    )
    assert kept["images"]


@pytest.mark.full
def test_wandb_offline(photos, tmp_path, monkeypatch):
    pytest.importorskip("wandb")
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_SILENT", "true")
    train("alpha", {}, replace(RECIPE, pictures=16), run_in(tmp_path, photos, trackers=("wandb",)))
    [file] = tmp_path.glob("wandb/offline-run-*/*.wandb")
    held = file.read_bytes()
    assert b"gradient_norm" in held
    assert b"gray_psnr" in held
    assert list(tmp_path.glob("wandb/offline-run-*/files/media/images/*.png"))


def test_a_missing_tracker_is_named(photos, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("colorizer.training.processes.find_spec", lambda name: None)
    assert main(["alpha", "--data", str(photos), "--out", str(tmp_path), "--trackers", "wandb"]) == 1
    assert "`pip install wandb`, or leave it out of --trackers" in capsys.readouterr().err


def test_speed_is_that_of_training_alone(photos, tmp_path, monkeypatch):
    """A validation between two log lines takes time, and pictures before it no longer count."""
    from colorizer.training import record

    moment = iter(range(0, 100_000, 10))  # every look at the clock is 10 seconds after the last
    monkeypatch.setattr(record, "time", type("time", (), {"monotonic": staticmethod(lambda: next(moment))}))
    train("alpha", {}, replace(RECIPE, pictures=48), run_in(tmp_path, photos, log_every=3, validate_every=16))
    steps = [line for line in read_log(tmp_path / "log.jsonl") if line["kind"] == "step"]
    # Validations after 4, 8 and 12 steps of 4 pictures; lines after 3, 6, 9 and 12.
    assert [line["pictures_per_second"] for line in steps] == pytest.approx([12 / 10, 8 / 10, 4 / 10, 12 / 10])

"""A run that is killed goes on as if nothing had happened."""

import os
import random
import signal
import time
from pathlib import Path

import pytest
import torch
from conftest import measure_small, prepared_processes, write_photos
from safetensors.torch import load_file

from colorizer.training.recipes import Recipe

RECIPE = Recipe(
    sizes=(32, 64), batch=4, pictures=160, warmup=2, rate=1e-3, held_out=0.25, ema=0.9, hints=0.5, rotation=5, old=0.5
)


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    return write_photos(tmp_path_factory.mktemp("photos"), 16, 48, 40)


def _train(out: Path, photos: Path) -> None:
    torch.set_num_threads(1)
    measure_small(pytest.MonkeyPatch())
    from colorizer.training import Run, train

    settings = {"validate_every": 80, "validation_pictures": 2, "log_every": 1, "trackers": (), "save_minutes": 0.0}
    run = Run(data=(str(photos),), out=str(out), cache=str(out / "cache"), **settings)
    train("mobile-unet", {"width": 0.125}, RECIPE, run)


def test_killed_at_twenty_random_moments(photos, tmp_path):
    from colorizer.training.record import read_log
    from colorizer.training.state import states

    context = prepared_processes()

    def start(out: Path):
        process = context.Process(target=_train, args=(out, photos))
        process.start()
        return process

    whole = start(tmp_path / "whole")
    began = time.monotonic()
    whole.join(120)
    assert whole.exitcode == 0
    length = time.monotonic() - began

    def steps(out: Path) -> int:
        return int(states(out)[-1].stem.removeprefix("state-")) if states(out) else 0

    moments, kills, reached = random.Random(0), 0, set()
    out = tmp_path / "killed"
    while kills < 20:
        process = start(out)
        # Some while it starts, most in or after a few steps of its own, so that the run gets on.
        further = min(steps(out) + moments.choice([0, 1, 1, 2, 3]), 15 + kills)
        while steps(out) < further and process.is_alive():
            time.sleep(0.002)
        process.join(moments.uniform(0.0, length / 40 if further else length / 3))
        assert process.is_alive()
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        kills += 1
        reached.add(steps(out))
    assert len(reached) >= 10
    process = start(out)
    process.join(120)
    assert process.exitcode == 0

    expected, found = (load_file(tmp_path / name / "last.safetensors") for name in ("whole", "killed"))
    assert set(expected) == set(found)
    assert all(torch.equal(expected[name], found[name]) for name in expected)
    expected, found = (load_file(states(tmp_path / name)[-1]) for name in ("whole", "killed"))
    assert all(torch.equal(expected[name], found[name]) for name in expected)
    logs = [
        [(line["kind"], line["step"], line.get("loss")) for line in read_log(tmp_path / name / "log.jsonl")]
        for name in ("whole", "killed")
    ]
    assert logs[0] == logs[1]
    assert not list(out.glob("*.part"))


def test_sigterm_leaves_a_state(photos, tmp_path):
    from colorizer.training.state import read_state

    process = prepared_processes().Process(target=_train, args=(tmp_path, photos))
    process.start()
    while not (tmp_path / "log.jsonl").exists() or not (tmp_path / "log.jsonl").read_text():
        assert process.is_alive()
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGTERM)
    process.join(60)
    assert process.exitcode == 0
    assert 0 < read_state(tmp_path)[1]["progress"]["step"] < 40

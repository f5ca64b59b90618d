"""A run that was killed or stopped continues as if nothing had happened."""

import math
import os
import re
import signal
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from conftest import write_photos
from safetensors.torch import load_file

from colorizer.training.recipes import Recipe

RECIPE = Recipe(
    sizes=(32, 64), batch=4, pictures=40, warmup=2, rate=1e-3, held_out=0.25, ema=0.9, hints=0.5, rotation=5, old=0.5
)


def _train(out: Path, photos: Path, recipe: Recipe = RECIPE, **changes: float) -> None:
    """A run on one thread that saves after each step and validates half-way and at its end."""
    torch.set_num_threads(1)
    from colorizer.training import Run, train

    run = Run(
        data=(str(photos),), out=str(out), cache=str(out / "cache"), validate_every=recipe.pictures // 2,
        validation_pictures=2, log_every=1, trackers=(), save_minutes=0.0, workers=0, **changes,
    )  # fmt: skip
    train("siggraph17", {"width": 0.0625}, recipe, run)  # hints and batch norm, in a small file


def assert_same(expected: Path, found: Path) -> None:
    """Check that two folders hold the same run (weights, last state, log) and no half-written file."""
    from colorizer.training.record import read_log
    from colorizer.training.state import states

    for one, two in (
        (expected / "last.safetensors", found / "last.safetensors"),
        (expected / "best.safetensors", found / "best.safetensors"),
        (states(expected)[-1], states(found)[-1]),
    ):
        assert one.name == two.name
        one, two = load_file(one), load_file(two)
        assert set(one) == set(two)
        assert all(torch.equal(one[name], two[name]) for name in one)
    logs = [
        [(line["kind"], line["step"], line.get("loss")) for line in read_log(out / "log.jsonl")]
        for out in (expected, found)
    ]
    assert logs[0] == logs[1]
    assert not list(found.glob(".part-*"))


class Dead(BaseException):
    """The process is dead: it does nothing more."""


class Death:
    """Stops all writing of a process just before it opens, renames or deletes a file, at a point in the code where no
    process was stopped before. From then on it changes nothing in the folder, as if it were dead."""

    def __init__(self, folder: Path):
        self.folder = str(folder)
        self.ways: set[tuple[str, str]] = set()
        self.waiting = self.happened = False
        sys.addaudithook(self._before)  # for ever; it does nothing unless it waits

    def _before(self, event: str, arguments: tuple) -> None:
        if not self.waiting or event not in ("open", "os.rename", "os.remove"):
            return
        path = str(arguments[1 if event == "os.rename" else 0])
        if not path.startswith(self.folder) or (event == "open" and not _writes(arguments)):
            return
        way = event, re.sub(r"[^.-]*\d[^.-]*", "#", Path(path).name)  # whatever step it is of
        if way not in self.ways:
            self.ways.add(way)
            self.happened = True
        if self.happened:
            raise Dead(way)


def _writes(arguments: tuple) -> bool:
    _, mode, flags = arguments
    return bool(set("wax+") & set(mode)) if mode else bool(flags & (os.O_WRONLY | os.O_RDWR))


def test_a_run_killed_at_any_write_continues(tmp_path):
    """One with balanced folders and whims."""
    threads = torch.get_num_threads()
    out, photos = tmp_path / "dead", tmp_path / "photos"
    for name, count in (("many", 12), ("few", 2)):
        (photos / name).mkdir(parents=True)
        write_photos(photos / name, count, 48, 40)
    death, short = Death(out), replace(RECIPE, sizes=(32,), pictures=16, balance=1.0, hints=1.0, whims=0.5)
    try:
        _train(tmp_path / "whole", photos, short)
        for _ in range(40):
            death.waiting, death.happened = True, False
            try:
                _train(out, photos, short)
                break
            except Dead:
                pass
            finally:
                death.waiting = False
    finally:
        torch.set_num_threads(threads)
    assert death.ways >= {
        ("os.rename", "state-#.safetensors"), ("os.rename", "best.safetensors"), ("os.rename", "last.safetensors"),
        ("os.rename", "log.jsonl"), ("os.rename", "run.json"), ("os.remove", "state-#.safetensors"),
        ("open", "log.jsonl"), ("open", ".part-#.safetensors"),
    }  # fmt: skip
    assert_same(tmp_path / "whole", out)


@pytest.mark.parametrize("why", ["SIGTERM", "its time is up"])
def test_a_run_told_to_stop_leaves_a_state(photos, tmp_path, monkeypatch, why):
    from colorizer.training.learner import Learner
    from colorizer.training.state import read_state

    unheard, step = [], Learner.step

    def told_to_stop(*arguments, **named):
        os.kill(os.getpid(), signal.SIGTERM)
        return step(*arguments, **named)

    if why == "SIGTERM":
        monkeypatch.setattr(Learner, "step", told_to_stop)
    threads, before = torch.get_num_threads(), signal.signal(signal.SIGTERM, lambda *_: unheard.append(True))
    try:
        _train(tmp_path, photos, max_minutes=math.inf if why == "SIGTERM" else 0.0)
    finally:
        signal.signal(signal.SIGTERM, before)
        torch.set_num_threads(threads)
    assert not unheard
    assert read_state(tmp_path)[1]["progress"]["step"] == 1

"""The records of a run while it trains: run.json, log.jsonl, and the trackers' own files."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from accelerate import Accelerator

from ..architectures.contract import Architecture
from .learner import Step
from .material import Material
from .processes import describe
from .recipes import Recipe, Run
from .state import write_text
from .validation import Progress, code_commit

PROJECT = "colorizer"


class Record:
    """The log of one run. Only the main process writes.

    `log.jsonl` has one line every few steps and one line for every validation. A resumed run first removes the lines
    written after the state it resumes from, because it repeats those steps.
    """

    def __init__(self, accelerator: Accelerator, out: Path, every: int, progress: Progress, batch: int):
        self._accelerator, self._path, self._every = accelerator, out / "log.jsonl", every
        self._writes = accelerator.is_main_process
        self._noted = time.monotonic(), progress.step * batch
        validated = {point["pictures_seen"] for point in progress.history}
        earlier = [
            line
            for line in read_log(self._path)
            if (line["kind"] == "step" and line["step"] <= progress.step)
            or (line["kind"] == "validation" and line["pictures_seen"] in validated)
        ]
        self._before = float(earlier[-1].get("seconds", 0.0)) if earlier else 0.0
        if self._writes:
            write_text(self._path, "".join(json.dumps(line) + "\n" for line in earlier))

    def begin(self, network: Architecture, recipe: Recipe, run: Run, material: Material) -> None:
        """Write run.json and start the trackers; they name the run after the folder."""
        about: dict[str, Any] = {
            "architecture": network.name,
            "config": asdict(network.config),
            "parameters": network.parameter_count,
            "recipe": asdict(recipe),
            "run": {k: v for k, v in asdict(run).items() if v != math.inf},
            "environment": {**describe(self._accelerator), "commit": code_commit()},
            "pictures": {
                "training": len(material.pictures),
                "validation": len(material.held_out),
                "skipped": material.packed.skipped if material.packed else {},
            },
        }
        if self._writes:
            write_text(self._path.parent / "run.json", json.dumps(about, indent=1))
        settings = {**about["recipe"], **about["config"], "architecture": network.name}
        plain = {k: v if isinstance(v, int | float | str | bool) else str(v) for k, v in settings.items()}
        name = self._path.parent.resolve().name
        self._accelerator.init_trackers(PROJECT, plain, {"wandb": {"name": name, "dir": str(self._path.parent)}})

    def step(self, progress: Progress, seen: int, step: Step, rate: float, seconds: float) -> None:
        """Log a step, if it is time for a line. seconds: since this process began to train."""
        if progress.step % self._every:
            return
        (then, before), self._noted = self._noted, (time.monotonic(), seen)
        speed = (seen - before) / max(self._noted[0] - then, 1e-9)
        self._write(
            "step",
            progress.step,
            pictures_seen=seen,
            loss=step.loss,
            rate=rate,
            gradient_norm=step.gradient_norm,
            **step.figures,
            pictures_per_second=speed,
            seconds=self._before + seconds,
        )

    def validation(self, progress: Progress, sheet: Path, seconds: float) -> None:
        """Log the last validation and its samples."""
        self._write("validation", progress.step, **progress.history[-1], seconds=self._before + seconds)
        self._pictures(sheet, progress.step)
        self._noted = time.monotonic(), progress.history[-1]["pictures_seen"]  # speed counts training alone

    def _write(self, kind: str, step: int, **figures: Any) -> None:
        self._append({"kind": kind, "step": step, **figures})
        self._accelerator.log({f"{kind}/{name}": figure for name, figure in _flat(figures)}, step=step)

    def _pictures(self, path: Path, step: int) -> None:
        """Send a sheet of samples to the trackers that can show pictures."""
        if not self._writes:
            return
        import numpy as np
        from PIL import Image

        with Image.open(path) as sheet:
            shown = np.asarray(sheet.convert("RGB"))
        for tracker in self._accelerator.trackers:
            if tracker.name == "tensorboard":
                tracker.log_images({"samples": shown[None]}, step=step, dataformats="NHWC")
            elif tracker.name == "wandb":
                tracker.log_images({"samples": [shown]}, step=step)

    def end(self, progress: Progress, why: str) -> None:
        """Log why the run ends ("finished", "early stopping" or "stopped") and close the trackers."""
        self._append({"kind": "end", "step": progress.step, "why": why})
        self._accelerator.end_training()

    def _append(self, line: Mapping[str, Any]) -> None:
        if self._writes:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")


def read_log(path: Path) -> list[dict[str, Any]]:
    """The complete lines of a log.jsonl: a killed run may leave half a line."""
    lines = []
    if path.exists():
        for text in path.read_text(encoding="utf-8").splitlines():
            try:
                line = json.loads(text)
            except ValueError:
                continue
            if isinstance(line, dict) and isinstance(line.get("step"), int) and "kind" in line:
                lines.append(line)
    return lines


def _flat(figures: Mapping[str, Any]):
    for name, figure in figures.items():
        if isinstance(figure, Mapping):
            yield from ((f"{name}/{part}", value) for part, value in figure.items())
        else:
            yield name, figure

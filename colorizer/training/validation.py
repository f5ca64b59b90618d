"""Every validation of a run measures, saves samples, and keeps the best weights with their card."""

from __future__ import annotations

import math
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator
from PIL import Image

from ..architectures.contract import Architecture
from ..checkpoints.card import Card
from ..checkpoints.file import save_checkpoint, update_card
from ..colour.metrics import FIGURES, PROTOCOL_SIDE, average, measure_photos, psnr, reference
from ..colour.readout import preset
from ..data.files import DataError, Picture, digest_of_names, open_to_measure
from ..evaluation.realism import LEAST, Eye, distance
from ..figures.sheets import contact_sheet
from ..files.atomic import whole_file
from ..inference.colorizer import Colorizer
from .processes import gather
from .recipes import FINISH_LOOK, Recipe, Run

TEMPERATURES = (1.0, 0.75, 0.5, 0.38)
"""Temperatures tried at the end of a run; the best one by PSNR becomes the checkpoint's own."""
TRIED_ON = 50
"""How many pictures, per process, are enough to choose a temperature."""
HEALTH = ("dead_units", "gradients")
"""Figures of a network's health; they go into the log, not into a checkpoint's metrics."""


@dataclass
class Progress:
    """The part of a state beside the weights."""

    step: int = 0
    best: float = -math.inf
    loss: float = math.nan
    temperature: float = 1.0
    rate_factor: float = 1.0
    """The factor that "plateau" has put on the rate."""
    stalled: int = 0
    """Validations since the best one, or since the rate was lowered."""
    ended: int = -1
    """The step at which the run ended as planned and made its final validation."""
    unimproved: int = 0
    """Validations since the best one."""
    compared_on: str = ""
    """Identifies the pictures that `best` was measured on."""
    health: dict[str, Any] = field(default_factory=dict)
    """The figures of `HEALTH` in the step before the last validation."""
    history: list[dict[str, Any]] = field(default_factory=list)

    def note(self, metrics: Mapping[str, float], recipe: Recipe) -> bool:
        """Record a validation and apply "plateau"; returns whether it was the best so far."""
        better = score(metrics, recipe) > self.best
        self.best = max(self.best, score(metrics, recipe))
        self.stalled = 0 if better else self.stalled + 1
        self.unimproved = 0 if better else self.unimproved + 1
        if recipe.schedule == "plateau" and self.stalled > recipe.patience:
            self.rate_factor *= recipe.decay
            self.stalled = 0
        return better

    def compare_on(self, pictures: Sequence[Picture]) -> None:
        """Forget the best score if it was measured on other pictures."""
        now = digest_of_names(pictures)
        if now != self.compared_on:
            self.best, self.stalled, self.unimproved, self.compared_on = -math.inf, 0, 0, now

    def exhausted(self, recipe: Recipe) -> bool:
        """Whether early stopping ends the run."""
        return 0 < recipe.early_stopping <= self.unimproved


Describe = Callable[[Architecture, Progress, str], Card]
Looked = tuple[Image.Image, dict[str, float]]
"""A validation picture and the `reference` to compare its figures with."""


class Validator:
    """Measures the averaged weights with the same code as the page, each process on its part of the pictures, and
    saves them when they are the best so far."""

    def __init__(
        self,
        accelerator: Accelerator,
        recipe: Recipe,
        out: Path,
        describe: Describe,
        say: Callable[[str], None],
        some: int = 100,
        eye: Eye | None = None,
    ):
        """some: how many pictures are measured before the end of the run; these decide which weights are best. eye:
        looks how far coloured pictures are from true ones."""
        self._accelerator, self._recipe, self._out = accelerator, recipe, out
        self._describe, self._say, self._some = describe, say, some
        self._eye = eye
        self._opened: dict[Picture, list[Looked]] = {}
        self._look: dict[str, Any] = preset(FINISH_LOOK) if recipe.adversarial else {}

    def __call__(
        self, network: Architecture, held_out: Sequence[Picture], progress: Progress, final: bool = False
    ) -> Path:
        """Measure, save samples, keep the best weights; returns the sheet of samples. Raises DataError if no picture
        can be used."""
        accelerator, recipe = self._accelerator, self._recipe
        first = held_out[: self._some]
        looked = self._open(first)
        compared = len(looked)
        looked += self._open(held_out[self._some :] if final else [])
        if not gather(accelerator, looked[:1]):
            raise DataError("None of the validation pictures is a readable colour photograph; name others.")
        colorizer = Colorizer(network, device=str(accelerator.device))
        rows, temperature, made = self._measure(colorizer, looked, final)
        every = gather(accelerator, rows)
        metrics = {**average(every), **self._realism(made, looked)}
        if not self._look:  # a finish does not change the calibrated answers
            progress.temperature = temperature or 1.0
        point = {**metrics, "pictures_seen": progress.step * recipe.batch, "loss": progress.loss, **progress.health}
        progress.compare_on(first)
        noted = progress.history and progress.history[-1]["pictures_seen"] == point["pictures_seen"]
        comparable = gather(accelerator, rows[:compared])
        better = not noted and progress.note(average(comparable), recipe)
        progress.history = [*(progress.history[:-1] if noted else progress.history), point]
        self._say(_sentence(point))
        sheet = self._out / f"samples-{point['pictures_seen']:09}.png"
        if accelerator.is_main_process:
            self._describe(network, progress, "last")
            look = self._look or {"temperature": temperature}
            samples = (colorizer.colorize(photo, **look) for photo, _ in looked[:12])
            shown = [("", (sample.grayscale, sample.image, sample.original)) for sample in samples]
            with whole_file(sheet) as file:
                contact_sheet(shown, ("Grayscale", "In colour", "Original"), 128).save(file)
            if better and not final:
                self._describe(network, progress, "best")
        if final:
            progress.ended = progress.step
            self._keep_the_better(network, looked, progress, metrics)
        return sheet

    def _open(self, pictures: Sequence[Picture]) -> list[Looked]:
        """This process's part of the pictures. They are measured many times, so each is opened only once."""
        mine = pictures[self._accelerator.process_index :: self._accelerator.num_processes]
        told = []
        for picture in mine:
            if picture not in self._opened:
                photos, problems = open_to_measure([picture], PROTOCOL_SIDE)
                self._opened[picture] = [(photo, reference(photo)) for photo in photos]
                told += problems
        for problem in gather(self._accelerator, told):
            self._say(f"not validated on: {problem}")
        return [pair for picture in mine for pair in self._opened[picture]]

    def _measure(
        self, subject: Colorizer, looked: Sequence[Looked], final: bool
    ) -> tuple[list[dict[str, float]], float | None, list[Image.Image]]:
        """The figures of each picture, the temperature it was coloured with, and the results. At the end of the run the
        temperature is the one with the best PSNR on some of the pictures of all processes."""
        photos = [photo for photo, _ in looked]
        temperature = None
        if final and subject.architecture.has_distribution and not self._look:
            some = photos[:: max(1, len(photos) // TRIED_ON)]

            def score_at(t: float) -> float:
                mine = [
                    psnr(np.asarray(_colour(subject, {"temperature": t}, photo)), np.asarray(photo)) for photo in some
                ]
                return float(np.mean(gather(self._accelerator, mine)))

            temperature = max(TEMPERATURES, key=score_at)
        asked = self._look or {"temperature": temperature}
        made: list[Image.Image] = []

        def colour(photo: Image.Image) -> Image.Image:
            made.append(_colour(subject, asked, photo))
            return made[-1]

        figures = measure_photos(colour, photos, [beside for _, beside in looked])
        return figures, temperature, made

    def _realism(self, made: Sequence[Image.Image], looked: Sequence[Looked]) -> dict[str, float]:
        """KID x 1000 of the results, if an encoder looks and there are enough pictures."""
        if not self._eye:
            return {}
        look = self._eye.features
        pairs = [(look([one]), look([photo])) for one, (photo, _) in zip(made, looked, strict=True)]
        every = gather(self._accelerator, pairs)
        if len(every) < LEAST:
            return {}
        found, true = (torch.cat(part) for part in zip(*every, strict=True))
        return {"kid": 1000 * distance(found, true)}

    def _keep_the_better(
        self, network: Architecture, looked: Sequence[Looked], progress: Progress, metrics: dict[str, float]
    ) -> None:
        """At the end of the run: measure the earlier best again, on all pictures, and keep the better one."""
        best, main = self._out / "best.safetensors", self._accelerator.is_main_process
        if best.exists():
            earlier = Colorizer.from_checkpoint(best, device=str(self._accelerator.device))
            rows, its_temperature, _ = self._measure(earlier, looked, final=True)
            every = gather(self._accelerator, rows)  # by then all processes have read the file
            again = average(every)
            if score(again, self._recipe) > score(metrics, self._recipe):
                if main:
                    own = progress.temperature if self._look else its_temperature or 1.0
                    update_card(best, metrics=again, temperature=own)
                self._say(f"the best weights are earlier ones, with {again['psnr']:.2f} dB")
                return
        if main:
            self._describe(network, progress, "best")


def score(metrics: Mapping[str, float], recipe: Recipe) -> float:
    """The score that decides which weights are best; larger is better."""
    [measure] = [row for row in FIGURES if row.key == recipe.best_by]
    return -metrics[measure.key] if measure.better == "lower" else metrics[measure.key]


def _sentence(point: Mapping[str, Any]) -> str:
    sentence = (
        f"{point['pictures_seen']:>9,} seen  loss {point['loss']:.4f}  PSNR {point['psnr']:.2f} dB "
        f"(gray {point['gray_psnr']:.2f})  dE {point['delta_e']:.2f} (gray {point['gray_delta_e']:.2f})  "
        f"colourfulness {point['colourfulness']:.1f} (truth {point['true_colourfulness']:.1f})"
    )
    sentence += f"  KID {point['kid']:.0f}" if "kid" in point else ""
    return sentence + (f"  dead units {point['dead_units']:.0%}" if "dead_units" in point else "")


def _colour(colorizer: Colorizer, readout: Mapping[str, Any], photo: Image.Image) -> Image.Image:
    return colorizer.colorize(photo, **readout).image


def card_writer(recipe: Recipe, run: Run, out: Path, classes: Sequence[str]) -> Describe:
    """Return a function that writes `<out>/<name>.safetensors` with a complete card."""

    def write(network: Architecture, progress: Progress, name: str) -> Card:
        latest = progress.history[-1] if progress.history else {}
        return save_checkpoint(
            out / f"{name}.safetensors",
            network,
            temperature=progress.temperature,
            commit=code_commit(),
            recipe=asdict(recipe),
            metrics={k: v for k, v in latest.items() if k not in ("loss", "pictures_seen", *HEALTH)},
            title=run.title,
            licence=run.licence,
            data=run.data_note,
            classes=classes,
            history=[
                {k: point[k] for k in ("pictures_seen", "loss", "psnr", "gray_psnr", "dead_units") if k in point}
                for point in progress.history
            ],
        )

    return write


@cache
def code_commit() -> str:
    """The code's commit when this was first asked, or "" outside a repository."""
    try:
        shown = subprocess.run(["git", "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True, check=True)
        return shown.stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""

"""What a run does at every validation: measure, show samples, keep the best weights with their card."""

from __future__ import annotations

import math
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from PIL import Image

from .architectures._base import Architecture
from .checkpoint import Card, save_checkpoint, update_card
from .data import DataError, Picture, open_to_measure
from .figures import learning_curve, sample_sheet
from .inference import Colorizer
from .metrics import PROTOCOL_SIDE, evaluate, reference
from .recipes import Recipe

TEMPERATURES = (1.0, 0.75, 0.5, 0.38)
"""Tried at the end of a run; the best one by PSNR becomes the checkpoint's own."""


@dataclass
class Progress:
    """What a state holds beside the weights."""

    step: int = 0
    best: float = -math.inf
    loss: float = math.nan
    temperature: float = 1.0
    dead_units: float = 0.0
    rate_factor: float = 1.0
    """What "plateau" has made of the rate."""
    stalled: int = 0
    """Validations since the best one, or since the rate was lowered."""
    history: list[dict[str, float]] = field(default_factory=list)


Describe = Callable[[Architecture, Progress, str], Card]


def validate(
    network: Architecture,
    held_out: Sequence[Picture],
    progress: Progress,
    recipe: Recipe,
    describe: Describe,
    say: Callable[[str], None],
    final: bool = False,
) -> None:
    """Measure the averaged weights through the path that the page runs; keep them when they are the best so far."""
    colorizer = Colorizer(network)
    photos, problems = open_to_measure(held_out, PROTOCOL_SIDE)
    for problem in problems:
        say(f"not validated on: {problem}")
    if not photos:
        raise DataError("None of the validation pictures is a readable colour photograph; name others.")
    temperatures = TEMPERATURES if final and network.has_distribution else (None,)
    references = [reference(photo) for photo in photos]

    def measure(subject: Colorizer) -> tuple[dict[str, float], float | None]:
        """Figures at the temperature that is best by PSNR, and that temperature."""
        trials = [(evaluate(partial(_colour, subject, t), photos, references), t) for t in temperatures]
        return max(trials, key=lambda trial: trial[0]["psnr"])

    metrics, temperature = measure(colorizer)
    progress.temperature = temperature or 1.0
    point = {**metrics, "pictures_seen": progress.step * recipe.batch, "loss": progress.loss}
    point["dead_units"] = progress.dead_units
    progress.history.append(point)
    say(
        f"{point['pictures_seen']:>9,} seen  loss {progress.loss:.4f}  PSNR {metrics['psnr']:.2f} dB "
        f"(gray {metrics['gray_psnr']:.2f})  dE {metrics['delta_e']:.2f} (gray {metrics['gray_delta_e']:.2f})  "
        f"colourfulness {metrics['colourfulness']:.1f} (truth {metrics['true_colourfulness']:.1f})  "
        f"dead units {progress.dead_units:.0%}"
    )
    card = describe(network, progress, "last")
    samples = [colorizer.colorize(photo, temperature=temperature) for photo in photos[:12]]
    sample_sheet(samples).save(card.path.parent / f"samples-{point['pictures_seen']:09}.png")
    learning_curve(progress.history, card.path.parent / "learning-curve.png")
    progress.stalled = 0 if metrics["psnr_gain"] > progress.best else progress.stalled + 1
    if recipe.schedule == "plateau" and progress.stalled > recipe.patience:
        progress.rate_factor *= recipe.decay
        progress.stalled = 0
    best = card.path.with_name("best.safetensors")
    if final and best.exists():
        # The earlier best was measured on some of the pictures only: once more, on all of them.
        again, its_temperature = measure(Colorizer.from_checkpoint(best, device="cpu"))
        if again["psnr"] > metrics["psnr"]:
            update_card(best, metrics=again, temperature=its_temperature or 1.0)
            say(f"the best weights are earlier ones, with {again['psnr']:.2f} dB")
            return
    if final or metrics["psnr_gain"] > progress.best:
        progress.best = metrics["psnr_gain"]
        describe(network, progress, "best")


def _colour(colorizer: Colorizer, temperature: float | None, photo: Image.Image) -> Image.Image:
    return colorizer.colorize(photo, temperature=temperature).image


def card_writer(recipe: Recipe, out: Path, **notes: Any) -> Describe:
    """A function that writes `<out>/<name>.safetensors` with everything there is to say about it."""

    def write(network: Architecture, progress: Progress, name: str) -> Card:
        latest = progress.history[-1] if progress.history else {}
        return save_checkpoint(
            out / f"{name}.safetensors",
            network,
            temperature=progress.temperature,
            commit=_commit(),
            recipe=asdict(recipe),
            metrics={k: v for k, v in latest.items() if k not in ("loss", "pictures_seen", "dead_units")},
            **notes,
            history=[
                {k: point[k] for k in ("pictures_seen", "loss", "psnr", "gray_psnr", "dead_units")}
                for point in progress.history
            ],
        )

    return write


def _commit() -> str:
    """The commit the code is at, or "" outside a repository."""
    try:
        shown = subprocess.run(["git", "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True, check=True)
        return shown.stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""

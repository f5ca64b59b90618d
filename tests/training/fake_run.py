"""A folder as a training run leaves it, made without training."""

import json
import math
import shutil
from dataclasses import MISSING, asdict, fields, replace
from pathlib import Path

from conftest import colour_photo

from colorizer.training import Run
from colorizer.training.protocols import recipe_for

DEFAULTS = {it.name: it.default for it in fields(Run) if it.default is not MISSING}


NASTY = "<script>alert(1)</script>.jpg"


RECIPE = replace(recipe_for("mobile-unet")[0], pictures=240_000)


def settings(**changes) -> dict:
    run = Run(data=("photos", "more.tar"), validation=("held-out",), out="runs/x", encoder="torchvision", title="A run")
    return {
        "architecture": "mobile-unet",
        "config": {"grid": 10, "width": 1.0},
        "recipe": asdict(RECIPE),
        "run": asdict(run),
        "environment": {
            "python": "3.11.2", "torch": "2.13.0", "device": "cpu", "processes": 1, "threads": 2, "commit": "abc1234",
        },
        "pictures": {
            "training": 119_000,
            "validation": 500,
            "skipped": {"unreadable": [NASTY], "gray": [f"scan-{i:03}.jpg" for i in range(14)]},
        },
        "parameters": 3_559_333,
        **changes,
    }  # fmt: skip


def step(seen: int, **changes) -> dict:
    far = seen / 240_000
    return {
        "kind": "step",
        "step": seen // 48,
        "pictures_seen": seen,
        "loss": 2.9 + 1.6 * math.exp(-6 * far) + 0.06 * math.sin(seen),
        "rate": 1.5e-3 * (0.51 + 0.49 * math.cos(math.pi * far)),
        "gradient_norm": 0.5 + 3 * math.exp(-9 * far) + 0.1 * math.sin(seen / 7),
        "pictures_per_second": 68 + 4 * math.sin(seen / 9),
        "seconds": seen / 68,
        **changes,
    }


def validation(seen: int, **changes) -> dict:
    far = seen / 240_000
    parts = ("encoder", "hint_stem", "bottleneck", "context", "up16", "up8", "up4", "head")
    return {
        "kind": "validation", "step": seen // 48, "pictures_seen": seen, "loss": 2.95 + math.exp(-6 * far),
        "seconds": seen / 68, "dead_units": 0.02 + 0.02 * far,
        "gradients": {name: 0.3 / (1 + i) * math.exp(-2 * far) for i, name in enumerate(parts)},
        "updates": {name: 2e-3 / (1 + i) * (1.02 - far) for i, name in enumerate(parts)},
        "psnr": 21.72 + 1.25 * (1 - math.exp(-4 * far)), "gray_psnr": 21.72, "mean_psnr": 24.99,
        "psnr_gain": 1.25 * (1 - math.exp(-4 * far)),
        "delta_e": 11.7 - 1.1 * far, "gray_delta_e": 11.73, "mean_delta_e": 8.01,
        "auc": 0.88 + 0.015 * far, "gray_auc": 0.878, "mean_auc": 0.919,
        "colourfulness": 20.0 * far ** 0.3, "true_colourfulness": 44.2, "gray_colourfulness": 0.08,
        "mean_colourfulness": 14.6, "pictures": 500 if seen == 240_000 else 100, **changes,
    }  # fmt: skip


def fake_run(folder: Path, upto: int = 240_000, weights: Path | None = None, **changes) -> Path:
    """A folder like the one `train` leaves after `upto` of 240,000 pictures, with a validation at every 30,000."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "run.json").write_text(json.dumps(settings(**changes)))
    lines = [step(seen) for seen in range(2400, upto + 1, 2400)]
    for seen in range(30_000, upto + 1, 30_000):
        lines.append(validation(seen))
        colour_photo(160, 120, seed=seen).save(folder / f"samples-{seen:09}.png")
    lines.sort(key=lambda line: line["pictures_seen"])
    (folder / "log.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    if weights:
        for name in ("best", "last"):
            shutil.copy(weights, folder / f"{name}.safetensors")
    return folder

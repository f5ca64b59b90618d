"""How often a negative is recognised: `python -m benchmarks.negatives PHOTOS [--train]`.

Negatives are made of photographs as film and scanners make them: reversed, with a curve of their own, flat or hard, and
for colour film behind an orange mask. It prints how many of the negatives are found and how many of the positives are
taken for one. `--train` first trains the network of `inference.negative` on other photographs and stores its weights.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from safetensors.torch import save_file
from tqdm import trange

from benchmarks.flagship.photos import open_photos
from colorizer.data.degradation import COLUMNS, degrade
from colorizer.inference.negative import SIDE, WEIGHTS, Positiveness, looks_negative

MASK = np.array([1.0, 0.62, 0.4])
"""The orange mask of colour film, in linear light."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Train if requested, measure, print; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.negatives", description=(__doc__ or "").partition(":")[0]
    )
    parser.add_argument("photos", nargs="+", help="colour photographs to measure on: folders, .tar, .zip")
    parser.add_argument("--limit", type=int, help="so many of the photographs only, taken evenly")
    parser.add_argument("--train", nargs="+", metavar="PHOTOS", help="other photographs, to train on first")
    parser.add_argument("--steps", type=int, default=6000, help="of training, 64 pictures each")
    options = parser.parse_args(arguments)
    try:
        photos = open_photos(options.photos, options.limit).images
        if options.train:
            others = open_photos(options.train, None).images
            store(trained(np.stack([crops_of(photo) for photo in others]), options.steps))
    except (ValueError, OSError) as error:
        print(f"negatives: {error}", file=sys.stderr)
        return 1
    print(report(photos))
    return 0


def report(photos: Sequence[Image.Image]) -> str:
    """A sentence with the two shares."""
    random = np.random.default_rng(0)
    made = [negative(photo, random) for photo in photos]
    found, wrong = (sum(map(looks_negative, each)) for each in (made, photos))
    return f"found {found} of {len(made)} negatives; took {wrong} of {len(photos)} positives for one"


def negative(photo: Image.Image, random: np.random.Generator) -> Image.Image:
    """A scan of a negative of a photograph, "RGB": on black-and-white film, or on colour film."""
    light = (np.asarray(photo.convert("RGB"), np.float64) / 255) ** 2.2
    if random.random() < 0.5:
        light = np.repeat(light @ [0.2126, 0.7152, 0.0722], 3).reshape(light.shape)
        mask = np.ones(3)
    else:
        mask = MASK
    passed = (0.02 + light) ** -random.uniform(0.45, 0.8)  # what film lets through falls with a power of exposure
    passed = mask * passed / np.quantile(passed, 0.98)
    values = (passed * random.uniform(0.7, 1.1)).clip(0, 1) ** (1 / 2.2)
    flat = random.uniform(0, 0.2)
    return Image.fromarray(((flat + (1 - flat) * values) * 255).round().astype(np.uint8))


def crops_of(photo: Image.Image) -> np.ndarray:
    """A photograph as training keeps it: L in uint8, (128, 128)."""
    return np.asarray(photo.convert("L").resize((128, 128), Image.Resampling.BOX))


def trained(photos: np.ndarray, steps: int, batch: int = 64) -> Positiveness:
    """The network after training on grays (N, H, H), uint8."""
    torch.manual_seed(0)
    random, network = np.random.default_rng(0), Positiveness()
    optimizer = torch.optim.AdamW(network.parameters(), 2e-3, weight_decay=0.02)
    rates = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, total_steps=steps)
    for _ in trange(steps, unit="step"):
        L = torch.cat([_view(photos[i], random) for i in random.integers(0, len(photos), batch)])
        L = degrade(L, torch.from_numpy(random.random((batch, COLUMNS)).astype(np.float32)), 0.5)
        loss = F.softplus(-network(L)).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        rates.step()
    return network.eval()


def _view(gray: np.ndarray, random: np.random.Generator) -> torch.Tensor:
    """A part of a photograph as the network may see it, (1, 1, SIDE, SIDE): turned at times, mirrored, or what a
    negative with a curve of its own becomes when it is reversed."""
    side = int(random.uniform(0.6, 1) * len(gray))
    row, column = random.integers(0, len(gray) - side + 1, 2)
    part = np.rot90(gray[row : row + side, column : column + side], random.choice(4, p=[0.7, 0.12, 0.06, 0.12]))
    part = part[:, :: random.choice([1, -1])].astype(np.float32) / 255
    curve = random.random()
    if curve < 0.5:
        passed = (0.02 + part**2.2) ** -random.uniform(0.45, 0.8)
        part = 1 - (passed / passed.max()) ** (1 / 2.2)
    view = torch.from_numpy(np.ascontiguousarray(100 * part))[None, None]
    return F.interpolate(view, (SIDE, SIDE), mode="bilinear", antialias=True, align_corners=False)


def store(network: Positiveness, path: Path = WEIGHTS) -> None:
    """Write the weights, half as exact as they were trained."""
    tensors = network.state_dict().items()
    save_file({n: t.half().contiguous() if t.is_floating_point() else t for n, t in tensors}, path)


if __name__ == "__main__":
    sys.exit(main())

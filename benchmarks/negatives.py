"""How often a negative is recognised: `python -m benchmarks.negatives PHOTOS [--train]`.

Negatives are made of photographs as film and scanners make them: reversed, with a curve of their own, flat or hard, and
for colour film behind an orange mask. It prints how many of the negatives are found and how many of the positives are
taken for one. `--train` first trains the classifier of `inference.negative` on other photographs and stores it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor
from tqdm import tqdm

from benchmarks.flagship.photos import open_photos
from colorizer.inference.negative import WEIGHTS, evidence, looks_negative

MASK = np.array([1.0, 0.62, 0.4])
"""The orange mask of colour film, in linear light."""
DECAY = 0.01
"""Weight of the squares of the classifier's weights."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Train if requested, measure, print; returns the exit code."""
    description = (__doc__ or "").partition(":")[0]
    parser = argparse.ArgumentParser(prog="python -m benchmarks.negatives", description=description)
    parser.add_argument("photos", nargs="+", help="colour photographs to measure on: folders, .tar, .zip")
    parser.add_argument("--limit", type=int, help="so many of the photographs only, taken evenly")
    parser.add_argument("--train", nargs="+", metavar="PHOTOS", help="other photographs, to train on first")
    options = parser.parse_args(arguments)
    try:
        photos = open_photos(options.photos, options.limit).images
        if options.train:
            save_file({"weights": trained(open_photos(options.train, None).images)}, WEIGHTS)
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


def trained(photos: Sequence[Image.Image]) -> Tensor:
    """The weights of a logistic regression without a bias, from photographs and their made negatives."""
    random = np.random.default_rng(0)
    seen = []
    for photo in tqdm(photos, desc="evidence", unit="photo"):
        turned = photo.rotate(random.choice((0, 90, 180, 270), p=(0.75, 0.11, 0.03, 0.11)))
        for picture, sign in ((turned, 1), (negative(turned, random), -1)):
            found = evidence(picture)
            if found is not None:
                seen.append(sign * found)
    x = torch.stack(seen)
    scale = x.square().mean(dim=0).sqrt() + 1e-4
    x, weights = x / scale, torch.zeros(x.shape[1], requires_grad=True)
    optimizer = torch.optim.LBFGS([weights], max_iter=150, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        value = F.softplus(-(x @ weights)).mean() + DECAY * weights.square().sum()
        value.backward()
        return value

    optimizer.step(loss)
    return weights.detach() / scale


if __name__ == "__main__":
    sys.exit(main())

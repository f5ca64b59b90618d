"""How often a negative is recognised, and the training of what recognises it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor
from tqdm import tqdm

from benchmarks.common import Sources, open_photos
from colorizer.inference.negative import WEIGHTS, evidence, looks_negative

MASK = np.array([1.0, 0.62, 0.4])
"""The orange mask of colour film, in linear light."""
DECAY = 0.01
"""Weight of the squares of the classifier's weights."""


def measure(photos: Sources, train: tuple[str, ...] = (), limit: int | None = None) -> str:
    """How often a negative is recognised.

    Negatives are made of photographs as film and scanners make them: reversed, with a curve of their own, flat or hard,
    and for colour film behind an orange mask. It says how many of the negatives are found and how many of the positives
    are taken for one. train: other photographs, on which it first trains the classifier of `inference.negative`, and
    stores it. limit: so many of the photographs only, taken evenly.
    """
    positives = open_photos(photos, limit).images
    if train:
        save_file({"weights": trained(open_photos(train).images)}, WEIGHTS)
    random = np.random.default_rng(0)
    made = [negative(photo, random) for photo in positives]
    found, wrong = (sum(map(looks_negative, each)) for each in (made, positives))
    return f"found {found} of {len(made)} negatives; took {wrong} of {len(positives)} positives for one"


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

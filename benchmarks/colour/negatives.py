"""How often a negative is recognised, and the training of what recognises it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor, nn

from benchmarks.common import Sources, opened
from colorizer.evaluation.comparison import markdown
from colorizer.inference.negative import SIDE, SURE, WEIGHTS, margin, positive, summary

MASK = np.array([1.0, 0.62, 0.4])
"""The orange mask of colour film, in linear light."""
FALSE_ALARMS = (0.01, 0.02, 0.05)
"""Shares of positives that are taken for negatives, at which it says how many negatives are found."""
HIDDEN, EPOCHS, BATCH, RATE, DECAY, DROPOUT = 32, 20, 256, 1.5e-3, 0.1, 0.3


def measure(photos: Sources, train: tuple[str, ...] = (), limit: int | None = None) -> str:
    """How often a negative is recognised.

    Negatives are made of photographs as film and scanners make them: reversed, with a curve of their own, flat or hard,
    and for colour film behind an orange mask. For each folder or archive it says how many of the negatives are found,
    and how many of the positives are taken for one; then how many would be found at other thresholds, by how many false
    alarms these give. train: other photographs, on which it first trains what recognises them, and stores it. limit: so
    many of each one's photographs only, taken evenly.
    """
    if train:
        save_file(trained(summaries(photo for _, photo in opened(train))), WEIGHTS)
    rows = []
    for source in photos:
        random = np.random.default_rng(0)
        pairs = [(margin(photo), margin(negative(photo, random))) for _, photo in opened((source,), limit)]
        # An even picture is said to be no negative.
        positives, negatives = (
            np.sort([math.inf if value is None else value for value in each]) for each in zip(*pairs, strict=True)
        )
        found, wrong = (f"{np.mean(each < -SURE):.1%}" for each in (negatives, positives))
        others = [f"{np.mean(negatives < positives[int(share * len(positives))]):.1%}" for share in FALSE_ALARMS]
        rows.append((Path(source).stem, str(len(pairs)), found, wrong, *others))
    heads = (f"at {share:.0%} false alarms" for share in FALSE_ALARMS)
    return markdown(("photographs", "how many", "negatives found", "positives taken for one", *heads), rows)


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


def summaries(photos: Iterator[Image.Image]) -> Tensor:
    """The features of each photograph and of its reverse, as (N, 2, D)."""
    random, seen = torch.Generator().manual_seed(0), []
    with torch.inference_mode():
        while some := list(islice(photos, 16)):
            small = [np.asarray(each.resize((SIDE, SIDE), Image.Resampling.BICUBIC).convert("RGB")) for each in some]
            tones = prints(torch.from_numpy(np.stack(small)).permute(0, 3, 1, 2) / 255, random)
            both = summary(torch.cat((tones, 1 - tones)))
            seen.append(both.unflatten(0, (2, len(tones))).transpose(0, 1))
    return torch.cat(seen)


def prints(rgb: Tensor, random: torch.Generator) -> Tensor:
    """Photographs (B, 3, SIDE, SIDE) as prints of many kinds, (B, 1, SIDE, SIDE) from 0 to 1: turned, cut, of films
    that see colours differently, of any contrast, unevenly faded, grainy, framed."""
    count = len(rgb)

    def any_of(low: float, high: float, share: float = 1.0, other: float = 0.0) -> Tensor:
        """A number for each; `other` but for a share of them."""
        numbers, chosen = torch.rand(2, count, 1, 1, 1, generator=random)
        return torch.where(chosen < share, low + (high - low) * numbers, other)

    films = torch.rand(count, 3, 1, 1, generator=random) ** 1.5
    usual = torch.tensor([0.3, 0.59, 0.11])[:, None, None]
    tones = (rgb * usual.lerp(films / films.sum(dim=1, keepdim=True), any_of(0, 1, 0.5))).sum(dim=1, keepdim=True)
    tones = _stretched(_placed(tones, any_of, random))
    exponent = any_of(math.log(0.45), math.log(2.2)).exp()
    soft = torch.sigmoid(any_of(1, 8) * (tones - any_of(0.2, 0.8)))
    tones = (tones**exponent).lerp(_stretched(soft), any_of(0, 1, 0.5))
    across = torch.linspace(-1, 1, SIDE)
    tones = tones * (1 + any_of(-0.5, 0.3, 0.2) * (across**2 + across[:, None] ** 2) / 2)
    tones = tones + torch.randn(tones.shape, generator=random) * any_of(0, 0.04, 0.3)
    framed = (across.abs() > 1 - any_of(0, 0.24, 0.15)) | (across.abs()[:, None] > 1 - any_of(0, 0.24, 0.15))
    tones = torch.where(framed, any_of(0, 1).mul(3).sub(1).clamp(0, 1), tones)
    return _stretched(tones)


def _placed(tones: Tensor, any_of: Callable[..., Tensor], random: torch.Generator) -> Tensor:
    """A part of each, mirrored or turned."""
    quarter = torch.multinomial(torch.tensor([0.84, 0.07, 0.02, 0.07]), len(tones), replacement=True, generator=random)
    angle = quarter[:, None, None, None] * math.pi / 2 + any_of(-0.1, 0.1, 0.4)
    wide, high = any_of(0.7, 1, 0.5, 1), any_of(0.7, 1, 0.5, 1)
    mirrored = any_of(0, 1).sub(0.5).sign()
    left, down = any_of(-1, 1) * (1 - wide), any_of(-1, 1) * (1 - high)
    rows = (
        (angle.cos() * wide * mirrored, -angle.sin() * high, left),
        (angle.sin() * wide * mirrored, angle.cos() * high, down),
    )
    theta = torch.stack([torch.cat(row, dim=1)[..., 0, 0] for row in rows], dim=1)
    grid = F.affine_grid(theta, list(tones.shape), align_corners=False)
    return F.grid_sample(tones, grid, padding_mode="reflection", align_corners=False)


def _stretched(tones: Tensor) -> Tensor:
    low, high = torch.quantile(tones.flatten(1), torch.tensor([0.01, 0.99]), dim=1)[..., None, None, None]
    return ((tones - low) / (high - low).clamp(min=0.02)).clamp(0, 1)


def trained(seen: Tensor) -> dict[str, Tensor]:
    """A detector of negatives, from `summaries` (N, 2, D): tensors of `inference.negative.positive`."""
    random = torch.manual_seed(0)
    mean, deviation = seen.mean(dim=(0, 1)), seen.flatten(0, 1).std(dim=0) + 1e-3
    layer = nn.Linear(seen.shape[2], HIDDEN)
    second = nn.Parameter(torch.randn(HIDDEN, generator=random) * 0.1)
    weights = {"mean": mean, "deviation": deviation, "first": layer.weight, "bias": layer.bias, "second": second}
    optimizer = torch.optim.AdamW([*layer.parameters(), second], RATE, weight_decay=DECAY)
    steps = EPOCHS * math.ceil(len(seen) / BATCH)
    rates = torch.optim.lr_scheduler.LinearLR(optimizer, 1, 0, steps)
    for _ in range(EPOCHS):
        for some in torch.randperm(len(seen), generator=random).split(BATCH):
            kept = torch.rand(seen[some].shape, generator=random) >= DROPOUT
            given = mean + (seen[some] - mean) * kept / (1 - DROPOUT)
            one, reverse = positive(given, weights).unbind(1)
            optimizer.zero_grad()
            F.softplus(reverse - one).mean().backward()
            optimizer.step()
            rates.step()
    return {name: tensor.detach().half() for name, tensor in weights.items()}

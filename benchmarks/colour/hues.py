"""Hues: of skin, and within things."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor
from tqdm import tqdm

from benchmarks.common import evenly, flagship, open_photos
from colorizer import Colorization, Colorizer
from colorizer.checkpoints.card import WEIGHTS
from colorizer.colour.lab import rgb_to_lab
from colorizer.colour.readout import BOLDNESS, preset
from colorizer.evaluation.comparison import markdown

from .outlines import Outlined, outlined

CLOSE = 8.0
"""Degrees within which a hue of skin is right."""
SKIN_HUES, SKIN_CHROMAS, SKIN_TONES = (20.0, 80.0), (8.0, 45.0), (20.0, 92.0)
"""What skin has, in Lab: hue in degrees, chroma, L."""
LEAST_SKIN = 0.0125
"""Share of a picture, all of it in the middle, below which there is no face."""
COLOURED = 10.0
"""Mean chroma above which a thing has a colour."""


def measure(
    portraits: tuple[str, ...] = (), outlines: Path | None = None, limit: int | None = None, weights: Path = WEIGHTS
) -> str:
    """Hues of skin, and within things: a row for each preset of the flagship.

    - Skin, on portraits: how often the mean hue of the face's skin is within 8 degrees of the truth's. Skin is what has
      the true colours of skin in the middle of the picture.
    - Evenness, on outlined things (`outlines`) that have a colour: the spread of hue within a thing, circular and
      weighted by chroma, as a share of the truth's. 1 is right, more is patchy.

    portraits: in colour, that training never saw: folders, .tar, .zip. outlines: a folder of outlined photographs, laid
    out as PASCAL VOC's. limit: so many of the photographs only, taken evenly.
    """
    if not (portraits or outlines):
        raise ValueError("give --portraits, --outlines or both")
    colorizer, columns = flagship(weights), dict[str, dict[str, str]]()
    if portraits:
        columns |= skin(colorizer, open_photos(portraits, limit).images)
    if outlines:
        columns |= evenness(colorizer, evenly(list(outlined(outlines)), limit))
    return markdown(["", *columns], [[name, *(each[name] for each in columns.values())] for name in BOLDNESS])


def skin(colorizer: Colorizer, portraits: Sequence[Image.Image]) -> dict[str, dict[str, str]]:
    """A column: for each preset how many portraits' skin has the right hue."""
    errors: dict[str, list[float]] = {name: [] for name in BOLDNESS}
    for photo in tqdm(portraits, desc="skin", unit="photo"):
        true, coloured = readings(colorizer.colorize(photo))
        face = skin_of(true)
        if face.float().mean() < LEAST_SKIN:
            continue
        for name, ab in coloured.items():
            turn = mean_hue(ab[:, face]) - mean_hue(true[1:, face])
            errors[name].append(abs((turn + 180) % 360 - 180))
    count = len(errors["natural"])
    if not count:
        raise ValueError("there is no face in the middle of any portrait")
    right = {name: f"{sum(each <= CLOSE for each in found)}" for name, found in errors.items()}
    return {f"skin within {CLOSE:g} degrees, of {count} portraits": right}


def skin_of(lab: Tensor) -> Tensor:
    """Where skin is in the middle of a portrait: Lab (3, H, W) -> bool (H, W)."""
    L, chroma, hue = lab[0], lab[1:].norm(dim=0), torch.rad2deg(torch.atan2(lab[2], lab[1]))
    found = torch.ones_like(L, dtype=torch.bool)
    for values, (low, high) in ((hue, SKIN_HUES), (chroma, SKIN_CHROMAS), (L, SKIN_TONES)):
        found &= (values >= low) & (values <= high)
    height, width = L.shape
    middle = torch.zeros_like(found)
    middle[height // 4 : height - height // 4, width // 4 : width - width // 4] = True
    return found & middle


def evenness(
    colorizer: Colorizer, pictures: Iterable[tuple[Image.Image, Sequence[Outlined]]]
) -> dict[str, dict[str, str]]:
    """A column: for each preset the spread of hue within things over the truth's."""
    spreads: dict[str, list[float]] = {name: [] for name in BOLDNESS}
    true_spreads: list[float] = []
    for photo, things in tqdm(pictures, desc="things", unit="photo"):
        true, coloured = readings(colorizer.colorize(photo))
        for outline in things:
            small = Image.fromarray(outline.thing).resize((true.shape[2], true.shape[1]), Image.Resampling.NEAREST)
            inside = torch.from_numpy(np.array(small))
            if inside.any() and true[1:, inside].norm(dim=0).mean() >= COLOURED:
                true_spreads.append(hue_spread(true[1:, inside]))
                for name, ab in coloured.items():
                    spreads[name].append(hue_spread(ab[:, inside]))
    if not true_spreads:
        raise ValueError("no outlined thing has a colour")
    cells = {name: f"{np.mean(found) / np.mean(true_spreads):.2f}" for name, found in spreads.items()}
    return {f"spread of hue / truth, {len(true_spreads)} things": cells}


def readings(result: Colorization) -> tuple[Tensor, dict[str, Tensor]]:
    """The true Lab (3, h, w), and by preset the colours (2, h, w)."""
    coloured = {name: result.with_readout(**preset(name)).low_ab for name in BOLDNESS}
    rgb = torch.from_numpy(np.array(result.original)).permute(2, 0, 1)[None].float() / 255
    size = coloured["natural"].shape[1:]
    return rgb_to_lab(F.interpolate(rgb, size, mode="bilinear", antialias=True, align_corners=False))[0], coloured


def mean_hue(ab: Tensor) -> float:
    """Of colours (2, N), in degrees, weighted by chroma."""
    a, b = ab.double().sum(dim=1)
    return float(torch.rad2deg(torch.atan2(b, a)))


def hue_spread(ab: Tensor) -> float:
    """The circular standard deviation of the hues of colours (2, N), in radians, weighted by chroma."""
    ab = ab.double()
    together = ab.sum(dim=1).norm() / ab.norm(dim=0).sum().clamp(min=1e-9)
    return float((-2 * together.clamp(1e-6, 1).log()).sqrt())

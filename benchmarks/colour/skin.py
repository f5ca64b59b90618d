"""Whether skin has the hue of skin, and hands, arms and legs that of faces."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import tyro
from PIL import Image
from scipy import ndimage
from tqdm import tqdm

from benchmarks.common import FLAGSHIP, evenly
from colorizer import Colorizer
from colorizer.colour.lab import colours
from colorizer.colour.readout import BOLDNESS, preset_readout
from colorizer.evaluation.comparison import markdown
from colorizer.photo.open import open_photo

SMALLEST = 0.0015
"""Share of a photo that a part of skin has at least."""
NEAR = (8.0, 15.0)
"""Differences of hue, in degrees."""


class Skin(NamedTuple):
    """A photograph, "RGB", and its skin, bool (H, W): the highest part, which is mostly the face, and the rest."""

    photo: Image.Image
    face: np.ndarray
    rest: np.ndarray


def measure(folder: tyro.conf.Positional[Path], checkpoint: str = FLAGSHIP, limit: int | None = None) -> str:
    """Whether skin has the hue of skin, and hands, arms and legs that of faces.

    folder: photographs in colour, NAME.jpg, with NAME.png beside each, which is white where there is skin, such as
    Clothing Co-Parsing has (github.com/bearpaw/clothing-co-parsing). checkpoint: a name in weights/, or a file. limit:
    so many photographs only, taken evenly. Those without skin in two places are left out.
    """
    colorizer = Colorizer.from_checkpoint(checkpoint, device="cpu")
    shown = [each for path in evenly(sorted(folder.glob("*.png")), limit) if (each := outlined(path))]
    if not shown:
        raise ValueError(f"{folder} has no NAME.jpg with a NAME.png that is white where there is skin")
    readouts = [preset_readout(look, colorizer.card.temperature) for look in BOLDNESS]
    true, found = [], []
    for each in tqdm(shown, desc=colorizer.name, unit="photo"):
        result = colorizer.colorize(each.photo.convert("L").convert("RGB"))
        true.append(_means(each.photo, each))
        found.append([_means(result.with_readout(readout).image, each) for readout in readouts])
    rows = [
        [name, *_row(np.array(means), np.array(true))]
        for name, means in zip(("*truth*", *BOLDNESS), (true, *zip(*found, strict=True)), strict=True)
    ]
    heads = [
        f"{part}: {each}" for part in ("face", "rest") for each in ("off", *(f"within {n:g}°" for n in NEAR), "chroma")
    ]
    return markdown([f"{len(shown)} photographs", *heads, "face and rest differ by"], rows)


def outlined(mask: Path) -> Skin | None:
    """The photograph beside a mask; None where it has less than two parts of skin."""
    photo = open_photo(mask.with_suffix(".jpg"))
    with Image.open(mask) as opened:
        skin = np.asarray(opened.convert("L").resize(photo.size)) > 127
    numbers, count = ndimage.label(ndimage.binary_erosion(skin, iterations=2))  # not the colours of its edge
    parts = [part for n in range(1, count + 1) if (part := numbers == n).mean() > SMALLEST]
    if len(parts) < 2:
        return None
    face, *rest = sorted(parts, key=lambda part: np.nonzero(part)[0].min())
    return Skin(photo, face, np.any(rest, axis=0))


def _means(picture: Image.Image, where: Skin) -> list[complex]:
    """The mean ab of the face and of the rest, as complex numbers."""
    ab = colours(np.asarray(picture)).numpy()
    return [complex(*ab[:, part].mean(axis=1)) for part in (where.face, where.rest)]


def _row(found: np.ndarray, true: np.ndarray) -> list[str]:
    """The cells of a look, from means (N, 2)."""
    cells = []
    for mine, theirs in zip(found.T, true.T, strict=True):
        off = np.abs(np.angle(mine / theirs, deg=True))
        near = (f"{np.mean(off <= most):.0%}" for most in NEAR)
        cells += [f"{np.median(off):.1f}°", *near, f"{np.median(np.abs(mine) / np.abs(theirs)):.2f}"]
    return [*cells, f"{np.median(np.abs(np.angle(found[:, 0] / found[:, 1], deg=True))):.1f}°"]

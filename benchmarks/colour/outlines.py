"""Whether a bold hint stays on its thing, on photographs in which people outlined things.

A thing is an outline that fills 3 to 30 % of a picture. It gets one hint at its innermost point, the one farthest from
its outline. The hint has chroma 45 and, of twelve hues, the one farthest from every colour that the network predicts
for the picture: a colour that nobody thought of. A pixel's *share* is how far it moved from its automatic colour to the
hint's: the projection of its change onto the change that would make it just so, as a share of that, from 0 to 1.

- coverage: the mean share of the thing's pixels;
- leak: the mean share of all other pixels, but for those that outlines leave open;
- worst tenth: the mean leak of the tenth of the things that leak most.

Colours are compared in Lab, before they are brought into gamut, at the resolution that they are predicted at.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from PIL import Image
from scipy import ndimage

from benchmarks.common import prose
from colorizer import Colorizer, Hint
from colorizer.colour.hex import Ab
from colorizer.evaluation.comparison import markdown
from colorizer.photo.open import open_photo

CHROMA = 45.0
HUES = 12
SIZES = (0.03, 0.3)
"""Share of the picture that a thing fills, at least and at most."""
FIGURES = ("coverage", "leak", "worst tenth")
OPEN = 255
"""The number of pixels between things in PASCAL VOC's pictures: they belong to neither."""


class Outlined(NamedTuple):
    """A thing in a photograph: its pixels, and those that belong to nothing, bool (H, W)."""

    thing: np.ndarray
    open: np.ndarray


class Moved(NamedTuple):
    """The effect of a hint: both are shares."""

    coverage: float
    leak: float


def outlined(folder: Path) -> Iterator[tuple[Image.Image, list[Outlined]]]:
    """Photographs with their things, by name, from a folder laid out as PASCAL VOC's: SegmentationObject/*.png, whose
    pixels are numbers of things, 0 for none, and JPEGImages/*.jpg. Raises ValueError where there is none."""
    drawn = sorted((folder / "SegmentationObject").glob("*.png"))
    if not drawn:
        raise ValueError(f"{folder} has no SegmentationObject/*.png; it should be laid out as PASCAL VOC's VOC2012")
    for path in drawn:
        photo = folder / "JPEGImages" / f"{path.stem}.jpg"
        if not photo.exists():
            continue
        with Image.open(path) as opened:
            numbers = np.asarray(opened)
        known = (n for n in np.unique(numbers) if n not in (0, OPEN))
        things = [numbers == n for n in known]
        chosen = [Outlined(thing, numbers == OPEN) for thing in things if SIZES[0] <= thing.mean() <= SIZES[1]]
        if chosen:
            yield open_photo(photo), chosen


def innermost(thing: np.ndarray) -> tuple[float, float]:
    """The point (x, y) of a thing, bool (H, W), that is farthest from its outline and the picture's edge."""
    depth = ndimage.distance_transform_edt(np.pad(thing, 1))[1:-1, 1:-1]
    row, column = np.unravel_index(int(depth.argmax()), depth.shape)
    return float(column) + 0.5, float(row) + 0.5


def unthought(ab: torch.Tensor) -> Ab:
    """The one of the `HUES` at `CHROMA` that is farthest from all colours of ab (2, h, w)."""
    angles = [2 * math.pi * i / HUES for i in range(HUES)]
    hues = torch.tensor([[CHROMA * math.cos(angle), CHROMA * math.sin(angle)] for angle in angles])
    a, b = hues[torch.cdist(hues, ab.flatten(1).T).amin(dim=1).argmax()].tolist()
    return a, b


def shares(before: torch.Tensor, after: torch.Tensor, asked: Ab) -> np.ndarray:
    """How far every pixel moved towards `asked`: (h, w) in [0, 1], from two ab (2, h, w)."""
    wanted = torch.tensor(asked)[:, None, None] - before
    along = ((after - before) * wanted).sum(dim=0) / wanted.square().sum(dim=0).clamp(min=1.0)
    return along.clamp(0, 1).numpy()


def moved(before: torch.Tensor, after: torch.Tensor, asked: Ab, outline: Outlined) -> Moved:
    """Coverage and leak; pixels on an outline count for both sides, by their shares."""
    size = (before.shape[2], before.shape[1])
    inside, between = (
        np.asarray(Image.fromarray(mask.astype(np.float32)).resize(size, Image.Resampling.BOX)) for mask in outline
    )
    outside = (1 - inside) * (1 - between)
    share = shares(before, after, asked)
    return Moved(float((share * inside).sum() / inside.sum()), float((share * outside).sum() / outside.sum()))


def keeping(
    colorizer: Colorizer,
    pictures: Iterable[tuple[Image.Image, Sequence[Outlined]]],
    look: Mapping[str, Any] | None = None,
) -> dict[str, float]:
    """Hint at every thing, one at a time: their number, `FIGURES`, and "ms", the median time that one core takes to
    find a region, not counting a photograph's first. look: controls of the readout. Raises ValueError without
    things."""
    found: list[Moved] = []
    seconds: list[float] = []
    for photo, things in pictures:
        automatic = colorizer.colorize(photo, **look or {})
        asked = unthought(automatic.low_ab)
        automatic.region(0, 0)
        for outline in things:
            x, y = innermost(outline.thing)
            hinted = colorizer.colorize(photo, [Hint(x, y, asked)], **look or {})
            found.append(moved(automatic.low_ab, hinted.low_ab, asked, outline))
            start = time.process_time()
            automatic.region(x, y)
            seconds.append(time.process_time() - start)
    if not found:
        raise ValueError(f"there is no outlined thing of {SIZES[0]:.0%} to {SIZES[1]:.0%} of its picture")
    coverage, leak = np.mean(found, axis=0)
    worst = sorted((each.leak for each in found), reverse=True)[: max(1, round(len(found) / 10))]
    figures = dict(zip(FIGURES, (coverage, leak, np.mean(worst)), strict=True))
    return {"things": len(found), **figures, "ms": 1000 * float(np.median(seconds))}


def section(rows: Mapping[str, Mapping[str, float]]) -> str:
    """The findings of `keeping` by look, as a section of Markdown."""
    cells = [
        [look, f"{row['things']:.0f}", *(f"{row[key]:.3f}" for key in FIGURES), f"{row['ms']:.1f}"]
        for look, row in rows.items()
    ]
    said = prose(
        "One hint of chroma 45, in a hue that the prediction does not have, at the innermost point of a thing that",
        "people outlined. Coverage is how far the thing moves to the hint's colour, leak how far all else does,",
        "both as shares (`benchmarks.colour.outlines`); a region is what `Colorization.region` finds, on one core.",
    )
    table = markdown(["look", "things", *FIGURES, "a region, ms"], cells)
    return f"## Bold hints\n\n{table}\n\n{said}\n"

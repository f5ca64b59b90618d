"""Whims: one thing of a picture in another colour, and a hint that says so.

If all hints in training tell the truth, a network learns that each is evidence for the whole picture: a bold red on a
dress reddens the grass. So some pictures are shown with one segment of their colours changed, in gamut and at its own
lightness, and with hints in it: an unlikely colour is then about one thing, a likely one still about all.

Everything follows from the uniforms of a picture, as in `augmentation`. Segments are found on a picture of half the
size: by Felzenszwalb and Huttenlocher, "Efficient Graph-Based Image Segmentation" (IJCV 2004), or by flooding from a
point over places of similar colour and lightness.
"""

from __future__ import annotations

import math

import numpy as np
import torch
import torch.nn.functional as F
from scipy import ndimage
from skimage.draw import line
from skimage.segmentation import felzenszwalb, flood
from torch import Tensor

from ..colour.lab import compress_chroma

SMALLEST, LARGEST = 0.015, 0.45
"""Area of a segment, as a share of the picture's."""
ATTEMPTS = 6
"""How many points to look for a segment from. If no segment has a suitable size, the picture stays as it is."""
GRAY = 1 / 8
"""Share of the whims that say: no colour here."""


def add_whims(L: Tensor, ab: Tensor, hints: Tensor, u: Tensor, share: float) -> tuple[Tensor, Tensor]:
    """Colours and hints, with a whim in the pictures whose first uniform is below `share`; the others as they were.

    L (B, 1, H, W) in [0, 100]; ab (B, 2, H, W), Lab units; hints (B, 3, H, W) as `simulate` makes them; u (B, 2):
    uniforms in [0, 1) on the CPU; the second chooses the whim. Lightness is never changed. In half of the pictures with
    a whim, nothing else is hinted.
    """
    ab, hints = ab.clone(), hints.clone()
    for i, (chosen, which) in enumerate(u.tolist()):
        if chosen >= share:
            continue
        random = np.random.default_rng((int(which * 2**32), 1))
        mask = find_segment(L[i], ab[i], random)
        if mask is None:
            continue
        colour = _another_colour(ab[i][:, mask > 0.5].mean(dim=1), random)
        ab[i] = recolour(L[i], ab[i], mask, colour)
        hints[i] *= (mask == 0).to(hints) * float(random.uniform() < 0.5)
        _say(hints[i], ab[i], mask.cpu().numpy() > 0.5, colour, random)
    return ab, hints


def find_segment(L: Tensor, ab: Tensor, random: np.random.Generator) -> Tensor | None:
    """One segment of a picture: how much each pixel belongs to it, float32 (H, W) in [0, 1]; None if none fits.

    L (1, H, W), ab (2, H, W). Its area lies between SMALLEST and LARGEST of the picture's.
    """
    height, width = L.shape[1:]
    lab = torch.cat((L, ab))[None].float().cpu()
    small = F.interpolate(lab, scale_factor=0.5, mode="area")[0].permute(1, 2, 0).numpy().astype(np.float64)
    labels = None
    if random.uniform() < 0.6:
        labels = felzenszwalb(small / 100, scale=float(random.uniform(20, 120)), sigma=0.8, min_size=40)
    for _ in range(ATTEMPTS):
        row, column = (int(random.integers(0, n)) for n in small.shape[:2])
        if labels is not None:
            inside = labels == labels[row, column]
        else:
            far = np.linalg.norm(ndimage.uniform_filter(small, (3, 3, 0)) - small[row, column], axis=2)
            inside = flood(far, (row, column), tolerance=float(random.uniform(6, 20)))
        inside = ndimage.binary_fill_holes(ndimage.binary_opening(inside, np.ones((2, 2))))
        if SMALLEST <= inside.mean() <= LARGEST:
            soft = torch.from_numpy(inside)[None, None].float()
            return F.interpolate(soft, size=(height, width), mode="bilinear")[0, 0].to(ab.device)
    return None


def recolour(L: Tensor, ab: Tensor, mask: Tensor, colour: Tensor) -> Tensor:
    """The picture's colours with those of a segment moved to `colour`, in gamut: (2, H, W).

    L (1, H, W), ab (2, H, W), mask (H, W) in [0, 1], colour (2,), Lab units. Half of the segment's own variation stays;
    outside of the mask nothing changes.
    """
    inside = mask > 0
    old = ab[:, inside]
    core = ab[:, mask > 0.5].mean(dim=1, keepdim=True)
    keep = 0.5 * min(1.0, float(colour.norm()) / 20)  # gray is gray
    new = colour.to(ab)[:, None] + keep * (old - core)
    new = compress_chroma(L[:, inside][:, None], new[:, None])[:, 0]
    result = ab.clone()
    result[:, inside] = old + mask[inside] * (new - old)
    return result


def _another_colour(mean: Tensor, random: np.random.Generator) -> Tensor:
    """A colour whose hue is at least 60 degrees from that of `mean` (2,), or almost gray."""
    turn = math.atan2(float(mean[1]), float(mean[0])) + math.radians(random.uniform(60, 300))
    chroma = random.uniform(0, 4) if random.uniform() < GRAY else random.uniform(15, 70)
    return torch.tensor([chroma * math.cos(turn), chroma * math.sin(turn)])


def _say(planes: Tensor, ab: Tensor, inside: np.ndarray, colour: Tensor, random: np.random.Generator) -> None:
    """Draw a stroke or one to three patches inside of a segment into the hints' planes (3, H, W).

    They state the mean colour there, or the colour that was asked for, because people do not know which colours fit a
    lightness.
    """
    deep = ndimage.distance_transform_edt(np.pad(inside, 1))[1:-1, 1:-1]  # the picture's edge is one of the segment's
    points = [_point(deep, random) for _ in range(1 + int(random.geometric(0.7) > 1) + int(random.uniform() < 0.1))]
    side = 7 if random.uniform() < 0.5 else int(random.integers(2, 10))
    if random.uniform() < 0.15:
        rows, columns = line(*_point(deep, random), *points[0])
        stay = inside[rows, columns]
        points, side = list(zip(rows[stay].tolist(), columns[stay].tolist(), strict=True)), int(random.integers(2, 6))
    literally = random.uniform() < 0.3
    for row, column in points:
        top, left = row - side // 2, column - side // 2
        down, across = slice(max(0, top), top + side), slice(max(0, left), left + side)
        here = torch.from_numpy(inside[down, across]).to(ab.device)
        planes[:2, down, across] = (colour.to(ab) if literally else ab[:, down, across][:, here].mean(dim=1))[
            :, None, None
        ]
        planes[2, down, across] = 1


def _point(deep: np.ndarray, random: np.random.Generator) -> tuple[int, int]:
    """A place inside the segment: the innermost one, or any other that is not at its edge. deep (H, W): distance from
    the edge."""
    most = float(deep.max())
    there = np.argwhere(deep == most if random.uniform() < 0.3 else deep >= min(3.0, 0.6 * most))
    row, column = there[int(random.integers(len(there)))].tolist()
    return row, column

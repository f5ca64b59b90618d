"""Colour hints: colours that a person gives for points of a photograph, in the form a network takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

import numpy as np
import torch
from torch import Tensor

from ..colour.hex import ab_of
from ..errors import UserError
from ..photo.metadata import MOST_NOTE

Reach = Literal["thing", "picture"]
REACHES = get_args(Reach)


class Hint(NamedTuple):
    """A colour for a point of the upright photograph, or for the points of a stroke.

    x, y: pixels, (0, 0) is the top left corner. ab: Lab units; (0, 0) is gray, a colour like any other. (`colorize`
    takes "#rrggbb" too, without its lightness.) radius: in pixels of the photograph, the least distance around the
    point at which the colour should hold; 0 lets the network's grid decide. reach: "thing", the hint colours only the
    thing at the point; "picture", it is a clue for the whole picture; None, a colour that the network finds plausible
    is a clue, any other is about the thing. path: the further points of a stroke. strength: in [0, 1], how far the
    colour goes from the automatic one to this; 0 changes nothing. note: why, in a person's words, up to `MOST_NOTE`
    letters, for the metadata of results. seconds: of a film alone, the moment at which the point has that colour.
    """

    x: float
    y: float
    ab: tuple[float, float]
    radius: float = 0.0
    reach: Reach | None = None
    path: tuple[tuple[float, float], ...] = ()
    strength: float = 1.0
    note: str = ""
    seconds: float | None = None

    @classmethod
    def stroke(
        cls,
        points: Sequence[tuple[float, float]],
        ab: tuple[float, float],
        radius: float = 0.0,
        reach: Reach | None = None,
    ) -> Hint:
        """One hint at several points (x, y), in pixels. Raises ValueError for none."""
        if not points:
            raise UserError.of("stroke_empty")
        (x, y), *further = ((float(across), float(below)) for across, below in points)
        return cls(x, y, ab, radius, reach, tuple(further))

    @property
    def points(self) -> tuple[tuple[float, float], ...]:
        """All of (x, y), one or more."""
        return (self.x, self.y), *self.path

    def scaled(self, across: float, down: float) -> Hint:
        """The same on a photograph `across` times as wide and `down` times as high."""
        path = tuple((x * across, y * down) for x, y in self.path)
        return self._replace(x=self.x * across, y=self.y * down, radius=self.radius * across, path=path)


def numeric(hints: Sequence[Hint]) -> tuple[Hint, ...]:
    """Hints with colours (a, b), some of which may have been written as "#rrggbb", or as plain tuples of the same
    values. Raises ValueError for anything that is no hint."""
    result = []
    for given in hints:
        try:
            hint = Hint(*given)
            hint.x + 0.0, hint.y + 0.0
        except TypeError:
            raise UserError.of("hint_form", hint=given) from None
        result.append(hint._replace(ab=ab_of(hint.ab)))
    return tuple(result)


def check(hints: Sequence[Hint], photo_size: tuple[int, int]) -> None:
    """Raise ValueError for a point outside a photo of (H, W), an unknown reach, a strength out of range, long notes."""
    height, width = photo_size
    for hint in hints:
        if hint.reach is not None and hint.reach not in REACHES:
            raise UserError.of("hint_reach", reach=hint.reach, known=", ".join(REACHES))
        if not 0 <= hint.strength <= 1:
            raise UserError.of("hint_strength", strength=hint.strength)
        if len(hint.note) > MOST_NOTE:
            raise UserError.of("hint_note", most=MOST_NOTE, count=len(hint.note))
        for x, y in hint.points:
            if not (0 <= x < width and 0 <= y < height):
                raise UserError.of("hint_outside", x=x, y=y, width=width, height=height)


def cells(hint: Hint, photo_size: tuple[int, int], size: tuple[int, int]) -> list[tuple[int, int]]:
    """Row and column of a hint's points, on a grid of `size` (H, W) over a photo of `photo_size` (H, W)."""
    return [(int(y * size[0] / photo_size[0]), int(x * size[1] / photo_size[1])) for x, y in hint.points]


def rasterize(hints: Sequence[Hint], photo_size: tuple[int, int], size: tuple[int, int], patch: int = 7) -> Tensor:
    """Hints as planes a, b (Lab units) and mask (0 or 1): float32 (1, 3, H, W) for a network fed at `size` (H, W).

    `photo_size` is the (H, W) that the hints' points refer to. A hint covers a square of at least `patch` pixels, a
    size that networks see in training. Later hints overwrite earlier ones. Raises ValueError for a point outside the
    photo.
    """
    (photo_height, photo_width), (height, width) = photo_size, size
    planes = torch.zeros(1, 3, height, width)
    check(hints, photo_size)
    for hint, (across, below) in ((hint, point) for hint in hints for point in hint.points):  # noqa: B020
        x, y = across * width / photo_width, below * height / photo_height
        half_x = max(patch / 2, hint.radius * width / photo_width)
        half_y = max(patch / 2, hint.radius * height / photo_height)
        rows = slice(max(0, round(y - half_y)), max(1, round(y + half_y)))
        columns = slice(max(0, round(x - half_x)), max(1, round(x + half_x)))
        a, b = hint.ab
        planes[0, :, rows, columns] = torch.tensor([a, b, 1.0])[:, None, None]
    return planes


def honour(ab: Tensor, L: Tensor, hints: Sequence[Hint], photo_size: tuple[int, int]) -> Tensor:
    """Correct the prediction's error at the hints: first in similar areas, then exactly at the hinted points.

    ab (2, h, w), Lab units; L (h, w) in [0, 100]; `photo_size` is the (H, W) that the hints' points refer to. The
    errors at the hints tell how wrong the prediction is elsewhere: the correction is the mean of a Gaussian process
    (Rasmussen and Williams, "Gaussian Processes for Machine Learning", 2006, section 2.2). It goes far to pixels that
    are predicted alike and about as light, and a little way to all pixels that are as light. The correction is nowhere
    larger than at a hint. If hints contradict each other at one point, the later one wins. Where a hint of less than
    full strength is, nothing is corrected.
    """
    height, width = ab.shape[1:]
    places = {cell: hint for hint in hints for cell in cells(hint, photo_size, (height, width))}
    if not places:
        return ab
    rows, columns = torch.tensor(list(places)).T
    here = rows * width + columns
    wanted = torch.tensor([hint.ab for hint in places.values()]).to(ab)
    exact = torch.tensor([hint.strength == 1 for hint in places.values()]).to(ab)
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    across = torch.stack((y, x)).to(ab) / (height * width) ** 0.5
    light = L.to(ab)[None]

    def alike(*features: Tensor) -> Tensor:
        """Gaussian similarity of every pixel to every hinted pixel: (h w, hints)."""
        maps = torch.cat(features)
        return torch.exp(-torch.cdist(maps.flatten(1).T, maps[:, rows, columns].T).square() / 2)

    def expected(likeness: Tensor, missing: Tensor, noise: float) -> Tensor:
        """The correction for every pixel, (h w, 2), given the one that is missing at the hints. noise: the variance
        that belongs to a hint's point alone."""
        kernel = likeness[here].double() + noise * torch.eye(len(here))
        return likeness @ torch.linalg.solve(kernel, missing.double()).to(ab)

    missing = (wanted - ab[:, rows, columns].T) * exact[:, None]
    # The scales were fitted to true hints on held-out photographs, as docs/hints.md says.
    likeness = alike(across, light / 30, ab / 10) + 0.3 * alike(across / 0.15, light / 12)
    added = expected(likeness, missing, noise=0.05)
    added = added + expected(alike(across / 0.025, light / 12), missing - added[here], noise=1e-6)
    # Between hints that contradict each other, the interpolation overshoots far beyond both.
    lowest, highest = missing.amin(dim=0).clamp(max=0), missing.amax(dim=0).clamp(min=0)
    return ab + added.clamp(lowest, highest).T.view_as(ab)


def simulate(ab: Tensor, u: Tensor, share: float = 1.0, stop: float = 1 / 8, full: float = 0.01) -> Tensor:
    """Simulate a user's hints from the true colours: ab (B, 2, H, W) -> (B, 3, H, W).

    The number of patches per picture is geometric with stop probability `stop` (often 0, 7 on average). Sides are
    uniform in 1-9 pixels, centres are normal around the middle, and the colour is the mean over the visible part of the
    patch. A share `full` of the pictures reveals all colours. After Zhang et al., "Real-Time User-Guided Image
    Colorization" (SIGGRAPH 2017).

    u (B, 2): uniforms in [0, 1) on the CPU. The first decides whether a picture is in the `share` that gets hints, the
    second decides which hints, so that they do not depend on the batch.
    """
    batch, _, height, width = ab.shape
    patches = np.zeros((batch, height, width), np.int64)  # the number of the patch over a pixel; 0 is none
    revealed = torch.zeros(batch, 1, 1, 1, dtype=torch.bool)
    for i, (chosen, which) in enumerate(u.tolist()):
        if chosen >= share:
            continue
        random = np.random.default_rng(int(which * 2**32))
        revealed[i] = bool(random.uniform() < full)
        for number in range(1, int(random.geometric(stop))):
            side = int(random.integers(1, 10))
            centre = random.normal(0.5, 0.25, 2) * (height, width)
            top, left = np.clip(centre.astype(int) - side // 2, 0, (max(0, height - side), max(0, width - side)))
            patches[i, top : top + side, left : left + side] = number
    where = torch.from_numpy(patches).to(ab.device).flatten(1)[:, None].expand(-1, 2, -1)
    sums = ab.new_zeros(batch, 2, int(patches.max()) + 1).scatter_add_(2, where, ab.flatten(2))
    counts = torch.zeros_like(sums).scatter_add_(2, where, torch.ones_like(ab.flatten(2)))
    colours = (sums / counts.clamp(min=1)).gather(2, where).view_as(ab)
    mask = (where[:, :1].view(batch, 1, height, width) > 0) | revealed.to(ab.device)
    return torch.cat((torch.where(revealed.to(ab.device), ab, colours) * mask, mask.to(ab)), dim=1)

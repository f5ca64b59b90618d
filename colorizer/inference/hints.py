"""Colour hints: colours that a person gives for points of a photograph, in the form a network takes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
import torch
from torch import Tensor

from ..colour.bins import squared_distance
from ..colour.hex import ab_of
from ..errors import UserError
from ..photo.metadata import MOST_NOTE
from .region import repeated

Reach = Literal["thing", "picture"]
REACHES = get_args(Reach)
REACH_NUMBERS: Mapping[Reach | None, int] = {None: 0, "thing": 1, "picture": 2}
"""How a tensor says a reach."""
PATCH = 7
"""Least side of a hint on the planes, in pixels: a size that networks see in training."""


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
        try:
            (x, y), *further = ((float(across), float(below)) for across, below in points)
        except (TypeError, ValueError):
            raise UserError.of("stroke_empty") from None
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
    given: Any = hints
    result = []
    try:
        for given in hints:
            hint = Hint(*given)
            seconds = 0.0 if hint.seconds is None else hint.seconds
            for x, y in (*hint.points, (hint.radius, hint.strength), (seconds, len(hint.note + ""))):
                math.isnan(x), math.isnan(y)
            result.append(hint)
    except (TypeError, ValueError):
        raise UserError.of("hint_form", hint=given) from None
    return tuple(hint._replace(ab=ab_of(hint.ab)) for hint in result)


def finite(x: float, y: float, path: Sequence[tuple[float, float]] = ()) -> tuple[tuple[float, float], ...]:
    """The points (x, y) and path; raises ValueError unless all are finite numbers."""
    try:
        points = tuple((float(across), float(below)) for across, below in ((x, y), *path))
    except (TypeError, ValueError):
        points = ((math.nan, 0.0),)
    if not all(map(math.isfinite, chain(*points))):
        raise UserError("a point is x and y in pixels of the photo, two numbers")
    return points


def check(hints: Sequence[Hint], photo_size: tuple[int, int]) -> None:
    """Raise ValueError for a point outside a photo of (H, W), an unknown reach, a strength or moment out of range, long
    notes."""
    height, width = photo_size
    for hint in hints:
        if hint.reach is not None and hint.reach not in REACHES:
            raise UserError.of("hint_reach", reach=hint.reach, known=", ".join(REACHES))
        if not 0 <= hint.strength <= 1:
            raise UserError.of("hint_strength", strength=hint.strength)
        if hint.seconds is not None and not 0 <= hint.seconds < math.inf:
            raise UserError.of("hint_moment", seconds=hint.seconds)
        if len(hint.note) > MOST_NOTE:
            raise UserError.of("hint_note", most=MOST_NOTE, count=len(hint.note))
        for x, y in hint.points:
            if not (0 <= x < width and 0 <= y < height):
                raise UserError.of("hint_outside", x=x, y=y, width=width, height=height)


def cells(hint: Hint, photo_size: tuple[int, int], size: tuple[int, int]) -> list[tuple[int, int]]:
    """Row and column of a hint's points, on a grid of `size` (H, W) over a photo of `photo_size` (H, W)."""
    numbers = cell_numbers(torch.tensor(hint.points, dtype=torch.float64), torch.tensor(photo_size), size)
    return [divmod(number, size[1]) for number in numbers.tolist()]


def cell_numbers(xy: Tensor, photo_size: Tensor, size: tuple[int, int]) -> Tensor:
    """The cell of each point xy (N, 2) on a grid of `size` (H, W) over a photo of `photo_size`, a tensor (H, W): int64
    (N,), row by row."""
    row, column = (
        (xy[:, 1 - axis].double() * side / photo_size[axis]).floor().clamp(0, side - 1).long()
        for axis, side in enumerate(size)
    )
    return row * size[1] + column


def latest(cell: Tensor) -> Tensor:
    """Which cells (N,) do not come again later: bool (N,)."""
    again = (cell[:, None] == cell).triu(diagonal=1)
    return ~again.any(dim=1)


def rasterize(hints: Sequence[Hint], photo_size: tuple[int, int], size: tuple[int, int]) -> Tensor:
    """Hints as planes a, b (Lab units) and mask (0 or 1): float32 (1, 3, H, W) for a network fed at `size` (H, W).

    `photo_size` is the (H, W) that the hints' points refer to. A hint covers a square of at least `PATCH` pixels.
    Later hints overwrite earlier ones. Raises ValueError for a point outside the photo.
    """
    check(hints, photo_size)
    rows = [(x, y, *hint.ab, 1.0, hint.radius) for hint in hints for x, y in hint.points]
    told = torch.tensor([(0.0,) * 6, *rows], dtype=torch.float64)  # the first is no hint
    return planes(told[:, :2], told[:, 2:5].float(), torch.tensor(photo_size), size, told[:, 5])


def planes(
    xy: Tensor, colours: Tensor, photo_size: Tensor, size: tuple[int, int], radius: Tensor | None = None
) -> Tensor:
    """`rasterize` of points xy (N, 2) with `colours` (N, 3), a, b and mask. The first point is that of all places where
    there is no other with a mask. photo_size: a tensor (H, W)."""
    inside = colours[:, 2, None, None] > 0
    for axis in (0, 1):
        at = (xy[:, 1 - axis, None].double() * size[axis]) / photo_size[axis]
        half = PATCH / 2 if radius is None else (radius * size[axis] / photo_size[axis]).clamp(min=PATCH / 2)[:, None]
        along = torch.arange(size[axis])
        within = (along >= (at - half).round()) & (along < (at + half).round().clamp(min=1))
        inside = inside & within.unsqueeze(2 - axis)
    owner = torch.where(inside, torch.arange(xy.shape[0])[:, None, None], 0).amax(dim=0)
    return colours[owner].permute(2, 0, 1)[None]


def honour(ab: Tensor, L: Tensor, hints: Sequence[Hint], photo_size: tuple[int, int]) -> Tensor:
    """Correct the prediction's error at the hints: first in similar areas, then exactly at the hinted points.

    ab (2, h, w), Lab units; L (h, w) in [0, 100]; `photo_size` is the (H, W) that the hints' points refer to. If hints
    contradict each other at one point, the later one wins. Where a hint of less than full strength is, nothing is
    corrected.
    """
    if not hints:
        return ab
    each = [(x, y, *hint.ab, float(hint.strength == 1)) for hint in hints for x, y in hint.points]
    rows = torch.tensor(each, dtype=torch.float64)
    cell = cell_numbers(rows[:, :2], torch.tensor(photo_size), (ab.shape[1], ab.shape[2]))
    last = latest(cell)
    wanted, exact = rows[last, 2:4].to(ab), rows[last, 4].to(ab)
    return corrected(ab, L, cell[last], wanted, exact, torch.ones_like(exact))


def corrected(ab: Tensor, L: Tensor, cell: Tensor, wanted: Tensor, exact: Tensor, there: Tensor) -> Tensor:
    """ab (2, h, w) with the colours `wanted` (N, 2) at the cells (N,), by number, and near them.

    The errors at the hints tell how wrong the prediction is elsewhere: the correction is the mean of a Gaussian process
    (Rasmussen and Williams, "Gaussian Processes for Machine Learning", 2006, section 2.2). It goes far to pixels that
    are predicted alike and about as light, and a little way to all pixels that are as light. The correction is nowhere
    larger than at a hint. L (h, w). exact (N,): 1, or 0 where nothing is to be corrected. there (N,): 1, or 0 for a
    row that is left out.
    """
    height, width = ab.shape[1:]
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    across = torch.stack((y, x)).to(ab).flatten(1) / (height * width) ** 0.5
    light, flat = L.to(ab).reshape(1, -1), ab.flatten(1)

    def alike(*features: Tensor) -> Tensor:
        """Gaussian similarity of every pixel to every hinted pixel: (h w, N)."""
        maps = torch.cat(features).T
        return torch.exp(squared_distance(maps, maps[cell]) / -2)

    def expected(likeness: Tensor, missing: Tensor, noise: float) -> Tensor:
        """The correction for every pixel, (h w, 2), given the one that is missing at the hints. noise: the variance
        that belongs to a hint's point alone."""
        own = torch.eye(cell.shape[0], dtype=torch.float64) * (noise + 1 - there)
        kernel = (likeness[cell] * there * there[:, None]).double() + own
        return likeness @ _solved(kernel, missing.double()).to(ab)

    missing = (wanted - flat[:, cell].T) * exact[:, None]
    # The scales were fitted to true hints on held-out photographs, as docs/hints.md says.
    likeness = alike(across, light / 30, flat / 10) + 0.3 * alike(across / 0.15, light / 12)
    added = expected(likeness, missing, noise=0.05)
    left = (missing - added[cell]) * there[:, None]
    added = added + expected(alike(across / 0.025, light / 12), left, noise=1e-6)
    # Between hints that contradict each other, the interpolation overshoots far beyond both.
    lowest, highest = missing.amin(dim=0).clamp(max=0), missing.amax(dim=0).clamp(min=0)
    return ab + torch.minimum(torch.maximum(added, lowest), highest).T.reshape(ab.shape)


def _solved(kernel: Tensor, wanted: Tensor) -> Tensor:
    """kernel^-1 wanted, (N, 2), for a kernel (N, N) that is positive definite."""
    if not torch.compiler.is_exporting():
        return torch.linalg.solve(kernel, wanted)
    # ONNX has no such operator. Gauss and Jordan need no pivots here.
    number = torch.arange(kernel.shape[0])

    def step(k: Tensor, both: Tensor) -> tuple[Tensor, Tensor]:
        here = number == k
        column = torch.where(here, both[:, : number.shape[0]], 0.0).sum(dim=1, keepdim=True)
        row = torch.where(here[:, None], both, 0.0).sum(dim=0, keepdim=True)
        row = row / torch.where(here[:, None], column, 0.0).sum()
        return k + 1, torch.where(here[:, None], row, both - column * row)

    _, both = repeated(lambda k, both: k < both.shape[0], step, (torch.tensor(0), torch.cat((kernel, wanted), dim=1)))
    return both[:, -wanted.shape[1] :]


def simulate(ab: Tensor, u: Tensor, share: float = 1.0, full: float = 0.01) -> Tensor:
    """Simulate a user's hints from the true colours: ab (B, 2, H, W) -> (B, 3, H, W).

    The number of patches per picture is geometric with stop probability 1/8 (often 0, 7 on average). Sides are
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
        for number in range(1, int(random.geometric(1 / 8))):
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

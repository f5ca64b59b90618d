"""The pipeline in pieces, each a function of tensors that is exported by itself: the network, and the steps around it.

`assembly` joins them to one graph; the site has them in files of their own. A hint is a row: x and y in pixels of the
photograph, a and b in Lab units, and its reach, one of `REACH_NUMBERS`. A first row that is no hint is put before them,
so that no tensor is empty: runtimes may crash there.

`Feed` and `Join` do the work of `whole_photo` and `Colorizer.input_size`. Antialiased and bicubic resizing are products
with matrices of weights: runtimes differ in how they resize, and for a large photograph a product is faster.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..architectures.contract import Architecture
from ..architectures.networks.mobile_unet import End, Prediction
from ..colour import bins
from ..colour.gamut import LEVELS, SRGB
from ..colour.readout import saturated
from ..colour.whole_photo import KNEE, SLOPE, luminance_tables, range_of
from ..inference import hints as told
from ..inference import reach
from ..inference.colorizer import MAX_ASPECT
from ..inference.hints import REACH_NUMBERS
from ..inference.region import Regions

Size = tuple[int, int]
DARKEST, BRIGHTEST = range_of(bits=8)
TABLES, FROM_Y, FROM_XZ, STORED = map(torch.from_numpy, (luminance_tables(), SRGB.from_y, SRGB.from_xz, SRGB.table))


class Piece(nn.Module):
    """One piece of a network's pipeline."""

    def __init__(self, network: Architecture):
        super().__init__()
        self.network: Any = network.eval()

    def end(self, L: Tensor, fine: Tensor, logits: Tensor, of: Any = None) -> End:
        """One end of the decoder, from what it said. Only films ask for its estimate, which is left out here."""
        agree = of.agree if of else None
        return End(logits, logits, (of or self.network).sharpen(fine, L), (fine,), agree and agree.near(fine, L))


class Seeing(Piece):
    """The network: L (1, 1, H, W) and told (1, 3, H, W), a, b and mask of hints that are clues for the whole picture,
    or zeros -> logits (1, Q, h, w), its evidence, and the finish's logits and finest evidence if it has one."""

    def forward(self, L: Tensor, told: Tensor) -> tuple[Tensor, ...]:
        prediction = self.network(L, told)
        seen = (self.network.logits(prediction), *self.network.evidence(prediction))
        if not self.network.has_finish:
            return seen
        return (*seen, prediction.finished.logits.float(), prediction.finished.features[0])


class Clues(Piece):
    """Which hints (K, 5) are clues, from the logits without any; sides (2,): (H, W) of the photograph. -> share
    (K + 1,), how far each is a clue, after a first row that is none; whether any is; and the planes for the network."""

    def forward(self, L: Tensor, sides: Tensor, hints: Tensor, logits: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        rows, given = with_first(hints)
        p = at(logits, rows[:, :2], sides)
        share = reach.clue_shares(rows[:, 2:], p, self.network.centres)
        is_clue = given & (share > 0)
        own = p @ self.network.centres
        # lerp would not give exactly the hint's colour at a share of 1
        ab = torch.where(share[:, None] < 1, own + share[:, None] * (rows[:, 2:4] - own), rows[:, 2:4])
        colours = torch.cat((ab, torch.ones_like(ab[:, :1])), dim=1) * is_clue[:, None]
        return share, is_clue.any(), told.planes(rows[:, :2], colours, sides, (L.shape[2], L.shape[3]))


class Look(Piece):
    """Colours ab (1, 2, H, W), Lab units, and entropy (h, w) of what the network said, with a readout's numbers."""

    def forward(
        self, L: Tensor, logits: Tensor, fine: Tensor,
        temperature: Tensor, vividness: Tensor, saturation: Tensor, histogram: Tensor, strength: Tensor,
        finish: Tensor | None = None, finish_logits: Tensor | None = None, finish_fine: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:  # fmt: skip
        asked = {"temperature": temperature, "vividness": vividness, "histogram": histogram, "strength": strength}
        ab = self.network.end_to_ab(self.end(L, fine, logits), **asked)
        if finish is not None and finish_logits is not None and finish_fine is not None:
            end = self.end(L, finish_fine, finish_logits, self.network.finish)
            ab = torch.lerp(ab, self.network.end_to_ab(end, **asked), finish)
        return saturated(ab[0], saturation)[None], bins.entropy(logits)[0]


class Reached(Piece):
    """Where hints paint: how much of each place, and the painted a and b times that, (1, 3, h, w)."""

    def forward(
        self, L: Tensor, sides: Tensor, hints: Tensor, share: Tensor, fine: Tensor, middle: Tensor, coarse: Tensor
    ) -> Tensor:
        regions = Regions(L[0, 0], [fine[0], middle[0], coarse[0]])
        rows, cell, there = placed(hints, sides, regions.size)
        same = reach.alike(torch.cat((rows[:, 2:4], share[:, None]), dim=1)) & there & there[:, None]
        # Hints that count as one are one group, which stands in the row of the first of them.
        leads = there & ~same.tril(diagonal=-1).any(dim=1)
        masks, ways = regions.around(cell, same & leads[:, None])
        weights = reach.divided(masks * leads[:, None, None], ways, (1 - share) * leads)
        return reach.painted(weights, rows[:, 2:4])


class Paint(Piece):
    """Colours (1, 2, H, W): what hints make of both ab with them and `own` without, (1, 2, H, W)."""

    def forward(
        self, L: Tensor, sides: Tensor, hints: Tensor, fine: Tensor, reached: Tensor, ab: Tensor, own: Tensor
    ) -> Tensor:
        rows, cell, there = placed(hints, sides, (L.shape[2], L.shape[3]))
        maps = self.network.sharpened(Prediction(self.end(L, fine, fine)), reached)
        both = reach.laid_on((ab[0] + own[0]) / 2, maps[0])
        return told.corrected(both, L[0, 0], cell, rows[:, 2:4], there.float(), there.float())[None]


class Suggestions(Piece):
    """The likeliest colours at points (P, 2): (P, 5, 2), Lab units, not a number where there are fewer."""

    def forward(self, sides: Tensor, logits: Tensor, points: Tensor) -> Tensor:
        some = F.pad(points, (0, 0, 1, 0))
        return bins.modes(at(logits, some, sides), self.network.centres, 5)[1:]


def with_first(hints: Tensor) -> tuple[Tensor, Tensor]:
    """The rows with a first one that is no hint, and which of them are hints: (N, 5), bool (N,)."""
    rows = torch.cat((torch.tensor([[0.0, 0.0, 0.0, 0.0, REACH_NUMBERS["picture"]]]), hints))
    return rows, torch.arange(rows.shape[0]) > 0


def placed(hints: Tensor, sides: Tensor, size: Size) -> tuple[Tensor, Tensor, Tensor]:
    """The rows, their cells on a grid of `size`, and which of them are the last hint on theirs."""
    rows, given = with_first(hints)
    cell = told.cell_numbers(rows[:, :2], sides, size)
    return rows, cell, told.latest(cell) & given


def at(logits: Tensor, xy: Tensor, sides: Tensor) -> Tensor:
    """The distributions at points (N, 2): (N, Q)."""
    cell = told.cell_numbers(xy, sides, (logits.shape[2], logits.shape[3]))
    return logits[0].flatten(1)[:, cell].T.softmax(dim=1)


class Feed(nn.Module):
    """Photograph uint8 (H, W, 3) -> the lightness that the network gets, (1, 1, h, w); no hints for it, (1, 3, h, w);
    (H, W), float32 (2,); and for `Join`, luminance Y in steps and f(Y) of CIE Lab, (H, W) each."""

    def __init__(self, working_size: int, stride: int):
        super().__init__()
        self.working_size, self.stride = working_size, stride

    def forward(self, photo: Tensor) -> tuple[Tensor, ...]:
        Y = luminance(photo)
        f = cube_root(Y)
        height, width = (torch.scalar_tensor(side) for side in photo.shape[:2])
        aspect = (width / height).clamp(1 / MAX_ASPECT, MAX_ASPECT).sqrt()
        wanted = torch.stack((self.working_size / aspect, self.working_size * aspect)).round()
        size = ((wanted / self.stride).round() * self.stride).clamp(min=self.stride)
        rows, columns = (smaller(before, after) for before, after in zip(Y.shape, size.unbind(), strict=True))
        L = (rows @ (116 * f - 16) @ columns.T)[None, None]
        return L, torch.cat((L * 0, L * 0, L * 0), dim=1), torch.stack((height, width)), Y, f


class Join(nn.Module):
    """A photograph's Y and f(Y) with colours (1, 2, h, w), Lab units; chroma that sRGB cannot show is compressed:
    uint8 (H, W, 3)."""

    def forward(self, Y: Tensor, f: Tensor, colours: Tensor) -> Tensor:
        height, width = Y.shape
        rows, columns = (larger(before, after) for before, after in zip(colours.shape[2:], Y.shape, strict=True))
        scale = torch.tensor([1 / 500, -1 / 200])[:, None, None]
        chroma = (rows @ (colours[0] @ columns.T) * scale).flatten(1)
        f, gray = f.reshape(-1), FROM_Y * Y.reshape(1, -1)
        linear = mixed(gray, f + chroma)
        beyond = outside(linear).nonzero()[:, 0]
        gray, f, chroma = (each.index_select(-1, beyond) for each in (gray, f, chroma))
        low = torch.zeros_like(f)
        for step in (0.5**n for n in range(1, 13)):
            low = low + torch.where(outside(mixed(gray, f + chroma * (low + step))), 0.0, step)
        inside = mixed(gray, f + chroma * low)
        linear = linear.scatter(1, beyond.expand(3, -1), inside)
        levels = STORED.index_select(0, linear.T.clamp(0, LEVELS).int().flatten())
        return levels.view(height, width, 3)


def luminance(photo: Tensor) -> Tensor:
    """Y in steps: (H, W)."""
    red, green, blue = (
        table.index_select(0, channel.flatten()) for table, channel in zip(TABLES, photo.int().unbind(2), strict=True)
    )
    return (red + green + blue).view(photo.shape[:2])


def cube_root(Y: Tensor) -> Tensor:
    """f(Y) of CIE Lab, of luminance in steps."""
    share = Y / LEVELS
    return torch.where(share > 0.008856, share.clamp(min=0.008856) ** (1 / 3), 7.787 * share + 16 / 116)


def mixed(gray: Tensor, f: Tensor) -> Tensor:
    """Linear red, green and blue in steps, (3, N), from luminance's share of them and f(X) and f(Z), (2, N)."""
    high = f.clamp(min=KNEE)
    return gray + FROM_XZ @ (high * high * high + (f - high) * SLOPE)


def outside(linear: Tensor) -> Tensor:
    """Where sRGB cannot show linear red, green and blue (3, N): bool (N,)."""
    return (linear.amin(dim=0) < DARKEST) | (linear.amax(dim=0) > BRIGHTEST)


def smaller(before: int, after: Tensor) -> Tensor:
    """Weights of an antialiased bilinear resize along one axis, (after, before): torch's triangles, as wide as the
    scale, or one pixel where the result is larger."""
    count = after.long().item()
    torch._check(count >= 2)
    scale = before / after
    centre = (torch.arange(count)[:, None] + 0.5) * scale
    weights = (1 - (torch.arange(before) + 0.5 - centre).abs() / scale.clamp(min=1)).clamp(min=0)
    return weights / weights.sum(dim=1, keepdim=True)


def larger(before: int, after: int) -> Tensor:
    """Weights of torch's bicubic resize along one axis, (after, before), of two pixels or more; those at the edge
    continue outside."""
    at = (torch.arange(after)[:, None] + 0.5) * before / after - 0.5
    away = (at - torch.arange(-2, before + 2)).abs()
    near = (1.25 * away - 2.25) * away * away + 1
    far = ((-0.75 * away + 3.75) * away - 6) * away + 3
    weights = torch.where(away <= 1, near, torch.where(away < 2, far, 0.0))
    first, last = (edge.sum(dim=1, keepdim=True) for edge in (weights[:, :3], weights[:, -3:]))
    return torch.cat((first, weights[:, 3:-3], last), dim=1)

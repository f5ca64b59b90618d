"""From a photograph to a network's lightness, and from a network's colours to a photograph: the work of `whole_photo`
and `Colorizer.input_size`, as pieces of the pipeline.

Antialiased and bicubic resizing are products with matrices of weights. Runtimes differ in how they resize, and for a
large photograph a product is faster.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ..colour.gamut import LEVELS, SRGB
from ..colour.whole_photo import KNEE, SLOPE, luminance_tables, range_of
from ..inference.colorizer import MAX_ASPECT

DARKEST, BRIGHTEST = range_of(bits=8)
TABLES, FROM_Y, FROM_XZ, STORED = map(torch.from_numpy, (luminance_tables(), SRGB.from_y, SRGB.from_xz, SRGB.table))


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

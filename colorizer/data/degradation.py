"""Lightness as old prints and their scans show it: soft, grainy, faded, scratched, compressed.

Networks see only lightness, and they learn from clean digital photographs. This module changes the L that they see,
never the colours that they have to find. All randomness comes from uniform numbers given with each picture, so a
picture is degraded in the same way in any batch, process or order.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from ..colour.lab import lab_to_rgb, linear_to_srgb, rgb_to_lab, srgb_to_linear

BANK_SIDE = 256
"""Side, in pixels, of the noise that grain, dust and stains are cut from; it wraps around at its edges."""
GRAINS = (0.0, 0.4, 0.6, 0.8)
"""Gaussian sigmas of grain, in pixels: from one pixel to clumps of several."""
SPECKS, STAINS = len(GRAINS), len(GRAINS) + 1
"""Levels of the noise bank that follow those of grain: sigmas of 0.8 and 6 pixels."""
BLUR_RADIUS = 4
"""Radius of a blur, in pixels: 3.3 times its largest sigma."""
LINES = 5
"""Most scratches in a picture."""


def emulsion(L: Tensor, ab: Tensor, u: Tensor) -> Tensor:
    """The lightness that a plate sees which is blind to red, or nearly: that of a sum of linear red, green and blue.

    Until the 1920s most plates and films were orthochromatic: lips and red cloth are dark on them, blue sky is white
    (Mees, "The Theory of the Photographic Process", 1942). L (B, 1, H, W), ab (B, 2, H, W) of the true colours; u: the
    weights of red, up to 0.15, and of blue, 0.15 to 0.75, before they are divided by the sum of all.
    """
    linear = srgb_to_linear(lab_to_rgb(torch.cat((L, ab), dim=1)))
    red, blue = 0.15 * u[:, 0], 0.15 + 0.6 * u[:, 1]
    weights = torch.stack((red, 1 - blue, blue), dim=1)
    seen = torch.einsum("bc,bchw->bhw", weights / weights.sum(dim=1, keepdim=True), linear)[:, None]
    return rgb_to_lab(linear_to_srgb(seen).expand(-1, 3, -1, -1))[:, :1]


def blur(L: Tensor, strength: Tensor, u: Tensor) -> Tensor:
    """Blur by lens, hand or unfocused scanner: convolution with a Gaussian of sigma 0.3 + 0.9 strength pixels.

    Independent small blurs add up to a Gaussian. Kernels sum to 1; edges are padded by replication.
    """
    sigma = (0.3 + 0.9 * strength)[:, None, None, None]
    taps = [(-(k**2) / (2 * sigma**2)).exp() for k in range(BLUR_RADIUS + 1)]
    total = taps[0] + 2 * sum(taps[1:])
    for dim, pad in ((2, (0, 0, BLUR_RADIUS, BLUR_RADIUS)), (3, (BLUR_RADIUS, BLUR_RADIUS, 0, 0))):
        padded, side = F.pad(L, pad, mode="replicate"), L.shape[dim]
        # Sums of shifted pictures round the same way in every batch; a convolution may sum in another order.
        L = padded.narrow(dim, BLUR_RADIUS, side) * (taps[0] / total)
        for k in range(1, BLUR_RADIUS + 1):
            pair = padded.narrow(dim, BLUR_RADIUS - k, side) + padded.narrow(dim, BLUR_RADIUS + k, side)
            L = L.addcmul_(pair, taps[k] / total)
    return L


def grain(L: Tensor, strength: Tensor, u: Tensor) -> Tensor:
    """Film grain: L + (0.4 + 4.6 strength) 2 sqrt(t (1 - t)) n with t = L / 100 and n blurred noise of unit variance.

    A pixel averages grains of silver that are present or absent, so its variance is that of a binomial share,
    t (1 - t): largest in the mid-tones, zero in pure black and white (the Boolean model of Newson and others,
    "Realistic Film Grain Rendering", IPOL 2017). u: size of the grain, then position and flips of the noise.
    """
    level = (u[:, 0] * len(GRAINS)).long()
    noise = _noise(level, u[:, 1:4], L.shape[-2:])
    t = L / 100
    deviation = (t * (1 - t)).clamp(min=0).sqrt() * (0.8 + 9.2 * strength)[:, None, None, None]
    return torch.addcmul(L, deviation, noise)


def gamma(L: Tensor, strength: Tensor, u: Tensor) -> Tensor:
    """Exposure and development: 100 (L / 100)^g, ln g normal with standard deviation 0.05 + 0.25 strength.

    The slope of a film's curve of density over log exposure is called gamma (Hurter and Driffield, 1890).
    """
    z = math.sqrt(2) * torch.erfinv((2 * u[:, 0] - 1).clamp(-0.99, 0.99))
    exponent = ((0.05 + 0.25 * strength) * z).exp()[:, None, None, None]
    return 100 * (L / 100).clamp(0, 1) ** exponent


def contrast(L: Tensor, strength: Tensor, u: Tensor) -> Tensor:
    """Hard paper or a flat copy: pivot + k (L - pivot), clipped, where ln k is normal with standard deviation 0.1 + 0.3
    strength. u: quantile of k, and the pivot, from 30 to 65.
    """
    z = math.sqrt(2) * torch.erfinv((2 * u[:, 0] - 1).clamp(-0.99, 0.99))
    slope, pivot = ((0.1 + 0.3 * strength) * z).exp()[:, None, None, None], (30 + 35 * u[:, 1])[:, None, None, None]
    return (pivot + slope * (L - pivot)).clamp(0, 100)


def fade(L: Tensor, strength: Tensor, u: Tensor) -> Tensor:
    """A faded print: black + L (white - black) / 100, where black rises by up to 35 and white falls by up to 30.

    Oxidised silver makes the shadows lighter, yellowed paper makes the whites darker, and both fade unevenly, from one
    edge or from all edges towards the middle (Reilly, "Care and Identification of 19th-Century Photographic Prints",
    1986). u: how much of each; direction, and the shares of slope and vignette.
    """
    height, width = L.shape[-2:]
    y = torch.linspace(-1, 1, height, device=L.device)[:, None]
    x = torch.linspace(-1, 1, width, device=L.device)
    turn, slope, vignette = 2 * math.pi * u[:, 2], 0.6 * u[:, 3], 0.6 * (2 * u[:, 4] - 1)
    across, down, round_ = (n[:, None, None] for n in (slope * turn.cos(), slope * turn.sin(), vignette))
    uneven = (1 + across * x + down * y + round_ * (x**2 + y**2 - 2 / 3))[:, None] / 1.8
    faded = (uneven * strength.sqrt()[:, None, None, None]).clamp(0, 1)
    black, white = ((0.2 + 0.8 * u[:, i])[:, None, None, None] * most for i, most in ((0, 35), (1, 30)))
    return L + faded * (black - L * ((black + white) / 100))


def scratches(L: Tensor, strength: Tensor, u: Tensor) -> Tensor:
    """Scratches, dust and stains: L + light (97 - L) - dark (L - 4), where light and dark are opacities of the damage.

    Film is scratched as it runs through camera and projector, so most lines are upright and few are bent (line
    scratches: Kokaram, "Motion Picture Restoration", 1998). Dust lies where noise exceeds 3.1 standard deviations or
    more; stains are made in the same way, but wider and fainter. u: six numbers for a line, seven for dust and stains.
    """
    size = L.shape[-2:]
    light, dark = _lines(strength, u[:, : 6 * LINES].unflatten(1, (LINES, 6)), size).unbind(1)
    u = u[:, 6 * LINES :]
    for level, at, least, slope, opacity in (
        (SPECKS, u[:, :3], 4.4 - 1.3 * strength, 1.5, 0.9),
        (STAINS, u[:, 3:6], 3.4 - 1.6 * u[:, 6] * strength.sqrt(), 2.0, 0.35),
    ):
        noise = _noise(torch.full_like(strength, level, dtype=torch.long), at, size)
        height = (noise.abs() - least[:, None, None, None]).mul_(slope).clamp_(0, 1).mul_(opacity)
        light = torch.maximum(light, height * (noise > 0))
        dark = torch.maximum(dark, height * (noise < 0))
    return L + light * (97 - L) - dark * (L - 4)


def jpeg(L: Tensor, strength: Tensor, u: Tensor) -> Tensor:
    """JPEG compression at quality 90 - 70 strength: 8 x 8 cosine transforms, rounded to multiples of the luminance
    table K.1 of ITU-T T.81, scaled by quality as in the Independent JPEG Group's library. L is coded as 0 to 255."""
    height, width = L.shape[-2:]
    padded = F.pad(L, (0, -width % 8, 0, -height % 8), mode="replicate")
    blocks = padded.unflatten(3, (-1, 8)).unflatten(2, (-1, 8))[:, 0].transpose(2, 3)
    samples = (blocks * 2.55).round_().sub_(128).flatten(3).flatten(1, 2)
    basis, table = _jpeg_constants(L.device)
    quality = (90 - 70 * strength).round()
    scale = torch.where(quality < 50, 5000 / quality, 200 - 2 * quality)[:, None, None]
    steps = ((table * scale + 50) / 100).floor().clamp(1, 255)
    kept = (samples @ basis.T).div_(steps).round_().mul_(steps) @ basis
    pixels = kept.add_(128).clamp_(0, 255).div_(2.55).view(len(L), *blocks.shape[1:3], 8, 8).transpose(2, 3)
    return pixels.flatten(3).flatten(1, 2)[:, None, :height, :width]


class Effect(NamedTuple):
    """`apply(L, strength, u)`: L (B, 1, H, W) in [0, 100], strength (B,) from 0, hardly visible, to 1, the worst,
    u (B, numbers) uniform in [0, 1). Grain may leave the range. A share `chance` of the degraded pictures gets it."""

    apply: Callable[[Tensor, Tensor, Tensor], Tensor]
    chance: float
    numbers: int


EFFECTS = (
    Effect(blur, 0.5, 0),
    Effect(grain, 0.6, 4),
    Effect(gamma, 1.0, 1),
    Effect(contrast, 0.5, 2),
    Effect(fade, 0.6, 5),
    Effect(scratches, 0.3, 6 * LINES + 7),
    Effect(jpeg, 0.5, 0),
)
"""In the order in which they happen to a picture: camera, film, print, age, handling, scan."""
BLIND_TO_RED = 0.4
"""Share of the degraded pictures that are taken on an old emulsion."""
_OF_EFFECTS = 2 + sum(2 + effect.numbers for effect in EFFECTS)
EMULSION = slice(_OF_EFFECTS, _OF_EFFECTS + 3)
"""The numbers of the emulsion: whether, and the two of `emulsion`."""
COLUMNS = EMULSION.stop
"""How many uniform numbers a picture needs."""


def degrade(L: Tensor, u: Tensor, share: float = 1.0, ab: Tensor | None = None) -> Tensor:
    """Degrade a share `share` of the pictures as old prints and their scans might look; leave the others unchanged.

    L: float32 (B, 1, H, W) in [0, 100], on any device. u: float32 (B, COLUMNS), uniform in [0, 1), on the CPU; each row
    decides everything about its picture, whatever else is in the batch. ab: the true colours (B, 2, H, W); without them
    there are no old emulsions. Returns L of the same shape and range.

    A picture gets a random subset of `EFFECTS`. Each strength is the product of one number for the picture and one for
    the effect, so that most pictures are worn a little and few badly. Raises ValueError for a u of another shape.
    """
    if u.shape != (len(L), COLUMNS):
        raise ValueError(f"u is {tuple(u.shape)}; give {COLUMNS} uniform numbers for each of {len(L)} pictures")
    L, worn = L.clone(), u[:, 0] < share
    here = u.to(L.device, non_blocking=True)
    rows = (worn & (u[:, EMULSION.start] < BLIND_TO_RED)).nonzero()[:, 0].to(L.device, non_blocking=True)
    if ab is not None and len(rows):
        L.index_copy_(0, rows, emulsion(L[rows], ab[rows], here[rows, EMULSION][:, 1:]).clamp_(0, 100))
    column = 2
    for effect in EFFECTS:
        # Chosen on the CPU, where u is, so that we do not wait for a GPU.
        rows = (worn & (u[:, column] < effect.chance)).nonzero()[:, 0]
        if len(rows):
            rows = rows.to(L.device, non_blocking=True)
            own = here[rows]
            strength = own[:, column + 1] * (0.25 + 0.75 * own[:, 1])
            numbers = own[:, column + 2 : column + 2 + effect.numbers]
            L.index_copy_(0, rows, effect.apply(L[rows], strength, numbers).clamp_(0, 100))
        column += 2 + effect.numbers
    return L


def _lines(strength: Tensor, u: Tensor, size: torch.Size) -> Tensor:
    """Opacity of light and of dark scratches: strength (B,), u (B, lines, 6) -> (B, 2, 1, H, W)."""
    height, width = size
    samples = 3 * max(size)
    t = torch.linspace(-0.5, 0.5, samples, device=u.device)
    u = u[..., None]
    length = max(size) * (0.2 + 1.3 * u[:, :, 2])
    lean = ((2 * u[:, :, 3] - 1) ** 3) ** 3
    upright = (1 - lean**2).sqrt()
    along, aside = length * t, length * 0.4 * (2 * u[:, :, 4] - 1) ** 3 * t**2
    x = u[:, :, 0] * width + along * lean + aside * upright
    y = u[:, :, 1] * height + along * upright - aside * lean
    drawn = (2 * u[:, :, 5]) % 1
    opacity = 0.8 * (drawn - 0.8 * (1 - strength[:, None, None])).clamp(min=0) * (1 - (2 * t) ** 4)
    plane = (u[:, :, 5] < 0.4).long()
    layers = torch.zeros(len(u), 2 * height * width, device=u.device)
    for right in (0, 1):
        for below in (0, 1):
            column, row = x.floor() + right, y.floor() + below
            inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
            near = opacity * (1 - (x - column).abs()) * (1 - (y - row).abs()) * inside
            place = (plane * height + row.long().clamp(0, height - 1)) * width + column.long().clamp(0, width - 1)
            layers.scatter_reduce_(1, place.flatten(1), near.flatten(1), "amax")
    return layers.view(-1, 2, 1, height, width)


def _noise(level: Tensor, u: Tensor, size: torch.Size) -> Tensor:
    """A window of one level of the bank for each picture: level (B,), u (B, 3) row, column, flips -> (B, 1, H, W)."""
    flips = (u[:, 2] * 4).long()
    starts = (u[:, :2] * BANK_SIDE).long()
    signs = 1 - 2 * torch.stack((flips % 2, flips // 2), dim=1)
    rows, columns = (
        (starts[:, i, None] + signs[:, i, None] * torch.arange(size[i], device=u.device)) % BANK_SIDE for i in (0, 1)
    )
    rows = rows + level[:, None] * BANK_SIDE
    return _bank(u.device).take(rows[:, :, None] * BANK_SIDE + columns[:, None])[:, None]


@lru_cache
def _bank(device: torch.device) -> Tensor:
    """Gaussian noise of unit variance, for every size of `GRAINS` and for specks and stains: (levels, side, side)."""
    white = torch.randn(len(GRAINS) + 2, BANK_SIDE, BANK_SIDE, generator=torch.Generator().manual_seed(0))
    sigmas = torch.tensor([*GRAINS, 0.8, 6.0])[:, None, None]
    frequency = torch.fft.fftfreq(BANK_SIDE)[:, None].square() + torch.fft.rfftfreq(BANK_SIDE).square()
    blurred = torch.fft.rfft2(white) * (-2 * (math.pi * sigmas) ** 2 * frequency).exp()
    noise = torch.fft.irfft2(blurred, s=(BANK_SIDE, BANK_SIDE))
    return (noise / noise.std(dim=(1, 2), keepdim=True)).to(device)


@lru_cache
def _jpeg_constants(device: torch.device) -> tuple[Tensor, Tensor]:
    """The cosines of an 8 x 8 block (64, 64) and the quantization steps of quality 50 (64,), both row by row."""
    k = torch.arange(8, dtype=torch.float64)
    cosines = (math.pi / 8 * (k + 0.5) * k[:, None]).cos() / 2
    cosines[0] /= math.sqrt(2)
    # In 12 bits, products of cosines and 8-bit samples add up without rounding, in any order and on any device.
    # A sum that rounded differently would sometimes give another multiple.
    basis = (torch.kron(cosines, cosines) * 4096).round() / 4096
    return basis.float().to(device), torch.tensor(_LUMINANCE, dtype=torch.float32, device=device)


# fmt: off
_LUMINANCE = (
    16, 11, 10, 16, 24, 40, 51, 61,
    12, 12, 14, 19, 26, 58, 60, 55,
    14, 13, 16, 24, 40, 57, 69, 56,
    14, 17, 22, 29, 51, 87, 80, 62,
    18, 22, 37, 56, 68, 109, 103, 77,
    24, 35, 55, 64, 81, 104, 113, 92,
    49, 64, 78, 87, 103, 121, 120, 101,
    72, 92, 95, 98, 112, 100, 103, 99,
)
# fmt: on

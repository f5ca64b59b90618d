"""The ab plane divided into cells (bins): soft encoding of targets, and readouts of a distribution over bins.

A network that predicts one logit per bin and pixel gives a probability p(q | photo). Every readout here is a pure
function of (B, Q, h, w) logits and does not run the network again. After Zhang, Isola and Efros, "Colorful Image
Colorization" (ECCV 2016), but trained without their rebalancing: we apply it at inference, as `reweight`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from .lab import colours, rgb_to_lab

GRID = 10
"""Lab units from bin to bin."""
_TABLE_REACH = 112  # larger than |a| and |b| of any sRGB colour
_SPREAD = 5.0  # standard deviations of Gaussians, in Lab units
_HALO = 10.0


@lru_cache
def in_gamut_centres(grid: int = GRID) -> Tensor:
    """Centres of the ab cells that contain an 8-bit sRGB colour: float32 (Q, 2), Lab units; do not modify."""
    steps = torch.linspace(0, 1, 64)
    rgb = torch.stack(torch.meshgrid(steps, steps, steps, indexing="ij")).reshape(3, 1, -1)
    ab = rgb_to_lab(rgb)[1:, 0].T
    cells, row = (ab / grid).round().long() + _TABLE_REACH, 2 * _TABLE_REACH
    found = torch.unique(cells[:, 0] * row + cells[:, 1])  # ten times as fast as that of pairs
    return (torch.stack((found // row, found % row), dim=1) - _TABLE_REACH) * float(grid)


@lru_cache
def nearest_centres(count: int) -> Tensor:
    """The `count` grid points nearest to the sRGB gamut: the in-gamut ones, then those just outside.

    float32 (count, 2), Lab units; do not modify. Raises ValueError if `count` is below the number in gamut.
    """
    inside = in_gamut_centres()
    most = (2 * (_TABLE_REACH // GRID) + 1) ** 2
    if not len(inside) <= count <= most:
        raise ValueError(f"there are {len(inside)} bins in gamut and {most} in all; {count} would leave some out")
    axis = torch.arange(-(_TABLE_REACH // GRID), _TABLE_REACH // GRID + 1) * float(GRID)
    around = torch.cartesian_prod(axis, axis)
    order = torch.cdist(around, inside).min(dim=1).values.sort(stable=True).indices
    return around[order[:count].sort().values]


def square_centres() -> Tensor:
    """All grid points with |a|, |b| <= 110, in gamut or not: float32 (23 x 23 = 529, 2); those of SIGGRAPH17."""
    axis = torch.arange(-110, 111, GRID, dtype=torch.float32)
    return torch.cartesian_prod(axis, axis)


def _places(centres: Tensor | None) -> Tensor:
    return in_gamut_centres() if centres is None else centres


@lru_cache(8)
def _encoding_table(centres: bytes, neighbours: int) -> tuple[Tensor, Tensor]:
    """Nearest bins and their weights for every integer (a, b): a look-up is much faster than distances per pixel."""
    axis = torch.arange(-_TABLE_REACH, _TABLE_REACH + 1, dtype=torch.float32)
    points = torch.cartesian_prod(axis, axis)
    places = torch.frombuffer(bytearray(centres), dtype=torch.float32).reshape(-1, 2)
    distance, index = torch.cdist(points, places).topk(neighbours, largest=False)
    return index, torch.softmax(-(distance**2) / (2 * _SPREAD**2), dim=1)


def soft_encode(ab: Tensor, centres: Tensor | None = None, neighbours: int = 5) -> tuple[Tensor, Tensor]:
    """Spread each colour over its nearest bins with Gaussian weights.

    ab (B, 2, h, w), Lab units -> bin indices int64 (B, n, h, w) and weights float32 (B, n, h, w) that sum to 1.
    centres (Q, 2): the bins, by default those of `in_gamut_centres()`. Colours are rounded to whole Lab units first.
    """
    places = _places(centres)
    tables = _encoding_table(places.cpu().float().numpy().tobytes(), neighbours)
    index, weight = (table.to(ab.device) for table in tables)
    whole = ab.round().clamp(-_TABLE_REACH, _TABLE_REACH).long() + _TABLE_REACH
    row = whole[:, 0] * (2 * _TABLE_REACH + 1) + whole[:, 1]
    return index[row].movedim(-1, 1), weight[row].movedim(-1, 1)


def cross_entropy(
    logits: Tensor, ab: Tensor, centres: Tensor | None = None, importance: Tensor | None = None
) -> Tensor:
    """Mean soft-encoded cross-entropy, in nats per pixel: logits (B, Q, h, w), ab (B, 2, h, w) -> scalar.

    importance (Q,): each pixel has the weight of its nearest bin; see `rebalancing`.
    """
    index, weight = soft_encode(ab, centres)
    # Bins go last: networks train in channels_last, where this needs no copy and is several times faster.
    log_p = logits.movedim(1, -1).log_softmax(dim=-1)
    loss = -(log_p.gather(-1, index.movedim(1, -1)) * weight.movedim(1, -1)).sum(dim=-1)
    if importance is not None:
        nearest = index.gather(1, weight.argmax(dim=1, keepdim=True))[:, 0]
        loss = loss * importance.to(loss)[nearest]
    return loss.mean()


def rebalancing(prior: Tensor, uniform: float = 0.5) -> Tensor:
    """Zhang et al.'s class weights: 1 / ((1 - u) prior + u / Q), scaled so that their mean under the prior is 1.

    prior (Q,) sums to 1 -> (Q,). Training with them makes rare colours count as much as common ones.
    """
    weight = 1 / ((1 - uniform) * prior + uniform / len(prior))
    return weight / (prior * weight).sum()


def expected_ab(logits: Tensor, centres: Tensor, temperature: float | Tensor = 1.0) -> Tensor:
    """The annealed mean: sum_q softmax(logits / T)_q c_q, (B, Q, h, w) -> (B, 2, h, w) in Lab units.

    T = 1 is the mean, which is the safest answer in the least-squares sense; T -> 0 tends to the mode.
    Raises ValueError for T <= 0.
    """
    if not isinstance(temperature, Tensor) and not temperature > 0:
        raise ValueError(f"temperature must be above 0, not {temperature}")
    p = (logits.movedim(1, -1) / temperature).softmax(dim=-1)
    return (p @ centres.to(p)).movedim(-1, 1)


def reweight(logits: Tensor, prior: Tensor, vividness: float | Tensor, uniform: float = 0.5) -> Tensor:
    """Make rare colours likelier: p(q) / ((1 - u) prior(q) + u / Q)^vividness, as logits.

    Zhang et al. train with these weights (u = 0.5, exponent 1). Applied afterwards, they become a slider, and p is
    still calibrated at vividness 0. prior (Q,) sums to 1.
    """
    mixed = (1 - uniform) * prior + uniform / len(prior)
    return logits - vividness * mixed.to(logits).log()[None, :, None, None]


def exchange_prior(
    logits: Tensor, prior: Tensor, histogram: Tensor, strength: float | Tensor, floor: float = 0.02
) -> Tensor:
    """Prefer the colours of another picture: p(q) (histogram(q) / prior(q))^strength, as logits.

    A share `floor` of the prior is mixed into the histogram, so that no colour is impossible. prior and histogram (Q,)
    sum to 1; strength 0 changes nothing.
    """
    prior = prior.clamp(min=1e-6)
    wanted = (1 - floor) * histogram.to(prior) + floor * prior
    return logits + strength * (wanted / prior).log().to(logits)[None, :, None, None]


def read(
    logits: Tensor,
    centres: Tensor,
    prior: Tensor,
    *,
    temperature: float | Tensor = 1.0,
    vividness: float | Tensor = 0.0,
    histogram: Tensor | None = None,
    strength: float | Tensor = 1.0,
) -> Tensor:
    """All readouts combined: reweight, replace the prior by `histogram`, annealed mean -> (B, 2, h, w), Lab units.

    Numbers may be scalar tensors, so that an exported graph takes them as inputs.
    """
    logits = reweight(logits, prior, vividness)
    if histogram is not None:
        logits = exchange_prior(logits, prior, histogram, strength)
    return expected_ab(logits, centres, temperature)


def palette_histogram(colours: Sequence[tuple[float, float]], centres: Tensor | None = None) -> Tensor:
    """Each colour (a, b) with a Gaussian halo, as a distribution over bins: float32 (Q,), sums to 1."""
    distance = torch.cdist(_places(centres).cpu().float(), torch.tensor(colours, dtype=torch.float32))
    weight = torch.exp(-(distance**2) / (2 * _HALO**2)) + 1e-12  # avoids zeros for a colour far from all bins
    return (weight / weight.sum(dim=0)).mean(dim=1)


def picture_histogram(picture: Image.Image, centres: Tensor | None = None) -> Tensor:
    """How often each bin occurs in a picture, PIL "RGB": float32 (Q,), sums to 1."""
    return encode_prior(colours(np.asarray(picture))[None], centres)


def entropy(logits: Tensor) -> Tensor:
    """How uncertain p is, per pixel: (B, Q, h, w) -> (B, h, w) in [0, 1]; 1 is uniform over all bins."""
    log_p = logits.log_softmax(dim=1)
    return -(log_p.exp() * log_p).sum(dim=1) / math.log(logits.shape[1])


def squared_distance(a: Tensor, b: Tensor) -> Tensor:
    """(N, C) and (M, C) -> (N, M). Like `torch.cdist`, which cannot be exported, it is one product of matrices."""
    own, other = (each.square().sum(dim=1, keepdim=True) for each in (a, b))
    left = torch.cat((a, own, torch.ones_like(own)), dim=1)
    return (left @ torch.cat((-2 * b, torch.ones_like(other), other), dim=1).T).clamp(min=0)


def plausibility(p: Tensor, centres: Tensor, ab: Tensor) -> Tensor:
    """How much of each distribution p (N, Q) is no likelier than the colour in ab (N, 2): (N,) in [0, 1].

    Near 1 for the likeliest colour, near 0 for one that was hardly thought of. If p is calibrated, a true colour is
    found below any x with probability x. Densities are taken over a Gaussian, so that neither the grid of bins nor a
    colour just outside of it matters.
    """

    def halo(places: Tensor) -> Tensor:
        return torch.exp(squared_distance(places, centres) / (-2 * _HALO**2))

    # The same sum rounds differently for one place and for many: a centre must not come out below itself.
    at_ab = (p * halo(ab)).sum(dim=1, keepdim=True) * (1 + 1e-5)
    return (p * (p @ halo(centres) <= at_ab)).sum(dim=1)


def top_modes(p: Tensor, centres: Tensor, count: int) -> list[tuple[float, float]]:
    """The `modes` of one distribution p (Q,), at most `count`."""
    return [(a, b) for a, b in modes(p[None], centres, count)[0].tolist() if not math.isnan(a)]


def modes(p: Tensor, centres: Tensor, count: int) -> Tensor:
    """The likeliest colours of each distribution p (N, Q), most likely first, at least 20 Lab units apart:
    (N, count, 2), not a number where there are fewer.

    Peaks of p (bins that are likelier than all their neighbours) come before bins on the slopes of other peaks: a
    second idea is more useful than a shade of the first. Peaks below a twentieth of the highest do not count.
    """
    between = squared_distance(centres, centres).sqrt()
    step = torch.where(between > 0, between, torch.inf).min()
    around = torch.where(between < 1.5 * step, p[:, None], 0.0).amax(dim=2)
    peak = (p >= around) & (p >= p.amax(dim=1, keepdim=True) / 20)
    score = p + peak.to(p)
    chosen, likely = [], []
    for _ in range(count):
        best = score.argmax(dim=1, keepdim=True)
        likely.append(torch.where(score.amax(dim=1, keepdim=True) >= 0, p.gather(1, best), -1.0))
        chosen.append(best)
        score = torch.where(between[best[:, 0]] < 20, -1.0, score)
    ranked = torch.cat(likely, dim=1).sort(dim=1, descending=True)
    colours = centres[torch.cat(chosen, dim=1).gather(1, ranked.indices)]
    return torch.where(ranked.values[..., None] >= 0, colours, torch.nan)


def encode_prior(ab: Tensor, centres: Tensor | None = None) -> Tensor:
    """How often each bin occurs in ab (B, 2, h, w): float32 (Q,), sums to 1."""
    index, weight = soft_encode(ab, centres)
    count = torch.zeros(len(_places(centres)), device=ab.device)
    count.index_add_(0, index.flatten(), weight.flatten())
    return count / count.sum()


def smooth(ab: Tensor, factor: int) -> Tensor:
    """ab averaged over factor x factor pixels, the target of a network at 1/factor resolution."""
    return F.avg_pool2d(ab, factor) if factor > 1 else ab

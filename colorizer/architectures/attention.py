"""Layers in which every place looks at others: attention, and filters that respect what is alike."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

REACH = 3
"""How many places away in its column or row others count for the colours of a place."""
SIGMA = 2.0
"""How fast they count less, in places."""
FEATURES, LIGHTNESS = 0.3, 1 / 400
"""Weights of squared distances in learned features and in lightness."""
ROUNDS = 2
"""How often colours are mixed."""


class Adapter(nn.Module):
    """Two 3x3 convolutions and the mean of the whole picture, added to features (B, C, h, w); then every place looks at
    all others, so that what looks alike can agree on a colour. Silent at first."""

    def __init__(self, channels: int, heads: int = 4, dim: int = 24):
        super().__init__()
        self.heads = heads
        self.join = nn.Conv2d(channels, channels // 2, 3, padding=1)
        self.whole = nn.Linear(channels, channels // 2)
        self.out = nn.Conv2d(channels // 2, channels, 3, padding=1)
        self.ask = nn.Conv2d(channels, 3 * heads * dim, 1)
        self.agree = nn.Conv2d(heads * dim, channels, 1)
        for silent in (self.out, self.agree):
            nn.init.zeros_(silent.weight)
            nn.init.zeros_(silent.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> Tensor:
        whole = self.whole(x.mean(dim=(2, 3)))[:, :, None, None]
        x = x + self.out(F.relu(self.join(x) + whole))
        query, key, value = self.ask(x).flatten(2).unflatten(1, (3, self.heads, -1)).mT.unbind(1)
        seen = F.scaled_dot_product_attention(query, key, value).mT
        return x + self.agree(seen.flatten(1, 2).unflatten(2, x.shape[2:]))


def places_of(x: Tensor) -> Tensor:
    """Row and column of every place of (B, C, h, w), in mean sides of the picture: (2, h, w)."""
    height, width = x.shape[2:]
    row, column = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    return torch.stack((row, column)).to(x) / (height * width) ** 0.5


class Agreement(nn.Module):
    """Places that look alike answer alike: each mixes its features with those of all places, by how close these are in
    learned features and in the picture; then its colours with those of the places around it. Bilateral filters (Tomasi
    and Manduchi, ICCV 1998) whose features are learned, and the first one's `share` at every place."""

    def __init__(self, channels: int, dim: int = 32):
        super().__init__()
        self.look = nn.Conv2d(channels, dim, 1)
        self.nearness = nn.Parameter(torch.tensor(4.0).log())
        self.share = nn.Conv2d(channels, 1, 1)
        nn.init.zeros_(self.share.weight)
        nn.init.constant_(self.share.bias, -1.0)  # type: ignore[arg-type]

    def forward(self, fine: Tensor) -> Tensor:
        """Features (B, C, h, w), h and w even -> features. Weights of a mixture sum to 1, so logits made of them by a
        convolution of 1x1 are mixed alike."""
        places = (places_of(fine) * self.nearness.exp()).expand(len(fine), -1, -1, -1)
        look = torch.cat((self.look(fine), places), dim=1).float()
        asked, all_ = (x.flatten(2).mT for x in (look, F.avg_pool2d(look, 2)))
        # The squared distance, less the part that is the same for all places.
        closeness = 2 * asked @ all_.mT - all_.square().sum(dim=2)[:, None]
        others = closeness.softmax(dim=2) @ F.avg_pool2d(fine.float(), 2).flatten(2).mT
        others = others.mT.unflatten(2, fine.shape[2:]).float()
        return torch.lerp(fine.float(), others, self.share(fine).sigmoid().float())

    def near(self, fine: Tensor, L: Tensor) -> Tensor:
        """Features (B, C, h, w) and L (B, 1, H, W) in [0, 100] -> weights (B, 2, N, h, w) for `mixed_near`: how much
        each of the N nearest places in its column, and in its row, counts for the colours of a place."""
        light = F.avg_pool2d(L, L.shape[2] // fine.shape[2]).float()
        look = torch.cat((self.look(fine).float() * FEATURES**0.5, light * LIGHTNESS**0.5), dim=1)
        apart = torch.arange(-REACH, REACH + 1, device=fine.device).square() / (2 * SIGMA**2)
        far = torch.stack([(_line(look, axis) - look[:, None]).square().sum(dim=2) for axis in (2, 3)], dim=1)
        return (-far - apart[:, None, None]).softmax(dim=2)


def mixed_near(ab: Tensor, weights: Tensor) -> Tensor:
    """Mix ab (B, 2, h, w), Lab units, by the weights of `Agreement.near`, by columns and by rows: spots go, and edges
    stay."""
    for _ in range(ROUNDS):
        for axis in (2, 3):
            ab = (_line(ab, axis) * weights[:, axis - 2, :, None]).sum(dim=1)
    return ab


def _line(maps: Tensor, axis: int) -> Tensor:
    """(B, C, h, w) -> (B, N, C, h, w): the places around each along an axis, repeated beyond the edges."""
    beyond = (0, 0, REACH, REACH) if axis == 2 else (REACH, REACH, 0, 0)
    padded = F.pad(maps, beyond, mode="replicate")
    return torch.stack([padded.narrow(axis, i, maps.shape[axis]) for i in range(2 * REACH + 1)], dim=1)


class HintAttention(nn.Module):
    """Every place looks at all hinted ones, near and far, and gathers their colours by how alike the places are and how
    close; convolutions carry a hint only as far as they reach. Each head starts with a reach of its own, `nearness` (a
    logarithm of how fast the score falls with the squared distance, in mean sides of the picture), and may look at no
    hint at all, whose score is `nothing`. Almost silent at first."""

    def __init__(self, channels: int, heads: int = 4, dim: int = 32):
        super().__init__()
        self.heads = heads
        self.query = nn.Conv2d(channels, heads * dim, 1)
        self.key = nn.Conv2d(channels, heads * dim, 1)
        self.nearness = nn.Parameter(torch.tensor([2.0, 8.0, 32.0, 128.0]).log().repeat(-(-heads // 4))[:heads])
        self.nothing = nn.Parameter(torch.full((heads,), -3.0))
        self.spread = nn.Conv2d(heads * 3, channels, 1, bias=False)
        nn.init.normal_(self.spread.weight, std=1e-3)

    def forward(self, x: Tensor, hints: Tensor) -> Tensor:
        """Features (B, C, h, w) and hints (B, 3, h, w) as `pool_hints` gives them -> features."""
        height, width = x.shape[2:]
        q, k = (m(x).unflatten(1, (self.heads, -1)).flatten(3).float() for m in (self.query, self.key))
        places = places_of(x.float()).flatten(1).T
        said = hints.flatten(2).float()
        # In any picture of the batch: all others need no score. The first place is always among them, masked like any
        # that nothing was said of: runtimes that read exported graphs may crash where there is none at all.
        first = torch.arange(height * width, device=said.device) == 0
        hinted = (said[:, 2].any(dim=0) | first).nonzero()[:, 0]
        k, said = k[..., hinted], said[..., hinted]
        likeness = torch.einsum("bndi,bndj->bnij", q, k) / q.shape[2] ** 0.5
        distance = (places[:, None] - places[hinted]).square().sum(dim=2)
        score = likeness - self.nearness.float().exp()[:, None, None] * distance
        score = score.masked_fill(said[:, None, 2:] == 0, -torch.inf)
        nothing = self.nothing.float().view(1, -1, 1, 1).expand(x.shape[0], -1, height * width, 1)
        weight = torch.cat((score, nothing), dim=3).softmax(dim=3)[..., :-1]
        gathered = torch.einsum("bnij,bcj->bnci", weight, said)
        return x + self.spread(gathered.flatten(1, 2).unflatten(2, (height, width)).to(x))

"""The judge of a finish: tells coloured photographs from true ones, by what a frozen encoder sees.

Sauer et al., "Projected GANs Converge Faster" (NeurIPS 2021). Every tap of the encoder is judged beside the same tap of
the gray picture, so that the judge asks whether these are colours for this photograph. Spectral norm: Miyato et al.
(ICLR 2018). It is small: the encoder already knows what things are.
"""

from __future__ import annotations

from functools import partial
from hashlib import sha256
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from ...architectures.efficientnet_lite import LITES, EfficientNetLiteEncoder
from ...architectures.layers import first_fitting, freeze
from ...checkpoints.published import read_tensors
from ...colour.lab import lab_to_rgb

Taps = list[Tensor]
"""Features (B, C, h, w), the finest first."""


def load_encoder(path: Path) -> tuple[EfficientNetLiteEncoder, str]:
    """A frozen encoder from the file of its ImageNet weights, and the file's SHA-256. Raises ValueError for a file that
    is not there, cannot be read or holds no such encoder."""
    kinds = {name: partial(EfficientNetLiteEncoder, *size) for name, size in LITES.items()}
    found = first_fitting(kinds, read_tensors(path))
    if found is None:
        raise ValueError(f"{path.name} holds none of {', '.join(kinds)}; give --judge the weights of one of them")
    encoder = found[1]
    freeze(encoder)
    encoder = encoder.without_norms()
    encoder.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return encoder, sha256(path.read_bytes()).hexdigest()


class Head(nn.Module):
    """Judges features at every place: several (B, C, h, w), joined -> (B, 1, h, w), above 0 for true."""

    def __init__(self, channels: int, hidden: int = 64):
        super().__init__()
        self.join = spectral_norm(nn.Conv2d(channels, hidden, 1))
        self.around = spectral_norm(nn.Conv2d(hidden, hidden, 3, padding=1))
        self.out = spectral_norm(nn.Conv2d(hidden, 1, 1))

    def forward(self, *features: Tensor) -> Tensor:
        x = F.leaky_relu(self.join(torch.cat(features, dim=1)), 0.2)
        return self.out(F.leaky_relu(self.around(x), 0.2))


class WholeHead(nn.Module):
    """Judges the colours of the picture as a whole, from mean and deviation of every tap -> (B, 1)."""

    def __init__(self, channels: int, hidden: int = 128):
        super().__init__()
        self.join = spectral_norm(nn.Linear(3 * channels, hidden))
        self.out = spectral_norm(nn.Linear(hidden, 1))

    def forward(self, coloured: Taps, gray: Taps) -> Tensor:
        known = [
            (a.mean(dim=(2, 3)), a.std(dim=(2, 3)), b.mean(dim=(2, 3))) for a, b in zip(coloured, gray, strict=True)
        ]
        return self.out(F.leaky_relu(self.join(torch.cat([x for each in known for x in each], dim=1)), 0.2))


class Judge(nn.Module):
    """A head for each tap, and one for the whole. The encoder is frozen and no part of its state."""

    spread: Tensor

    def __init__(self, encoder: EfficientNetLiteEncoder):
        super().__init__()
        self.heads = nn.ModuleList(Head(2 * channels) for channels in encoder.channels)
        self.whole = WholeHead(sum(encoder.channels))
        self.register_buffer("spread", torch.zeros(len(encoder.channels)))
        self._encoder = [encoder]  # in a list, so that it is no submodule

    def taps(self, L: Tensor, ab: Tensor) -> Taps:
        """The encoder's features of L (B, 1, H, W) and ab (B, 2, H, W), Lab units, divided by the deviations of the
        first ones that it saw. Differentiable; colours a little beyond sRGB are not clipped, or their gradients would
        end."""
        rgb = lab_to_rgb(torch.cat((L, ab), dim=1), clip=False).clamp(-0.2, 1.2)
        given = ((255 * rgb - 127) / 128).contiguous(memory_format=torch.channels_last)
        seen = [tap.float() for tap in self._encoder[0].to(L.device)(given, None)]
        if not self.spread.any():
            self.spread.copy_(torch.stack([tap.detach().std() for tap in seen]))
        return [tap / deviation for tap, deviation in zip(seen, self.spread, strict=True)]

    def forward(self, coloured: Taps, gray: Taps) -> list[Tensor]:
        """A verdict of every head, (B, ...), on pictures by their taps and those of the same in gray."""
        places = [head(a, b) for head, a, b in zip(self.heads, coloured, gray, strict=True)]
        return [verdict.float() for verdict in (*places, self.whole(coloured, gray))]

"""The judge of a finish: tells coloured photographs from true ones, by what a frozen encoder sees.

Sauer et al., "Projected GANs Converge Faster" (NeurIPS 2021). Every tap of the encoder is judged beside the same tap of
the gray picture, so that the judge asks whether these are colours for this photograph. Spectral norm: Miyato et al.
(ICLR 2018). It is small: the encoder already knows what things are.

A judge with DINOv2 (Oquab et al., TMLR 2024) knows parts of things as well, in old photographs too. Its features hardly
depend on colour, so it looks at their difference to those of the gray picture, and at plain colours, each beside what
the place is.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from ...architectures.dinov2 import PATCH, DinoV2
from ...architectures.efficientnet_lite import LITES, EfficientNetLiteEncoder
from ...architectures.layers import first_fitting, freeze
from ...checkpoints.published import read_tensors
from ...colour.lab import lab_to_rgb

Encoder = EfficientNetLiteEncoder | DinoV2
ENCODERS: dict[str, Callable[[], Encoder]] = {
    **{name: partial(EfficientNetLiteEncoder, *size) for name, size in LITES.items()},
    "dinov2-vits14": DinoV2,
}
"""The encoders that a judge can have; the first whose weights fit a file is used."""
GRID = 14
"""Places along a side of the picture that DINOv2 sees."""
SHARPNESS = 0.12
"""Difference of the cosine of features at which a place counts e times less as the same kind of thing."""

Taps = list[Tensor]
"""Features (B, C, h, w), the finest first."""


def load_encoder(path: Path) -> tuple[Encoder, str]:
    """A frozen encoder from the file of its ImageNet weights, and the file's SHA-256. Raises ValueError for a file that
    is not there, cannot be read or holds no such encoder."""
    found = first_fitting(ENCODERS, read_tensors(path))
    if found is None:
        raise ValueError(f"{path.name} holds none of {', '.join(ENCODERS)}; give --judge the weights of one of them")
    encoder = found[1]
    freeze(encoder)
    if isinstance(encoder, EfficientNetLiteEncoder):
        encoder = encoder.without_norms()
        encoder.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return encoder, sha256(path.read_bytes()).hexdigest()


class Seen(NamedTuple):
    """Pictures as a judge sees them: their taps, those of the same in gray, L (B, 1, H, W) in [0, 100] and ab
    (B, 2, H, W), Lab units."""

    taps: Taps
    gray: Taps
    L: Tensor
    ab: Tensor

    def some(self, which: Tensor) -> Seen:
        """The pictures (B,) that are chosen."""
        taps, gray = ([tap[which] for tap in each] for each in (self.taps, self.gray))
        return Seen(taps, gray, self.L[which], self.ab[which])

    def still(self) -> Seen:
        """The same without gradients."""
        return Seen([tap.detach() for tap in self.taps], self.gray, self.L, self.ab.detach())


def make_judge(encoder: Encoder) -> Judge:
    """A judge that sees with an encoder."""
    return SceneJudge(encoder) if isinstance(encoder, DinoV2) else Judge(encoder)


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

    def __init__(self, encoder: Encoder):
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
        seen = [tap.float() for tap in self.see(self._encoder[0].to(L.device), rgb)]
        if not self.spread.any():
            self.spread.copy_(torch.stack([tap.detach().std() for tap in seen]))
        return [tap / deviation for tap, deviation in zip(seen, self.spread, strict=True)]

    def see(self, encoder: Any, rgb: Tensor) -> Taps:
        """Run the encoder on RGB (B, 3, H, W), about [0, 1]."""
        return encoder(((255 * rgb - 127) / 128).contiguous(memory_format=torch.channels_last), None)

    def forward(self, seen: Seen) -> list[Tensor]:
        """A verdict of every head, (B, ...)."""
        places = [head(a, b) for head, a, b in zip(self.heads, seen.taps, seen.gray, strict=True)]
        return [verdict.float() for verdict in (*places, self.whole(seen.taps, seen.gray))]

    def likeness(self, gray: Taps) -> Tensor | None:
        """How alike things are at the places of gray pictures, if the encoder can tell: see `SceneJudge`."""
        return None


class SceneJudge(Judge):
    """A judge with DINOv2: knows what is where."""

    def __init__(self, encoder: DinoV2):
        super().__init__(encoder)
        channels = encoder.channels[-1]
        self.plain = Head(channels + 6)
        self.register_buffer("change", torch.zeros(len(encoder.channels)))

    change: Tensor

    def see(self, encoder: Any, rgb: Tensor) -> Taps:
        """At `GRID` places along either side."""
        return encoder(F.interpolate(rgb, (GRID * PATCH,) * 2, mode="bilinear", align_corners=False))

    def forward(self, seen: Seen) -> list[Tensor]:
        changed = [a - b for a, b in zip(seen.taps, seen.gray, strict=True)]
        if not self.change.any():
            self.change.copy_(torch.stack([each.detach().std() for each in changed]).clamp(min=1e-3))
        what = seen.gray[-1]
        changed = [each / deviation for each, deviation in zip(changed, self.change, strict=True)]
        lab = torch.cat((seen.L / 50 - 1, seen.ab / 20), dim=1)
        mean, square = (F.adaptive_avg_pool2d(each, GRID) for each in (lab, lab.square()))
        plain = self.plain(mean, (square - mean.square()).clamp(min=1e-5).sqrt(), what)
        places = [head(each, what) for head, each in zip(self.heads, changed, strict=True)]
        return [verdict.float() for verdict in (*places, plain, self.whole(changed, seen.gray))]

    def likeness(self, gray: Taps) -> Tensor:
        """(B, N, N): how much each place counts, for each place of `GRID` x `GRID`, as the same kind of thing; rows sum
        to 1."""
        features = torch.cat(gray[-2:], dim=1).flatten(2).mT
        features = F.normalize(features - features.mean(dim=1, keepdim=True), dim=2)
        return (features @ features.mT / SHARPNESS).softmax(dim=2)

"""mobile-unet, the flagship: MobileNetV2 encoder, U-Net decoder to 1/4, one calibrated distribution over ab bins.

Encoder: Sandler et al., "MobileNetV2" (CVPR 2018), ImageNet weights, with TensorFlow's padding. Bins and annealed
mean: Zhang et al. (ECCV 2016). Hints as extra planes: Zhang et al. (SIGGRAPH 2017).

| stage                                              | at   | channels |
|----------------------------------------------------|------|----------|
| c3s2 3->32 (+ c3s2 of the hint planes), block       | 1/2  | 16       |
| 2 inverted residuals                               | 1/4  | 24       |
| 3                                                  | 1/8  | 32       |
| 4 + 3                                              | 1/16 | 64, 96   |
| 3 + 1                                              | 1/32 | 160, 320 |
| c1 (320 + hints) -> 256, plus its own global mean  | 1/32 | 256      |
| up, skip 96, hints; two c3 BN ReLU                 | 1/16 | 192      |
| up, skip 32, hints; two c3 BN ReLU                 | 1/8  | 128      |
| plus the colours of hints, by attention            | 1/8  | 128      |
| up, skip 24, hints; two c3 BN ReLU                 | 1/4  | 96       |
| c1 -> Q logits                                     | 1/4  | Q        |
| c3 ReLU c1 with L -> how to upsample colours (RAFT) | 1    | 9 each   |

A finish is a second end of the decoder, from 1/16 on. It learned to look true and is not calibrated. It can read the
photograph with small changes of its own to the layers before.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from colorizer.colour import bins, lab

from ...runtime.once import once
from ..attention import Adapter, Agreement, HintAttention, mixed_near
from ..contract import BinDistribution
from ..efficientnet_lite import LITES, EfficientNetLiteEncoder
from ..layers import (
    ConvexUpsample,
    LowRank,
    MobileNetV2Encoder,
    PadRightBelow,
    convex,
    fill,
    run_with,
    scaled,
    sharing_copy,
    softened,
)


class Up(nn.Module):
    """Bilinear x2, concatenate the skip and the hints, two 3x3 convolutions with batch norm and ReLU."""

    def __init__(self, fan_in: int, skip: int, fan_out: int):
        super().__init__()
        self.convs = nn.Sequential(
            nn.Conv2d(fan_in + skip + 3, fan_out, 3, padding=1, bias=False),
            nn.BatchNorm2d(fan_out),
            nn.ReLU(inplace=True),
            nn.Conv2d(fan_out, fan_out, 3, padding=1, bias=False),
            nn.BatchNorm2d(fan_out),
            nn.ReLU(inplace=True),
        )

    def forward(self, x: Tensor, skip: Tensor, hints: Tensor) -> Tensor:
        x = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
        return self.convs(torch.cat((x, skip, hints), dim=1))


def pool_hints(hints: Tensor, factor: int) -> Tensor:
    """Mean colour of the hinted pixels in each factor x factor cell, and whether there are any. In channels_last, as
    the features that it is joined with: joining would else rearrange them in memory."""
    covered = F.avg_pool2d(hints[:, 2:], factor)
    ab = F.avg_pool2d(hints[:, :2] * hints[:, 2:], factor) / covered.clamp(min=1e-6)
    return torch.cat((ab, (covered > 0).to(ab)), dim=1).contiguous(memory_format=torch.channels_last)


def nothing_said(L: Tensor, factor: int) -> Tensor:
    """The values of `pool_hints` where there is no hint."""
    shape = (L.shape[0], 3, L.shape[2] // factor, L.shape[3] // factor)
    return L.new_zeros(shape).contiguous(memory_format=torch.channels_last)


class End(NamedTuple):
    """One end's answer: logits (B, Q, h, w) over the bins, what the decoder's `head` makes them of (B, C, h, w),
    the weights of `ConvexUpsample`, features: the decoder's at 1/4 and 1/8, the encoder's at 1/16, and the weights of
    `Agreement.near`."""

    logits: Tensor
    estimate: Tensor
    upsampling: Tensor | None
    features: tuple[Tensor, ...] = ()
    near: Tensor | None = None


class Prediction(NamedTuple):
    """Both ends; `finished` is None without a finish."""

    calibrated: End
    finished: End | None = None


class Deferred:
    """A `Prediction` whose ends are computed when they are first needed: most answers need only one."""

    def __init__(self, network: MobileUNet, L: Tensor, hints: Tensor | None):
        self._network, self._photo = network, (L, hints)
        self._inference = torch.is_inference_mode_enabled()

    @once
    def trunk(self) -> Trunk:
        with torch.inference_mode(self._inference):
            return self._network.trunk(*self._photo)

    @once
    def calibrated(self) -> End:
        with torch.inference_mode(self._inference):
            return self._network.calibrated_end(self.trunk)

    @once
    def finished(self) -> End | None:
        with torch.inference_mode(self._inference):
            network = self._network
            return network.finished_end(network.finish_trunk(*self._photo) if network.reads_twice else self.trunk)


class Trunk(NamedTuple):
    """The beginning of every end of the decoder: L, its features at 1/16, the encoder's at 1/4, 1/8 and 1/16, hints at
    1/4 and 1/8, and whether there are any."""

    L: Tensor
    x: Tensor
    x4: Tensor
    x8: Tensor
    x16: Tensor
    at4: Tensor
    at8: Tensor
    hinted: bool


class Finish(nn.Module):
    """A second end of the decoder, and `changes` to the layers before it. It starts as a copy of the calibrated one."""

    changes: nn.ModuleDict
    agree: Agreement | None
    up8: Up
    attend: HintAttention | None
    up4: Up
    head: nn.Conv2d
    sharpen: ConvexUpsample | None

    COPIED = ("up8", "attend", "up4", "head", "sharpen")

    def __init__(self, network: MobileUNet, channels: int):
        super().__init__()
        self.changes = nn.ModuleDict(
            {
                name.replace(".", "-"): LowRank(network.get_parameter(name).shape, network.config.finish_rank)
                for name in changed_by_finish(network)
                if network.config.finish_rank
            }
        )
        self.adapt = Adapter(channels)
        self.agree = Agreement(network.head.in_channels) if network.config.agree else None
        for name in self.COPIED:
            setattr(self, name, copy.deepcopy(getattr(network, name)))


READERS = ("encoder", "bottleneck", "context", "up16")
"""The parts that read the photograph, before both ends."""
WIDE = 384
"""Fewest output channels of an encoder's widening convolution that a finish changes."""


def changed_by_finish(network: MobileUNet) -> list[str]:
    """The names of the weights that a finish changes for itself."""
    names = []
    for part in READERS:
        for name, layer in network.get_submodule(part).named_modules(prefix=part):
            if not isinstance(layer, (nn.Conv2d, nn.Linear)):
                continue
            fan_out, fan_in, *kernel = layer.weight.shape
            if part != "encoder" or (kernel == [1, 1] and fan_in < fan_out and fan_out >= WIDE):
                names.append(f"{name}.weight")
    return names


class MobileUNet(BinDistribution):
    """Small and fast, made for this project: a MobileNetV2 reads the photograph and a U-Net decoder answers. It
    predicts how likely every colour is at every place, so it can be asked for safer or bolder versions."""

    @dataclass(frozen=True)
    class Config:
        grid: int = 10
        """Side of an ab bin, in Lab units."""
        width: float = 1.0
        """Scales the decoder's channels (256, 192, 128, 96)."""
        sharp: bool = True
        """Bring colours to full resolution by learned weights; without, they stay at 1/4 and are interpolated."""
        attend: bool = True
        """Carry hints over any distance by attention; without, as far as convolutions reach."""
        backbone: Literal["mobilenet-v2", "efficientnet-lite0", "efficientnet-lite1"] = "mobilenet-v2"
        """The encoder that reads the photograph; all of them know ImageNet once their weights are given."""
        finish: bool = False
        """A second end of the decoder, for colours that look true."""
        agree: bool = False
        """In the finish, places that look alike agree on their colours."""
        finish_rank: int = 0
        """Rank of the changes with which the finish reads the photograph; 0 reads it as the calibrated end does."""
        spread: bool = False
        """Read faded photographs with their tones spread over the scale."""

    name = "mobile-unet"
    family = "ours"
    stride: ClassVar[int] = 32
    working_size = 160
    takes_hints = True
    encoder_prefix = "encoder"
    hint_prefix = "hint_stem"
    finish_prefix = "finish"
    encoder_name = "mobilenet_v2"

    def __init__(self, config: Config):
        super().__init__(config)
        bottom, *widths = (scaled(n, config.width) for n in (256, 192, 128, 96))
        lite = LITES.get(config.backbone)
        self.encoder = EfficientNetLiteEncoder(*lite) if lite else MobileNetV2Encoder()
        self.encoder_name = "" if lite else "mobilenet_v2"  # the others are not torchvision's
        skips = self.encoder.channels
        self.hint_stem = PadRightBelow(3, 32)
        nn.init.zeros_(self.hint_stem.weight)  # hints start silent, so pretrained features start intact
        self.bottleneck = nn.Conv2d(skips[3] + 3, bottom, 1)
        self.context = nn.Linear(bottom, bottom)
        self.up16 = Up(bottom, skips[2], widths[0])
        self.up8 = Up(widths[0], skips[1], widths[1])
        self.attend = HintAttention(widths[1]) if config.attend else None
        self.up4 = Up(widths[1], skips[0], widths[2])
        self.make_bins(bins.in_gamut_centres(config.grid))
        self.head = nn.Conv2d(widths[2], len(self.centres), 1)
        self.sharpen = ConvexUpsample(widths[2], self.scale) if config.sharp else None
        self.finish = Finish(self, widths[0]) if config.finish else None
        self.has_finish = config.finish
        self.merged = nn.ModuleDict()

    def forward(self, L: Tensor, hints: Tensor | None = None) -> Prediction | Deferred:
        """-> both ends, deferred in evaluation on a CPU: most answers need only one."""
        if not self.training and L.device.type == "cpu":
            return Deferred(self, L, hints)
        trunk = self.trunk(L, hints)
        own = self.finish_trunk(L, hints) if self.reads_twice else trunk
        return Prediction(self.calibrated_end(trunk), self.finished_end(own))

    @property
    def reads_twice(self) -> bool:
        """Whether the finish reads the photograph with changes of its own."""
        return self.finish is not None and len(self.finish.changes) > 0

    def trunk(self, L: Tensor, hints: Tensor | None = None, run: Callable[..., Any] | None = None) -> Trunk:
        """Compute the features that an end of the decoder begins with. L (B, 1, H, W), hints (B, 3, H, W); run: calls a
        part of the network by its name."""
        run = run or (lambda part, *inputs: self.get_submodule(part)(*inputs))
        stem = None
        if hints is None:  # silence, at every resolution
            at32, at16, at8, at4 = (nothing_said(L, factor) for factor in (32, 16, 8, 4))
        else:
            hints = torch.cat((hints[:, :2] / 110, hints[:, 2:]), dim=1)
            stem = self.hint_stem(hints)
            at32, at16, at8, at4 = (pool_hints(hints, factor) for factor in (32, 16, 8, 4))
        read = lab.spread_tones(L) if self.config.spread else L
        gray = read / 50 - 1 if self.config.backbone == "mobilenet-v2" else (2.55 * read - 127) / 128
        x4, x8, x16, x32 = run("encoder", gray.expand(-1, 3, -1, -1), stem)
        x = run("bottleneck", torch.cat((x32, at32), dim=1))
        x = F.relu(x + run("context", x.mean(dim=(2, 3)))[:, :, None, None])
        return Trunk(L, run("up16", x, x16, at16), x4, x8, x16, at4, at8, hints is not None)

    def finish_trunk(self, L: Tensor, hints: Tensor | None = None) -> Trunk:
        """Compute the features that the finish begins with. L (B, 1, H, W), hints (B, 3, H, W)."""
        if self.merged:
            return self.trunk(L, hints, lambda part, *inputs: self.merged[part](*inputs))
        weights = self._finish_weights()
        return self.trunk(L, hints, lambda part, *inputs: run_with(self.get_submodule(part), part, weights, *inputs))

    def settle(self) -> None:
        """Copy the layers that the finish changes, with its changes in them."""
        if not self.reads_twice:
            return
        self.merged.update({part: sharing_copy(self.get_submodule(part)) for part in READERS})
        for name, weight in self._finish_weights().items():
            layer, _, kind = name.rpartition(".")
            setattr(self.merged.get_submodule(layer), kind, nn.Parameter(weight.detach()))

    def _finish_weights(self) -> dict[str, Tensor]:
        """Weights of the layers that the finish changes, with its changes."""
        assert self.finish
        names = {key.replace("-", "."): change for key, change in self.finish.changes.items()}
        return {name: change(self.get_parameter(name)) for name, change in names.items()}

    def calibrated_end(self, trunk: Trunk) -> End:
        return _end(self, trunk.x, trunk)

    def finished_end(self, trunk: Trunk) -> End | None:
        """The end that learned to look true, if there is one."""
        return _end(self.finish, self.finish.adapt(trunk.x), trunk) if self.finish else None

    def ready(self, prediction: Prediction | Deferred, finish: float = 0.0) -> None:
        """Compute the ends that a readout with such a `finish` needs."""
        self._ends(prediction, finish)

    def _ends(self, prediction: Prediction | Deferred, finish: float) -> tuple[End | None, End | None]:
        """The calibrated end and the finish's, as far as they count."""
        true = prediction.finished if finish else None
        return (None if true is not None and finish == 1 else prediction.calibrated), true

    def estimates(self, prediction: Prediction | Deferred, finish: float = 0.0) -> list[Tensor]:
        """The values that make the logits of the ends that count: they are affine in it, and three times as large."""
        return [end.estimate for end in self._ends(prediction, finish) if end]

    def with_estimates(
        self, prediction: Prediction | Deferred, estimates: Sequence[Tensor], finish: float = 0.0
    ) -> Prediction:
        """Logits made of other estimates, of the ends that count; the other end and all features are left out."""
        rest, heads = iter(estimates), (self.head, self.finish and self.finish.head)
        ends = (
            end and head and end._replace(logits=head(other := next(rest)), estimate=other, features=())
            for end, head in zip(self._ends(prediction, finish), heads, strict=True)
        )
        return Prediction(*ends)  # type: ignore[arg-type]

    def logits(self, prediction: Prediction | Deferred) -> Tensor:
        """(B, Q, H/4, W/4), calibrated."""
        return prediction.calibrated.logits.float()

    def loss(self, prediction: Prediction, L: Tensor, ab: Tensor, kind: str = "") -> Tensor:
        """Cross-entropy at 1/4 and, for the upsampling alone, the distance of the mean colours at full resolution."""
        loss = super().loss(prediction, L, ab, kind)
        upsampling = prediction.calibrated.upsampling
        if upsampling is None:
            return loss
        mean = bins.expected_ab(self.logits(prediction).detach(), self.centres)  # p stays calibrated
        return loss + F.smooth_l1_loss(convex(mean, upsampling), ab, beta=10.0) / 50

    def to_ab(self, prediction: Prediction | Deferred, L: Tensor, finish: float = 0.0, **readout: Any) -> Tensor:
        """Readouts as of every distribution; (B, 2, H, W) where `sharp`, else (B, 2, H/4, W/4). finish: the share of
        the finish's colours, if there is a finish; the rest are the calibrated ones."""
        likely, true = (end and self.end_to_ab(end, **readout) for end in self._ends(prediction, finish))
        if likely is None or true is None:
            return true if likely is None else likely  # type: ignore[return-value]
        return torch.lerp(likely, true, finish)

    def end_to_ab(self, end: End, **readout: Any) -> Tensor:
        """The colours of one end."""
        ab = bins.read(end.logits.float(), self.centres, self.prior, **readout)
        return self.end_sharpened(end, ab if end.near is None else mixed_near(ab, end.near))

    def evidence(self, prediction: Prediction | Deferred, finish: float = 0.0) -> tuple[Tensor, ...]:
        """(B, C, h, w) at 1/4, 1/8 and 1/16."""
        return next(end for end in self._ends(prediction, finish) if end).features

    def sharpened(self, prediction: Prediction | Deferred, maps: Tensor) -> Tensor:
        """(1, K, H, W) where `sharp`, else (1, K, H/4, W/4)."""
        pairs = (self.end_sharpened(prediction.calibrated, pair.expand(-1, 2, -1, -1)) for pair in maps.split(2, dim=1))
        return torch.cat(tuple(pairs), dim=1)[:, : maps.shape[1]]

    def end_sharpened(self, end: End, ab: Tensor) -> Tensor:
        """Colours (B, 2, h, w) at the resolution at which the network answers."""
        if end.upsampling is None:
            return ab
        # Weights learned for each pixel leave a mottle of the cells' grid wherever bold colours meet.
        return softened(convex(ab, end.upsampling))

    def begin_finish(self) -> None:
        """The finish answers as the calibrated end does."""
        assert self.finish
        for name in Finish.COPIED:
            if getattr(self, name):
                getattr(self.finish, name).load_state_dict(getattr(self, name).state_dict())

    def load_encoder(self, tensors: Mapping[str, Tensor]) -> None:
        """torchvision's `mobilenet_v2`, or what the packages of EfficientNet-Lite hold; classifiers are not needed."""
        fill(self.encoder, tensors, self.config.backbone if self.config.backbone != "mobilenet-v2" else "mobilenet_v2")


def _end(of: MobileUNet | Finish, x: Tensor, trunk: Trunk) -> End:
    """One end of the decoder, from features at 1/16 on."""
    x = of.up8(x, trunk.x8, trunk.at8)
    if of.attend and trunk.hinted:
        x = of.attend(x, trunk.at8)
    fine = of.up4(x, trunk.x4, trunk.at4)
    agree = of.agree if isinstance(of, Finish) else None
    agreed = agree(fine) if agree else fine
    sharp = of.sharpen(fine, trunk.L) if of.sharpen else None
    return End(of.head(agreed), agreed, sharp, (fine, x, trunk.x16), agree.near(fine, trunk.L) if agree else None)


ARCHITECTURE = MobileUNet

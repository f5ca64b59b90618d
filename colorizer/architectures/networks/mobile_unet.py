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

A finish is a second end of the decoder, from 1/16 on. It learned to look true and is not calibrated.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from colorizer.colour import bins

from ...runtime.once import once
from ..contract import BinDistribution
from ..efficientnet_lite import LITES, EfficientNetLiteEncoder
from ..layers import ConvexUpsample, MobileNetV2Encoder, PadRightBelow, convex, fill, scaled, softened


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
    """What `pool_hints` gives where there is no hint."""
    shape = (L.shape[0], 3, L.shape[2] // factor, L.shape[3] // factor)
    return L.new_zeros(shape).contiguous(memory_format=torch.channels_last)


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
    learned features and in the picture. A bilateral filter (Tomasi and Manduchi, ICCV 1998) whose features and whose
    `share` at every place are learned."""

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


def make_encoder(name: str) -> MobileNetV2Encoder | EfficientNetLiteEncoder:
    """The encoder of a config, with random weights."""
    if name == "mobilenet-v2":
        return MobileNetV2Encoder()
    return EfficientNetLiteEncoder(*LITES[name])


class End(NamedTuple):
    """What one end of the decoder says: logits (B, Q, h, w) over the bins, what its `head` makes them of (B, C, h, w),
    the weights of `ConvexUpsample`, and features: the decoder's at 1/4 and 1/8, the encoder's at 1/16."""

    logits: Tensor
    estimate: Tensor
    upsampling: Tensor | None
    features: tuple[Tensor, ...] = ()


class Prediction(NamedTuple):
    """Both ends; `finished` is None without a finish."""

    calibrated: End
    finished: End | None = None


class Deferred:
    """A `Prediction` whose ends are computed when they are first needed: most answers need only one."""

    def __init__(self, network: MobileUNet, trunk: Trunk):
        self._network, self._trunk = network, trunk
        self._inference = torch.is_inference_mode_enabled()

    @once
    def calibrated(self) -> End:
        with torch.inference_mode(self._inference):
            return self._network.calibrated_end(self._trunk)

    @once
    def finished(self) -> End | None:
        with torch.inference_mode(self._inference):
            return self._network.finished_end(self._trunk)


class Trunk(NamedTuple):
    """What the ends of the decoder begin with: L, its features at 1/16, the encoder's at 1/4, 1/8 and 1/16, hints at
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
    """A second end of the decoder. It starts as a copy of the calibrated one."""

    agree: Agreement | None
    up8: Up
    attend: HintAttention | None
    up4: Up
    head: nn.Conv2d
    sharpen: ConvexUpsample | None

    COPIED = ("up8", "attend", "up4", "head", "sharpen")

    def __init__(self, network: MobileUNet, channels: int):
        super().__init__()
        self.adapt = Adapter(channels)
        self.agree = Agreement(network.head.in_channels) if network.config.agree else None
        for name in self.COPIED:
            setattr(self, name, copy.deepcopy(getattr(network, name)))


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
        """What reads the photograph; all of them know ImageNet once their weights are given."""
        finish: bool = False
        """A second end of the decoder, for colours that look true."""
        agree: bool = False
        """In the finish, places that look alike agree on their colours."""

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
        self.encoder = make_encoder(config.backbone)
        self.encoder_name = (
            "mobilenet_v2" if config.backbone == "mobilenet-v2" else ""
        )  # the others are not torchvision's
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

    def forward(self, L: Tensor, hints: Tensor | None = None) -> Prediction | Deferred:
        """-> both ends, deferred in evaluation on a CPU, where each costs half as much as all before it."""
        trunk = self.trunk(L, hints)
        if not self.training and L.device.type == "cpu":
            return Deferred(self, trunk)
        return Prediction(self.calibrated_end(trunk), self.finished_end(trunk))

    def trunk(self, L: Tensor, hints: Tensor | None = None) -> Trunk:
        """What both ends of the decoder begin with."""
        stem = None
        if hints is None:  # silence, at every resolution
            at32, at16, at8, at4 = (nothing_said(L, factor) for factor in (32, 16, 8, 4))
        else:
            hints = torch.cat((hints[:, :2] / 110, hints[:, 2:]), dim=1)
            stem = self.hint_stem(hints)
            at32, at16, at8, at4 = (pool_hints(hints, factor) for factor in (32, 16, 8, 4))
        gray = L / 50 - 1 if self.config.backbone == "mobilenet-v2" else (2.55 * L - 127) / 128
        x4, x8, x16, x32 = self.encoder(gray.expand(-1, 3, -1, -1), stem)
        x = self.bottleneck(torch.cat((x32, at32), dim=1))
        x = F.relu(x + self.context(x.mean(dim=(2, 3)))[:, :, None, None])
        return Trunk(L, self.up16(x, x16, at16), x4, x8, x16, at4, at8, hints is not None)

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
        """What the logits of the ends that count are made of: they are affine in it, and three times as large."""
        return [end.estimate for end in self._ends(prediction, finish) if end]

    def with_estimates(
        self, prediction: Prediction | Deferred, estimates: Sequence[Tensor], finish: float = 0.0
    ) -> Prediction:
        """Logits made of other estimates, of the ends that count; the other end is left out."""
        rest, heads = iter(estimates), (self.head, self.finish and self.finish.head)
        ends = (
            end and head and end._replace(logits=head(other := next(rest)), estimate=other)
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
        return self.end_sharpened(end, ab)

    def evidence(self, prediction: Prediction | Deferred) -> tuple[Tensor, ...]:
        """(B, C, h, w) at 1/4, 1/8 and 1/16."""
        return prediction.calibrated.features

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
    agreed = of.agree(fine) if isinstance(of, Finish) and of.agree else fine
    return End(of.head(agreed), agreed, of.sharpen(fine, trunk.L) if of.sharpen else None, (fine, x, trunk.x16))


ARCHITECTURE = MobileUNet

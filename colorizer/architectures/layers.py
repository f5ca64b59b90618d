"""Layers that two or more architectures share."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Literal, TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call

Kind = TypeVar("Kind", bound=nn.Module)


def scaled(channels: int, width: float) -> int:
    """A number of channels times a width factor, at least 1."""
    return max(1, round(channels * width))


def conv(fan_in: int, fan_out: int, stride: int = 1) -> nn.Conv2d:
    """A 3x3 convolution that keeps the size, or halves it with stride 2."""
    return nn.Conv2d(fan_in, fan_out, 3, stride, 1)


def up() -> nn.Upsample:
    """x2 by repeating pixels, for use between layers: the next convolution smooths the result."""
    return nn.Upsample(scale_factor=2, mode="nearest")


def up_colours(x: Tensor, mode: Literal["bilinear", "nearest"] = "bilinear") -> Tensor:
    """x2 for colours: smooth by default, or by repeating pixels, as in some published networks, which shows blocks."""
    return F.interpolate(x, scale_factor=2, mode=mode, align_corners=False if mode == "bilinear" else None)


def fill(module: nn.Module, tensors: Mapping[str, Tensor], whose: str) -> None:
    """Load every tensor of `module` from `tensors`, which may hold more; ValueError names missing tensors."""
    wanted = module.state_dict()
    missing = [n for n in wanted if n not in tensors and not n.endswith("num_batches_tracked")]
    if missing:
        raise ValueError(f"these are no {whose} weights: {missing[0]} is missing")
    known = {name: tensors[name].float() for name in wanted if name in tensors}
    for name, value in known.items():
        if value.shape != wanted[name].shape:
            raise ValueError(
                f"{name} of the {whose} weights is {tuple(value.shape)}, but here it is {tuple(wanted[name].shape)}; "
                "pretrained weights need the full width"
            )
    module.load_state_dict({**wanted, **known})


def first_fitting(kinds: Mapping[str, Callable[[], Kind]], tensors: Mapping[str, Tensor]) -> tuple[str, Kind] | None:
    """The first of several kinds of modules, by name, that `tensors` fill, and its name; None if they fit none."""
    for name, make in kinds.items():
        module = make()
        try:
            fill(module, tensors, name)
        except ValueError:
            continue
        return name, module
    return None


def freeze(module: nn.Module) -> nn.Module:
    """Turn gradients off; the owner keeps the module in evaluation mode."""
    for parameter in module.parameters():
        parameter.requires_grad = False
    return module.eval()


def sharing_copy(module: Kind) -> Kind:
    """A copy with modules of its own and the same tensors."""
    return copy.deepcopy(module, {id(tensor): tensor for tensor in (*module.parameters(), *module.buffers())})


def run_with(module: nn.Module, prefix: str, weights: Mapping[str, Tensor], *inputs: Any) -> Any:
    """Run a part of a network with other `weights`, which have the whole network's names. It changes the part
    meanwhile, so it is for one thread only."""
    own = {name.removeprefix(f"{prefix}."): w for name, w in weights.items() if name.startswith(f"{prefix}.")}
    return functional_call(module, own, inputs) if own else module(*inputs)


def block(channels: Sequence[int], last_stride: int = 1, dilation: int = 1) -> nn.Sequential:
    """3x3 convolutions with ReLU through `channels`, then batch norm; keys 0, 2, 4 ... as in the releases of Zhang and
    others."""
    layers: list[nn.Module] = []
    for place, (fan_in, fan_out) in enumerate(pairwise(channels), 2):
        stride = last_stride if place == len(channels) else 1
        layers += [nn.Conv2d(fan_in, fan_out, 3, stride, dilation, dilation), nn.ReLU()]
    return nn.Sequential(*layers, nn.BatchNorm2d(channels[-1]))


class PadRightBelow(nn.Conv2d):
    """A 3x3 convolution with stride 2 that pads only right and below, as TensorFlow does."""

    def __init__(self, fan_in: int, fan_out: int, *, groups: int = 1):
        super().__init__(fan_in, fan_out, 3, 2, groups=groups, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(F.pad(x, (0, 1, 0, 1)))


class ConvBNReLU6(nn.Sequential):
    """Convolution without bias, batch norm, ReLU6."""

    def __init__(self, fan_in: int, fan_out: int, kernel: int = 3, stride: int = 1, groups: int = 1):
        super().__init__(
            PadRightBelow(fan_in, fan_out, groups=groups)
            if stride == 2
            else nn.Conv2d(fan_in, fan_out, kernel, stride, (kernel - 1) // 2, groups=groups, bias=False),
            nn.BatchNorm2d(fan_out),
            nn.ReLU6(inplace=True),
        )


class InvertedResidual(nn.Module):
    """1x1 expand, 3x3 depthwise, 1x1 project; names follow torchvision so that its weights load."""

    def __init__(self, fan_in: int, fan_out: int, stride: int, expand: int):
        super().__init__()
        hidden = fan_in * expand
        layers: list[nn.Module] = [] if expand == 1 else [ConvBNReLU6(fan_in, hidden, kernel=1)]
        layers += [
            ConvBNReLU6(hidden, hidden, stride=stride, groups=hidden),
            nn.Conv2d(hidden, fan_out, 1, bias=False),
            nn.BatchNorm2d(fan_out),
        ]
        self.conv = nn.Sequential(*layers)
        self.residual = stride == 1 and fan_in == fan_out

    def forward(self, x: Tensor) -> Tensor:
        return x + self.conv(x) if self.residual else self.conv(x)


class LowRank(nn.Module):
    """A change to a weight of another layer, the product of two thin matrices: few numbers, but they reach every input
    and output. It starts as none. Hu et al., "LoRA" (ICLR 2022)."""

    def __init__(self, shape: Sequence[int], rank: int):
        super().__init__()
        self.shape = tuple(shape)
        inputs = math.prod(shape[1:])
        self.down = nn.Parameter(torch.randn(rank, inputs) / inputs**0.5)
        self.up = nn.Parameter(torch.zeros(shape[0], rank))

    def forward(self, weight: Tensor) -> Tensor:
        """The weight, of `shape`, with the change."""
        return weight + (self.up @ self.down).view(self.shape)


class ConvexUpsample(nn.Module):
    """Upsample colours by `factor`. Each pixel is a weighted mean of the 3 x 3 coarse pixels around it. A small network
    predicts the weights from the features and the lightness at full resolution, so that colours end at the edges of
    objects. Starts as bilinear interpolation. After Teed and Deng, "RAFT" (ECCV 2020), who refine optical flow in this
    way."""

    def __init__(self, features: int, factor: int = 4, hidden: int = 64):
        super().__init__()
        self.factor = factor
        self.weigh = nn.Sequential(
            nn.Conv2d(features + factor**2, hidden, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(hidden, 9 * factor**2, 1),
        )
        last = self.weigh[-1]
        assert isinstance(last, nn.Conv2d)
        assert last.bias is not None
        nn.init.normal_(last.weight, std=1e-3)
        place = (torch.arange(factor) + 0.5) / factor - 0.5
        axis = (1 - (place[:, None] - torch.arange(-1, 2)).abs()).clamp(min=1e-3)  # (factor, 3)
        bilinear = torch.einsum("yi,xj->ijyx", axis, axis)
        with torch.no_grad():
            last.bias.copy_(bilinear.log().flatten())

    def forward(self, x: Tensor, L: Tensor) -> Tensor:
        """Features (B, C, h, w) and L (B, 1, H, W) in [0, 100] -> weights (B, 9, factor^2, h, w) that sum to 1 over
        the 9 neighbours."""
        near = F.pixel_unshuffle(L / 50 - 1, self.factor).contiguous(memory_format=torch.channels_last)
        weights = self.weigh(torch.cat((x, near), dim=1)).float()
        # In memory order, pixel by pixel: a softmax along the second dimension would copy them first.
        weights = weights.movedim(1, 3).unflatten(3, (9, self.factor**2)).softmax(dim=3)
        return weights.permute(0, 3, 4, 1, 2)


def convex(ab: Tensor, weights: Tensor) -> Tensor:
    """ab (B, 2, h, w) and the weights of `ConvexUpsample` -> (B, 2, factor h, factor w)."""
    around = F.unfold(F.pad(ab, (1, 1, 1, 1), mode="replicate"), 3).unflatten(1, (2, 9))
    mixed = torch.einsum("bcnp,bnsp->bcsp", around, weights.flatten(3))
    factor = round(weights.shape[2] ** 0.5)
    return F.pixel_shuffle(mixed.flatten(1, 2).unflatten(2, ab.shape[2:]), factor)


def softened(ab: Tensor) -> Tensor:
    """ab (B, 2, H, W) after a 5 x 5 binomial filter. It removes outliers in single pixels. Edges still look sharp,
    because the eye sees colours less sharply than lightness."""
    taps = torch.tensor([1.0, 4.0, 6.0, 4.0, 1.0], dtype=ab.dtype, device=ab.device) / 16
    padded = F.pad(ab, (2, 2, 2, 2), mode="replicate")
    rows = F.conv2d(padded, taps.view(1, 1, 5, 1).expand(2, 1, 5, 1), groups=2)
    return F.conv2d(rows, taps.view(1, 1, 1, 5).expand(2, 1, 1, 5), groups=2)


class MobileNetV2Encoder(nn.Module):
    """The 18 stages before MobileNetV2's classifier; `forward` returns features at 1/4, 1/8, 1/16 and 1/32."""

    channels = (24, 32, 96, 320)

    def __init__(self) -> None:
        super().__init__()
        stages: list[nn.Module] = [ConvBNReLU6(3, 32, stride=2)]
        fan_in = 32
        for expand, fan_out, count, stride in (
            (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1),
        ):  # fmt: skip
            for i in range(count):
                stages.append(InvertedResidual(fan_in, fan_out, stride if i == 0 else 1, expand))
                fan_in = fan_out
        self.features = nn.Sequential(*stages)

    def forward(self, x: Tensor, hint_features: Tensor | None) -> list[Tensor]:
        taps = []
        for i, stage in enumerate(self.features):
            x = stage(x)
            if i == 0 and hint_features is not None:
                x = x + hint_features
            if i in (3, 6, 13, 17):
                taps.append(x)
        return taps


class MobileNetV2(nn.Module):
    """The whole ImageNet classifier with torchvision's names: features (19 stages) and 1000 logits.

    Sandler et al. (CVPR 2018), with TensorFlow's padding, which weights from TensorFlow expect.
    """

    features_out = 1280

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(*MobileNetV2Encoder().features, ConvBNReLU6(320, 1280, kernel=1))
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(1280, 1000))

    def embed(self, L: Tensor) -> Tensor:
        """L (B, 1, H, W) in [0, 100] -> global features (B, 1280). Gray becomes three equal channels."""
        height, width = (max(32, side) for side in L.shape[2:])  # below 32 no pixel would be left
        if (height, width) != L.shape[2:]:
            L = F.interpolate(L, (height, width), mode="bilinear", align_corners=False)
        return self.features((L / 50 - 1).expand(-1, 3, -1, -1)).mean(dim=(2, 3))

    def forward(self, L: Tensor) -> Tensor:
        """-> logits (B, 1000)."""
        return self.classifier(self.embed(L))


REGRESSION = ("mse", "rmse", "mae", "smooth-l1")
"""Mean squared error; its root, picture by picture; mean absolute error; Huber's, quadratic below `HUBER`."""
HUBER = 0.05


def regression(kind: str, prediction: Tensor, target: Tensor) -> Tensor:
    """A training loss, one of `REGRESSION`, between (B, C, H, W) tensors in a network's own scale -> scalar: a mean
    over pictures, so that it does not depend on the batch size. Raises ValueError for others."""
    prediction = prediction.float()
    if kind == "mse":
        return F.mse_loss(prediction, target)
    if kind == "rmse":
        squares = (prediction - target).square().mean(dim=(1, 2, 3))
        return (squares + 1e-12).sqrt().mean()  # the root has infinite slope at 0
    if kind == "mae":
        return F.l1_loss(prediction, target)
    if kind == "smooth-l1":
        return F.smooth_l1_loss(prediction, target, beta=HUBER)
    raise ValueError(f"there is no regression loss {kind!r}; choose one of {', '.join(REGRESSION)}")

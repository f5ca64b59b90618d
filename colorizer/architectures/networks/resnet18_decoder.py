"""resnet18-decoder: the first six stages of ResNet-18 and a plain convolutional decoder, regressing ab.

From Elena Bianchini, "ColoringGrayscaleImages" (2022), the network of Luke Melas-Kyriazi's tutorial (2018) and of the
UAB project's "ColorizationNet"; `variant="sigmoid"` is RobsGeorge's "ImageColorization-Deep-CNN" (2022).

| stage                                                       | out          |
|-------------------------------------------------------------|--------------|
| c7s2p3 1->64, BN, ReLU; max-pool 3 s2 p1                    | 64 x 1/4     |
| two basic blocks 64                                         | 64 x 1/4     |
| two basic blocks 128, the first s2 with a 1x1 s2 shortcut   | 128 x 1/8    |
| c3 128->128, BN, ReLU; up x2                                | 128 x 1/4    |
| c3 128->64, BN, ReLU; c3 64->64, BN, ReLU; up x2            | 64 x 1/2     |
| c3 64->32, BN, ReLU; c3 32->2, linear; up x2                | 2 x 1/1      |

954,722 parameters; 954,530 in the sigmoid variant (no BN in two layers, sigmoid before the last convolution).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import torch.nn.functional as F
from torch import Tensor, nn

from colorizer.colour.lab import linear_to_srgb

from ..contract import Architecture
from ..layers import REGRESSION, conv, regression, up, up_colours


class BasicBlock(nn.Module):
    """Two 3x3 convolutions around a shortcut; names follow torchvision."""

    def __init__(self, fan_in: int, fan_out: int, stride: int = 1):
        super().__init__()
        self.conv1 = nn.Conv2d(fan_in, fan_out, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(fan_out)
        self.conv2 = nn.Conv2d(fan_out, fan_out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(fan_out)
        self.downsample = None
        if stride != 1 or fan_in != fan_out:
            self.downsample = nn.Sequential(nn.Conv2d(fan_in, fan_out, 1, stride, bias=False), nn.BatchNorm2d(fan_out))

    def forward(self, x: Tensor) -> Tensor:
        shortcut = x if self.downsample is None else self.downsample(x)
        x = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(x)) + shortcut)


class ResNet18Decoder(Architecture):
    """The student classic: half a ResNet-18 and a small decoder, taught by at least four projects and a tutorial. It
    gives one safe colour per pixel, which is the average of all that are possible and therefore often brownish."""

    @dataclass(frozen=True)
    class Config:
        variant: Literal["bn", "sigmoid"] = "bn"
        """"bn" is Bianchini's and the tutorial's; "sigmoid" is RobsGeorge's."""
        input: Literal["L", "gray"] = "L"
        """"L" is L/100; "gray" is the weighted mean of gamma-coded RGB that the published weights were trained on."""
        target: Literal["centred", "unit"] = "centred"
        """"centred" predicts ab/110; "unit" predicts (ab + 128)/255 as published."""
        upsample: Literal["bilinear", "nearest"] = "bilinear"
        """The last, chroma-only upsampling; "nearest" as published, which shows 2x2 blocks."""

    name = "resnet18-decoder"
    family = "projects"
    origin = "Bianchini 2022"
    stride = 8
    working_size = 224
    losses = REGRESSION
    encoder_prefix = "midlevel_resnet"
    encoder_name = "resnet18"

    def __init__(self, config: Config):
        super().__init__(config)
        self.midlevel_resnet = nn.Sequential(
            nn.Conv2d(1, 64, 7, 2, 3, bias=False),
            nn.BatchNorm2d(64),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, 2, 1),
            nn.Sequential(BasicBlock(64, 64), BasicBlock(64, 64)),
            nn.Sequential(BasicBlock(64, 128, stride=2), BasicBlock(128, 128)),
        )

        relu = nn.ReLU
        normed = config.variant == "bn"
        norm, last = ([nn.BatchNorm2d(64)], [nn.BatchNorm2d(32), relu()]) if normed else ([], [nn.Sigmoid()])
        self.deconv = nn.Sequential(
            conv(128, 128), nn.BatchNorm2d(128), relu(), up(),
            conv(128, 64), nn.BatchNorm2d(64), relu(), conv(64, 64), *norm, relu(), up(),
            conv(64, 32), *last, conv(32, 2),
        )  # fmt: skip

    def forward(self, L: Tensor, hints: Tensor | None = None) -> Tensor:
        """-> (B, 2, H, W) in the target's scale."""
        x = L / 100
        if self.config.input == "gray":
            # A gray pixel of this lightness: undo L's curve to relative luminance, then apply sRGB's.
            y = ((L + 16) / 116) ** 3
            x = linear_to_srgb(y.where(L > 8, L / 903.3))
        x = self.deconv(self.midlevel_resnet(x))
        return up_colours(x, self.config.upsample)

    def loss(self, prediction: Tensor, L: Tensor, ab: Tensor, kind: str = "") -> Tensor:
        """A regression loss in the target's scale; mean squared error by default, as all its authors used."""
        target = (ab + 128) / 255 if self.config.target == "unit" else ab / 110
        return regression(kind or self.losses[0], prediction, target)

    def to_ab(self, prediction: Tensor, L: Tensor, **readout: Any) -> Tensor:
        """No readouts: the network gives one answer."""
        return prediction * 255 - 128 if self.config.target == "unit" else prediction * 110

    def load_encoder(self, tensors: Mapping[str, Tensor]) -> None:
        """torchvision's `resnet18`; its first kernel is summed over RGB, as the input is one channel."""
        stages = {"conv1": "0", "bn1": "1", "layer1": "4", "layer2": "5"}
        own = self.midlevel_resnet.state_dict()
        renamed = {}
        for name, value in tensors.items():
            stage, _, rest = name.partition(".")
            if stage in stages:
                renamed[f"{stages[stage]}.{rest}"] = value.float()
        if not renamed:
            raise ValueError("these are no resnet18 weights: conv1 is missing")
        renamed["0.weight"] = renamed["0.weight"].sum(dim=1, keepdim=True)
        self.midlevel_resnet.load_state_dict({**own, **renamed})


ARCHITECTURE = ResNet18Decoder

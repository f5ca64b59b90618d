"""inception-skip: a U-Net of inception blocks whose decoder is told what a frozen ImageNet network sees.

From Semen Shestakov, "Coloring-Images-Network" (2023), trained there on 100 kinds of butterflies. `Inception(ch;
kernels)` is parallel convolutions of `ch` channels with these kernels, concatenated, then c3 to 4 ch; ReLU after
each.

| encoder, from L / 100                              | out          |
|----------------------------------------------------|--------------|
| c3 1->8, Inception(8; 1, 2, 3, 5)                  | 32 x 1/1     |
| pool, c3 32, Inception(16; 1, 2, 3, 5)             | 64 x 1/2     |
| pool, c3 64, Inception(32; 1, 2, 3, 5)             | 128 x 1/4    |
| pool, c3 128, Inception(64; 1, 2, 3, 4)            | 256 x 1/8    |
| pool, c3 256, Inception(128; 1, 2, 3, 2)           | 512 x 1/16   |
| pool, c3 512, Inception(128; 1, 2, 2, 3)           | 512 x 1/32   |

Classifier: c3 1->3, frozen backbone, global mean, linear 512 ReLU = h, linear to the classes. Bridge: linear 512->512
ReLU of h, spread over each level with 512, 128, 32, 8, 2 channels (from 1/32 up to 1/2), c3 ReLU.

| decoder (concat, T-conv k3s2 ReLU, Inception)      | out          |
|----------------------------------------------------|--------------|
| 1/32 and bridge 1024->512, (128; 1, 2, 2, 3)       | 512 x 1/16   |
| x, bridge, skip 1152->512, (128; 1, 2, 2, 3)       | 512 x 1/8    |
| 800->256, (64; 1, 2, 3, 4)                         | 256 x 1/4    |
| 392->128, (32; 1, 2, 3, 5)                         | 128 x 1/2    |
| 194->64, (16; 1, 2, 3, 5)                          | 64 x 1/1     |
| x, skip: c3 96->64->32->16->8 ReLU, ->2 tanh       | 2 x 1/1      |

35,707,530 trainable parameters with the frozen ResNet-50 and 100 classes. ab / 128. As published, the 512 numbers
were repeated 49 times and reshaped to each level, so that only at 1/32 did every place hear the same;
`bridge="reshape"` keeps that, and its fixed 224 pixels. The published 1->3 convolution had a ReLU and fed the
backbone unscaled numbers; here the backbone sees the photograph scaled as its weights ask, which a ReLU would cut in
half.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..contract import AbRegression, WithClasses
from ..layers import MobileNetV2, conv, fill, freeze, scaled
from ..torchvision_import import import_torchvision


class Inception(nn.Module):
    """Parallel convolutions with different kernels, then one over all of them. Even kernels pad right and below."""

    def __init__(self, fan_in: int, channels: int, kernels: Sequence[int]):
        super().__init__()
        self.branches = nn.ModuleList([nn.Conv2d(fan_in, channels, kernel) for kernel in kernels])
        self.paddings = [((k - 1) // 2, k // 2, (k - 1) // 2, k // 2) for k in kernels]
        self.join = conv(channels * len(kernels), channels * len(kernels))

    def forward(self, x: Tensor) -> Tensor:
        seen = [branch(F.pad(x, padding)) for branch, padding in zip(self.branches, self.paddings, strict=True)]
        return F.relu(self.join(F.relu(torch.cat(seen, dim=1))))


class ResNet50(nn.Module):
    """torchvision's ResNet-50 before its last layer, under torchvision's names."""

    features_out = 2048

    def __init__(self) -> None:
        super().__init__()
        resnet = import_torchvision().models.resnet50(weights=None)
        for name, module in resnet.named_children():
            if name != "fc":
                self.add_module(name, module)

    @staticmethod
    def scale(L: Tensor) -> Tensor:
        """Scale L by ImageNet's mean and deviation, over the channels."""
        return (L / 100 - 0.449) / 0.226

    def forward(self, x: Tensor) -> Tensor:
        """(B, 3, H, W), scaled -> (B, 2048)."""
        for module in self.children():
            x = module(x)
        return x.flatten(1)


class MobileNetV2Features(nn.Module):
    """MobileNetV2 before its last layer: a smaller stand-in where ResNet-50's weights are not at hand."""

    features_out = MobileNetV2.features_out

    def __init__(self) -> None:
        super().__init__()
        self.features = MobileNetV2().features

    @staticmethod
    def scale(L: Tensor) -> Tensor:
        """Scale L to [-1, 1]."""
        return L / 50 - 1

    def forward(self, x: Tensor) -> Tensor:
        """(B, 3, H, W), scaled -> (B, 1280)."""
        return self.features(x).mean(dim=(2, 3))


class InceptionSkip(AbRegression):
    """Shestakov's network: a U-Net of inception blocks with a classifier at its side that learns along. What the
    picture shows goes to every level of the decoder."""

    @dataclass(frozen=True)
    class Config:
        width: float = 1.0
        """Scales every layer's channels, not the backbone's."""
        classes: int = 100
        """Classes it learns to name; the project had 100 kinds of butterflies and moths."""
        backbone: Literal["resnet50", "mobilenet-v2"] = "resnet50"
        """The frozen ImageNet network: ResNet-50 as published, or a smaller one."""
        bridge: Literal["broadcast", "reshape"] = "broadcast"
        """How the classifier's numbers reach a level: the same at every place, or scattered as published."""

    name = "inception-skip"
    family = "projects"
    origin = "Shestakov 2023"
    stride = 32
    working_size = 224
    classifies = True
    backbone: ResNet50 | MobileNetV2Features
    encoder_prefix = "backbone"
    needs_encoder = True

    def __init__(self, config: Config):
        super().__init__(config)
        self.fixed_size = config.bridge == "reshape"
        self.encoder_name = "resnet50" if config.backbone == "resnet50" else ""

        if self.fixed_size and config.width != 1:
            raise ValueError("bridge='reshape' has the published channels only; leave the width at 1")

        def n(channels: int) -> int:
            return scaled(channels, config.width)

        encoder = [(8, (1, 2, 3, 5)), (16, (1, 2, 3, 5)), (32, (1, 2, 3, 5)), (64, (1, 2, 3, 4)),
                   (128, (1, 2, 3, 2)), (128, (1, 2, 2, 3))]  # fmt: skip
        decoder = [(512, 128, (1, 2, 2, 3)), (512, 128, (1, 2, 2, 3)), (256, 64, (1, 2, 3, 4)),
                   (128, 32, (1, 2, 3, 5)), (64, 16, (1, 2, 3, 5))]  # fmt: skip
        self.encoder = nn.ModuleList()
        skips: list[int] = []
        fan_in = 1
        for channels, kernels in encoder:
            inner = 8 if fan_in == 1 else fan_in
            inner = n(inner) if fan_in == 1 else inner
            block = Inception(inner, n(channels), kernels)
            self.encoder.append(nn.Sequential(conv(fan_in, inner), nn.ReLU(), block))
            fan_in = 4 * n(channels)
            skips.append(fan_in)

        self.colour = conv(1, 3)
        self.backbone = ResNet50() if config.backbone == "resnet50" else MobileNetV2Features()
        freeze(self.backbone)
        with torch.no_grad():  # at first the backbone sees the photograph as it is, in three equal channels
            nn.init.zeros_(self.colour.weight)[:, :, 1, 1] = 1
        self.describe = nn.Linear(self.backbone.features_out, n(512))
        self.classify = nn.Linear(n(512), config.classes)
        self.bridge = nn.Linear(n(512), n(512))
        self.context_channels = [n(512) if level == 0 else max(1, n(512) >> 2 * level) for level in range(5)]
        self.bridges = nn.ModuleList([conv(channels, channels) for channels in self.context_channels])

        self.ups, self.blocks = nn.ModuleList(), nn.ModuleList()
        fan_in = skips[5]
        for level, (wide, channels, kernels) in enumerate(decoder):
            fan_in += self.context_channels[level] + (skips[5 - level] if level else 0)
            self.ups.append(nn.ConvTranspose2d(fan_in, n(wide), 3, 2, 1, output_padding=1))
            self.blocks.append(Inception(n(wide), n(channels), kernels))
            fan_in = 4 * n(channels)
        layers: list[nn.Module] = []
        fan_in += skips[0]
        for channels in (64, 32, 16, 8):
            layers += [conv(fan_in, n(channels)), nn.ReLU()]
            fan_in = n(channels)
        self.head = nn.Sequential(*layers, conv(fan_in, 2), nn.Tanh())

    def forward(self, L: Tensor, hints: Tensor | None = None) -> WithClasses:
        """-> ab / 128 (B, 2, H, W) and class logits."""
        if self.config.bridge == "reshape" and L.shape[2:] != (224, 224):
            raise ValueError(f"with bridge='reshape' the input must be 224 x 224, not {tuple(L.shape[2:])}")
        h = F.relu(self.describe(self.backbone(self.colour(self.backbone.scale(L)))))
        context = F.relu(self.bridge(h))
        x = L / 100
        skips = []
        for i, block in enumerate(self.encoder):
            x = block(F.max_pool2d(x, 2) if i else x)
            skips.append(x)
        for level, (up, block) in enumerate(zip(self.ups, self.blocks, strict=True)):
            context_here = F.relu(self.bridges[level](self._spread(context, level, x)))
            parts = [x, context_here] if level == 0 else [x, context_here, skips[5 - level]]
            x = block(F.relu(up(torch.cat(parts, dim=1))))
        return WithClasses(self.head(torch.cat((x, skips[0]), dim=1)), self.classify(h))

    def _spread(self, context: Tensor, level: int, x: Tensor) -> Tensor:
        """Spread the classifier's features over the places of `x`: (B, 512) -> (B, channels of the level, h, w)."""
        channels = self.context_channels[level]
        if self.config.bridge == "reshape":
            height, width = x.shape[2:]
            flat = context.repeat(1, 49)[:, : height * width * channels]
            return flat.unflatten(1, (height, width, channels)).permute(0, 3, 1, 2).contiguous()
        mean = F.adaptive_avg_pool1d(context[:, None], channels)[:, 0]  # so that every one of the 512 is heard
        return mean[:, :, None, None].expand(-1, -1, *x.shape[2:])

    def load_encoder(self, tensors: Mapping[str, Tensor]) -> None:
        """torchvision's `resnet50` or `mobilenet_v2`, as the config's backbone; its last layer is not needed."""
        fill(self.backbone, tensors, self.config.backbone)


ARCHITECTURE = InceptionSkip

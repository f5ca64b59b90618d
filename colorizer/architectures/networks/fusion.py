"""fusion: beta's stack, told by a frozen ImageNet classifier what the photograph shows.

From Emil Wallner's "Full" version (2017) after Baldassarre et al., "Deep Koalarization" (2017); Model 3 of the UAB
project (2023). Wallner's classifier saw wrongly scaled pictures; the UAB's 1000 numbers were fresh noise at every
call. Here they are the class probabilities of a real, frozen MobileNetV2, shown gray as it expects it.

| stage                                                                          | out          |
|--------------------------------------------------------------------------------|--------------|
| c3s2 1->64, c3 64->128, c3s2 128->128, c3 128->256, c3s2 256->256               | 256 x 1/8    |
| c3 256->512, c3 512->512, c3 512->256; all with ReLU                            | 256 x 1/8    |
| concat 1000 probabilities at every place; c1 1256->256 ReLU                     | 256 x 1/8    |
| c3 256->128 ReLU, up x2, c3 128->64 ReLU, up x2                                 | 64 x 1/2     |
| c3 64->32 ReLU, c3 32->16 ReLU, c3 16->2 tanh, up x2                            | 2 x 1/1      |

6,541,202 trainable parameters; the classifier's 3.5 million are frozen and kept in the checkpoint. ab / 128.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from ..contract import AbRegression
from ..layers import MobileNetV2, conv, fill, freeze, scaled, up, up_colours


class Fusion(AbRegression):
    """Wallner's full version: an encoder and decoder that are also told what a frozen ImageNet classifier sees. The
    thousand class probabilities are spread over the whole picture, so knowing the subject should choose the palette."""

    @dataclass(frozen=True)
    class Config:
        width: float = 1.0
        """Scales every layer's channels, not the classifier."""
        upsample: Literal["bilinear", "nearest"] = "bilinear"
        """The last upsampling, of colours; "nearest" as published, which shows 2x2 blocks."""

    name = "fusion"
    family = "projects"
    origin = "Wallner 2017"
    stride = 8
    working_size = 256
    encoder_prefix = "classifier"
    needs_encoder = True

    def __init__(self, config: Config):
        super().__init__(config)
        w = [scaled(n, config.width) for n in (16, 32, 64, 128, 256, 512)]
        relu = nn.ReLU
        self.encoder = nn.Sequential(
            conv(1, w[2], 2), relu(), conv(w[2], w[3]), relu(), conv(w[3], w[3], 2), relu(), conv(w[3], w[4]), relu(),
            conv(w[4], w[4], 2), relu(), conv(w[4], w[5]), relu(), conv(w[5], w[5]), relu(), conv(w[5], w[4]), relu(),
        )  # fmt: skip
        self.classifier = freeze(MobileNetV2())
        self.fuse = nn.Sequential(nn.Conv2d(w[4] + 1000, w[4], 1), relu())
        self.decoder = nn.Sequential(
            conv(w[4], w[3]), relu(), up(), conv(w[3], w[2]), relu(), up(),
            conv(w[2], w[1]), relu(), conv(w[1], w[0]), relu(), conv(w[0], 2), nn.Tanh(),
        )  # fmt: skip

    def forward(self, L: Tensor, hints: Tensor | None = None) -> Tensor:
        """-> (B, 2, H, W), ab / 128."""
        with torch.no_grad():
            seen = self.classifier(L).float().softmax(dim=1)
        x = self.encoder(L / 100)
        everywhere = seen.to(x)[:, :, None, None].expand(-1, -1, *x.shape[2:])
        return up_colours(self.decoder(self.fuse(torch.cat((x, everywhere), dim=1))), self.config.upsample)

    def load_encoder(self, tensors: Mapping[str, Tensor]) -> None:
        """torchvision's `mobilenet_v2`, classifier and all."""
        fill(self.classifier, tensors, "mobilenet_v2")


ARCHITECTURE = Fusion

"""unet-rgb: a small U-Net that answers in RGB.

Reconstructed from the README of Rodrigo Arboleda, "Grayscale-to-RGB" (2021); the project's code for it is lost. They
reported that it failed, with a picture tiled three by three: what rows and channels mixed up do to a network whose
output is bound to places. The layers follow Ronneberger et al., "U-Net" (MICCAI 2015), with padding.

| stage                                            | out         |
|--------------------------------------------------|-------------|
| two c3 ReLU, 1->32                               | 32 x 1/1    |
| max-pool 2, two c3 ReLU, 64                      | 64 x 1/2    |
| max-pool 2, two c3 ReLU, 128                     | 128 x 1/4   |
| max-pool 2, two c3 ReLU, 256                     | 256 x 1/8   |
| T-conv k2s2, concat, two c3 ReLU, 128            | 128 x 1/4   |
| the same, 64; the same, 32                       | 32 x 1/1    |
| c1 32->3 sigmoid                                 | 3 x 1/1     |
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ..contract import RgbRegression
from ..layers import conv, scaled


def double(fan_in: int, fan_out: int) -> nn.Sequential:
    """Two 3x3 convolutions with ReLU."""
    return nn.Sequential(conv(fan_in, fan_out), nn.ReLU(), conv(fan_out, fan_out), nn.ReLU())


class UNetRGB(RgbRegression):
    """Arboleda's U-Net, rebuilt: its authors gave it up because a mix-up of rows and channels tiled its pictures. With
    the mistake mended it works, and its skips keep edges where a plain stack blurs them."""

    @dataclass(frozen=True)
    class Config:
        width: float = 1.0
        """Scales every layer's channels."""
        poolings: int = 3
        """How often the picture is halved."""

    name = "unet-rgb"
    family = "projects"
    origin = "Arboleda 2021"
    stride = 8
    working_size = 32

    def __init__(self, config: Config):
        super().__init__(config)
        if not 1 <= config.poolings <= 3:
            raise ValueError(f"poolings must be 1, 2 or 3, not {config.poolings}")
        w = [scaled(32 * 2**i, config.width) for i in range(config.poolings + 1)]
        self.down = nn.ModuleList([double(fan_in, fan_out) for fan_in, fan_out in zip([1, *w], w, strict=False)])
        self.pool = nn.MaxPool2d(2)
        steps = list(zip(w[:0:-1], w[-2::-1], strict=True))
        self.up = nn.ModuleList([nn.ConvTranspose2d(fan_in, fan_out, 2, 2) for fan_in, fan_out in steps])
        self.merge = nn.ModuleList([double(2 * fan_out, fan_out) for _, fan_out in steps])
        self.head = nn.Sequential(nn.Conv2d(w[0], 3, 1), nn.Sigmoid())

    def forward(self, L: Tensor, hints: Tensor | None = None) -> Tensor:
        """-> RGB (B, 3, H, W) in [0, 1]."""
        x = self.down[0](L / 50 - 1)
        skips = []
        for block in self.down[1:]:
            skips.append(x)
            x = block(self.pool(x))
        for up, merge in zip(self.up, self.merge, strict=True):
            x = merge(torch.cat((up(x), skips.pop()), dim=1))
        return self.head(x)


ARCHITECTURE = UNetRGB

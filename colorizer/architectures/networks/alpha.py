"""alpha: the smallest network that colours anything, a plain encoder and decoder.

From Emil Wallner, "Coloring greyscale images" (2017), and the UAB project "Colouring greyscale images" (2023), where it
is Model 1. Both fed L in 0..100 unscaled, one picture at a time, and saw most ReLUs die; here L is scaled.

| stage                                                         | out        |
|---------------------------------------------------------------|------------|
| c3s2 1->8, c3 8->8, c3 8->16, each with ReLU                   | 16 x 1/2   |
| c3s2 16->16, c3 16->32, each with ReLU                         | 32 x 1/4   |
| c3s2 32->32 ReLU                                              | 32 x 1/8   |
| up x2, c3 32->32 ReLU; up x2, c3 32->16 ReLU                   | 16 x 1/2   |
| up x2, c3 16->2 tanh                                          | 2 x 1/1    |

32,202 parameters. ab / 128.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from ..contract import AbRegression
from ..layers import conv, scaled, up


class Alpha(AbRegression):
    """Wallner's first network, in 32,000 parameters: enough to learn two photographs by heart and colour them again.
    It sees little around a pixel, so on photographs it has not seen it can hardly tell sky from snow."""

    @dataclass(frozen=True)
    class Config:
        width: float = 1.0
        """Scales every layer's channels."""

    name = "alpha"
    family = "projects"
    origin = "Wallner 2017"
    stride = 8
    working_size = 256

    def __init__(self, config: Config):
        super().__init__(config)
        a, b, c = (scaled(n, config.width) for n in (8, 16, 32))
        relu = nn.ReLU
        self.encoder = nn.Sequential(
            conv(1, a, 2), relu(), conv(a, a), relu(), conv(a, b), relu(),
            conv(b, b, 2), relu(), conv(b, c), relu(), conv(c, c, 2), relu(),
        )  # fmt: skip
        self.decoder = nn.Sequential(
            up(), conv(c, c), relu(), up(), conv(c, b), relu(), up(), conv(b, 2), nn.Tanh()
        )  # fmt: skip

    def forward(self, L: Tensor, hints: Tensor | None = None) -> Tensor:
        """-> (B, 2, H, W), ab / 128."""
        return self.decoder(self.encoder(L / 100))


ARCHITECTURE = Alpha

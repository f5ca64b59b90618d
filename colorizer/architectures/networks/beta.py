"""beta: alpha's idea with more than a hundred times the parameters.

From Emil Wallner, "Coloring greyscale images" (2017), and the UAB project (2023), where it is Model 2 and came out
gray and brown after 2,000 epochs: raw L in 0..100, batches of one picture and a rate of 1e-3 killed its ReLUs. L is
scaled here.

| stage                                                                        | out         |
|------------------------------------------------------------------------------|-------------|
| c3 1->64, c3s2 64->64; c3 64->128, c3s2 128->128                              | 128 x 1/4   |
| c3 128->256, c3s2 256->256; c3 256->512, 512->256, 256->128; all with ReLU    | 128 x 1/8   |
| up x2, c3 128->64 ReLU; up x2, c3 64->32 ReLU; c3 32->2 tanh; up x2           | 2 x 1/1     |

3,892,194 parameters. ab / 128. The last upsampling is of colours, so it is bilinear unless asked to be as published.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from torch import Tensor, nn

from ..contract import AbRegression
from ..layers import conv, scaled, up, up_colours


class Beta(AbRegression):
    """Wallner's second network, a plain stack of wide convolutions meant to colour photographs it has never seen. In
    its projects it went beige, for reasons of training that are mended here; without skips its colours stay soft."""

    @dataclass(frozen=True)
    class Config:
        width: float = 1.0
        """Scales every layer's channels."""
        upsample: Literal["bilinear", "nearest"] = "bilinear"
        """The last upsampling, of colours; "nearest" as published, which shows 2x2 blocks."""

    name = "beta"
    family = "projects"
    origin = "Wallner 2017"
    stride = 8
    working_size = 256

    def __init__(self, config: Config):
        super().__init__(config)
        w = [scaled(n, config.width) for n in (32, 64, 128, 256, 512)]
        relu = nn.ReLU
        self.encoder = nn.Sequential(
            conv(1, w[1]), relu(), conv(w[1], w[1], 2), relu(), conv(w[1], w[2]), relu(), conv(w[2], w[2], 2), relu(),
            conv(w[2], w[3]), relu(), conv(w[3], w[3], 2), relu(), conv(w[3], w[4]), relu(), conv(w[4], w[3]), relu(),
            conv(w[3], w[2]), relu(),
        )  # fmt: skip
        self.decoder = nn.Sequential(
            up(), conv(w[2], w[1]), relu(), up(), conv(w[1], w[0]), relu(), conv(w[0], 2), nn.Tanh()
        )  # fmt: skip

    def forward(self, L: Tensor, hints: Tensor | None = None) -> Tensor:
        """-> (B, 2, H, W), ab / 128."""
        return up_colours(self.decoder(self.encoder(L / 100)), self.config.upsample)


ARCHITECTURE = Beta

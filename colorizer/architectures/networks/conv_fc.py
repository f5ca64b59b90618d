"""conv-fc: convolutions read a 32 x 32 picture, fully connected layers paint it, in RGB.

From Rodrigo Arboleda, "Grayscale-to-RGB" (2021, with L. Arcanjo and V. Correia). Theirs was trained with rows and
channels mixed up, which fully connected layers can learn to undo; here pictures stay as they are. Also, their
"standard deviation" was the mean. `width=0.5` is their first version, `hidden=2048` beside it the variant they tried.

| stage                                                    | out        |
|----------------------------------------------------------|------------|
| c3 1->32, c3 32->32, ReLU each; max-pool 2               | 32 x 16²   |
| c3 32->64, c3 64->64, ReLU each; max-pool 2              | 64 x 8²    |
| c3 64->64, c3 64->64, ReLU each                          | 64 x 8²    |
| linear 4096->1024 ReLU, linear 1024->3072 sigmoid        | 3 x 32²    |

7,482,976 parameters; 2,659,888 at half width.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from ..contract import RgbRegression
from ..layers import conv, scaled


class ConvFC(RgbRegression):
    """Arboleda's network: convolutions look at a 32 by 32 thumbnail and fully connected layers paint it anew in RGB.
    Its own picture is a blur, so what the page shows is its colours under the photograph's lightness."""

    @dataclass(frozen=True)
    class Config:
        width: float = 1.0
        """Scales the channels and the hidden layer; 0.5 is the project's half-size version."""
        hidden: int = 0
        """Units of the hidden layer; 0 is 1024 times the width."""

    name = "conv-fc"
    family = "projects"
    origin = "Arboleda 2021"
    stride = 32
    working_size = 32
    fixed_size = True

    def __init__(self, config: Config):
        super().__init__(config)
        a, b = scaled(32, config.width), scaled(64, config.width)
        hidden = config.hidden or scaled(1024, config.width)
        relu = nn.ReLU
        self.encoder = nn.Sequential(
            conv(1, a), relu(), conv(a, a), relu(), nn.MaxPool2d(2),
            conv(a, b), relu(), conv(b, b), relu(), nn.MaxPool2d(2),
            conv(b, b), relu(), conv(b, b), relu(),
        )  # fmt: skip
        self.painter = nn.Sequential(nn.Linear(b * 8 * 8, hidden), relu(), nn.Linear(hidden, 3 * 32 * 32), nn.Sigmoid())

    def forward(self, L: Tensor, hints: Tensor | None = None) -> Tensor:
        """L (B, 1, 32, 32) -> RGB (B, 3, 32, 32) in [0, 1]."""
        return self.painter(self.encoder(L / 50 - 1).flatten(1)).unflatten(1, (3, 32, 32))


ARCHITECTURE = ConvFC

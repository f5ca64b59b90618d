"""conv-autoencoder: the UAB project's smallest try, and why its colours were "completely erroneous".

From the UAB project "Colouring greyscale images" (2023), "ConvAE". Its sigmoid, read as ab / 128, cannot say green or
blue; `head="tanh"` can. The picture passes through 8 channels at about 1/12 of its size.

| stage                                         | out at 256   | out at 12 n + 4  |
|-----------------------------------------------|--------------|------------------|
| c3s3p1 1->16 ReLU; max-pool 2                 | 16 x 43      | 2 n + 1          |
| c3s2p1 16->8 ReLU; max-pool 2, stride 1       | 8 x 21       | n                |
| T-conv k3s2 8->16 ReLU                        | 16 x 43      | 2 n + 1          |
| T-conv k5s3p1 16->8 ReLU                      | 8 x 129      | 6 n + 3          |
| T-conv k2s2p1 8->2 sigmoid or tanh            | 2 x 256      | 12 n + 4         |

5,762 parameters. ab / 128.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from torch import Tensor, nn

from ..contract import AbRegression


class ConvAutoencoder(AbRegression):
    """The UAB project's autoencoder, in under 6,000 parameters: everything passes through a bottleneck of 21 by 21
    places. It shows what too small a network does, and the published form cannot even say green or blue."""

    @dataclass(frozen=True)
    class Config:
        size: int = 256
        """Side of the input in pixels, 12 n + 4: only then does the output come out at the same size."""
        head: Literal["tanh", "sigmoid"] = "tanh"
        """"sigmoid" as published, which has no negative a or b."""

    name = "conv-autoencoder"
    family = "projects"
    origin = "UAB 2023"
    stride = 4
    fixed_size = True

    def __init__(self, config: Config):
        super().__init__(config)
        if config.size < 16 or config.size % 12 != 4:
            raise ValueError(f"size must be 12 n + 4, such as 100 or 256, not {config.size}")
        self.working_size = config.size
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 16, 3, 3, 1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 8, 3, 2, 1), nn.ReLU(),
            nn.MaxPool2d(2, stride=1),
        )  # fmt: skip
        self.decoder = nn.Sequential(
            nn.ConvTranspose2d(8, 16, 3, 2), nn.ReLU(), nn.ConvTranspose2d(16, 8, 5, 3, 1), nn.ReLU(),
            nn.ConvTranspose2d(8, 2, 2, 2, 1), nn.Sigmoid() if config.head == "sigmoid" else nn.Tanh(),
        )  # fmt: skip

    def forward(self, L: Tensor, hints: Tensor | None = None) -> Tensor:
        """L (B, 1, size, size) -> (B, 2, size, size), ab / 128."""
        return self.decoder(self.encoder(L / 100))


ARCHITECTURE = ConvAutoencoder

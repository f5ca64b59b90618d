"""eccv16: Zhang, Isola and Efros, "Colorful Image Colorization" (ECCV 2016), the network that made colours a question
of probabilities.

Layer names are those of the authors' PyTorch release, so its weights convert. Every c3 has ReLU; BN ends each block.

| block | layers                                                | out         |
|-------|-------------------------------------------------------|-------------|
| 1     | c3 1->64, c3s2 64->64                                  | 64 x 1/2    |
| 2     | c3 64->128, c3s2 128->128                              | 128 x 1/4   |
| 3     | c3 128->256, 256->256, c3s2 256->256                   | 256 x 1/8   |
| 4     | c3 256->512, 512->512, 512->512                        | 512 x 1/8   |
| 5, 6  | c3 512->512 three times each, dilation 2               | 512 x 1/8   |
| 7     | c3 512->512 three times                                | 512 x 1/8   |
| 8     | T-conv k4s2 512->256, c3 256, c3 256, no BN             | 256 x 1/4   |
| head  | c1 256->313 logits                                     | 313 x 1/4   |

About 32.24 million parameters. The input is (L - 50) / 100. Their 313 bins come with their weights; a network trained
here has the 261 bins that sRGB can show and the 52 grid points nearest to these.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from colorizer.colour import bins

from ..contract import BinDistribution
from ..layers import block, scaled


class ECCV16(BinDistribution):
    """Zhang, Isola and Efros made colouring a question of how likely each of 313 colours is, where others took
    averages. Weighting rare colours up made it famous for vivid pictures; here that is a slider, and the training
    stays unweighted."""

    @dataclass(frozen=True)
    class Config:
        width: float = 1.0
        """Scales every layer's channels."""
        bins: int = 313
        """Colours to choose from."""

    name = "eccv16"
    family = "papers"
    origin = "Zhang et al. 2016"
    stride = 8
    working_size = 256

    def __init__(self, config: Config):
        super().__init__(config)
        a, b, c, d = (scaled(n, config.width) for n in (64, 128, 256, 512))
        self.model1 = block([1, a, a], last_stride=2)
        self.model2 = block([a, b, b], last_stride=2)
        self.model3 = block([b, c, c, c], last_stride=2)
        self.model4 = block([c, d, d, d])
        self.model5 = block([d, d, d, d], dilation=2)
        self.model6 = block([d, d, d, d], dilation=2)
        self.model7 = block([d, d, d, d])
        self.model8 = nn.Sequential(
            nn.ConvTranspose2d(d, c, 4, 2, 1), nn.ReLU(), nn.Conv2d(c, c, 3, 1, 1), nn.ReLU(),
            nn.Conv2d(c, c, 3, 1, 1), nn.ReLU(), nn.Conv2d(c, config.bins, 1),
        )  # fmt: skip
        self.make_bins(bins.nearest_centres(config.bins))

    def forward(self, L: Tensor, hints: Tensor | None = None) -> Tensor:
        """-> logits (B, Q, H/4, W/4)."""
        x = (L - 50) / 100
        for stage in (self.model1, self.model2, self.model3, self.model4, self.model5, self.model6, self.model7):
            x = stage(x)
        return self.model8(x)


ARCHITECTURE = ECCV16

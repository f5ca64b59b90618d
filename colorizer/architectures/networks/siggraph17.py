"""siggraph17: Zhang et al., "Real-Time User-Guided Image Colorization with Learned Deep Priors" (SIGGRAPH 2017).

Layer names are those of the authors' PyTorch release, so its weights convert. Every c3 has ReLU; BN ends blocks 1 to 9;
blocks 1 to 3 are followed by dropping every second row and column. Skips are sums.

| block | layers                                                          | out         |
|-------|-----------------------------------------------------------------|-------------|
| 1     | c3 4->64, 64->64                                                | 64 x 1/1    |
| 2     | c3 64->128, 128->128                                            | 128 x 1/2   |
| 3     | c3 128->256, 256->256, 256->256                                 | 256 x 1/4   |
| 4     | c3 256->512, 512->512, 512->512                                 | 512 x 1/8   |
| 5, 6  | c3 512->512 three times each, dilation 2                        | 512 x 1/8   |
| 7     | c3 512->512 three times                                         | 512 x 1/8   |
| 8     | T-conv k4s2 512->256 + c3(block 3), ReLU; c3 256, 256           | 256 x 1/4   |
| 9     | T-conv k4s2 256->128 + c3(block 2), ReLU; c3 128                | 128 x 1/2   |
| 10    | T-conv k4s2 128->128 + c3(block 1), ReLU; c3 128 LeakyReLU .2   | 128 x 1/1   |
| heads | c1 128->2 tanh; from block 8, c1 256->529 logits                | 2 x 1/1     |

About 34.19 million parameters. Input (L - 50) / 100, hints ab / 110 and mask; output ab / 110. The class head over
the whole 23 x 23 grid of ab teaches the trunk and is not read out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor, nn

from colorizer.colour import bins

from ..contract import Architecture
from ..layers import block, regression, scaled


class Prediction(NamedTuple):
    """ab / 110 (B, 2, H, W) and logits over the grid of ab (B, 529, H/4, W/4)."""

    ab: Tensor
    bins: Tensor


class SIGGRAPH17(Architecture):
    """Zhang and others taught one network to colour by itself and to follow a person's colour points. Its one answer
    per pixel is calmer than their earlier system's, and a few points put in the right places correct what it misses."""

    @dataclass(frozen=True)
    class Config:
        width: float = 1.0
        """Scales every layer's channels."""
        stage: Literal["joint", "classification", "regression"] = "joint"
        """Who teaches the trunk: both heads, or, as in the authors' two stages, the class head, then the colours."""
        mask_centre: float = 0.0
        """Subtracted from the hints' mask: 0 for the release's weights, 0.5 for those of their training code."""

    name = "siggraph17"
    family = "papers"
    origin = "Zhang et al. 2017"
    stride = 8
    working_size = 256
    takes_hints = True
    losses = ("joint",)
    grid: Tensor

    def __init__(self, config: Config):
        super().__init__(config)
        a, b, c, d = (scaled(n, config.width) for n in (64, 128, 256, 512))
        self.model1 = block([4, a, a])
        self.model2 = block([a, b, b])
        self.model3 = block([b, c, c, c])
        self.model4 = block([c, d, d, d])
        self.model5 = block([d, d, d, d], dilation=2)
        self.model6 = block([d, d, d, d], dilation=2)
        self.model7 = block([d, d, d, d])
        self.model8up = nn.Sequential(nn.ConvTranspose2d(d, c, 4, 2, 1))
        self.model3short8 = nn.Sequential(nn.Conv2d(c, c, 3, 1, 1))
        self.model8 = nn.Sequential(nn.ReLU(), *block([c, c, c]))
        self.model9up = nn.Sequential(nn.ConvTranspose2d(c, b, 4, 2, 1))
        self.model2short9 = nn.Sequential(nn.Conv2d(b, b, 3, 1, 1))
        self.model9 = nn.Sequential(nn.ReLU(), *block([b, b]))
        self.model10up = nn.Sequential(nn.ConvTranspose2d(b, b, 4, 2, 1))
        self.model1short10 = nn.Sequential(nn.Conv2d(a, b, 3, 1, 1))
        self.model10 = nn.Sequential(nn.ReLU(), nn.Conv2d(b, b, 3, 1, 1), nn.LeakyReLU(0.2))
        self.model_class = nn.Sequential(nn.Conv2d(c, 529, 1))
        self.model_out = nn.Sequential(nn.Conv2d(b, 2, 1), nn.Tanh())
        self.register_buffer("grid", bins.square_centres(), persistent=False)

    def forward(self, L: Tensor, hints: Tensor | None = None) -> Prediction:
        """-> ab / 110 and the class head's logits."""
        if hints is None:
            hints = L.new_zeros(L.shape[0], 3, *L.shape[2:])
        x = torch.cat(((L - 50) / 100, hints[:, :2] / 110, hints[:, 2:] - self.config.mask_centre), dim=1)
        x1 = self.model1(x)
        x2 = self.model2(x1[:, :, ::2, ::2])
        x3 = self.model3(x2[:, :, ::2, ::2])
        x = self.model4(x3[:, :, ::2, ::2])
        x = self.model7(self.model6(self.model5(x)))
        x8 = self.model8(self.model8up(x) + self.model3short8(x3))
        stage = self.config.stage
        logits = self.model_class(x8.detach() if stage == "regression" else x8)
        if stage == "classification":
            x1, x2, x8 = x1.detach(), x2.detach(), x8.detach()
        x = self.model9(self.model9up(x8) + self.model2short9(x2))
        x = self.model10(self.model10up(x) + self.model1short10(x1))
        return Prediction(self.model_out(x), logits)

    def loss(self, prediction: Prediction, L: Tensor, ab: Tensor, kind: str = "") -> Tensor:
        """Cross-entropy over the grid plus 10 (|da| + |db|), in units of ab / 110, as in the authors' code."""
        classes = bins.cross_entropy(prediction.bins.float(), ab[:, :, ::4, ::4], self.grid)
        return classes + 20 * regression("mae", prediction.ab, ab / 110)

    def to_ab(self, prediction: Prediction, L: Tensor, **readout: Any) -> Tensor:
        """No readouts: the network gives one answer."""
        return prediction.ab * 110


ARCHITECTURE = SIGGRAPH17

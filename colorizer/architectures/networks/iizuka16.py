"""iizuka16: Iizuka, Simo-Serra and Ishikawa, "Let there be Color!" (SIGGRAPH 2016): local and global features in one
network.

Every c3 and linear layer has BN and ReLU but the last ones. Checked against an independent implementation; where the
paper's own numbers were not at hand (batch norm, the classifier's inner layer) this follows that implementation's
reading.

| part       | layers                                                             | out           |
|------------|--------------------------------------------------------------------|---------------|
| low        | c3s2 1->64, 128, c3s2 128, 256, c3s2 256, 512                       | 512 x 1/8     |
| mid        | c3 512, 256                                                        | 256 x 1/8     |
| global     | (low of the 224 x 224 picture) c3s2 512, 512, c3s2 512, 512          | 512 x 7 x 7   |
|            | linear 1024, 512; 256                                              | 256           |
| classifier | from the 512: linear 256, linear to the classes                     | classes       |
| fusion     | concat mid and global; c1 512->256                                  | 256 x 1/8     |
| colour     | c3 128, up x2, c3 64, 64, up x2, c3 32, c3 2 sigmoid, up x2          | 2 x 1/1       |

The low layers are shared. ab = 100 (2 y - 1).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..contract import AbRegression, WithClasses
from ..layers import regression, scaled, up, up_colours


def layer(fan_in: int, fan_out: int, stride: int = 1, kernel: int = 3) -> nn.Sequential:
    """Convolution, batch norm, ReLU."""
    return nn.Sequential(
        nn.Conv2d(fan_in, fan_out, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(fan_out), nn.ReLU()
    )


def dense(fan_in: int, fan_out: int) -> nn.Sequential:
    """Linear, batch norm, ReLU."""
    return nn.Sequential(nn.Linear(fan_in, fan_out, bias=False), nn.BatchNorm1d(fan_out), nn.ReLU())


class Iizuka16(AbRegression):
    """Iizuka and others joined what is at a place with what the whole scene is, and taught the second by naming places.
    It takes photographs of any size, and names the scene that it believes to see."""

    @dataclass(frozen=True)
    class Config:
        width: float = 1.0
        """Scales every layer's channels."""
        classes: int = 205
        """Classes it learns to name; the paper had the 205 kinds of scenes of Places."""
        global_size: int = 224
        """Side of the square that the global features are taken from, a multiple of 32."""

    name = "iizuka16"
    family = "papers"
    origin = "Iizuka et al. 2016"
    stride = 8
    working_size = 224
    classifies = True

    def __init__(self, config: Config):
        super().__init__(config)
        if config.global_size < 32 or config.global_size % 32:
            raise ValueError(f"global_size must be a multiple of 32, not {config.global_size}")
        w = {n: scaled(n, config.width) for n in (32, 64, 128, 256, 512, 1024)}
        self.low = nn.Sequential(
            layer(1, w[64], 2), layer(w[64], w[128]), layer(w[128], w[128], 2), layer(w[128], w[256]),
            layer(w[256], w[256], 2), layer(w[256], w[512]),
        )  # fmt: skip
        self.mid = nn.Sequential(layer(w[512], w[512]), layer(w[512], w[256]))
        self.scene = nn.Sequential(
            layer(w[512], w[512], 2), layer(w[512], w[512]), layer(w[512], w[512], 2), layer(w[512], w[512]),
            nn.Flatten(), dense(w[512] * (config.global_size // 32) ** 2, w[1024]), dense(w[1024], w[512]),
        )  # fmt: skip
        self.summary = dense(w[512], w[256])
        self.classify = nn.Sequential(dense(w[512], w[256]), nn.Linear(w[256], config.classes))
        self.fuse = layer(2 * w[256], w[256], kernel=1)
        self.colour = nn.Sequential(
            layer(w[256], w[128]), up(), layer(w[128], w[64]), layer(w[64], w[64]), up(), layer(w[64], w[32]),
            nn.Conv2d(w[32], 2, 3, 1, 1), nn.Sigmoid(),
        )  # fmt: skip

    def forward(self, L: Tensor, hints: Tensor | None = None) -> WithClasses:
        """-> (ab / 100 + 1) / 2 (B, 2, H, W) and class logits."""
        x = L / 100
        side = (self.config.global_size,) * 2
        whole = x if x.shape[2:] == side else F.interpolate(x, side, mode="bilinear", antialias=True)
        scene = self.scene(self.low(whole))
        places = self.mid(self.low(x))
        everywhere = self.summary(scene)[:, :, None, None].expand(-1, -1, *places.shape[2:])
        y = self.colour(self.fuse(torch.cat((places, everywhere), dim=1)))
        return WithClasses(up_colours(y), self.classify(scene))

    def loss(self, prediction: WithClasses, L: Tensor, ab: Tensor, kind: str = "") -> Tensor:
        """A regression loss of the colours, in [0, 1]; the classes have their own, weighted by the recipe (1/300)."""
        return regression(kind or self.losses[0], prediction.ab, ((ab / 100 + 1) / 2).clamp(0, 1))

    def to_ab(self, prediction: WithClasses, L: Tensor, **readout: object) -> Tensor:
        """No readouts: the network gives one answer."""
        return 100 * (2 * prediction.ab - 1)


ARCHITECTURE = Iizuka16

"""vgg-fcn: the convolutions of VGG-19 and a decoder that climbs back.

The first stage of Semen Shestakov's "Coloring-Images-Network" (2023), which tried it on a few images; its decoder is
not recorded, so this is the plainest that fits. VGG: Simonyan and Zisserman (ICLR 2015), torchvision's names.

| stage                                                             | out          |
|-------------------------------------------------------------------|--------------|
| c3 64, 64, pool; c3 128, 128, pool; c3 256 x 4, pool               | 256 x 1/8    |
| c3 512 x 4, pool; c3 512 x 4, pool; all with ReLU                  | 512 x 1/32   |
| c3 512->256 ReLU, up x2; 256->128, up x2; 128->64, up x2           | 64 x 1/4     |
| c3 64->32 ReLU, up x2; c3 32->16 ReLU; c3 16->2 tanh; up x2        | 2 x 1/1      |

ab / 128. There are no skips: everything passes through 1/32 of the picture's size.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor, nn

from ..contract import AbRegression
from ..layers import conv, fill, scaled, up, up_colours

VGG19 = (64, 64, 0, 128, 128, 0, 256, 256, 256, 256, 0, 512, 512, 512, 512, 0, 512, 512, 512, 512, 0)
"""Channels of its convolutions; 0 is a max-pooling."""


class VggFCN(AbRegression):
    """Shestakov's first try: VGG-19's convolutions, made to recognise objects, with a decoder put on top. It knows
    much about what is there and, at a thirty-second of the size, little about where its edges are."""

    @dataclass(frozen=True)
    class Config:
        width: float = 1.0
        """Scales every layer's channels; pretrained weights fit 1 only."""

    name = "vgg-fcn"
    family = "projects"
    origin = "Shestakov 2023"
    stride = 32
    working_size = 224
    encoder_prefix = "features"
    encoder_name = "vgg19"

    def __init__(self, config: Config):
        super().__init__(config)
        layers: list[nn.Module] = []
        fan_in = 3
        for channels in VGG19:
            if channels == 0:
                layers.append(nn.MaxPool2d(2))
            else:
                layers += [conv(fan_in, scaled(channels, config.width)), nn.ReLU()]
                fan_in = scaled(channels, config.width)
        self.features = nn.Sequential(*layers)
        w = [scaled(n, config.width) for n in (512, 256, 128, 64, 32, 16)]
        relu = nn.ReLU
        self.decoder = nn.Sequential(
            conv(w[0], w[1]), relu(), up(), conv(w[1], w[2]), relu(), up(), conv(w[2], w[3]), relu(), up(),
            conv(w[3], w[4]), relu(), up(), conv(w[4], w[5]), relu(), conv(w[5], 2), nn.Tanh(),
        )  # fmt: skip
        # Sixteen layers without normalisation: under the default start signals fade.
        convolutions = [module for module in self.modules() if isinstance(module, nn.Conv2d)]
        for convolution in convolutions:
            nn.init.kaiming_normal_(convolution.weight, nonlinearity="relu")
        nn.init.xavier_normal_(convolutions[-1].weight, gain=0.1)

    def forward(self, L: Tensor, hints: Tensor | None = None) -> Tensor:
        """-> (B, 2, H, W), ab / 128."""
        gray = ((L / 100 - 0.449) / 0.226).expand(-1, 3, -1, -1)  # ImageNet's mean and deviation, over the channels
        return up_colours(self.decoder(self.features(gray)))

    def load_encoder(self, tensors: Mapping[str, Tensor]) -> None:
        """torchvision's `vgg19`; its fully connected layers are not needed."""
        prefix = "features."
        fill(self.features, {n.removeprefix(prefix): t for n, t in tensors.items() if n.startswith(prefix)}, "vgg19")


ARCHITECTURE = VggFCN

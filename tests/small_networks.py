"""The networks of this repository, small enough for tests."""

import torch
import torch.nn.functional as F

from colorizer import build
from colorizer.architectures.layers import InvertedResidual

SHIPPED = (
    "resnet18-decoder", "conv-fc", "unet-rgb", "alpha", "beta", "fusion", "conv-autoencoder", "inception-skip",
    "vgg-fcn", "eccv16", "siggraph17", "iizuka16", "mobile-unet",
)  # fmt: skip
"""The architectures of this repository. Their texts are translated and docs/networks.md has their rows; a new network
needs neither."""

SMALL = {
    "mobile-unet": {"width": 0.25},
    "inception-skip": {"width": 0.25, "classes": 3, "backbone": "mobilenet-v2"},
    "eccv16": {"width": 0.125},
    "siggraph17": {"width": 0.125},
    "iizuka16": {"width": 0.125, "classes": 3, "global_size": 32},
    "vgg-fcn": {"width": 0.125},
    "fusion": {"width": 0.25},
    "beta": {"width": 0.25},
    "conv-autoencoder": {"size": 64},
}
"""Configs that make tests fast."""


def small(name: str):
    torch.manual_seed(0)
    return build(name, **SMALL.get(name, {}))


def example(network, batch: int = 2) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    height, width = 2 * network.stride, 3 * network.stride
    if network.fixed_size:
        height = width = network.working_size
    L = torch.rand(batch, 1, height, width, generator=generator) * 100
    ab = F.interpolate(torch.randn(batch, 2, 3, 3, generator=generator) * 30, (height, width), mode="bilinear")
    return L, ab


def thin(network):
    """Leave out repeated blocks of MobileNetV2: tracing them takes long and tests nothing new."""
    for module in list(network.modules()):
        for name, child in module.named_children():
            if isinstance(child, InvertedResidual) and child.residual:
                setattr(module, name, torch.nn.Identity())
    return network.eval()

"""The contract that every architecture keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from torch import Tensor, nn


class Architecture(nn.Module):
    """A network from lightness to colour. Outside of it every number is in Lab units; scaling is its own affair.

    Subclasses are built from one `Config`, a frozen dataclass of scalars, and assign themselves to the module's
    `ARCHITECTURE`. The first line of a subclass's docstring is what the page says about it.
    """

    @dataclass(frozen=True)
    class Config:
        pass

    name: ClassVar[str]
    family: ClassVar[str]
    """"ours", "projects" (the student and research projects) or "papers"."""
    stride: ClassVar[int]
    """Sides of the input must be multiples of this."""
    working_size: ClassVar[int]
    """Side of the square whose area the input has by default, in pixels; a checkpoint may say otherwise."""
    takes_hints: ClassVar[bool] = False
    has_distribution: ClassVar[bool] = False
    """Whether predictions are logits over ab bins, so that temperature, vividness and entropy make sense."""
    encoder_prefix: ClassVar[str] = ""
    """Attribute that holds the part a pretrained file can fill; "" where there is none."""

    def __init__(self, config: Any):
        super().__init__()
        self.config = config

    def forward(self, L: Tensor, hints: Tensor | None = None) -> Tensor:
        """L (B, 1, H, W) in [0, 100]; hints (B, 3, H, W) = a, b, mask -> a prediction in the network's own terms."""
        raise NotImplementedError

    def loss(self, prediction: Tensor, L: Tensor, ab: Tensor) -> Tensor:
        """What training minimises: a scalar, the mean over pictures. ab (B, 2, H, W), Lab units."""
        raise NotImplementedError

    def to_ab(self, prediction: Tensor, L: Tensor, **readout: Any) -> Tensor:
        """(B, 2, h, w) in Lab units; h, w may be smaller than the input's. Unknown readouts are ignored."""
        raise NotImplementedError

    def observe(self, ab: Tensor) -> None:
        """Called with every training batch's ab, for statistics that no gradient learns; most need none."""

    def load_encoder(self, tensors: Mapping[str, Tensor]) -> None:
        """Start from an ImageNet classifier's weights, under torchvision's names; ValueError if they don't fit."""
        raise ValueError(f"{self.name} has no encoder that pretrained weights could fill; leave --encoder out")

    @property
    def parameter_count(self) -> int:
        """Trainable parameters."""
        return sum(p.numel() for p in self.parameters() if p.requires_grad)

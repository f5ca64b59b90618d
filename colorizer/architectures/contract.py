"""The contract that every architecture keeps, and the parts of it that families share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..colour import bins
from ..colour.lab import lab_to_rgb, rgb_to_lab
from . import losses


class Architecture(nn.Module):
    """A network from lightness to colour. Outside of it every number is in Lab units; scaling is its own affair.

    Subclasses are built from one `Config`, a frozen dataclass of scalars, and assign themselves to the module's
    `ARCHITECTURE`. The first paragraph of a subclass's docstring, two sentences, is what the page says about it.
    """

    @dataclass(frozen=True)
    class Config:
        pass

    name: ClassVar[str]
    family: ClassVar[str]
    """"ours", "projects" (the student and research projects) or "papers"."""
    stride: ClassVar[int]
    """Sides of the input must be multiples of this."""
    working_size: int
    """Side of the square whose area the input has by default, in pixels; a checkpoint may say otherwise."""
    fixed_size: bool = False
    """Whether the input must be a square of exactly `working_size`; photographs are stretched to it."""
    centres: Tensor
    """Where there is a distribution: its bins, (Q, 2) in Lab units."""
    observed: ClassVar[tuple[str, ...]] = ()
    """Buffers that `observe` changes, each by something linear in a batch's statistics."""
    losses: ClassVar[tuple[str, ...]] = ()
    """Names that `loss` takes; the first is its default."""
    takes_hints: ClassVar[bool] = False
    has_distribution: ClassVar[bool] = False
    """Whether predictions are logits over ab bins, so that temperature, vividness and entropy make sense."""
    predicts_rgb: ClassVar[bool] = False
    """Whether the network answers in RGB, which `to_rgb` gives; `to_ab` takes its colours alone."""
    classifies: ClassVar[bool] = False
    """Whether it also says what the picture shows; `config.classes` is how many classes it knows."""
    encoder_prefix: ClassVar[str] = ""
    """Attribute that holds the part a pretrained file can fill; "" where there is none."""
    hint_prefix: ClassVar[str] = ""
    """Attribute that tells the encoder of hints, which rests when the encoder does; "" where there is none."""
    encoder_name: str = ""
    """What torchvision calls the network whose pretrained weights fit; "" where there are none."""
    needs_encoder: bool = False
    """Whether that part is frozen, so that training without pretrained weights would make it noise."""

    def __init__(self, config: Any):
        super().__init__()
        self.config = config

    def forward(self, L: Tensor, hints: Tensor | None = None) -> Any:
        """L (B, 1, H, W) in [0, 100]; hints (B, 3, H, W) = a, b, mask -> a prediction in the network's own terms:
        a tensor, or a NamedTuple of tensors where it answers more than one question."""
        raise NotImplementedError

    def loss(self, prediction: Any, L: Tensor, ab: Tensor, kind: str = "") -> Tensor:
        """What training minimises: a scalar, the mean over pictures. ab (B, 2, H, W), Lab units; kind: one of
        `losses`."""
        raise NotImplementedError

    def to_ab(self, prediction: Any, L: Tensor, **readout: Any) -> Tensor:
        """(B, 2, h, w) in Lab units; h, w may be smaller than the input's. Unknown readouts are ignored."""
        raise NotImplementedError

    def logits(self, prediction: Any) -> Tensor:
        """(B, Q, h, w), float32, where `has_distribution`: how likely each bin is at each place."""
        raise NotImplementedError

    def to_rgb(self, prediction: Any) -> Tensor:
        """(B, 3, h, w) in [0, 1], where `predicts_rgb`: the network's own picture, lightness and all."""
        raise NotImplementedError

    def to_classes(self, prediction: Any) -> Tensor:
        """(B, classes) probabilities, where `classifies`."""
        return prediction.classes.float().softmax(dim=1)

    def class_loss(self, prediction: Any, labels: Tensor) -> Tensor:
        """Cross-entropy of the classes, where `classifies`: the mean over the batch; labels int64 (B,), -1 where
        unknown, which counts 0."""
        known = labels >= 0
        total = F.cross_entropy(prediction.classes.float(), labels.clamp(min=0), reduction="none")
        return (total * known).mean()

    def observe(self, ab: Tensor) -> None:
        """Called with every training batch's ab, for statistics that no gradient learns; most need none."""

    def load_encoder(self, tensors: Mapping[str, Tensor]) -> None:
        """Start from an ImageNet classifier's weights, under torchvision's names; ValueError if they don't fit."""
        raise ValueError(f"{self.name} has no encoder that pretrained weights could fill; leave --encoder out")

    @property
    def parameter_count(self) -> int:
        """Trainable parameters."""
        return sum(p.numel() for p in self.parameters() if p.requires_grad)


class AbRegression(Architecture):
    """Predicts one ab per pixel, as ab / `ab_scale`."""

    losses = losses.REGRESSION
    ab_scale: ClassVar[float] = 128.0

    def loss(self, prediction: Any, L: Tensor, ab: Tensor, kind: str = "") -> Tensor:
        """A regression loss in units of ab / `ab_scale`; mean squared error by default."""
        return losses.regression(kind or self.losses[0], prediction, ab / self.ab_scale)

    def to_ab(self, prediction: Any, L: Tensor, **readout: Any) -> Tensor:
        """No readouts: the network gives one answer."""
        return prediction * self.ab_scale


class BinDistribution(Architecture):
    """Predicts how likely every bin is, as logits (B, Q, h, w) at `scale` times fewer pixels than the input's.

    Subclasses call `make_bins` once in their constructor.
    """

    has_distribution = True
    observed = ("prior",)
    losses = ("cross-entropy", "rebalanced")
    scale: ClassVar[int] = 4
    prior: Tensor

    def make_bins(self, centres: Tensor) -> None:
        """Keep the bins (Q, 2), Lab units, and their prior, uniform until `observe` has seen colours."""
        self.register_buffer("centres", centres.clone())
        self.register_buffer("prior", torch.full((len(centres),), 1 / len(centres)))

    def logits(self, prediction: Any) -> Tensor:
        """(B, Q, h, w), float32."""
        return prediction.float()

    def loss(self, prediction: Any, L: Tensor, ab: Tensor, kind: str = "") -> Tensor:
        """Soft-encoded cross-entropy, in nats per pixel; not "rebalanced" unless asked, so that p stays calibrated."""
        importance = bins.rebalancing(self.prior) if kind == "rebalanced" else None
        return bins.cross_entropy(self.logits(prediction), bins.smooth(ab, self.scale), self.centres, importance)

    def to_ab(self, prediction: Any, L: Tensor, **readout: Any) -> Tensor:
        """Readouts: temperature (default 1, the mean), vividness (0), histogram (Q,) with its strength (none)."""
        return bins.read(self.logits(prediction), self.centres, self.prior, **readout)

    def observe(self, ab: Tensor) -> None:
        """Keep the prior, a running mean of how often each bin occurs."""
        seen = bins.encode_prior(bins.smooth(ab, self.scale), self.centres)
        self.prior.lerp_(seen.to(self.prior), 0.01)


class RgbRegression(Architecture):
    """Predicts RGB in [0, 1]; its colours are used with the photograph's own lightness."""

    losses = losses.REGRESSION
    predicts_rgb = True

    def loss(self, prediction: Any, L: Tensor, ab: Tensor, kind: str = "") -> Tensor:
        """A regression loss in RGB, channels in [0, 1]; mean squared error by default."""
        return losses.regression(kind or self.losses[0], prediction, lab_to_rgb(torch.cat((L, ab), dim=1)).clamp(0, 1))

    def to_ab(self, prediction: Any, L: Tensor, **readout: Any) -> Tensor:
        """ab of the predicted RGB; its lightness is left behind."""
        return rgb_to_lab(prediction.float())[:, 1:]

    def to_rgb(self, prediction: Any) -> Tensor:
        """(B, 3, h, w) in [0, 1], as predicted."""
        return prediction.float()


class WithClasses(NamedTuple):
    """A prediction of colours and of what the picture shows: `classes` are logits (B, classes)."""

    ab: Tensor
    classes: Tensor

"""The interface that every architecture implements, and base classes for families."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..colour import bins
from ..colour.lab import lab_to_rgb, rgb_to_lab
from .layers import REGRESSION, regression


class Architecture(nn.Module):
    """A network from lightness to colour. Its inputs and outputs are in Lab units; it does any scaling itself.

    A subclass is built from one `Config`, a frozen dataclass of scalars, and its module sets `ARCHITECTURE` to it.
    The page shows the first paragraph of its docstring, two sentences.
    """

    @dataclass(frozen=True)
    class Config:
        pass

    name: ClassVar[str]
    family: ClassVar[str]
    """"ours", "projects" (the student and research projects) or "papers"."""
    origin: ClassVar[str] = ""
    """Author and year of the paper or project, such as "Zhang et al. 2016"; "" if it is ours."""
    stride: ClassVar[int]
    """The input's sides must be multiples of this."""
    working_size: int
    """In pixels; the input has by default the area of a square with this side. A checkpoint may override it."""
    fixed_size: bool = False
    """Whether the input must be a square of exactly `working_size`; photographs are stretched to it."""
    centres: Tensor
    """If there is a distribution: its bins, (Q, 2) in Lab units."""
    observed: ClassVar[tuple[str, ...]] = ()
    """Buffers that `observe` updates; each update is linear in the batch's statistics."""
    losses: ClassVar[tuple[str, ...]] = ()
    """Names that `loss` accepts; the first is its default."""
    takes_hints: ClassVar[bool] = False
    has_distribution: ClassVar[bool] = False
    """Whether predictions are logits over ab bins, so that temperature, vividness and entropy make sense."""
    predicts_rgb: ClassVar[bool] = False
    """Whether the network predicts RGB, which `to_rgb` returns; `to_ab` returns only its colours."""
    classifies: ClassVar[bool] = False
    """Whether it also classifies the picture; `config.classes` is the number of classes."""
    encoder_prefix: ClassVar[str] = ""
    """Attribute that holds the part that a pretrained file can fill; "" if there is none."""
    hint_prefix: ClassVar[str] = ""
    """Attribute that tells the encoder about hints, and rests when the encoder does; "" if there is none."""
    finish_prefix: ClassVar[str] = ""
    """Attribute that a finish trains, and that starts as `begin_finish` says; "" if it trains the whole network."""
    has_finish: bool = False
    """Whether `to_ab` takes `finish`, the share of colours that learned to look true."""
    encoder_name: str = ""
    """torchvision's name for the network whose pretrained weights fit; "" if there is none."""
    needs_encoder: bool = False
    """Whether that part is frozen, so that without pretrained weights it would stay noise."""

    def __init__(self, config: Any):
        super().__init__()
        self.config = config

    def train(self, mode: bool = True) -> Architecture:
        """A frozen encoder never leaves evaluation mode."""
        super().train(mode)
        if self.needs_encoder:
            self.get_submodule(self.encoder_prefix).eval()
        return self

    def forward(self, L: Tensor, hints: Tensor | None = None) -> Any:
        """L (B, 1, H, W) in [0, 100]; hints (B, 3, H, W) = a, b, mask -> a prediction in the network's own terms:
        a tensor, or a NamedTuple of tensors if it predicts several things."""
        raise NotImplementedError

    def loss(self, prediction: Any, L: Tensor, ab: Tensor, kind: str = "") -> Tensor:
        """The training loss: a scalar, the mean over pictures. ab (B, 2, H, W), Lab units; kind: one of
        `losses`."""
        raise NotImplementedError

    def ready(self, prediction: Any, finish: float = 0.0) -> None:
        """Compute what a readout with such a `finish` needs of a prediction that was put off, so that it can be timed
        with the network's pass."""

    def to_ab(self, prediction: Any, L: Tensor, **readout: Any) -> Tensor:
        """(B, 2, h, w) in Lab units; h, w may be smaller than the input's. Ignores unknown readouts."""
        raise NotImplementedError

    def estimates(self, prediction: Any, finish: float = 0.0) -> list[Tensor]:
        """A prediction's numbers for colours before `to_ab` with such a `finish` decides, (B, C, h, w) each: the frames
        of a film average these."""
        parts = [prediction] if isinstance(prediction, Tensor) else prediction
        return [each for each in parts if each.dim() == 4]

    def with_estimates(self, prediction: Any, estimates: Sequence[Tensor], finish: float = 0.0) -> Any:
        """The same prediction with other `estimates`."""
        if isinstance(prediction, Tensor):
            return estimates[0]
        rest = iter(estimates)
        return type(prediction)(*(next(rest) if each.dim() == 4 else each for each in prediction))

    def logits(self, prediction: Any) -> Tensor:
        """(B, Q, h, w), float32, if `has_distribution`: logits of the bins at each pixel."""
        raise NotImplementedError

    def evidence(self, prediction: Any, finish: float = 0.0) -> tuple[Tensor, ...]:
        """The network's features of places, (B, C, h, w) at several resolutions, the finest first, which tell things
        apart (`inference.region`): those that `to_ab` with such a `finish` is made of. None where it has none."""
        return ()

    def sharpened(self, prediction: Any, maps: Tensor) -> Tensor:
        """Maps (1, K, h, w) at the resolution of the finest `evidence`, brought to the colours' own as colours are;
        unchanged where these are at the same."""
        return maps

    def to_rgb(self, prediction: Any) -> Tensor:
        """(B, 3, h, w) in [0, 1], if `predicts_rgb`: the network's own picture, including lightness."""
        raise NotImplementedError

    def to_classes(self, prediction: Any) -> Tensor:
        """(B, classes) probabilities, if `classifies`."""
        return prediction.classes.float().softmax(dim=1)

    def class_loss(self, prediction: Any, labels: Tensor) -> Tensor:
        """Cross-entropy of the classes, if `classifies`: the mean over the batch; labels int64 (B,), -1 if unknown,
        which counts 0."""
        known = labels >= 0
        total = F.cross_entropy(prediction.classes.float(), labels.clamp(min=0), reduction="none")
        return (total * known).mean()

    def observe(self, ab: Tensor) -> None:
        """Called with every training batch's ab, for statistics not learnt by gradient; most networks need none."""

    def settle(self) -> None:
        """Compute once what follows from weights alone. Called on a copy for inference, whose weights no longer change;
        most networks need nothing."""

    def begin_finish(self) -> None:
        """Give the part at `finish_prefix` its first weights, from the rest of the network."""

    def load_encoder(self, tensors: Mapping[str, Tensor]) -> None:
        """Load an ImageNet classifier's weights, with torchvision's names; ValueError if they do not fit."""
        raise ValueError(f"{self.name} has no encoder that pretrained weights could fill; leave --encoder out")

    @property
    def parameter_count(self) -> int:
        """Number of trainable parameters."""
        return sum(p.numel() for p in self.parameters() if p.requires_grad)


class AbRegression(Architecture):
    """Predicts one ab per pixel, as ab / `ab_scale`, perhaps beside the picture's class (`WithClasses`)."""

    losses = REGRESSION
    ab_scale: ClassVar[float] = 128.0

    def loss(self, prediction: Any, L: Tensor, ab: Tensor, kind: str = "") -> Tensor:
        """A regression loss in units of ab / `ab_scale`; mean squared error by default."""
        return regression(kind or self.losses[0], getattr(prediction, "ab", prediction), ab / self.ab_scale)

    def to_ab(self, prediction: Any, L: Tensor, **readout: Any) -> Tensor:
        """Takes no readouts: the network gives one answer."""
        return getattr(prediction, "ab", prediction) * self.ab_scale


class BinDistribution(Architecture):
    """Predicts how likely every bin is, as logits (B, Q, h, w), with sides `scale` times smaller than the input's.

    Subclasses call `make_bins` once in their constructor.
    """

    has_distribution = True
    observed = ("prior",)
    losses = ("cross-entropy", "rebalanced")
    scale: ClassVar[int] = 4
    prior: Tensor

    def make_bins(self, centres: Tensor) -> None:
        """Register the bins (Q, 2), Lab units, and their prior, which is uniform until `observe` has seen colours."""
        self.register_buffer("centres", centres.clone())
        self.register_buffer("prior", torch.full((len(centres),), 1 / len(centres)))

    def logits(self, prediction: Any) -> Tensor:
        """(B, Q, h, w), float32."""
        return prediction.float()

    def loss(self, prediction: Any, L: Tensor, ab: Tensor, kind: str = "") -> Tensor:
        """Soft-encoded cross-entropy, in nats per pixel; "rebalanced" only on request, so that p stays calibrated."""
        importance = bins.rebalancing(self.prior) if kind == "rebalanced" else None
        return bins.cross_entropy(self.logits(prediction), bins.smooth(ab, self.scale), self.centres, importance)

    def to_ab(self, prediction: Any, L: Tensor, **readout: Any) -> Tensor:
        """Readouts: temperature (default 1, the mean), vividness (0), histogram (Q,) and its strength (none)."""
        return bins.read(self.logits(prediction), self.centres, self.prior, **readout)

    def observe(self, ab: Tensor) -> None:
        """Update the prior, a running mean of how often each bin occurs."""
        seen = bins.encode_prior(bins.smooth(ab, self.scale), self.centres)
        self.prior.lerp_(seen.to(self.prior), 0.01)


class RgbRegression(Architecture):
    """Predicts RGB in [0, 1]; its colours are used with the photograph's own lightness."""

    losses = REGRESSION
    predicts_rgb = True

    def loss(self, prediction: Any, L: Tensor, ab: Tensor, kind: str = "") -> Tensor:
        """A regression loss in RGB, channels in [0, 1]; mean squared error by default."""
        return regression(kind or self.losses[0], prediction, lab_to_rgb(torch.cat((L, ab), dim=1)).clamp(0, 1))

    def to_ab(self, prediction: Any, L: Tensor, **readout: Any) -> Tensor:
        """ab of the predicted RGB, without its lightness."""
        return rgb_to_lab(prediction.float())[:, 1:]

    def to_rgb(self, prediction: Any) -> Tensor:
        """(B, 3, h, w) in [0, 1], as predicted."""
        return prediction.float()


class WithClasses(NamedTuple):
    """A prediction of colours and of the picture's class: `classes` are logits (B, classes)."""

    ab: Tensor
    classes: Tensor

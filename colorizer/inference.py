"""A photograph and a checkpoint in, a coloured photograph out."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from . import bins
from .architectures._base import Architecture
from .checkpoint import WEIGHTS, Card, find_checkpoint, load_checkpoint
from .hints import Hint, rasterize
from .lab import join, lightness, rgb_to_lab, upsample_ab

MAX_ASPECT = 4.0
"""A network never sees a picture longer than this times its width; more extreme photographs are squeezed."""


class Seconds(NamedTuple):
    """How long a colorization took: the network alone, and everything up to its colours."""

    network: float
    total: float


@dataclass(frozen=True)
class Colorization:
    """A photograph with predicted colours. Pictures are made when asked for; asking again costs nothing.

    `prediction` and `L` are the network's output and input; other readouts are made from them without running the
    network again.
    """

    original: Image.Image
    """PIL "RGB", the photograph as it was given."""
    architecture: Architecture
    prediction: Any
    L: Tensor
    readout: Mapping[str, Any]
    """What the distribution is asked, as `Architecture.to_ab` takes it; empty for architectures without one."""
    saturation: float
    seconds: Seconds
    class_names: tuple[str, ...] = ()
    """What the classes of a classifying architecture are called."""

    @cached_property
    def low_ab(self) -> Tensor:
        """What the network says, at its own resolution: float32 (2, h, w), Lab units, saturation included."""
        with torch.inference_mode():
            ab = self.architecture.to_ab(self.prediction, self.L, **self.readout)
        return (ab[0].float() * self.saturation).cpu()

    @cached_property
    def image(self) -> Image.Image:
        """PIL "RGB", the size of the photo; lightness is the photo's own."""
        return Image.fromarray(join(np.asarray(self.original), self.low_ab))

    @cached_property
    def grayscale(self) -> Image.Image:
        """PIL "L": a gray of each pixel's own lightness."""
        gray = join(np.asarray(self.original), torch.zeros(2, 1, 1))
        return Image.fromarray(np.ascontiguousarray(gray[..., 1]))

    @property
    def ab(self) -> np.ndarray:
        """float32 (H, W, 2), Lab units, before chroma is compressed into what sRGB can show."""
        width, height = self.original.size
        return upsample_ab(self.low_ab, (height, width)).permute(1, 2, 0).numpy()

    @cached_property
    def entropy(self) -> np.ndarray | None:
        """How undecided the network is: float32 (h, w) in [0, 1]; None for architectures without a distribution."""
        if not self.architecture.has_distribution:
            return None
        return bins.entropy(self.prediction.float())[0].cpu().numpy()

    @cached_property
    def raw(self) -> Image.Image | None:
        """What an RGB architecture itself painted, lightness and all, at the photo's size; None for others."""
        if not self.architecture.predicts_rgb:
            return None
        with torch.inference_mode():
            rgb = self.architecture.to_rgb(self.prediction)[0].clamp(0, 1).cpu()
        painted = Image.fromarray((rgb.permute(1, 2, 0) * 255).round().to(torch.uint8).numpy())
        return painted.resize(self.original.size, Image.Resampling.BICUBIC)

    @cached_property
    def classes(self) -> list[tuple[str, float]] | None:
        """What the picture shows, as (name, probability), likeliest first; None where the architecture or its
        checkpoint does not say."""
        if not (self.architecture.classifies and self.class_names):
            return None
        with torch.inference_mode():
            p = self.architecture.to_classes(self.prediction)[0].tolist()
        return sorted(zip(self.class_names, p, strict=True), key=lambda pair: -pair[1])

    def with_saturation(self, saturation: float) -> Colorization:
        """The same colours, chroma times `saturation` (0 is gray); the network does not run again."""
        return replace(self, saturation=_checked("saturation", saturation, 0.0))

    def with_readout(self, **changes: Any) -> Colorization:
        """Another reading of the same distribution: temperature, vividness, reference, palette, strength as
        `Colorizer.colorize` takes them; what is not named stays. The network does not run again."""
        return replace(self, readout={**self.readout, **make_readout(self.architecture, **changes)})

    def at_size(self, photo: Image.Image) -> Colorization:
        """The same colours on another rendition of the photograph, such as a preview; the network does not run."""
        return replace(self, original=photo.convert("RGB"))


class Colorizer:
    """Weights and nothing else: one instance serves every caller at once."""

    def __init__(self, architecture: Architecture, *, card: Card | None = None, device: str = "cpu"):
        self.device = _device(device)
        self.architecture = architecture.eval().to(self.device)
        self.card = card or Card(name=architecture.name, path=Path(), architecture=architecture.name)
        self.name = self.card.name
        self.working_size = self.card.working_size or architecture.working_size

    @classmethod
    def from_checkpoint(cls, name: str | Path, device: str = "auto", folder: str | Path = WEIGHTS) -> Colorizer:
        """A name in `folder`, or a path to a .safetensors file. device: "auto", "cpu", "cuda", "mps".

        Raises CheckpointError.
        """
        network, card = load_checkpoint(find_checkpoint(name, folder))
        return cls(network, card=card, device=device)

    def colorize(
        self,
        photo: Image.Image,
        hints: Sequence[Hint] = (),
        *,
        size: tuple[int, int] | None = None,
        temperature: float | None = None,
        vividness: float = 0.0,
        reference: Image.Image | None = None,
        palette: Sequence[tuple[float, float]] = (),
        strength: float = 1.0,
        saturation: float = 1.0,
    ) -> Colorization:
        """Colour one photograph.

        photo: PIL image, turned into "RGB"; only its lightness is looked at. hints: points in pixels of `photo`.
        size: (H, W) the network is fed at, rounded to its stride; None is the checkpoint's own working size at the
        photo's aspect ratio. temperature: above 0; 1 is the mean, lower is clearer, None the checkpoint's own.
        vividness: 0 or more, prefers rare colours. reference: a picture whose colours to prefer; palette: colours
        (a, b) to prefer; strength: how much, 0 or more. saturation: factor on chroma, 0 or more.

        Raises ValueError for settings outside of these ranges, for a reference and a palette at once, and for
        settings that the architecture cannot answer.
        """
        start = time.perf_counter()
        photo = photo.convert("RGB")
        wishes: dict[str, Any] = {"vividness": vividness, "reference": reference, "palette": palette}
        if temperature is not None:
            wishes["temperature"] = temperature
        own = {"temperature": self.card.temperature} if self.architecture.has_distribution else {}
        readout = {**own, **make_readout(self.architecture, **wishes, strength=strength)}
        _checked("saturation", saturation, 0.0)
        if hints and not self.architecture.takes_hints:
            raise ValueError(f"{self.architecture.name} takes no colour hints; choose an architecture that does")
        prediction, L, network = self._predict(photo, hints, size or self.fitting_size(photo.size))
        seconds = Seconds(network, time.perf_counter() - start)
        return Colorization(photo, self.architecture, prediction, L, readout, saturation, seconds, self.card.classes)

    def fitting_size(self, photo_size: tuple[int, int]) -> tuple[int, int]:
        """(H, W) of the network's input for a photo of `photo_size` = (width, height): the working size's area."""
        if self.architecture.fixed_size:
            return self.architecture.working_size, self.architecture.working_size
        width, height = photo_size
        aspect = min(max(width / height, 1 / MAX_ASPECT), MAX_ASPECT) ** 0.5
        return round(self.working_size / aspect), round(self.working_size * aspect)

    def suggest(self, photo: Image.Image, x: float, y: float, count: int = 5) -> list[tuple[float, float]]:
        """The likeliest colours (a, b) at a point, most likely first; raises ValueError without a distribution."""
        if not self.architecture.has_distribution:
            raise ValueError(f"{self.architecture.name} predicts one colour only and cannot suggest others")
        photo = photo.convert("RGB")
        prediction, _, _ = self._predict(photo, (), self.fitting_size(photo.size))
        row = min(int(y * prediction.shape[2] / photo.height), prediction.shape[2] - 1)
        column = min(int(x * prediction.shape[3] / photo.width), prediction.shape[3] - 1)
        return self._modes(prediction, row, column, count)

    def alternatives(self, photo: Image.Image, count: int = 4) -> list[Colorization]:
        """Other plausible versions, likeliest first: each of the top colours at the most uncertain place is given as
        a hint and the network asked again, so that a version is coherent. Raises ValueError without a distribution
        or hints."""
        if not (self.architecture.has_distribution and self.architecture.takes_hints):
            raise ValueError(f"{self.architecture.name} predicts one version only and has no alternatives")
        automatic = self.colorize(photo)
        assert automatic.entropy is not None
        height, width = automatic.entropy.shape
        row, column = divmod(int(automatic.entropy.argmax()), width)
        x, y = (column + 0.5) / width * photo.width, (row + 0.5) / height * photo.height
        return [self.colorize(photo, [Hint(x, y, ab)]) for ab in self._modes(automatic.prediction, row, column, count)]

    def _modes(self, prediction: Tensor, row: int, column: int, count: int) -> list[tuple[float, float]]:
        p = prediction[0, :, row, column].float().softmax(dim=0).cpu()
        return bins.top_modes(p, self.architecture.centres.cpu(), count)

    @torch.inference_mode()
    def _predict(self, photo: Image.Image, hints: Sequence[Hint], size: tuple[int, int]) -> tuple[Any, Tensor, float]:
        stride = self.architecture.stride
        if self.architecture.fixed_size and tuple(size) != self.fitting_size(photo.size):
            raise ValueError(
                f"{self.architecture.name} takes pictures of {self.working_size} x {self.working_size} only"
            )
        height, width = (max(stride, round(side / stride) * stride) for side in size)
        L = lightness(np.asarray(photo))[None, None]
        L = F.interpolate(L, (height, width), mode="bilinear", antialias=True, align_corners=False)
        L = L.to(self.device)
        planes = rasterize(hints, (photo.height, photo.width), (height, width)).to(self.device) if hints else None
        start = time.perf_counter()
        prediction = self.architecture(L, planes)
        return prediction, L, time.perf_counter() - start


def make_readout(
    architecture: Architecture,
    *,
    temperature: float | None = None,
    vividness: float | None = None,
    reference: Image.Image | None = None,
    palette: Sequence[tuple[float, float]] = (),
    strength: float | None = None,
) -> dict[str, Any]:
    """What a person asks for, checked, as `Architecture.to_ab` takes it; holds only what was named."""
    asked = temperature is not None or vividness or reference is not None or len(palette)
    if not architecture.has_distribution:
        if asked:
            raise ValueError(
                f"{architecture.name} predicts one colour only; it has no temperature, vividness, reference, palette"
            )
        return {}
    readout: dict[str, Any] = {}
    if temperature is not None:
        if not temperature > 0:
            raise ValueError(f"temperature must be above 0, not {temperature}")
        readout["temperature"] = temperature
    if vividness is not None:
        readout["vividness"] = _checked("vividness", vividness, 0.0)
    if strength is not None:
        readout["strength"] = _checked("strength", strength, 0.0)
    if reference is not None and len(palette):
        raise ValueError("give a reference or a palette, not both")
    centres = architecture.centres
    if reference is not None:
        small = np.asarray(reference.convert("RGB").resize((64, 64), Image.Resampling.BOX), np.float32) / 255
        ab = rgb_to_lab(torch.from_numpy(small).permute(2, 0, 1))[None, 1:]
        readout["histogram"] = bins.encode_prior(ab, centres)
    elif len(palette):
        readout["histogram"] = bins.palette_histogram(palette, centres)
    return readout


def _checked(name: str, value: float, lowest: float) -> float:
    if not value >= lowest:
        raise ValueError(f"{name} must be {lowest:g} or more, not {value}")
    return value


def _device(name: str) -> torch.device:
    if name != "auto":
        return torch.device(name)
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")

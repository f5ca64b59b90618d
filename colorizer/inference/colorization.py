"""A network's prediction for a photograph, and what can be computed from it without running the network again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from ..architectures.contract import Architecture
from ..colour import bins
from ..colour.lab import upsample_ab
from ..colour.readout import Readout
from ..colour.whole_photo import grayscale, join
from ..errors import UserError
from ..runtime.threads import steady
from .hints import Hint, honour
from .reach import paint
from .region import Regions


class Seconds(NamedTuple):
    """How long a colorization took: the network alone, and everything up to its colours."""

    network: float
    total: float


@dataclass(frozen=True)
class Colorization:
    """A photograph with predicted colours. Pictures are computed on first access and cached.

    `prediction` and `L` are the network's output and input; other readouts are computed from them without running the
    network again.
    """

    original: Image.Image
    """PIL "RGB", the photograph as it was given."""
    architecture: Architecture
    prediction: Any
    L: Tensor
    readout: Readout
    """The readout of the prediction; its temperature is a number if there is a distribution."""
    seconds: Seconds
    class_names: tuple[str, ...] = ()
    """Class names of a classifying architecture."""
    hints: tuple[Hint, ...] = ()
    """The colour hints given to the network."""
    own_temperature: float = 1.0
    """The temperature at which the checkpoint measured best; used when the readout's temperature is None."""
    automatic: Any = None
    """What the network says without hints; None where that is `prediction`."""
    shares: tuple[float, ...] = ()
    """How far each hint is a clue for the whole picture, in [0, 1]; the rest of it is about one thing (`reach`)."""

    @cached_property
    def low_ab(self) -> Tensor:
        """The colours at the network's own resolution: float32 (2, h, w), Lab units, including saturation."""
        with steady(), torch.inference_mode():
            asked = self.readout.questions(self.architecture.centres) if self.architecture.has_distribution else {}
            ab = self.architecture.to_ab(self.prediction, self.L, **asked)[0].float().cpu()
            if self.hints:
                photo_size = (self.original.height, self.original.width)
                ab = paint(ab, self._regions, self.hints, self.shares, photo_size, self._sharpened)
                L = F.interpolate(self.L.cpu(), ab.shape[1:], mode="bilinear", antialias=True, align_corners=False)
                ab = honour(ab, L[0, 0], self.hints, photo_size)
        return self.readout.finish(ab)

    @cached_property
    def image(self) -> Image.Image:
        """PIL "RGB", the size of the photo, with the photo's own lightness."""
        return Image.fromarray(join(self.original, self.low_ab))

    @cached_property
    def grayscale(self) -> Image.Image:
        """PIL "L": the gray with each pixel's own lightness."""
        return Image.fromarray(grayscale(self.original))

    @property
    def ab(self) -> np.ndarray:
        """float32 (H, W, 2), Lab units, before chroma is compressed into what sRGB can show."""
        width, height = self.original.size
        return upsample_ab(self.low_ab, (height, width)).permute(1, 2, 0).numpy()

    @cached_property
    def entropy(self) -> np.ndarray | None:
        """How uncertain the network is: float32 (h, w) in [0, 1]; None for architectures without a distribution."""
        if not self.architecture.has_distribution:
            return None
        with steady():
            return bins.entropy(self.architecture.logits(self.prediction))[0].cpu().numpy()

    @cached_property
    def raw(self) -> Image.Image | None:
        """An RGB architecture's own picture, with its lightness, at the photo's size; None for other architectures."""
        if not self.architecture.predicts_rgb:
            return None
        with steady(), torch.inference_mode():
            rgb = self.architecture.to_rgb(self.prediction)[0].clamp(0, 1).cpu()
        painted = Image.fromarray((rgb.permute(1, 2, 0) * 255).round().to(torch.uint8).numpy())
        return painted.resize(self.original.size, Image.Resampling.BICUBIC)

    @cached_property
    def classes(self) -> list[tuple[str, float]] | None:
        """What the picture shows, as (name, probability), likeliest first; None if the architecture does not classify
        or its checkpoint has no class names."""
        if not (self.architecture.classifies and self.class_names):
            return None
        with steady(), torch.inference_mode():
            p = self.architecture.to_classes(self.prediction)[0].tolist()
        return sorted(zip(self.class_names, p, strict=True), key=lambda pair: -pair[1])

    @property
    def saturation(self) -> float:
        """Factor on chroma."""
        return self.readout.saturation

    def with_saturation(self, saturation: float) -> Colorization:
        """The same colours, chroma times `saturation` (0 is gray); the network does not run again."""
        return self.with_readout(saturation=saturation)

    def with_readout(self, readout: Readout | None = None, /, **changes: Any) -> Colorization:
        """The same prediction with another readout, or with new values for fields of the current one, such as
        temperature=0.6 or **preset("vivid"). The network does not run again. Raises ValueError as `Colorizer.colorize`
        does."""
        asked = (readout or self.readout).changed(**changes)
        return replace(self, readout=settle(asked, self.architecture, self.own_temperature))

    def suggest(self, x: float, y: float, count: int = 5) -> list[tuple[float, float]]:
        """The likeliest colours (a, b) at a point of `original`, in pixels, most likely first. The network does not run
        again. Raises ValueError if there is no distribution."""
        return self._modes(*self._predicted_at(x, y), count)

    def probability(self, x: float, y: float, ab: tuple[float, float]) -> float:
        """Probability in [0, 1] of the bin nearest to `ab` at a point of `original`, in pixels; all bins add up to 1.
        Raises ValueError if there is no distribution."""
        row, column = self._predicted_at(x, y)
        with steady(), torch.inference_mode():
            p = self.architecture.logits(self.prediction)[0, :, row, column].softmax(dim=0)
            distance = (self.architecture.centres - torch.tensor(ab).to(p)).square().sum(dim=1)
            return float(p[distance.argmin()])

    def most_uncertain(self, around: int = 5) -> tuple[float, float]:
        """The point (x, y) of `original`, in pixels, where the colour is least certain: the centre of the square of
        `around` predicted pixels with the highest mean entropy. Raises ValueError if there is no distribution."""
        if self.entropy is None:
            raise UserError.of("no_doubt", architecture=self.architecture.name)
        doubt = torch.from_numpy(self.entropy)[None]
        side = min(around, *doubt.shape[1:])
        row, column = divmod(int(F.avg_pool2d(doubt, side, 1).argmax()), doubt.shape[2] - side + 1)
        x, y = ((column + side / 2) / doubt.shape[2], (row + side / 2) / doubt.shape[1])
        return x * self.original.width, y * self.original.height

    def alternative_hints(self, count: int = 4) -> list[Hint]:
        """Hints that lead to other plausible versions, likeliest first: each of the top colours at the most uncertain
        point. Raises ValueError if there is no distribution."""
        x, y = self.most_uncertain()
        return [Hint(x, y, ab) for ab in self.suggest(x, y, count)]

    def region(self, x: float, y: float) -> np.ndarray:
        """What a hint at a point of `original`, in pixels, colours if it is about one thing: float32 (h, w) in [0, 1]
        over the whole picture, at the resolution of `low_ab`. Points outside are taken to its edge.

        The network does not run again; after the first region of a photograph, others are found in milliseconds.
        """
        height, width = self._regions.size
        row, column = int(y * height / self.original.height), int(x * width / self.original.width)
        with steady(), torch.inference_mode():
            mask, _ = self._regions.at([(min(max(row, 0), height - 1), min(max(column, 0), width - 1))])
            return self._sharpened(torch.from_numpy(mask)[None, None])[0, 0].clamp(0, 1).numpy()

    @property
    def _unhinted(self) -> Any:
        return self.prediction if self.automatic is None else self.automatic

    @cached_property
    def _regions(self) -> Regions:
        return Regions(self.L[0, 0], [seen[0] for seen in self.architecture.evidence(self._unhinted)])

    def _sharpened(self, maps: Tensor) -> Tensor:
        """Maps (1, K, h, w) on the grid of regions, at the resolution of the network's colours, on the CPU."""
        return self.architecture.sharpened(self._unhinted, maps.to(self.L.device)).cpu()

    def _predicted_at(self, x: float, y: float) -> tuple[int, int]:
        """Row and column in the distribution of a point of `original`; points outside are moved to the edge."""
        if not self.architecture.has_distribution:
            raise UserError.of("no_suggestions", architecture=self.architecture.name)
        height, width = self.architecture.logits(self.prediction).shape[2:]
        row, column = int(y * height / self.original.height), int(x * width / self.original.width)
        return min(max(row, 0), height - 1), min(max(column, 0), width - 1)

    def _modes(self, row: int, column: int, count: int) -> list[tuple[float, float]]:
        with steady(), torch.inference_mode():
            p = self.architecture.logits(self.prediction)[0, :, row, column].softmax(dim=0).cpu()
            return bins.top_modes(p, self.architecture.centres.cpu(), count)

    def at_size(self, photo: Image.Image) -> Colorization:
        """The same colours on another rendition of the photograph, such as a preview; hints are scaled with it. The
        network does not run."""
        across, down = photo.width / self.original.width, photo.height / self.original.height
        hints = tuple(hint.scaled(across, down) for hint in self.hints)
        return replace(self, original=photo.convert("RGB"), hints=hints)


def settle(readout: Readout, architecture: Architecture, own_temperature: float) -> Readout:
    """The readout with a number for its temperature. Raises ValueError for controls the architecture does not support.

    own_temperature: the temperature at which the checkpoint measured best.
    """
    readout.check(architecture)
    return readout.with_own(own_temperature) if architecture.has_distribution else readout

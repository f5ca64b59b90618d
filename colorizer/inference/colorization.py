"""A network's prediction for a photograph, and what can be computed from it without running the network again."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from ..architectures.contract import Architecture
from ..colour import bins
from ..colour.gamut import GAMUTS
from ..colour.hex import MIDDLE, ab_of, ab_to_hex
from ..colour.lab import upsample_ab
from ..colour.readout import Readout, check_number
from ..colour.whole_photo import grayscale, join
from ..errors import UserError, expect
from ..photo.metadata import Provenance
from ..photo.picture import as_rgb
from ..runtime.once import once
from ..runtime.threads import steady
from .doubts import Doubt, doubts
from .hints import Hint, finite, honour
from .reach import distributions_at, meant, paint, region
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
    """The checkpoint's best temperature; used when the readout's temperature is None."""
    automatic: Any = None
    """The network's prediction without hints; None if `prediction` is that."""
    shares: tuple[float, ...] = ()
    """How far each hint is a clue for the whole picture, in [0, 1]; the rest of it is about one thing (`reach`)."""
    checkpoint: str = ""
    """The name of the checkpoint."""
    sha256: str = ""
    found: list[Regions] = field(default_factory=list, repr=False, compare=False)
    """Its edges, found once for all readouts of the prediction."""

    def __repr__(self) -> str:
        """One line: the network and its tensors would fill the screens of a notebook."""
        size, network = f"{self.original.width} x {self.original.height} pixels", self.architecture.name
        return f"<Colorization of {size} by {network}, {self.seconds.total:.2f} s>"

    @once
    def low_ab(self) -> Tensor:
        """The colours at the network's own resolution: float32 (2, h, w), Lab units."""
        with steady(), torch.inference_mode():
            ab = self._read(self.prediction)
            if self.hints:
                photo_size = (self.original.height, self.original.width)
                own = ab if self._unhinted is self.prediction else self._read(self._unhinted)
                ab = (ab + own) / 2  # a hint moves too much of the picture, and the mean of both is closer to the truth
                exact = meant(own, self.hints, self.shares, photo_size)
                ab = paint(ab, self._regions, self.hints, self.shares, photo_size, self._sharpened)
                L = F.interpolate(self.L.cpu(), ab.shape[1:], mode="bilinear", antialias=True, align_corners=False)
                ab = honour(ab, L[0, 0], exact, photo_size)
            if self._missing is not None:
                missing = torch.from_numpy(self._missing)[None, None].float()
                ab = ab * (1 - F.interpolate(missing, ab.shape[1:], mode="nearest-exact")[0])
        return ab

    @once
    def _missing(self) -> np.ndarray | None:
        return missing_part(self.original)

    def _read(self, prediction: Any) -> Tensor:
        return reading(self.architecture, self.readout)(prediction, self.L)

    @once
    def image(self) -> Image.Image:
        """PIL "RGB", the size of the photo, with the photo's own lightness."""
        return Image.fromarray(join(self.original, self.low_ab))

    def pixels(self, bits: int = 8, space: str = "srgb", gray: np.ndarray | None = None) -> np.ndarray:
        """The same picture for a file of more colours: uint8, or with 16 bits uint16, (H, W, 3).

        space: "srgb", "adobe-rgb" or "display-p3"; chroma may reach the limits of that space. gray: the photograph's
        gray in 16 bits, as `read_photo` gives it, uint16 (H, W); its lightness is then the picture's. Raises
        ValueError.
        """
        if str(space) not in GAMUTS:
            raise UserError.of("space", name=space, known=", ".join(GAMUTS))
        right = gray is None or np.shape(gray) == (self.original.height, self.original.width)
        if str(bits) not in ("8", "16") or not right:
            raise UserError("8 or 16 bits, and a gray of the photograph's size")
        deep = bits == 16 and gray is not None
        return join(gray if deep else self.original, self.low_ab, bits, GAMUTS[space])  # type: ignore[arg-type]

    @once
    def grayscale(self) -> Image.Image:
        """PIL "L": the gray with each pixel's own lightness."""
        return Image.fromarray(grayscale(self.original))

    @property
    def ab(self) -> np.ndarray:
        """float32 (H, W, 2), Lab units, before chroma is compressed into what sRGB can show."""
        width, height = self.original.size
        return upsample_ab(self.low_ab, (height, width)).permute(1, 2, 0).numpy()

    @once
    def entropy(self) -> np.ndarray | None:
        """How uncertain the network is: float32 (h, w) in [0, 1]; None for architectures without a distribution."""
        if not self.architecture.has_distribution:
            return None
        with steady():
            return bins.entropy(self.architecture.logits(self.prediction))[0].cpu().numpy()

    @once
    def raw(self) -> Image.Image | None:
        """An RGB architecture's own picture, with its lightness, at the photo's size; None for other architectures."""
        if not self.architecture.predicts_rgb:
            return None
        with steady(), torch.inference_mode():
            rgb = self.architecture.to_rgb(self.prediction)[0].clamp(0, 1).cpu()
        painted = Image.fromarray((rgb.permute(1, 2, 0) * 255).round().to(torch.uint8).numpy())
        return painted.resize(self.original.size, Image.Resampling.BICUBIC)

    @once
    def classes(self) -> list[tuple[str, float]] | None:
        """The classes of the picture, as (name, probability), likeliest first; None if nothing is classified or
        named."""
        if not (self.architecture.classifies and self.class_names):
            return None
        with steady(), torch.inference_mode():
            p = self.architecture.to_classes(self.prediction)[0].tolist()
        return sorted(zip(self.class_names, p, strict=True), key=lambda pair: -pair[1])

    @property
    def provenance(self) -> Provenance:
        """How the colours were made, for `save_photo`."""
        return provenance_of(self.checkpoint, self.sha256, self.architecture, self.readout, self.hints)

    def with_readout(self, readout: Readout | None = None, /, **changes: Any) -> Colorization:
        """The same prediction with another readout, or with new values for fields of the current one, such as
        temperature=0.6 or **preset("vivid"). The network does not run again. Raises ValueError as `Colorizer.colorize`
        does."""
        expect(readout, Readout | None, "a readout is expected, or its values, such as **preset('vivid')")
        changed = (readout or self.readout).changed(**with_reference(changes))
        return replace(self, readout=checked_readout(changed, self.architecture, self.own_temperature))

    def suggest(self, x: float, y: float, count: int = 5) -> list[tuple[float, float]]:
        """The likeliest colours (a, b) at a point of `original`, in pixels, most likely first. The network does not run
        again. Raises ValueError if there is no distribution."""
        p = self._distribution_at(x, y)
        check_number("count", count, 1, 1e6)
        with steady(), torch.inference_mode():
            return bins.top_modes(p, self.architecture.centres.cpu(), int(count))

    def probability(self, x: float, y: float, ab: tuple[float, float] | str) -> float:
        """Probability in [0, 1] of the bin nearest to `ab`, or to "#rrggbb", at a point of `original`, in pixels; all
        bins add up to 1. Raises ValueError if there is no distribution."""
        p = self._distribution_at(x, y)
        with steady(), torch.inference_mode():
            distance = (self.architecture.centres.cpu() - torch.tensor(ab_of(ab))).square().sum(dim=1)
            return float(p[distance.argmin()])

    def most_uncertain(self, around: int = 5) -> tuple[float, float]:
        """The point (x, y) of `original`, in pixels, where the colour is least certain: the centre of the square of
        `around` predicted pixels with the highest mean entropy. Raises ValueError if there is no distribution."""
        if self.entropy is None:
            raise UserError.of("no_doubt", architecture=self.architecture.name)
        check_number("around", around, 1, math.inf)
        doubt = torch.from_numpy(self.entropy)[None]
        side = int(min(around, *doubt.shape[1:]))
        row, column = divmod(int(F.avg_pool2d(doubt, side, 1).argmax()), doubt.shape[2] - side + 1)
        x, y = (column + side / 2) / doubt.shape[2], (row + side / 2) / doubt.shape[1]
        return x * self.original.width, y * self.original.height

    def alternative_hints(self, count: int = 4) -> list[Hint]:
        """Hints for other plausible versions: each of the top colours, likeliest first, at the most uncertain point.
        Raises ValueError if there is no distribution."""
        x, y = self.most_uncertain()
        return [Hint(x, y, ab) for ab in self.suggest(x, y, count)]

    def doubts(self, most: int = 3) -> list[Doubt]:
        """The things whose colour the network knows least, and that cover most, at most `most` of them; none that a
        hint is on, and none where the photo is missing. The network does not run again.

        Raises ValueError if there is no distribution."""
        if not self.architecture.has_distribution:
            raise UserError.of("no_doubt", architecture=self.architecture.name)
        check_number("most", most, 0, math.inf)
        with steady(), torch.inference_mode():
            p = self.architecture.logits(self._unhinted)[0].float().softmax(dim=0).cpu()
            size = (self.original.height, self.original.width)
            said = [point for hint in self.hints for point in hint.points]
            found = doubts(p, self.architecture.centres.float().cpu(), self._regions, size, said, most)
            return [each for each in found if self._missing is None or not self._missing[int(each.y), int(each.x)]]

    def region(self, x: float, y: float, path: Sequence[tuple[float, float]] = ()) -> np.ndarray:
        """The area that one more hint would colour if it is about one thing: float32 (h, w) in [0, 1] over the whole
        picture, at the resolution of `low_ab`. The hints of the result keep their part of a thing. x, y and path, the
        further points of a stroke, are in pixels of `original`, those outside taken to its edge. No network runs.
        """
        width, height = self.original.size
        points = [(min(max(x, 0), width - 0.01), min(max(y, 0), height - 0.01)) for x, y in finite(x, y, path)]
        with steady(), torch.inference_mode():
            mask = region(self._regions, points, (height, width), self.hints, self.shares)
            return self._sharpened(mask[None, None])[0, 0].clamp(0, 1).numpy()

    @property
    def grid(self) -> tuple[int, int]:
        """(h, w) of the grid on which `region` finds things."""
        return self._regions.size

    @property
    def _unhinted(self) -> Any:
        return self.prediction if self.automatic is None else self.automatic

    @property
    def _regions(self) -> Regions:
        if not self.found:
            self.found.append(Regions(self.L[0, 0], [seen[0] for seen in self.architecture.evidence(self._unhinted)]))
        return self.found[0]

    def _sharpened(self, maps: Tensor) -> Tensor:
        """Maps (1, K, h, w) on the grid of regions, at the resolution of the network's colours, on the CPU."""
        return self.architecture.sharpened(self._unhinted, maps.to(self.L.device)).cpu()

    def _distribution_at(self, x: float, y: float) -> Tensor:
        """The distribution (Q,), on the CPU, at a point of `original`; points outside are moved to the edge."""
        if not self.architecture.has_distribution:
            raise UserError.of("no_suggestions", architecture=self.architecture.name)
        ((x, y),) = finite(x, y)
        photo_size = (self.original.height, self.original.width)
        with steady(), torch.inference_mode():
            return distributions_at(self.architecture, self.prediction, Hint(x, y, (0.0, 0.0)), photo_size)[0]

    @property
    def input_size(self) -> tuple[int, int] | None:
        """(H, W) of the network's input; None where it had several."""
        return self.L.shape[2], self.L.shape[3]

    def at_size(self, photo: Image.Image) -> Colorization:
        """The same colours on another rendition of the photograph, such as a preview; hints are scaled with it. The
        network does not run."""
        across, down = photo.width / self.original.width, photo.height / self.original.height
        hints = tuple(hint.scaled(across, down) for hint in self.hints)
        return replace(self, original=as_rgb(photo), hints=hints)


def missing_part(photo: Image.Image) -> np.ndarray | None:
    """The part of a photo, at its foot, that is missing in its file: bool (H, W), or None. Decoders of JPEG show middle
    gray there, which is no thing that could have a colour; the last blocks that are there may end within a row."""
    if photo.crop((0, photo.height - 1, photo.width, photo.height)).getextrema() != ((128, 128),) * 3:
        return None
    gray = (np.asarray(photo) == 128).all(axis=2)
    return np.logical_and.accumulate(gray[::-1])[::-1].copy()


def with_reference(readout: dict[str, Any]) -> dict[str, Any]:
    """The fields of a readout with a reference in mode "RGB". Raises ValueError for one that is no picture."""
    reference = readout.get("reference")
    return readout if reference is None else {**readout, "reference": as_rgb(reference)}


def reading(architecture: Architecture, readout: Readout) -> Callable[[Any, Tensor], Tensor]:
    """A function that reads predictions so: a prediction for one picture and its L (1, 1, H, W) -> ab (2, h, w), Lab
    units, on the CPU."""
    questions = (
        readout.answered_by(architecture).questions(architecture.centres) if architecture.has_distribution else {}
    )
    return lambda prediction, L: readout.strengthened(architecture.to_ab(prediction, L, **questions)[0].float().cpu())


def checked_readout(readout: Readout, architecture: Architecture, own_temperature: float) -> Readout:
    """The readout with a number for its temperature. Raises ValueError for controls the architecture does not support.

    own_temperature: the temperature at which the checkpoint measured best.
    """
    readout.check(architecture)
    return readout.with_own(own_temperature) if architecture.has_distribution else readout


def provenance_of(
    checkpoint: str, sha256: str, architecture: Architecture, readout: Readout, hints: Sequence[Hint]
) -> Provenance:
    """Checkpoint, settings and hints of a result, and today's date."""
    settings: dict[str, Any] = {name: round(value, 6) for name, value in readout.numbers(architecture).items()}
    if readout.palette:
        settings["palette"] = [ab_to_hex(MIDDLE, ab) for ab in readout.palette]
    if readout.reference is not None:
        settings["reference"] = "a picture"
    return Provenance(checkpoint, sha256, settings, [_hint_as_json(hint) for hint in hints])


def _hint_as_json(hint: Hint) -> dict[str, Any]:
    said: dict[str, Any] = {"x": round(hint.x, 2), "y": round(hint.y, 2), "color": ab_to_hex(MIDDLE, hint.ab)}
    said["ab"] = [round(value, 2) for value in hint.ab]
    if hint.reach:
        said["reach"] = hint.reach
    if hint.path:
        said["path"] = [[round(x, 2), round(y, 2)] for x, y in hint.path]
    if hint.strength != 1:
        said["strength"] = round(hint.strength, 2)
    if hint.seconds is not None:
        said["seconds"] = round(hint.seconds, 2)
    if hint.note:
        said["note"] = hint.note
    return said

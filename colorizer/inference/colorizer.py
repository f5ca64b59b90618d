"""A photograph and a checkpoint in, a coloured photograph out."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from ..architectures.contract import Architecture
from ..checkpoints.card import WEIGHTS, Card
from ..checkpoints.file import find_checkpoint, load_checkpoint
from ..colour.readout import Readout, takes_readout
from ..colour.whole_photo import lightness
from ..errors import PATH, CheckpointError, UserError, expect
from ..photo.picture import as_rgb
from ..runtime.threads import steady
from .colorization import Colorization, Seconds, checked_readout, with_reference
from .folding import folded, settled
from .hints import Hint, check, numeric, rasterize
from .mount import Mounted, find_mount, hints_within, pixels
from .reach import clues, hints_for_network, needs_automatic

if TYPE_CHECKING:
    from ..films.colour import FilmFrame

MAX_ASPECT = 4.0
"""Largest aspect ratio of a network's input; more extreme photographs are squeezed."""


class Colorizer:
    """Holds only weights, so one instance can serve all callers at once.

    On a CPU it runs a rearranged copy of the architecture (`folding`), with the weights it had when this instance was
    made. After a change or move of `architecture`, make a new Colorizer.
    """

    def __init__(self, architecture: Architecture, *, card: Card | None = None, device: str = "cpu"):
        expect(architecture, Architecture, "a Colorizer takes a network, or is made by from_checkpoint")
        self.device = _device(device)
        self.architecture = architecture.eval().to(self.device)
        copied = folded if self.device.type == "cpu" else settled
        self.network: Callable[[Tensor, Tensor | None], Any] = copied(self.architecture)
        """Runs a forward pass: an equivalent of the architecture, for several threads at once."""
        self.card = card or Card(name=architecture.name, path=Path(), architecture=architecture.name)
        self.name = self.card.name
        self.working_size = self.card.working_size or architecture.working_size

    @classmethod
    def from_checkpoint(cls, name: str | Path, device: str = "auto", folder: str | Path = WEIGHTS) -> Colorizer:
        """Load a checkpoint by its name in `folder` or its path. device: "auto", "cpu", "cuda", "mps".

        Raises CheckpointError, and ValueError for a device that is not available.
        """
        network, card = load_checkpoint(find_checkpoint(name, folder))
        return cls(network, card=card, device=device)

    @classmethod
    def from_pretrained(
        cls, pretrained_model_name_or_path: str | Path, *, device: str = "auto", **options: Any
    ) -> Colorizer:
        """Load a folder that `save_pretrained` wrote, or a repository on the Hugging Face Hub, "owner/name", which is
        downloaded unless it is in this computer's cache. A folder of that name takes precedence and needs no network.

        device: "auto", "cpu", "cuda", "mps". options, for a repository: revision, token, cache_dir, force_download,
        local_files_only, as in `huggingface_hub.hf_hub_download`. Raises CheckpointError.
        """
        from ..hub.repository import from_pretrained

        return from_pretrained(cls, pretrained_model_name_or_path, device=device, **options)

    def save_pretrained(self, save_directory: str | Path, **options: Any) -> str | None:
        """Write checkpoint, config.json and model card into a folder; options as in
        `huggingface_hub.ModelHubMixin.save_pretrained`."""
        from ..hub.repository import Repository

        expect(save_directory, PATH, "A folder is given by its path", CheckpointError)
        return Repository(self).save_pretrained(save_directory, **options)

    def push_to_hub(self, repo_id: str, **options: Any) -> str:
        """Upload checkpoint, config.json and model card as one commit to a repository, which is created if needed;
        returns the commit's URL.

        repo_id: "owner/name". options: private, token, commit_message, branch, create_pr and more, as in
        `huggingface_hub.ModelHubMixin.push_to_hub`. Raises CheckpointError.
        """
        from ..hub.repository import Repository

        return Repository(self).push_to_hub(repo_id, **options)

    @takes_readout
    def colorize(
        self,
        photo: Image.Image,
        hints: Sequence[Hint] = (),
        *,
        size: tuple[float, float] | None = None,
        **readout: Any,
    ) -> Colorization:
        """Colour one photograph.

        photo: PIL image of any mode, shown as `open_photo` shows it, but not turned; only its lightness is used. A
        mount around or between pictures (`mount`) becomes gray, and the pictures on it get the colours that they have
        without it. hints: points in pixels of `photo`; their colours, and those of a palette, may be "#rrggbb". size:
        (H, W) of the network's input, rounded to its stride; pictures on a mount get their share of it. None is the
        checkpoint's own working size at the photo's aspect ratio. readout: fields of `Readout`, such as
        temperature=0.6, palette=[(a, b), ...] or **preset("vivid").

        Raises ValueError for a path or an array in place of a picture, for settings out of range, for a reference
        together with a palette, and for settings that the architecture does not support.
        """
        start = time.perf_counter()
        photo, hints = as_rgb(photo), numeric(hints)
        size = None if size is None else _two(size)
        chosen = checked_readout(Readout(**with_reference(readout)), self.architecture, self.card.temperature)
        if hints and not self.architecture.takes_hints:
            raise UserError.of("no_hints", architecture=self.architecture.name)
        check(hints, (photo.height, photo.width))
        mount = find_mount(photo)
        if mount is None:
            return self.whole(photo, hints, size, chosen, start)
        pictures, shares = [], [1.0] * len(hints)
        for frame in (pixels(box, photo.size) for box in mount.boxes or [(0, 0, 1, 1)]):
            there = hints_within(hints, mount, frame, photo.size)
            picture = photo.crop(frame)
            share = size and (size[0] * picture.height / photo.height, size[1] * picture.width / photo.width)
            coloured = self.whole(picture, [hint for _, hint in there], share, chosen, time.perf_counter())
            for (number, _), clue in zip(there, coloured.shares, strict=True):
                shares[number] = clue
            pictures.append(coloured.at_size(picture.resize((coloured.L.shape[3], coloured.L.shape[2]))))
        first = pictures[0]
        network = sum(each.seconds.network for each in pictures)
        return Mounted(
            **{each.name: getattr(first, each.name) for each in fields(Colorization)}
            | {"original": photo, "hints": tuple(hints), "shares": tuple(shares), "found": []}
            | {"seconds": Seconds(network, time.perf_counter() - start)},
            mount=mount,
            pictures=tuple(pictures),
        )

    @takes_readout
    def film(self, path: str | os.PathLike[str], hints: Sequence[Hint] = (), **readout: Any) -> Iterator[FilmFrame]:
        """The frames of a film in colour, one after the other, without flicker; see `films.steady`. Memory does not
        grow with the film's length.

        hints: in pixels of a frame, each at its `seconds`, or else at the first frame with something to see; what they
        change is carried along the motion until the shot ends. readout: as in `colorize`. Raises FilmError, and
        ValueError as `colorize` does. `films.colour.colour_film` writes a film with its sound.
        """
        from ..films.colour import film_frames

        yield from film_frames(self, path, hints, with_reference(readout))

    def whole(
        self,
        photo: Image.Image,
        hints: Sequence[Hint],
        size: tuple[float, float] | None,
        readout: Readout,
        start: float,
    ) -> Colorization:
        """One photograph "RGB" as one picture, whatever is on it, as `colorize` does otherwise. start: when that began,
        for the seconds."""
        predicted = self._predict(photo, hints, size or self.fitting_size(photo.size), readout.finish)
        return Colorization(
            original=photo,
            architecture=self.architecture,
            prediction=predicted.prediction,
            L=predicted.L,
            readout=readout,
            seconds=Seconds(predicted.seconds, time.perf_counter() - start),
            class_names=self.card.classes,
            hints=tuple(hints),
            own_temperature=self.card.temperature,
            automatic=predicted.automatic,
            shares=predicted.shares,
            checkpoint=self.card.name,
            sha256=self.card.sha256,
        )

    def fitting_size(self, photo_size: tuple[int, int]) -> tuple[int, int]:
        """(H, W) of the network's input for a photo of `photo_size` = (width, height), with the working size's area."""
        if self.architecture.fixed_size:
            return self.architecture.working_size, self.architecture.working_size
        width, height = photo_size
        aspect = min(max(width / height, 1 / MAX_ASPECT), MAX_ASPECT) ** 0.5
        return round(self.working_size / aspect), round(self.working_size * aspect)

    def input_size(self, photo_size: tuple[int, int], wanted: tuple[float, float] | None = None) -> tuple[int, int]:
        """(H, W) of the network's input for a photo of `photo_size` = (width, height): `wanted`, or else
        `fitting_size`, rounded to the network's stride."""
        stride = self.architecture.stride
        height, width = (max(stride, round(side / stride) * stride) for side in wanted or self.fitting_size(photo_size))
        return height, width

    def alternatives(self, photo: Image.Image | Colorization, count: int = 4) -> list[Colorization]:
        """Other plausible versions, likeliest first. Each takes one of the top colours at the most uncertain point as a
        hint (`hints[-1]` of the version) and runs the network again, so that the version is coherent.

        photo: a photograph, or a Colorization, whose size, hints and readout are kept. Raises ValueError if the
        architecture has no distribution or takes no hints.
        """
        if not (self.architecture.has_distribution and self.architecture.takes_hints):
            raise UserError.of("no_alternatives", architecture=self.architecture.name)
        given = photo if isinstance(photo, Colorization) else self.colorize(photo)
        versions = (
            self.colorize(given.original, [*given.hints, hint], size=given.input_size)
            for hint in given.alternative_hints(count)
        )
        return [replace(version, readout=given.readout) for version in versions]

    @steady()
    @torch.inference_mode()
    def _predict(
        self, photo: Image.Image, hints: Sequence[Hint], size: tuple[float, float], finish: float
    ) -> _Predicted:
        if self.architecture.fixed_size and tuple(size) != self.fitting_size(photo.size):
            raise UserError.of("fixed_size", architecture=self.architecture.name, side=self.working_size)
        height, width = self.input_size(photo.size, size)
        photo_size = (photo.height, photo.width)
        L = lightness(photo)[None, None]
        L = F.interpolate(L, (height, width), mode="bilinear", antialias=True, align_corners=False)
        L = L.to(self.device)
        start = time.perf_counter()
        automatic = self.network(L, None) if not hints or needs_automatic(self.architecture, hints) else None
        prediction, shares = automatic, clues(self.architecture, automatic, hints, photo_size)
        if given := hints_for_network(self.architecture, automatic, L, hints, shares, photo_size):
            prediction = self.network(L, rasterize(given, photo_size, (height, width)).to(self.device))
        for each in (prediction, automatic):
            if each is not None:
                self.architecture.ready(each, finish)
        return _Predicted(prediction, automatic, shares, L, time.perf_counter() - start)


class _Predicted(NamedTuple):
    """The network's prediction with its hints, and the one without any if it was needed; how far each hint is a clue;
    the lightness that the network got; and the seconds it took."""

    prediction: Any
    automatic: Any
    shares: tuple[float, ...]
    L: Tensor
    seconds: float


def _two(size: Any) -> tuple[float, float]:
    try:
        height, width = (float(side) for side in size)
    except (TypeError, ValueError):
        raise UserError("size is (height, width), in pixels of the network's input") from None
    return height, width


def _device(name: str) -> torch.device:
    expect(name, str | torch.device, "a device is one of auto, cpu, cuda and mps")
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        return torch.device(next(kind for kind in there if there[kind]))
    try:
        device = torch.device(name)
    except RuntimeError:
        raise UserError(f"there is no device called {name!r}; use auto, cpu, cuda or mps") from None
    if not there.get(device.type, True):
        raise UserError(f"PyTorch {torch.__version__} finds no {device.type} device here; use auto or cpu")
    return device

"""Checkpoints that are loaded, and photographs just coloured, both few and shared by all visitors."""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from colorizer.architectures.registry import facts
from colorizer.checkpoints.card import Card
from colorizer.checkpoints.file import list_checkpoints, read_card, unknown_checkpoint
from colorizer.colour.metrics import gain as over_gray
from colorizer.errors import CheckpointError
from colorizer.photo.decoder_pool import DecoderPool, NobodyWaits
from colorizer.photo.kinds import has_own_colours, is_grayscale

from ..gradio_private import visitor_left
from ..i18n.texts import explained
from ..i18n.toasts import refusal
from ..serving.memory import memory_limit, shares
from ..serving.served_files import preview, shown_file
from .fair_lock import Turns, one_at_a_time
from .recent import Recent
from .zero_gpu import Load, load_here

if TYPE_CHECKING:
    from PIL import Image

    from colorizer.inference.colorization import Colorization
    from colorizer.inference.colorizer import Colorizer
    from colorizer.inference.hints import Hint


def _recent_answers() -> Recent[Colorization]:
    return Recent(12)


def _recent_files() -> Recent[str]:
    return Recent(12)


@dataclass
class Opened:
    """A photograph, and what networks lately said about it. What is let go is let go together."""

    photo: Image.Image
    """PIL "RGB", full size."""
    answers: Recent[Colorization] = field(default_factory=_recent_answers)
    """By checkpoint and hints, under the checkpoint's own readout; all share `photo`."""
    _files: Recent[str] = field(default_factory=_recent_files)

    def pixels(self) -> int:
        """Of the photograph."""
        return self.photo.width * self.photo.height

    def file(self, what: Hashable, make: Callable[[], str]) -> str:
        """The path of a picture that settings do not change, such as the gray, written by `make` when it is first
        wanted; and again, if it was cleaned away since."""
        path = self._files.get(what, make)
        try:
            os.utime(path)  # it is in use, and not for cleaning
        except FileNotFoundError:
            self._files.forget(what)
            path = self._files.get(what, make)
        return path

    def original_file(self, stem: str) -> str:
        """The path of a preview of the photograph as it is, named `stem`."""
        return self.file("original", lambda: shown_file(self.preview, stem))

    @cached_property
    def preview(self) -> Image.Image:
        """PIL "RGB", the size of what the page shows."""
        return preview(self.photo)

    @cached_property
    def black_and_white(self) -> bool:
        """Whether the original is nothing but gray, so that there is no need to show it beside the gray."""
        return is_grayscale(self.photo)

    @cached_property
    def comparable(self) -> bool:
        """Whether there are colours to compare with; a sepia print has none."""
        return has_own_colours(self.preview)

    @cached_property
    def reference(self) -> dict[str, float]:
        """What every figure of the preview has to be read beside, as `metrics.reference` has it."""
        from colorizer.colour.metrics import reference

        return reference(self.preview)


NETWORK: dict[str, Any] = {"concurrency_id": "model", "concurrency_limit": 2}
"""For events that need a network: one is at work (`Shelf.at_work`) while the other's photograph is decoded."""


class Shelf:
    """What the page can colour with: a folder of checkpoints, loaded when first wanted; and photographs just seen."""

    def __init__(self, weights: str | Path):
        self.weights = Path(weights)
        self.turns = Turns()
        """For a network."""
        self.work = Turns()
        """For everything that is done with a photograph at full size, once it is open: the memory is enough for one."""
        self.load: Load = load_here
        share = shares(memory_limit())
        self.decoders = decoders(share.pixels, share.decoding)
        self._colorizers: Recent[Colorizer] = Recent(4)
        self._photos: Recent[Opened] = Recent(
            6, share.kept_pixels, lambda opened: opened.photo.width * opened.photo.height
        )

    def cards(self) -> list[Card]:
        """Usable checkpoints, ours first."""
        usable = [card for card in list_checkpoints(self.weights) if not card.error]
        order = {"ours": 0, "projects": 1, "papers": 2}
        known = [card for card in usable if _family(card) in order]
        return sorted(known, key=lambda card: (order[_family(card)], card.architecture, card.name))

    def broken(self) -> list[Card]:
        """Checkpoints that cannot be read, with their `error`."""
        return [card for card in list_checkpoints(self.weights) if card.error]

    def card(self, name: str) -> Card:
        """The card of one checkpoint; raises CheckpointError that lists those there are."""
        cards = self.cards()
        for card in cards:
            if card.name == name:
                return card
        raise unknown_checkpoint(name, [card.name for card in cards])

    def colorizer(self, name: str) -> Colorizer:
        """The loaded checkpoint; loads it, and torch, the first time."""
        card = self.card(name)
        key = (name, card.sha256)

        def loaded() -> Colorizer:
            colorizer = self.load(card)
            if colorizer.card.sha256 != card.sha256:  # the file was replaced meanwhile
                raise CheckpointError.of("checkpoint_damaged", name=card.path.name)
            return colorizer

        return self._colorizers.get(key, loaded)

    def run(self, name: str, photo: Image.Image, hints: Sequence[Hint] = ()) -> Colorization:
        """One pass of a network, when it is its turn: passes of all visitors follow each other in the order in which
        they were asked for, so that a single photograph waits for one of an album and not for all. Nothing is kept.

        photo: PIL "RGB"; hints in its pixels. Raises CheckpointError, ValueError.
        """
        colorizer = self.colorizer(name)
        with self.turns:
            return colorizer.colorize(photo, hints)

    def open(self, photo_path: str, left: Callable[[], bool] | None = None) -> Opened:
        """A photograph, read once, in another process; meanwhile others may work (`work`).

        photo_path: a file whose path changes when its content does, as Gradio's cache has it. left: whether the asker
        has left; by default the visitor whose question is answered. Raises PhotoError, FileNotFoundError for one that
        was removed since, as old uploads are, and gr.Error, which nobody hears, for who has left.
        """

        def opened() -> Opened:
            if not Path(photo_path).exists():
                raise FileNotFoundError(photo_path)
            return Opened(self.decode(photo_path, left=left))

        known = self._photos.peek(photo_path)
        if known is not None:
            return known
        with self.work.aside():
            return self._photos.get(photo_path, opened)

    def at_work(self, handler: Callable[..., Any]) -> Callable[..., Any]:
        """A handler that works while no other does, but for the time in which it opens photographs."""
        return one_at_a_time(self.work, handler)

    def decode(self, source: str | bytes, name: str = "", left: Callable[[], bool] | None = None) -> Image.Image:
        """A photograph that is not kept, as `DecoderPool.open` has it; raises as `open` does."""
        try:
            with self.work.aside():
                return self.decoders.open(source, name=name, left=left or visitor_left())
        except NobodyWaits:
            raise refusal("gone") from None

    def preview_file(self, photo_path: str, left: Callable[[], bool] | None = None) -> str:
        """The path of a preview of a photograph; takes and raises what `open` does, and OSError where there is no
        room."""
        return self.open(photo_path, left).original_file(Path(photo_path).stem)

    def colorize(self, photo_path: str, name: str, hints: Sequence[Hint] = ()) -> Colorization:
        """A photograph under the checkpoint's own readout; repeated questions about it do not run the network again.

        photo_path: as `open` takes it. hints: in pixels of the photograph. Raises PhotoError, and ValueError for hints
        outside of the photograph or where the architecture takes none.
        """
        opened = self.open(photo_path)

        def colorized() -> Colorization:
            return replace(self.run(name, opened.photo, hints), original=opened.photo)

        return opened.answers.get((name, self.card(name).sha256, tuple(hints)), colorized)

    def warm_up(self) -> None:
        """Load torch and the first checkpoint in the background, so that the first photo does not wait for them."""

        def load() -> None:
            self.decoders.start()
            cards = self.cards()
            if cards:
                self.colorizer(cards[0].name)

        threading.Thread(target=load, name="warm-up", daemon=True).start()


@cache
def decoders(max_pixels: int, max_bytes: int) -> DecoderPool:
    """The processes that decode, which all shelves of this process share."""
    return DecoderPool(max_pixels=max_pixels, max_bytes=max_bytes)


def why(card: Card) -> str:
    """Why a broken checkpoint cannot be used, in the language spoken."""
    try:
        read_card(card.path)
    except CheckpointError as error:
        return explained(error)
    return card.error


def gain(card: Card) -> float:
    """PSNR over plain gray by a checkpoint's own header, in dB; minus infinity for one never measured."""
    known = over_gray(card.metrics)
    return -math.inf if known is None else known


def _family(card: Card) -> str:
    try:
        return facts(card.architecture).family
    except ValueError:  # weights of an architecture that this version does not have
        return ""

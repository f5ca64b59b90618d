"""The loaded checkpoints and the photos coloured last: a few of each, shared by all visitors."""

from __future__ import annotations

import math
import os
import re
import threading
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from colorizer.checkpoints.card import Card
from colorizer.checkpoints.file import list_checkpoints, read_card, unknown_checkpoint
from colorizer.colour.metrics import gain as over_gray
from colorizer.colour.readout import NUMBERS, SLIDERS, Readout
from colorizer.errors import CheckpointError
from colorizer.photo.decoder_pool import DecoderPool
from colorizer.photo.metadata import Metadata
from colorizer.photo.open import Opened
from colorizer.runtime.turns import Full, Turns

from ..gradio_private import visitor_left
from ..i18n.texts import error_text, refusal, text
from ..serving.memory import memory_limit, shares
from .answer import Answer, OpenedPhoto, Recent
from .lanes import Lanes, while_holding, while_there
from .request import Asked, PhotoFile, PhotoRequest, to_hints, to_palette

if TYPE_CHECKING:
    from PIL import Image

    from colorizer.inference.colorization import Colorization
    from colorizer.inference.colorizer import Colorizer
    from colorizer.inference.hints import Hint


def on_zero_gpu() -> bool:
    """Whether this is a Space on ZeroGPU hardware, by the variable that Spaces sets there."""
    return os.environ.get("SPACES_ZERO_GPU", "").lower() in ("1", "t", "true")


def chosen_device() -> str:
    """$COLORIZER_DEVICE: "auto", "cpu", "mps", "cuda" or "cuda:1"; raises ValueError for anything else.

    On ZeroGPU it is the CPU, and a GPU raises ValueError: borrowing one takes longer than a network's pass on the CPU,
    and uses up the visitor's GPU seconds of the day.
    """
    name = os.environ.get("COLORIZER_DEVICE") or "auto"
    if not re.fullmatch(r"auto|cpu|mps|cuda(:\d+)?", name):
        raise ValueError(f"COLORIZER_DEVICE is auto, cpu, cuda, cuda:1 or mps, not {name!r}")
    if not on_zero_gpu():
        return name
    if name not in ("auto", "cpu"):
        raise ValueError(f"COLORIZER_DEVICE is auto or cpu on ZeroGPU, not {name!r}: networks run on the CPU there")
    return "cpu"


def load_on_device(card: Card) -> Colorizer:
    """Load a checkpoint on the `chosen_device`. Raises CheckpointError, and ValueError for a missing device."""
    from colorizer.inference.colorizer import Colorizer

    return Colorizer.from_checkpoint(card.path, device=chosen_device())


def satisfy_zero_gpu() -> None:
    """Show Spaces a function that may use its GPU, and never call it. ZeroGPU does not start a page without one.
    Raises ImportError where the package that Spaces installs is missing."""
    import spaces

    spaces.GPU(lambda: None)


PLACES = 144
"""Visitors' questions that wait for their turn on our side of Gradio's queue, where the size of a photo counts. They
hold no photo while they wait."""
MOST_OF_ONE = 64
"""The most questions of one visitor that wait for a large turn, and as many for an ordinary one. Further ones are told
that the server is busy: otherwise one visitor could take all places."""


class Shelf:
    """A folder of checkpoints, loaded when first needed, and the photos that were opened last."""

    def __init__(self, weights: str | Path):
        self.weights = Path(weights)
        self.network_lock = Turns()
        """Held by the thread that runs a network."""
        self.load: Callable[[Card], Colorizer] = load_on_device
        share = shares(memory_limit())
        self.decoders = decoders(share.pixels, share.decoding)
        self.work_lock = Lanes(self.decoders.large)
        """Held by the threads that work on opened photos at full size: the memory is enough for a large one, and one
        other."""
        self._colorizers: Recent[Colorizer] = Recent(4)
        self._photos: Recent[OpenedPhoto] = Recent(6, share.kept_pixels, OpenedPhoto.pixels)

    def cards(self) -> list[Card]:
        """Usable checkpoints, ours first."""
        usable = [card for card in list_checkpoints(self.weights) if not card.error]
        order = {"ours": 0, "projects": 1, "papers": 2}
        known = [card for card in usable if _family(card) in order]
        return sorted(known, key=lambda card: (order[_family(card)], card.architecture, card.name))

    def ranked(self) -> list[Card]:
        """Usable checkpoints, those with the highest PSNR over plain gray first, those never measured last."""
        return sorted(self.cards(), key=lambda card: -gain_over_gray(card))

    def broken(self) -> list[Card]:
        """Checkpoints that cannot be read; each has an `error`."""
        return [card for card in list_checkpoints(self.weights) if card.error]

    def card(self, name: str) -> Card:
        """The card of one checkpoint. Raises CheckpointError, which lists all checkpoints."""
        cards = self.cards()
        for card in cards:
            if card.name == name:
                return card
        raise unknown_checkpoint(name, [card.name for card in cards])

    def colorizer(self, name: str) -> Colorizer:
        """The loaded checkpoint. The first call loads it, and torch."""
        card = self.card(name)
        key = (name, card.sha256)

        def loaded() -> Colorizer:
            colorizer = self.load(card)
            if colorizer.card.sha256 != card.sha256:  # the file was replaced meanwhile
                raise CheckpointError.of("checkpoint_damaged", name=card.path.name)
            return colorizer

        return self._colorizers.get(key, loaded)

    def run(self, name: str, photo: Image.Image, hints: Sequence[Hint] = ()) -> Colorization:
        """Run a network once, without a cache. The passes of all visitors follow each other in the order in which they
        were asked for, so that a single photo waits for one photo of an album and not for all.

        photo: PIL "RGB"; hints are in its pixels. Raises CheckpointError, ValueError.
        """
        colorizer = self.colorizer(name)
        with self.network_lock.taken():
            colorized = colorizer.colorize(photo, hints)
        return replace(colorized, original=photo)  # nobody changes it here: answers share it

    def peek(self, file: PhotoFile) -> OpenedPhoto | None:
        """A photo that is open already, or None. It never waits."""
        return self._photos.peek(file)

    def open(self, photo: str | PhotoFile, left: Callable[[], bool] | None = None) -> OpenedPhoto:
        """A photo, read once, in another process. Meanwhile, other threads may work (`work_lock`).

        left: says whether the visitor has left; by default the visitor whose event this thread answers. Raises
        PhotoError, FileNotFoundError for a file that was removed because it is old, and gr.Error if very many large
        photos wait, or if the visitor has left, who will not see it.
        """
        file = PhotoFile(photo) if isinstance(photo, str) else photo
        known = self.peek(file)
        if known is not None:
            pixels, known = known.pixels(), None  # nothing is held while this waits
            self._wait_for_turn(pixels)
            known = self.peek(file)
        if known is not None:
            return known
        scan = PhotoFile(file.path, file.form.until("decoding"))
        if scan != file:
            uncorrected = self.open(scan, left)
            return self._photos.get(file, lambda: uncorrected.corrected(file.form))
        wanted = file.form.decoding()

        def opened() -> OpenedPhoto:
            read = self.decode(file.path, left=left, **wanted)
            return OpenedPhoto(read.image, read.metadata, read.notes, read.incomplete)

        if not Path(file.path).exists():
            raise FileNotFoundError(file.path)
        with self.work_lock.released(), while_there():
            self._wait_for_turn(self.decoders.pixels(file.path, left=left or visitor_left(), **wanted))
            return self._photos.get(file, opened)

    def _wait_for_turn(self, pixels: int) -> None:
        try:
            self.work_lock.size(pixels, MOST_OF_ONE)
        except Full:
            raise refusal("busy") from None

    def let_in(self, event: Callable[..., Any], handler: Callable[..., Any], *parts: Any, **options: Any) -> Any:
        """Connect an event with a handler that works on photos: the only way in. Up to `PLACES` questions are there at
        once, and wait here for their turn: a handler works while no other one does, except for one with a large photo,
        and while it opens photos. parts, options: further arguments of the event; returns what it returns."""
        places = {"concurrency_id": "model", "concurrency_limit": PLACES}
        return event(while_holding(self.work_lock, handler), *parts, **{**places, **options})

    def decode(
        self, source: str | bytes, name: str = "", left: Callable[[], bool] | None = None, **wanted: Any
    ) -> Opened:
        """A photo that is not cached. Takes the keywords of `DecoderPool.read`; raises the same as `open`."""
        with self.work_lock.released(), while_there():
            read = self.decoders.read(source, name=name, left=left or visitor_left(), **wanted)
            self.work_lock.size(read.image.width * read.image.height)
            return read

    def said(self, source: str | bytes, name: str, left: Callable[[], bool]) -> Metadata:
        """The metadata in a photo's file, whose picture is not decoded. Takes and raises the same as `decode`."""
        with while_there():
            return self.decoders.said(source, name=name, left=left)

    def preview_file(self, photo_path: str, left: Callable[[], bool] | None = None) -> str:
        """The path of a preview of a photo. Takes and raises the same as `open`, and OSError if the disk is full."""
        return self.open(photo_path, left).original_file(Path(photo_path).stem)

    def colorize(self, photo: str | PhotoFile, name: str, hints: Sequence[Hint] = ()) -> Colorization:
        """A photo coloured with the checkpoint's own readout. The network runs once for the same photo and hints.

        hints: in pixels of the photo; those about things need no pass of the network, and notes no other answer. Raises
        PhotoError, and ValueError for hints outside the photo or for an architecture that takes none.
        """
        file = PhotoFile(photo) if isinstance(photo, str) else photo
        return self._coloured(self.open(file), self.card(name), hints)

    def _coloured(self, opened: OpenedPhoto, card: Card, hints: Sequence[Hint]) -> Colorization:
        def colorized(bare: Sequence[Hint]) -> Colorization:
            return opened.answers.get(_answer_key(card, bare), lambda: self.run(card.name, opened.photo, bare))

        return _with_hints(colorized, hints)

    def kept(self, file: PhotoFile, name: str, hints: Sequence[Hint] = ()) -> Colorization:
        """The result that `colorize` made before. Reads no photo and runs no network. Raises LookupError if it is not
        kept."""
        opened, card = self.peek(file), self.card(name)

        def known(bare: Sequence[Hint]) -> Colorization:
            answer = opened.answers.peek(_answer_key(card, bare)) if opened else None
            if answer is None:
                raise LookupError(file.path)
            return answer

        return _with_hints(known, hints)

    def answer(self, asked: Asked) -> Answer:
        """A photo coloured as a visitor asks for it. The network runs only for a new photo, checkpoint or hints. Raises
        PhotoError, CheckpointError, ValueError, FileNotFoundError."""
        card, opened = self.card(asked.checkpoint), self.open(asked.file)
        hints = to_hints(asked.points, opened.photo.size) if card.facts.takes_hints else []
        return Answer(self, asked, card, opened, self._coloured(opened, card, hints))

    def answer_for(self, request: PhotoRequest, photo: Image.Image) -> Colorization:
        """A photo that is not kept, such as one of an album, coloured as `request` asks for; it has a checkpoint.
        Raises as `answer` does."""
        card = self.card(str(request.checkpoint))
        hints = to_hints(request.points, photo.size) if card.facts.takes_hints else []
        return self.run(card.name, photo, hints).with_readout(self.readout(request, card))

    def readout(self, request: PhotoRequest, card: Card) -> Readout:
        """The preset, sliders and preferred colours of a request. Raises ValueError, and PhotoError for a reference
        that cannot be read."""
        readout = request.numbers(card)
        if not card.facts.has_distribution:
            return readout
        companions = {name: getattr(request.sliders, name) for name in NUMBERS if name not in SLIDERS}
        if request.like == "picture" and request.reference:
            try:
                return readout.changed(reference=self.open(request.reference).preview, **companions)
            except FileNotFoundError:
                raise ValueError(text("gone_reference")) from None
        if request.like == "palette" and request.palette:
            return readout.changed(palette=to_palette(request.palette), **companions)
        return readout

    def warm_up(self) -> None:
        """Load torch and the first checkpoint in the background, so that the first photo need not wait for them."""

        def load() -> None:
            self.decoders.start()
            cards = self.cards()
            if cards:
                self.colorizer(cards[0].name)

        threading.Thread(target=load, name="warm-up", daemon=True).start()


def _answer_key(card: Card, hints: Sequence[Hint]) -> Hashable:
    return card.name, card.sha256, tuple(hints)


def _with_hints(colorized: Callable[[Sequence[Hint]], Colorization], hints: Sequence[Hint]) -> Colorization:
    """A photo with these hints. colorized: colours it with hints that have no notes."""
    if hints and all(hint.reach == "thing" for hint in hints):
        return replace(colorized(()), hints=tuple(hints), shares=(0.0,) * len(hints))
    result = colorized([hint._replace(note="") for hint in hints])
    return replace(result, hints=tuple(hints)) if any(hint.note for hint in hints) else result


@cache
def decoders(max_pixels: int, max_bytes: int) -> DecoderPool:
    """The processes that decode photos. All shelves of this process share them."""
    return DecoderPool(max_pixels=max_pixels, max_bytes=max_bytes)


def why_broken(card: Card) -> str:
    """Why a broken checkpoint cannot be used, in the current language."""
    try:
        read_card(card.path)
    except CheckpointError as error:
        return error_text(error)
    return card.error


def gain_over_gray(card: Card) -> float:
    """The PSNR over plain gray in a checkpoint's header, dB; minus infinity if it was never measured."""
    known = over_gray(card.metrics)
    return -math.inf if known is None else known


def _family(card: Card) -> str:
    try:
        return card.facts.family
    except ValueError:  # weights of an architecture that this version does not have
        return ""

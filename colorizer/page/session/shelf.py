"""Checkpoints that are loaded, and photographs just coloured, both few and shared by all visitors."""

from __future__ import annotations

import math
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from colorizer.architectures.registry import facts
from colorizer.checkpoints.card import Card
from colorizer.checkpoints.file import list_checkpoints, read_card, unknown_checkpoint
from colorizer.colour.metrics import gain as over_gray
from colorizer.errors import CheckpointError
from colorizer.photo.kinds import has_own_colours, is_grayscale
from colorizer.photo.open import open_photo

from ..i18n.texts import explained
from ..serving.served_files import preview, shown_file
from .fair_lock import Turns
from .zero_gpu import Load, load_here

if TYPE_CHECKING:
    from PIL import Image

    from colorizer.inference.colorization import Colorization
    from colorizer.inference.colorizer import Colorizer
    from colorizer.inference.hints import Hint

V = TypeVar("V")


PHOTO_PIXELS = 150_000_000
"""Pixels of all photographs kept open, at three bytes each; the last one stays whatever its size."""


class Recent(Generic[V]):
    """The last values asked for, while they are at most `size` and cost at most `budget` together; the newest always.

    Threads that ask for one key at once wait for one making of it.
    """

    def __init__(self, size: int, budget: float = math.inf, cost: Callable[[V], float] = lambda _: 0):
        self._size = size
        self._budget = budget
        self._cost = cost
        self._values: OrderedDict[Hashable, V] = OrderedDict()
        self._lock = threading.Lock()
        self._making: dict[Hashable, threading.Lock] = {}

    def get(self, key: Hashable, make: Callable[[], V]) -> V:
        """The value of `key`, made if it is not there; what `make` raises is raised, and nothing is kept."""
        with self._lock:
            turn = self._making.setdefault(key, threading.Lock())
        with turn:
            try:
                with self._lock:
                    if key in self._values:
                        self._values.move_to_end(key)
                        return self._values[key]
                value = make()
                with self._lock:
                    self._values[key] = value
                    while len(self._values) > 1 and self._too_much():
                        self._values.popitem(last=False)
                return value
            finally:
                with self._lock:
                    self._making.pop(key, None)

    def forget(self, key: Hashable) -> None:
        """Have the value of `key` made again when it is asked for next."""
        with self._lock:
            self._values.pop(key, None)

    def _too_much(self) -> bool:
        return len(self._values) > self._size or sum(map(self._cost, self._values.values())) > self._budget


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


class Shelf:
    """What the page can colour with: a folder of checkpoints, loaded when first wanted; and photographs just seen."""

    def __init__(self, weights: str | Path):
        self.weights = Path(weights)
        self.turns = Turns()
        self.load: Load = load_here
        self._colorizers: Recent[Colorizer] = Recent(4)
        self._photos: Recent[Opened] = Recent(6, PHOTO_PIXELS, lambda opened: opened.photo.width * opened.photo.height)

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

    def open(self, photo_path: str) -> Opened:
        """A photograph, read once. photo_path: a file whose path changes when its content does, as Gradio's cache has
        it. Raises PhotoError, and FileNotFoundError for one that was removed since, as old uploads are."""

        def opened() -> Opened:
            if not Path(photo_path).exists():
                raise FileNotFoundError(photo_path)
            return Opened(open_photo(photo_path))

        return self._photos.get(photo_path, opened)

    def preview_file(self, photo_path: str) -> str:
        """The path of a preview of a photograph; raises what `open` raises, and OSError where there is no room."""
        return self.open(photo_path).original_file(Path(photo_path).stem)

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
            cards = self.cards()
            if cards:
                self.colorizer(cards[0].name)

        threading.Thread(target=load, name="warm-up", daemon=True).start()


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

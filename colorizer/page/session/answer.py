"""Photos that are open on the server; a photo as a visitor asks for it, coloured; and the pictures of it that the page
shows."""

from __future__ import annotations

import math
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from colorizer.albums.work import corrected, save_photo_of
from colorizer.checkpoints.card import Card
from colorizer.errors import PhotoError
from colorizer.photo.form import Form
from colorizer.photo.kinds import has_own_colours, looks_gray
from colorizer.photo.metadata import Metadata
from colorizer.photo.open import Opened
from colorizer.photo.picture import at_most
from colorizer.runtime.once import once

from ..i18n.texts import text
from ..serving.served_files import served_file, shown_file
from .request import Asked, PhotoFile, PhotoRequest

if TYPE_CHECKING:
    from PIL import Image

    from colorizer.inference.colorization import Colorization

    from .shelf import Shelf

PREVIEW_SIDE = 1400
"""Longest side of pictures on the page, in pixels; downloads are full size."""
V = TypeVar("V")


class Recent(Generic[V]):
    """A cache of the values that were used last: at most `size`, with a total cost of at most `budget`. It always keeps
    the newest one.

    Threads that ask for the same key at the same time wait until one of them has made the value.
    """

    def __init__(self, size: int, budget: float = math.inf, cost: Callable[[V], float] = lambda _: 0):
        self._size = size
        self._budget = budget
        self._cost = cost
        self._values: OrderedDict[Hashable, V] = OrderedDict()
        self._lock = threading.Lock()
        self._making: dict[Hashable, threading.Lock] = {}

    def get(self, key: Hashable, make: Callable[[], V]) -> V:
        """The value of `key`; `make` makes it if it is not there. If `make` raises, nothing is kept."""
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

    def peek(self, key: Hashable) -> V | None:
        """The value of `key`, or None. It never waits."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def forget(self, key: Hashable) -> None:
        """Remove the value of `key`."""
        with self._lock:
            self._values.pop(key, None)

    def _too_much(self) -> bool:
        return len(self._values) > self._size or sum(map(self._cost, self._values.values())) > self._budget


@dataclass
class OpenedPhoto:
    """A photo, and the last answers of networks for it. They leave the cache together."""

    photo: Image.Image
    """PIL "RGB", full size: what is coloured."""
    metadata: Metadata = field(default_factory=Metadata)
    """The file's metadata; its results have them too."""
    notes: tuple[PhotoError, ...] = ()
    """Sentences about the file: what was ignored in it, other pages."""
    incomplete: bool = False
    """Whether a part of the picture is missing."""
    scan: Image.Image | None = None
    """A preview of the photo before it was corrected; None if it was not."""
    answers: Recent[Colorization] = field(default_factory=lambda: Recent(12))
    """By checkpoint and hints, with the checkpoint's own readout. All share `photo`."""
    _files: Recent[str] = field(default_factory=lambda: Recent(12))

    def corrected(self, form: Form) -> OpenedPhoto:
        """The same photo as `form` corrects it before colour; whatever colours it had are those of the scan."""
        return OpenedPhoto(corrected(self.photo, form), self.metadata, self.notes, self.incomplete, self.preview)

    def pixels(self) -> int:
        """The number of pixels of the photo."""
        return self.photo.width * self.photo.height

    def file(self, what: Hashable, make: Callable[[], str]) -> str:
        """The path of a picture that no setting changes, such as the gray one. `make` writes it when it is needed, and
        again if it was cleaned away since."""
        path = self._files.get(what, make)
        try:
            os.utime(path)  # it is in use, so do not clean it away
        except FileNotFoundError:
            self._files.forget(what)
            path = self._files.get(what, make)
        return path

    def original_file(self, stem: str) -> str:
        """The path of a preview of the photo as it came, named `stem`."""
        return self.file("original", lambda: shown_file(self.scan or self.preview, stem))

    @once
    def preview(self) -> Image.Image:
        """PIL "RGB", of the size that the page shows."""
        return at_most(self.photo, PREVIEW_SIDE)

    @once
    def black_and_white(self) -> bool:
        """Whether the original is gray, or nearly so, and the page need not show it next to the gray picture."""
        return self.scan is None and not self.comparable and looks_gray(self.preview)

    @once
    def negative(self) -> bool:
        """Whether it looks like a negative."""
        from colorizer.inference.negative import looks_negative  # brings torch

        return looks_negative(self.preview)

    @once
    def comparable(self) -> bool:
        """Whether the original has colours to compare with; a sepia print has none, nor has a result of Colorizer."""
        return self.scan is None and not self.metadata.predicted and has_own_colours(self.preview)

    @once
    def kind(self) -> str:
        """The kind of photo as it came: "original" if it has colours to compare with, "coloured" if Colorizer made
        them, else "scanned"."""
        return "original" if self.comparable else "coloured" if self.metadata.predicted else "scanned"

    @once
    def reference(self) -> dict[str, float]:
        """The measures of plain gray and of the original, from `metrics.reference`."""
        from colorizer.colour.metrics import reference

        return reference(self.preview)


@dataclass(frozen=True, eq=False)
class Answer:
    """The knowledge of `Shelf.answer` of a photo. Its properties are made when needed, and once; those that raise
    raise PhotoError, ValueError or OSError. No network runs for them."""

    shelf: Shelf
    asked: Asked
    card: Card
    """That of the checkpoint that coloured it."""
    opened: OpenedPhoto
    plain: Colorization
    """The photo coloured with the visitor's hints and the checkpoint's own readout, at full size."""

    @once
    def result(self) -> Colorization:
        """`plain` with the preset, sliders and preferred colours that the visitor chose."""
        return self.read_as(self.asked)

    @once
    def small(self) -> Colorization:
        """`result` at the size that the page shows."""
        return self.result.at_size(self.opened.preview)

    @once
    def picture(self) -> Image.Image:
        """The picture that the page shows, PIL "RGB"."""
        return self.picture_of(self.small)

    @once
    def file(self) -> str:
        """The path of `picture`."""
        return shown_file(self.picture, f"{self.stem}-colorized")

    @property
    def stem(self) -> str:
        """The name of the photo's file, without its suffix."""
        return Path(self.asked.path).stem

    def also(self, **changes: Any) -> Answer:
        """The answer to the same request with other values of some fields. Raises as `Shelf.answer` does."""
        return self.shelf.answer(replace(self.asked, **changes))

    def read_as(self, request: PhotoRequest) -> Colorization:
        """`plain` as another request for this photo, checkpoint and hints reads it. Raises as `Shelf.readout` does."""
        return self.plain.with_readout(self.shelf.readout(request, self.card))

    def picture_of(self, result: Colorization) -> Image.Image:
        """The picture in a result: the architecture's own RGB picture if the visitor asks for that and there is one."""
        return (result.raw if self.asked.raw else None) or result.image


INCOMPLETE = "-incomplete"
"""The end of the name of a damaged file's result, before its format."""


def save_result(shelf: Shelf, path: str, result: Colorization, form: Form, *, raw: bool = False) -> Path:
    """Write a coloured photo at full size, named after its upload; returns the path, which Gradio may serve.

    result: of the photo at `path` as the shelf opens it in this form. raw: the architecture's own RGB picture, where it
    has one. For 16 bits the file is read once more. Raises PhotoError, UserError, OSError, FileNotFoundError.
    """
    form.check()
    opened = shelf.open(PhotoFile(path, form))
    gray = shelf.decode(path, **form.decoding()).gray if form.bits > 8 else None
    target = served_file(f"{Path(path).stem}-colorized{INCOMPLETE if opened.incomplete else ''}.{form.format}")
    whole = Opened(opened.photo, gray, incomplete=opened.incomplete, metadata=opened.metadata)
    save_photo_of(result, whole, target, form, raw=raw, words=text("file_mark_words"))
    return target

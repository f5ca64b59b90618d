"""A photo as a visitor asks for it, coloured, and the pictures of it that the page shows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from colorizer.albums.work import save_photo_of
from colorizer.checkpoints.card import Card
from colorizer.photo.form import Form
from colorizer.photo.open import Opened
from colorizer.runtime.once import once

from ..i18n.texts import text
from ..serving.served_files import served_file, shown_file
from .opened import OpenedPhoto, PhotoFile
from .request import Asked, PhotoRequest

if TYPE_CHECKING:
    from PIL import Image

    from colorizer.inference.colorization import Colorization

    from .shelf import Shelf


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
    if gray is None:
        form = form.changed(bits=8)
    target = served_file(f"{Path(path).stem}-colorized{INCOMPLETE if opened.incomplete else ''}.{form.format}")
    whole = Opened(opened.photo, gray, incomplete=opened.incomplete, metadata=opened.metadata)
    save_photo_of(result, whole, target, form, raw=raw, words=text("file_mark_words"))
    return target

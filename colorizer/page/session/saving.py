"""The file of a coloured photo, in the form that a visitor or a program asks for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from colorizer.albums.work import Work, save_photo_of
from colorizer.photo.open import Opened

from ..i18n.texts import text
from ..serving.served_files import served_file
from .opened import PhotoFile
from .shelf import Shelf

if TYPE_CHECKING:
    from colorizer.inference.colorization import Colorization

FORMATS = ("png", "jpg", "tif")
"""What files can be written as, by the end of their names."""
INCOMPLETE = "-incomplete"
"""What the name of a result of a damaged file ends with, before its format."""


@dataclass(frozen=True)
class FileForm:
    """How results are written."""

    suffix: str = "png"
    """One of `FORMATS`."""
    deep: bool = False
    """With 16 bits, where the scan has them and the format can."""
    mark: str = ""
    """A visible mark of `figures.mark.MARKS`, or none."""
    keep: bool = True
    """With what the scan says of itself, and how the colours were made."""

    def work(self, partial: bool = False, invert: bool = False, levels: bool = False) -> Work:
        """The same as the command line has it. Raises UserError where it does not go together."""
        bits = 16 if self.deep and self.suffix != "jpg" else 8
        work = Work(partial=partial, invert=invert, levels=levels, bits=bits, mark=self.mark, strip=not self.keep)
        work.check(self.suffix)
        return work


def save_result(
    shelf: Shelf, file: PhotoFile, result: Colorization, form: FileForm, *, raw: bool = False, ending: str = "colorized"
) -> Path:
    """Write a coloured photo at full size, named after its upload; returns the path, which Gradio may serve.

    result: of the photo as `shelf.open(file)` has it. raw: the architecture's own RGB picture, where it has one. For 16
    bits the file is read once more. Raises PhotoError, UserError, OSError, FileNotFoundError.
    """
    work, opened = form.work(file.partial, file.invert, file.levels), shelf.open(file)
    gray = shelf.decode(file.path, **work.reading()).gray if work.bits > 8 else None
    if gray is None:
        work = work.changed(bits=8)
    stem = f"{Path(file.path).stem}-{ending}{INCOMPLETE if opened.incomplete else ''}"
    target = served_file(f"{stem}.{form.suffix}")
    whole = Opened(opened.photo, gray, incomplete=opened.incomplete, metadata=opened.metadata)
    save_photo_of(result, whole, target, work, raw=raw, words=text("file_mark_words"))
    return target

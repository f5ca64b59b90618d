"""The file of a coloured photo, in the form that a visitor or a program asks for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from colorizer.albums.work import save_photo_of
from colorizer.photo.form import Form
from colorizer.photo.open import Opened

from ..i18n.texts import text
from ..serving.served_files import served_file
from .opened import PhotoFile
from .shelf import Shelf

if TYPE_CHECKING:
    from colorizer.inference.colorization import Colorization

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

"""The work on every photograph: how it is read, coloured, and written. Importing this loads no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import PhotoError
from ..photo.form import Form
from ..photo.open import Opened
from ..photo.save import save_photo

if TYPE_CHECKING:
    from PIL import Image

    from ..inference.colorization import Colorization


class Work(NamedTuple):
    """The work on every photograph of a folder."""

    asked: Mapping[str, Any] = {}
    """The arguments of `Colorizer.colorize`."""
    form: Form = Form()  # frozen

    def settings(self) -> dict[str, Any]:
        """All that makes a difference to the result, by name."""
        return {**self.asked, "as_triptych": self.form.triptych, **self.form.settings()}


def why(name: str, error: Exception) -> PhotoError | None:
    """Why the photograph `name` could not be coloured; None for what is wrong with the program itself."""
    if isinstance(error, PhotoError):
        return error
    if isinstance(error, MemoryError):
        return PhotoError.of("photo_memory", name=name)
    if isinstance(error, RuntimeError):  # torch's, most often of memory too
        return PhotoError.of("album_failed", name=name, reason=str(error).partition("\n")[0] or "an unexpected fault")
    return None


def corrected(photo: Image.Image, form: Form) -> Image.Image:
    """The photograph to colour: with levels corrected, if that is asked for."""
    if not form.levels:
        return photo
    from ..colour.levels import correct_levels  # brings torch

    return correct_levels(photo)


def save_photo_of(
    result: Colorization, opened: Opened, target: Path, form: Form, *, raw: bool = False, words: str = ""
) -> tuple[int, int]:
    """Write the picture that is asked for, with all that it says of itself; returns its width and height.

    raw: the architecture's own RGB picture, where it has one. words: of the mark, by default in English. Photographs
    without more than 8 bits of gray stay at 8. Raises PhotoError.
    """
    from ..figures.mark import WORDS, marked
    from ..figures.sheets import triptych

    if opened.gray is None:
        form = form.changed(bits=8)
    made = result.provenance
    made = replace(made, incomplete=opened.incomplete, settings={**made.settings, **form.provenance()})
    raw = raw and result.raw is not None
    if (form.bits > 8 or form.space != "srgb") and not raw:
        pixels, kept = result.pixels(form.bits, form.space, opened.gray), opened.metadata
        save_photo(pixels, target, metadata=kept, provenance=made, strip=form.strip, space=form.space)
        return result.original.size
    picture = result.image
    if form.triptych:
        picture = triptych(result, scan=opened.image if form.levels else None, coloured=opened.metadata.predicted)
    elif raw and result.raw is not None:
        picture = result.raw
    if form.mark:
        picture = marked(picture, form.mark, words or WORDS)
    save_photo(picture, target, metadata=None if form.triptych else opened.metadata, provenance=made, strip=form.strip)
    return picture.size

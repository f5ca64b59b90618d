"""What is done with every photograph: how it is read, coloured, and written. Importing this loads no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import UserError
from ..photo.open import Opened
from ..photo.save import save_photo

if TYPE_CHECKING:
    from PIL import Image

    from ..inference.colorization import Colorization
    from .plan import Job


class Work(NamedTuple):
    """What to do with every photograph: the arguments of `Colorizer.colorize`, and the kind of picture to save."""

    asked: Mapping[str, Any] = {}
    as_triptych: bool = False
    page: int = 1
    """The page to colour of a file that has several; 0 for all, of which each `plan.Job` has one."""
    partial: bool = False
    """Take the part that can be read of a damaged photograph."""
    invert: bool = False
    """It is a negative; colour its positive."""
    bits: int = 8
    """8 or 16, of results; a deep scan's lightness then stays as deep."""
    space: str = "srgb"
    """The space of colours of results, a name of `photo.profiles.SPACES`."""
    strip: bool = False
    """Write no metadata: neither what the scan says nor how its colours were made."""
    levels: bool = False
    """Correct the levels of the photograph first (`colour.levels`); for results in 8 bits."""
    mark: str = ""
    """A visible mark, of `figures.mark.MARKS`; for results in 8 bits and sRGB."""

    def changed(self, **values: Any) -> Work:
        """The same, with other values of some fields."""
        return self._replace(**values)

    def page_of(self, job: Job) -> int:
        """The page of its source that a job colours, from 1."""
        return job.page or self.page or 1

    def reading(self) -> dict[str, Any]:
        """How a photograph is read, as keywords of `read_photo`."""
        return {"partial": self.partial, "invert": self.invert, "deep": self.bits > 8}

    def settings(self) -> dict[str, Any]:
        """All that makes a difference to the result, by name."""
        return {**self.asked, "as_triptych": self.as_triptych, **self.form()}

    def form(self) -> dict[str, Any]:
        """How files are read and written, by name, as far as that is not the default."""
        rest = self._asdict()
        del rest["asked"], rest["as_triptych"]
        return {name: value for name, value in rest.items() if value != self._field_defaults[name]}

    def check(self, suffix: str) -> None:
        """Raise UserError where these do not go together, or not with files of `suffix`, such as "jpg"."""
        if self.bits > 8 and suffix in ("jpg", "jpeg"):
            raise UserError.of("form_jpeg")
        if self.bits > 8 and (self.mark or self.levels):
            raise UserError.of("form_deep")


def corrected(photo: Image.Image, work: Work) -> Image.Image:
    """The photograph to colour: with levels corrected, if that is asked for."""
    if not work.levels:
        return photo
    from ..colour.levels import correct_levels

    return correct_levels(photo)


def save_photo_of(
    result: Colorization, opened: Opened, target: Path, work: Work, *, raw: bool = False, words: str = ""
) -> tuple[int, int]:
    """Write the picture that is asked for, with all that it says of itself; returns its width and height.

    raw: the architecture's own RGB picture, where it has one. words: of the mark, by default in English. Raises
    PhotoError.
    """
    from ..figures import triptych
    from ..figures.mark import WORDS, marked

    made = replace(result.provenance, incomplete=opened.incomplete)
    if work.invert:
        made = replace(made, settings={**made.settings, "negative": "inverted"})
    if work.levels:
        made = replace(made, settings={**made.settings, "levels": "corrected"})
    raw = raw and result.raw is not None
    if (work.bits > 8 or work.space != "srgb") and not raw:
        pixels, kept = result.pixels(work.bits, work.space, opened.gray), opened.metadata
        save_photo(pixels, target, metadata=kept, provenance=made, strip=work.strip, space=work.space)
        return result.original.size
    picture = result.image
    if work.as_triptych:
        picture = triptych(result, scan=opened.image if work.levels else None, coloured=opened.metadata.predicted)
    elif raw and result.raw is not None:
        picture = result.raw
    if work.mark:
        picture = marked(picture, work.mark, words or WORDS)
    save_photo(
        picture, target, metadata=None if work.as_triptych else opened.metadata, provenance=made, strip=work.strip
    )
    return picture.size

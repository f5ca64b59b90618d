"""How scans are read and results are written: every option of files, described once.

Another option needs one more field of `Form`, its effect (in `photo.open` for decoding, in `albums.work` before colour
or when the result is written), and its sentences: `file_<control>` and `file_<control>_info` for the page, `row_<name>`
where files say it of their colours. The field then gives the flag of the command line, the control of the page, the
parameter of the endpoint and the setting in manifests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

from ..errors import UserError
from .profiles import SPACES


@dataclass(frozen=True)
class Option:
    """How one field of `Form` is presented to people."""

    help: str
    """Its effect, in a few English words for the command line."""
    default: Any
    choices: tuple[Any, ...] = (False, True)
    """All its values; empty for a number. "" is none of the others."""
    acts: Literal["decoding", "colouring", "writing"] = "writing"
    """When it has its effect: while a file is decoded, on the photo before colour, or when the result is written."""
    says: str = ""
    """Its effect for programs; "" if the endpoint does not offer it."""
    control: str = ""
    """How the page's control is called, in elem_ids and sentences; "" if the page does not offer it."""
    provenance: tuple[str, str] | None = None
    """The words of files in the settings of how their colours were made, unless it has its default."""


def option(default: Any, help: str, **more: Any) -> Any:
    """A field of `Form`; more are fields of `Option`."""
    return field(default=default, metadata={"option": Option(help, default, **more)})


@dataclass(frozen=True)
class Form:
    """The values of all options. They are in the order in which the page lays them out."""

    format: str = option(
        "png",
        "format in folders (default png)",
        choices=("png", "jpg", "tif"),
        says="of the file that comes back; TIFF is packed without loss.",
        control="format",
    )
    """How names of results end."""
    bits: int = option(
        8,
        "16: a deep scan's lightness stays as deep (default 8)",
        choices=(8, 16),
        says="16 keeps the lightness of a scan of more than 8 bits as deep, in PNG and TIFF; others stay at 8.",
        control="deep",
    )
    invert: bool = option(
        False,
        "these are negatives; colour their positives",
        acts="decoding",
        says="it is a negative; colour its positive.",
        control="invert",
        provenance=("negative", "inverted"),
    )
    levels: bool = option(
        False,
        "correct faded or toned prints before colour",
        acts="colouring",
        says="correct the levels of a faded or toned print before colour.",
        control="levels",
        provenance=("levels", "corrected"),
    )
    """By `colour.levels`; for results in 8 bits and sRGB."""
    strip: bool = option(
        False,
        "write no metadata, neither the scan's nor our own",
        says="write no metadata, neither the scan's nor how the colours were made.",
        control="keep",
    )
    mark: str = option(
        "",
        "say visibly that the colours are predicted",
        choices=("", "corner", "strip"),
        says="say visibly that the colours are predicted, by a sign in the corner or a strip below; null is no mark.",
        control="mark",
    )
    """A mark of `figures.mark`; for results in 8 bits and sRGB."""
    partial: bool = option(
        False,
        "colour the part that can be read of damaged files",
        acts="decoding",
        says="colour the part that can be read of a damaged photograph.",
        control="partial",
    )
    page: int = option(1, "of files of several pages: a number, or all (default 1)", choices=(), acts="decoding")
    """0 is all pages, each of which becomes a file."""
    space: str = option("srgb", "colours and profile of results (default srgb)", choices=tuple(SPACES))
    """A name of `profiles.SPACES`."""
    triptych: bool = option(False, "write gray, predicted and original side by side")
    """For looking at, in 8 bits and sRGB."""

    @classmethod
    def of(cls, values: dict[str, Any]) -> Form:
        """The form whose options are among `values` by name; they are taken out. Where a JPEG is chosen, the page does
        not offer 16 bits, and a choice made before does not count."""
        form = cls(**{name: values.pop(name) for name in OPTIONS if name in values})
        return form.changed(bits=8) if form.format == "jpg" else form

    def changed(self, **values: Any) -> Form:
        """The same, with other values of some options."""
        return replace(self, **values)

    def check(self, suffix: str = "") -> None:
        """Raise UserError where options do not go together, or not with files of `suffix`, by default those of
        `format`."""
        if self.bits > 8 and (suffix or self.format) in ("jpg", "jpeg"):
            raise UserError.of("form_jpeg")
        if self.bits > 8 and (self.mark or self.levels):
            raise UserError.of("form_deep")
        if (self.mark or self.levels or self.triptych) and (self.bits > 8 or self.space != "srgb"):
            raise UserError("--mark, --levels and --triptych work in 8 bits and sRGB; leave out --bits and --space")

    def decoding(self) -> dict[str, Any]:
        """How a file is decoded, as keywords of `open.read_photo`."""
        return {**self._only("decoding"), "deep": self.bits > 8}

    def until(self, last: Literal["decoding", "colouring"]) -> Form:
        """The form with the options alone that act until then: for what they give, the others make no difference."""
        return Form(**self._only("decoding", last))

    def read_as(self, other: Form) -> Form:
        """The same, but with the options of another form that act before a result is written."""
        return replace(self, **other._only("decoding", "colouring"))

    def settings(self) -> dict[str, Any]:
        """The words of manifests about it: the options without their default, by name. `format` stands in the results'
        names, and `triptych` has a key of its own in manifests of the command line."""
        values = {name: getattr(self, name) for name in OPTIONS if name not in ("format", "triptych")}
        return {name: value for name, value in values.items() if value != OPTIONS[name].default}

    def provenance(self) -> dict[str, str]:
        """The words of files about it in the settings of how their colours were made."""
        return dict(filter(None, (OPTIONS[name].provenance for name in noted(vars(self)))))

    def _only(self, *acts: str) -> dict[str, Any]:
        return {name: getattr(self, name) for name, each in OPTIONS.items() if each.acts in acts}


OPTIONS: Mapping[str, Option] = {each.name: each.metadata["option"] for each in fields(Form)}
"""Every option by name."""


def noted(values: Mapping[str, Any]) -> list[str]:
    """The names of options that have a `provenance` and not their default. values: of a form, or settings by name."""
    return [
        name for name, each in OPTIONS.items() if each.provenance and values.get(name, each.default) != each.default
    ]

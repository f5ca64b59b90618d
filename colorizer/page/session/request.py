"""A visitor's request about a photo, and how their browser keeps it. Every control reads the same predicted
distribution."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from colorizer.checkpoints.card import Card
from colorizer.colour.hex import MIDDLE, ab_to_hex, hex_to_ab, two_numbers
from colorizer.colour.readout import DEFAULT_PRESET, NUMBERS, PRESETS, SLIDERS, Readout, preset_readout
from colorizer.errors import UserError
from colorizer.files.identity import sha256
from colorizer.photo.form import OPTIONS, Form
from colorizer.photo.metadata import MOST_NOTE, Metadata

from ..i18n.texts import plain_errors, refusal
from ..serving.headers import in_cache

if TYPE_CHECKING:
    from colorizer.inference.hints import Hint

MOST_HINTS = 100
MOST_POINTS = 400
"""The most points of all hints of a photograph."""


def to_hints(points: Sequence[Mapping[str, Any]], size: tuple[int, int]) -> list[Hint]:
    """Hints for a photo of `size` (width, height).

    points: {"x", "y", "color"}, and optionally "ab", "path", "reach", "strength", "note", "off". x and y are fractions
    of the picture; points outside move to its edge. "color" is "#rrggbb", without regard to its lightness; "ab" is the
    exact colour in Lab units. "path" has the further points of a stroke, [[x, y], ...]. "reach", "strength" and "note"
    are those of a `Hint`. A point that is "off" waits. Raises ValueError for a bad number or colour, and for more than
    `MOST_HINTS` or `MOST_POINTS`.
    """
    from colorizer.inference.hints import Hint

    check_hint_count(points)
    hints = []
    for point in points:
        if point.get("off"):
            continue
        places = to_places([(point.get("x"), point.get("y")), *pairs(point.get("path"))], size)
        a, b = hex_to_ab(point.get("color", "")) if point.get("ab") is None else two_numbers(point["ab"])
        ab = min(max(a, -128.0), 128.0), min(max(b, -128.0), 128.0)
        hint = Hint.stroke(places, ab, reach=point.get("reach") or None)
        hints.append(hint._replace(strength=_share(point.get("strength")), note=plain_note(point.get("note"))))
    check_point_count(hints)
    return hints


def to_places(points: Sequence[tuple[Any, Any]], size: tuple[int, int]) -> list[tuple[float, float]]:
    """Points in fractions of a picture of `size` (width, height), in its pixels. Raises ValueError as `to_pixels` does,
    and for more than `MOST_POINTS`."""
    if len(points) > MOST_POINTS:
        raise UserError.of("points_many", most=MOST_POINTS, count=len(points))
    return [(to_pixels(x, size[0]), to_pixels(y, size[1])) for x, y in points]


def check_hint_count(hints: Sequence[Any]) -> None:
    """Raise ValueError for more than `MOST_HINTS`."""
    if len(hints) > MOST_HINTS:
        raise UserError.of("hints_many", most=MOST_HINTS, count=len(hints))


def check_point_count(hints: Sequence[Hint]) -> None:
    """Raise ValueError for more than `MOST_POINTS` in all."""
    count = sum(len(hint.points) for hint in hints)
    if count > MOST_POINTS:
        raise UserError.of("points_many", most=MOST_POINTS, count=count)


def plain_note(note: Any) -> str:
    """A hint's note as one line of at most `MOST_NOTE` letters that every file can hold."""
    letters = (letter if letter.isprintable() else " " for letter in note) if isinstance(note, str) else ""
    return " ".join("".join(letters).split())[:MOST_NOTE].rstrip()


def pairs(path: Any) -> list[tuple[Any, Any]]:
    """The points in a list of pairs. Raises ValueError for anything else."""
    try:
        return [(x, y) for x, y in path or ()]
    except (TypeError, ValueError):
        raise UserError.of("hint_place", fraction=path) from None


def _share(strength: Any) -> float:
    try:
        return 1.0 if strength is None else min(max(float(strength), 0.0), 1.0)
    except (TypeError, ValueError):
        raise UserError.of("hint_strength", strength=strength) from None


def to_pixels(fraction: Any, side: int) -> float:
    """A fraction of a side in pixels, within the side, rounded to a hundredth so that the same point always gives the
    same number. Raises ValueError for anything but a number."""
    try:
        value = float(fraction)
    except (TypeError, ValueError):
        value = math.nan
    if not math.isfinite(value):
        raise UserError.of("hint_place", fraction=fraction)
    return min(max(round(value * side, 2), 0.0), side - 0.01)


OWN = "own"
"""The name of the look of a visitor's own settings; all others are presets."""
LIKES = ("nothing", "picture", "palette")
"""Whose colours to prefer."""
MOST_COLOURS = 5
"""The most colours in a palette."""


@dataclass(frozen=True)
class PhotoFile:
    """A photo's file, and how it is read."""

    path: str
    """A path that changes with the file's content, as in Gradio's cache."""
    form: Form = Form()  # noqa: RUF009  # frozen
    """How it is read; what makes a difference only to written files is left out."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "form", self.form.until("colouring"))


@dataclass(frozen=True)
class PhotoRequest:
    """The settings of the tab for one photo."""

    path: str | None = None
    """Path of the photo, in Gradio's cache."""
    checkpoint: str | None = None
    preset: str = DEFAULT_PRESET
    """A name in `PRESETS`, or `OWN`; only `OWN` uses the values of `SLIDERS`."""
    sliders: Readout = field(default_factory=Readout)
    """The values of the sliders; every number of a readout has one."""
    raw: bool = False
    """Whether to show the RGB picture that an architecture predicts, unchanged."""
    like: str = "nothing"
    """Whose colours to prefer: one of `LIKES`; "picture" is `reference`."""
    reference: str | None = None
    """Path of a picture, in Gradio's cache."""
    palette: Sequence[str] = ()
    """Colours, "#rrggbb"."""
    points: Sequence[Mapping[str, Any]] = ()
    """Hints as in the picker: see `points.to_hints`."""
    view: str = "side"
    """The mode of the stage; see `choices`."""
    sides: Mapping[str, str] = field(default_factory=dict)
    """The visitor's choice for the "left" and "right" of the divider; see `sides`."""
    form: Form = Form()  # noqa: RUF009  # frozen
    """How the photo is read and its result is written."""
    photo_box: str | None = None
    """Path of the photo in the input on the left. If `path` is None, the server was started again since."""

    @classmethod
    def from_values(cls, **values: Any) -> PhotoRequest:
        """Make a request from the values of the page's components, by the names of these fields, of sliders, by the
        names of their controls, and of a `Form`'s options. "partial" is the path of a damaged photo of which the
        visitor wants what is there. Raises gr.Error for a number that no slider can have."""
        numbers = {name: values.pop(name) for name in NUMBERS if name in values}
        values["partial"] = bool(values.get("path")) and values.get("partial") == values["path"]
        form = Form.of(values)
        with plain_errors():
            return cls(**values, form=form, sliders=Readout(**numbers))

    def asked(self) -> Asked | None:
        """The same as a request that has a photo and a checkpoint; None if there is no photo. Raises gr.Error if the
        page shows a photo that the server does not know, because it was started again, and if there is no
        checkpoint."""
        if self.photo_box and self.path is None:
            raise refusal("restarted")
        if self.path is None:
            return None
        if not self.checkpoint:
            raise refusal("no_checkpoints")
        return Asked(**vars(self))

    def settings(self, card: Card) -> dict[str, object]:
        """All that is asked of a checkpoint, by name, as manifests say it."""
        network = card.facts
        preset = {"preset": self.preset} if network.has_distribution else {}
        return {"checkpoint": self.checkpoint, **preset, **self.numbers(card).numbers(network)}

    def numbers(self, card: Card) -> Readout:
        """The readout of a checkpoint's distribution: a preset, or the numbers of the sliders."""
        known = card.facts
        if self.preset in PRESETS and known.has_distribution:
            return preset_readout(self.preset, card.temperature)
        return Readout(**{name: getattr(self.sliders, name) for name in SLIDERS}).answered_by(known)


@dataclass(frozen=True)
class Asked(PhotoRequest):
    """A request that has a photo and a checkpoint, as `PhotoRequest.asked` gives it."""

    path: str = ""
    checkpoint: str = ""

    @property
    def file(self) -> PhotoFile:
        """The photo's file, and how it is read."""
        return PhotoFile(self.path, self.form)


def to_palette(colours: Sequence[str]) -> list[tuple[float, float]]:
    """Colours "#rrggbb" as (a, b). Raises ValueError for anything else, and for more than `MOST_COLOURS`."""
    if len(colours) > MOST_COLOURS:
        raise UserError.of("palette_many", most=MOST_COLOURS, count=len(colours))
    return [hex_to_ab(colour) for colour in colours]


# What the visitor's browser keeps of a photo beside its file, as JSON. The server keeps none of it. What comes back was
# in somebody's hands, so every value is checked.

FIELDS = ("checkpoint", "preset", "raw", "view")


@lru_cache(256)
def digest_of(path: str) -> str:
    """The SHA-256 of a photo's file, by which the browser keeps it. The digest in the path of Gradio's cache has a seed
    of the server. Raises OSError."""
    return sha256(Path(path))


def kept(request: PhotoRequest) -> dict[str, Any]:
    """A request as JSON. The file of a picture whose colours it prefers is kept beside it; a request that comes back
    has the path of that file as "reference"."""
    return {
        **{name: getattr(request, name) for name in FIELDS},
        "numbers": {name: getattr(request.sliders, name) for name in NUMBERS},
        "form": {name: getattr(request.form, name) for name, each in OPTIONS.items() if each.control},
        "like": request.like,
        "palette": list(request.palette),
        "points": [dict(point) for point in request.points],
    }


def request_of(value: Any, path: str) -> PhotoRequest | None:
    """The request that the browser kept for the photo at `path`; None if it kept another photo's, or nothing that makes
    sense. value: {"key", "request"}."""
    try:
        return request_from(value["request"], path) if value["key"] == digest_of(path) else None
    except (KeyError, TypeError, OSError):
        return None


def made_with(metadata: Metadata, path: str, size: tuple[int, int]) -> PhotoRequest | None:
    """The request that Colorizer made the file at `path` with, as its metadata say: a photo of `size` (width, height)
    in pixels. None if they do not, or nothing that makes sense."""
    try:
        said = metadata.made
        settings = {"palette": [], **said["settings"]}
        preset = next((name for name in PRESETS if _is(name, settings)), OWN)
        own = settings["palette"] if preset == OWN else []
        request = {
            "checkpoint": said["checkpoint"],
            "preset": preset,
            "raw": False,
            "view": "side",
            "numbers": settings,
            "form": {},
            "like": "palette" if own else "nothing",
            "palette": own,
            "points": [_point(hint, size) for hint in said.get("hints", [])],
        }
        return request_from(request, path)
    except (KeyError, TypeError, ValueError, AttributeError, ZeroDivisionError):
        return None


def _is(preset: str, settings: Mapping[str, Any]) -> bool:
    """Whether the settings in a file are a preset's. Its palette is written as colours of one lightness."""
    readout = preset_readout(preset, settings.get("temperature", 1.0))
    same = (abs(settings.get(name, getattr(readout, name)) - getattr(readout, name)) < 1e-5 for name in NUMBERS)
    return settings["palette"] == [ab_to_hex(MIDDLE, ab) for ab in readout.palette] and all(same)


def _point(hint: Mapping[str, Any], size: tuple[int, int]) -> dict[str, Any]:
    """A correction as the page keeps it, of one as a file says it."""
    width, height = size
    path = [[x / width, y / height] for x, y in hint.get("path", [])]
    return {**hint, "x": hint["x"] / width, "y": hint["y"] / height, "path": path}


def request_from(said: Any, path: str) -> PhotoRequest | None:
    """The request that JSON in the form of `kept` says; None if it makes no sense."""
    try:
        to_hints(said["points"], (1000, 1000))
        to_palette(said["palette"])
        if said["preset"] not in (*PRESETS, OWN) or not isinstance(said["checkpoint"], str):
            return None
        reference = said.get("reference")
        form = {name: given for name, given in said["form"].items() if _possible(name, given)}
        return PhotoRequest.from_values(
            path=path,
            checkpoint=said["checkpoint"],
            preset=said["preset"],
            raw=said["raw"] is True,
            view=str(said["view"]),
            like=said["like"] if said["like"] in LIKES else "nothing",
            reference=reference if isinstance(reference, str) and in_cache(reference) else None,
            palette=tuple(said["palette"]),
            points=said["points"],
            **form | {"partial": path if form.get("partial") else None},
            **{name: said["numbers"][name] for name in NUMBERS if said["numbers"].get(name) is not None},
        )
    except (UserError, gr.Error, KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return None


def _possible(name: str, value: Any) -> bool:
    return name in OPTIONS and value in OPTIONS[name].choices

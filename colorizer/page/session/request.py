"""What a visitor asks of a photograph, and the answer: every control is a question put to one distribution."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from colorizer.architectures.registry import facts
from colorizer.checkpoints.card import Card
from colorizer.colour.hex import hex_to_ab
from colorizer.colour.readout import NUMBERS, PRESETS, SLIDERS, Readout, preset_readout
from colorizer.errors import UserError

from ..i18n.texts import text
from ..i18n.toasts import plain_errors, refusal
from .shelf import Shelf

if TYPE_CHECKING:
    from PIL import Image

    from colorizer.inference.colorization import Colorization
    from colorizer.inference.hints import Hint

OWN = "own"
"""What the preset is called whose sliders were moved."""
DEFAULT_PRESET = "natural"
MOST_HINTS = 100
MOST_COLOURS = 5
"""Colours in a palette."""


@dataclass(frozen=True)
class PhotoRequest:
    """The settings of the tab for one photograph."""

    path: str | None = None
    """The photograph, in Gradio's cache."""
    checkpoint: str | None = None
    preset: str = DEFAULT_PRESET
    """A name in `PRESETS`, or `OWN`: only then do `SLIDERS` count."""
    sliders: Readout = field(default_factory=Readout)
    """Where the sliders are; every number of a readout has one."""
    raw: bool = False
    """Show what an RGB architecture painted itself."""
    like: str = "nothing"
    """Whose colours to prefer: "nothing", "picture" (`reference`) or "palette"."""
    reference: str | None = None
    """A picture, in Gradio's cache."""
    palette: Sequence[str] = ()
    """Colours, "#rrggbb"."""
    points: Sequence[Mapping[str, Any]] = ()
    """Hints as the picker has them: see `to_hints`."""
    view: str = "picture"
    """What the large picture shows; see `choices`."""
    sides: Mapping[str, str] = field(default_factory=dict)
    """What the "left" and the "right" of the slider shall be, where the visitor chose; see `sides`."""
    shown: str | None = None
    """The photograph in the box on the left. Without `path`, it is from before the server was started again."""

    @classmethod
    def from_values(cls, **values: Any) -> PhotoRequest:
        """What the page's parts hold, by the names of these fields, and the number of every slider by its own. Raises
        gr.Error for a number that no slider holds."""
        numbers = {name: values.pop(name) for name in NUMBERS}
        with plain_errors():
            return cls(**values, sliders=Readout(**numbers))

    def numbers(self, card: Card) -> Readout:
        """The numbers that a checkpoint is asked with: the preset's, or those of the visitor's own sliders."""
        known = facts(card.architecture)
        if self.preset in PRESETS and known.has_distribution:
            return preset_readout(self.preset, card.temperature)
        return Readout(**{name: getattr(self.sliders, name) for name in SLIDERS}).answered_by(known)


def check_photo_known(request: PhotoRequest) -> None:
    """Raises gr.Error for a photograph that the page shows and the server does not know, as it was started again."""
    if request.shown and request.path is None:
        raise refusal("restarted")


def plain_answer(shelf: Shelf, request: PhotoRequest) -> Colorization:
    """The photograph with the visitor's hints, under the checkpoint's own readout, at full size. The network runs only
    for another photograph, checkpoint or hints. Raises PhotoError, CheckpointError, ValueError."""
    assert request.path
    assert request.checkpoint
    takes_hints = facts(shelf.card(request.checkpoint).architecture).takes_hints
    hints = to_hints(request.points, shelf.open(request.path).photo.size) if takes_hints else []
    return shelf.colorize(request.path, request.checkpoint, hints)


def read(shelf: Shelf, request: PhotoRequest, result: Colorization) -> Colorization:
    """`result` as boldly, and in the colours, that the visitor asks for; no network runs. Raises PhotoError for a
    reference that cannot be read, ValueError."""
    assert request.checkpoint
    readout = request.numbers(shelf.card(request.checkpoint))
    if result.architecture.has_distribution and request.like != "nothing":
        companions = {name: getattr(request.sliders, name) for name in NUMBERS if name not in SLIDERS}
        if request.like == "picture" and request.reference:
            try:
                readout = readout.changed(reference=shelf.open(request.reference).preview, **companions)
            except FileNotFoundError:
                raise ValueError(text("gone_reference")) from None
        elif request.like == "palette" and request.palette:
            readout = readout.changed(palette=to_palette(request.palette), **companions)
    return result.with_readout(readout)


def answer(shelf: Shelf, request: PhotoRequest) -> Colorization:
    """The photograph as asked for, at full size: `plain_answer`, `read`."""
    return read(shelf, request, plain_answer(shelf, request))


def shown_of(request: PhotoRequest, result: Colorization) -> Image.Image:
    """The picture that a visitor wants of an answer: what an RGB architecture painted itself, if that is asked for."""
    return (result.raw if request.raw else None) or result.image


def to_palette(colours: Sequence[str]) -> list[tuple[float, float]]:
    """Colours "#rrggbb" as (a, b); raises ValueError for what is no colour, and for more than `MOST_COLOURS`."""
    if len(colours) > MOST_COLOURS:
        raise UserError.of("palette_many", most=MOST_COLOURS, count=len(colours))
    return [hex_to_ab(colour) for colour in colours]


def to_hints(points: Sequence[Mapping[str, Any]], size: tuple[int, int]) -> list[Hint]:
    """Hints for a photograph of `size` (width, height).

    points: {"x", "y", "color", "ab"}: fractions of the picture, those outside taken to its edge, and a colour
    "#rrggbb" of which only chroma counts; "ab", if it is there, says it exactly, Lab units. Raises ValueError for what
    is no number or no colour, and for more than `MOST_HINTS`.
    """
    from colorizer.inference.hints import Hint

    few_enough(points)
    hints = []
    for point in points:
        x, y = (place(point.get(key), side) for key, side in zip("xy", size, strict=True))
        a, b = hex_to_ab(point.get("color", "")) if point.get("ab") is None else _two_numbers(point["ab"])
        hints.append(Hint(x, y, (min(max(a, -128.0), 128.0), min(max(b, -128.0), 128.0))))
    return hints


def few_enough(hints: Sequence[Any]) -> None:
    """Raises ValueError for more than `MOST_HINTS`."""
    if len(hints) > MOST_HINTS:
        raise UserError.of("hints_many", most=MOST_HINTS, count=len(hints))


def _two_numbers(ab: Any) -> tuple[float, float]:
    try:
        a, b = (float(value) for value in ab)
    except (TypeError, ValueError):
        a = b = math.nan
    if not (math.isfinite(a) and math.isfinite(b)):
        raise UserError.of("ab", ab=ab)
    return a, b


def place(fraction: Any, side: int) -> float:
    """A fraction of a side as pixels within it, to the hundredth, so that the same place is always the same number.
    Raises ValueError for what is no number."""
    try:
        value = float(fraction)
    except (TypeError, ValueError):
        value = math.nan
    if not math.isfinite(value):
        raise UserError.of("hint_place", fraction=fraction)
    return min(max(round(value * side, 2), 0.0), side - 0.01)

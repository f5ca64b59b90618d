"""What a visitor asks of a photograph, and the answer: every control is a question put to one distribution."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from colorizer.architectures.registry import facts
from colorizer.checkpoints.card import Card
from colorizer.colour.hex import hex_to_ab
from colorizer.colour.presets import PRESETS, settled
from colorizer.errors import UserError

from ..i18n.texts import text
from ..i18n.toasts import refusal
from .shelf import Shelf

if TYPE_CHECKING:
    from PIL import Image

    from colorizer.inference.colorization import Colorization
    from colorizer.inference.hints import Hint

OWN = "own"
"""What the preset is called whose sliders were moved."""
DEFAULT_PRESET = "natural"
RANGES = {"temperature": (0.1, 1.2), "vividness": (0.0, 1.0), "saturation": (0.0, 2.0)}
"""How far a visitor's own sliders go; the temperature as far as a checkpoint's own may."""
MOST_HINTS = 100
MOST_COLOURS = 5
"""Colours in a palette."""


@dataclass(frozen=True)
class Asked:
    """The settings of the tab for one photograph, in the order in which its handlers get them."""

    path: str | None = None
    """The photograph, in Gradio's cache."""
    checkpoint: str | None = None
    preset: str = DEFAULT_PRESET
    """A name in `PRESETS`, or `OWN`: only then do the three that follow count."""
    temperature: float = 1.0
    vividness: float = 0.0
    saturation: float = 1.0
    raw: bool = False
    """Show what an RGB architecture painted itself."""
    like: str = "nothing"
    """Whose colours to prefer: "nothing", "picture" (`reference`) or "palette"."""
    reference: str | None = None
    """A picture, in Gradio's cache."""
    palette: Sequence[str] = ()
    """Colours, "#rrggbb"."""
    strength: float = 1.0
    points: Sequence[Mapping[str, Any]] = ()
    """Hints as the picker has them: see `to_hints`."""
    view: str = "picture"
    """What the large picture shows; see `choices`."""
    sides: Mapping[str, str] = field(default_factory=dict)
    """What the "left" and the "right" of the slider shall be, where the visitor chose; see `sides`."""
    shown: str | None = None
    """The photograph in the box on the left. Without `path`, it is from before the server was started again."""

    def sliders(self, card: Card) -> tuple[float, float, float]:
        """Temperature, vividness and saturation: the preset's, or the visitor's own."""
        known = facts(card.architecture)
        if self.preset in PRESETS and known.has_distribution:
            return preset_sliders(self.preset, card)
        return self.temperature, self.vividness, self.saturation


def still_known(asked: Asked) -> None:
    """Raises gr.Error for a photograph that the page shows and the server does not know, as it was started again."""
    if asked.shown and asked.path is None:
        raise refusal("restarted")


def preset_sliders(name: str, card: Card) -> tuple[float, float, float]:
    """Where a preset puts temperature, vividness and saturation under a checkpoint."""
    return *settled(name, card.temperature), 1.0


def plain_answer(shelf: Shelf, asked: Asked) -> Colorization:
    """The photograph with the visitor's hints, under the checkpoint's own readout, at full size. The network runs only
    for another photograph, checkpoint or hints. Raises PhotoError, CheckpointError, ValueError."""
    assert asked.path
    assert asked.checkpoint
    takes_hints = facts(shelf.card(asked.checkpoint).architecture).takes_hints
    hints = to_hints(asked.points, shelf.open(asked.path).photo.size) if takes_hints else []
    return shelf.colorize(asked.path, asked.checkpoint, hints)


def read(shelf: Shelf, asked: Asked, result: Colorization) -> Colorization:
    """`result` as boldly, and in the colours, that the visitor asks for; no network runs. Raises PhotoError for a
    reference that cannot be read, ValueError."""
    assert asked.checkpoint
    temperature, vividness, saturation = asked.sliders(shelf.card(asked.checkpoint))
    if result.architecture.has_distribution:
        wishes: dict[str, Any] = {}
        if asked.like == "picture" and asked.reference:
            try:
                wishes = {"reference": shelf.open(asked.reference).preview, "strength": asked.strength}
            except FileNotFoundError:
                raise ValueError(text("gone_reference")) from None
        elif asked.like == "palette" and asked.palette:
            wishes = {"palette": to_palette(asked.palette), "strength": asked.strength}
        result = result.with_readout(temperature=temperature, vividness=vividness, **wishes)
    return result.with_saturation(saturation)


def answer(shelf: Shelf, asked: Asked) -> Colorization:
    """The photograph as asked for, at full size: `plain_answer`, `read`."""
    return read(shelf, asked, plain_answer(shelf, asked))


def shown_of(asked: Asked, result: Colorization) -> Image.Image:
    """The picture that a visitor wants of an answer: what an RGB architecture painted itself, if that is asked for."""
    return (result.raw if asked.raw else None) or result.image


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
        raise UserError.of("hint_ab", ab=ab)
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

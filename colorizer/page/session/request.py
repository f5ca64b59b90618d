"""A visitor's request about a photo. Every control reads the same predicted distribution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from colorizer.checkpoints.card import Card
from colorizer.colour.hex import hex_to_ab
from colorizer.colour.readout import DEFAULT_PRESET, NUMBERS, PRESETS, SLIDERS, Readout, preset_readout
from colorizer.errors import UserError
from colorizer.photo.form import Form

from ..i18n.toasts import plain_errors, refusal
from .opened import PhotoFile

OWN = "own"
"""The name of the look of a visitor's own settings; all others are presets."""
MOST_COLOURS = 5
"""The most colours in a palette."""


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
    """Whose colours to prefer: "nothing", "picture" (`reference`) or "palette"."""
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

"""What a visitor asks for about a photo, and the answer. Every control reads the same predicted distribution."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from colorizer.checkpoints.card import Card
from colorizer.colour.hex import hex_to_ab
from colorizer.colour.readout import NUMBERS, PRESETS, SLIDERS, Readout, preset_readout
from colorizer.errors import UserError
from colorizer.photo.form import Form

from ..i18n.texts import text
from ..i18n.toasts import plain_errors, refusal
from .opened import PhotoFile
from .points import to_hints
from .shelf import Shelf
from .tones import DEFAULT_PRESET, preset_of, toned

if TYPE_CHECKING:
    from PIL import Image

    from colorizer.inference.colorization import Colorization
    from colorizer.inference.hints import Hint

MOST_COLOURS = 5
"""The most colours in a palette."""


@dataclass(frozen=True)
class PhotoRequest:
    """The settings of the tab for one photo."""

    path: str | None = None
    """Path of the photo, in Gradio's cache."""
    checkpoint: str | None = None
    preset: str = DEFAULT_PRESET
    """A name in `tones.LOOKS`, or `OWN`; only `OWN` uses the values of `SLIDERS`."""
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
    """What the stage shows; see `choices`."""
    sides: Mapping[str, str] = field(default_factory=dict)
    """What the visitor chose for the "left" and "right" of the divider; see `sides`."""
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

    @property
    def file(self) -> PhotoFile:
        """The photo's file, and how it is read. There must be one."""
        assert self.path
        return PhotoFile(self.path, self.form)

    def settings(self, card: Card) -> dict[str, object]:
        """What is asked of a checkpoint, by name, as manifests say it."""
        network = card.facts
        preset = {"preset": self.preset} if network.has_distribution else {}
        return {"checkpoint": self.checkpoint, **preset, **self.numbers(card).numbers(network)}

    def numbers(self, card: Card) -> Readout:
        """The numbers to read a checkpoint's distribution with: the preset's, or those of the sliders."""
        known = card.facts
        if preset_of(self.preset) in PRESETS and known.has_distribution:
            return preset_readout(preset_of(self.preset), card.temperature)
        return Readout(**{name: getattr(self.sliders, name) for name in SLIDERS}).answered_by(known)


def check_photo_known(request: PhotoRequest) -> None:
    """Raise gr.Error if the page shows a photo that the server does not know, because it was started again."""
    if request.photo_box and request.path is None:
        raise refusal("restarted")


def plain_answer(shelf: Shelf, request: PhotoRequest) -> Colorization:
    """The photo coloured with the visitor's hints and the checkpoint's own readout, at full size. The network runs only
    for a new photo, checkpoint or hints. Raises PhotoError, CheckpointError, ValueError."""
    assert request.checkpoint
    takes_hints = shelf.card(request.checkpoint).facts.takes_hints
    hints = to_hints(request.points, shelf.open(request.file).photo.size) if takes_hints else []
    return coloured(shelf.colorize, request.file, request.checkpoint, hints)


def coloured(
    colorize: Callable[..., Colorization], file: PhotoFile, checkpoint: str, hints: Sequence[Hint]
) -> Colorization:
    """A photo coloured with these hints. Those about things need no pass of the network, and notes no other answer.
    colorize: `Shelf.colorize`, or `Shelf.kept`."""
    if hints and all(hint.reach == "thing" for hint in hints):
        plain = colorize(file, checkpoint)
        return replace(plain, hints=tuple(hints), shares=(0.0,) * len(hints))
    result = colorize(file, checkpoint, [hint._replace(note="") for hint in hints])
    return replace(result, hints=tuple(hints)) if any(hint.note for hint in hints) else result


def answer_for(shelf: Shelf, request: PhotoRequest, photo: Image.Image) -> Colorization:
    """A photo that is not kept, such as one of an album, coloured as `request` asks for. Raises as `answer` does."""
    assert request.checkpoint
    takes_hints = shelf.card(request.checkpoint).facts.takes_hints
    hints = to_hints(request.points, photo.size) if takes_hints else []
    return apply_readout(shelf, request, shelf.run(request.checkpoint, photo, hints))


def apply_readout(shelf: Shelf, request: PhotoRequest, result: Colorization) -> Colorization:
    """`result` with the preset, sliders and preferred colours that the visitor chose; no network runs.

    Raises ValueError, and PhotoError for a reference that cannot be read.
    """
    assert request.checkpoint
    readout = request.numbers(shelf.card(request.checkpoint))
    if result.architecture.has_distribution:
        readout = toned(readout, request.preset)
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
    """The photo coloured as the visitor asks for, at full size: `plain_answer`, then `apply_readout`."""
    return apply_readout(shelf, request, plain_answer(shelf, request))


def picture_of(request: PhotoRequest, result: Colorization) -> Image.Image:
    """The picture in an answer: the architecture's own RGB picture if the visitor asks for that and there is one."""
    return (result.raw if request.raw else None) or result.image


def to_palette(colours: Sequence[str]) -> list[tuple[float, float]]:
    """Colours "#rrggbb" as (a, b). Raises ValueError for anything else, and for more than `MOST_COLOURS`."""
    if len(colours) > MOST_COLOURS:
        raise UserError.of("palette_many", most=MOST_COLOURS, count=len(colours))
    return [hex_to_ab(colour) for colour in colours]

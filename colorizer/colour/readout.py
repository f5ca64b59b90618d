"""How colours are chosen from a predicted distribution: every control, described once, and the presets.

A new control needs one more field of `Readout`, a line in `bins.read` (or in `Readout.strengthened`), and two texts for
the page, `<name>` and `<name>_info`. The field then gives the slider on the page, the command line's flag, the
parameter of `Colorizer.colorize` and of the endpoint, the setting in an album and the line in the speaker notes.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

from PIL import Image

from ..errors import UserError, expect
from .hex import ab_of

if TYPE_CHECKING:
    from torch import Tensor  # torch need not be imported to print a help text

Function = TypeVar("Function", bound=Callable[..., Any])
ALL, APART, NEUTRAL, CAST = 0.5, 1.7, 20.0, 10.0
"""How much colours grow together and apart; the chroma, in Lab units, at which they move apart by half; and the
strongest cast. The effect is about as strong as multiplying chroma."""


class Answering(Protocol):
    """An architecture that controls apply to: the class itself, one of its instances, or its `registry.Facts`."""

    @property
    def name(self) -> str: ...
    @property
    def has_distribution(self) -> bool: ...
    @property
    def has_finish(self) -> bool: ...


@dataclass(frozen=True)
class Control:
    """How one field of `Readout` is presented to people."""

    help: str
    """Its effect, in a few English words for the command line and the API."""
    default: Any
    """The default value; for a number, None means the checkpoint's own."""
    kind: Literal["number", "colours", "picture"] = "number"
    lowest: float = 0.0
    highest: float = 1.0
    """Range of the slider and of the API."""
    step: float = 0.05
    """Step of the slider."""
    limits: tuple[float, float] = (0.0, 100.0)
    """Range for Python and the command line. Numbers far outside it overflow, and the picture would be black."""
    needs: Literal["distribution", "finish", ""] = ""
    """The part that an architecture needs for it. Without a finish, presets that ask for one do what they can."""
    only_with: tuple[str, ...] = ()
    """Other controls; this one has an effect only if one of them has a value."""

    def answered_by(self, architecture: Answering) -> bool:
        """Whether an architecture supports it."""
        return not self.needs or bool(getattr(architecture, f"has_{self.needs}"))


def control(default: Any, help: str, **options: Any) -> Any:
    """A field of `Readout`; options are fields of `Control`."""
    return field(default=default, metadata={"control": Control(help, default, **options)})


@dataclass(frozen=True)
class Readout:
    """The values of all controls: numbers, colours and a picture. Raises ValueError for numbers that are not finite or
    outside their control's `limits`, and for a reference together with a palette."""

    temperature: float | None = control(
        None,
        "1 is the safest, lower is clearer",
        lowest=0.1,
        highest=1.2,  # the highest a checkpoint's own can be
        step=0.01,
        limits=(0.001, 100.0),
        needs="distribution",
    )
    """Temperature of the annealed mean; None is the one at which the checkpoint measured best."""
    vividness: float = control(0.0, "prefers rare colours", needs="distribution")
    """The distribution is divided by the colour prior to this power."""
    saturation: float = control(1.0, "how strong predicted colours are; 0 is gray", highest=2.0)
    """Below 1 a factor on chroma; above, colours grow apart more than they grow together (`saturation.saturated`).
    Colours that somebody chose, by hints, stay as they are."""
    finish: float = control(0.0, "0 is the likeliest on average, 1 what looks like a true photograph", needs="finish")
    """The share of the colours that come from the network's finish."""
    palette: Sequence[tuple[float, float]] = control((), "colours to prefer", kind="colours", needs="distribution")
    """(a, b) of each colour, Lab units; "#rrggbb" is taken, too."""
    reference: Image.Image | None = control(  # noqa: RUF009  # it makes a field
        None, "prefers the colours of this picture", kind="picture", needs="distribution"
    )
    """PIL, any mode. Stored as 64 x 64 pixels "RGB", because nothing more is used."""
    strength: float = control(
        1.0,
        "how much a reference or palette is preferred",
        highest=1.5,
        needs="distribution",
        only_with=("reference", "palette"),
    )

    def __post_init__(self) -> None:
        for name, each in NUMBERS.items():
            value = getattr(self, name)
            if not (value is None and each.default is None):
                check_number(name, value, *each.limits)
        palette = [] if self.palette is None else self.palette
        expect(palette, Iterable, "a palette is a list of colours")
        object.__setattr__(self, "palette", tuple(ab_of(colour) for colour in palette))
        if self.reference is not None:
            if self.palette:
                raise UserError.of("one_reference")
            object.__setattr__(self, "reference", _shrunk(self.reference))

    def changed(self, **changes: Any) -> Readout:
        """A copy with other values. A reference replaces a palette, and a palette replaces a reference."""
        palette = changes.get("palette")
        if changes.get("reference") is not None:
            changes.setdefault("palette", ())
        elif palette is not None and len(palette):
            changes["reference"] = None
        return replace(self, **changes)

    def with_own(self, temperature: float) -> Readout:
        """A copy with the checkpoint's own temperature if none was given."""
        return replace(self, temperature=temperature) if self.temperature is None else self

    def check(self, architecture: Answering) -> None:
        """Raise ValueError if a control is used that an architecture does not support."""
        vain = [
            name
            for name, each in CONTROLS.items()
            if each.needs != "finish"
            and not each.answered_by(architecture)
            and getattr(self, name) != each.default
            and self._counts(each)
        ]
        if vain:
            raise UserError.of("no_readout", architecture=architecture.name, asked=", ".join(vain))

    def answered_by(self, architecture: Answering) -> Readout:
        """A copy without the controls that an architecture does not support."""
        vain = {name: each.default for name, each in CONTROLS.items() if not each.answered_by(architecture)}
        return replace(self, **vain)

    def numbers(self, architecture: Answering) -> dict[str, float]:
        """Every number that has an effect for an architecture, by name."""
        return {
            name: getattr(self, name)
            for name, each in NUMBERS.items()
            if each.answered_by(architecture) and self._counts(each)
        }

    @property
    def prefers_colours(self) -> bool:
        """Whether there is a reference or a palette."""
        return self.reference is not None or bool(self.palette)

    def questions(self, centres: Tensor) -> dict[str, Any]:
        """Keyword arguments for `to_ab` of a network with a distribution. centres (Q, 2): its bins, Lab units."""
        from . import bins

        arguments: dict[str, Any] = {
            name: getattr(self, name)
            for name, each in NUMBERS.items()
            if each.needs == "distribution" and getattr(self, name) is not None
        }
        if self.finish:
            arguments["finish"] = self.finish
        if self.reference is not None:
            arguments["histogram"] = bins.picture_histogram(self.reference, centres)
        elif self.palette:
            arguments["histogram"] = bins.palette_histogram(self.palette, centres)
        return arguments

    def strengthened(self, ab: Tensor) -> Tensor:
        """Apply the controls that work for every architecture to what it predicts: ab (2, h, w), Lab units -> the same
        shape."""
        return saturated(ab, self.saturation)

    def _counts(self, each: Control) -> bool:
        return not each.only_with or any(getattr(self, name) != CONTROLS[name].default for name in each.only_with)


CONTROLS: Mapping[str, Control] = {each.name: each.metadata["control"] for each in fields(Readout)}
"""Every control by name, in display order."""
NUMBERS: Mapping[str, Control] = {name: each for name, each in CONTROLS.items() if each.kind == "number"}
SLIDERS: Mapping[str, Control] = {name: each for name, each in NUMBERS.items() if not each.only_with}
"""The numbers that need no other control: presets set them."""

PRESETS: Mapping[str, Mapping[str, Any]] = {
    "faithful": {"temperature": None, "vividness": 0.0, "saturation": 1.0, "finish": 0.0},
    "natural": {"temperature": 0.45, "vividness": 0.15, "saturation": 1.3, "finish": 1.0},
    "vivid": {"temperature": 0.45, "vividness": 0.15, "saturation": 1.5, "finish": 1.0},
    "warm": {
        "temperature": 0.45, "vividness": 0.15, "saturation": 1.3, "finish": 1.0,
        "palette": ((6.0, 24.0), (14.0, 40.0), (30.0, 44.0), (2.0, 10.0)), "strength": 0.35,
    },
    "cool": {
        "temperature": 0.45, "vividness": 0.15, "saturation": 1.3, "finish": 1.0,
        "palette": ((-4.0, -14.0), (-2.0, -28.0), (-18.0, -2.0), (0.0, -4.0)), "strength": 0.3,
    },
    "faded": {
        "temperature": 1.0, "vividness": 0.0, "saturation": 0.75, "finish": 0.0,
        "palette": ((14.0, 14.0), (4.0, 24.0), (2.0, 6.0), (-6.0, 10.0)), "strength": 0.5,
    },
    "tinted": {
        "temperature": 0.45, "vividness": 0.15, "saturation": 0.9, "finish": 1.0,
        "palette": ((26.0, 14.0), (-8.0, -20.0), (-14.0, 12.0), (6.0, 16.0)), "strength": 0.8,
    },
    "rare": {"temperature": 0.3, "vividness": 0.7, "saturation": 1.2, "finish": 1.0},
}  # fmt: skip
"""Readouts by name: three from the safest to the boldest, then those that differ in colour. A palette prefers some of
the colours that the network finds likely; no tint is laid over the picture. `python -m benchmarks flagship PHOTOS`
prints what the first three cost and gain.
"""
DEFAULT_PRESET = "natural"
"""The preset that people see who ask for nothing else."""
BOLDNESS = ("faithful", "natural", "vivid")
"""The presets that differ in how bold they are, from the safest to the boldest."""


def preset(name: str) -> dict[str, Any]:
    """The values of a preset, for `colorizer.colorize(photo, **preset("vivid"))` or `result.with_readout`; raises
    ValueError that lists the known presets."""
    try:
        return dict(PRESETS[name])
    except (KeyError, TypeError):
        raise UserError.of("preset", name=name, known=", ".join(PRESETS)) from None


def preset_readout(name: str, own_temperature: float) -> Readout:
    """A preset for a checkpoint whose own temperature is `own_temperature`; raises ValueError."""
    return Readout(**preset(name)).with_own(own_temperature)


def check_ranges(values: Mapping[str, Any]) -> None:
    """Raise ValueError for a number, given by its control's name, outside `lowest` to `highest`; None is always
    allowed."""
    for name, each in NUMBERS.items():
        if values.get(name) is not None:
            check_number(name, values[name], each.lowest, each.highest)


def check_number(name: str, value: Any, lowest: float, highest: float) -> None:
    """Raise ValueError, naming the number, if it is not between `lowest` and `highest`."""
    try:
        fits = bool(lowest <= value <= highest)  # False for NaN
    except (TypeError, ValueError):  # a text, an array
        fits = False
    if not fits:
        raise UserError.of("out_of_range", name=name, lowest=lowest, highest=highest, value=value)


def saturated(ab: Tensor, factor: float | Tensor) -> Tensor:
    """Colours of one picture, weaker or stronger: (2, h, w) in Lab units -> the same shape.

    factor: 0 is gray, 1 changes nothing, and below 1 it multiplies chroma. Above, colours grow apart more than they
    grow together. Their mean is the cast that a network gives a photograph that it knows little about, and a stronger
    cast looks like sepia, so it grows less. Nearly gray places keep their colours, so that whites stay white. A mean
    stronger than `CAST` is no cast but a lawn or a sky, and skin in front of it must not turn red.
    """
    if isinstance(factor, float | int) and factor <= 1:
        return ab * factor
    factor = ab.new_ones(()) * factor
    chroma = (ab.square().sum(dim=0) + 1e-12).sqrt()  # seventy times as fast as norm, and it has a gradient at 0
    mean = ab.mean(dim=(1, 2), keepdim=True)
    cast = mean * (CAST / mean.norm().clamp(min=CAST))
    apart = (ab - cast) * (chroma / (chroma + NEUTRAL))
    return factor.clamp(max=1) * ab + (factor - 1).clamp(min=0) * (ALL * ab + APART * apart)


def takes_readout(function: Function) -> Function:
    """Show the controls as keywords in the signature of a function that takes them as `**readout`."""
    shown = inspect.signature(function)
    keywords = [
        inspect.Parameter(each.name, inspect.Parameter.KEYWORD_ONLY, default=each.default, annotation=each.type)
        for each in fields(Readout)
    ]
    others = [p for p in shown.parameters.values() if p.kind is not inspect.Parameter.VAR_KEYWORD]
    function.__signature__ = shown.replace(parameters=[*others, *keywords])  # type: ignore[attr-defined]
    return function


def _shrunk(picture: Image.Image) -> Image.Image:
    small = picture.convert("RGB")
    return small if small.size == (64, 64) else small.resize((64, 64), Image.Resampling.BOX)

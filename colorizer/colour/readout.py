"""What a predicted distribution of colours is asked: every control, described once, and the presets.

A new control is one more field of `Readout`, a line in `bins.read` (or in `Readout.finish`), and two sentences for the
page, `<name>` and `<name>_info`. From the field follow the slider on the page, the flag of the command line, the
parameter of `Colorizer.colorize` and of the endpoint, the key in a permalink, the setting in an album and the line in
the speaker notes.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

from PIL import Image

from ..errors import UserError

if TYPE_CHECKING:
    from torch import Tensor

Function = TypeVar("Function", bound=Callable[..., Any])


class Answering(Protocol):
    """What can be asked of an architecture: the class itself, one of its instances, or its `registry.Facts`."""

    @property
    def name(self) -> str: ...
    @property
    def has_distribution(self) -> bool: ...


@dataclass(frozen=True)
class Control:
    """How one field of `Readout` is offered to people."""

    help: str
    """A few English words for the command line and the API: what it does."""
    default: Any
    """What is asked where nothing is said; for a number, None is the checkpoint's own."""
    kind: Literal["number", "colours", "picture"] = "number"
    lowest: float = 0.0
    highest: float = 1.0
    """What a slider, a link and the API can ask for."""
    step: float = 0.05
    """Of the slider."""
    limits: tuple[float, float] = (0.0, 100.0)
    """What Python and the command line can ask for. Numbers far outside overflow, and the picture would be black."""
    needs: Literal["distribution", ""] = ""
    """What an architecture must have to answer it."""
    only_with: tuple[str, ...] = ()
    """Other controls; without a value for one of them this one has no effect."""

    def answered_by(self, architecture: Answering) -> bool:
        """Whether an architecture can answer it."""
        return not self.needs or bool(getattr(architecture, f"has_{self.needs}"))


def control(default: Any, help: str, **options: Any) -> Any:
    """A field of `Readout`; options as `Control` has them."""
    return field(default=default, metadata={"control": Control(help, default, **options)})


@dataclass(frozen=True)
class Readout:
    """What a distribution is asked, as numbers, colours and a picture. Raises ValueError for numbers that are not
    finite or outside of their control's `limits`, and for a reference and a palette at once."""

    temperature: float | None = control(
        None,
        "1 is the safest, lower is clearer",
        lowest=0.1,
        highest=1.2,  # as far as a checkpoint's own goes
        step=0.01,
        limits=(0.001, 100.0),
        needs="distribution",
    )
    """Of the annealed mean; None: the one at which the checkpoint measured best."""
    vividness: float = control(0.0, "prefers rare colours", needs="distribution")
    """The power of the colour prior by which the distribution is divided."""
    saturation: float = control(1.0, "factor on chroma", highest=2.0)
    palette: Sequence[tuple[float, float]] = control((), "colours to prefer", kind="colours", needs="distribution")
    """(a, b) of each, Lab units."""
    reference: Image.Image | None = control(  # noqa: RUF009  # it makes a field
        None, "prefers the colours of this picture", kind="picture", needs="distribution"
    )
    """PIL, any mode. Kept as 64 x 64 pixels "RGB", which is all that is looked at."""
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
        object.__setattr__(self, "palette", tuple(_finite_ab(colour) for colour in palette))
        if self.reference is not None:
            if self.palette:
                raise UserError.of("one_reference")
            object.__setattr__(self, "reference", _shrunk(self.reference))

    def changed(self, **changes: Any) -> Readout:
        """The same with other values. A reference replaces a palette, and a palette a reference."""
        palette = changes.get("palette")
        if changes.get("reference") is not None:
            changes.setdefault("palette", ())
        elif palette is not None and len(palette):
            changes["reference"] = None
        return replace(self, **changes)

    def with_own(self, temperature: float) -> Readout:
        """The same at the checkpoint's own temperature where none was asked for."""
        return replace(self, temperature=temperature) if self.temperature is None else self

    def check(self, architecture: Answering) -> None:
        """Raises ValueError where an architecture is asked what it cannot answer."""
        vain = [
            name
            for name, each in CONTROLS.items()
            if not each.answered_by(architecture) and getattr(self, name) != each.default and self._counts(each)
        ]
        if vain:
            raise UserError.of("no_readout", architecture=architecture.name, asked=", ".join(vain))

    def answered_by(self, architecture: Answering) -> Readout:
        """The same without what an architecture cannot answer."""
        vain = {name: each.default for name, each in CONTROLS.items() if not each.answered_by(architecture)}
        return replace(self, **vain)

    def numbers(self, architecture: Answering) -> dict[str, float]:
        """Every number that counts for an architecture, by name: what there is to say about how it was asked."""
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
        """What the distribution is asked, as `bins.read` takes it. centres (Q, 2): its bins, Lab units."""
        from . import bins

        asked: dict[str, Any] = {
            name: getattr(self, name)
            for name, each in NUMBERS.items()
            if each.needs == "distribution" and getattr(self, name) is not None
        }
        if self.reference is not None:
            asked["histogram"] = bins.picture_histogram(self.reference, centres)
        elif self.palette:
            asked["histogram"] = bins.palette_histogram(self.palette, centres)
        return asked

    def finish(self, ab: Tensor) -> Tensor:
        """What is done to the colours of every architecture: ab (2, h, w), Lab units, in and out."""
        return ab * self.saturation

    def _counts(self, each: Control) -> bool:
        return not each.only_with or any(getattr(self, name) != CONTROLS[name].default for name in each.only_with)


CONTROLS: Mapping[str, Control] = {each.name: each.metadata["control"] for each in fields(Readout)}
"""Every control by name, in the order in which they are shown."""
NUMBERS: Mapping[str, Control] = {name: each for name, each in CONTROLS.items() if each.kind == "number"}
SLIDERS: Mapping[str, Control] = {name: each for name, each in NUMBERS.items() if not each.only_with}
"""The numbers that need nothing beside them: those that presets set and links hold."""

PRESETS: Mapping[str, Mapping[str, float | None]] = {
    "faithful": {"temperature": None, "vividness": 0.0},
    "natural": {"temperature": 0.6, "vividness": 0.45},
    "vivid": {"temperature": 0.55, "vividness": 0.9},
}
"""Readouts by name, from the safest to the boldest. What they cost and bring is printed by `python -m
benchmarks.flagship PHOTOS`, and with `--sweep` for every temperature with every vividness, from which they are chosen.
"""


def preset(name: str) -> dict[str, float | None]:
    """The values of a preset, for `colorizer.colorize(photo, **preset("vivid"))` or `result.with_readout`; raises
    ValueError that lists those there are."""
    try:
        return dict(PRESETS[name])
    except KeyError:
        raise UserError.of("preset", name=name, known=", ".join(PRESETS)) from None


def preset_readout(name: str, own_temperature: float) -> Readout:
    """A preset under a checkpoint whose own temperature is `own_temperature`; raises ValueError."""
    return Readout(**preset(name)).with_own(own_temperature)  # type: ignore[arg-type]


def check_ranges(values: Mapping[str, Any]) -> None:
    """Raises ValueError for a number, by the name of its control, that is outside of `lowest` to `highest`; None is
    not looked at."""
    for name, each in NUMBERS.items():
        if values.get(name) is not None:
            check_number(name, values[name], each.lowest, each.highest)


def check_number(name: str, value: Any, lowest: float, highest: float) -> None:
    """Raises ValueError, which says how the number is called, where it is not from `lowest` to `highest`."""
    try:
        fits = bool(lowest <= value <= highest)  # False for NaN
    except TypeError:
        fits = False
    if not fits:
        raise UserError.of("out_of_range", name=name, lowest=lowest, highest=highest, value=value)


def takes_readout(function: Function) -> Function:
    """Show the controls as keywords in the signature of a function that takes them by `**readout`."""
    shown = inspect.signature(function)
    keywords = [
        inspect.Parameter(each.name, inspect.Parameter.KEYWORD_ONLY, default=each.default, annotation=each.type)
        for each in fields(Readout)
    ]
    others = [p for p in shown.parameters.values() if p.kind is not inspect.Parameter.VAR_KEYWORD]
    function.__signature__ = shown.replace(parameters=[*others, *keywords])  # type: ignore[attr-defined]
    return function


def _finite_ab(colour: Any) -> tuple[float, float]:
    try:
        a, b = (float(value) for value in colour)
    except (TypeError, ValueError):
        a = b = math.nan
    if not (math.isfinite(a) and math.isfinite(b)):
        raise UserError.of("ab", ab=colour)
    return a, b


def _shrunk(picture: Image.Image) -> Image.Image:
    small = picture.convert("RGB")
    return small if small.size == (64, 64) else small.resize((64, 64), Image.Resampling.BOX)

"""Three ways to ask for colours, by name: how bold a guess a person wants.

A preset is nothing but readouts of one distribution, `colorizer.colorize(photo, **preset("vivid"))`, so going from one
to another (`Colorization.with_readout`) never runs a network. `python -m benchmarks.flagship PHOTOS` prints what each
costs and brings, and with `--sweep` what every temperature with every vividness does, which is what they are chosen
from.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import UserError

PRESETS: Mapping[str, Mapping[str, float | None]] = {
    "faithful": {"temperature": None, "vividness": 0.0},
    "natural": {"temperature": 0.6, "vividness": 0.45},
    "vivid": {"temperature": 0.55, "vividness": 0.9},
}
"""Temperature (None: the one at which the checkpoint measured best) and vividness, from the safest to the boldest."""


def settled(name: str, own: float) -> tuple[float, float]:
    """Temperature and vividness of a preset under a checkpoint whose own temperature is `own`; raises ValueError."""
    asked = preset(name)
    return asked["temperature"] or own, asked["vividness"] or 0.0


def preset(name: str) -> dict[str, float | None]:
    """The readouts of a preset; raises ValueError that lists those there are."""
    try:
        return dict(PRESETS[name])
    except KeyError:
        raise UserError.of("preset", name=name, known=", ".join(PRESETS)) from None

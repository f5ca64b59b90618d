"""The device on which networks run: $COLORIZER_DEVICE."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from colorizer.checkpoints.card import Card

if TYPE_CHECKING:
    from colorizer.inference.colorizer import Colorizer


def on_zero_gpu() -> bool:
    """Whether this is a Space on ZeroGPU hardware, by the variable that Spaces sets there."""
    return os.environ.get("SPACES_ZERO_GPU", "").lower() in ("1", "t", "true")


def chosen_device() -> str:
    """$COLORIZER_DEVICE: "auto", "cpu", "mps", "cuda" or "cuda:1"; raises ValueError for anything else.

    On ZeroGPU it is the CPU, and a GPU raises ValueError: borrowing one takes longer than a network's pass on the CPU,
    and uses up the visitor's GPU seconds of the day.
    """
    name = os.environ.get("COLORIZER_DEVICE") or "auto"
    if not re.fullmatch(r"auto|cpu|mps|cuda(:\d+)?", name):
        raise ValueError(f"COLORIZER_DEVICE is auto, cpu, cuda, cuda:1 or mps, not {name!r}")
    if not on_zero_gpu():
        return name
    if name not in ("auto", "cpu"):
        raise ValueError(f"COLORIZER_DEVICE is auto or cpu on ZeroGPU, not {name!r}: networks run on the CPU there")
    return "cpu"


def load_on_device(card: Card) -> Colorizer:
    """Load a checkpoint on the `chosen_device`. Raises CheckpointError, and ValueError for a missing device."""
    from colorizer.inference.colorizer import Colorizer

    return Colorizer.from_checkpoint(card.path, device=chosen_device())


def satisfy_zero_gpu() -> None:
    """Show Spaces a function that may use its GPU, and never call it. ZeroGPU does not start a page without one.
    Raises ImportError where the package that Spaces installs is missing."""
    import spaces

    spaces.GPU(lambda: None)

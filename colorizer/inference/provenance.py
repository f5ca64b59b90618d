"""Describes how the colours of a result were made, for its file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..architectures.contract import Architecture
from ..colour.hex import MIDDLE, ab_to_hex
from ..colour.readout import Readout
from ..photo.metadata import Provenance
from .hints import Hint


def provenance_of(
    checkpoint: str, sha256: str, architecture: Architecture, readout: Readout, hints: Sequence[Hint]
) -> Provenance:
    """Checkpoint, settings and hints of a result, and today's date."""
    settings: dict[str, Any] = {name: round(value, 6) for name, value in readout.numbers(architecture).items()}
    if readout.palette:
        settings["palette"] = [ab_to_hex(MIDDLE, ab) for ab in readout.palette]
    if readout.reference is not None:
        settings["reference"] = "a picture"
    return Provenance(checkpoint, sha256, settings, [_hint_as_json(hint) for hint in hints])


def _hint_as_json(hint: Hint) -> dict[str, Any]:
    said: dict[str, Any] = {"x": round(hint.x, 2), "y": round(hint.y, 2), "color": ab_to_hex(MIDDLE, hint.ab)}
    said["ab"] = [round(value, 2) for value in hint.ab]
    if hint.reach:
        said["reach"] = hint.reach
    if hint.path:
        said["path"] = [[round(x, 2), round(y, 2)] for x, y in hint.path]
    if hint.strength != 1:
        said["strength"] = round(hint.strength, 2)
    if hint.seconds is not None:
        said["seconds"] = round(hint.seconds, 2)
    if hint.note:
        said["note"] = hint.note
    return said

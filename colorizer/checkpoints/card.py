"""The card of a checkpoint, which describes it, and the folder in which checkpoints are stored.

Files come from anywhere, so each entry of a header is checked before it is used: a hostile file must give one card with
an error, and must never stop the page that lists the others."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..architectures.registry import Facts, facts
from ..files.shipped import shipped

FORMAT = "colorizer/1"
WEIGHTS = shipped("weights")
"""The folder in which checkpoints are found by name."""
KINDS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("architecture", "title", "licence", "data", "commit", "sha256"), (str,)),
    **dict.fromkeys(("working_size", "parameters"), (int,)),
    **dict.fromkeys(("config", "recipe", "metrics"), (dict,)),
    **dict.fromkeys(("history", "classes"), (list,)),
    "temperature": (int, float),
}
"""Every entry and its type."""
LONGEST_TEXT = 10_000
"""Most characters of a text or a name, at any depth."""
LONGEST_ENTRY = 4_000_000
"""Most characters of an entry as JSON: learning curves are the longest, about 100 bytes per validation."""
DEEPEST = 8
"""Most levels of nested lists or dicts."""
LARGEST = 2**53
"""Integers up to this are exact in every JSON reader, including browsers."""
LARGEST_SIZE = 16_384
"""Largest working size, in pixels."""


@dataclass(frozen=True)
class Card:
    """The description that a checkpoint's file holds. If `error` is set, only name and path can be trusted."""

    name: str
    path: Path
    architecture: str = ""
    config: Mapping[str, Any] = field(default_factory=dict)
    working_size: int = 0
    """Default working size in pixels: the network's input has the area of a square with this side."""
    parameters: int = 0
    temperature: float = 1.0
    """The readout's default temperature; 1 for architectures without a distribution."""
    title: str = ""
    recipe: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    """As returned by `metrics.evaluate`: every figure, and the same figure for plain gray."""
    history: tuple[Mapping[str, float], ...] = ()
    licence: str = ""
    data: str = ""
    classes: tuple[str, ...] = ()
    """Names of the classes of a classifying architecture, in its order."""
    commit: str = ""
    sha256: str = ""
    error: str = ""

    @property
    def facts(self) -> Facts:
        """The abilities of its network. Raises ValueError for an unknown architecture."""
        return facts(self.architecture)._replace(has_finish=bool(self.config.get("finish")))


def read_header(metadata: Mapping[str, str]) -> dict[str, Any]:
    """The checked entries of a header. Raises ValueError that says in a few words what is wrong."""
    values = {key: _entry(key, metadata[key]) for key in KINDS if key in metadata}
    for key in ("working_size", "parameters"):
        if values.get(key, 0) < 0:
            raise ValueError(f"{key} is below 0")
    if values.get("working_size", 0) > LARGEST_SIZE:
        raise ValueError("working_size is too large")
    if not 0 < values.get("temperature", 1) < math.inf:
        raise ValueError("temperature is not above 0")
    if not _numbers(values.get("metrics", {})) or math.inf in map(abs, values.get("metrics", {}).values()):
        raise ValueError("metrics are not numbers")
    if not all(isinstance(point, dict) and _numbers(point) for point in values.get("history", ())):
        raise ValueError("history is no list of measurements")
    if not all(isinstance(name, str) for name in values.get("classes", ())):
        raise ValueError("classes are not names")
    return {**values, **{key: tuple(values.get(key, ())) for key in ("history", "classes")}}


def _entry(key: str, written: str) -> Any:
    if len(written) > LONGEST_ENTRY:
        raise ValueError(f"{key} is too long")
    try:
        value = json.loads(written)
    except (ValueError, RecursionError):  # ValueError also covers a number with thousands of digits
        raise ValueError(f"{key} cannot be read") from None
    if not isinstance(value, KINDS[key]) or isinstance(value, bool):
        raise ValueError(f"{key} is of the wrong kind")
    _check(key, value, DEEPEST)
    return value


def _check(key: str, value: Any, depth: int) -> None:
    """Raise ValueError for a value that cannot be written back as JSON in UTF-8, or is unreasonably large."""
    if depth < 0:
        raise ValueError(f"{key} is nested too deeply")
    if isinstance(value, str):
        if len(value) > LONGEST_TEXT:
            raise ValueError(f"{key} is too long")
        if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
            raise ValueError(f"{key} is no Unicode text")
    elif isinstance(value, int) and abs(value) > LARGEST:
        raise ValueError(f"{key} holds a number that is too large")
    elif isinstance(value, dict):
        for name, part in value.items():
            _check(key, name, depth)
            _check(key, part, depth - 1)
    elif isinstance(value, list):
        for part in value:
            _check(key, part, depth - 1)


def _numbers(values: Mapping[str, Any]) -> bool:
    """Whether all values are numbers; after a run that diverged they may be NaN, and the loss infinite."""
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values.values())

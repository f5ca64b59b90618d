"""The card of a checkpoint, which describes it, and the folder in which checkpoints are stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..architectures.registry import Facts, facts
from ..files.shipped import shipped

FORMAT = "colorizer/1"
WEIGHTS = shipped("weights")
"""The folder in which checkpoints are found by name."""


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

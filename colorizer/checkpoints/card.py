"""What a checkpoint says about itself, and where checkpoints are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..files.shipped import shipped

FORMAT = "colorizer/1"
WEIGHTS = shipped("weights")
"""Where checkpoints given by name are looked for."""


@dataclass(frozen=True)
class Card:
    """What a checkpoint says about itself. With `error` set, nothing but name and path is to be trusted."""

    name: str
    path: Path
    architecture: str = ""
    config: Mapping[str, Any] = field(default_factory=dict)
    working_size: int = 0
    """Side of the square whose area the network is fed by default, in pixels."""
    parameters: int = 0
    temperature: float = 1.0
    """The readout's temperature when none is asked for; 1 for architectures without a distribution."""
    title: str = ""
    recipe: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    """As `metrics.evaluate` gives them: every figure beside the same figure for plain gray."""
    history: tuple[Mapping[str, float], ...] = ()
    licence: str = ""
    data: str = ""
    classes: tuple[str, ...] = ()
    """Names of the classes that a classifying architecture tells apart, in its order."""
    commit: str = ""
    sha256: str = ""
    error: str = ""

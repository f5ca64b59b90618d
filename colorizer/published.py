"""Weights that others published, turned into checkpoints of this project.

Files are read with `weights_only=True`: a .pth is a pickle, and nothing in it may run. Loading is strict: a file
either is what its layout says, or is refused.
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from .architectures import build
from .checkpoint import Card, CheckpointError, save_checkpoint


@dataclass(frozen=True)
class Layout:
    """How a published file's tensors are named, and which architecture they are for."""

    architecture: str
    config: Mapping[str, Any]
    title: str
    """One line for the card."""
    prefixes: Mapping[str, str] = field(default_factory=dict)
    """Published prefix -> ours; every tensor must have one of them."""


LAYOUTS = {
    "bianchini": Layout(
        "resnet18-decoder",
        {"variant": "bn", "input": "gray", "target": "unit", "upsample": "nearest"},
        "Weights published with ElenaBianchini/ColoringGrayscaleImages (2022)",
        {"midlevel_resnet.": "midlevel_resnet.", "deconv.": "deconv."},
    ),
}
"""Known layouts, by the name given to `convert --layout`."""


def convert(source: str | Path, layout: str, target: str | Path, licence: str = "see the publishing project") -> Card:
    """Read a published .pth or .pt file and write it as the checkpoint `target`.

    Raises CheckpointError for a file that is not what `layout` says, ValueError for an unknown layout.
    """
    if layout not in LAYOUTS:
        raise ValueError(f"there is no layout {layout!r}; choose one of {', '.join(sorted(LAYOUTS))}")
    chosen = LAYOUTS[layout]
    network = build(chosen.architecture, **chosen.config)
    published = _read(Path(source))
    renamed = {}
    for name, value in published.items():
        prefix = next((p for p in chosen.prefixes if name.startswith(p)), None)
        if prefix is None:
            raise CheckpointError(f"{Path(source).name} is not in the layout {layout}: it holds {name!r}.")
        renamed[chosen.prefixes[prefix] + name[len(prefix) :]] = value
    try:
        network.load_state_dict(renamed)
    except RuntimeError as error:
        detail = " ".join(str(error).split())[:200]
        raise CheckpointError(f"{Path(source).name} is not in the layout {layout}: {detail}") from None
    return save_checkpoint(target, network, title=chosen.title, licence=licence, data="see the publishing project")


def _read(path: Path) -> dict[str, Tensor]:
    """The state dict in a .pth file, however it was wrapped."""
    try:
        loaded = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise CheckpointError(f"There is no file {path.name} at the path given.") from None
    except (pickle.UnpicklingError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise CheckpointError(
            f"{path.name} is not a file of plain PyTorch weights ({type(error).__name__}); save its state_dict alone."
        ) from None
    for key in ("state_dict", "model", "model_state_dict"):
        if isinstance(loaded, Mapping) and isinstance(loaded.get(key), Mapping):
            loaded = loaded[key]
    if not isinstance(loaded, Mapping) or not all(isinstance(value, Tensor) for value in loaded.values()):
        raise CheckpointError(f"{path.name} does not hold a state_dict of tensors.")
    return {name.removeprefix("module."): value for name, value in loaded.items()}

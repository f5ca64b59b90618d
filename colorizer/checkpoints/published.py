"""Converts weights that others published into checkpoints of this project.

Files are read with `weights_only=True`: a .pth is a pickle, and no code in it may run. Loading is strict: a file that
does not match its layout is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

from ..architectures.registry import build
from ..errors import CheckpointError
from .card import Card
from .file import save_checkpoint

State = dict[str, Tensor]


@dataclass(frozen=True)
class Layout:
    """How a published file's tensors are named, and which architecture they are for."""

    architecture: str
    config: Mapping[str, Any]
    title: str
    """One line for the card."""
    prefixes: Mapping[str, str]
    """Published prefix -> ours; "" for tensors that the published network stores but never uses."""
    sha256: str = ""
    """The first digits of the published file's SHA-256, if known."""
    adapt: Callable[[State, State], State] = lambda published, own: published
    """Final changes to the renamed tensors, given those of a new network."""


def _eccv16(published: State, own: State) -> State:
    """Its last layer holds the bins, as ab / 110; the file does not say how often each occurs."""
    centres = published.pop("model_out.weight")[:, :, 0, 0].T * 110
    return {**published, "centres": centres.round(decimals=1), "prior": own["prior"]}


_LEGACY = {"input": "gray", "target": "unit", "upsample": "nearest"}
_BLOCKS = {f"model{i}.": f"model{i}." for i in range(1, 9)}
_TAIL = ("model8up.", "model3short8.", "model9.", "model9up.", "model2short9.", "model10.", "model10up.",
         "model1short10.", "model_class.", "model_out.")  # fmt: skip

LAYOUTS = {
    "bianchini": Layout(
        "resnet18-decoder",
        {"variant": "bn", **_LEGACY},
        "Weights published with ElenaBianchini/ColoringGrayscaleImages (2022)",
        {"midlevel_resnet.": "midlevel_resnet.", "deconv.": "deconv."},
        sha256="e761a29a",
    ),
    "akbokha": Layout(
        "resnet18-decoder",
        {"variant": "bn", **_LEGACY},
        "Weights in the layout of L. Melas-Kyriazi's tutorial (2018) and akbokha/image-colorization (2019)",
        {"midlevel_resnet.": "midlevel_resnet.", "upsample.": "deconv."},
    ),
    "melas-kyriazi": Layout(
        "resnet18-decoder",
        {"variant": "sigmoid", **_LEGACY},
        "Weights in the layout of lukemelas/Automatic-Image-Colorization, also RobsGeorge's (2022)",
        {
            "midlevel_resnet.": "midlevel_resnet.",
            **{
                f"fusion_and_colorization_net.{theirs}.": f"deconv.{ours}."
                for theirs, ours in zip(
                    ("conv1", "bn2", "conv2", "bn3", "conv3", "conv4", "conv5"), (0, 1, 4, 5, 7, 10, 12), strict=True
                )
            },
            **{f"fusion_and_colorization_net.{idle}.": "" for idle in ("fusion", "bn1", "deconv1_new", "bn4", "bn5")},
            "global_resnet.": "",
        },
    ),
    "eccv16": Layout(
        "eccv16",
        {},
        "Zhang, Isola, Efros: Colorful Image Colorization (2016), the authors' weights",
        {**_BLOCKS, "model_out.": "model_out."},
        sha256="9b330a0b",
        adapt=_eccv16,
    ),
    "siggraph17": Layout(
        "siggraph17",
        {},
        "Zhang and others: Real-Time User-Guided Image Colorization (2017), the authors' weights",
        {**_BLOCKS, **{prefix: prefix for prefix in _TAIL}},
        sha256="df00044c",
    ),
}
"""Known layouts, by the name given to `convert --layout`."""


def convert(source: str | Path, layout: str, target: str | Path) -> Card:
    """Read a published .pth or .pt file and write it as the checkpoint `target`.

    Raises CheckpointError for a file that does not match `layout`, ValueError for an unknown layout.
    """
    if layout not in LAYOUTS:
        raise ValueError(f"there is no layout {layout!r}; choose one of {', '.join(sorted(LAYOUTS))}")
    chosen = LAYOUTS[layout]
    network = build(chosen.architecture, **chosen.config)
    published = read_tensors(Path(source))
    renamed: State = {}
    for name, value in published.items():
        prefix = next((p for p in chosen.prefixes if name.startswith(p)), None)
        if prefix is None:
            raise CheckpointError(f"{Path(source).name} is not in the layout {layout}: it holds {name!r}.")
        if chosen.prefixes[prefix]:
            renamed[chosen.prefixes[prefix] + name[len(prefix) :]] = value
    try:
        network.load_state_dict(chosen.adapt(renamed, network.state_dict()))
    except (KeyError, IndexError, RuntimeError) as error:
        detail = " ".join(str(error).split())[:200]
        raise CheckpointError(f"{Path(source).name} is not in the layout {layout}: {detail}") from None
    elsewhere = "see the publishing project"
    return save_checkpoint(target, network, title=chosen.title, licence=elsewhere, data=elsewhere)


def read_tensors(path: Path) -> dict[str, Tensor]:
    """Weights by name, from a .safetensors file or from a .pth file, however its state dict is wrapped. Raises
    CheckpointError."""
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        loaded = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise CheckpointError(f"There is no file {path.name} at the path given.") from None
    except Exception:  # on a file of another kind, the reader of pickles raises almost anything
        raise CheckpointError(
            f"{path.name} is not a file of plain weights; give a .safetensors file, or a .pth with a state_dict alone."
        ) from None
    for key in ("state_dict", "model", "model_state_dict"):
        if isinstance(loaded, Mapping) and isinstance(loaded.get(key), Mapping):
            loaded = loaded[key]
    if not isinstance(loaded, Mapping) or not all(
        isinstance(name, str) and isinstance(value, Tensor) for name, value in loaded.items()
    ):
        raise CheckpointError(f"{path.name} does not hold a state_dict of tensors.")
    return {name.removeprefix("module."): value for name, value in loaded.items()}

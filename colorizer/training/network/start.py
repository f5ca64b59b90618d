"""The network a run starts with: checked against the recipe, with the initial weights that the run names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ...architectures.contract import Architecture
from ...architectures.registry import build
from ...checkpoints.file import find_checkpoint, load_checkpoint
from ..checks import check_fit
from ..recipes import Recipe
from ..run import Run


def make_network(
    architecture: str, config: dict[str, Any], recipe: Recipe, run: Run, classes: Sequence[str]
) -> Architecture:
    """The network with its initial weights. Raises ValueError for a recipe that cannot train it."""
    torch.manual_seed(recipe.seed)
    network = build(architecture, **({**config, "classes": len(classes)} if classes else config))
    check_fit(network, recipe, run)
    start_weights(network, run)
    if not recipe.adversarial:  # a finish goes on from a network that has its size
        network.working_size = max(recipe.sizes)  # a network is best at the size it was trained on
    return network


def start_weights(network: Architecture, run: Run) -> None:
    """Load the network's weights from a checkpoint, or its encoder's from pretrained weights, as the run says."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    if run.init:
        try:
            first, card = load_checkpoint(find_checkpoint(run.init))
            network.working_size = card.working_size or first.working_size
            tensors = first.state_dict()
            missing, unknown = network.load_state_dict(tensors, strict=False)
            begins = {name.partition(".")[0] for name in missing} == {network.finish_prefix}
            if unknown or (missing and not begins):
                raise RuntimeError
            if begins and not any(name.startswith(f"{network.finish_prefix}.") for name in tensors):
                network.begin_finish()
        except RuntimeError:
            raise ValueError(
                f"the weights in {Path(run.init).name} are of another architecture or config; start from others"
            ) from None
    if run.encoder == "torchvision":
        from ...architectures.torchvision_import import import_torchvision

        if not network.encoder_name:
            raise ValueError(f"torchvision has no encoder for {network.name}; leave --encoder out")
        network.load_encoder(
            import_torchvision().models.get_model(network.encoder_name, weights="DEFAULT").state_dict()
        )
    elif run.encoder:
        try:
            tensors = load_file(run.encoder)
        except FileNotFoundError:
            raise ValueError(f"there is no file {run.encoder} to take the encoder from") from None
        except SafetensorError as error:
            raise ValueError(f"{Path(run.encoder).name} is not a readable .safetensors file ({error})") from None
        network.load_encoder(_encoder_in(tensors))


def _encoder_in(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The encoder's tensors in a file, with the names of its origin: our own checkpoints store them under a prefix."""
    for prefix in ("encoder.", "classifier.", "backbone."):
        inside = {name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)}
        if any(name.startswith(("features.", "_conv_stem.")) for name in inside):
            return inside
    return tensors

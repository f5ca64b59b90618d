"""The network a run starts with: checked against the recipe, with the initial weights that the run names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ..architectures.contract import Architecture
from ..architectures.registry import build
from ..architectures.torchvision_import import import_torchvision
from ..checkpoints.file import find_checkpoint, load_checkpoint
from ..checkpoints.published import read_tensors
from .recipes import Recipe, Run


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
        if not network.encoder_name:
            raise ValueError(f"torchvision has no encoder for {network.name}; leave --encoder out")
        network.load_encoder(
            import_torchvision().models.get_model(network.encoder_name, weights="DEFAULT").state_dict()
        )
    elif run.encoder:
        network.load_encoder(_encoder_in(read_tensors(Path(run.encoder))))


def _encoder_in(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The encoder's tensors in a file, with the names of its origin: our own checkpoints store them under a prefix."""
    for prefix in ("encoder.", "classifier.", "backbone."):
        inside = {name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)}
        if any(name.startswith(("features.", "_conv_stem.")) for name in inside):
            return inside
    return tensors


def check_fit(network: Architecture, recipe: Recipe, run: Run) -> None:
    """Raise ValueError for a recipe that cannot train this network, or that repeats a known mistake."""
    name = network.name
    if network.fixed_size and set(recipe.sizes) != {network.working_size}:
        raise ValueError(f"{name} takes pictures of {network.working_size} pixels only; give --sizes accordingly")
    if any(size % network.stride for size in recipe.sizes):
        raise ValueError(
            f"--sizes must be multiples of {network.stride} for {name}, not {' '.join(map(str, recipe.sizes))}"
        )
    if recipe.loss and recipe.loss not in network.losses:
        raise ValueError(
            f"{name} cannot be trained with the loss {recipe.loss!r}; it takes {', '.join(network.losses)}"
        )
    if recipe.adversarial and not run.judge:
        raise ValueError("a finish needs a judge; give --judge the weights of an EfficientNet-Lite")
    if recipe.adversarial and recipe.accumulate > 1:
        raise ValueError("a finish learns from whole batches; leave --accumulate out")
    if not recipe.adversarial and getattr(network.config, "finish", False) and not run.init:
        raise ValueError("only a finish trains the second end; leave --finish out, or start with --recipe finish")
    norms = (module for module in network.modules() if isinstance(module, torch.nn.modules.batchnorm._BatchNorm))
    if recipe.batch == 1 and any(norm.weight.requires_grad for norm in norms):
        raise ValueError(f"{name} has batch norm, which needs more than one picture; give --batch 2 or more")
    if recipe.accumulate > 1 and recipe.batch == recipe.accumulate and any(norm.weight.requires_grad for norm in norms):
        raise ValueError(f"{name} has batch norm, which needs more than one picture at a time; lower --accumulate")
    if network.needs_encoder and not (run.encoder or run.init):
        source = "torchvision" if network.encoder_name else "weights/fusion-narrow.safetensors, which holds them"
        raise ValueError(
            f"{name} listens to a frozen ImageNet network, which would say nothing but noise without its weights; give "
            f"--encoder {source}"
        )

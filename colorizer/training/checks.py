"""Rejects settings that cannot work, before anything is read or written."""

from __future__ import annotations

import torch

from ..architectures.contract import Architecture
from .ranges import ranges
from .recipes import Recipe
from .run import Run


def check_settings(recipe: Recipe, run: Run) -> None:
    """Raise ValueError for a number outside its range."""
    for settings in (recipe, run):
        for name, allowed in ranges(type(settings)).items():
            value = getattr(settings, name)
            if value not in allowed:
                raise ValueError(f"--{name.replace('_', '-')} must be {allowed}, not {value:g}")
    if not recipe.sizes or min(recipe.sizes) < 1:
        raise ValueError("--sizes must be one or more sides in pixels, such as 96 128")


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
        raise ValueError("a finish needs a judge; give --judge the .safetensors file of an EfficientNet-Lite")
    if run.gray_photos and not recipe.adversarial:
        raise ValueError("only a finish learns from photographs without colours; leave --gray-photos out")
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

"""Rejects settings that cannot work, before anything is read or written."""

from __future__ import annotations

import math
from typing import Any

import torch

from ..architectures.contract import Architecture
from .recipes import Recipe
from .run import Run

_RANGES: dict[str, tuple[float, float]] = {
    "pictures": (1, math.inf), "epochs": (0, math.inf), "batch": (1, math.inf), "accumulate": (1, math.inf),
    "smallest_crop": (0.01, 1), "rotation": (0, 180), "shear": (0, 1), "zoom": (0, 0.9), "jitter": (0, 2),
    "old": (0, 1), "balance": (0, 1), "whims": (0, 1),
    "hints": (0, 1), "class_weight": (0, math.inf), "rate": (0, math.inf), "encoder_rate": (0, math.inf),
    "weight_decay": (0, math.inf), "momentum": (0, 1), "beta1": (0, 1), "beta2": (0, 1),
    "adversarial": (0, 100), "perceptual": (0, 1000), "patchiness": (0, 1000), "judge_rate": (0, 1),
    "judge_alone": (0, math.inf), "warmup": (0, math.inf), "decay": (0, 1),
    "decay_epochs": (1e-9, math.inf), "patience": (0, math.inf), "clip": (0, math.inf), "ema": (0, 0.99999),
    "early_stopping": (0, math.inf), "held_out": (0, 0.9), "seed": (0, 2**40), "validate_every": (0, math.inf),
    "validation_pictures": (1, math.inf), "log_every": (1, math.inf), "save_minutes": (0, math.inf),
    "max_minutes": (0, math.inf), "workers": (0, 256),
}  # fmt: skip
"""Smallest and largest value of every setting that is a number."""


def check_settings(recipe: Recipe, run: Run) -> None:
    """Raise ValueError for a number outside its range."""
    for name, (low, high) in _RANGES.items():
        value: Any = getattr(recipe, name, None) if hasattr(recipe, name) else getattr(run, name)
        if not low <= value <= high:
            reach = f"{low:g} or more" if high == math.inf else f"between {low:g} and {high:g}"
            raise ValueError(f"--{name.replace('_', '-')} must be {reach}, not {value:g}")
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

"""The optimizer and its learning rate."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ...architectures.contract import Architecture
from ..recipes import Recipe


def make_optimizer(network: Architecture, recipe: Recipe) -> torch.optim.Optimizer:
    """One parameter group for each of (encoder or not) x (decayed or not); norms and biases get no weight decay."""
    groups: dict[tuple[float, float], list[Tensor]] = {}
    for name, parameter in network.named_parameters():
        if not parameter.requires_grad:
            continue
        inside = bool(network.encoder_prefix) and name.startswith(network.encoder_prefix + ".")
        factor = recipe.encoder_rate if inside else 1.0
        decay = recipe.weight_decay if parameter.ndim > 1 else 0.0
        groups.setdefault((factor, decay), []).append(parameter)
    parameters = [{"params": p, "factor": f, "weight_decay": d} for (f, d), p in groups.items()]
    if recipe.optimizer == "adamw":
        return torch.optim.AdamW(parameters, lr=recipe.rate, betas=(recipe.beta1, recipe.beta2))
    if recipe.optimizer == "adam":
        return torch.optim.Adam(parameters, lr=recipe.rate, betas=(recipe.beta1, recipe.beta2))
    if recipe.optimizer == "rmsprop":
        return torch.optim.RMSprop(parameters, lr=recipe.rate, momentum=recipe.momentum)
    if recipe.optimizer == "sgd":
        return torch.optim.SGD(parameters, lr=recipe.rate, momentum=recipe.momentum)
    return {"adagrad": torch.optim.Adagrad, "adadelta": torch.optim.Adadelta}[recipe.optimizer](
        parameters, lr=recipe.rate
    )


def rate_at(step: int, steps: int, recipe: Recipe, epoch: float = 1.0) -> float:
    """The learning rate of step `step` of `steps`; an epoch has `epoch` steps. Does not include "plateau"."""
    rate = recipe.rate * min(1.0, (step + 1) / max(1, recipe.warmup))
    if recipe.schedule in ("one-cycle", "cosine"):
        lowest = 0.02 if recipe.schedule == "one-cycle" else 0.0
        return rate * (lowest + (1 - lowest) * 0.5 * (1 + math.cos(math.pi * step / steps)))
    if recipe.schedule == "steps":
        return rate * recipe.decay ** int(step / (recipe.decay_epochs * epoch))
    return rate

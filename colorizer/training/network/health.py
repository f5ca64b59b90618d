"""Whether a network is learning: dead units, and how large gradients and updates are, part by part."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn


def dead_units(network: nn.Module) -> float:
    """Share of the units (output channels) whose weights got no gradient at all in the last step, in [0, 1].

    A ReLU that fires nowhere in the batch gets no gradient. Without batch norm, a third of the units is common from
    the first step. A growing share means that units are dying: the UAB project's runs ended at 0.4 to 0.9.
    """
    dead = total = 0
    for module in network.modules():
        weight = getattr(module, "weight", None)
        if isinstance(weight, Tensor) and weight.grad is not None and weight.ndim > 1:
            units = weight.grad.transpose(0, 1) if isinstance(module, nn.ConvTranspose2d) else weight.grad
            silent = units.flatten(1).abs().sum(dim=1) == 0
            dead, total = dead + int(silent.sum()), total + len(silent)
    return dead / max(1, total)


def gradients(network: nn.Module) -> dict[str, float]:
    """Norm of the last step's gradient for every top-level part that learns, as the optimizer saw it."""
    return {
        part: float(torch.stack([g.float().norm() for p in parameters if (g := p.grad) is not None]).norm())
        for part, parameters in _parts(network)
        if any(p.grad is not None for p in parameters)
    }


def snapshot(network: nn.Module) -> dict[str, list[Tensor]]:
    """Copies of the weights, to measure how much a step changes them."""
    return {part: [p.detach().clone() for p in parameters] for part, parameters in _parts(network)}


def updates(network: nn.Module, before: dict[str, list[Tensor]]) -> dict[str, float]:
    """Size of the change since `snapshot` relative to the weights, by part; about 1e-3 is healthy with Adam."""
    sizes = {}
    for part, parameters in _parts(network):
        change = torch.stack(
            [(p.detach() - old).norm() for p, old in zip(parameters, before[part], strict=True)]
        ).norm()
        size = torch.stack([old.norm() for old in before[part]]).norm()
        sizes[part] = float(change / size.clamp(min=1e-12))
    return sizes


def _parts(network: nn.Module) -> Iterator[tuple[str, list[nn.Parameter]]]:
    for name, part in network.named_children():
        parameters = [p for p in part.parameters() if p.requires_grad]
        if parameters:
            yield name, parameters

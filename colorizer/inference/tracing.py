"""Repeats a step until a condition ends it, in a way that can also be exported to ONNX."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch


def repeated(going: Callable[..., torch.Tensor], step: Callable[..., tuple[Any, ...]], state: tuple[Any, ...]) -> Any:
    """`state` after as many steps as `going(*state)` asks for, each of which returns the next state: tensors of the
    same shapes. In an exported graph it is a loop."""
    if torch.compiler.is_exporting():
        return torch.while_loop(going, step, state)
    while going(*state):
        state = step(*state)
    return state

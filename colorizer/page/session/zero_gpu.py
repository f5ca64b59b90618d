"""Where networks run: on this machine, or on a GPU that Hugging Face Spaces lends for each pass (ZeroGPU).

On ZeroGPU the server itself has no GPU. Spaces forks a process that has one, and pickles arguments and results. Only
the network's pass is worth that: numpy arrays in, numpy arrays out. Photos, readouts and files stay in the server.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np

from colorizer.checkpoints.card import Card
from colorizer.errors import CheckpointError

if TYPE_CHECKING:
    from torch import Tensor

    from colorizer.architectures.contract import Architecture
    from colorizer.inference.colorizer import Colorizer

Key = tuple[str, str]
Load = Callable[[Card], "Colorizer"]

log = logging.getLogger(__name__)


def on_zero_gpu() -> bool:
    """Whether this is a Space on ZeroGPU hardware, by the variable that Spaces sets there."""
    return os.environ.get("SPACES_ZERO_GPU", "").lower() in ("1", "t", "true")


def chosen_device() -> str:
    """$COLORIZER_DEVICE: "auto", "cpu", "mps", "cuda" or "cuda:1"; raises ValueError for anything else.

    On ZeroGPU "auto" is the CPU: it answers in less time than borrowing a GPU takes, and uses up none of the visitor's
    GPU seconds of the day.
    """
    name = os.environ.get("COLORIZER_DEVICE") or "auto"
    if not re.fullmatch(r"auto|cpu|mps|cuda(:\d+)?", name):
        raise ValueError(f"COLORIZER_DEVICE is auto, cpu, cuda, cuda:1 or mps, not {name!r}")
    return "cpu" if name == "auto" and on_zero_gpu() else name


def load_here(card: Card) -> Colorizer:
    """Load a checkpoint on this machine's `chosen_device`. Raises CheckpointError, and ValueError for a missing
    device."""
    from colorizer.inference.colorizer import Colorizer

    return Colorizer.from_checkpoint(card.path, device=chosen_device())


def gpu_seconds(key: Key, L: np.ndarray, hints: np.ndarray | None) -> int:
    """For how many seconds to borrow the GPU. Unused ones are given back; short requests are served first."""
    return 5 + len(L)


def borrow_gpu(cards: Iterable[Card], gpu: str = "cuda") -> Load:
    """A function that loads checkpoints on ZeroGPU. Call this before the page is launched: Spaces then looks for a
    function that uses its GPU, and moves the networks there. Checkpoints that are added later run on the CPU.

    gpu: torch's name for the GPU. Nothing is moved there unless `chosen_device` says so.
    """
    import spaces  # before torch, because it replaces CUDA when torch is imported
    import torch
    from torch.utils._pytree import tree_map_only

    from colorizer.inference.colorizer import Colorizer

    networks: dict[Key, Architecture] = {}

    @spaces.GPU(duration=gpu_seconds)
    def on_gpu(key: Key, L: np.ndarray, hints: np.ndarray | None) -> Any:
        """A network's prediction: arrays as `Architecture.forward` takes and returns tensors."""
        planes = None if hints is None else torch.from_numpy(hints).to(gpu)
        with torch.inference_mode():
            prediction = networks[key](torch.from_numpy(L).to(gpu), planes)
        return tree_map_only(torch.Tensor, lambda tensor: tensor.cpu().numpy(), prediction)

    if chosen_device().startswith("cuda"):
        for card in cards:
            try:
                networks[_key(card)] = Colorizer.from_checkpoint(card.path, device="cpu").architecture.to(gpu)
            except CheckpointError as error:
                log.warning("%s", error)  # the page says so, too, to a visitor who chooses it

    def load(card: Card) -> Colorizer:
        colorizer = Colorizer.from_checkpoint(card.path, device="cpu")
        on_cpu = colorizer.network

        def borrowed(L: Tensor, hints: Tensor | None = None) -> Any:
            try:
                answer = on_gpu(_key(card), L.numpy(), None if hints is None else hints.numpy())
            except (
                gr.Error,
                RuntimeError,
            ) as error:  # no seconds left, no free GPU, a fault of Spaces
                log.warning("No GPU, so the CPU answers: %s", error)
                return on_cpu(L, hints)
            return tree_map_only(np.ndarray, torch.from_numpy, answer)

        if _key(card) in networks:
            colorizer.network = borrowed
        return colorizer

    return load


def _key(card: Card) -> Key:
    return card.name, card.sha256

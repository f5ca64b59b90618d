"""Whether a photograph looks like a negative, which is coloured wrongly as it stands.

The flagship's encoder sees the photograph and its reverse. A linear classifier tells from the difference of the means,
deviations and vertical slopes of its features which of the two is the positive. `python -m benchmarks negatives` trains
it and measures how often it is right.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from ..checkpoints.file import load_checkpoint
from ..colour.whole_photo import lightness
from ..errors import CheckpointError
from ..files.shipped import shipped
from ..runtime.threads import steady
from .folding import folded

WEIGHTS = Path(__file__).with_name("negative.safetensors")
SIDE = 160
"""Side in pixels of what the encoder sees; photographs are stretched to it."""
SURE = 2.7
"""How much more the reverse must look like a positive, in nats, before we say so."""
EVEN = 5.0
"""Range of L below which there is nothing to see."""


def looks_negative(photo: Image.Image) -> bool:
    """Whether a photograph, "RGB", is probably a negative; False where the flagship's weights are missing."""
    seen = evidence(photo)
    return seen is not None and float(seen @ _weights()) < -SURE


def evidence(photo: Image.Image) -> Tensor | None:
    """How the features of a photograph, "RGB", differ from those of its reverse: float32 (D,), of the other sign for
    the reverse. None for an even picture, and where the flagship's weights are missing."""
    L = lightness(photo.resize((SIDE, SIDE), Image.Resampling.BICUBIC))
    low, high = np.quantile(L.numpy(), (0.01, 0.99))
    encoder = _encoder()
    if high - low < EVEN or encoder is None:
        return None
    L = ((L - float(low)) / float(high - low) * 100).clamp(0, 100)
    with steady(), torch.inference_mode():
        both = torch.stack((L, 100 - L))[:, None].expand(-1, 3, -1, -1)
        one, reverse = torch.cat([_summary(tap) for tap in encoder(both / 50 - 1, None)], dim=1)
        return one - reverse


def _summary(tap: Tensor) -> Tensor:
    """Means, deviations, and how the upper third differs from the lower: (B, C, h, w) -> (B, 3 C)."""
    third = tap.shape[2] // 3
    slope = tap[:, :, :third].mean(dim=(2, 3)) - tap[:, :, -third:].mean(dim=(2, 3))
    return torch.cat((tap.mean(dim=(2, 3)), tap.std(dim=(2, 3)), slope), dim=1)


@cache
def _encoder() -> torch.nn.Module | None:
    try:
        network, _ = load_checkpoint(shipped("weights") / "mobile-unet.safetensors")
    except CheckpointError:
        return None
    return folded(network.eval()).get_submodule("encoder")


@cache
def _weights() -> Tensor:
    from safetensors.torch import load_file

    return load_file(WEIGHTS)["weights"]

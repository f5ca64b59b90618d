"""Whether a photograph looks like a negative, which is coloured wrongly as it stands.

The flagship's encoder sees the photograph and its reverse, both stretched to the same tones. A network of two layers
says of a summary of the features how much it looks like a positive, and the two are compared: so no exposure, contrast
or subject speaks for one side by itself. `python -m benchmarks negatives` trains it and measures how often it is right.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from ..checkpoints.file import load_checkpoint
from ..colour.whole_photo import lightness
from ..errors import CheckpointError
from ..files.shipped import shipped
from ..runtime.threads import steady
from .folding import folded

WEIGHTS = Path(__file__).with_name("negative.safetensors")
SIDE = 128
"""Side in pixels of what the encoder sees; photographs are stretched to it."""
SURE = 1.5
"""How much more the reverse must look like a positive, in nats, before we say so."""
EVEN = 5.0
"""Range of L below which there is nothing to see."""
FAR = 6.0
"""Features count at most as so many standard deviations from their mean."""


def looks_negative(photo: Image.Image) -> bool:
    """Whether a photograph, "RGB", is probably a negative; False where the flagship's weights are missing."""
    said = margin(photo)
    return said is not None and said < -SURE


def margin(photo: Image.Image) -> float | None:
    """How much more a photograph, "RGB", looks like a positive than its reverse does, in nats: the log-odds that it is
    one. None for an even picture, and where the flagship's weights are missing."""
    L = lightness(photo.resize((SIDE, SIDE), Image.Resampling.BICUBIC))
    low, high = np.quantile(L.numpy(), (0.01, 0.99))
    if high - low < EVEN or encoder() is None:
        return None
    tones = ((L - float(low)) / float(high - low)).clamp(0, 1)
    both = torch.stack((tones, tones.flip(1)))[:, None]  # mirrored, too: chance has less to say
    with steady(), torch.inference_mode():
        one, reverse = positive(summary(torch.cat((both, 1 - both))), _weights()).view(2, 2).mean(dim=1)
    return float(one - reverse)


def summary(tones: Tensor) -> Tensor:
    """The features of pictures (B, 1, SIDE, SIDE), from black, 0, to white, 1, as (B, D): of each feature the
    mean, the deviation and the largest value, and how the upper part differs from the lower and the middle from all."""
    eyes = encoder()
    assert eyes is not None
    *finer, coarse = eyes((2 * tones - 1).expand(-1, 3, -1, -1), None)
    fine = torch.cat([F.adaptive_avg_pool2d(tap, 8) for tap in finer], dim=1)
    mean, spread, most = fine.mean(dim=(2, 3)), fine.std(dim=(2, 3)), fine.amax(dim=(2, 3))
    falls = fine[:, :, :3].mean(dim=(2, 3)) - fine[:, :, -3:].mean(dim=(2, 3))
    middle = fine[:, :, 2:6, 2:6].mean(dim=(2, 3)) - mean
    things = (coarse.mean(dim=(2, 3)), coarse.amax(dim=(2, 3)), (coarse[:, :, 0] - coarse[:, :, -1]).mean(dim=2))
    return torch.cat((mean, spread, most, falls, middle, *things), dim=1)


def positive(seen: Tensor, weights: dict[str, Tensor]) -> Tensor:
    """How much summaries (..., D) look like those of positives, (...)."""
    seen = ((seen - weights["mean"]) / weights["deviation"]).clamp(-FAR, FAR)
    return F.relu(F.linear(seen, weights["first"], weights["bias"])) @ weights["second"]


@cache
def encoder() -> torch.nn.Module | None:
    """The flagship's encoder; None where its weights are missing."""
    try:
        network, _ = load_checkpoint(shipped("weights") / "mobile-unet.safetensors")
    except CheckpointError:
        return None
    return folded(network.eval()).get_submodule("encoder")


@cache
def _weights() -> dict[str, Tensor]:
    from safetensors.torch import load_file

    return {name: tensor.float() for name, tensor in load_file(WEIGHTS).items()}

"""How a system is trained: a `Recipe` holds every setting, and becomes the command line as it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Recipe:
    """Every setting of a training run. It is stored in the checkpoint, so a run can be repeated from its own file."""

    pictures: int = 200_000
    """How many pictures are seen, repeats counted."""
    sizes: tuple[int, ...] = (96,)
    """Sides of the crops in pixels, multiples of the architecture's stride; one is drawn for each batch."""
    batch: int = 48
    """Pictures in a batch."""
    smallest_crop: float = 0.5
    """Sides of a crop as a share of the picture's, at least."""
    jitter: float = 0.2
    """Strength of the random gamma on the lightness that the network sees; never on the colours to find."""
    hints: float = 0.0
    """Share of the batches in which colour hints are simulated (architectures that take hints)."""
    optimizer: Literal["adamw", "adam"] = "adamw"
    """Adam, or Adam with decoupled weight decay."""
    rate: float = 1e-3
    """Highest learning rate."""
    encoder_rate: float = 1.0
    """Factor on the rate for a pretrained encoder."""
    weight_decay: float = 0.02
    """Weight decay of convolution and linear weights."""
    schedule: Literal["one-cycle", "constant"] = "one-cycle"
    """"one-cycle" warms up, then falls along a cosine to 2 %; "constant" stays after the warm-up."""
    warmup: int = 200
    """Steps over which the rate rises from 0."""
    clip: float = 1.0
    """Largest gradient norm; 0 leaves gradients alone."""
    ema: float = 0.998
    """Decay of the moving average of the weights; the average is what is evaluated and shipped."""
    precision: Literal["no", "bf16"] = "no"
    """"bf16" computes convolutions in bfloat16: up to twice as fast where the processor knows it."""
    held_out: float = 0.02
    """Share of the pictures kept for validation when no validation set is given, chosen by hash of the name."""
    seed: int = 0
    """Order of pictures, crops, hints and initial weights follow from it."""


OURS = {
    "mobile-unet": Recipe(
        sizes=(96, 96, 96, 128), rate=1.5e-3, encoder_rate=0.3, hints=0.25, precision="bf16", pictures=200_000
    ),
    "resnet18-decoder": Recipe(sizes=(96, 96, 128), rate=2e-3, precision="bf16", pictures=100_000),
}
"""What we recommend, by architecture."""


def recommended(architecture: str) -> Recipe:
    """Our recipe for an architecture; the defaults where there is none of its own."""
    return OURS.get(architecture, Recipe())

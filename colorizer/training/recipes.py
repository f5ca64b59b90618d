"""How a network is trained: a `Recipe` holds every setting, and the command line is made from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from .ranges import Range

FINISH_LOOK = "natural"
"""The preset through which a finish is trained and validated, so that it looks true as people see it."""

Optimizer = Literal["adamw", "adam", "rmsprop", "sgd", "adagrad", "adadelta"]


@dataclass(frozen=True)
class Recipe:
    """Every setting of a training run. It is stored in the checkpoint, so a run can be repeated from its own file."""

    pictures: Annotated[int, Range(1)] = 200_000
    """How many pictures are seen, repeats counted."""
    epochs: Annotated[float, Range(0)] = 0.0
    """How often every picture is seen; overrides `pictures` when above 0."""
    sizes: tuple[int, ...] = (96,)
    """Sides of the crops in pixels, multiples of the architecture's stride; one is drawn for each batch."""
    batch: Annotated[int, Range(1)] = 48
    """Pictures in a batch, over all processes."""
    accumulate: Annotated[int, Range(1)] = 1
    """Parts of a batch that go through the network one after the other: less memory, the same gradients (but batch norm
    sees a part at a time)."""
    smallest_crop: Annotated[float, Range(0.01, 1)] = 0.5
    """Sides of a crop as a share of the picture's, at least; 1 shows whole pictures, stretched to squares."""
    balance: Annotated[float, Range(0, 1)] = 0.0
    """0 shows every picture equally often, 1 every folder: a folder of n pictures is shown in proportion to
    n ** (1 - balance), so that small sources count beside large ones."""
    flip: bool = True
    """Mirror half of the pictures."""
    rotation: Annotated[float, Range(0, 180)] = 0.0
    """Turn pictures by up to so many degrees."""
    shear: Annotated[float, Range(0, 1)] = 0.0
    """Slant pictures by up to so much of their height."""
    zoom: Annotated[float, Range(0, 0.9)] = 0.0
    """Enlarge or reduce pictures by up to this share."""
    jitter: Annotated[float, Range(0, 2)] = 0.2
    """Strength of the random gamma on the lightness that the network sees; the colours to find stay as they are."""
    old: Annotated[float, Range(0, 1)] = 0.0
    """Share of the pictures whose lightness is made to look like an old print's: grain, blur, JPEG, fading, scratches;
    the colours to find stay as they are."""
    hints: Annotated[float, Range(0, 1)] = 0.0
    """Share of the pictures for which colour hints are simulated (architectures that take hints)."""
    whims: Annotated[float, Range(0, 1)] = 0.0
    """Share of the hinted pictures in which one segment has another colour and a hint says so: they teach that an
    unlikely colour belongs to one thing."""
    loss: str = ""
    """One of the architecture's losses: mse, rmse, mae, smooth-l1 where it answers with colours, cross-entropy or
    rebalanced where it answers with probabilities; "" is its own."""
    class_weight: Annotated[float, Range(0)] = 1 / 300
    """Weight of the classification loss beside the colours' (architectures that classify)."""
    optimizer: Optimizer = "adamw"
    """What turns gradients into steps."""
    rate: Annotated[float, Range(0)] = 1e-3
    """Highest learning rate."""
    encoder_rate: Annotated[float, Range(0)] = 1.0
    """Factor on the rate for a pretrained encoder; 0 freezes it with all its statistics, and a step takes two thirds of
    the time."""
    weight_decay: Annotated[float, Range(0)] = 0.02
    """Weight decay of convolution and linear weights."""
    momentum: Annotated[float, Range(0, 1)] = 0.9
    """Momentum of rmsprop and sgd."""
    beta1: Annotated[float, Range(0, 1)] = 0.9
    """For adam and adamw: how slowly they forget the direction of earlier gradients."""
    beta2: Annotated[float, Range(0, 1)] = 0.999
    """For adam and adamw: how slowly they forget the scale of earlier gradients."""
    schedule: Literal["one-cycle", "cosine", "constant", "steps", "plateau"] = "one-cycle"
    """"one-cycle" warms up, then falls along a cosine to 2 %; "cosine" falls to 0; "constant" stays; "steps" multiplies
    by `decay` every `decay_epochs`; "plateau" does so after `patience` validations that were no better."""
    warmup: Annotated[int, Range(0)] = 200
    """Steps over which the rate rises from 0."""
    decay: Annotated[float, Range(0, 1)] = 0.1
    """Factor on the rate, of "steps" and "plateau"."""
    decay_epochs: Annotated[float, Range(1e-9)] = 500.0
    """Epochs between two decays, of "steps"."""
    patience: Annotated[int, Range(0)] = 3
    """For "plateau": how many validations in a row may be no better before the rate decays."""
    clip: Annotated[float, Range(0)] = 1.0
    """Largest gradient norm; 0 leaves gradients alone."""
    ema: Annotated[float, Range(0, 0.99999)] = 0.998
    """Decay of the moving average of the weights; the average is evaluated and shipped. 0 turns it off."""
    precision: Literal["no", "auto", "bf16", "fp16"] = "no"
    """"bf16" computes convolutions in bfloat16: twice as fast on processors that support it, half as fast on others;
    "auto" finds out; "fp16" is for GPUs without bfloat16."""
    adversarial: Annotated[float, Range(0, 100)] = 0.0
    """Weight of the judge's opinion. Above 0, the run is a finish: the network learns colours that look true, and a
    judge (--judge) learns to tell them from true ones."""
    perceptual: Annotated[float, Range(0, 1000)] = 5.0
    """Weight of how far the pictures of a finish look from the true ones, by what the judge's encoder sees."""
    patchiness: Annotated[float, Range(0, 1000)] = 5.0
    """Weight of the patches of a finish: hues that change where the true ones do not. More is evener and paler."""
    gray: Annotated[float, Range(0, 0.9)] = 0.3
    """Share of the pictures of a finish that are black-and-white photographs (--gray-photos), if there are any."""
    judge_rate: Annotated[float, Range(0, 1)] = 4e-4
    """Learning rate of the judge of a finish."""
    judge_alone: Annotated[int, Range(0)] = 60
    """Steps of a finish after which the network begins to listen to the judge."""
    best_by: Literal["psnr", "delta_e", "auc"] = "psnr"
    """The figure, on the validation pictures, by which the best weights are chosen."""
    early_stopping: Annotated[int, Range(0)] = 0
    """Stop after this many validations without better weights; 0 never stops early."""
    held_out: Annotated[float, Range(0, 0.9)] = 0.02
    """Share of the pictures kept for validation when no validation set is given, chosen by hash of the name."""
    seed: Annotated[int, Range(0, 2**40)] = 0
    """The order of pictures, their crops and hints, and the initial weights follow from it."""

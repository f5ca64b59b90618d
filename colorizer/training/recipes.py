"""How a network is trained: a `Recipe` says how it learns, a `Run` what it reads and writes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, get_type_hints


@dataclass(frozen=True)
class Range:
    """The smallest and the largest value of a number, in its type: `share: Annotated[float, Range(0, 1)]`."""

    low: float
    high: float = math.inf

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high

    def __str__(self) -> str:
        return f"{self.low:g} or more" if self.high == math.inf else f"between {self.low:g} and {self.high:g}"


def ranges(settings: type) -> dict[str, Range]:
    """The ranges in the fields of a dataclass, by their names."""
    hints = get_type_hints(settings, include_extras=True)
    return {
        name: note
        for name, hint in hints.items()
        for note in getattr(hint, "__metadata__", ())
        if isinstance(note, Range)
    }


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
    """The rule that turns gradients into steps."""
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


@dataclass(frozen=True)
class Run:
    """The files that a run reads and writes; the recipe says how it learns."""

    data: tuple[str, ...]
    """Folders (any nesting), .tar or .zip files of photographs to learn from."""
    validation: tuple[str, ...] = ()
    """Photographs to choose the best weights on; by default a share of `data` is held out."""
    out: str = ""
    """Folder for checkpoints, samples and states; by default runs/<architecture>. A state in it is continued."""
    cache: str = "runs/cache"
    """Folder for decoded pictures, which are read many times faster than JPEGs; "" decodes every time. It can be
    deleted between runs."""
    encoder: str = ""
    """Pretrained encoder: a .safetensors or .pth file with torchvision's names, or "torchvision" to download it."""
    judge: tuple[str, ...] = ()
    """For a finish: .safetensors or .pth files of the EfficientNet-Lites that judges see with; several judges take
    turns, step by step."""
    realism: str = ""
    """Weights of an ImageNet encoder that taught nothing, such as EfficientNet-Lite0's; every validation then says how
    far coloured photographs look from true ones (KID)."""
    init: str = ""
    """A checkpoint to start from: a file, or a name in weights/. The network gets its config."""
    labelled: tuple[str, ...] = ()
    """For architectures that classify: the sources in `data` whose folders are named by class; by default all."""
    overfit: bool = False
    """Validate on the training pictures themselves: shows that learning works, not how good it is."""
    title: str = ""
    """One line for the checkpoint's card."""
    licence: str = ""
    """Terms of the weights, for the card."""
    data_note: str = ""
    """The photographs' origin and terms, for the card."""
    validate_every: Annotated[int, Range(0)] = 0
    """Pictures seen between two validations; 0 is a fifth of the run, 20,000 at most."""
    validation_pictures: Annotated[int, Range(1)] = 100
    """How many validation pictures are measured during training; the last validation measures all."""
    log_every: Annotated[int, Range(1)] = 50
    """Steps between two lines in log.jsonl and the trackers."""
    trackers: tuple[Literal["tensorboard", "wandb"], ...] = ("tensorboard",)
    """Where figures and samples go beside log.jsonl; TensorBoard's files lie in the run's folder."""
    save_minutes: Annotated[float, Range(0)] = 5.0
    """Minutes between two resumable states; the last two are kept."""
    max_minutes: Annotated[float, Range(0)] = math.inf
    """Stop cleanly, with a state, after this time."""
    workers: Annotated[int, Range(0, 256)] = 1
    """Threads that crop pictures, or decode them, ahead of the step."""
    compile: bool = False
    """Compile the network with torch.compile: faster steps after a first one that takes minutes."""

    def folder(self, architecture: str) -> Path:
        """The folder that the run writes to."""
        return Path(self.out or f"runs/{architecture}")


def check_settings(recipe: Recipe, run: Run) -> None:
    """Raise ValueError for a number outside its range."""
    for settings in (recipe, run):
        for name, allowed in ranges(type(settings)).items():
            value = getattr(settings, name)
            if value not in allowed:
                raise ValueError(f"--{name.replace('_', '-')} must be {allowed}, not {value:g}")
    if not recipe.sizes or min(recipe.sizes) < 1:
        raise ValueError("--sizes must be one or more sides in pixels, such as 96 128")

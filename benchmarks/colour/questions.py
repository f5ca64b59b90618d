"""Measurements of what a colorizer can do: hints, working sizes, calibration, whether colours help recognition.

`metrics` has the measures of pictures, `comparison` the table of all checkpoints. The measurements here apply only to
some networks. Each takes one photograph, so that several of them can share one run of the network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from colorizer.architectures.layers import MobileNetV2
from colorizer.checkpoints.card import WEIGHTS
from colorizer.checkpoints.file import find_checkpoint, load_checkpoint
from colorizer.colour.lab import colours
from colorizer.colour.metrics import delta_e, psnr
from colorizer.colour.whole_photo import join
from colorizer.errors import CheckpointError
from colorizer.inference.colorization import Colorization
from colorizer.inference.colorizer import Colorizer
from colorizer.inference.hints import Hint

HINT_COUNTS = (1, 2, 5, 10, 20)
SIZES = (128, 160, 192, 224, 256, 320)
CLASSIFIER = "fusion-narrow"
"""A checkpoint that contains an ImageNet classifier."""

Classifier = Callable[[Tensor], Tensor]
"""RGB (B, 3, 224, 224) in [-1, 1] -> logits (B, classes)."""


def revealed(photo: Image.Image, count: int, seed: int = 0, side: int = 6) -> list[Hint]:
    """True hints, as in the evaluation of Zhang et al. (SIGGRAPH 2017): the mean ab of `count` patches of `side` x
    `side` pixels of a 256 x 256 photo, with centres normal around the middle, sigma a quarter of its sides.

    A larger count starts with the hints of a smaller one.
    """
    width, height = photo.size
    ab = colours(np.asarray(photo))
    random = np.random.default_rng(seed)
    hints = []
    for _ in range(count):
        across, down = random.normal(0.5, 0.25, 2)
        left = int(np.clip(across * width - side / 2, 0, width - side))
        top = int(np.clip(down * height - side / 2, 0, height - side))
        a, b = ab[:, top : top + side, left : left + side].mean(dim=(1, 2)).tolist()
        hints.append(Hint(left + side / 2, top + side / 2, (a, b), radius=side / 2))
    return hints


class Hinted(NamedTuple):
    """How well the network used hints."""

    psnr: float
    """PSNR of the whole picture, dB."""
    spots: float
    """Mean CIEDE2000 between the result and the hints' colours at the hints' points."""


def with_hints(
    colorizer: Colorizer, photo: Image.Image, counts: Iterable[int] = HINT_COUNTS, seed: int = 0
) -> dict[int, Hinted]:
    """The effect of this many `revealed` hints, 1 or more, on an "RGB" photo of 256 x 256.

    Raises ValueError for an architecture that takes no hints.
    """
    measured = {}
    for count in counts:
        hints = revealed(photo, count, seed)
        guess = np.asarray(colorizer.colorize(photo, hints).image)
        measured[count] = Hinted(psnr(guess, np.asarray(photo)), _missed(guess, np.asarray(photo), hints))
    return measured


def _missed(guess: np.ndarray, photo: np.ndarray, hints: Sequence[Hint]) -> float:
    """CIEDE2000 at the hints' points, between a coloured photo and the hints' colours on the photo's lightness, both
    uint8 (H, W, 3)."""
    rows, columns = ([int(place) for place in axis] for axis in zip(*((h.y, h.x) for h in hints), strict=True))
    asked = join(photo[rows, columns][None], torch.tensor([h.ab for h in hints]).T[:, None])
    return delta_e(guess[rows, columns][None], asked)


def at_sizes(colorizer: Colorizer, photo: Image.Image, sizes: Iterable[int] = SIZES) -> dict[int, float]:
    """PSNR of an "RGB" photo, dB, by the side of the network's square input."""
    truth = np.asarray(photo)
    return {size: psnr(np.asarray(colorizer.colorize(photo, size=(size, size)).image), truth) for size in sizes}


def promise(result: Colorization) -> tuple[Tensor, Tensor]:
    """Prediction and truth for `Reliability`: logits (1, Q, h, w) and ab (1, 2, h, w), the photograph's own colours at
    the resolution of the prediction. Raises ValueError if there is no distribution."""
    network = result.architecture
    if not network.has_distribution:
        raise ValueError(f"{network.name} predicts one colour only; there is no promise to keep")
    logits = network.logits(result.prediction).cpu()
    truth = result.original.resize((logits.shape[3], logits.shape[2]), Image.Resampling.BOX)
    return logits, colours(np.asarray(truth))[None]


def imagenet_classifier(name: str | Path = CLASSIFIER, folder: str | Path = WEIGHTS) -> Classifier:
    """The frozen MobileNetV2 with ImageNet weights inside a checkpoint, as a classifier of colour pictures.

    Raises CheckpointError if there is no such checkpoint.
    """
    network, card = load_checkpoint(find_checkpoint(name, folder))
    inside = getattr(network, "classifier", None)
    if not isinstance(inside, MobileNetV2):
        raise CheckpointError(f"{card.name} is a {network.name}, which has no ImageNet classifier inside.")
    return lambda rgb: inside.classifier(inside.features(rgb).mean(dim=(2, 3)))


@torch.inference_mode()
def seen(classifier: Classifier, picture: Image.Image) -> int:
    """The class that an ImageNet classifier predicts for an "RGB" picture, stretched to 224 x 224.

    After the semantic test of Zhang, Isola and Efros (ECCV 2016): colours are good if the classifier recognizes the
    coloured picture correctly. Without labels, we use its prediction for the true colours instead.
    """
    small = picture.resize((224, 224), Image.Resampling.BICUBIC)
    pixels = torch.from_numpy(np.asarray(small).copy()).permute(2, 0, 1)[None].float()
    return int(classifier(pixels / 127.5 - 1)[0].argmax())

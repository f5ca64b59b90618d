"""All measurements of the flagship: `python -m benchmarks.flagship PHOTOS`.

Prints a set of Markdown tables; `--write` puts them into docs/flagship.md, with docs/calibration.svg. `--outlines` adds
whether a bold hint stays on its object; docs/hints.md says which photographs that needs.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from benchmarks.flagship.questions import Classifier, imagenet_classifier
from colorizer import Colorizer
from colorizer.checkpoints.card import WEIGHTS
from colorizer.errors import CheckpointError

from .diagram import reliability_diagram
from .examination import Examination
from .outlines import keeping, outlined, section
from .photos import evenly, open_photos
from .tables import DIAGRAM, report


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and write if requested; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        _run(options)
    except (ValueError, OSError) as error:
        print(f"flagship: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.flagship", description=__doc__.partition("\n")[0])
    parser.add_argument("photos", nargs="+", help="colour photographs that training never saw: folders, .tar, .zip")
    parser.add_argument("--checkpoint", default="mobile-unet", help="a name in weights/, or a file (mobile-unet)")
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help=argparse.SUPPRESS)
    parser.add_argument("--limit", type=int, help="so many of the photographs only, taken evenly")
    parser.add_argument("--write", action="store_true", help="write flagship.md and calibration.svg")
    parser.add_argument("-o", "--out", type=Path, default=Path("docs"), help="the folder that --write fills (docs)")
    parser.add_argument(
        "--outlines", type=Path, help="a folder of outlined photographs, laid out as PASCAL VOC's VOC2012"
    )
    return parser


def _run(options: argparse.Namespace) -> None:
    colorizer = Colorizer.from_checkpoint(options.checkpoint, device="cpu", folder=options.weights)
    examination = Examination(colorizer, _classifier(options.weights))
    photos = open_photos(options.photos, options.limit)
    for problem in photos.problems:
        print(f"flagship: left out: {problem}", file=sys.stderr)
    images = tqdm(photos.images, desc=colorizer.name, unit="photo")
    for photo, kind in zip(images, photos.kinds, strict=True):
        examination.add(photo, kind)
    text = report(examination)
    if options.outlines:
        pictures = evenly(list(outlined(options.outlines)), options.limit)
        text += "\n" + section(keeping(colorizer, tqdm(pictures, desc="outlines", unit="photo")))
    print(text, end="")
    if options.write:
        at = examination.calibration.at
        shown = {f"temperature {t:g}": at[t] for t in dict.fromkeys((1.0, examination.calibration.best_temperature))}
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "flagship.md").write_text(text, encoding="utf-8")
        (options.out / DIAGRAM).write_text(reliability_diagram(shown), encoding="utf-8")
        print(f"written: {options.out / 'flagship.md'}, {options.out / DIAGRAM}", file=sys.stderr)


def _classifier(weights: Path) -> Classifier | None:
    try:
        return imagenet_classifier(folder=weights)
    except CheckpointError as error:
        print(f"flagship: recognition is left out: {error}", file=sys.stderr)
        return None


if __name__ == "__main__":
    sys.exit(main())

"""Everything that measures the flagship, `mobile-unet`."""

from __future__ import annotations

from pathlib import Path

from tqdm import tqdm

from benchmarks.common import Measured, Sources, evenly, open_photos, say
from colorizer import Colorizer
from colorizer.checkpoints.card import WEIGHTS
from colorizer.errors import CheckpointError
from colorizer.evaluation.comparison import FLAGSHIP

from .calibration import reliability_diagram
from .examination import Examination
from .outlines import keeping, outlined, section
from .questions import Classifier, imagenet_classifier
from .tables import report


def measure(
    photos: Sources,
    checkpoint: str = FLAGSHIP,
    outlines: Path | None = None,
    limit: int | None = None,
    weights: Path = WEIGHTS,
) -> Measured:
    """Everything that measures the flagship: docs/flagship.md, with docs/calibration.svg.

    photos: in colour, that training never saw. checkpoint: a name in weights/, or a file. outlines: a folder of
    outlined photographs, laid out as PASCAL VOC's VOC2012, for whether a bold hint stays on its thing; docs/hints.md
    says where to get one. limit: so many of the photographs only, taken evenly.
    """
    colorizer = Colorizer.from_checkpoint(checkpoint, device="cpu", folder=weights)
    examination = Examination(colorizer, _classifier(weights))
    opened = open_photos(photos, limit)
    for problem in opened.problems:
        say(f"flagship: left out: {problem}")
    images = tqdm(opened.images, desc=colorizer.name, unit="photo")
    for photo, kind in zip(images, opened.kinds, strict=True):
        examination.add(photo, kind)
    text = report(examination)
    if outlines:
        pictures = evenly(list(outlined(outlines)), limit)
        text += "\n" + section(keeping(colorizer, tqdm(pictures, desc="outlines", unit="photo")))
    at = examination.calibration.at
    shown = {f"temperature {t:g}": at[t] for t in dict.fromkeys((1.0, examination.calibration.best_temperature))}
    return Measured((text, reliability_diagram(shown)))


def _classifier(weights: Path) -> Classifier | None:
    try:
        return imagenet_classifier(folder=weights)
    except CheckpointError as error:
        say(f"flagship: recognition is left out: {error}")
        return None

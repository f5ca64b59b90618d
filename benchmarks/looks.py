"""Candidates for the presets: what readouts of the flagship gain, cost and look like.

`python -m benchmarks.looks PHOTOS [--write]` prints a table of every combination of temperature, vividness and
saturation below, with the kernel distance of `benchmarks.realism`, the colourfulness relative to the truth, and the
PSNR over plain gray. The last row reads the finish instead of the calibrated distribution. `--write` puts the table
into docs/presets.md.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import product
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from benchmarks.flagship.photos import open_photos
from benchmarks.realism import flags, packaged
from colorizer import Colorizer
from colorizer.colour.metrics import colourfulness, psnr
from colorizer.colour.readout import preset
from colorizer.evaluation.comparison import FLAGSHIP, markdown
from colorizer.evaluation.realism import Eye, distance
from colorizer.files.between import write_between

DOCUMENT = Path("docs/presets.md")
TEMPERATURES = (0.3, 0.45, 0.6, 1.0)
VIVIDNESSES = (0.0, 0.15, 0.45)
SATURATIONS = (1.0, 1.3, 1.8)
NATURAL = preset("natural")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and write if requested; returns the exit code."""
    options = flags("looks", (__doc__ or "").partition("\n")[0], DOCUMENT).parse_args(arguments)
    try:
        eye = Eye.load((options.encoder or [packaged()])[0])
        photos = open_photos(options.photos, options.limit)
        colorizer = Colorizer.from_checkpoint(FLAGSHIP, device="cpu", folder=options.weights)
    except (ValueError, OSError) as error:
        print(f"looks: {error}", file=sys.stderr)
        return 1
    table = report(colorizer, eye, photos.images)
    print(table)
    if options.write:
        write_between(DOCUMENT, "<!-- looks -->", "<!-- end of looks -->", table, "table")
    return 0


def report(colorizer: Colorizer, eye: Eye, photos: Sequence[Image.Image]) -> str:
    """A row for each temperature and vividness, a column for each saturation, and the row of the finish.

    photos: "RGB", 256 x 256."""
    true = eye.features(tqdm(photos, desc="true", unit="photo"))
    results = [colorizer.colorize(photo) for photo in tqdm(photos, desc="colours", unit="photo")]
    truths = [np.asarray(photo) for photo in photos]
    gray = np.mean([psnr(np.asarray(r.grayscale.convert("RGB")), t) for r, t in zip(results, truths, strict=True)])
    colourful = np.mean([colourfulness(truth) for truth in truths])

    def shown(**readout: float | None) -> list[Image.Image]:
        return [result.with_readout(**readout).image for result in results]

    def cell(pictures: Sequence[Image.Image]) -> str:
        guesses = [np.asarray(picture) for picture in pictures]
        kid = distance(eye.features(pictures), true)
        gain = np.mean([psnr(guess, truth) for guess, truth in zip(guesses, truths, strict=True)]) - gray
        return f"{1000 * kid:.0f}, {np.mean([*map(colourfulness, guesses)]) / colourful:.2f}, {gain:+.2f}"

    rows = [
        [f"{t:g}, {v:g}", *(cell(shown(temperature=t, vividness=v, saturation=s)) for s in SATURATIONS)]
        for t, v in tqdm([*product(TEMPERATURES, VIVIDNESSES)], desc="readouts")
    ]
    label = f"{NATURAL['temperature']:g}, {NATURAL['vividness']:g}"
    rows.append([f"{label}, finish", *(cell(shown(**NATURAL | {"saturation": s})) for s in SATURATIONS)])
    return markdown(["temperature, vividness", *(f"saturation {s:g}" for s in SATURATIONS)], rows)


if __name__ == "__main__":
    sys.exit(main())

"""Black-and-white photographs in gray and under every preset, as pages to look at: `make archive-sheet PHOTOS=DIR`.

    python -m benchmarks.pictures.archive_sheet scans/ -o runs/archive

Old photographs have no true colours to compare with, so we judge by eye how bold a preset may be. The photographs are
taken evenly from the sorted names, not hand-picked.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from colorizer import Colorizer
from colorizer.checkpoints.card import WEIGHTS
from colorizer.colour.readout import PRESETS, preset_readout
from colorizer.data.files import find_pictures, open_training_photo, scaled_down
from colorizer.errors import PhotoError
from colorizer.figures import contact_sheet

LONGEST = 14
"""Most letters of a file's name that fit in a row."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the pages; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        colorizer = Colorizer.from_checkpoint(options.checkpoint, device="cpu", folder=options.weights)
        written = _pages(colorizer, options)
    except (ValueError, OSError) as error:
        print(f"archive_sheet: {error}", file=sys.stderr)
        return 1
    for path in written:
        print(f"{path} is written, {path.stat().st_size / 1000:.0f} kB")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.pictures.archive_sheet", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("photos", nargs="+", help="photographs: folders, .tar, .zip")
    parser.add_argument("-o", "--out", type=Path, default=Path("runs/archive"), help="a folder (runs/archive)")
    parser.add_argument("--checkpoint", default="mobile-unet", help="a name in weights/, or a file (mobile-unet)")
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help=argparse.SUPPRESS)
    parser.add_argument("--count", type=int, default=20, help="how many photographs (default 20)")
    parser.add_argument("--page", type=int, default=5, help="photographs on a page (default 5)")
    parser.add_argument("--height", type=int, default=280, help="of a picture, in pixels (default 280)")
    return parser


def _pages(colorizer: Colorizer, options: argparse.Namespace) -> list[Path]:
    if min(options.count, options.page, options.height) < 1:
        raise ValueError("--count, --page and --height must be 1 or more")
    if not colorizer.architecture.has_distribution:
        raise ValueError(f"{colorizer.name} predicts one colour only; presets need a distribution, as mobile-unet's")
    asked = {name: preset_readout(name, colorizer.card.temperature) for name in PRESETS}
    found = find_pictures(options.photos)
    count = min(options.count, len(found))
    rows = []
    for i in tqdm(range(count), unit="photo"):
        picture = found[(2 * i + 1) * len(found) // (2 * count)]
        try:
            photo = scaled_down(open_training_photo(picture), 2 * options.height)
        except PhotoError as error:
            tqdm.write(f"archive_sheet: left out: {error}", file=sys.stderr)
            continue
        result = colorizer.colorize(photo)
        presets = [result.with_readout(readout).image for readout in asked.values()]
        rows.append((_label(Path(picture.name).stem), [result.grayscale, *presets]))
    if not rows:
        raise ValueError("there is no photograph that can be read")
    said = {
        name: ", ".join(f"{control} {getattr(readout, control):g}" for control in PRESETS[name])
        for name, readout in asked.items()
    }
    columns = ["gray", *(f"{name}: {settings}" for name, settings in said.items())]
    options.out.mkdir(parents=True, exist_ok=True)
    written = []
    for first in range(0, len(rows), options.page):
        path = options.out / f"archive-{first // options.page + 1:02d}.jpg"
        page = contact_sheet(rows[first : first + options.page], columns, options.height)
        page.save(path, quality=88, optimize=True)
        written.append(path)
    return written


def _label(name: str) -> str:
    return name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"


if __name__ == "__main__":
    sys.exit(main())

"""One sheet of photographs before and after fine-tuning: gray, coloured by each checkpoint, and the originals.

    python -m benchmarks.pictures.before_after HELD_OUT --after runs/mobile-unet/best.safetensors -o before-after.jpg

Photographs are taken evenly from the sorted names, not hand-picked.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from colorizer import Colorizer
from colorizer.data.files import find_pictures, open_training_photo
from colorizer.figures import contact_sheet


def main() -> None:
    """Write the sheet."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("photos", nargs="+", help="colour photographs neither has seen: folders, .tar, .zip")
    parser.add_argument("--before", default="mobile-unet", help="a checkpoint (default mobile-unet)")
    parser.add_argument("--after", required=True, help="the checkpoint that was made of it")
    parser.add_argument("-o", "--out", type=Path, default=Path("before-after.jpg"))
    parser.add_argument("--count", type=int, default=6, help="how many photographs (default 6)")
    parser.add_argument("--height", type=int, default=150, help="of a picture, in pixels (default 150)")
    options = parser.parse_args()
    before, after = (Colorizer.from_checkpoint(name) for name in (options.before, options.after))
    found = find_pictures(options.photos)
    count = min(options.count, len(found))
    rows = []
    for i in range(count):
        result = before.colorize(open_training_photo(found[(2 * i + 1) * len(found) // (2 * count)]))
        rows.append(("", [result.grayscale, result.image, after.colorize(result.original).image, result.original]))
    sheet = contact_sheet(rows, ["gray", before.name, "fine-tuned", "original"], options.height)
    sheet.save(options.out, quality=85, optimize=True)
    print(f"{options.out} is written, {options.out.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()

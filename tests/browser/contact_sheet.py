"""Puts all screenshots of a run on one sheet for each theme, to look at."""

from collections.abc import Iterable
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps

CELL, CAPTION, COLUMNS = (380, 560), 26, 6
"""Largest size of a picture (width, height) and height of a caption, in pixels, and number of columns."""


def write_contact_sheet(target: Path, pictures: Iterable[Path]) -> None:
    """Write the pictures, in order, into one JPEG; each has the end of its name as its caption."""
    pictures = list(pictures)
    width, height = CELL[0] + 12, CELL[1] + CAPTION + 12
    rows = -(-len(pictures) // COLUMNS)
    sheet = Image.new("RGB", (width * min(COLUMNS, len(pictures)), height * rows), "#888")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(15)
    for i, path in enumerate(pictures):
        x, y = i % COLUMNS * width + 6, i // COLUMNS * height + 6
        draw.text((x, y), path.stem.removeprefix("test_")[-48:], "#fff", font)
        with Image.open(path) as picture:
            picture.draft("RGB", CELL)
            sheet.paste(ImageOps.contain(picture.convert("RGB"), CELL), (x, y + CAPTION))
    sheet.save(target, quality=82)

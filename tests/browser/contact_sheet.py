"""All screenshots of a run on one sheet for each theme, for whoever has to look at them."""

from collections.abc import Iterable
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps

CELL, CAPTION, COLUMNS = (380, 560), 26, 6
"""A picture's room (width, height), its caption's height, and how many stand beside each other, in pixels."""


def write_contact_sheet(target: Path, pictures: Iterable[Path]) -> None:
    """The pictures as one JPEG, whole, in order, each under the end of its name."""
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

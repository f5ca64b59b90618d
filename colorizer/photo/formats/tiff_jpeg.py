"""What is there of a TIFF page in JPEG whose data end too early: libtiff reads none of a strip that is not whole."""

from __future__ import annotations

import io
from contextlib import suppress
from typing import Any, BinaryIO

from PIL import Image, ImageOps

_RGB = b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0\0"
"""The segment by which a JPEG says that its components are red, green and blue."""
MOST_TILE = 1 << 22
"""Pixels by which a tile or strip may be larger than its picture."""


def fill(image: Any, file: BinaryIO) -> None:
    """Give a page that Pillow opened, and could not decode, the pixels of each strip or tile that can be read, on
    middle gray. Raises NotImplementedError for pages that have no such pixels, EOFError if none can be read."""
    tags: Any = image.tag_v2
    if tags.get(259) != 7 or tags.get(284, 1) == 2 or image.mode not in ("L", "RGB"):
        raise NotImplementedError
    tables = bytes(tags.get(347, b"")).removesuffix(b"\xff\xd9") or b"\xff\xd8"
    if tags.get(262) == 2:
        tables += _RGB
    across, down = tags.get(322, image.width), tags.get(323, min(tags.get(278, image.height), image.height))
    columns, filled = -(-image.width // across), False
    most = image.width * image.height + MOST_TILE
    if across * down > most:
        raise NotImplementedError
    whole = Image.new(image.mode, image.size, (128,) * len(image.getbands()))
    places = range(columns * -(-image.height // down))
    for number, offset, count in zip(places, tags.get(324) or tags[273], tags.get(325) or tags[279], strict=False):
        file.seek(offset)
        data = file.read(count).removeprefix(b"\xff\xd8")
        with suppress(Exception), Image.open(io.BytesIO(tables + data + b"\xff\xd9"), formats=["JPEG"]) as part:
            if part.width > across or part.width * part.height > most:  # strangers' headers may say anything
                continue
            # A strip may be filled up with rows below the picture.
            shown = part.crop((0, 0, part.width, min(part.height, down))).convert(image.mode)
            if tags.get(262) == 0:  # white is 0
                shown = ImageOps.invert(shown)
            whole.paste(shown, (number % columns * across, number // columns * down))
            filled = True
    if not filled:
        raise EOFError
    image.tile, image.im = [], whole.im

"""Pillow's pictures: of any mode as "RGB", and smaller."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from PIL import Image, ImageCms

from ..errors import UserError
from .formats.rasters import DeepRaster, PillowRaster, boxes
from .formats.samples import SRGB


def as_rgb(picture: Any) -> Image.Image:
    """A copy of a PIL picture in mode "RGB", each mode shown as `open_photo` shows it: more than 8 bits scaled,
    transparent pixels on white. It is not turned, and a picture in mode "RGB" keeps its values. Raises ValueError for a
    value that is no picture, or one without pixels."""
    if not isinstance(picture, Image.Image) or 0 in picture.size:
        raise UserError(_no_picture(picture))
    if picture.mode == "RGB" and "transparency" not in picture.info:
        return picture.copy()
    if picture.mode == "LAB":
        lab = ImageCms.buildTransform(ImageCms.createProfile("LAB"), SRGB, "LAB", "RGB")
        return ImageCms.applyTransform(picture, lab) or picture
    if picture.mode == "I" and np.asarray(picture).max() <= 255:  # of 8 bits, as `convert("I")` makes it
        picture = picture.convert("L")
    raster = DeepRaster(picture) if picture.mode == "F" or picture.mode.startswith("I") else PillowRaster(picture)
    raster.load(partial=False)
    result = Image.new("RGB", picture.size)
    for box in boxes(picture.size):
        result.paste(raster.strip(box, deep=False).rgb, box)
    return result


def _no_picture(given: Any) -> str:
    if isinstance(given, Image.Image):
        return f"a picture is expected, not one of {given.width} × {given.height} pixels"
    if isinstance(given, (str, os.PathLike)):
        return f"a picture is expected, not a path; open it with colorizer.open_photo({os.fspath(given)!r})"
    if isinstance(given, bytes) or hasattr(given, "read"):
        return "a picture is expected, not a file; open it with colorizer.open_photo"
    if hasattr(given, "__array__"):
        return "a picture is expected, not an array; make one of uint8 (H, W, 3) with PIL.Image.fromarray"
    return f"a picture is expected, as colorizer.open_photo gives it; {type(given).__name__} is none"


def at_most(picture: Image.Image, side: int) -> Image.Image:
    """The picture with its longest side at most `side` pixels, antialiased; itself where it is no larger."""
    if max(picture.size) <= side:
        return picture
    small = picture.copy()
    small.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return small

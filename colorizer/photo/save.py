"""Saves a finished picture as a PNG or JPEG file that says where its colours come from."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from PIL import Image, PngImagePlugin

from ..errors import PhotoError
from ..files.atomic import whole_file


def save_photo(
    image: Image.Image, path: str | os.PathLike[str], *, checkpoint: str = "", overwrite: bool = True
) -> Path:
    """Write PNG (lossless) or JPEG (quality 95, colour at full resolution), by the suffix of `path`.

    The metadata say that the colours were predicted, and by which checkpoint. The write is atomic. Raises PhotoError
    for another suffix, for an existing file when `overwrite` is off, and if writing fails.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in (".png", ".jpg", ".jpeg"):
        raise PhotoError.of("photo_suffix", name=path.name)
    if path.exists() and not overwrite:
        raise PhotoError.of("photo_exists", name=path.name)
    provenance = "Colours predicted by Colorizer" + (f", checkpoint {checkpoint}" if checkpoint else "")
    options: dict[str, Any]
    if suffix == ".png":
        text = PngImagePlugin.PngInfo()
        text.add_itxt("Description", provenance)
        text.add_itxt("Software", "Colorizer")
        options = {"format": "PNG", "pnginfo": text, "compress_level": 4}
    else:
        exif = Image.Exif()
        exif[0x010E] = provenance.encode("ascii", "replace").decode()  # ImageDescription
        exif[0x0131] = "Colorizer"  # Software
        options = {"format": "JPEG", "quality": 95, "subsampling": 0, "exif": exif.tobytes()}
    with whole_file(path, PhotoError) as partial:
        image.save(partial, **options)
    return path

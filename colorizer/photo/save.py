"""Saves a finished picture as PNG, JPEG or TIFF, with the scan's metadata and where the colours come from."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from PIL import Image

from ..errors import PhotoError
from ..files.atomic import whole_file
from .metadata import Metadata, Provenance, blocks
from .profiles import SPACES, profile_of
from .writers import Picture, write_jpeg, write_png, write_tiff

_WRITERS = {
    ".png": (write_png, "image/png"),
    ".jpg": (write_jpeg, "image/jpeg"),
    ".jpeg": (write_jpeg, "image/jpeg"),
    ".tif": (write_tiff, "image/tiff"),
    ".tiff": (write_tiff, "image/tiff"),
}
WRITTEN = tuple(_WRITERS)
"""Suffixes of files that can be written."""


def save_photo(
    image: Picture,
    path: str | os.PathLike[str],
    *,
    checkpoint: str = "",
    overwrite: bool = True,
    metadata: Metadata | None = None,
    provenance: Provenance | None = None,
    strip: bool = False,
    space: str = "srgb",
) -> Path:
    """Write PNG or TIFF (lossless, 8 or 16 bits) or JPEG (quality 95, colour at full resolution), by `path`'s suffix.

    image: PIL "RGB", or uint8 or uint16 (H, W, 3), as `Colorization.pixels` gives it. metadata: the scan's, as
    `read_photo` found them; the file gets them too. provenance: how and by which checkpoint the colours were predicted,
    which the file says; or just checkpoint, its name. strip: write no metadata at all. space: of the picture's colours,
    a name of `profiles.SPACES`; the file carries its profile. The write is atomic. Raises PhotoError for another
    suffix, for 16 bits in a JPEG, for an existing file when `overwrite` is off, and if writing fails.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in _WRITERS:
        raise PhotoError.of("photo_suffix", name=path.name)
    write, mime = _WRITERS[suffix]
    if write is write_jpeg and isinstance(image, np.ndarray) and image.dtype == np.uint16:
        raise PhotoError.of("photo_deep_jpeg", name=path.name)
    if path.exists() and not overwrite:
        raise PhotoError.of("photo_exists", name=path.name)
    size = image.size if isinstance(image, Image.Image) else (image.shape[1], image.shape[0])
    made = provenance or Provenance(checkpoint)
    said = None if strip else blocks(metadata, made, size, SPACES[space], mime)
    with whole_file(path, PhotoError) as partial:
        write(image, partial, profile_of(space), said)
    return path

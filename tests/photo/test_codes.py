"""Colours by the numbers of ITU-T H.273, as phones and cameras write them into PNG, AVIF and HEIC."""

import io
import struct

import numpy as np
import pillow_heif
import pytest
from conftest import colour_photo
from depths import FROM_D50, P3, encoded, light_of, png
from hostile import encode
from PIL import Image

from colorizer.photo.open import read_photo

LIGHT = light_of(np.asarray(colour_photo(61, 47)) / 255) * 0.75
"""Linear sRGB, in which nothing is nearly white."""
SEEN = encoded(LIGHT) * 255


def pq(light: np.ndarray) -> np.ndarray:
    """SMPTE ST 2084 with white at 203 cd/m2."""
    power = (light * 203 / 10_000) ** 0.1593017578125
    return ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375


def hlg(light: np.ndarray) -> np.ndarray:
    """ITU-R BT.2100 with white at 203 of 1,000 cd/m2."""
    scene = (light * 0.203) ** (1 / 1.2)
    return np.where(
        scene <= 1 / 12, np.sqrt(3 * scene), 0.17883277 * np.log(np.maximum(12 * scene - 0.28466892, 1e-9)) + 0.55991073
    )


STORED = {
    (1, 13): SEEN / 255,
    (2, 2): SEEN / 255,
    (1, 1): SEEN / 255,
    (1, 4): LIGHT ** (1 / 2.2),
    (1, 8): LIGHT,
    (12, 13): encoded((LIGHT @ np.linalg.inv(FROM_D50 @ P3).T).clip(0, 1)),
    (1, 16): pq(LIGHT),
    (1, 18): hlg(LIGHT),
}


@pytest.mark.parametrize("codes", STORED)
@pytest.mark.parametrize("fmt", ["png 8", "png 16", "png with a gamma", "heic", "avif"])
def test_codes_say_what_colours_are_stored(fmt, codes):
    values, chunk = STORED[codes], (b"cICP", bytes([*codes, 0, 1]))
    stored = Image.fromarray(np.rint(values * 255).astype(np.uint8))
    if fmt == "png 16":
        data = png(np.rint(values * 65535).astype(np.uint16), (chunk,))
    elif fmt.startswith("png"):
        others = ((b"gAMA", struct.pack(">I", 100_000)),) if "gamma" in fmt else ()
        data = png(np.asarray(stored), (chunk, *others))
    elif fmt == "heic":
        buffer = io.BytesIO()
        names = dict(zip(("color_primaries", "transfer_characteristics"), codes, strict=True))
        pillow_heif.from_pillow(stored).save(buffer, quality=-1, chroma=444, matrix_coefficients=6, **names)
        data = buffer.getvalue()
    else:
        data = encode(stored, "AVIF", quality=100, subsampling="4:4:4")
        at = data.index(b"colrnclx") + 8
        data = data[:at] + struct.pack(">HH", *codes) + data[at + 4 :]
    opened = read_photo(data, deep=True)
    assert opened.notes == ()
    assert np.abs(np.asarray(opened.image) - SEEN).mean() < 3


@pytest.mark.parametrize(("transfer", "curve"), [(16, pq), (18, hlg)])
def test_what_is_lighter_than_white_is_still_told_apart(transfer, curve):
    values = np.rint(curve(np.array([[0.5, 1.0, 1.5, 2.0]])) * 65535).astype(np.uint16)[..., None]
    seen = np.asarray(read_photo(png(values, ((b"cICP", bytes([1, transfer, 0, 1])),))).image)[0, :, 0].astype(int)
    assert abs(seen[0] - 188) <= 1
    assert 240 < seen[1] < seen[2] < seen[3] <= 255

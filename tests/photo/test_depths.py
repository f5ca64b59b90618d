"""Pictures of every depth look as they should: computed in float64 from how they were made, and to ImageMagick."""

import io
import struct
import tracemalloc
import zlib

import numpy as np
import pytest
import tifffile
from depths import GRAY, LUMINANCE, RGB, H, Made, W, encoded, everything, light_of, png, tiff, upright, whole
from hostile import encode, png_of
from PIL import Image

from colorizer import PhotoError, open_photo
from colorizer.photo.open import read_photo

MADE = {made.name: made for made in everything()}


def gray_of(seen: np.ndarray) -> np.ndarray:
    return seen[..., 0] if seen.shape[2] == 1 else encoded(light_of(seen) @ LUMINANCE)


def test_the_matrix_is_large():
    assert len(MADE) >= 180


@pytest.mark.parametrize("made", MADE.values(), ids=MADE)
def test_every_depth_is_right(made: Made):
    opened = read_photo(made.data, deep=True)
    assert np.abs(np.asarray(opened.image) - made.seen * 255).max() <= made.tolerance
    assert opened.notes == ()
    if opened.gray is not None:
        assert np.abs(opened.gray / 257 - gray_of(made.seen) * 255).max() <= made.tolerance


OF_GRAY = ["gray 16 <", "white is zero 16 >", "tiff_lzw 2 16", "png gray 16", "gray f8 <"]
OF_COLOURS = ["rgb 16 <", "planes 16 >", "adobe 16", "dot gain 16", "gray opacity 16", "png rgb 16"]


@pytest.mark.parametrize("name", [*OF_GRAY, *OF_COLOURS])
def test_gray_of_16_bits_is_kept_and_that_of_colours_is_within_two_levels(name):
    made = MADE[name]
    got = read_photo(made.data, deep=True).gray.astype(float)
    assert np.abs(got - gray_of(made.seen) * 65535).max() <= (1 if name in OF_GRAY else 2)


@pytest.mark.parametrize("bits", [10, 12])
@pytest.mark.parametrize("stored", ["tiff", "png"])
def test_10_or_12_bits_in_16_are_as_bright_as_16(stored, bits):
    """As scanners and microscopes store them: no tag says so."""
    values = whole(GRAY, 16) >> (16 - bits)
    opened = read_photo(tiff(values[..., 0]) if stored == "tiff" else png(values), deep=True)
    assert np.abs(np.asarray(opened.image) - GRAY * 255).max() <= 1
    assert np.abs(opened.gray / 65535 - GRAY[..., 0]).max() <= 2**-bits


@pytest.mark.parametrize("bits", [10, 12])
@pytest.mark.parametrize("opaque", [False, True])
def test_colours_of_10_or_12_bits_in_16_are_as_bright_as_16(bits, opaque):
    values = whole(RGB, 16) >> (16 - bits)
    if opaque:
        values = np.dstack((values, np.full_like(values[..., 0], 65535)))
    assert np.abs(np.asarray(open_photo(png(values))) - RGB * 255).max() <= 1


@pytest.mark.parametrize("most", [0, 255, 4096])
def test_other_dark_pictures_of_16_bits_stay_dark(most):
    opened = read_photo(tiff((GRAY[..., 0] * most).astype(np.uint16)))
    assert np.asarray(opened.image).max() <= 16


def test_the_gray_is_only_there_if_there_is_more_than_8_bits():
    assert read_photo(MADE["gray 8 <"].data, deep=True).gray is None
    assert read_photo(MADE["gray 16 <"].data).gray is None


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize("options", ["PNG", "TIFF", {"rowsperstrip": 3}, {"tile": (16, 16)}], ids=str)
def test_strips_are_joined_upright(turn, options, monkeypatch):
    """Strips of 8 bits as Pillow reads them, and of 16 bits as they are read here."""
    monkeypatch.setattr("colorizer.photo.formats.rasters.STRIP_PIXELS", 200)
    deep, exif = isinstance(options, dict), Image.Exif()
    exif[0x0112] = turn
    values = whole(GRAY, 16)[..., 0]
    stored = Image.fromarray(np.rint(values / 257).astype(np.uint8) if deep else whole(RGB, 8))
    extra = {"extratags": [(274, "H", 1, turn, True)]}
    opened = read_photo(tiff(values, **options, **extra) if deep else encode(stored, options, exif=exif), deep=deep)
    expected = np.asarray(upright(stored, turn).convert("RGB")).astype(int)
    assert np.abs(np.asarray(opened.image) - expected).max() <= deep
    if deep:
        assert np.abs(opened.gray / 257 - expected[..., 0]).max() <= 0.51


@pytest.mark.parametrize("values", [GRAY, RGB])
@pytest.mark.parametrize("depth", [8, 16])
def test_pngs_transparent_value_is_white_at_any_depth(values, depth):
    stored = whole(values, depth)
    key = b"".join(struct.pack(">H", int(value)) for value in stored[3, 5])
    shown = np.asarray(open_photo(png(stored, ((b"tRNS", key),)))).astype(float)
    seen = np.where((stored == stored[3, 5]).all(axis=-1, keepdims=True), 255, values * 255)
    assert np.abs(shown - seen).max() < 1


@pytest.mark.parametrize(("depth", "step"), [(2, 85), (4, 17)])
def test_pngs_transparent_value_is_white_in_few_grays(depth, step):
    header = struct.pack(">IIBBBBB", 8 // depth, 1, depth, 0, 0, 0, 0)
    pixels = zlib.compress(bytes([0, 0b0110_0000 if depth == 2 else 0x12]))
    data = png_of((b"IHDR", header), (b"tRNS", b"\0\1"), (b"IDAT", pixels), (b"IEND", b""))
    assert [open_photo(data).getpixel((x, 0))[0] for x in range(2)] == ([255, 170] if depth == 2 else [255, 34])


def test_pages_are_counted_and_can_be_asked_for():
    shades, buffer = (40, 130, 220), io.BytesIO()
    with tifffile.TiffWriter(buffer) as file:
        for number, shade in enumerate(shades):
            values = np.full((H, W), shade * (257 if number == 1 else 1), np.uint16 if number == 1 else np.uint8)
            file.write(values, photometric="minisblack", metadata=None)
        file.write(np.zeros((4, 4), np.uint8), photometric="minisblack", subfiletype=1, metadata=None)  # a thumbnail
    for number, shade in enumerate(shades, 1):
        opened = read_photo(buffer.getvalue(), page=number, name="a.tif")
        assert opened.image.getpixel((3, 3)) == (shade,) * 3
        assert opened.pages == 3
        assert [str(note) for note in opened.notes] == [f"a.tif: this is page {number} of 3."]
    assert open_photo(buffer.getvalue()).getpixel((0, 0)) == (40,) * 3
    for page in (0, 4):
        with pytest.raises(PhotoError, match=rf"a.tif has no page {page}; it has 3\."):
            open_photo(buffer.getvalue(), page=page, name="a.tif")
    with pytest.raises(PhotoError, match="has no page 2"):
        open_photo(png(whole(RGB, 8)), page=2)


def test_a_scan_in_16_bits_is_read_in_strips():
    """The bytes counted before decoding are those held, and no more than some rows of a large scan."""
    values = np.zeros((4000, 2000, 3), np.uint16)
    data = tiff(values, photometric="rgb", rowsperstrip=16, compression="zlib")
    tracemalloc.start()
    read_photo(data, deep=True)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < values.nbytes  # with the gray, a third of it

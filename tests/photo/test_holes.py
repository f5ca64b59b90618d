"""Zeros in a file, as a copy that broke off and the blocks of a broken disk leave them."""

import io

import numpy as np
import pytest
import tifffile
from conftest import colour_photo
from depths import tiff, tiff_of
from hostile import cut, encode
from PIL import Image

from colorizer import PhotoError, open_photo
from colorizer.photo.open import read_photo

LARGE = colour_photo(300, 240)


@pytest.mark.parametrize("fmt", ["TIFF", "BMP"])
def test_many_zeros_at_the_end_are_told_where_they_may_be_a_hole(fmt):
    data = encode(LARGE, fmt)
    opened = read_photo(cut(data, 0.6).ljust(len(data), b"\0"), name="a")
    assert [note.kind for note in opened.notes] == ["photo_zeros"]
    assert read_photo(data + bytes(len(data))).notes == ()
    half = np.array(LARGE.convert("L"))
    half[60:] = 0
    assert read_photo(tiff(half, photometric="miniswhite")).notes == ()


@pytest.mark.parametrize("fmt", ["TIFF", "BMP"])
def test_blocks_of_a_disk_that_are_zeros_are_told(fmt):
    """Fewer than a twentieth of the file."""
    data = encode(Image.fromarray(np.random.default_rng(3).integers(1, 255, (240, 300, 3), np.uint8)), fmt)
    assert not read_photo(data).notes
    for start, stop in ((8192, 12288), (len(data) // 4096 * 4096, len(data))):
        hole = data[:start] + bytes(stop - start) + data[stop:]
        assert [note.kind for note in read_photo(hole).notes] == ["photo_zeros"]


def test_black_rows_and_a_black_frame_are_no_hole():
    values = np.random.default_rng(3).integers(1, 255, (50, 8192), np.uint8)
    values[10:12] = values[20:22, 4096:] = values[30:, :2048] = values[30:, -2049:] = values[-5:] = 0
    for align in (16, 4096):
        assert not read_photo(tiff(values, align=align)).notes
    assert not read_photo(encode(Image.fromarray(values[::-1]), "BMP")).notes  # its rows begin with the lowest


def test_a_palette_that_is_a_hole_is_told():
    gray = np.arange(256, dtype=np.uint8).repeat(4).reshape(32, 32)
    said = {256: 32, 257: 32, 258: 8, 259: 1, 262: 3, 277: 1, 278: 32, 320: ("H", tuple(257 * (np.arange(768) % 256)))}
    data = tiff_of(said, [gray.tobytes()])
    assert not read_photo(data).notes
    for zeros in (64, 512, 1200):
        assert [note.kind for note in read_photo(data[:-zeros] + bytes(zeros)).notes] == ["photo_zeros"]
    with pytest.raises(PhotoError, match="damaged"):
        open_photo(data[:-1536] + bytes(1536))


def test_a_strip_whose_place_is_a_hole_is_not_taken_from_the_files_beginning():
    rows = [np.full((2, 64), 40 + row, np.uint8).tobytes() for row in range(32)]
    data = tiff_of({256: 64, 257: 64, 258: 8, 259: 1, 262: 1, 277: 1, 278: 2}, rows)
    with pytest.raises(PhotoError, match="take the part"):
        open_photo(data[:-192] + bytes(192))


def test_a_directory_with_a_hole_is_damaged():
    data = encode(LARGE, "TIFF", compression="jpeg")
    at = int.from_bytes(data[4:8], "little") + 2 + 12 * 4
    with pytest.raises(PhotoError, match="a is damaged"):
        open_photo(data[:at] + bytes(12 * 4) + data[at + 12 * 4 :], name="a")


@pytest.mark.parametrize("missing", [1, 9])
@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "tiff_adobe_deflate", "packbits"])
def test_a_tiff_that_lacks_its_last_bytes_is_no_other_picture(compression, missing):
    """They say how many bits a value has, where a program writes that after the pixels."""
    data = encode(LARGE.resize((60, 44)), "TIFF", compression=compression)  # one strip
    with pytest.raises(PhotoError, match="a is damaged"):
        open_photo(data[:-missing], name="a")


@pytest.mark.parametrize("bits", [8, 16])
def test_packed_values_of_a_tiff_with_a_hole_are_no_picture(bits):
    """A decoder that inflates zeros makes values of them."""
    values = np.asarray(LARGE.convert("L")).astype(f"u{bits // 8}")
    data = tiff(values, compression="zlib", predictor=True)
    for share in (0.6, 0.98):
        half = cut(data, share).ljust(len(data), b"\0")
        with pytest.raises(PhotoError, match="take the part"):
            open_photo(half)
        assert read_photo(half, partial=True).incomplete


@pytest.mark.parametrize("compression", ["tiff_adobe_deflate", "jpeg"])
def test_zeros_that_fill_up_the_last_strip_of_a_tiff_are_no_hole(compression):
    """As programs that write whole blocks leave them."""
    data = encode(LARGE.convert("L"), "TIFF", compression=compression)
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        page = file.pages.first
        begin, count = page.dataoffsets[-1], page.databytecounts[-1]
        padded = bytearray(data + data[begin : begin + count] + bytes(512))
        for code, value in ((273, len(data)), (279, count + 512)):
            tag = page.tags[code]
            size = tag.valuebytecount // tag.count
            last = tag.valueoffset + size * (tag.count - 1)
            padded[last : last + size] = value.to_bytes(size, "little")
    assert np.array_equal(open_photo(bytes(padded)), open_photo(data))

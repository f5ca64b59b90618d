"""TIFF files whose segments have fewer bytes than their pixels need: what is there is read, and nothing is made up."""

import io
import struct
import zlib

import numpy as np
import pytest
from depths import tiff_of
from hostile import encode
from PIL import Image

from colorizer import PhotoError
from colorizer.photo.open import read_photo

H, W, ROWS = 40, 30, 10
VALUES = np.random.default_rng(0).integers(1, 255, (H, W, 3), np.uint8)
"""Grain, which no compression makes much smaller."""
MODES = {"1": (1, 1), "L": (8, 1), "RGB": (("H", (8, 8, 8)), 3), "I;16": (16, 1), "CMYK": (("H", (8, 8, 8, 8)), 4)}


def picture(mode):
    if mode == "I;16":
        return Image.fromarray(VALUES[..., 0].astype(np.uint16) * 257)
    return Image.fromarray(VALUES).convert(mode)


def written(mode, strips, rows, compression=1, **more):
    bits, channels = MODES[mode]
    said = {256: W, 257: H, 258: bits, 259: compression, 262: 5 if mode == "CMYK" else 2 if mode == "RGB" else 1}
    return tiff_of({**said, 277: channels, 278: rows, **more}, strips)


def rows_of(mode, rows):
    values = np.packbits(np.asarray(picture("1")), axis=1) if mode == "1" else np.asarray(picture(mode))
    return [values[top : top + rows].tobytes() for top in range(0, H, rows)]


def check(data, whole, lost):
    """Whether a part is proposed, and has all but the rows that are lost."""
    with pytest.raises(PhotoError, match="take the part that can be read"):
        read_photo(data, name="a")
    opened = read_photo(data, name="a", partial=True)
    assert opened.incomplete
    unlike = (np.asarray(opened.image) != np.asarray(read_photo(whole).image)).any(axis=(1, 2))
    assert set(np.flatnonzero(unlike)) == set(lost)


@pytest.mark.parametrize("mode", MODES)
def test_values_are_not_read_on_where_a_strip_is_too_short(mode):
    strips = rows_of(mode, ROWS)
    row = len(strips[0]) // ROWS
    whole = written(mode, strips, ROWS)
    for number in range(len(strips)):
        short = [*strips[:number], strips[number][: -2 * row], *strips[number + 1 :]]
        end = (number + 1) * ROWS
        check(written(mode, short, ROWS), whole, range(end - 2, end))
    check(written(mode, strips[:2], ROWS), whole, range(2 * ROWS, H))


@pytest.mark.parametrize("mode", ["L", "I;16"])
def test_a_wrong_count_does_not_matter_where_the_values_are_there(mode):
    strips = rows_of(mode, ROWS)
    whole = written(mode, strips, ROWS)
    counts = np.array([len(strip) for strip in strips], "<u4").tobytes()
    assert counts in whole
    for wrong in (0, 5, 1 << 30):
        opened = read_photo(whole.replace(counts, np.full(len(strips), wrong, "<u4").tobytes()))
        assert opened.notes == ()
        assert opened.image == read_photo(whole).image


@pytest.mark.parametrize("mode", ["L", "RGB", "I;16"])
@pytest.mark.parametrize("compression", ["tiff_lzw", "packbits", "tiff_adobe_deflate"])
def test_the_first_rows_of_a_packed_strip_are_read(mode, compression):
    packed = encode(picture(mode), "TIFF", compression=compression, tiffinfo={278: H})
    with Image.open(io.BytesIO(packed)) as image:
        (at,), (count,) = image.tag_v2[273], image.tag_v2[279]
        number = image.tag_v2[259]
    strip = packed[at : at + count]
    cut = read_photo(written(mode, [strip[: count // 2]], H, number), name="a", partial=True)
    whole = np.asarray(read_photo(written(mode, [strip], H, number)).image)
    like = (np.asarray(cut.image) == whole).all(axis=(1, 2))
    assert cut.incomplete
    assert like[: H // 2 - 4].all()
    assert not like[H // 2 + 4 :].any()


PADDED = {"none": 1, "tiff_lzw": 5, "packbits": 32773, "deflate": 8, "jpeg": 7}


def strip_of(image, compression):
    """A picture as the packed bytes of one strip."""
    if compression in ("none", "deflate"):
        return zlib.compress(image.tobytes()) if compression == "deflate" else image.tobytes()
    if compression == "jpeg":
        return encode(image, "JPEG", quality=95, subsampling=0)
    packed = encode(image, "TIFF", compression=compression, tiffinfo={278: image.height})
    with Image.open(io.BytesIO(packed)) as opened:
        return packed[opened.tag_v2[273][0] :][: opened.tag_v2[279][0]]


@pytest.mark.parametrize("compression", PADDED)
@pytest.mark.parametrize("mode", ["L", "RGB", "I;16"])
@pytest.mark.parametrize(("height", "rows"), [(2000, 64), (2000, 600), (700, 1500)])
def test_rows_below_the_picture_in_the_last_strip_are_no_damage(mode, compression, height, rows):
    """Many programs fill up the last strip."""
    if compression == "jpeg" and mode == "I;16":
        pytest.skip("JPEG has 8 bits")
    values = np.random.default_rng(0).integers(0, 256, (2500, 70, 3 if mode == "RGB" else 1), np.uint8)
    stored = values.astype(np.uint16) * 257 if mode == "I;16" else values
    strips = [
        strip_of(Image.fromarray(stored[top : top + rows].squeeze()), compression) for top in range(0, height, rows)
    ]
    bits, channels = MODES[mode]
    colours = 1 if mode != "RGB" else 6 if compression == "jpeg" else 2
    said = {256: 70, 257: height, 258: bits, 259: PADDED[compression], 262: colours, 277: channels, 278: rows}
    opened = read_photo(tiff_of({**said, 530: ("H", (1, 1))} if colours == 6 else said, strips), name="a")
    assert opened.notes == ()
    off = np.abs(np.asarray(opened.image).astype(int) - values[:height]).mean(axis=(1, 2))
    assert off.max() <= (25 if compression == "jpeg" else 0)


@pytest.mark.parametrize("mode", ["L", "RGB", "YCbCr", "white is 0"])
@pytest.mark.parametrize("rows", [16, H])
def test_jpeg_that_ends_too_early_is_read_as_far_as_it_goes(mode, rows):
    gray = mode in ("L", "white is 0")
    photo = Image.fromarray(np.repeat(VALUES[:, :1] // 2 + 60, W, axis=1)).convert("L" if gray else "RGB")
    stored = photo.convert("L" if gray else mode)
    packed = encode(stored, "TIFF", compression="jpeg", quality=95, tiffinfo={278: rows})
    if mode == "white is 0":
        said = struct.pack("<HHIH", 262, 3, 1, 1)
        assert said in packed
        packed = packed.replace(said, struct.pack("<HHIH", 262, 3, 1, 0))
    whole = np.asarray(read_photo(packed).image).astype(int)
    for lost in (0.3, 0.6):
        cut = with_last_strip_at_its_end(packed, 1 - lost)
        with pytest.raises(PhotoError, match="take the part that can be read"):
            read_photo(cut, name="a")
        opened = read_photo(cut, name="a", partial=True)
        assert opened.incomplete
        there = 8 if rows == H else H // rows * rows
        assert np.abs(np.asarray(opened.image) - whole)[:there].max() <= 3
        assert np.abs(np.asarray(opened.image) - whole)[-1].max() > 3


@pytest.mark.parametrize(("height", "rows"), [(50, 40), (30, 90)])
def test_of_a_jpeg_strip_with_rows_below_the_picture_a_part_is_read(height, rows):
    shades = Image.fromarray(np.repeat(np.arange(rows, dtype=np.uint8)[:, None] + 50, W, axis=1))
    said = {256: W, 257: height, 258: 8, 259: 7, 262: 1, 277: 1, 278: rows}
    data = tiff_of(said, [strip_of(shades, "jpeg")] * -(-height // rows))
    opened = read_photo(with_last_strip_at_its_end(data, 0.9), name="a", partial=True)
    expected = [50 + row % rows for row in range(height)]
    assert opened.incomplete
    assert np.abs(np.asarray(opened.image)[..., 0].mean(axis=1) - expected).max() <= 3


def with_last_strip_at_its_end(data, share):
    """A TIFF that breaks off when it has that share of its last strip."""
    directory = int.from_bytes(data[4:8], "little")
    entries = [data[at : at + 12] for at in range(directory + 2, directory + 2 + 12 * data[directory], 12)]
    last = {}
    for at, entry in enumerate(entries):
        code, kind, count, place = struct.unpack("<HHII", entry)
        size = {3: 2, 4: 4}.get(kind, 1)
        start = directory + 10 + 12 * at if count * size <= 4 else place
        last[code] = start + (count - 1) * size, size
    (at, size), (counts, _) = last[273], last[279]
    begin = int.from_bytes(data[at : at + size], "little")
    count = int.from_bytes(data[counts : counts + last[279][1]], "little")
    moved = data[:at] + len(data).to_bytes(size, "little") + data[at + size :]
    return moved + data[begin : begin + round(share * count)]


@pytest.mark.parametrize("compression", ["jpeg", "tiff_lzw", "tiff_adobe_deflate"])
def test_a_page_of_which_nothing_is_there_is_damaged(compression):
    packed = encode(picture("L"), "TIFF", compression=compression, tiffinfo={278: H})
    with Image.open(io.BytesIO(packed)) as image:
        (start,), (count,) = image.tag_v2[273], image.tag_v2[279]
    data = packed[:start] + b"\x55" * count + packed[start + count :]
    for partial in (False, True):
        with pytest.raises(PhotoError, match="is damaged; try another copy"):
            read_photo(data, name="a", partial=partial)

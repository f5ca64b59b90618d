"""BMP files of run lengths and of bit fields, made here."""

import struct

import numpy as np
import pytest

from colorizer import PhotoError, open_photo
from colorizer.photo.open import read_photo


def bmp(size: tuple[int, int], bits: int, compression: int, body: bytes, extra: bytes, gap: int = 0) -> bytes:
    """A BMP of a 40-byte header, what follows it (masks or a palette), perhaps a gap, and pixels."""
    start = 54 + len(extra) + gap
    header = struct.pack(
        "<IiiHHIIiiII", 40, *size, 1, bits, compression, len(body), 0, 0, 2**bits if bits <= 8 else 0, 0
    )
    return b"BM" + struct.pack("<III", start + len(body), 0, start) + header + extra + bytes(gap) + body


GRAYS = {
    4: bytes(v for i in range(16) for v in (17 * i, 17 * i, 17 * i, 0)),
    8: bytes(v for i in range(256) for v in (i, i, 255 - i, 0)),
}
FIRST_ROW = {
    4: [b"\x05\x12", b"\0\x03\x34\x50", b"\0\x05\x67\x89\xa0\0"],
    8: [b"\x05\x12", b"\0\x03\x03\x04\x05\0", b"\x05\x77"],
}
THEN = [b"\0\0", b"\0\0", b"\x03\xbc", b"\0\x02\x02\x01", b"\x02\xdd", b"\0\x01"]
ROWS = {
    4: [[1, 2, 1, 2, 1, 3, 4, 5, 6, 7, 8, 9, 10], [0] * 13, [11, 12, 11, *[0] * 10], [0] * 5 + [13, 13] + [0] * 6],
    8: [[18] * 5 + [3, 4, 5] + [119] * 5, [0] * 13, [188] * 3 + [0] * 10, [0] * 5 + [221] * 2 + [0] * 6],
}
"""The pixels that these draw, from the lowest row: odd runs, an empty row, a move to the right and up."""


@pytest.mark.parametrize("gap", [0, 1])
@pytest.mark.parametrize("bits", [4, 8])
def test_run_lengths(bits, gap):
    data = bmp((13, 4), bits, 2 if bits == 4 else 1, b"".join(FIRST_ROW[bits] + THEN), GRAYS[bits], gap)
    palette = np.frombuffer(GRAYS[bits], np.uint8).reshape(-1, 4)[:, 2::-1]
    assert np.array_equal(np.asarray(open_photo(data)), palette[np.array(ROWS[bits][::-1])])


def test_run_lengths_that_break_off_are_no_picture_but_a_part_of_one():
    data = bmp((13, 4), 8, 1, b"".join(FIRST_ROW[8] + THEN), GRAYS[8])[:-10]
    with pytest.raises(PhotoError, match="incomplete"):
        open_photo(data)
    opened = read_photo(data, partial=True)
    assert opened.incomplete
    assert np.asarray(opened.image)[-1, :, 0].tolist() == [255 - value for value in ROWS[8][0]]


@pytest.mark.parametrize(
    ("bits", "masks"),
    [
        (32, (0x3FF00000, 0xFFC00, 0x3FF)),
        (32, (0xFF, 0xFF00, 0xFF0000)),
        (32, (0xE0000000, 0x0FFF0000, 0x1)),
        (16, (0xF00, 0xF0, 0xF)),
        (16, (0x1F, 0x7E0, 0xF800)),
        (16, (0xF800, 0x7E0, 0x1F)),
        (16, (0x7, 0x38, 0xC0)),
    ],
)
@pytest.mark.parametrize("turned", [1, -1])
def test_bit_fields_of_any_masks(bits, masks, turned):
    width, height = 5, 3
    fields = np.random.default_rng(1).random((height, width, 3))
    words, seen = np.zeros((height, width), np.int64), []
    for channel, mask in enumerate(masks):
        shift = (mask & -mask).bit_length() - 1
        value = np.rint(fields[..., channel] * (mask >> shift)).astype(np.int64)
        words |= value << shift
        seen.append(value / (mask >> shift) * 255)
    body = np.zeros((height, -(-width * bits // 32) * 32 // bits), f"<u{bits // 8}")
    body[:, :width] = words[::turned]
    data = bmp((width, -turned * height), bits, 3, body.tobytes(), struct.pack("<3I", *masks))
    assert np.abs(np.asarray(open_photo(data)) - np.stack(seen, axis=2)).max() <= 1


def test_what_is_not_supported_is_not_called_damaged():
    with pytest.raises(PhotoError, match=r"a\.bmp is stored in a way that is not supported"):
        open_photo(bmp((4, 4), 24, 4, bytes(48), b""), name="a.bmp")

"""BMP files that Pillow reads wrongly, which are those of run lengths, or not at all: those of unusual bit fields."""

from __future__ import annotations

import io
import struct
from typing import BinaryIO

import numpy as np
from PIL import BmpImagePlugin, Image, ImageFile

_MASKS = {16: (0xF800, 0x7E0, 0x1F, 0), 32: (0xFF0000, 0xFF00, 0xFF, 0)}
"""Masks that Pillow knows, by the bits of a pixel."""
_ROWS = 128


def with_masks(file: BinaryIO) -> ImageFile.ImageFile:
    """A BMP whose pixels are bit fields of any masks. Raises NotImplementedError for any other."""
    file.seek(0)
    head = bytearray(file.read(14 + 124))
    size, bits, compression = (
        struct.unpack_from(form, head, at)[0] for form, at in (("<I", 14), ("<H", 28), ("<I", 30))
    )
    if size < 40 or bits not in _MASKS or compression not in (3, 6):
        raise NotImplementedError
    masks = struct.unpack_from("<4I" if size >= 56 or compression == 6 else "<3I", head, 54)
    struct.pack_into("<I", head, 30, 3)
    struct.pack_into(f"<{len(masks)}I", head, 54, *_MASKS[bits][: len(masks)])
    image = BmpImagePlugin.BmpImageFile(io.BytesIO(head))
    image.fp = file
    image._mode = "RGBA" if any(masks[3:]) else "RGB"
    tile = image.tile[0]
    assert isinstance(tile.args, tuple)
    image.tile = [tile._replace(codec_name="bmp_fields", args=(bits, masks, tile.args[-1]))]
    return image


class _Fields(ImageFile.PyDecoder):
    """Pixels of 16 or 32 bits. args: how many, the masks of red, green, blue and perhaps opacity, the direction."""

    _pulls_fd = True

    def decode(self, buffer: Image.DecoderInput) -> tuple[int, int]:
        bits, masks, direction = self.args
        width, height = self.state.xsize, self.state.ysize
        stride = -(-width * bits // 32) * 4
        assert self.fd is not None
        words = np.frombuffer(self.fd.read(stride * height), f"<u{bits // 8}").reshape(height, -1)[:, :width]
        pixels = np.zeros((height, width, len(self.mode)), np.uint8)
        for channel, mask in enumerate(masks[: len(self.mode)]):
            if mask:
                shift = (mask & -mask).bit_length() - 1
                most = mask >> shift
                for y in range(0, height, _ROWS):
                    values = (words[y : y + _ROWS] & mask).astype(np.uint64) >> np.uint64(shift)
                    pixels[y : y + _ROWS, :, channel] = (values * 255 + most // 2) // most
        self.set_as_raw(pixels.tobytes(), self.mode, (0, direction))
        return -1, 0


class _Runs(ImageFile.PyDecoder):
    """Run lengths of 4 or 8 bits. Pillow's own decoder loses its place at odd runs, empty rows and odd offsets.
    args: a raw mode, whether they have 4 bits, the direction."""

    _pulls_fd = True

    def decode(self, buffer: Image.DecoderInput) -> tuple[int, int]:
        assert self.fd is not None
        width, height, four, data = self.state.xsize, self.state.ysize, self.args[1], self.fd.read()
        pixels = bytearray(width * height)
        x = y = at = 0
        while at + 2 <= len(data) or y * width + min(x, width) < width * height:
            count, value = data[at : at + 2]  # fails where the data end too early
            at += 2
            if count:
                run = _halves(bytes([value])) * (count // 2 + 1) if four else bytes([value]) * count
            elif value > 2:
                count, size = value, (value + 1) // 2 if four else value
                run = _halves(data[at : at + size]) if four else data[at : at + size]
                at += size + size % 2
            elif value == 2:
                x, y, at = x + data[at], y + data[at + 1], at + 2
                continue
            elif value == 1:
                break
            else:
                x, y = 0, y + 1
                continue
            if y < height and x < width:
                run = run[: min(count, width - x)]
                pixels[y * width + x : y * width + x + len(run)] = run
            x += count
        self.set_as_raw(bytes(pixels), "1;8" if self.mode == "1" else self.mode, (0, self.args[-1]))
        return -1, 0


def _halves(data: bytes) -> bytes:
    return bytes(half for byte in data for half in (byte >> 4, byte & 15))


Image.register_decoder("bmp_fields", _Fields)
Image.register_decoder("bmp_rle", _Runs)

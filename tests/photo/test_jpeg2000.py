"""JPEG 2000 of many bits and of tile-parts that are counted wrongly, made here of what Pillow can write."""

import io
import struct

import numpy as np
import pytest
from conftest import colour_photo
from depths import GRAY, LUMINANCE, RGB, encoded, gamma, light_of, profile, whole
from hostile import encode
from PIL import Image, ImageCms

from colorizer import PhotoError, open_photo
from colorizer.photo.caption import caption_of
from colorizer.photo.open import read_photo
from colorizer.photo.profiles import profile_of

PHOTO = colour_photo(150, 110)


def header_of(data: bytes) -> int:
    """Where the only tile-part of a codestream begins."""
    return data.index(b"\xff\x90\0\x0a\0\0")


def colours(planes: list[np.ndarray], depth: int, mixed: bool, **options) -> bytes:
    """A codestream of several components, of which each is first written by itself, uint16 (H, W)."""
    grays = [encode(Image.fromarray(plane), "JPEG2000", no_jp2=True, progression="CPRL", **options) for plane in planes]
    first, bodies = grays[0], [gray[header_of(gray) + 14 : -2] for gray in grays]
    size = b"\xff\x51" + struct.pack(">H", 38 + 3 * len(planes)) + first[6:40] + struct.pack(">H", len(planes))
    head = size + bytes([depth - 1, 1, 1]) * len(planes) + first[2 + 2 + 41 : header_of(first)]
    at = head.index(b"\xff\x52")
    head = head[: at + 8] + bytes([mixed]) + head[at + 9 :]
    body = b"".join(bodies)
    part = b"\xff\x90\0\x0a\0\0" + struct.pack(">IBB", 14 + len(body), 0, 1) + b"\xff\x93"
    return b"\xff\x4f" + head + part + body + b"\xff\xd9"


@pytest.mark.parametrize("depth", [9, 12, 16])
@pytest.mark.parametrize("kind", ["apart", "without loss", "with loss"])
def test_deep_colours_keep_their_whites_and_their_depth(kind, depth):
    values = whole(RGB, depth).astype(int)
    values[:4] = 2**depth - 1
    r, g, b = np.moveaxis(values, 2, 0)
    middle = 2 ** (depth - 1)
    if kind == "apart":
        planes = [plane - middle for plane in (r, g, b)]
    elif kind == "without loss":
        if depth == 16:  # which Pillow cannot write: differences of 17 bits
            values = (values // 2 + 2**15 - 1) & ~1
            r, g, b = np.moveaxis(values, 2, 0)
        planes = [((r + 2 * g + b) >> 2) - middle, b - g, r - g]
    else:
        y = values @ (0.299, 0.587, 0.114)
        planes = [y - middle, (b - y) / 1.772, (r - y) / 1.402]
    # The scale of a wavelet with loss depends on the depth, which is 16 where Pillow writes.
    scale = 2 ** (16 - depth) if kind == "with loss" else 1
    stored = [np.rint(plane * scale + 32768).clip(0, 65535).astype(np.uint16) for plane in planes]
    options = {"irreversible": True, "quality_mode": "dB", "quality_layers": [110]} if kind == "with loss" else {}
    opened = read_photo(colours(stored, depth, kind != "apart", **options), deep=True)
    seen = values / (2**depth - 1)
    assert np.abs(np.asarray(opened.image) - seen * 255).max() <= (1 if kind == "with loss" else 0.51)
    gray = encoded(light_of(seen) @ LUMINANCE) * 65535
    assert np.abs(opened.gray - gray).max() <= (0.01 * 65535 if kind == "with loss" else 2)


def test_deep_colours_of_unlike_components_are_not_called_damaged():
    data = colours([np.zeros((8, 8), np.uint16)] * 3, 12, False)
    unlike = data[:48] + bytes([2, 2]) + data[50:]  # the second component has every other pixel
    with pytest.raises(PhotoError, match=r"a\.j2k is stored in a way that is not supported"):
        open_photo(unlike, name="a.j2k")


def test_deep_gray_with_opacity_is_not_called_damaged():
    with pytest.raises(PhotoError, match=r"a\.j2k is stored in a way that is not supported"):
        open_photo(colours([np.zeros((8, 8), np.uint16)] * 2, 12, False), name="a.j2k")


@pytest.mark.parametrize("said", [0, 1, 2, 3])
def test_tiles_may_say_that_they_have_fewer_parts_than_they_have(said):
    data = encode(PHOTO, "JPEG2000", no_jp2=True, tile_size=(75, 55), tile_offset=(0, 0))
    at, halves = header_of(data), ([], [], [])
    head = data[:at]
    while data[at : at + 2] == b"\xff\x90":
        tile, length = struct.unpack_from(">HI", data, at + 4)
        body = data[at + 14 : at + length]
        third = len(body) // 3
        for number, part in enumerate((body[:third], body[third : 2 * third], body[2 * third :])):
            start = b"\xff\x90\0\x0a" + struct.pack(">HIBB", tile, 14 + len(part), number, said) + b"\xff\x93"
            halves[number].append(start + part)
        at += length
    assert len(halves[0]) == 4
    mixed = head + b"".join(part for parts in halves for part in parts) + b"\xff\xd9"
    assert open_photo(mixed).tobytes() == open_photo(data).tobytes()


def boxed(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body) + 8, kind) + body


def with_profile(data: bytes, profile: bytes) -> bytes:
    """A JP2 file whose colours are those of a profile."""
    start = data.index(b"jp2h") - 4
    end = start + int.from_bytes(data[start : start + 4], "big")
    at = data.index(b"colr") - 4
    length = int.from_bytes(data[at : at + 4], "big")
    colours = boxed(b"colr", b"\2\0\0" + profile)
    return data[:start] + boxed(b"jp2h", data[start + 8 : at] + colours + data[at + length : end]) + data[end:]


def file_of(planes: list[np.ndarray], depth: int, space: int = 16, more: bytes = b"") -> bytes:
    """A JP2 file of components in a space of colours, with more boxes in its header."""
    height, width = planes[0].shape
    form = boxed(b"ihdr", struct.pack(">IIHBBBB", height, width, len(planes), depth - 1, 7, 0, 0))
    form += boxed(b"colr", b"\1\0\0" + struct.pack(">I", space)) + more
    marks = b"\0\0\0\x0cjP  \r\n\x87\n" + boxed(b"ftyp", b"jp2 \0\0\0\0jp2 ")
    return marks + boxed(b"jp2h", form) + boxed(b"jp2c", colours(planes, depth, False))


DEEP_PALETTE = boxed(b"pclr", b"\0\2\3\x0f\x0f\x0f" + bytes(12)) + boxed(
    b"cmap", bytes.fromhex("00000100 00000101 00000102")
)


@pytest.mark.parametrize(
    ("count", "depth", "space", "more"),
    [
        (3, 8, 14, b""),
        (3, 8, 21, b""),
        (3, 8, 1, b""),
        (3, 12, 18, b""),
        (3, 16, 18, b""),
        (1, 8, 16, DEEP_PALETTE),
        (5, 8, 16, b""),
    ],
    ids=["Lab", "ROMM", "YCbCr", "sYCC of 12 bits", "sYCC of 16 bits", "a palette of 16 bits", "five"],
)
def test_colours_that_would_be_shown_as_others_are_not_supported(count, depth, space, more):
    with pytest.raises(PhotoError, match=r"a\.jp2 is stored in a way that is not supported"):
        open_photo(file_of([np.zeros((16, 16), np.uint16)] * count, depth, space, more), name="a.jp2")


@pytest.mark.parametrize("space", [b"XYZ ", b"Lab "])
def test_a_profile_of_other_components_is_not_passed_over(space):
    data = with_profile(file_of([np.zeros((16, 16), np.uint16)] * 3, 8), profile(space, gamma(1.0)))
    with pytest.raises(PhotoError, match="not supported"):
        open_photo(data)


@pytest.mark.parametrize("depth", [8, 16])
def test_colours_are_those_of_the_profile(depth):
    wide = ImageCms.ImageCmsProfile(io.BytesIO(profile_of("display-p3")))
    stored = np.asarray(ImageCms.profileToProfile(PHOTO, ImageCms.createProfile("sRGB"), wide))
    if depth == 8:
        data = encode(Image.fromarray(stored), "JPEG2000")
    else:
        data = file_of([plane.astype(np.uint16) * 257 for plane in np.moveaxis(stored, 2, 0)], 16)
    seen = np.asarray(open_photo(with_profile(data, profile_of("display-p3")))).astype(int)
    assert np.abs(seen - np.asarray(PHOTO)).mean() < 1.5
    assert np.abs(np.asarray(open_photo(data)).astype(int) - np.asarray(PHOTO)).mean() > 2


def test_gray_is_that_of_the_profile():
    values = np.rint(light_of(GRAY[..., 0]) * 65535).astype(np.uint16)
    data = with_profile(encode(Image.fromarray(values), "JPEG2000"), profile(b"GRAY", gamma(1.0)))
    assert np.abs(np.asarray(open_photo(data)) - GRAY * 255).max() <= 1


def test_what_a_file_says_is_read():
    packet = (
        b'<x xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:p="http://ns.adobe.com/photoshop/1.0/">'
        b'<r:RDF><r:Description p:DateCreated="1912-05-01" p:Credit="An agency"/></r:RDF></x>'
    )
    turned = Image.Exif()
    turned[0x0112], turned[0x010F] = 6, "Zeiss"
    data = encode(PHOTO, "JPEG2000") + boxed(b"uuid", bytes.fromhex("be7acfcb97a942e89c71999491e3afac") + packet)
    opened = read_photo(data + boxed(b"uuid", b"JpgTiffExif->JP2" + turned.tobytes()))
    assert opened.image.size == PHOTO.size[::-1]
    assert opened.metadata.exif.text(0x010F) == b"Zeiss"
    assert caption_of(opened.metadata)[1:] == ("1912", "An agency")


@pytest.mark.parametrize("bare", [True, False])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_components_of_which_none_has_every_pixel_are_not_supported(mode, bare):
    data = bytearray(encode(PHOTO.convert(mode), "JPEG2000", no_jp2=bare))
    start = data.index(b"\xff\x4f\xff\x51")
    for each in range(len(mode)):
        data[start + 43 + 3 * each : start + 45 + 3 * each] = b"\2\2"
    with pytest.raises(PhotoError, match="not supported"):
        open_photo(bytes(data))

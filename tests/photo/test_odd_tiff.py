"""TIFF files as scanners and old programs write them, which Pillow alone reads wrongly or not at all."""

import io
import struct
import zlib

import numpy as np
import pytest
from depths import tiff_of
from hostile import encode
from PIL import Image, ImageOps

from colorizer import PhotoError, open_photo
from colorizer.photo.open import read_photo

H, W = 22, 38
_Y, _X = np.mgrid[0:H, 0:W]
YCC = np.stack((40 + 4 * _X, 90 + 20 * (_X // 4 % 4), 180 - 10 * (_Y // 4)), axis=2).astype(np.uint8)
"""With colour differences that are the same in every block of 4 by 4 pixels."""


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "packbits", "tiff_adobe_deflate"])
@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_a_palette_of_8_bits_is_as_bright_as_one_of_16(bits, compression):
    colours = np.arange(3 * 2**bits).reshape(3, -1) * 255 // (3 * 2**bits - 1)
    index = (_X + _Y) % 2**bits
    rows = np.packbits((index[..., None] >> np.arange(bits - 1, -1, -1) & 1).reshape(H, -1).astype(np.uint8), axis=1)
    packed = encode(Image.fromarray(rows), "TIFF", compression=compression)
    with Image.open(io.BytesIO(packed)) as image:
        tags = image.tag_v2
        strips = [packed[at : at + count] for at, count in zip(tags[273], tags[279], strict=True)]
        number, rows_per_strip = tags[259], tags[278]
    for scale in (1, 256, 257):
        said = {256: W, 257: H, 258: bits, 259: number, 262: 3, 277: 1, 278: rows_per_strip}
        said[320] = ("H", tuple(scale * colours.reshape(-1)))
        assert np.array_equal(np.asarray(open_photo(tiff_of(said, strips))), colours.T[index]), scale


@pytest.mark.parametrize("opacity", [0, 1, 2])
def test_a_palette_with_opacity_is_not_divided_by_it(opacity):
    index = ((_X + 5 * _Y) % 256).astype(np.uint8)
    said = {256: W, 257: H, 258: ("H", (8, 8)), 259: 1, 262: 3, 277: 2, 278: H, 338: opacity}
    colours = np.arange(768).reshape(3, 256) // 3
    data = tiff_of(
        {**said, 320: ("H", tuple(257 * colours.reshape(-1)))}, [np.dstack((index, 0 * index + 200)).tobytes()]
    )
    clear = 200 / 255 if opacity else 1
    assert np.abs(np.asarray(open_photo(data)) - (255 - clear * (255 - colours.T[index]))).max() <= 1


def test_a_page_without_pixels_is_damaged():
    for size in ((0, 0), (0, 2), (2, 0)):
        with pytest.raises(PhotoError, match="is damaged"):
            open_photo(tiff_of({**GRAY, 256: size[0], 257: size[1]}, [bytes(4)]))


def rgb_of(ycc: np.ndarray) -> np.ndarray:
    y, cb, cr = np.moveaxis(ycc.astype(float) - (0, 128, 128), 2, 0)
    return np.clip(np.stack((y + 1.402 * cr, y - 0.344136 * cb - 0.714136 * cr, y + 1.772 * cb), axis=2), 0, 255)


def blocks_of(part: np.ndarray, across: int, down: int) -> bytes:
    """YCbCr (h, w, 3) in TIFF's order, edges repeated."""
    h, w = part.shape[:2]
    part = np.pad(part, ((0, -h % down), (0, -w % across), (0, 0)), mode="edge")
    y = part[..., 0].reshape(part.shape[0] // down, down, -1, across).swapaxes(1, 2)
    y = y.reshape(*y.shape[:2], down * across)
    return np.concatenate((y, part[::down, ::across, 1:]), axis=2).tobytes()


def lzw(data: bytes, row: int) -> bytes:
    rows = np.frombuffer(data, np.uint8).reshape(-1, row)
    made = encode(Image.fromarray(rows), "TIFF", compression="tiff_lzw", tiffinfo={278: len(rows)})
    with Image.open(io.BytesIO(made)) as image:
        return made[image.tag_v2[273][0] :][: image.tag_v2[279][0]]


def ycbcr(stored: str, across: int, down: int, orientation: int = 1, cut: int = 0) -> bytes:
    """cut: bytes that its last segment lacks."""
    short = lambda parts: [*parts[:-1], parts[-1][: len(parts[-1]) - cut]]  # noqa: E731
    said = {256: W, 257: H, 258: ("H", (8, 8, 8)), 259: 1, 262: 6, 277: 3, 530: ("H", (across, down)), 274: orientation}
    if stored == "tiles":
        padded = np.pad(YCC, ((0, -H % 16), (0, -W % 16), (0, 0)), mode="edge")
        boxes = [(y, x) for y in range(0, H, 16) for x in range(0, W, 16)]
        parts = [blocks_of(padded[y : y + 16, x : x + 16], across, down) for y, x in boxes]
        data = tiff_of({**said, 322: 16, 323: 16}, short(parts), first=324)
    elif stored == "planes":
        parts = [YCC[y : y + 8, :, plane].tobytes() for plane in range(3) for y in range(0, H, 8)]
        data = tiff_of({**said, 278: 8, 284: 2}, short(parts))
    else:
        parts = [blocks_of(YCC[y : y + 8], across, down) for y in range(0, H, 8)]
        if stored == "deflate":
            said[259], parts = 8, [zlib.compress(part) for part in parts]
        elif stored == "lzw":
            row = -(-W // across) * (across * down + 2)
            said[259], parts = 5, [lzw(part, row) for part in parts]
        data = tiff_of({**said, 278: 8}, short(parts))
    return data


@pytest.mark.parametrize(("across", "down"), [(1, 1), (2, 1), (1, 2), (2, 2), (4, 1), (4, 2)])
@pytest.mark.parametrize("stored", ["strips", "deflate", "lzw", "tiles", "planes"])
def test_ycbcr_that_is_not_jpeg(stored, across, down):
    if stored == "planes" and (across, down) != (1, 1):
        with pytest.raises(PhotoError, match="not supported"):
            open_photo(ycbcr(stored, across, down))
        return
    opened = read_photo(ycbcr(stored, across, down))
    assert opened.notes == ()
    assert np.abs(np.asarray(opened.image) - rgb_of(YCC)).max() <= 1


@pytest.mark.parametrize("stored", ["strips", "deflate", "lzw", "tiles", "planes"])
def test_ycbcr_that_ends_too_early_is_incomplete(stored):
    data = ycbcr(stored, 1, 1, cut=9)
    with pytest.raises(PhotoError, match="incomplete"):
        open_photo(data)
    opened = read_photo(data, partial=True)
    assert opened.incomplete
    assert np.abs(np.asarray(opened.image)[:8] - rgb_of(YCC)[:8]).max() <= 1


def test_ycbcr_of_which_nothing_would_be_read_is_damaged():
    part = blocks_of(YCC, 2, 1)[:-1]
    said = {256: W, 257: H, 258: ("H", (8, 8, 8)), 259: 1, 262: 6, 277: 3, 530: ("H", (2, 1)), 278: H}
    for partial in (False, True):
        with pytest.raises(PhotoError, match="is damaged; try another copy"):
            open_photo(tiff_of(said, [part]), partial=partial)


@pytest.mark.parametrize("orientation", range(2, 9))
def test_ycbcr_is_turned_upright(orientation):
    turned = ImageOps.exif_transpose(oriented(open_photo(ycbcr("strips", 2, 1)), orientation))
    assert open_photo(ycbcr("strips", 2, 1, orientation)).tobytes() == turned.tobytes()


def oriented(image: Image.Image, orientation: int) -> Image.Image:
    image.getexif()[0x0112] = orientation
    return image


def test_ycbcr_has_its_own_black_white_and_weights():
    said = {256: 3, 257: 1, 258: ("H", (8, 8, 8)), 259: 1, 262: 6, 277: 3, 278: 1, 530: ("H", (1, 1))}
    said[532] = ("R", (16, 1, 235, 1, 128, 1, 240, 1, 128, 1, 240, 1))
    said[529] = ("R", (2126, 10000, 7152, 10000, 722, 10000))
    red = (16 + 219 * 0.2126, 128 - 112 * 0.2126 / (1 - 0.0722), 240)
    data = tiff_of(said, [bytes((16, 128, 128, 235, 128, 128)) + bytes(np.rint(red).astype(np.uint8))])
    assert np.abs(np.asarray(open_photo(data))[0] - [(0, 0, 0), (255, 255, 255), (255, 0, 0)]).max() <= 1


GRAY = {256: 2, 257: 2, 258: 8, 259: 1, 262: 1, 277: 1, 278: 2}
NOT_SUPPORTED = {
    "signed numbers of 12 bits": GRAY | {258: 12, 339: 2},
    "ycbcr of four rows": GRAY | {258: ("H", (8, 8, 8)), 262: 6, 277: 3, 530: ("H", (4, 4))},
    "ycbcr that is not as it says": GRAY | {258: ("H", (8, 8, 8)), 262: 6, 277: 3},
    "ycbcr of 16 bits": GRAY | {258: ("H", (16, 16, 16)), 262: 6, 277: 3, 530: ("H", (1, 1))},
    "signs in some channels": GRAY | {258: ("H", (8, 8, 8)), 262: 2, 277: 3, 339: ("H", (1, 1, 2))},
    "inks of other colours": GRAY | {258: ("H", (8, 8, 8, 8)), 262: 5, 277: 4, 332: 2},
    "webp": GRAY | {259: 50001},
    "jpeg xl": GRAY | {259: 52546},
    "mosaic": GRAY | {262: 32803},
    "the thumbnail of a raw file": GRAY | {254: ("I", (1,)), 330: ("I", (8,))},
}


@pytest.mark.parametrize("said", NOT_SUPPORTED.values(), ids=NOT_SUPPORTED)
def test_what_is_not_supported_is_not_called_damaged(said):
    with pytest.raises(PhotoError, match=r"a\.tif is stored in a way that is not supported; save it anew"):
        open_photo(tiff_of(said, [bytes(24)]), name="a.tif")


LAB = {256: 1, 257: 1, 258: ("H", (8, 8, 8)), 259: 1, 262: 8, 277: 3, 278: 1}


@pytest.mark.parametrize("forms", [(2,), (2, 2, 2)])
def test_lab_has_its_own_signs(forms):
    pixel = [bytes((200, 10, 246))]
    assert open_photo(tiff_of({**LAB, 339: ("H", forms)}, pixel)).tobytes() == open_photo(tiff_of(LAB, pixel)).tobytes()


def lossless_jpeg(values: np.ndarray) -> bytes:
    """A lossless JPEG (SOF3) of 12-bit gray: differences to the left, each as its length in 4 bits and its bits."""
    height, width = values.shape
    before = np.roll(values.astype(int), 1, axis=1)
    before[1:, 0], before[0, 0] = values[:-1, 0], 2048
    bits = ""
    for step in (values - before).ravel().tolist():
        length = abs(step).bit_length()
        bits += f"{length:04b}" + (f"{step if step > 0 else step + 2**length - 1:0{length}b}" if length else "")
    bits += "1" * (-len(bits) % 8)
    coded = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\0")
    table = bytes([0, 0, 0, 0, 13, *[0] * 12, *range(13)])
    return (
        b"\xff\xd8\xff\xc3\0\x0b\x0c" + struct.pack(">HH", height, width) + b"\x01\x01\x11\0"
        b"\xff\xc4"
        + struct.pack(">H", 2 + len(table))
        + table
        + b"\xff\xda\0\x08\x01\x01\0\x01\0\0"
        + coded
        + b"\xff\xd9"
    )


def test_a_jpeg_of_12_bits_is_as_bright_as_it_was_stored():
    values = (_X * 4095 // (W - 1) + 0 * _Y).astype(np.uint16)
    said = {256: W, 257: H, 258: 12, 259: 7, 262: 1, 277: 1, 278: H}
    opened = read_photo(tiff_of(said, [lossless_jpeg(values)]), deep=True)
    assert np.abs(np.asarray(opened.image)[..., 0] - values / 4095 * 255).max() <= 0.51
    assert np.abs(opened.gray - values / 4095 * 65535).max() <= 1


@pytest.mark.parametrize("more", [{262: 1, 277: 1}, {262: 1}, {262: 0, 277: 1}], ids=["", "no count", "white is 0"])
def test_gray_of_old_style_jpeg(more):
    gray = (_X * 6 + _Y).astype(np.uint8)
    jpeg = encode(Image.fromarray(gray), "JPEG", quality=100)
    said = {256: W, 257: H, 258: 8, 259: 6, 278: H, 512: 1, 514: ("I", (len(jpeg),)), 513: ("I", (8,))}
    seen = np.asarray(open_photo(tiff_of({**said, **more}, [jpeg])).convert("L")).astype(int)
    assert np.abs(seen - (gray if more[262] else 255 - gray.astype(int))).max() <= 4


def test_a_jpeg_without_loss_in_a_hierarchy_or_of_12_bits_is_not_called_damaged():
    usual = encode(Image.new("L", (16, 16), 90), "JPEG")
    frame = usual.index(b"\xff\xc0")
    for data in (
        lossless_jpeg(np.full((8, 8), 2000)),
        usual[: frame + 4] + b"\x0c" + usual[frame + 5 :],
        usual.replace(b"\xff\xc0", b"\xff\xde", 1),
        usual[: frame + 5] + bytes(2) + usual[frame + 7 :],
    ):
        with pytest.raises(PhotoError, match=r"a\.jpg is stored in a way that is not supported"):
            open_photo(data, name="a.jpg")


def respelt(data: bytes, code: int, form: int, count: int) -> bytes:
    """A TIFF whose directory gives a number's values another form and count."""
    (at,) = struct.unpack_from("<I", data, 4)
    (entries,) = struct.unpack_from("<H", data, at)
    places = {struct.unpack_from("<H", data, at + 2 + 12 * i)[0]: at + 2 + 12 * i for i in range(entries)}
    made = bytearray(data)
    struct.pack_into("<HI", made, places[code] + 2, form, count)
    return bytes(made)


@pytest.mark.parametrize("form", [0, 99])
@pytest.mark.parametrize("code", [284, 317, 320, 338, 339, 529, 530, 532])
@pytest.mark.parametrize("bits", [8, 16])
def test_what_a_gray_picture_does_not_need_may_be_unreadable(bits, code, form):
    values = (_X * 6 + _Y) * (1 if bits == 8 else 257)
    said = {256: W, 257: H, 258: bits, 259: 1, 262: 1, 277: 1, 278: H, code: 1}
    data = respelt(tiff_of(said, [values.astype(f"<u{bits // 8}").tobytes()]), code, form, 1)
    assert np.array_equal(np.asarray(open_photo(data))[..., 0], _X * 6 + _Y)


@pytest.mark.parametrize("count", [0, 5000])
@pytest.mark.parametrize("code", [258, 262, 273])
def test_what_a_picture_needs_is_not_guessed(code, count):
    gray = (_X * 6 + _Y).astype(np.uint8)
    data = tiff_of({**GRAY, 256: W, 257: H, 278: H}, [gray.tobytes()])
    with pytest.raises(PhotoError, match="damaged"):
        open_photo(respelt(data, code, 3, count))


@pytest.mark.parametrize("channels", [1, 3])
def test_white_is_not_0_where_nothing_is_said_of_it(channels):
    values = np.dstack([(_X * 6 + _Y).astype(np.uint8)] * channels)
    said = {256: W, 257: H, 258: ("H", (8,) * channels), 259: 1, 277: channels, 278: H}
    assert np.array_equal(np.asarray(open_photo(tiff_of(said, [values.tobytes()])))[..., 0], values[..., 0])

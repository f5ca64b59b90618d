"""A picture surrounded by garbage is shown. A part of a picture is shown on request."""

import random
import struct
import zlib

import numpy as np
import pytest
from conftest import colour_photo
from depths import png, tiff, whole
from hostile import bomb, cut, encode, hostile
from PIL import Image

from colorizer import PhotoError, open_photo
from colorizer.photo.open import read_photo

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")
PHOTO = colour_photo(61, 47)
NOISE = random.Random(5).randbytes(700)


JPEG, PNG = encode(PHOTO, "JPEG", quality=95), encode(PHOTO, "PNG")


def segment(marker: int, body: bytes, length: int | None = None) -> bytes:
    """A JPEG with a segment after its start, perhaps with a length that is not its own."""
    return (
        JPEG[:2]
        + bytes([0xFF, marker])
        + struct.pack(">H", len(body) + 2 if length is None else length)
        + body
        + JPEG[2:]
    )


def chunk(kind: bytes, body: bytes, right: bool = True, last: bool = False) -> bytes:
    """A PNG with a chunk after its header, or before its end."""
    made = struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body) ^ (not right))
    at = len(PNG) - 12 if last else 33
    return PNG[:at] + made + PNG[at:]


def riff(kind: bytes, body: bytes, flag: int) -> bytes:
    """An extended WebP with a chunk."""
    plain = encode(PHOTO, "WEBP", lossless=True)[12:]
    size = struct.pack("<I", PHOTO.width - 1)[:3] + struct.pack("<I", PHOTO.height - 1)[:3]
    extended = b"VP8X" + struct.pack("<I", 10) + bytes([flag, 0, 0, 0]) + size
    parts = b"WEBP" + extended + (plain if flag != 32 else b"")
    made = kind + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)
    parts = b"WEBP" + extended + (made + plain if flag == 32 else plain + made)
    return b"RIFF" + struct.pack("<I", len(parts)) + parts


def spoiled(fmt: str) -> bytes:
    """A file whose EXIF was right once."""
    exif = Image.Exif()
    exif[0x010E] = "a description " * 20
    said = exif.tobytes()[6:]
    data = encode(PHOTO, fmt, exif=exif.tobytes())
    assert said in data
    return data.replace(said, NOISE[: len(said)])


EXIF = {
    "noise": NOISE,
    "nothing": b"",
    "no header": b"nonsense",
    "cut": b"II*\0\x08\0\0\0\x05\0\x12\x01\x03",
    "far away": b"II*\0\xff\xff\xff\x7f",
    "round": b"II*\0\x08\0\0\0\x01\0\x69\x87\x04\0\x01\0\0\0\x08\0\0\0\x08\0\0\0",
    "many": b"MM\0*\0\0\0\x08\xff\xff" + NOISE,
    "a string for orientation": b"II*\0\x08\0\0\0\x01\0\x12\x01\x02\0\x04\0\0\0abc\0\0\0\0\0",
}
HARMLESS = {
    **{f"jpeg exif {name}": segment(0xE1, b"Exif\0\0" + body) for name, body in EXIF.items()},
    **{f"jpeg app{n} noise": segment(0xE0 + n, NOISE) for n in range(16)},
    "jpeg jfif thumbnail": segment(0xE0, b"JFIF\0\1\2\1\0\x48\0\x48\xff\xff" + NOISE),
    "jpeg jfif cut": segment(0xE0, b"JFIF\0\1"),
    "jpeg xmp": segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmp" + NOISE),
    "jpeg xmp turned": segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x tiff:Orientation='" + NOISE),
    "jpeg icc": segment(0xE2, b"ICC_PROFILE\0\1\1" + NOISE),
    "jpeg icc of many": segment(0xE2, b"ICC_PROFILE\0\7\x20" + NOISE),
    "jpeg icc cut": segment(0xE2, b"ICC_PROFILE\0"),
    "jpeg mpf": segment(0xE2, b"MPF\0" + NOISE),
    "jpeg mpf cut": segment(0xE2, b"MPF\0II*\0\x08\0\0\0\x01"),
    "jpeg photoshop": segment(0xED, b"Photoshop 3.0\0" + NOISE),
    "jpeg photoshop cut": segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0\xff\xff\xff\xff"),
    "jpeg adobe cut": segment(0xEE, b"Adobe\0"),
    "jpeg comment": segment(0xFE, NOISE),
    "jpeg empty segment": segment(0xE1, b"", 2),
    "jpeg too long": segment(0xE1, b"Exif\0\0" + NOISE, 30_000),
    "jpeg swallows its tables": segment(0xE1, b"Exif\0\0" + NOISE, len(NOISE) + 60),
    "jpeg too short": segment(0xE1, b"Exif\0\0" + NOISE, 90),
    "jpeg trailing": JPEG + NOISE,
    "jpeg trailing jpeg": JPEG + JPEG[:900],
    **{f"png exif {name}": chunk(b"eXIf", body) for name, body in EXIF.items()},
    **{f"png exif at the end {name}": chunk(b"eXIf", body, last=True) for name, body in EXIF.items()},
    **{
        f"png {kind.decode()} {name}{' at the end' * last}": chunk(kind, body, right, last)
        for kind in (b"iCCP", b"iTXt", b"zTXt", b"tEXt", b"pHYs", b"tIME", b"gAMA", b"cHRM", b"sRGB", b"acTL", b"abCd")
        for name, body, right in (("noise", NOISE, True), ("empty", b"", True), ("checksum", b"abc\0\0x", False))
        for last in (False, True)
    },
    "png trailing": PNG + NOISE,
    "png text bomb": chunk(b"zTXt", b"a\0\0" + bomb(100)),
    "png profile bomb": chunk(b"iCCP", b"a\0\0" + bomb(100)),
    "webp exif": riff(b"EXIF", NOISE, 8),
    "webp xmp": riff(b"XMP ", NOISE, 4),
    "webp icc": riff(b"ICCP", NOISE, 32),
    "webp trailing": encode(PHOTO, "WEBP", lossless=True) + NOISE,
    "bmp trailing": encode(PHOTO, "BMP") + NOISE,
    "avif exif": spoiled("AVIF"),
    "avif xmp": encode(PHOTO, "AVIF", xmp=NOISE),
    "heic exif": spoiled("HEIF"),
    "tiff trailing": encode(PHOTO, "TIFF") + NOISE,
    **{
        f"tiff {tag} {name}": encode(PHOTO, "TIFF", tiffinfo={tag: body})
        for tag in (700, 33723, 34377, 34675, 37724)
        for name, body in (("noise", NOISE), ("short", b"abc"))
    },
    "tiff exif far away": encode(PHOTO, "TIFF", tiffinfo={34665: 1_000_000}),
    "tiff gps far away": encode(PHOTO, "TIFF", tiffinfo={34853: 1_000_000}),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_garbage_beside_a_picture_is_ignored(name):
    tolerance = 60 if name.startswith(("avif", "heic")) else 30 if name.startswith("jpeg") else 0
    opened = read_photo(HARMLESS[name], name=name)
    assert np.abs(np.asarray(opened.image).astype(int) - np.asarray(PHOTO)).max() <= tolerance
    assert not opened.incomplete
    for note in opened.notes:
        assert note.kind == "photo_ignored"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("jpeg exif noise", "EXIF"),
        ("jpeg icc", "ICC"),
        ("png iCCP checksum", "metadata"),
        ("png exif no header", "EXIF"),
        ("jpeg swallows its tables", "metadata"),
        ("tiff 34675 noise", "ICC"),
    ],
)
def test_what_was_ignored_is_said(name, said):
    notes = [str(note) for note in read_photo(HARMLESS[name], name="a").notes]
    assert notes == [f"a: what could not be read beside the picture was ignored ({said})."]


LARGE = colour_photo(300, 240)
CUT = {
    "jpeg": cut(encode(LARGE, "JPEG", quality=95)),
    "progressive jpeg": cut(encode(LARGE, "JPEG", progressive=True, quality=95)),
    "png": cut(encode(LARGE, "PNG")),
    "png 16": cut(png(whole(np.asarray(LARGE) / 255, 16))),
    "png clear": cut(encode(LARGE.convert("RGBA"), "PNG")),
    "png of few colours": cut(encode(LARGE.quantize(256), "PNG")),
    "gif": cut(encode(LARGE, "GIF", interlace=0)),
    "gif of lines": cut(encode(LARGE, "GIF", interlace=1)),
    "tiff": cut(encode(LARGE, "TIFF")),
    "deflate": cut(tiff(np.asarray(LARGE), photometric="rgb", compression="zlib", rowsperstrip=8)),
    "tiff 16": cut(tiff(whole(np.asarray(LARGE) / 255, 16), photometric="rgb", compression="zlib", rowsperstrip=8)),
    "one strip": cut(tiff(whole(np.asarray(LARGE) / 255, 16), photometric="rgb", compression="zlib")),
    "bmp": encode(LARGE.transpose(Image.Transpose.FLIP_TOP_BOTTOM), "BMP"),
}
CUT["bmp"] = cut(CUT["bmp"])


@pytest.mark.parametrize("name", CUT)
def test_a_part_of_a_picture_is_shown_on_request(name):
    with pytest.raises(PhotoError, match=r"a is damaged or incomplete; .* the part that can be read") as error:
        open_photo(CUT[name], name="a")
    assert error.value.kind == "photo_incomplete"
    opened = read_photo(CUT[name], name="a", partial=True)
    assert opened.incomplete
    assert "photo_partial" in [note.kind for note in opened.notes]
    assert opened.image.size == LARGE.size
    expected = LARGE.transpose(Image.Transpose.FLIP_TOP_BOTTOM) if name == "bmp" else LARGE
    there = slice(-60, None) if name == "bmp" else slice(0, 60)
    assert np.abs(np.asarray(opened.image)[there].astype(int) - np.asarray(expected)[there]).mean() < 12
    if name.startswith(("png", "gif")) and name != "gif of lines":
        foot = opened.image.crop((0, 220, 300, 240))
        assert foot.getextrema() == ((128, 128),) * 3, "it is known to be missing, and stays gray"


@pytest.mark.parametrize("interlace", [0, 1])
@pytest.mark.parametrize("share", [0.25, 0.6, 0.99])
def test_the_part_of_a_gif_is_the_same_wherever_it_lies_on_its_screen(interlace, share):
    data = encode(LARGE.quantize(200), "GIF", interlace=interlace)
    frame = struct.pack("<4H", 0, 0, 300, 240)
    assert data.count(b"," + frame) == 1
    moved = data[:6] + struct.pack("<2H", 320, 260) + data[10:]
    moved = moved.replace(b"," + frame, b"," + struct.pack("<4H", 7, 9, 300, 240))
    whole, part = np.asarray(read_photo(moved).image), np.asarray(read_photo(cut(moved, share), partial=True).image)
    assert np.array_equal(part[9:249, 7:307], np.asarray(read_photo(cut(data, share), partial=True).image))
    assert np.array_equal(part[:9], whole[:9])


PROGRESSIVE = encode(LARGE, "JPEG", progressive=True)


@pytest.mark.parametrize("whole_file", [JPEG, PROGRESSIVE, encode(LARGE.convert("L"), "JPEG", progressive=True)])
@pytest.mark.parametrize("missing", [1, 2])
def test_only_the_end_of_a_jpeg_is_missing(missing, whole_file):
    opened = read_photo(whole_file[:-missing], name="a")
    assert opened.image.tobytes() == open_photo(whole_file).tobytes()
    assert [str(note) for note in opened.notes] == ["a: what could not be read beside the picture was ignored (EOI)."]


@pytest.mark.parametrize("cut_off", [JPEG[:-40], PROGRESSIVE[:-300], PROGRESSIVE[: PROGRESSIVE.rindex(b"\xff\xda")]])
def test_a_jpeg_that_lacks_more_than_its_end_is_incomplete(cut_off):
    with pytest.raises(PhotoError, match="incomplete"):
        open_photo(cut_off)


def test_a_png_without_its_palette_is_no_black_picture():
    data = encode(PHOTO.convert("P"), "PNG")
    start = data.index(b"PLTE") - 4
    end = start + 12 + int.from_bytes(data[start : start + 4], "big")
    with pytest.raises(PhotoError, match="damaged"):
        open_photo(data[:start] + data[end:])


ENDED = {
    "jp2": encode(LARGE, "JPEG2000"),
    "jp2 with loss": encode(LARGE, "JPEG2000", irreversible=True, quality_mode="rates", quality_layers=[10]),
    "j2k of tiles": encode(LARGE, "JPEG2000", no_jp2=True, tile_size=(100, 80), tile_offset=(0, 0)),
    "heic": encode(LARGE, "HEIF"),
    "webp": encode(LARGE, "WEBP"),
    "webp without loss": encode(LARGE, "WEBP", lossless=True),
}


@pytest.mark.parametrize("name", ENDED)
def test_the_part_before_a_missing_end_is_shown_on_request(name):
    whole_, half = np.asarray(open_photo(ENDED[name])).astype(int), cut(ENDED[name], 0.6)
    with pytest.raises(PhotoError) as error:
        open_photo(half)
    assert error.value.kind == "photo_incomplete"
    opened = read_photo(half, partial=True)
    assert opened.incomplete
    seen = np.asarray(opened.image)
    assert seen.shape == whole_.shape
    assert np.abs(seen[:60] - whole_[:60]).mean() < 12


@pytest.mark.parametrize(("name", "bytes_"), [("jp2", 1), ("jp2", 2), ("j2k of tiles", 2), ("heic", 1), ("webp", 1)])
def test_without_its_last_bytes_a_picture_can_be_whole(name, bytes_):
    opened = read_photo(ENDED[name][:-bytes_], name="a")
    assert opened.image.tobytes() == open_photo(ENDED[name]).tobytes()
    assert not opened.incomplete
    assert [note.kind for note in opened.notes] == ["photo_ignored"]


def test_a_whole_picture_is_not_incomplete_because_parts_would_be_welcome():
    for data in (JPEG, PNG, encode(PHOTO, "TIFF"), encode(PHOTO, "WEBP")):
        opened = read_photo(data, partial=True)
        assert (opened.incomplete, opened.notes) == (False, ())


@pytest.mark.parametrize("fmt", ["JPEG", "PNG", "TIFF", "WEBP", "GIF", "BMP", "JPEG2000", "AVIF", "HEIF"])
def test_no_sentence_names_an_exception_or_proposes_what_fails(fmt):
    data = encode(PHOTO, fmt)
    said = set()
    for share in (0.05, 0.2, 0.5, 0.9):
        proposed = False
        for partial in (False, True):
            try:
                open_photo(cut(data, share), name="a", partial=partial)
            except PhotoError as error:
                said.add(str(error))
                assert not (partial and proposed)
                proposed = error.kind == "photo_incomplete"
    assert not any("Error" in sentence or "(" in sentence for sentence in said), said


def test_no_part_is_proposed_of_a_file_that_is_hardly_more_than_a_header():
    data = dict(hostile())["says-11000x10900.png"]
    with pytest.raises(PhotoError) as error:
        open_photo(data)
    assert error.value.kind == "photo_damaged"


@pytest.mark.parametrize("share", [0.6, 0.97])
@pytest.mark.parametrize("name", [*ENDED, "avif", "png"])
def test_a_hole_at_the_end_is_no_picture(name, share):
    """Where a copy broke off, some file systems have zeros."""
    data = {**ENDED, "avif": encode(LARGE, "AVIF"), "png": encode(LARGE, "PNG")}[name]
    half = cut(data, share).ljust(len(data), b"\0")
    with pytest.raises(PhotoError) as error:
        open_photo(half)
    if name == "avif" and share < 0.9:  # of one piece, of which there is no part
        assert error.value.kind == "photo_damaged"
    else:
        assert error.value.kind == "photo_incomplete"
        assert read_photo(half, partial=True).incomplete
    assert read_photo(data + bytes(len(data))).notes == ()


@pytest.mark.parametrize("fmt", ["JPEG", "PNG", "TIFF", "WEBP", "GIF", "BMP", "JPEG2000", "AVIF", "HEIF"])
def test_a_picture_that_lacks_nearly_all_is_damaged_and_not_of_an_unknown_format(fmt):
    with pytest.raises(PhotoError) as error:
        open_photo(encode(LARGE, fmt)[:60])
    assert error.value.kind in ("photo_damaged", "photo_incomplete")


def test_a_file_without_a_byte_is_said_to_be_empty(tmp_path):
    (tmp_path / "scan.jpg").touch()
    for source in (tmp_path / "scan.jpg", b""):
        with pytest.raises(PhotoError, match=r"(scan.jpg|The photo) is empty"):
            open_photo(source)

"""Pictures of every depth, made here, each with what an eye should see: sRGB from 0 to 1, computed in float64."""

import io
import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import tifffile
from hostile import encode, png_of
from PIL import Image

H, W = 20, 48
_Y, _X = np.mgrid[0:H, 0:W]
GRAY = ((_X + W * (_Y % 4)) / (4 * W - 1))[..., None]
RGB = np.stack((_X / (W - 1), _Y / (H - 1), ((_X + _Y) % 16) / 15), axis=-1)
ALPHA = np.linspace(0, 1, H)[:, None, None].repeat(W, axis=1)
FROM_D50 = np.linalg.inv(
    [[0.4360747, 0.3850649, 0.1430804], [0.2225045, 0.7168786, 0.0606169], [0.0139322, 0.0971045, 0.7141733]]
)
ADOBE = np.array([[0.60974, 0.20528, 0.14919], [0.31111, 0.62567, 0.06322], [0.01947, 0.06087, 0.74457]])
LUMINANCE = np.array([0.212671, 0.715160, 0.072169])
P3 = np.array([[0.51512, 0.29198, 0.15710], [0.24120, 0.69225, 0.06657], [-0.00105, 0.04189, 0.78407]])


class Made(NamedTuple):
    name: str
    data: bytes
    seen: np.ndarray
    """sRGB, float64 (H, W, 1 or 3)."""
    tolerance: float = 0.51
    """In levels of 8 bits."""


def encoded(light: np.ndarray) -> np.ndarray:
    light = np.clip(light, 0, 1)
    return np.where(light > 0.0031308, 1.055 * np.maximum(light, 1e-9) ** (1 / 2.4) - 0.055, light * 12.92)


def light_of(values: np.ndarray) -> np.ndarray:
    return np.where(values > 0.04045, ((values + 0.055) / 1.055) ** 2.4, values / 12.92)


def on_white(colours: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    return colours * alpha + 1 - alpha


def profile(space: bytes, curve: bytes, columns: np.ndarray | None = None) -> bytes:
    """An ICC profile of a curve (a tag's content), and for "RGB " a matrix to D50."""
    xyz = b"XYZ \0\0\0\0"

    def numbers(values) -> bytes:
        return struct.pack(">3i", *(round(value * 65536) for value in values))

    text = b"made here\0"
    tags = {b"wtpt": xyz + numbers((0.9642, 1, 0.8249)), b"cprt": b"text\0\0\0\0" + text}
    tags[b"desc"] = b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(78)
    if columns is None:
        tags[b"kTRC"] = curve
    else:
        for letter, column in zip(b"rgb", columns.T, strict=True):
            tags[bytes([letter]) + b"XYZ"] = xyz + numbers(column)
            tags[bytes([letter]) + b"TRC"] = curve
    table, body = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        table += struct.pack(">4sII", name, start + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    header = struct.pack(">I4sI4s4s4s", start + len(body), b"none", 0x02400000, b"mntr", space, b"XYZ ")
    header += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + numbers((0.9642, 1, 0.8249))
    return header.ljust(128, b"\0") + table + body


def gamma(exponent: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(exponent * 256))


def table(values: np.ndarray) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">I", len(values)) + np.rint(values * 65535).astype(">u2").tobytes()


_INK = np.linspace(1, 0, 256)
DOT_GAIN = np.rint(65535 * (1 - (_INK + 4 * 0.2 * _INK * (1 - _INK)))) / 65535
"""Light by value, of paper on which dots of half the area cover a fifth more."""


def tiff(values: np.ndarray, **options) -> bytes:
    buffer = io.BytesIO()
    options = {"metadata": None, "photometric": "minisblack", **options}
    tifffile.imwrite(buffer, values, **options)
    return buffer.getvalue()


def icc(data: bytes) -> dict:
    return {"iccprofile": data}


def png(values: np.ndarray, chunks: tuple[tuple[bytes, bytes], ...] = ()) -> bytes:
    """A PNG of uint8 or uint16 (H, W, 1 to 4), with chunks before its pixels."""
    depth = 8 * values.dtype.itemsize
    colour = {1: 0, 2: 4, 3: 2, 4: 6}[values.shape[2]]
    rows = b"".join(b"\0" + row.tobytes() for row in values.astype(f">u{depth // 8}"))
    header = struct.pack(">IIBBBBB", values.shape[1], values.shape[0], depth, colour, 0, 0, 0)
    return png_of((b"IHDR", header), *chunks, (b"IDAT", zlib.compress(rows)), (b"IEND", b""))


def whole(values: np.ndarray, bits: int) -> np.ndarray:
    """Values from 0 to 1 as the integers of so many bits."""
    kind = "u1" if bits <= 8 else "u2" if bits <= 16 else "u4" if bits <= 32 else "u8"
    return np.rint(values * (2.0**bits - 1)).astype(kind)


def tiff_of(tags: dict[int, int | tuple[str, tuple]], segments: list[bytes], first: int = 273) -> bytes:
    """A TIFF of these tags and segments, whose places and lengths get the tags `first` and 279 (or 325)."""
    at, places, body = 8, [], b""
    for segment in segments:
        places.append(at + len(body))
        body += segment
    tags = {**tags, first: ("I", tuple(places)), 279 if first == 273 else 325: ("I", tuple(map(len, segments)))}
    directory = at + len(body)
    entries, more = b"", b""
    start = directory + 2 + 12 * len(tags) + 4
    for tag, said in sorted(tags.items()):
        form, values = said if isinstance(said, tuple) else ("H", (said,))
        kind, count = {"H": 3, "I": 4, "R": 5}[form], len(values) // (2 if form == "R" else 1)
        packed = struct.pack(f"<{len(values)}{'I' if form == 'R' else form}", *values)
        if len(packed) > 4:
            more, packed = more + packed, struct.pack("<I", start + len(more))
        entries += struct.pack("<HHI", tag, kind, count) + packed.ljust(4, b"\0")
    return b"II*\0" + struct.pack("<I", directory) + body + struct.pack("<H", len(tags)) + entries + bytes(4) + more


def packed(values: np.ndarray, bits: int) -> bytes:
    """A TIFF of integers of `bits` bits, (H, W, channels), each row filled up to whole bytes."""
    height, width, channels = values.shape
    shifts = np.arange(bits - 1, -1, -1)
    rows = np.packbits((values.reshape(height, -1, 1) >> shifts & 1).reshape(height, -1).astype(np.uint8), axis=1)
    tags = {256: width, 257: height, 258: bits, 259: 1, 262: 1 if channels == 1 else 2, 277: channels, 278: height}
    return tiff_of(tags, [rows.tobytes()])


def upright(stored: Image.Image, turn: int) -> Image.Image:
    """A picture as EXIF's orientation says, 1 to 8."""
    how = ["FLIP_LEFT_RIGHT", "ROTATE_180", "FLIP_TOP_BOTTOM", "TRANSPOSE", "ROTATE_270", "TRANSVERSE", "ROTATE_90"]
    return stored if turn == 1 else stored.transpose(Image.Transpose[how[turn - 2]])


def everything() -> Iterator[Made]:
    yield from _integers()
    yield from _floats()
    yield from _opacity()
    yield from _profiles()
    yield from _lab()
    yield from _pngs()


def _integers() -> Iterator[Made]:
    for bits in (8, 16, 32):
        gray, rgb = whole(GRAY, bits), whole(RGB, bits)
        for order in "<>":
            yield Made(f"gray {bits} {order}", tiff(gray[..., 0], byteorder=order), GRAY)
            inverted = tiff(gray[..., 0], byteorder=order, photometric="miniswhite")
            yield Made(f"white is zero {bits} {order}", inverted, 1 - GRAY)
            yield Made(f"rgb {bits} {order}", tiff(rgb, byteorder=order, photometric="rgb"), RGB)
            planes = np.ascontiguousarray(rgb.transpose(2, 0, 1))
            options = {"photometric": "rgb", "planarconfig": "separate", "byteorder": order}
            yield Made(f"planes {bits} {order}", tiff(planes, **options), RGB)
        for name, options in {
            "strips": {"rowsperstrip": 3},
            "tiles": {"tile": (16, 16)},
            "deflate": {"compression": "zlib", "rowsperstrip": 7},
            "deflated differences": {"compression": "zlib", "predictor": True, "rowsperstrip": 7},
            "deflated tiles": {"compression": "zlib", "predictor": True, "tile": (16, 32)},
            "big": {"bigtiff": True},
        }.items():
            yield Made(f"{name} {bits}", tiff(rgb, photometric="rgb", **options), RGB)
            yield Made(f"gray {name} {bits}", tiff(gray[..., 0], **options), GRAY)
        planes = np.ascontiguousarray(rgb.transpose(2, 0, 1))
        options = {"photometric": "rgb", "planarconfig": "separate", "tile": (16, 16), "compression": "zlib"}
        yield Made(f"planes of tiles {bits}", tiff(planes, **options, predictor=True), RGB)
    for bits in (1, 2, 4, 6, 10, 12, 14):
        gray = whole(GRAY, bits)
        yield Made(f"packed gray {bits}", packed(gray, bits), gray / (2**bits - 1))
        if bits > 4:
            rgb = whole(RGB, bits)
            yield Made(f"packed rgb {bits}", packed(rgb, bits), rgb / (2**bits - 1))
    deep = Image.fromarray(whole(GRAY, 16)[..., 0])
    for compression in ("tiff_lzw", "packbits", "tiff_adobe_deflate", "lzma", "zstd"):
        for predictor in (1, 2) if compression not in ("packbits",) else (1,):
            data = encode(deep, "TIFF", compression=compression, tiffinfo={317: predictor})
            yield Made(f"{compression} {predictor} 16", data, GRAY)
    eight = Image.fromarray(whole(RGB, 8))
    yield Made("jpeg in tiff", encode(eight, "TIFF", compression="jpeg", quality=100), RGB, 12)
    fax = Image.fromarray(whole(GRAY, 8)[..., 0] > 127)
    yield Made("fax", encode(fax, "TIFF", compression="group4"), 1.0 * (GRAY > 0.5))
    for bits, least, most, seen in _SIGNED:
        signed = np.rint(least + GRAY[..., 0] * (most - least)).astype(f"i{bits // 8}")
        yield Made(f"signed {bits} {least} to {most}", tiff(signed), seen, 1.2)
    dark = whole(GRAY / 16, 16)
    yield Made("dark 16", tiff(dark[..., 0]), GRAY / 16)
    yield Made("png dark 16", png(dark), GRAY / 16)


_SIGNED = [
    (16, 0, 32767, GRAY),
    (16, -8, 4095, GRAY),
    (16, -32768, 32767, GRAY),
    (16, -32768, -16384, GRAY / 4),
    (16, -16384, 16383, GRAY / 2 + 0.25),
    (16, -1000, 3000, GRAY),
    (16, 0, 1023, GRAY),
    (16, 0, 20000, GRAY * 20000 / 32767),
    (8, -128, 127, GRAY),
    (8, -128, -1, GRAY / 2),
    (8, 0, 127, GRAY),
    (32, -(2**31), 2**31 - 1, GRAY),
    (32, 0, 4095, GRAY),
    (32, 0, 1_000_000, GRAY),
]
"""Bits, lowest and highest value of signed numbers, and what is seen: black is 0 or the lowest number that there can
be; numbers that say neither, as of a tomograph, reach from their own lowest to their highest."""


def _floats() -> Iterator[Made]:
    for kind in ("f2", "f4", "f8"):
        tolerance = 0.6 if kind == "f2" else 0.51
        for order in "<>":
            gray, rgb = GRAY.astype(kind), RGB.astype(kind)
            yield Made(f"gray {kind} {order}", tiff(gray[..., 0], byteorder=order), GRAY, tolerance)
            yield Made(f"rgb {kind} {order}", tiff(rgb, byteorder=order, photometric="rgb"), RGB, tolerance)
        planes = np.ascontiguousarray(rgb.transpose(2, 0, 1))
        yield Made(f"planes {kind}", tiff(planes, photometric="rgb", planarconfig="separate"), RGB, tolerance)
    bright = GRAY.astype("f4")
    bright[3, 5] = 7.5
    yield Made("one light above 1", tiff(bright[..., 0]), np.minimum(bright, 1).astype(float))
    yield Made("floats up to 255", tiff((GRAY * 255).astype("f4")[..., 0]), GRAY)
    yield Made("floats up to 65535", tiff((GRAY * 65535).astype("f4")[..., 0]), GRAY)
    holes = GRAY.astype("f4")
    holes[2, 2:4, 0] = np.nan, np.inf
    yield Made("no numbers", tiff(holes[..., 0]), np.nan_to_num(holes, posinf=0).astype(float))
    differences = Image.fromarray(GRAY[..., 0].astype("f4"))
    data = encode(differences, "TIFF", compression="tiff_adobe_deflate", tiffinfo={317: 3})
    yield Made("differences of floats", data, GRAY)


def _opacity() -> Iterator[Made]:
    for bits in (8, 16):
        for name, colours, kind in (("gray", GRAY, "minisblack"), ("rgb", RGB, "rgb")):
            plain, seen = whole(np.concatenate((colours, ALPHA), axis=-1), bits), on_white(colours, ALPHA)
            options = {"photometric": kind, "planarconfig": "contig"}
            yield Made(f"{name} opacity {bits}", tiff(plain, **options, extrasamples=["unassalpha"]), seen, 1.6)
            mixed = whole(np.concatenate((colours * ALPHA, ALPHA), axis=-1), bits)
            mixed = tiff(mixed, **options, extrasamples=["assocalpha"])
            yield Made(f"{name} mixed {bits}", mixed, seen, 2.1 if bits == 8 else 0.6)
            beside = tiff(plain, **options, extrasamples=["unspecified"])
            yield Made(f"{name} and something {bits}", beside, colours, 0.51)
            yield Made(f"png {name} opacity {bits}", png(plain), seen, 1.6)


def _profiles() -> Iterator[Made]:
    curves = {
        "linear": (gamma(1.0), GRAY),
        "gamma 1.8": (gamma(461 / 256), GRAY ** (461 / 256)),
        "dot gain": (table(DOT_GAIN), np.interp(GRAY, np.linspace(0, 1, 256), DOT_GAIN)),
    }
    for name, (curve, light) in curves.items():
        made, seen = profile(b"GRAY", curve), encoded(light)
        for bits in (8, 16):
            values = whole(GRAY, bits)
            stored = light_at(values / (2**bits - 1), name)
            yield Made(f"{name} {bits}", tiff(values[..., 0], **icc(made)), encoded(stored), 0.6)
            both = whole(np.concatenate((GRAY, ALPHA), axis=-1), bits)
            laid, tolerance = on_white(encoded(stored), ALPHA), 1.6 if bits == 8 else 0.6
            options = {"photometric": "minisblack", "planarconfig": "contig", "extrasamples": ["unassalpha"]}
            yield Made(f"{name} opacity {bits}", tiff(both, **options, **icc(made)), laid, tolerance)
            chunk = ((b"iCCP", b"made\0\0" + zlib.compress(made)),)
            yield Made(f"png {name} {bits}", png(values, chunk), encoded(stored), 0.6)
            yield Made(f"png {name} opacity {bits}", png(both, chunk), laid, tolerance)
        yield Made(f"{name} float", tiff(GRAY[..., 0].astype("f4"), **icc(made)), seen, 0.6)
    for name, columns, exponent in (("adobe", ADOBE, 563 / 256), ("p3", P3, 2.2)):
        curve = gamma(exponent)
        made = profile(b"RGB ", curve, columns)
        exponent = round(exponent * 256) / 256
        for bits in (8, 16):
            values = whole(RGB, bits)
            seen = encoded((values / (2.0**bits - 1)) ** exponent @ (FROM_D50 @ columns).T)
            tolerance = 2.1 if bits == 8 else 0.6
            yield Made(f"{name} {bits}", tiff(values, photometric="rgb", **icc(made)), seen, tolerance)
            chunk = ((b"iCCP", b"made\0\0" + zlib.compress(made)),)
            yield Made(f"png {name} {bits}", png(values, chunk), seen, tolerance)
        palette = Image.fromarray(whole(RGB, 8)).quantize(64)
        colours = np.asarray(palette.convert("RGB")) / 255
        seen = encoded(colours**exponent @ (FROM_D50 @ columns).T)
        for fmt in ("PNG", "TIFF"):
            yield Made(f"palette {fmt} {name}", encode(palette, fmt, icc_profile=made), seen, 2.1)


def light_at(values: np.ndarray, name: str) -> np.ndarray:
    if name == "dot gain":
        return np.interp(values, np.linspace(0, 1, 256), DOT_GAIN)
    return values ** {"linear": 1.0, "gamma 1.8": 461 / 256}[name]


def _lab() -> Iterator[Made]:
    L = GRAY[..., 0] * 100
    a, b = 30 * np.sin(_X / 9), 30 * np.cos(_Y / 5)
    for bits in (8, 16):
        step = 1 if bits == 8 else 256
        signed = np.stack((np.rint(L / 100 * (2**bits - 1)), np.rint(a * step), np.rint(b * step)), axis=-1)
        stored = (signed.astype(np.int64) & (2**bits - 1)).astype(f"u{bits // 8}")
        seen = _from_lab(signed[..., 0] * 100 / (2**bits - 1), signed[..., 1] / step, signed[..., 2] / step)
        yield Made(f"cielab {bits}", tiff(stored, photometric="cielab"), seen)
        white = 255 if bits == 8 else 65280
        counted = np.stack((np.rint(L / 100 * white), np.rint((a + 128) * step), np.rint((b + 128) * step)), axis=-1)
        seen = _from_lab(counted[..., 0] * 100 / white, counted[..., 1] / step - 128, counted[..., 2] / step - 128)
        yield Made(f"icclab {bits}", tiff(counted.astype(f"u{bits // 8}"), photometric="icclab"), seen)


def _from_lab(L: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    fy = (L + 16) / 116
    f = np.stack((fy + a / 500, fy, fy - b / 200), axis=-1)
    xyz = np.where(f > 6 / 29, f**3, (f - 4 / 29) * 108 / 841) * [0.9642, 1, 0.8249]
    return encoded(xyz @ FROM_D50.T)


def _pngs() -> Iterator[Made]:
    for exponent in (1.0, 0.55, 1 / 2.2):
        chunk = ((b"gAMA", struct.pack(">I", round(exponent * 100_000))),)
        for name, colours in (("gray", GRAY), ("rgb", RGB)):
            for bits in (8, 16):
                values = whole(colours, bits)
                stored = values / (2.0**bits - 1)
                seen = stored if exponent < 0.5 else encoded(stored ** (1 / exponent))
                yield Made(f"png {name} gamma {exponent:.2f} {bits}", png(values, chunk), seen)
        srgb = (*chunk, (b"sRGB", b"\0"))
        yield Made(f"png sRGB before gamma {exponent:.2f}", png(whole(RGB, 8), srgb), RGB)
    wide = struct.pack(">8I", 31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)
    chunks = ((b"gAMA", struct.pack(">I", 45455)), (b"cHRM", wide))
    yield Made("png wide chromaticity", png(whole(RGB, 16), chunks), encoded(light_of(RGB) @ (FROM_D50 @ P3).T), 0.8)
    yield Made("png gray 16", png(whole(GRAY, 16)), GRAY)
    yield Made("png rgb 16", png(whole(RGB, 16)), RGB)

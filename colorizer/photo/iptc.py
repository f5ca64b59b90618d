"""IPTC's older form, IIM, as JPEG and TIFF files of archives have it. Source: IPTC IIM 4.2."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator

Field = tuple[int, int, bytes]
"""Record, data set and content."""

UTF8 = (1, 90, b"\x1b%G")
"""The field that says that words are UTF-8."""
_CHARSETS = {
    "A": "cp1252", "B": "iso8859-2", "C": "iso8859-3", "D": "iso8859-4", "L": "iso8859-5", "G": "iso8859-6",
    "F": "iso8859-7", "H": "iso8859-8", "M": "cp1254", "V": "iso8859-10", "T": "iso8859-11", "Y": "iso8859-13",
    "_": "iso8859-14", "b": "iso8859-15", "f": "iso8859-16",
    "$)A": "gb18030", "$)B": "euc_jp", "$)C": "cp949", "$B": "iso2022_jp",
}  # fmt: skip
"""By what follows ISO 2022's escape; right halves of 8 bits by their last letter. Programs that say ISO 8859-1 or -9
mean the code page of Windows that holds it."""


def charset_of(fields: Iterable[Field]) -> str:
    """The codec of a block's words: what its field 1:90 says, "ascii" if that is unknown here; else UTF-8 if they are
    that, else Windows-1252."""
    fields = list(fields)
    said = [content.decode("latin-1") for record, number, content in fields if (record, number) == UTF8[:2]]
    if not said:
        words = b"\n".join(content for record, _, content in fields if record == 2)
        return "utf-8" if "\ufffd" not in words.decode("utf-8", "replace") else "cp1252"
    for escape in re.findall(r"\x1b(%/?[GHI]|[-./][A-Z_bf]|\$\)?[ABC])", said[0]):
        if escape[0] == "%":
            return "utf-8"
        if found := _CHARSETS.get(escape if escape[0] == "$" else escape[-1]):
            return found
    return "ascii"


def decoded(words: bytes, charset: str = "utf-8") -> str:
    """Words in a charset; where they are not that, UTF-8 if valid, else Windows-1252."""
    for codec in (charset, "utf-8", "cp1252"):
        try:
            return words.decode(codec)
        except UnicodeDecodeError:
            continue
    return words.decode("latin-1")  # which Windows-1252 is, but for five bytes that it lacks


def records(iptc: bytes) -> Iterator[Field]:
    """Record, data set and content of every field of an IPTC block, up to where it breaks off."""
    at = 0
    while at + 5 <= len(iptc) and iptc[at] == 0x1C:
        record, number, length = struct.unpack_from(">BBH", iptc, at + 1)
        if length & 0x8000 or at + 5 + length > len(iptc):
            return
        yield record, number, iptc[at + 5 : at + 5 + length]
        at += 5 + length


def iptc_with(iptc: bytes, said: bytes) -> bytes:
    """An IPTC block whose caption, if it has one, is followed by a sentence."""
    fields = []
    for record, number, content in records(iptc):
        caption = (record, number) == (2, 120) and len(content) + len(said) < 2000
        fields.append((record, number, content.rstrip() + b"\n" + said if caption else content))
    return iptc_of(fields)


def iptc_of(fields: Iterable[Field]) -> bytes:
    """A block of fields."""
    return b"".join(struct.pack(">BBBH", 0x1C, *field[:2], len(field[2])) + field[2] for field in fields)


def iptc_in(resources: bytes) -> bytes:
    """The IPTC block among Photoshop's resources; b"" if there is none."""
    at = resources.find(b"8BIM")
    while at >= 0 and at + 12 <= len(resources) and resources[at : at + 4] == b"8BIM":
        name = resources[at + 6] + 1
        start = at + 6 + name + name % 2
        if start + 4 > len(resources):
            break
        length = int.from_bytes(resources[start : start + 4], "big")
        if resources[at + 4 : at + 6] == b"\x04\x04":
            return resources[start + 4 : start + 4 + length]
        at = start + 4 + length + length % 2
    return b""

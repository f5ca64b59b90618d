"""Title, year and credit of a photograph, in what its file says: written and read."""

from __future__ import annotations

from dataclasses import replace

from . import xmp
from .caption import Caption
from .exif import DESCRIPTION, Entry
from .iptc import iptc_of, records
from .metadata import PREDICTED, Metadata

_UTF8 = (1, 90, b"\x1b%G")
"""The field with which IPTC's older form says that its words are UTF-8."""
_TITLE, _CREDIT = (2, 5), (2, 110)
_MOST = {_TITLE: 64, _CREDIT: 32}
"""Bytes of each; XMP has the whole."""


def captioned(kept: Metadata, caption: Caption) -> Metadata:
    """What a scan says, with title, year and credit: in EXIF before the description, in XMP and IPTC in fields of their
    own, in place of others. Fields where nothing was written stay, and so does all if the scan says the same."""
    if not any(caption) or caption == caption_of(kept):
        return kept
    said = "; ".join(filter(None, (caption.line(), caption.credit))).encode()
    before = kept.exif.text(DESCRIPTION)
    words = said if before in (b"", said) else said + b"\n" + before
    entry = Entry(2, len(words) + 1, words + b"\0")
    exif = replace(kept.exif, main={**kept.exif.main, DESCRIPTION: entry})
    packet = xmp.with_caption(kept.xmp, caption.title, caption.year, caption.credit)
    return replace(kept, exif=exif, xmp=packet, iptc=_with_caption(kept.iptc, caption))


def caption_of(said: Metadata) -> Caption:
    """Title, year and credit that a scan says: XMP's, else IPTC's. Without a title there, the first line of EXIF's
    description is one."""
    title, year, credit = xmp.caption_in(said.xmp)
    fields = {field[:2]: field[2].decode("utf-8", "replace") for field in reversed(list(records(said.iptc)))}
    title = title or fields.get(_TITLE, "") or _first_line(said.exif.text(DESCRIPTION))
    read = {"title": title, "year": year, "credit": credit or fields.get(_CREDIT, "")}
    caption = Caption()
    for name, words in read.items():
        caption = caption.with_field(name, words)
    return caption._replace(year="") if caption.year and caption.year in caption.title else caption


def _first_line(words: bytes) -> str:
    """Of a description, but for one that we wrote into a result."""
    line = words.decode("utf-8", "replace").partition("\n")[0]
    return "" if line.startswith(PREDICTED) else line


def _with_caption(iptc: bytes, caption: Caption) -> bytes:
    fields = list(records(iptc))
    written = {key: words for key, words in ((_TITLE, caption.title), (_CREDIT, caption.credit)) if words}
    if not written:
        return iptc
    others = [field for field in fields if field[:2] not in written]
    declared = [field for field in others if field[:2] == _UTF8[:2]]
    plain = all(field[2].isascii() for field in others if field[0] == 2)
    if not declared and plain:
        others.insert(0, _UTF8)
    utf8 = _UTF8 in others
    new = []
    for key, words in written.items():
        encoded = words.encode("utf-8" if utf8 else "ascii", "replace")[: _MOST[key]]
        new.append((*key, encoded.decode("utf-8", "ignore").encode()))
    return iptc_of(sorted([*others, *new], key=lambda field: field[0]))

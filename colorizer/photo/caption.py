"""The caption that a person writes for a photograph: title, year and credit; and that in a photograph's metadata."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import NamedTuple

from . import xmp
from .exif import DESCRIPTION, Entry
from .iptc import UTF8, charset_of, decoded, iptc_of, records
from .metadata import PREDICTED, Metadata

MOST = {"title": 120, "year": 20, "credit": 120}
"""Most letters of each."""
_PRODUCTS = (
    "camedia|canoscan|coolpix|coolscan|cybershot|deskjet|digimax|dimage|easyshare|exilim|finepix|handycam|ipad|iphone|ixus|"
    "kenox|lumia|lumix|mavica|officejet|opticfilm|optio|photosmart|pixma|powershot|scanjet|scanmaker|snapscan|vivicam|xperia"
)
_BRANDS = re.compile(
    f"{_PRODUCTS}|agfa|agfaphoto|aiptek|apple|asus|benq|canon|casio|concord|contax|creative|cyber|dji|"
    "eastman|epson|ericsson|fuji|fujifilm|ge|general|gopro|hasselblad|hewlett|hp|htc|huawei|"
    "jenoptik|jvc|kodak|konica|kyocera|leica|lg|mamiya|medion|microtek|minolta|motorola|mustek|nikon|nokia|"
    "olympus|oneplus|packard|panasonic|pentax|plustek|polaroid|praktica|ricoh|rollei|"
    "samsung|sanyo|sigma|sony|sonyericsson|stylus|toshiba|traveler|umax|vivitar|vivo|xiaomi|yashica|zeiss|zte"
)
_DEVICES = re.compile(
    f"{_PRODUCTS}|cameras?|cam|digicam|digital|still|stillcamera|shot|dsc|csc|dslr|slr|dcf|gedsc|jpe?g|exif|"
    "pictures?|photo|images?|scan|scanner|electric|techwin|imaging|ag|co|corp|corporation|inc|ltd"
)
_SERIES = re.compile(
    r"(?<=epson )(expression|gt|perfection|workforce)\b|(?<=samsung )galaxy\b|(?<=canon )eos( kiss| rebel)?\b|"
    r"(?<=scanjet )pro\b|(?<=\d )(max|mini|plus|pro)\b|(?<=d )mark i+\b"
)
"""Words that are of a device only after others."""
_SET = re.compile(
    r"(?i:dcim[\\/]|lead technologies|applemark$|processed with (vsco|snapseed)|created with (the )?gimp|minoltadsc$|"
    r"file written by adobe|creator: gd-jpeg|created by dcraw|optimized by jpegmini|hp pst_image$|[?\s]+$"
    r"|exif_jpeg_|binary comment$|intel\(r\) jpeg library|imagej=|scifio=|\{\"shape\"|<\?xml\s|<ome\s)"
    r"|(default|(cof|dav|edf|fbt|hdr|hdrpl|mde|nor|oznor\w*|ptr|rhdr|sdr)(_\w+)?)$"  # by DJI and Huawei
)
_TITLE, _DATE, _CREDIT, _DESCRIPTION = (2, 5), (2, 55), (2, 110), (2, 120)
_MOST_BYTES = {_TITLE: 64, _DATE: 8, _CREDIT: 32}
"""Most bytes of each; XMP has the whole."""


def is_of_camera(line: str) -> bool:
    """Whether a line is one that a camera, a phone or a scanner writes into every file, such as "OLYMPUS DIGITAL
    CAMERA", "SONY DSC" or the file's own path. It says nothing about the photograph."""
    if _SET.match(line.strip()):
        return True
    words = _SERIES.sub("camera", re.sub(r"[\W_]+", " ", line.casefold())).split()
    branded, devices = (any(map(known.fullmatch, words)) for known in (_BRANDS, _DEVICES))
    rest = [word for word in words if not _BRANDS.fullmatch(word) and not _DEVICES.fullmatch(word)]
    if not rest:  # one word alone may be a title, but for a maker's name in capitals
        return (devices and len(words) > 1) or (branded and line.isupper())
    models = all(re.search(r"\d", word) and not re.fullmatch(r"1[89]\d\d|20\d\d", word) for word in rest)
    return branded and models


class Caption(NamedTuple):
    """One line each, "" where nothing was written."""

    title: str = ""
    year: str = ""
    """As it was written, such as "1912" or "about 1912"."""
    credit: str = ""
    """Whose photograph it is."""

    def with_field(self, name: str, words: object) -> Caption:
        """A copy with a new title, year or credit, without control characters and extra spaces, cut to `MOST` letters.
        Raises ValueError for another field."""
        if name not in MOST:
            raise ValueError(f"a caption has {', '.join(MOST)}, and no {name}")
        plain = "".join(" " if unicodedata.category(letter)[0] == "C" else letter for letter in str(words))
        return self._replace(**{name: " ".join(plain.split())[: MOST[name]].strip()})

    def fields(self) -> dict[str, str]:
        """The fields by name."""
        return self._asdict()

    def line(self, otherwise: str = "") -> str:
        """Title and year. otherwise: stands for a title that was not written."""
        return ", ".join(filter(None, (self.title or otherwise, self.year)))


def captioned(kept: Metadata, caption: Caption) -> Metadata:
    """A scan's metadata with title, year and credit: in EXIF before the description, in XMP and IPTC in fields of their
    own, in place of others. Fields where nothing was written stay. If the scan says the same already, all stays."""
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
    """Title, year and credit in a scan's metadata: XMP's, else IPTC's. Without a title there, it is the first line of
    EXIF's description, or of IPTC's. A line that a camera writes into every file is no title."""
    title, year, credit = xmp.caption_in(said.xmp)
    fields = _fields(said.iptc)
    descriptions = (decoded(said.exif.text(DESCRIPTION)), fields.get(_DESCRIPTION, ""))
    titles = (title, fields.get(_TITLE, ""), *map(_first_line, descriptions))
    title = next((each for each in titles if each and not is_of_camera(each)), "")
    read = {"title": title, "year": year or _year(fields), "credit": credit or fields.get(_CREDIT, "")}
    caption = Caption()
    for name, words in read.items():
        caption = caption.with_field(name, words)
    return caption._replace(year="") if caption.year and caption.year in caption.title else caption


def _fields(iptc: bytes) -> dict[tuple[int, int], str]:
    """The words of an IPTC block, the first of each kind."""
    fields = list(records(iptc))
    charset = charset_of(fields)
    return {field[:2]: decoded(field[2], charset) for field in reversed(fields)}


def _year(fields: dict[tuple[int, int], str]) -> str:
    """The year of the date of creation, which is written as 19120504, or 19120000 if no more is known."""
    found = re.match(r"\d{4}(?!\d{1,3}$)", fields.get(_DATE, "").strip())
    return found[0] if found and found[0] != "0000" else ""


def _first_line(words: str) -> str:
    """The first line of a description, except one that we wrote into a result."""
    line = words.partition("\n")[0]
    return "" if line.startswith(PREDICTED) else line


def _with_caption(iptc: bytes, caption: Caption) -> bytes:
    fields = list(records(iptc))
    year = caption.year if re.fullmatch(r"\d{4}", caption.year) and caption.year != _year(_fields(iptc)) else ""
    words = {_TITLE: caption.title, _DATE: year and f"{year}0000", _CREDIT: caption.credit}
    written = {key: each for key, each in words.items() if each}
    if not written:
        return iptc
    others = [field for field in fields if field[:2] not in written]
    charset = charset_of(others)
    if charset == "utf-8" and not any(field[:2] == UTF8[:2] for field in others):
        others.insert(0, UTF8)
    new = []
    for key, each in written.items():
        encoded = each.encode(charset, "replace")[: _MOST_BYTES[key]]
        new.append((*key, encoded.decode(charset, "ignore").encode(charset)))
    return iptc_of(sorted([*others, *new], key=lambda field: field[0]))

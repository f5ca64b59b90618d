"""The caption that a person writes for a photograph: title, year and credit."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

MOST = {"title": 120, "year": 20, "credit": 120}
"""Most letters of each."""
_BRANDS = re.compile(
    "agfa|agfaphoto|aiptek|apple|asus|benq|camedia|canon|casio|concord|contax|coolpix|creative|cyber|digimax|dimage|dji|"
    "easyshare|eastman|epson|ericsson|exilim|finepix|fuji|fujifilm|ge|general|gopro|hasselblad|hewlett|hp|htc|huawei|"
    "jenoptik|jvc|kenox|kodak|konica|kyocera|leica|lg|lumix|mamiya|medion|microtek|minolta|motorola|mustek|nikon|nokia|"
    "olympus|oneplus|optio|packard|panasonic|pentax|photosmart|plustek|polaroid|powershot|praktica|ricoh|rollei|"
    "samsung|sanyo|sigma|sony|sonyericsson|stylus|toshiba|traveler|umax|vivitar|vivo|xiaomi|yashica|zeiss|zte"
)
_DEVICES = re.compile(
    "cameras?|cam|digicam|digital|still|stillcamera|shot|dsc|csc|dslr|slr|dcf|gedsc|jpe?g|exif|pictures?|photo|images?|scan|scanner|"
    "electric|techwin|imaging|ag|co|corp|corporation|inc|ltd"
)
_SET = re.compile(
    r"(?i:dcim[\\/]|lead technologies|applemark$|processed with (vsco|snapseed)|created with (the )?gimp|minoltadsc$|"
    r"file written by adobe|creator: gd-jpeg|created by dcraw|optimized by jpegmini|hp pst_image$|[?\s]+$)"
    r"|(default|(cof|dav|edf|fbt|hdr|hdrpl|mde|nor|oznor\w*|ptr|rhdr|sdr)(_\w+)?)$"  # by DJI and Huawei
)


def is_of_camera(line: str) -> bool:
    """Whether a line is one that a camera, a phone or a scanner writes into every file, such as "OLYMPUS DIGITAL
    CAMERA", "SONY DSC" or the file's own path. It says nothing about the photograph."""
    if _SET.match(line.strip()):
        return True
    words = [word for word in re.split(r"[\W_]+", line.casefold()) if word]
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

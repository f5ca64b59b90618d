"""The metadata of a file: kept from a scan to its results, followed by how the colours were made."""

from __future__ import annotations

import json
import os
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from PIL import Image

from .. import __version__
from . import xmp
from .exif import (
    APART,
    ARTIST,
    COPYRIGHT,
    DESCRIPTION,
    IPTC,
    MOST_BYTES,
    RESOURCES,
    SOFTWARE,
    XMP,
    Entry,
    Exif,
    exif_in,
    exif_of_tiff,
)
from .iptc import decoded, iptc_in, iptc_of, iptc_with, records

MOST_NOTE = 200
"""Most letters of a person's note on a colour."""

PROGRAM, TASK = "Colorizer", "colours predicted"
"""The step of XMP's history by which a result is recognised."""
PREDICTED = f"Colours predicted by {PROGRAM}"
"""The beginning of a result's description, if its scan had none."""
_TEXTS = {"Description": DESCRIPTION, "Author": ARTIST, "Copyright": COPYRIGHT, "Software": SOFTWARE}
"""PNG's keywords, by the tag of EXIF that says the same."""


@dataclass(frozen=True)
class Metadata:
    """The metadata of a scan."""

    exif: Exif = field(default_factory=Exif)
    xmp: bytes = b""
    """A packet; b"" if there is none, or none that could be read."""
    iptc: bytes = b""
    """Its records."""
    dpi: tuple[float, float] | None = None
    """Resolution, horizontal and vertical."""

    @property
    def predicted(self) -> bool:
        """Whether Colorizer made the picture's colours: they are no truth to compare with. XMP says so, and where a
        JPEG had no room for it, the description of EXIF."""
        described = decoded(self.exif.text(DESCRIPTION)).split("\n")
        return any(line.startswith(PREDICTED) for line in described) or bool(self._made)

    @property
    def made(self) -> Mapping[str, Any]:
        """How Colorizer made the picture's colours, as `Provenance.event` writes it: "checkpoint", "settings", "hints".
        It was in others' hands since, so nothing in it is sure. Empty if the file does not say."""
        try:
            said = json.loads(self._made or "{}")
        except (ValueError, RecursionError):
            return {}
        return said if isinstance(said, dict) else {}

    @property
    def _made(self) -> str:
        return xmp.step_of(self.xmp, PROGRAM, TASK)

    def to_json(self) -> dict[str, Any]:
        """The metadata in a form that goes from one process to another."""
        blocks = {"exif": self.exif.to_bytes(), "xmp": self.xmp, "iptc": self.iptc}
        return {name: b64encode(block).decode() for name, block in blocks.items()} | {"dpi": self.dpi}

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Metadata:
        """The metadata in the form that `to_json` made."""
        exif, packet, iptc = (b64decode(said[name]) for name in ("exif", "xmp", "iptc"))
        return cls(exif_in(exif)[0], packet, iptc, tuple(said["dpi"]) if said["dpi"] else None)


@dataclass(frozen=True)
class Provenance:
    """How the colours of a picture were made."""

    checkpoint: str = ""
    """Its name."""
    sha256: str = ""
    """SHA-256 of the checkpoint's tensors."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """The numbers of the readout."""
    hints: Sequence[Mapping[str, Any]] = ()
    """Colours that a person gave: {"x", "y", "color"} and perhaps a note."""
    incomplete: bool = False
    """Whether a part of the scan was missing."""
    date: str = field(default_factory=lambda: today())
    """As 2026-11-23: without the hour, so that the same work done twice on a day writes the same bytes."""

    def sentence(self) -> str:
        said = PREDICTED + (f", checkpoint {self.checkpoint}" if self.checkpoint else "")
        return f"{said}; a part of the picture is missing" if self.incomplete else said

    def event(self) -> dict[str, str]:
        """The making of the colours as a step of XMP's history."""
        said: dict[str, Any] = {"task": TASK, "checkpoint": self.checkpoint, "sha256": self.sha256}
        said |= {"settings": dict(self.settings), "hints": [dict(hint) for hint in self.hints]}
        said["incomplete"] = self.incomplete
        kept = {name: value for name, value in said.items() if value}
        parameters = json.dumps(kept, ensure_ascii=False, sort_keys=True, default=str)
        return {"action": "edited", "softwareAgent": software(), "when": self.date, "parameters": parameters}


def today() -> str:
    """The date, or that of $SOURCE_DATE_EPOCH, as builds that are to be the same twice have it."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    now = datetime.fromtimestamp(int(epoch), timezone.utc) if epoch.isdecimal() else datetime.now().astimezone()
    return now.date().isoformat()


def software() -> str:
    """The program and its version."""
    return f"{PROGRAM} {__version__}"


class Blocks(NamedTuple):
    """The data that are written into a result, beside its pixels and its profile."""

    exif: Exif
    xmp: bytes
    iptc: bytes
    dpi: tuple[float, float] | None


def blocks(kept: Metadata | None, made: Provenance, size: tuple[int, int], profile: str, mime: str) -> Blocks:
    """The metadata of a result: the scan's, corrected for an upright picture of `size` (width, height) with the profile
    of that name, and how its colours were made."""
    kept = kept or Metadata()
    said = made.sentence()
    plain = said.encode("ascii", "replace")
    exif = kept.exif.put_right(size, profile.startswith("sRGB"), software().encode(), plain)
    described = decoded(kept.exif.text(DESCRIPTION))
    packet = xmp.packet_of(kept.xmp, size, profile, mime, made.event(), said, described)
    return Blocks(exif, packet, iptc_with(kept.iptc, plain), kept.dpi)


def metadata_of(image: Image.Image) -> tuple[Metadata, list[str]]:
    """The metadata of a picture that Pillow opened, and the kinds of them that could not be read, such as "EXIF"."""
    info = image.info
    block = info.get("exif") or _raw_profile(info, "exif")
    exif, sound = exif_in(block) if isinstance(block, bytes) and block else (Exif(), True)
    resources = info.get("photoshop")
    iptc = resources.get(0x0404) if isinstance(resources, dict) else _raw_profile(info, "iptc")
    main = dict(exif.main)
    for name, tag in _TEXTS.items():
        text = info.get(name)
        if image.format == "PNG" and isinstance(text, str) and text and tag not in main:
            data = text.encode("utf-8")[:MOST_BYTES] + b"\0"
            main[tag] = Entry(2, len(data), data)
    packet = info.get("xmp") or info.get("XML:com.adobe.xmp") or _raw_profile(info, "xmp")
    return _checked(replace(exif, main=main), sound, packet, iptc, _dpi_of(image))


def metadata_of_tiff(file: BinaryIO, offset: int) -> tuple[Metadata, list[str]]:
    """The metadata of the page with the directory at `offset`, in the form of `metadata_of`."""
    exif, sound = exif_of_tiff(file, offset)
    main = dict(exif.main)
    apart = {tag: main.pop(tag).data if tag in main else b"" for tag in APART}
    iptc = apart[IPTC] or iptc_in(apart[RESOURCES])
    if iptc[3:4] == b"\x1c" != iptc[:1]:  # written as numbers of four bytes, in the other order
        iptc = np.frombuffer(iptc[: len(iptc) // 4 * 4], "<u4").astype(">u4").tobytes()
    return _checked(replace(exif, main=main), sound, apart[XMP], iptc)


def _checked(
    exif: Exif, sound: bool, packet: object, iptc: object, dpi: tuple[float, float] | None = None
) -> tuple[Metadata, list[str]]:
    """The metadata, of XMP and IPTC what can be read, and the kinds of them that could not be. sound: whether all of
    EXIF could. dpi: as something other than EXIF says."""
    packet, fits = checked_xmp(packet)
    broken = [kind for kind, right in (("EXIF", sound), ("XMP", fits)) if not right]
    return Metadata(exif, packet, iptc_of(records(iptc)) if isinstance(iptc, bytes) else b"", dpi or exif.dpi()), broken


def checked_xmp(packet: object) -> tuple[bytes, bool]:
    """A packet, b"" if it cannot be read, and whether there was nothing wrong."""
    if isinstance(packet, str):
        packet = packet.encode("utf-8", "surrogatepass")
    if not isinstance(packet, bytes) or not packet.strip(b"\0 \n"):
        return b"", True
    packet = packet.rstrip(b"\0")
    fits = len(packet) <= MOST_BYTES and xmp.parsed(packet) is not None
    return (packet, True) if fits else (b"", False)


def _raw_profile(info: Mapping[Any, Any], kind: str) -> bytes:
    """A block that ImageMagick wrote into a PNG: its kind, its length, and its bytes in hexadecimal digits; b"" if
    there is none."""
    try:
        words = str(info.get(f"Raw profile type {kind}", "")).split()
        block = bytes.fromhex("".join(words[2:]))
    except ValueError:
        return b""
    return iptc_in(block) if block[:4] == b"8BIM" else block


def _dpi_of(image: Image.Image) -> tuple[float, float] | None:
    found: object = image.info.get("dpi")
    if image.format in ("JPEG", "MPO"):  # where Pillow says 72 if nobody says anything
        factor = {1: 1.0, 2: 2.54}.get(image.info.get("jfif_unit", 0), 0.0)
        found = [factor * density for density in image.info.get("jfif_density", ())]
    return _dpi(found)


def _dpi(found: object) -> tuple[float, float] | None:
    try:
        across, down = (float(each) for each in found)  # type: ignore[attr-defined]
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return (across, down) if 1 < across < 1e6 and 1 < down < 1e6 else None

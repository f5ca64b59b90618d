"""Folders and archives of pictures -> a training set: small JPEGs, every picture once, in train/ and validation/.

The steps for a picture: read -> drop if unreadable or near gray -> drop if an equal or nearly equal picture was kept
-> scale down -> write. Reading and scaling run in threads; one thread decides what to keep, in the order of the
pictures, so that the result is the same every time.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageOps
from tqdm import tqdm

from ..errors import PhotoError
from ..files.atomic import write_whole
from ..photo.open import open_photo
from ..runtime.threads import in_order
from .files import NEAR_GRAY, UNREADABLE, DataError, Picture, find_pictures, mean_chroma, open_true, scaled_down, split

REPORT = "report.json"
REASONS = ("unreadable", "near gray", "done without", "duplicate", "near duplicate")
QUALITY = 92
"""Quality of the JPEG files."""


class Decision(NamedTuple):
    """The decision about one picture: the file it was written to, or why it was dropped."""

    source: str
    """Its source, as it was named."""
    name: str
    """Its path within that source."""
    file: str = ""
    """Path below the output folder, such as train/<class>/<name>.jpg; "" if dropped."""
    why: str = ""
    """One of REASONS if dropped."""
    of: str = ""
    """The file or the picture that it duplicates, or what is wrong with it."""


@dataclass
class Report:
    """The result of `prepare`; `out`/report.json says the same."""

    out: Path
    sources: list[str]
    decisions: list[Decision]
    """In the order of the pictures."""

    def counts(self, source: str | None = None) -> dict[str, int]:
        """Number of pictures found, in train, in validation, and dropped for each of REASONS; of one source or all."""
        chosen = [each for each in self.decisions if source in (None, each.source)]
        went = Counter(each.file.partition("/")[0] or each.why for each in chosen)
        return {"found": len(chosen), **{where: went[where] for where in ("train", "validation", *REASONS)}}

    def lines(self) -> Iterator[str]:
        """The report as lines of text; they name the first ten unreadable pictures."""
        counts = self.counts()
        yield f"{self.out}: {counts['train']} in train, {counts['validation']} in validation"
        left_out = [f"{counts[why]} {why}" for why in REASONS if counts[why]]
        yield f"of {counts['found']} found, left out: {', '.join(left_out) or 'none'}; all are in {self.out / REPORT}"
        if len(self.sources) > 1:
            for source in self.sources:
                its = self.counts(source)
                yield f"  {source}: {its['train'] + its['validation']} of {its['found']}"
        unreadable = [each.of for each in self.decisions if each.why == "unreadable"]
        yield from (f"  {problem}" for problem in unreadable[:10])
        if len(unreadable) > 10:
            yield f"  and {len(unreadable) - 10} more that cannot be read"

    def as_json(self) -> str:
        """The contents of report.json."""
        dropped = [
            {"source": each.source, "name": each.name, "why": each.why, "of": each.of}
            for each in self.decisions
            if each.why
        ]
        by_source = {source: self.counts(source) for source in self.sources}
        content = {"counts": self.counts(), "by_source": by_source, "dropped": dropped}
        return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def prepare(
    sources: Sequence[str | Path],
    out: str | Path,
    size: int = 256,
    held_out: float = 0.05,
    without: Sequence[str | Path] = (),
    progress: bool = False,
) -> Report:
    """Make a training set in the folder `out` from all pictures in folders, .tar and .zip files and single files.

    size: the short side in pixels, at least 1; smaller pictures stay as they are. held_out: share of the pictures that
    goes to validation/, 0 <= held_out < 1. without: folders, archives or pictures used for measuring. Pictures nearly
    the same as one of these, mirrored or not, are dropped. Of pictures that are nearly the same, the one from the
    earlier source is kept: name the largest first. progress: show a bar on stderr.

    `out` appears once all is written. Raises DataError for unusable sources, for settings out of range, and for an
    `out` that is not a new or an empty folder.
    """
    out = Path(out).resolve()
    if size < 1:
        raise DataError(f"The size must be at least 1 pixel, not {size}.")
    if not 0 <= held_out < 1:
        raise DataError(f"The held-out share must be at least 0 and below 1, not {held_out:g}.")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise DataError(f"{out} is there already; choose another folder, or delete it.")
    names = [_plain(str(source)) for source in sources]
    # A later member of a .tar replaces an earlier one of the same name, as in tar itself.
    pictures = {(s, _plain(p.name)): p for s, source in enumerate(sources) for p in find_pictures([source])}
    kept = Kept(without=looks_of(without))
    decisions = []
    out.parent.mkdir(parents=True, exist_ok=True)
    if out.exists():
        try:
            out.rmdir()
        except OSError as error:
            raise DataError(
                f"{out} cannot be replaced ({error.strerror}); choose a folder that is not there."
            ) from None
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as temporary:
        folder = Path(temporary, "set")
        folder.mkdir()
        looked_at = tqdm(_looked_at(pictures.values(), size), total=len(pictures), unit="picture", disable=not progress)
        for ((source, name), picture), looked in zip(pictures.items(), looked_at, strict=True):
            decision = decide(kept, names[source], name, looked, _target(source, picture, held_out))
            if decision.file:
                path = folder / decision.file
                path.parent.mkdir(parents=True, exist_ok=True)
                write_whole(path, looked.jpeg)
                kept.add(decision.file, looked.pixels, looked.look)
            decisions.append(decision)
        report = Report(out, names, decisions)
        write_whole(folder / REPORT, report.as_json())
        folder.rename(out)
    return report


class Looked(NamedTuple):
    """One picture after reading: what the decision depends on, and its encoded JPEG."""

    error: str = ""
    gray: bool = False
    pixels: str = ""
    """Hash of its size and pixels, hexadecimal."""
    look: int = 0
    """Its difference hash."""
    jpeg: bytes = b""


def _looked_at(pictures: Iterable[Picture], size: int) -> Iterator[Looked]:
    """Every picture, in order; several threads read, but never far ahead of the consumer."""
    workers = min(8, os.cpu_count() or 1)
    with ThreadPoolExecutor(workers) as pool:
        yield from in_order(pool, lambda picture: look_at(picture, size), pictures, 8 * workers)


def look_at(picture: Picture, size: int) -> Looked:
    """Read one picture, measure it and make its JPEG; if that fails, the result has an `error`."""
    name = _plain(picture.name)
    try:
        photo = open_true(picture.read(), name)
        if mean_chroma(photo) < NEAR_GRAY:
            return Looked(gray=True)
        pixels = hashlib.blake2b(f"{photo.size}".encode() + photo.tobytes(), digest_size=16).hexdigest()
        file = io.BytesIO()
        # Full colour resolution, because networks learn the colours.
        scaled_down(photo, size).save(file, "JPEG", quality=QUALITY, subsampling=0)
    except PhotoError as error:
        return Looked(error=str(error))
    except UNREADABLE as error:
        return Looked(error=f"{name} cannot be read or written as JPEG ({error}); try another copy.")
    return Looked(pixels=pixels, look=difference_hash(photo), jpeg=file.getvalue())


def looks_of(sources: Sequence[str | Path]) -> dict[int, str]:
    """The names of all readable pictures by their difference hashes, as they are and mirrored. Raises DataError for
    sources that do not exist."""
    looks: dict[int, str] = {}
    for picture in find_pictures(sources) if sources else []:
        try:
            photo = open_photo(picture.read(), name=_plain(picture.name))
        except UNREADABLE:
            continue
        for seen in (photo, ImageOps.mirror(photo)):
            looks[difference_hash(seen)] = _plain(picture.name)
    return looks


def decide(kept: Kept, source: str, name: str, looked: Looked, target: str) -> Decision:
    """Decide about a picture that would be written to `target`."""
    if looked.error:
        return Decision(source, name, why="unreadable", of=looked.error)
    if looked.gray:
        return Decision(source, name, why="near gray")
    if unwanted := kept.unwanted(looked.look):
        return Decision(source, name, why="done without", of=unwanted)
    if looked.pixels in kept.by_pixels:
        return Decision(source, name, why="duplicate", of=kept.by_pixels[looked.pixels])
    if similar := kept.similar(looked.look):
        return Decision(source, name, why="near duplicate", of=similar)
    return Decision(source, name, target)


def _target(source: int, picture: Picture, held_out: float) -> str:
    """A picture's path below the output folder: train or validation, class and a unique name."""
    side = "validation" if split([Picture(_plain(picture.name), "")], held_out)[1] else "train"
    return str(PurePosixPath(side, class_of(picture), file_name(source, picture.name)))


def class_of(picture: Picture) -> str:
    """The name of the folder (or archive) that contains a picture; "" if it has none."""
    file = Path(os.path.abspath(picture.file))
    if picture.member or picture.size >= 0:
        return _safe(PurePosixPath(picture.name.replace("\\", "/")).parent.name) or _safe(file.stem)
    return _safe(file.parent.name)


def file_name(source: int, name: str) -> str:
    """A unique file name for the picture `name` of source number `source`.

    It begins with the picture's own name and ends with a 64-bit hash of source and name.
    """
    digest = hashlib.blake2b(f"{source}/{name}".encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    stem = _safe(PurePosixPath(name.replace("\\", "/")).stem, 40)
    return f"{stem or 'picture'}-{digest}.jpg"


def _safe(name: str, most: int = 60) -> str:
    """A path component that every file system accepts: no special characters, no dots at its ends, not too long."""
    return re.sub(r'[<>:"/\\|?*\x00-\x1f\x7f]', "_", _plain(name))[:most].strip(" .")


def _plain(name: str) -> str:
    """A file name that can be printed and hashed: the system gives bytes that are not UTF-8 as lone surrogates."""
    return name.encode("utf-8", "backslashreplace").decode()


NEAR = 3
"""Two pictures count as one if their difference hashes differ in at most this many of 64 bits."""
NEAR_WITHOUT = 6
"""The same for pictures that must not be kept, mirrored or not: losing a picture costs less than measuring on a known
one."""


def difference_hash(photo: Image.Image) -> int:
    """64 bits: for 9 x 8 gray cells, whether each is darker than the one to its right.

    Another size, other compression or a little more light changes only a few of the bits.
    """
    cells = np.asarray(photo.convert("L").resize((9, 8), Image.Resampling.BOX), np.int16)
    bits = cells[:, :-1] < cells[:, 1:]
    # Every quarter takes bits from all over the picture: skies would fill whole quarters with zeros.
    return int.from_bytes(np.packbits(bits.reshape(16, 4).T).tobytes(), "big")


@dataclass
class Kept:
    """The pictures kept so far, to look up by pixels or by difference hash."""

    without: dict[int, str] = field(default_factory=dict)
    """Difference hashes of pictures that must not be kept, and their names."""
    by_pixels: dict[str, str] = field(default_factory=dict)
    by_quarter: dict[tuple[int, int], list[tuple[int, str]]] = field(default_factory=dict)

    def add(self, file: str, pixels: str, look: int) -> None:
        """Remember a picture that was kept: where, the hash of its pixels, and its difference hash."""
        self.by_pixels[pixels] = file
        for quarter in _quarters(look):
            self.by_quarter.setdefault(quarter, []).append((look, file))

    def similar(self, look: int) -> str:
        """The file of a kept picture whose difference hash is at most NEAR bits from `look`, or ""."""
        # Three bits cannot change all four quarters, so a neighbour shares one at least.
        for quarter in _quarters(look):
            for other, file in self.by_quarter.get(quarter, ()):
                if (look ^ other).bit_count() <= NEAR:
                    return file
        return ""

    def unwanted(self, look: int) -> str:
        """The name of a picture that must not be kept and whose hash is at most NEAR_WITHOUT bits from `look`, or
        ""."""
        return next((name for other, name in self.without.items() if (look ^ other).bit_count() <= NEAR_WITHOUT), "")


def _quarters(look: int) -> Iterable[tuple[int, int]]:
    return ((i, look >> 16 * i & 0xFFFF) for i in range(4))

"""Folders and archives of pictures -> a training set: small JPEGs, every picture once, in train/ and validation/.

The steps for a picture: read -> drop if unreadable or near gray -> drop if an equal or nearly equal picture was kept
-> scale down -> write. Reading and scaling run in threads; one thread decides what to keep, in the order of the
pictures, so that the result is the same every time. Every decision is a line in pictures.jsonl, from which a stopped
run continues.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from PIL import ImageOps
from tqdm import tqdm

from ..errors import PhotoError
from ..photo.open import open_photo
from .duplicates import Kept, difference_hash
from .files import NEAR_GRAY, DataError, Picture, find_pictures, mean_chroma, open_true, scaled_down, split
from .training_set import FORMAT, JOURNAL, Decision, Report, check_disjoint, open_folder, write_new, write_report


@dataclass(frozen=True)
class Settings:
    """How pictures are chosen and written. Raises DataError for a value outside its range."""

    size: int = 256
    """The short side in pixels, at least 1; smaller pictures stay as they are."""
    held_out: float = 0.05
    """Share of the pictures that goes to validation/, 0 <= held_out < 1."""
    near_gray: float = NEAR_GRAY
    """Pictures whose mean chroma, in Lab units, is below this are dropped; 0 keeps all."""
    quality: int = 92
    """Quality of the JPEG files, 1 to 100."""
    flat: bool = False
    """Write no folders by class."""

    def __post_init__(self) -> None:
        if self.size < 1:
            raise DataError(f"The size must be at least 1 pixel, not {self.size}.")
        if not 0 <= self.held_out < 1:
            raise DataError(f"The held-out share must be at least 0 and below 1, not {self.held_out:g}.")
        if not self.near_gray >= 0:
            raise DataError(f"The limit for near gray must be at least 0, not {self.near_gray:g}.")
        if not 1 <= self.quality <= 100:
            raise DataError(f"The JPEG quality must lie between 1 and 100, not {self.quality}.")


def prepare(
    sources: Sequence[str | Path],
    out: str | Path,
    settings: Settings | None = None,
    progress: bool = False,
    without: Sequence[str | Path] = (),
) -> Report:
    """Make a training set in the folder `out` from all pictures in folders, .tar and .zip files and single files.

    without: folders, archives or pictures used for measuring. Pictures nearly the same as one of these, mirrored or
    not, are dropped. Of pictures that are nearly the same, the one from the earlier source is kept: name the largest
    first.

    If `out` holds the result of an earlier call with the same sources and settings, complete or not, only new pictures
    are read. Files that this function did not write are never replaced. progress: show a bar on stderr. Raises
    DataError for unusable sources, for settings out of range, and for an `out` that holds anything else.
    """
    settings = settings or Settings()
    out = Path(out)
    for source in sources:
        if Path(os.path.realpath(out)).is_relative_to(os.path.realpath(source)):
            raise DataError(f"{out} lies in {source}, which is read; choose a folder outside it.")
    # A later member of a .tar replaces an earlier one of the same name, as in tar itself.
    pictures = {(i, _plain(p.name)): p for i, source in enumerate(sources) for p in find_pictures([source])}
    places = [_plain(os.path.realpath(source)) for source in sources]
    header = {"format": FORMAT, "sources": places, "settings": asdict(settings)}
    if without:
        header["without"] = [_plain(os.path.realpath(source)) for source in without]
    decided = open_folder(out, header)
    report = Report(out, [_plain(str(source)) for source in sources], decided)
    write_report(report, header, finished=False)
    kept = Kept(without=looks_of(without))
    for decision in decided:
        _remember(kept, decision)
    known = {(d.source, d.name) for d in decided}
    new = {key: p for key, p in pictures.items() if key not in known}
    with open(out / JOURNAL, "a", encoding="utf-8") as journal:
        for (source, name), looked in tqdm(
            _looked_at(new, settings), total=len(new), unit="picture", disable=not (progress and new)
        ):
            decision = decide(kept, source, name, looked, _target(source, new[source, name], settings))
            if decision.file:
                write_new(out / decision.file, looked.jpeg)
            _remember(kept, decision)
            decided.append(decision)
            journal.write(json.dumps({k: v for k, v in decision._asdict().items() if v != ""}) + "\n")
            journal.flush()
    check_disjoint(decided)
    write_report(report, header, finished=True)
    return report


class Looked(NamedTuple):
    """One picture after reading: what the decision depends on, and its encoded JPEG."""

    error: str = ""
    gray: bool = False
    pixels: str = ""
    look: int = 0
    jpeg: bytes = b""


def _looked_at(
    pictures: dict[tuple[int, str], Picture], settings: Settings
) -> Iterator[tuple[tuple[int, str], Looked]]:
    """Every picture with its key, in order; several threads read, but never far ahead of the consumer."""
    workers = min(8, os.cpu_count() or 1)
    items = list(pictures.items())
    with ThreadPoolExecutor(workers) as pool:
        for start in range(0, len(items), 8 * workers):
            part = items[start : start + 8 * workers]
            yield from zip(
                [key for key, _ in part], pool.map(lambda item: look_at(item[1], settings), part), strict=True
            )


def look_at(picture: Picture, settings: Settings) -> Looked:
    """Read one picture, measure it and make its JPEG; if that fails, the result has an `error`."""
    name = _plain(picture.name)
    try:
        photo = open_true(picture.read(), name)
        if mean_chroma(photo) < settings.near_gray:
            return Looked(gray=True)
        pixels = hashlib.blake2b(f"{photo.size}".encode() + photo.tobytes(), digest_size=16).hexdigest()
        file = io.BytesIO()
        # Full colour resolution, because networks learn the colours.
        scaled_down(photo, settings.size).save(file, "JPEG", quality=settings.quality, subsampling=0)
    except PhotoError as error:
        return Looked(error=str(error))
    except (OSError, EOFError, RuntimeError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        # A member of a .zip may be damaged, encrypted or packed by an unknown method; a link may be broken.
        return Looked(error=f"{name} cannot be read or written as JPEG ({error}); try another copy.")
    return Looked(pixels=pixels, look=difference_hash(photo), jpeg=file.getvalue())


def _remember(kept: Kept, decision: Decision) -> None:
    """Remember a picture that was kept; one that was dropped changes nothing."""
    if decision.file:
        kept.add(decision.file, decision.pixels, int(decision.look, 16))


def looks_of(sources: Sequence[str | Path]) -> dict[int, str]:
    """The names of all readable pictures by their difference hashes, as they are and mirrored. Raises DataError for
    sources that do not exist."""
    looks: dict[int, str] = {}
    for picture in find_pictures(sources) if sources else []:
        try:
            photo = open_photo(picture.read(), name=_plain(picture.name))
        except (PhotoError, OSError, EOFError, RuntimeError, KeyError, zipfile.BadZipFile, zlib.error):
            continue
        for seen in (photo, ImageOps.mirror(photo)):
            looks[difference_hash(seen)] = _plain(picture.name)
    return looks


def decide(kept: Kept, source: int, name: str, looked: Looked, target: str) -> Decision:
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
    return Decision(source, name, target, looked.pixels, f"{looked.look:016x}")


def _target(source: int, picture: Picture, settings: Settings) -> str:
    """A picture's path below the output folder: train or validation, class and a unique name."""
    side = "validation" if split([Picture(_plain(picture.name), "")], settings.held_out)[1] else "train"
    folder = "" if settings.flat else class_of(picture)
    return str(PurePosixPath(side, folder, file_name(source, picture.name)))


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

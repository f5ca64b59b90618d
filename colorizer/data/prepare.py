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
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, ImageOps
from tqdm import tqdm

from ..errors import PhotoError
from ..photo.open import open_photo
from .files import NEAR_GRAY, DataError, Picture, find_pictures, mean_chroma, scaled_down, split

REPORT = "report.json"
JOURNAL = "pictures.jsonl"
FORMAT = "colorizer-prepare/1"
NEAR = 3
"""Two pictures count as duplicates if their difference hashes differ in at most this many of 64 bits."""
NEAR_WITHOUT = 6
"""The same for pictures to do without, mirrored or not: losing a picture costs less than measuring on a known one."""
REASONS = ("unreadable", "near gray", "done without", "duplicate", "near duplicate")


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


class Decision(NamedTuple):
    """The decision about one picture: the file it was written to, or why it was dropped."""

    source: int
    """Number of its source, counted from 0."""
    name: str
    """Its path within that source."""
    file: str = ""
    """Path below the output folder, such as train/<class>/<name>.jpg; "" if dropped."""
    pixels: str = ""
    """Hash of its size and pixels, hexadecimal, if kept."""
    look: str = ""
    """Its difference hash, hexadecimal, if kept."""
    why: str = ""
    """One of REASONS if dropped."""
    of: str = ""
    """The file it duplicates, or what is wrong with it."""


@dataclass
class Report:
    """The result of `prepare`; `out`/report.json says the same."""

    out: Path
    sources: list[str]
    decisions: list[Decision]
    """Of the pictures of `sources`, in their order."""

    @property
    def counts(self) -> dict[str, int]:
        """Number of pictures found, in train, in validation, and dropped for each of REASONS."""
        sides = Counter(d.file.partition("/")[0] for d in self.decisions if d.file)
        dropped = Counter(d.why for d in self.decisions if not d.file)
        return {
            "found": len(self.decisions),
            "train": sides["train"],
            "validation": sides["validation"],
            **{why: dropped[why] for why in REASONS},
        }

    @property
    def classes(self) -> dict[str, int]:
        """How many pictures of each class were kept."""
        kept = (PurePosixPath(d.file).parts for d in self.decisions if d.file)
        return dict(sorted(Counter(parts[1] for parts in kept if len(parts) == 3).items()))

    @property
    def by_source(self) -> dict[str, dict[str, int]]:
        """`counts` of each source alone."""
        own: dict[int, list[Decision]] = {i: [] for i in range(len(self.sources))}
        for d in self.decisions:
            own[d.source].append(d)
        return {name: Report(self.out, [], own[i]).counts for i, name in enumerate(self.sources)}

    @property
    def dropped(self) -> list[dict[str, str]]:
        """Every dropped picture: source, name, reason, and the file and picture it duplicates, or the error."""
        kept = {d.file: f"{self.sources[d.source]}: {d.name}" for d in self.decisions if d.file}
        rows = []
        for d in self.decisions:
            if not d.file:
                row = {"source": self.sources[d.source], "name": d.name, "why": d.why}
                if d.of in kept:
                    row |= {"file": d.of, "picture": kept[d.of]}
                elif d.of and d.why == "done without":
                    row |= {"picture": d.of}
                elif d.of:
                    row |= {"error": d.of}
                rows.append(row)
        return rows

    def lines(self, most: int = 10) -> Iterator[str]:
        """The report as lines of text; they name the first `most` unreadable pictures."""
        counts = self.counts
        text = f"{self.out}: {counts['train']} in train, {counts['validation']} in validation"
        yield text + (f", {len(self.classes)} classes" if len(self.classes) > 1 else "")
        left_out = [f"{counts[why]} {why}" for why in REASONS if counts[why]]
        yield f"of {counts['found']} found, left out: {', '.join(left_out) or 'none'}; all are in {self.out / REPORT}"
        if len(self.sources) > 1:
            for source, its in self.by_source.items():
                yield f"  {source}: {its['train'] + its['validation']} of {its['found']}"
        unreadable = [d for d in self.decisions if d.why == "unreadable"]
        for d in unreadable[:most]:
            yield f"  {d.of}"
        if len(unreadable) > most:
            yield f"  and {len(unreadable) - most} more that cannot be read"


def prepare(
    sources: Sequence[str | Path],
    out: str | Path,
    settings: Settings | None = None,
    progress: bool = False,
    without: Sequence[str | Path] = (),
) -> Report:
    """Make a training set in the folder `out` from all pictures in folders, .tar and .zip files and single files.

    without: folders, archives or pictures that are measured on. Whatever is nearly one of theirs, mirrored or not, is
    dropped. Of pictures that are nearly the same, the one from the earlier source is kept: name the largest first.

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
    decided = _open_out(out, header)
    report = Report(out, [_plain(str(source)) for source in sources], decided)
    _write_report(report, header, finished=False)
    kept = Kept(without=looks_of(without))
    for decision in decided:
        kept.add(decision)
    known = {(d.source, d.name) for d in decided}
    new = {key: p for key, p in pictures.items() if key not in known}
    with open(out / JOURNAL, "a", encoding="utf-8") as journal:
        for (source, name), looked in tqdm(
            _looked_at(new, settings), total=len(new), unit="picture", disable=not (progress and new)
        ):
            decision = kept.decide(source, name, looked, _target(source, new[source, name], settings))
            if decision.file:
                _write_new(out / decision.file, looked.jpeg)
            kept.add(decision)
            decided.append(decision)
            journal.write(json.dumps({k: v for k, v in decision._asdict().items() if v != ""}) + "\n")
            journal.flush()
    _check_disjoint(decided)
    _write_report(report, header, finished=True)
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
        photo = open_photo(picture.read(), name=name)
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


def difference_hash(photo: Image.Image) -> int:
    """64 bits: for 9 x 8 gray cells, whether each is darker than the one to its right.

    Another size, other compression or a little more light changes only a few of the bits.
    """
    cells = np.asarray(photo.convert("L").resize((9, 8), Image.Resampling.BOX), np.int16)
    bits = cells[:, :-1] < cells[:, 1:]
    # Every quarter takes bits from all over the picture: a sky would fill a whole quarter with zeros.
    return int.from_bytes(np.packbits(bits.reshape(16, 4).T).tobytes(), "big")


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


@dataclass
class Kept:
    """The pictures kept so far, to look up by pixels or by difference hash."""

    without: dict[int, str] = field(default_factory=dict)
    """Difference hashes of pictures that must not be kept, and their names."""
    by_pixels: dict[str, str] = field(default_factory=dict)
    by_quarter: dict[tuple[int, int], list[tuple[int, str]]] = field(default_factory=dict)

    def add(self, decision: Decision) -> None:
        """Remember a picture if it was kept."""
        if decision.file:
            self.by_pixels[decision.pixels] = decision.file
            look = int(decision.look, 16)
            for quarter in _quarters(look):
                self.by_quarter.setdefault(quarter, []).append((look, decision.file))

    def similar(self, look: int) -> str:
        """The file of a kept picture whose difference hash is at most NEAR bits from `look`, or ""."""
        # Three bits cannot change all four quarters, so a neighbour shares at least one.
        for quarter in _quarters(look):
            for other, file in self.by_quarter.get(quarter, ()):
                if (look ^ other).bit_count() <= NEAR:
                    return file
        return ""

    def unwanted(self, look: int) -> str:
        """The name of a picture to do without whose difference hash is at most NEAR_WITHOUT bits from `look`, or ""."""
        return next((name for other, name in self.without.items() if (look ^ other).bit_count() <= NEAR_WITHOUT), "")

    def decide(self, source: int, name: str, looked: Looked, target: str) -> Decision:
        """Decide about a picture that would be written to `target`."""
        if looked.error:
            return Decision(source, name, why="unreadable", of=looked.error)
        if looked.gray:
            return Decision(source, name, why="near gray")
        if unwanted := self.unwanted(looked.look):
            return Decision(source, name, why="done without", of=unwanted)
        if looked.pixels in self.by_pixels:
            return Decision(source, name, why="duplicate", of=self.by_pixels[looked.pixels])
        if similar := self.similar(looked.look):
            return Decision(source, name, why="near duplicate", of=similar)
        return Decision(source, name, target, looked.pixels, f"{looked.look:016x}")


def _quarters(look: int) -> Iterable[tuple[int, int]]:
    return ((i, look >> 16 * i & 0xFFFF) for i in range(4))


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


def _write_new(path: Path, encoded: bytes) -> None:
    """Write a file atomically. An existing file must have the same bytes, from a run that was stopped."""
    if path.exists():
        if path.is_file() and path.read_bytes() == encoded:
            return
        raise DataError(f"{path} is already there and was not made by this; move it away, then start again.")
    path.parent.mkdir(parents=True, exist_ok=True)
    _replace(path, encoded)


def _replace(path: Path, content: bytes) -> None:
    partial = path.with_name(f".{path.name}.partial")
    partial.write_bytes(content)
    partial.replace(path)


def _open_out(out: Path, header: dict[str, Any]) -> list[Decision]:
    """Earlier decisions in `out`; none if it is new or empty. Raises DataError if it holds anything else."""
    if out.exists() and not out.is_dir():
        raise DataError(f"{out} is a file; choose a folder.")
    out.mkdir(parents=True, exist_ok=True)
    try:
        earlier = json.loads((out / REPORT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        earlier = None
    if not isinstance(earlier, dict) or earlier.get("format") != FORMAT:
        if any(path.name != f".{REPORT}.partial" for path in out.iterdir()):
            raise DataError(f"{out} is not empty and was not made by this; choose another folder.")
        return []
    for key in ("sources", "settings", "without"):
        if earlier.get(key) != header.get(key):
            raise DataError(f"{out} was made with other {key}, {_told(earlier.get(key))}; choose another folder.")
    try:
        # Remove a line that was cut short when a run was stopped, so that the next line is not joined to it.
        lines = (out / JOURNAL).read_bytes().split(b"\n")
        whole = lines[:-1]
        if lines[-1]:
            _replace(out / JOURNAL, b"".join(line + b"\n" for line in whole))
        return [Decision(**json.loads(line)) for line in whole]
    except FileNotFoundError:
        return []
    except (ValueError, TypeError):
        raise DataError(f"{out / JOURNAL} is damaged; delete {out} and start again.") from None


def _told(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {setting}" for key, setting in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _write_report(report: Report, header: dict[str, Any], finished: bool) -> None:
    content = {
        **header,
        "finished": finished,
        "counts": report.counts,
        "by_source": report.by_source,
        "classes": report.classes,
        "dropped": report.dropped,
    }
    _replace(report.out / REPORT, (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode())


def _check_disjoint(decisions: Iterable[Decision]) -> None:
    """Raise DataError if a picture is in both train and validation."""
    sides: dict[str, set[str]] = {"train": set(), "validation": set()}
    for decision in decisions:
        if decision.file:
            sides[decision.file.partition("/")[0]].add(decision.pixels)
    if sides["train"] & sides["validation"]:
        raise DataError("A picture is in train and in validation; delete the output folder and start again.")

"""Pictures decoded once: upright sRGB uint8 pixels in memory-mapped files, a thousand pictures per file.

A cache lies in a folder named by a hash of the pictures' names and contents and of the settings, so it is never used
for other pictures. Each file of pixels (a shard) is complete when its index exists, which is written last. A build that
was killed continues with the missing shards, and two builds at once only repeat each other's work.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from tqdm import tqdm

from ..errors import PhotoError
from ..files.atomic import remove_partial_files, whole_file, write_whole
from ..runtime.threads import in_order
from .files import (
    CHROMA_SIZE,
    NEAR_GRAY,
    NOTHING_TO_LEARN,
    DataError,
    Picture,
    fingerprint,
    mean_chromas,
    open_training_photo,
    scaled_down,
)

FORMAT = "colorizer-packed/1"
SHARD = 1024
"""Pictures per shard, including those left out: after a kill at most this many are decoded again."""
GROUP = 32
"""Pictures per task of a thread."""
REASONS = ("unreadable", "gray")
_STALE = 3600.0
"""Seconds without a write after which a temporary file counts as left by a killed build."""


@dataclass
class Packed:
    """The pixels of `pictures`, in order; `skipped` names the pictures that were left out, by reason."""

    folder: Path
    pictures: list[Picture]
    skipped: dict[str, list[str]]
    shapes: np.ndarray
    """int64 (N, 2): height and width in pixels."""
    shards: np.ndarray
    """int64 (N,): the shard that holds each picture."""
    starts: np.ndarray
    """int64 (N,): each picture's first byte in its shard."""
    _maps: dict[int, np.ndarray] = field(default_factory=dict, repr=False)

    def image(self, i: int) -> np.ndarray:
        """Picture `i`, uint8 (h, w, 3), a read-only view. Raises DataError if its file is gone."""
        number, start, (height, width) = int(self.shards[i]), int(self.starts[i]), self.shapes[i]
        pixels = self._maps.get(number)
        if pixels is None:
            try:
                pixels = np.asarray(np.memmap(pixels_file(self.folder, number), np.uint8, "r"))
            except (OSError, ValueError) as error:
                raise DataError(f"The packed pictures in {self.folder} are gone ({error}); start again.") from None
            self._maps[number] = pixels
        return pixels[start : start + height * width * 3].reshape(height, width, 3)


def side_for(sizes: Sequence[int], smallest_crop: float) -> int:
    """The short side, a multiple of 32, to which larger pictures are reduced when packed.

    A crop's sides are at least `smallest_crop` of the picture's, so even the smallest crop has enough pixels for the
    largest of `sizes`. There is no upper limit: it would blur the close crops that a recipe asks for.
    """
    if not 0 < smallest_crop <= 1:
        raise ValueError(f"the smallest crop must be a share above 0 and at most 1, not {smallest_crop:g}")
    return math.ceil(max(sizes) / smallest_crop / 32 - 1e-9) * 32


def pack(
    pictures: Sequence[Picture],
    side: int,
    folder: str | Path,
    say: Callable[[str], None] = print,
    threads: int | None = None,
) -> Packed:
    """The pictures' pixels from a cache below `folder`, which is built first if missing or incomplete.

    Pictures with a short side above `side` are reduced to it, antialiased; none is enlarged. Unreadable and near-gray
    pictures are left out, and `say` is called with their number and names. If several processes train together, let one
    call this first. Raises DataError if no picture is left, and if the disk is full or `folder` is not writable.
    """
    threads = threads or os.cpu_count() or 1
    with ThreadPoolExecutor(threads) as pool:
        place = Path(folder) / _key(pictures, side, pool, threads)
        parts = [pictures[i : i + SHARD] for i in range(0, len(pictures), SHARD)]
        missing = [number for number, part in enumerate(parts) if read_index(place, number, len(part)) is None]
        if missing:
            left = [picture for number in missing for picture in parts[number]]
            say(f"packing {len(left):,} pictures into {place}, once")
            try:
                place.mkdir(parents=True, exist_ok=True)
                remove_partial_files(place, older_than=_STALE)
                with tqdm(total=len(left), unit="picture", dynamic_ncols=True) as bar:
                    for number in missing:
                        if read_index(place, number, len(parts[number])) is None:  # no other process has made it since
                            write_shard(place, number, _prepared(parts[number], side, pool, threads, bar))
            except OSError as error:
                raise DataError(
                    f"The packed pictures cannot be written to {place} ({error.strerror}); make room there or choose "
                    "another folder. What is packed already is kept."
                ) from None
    packed = _open(pictures, place)
    _say_skipped(packed.skipped, len(pictures), say)
    if not packed.pictures:
        raise DataError(NOTHING_TO_LEARN)
    return packed


def _key(pictures: Sequence[Picture], side: int, pool: ThreadPoolExecutor, threads: int) -> str:
    """32 hexadecimal digits that hash everything the cache's content depends on."""
    key = hashlib.blake2b(json.dumps([FORMAT, SHARD, side, NEAR_GRAY]).encode(), digest_size=16)
    groups = (pictures[i : i + GROUP] for i in range(0, len(pictures), GROUP))
    digests = in_order(pool, lambda group: [fingerprint(picture) for picture in group], groups, 4 * threads)
    for picture, digest in zip(pictures, (digest for group in digests for digest in group), strict=True):
        name = os.fsencode(picture.name)
        key.update(len(name).to_bytes(4, "big") + name + (digest or bytes(1)))
    return key.hexdigest()


def _prepared(
    pictures: Sequence[Picture], side: int, pool: ThreadPoolExecutor, threads: int, bar: tqdm
) -> Iterator[np.ndarray | str]:
    groups = (pictures[i : i + GROUP] for i in range(0, len(pictures), GROUP))
    for group in in_order(pool, lambda group: prepare(group, side), groups, 2 * threads):
        yield from group
        bar.update(len(group))


def _open(pictures: Sequence[Picture], place: Path) -> Packed:
    """Open the complete cache in `place`."""
    kept: list[Picture] = []
    skipped: dict[str, list[str]] = {reason: [] for reason in REASONS}
    shapes, shards, starts = [np.empty((0, 2), np.int64)], [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for number, first in enumerate(range(0, len(pictures), SHARD)):
        part = pictures[first : first + SHARD]
        index = read_index(place, number, len(part))
        if index is None:
            raise DataError(f"The packed pictures in {place} were changed while they were read; start again.")
        kept += [part[position] for position in index["kept"]]
        for reason in REASONS:
            skipped[reason] += [part[position].name for position in index[reason]]
        shape = np.array(index["shapes"], np.int64).reshape(-1, 2)
        ends = shape.prod(axis=1).cumsum() * 3
        shapes.append(shape)
        starts.append(ends - shape.prod(axis=1) * 3)
        shards.append(np.full(len(shape), number))
    return Packed(place, kept, skipped, np.concatenate(shapes), np.concatenate(shards), np.concatenate(starts))


def _say_skipped(skipped: dict[str, list[str]], count: int, say: Callable[[str], None]) -> None:
    for reason, names in skipped.items():
        if names:
            more = f" and {len(names) - 5:,} more" if len(names) > 5 else ""
            say(f"left out, {reason}: {len(names):,} of {count:,} pictures ({', '.join(names[:5])}{more})")


def pixels_file(place: Path, number: int) -> Path:
    return place / f"{number:05}.pixels"


def index_file(place: Path, number: int) -> Path:
    return place / f"{number:05}.json"


def read_index(place: Path, number: int, count: int) -> dict[str, Any] | None:
    """The index of a shard of `count` pictures: "shapes" of the pictures it holds, positions of those "kept" and of
    those left out for each of REASONS. None if the shard is missing, or if it does not match its index."""
    try:
        index = json.loads(index_file(place, number).read_text())
        shapes = np.array(index["shapes"], np.int64).reshape(-1, 2)
        positions = sorted(position for key in ("kept", *REASONS) for position in index[key])
        size = pixels_file(place, number).stat().st_size
    except (OSError, ValueError, TypeError, KeyError):
        return None
    whole = positions == list(range(count)) and len(shapes) == len(index["kept"]) and (shapes > 0).all()
    return index if whole and size == shapes.prod(axis=1).sum() * 3 else None


def prepare(group: Sequence[Picture], side: int) -> list[np.ndarray | str]:
    """For every picture of a group: its pixels, uint8 (h, w, 3), or the reason why it is left out."""
    results: list[np.ndarray | str] = []
    small: list[Image.Image] = []
    for picture in group:
        try:
            photo = open_training_photo(picture)
        except PhotoError:
            results.append("unreadable")
            continue
        results.append(np.asarray(scaled_down(photo, side)))
        small.append(photo.resize(CHROMA_SIZE, Image.Resampling.BOX))
    chromas = iter(mean_chromas(small))
    return [r if isinstance(r, str) or next(chromas) >= NEAR_GRAY else "gray" for r in results]


def write_shard(place: Path, number: int, prepared: Iterable[np.ndarray | str]) -> None:
    """Write the pixels first, then the index that says they are complete."""
    index: dict[str, list[Any]] = {"shapes": [], "kept": [], **{reason: [] for reason in REASONS}}
    with whole_file(pixels_file(place, number), error=None) as partial, partial.open("wb") as file:
        for position, pixels in enumerate(prepared):
            if isinstance(pixels, str):
                index[pixels].append(position)
            else:
                index["kept"].append(position)
                index["shapes"].append(pixels.shape[:2])
                file.write(np.ascontiguousarray(pixels).data)
    write_whole(index_file(place, number), json.dumps(index), error=None)

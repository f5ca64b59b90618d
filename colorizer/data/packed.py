"""Pictures decoded once: upright sRGB uint8 pixels in one memory-mapped file.

A cache lies in a folder named by a hash of the pictures' names and contents and of the settings, so it is never used
for other pictures. It is complete when its index exists, which is written last. A build that was killed begins anew,
and two builds at once only repeat each other's work.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from ..errors import PhotoError
from ..files.atomic import remove_partial_files, whole_file
from ..runtime.threads import in_order
from .files import (
    CHROMA_SIZE,
    NEAR_GRAY,
    NOTHING_TO_LEARN,
    UNREADABLE,
    DataError,
    Picture,
    fingerprint,
    mean_chromas,
    open_training_photo,
    scaled_down,
)

FORMAT = ("colorizer-packed/1", 1024)
"""The beginning of each key. States of runs hold the key, so a change would keep all runs from going on."""
PIXELS, INDEX = "pictures.pixels", "index.npz"
GROUP = 32
"""Pictures per task of a thread."""
REASONS = ("unreadable", "gray")
"""Why pictures are left out. The index has their numbers, from 1, and 0 for pictures that are there."""
_STALE = 3600.0
"""Seconds without a write after which a temporary file counts as left by a killed build."""


@dataclass
class Packed:
    """The pixels of `pictures`, in order; `skipped` names the pictures that were left out, by reason."""

    folder: Path
    """Named by the key, with a suffix."""
    pictures: list[Picture]
    skipped: dict[str, list[str]]
    shapes: np.ndarray
    """int64 (N, 2): height and width in pixels."""
    starts: np.ndarray
    """int64 (N,): each picture's first byte in the file of pixels."""
    _pixels: np.ndarray | None = None

    def image(self, i: int) -> np.ndarray:
        """Picture `i`, uint8 (h, w, 3), a read-only view. Raises DataError if the file is gone."""
        start, (height, width) = int(self.starts[i]), self.shapes[i]
        if self._pixels is None:
            try:
                self._pixels = np.asarray(np.memmap(self.folder / PIXELS, np.uint8, "r"))
            except (OSError, ValueError) as error:
                raise DataError(f"The packed pictures in {self.folder} are gone ({error}); start again.") from None
        return self._pixels[start : start + height * width * 3].reshape(height, width, 3)


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
        place = Path(folder) / f"{_key(pictures, side, pool, threads)}.packed"
        packed = opened(pictures, place)
        if packed is None:
            say(f"packing {len(pictures):,} pictures into {place}, once")
            try:
                place.mkdir(parents=True, exist_ok=True)
                remove_partial_files(place, older_than=_STALE)
                with tqdm(total=len(pictures), unit="picture", dynamic_ncols=True) as bar:
                    write(place, _prepared(pictures, side, pool, threads, bar))
            except OSError as error:
                raise DataError(
                    f"The packed pictures cannot be written to {place} ({error.strerror}); make room there or choose "
                    "another folder."
                ) from None
            packed = opened(pictures, place)
    if packed is None:
        raise DataError(f"The packed pictures in {place} were changed while they were read; start again.")
    _say_skipped(packed.skipped, len(pictures), say)
    if not packed.pictures:
        raise DataError(NOTHING_TO_LEARN)
    return packed


def _key(pictures: Sequence[Picture], side: int, pool: ThreadPoolExecutor, threads: int) -> str:
    """32 hexadecimal digits that hash everything the cache's content depends on."""
    key = hashlib.blake2b(json.dumps([*FORMAT, side, NEAR_GRAY]).encode(), digest_size=16)
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


def opened(pictures: Sequence[Picture], place: Path) -> Packed | None:
    """The complete cache in `place`; None if it is missing, or if its pixels do not match its index."""
    try:
        with np.load(place / INDEX) as index:
            shapes, why = index["shapes"], index["why"]
        size = (place / PIXELS).stat().st_size
    except UNREADABLE:
        return None
    sizes = shapes.prod(axis=1) * 3
    if len(why) != len(pictures) or (why == 0).sum() != len(shapes) or size != sizes.sum():
        return None
    by_reason: dict[int, list[Picture]] = {number: [] for number in range(len(REASONS) + 1)}
    for picture, reason in zip(pictures, why.tolist(), strict=True):
        by_reason[reason].append(picture)
    skipped = {reason: [each.name for each in by_reason[number]] for number, reason in enumerate(REASONS, 1)}
    return Packed(place, by_reason[0], skipped, shapes, sizes.cumsum() - sizes)


def _say_skipped(skipped: dict[str, list[str]], count: int, say: Callable[[str], None]) -> None:
    for reason, names in skipped.items():
        if names:
            more = f" and {len(names) - 5:,} more" if len(names) > 5 else ""
            say(f"left out, {reason}: {len(names):,} of {count:,} pictures ({', '.join(names[:5])}{more})")


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


def write(place: Path, prepared: Iterable[np.ndarray | str]) -> None:
    """Write the pixels first, then the index that says they are complete."""
    shapes: list[tuple[int, ...]] = []
    why: list[int] = []
    with whole_file(place / PIXELS, error=None) as partial, partial.open("wb") as file:
        for pixels in prepared:
            if isinstance(pixels, str):
                why.append(1 + REASONS.index(pixels))
            else:
                why.append(0)
                shapes.append(pixels.shape[:2])
                file.write(np.ascontiguousarray(pixels).data)
    with whole_file(place / INDEX, error=None) as partial, partial.open("wb") as file:
        np.savez(file, shapes=np.array(shapes, np.int64).reshape(-1, 2), why=np.array(why, np.uint8))

"""One file of pixels of a packed cache, and the index that says it is complete."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ..errors import PhotoError
from ..files.atomic import whole_file, write_whole
from .files import CHROMA_SIZE, NEAR_GRAY, Picture, mean_chromas, open_training_photo, scaled_down

SHARD = 1024
"""Pictures per shard, including those left out: after a kill at most this many are decoded again."""
GROUP = 32
"""Pictures per task of a thread."""
REASONS = ("unreadable", "gray")


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

"""Pictures and files on their way to the browser."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any

import gradio as gr
from PIL import Image

from colorizer.files.atomic import whole_file

from ..gradio_private import cache_folder
from .disk_budget import disk_budget

SHOWN, MADE = "shown", "made"
"""Folders in Gradio's cache for pictures that are made to be looked at, and for files that are made to be kept."""


def served_file(name: str) -> Path:
    """A new path for a file named `name` that Gradio may serve, and deletes with its other files.

    Its cache is the one folder that needs no copy and no allowed_paths; every call has a folder of its own there.
    Raises OSError where there is no room.
    """
    budget = disk_budget()
    budget.check()
    parent = Path(cache_folder(), MADE)
    parent.mkdir(parents=True, exist_ok=True)
    folder = tempfile.mkdtemp(dir=parent)
    budget.watch(folder)
    return Path(folder) / name


def cached_copy(path: str | Path) -> str:
    """The path of a copy that Gradio may serve: it serves no other file from outside the directory that it was started
    in. The same content always has the same path, and its age counts from its last use."""
    return cached_file(Path(path).read_bytes(), Path(path).name)


def is_copy_of(path: str, originals: Iterable[Path]) -> bool:
    """Whether a path is that of a `cached_copy` of one of these files."""
    return any(Path(path).name == each.name and cached_copy(each) == path for each in originals)


def cached_file(content: bytes, name: str) -> str:
    """The same for content that came in no file of its own."""
    return _cached(content, name, cache_folder())


def _cached(content: bytes, name: str, folder: str) -> str:
    """The path of a file with this content, which is there as a whole or not at all. Gradio's own function for this
    writes the file anew each time, while others read it."""
    path = Path(folder, sha256(content).hexdigest(), name).absolute()
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        os.utime(path)  # so that cleaning knows that it is in use
    else:
        with whole_file(path, error=None, durable=False) as partial:
            partial.write_bytes(content)
    disk_budget().watch(path.parent)
    return str(path)


def as_file(path: str | Path) -> dict[str, Any]:
    """A file that Gradio may serve, as a widget's property: in the browser it has a `url`."""
    return gr.FileData(path=str(path)).model_dump()


def readable(path: str | Path) -> str:
    """A file's name as words."""
    return Path(path).stem.replace("_", " ").replace("-", " ").strip()


def shown_file(picture: Image.Image, name: str) -> str:
    """The picture as a JPEG that Gradio may serve, named `name`.jpg.

    Quality 92 with chroma at full resolution: what Gradio would write by itself (75, chroma halved) changes colours
    by more than two checkpoints may differ. Panes and slider share the file, so that a browser fetches it once.
    Raises OSError where there is no room.
    """
    disk_budget().check()
    buffer = io.BytesIO()
    picture.convert("RGB").save(buffer, "JPEG", quality=92, subsampling=0)
    return _cached(buffer.getvalue(), f"{name}.jpg", os.path.join(cache_folder(), SHOWN))

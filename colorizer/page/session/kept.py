"""What the visitor's browser keeps of a photo beside its file: settings and corrections, as JSON.

The server keeps none of it. What comes back was in somebody's hands, so every value is checked.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import gradio as gr

from colorizer.albums.uploads import contents
from colorizer.colour.hex import MIDDLE, ab_to_hex
from colorizer.colour.readout import NUMBERS, PRESETS, preset_readout
from colorizer.errors import UserError
from colorizer.files.identity import sha256
from colorizer.photo.form import OPTIONS
from colorizer.photo.metadata import Metadata

from ..serving.headers import in_cache
from .request import OWN, PhotoRequest, to_hints, to_palette
from .roll import Roll

LIKES = ("nothing", "picture", "palette")
FIELDS = ("checkpoint", "preset", "raw", "view")


def browsers_keep() -> bool:
    """Whether visitors' browsers keep their photos: unless the host says $COLORIZER_KEEP=0."""
    return os.environ.get("COLORIZER_KEEP", "1") != "0"


@lru_cache(256)
def key_of(path: str) -> str:
    """The key of a photo: the SHA-256 of its file. The digest in the path of Gradio's cache has a seed of the server.
    Raises OSError."""
    return sha256(Path(path))


def kept(request: PhotoRequest) -> dict[str, Any]:
    """A request as JSON. The file of a picture whose colours it prefers is kept beside it; a request that comes back
    has the path of that file as "reference"."""
    return {
        **{name: getattr(request, name) for name in FIELDS},
        "numbers": {name: getattr(request.sliders, name) for name in NUMBERS},
        "form": {name: getattr(request.form, name) for name, each in OPTIONS.items() if each.control},
        "like": request.like,
        "palette": list(request.palette),
        "points": [dict(point) for point in request.points],
    }


def take_up(roll: Roll, value: Any) -> None:
    """Take up what the browser kept of the photos of an album that came back. value: by the SHA-256 of a file
    {"request", "made"}, its request on the first tab, and the one with which the album coloured it."""
    known = value if isinstance(value, dict) else {}
    frames = [frame for frame in roll.frames() if known and frame.request is None]
    for frame, content in zip(frames, contents([frame.upload for frame in frames]), strict=True):
        with suppress(OSError):
            data = content if isinstance(content, bytes) else Path(str(content)).read_bytes()
            said = known.get(hashlib.sha256(data).hexdigest())
            if isinstance(said, dict):
                roll.take_up(frame.key, *(_request(said.get(name), frame.key) for name in ("request", "made")))


def request_of(value: Any, path: str) -> PhotoRequest | None:
    """The request that the browser kept for the photo at `path`; None if it kept another photo's, or nothing that makes
    sense. value: {"key", "request"}."""
    try:
        return _request(value["request"], path) if value["key"] == key_of(path) else None
    except (KeyError, TypeError, OSError):
        return None


def made_with(metadata: Metadata, path: str, size: tuple[int, int]) -> PhotoRequest | None:
    """The request that Colorizer made the file at `path` with, as its metadata say: a photo of `size` (width, height)
    in pixels. None if they do not, or nothing that makes sense."""
    try:
        said = metadata.made
        settings = {"palette": [], **said["settings"]}
        preset = next((name for name in PRESETS if _is(name, settings)), OWN)
        own = settings["palette"] if preset == OWN else []
        request = {
            "checkpoint": said["checkpoint"],
            "preset": preset,
            "raw": False,
            "view": "side",
            "numbers": settings,
            "form": {},
            "like": "palette" if own else "nothing",
            "palette": own,
            "points": [_point(hint, size) for hint in said.get("hints", [])],
        }
        return _request(request, path)
    except (KeyError, TypeError, ValueError, AttributeError, ZeroDivisionError):
        return None


def _is(preset: str, settings: Mapping[str, Any]) -> bool:
    """Whether the settings in a file are a preset's. Its palette is written as colours of one lightness."""
    readout = preset_readout(preset, settings.get("temperature", 1.0))
    same = (abs(settings.get(name, getattr(readout, name)) - getattr(readout, name)) < 1e-5 for name in NUMBERS)
    return settings["palette"] == [ab_to_hex(MIDDLE, ab) for ab in readout.palette] and all(same)


def _point(hint: Mapping[str, Any], size: tuple[int, int]) -> dict[str, Any]:
    """A correction as the page keeps it, of one as a file says it."""
    width, height = size
    path = [[x / width, y / height] for x, y in hint.get("path", [])]
    return {**hint, "x": hint["x"] / width, "y": hint["y"] / height, "path": path}


def _request(said: Any, path: str) -> PhotoRequest | None:
    """The request that JSON in the form of `kept` says; None if it makes no sense."""
    try:
        to_hints(said["points"], (1000, 1000))
        to_palette(said["palette"])
        if said["preset"] not in (*PRESETS, OWN) or not isinstance(said["checkpoint"], str):
            return None
        reference = said.get("reference")
        form = {name: given for name, given in said["form"].items() if _possible(name, given)}
        return PhotoRequest.from_values(
            path=path,
            checkpoint=said["checkpoint"],
            preset=said["preset"],
            raw=said["raw"] is True,
            view=str(said["view"]),
            like=said["like"] if said["like"] in LIKES else "nothing",
            reference=reference if isinstance(reference, str) and in_cache(reference) else None,
            palette=tuple(said["palette"]),
            points=said["points"],
            **form | {"partial": path if form.get("partial") else None},
            **{name: said["numbers"][name] for name in NUMBERS if said["numbers"].get(name) is not None},
        )
    except (UserError, gr.Error, KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return None


def _possible(name: str, value: Any) -> bool:
    return name in OPTIONS and value in OPTIONS[name].choices

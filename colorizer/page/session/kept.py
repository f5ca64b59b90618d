"""What the visitor's browser keeps of a photo beside its file: settings and corrections, as JSON.

The server keeps none of it. What comes back was in somebody's hands, so every value is checked.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import gradio as gr

from colorizer.colour.readout import NUMBERS, PRESETS
from colorizer.errors import UserError
from colorizer.files.identity import sha256
from colorizer.photo.form import OPTIONS

from .points import to_hints
from .request import OWN, PhotoRequest, to_palette

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
    """A request as JSON. A picture whose colours it prefers is not in it, since its file is not kept."""
    like = "palette" if request.like == "palette" else "nothing"
    return {
        **{name: getattr(request, name) for name in FIELDS},
        "numbers": {name: getattr(request.sliders, name) for name in NUMBERS},
        "form": {name: getattr(request.form, name) for name, each in OPTIONS.items() if each.control},
        "like": like,
        "palette": list(request.palette),
        "points": [dict(point) for point in request.points],
    }


def request_of(value: Any, path: str) -> PhotoRequest | None:
    """The request that the browser kept for the photo at `path`; None if it kept another photo's, or nothing that makes
    sense. value: {"key", "request"}."""
    try:
        if value["key"] != key_of(path):
            return None
        said: Mapping[str, Any] = value["request"]
        to_hints(said["points"], (1000, 1000))
        to_palette(said["palette"])
        if said["preset"] not in (*PRESETS, OWN) or not isinstance(said["checkpoint"], str):
            return None
        form = {name: given for name, given in said["form"].items() if _possible(name, given)}
        return PhotoRequest.from_values(
            path=path,
            checkpoint=said["checkpoint"],
            preset=said["preset"],
            raw=said["raw"] is True,
            view=str(said["view"]),
            like="palette" if said["like"] == "palette" else "nothing",
            palette=tuple(said["palette"]),
            points=said["points"],
            **form | {"partial": path if form.get("partial") else None},
            **{name: said["numbers"][name] for name in NUMBERS if said["numbers"].get(name) is not None},
        )
    except (UserError, gr.Error, KeyError, TypeError, ValueError, AttributeError, OverflowError, OSError):
        return None


def _possible(name: str, value: Any) -> bool:
    return name in OPTIONS and value in OPTIONS[name].choices

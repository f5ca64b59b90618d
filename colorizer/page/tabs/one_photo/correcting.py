"""Correcting things: what the page asks while a visitor points at the large picture."""

from __future__ import annotations

import io
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from colorizer.colour.hex import MIDDLE
from colorizer.colour.names import DEEP, PALE, seen_at
from colorizer.page.i18n.texts import plain_errors
from colorizer.page.session.answer import Answer
from colorizer.page.session.request import MOST_COLOURS, Asked, PhotoRequest, pairs, to_hints, to_places
from colorizer.page.session.shelf import Shelf
from colorizer.page.widgets.hint_picker import region_update, suggestions_update

from ..tab import Updates
from . import pictures

if TYPE_CHECKING:
    from colorizer.inference.hints import Hint


LEAST_SHARE = 0.01
"""A palette begins with colours that at least this share of the picture has."""


def suggest(answer: Answer, click: Mapping[str, Any]) -> Updates:
    """Colours for a place that was clicked: {"x", "y"}, fractions of the picture, and the click's number "n"."""
    L, colours = pictures.swatches(answer, click.get("x"), click.get("y"))
    place = "pale" if L >= PALE else "dark" if L <= DEEP else ""
    return {"picker": suggestions_update(click.get("n"), colours, seen_at(round(L)), place)}


def look(shelf: Shelf, request: PhotoRequest, pointed: Mapping[str, Any]) -> Updates:
    """Show the region that a correction about a thing would colour, while the pointer is there. Raises gr.Error.

    pointed: {"points": [[x, y], ...], fractions of the picture; "index" of the correction that is changed, or -1; "n"}.
    """
    asked = request.asked()
    with plain_errors():
        found = region(shelf, asked, pointed.get("points"), pointed.get("index")) if asked else None
    if found is None:
        return {"picker": region_update(pointed.get("n"))}
    mask, grid = found
    return {"picker": region_update(pointed.get("n"), as_png(mask), grid)}


def region(shelf: Shelf, asked: Asked, points: Any, index: Any) -> tuple[np.ndarray, tuple[int, int]] | None:
    """`Colorization.region` of these points beside the visitor's other corrections, and (h, w) of the grid on which it
    is found: points in one cell have one region. None for a network without hints, for no points, and for what is not
    kept: who points at a picture does not wait in the queue, so no photo is read and no network runs."""
    opened = shelf.peek(asked.file)
    takes_hints = shelf.card(asked.checkpoint).facts.takes_hints
    if opened is None or not takes_hints or not isinstance(points, list) or not points:
        return None
    size = opened.photo.size
    first, *path = to_places(pairs(points), size)
    try:
        told = shelf.kept(asked.file, asked.checkpoint, to_hints(asked.points, size))
        plain = shelf.kept(asked.file, asked.checkpoint) if told.automatic is None else told
    except LookupError:
        return None
    shown = [number for number, point in enumerate(asked.points) if not point.get("off")]
    kept = [
        (hint, share) for number, hint, share in zip(shown, told.hints, told.shares, strict=True) if number != index
    ]
    hints: tuple[Hint, ...] = tuple(hint for hint, _ in kept)
    beside = replace(plain, hints=hints, shares=tuple(share for _, share in kept))
    return beside.region(*first, path), beside.grid


def as_png(mask: np.ndarray) -> str:
    """A mask (h, w) in [0, 1] as the address of a picture that is white, and as opaque as the mask."""
    alpha = Image.fromarray((mask * 255).round().astype(np.uint8))
    buffer = io.BytesIO()
    Image.merge("LA", (Image.new("L", alpha.size, 255), alpha)).save(buffer, "PNG")
    return "data:image/png;base64," + b64encode(buffer.getvalue()).decode()


def own_palette(answer: Answer) -> list[str]:
    """The colours that the picture has most of, "#rrggbb", to begin a palette with; not gray, unless that is all."""
    import torch  # which the page must not wait for

    from colorizer.colour.bins import picture_histogram, top_modes

    centres = answer.plain.architecture.centres.cpu()
    shares = picture_histogram(answer.picture, centres)
    colours = top_modes(shares, centres, MOST_COLOURS)
    there = [ab for ab in colours if shares[(centres - torch.tensor(ab)).norm(dim=1).argmin()] >= LEAST_SHARE]
    strong = [ab for ab in there if np.hypot(*ab) > pictures.COLOURLESS]
    return [swatch["color"] for swatch in pictures.as_swatches(MIDDLE, strong or colours[:1])]


def other_colours(answer: Answer) -> dict[str, Any]:
    """Where a visitor may take colours from beside the photo: the palette, or the picture whose colours to prefer."""
    asked = answer.asked
    if asked.like == "palette":
        return {"palette": list(asked.palette)}
    if asked.like == "picture" and asked.reference:
        return {"other": answer.shelf.preview_file(asked.reference)}
    return {}

"""The picture in which a visitor corrects the colours of things. Its scripts are parts of one function: `picker.js` has
the picture and the corrections, `region.js` what a correction reaches, `panel.js` the choice of a colour, `sources.js`
colours from pictures, `list.js` the corrections one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from colorizer.colour.names import NAMES, SCALE, SHADES
from colorizer.photo.metadata import MOST_NOTE

from ...serving.served_files import as_file
from ...session.request import MOST_HINTS, MOST_POINTS
from ..translated_html import TranslatedList

TEMPLATE = (Path(__file__).parent / "picker.html").read_text(encoding="utf-8")

WORDS = (
    "picker_call", "picker_dot", "picker_swatch", "picker_place", "picker_count", "picker_plane", "picker_ring",
    "picker_dots", "picker_panel", "picker_close", "picker_free", "picker_remove", "picker_undo", "picker_clear",
    "picker_doubt", "in_colour_alt", "doubt_low", "doubt_high", "doubt_note", "picker_ideas", "picker_named",
    "picker_gray", "picker_palette", "picker_pale", "picker_dark", "picker_else", "picker_place_pale",
    "picker_place_dark", "picker_light", "picker_deep", "picker_from_picture", "picker_from_other", "picker_file",
    "picker_stays", "picker_picking", "picker_unreadable", "picker_other", "picker_reach", "picker_thing",
    "picker_whole", "picker_list", "picker_row", "picker_eye", "picker_strength", "picker_strength_of", "picker_note",
    "picker_note_of", "picker_take",
    *(f"colour_{name}" for name in NAMES),
)  # fmt: skip


class HintPicker(TranslatedList):
    """A picture in which a visitor corrects things, by mouse, touch or keyboard: a hint for each.

    The value is the corrections, [{"x", "y", "color", ...}] as `request.to_hints` takes them; "name" and "shade"
    say what the colour is called, and may be missing. The browser owns them; the server only clears them or adds one.
    Pictures, suggestions and regions are properties, so that a late answer cannot remove a correction. Events: "input"
    when corrections change, "noted" when only a note does, "place" when the visitor clicks and needs suggestions,
    "look" when the pointer rests on a place and the page needs its region.
    """

    keys = WORDS
    template = TEMPLATE.format(most=MOST_HINTS, points=MOST_POINTS, note=MOST_NOTE, scale=", ".join(SCALE))
    scripts = tuple(f"hint_picker/{name}.js" for name in ("picker", "region", "panel", "sources", "list"))

    def __init__(self, value: Any = None, **options: Any):
        options.setdefault("shades", [list(shades) for shades in SHADES.values()])
        options.setdefault("named", {**NAMES, **{name: shades[1] for name, shades in SHADES.items()}})
        options.setdefault("hues", list(SHADES))
        super().__init__(value or [], **options)

    def preprocess(self, payload: Any) -> Any:
        """The corrections, a list of dicts; anything else is left out."""
        return [point for point in payload if isinstance(point, dict)] if isinstance(payload, list) else []


def picture_update(
    photo: str,
    picture: str,
    uncertainty: str | None,
    ring: tuple[float, float] | None,
    *,
    takes_hints: bool,
    finds_things: bool = True,
    points: Sequence[Mapping[str, Any]] = (),
    palette: Sequence[str] = (),
    other: str | None = None,
) -> Any:
    """An update: the pictures to show.

    photo: which photo it is; another one closes the panel. picture, uncertainty: paths of the coloured photo and of the
    picture of where the network guesses. ring: the most uncertain point, in fractions of the picture. takes_hints:
    whether a click does anything. finds_things: whether corrections are about things unless the visitor says otherwise.
    points: the corrections that the picture has, for a photo that comes with some.
    palette, other: colours, "#rrggbb", and the path of a picture, to take colours from.
    """
    files = {"photo": as_file(picture)}
    if uncertainty is not None:
        files["uncertainty"] = as_file(uncertainty)
    if other is not None:
        files["other"] = as_file(other)
    said = {"of": photo, "ring": list(ring or ()), "hints": takes_hints, "things": finds_things, "points": list(points)}
    return gr.update(shown={**files, **said, "palette": list(palette)})


def suggestions_update(
    number: Any, colours: Sequence[dict[str, Any]], seen: Sequence[dict[str, str]] = (), place: str = ""
) -> Any:
    """An update: suggestions for the point that was clicked. number: of the click. seen, place: how named colours
    appear there (`colour.names.seen_at`), and "pale" or "dark" where it can show few."""
    return gr.update(offer={"n": number, "swatches": list(colours), "seen": list(seen), "place": place})


def region_update(number: Any, mask: str | None = None, grid: tuple[int, int] | None = None) -> Any:
    """An update: the area that a correction reaches. number: of the question. mask: the address of a picture, opaque
    where it reaches. grid: (h, w) of cells with one region each."""
    return gr.update(region={"n": number, "mask": mask, "grid": list(grid or ())})

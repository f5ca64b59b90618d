"""The pictures on the stage, the panes and the two sides of the divider, and the small results below it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from colorizer.colour.hex import Ab, ab_to_hex
from colorizer.colour.names import colour_name, uncertainty_picture
from colorizer.colour.readout import PRESETS
from colorizer.errors import CheckpointError
from colorizer.page.i18n.texts import error_text, text, translatable, warn
from colorizer.page.serving.served_files import shown_file
from colorizer.page.session.answer import Answer
from colorizer.page.session.request import to_pixels
from colorizer.page.widgets.drawer import looks_update
from colorizer.page.widgets.stage import SYSTEM, sides_update
from colorizer.photo.picture import at_most

from .wording import BEFORE_AFTER

if TYPE_CHECKING:
    from PIL import Image

    from colorizer.inference.colorization import Colorization
    from colorizer.inference.doubts import Doubt
    from colorizer.inference.hints import Hint

LOOK_SIDE = 240
"""Longest side of the small results, in pixels."""

GRAY, PREDICTED, HINTED = "gray", "predicted", "hinted"


def side_options(answer: Answer) -> list[str]:
    """The choices for a side of the visitor's photo: gray; it as it came (`OpenedPhoto.kind`), unless that is gray; the
    prediction without hints, and with them if there are any; and other checkpoints, each `SYSTEM` and its name."""
    others = [SYSTEM + card.name for card in answer.shelf.cards() if card.name != answer.card.name]
    return [*own_sides(answer), *([PREDICTED] if shown_side(answer) == HINTED else []), shown_side(answer), *others]


def own_sides(answer: Answer) -> list[str]:
    """The sides that no network predicts."""
    return [GRAY] if answer.opened.black_and_white else [GRAY, answer.opened.kind]


def shown_side(answer: Answer) -> str:
    """The side that shows the visitor's colours."""
    return HINTED if answer.plain.hints else PREDICTED


def two_sides(answer: Answer) -> dict[str, Any]:
    """A property of the stage: both sides of the divider as the visitor chose them, as far as possible.

    Another checkpoint runs only while the divider is on view. If it fails, a warning says why, and the side shows what
    it shows by default. Raises PhotoError and ValueError.
    """
    options, asked, pictures = side_options(answer), answer.asked, dict[str, tuple[str, str]]()
    for place, default in (("left", GRAY), ("right", shown_side(answer))):
        side = asked.sides.get(place, default)
        if side not in options or (side.startswith(SYSTEM) and asked.view != BEFORE_AFTER):
            side = default
        try:
            pictures[place] = side, side_file(answer, side)
        except (CheckpointError, ValueError, RuntimeError) as error:  # RuntimeError: torch's, too little memory
            if not side.startswith(SYSTEM):
                raise
            warn(error_text(error))
            pictures[place] = default, side_file(answer, default)
    return sides_update(pictures, options, answer.card.name, asked.sides)


def small_looks(answer: Answer) -> Any:
    """An update of the looks: the photo in small in every preset, and in the visitor's own settings while these are
    chosen. Presets with a palette give way to colours that the visitor prefers. No network runs."""
    if not answer.card.facts.has_distribution:
        return looks_update({})
    asked, small = answer.asked, at_most(answer.opened.preview, LOOK_SIDE)
    names = [name for name, values in PRESETS.items() if asked.like == "nothing" or "palette" not in values]
    if asked.preset not in names:
        names.append(asked.preset)
    seen = {name: answer.read_as(replace(asked, preset=name)) for name in names}
    files = {name: shown_file(each.at_size(small).image, f"{answer.stem}-{name}") for name, each in seen.items()}
    return looks_update(files)


def side_file(answer: Answer, side: str) -> str:
    """The path of the picture of a side, of the size that the page shows."""
    if side == answer.opened.kind:
        return answer.opened.original_file(answer.stem)
    if side == GRAY:
        return answer.opened.file("gray", lambda: shown_file(answer.small.grayscale, f"{answer.stem}-gray"))
    if side == shown_side(answer):
        return answer.file
    if side.startswith(SYSTEM):
        return answer.also(checkpoint=side.removeprefix(SYSTEM), raw=False, points=()).file
    return answer.also(points=()).file


SUGGESTIONS = 5
VERSIONS = 4
NEUTRAL, COLOURLESS = ("black", "white", "grey"), 8.0
"""Names for what has no more chroma than that."""
VERSION_SIDE = 800
"""Longest side of a version's picture, in pixels."""


def spot_lightness(photo: Image.Image, x: float, y: float, around: int = 2) -> float:
    """Mean L in [0, 100] of the pixels within `around` of (x, y), in pixels of `photo`."""
    from colorizer.colour.whole_photo import lightness

    column, row = int(x), int(y)
    box = (column - around, row - around, column + around + 1, row + around + 1)
    left, top, right, bottom = (max(0, box[0]), max(0, box[1]), min(photo.width, box[2]), min(photo.height, box[3]))
    return float(lightness(photo.crop((left, top, right, bottom))).mean())


def swatches(answer: Answer, x: Any, y: Any) -> tuple[float, list[dict[str, Any]]]:
    """The lightness at (x, y), fractions of the picture, and the likeliest colours there, the likeliest first, as in
    `as_swatches`; no colours for an architecture without a distribution."""
    result = answer.plain
    photo = result.original
    at = to_pixels(x, photo.width), to_pixels(y, photo.height)
    L = spot_lightness(photo, *at)
    likely = result.suggest(*at, SUGGESTIONS) if result.architecture.has_distribution else []
    return L, as_swatches(L, likely)


def as_swatches(L: float, colours: Iterable[Ab]) -> list[dict[str, Any]]:
    """Colours for the page: {"ab", "color": "#rrggbb", "name": a key of `NAMES`}, all with different names.

    They have lightness L, but never so dark or bright that they look alike. One with some colour is never called black,
    gray or white, though it is dark or light.
    """
    taken: list[str] = []
    result = []
    for ab in colours:
        taken.append(colour_name(L, ab, without=[*taken, *(NEUTRAL if math.hypot(*ab) > COLOURLESS else ())]))
        color = ab_to_hex(min(max(L, 20.0), 92.0), ab)
        result.append({"ab": list(ab), "color": color, "name": taken[-1]})
    return result


def region(x: float, y: float) -> str:
    """The ninth of a picture in which (x, y), fractions of the picture, lies, in words."""
    row, column = min(int(y * 3), 2), min(int(x * 3), 2)
    return text(f"region_{row}{column}")


def uncertainty_file(answer: Answer) -> str | None:
    """The path of the picture of where a checkpoint guesses, over the gray photo; None without a distribution. All
    readouts share it."""
    entropy, opened = answer.plain.entropy, answer.opened
    if entropy is None:
        return None

    def make() -> str:
        return shown_file(uncertainty_picture(entropy, answer.small.grayscale), f"{answer.stem}-uncertainty")

    return opened.file(("uncertainty", answer.card.name, answer.plain.hints), make)


def most_uncertain(result: Colorization) -> tuple[float, float] | None:
    """The most uncertain point, in fractions of the picture; None without a distribution."""
    if result.entropy is None:
        return None
    x, y = result.most_uncertain()
    return x / result.original.width, y / result.original.height


def marks(answer: Answer) -> list[dict[str, Any]]:
    """Things whose colour the network does not know, those first where a colour helps most: {"x", "y"}, fractions of
    the picture, "swatches" as of `as_swatches`, and "taken", the colour that the visitor took there, "#rrggbb", or
    None. Empty where a visitor can say nothing, and where nothing is in doubt."""
    known, photo = answer.card.facts, answer.plain.original
    if not (known.has_distribution and known.takes_hints):
        return []
    said = [point for point in answer.asked.points if not point.get("off")]
    taken = {(round(float(point["x"]), 4), round(float(point["y"]), 4)): point for point in said}
    bare = replace(answer.plain, hints=())
    found = bare.doubts()
    if answer.plain.hints:  # what was taken at a mark leaves it there, so that it can be taken back
        at = {_share_of(doubt, photo) for doubt in found}
        others = [hint for hint in answer.plain.hints if _share_of(hint, photo) not in at]
        found = replace(answer.plain, hints=tuple(others)).doubts() if others else found
    result = []
    for doubt in found:
        x, y = _share_of(doubt, photo)
        here = taken.get((x, y), {"x": x, "y": y})  # one from a file may differ in the last digits
        swatches = as_swatches(spot_lightness(photo, doubt.x, doubt.y), doubt.colours)
        same = (swatch["color"] for swatch in swatches if swatch["ab"] == here.get("ab"))  # with the lightness there
        result.append({"x": here["x"], "y": here["y"], "swatches": swatches, "taken": next(same, here.get("color"))})
    return result


def _share_of(point: Doubt | Hint, photo: Image.Image) -> tuple[float, float]:
    return round(point.x / photo.width, 4), round(point.y / photo.height, 4)


def versions(answer: Answer) -> tuple[list[tuple[str, str]], list[dict[str, Any]]]:
    """Other plausible versions: pictures with captions for a gallery, and for each the hint that makes it, as in the
    picker. Both are empty for an architecture without a distribution or hints.

    The same as `Colorizer.alternatives`, but the shelf keeps the answers, so that other settings run no network.
    """
    known, given = answer.card.facts, answer.plain
    if not (known.has_distribution and known.takes_hints):
        return [], []
    picture = at_most(answer.opened.preview, VERSION_SIDE)
    hints = given.alternative_hints(VERSIONS)
    x, y = hints[0].x / given.original.width, hints[0].y / given.original.height
    gallery, points = [], []
    shades = as_swatches(spot_lightness(given.original, hints[0].x, hints[0].y), (hint.ab for hint in hints))
    for number, look in enumerate(shades, 1):
        points.append({"x": x, "y": y, **look})
        version = answer.also(points=[*answer.asked.points, points[-1]])
        shown = ringed(version.result.at_size(picture).image, x, y)
        gallery.append((shown_file(shown, f"{answer.stem}-version-{number}"), caption(look["name"], x, y)))
    return gallery, points


def caption(name: str, x: float, y: float) -> str:
    """The assumption of a version: a colour (a key of `NAMES`) at (x, y), fractions of the picture."""
    return translatable(lambda: text("version_caption", colour=text(f"colour_{name}").capitalize(), place=region(x, y)))


def ringed(picture: Image.Image, x: float, y: float) -> Image.Image:
    """A copy with a ring around (x, y), fractions of the picture; white on black, so that it is visible everywhere."""
    from PIL import ImageDraw

    copy = picture.copy()
    draw, radius = ImageDraw.Draw(copy), max(copy.size) * 0.035
    centre = x * copy.width, y * copy.height
    for colour, width in (("black", radius * 0.45), ("white", radius * 0.2)):
        extent = radius + width / 2
        box = (centre[0] - extent, centre[1] - extent, centre[0] + extent, centre[1] + extent)
        draw.ellipse(box, outline=colour, width=max(1, round(width)))
    return copy

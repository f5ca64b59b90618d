"""The pictures on the stage, the panes and the two sides of the divider, and the small results below it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from colorizer.colour.readout import PRESETS
from colorizer.errors import CheckpointError
from colorizer.page.i18n.texts import error_text
from colorizer.page.i18n.toasts import warn
from colorizer.page.serving.served_files import preview, shown_file
from colorizer.page.session.answer import Answer
from colorizer.page.widgets.drawer import looks_update
from colorizer.page.widgets.stage import SYSTEM, sides_update

from .choices import BEFORE_AFTER

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
    asked, small = answer.asked, preview(answer.opened.preview, LOOK_SIDE)
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

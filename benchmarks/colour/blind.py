"""A blind sheet: results of several ways to colour, in random order and without names, to be marked by eye."""

from __future__ import annotations

import base64
import html
import json
from collections import Counter
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

import tyro
from PIL import Image, ImageDraw

from benchmarks.common import Sources, evenly
from colorizer import Colorizer
from colorizer.colour.readout import preset
from colorizer.data.files import find_pictures
from colorizer.evaluation.comparison import markdown
from colorizer.photo.open import open_photo

MARKS = {
    "convincing": "could be a colour photograph",
    "dull": "right, but pale",
    "brown": "sepia, or one tint over all",
    "patchy": "one thing has two colours, or colours run over edges",
    "wrong": "an impossible colour",
}
SIDE = 320
"""Longest side of a picture, in pixels."""
ACROSS, DOWN = 5, 4
"""Pictures on a sheet."""

Way = Callable[[Image.Image], Image.Image]


def make(photos: Sources, out: Path, way: tuple[str, ...], limit: int | None = None, seed: int = 0) -> str:
    """A blind sheet: results of several ways to colour, in random order and without names, to be marked by eye.

    Writes page.html in the folder `out`, on which each picture is marked, the same pictures as numbered sheets, and
    key.json, which the one who marks must not see. way: NAME=CHECKPOINT:PRESET[:CONTROL=X...], several of them. limit:
    so many of the photographs only, taken evenly. seed: of the order.
    """
    pictures = [open_photo(BytesIO(each.read())) for each in evenly(find_pictures(photos), limit)]
    write(out, pictures, dict(map(parse_way, way)), seed)
    return f"{out / 'page.html'} is written"


def count(out: tyro.conf.Positional[Path], marks: tyro.conf.Positional[tuple[Path, ...]]) -> str:
    """How often each way of a blind sheet got each mark, as the mean over those who marked.

    out: the folder of the sheet. marks: what the page saved, {number: mark}.
    """
    return counted(json.loads((out / "key.json").read_text(encoding="utf-8")), [_marks(path) for path in marks])


def parse_way(text: str) -> tuple[str, Way]:
    """ "old=mobile-unet:natural:finish=0" -> its name, and what colours so. Raises ValueError."""
    name, equals, rest = text.partition("=")
    checkpoint, *asked = rest.split(":")
    if not (equals and checkpoint and asked):
        raise ValueError(f"a way is NAME=CHECKPOINT:PRESET, such as new=mobile-unet:natural; {text!r} is not")
    readout: dict[str, Any] = preset(asked[0])
    for control in asked[1:]:
        key, _, value = control.partition("=")
        readout[key] = float(value)
    colorizer = Colorizer.from_checkpoint(checkpoint, device="cpu")
    return name, lambda photo: colorizer.colorize(photo, **readout).image


def write(out: Path, photos: Sequence[Image.Image], ways: dict[str, Way], seed: int) -> None:
    """The page, the sheets and the key."""
    order = [(i, name) for i in range(len(photos)) for name in ways]
    Random(seed).shuffle(order)
    out.mkdir(parents=True, exist_ok=True)
    pictures = []
    for i, name in order:
        small = photos[i].convert("RGB")
        small.thumbnail((SIDE, SIDE))
        pictures.append(ways[name](small))
    (out / "key.json").write_text(json.dumps({str(n): name for n, (_, name) in enumerate(order, 1)}))
    (out / "page.html").write_text(page(pictures), encoding="utf-8")
    for first in range(0, len(pictures), ACROSS * DOWN):
        sheet(pictures[first : first + ACROSS * DOWN], first + 1).save(out / f"sheet-{first + 1:03}.png")


def page(pictures: Sequence[Image.Image]) -> str:
    """One file: each picture with a choice of marks, and a button that saves them as JSON."""
    rows = []
    for number, picture in enumerate(pictures, 1):
        held = BytesIO()
        picture.save(held, "JPEG", quality=92)
        encoded = base64.b64encode(held.getvalue()).decode()
        choices = "".join(
            f'<label title="{html.escape(says)}"><input type="radio" name="{number}" value="{mark}"> {mark}</label>'
            for mark, says in MARKS.items()
        )
        rows.append(f'<p><img alt="{number}" src="data:image/jpeg;base64,{encoded}"><br>{number} {choices}</p>')
    save = (
        "const marks = Object.fromEntries(new FormData(document.forms[0]));"
        "const a = document.createElement('a');"
        "a.href = URL.createObjectURL(new Blob([JSON.stringify(marks)], {type: 'application/json'}));"
        "a.download = 'marks.json'; a.click(); return false;"
    )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Mark each picture</title>'
        f'<form onsubmit="{save}">{"".join(rows)}<button>Save the marks</button></form></html>'
    )


def sheet(pictures: Sequence[Image.Image], first: int) -> Image.Image:
    """Numbered pictures, for those who cannot open the page."""
    made = Image.new("RGB", (ACROSS * (SIDE + 8), DOWN * (SIDE + 24)), "white")
    draw = ImageDraw.Draw(made)
    for i, picture in enumerate(pictures):
        x, y = i % ACROSS * (SIDE + 8), i // ACROSS * (SIDE + 24)
        draw.text((x, y + 4), str(first + i), fill="black")
        made.paste(picture, (x, y + 20))
    return made


def counted(key: dict[str, str], marks: Sequence[dict[str, str]]) -> str:
    """A row for each way: how many pictures got each mark, as the mean over those who marked."""
    names = list(dict.fromkeys(sorted(key.values())))
    found = Counter((key[number], mark) for one in marks for number, mark in one.items())
    rows = [[name, *(f"{found[name, mark] / len(marks):.1f}" for mark in MARKS)] for name in names]
    return markdown(["way", *MARKS], rows)


def _marks(path: Path) -> dict[str, str]:
    marks = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(marks, dict) or set(marks.values()) - set(MARKS):
        raise ValueError(f"{path.name} holds other marks than {', '.join(MARKS)}")
    return marks

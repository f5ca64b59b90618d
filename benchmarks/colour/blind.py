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

from benchmarks.common import Sources, opened
from colorizer import Colorizer
from colorizer.colour.readout import preset
from colorizer.evaluation.comparison import markdown

MARKS = {
    "convincing": "could be a colour photograph",
    "dull": "right, but pale",
    "brown": "sepia, or one tint over all",
    "patchy": "one thing has two colours, or colours run over edges",
    "wrong": "an impossible colour",
}
SIDES = {
    "left": "rather a colour photograph than the right one",
    "right": "rather a colour photograph than the left one",
    "same": "no difference",
}
"""Marks of pairs."""
SIDE = 320
"""Longest side of a picture, in pixels."""
ACROSS, DOWN = 5, 4
"""Pictures on a sheet."""

Way = Callable[[Image.Image], Image.Image]


def make(
    photos: Sources, out: Path, way: tuple[str, ...], limit: int | None = None, seed: int = 0, pairs: bool = False
) -> str:
    """A blind sheet: results of several ways to colour, in random order and without names, to be marked by eye.

    Writes page.html in the folder `out`, on which each picture is marked, the same pictures as numbered sheets, and
    key.json, which the one who marks must not see. way: NAME=CHECKPOINT:PRESET[:CONTROL=X...], several of them. limit:
    so many of the photographs only, taken evenly. seed: of the order. pairs: show the first way beside each other one,
    left and right at random, to be compared: small differences are seen so.
    """
    write(out, [photo for _, photo in opened(photos, limit)], dict(map(parse_way, way)), seed, pairs)
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


def write(out: Path, photos: Sequence[Image.Image], ways: dict[str, Way], seed: int, pairs: bool = False) -> None:
    """The page, the sheets and the key."""
    if pairs and len(ways) < 2:
        raise ValueError("a pair needs two ways; give --way twice")
    random = Random(seed)
    first, *others = ways
    shown = [[first, other] for other in others] if pairs else [[name] for name in ways]
    order = [(i, random.sample(names, len(names))) for i in range(len(photos)) for names in shown]
    random.shuffle(order)
    out.mkdir(parents=True, exist_ok=True)
    pictures = []
    for i, names in order:
        small = photos[i].convert("RGB")
        small.thumbnail((SIDE, SIDE))
        pictures.append(beside([ways[name](small) for name in names]))
    key = {str(n): names if pairs else names[0] for n, (_, names) in enumerate(order, 1)}
    (out / "key.json").write_text(json.dumps(key))
    (out / "page.html").write_text(page(pictures, SIDES if pairs else MARKS), encoding="utf-8")
    across = 2 if pairs else ACROSS
    for start in range(0, len(pictures), across * DOWN):
        sheet(pictures[start : start + across * DOWN], start + 1, across).save(out / f"sheet-{start + 1:03}.png")


def beside(pictures: Sequence[Image.Image]) -> Image.Image:
    """Pictures of one size in a row."""
    width, height = pictures[0].size
    row = Image.new("RGB", (len(pictures) * (width + 4) - 4, height), "white")
    for place, picture in enumerate(pictures):
        row.paste(picture, (place * (width + 4), 0))
    return row


def page(pictures: Sequence[Image.Image], marks: dict[str, str]) -> str:
    """One file: each picture with a choice of marks, and a button that saves them as JSON."""
    rows = []
    for number, picture in enumerate(pictures, 1):
        held = BytesIO()
        picture.save(held, "JPEG", quality=92)
        encoded = base64.b64encode(held.getvalue()).decode()
        choices = "".join(
            f'<label title="{html.escape(says)}"><input type="radio" name="{number}" value="{mark}"> {mark}</label>'
            for mark, says in marks.items()
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


def sheet(pictures: Sequence[Image.Image], first: int, across: int) -> Image.Image:
    """Numbered pictures, for those who cannot open the page."""
    wide = max(SIDE, *(picture.width for picture in pictures)) + 8
    made = Image.new("RGB", (across * wide, DOWN * (SIDE + 24)), "white")
    draw = ImageDraw.Draw(made)
    for i, picture in enumerate(pictures):
        x, y = i % across * wide, i // across * (SIDE + 24)
        draw.text((x, y + 4), str(first + i), fill="black")
        made.paste(picture, (x, y + 20))
    return made


def counted(key: dict[str, Any], marks: Sequence[dict[str, str]]) -> str:
    """A row for each way: how many pictures got each mark, as the mean over those who marked; of pairs, see
    `compared`."""
    kinds = SIDES if (paired := all(isinstance(names, list) for names in key.values())) else MARKS
    if strange := {mark for one in marks for mark in one.values()} - set(kinds):
        raise ValueError(f"{', '.join(sorted(strange))} is no mark of this sheet; it has {', '.join(kinds)}")
    if paired:
        return compared(key, marks)
    names = list(dict.fromkeys(sorted(key.values())))
    found = Counter((key[number], mark) for one in marks for number, mark in one.items())
    rows = [[name, *(f"{found[name, mark] / len(marks):.1f}" for mark in MARKS)] for name in names]
    return markdown(["way", *MARKS], rows)


def compared(key: dict[str, list[str]], marks: Sequence[dict[str, str]]) -> str:
    """A row for each way beside each other: how often it was better, worse and the same, over all who marked."""
    found = Counter[tuple[str, str, str]]()
    for number, mark in (pair for one in marks for pair in one.items()):
        for mine, side, other in zip(key[number], ("left", "right"), reversed(key[number]), strict=True):
            found[mine, other, "same" if mark == "same" else "better" if mark == side else "worse"] += 1
    versus = list(dict.fromkeys((mine, other) for mine, other, _ in sorted(found)))
    columns = ("better", "worse", "same")
    rows = [[f"{mine} beside {other}", *(str(found[mine, other, each]) for each in columns)] for mine, other in versus]
    return markdown(["way", *columns], rows)


def _marks(path: Path) -> dict[str, str]:
    marks = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(marks, dict):
        raise ValueError(f"{path.name} holds no marks")
    return marks

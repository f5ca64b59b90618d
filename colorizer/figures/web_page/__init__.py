"""One HTML file with photographs before and after, to send to a relative or to show on an exhibition's tablet.

Pictures, typeface, style and script are inside. The file's own Content-Security-Policy forbids it to ask anyone for
anything, and to run any script but its own.
"""

from __future__ import annotations

import base64
import hashlib
import html
import io
import os
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import TextIO

from PIL import Image

from ... import __version__
from ...errors import PhotoError
from ...files.atomic import whole_file
from ...files.names import printable
from ...photo.picture import at_most
from ..fonts import INTER
from ..slide import Exhibit

HERE = Path(__file__).parent
DIVIDER = HERE / "divider.css"
"""The style of every divider between two pictures, on the page and on the site as well."""
SHARE = 1600
"""Longest side of the pictures, in pixels."""
QUALITY = 90
"""JPEG quality of the pictures."""
ENLARGED = 2
"""Most that a small picture is enlarged."""


@dataclass(frozen=True)
class Words:
    """The page's own words, in the language of the person who makes it."""

    language: str = "en"
    divider: str = "Divider between the left and the right picture"
    left: str = "Left"
    about: str = "How these colours were made"
    previous: str = "Previous photograph"
    next: str = "Next photograph"
    count: str = "{number} of {count}"


def write_web_page(
    photos: Iterable[Exhibit], path: str | os.PathLike[str], title: str = "", words: Words | None = None
) -> Path:
    """Write the page; several photographs get buttons for the previous and the next one.

    photos: may be a generator; its pictures are scaled to `SHARE` and written one by one. title: of the page, if there
    are several; one photograph's name is the title. The write is atomic. Raises ValueError if there is no photograph;
    PhotoError if the file cannot be written.
    """
    words = words or Words()
    coming = iter(photos)
    first = list(islice(coming, 2))
    if not first:
        raise ValueError("a page needs a photograph")
    several = len(first) > 1
    with whole_file(path, PhotoError) as partial, open(partial, "w", encoding="utf-8", newline="") as file:
        file.write(_head(title if several and title else first[0].name, words))
        if several:
            file.write(f"<h1>{_safe(title)}</h1>\n" if title else "")
        count = 0
        for count, photo in enumerate(chain(first, coming), 1):
            _write_photo(file, photo, count, "h2" if several and title else "h1", words)
        file.write(_foot(several, words))
    return Path(path)


def _head(title: str, words: Words) -> str:
    style, script = _style(), _script()
    policy = (
        "default-src 'none'; img-src data:; font-src data:; style-src 'unsafe-inline'; base-uri 'none'; "
        f"form-action 'none'; script-src 'sha256-{_digest(script)}'"
    )
    return f"""<!DOCTYPE html>
<html lang="{_safe(words.language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Colorizer {__version__}">
<meta name="color-scheme" content="light dark">
<title>{_safe(title)}</title>
<style>{style}</style>
</head>
<body>
<main>
"""


def _write_photo(file: TextIO, photo: Exhibit, number: int, heading: str, words: Words) -> None:
    """One section. Its first picture lies over the second, cut off at the divider; a third one can take its place."""
    (before, gray), (after, colour), *others = photo.panes
    width, height = at_most(colour, SHARE).size
    choices = [(before, gray), *others]
    style = f"--ratio: {width / height:.4f}; --most: {width * ENLARGED}px"
    file.write(f'<section class="photo" aria-labelledby="name-{number}" style="{style}">\n')
    file.write('<div class="stage">\n')
    file.write(f'<img class="after" width="{width}" height="{height}" alt="{_safe(after)}: {_safe(photo.name)}" src="')
    _write_jpeg(file, colour)
    file.write('">\n')
    for i, (caption, picture) in enumerate(choices):
        alt = f"{_safe(caption)}: {_safe(photo.name)}"
        size = f'width="{width}" height="{height}"{" hidden" if i else ""}'
        file.write(f'<img class="before divider-over" alt="{alt}" {size} src="')
        _write_jpeg(file, picture)
        file.write('">\n')
    file.write(
        f'<span class="side left divider-over"><b>{_safe(before)}</b></span>\n'
        f'<span class="side right"><b>{_safe(after)}</b></span>\n'
        '<i class="divider-line" aria-hidden="true"></i>\n'
        f'<input type="range" min="0" max="100" step="any" value="50" aria-label="{_safe(words.divider)}">\n</div>\n'
    )
    file.write(f'<div class="caption">\n<{heading} id="name-{number}">{_safe(photo.name)}</{heading}>\n')
    if photo.credit:
        file.write(f'<p class="credit">{_safe(photo.credit)}</p>\n')
    if others:
        buttons = "".join(
            f'<label><input type="radio" name="left-{number}" value="{i}"{"" if i else " checked"}>'
            f"<span>{_safe(caption)}</span></label>"
            for i, (caption, _) in enumerate(choices)
        )
        file.write(f'<fieldset class="choice"><legend>{_safe(words.left)}</legend>{buttons}</fieldset>\n')
    if photo.guess:
        file.write(f'<p class="guess">{_safe(photo.guess)}</p>\n')
    if lines := "".join(f"<p>{_safe(line)}</p>" for line in (*photo.about, photo.weights) if line):
        file.write(f"<details><summary>{_safe(words.about)}</summary>{lines}</details>\n")
    file.write("</div>\n</section>\n")


def _foot(several: bool, words: Words) -> str:
    bar = (
        f'<nav hidden data-count="{_safe(words.count)}">'
        f'<button type="button" class="previous" aria-label="{_safe(words.previous)}">‹</button>'
        '<span role="status"></span>'
        f'<button type="button" class="next" aria-label="{_safe(words.next)}">›</button></nav>\n'
    )
    return f"{bar if several else ''}</main>\n<script>{_script()}</script>\n</body>\n</html>\n"


def _write_jpeg(file: TextIO, picture: Image.Image) -> None:
    """Write a picture as a data: address."""
    held = io.BytesIO()
    small = at_most(picture, SHARE)
    (small if small.mode == "L" else small.convert("RGB")).save(held, "JPEG", quality=QUALITY, optimize=True)
    file.write(f"data:image/jpeg;base64,{base64.b64encode(held.getvalue()).decode()}")


def _style() -> str:
    faces = "".join(
        f'@font-face {{ font-family: Inter; font-weight: {weight}; src: url("data:font/woff2;base64,'
        f'{base64.b64encode((INTER / name).read_bytes()).decode()}") format("woff2"); }}\n'
        for name, weight in (("Inter-Regular.woff2", 400), ("Inter-SemiBold.woff2", 600))
    )
    return faces + "".join(sheet.read_text(encoding="utf-8") for sheet in (DIVIDER, HERE / "web_page.css"))


def _script() -> str:
    return (HERE / "web_page.js").read_text(encoding="utf-8")


def _digest(words: str) -> str:
    return base64.b64encode(hashlib.sha256(words.encode()).digest()).decode()


def _safe(words: str) -> str:
    """Escape words for the text of an element or the value of an attribute."""
    return html.escape(printable(words, 2000), quote=True)

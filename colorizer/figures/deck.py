"""A PowerPoint deck: one photograph per slide, with everything editable."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from ..errors import PhotoError
from ..files.atomic import whole_file
from ..files.names import printable
from .fonts import fitted
from .slide import CAPTION, GROUND, HEIGHT, INK, MUTED, NOTE, TITLE, WIDTH, Box, Exhibit, enlarged, page

if TYPE_CHECKING:
    from pptx.presentation import Presentation

UNIT = 6350
"""English Metric Units per unit of the layout: a slide is 13 1/3 x 7 1/2 inches."""
POINT = 0.5
"""Points per unit of the layout."""
RULE = ((120, 113, 108), (251, 146, 60))
"""Gradient under the title, from gray to a colour."""
SHARPNESS = 2
"""Most picture pixels per unit of the layout: enough for a projector of 3840 x 2160."""


def write_deck(slides: Iterable[Exhibit], path: str | os.PathLike[str], title: str = "", subtitle: str = "") -> Path:
    """Write a .pptx file: 16:9, dark, captions as text, alternative texts, speaker notes.

    slides: may be a generator; pictures are scaled down one by one. title, subtitle: for a title slide, which is added
    if there are several slides and a title. The write is atomic. Raises ValueError if there is no slide, or a slide
    without a picture; PhotoError if the file cannot be written.
    """
    import pptx

    coming = iter(slides)
    first = list(islice(coming, 2))
    if not first:
        raise ValueError("a deck needs a photograph")
    deck = pptx.Presentation()
    _prepare(deck, title or first[0].name)
    if title and len(first) > 1:
        _add_title(deck, title, subtitle)
    for slide in chain(first, coming):
        _add(deck, slide)
    with whole_file(path, PhotoError) as partial:
        deck.save(str(partial))
    return Path(path)


def _prepare(deck: Presentation, title: str) -> None:
    """Make the template's master 16:9 and dark, so that slides added by hand look like ours."""
    from pptx.util import Emu

    stretch = WIDTH * UNIT / deck.slide_width
    deck.slide_width, deck.slide_height = Emu(WIDTH * UNIT), Emu(HEIGHT * UNIT)
    master = deck.slide_master
    for part in (master, *master.slide_layouts):
        for place in part.element.xpath("//a:xfrm"):
            place.off.x, place.ext.cx = round(place.off.x * stretch), round(place.ext.cx * stretch)
    (colours,) = master.element.xpath("p:clrMap")
    for name, other in {"bg1": "dk1", "tx1": "lt1", "bg2": "dk2", "tx2": "lt2"}.items():
        colours.set(name, other)
    master.background.fill.solid()
    master.background.fill.fore_color.rgb = _rgb(GROUND)
    about = deck.core_properties
    about.title, about.author, about.comments = title, "Colorizer", "Colours predicted by Colorizer"


def _add_title(deck: Presentation, title: str, subtitle: str) -> None:
    from pptx.enum.shapes import MSO_SHAPE

    slide = deck.slides.add_slide(deck.slide_layouts[0])
    middle = HEIGHT / 2
    _say(slide.shapes.title, title, Box(160, middle - 200, WIDTH - 320, 170), 108, bold=True, anchor="b")
    _say(slide.placeholders[1], subtitle, Box(160, middle + 36, WIDTH - 320, 120), 44, MUTED, anchor="t")
    if not subtitle:
        _remove(slide.placeholders[1])
    rule = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, *(round(side * UNIT) for side in (164, middle, 360, 8)))
    rule.name = "Rule"
    rule.line.fill.background()
    rule.shadow.inherit = False
    rule.fill.gradient()
    rule.fill.gradient_angle = 0
    for stop, colour in zip(rule.fill.gradient_stops, RULE, strict=True):
        stop.color.rgb = _rgb(colour)


def _add(deck: Presentation, slide: Exhibit) -> None:
    places = page([picture.size for _, picture in slide.panes], bool(slide.name), bool(slide.footer))
    added = deck.slides.add_slide(deck.slide_layouts[5])
    if slide.name:
        _say(added.shapes.title, slide.name, places.title, TITLE, bold=True)
    else:
        _remove(added.shapes.title)
    for (caption, picture), box, under in zip(slide.panes, places.pictures, places.captions, strict=True):
        left, top, width, height = (round(side * UNIT) for side in box)
        shown = added.shapes.add_picture(_jpeg(picture, box), left, top, width, height)
        shown.name = printable(caption or slide.name)
        shown._element.nvPicPr.cNvPr.set("descr", printable(": ".join(filter(None, (caption, slide.name)))))
        if caption:
            _say(_text_box(added, under), caption, under, CAPTION, align="r" if places.stacked else "m")
    if slide.footer:
        _say(_text_box(added, places.note), slide.footer, places.note, NOTE, MUTED)
    if slide.about:
        added.notes_slide.notes_text_frame.text = "\n".join(slide.about)


def _text_box(slide: Any, box: Box) -> Any:
    return slide.shapes.add_textbox(*(round(side * UNIT) for side in box))


def _say(
    shape: Any, words: str, box: Box, size: float, colour=INK, bold: bool = False, align: str = "l", anchor: str = "m"
) -> None:
    """Put one line of text, cut by `fitted`, into a shape at `box`: letters in PowerPoint are no wider."""
    from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
    from pptx.util import Pt

    words, letters = fitted(printable(words), box.width, size, bold)
    shape.left, shape.top, shape.width, shape.height = (round(side * UNIT) for side in box)
    frame = shape.text_frame
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    frame.word_wrap = True
    frame.vertical_anchor = {"m": MSO_ANCHOR.MIDDLE, "b": MSO_ANCHOR.BOTTOM, "t": MSO_ANCHOR.TOP}[anchor]
    paragraph = frame.paragraphs[0]
    paragraph.alignment = {"l": PP_ALIGN.LEFT, "m": PP_ALIGN.CENTER, "r": PP_ALIGN.RIGHT}[align]
    run = paragraph.add_run()
    run.text = words
    run.font.size, run.font.bold = Pt(letters.size * POINT), bold
    run.font.color.rgb = _rgb(colour)


def _jpeg(picture: Image.Image, box: Box) -> io.BytesIO:
    unit = box.width / picture.width
    scale = min(max(1.0, unit), SHARPNESS * unit)  # enlarge small ones: LibreOffice would show their pixels
    file = io.BytesIO()
    small = enlarged(picture, picture.width * scale, picture.height * scale)
    small.save(file, "JPEG", quality=92, subsampling=0)
    return file


def _remove(shape: Any) -> None:
    shape._element.getparent().remove(shape._element)


def _rgb(colour: tuple[int, int, int]) -> Any:
    from pptx.dml.color import RGBColor

    return RGBColor(*colour)

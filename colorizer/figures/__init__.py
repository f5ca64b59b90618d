"""Triptychs and contact sheets, and slides, films, decks and web pages to present them."""

from .deck import write_deck
from .film import wipe_video
from .fonts import problem_with
from .layout import Exhibit
from .pairs import pairs_sheet
from .sheets import GAP, captioned_grid, contact_sheet, row, sample_sheet, triptych
from .slide import triptych_slide
from .web_page import Words, write_web_page

__all__ = [
    "GAP",
    "Exhibit",
    "Words",
    "captioned_grid",
    "contact_sheet",
    "pairs_sheet",
    "problem_with",
    "row",
    "sample_sheet",
    "triptych",
    "triptych_slide",
    "wipe_video",
    "write_deck",
    "write_web_page",
]

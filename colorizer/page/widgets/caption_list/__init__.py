"""Titles, years and credits of the visitor's photographs, to be written."""

from .caption_list import CaptionList, captions_update

__all__ = ["CaptionList", "captions_update"]

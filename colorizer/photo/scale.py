"""Smaller versions of pictures, to be looked at."""

from __future__ import annotations

from PIL import Image


def at_most(picture: Image.Image, side: int) -> Image.Image:
    """The picture with its longest side at most `side` pixels, antialiased; itself where it is no larger."""
    if max(picture.size) <= side:
        return picture
    small = picture.copy()
    small.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return small

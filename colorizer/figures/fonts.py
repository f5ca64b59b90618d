"""Fonts for captions. Pillow's own font has no accents and no Cyrillic."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from PIL import ImageFont

INTER = Path(__file__).parent / "inter"
"""Folder of the shipped typeface, with its licence."""


def font(words: str, size: float, bold: bool = False) -> ImageFont.FreeTypeFont:
    """A font of `size` pixels for `words`: Inter, which is shipped, or DejaVu, which comes with matplotlib, if they
    need letters beyond Latin, Greek and Cyrillic. A photograph's name may have such letters."""
    path = INTER / ("Inter-SemiBold.otf" if bold else "Inter-Regular.otf")
    if not lacking(words, path):
        return _opened(path, size)
    return _opened(_dejavu(bold), size)


def lacking(words: str, path: Path) -> set[str]:
    """Letters of `words` that a font file lacks and would show as boxes."""
    return {letter for letter in words if letter.isprintable() and ord(letter) not in _letters(path)}


def fitted(words: str, width: float, size: float, bold: bool = False) -> tuple[str, ImageFont.FreeTypeFont]:
    """Fit `words` on one line of `width` pixels: first in smaller letters, down to two thirds of `size`, then cut."""
    words = " ".join(words.split())
    for smaller in (1.0, 0.9, 0.8, 0.7):
        chosen = font(words + "…", size * smaller, bold)
        if chosen.getlength(words) <= width:
            return words, chosen
    while words and chosen.getlength(words + "…") > width:
        words = words[:-1].rstrip()
    return words + "…", chosen


def _dejavu(bold: bool) -> Path:
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return Path(str(files("matplotlib"))) / "mpl-data" / "fonts" / "ttf" / name


@cache
def _letters(path: Path) -> frozenset[int]:
    from fontTools.ttLib import TTFont

    with TTFont(path, lazy=True) as opened:
        return frozenset(opened.getBestCmap())


@cache
def _opened(path: Path, size: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size)

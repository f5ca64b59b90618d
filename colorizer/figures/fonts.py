"""Fonts for captions, which may be in any script: those that come with the package, then those of the system."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFont, features

from ..errors import UserError

INTER = Path(__file__).parent / "inter"
"""Folder of the shipped typeface, with its licence."""
_LARGE = 128
"""Size in pixels at which scalable colour glyphs are drawn."""
_NO_LETTERS = ("lastresort", "blank", "notdef")
"""In names of fonts that have a box or nothing for every letter."""


class Letters(NamedTuple):
    """The fonts of a text: Inter, which is shipped; DejaVu, which comes with matplotlib and has Hebrew, Arabic and
    symbols; and those of the system, each for the letters that the ones before lack."""

    size: float
    """In pixels."""
    bold: bool = False

    def runs(self, words: str) -> list[tuple[Face, str]]:
        """A line in parts of one font each, in the order in which they stand from left to right."""
        words = words.replace("\u202f", "\u00a0")  # French has narrow spaces, Inter has not
        whole = next((face for face in _own(self.bold) if face.has(words)), None)
        if whole:
            return [(whole, words)]
        found: list[tuple[Face, str]] = []
        for cluster in _clusters(words):
            last = found[-1][0] if found else None
            symbols = bool(found) and unicodedata.category(found[-1][1][0]) == "So"
            # Spaces and digits go with letters, but not with symbols, whose fonts have digits as pictures.
            afresh = cluster[0].isalpha() or (symbols and cluster.isascii())
            if last is None or afresh or not last.has(cluster):
                face = _face_of(cluster, self.bold) or _face_of(cluster[0], self.bold) or _own(self.bold)[0]
            else:
                face = last
            if face is last:
                found[-1] = (face, found[-1][1] + cluster)
            else:
                found.append((face, cluster))
        strong = next((way for way in map(unicodedata.bidirectional, words) if way in ("L", "R", "AL")), "L")
        return found if strong == "L" else found[::-1]

    def getlength(self, words: str) -> float:
        """The width of a line in pixels."""
        return sum(face.length(run, self.size) for face, run in self.runs(words))

    def write(
        self,
        image: Image.Image,
        xy: tuple[float, float],
        words: str,
        fill: str | tuple[int, int, int],
        anchor: str = "la",
    ) -> None:
        """Write lines onto an "RGB" picture. anchor: as Pillow has it, of "l", "m", "r" and "a", "m"."""
        first = _opened(_own(self.bold)[0].path, self.size)
        step = first.getbbox("A")[3] + 2
        for i, line in enumerate(words.split("\n")):
            self._write_line(image, (xy[0], xy[1] + i * step), line, fill, anchor)

    def _write_line(
        self, image: Image.Image, xy: tuple[float, float], words: str, fill: str | tuple[int, int, int], anchor: str
    ) -> None:
        draw, runs = ImageDraw.Draw(image), self.runs(words)
        if len(runs) == 1 and not runs[0][0].strike:
            draw.text(xy, words, fill=fill, font=_opened(runs[0][0].path, self.size), anchor=anchor)
            return
        ascent, descent = _opened(_own(self.bold)[0].path, self.size).getmetrics()
        x = xy[0] - {"l": 0, "m": 0.5, "r": 1}[anchor[0]] * self.getlength(words)
        baseline = xy[1] + {"a": float(ascent), "m": (ascent - descent) / 2}[anchor[1]]
        for face, run in runs:
            if face.strike:
                face.paste(image, (x, baseline), run, self.size)
            else:
                draw.text((x, baseline), run, fill=fill, font=_opened(face.path, self.size), anchor="ls")
            x += face.length(run, self.size)


class Face(NamedTuple):
    """A font file."""

    path: Path
    codes: np.ndarray
    """The letters that it has, uint32 (N,), in order."""
    strike: int = 0
    """Pixels of its letters, where they are pictures in colours, as emoji are; 0 for outlines."""

    def length(self, run: str, size: float) -> float:
        """The width of letters in pixels."""
        if self.strike:
            return _opened(self.path, self.strike).getlength(run, mode="RGBA") * size / self.strike
        return _opened(self.path, size).getlength(run)

    def paste(self, image: Image.Image, xy: tuple[float, float], run: str, size: float) -> None:
        """Put pictures onto an "RGB" picture, beginning at a place on the baseline."""
        font, scale = _opened(self.path, self.strike), size / self.strike
        left, top, right, bottom = font.getbbox(run, mode="RGBA", anchor="ls")
        letters = Image.new("RGBA", (max(1, round(right - left)), max(1, round(bottom - top))))
        ImageDraw.Draw(letters).text((-left, -top), run, font=font, anchor="ls", embedded_color=True)
        shown = letters.resize([max(1, round(side * scale)) for side in letters.size])
        image.paste(shown, (round(xy[0] + left * scale), round(xy[1] + top * scale)), shown)

    def has(self, words: str) -> bool:
        """Whether it would show none of the letters of `words` as a box."""
        seen = {each for each in words if each.isprintable() and not "\ufe00" <= each <= "\ufe0f"}  # choose a form
        return bool(np.isin([ord(each) for each in seen], self.codes).all())


def problem_with(name: str, words: str) -> UserError | None:
    """A sentence about the letters of `words`, which belong to the photograph `name`, that no font here has, or that
    cannot be put in order; None if there are none."""
    boxes = [each for cluster in _clusters(words) if _face_of(cluster, False) is None for each in cluster]
    if boxes:
        return UserError.of("letters_missing", name=name, letters=_listed(boxes))
    # Without this library, Pillow writes from left to right whatever it is, and joins nothing.
    loose = [each for each in words if unicodedata.bidirectional(each) in ("R", "AL") or _is_joined(each)]
    if loose and not features.check_feature("raqm"):
        return UserError.of("letters_loose", name=name, letters=_listed(loose))
    return None


def fitted(words: str, width: float, size: float, bold: bool = False) -> tuple[str, Letters]:
    """Fit `words` on one line of `width` pixels: first in smaller letters, down to two thirds of `size`, then cut."""
    words = " ".join(words.split())
    for smaller in (1.0, 0.9, 0.8, 0.7):
        letters = Letters(size * smaller, bold)
        if letters.getlength(words) <= width:
            return words, letters
    while words and letters.getlength(words + "…") > width:
        words = words[:-1].rstrip()
    return words + "…", letters


def _listed(letters: list[str], most: int = 12) -> str:
    once = list(dict.fromkeys(each for each in letters if each.isprintable()))
    return "".join(once[:most]) + ("…" if len(once) > most else "")


def _is_joined(letter: str) -> bool:
    """Whether it is one of the marks that Indic scripts put around a letter."""
    return unicodedata.category(letter) == "Mc"


def _clusters(words: str) -> Iterator[str]:
    """Letters, each with the marks that belong to it, which one font must write."""
    cluster = ""
    for letter in words:
        joined = cluster.endswith("\u200d")
        if cluster and not (joined or letter == "\u200d" or unicodedata.category(letter)[0] == "M"):
            yield cluster
            cluster = ""
        cluster += letter
    if cluster:
        yield cluster


@lru_cache(4096)
def _face_of(cluster: str, bold: bool) -> Face | None:
    """The first font that has a letter with its marks."""
    for face in _own(bold):
        if face.has(cluster):
            return face
    script = unicodedata.name(cluster[0], "").partition(" ")[0].lower()
    hint = {"hiragana": "cjk", "katakana": "cjk", "hangul": "cjk"}.get(script, script)

    def unlike(path: Path) -> tuple[bool, bool, bool, str]:
        """Return less for a font that is more likely to be right, because reading the letters of a large one takes a
        while."""
        name = path.name.lower()
        odd = any(word in name for word in ("italic", "oblique", "mono", "condensed", "serif"))
        return hint not in name, odd, ("bold" in name) != bold, name

    return next((face for face in map(_face, sorted(_system(), key=unlike)) if face.has(cluster)), None)


@cache
def _own(bold: bool) -> tuple[Face, ...]:
    """The fonts of every installation."""
    paths = [INTER / ("Inter-SemiBold.otf" if bold else "Inter-Regular.otf")]
    found = find_spec("matplotlib")  # where it is: importing it would take half a second
    for folder in found.submodule_search_locations or () if found else ():
        paths.append(Path(folder, "mpl-data/fonts/ttf", "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"))
    return tuple(map(_face, paths))


@cache
def _system() -> tuple[Path, ...]:
    from matplotlib.font_manager import findSystemFonts  # which takes half a second to import

    found = map(Path, findSystemFonts())
    return tuple(path for path in found if not any(word in path.name.lower() for word in _NO_LETTERS))


@cache
def _face(path: Path) -> Face:
    """A font file, without letters if it cannot be read."""
    from fontTools.ttLib import TTFont

    codes, strike = np.empty(0, np.uint32), 0
    with suppress(Exception), TTFont(path, lazy=True, fontNumber=0) as opened:  # fontTools raises almost anything
        if "CBLC" in opened:
            strike = max(each.bitmapSizeTable.ppemY for each in opened["CBLC"].strikes)
        elif "COLR" in opened and opened["COLR"].version == 0:
            strike = _LARGE
        if strike or not {"COLR", "sbix"} & set(opened.keys()):  # pictures that Pillow cannot draw
            codes = np.array(sorted(opened.getBestCmap() or ()), np.uint32)
    return Face(path, codes, strike)


@lru_cache(64)
def _opened(path: Path, size: float) -> ImageFont.FreeTypeFont:
    """A font in one size. Only few are kept, because the sizes of marks follow from those of photographs."""
    return ImageFont.truetype(path, size)

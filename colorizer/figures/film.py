"""A short film: a line moves across a photograph and reveals its colours."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from ..errors import PhotoError
from ..files.atomic import whole_file
from .slide import CAPTION, GROUND, INK, MUTED, NOTE, WIDTH, Exhibit, page, put, write

SIZE = (1920, 1080)
"""Width and height in pixels."""
FRAMES = 30
"""Frames per second."""
BEFORE, SWEEP, AFTER = 1.2, 3.6, 2.6
"""Seconds in gray, of the moving line, and in colour."""
UNSEEN = (84, 80, 77)
"""Colour of the caption of a hidden picture."""
BT709, LIMITED = 1, 1
"""Numbers of HD's colours and of levels from 16 to 235, in H.273 and in ffmpeg."""
_TO_HD = {"dst_colorspace": BT709, "dst_color_range": LIMITED, "interpolation": "BICUBIC"}
"""Convert RGB to YUV as players expect for HD; ffmpeg's default is that of old television, which shifts colours."""


def wipe_video(
    shown: Exhibit,
    path: str | os.PathLike[str],
    progress: Callable[[float], None] | None = None,
) -> Path:
    """Write an MP4 (H.264, 4:2:0, silent, 7.4 s) in which a line moves over the photograph from right to left, with its
    first picture to the left and the second one, of the same shape, to the right. The film begins and ends at rest.

    progress: called with the share done, 0 to 1. The write is atomic. Raises PhotoError if the file cannot be written.
    """
    with whole_file(path, PhotoError) as partial:
        _encode(_Film(shown), partial, shown.footer, progress)
    return Path(path)


def _encode(film: _Film, path: Path, note: str, progress: Callable[[float], None] | None) -> None:
    """Raises OSError where the file cannot be written."""
    import av

    with av.open(str(path), "w", options={"movflags": "+faststart"}) as container:
        container.metadata["comment"] = "Colours predicted by Colorizer" + (f". {note}" if note else "")
        stream = container.add_stream("libx264", rate=FRAMES, options={"crf": "19", "preset": "veryfast"})
        (stream.width, stream.height), stream.pix_fmt = SIZE, "yuv420p"
        context = stream.codec_context
        context.colorspace = context.color_primaries = context.color_trc = BT709
        context.color_range = LIMITED
        for share, done in moments():
            frame = av.VideoFrame.from_image(film.frame(share)).reformat(format="yuv420p", **_TO_HD)
            container.mux(stream.encode(frame))
            if progress:
                progress(done)
        container.mux(stream.encode(None))


def moments() -> Iterator[tuple[float, float]]:
    """For every frame: the share of the photograph left of the line, and the share of the film done, both 0 to 1."""
    count = round((BEFORE + SWEEP + AFTER) * FRAMES)
    for i in range(count):
        moved = min(max((i / FRAMES - BEFORE) / SWEEP, 0.0), 1.0)
        yield (1 + math.cos(math.pi * moved)) / 2, (i + 1) / count


class _Film:
    """The frames of a film, in which only the photograph and the captions change."""

    def __init__(self, shown: Exhibit):
        (first, before), (second, after) = shown.panes[:2]
        self._captions, note = (first, second), shown.footer
        self._scale = SIZE[0] / WIDTH
        places = page([before.size], title=False, note=bool(note), caption=any(self._captions))
        (self._box,), (self._line,) = places.pictures, places.captions
        self._sides = []
        for picture in (before, after):
            still = Image.new("RGB", SIZE, GROUND)
            write(still, note, places.note, NOTE, self._scale, MUTED, anchor="mm")
            put(still, picture, self._box, self._scale)
            self._sides.append(np.asarray(still))

    def frame(self, share: float) -> Image.Image:
        """PIL "RGB"."""
        left, right = self._box.left * self._scale, (self._box.left + self._box.width) * self._scale
        at = round(left + share * (right - left))
        before, after = self._sides
        pixels = after.copy()
        pixels[:, :at] = before[:, :at]
        if 0 < share < 1:
            self._draw_line(pixels, at)
        return self._captioned(pixels, share)

    def _draw_line(self, pixels: np.ndarray, at: int) -> None:
        top, bottom = round(self._box.top * self._scale), round(self._box.bottom * self._scale)
        thick = max(1, round(2 * self._scale))
        pixels[top:bottom, max(0, at - thick) : at + thick] = 255

    def _captioned(self, pixels: np.ndarray, share: float) -> Image.Image:
        frame = Image.fromarray(pixels)
        half = self._line._replace(width=self._line.width / 2 - 10)
        other = half._replace(left=self._line.left + self._line.width / 2 + 10)
        for words, box, seen, anchor in zip(self._captions, (half, other), (share, 1 - share), "lr", strict=True):
            bright = min(1.0, seen * 10)
            red, green, blue = (round(dim + bright * (ink - dim)) for dim, ink in zip(UNSEEN, INK, strict=True))
            write(frame, words, box, CAPTION, self._scale, (red, green, blue), anchor=f"{anchor}m")
        return frame

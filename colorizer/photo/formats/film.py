"""The first frame of a film, as a photograph."""

from __future__ import annotations

from typing import Any, BinaryIO

from PIL import Image, ImageStat, UnidentifiedImageError

from ...errors import PhotoError
from ..limits import check_bytes, check_size

FADE = 240
"""Frames among which the first one with something to see is looked for: films begin in black."""
EVEN = 8.0
"""Deviation of gray, in levels, below which a frame has nothing to see."""
HELD = 24
"""Frames that a decoder holds, at most."""


def first_frame(file: BinaryIO, max_pixels: int, max_bytes: int, name: str) -> tuple[Image.Image, int, PhotoError]:
    """The first frame with something to see, "RGB" and upright, the bytes that reading it needs, and what there is to
    say. Raises PhotoError, UnidentifiedImageError for what is no film, and PyAV's errors."""
    import av

    try:
        container: Any = av.open(file, metadata_errors="replace")
    except (av.error.FFmpegError, ValueError):
        raise UnidentifiedImageError from None
    with container:
        stream = next(iter(container.streams.video), None)
        if stream is None or stream.codec_context is None:
            raise PhotoError.of("film_no_picture", name=name)
        stream.thread_type, stream.codec_context.thread_count = "NONE", 1
        check_size(stream.width, stream.height, max_pixels, name)
        need = check_bytes(HELD * 2 * stream.width * stream.height, max_bytes, name)
        first = None
        for _, frame in zip(range(FADE), container.decode(stream), strict=False):
            first = first or frame
            if ImageStat.Stat(frame.reformat(64, 48).to_image().convert("L")).stddev[0] > EVEN:
                first = frame
                break
        if first is None:
            raise PhotoError.of("film_empty", name=name)
        picture = first.to_image().rotate(first.rotation, expand=True)
        return picture, need, PhotoError.of("photo_film", name=name)

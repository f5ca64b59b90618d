"""Reads a film's picture, frame by frame, as the film itself stores its luma. Its times only grow: the clock of camera
files that were joined end to end begins anew in the middle."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..errors import PATH, FilmError, expect
from ..files.names import printable
from ..photo.formats.choice import LOCKED, first_to_see
from .luma import Coding, coding_of

if TYPE_CHECKING:
    import av
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

MOST_PIXELS = 7680 * 4320
"""Pixels of a frame: 8K."""
COLOURED = 4.0
"""Mean distance of chroma from gray, in levels of 8 bits, above which a film counts as one in colour."""
FARTHEST = 10
"""Seconds of nothing in a recording of a broadcast or a camera, above which its clock has begun anew."""
_AS_STORED = {
    "gray", "yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p", "yuv440p", "yuv411p", "yuv410p",
    "nv12", "nv21", "gray10le", "yuv420p10le", "yuv422p10le", "yuv444p10le",
}  # fmt: skip
"""Formats of pixels whose first plane is luma in 8 or 10 bits. All others are converted first."""


class Frame(NamedTuple):
    """A frame of a film."""

    luma: np.ndarray
    """uint8 or, of 10 bits, uint16 (H, W), upright, as the film stores it."""
    pts: int
    """When it is shown, in the film's `time_base`."""


@dataclass
class Film:
    """A film that can be read. Its attributes describe its picture as `frames` gives it."""

    path: Path
    width: int
    height: int
    rate: Fraction
    """Frames per second, on average."""
    time_base: Fraction
    """Seconds of one tick of `Frame.pts`."""
    aspect: Fraction
    """Width of a pixel over its height."""
    coding: Coding
    seconds: float | None
    """How long the file says it is."""
    start: Fraction = Fraction(0)
    """When it begins, in seconds: recordings of broadcasts begin anywhere. `Frame.pts` counts from there."""
    notes: list[FilmError] = field(default_factory=list)
    """Sentences about what was read, as far as `frames` has come."""
    clocks: list[Fraction] = field(default_factory=lambda: [Fraction(0)])
    """Seconds that were added to the file's times, from `start` on: more than one where its clock begins anew."""

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Film:
        """Look at a film. Raises FilmError."""
        expect(path, PATH, "A film is given by its path", FilmError)
        path = Path(path)
        with opened(path) as container:
            stream = picture_of(container, path)
            frame = next(_decoded(container, stream, Read()), None)
            if frame is None:
                raise FilmError.of("film_empty", name=printable(path.name))
            if frame.width * frame.height > MOST_PIXELS:
                raise FilmError.of("film_huge", name=printable(path.name), width=frame.width, height=frame.height)
            width, height, aspect = frame.width, frame.height, stream.sample_aspect_ratio or Fraction(1)
            if _turns(frame) % 2:
                width, height, aspect = height, width, 1 / aspect
            assert stream.time_base
            rate = stream.average_rate or stream.guessed_rate or Fraction(25)
            seconds = container.duration / 1_000_000 if container.duration else None
            start = Fraction(container.start_time or 0, 1_000_000)
            return cls(path, width, height, rate, stream.time_base, aspect, coding_of(frame), seconds, start)

    def first_to_see(self) -> int | None:
        """The number of its first frame with something to see, which the page shows of it."""
        with opened(self.path) as container:
            return first_to_see(_decoded(container, picture_of(container, self.path), Read()))[0]

    def scaled(self, height: int) -> Film:
        """The same film with frames of another height in pixels."""
        return replace(self, width=round(self.width * height / self.height / 2) * 2, height=height)

    def with_square_pixels(self) -> Film:
        """The same film with frames as wide as they look, and a sentence about it in `notes`."""
        width = round(self.width * self.aspect)
        self.notes.append(FilmError.of("film_pixels", name=printable(self.path.name), width=width))
        return replace(self, width=width, aspect=Fraction(1))

    def frames(self) -> Iterator[Frame]:
        """Every frame in the order of time; where the file's clock begins anew, the film goes on. What cannot be
        decoded is left out, and a sentence in `notes` says so."""
        from av.format import Flags

        name, step = printable(self.path.name), round(1 / (self.rate * self.time_base)) or 1
        read, seen, coloured, begun = Read(), 0, False, round(self.start / self.time_base)
        with opened(self.path) as container:
            stream = picture_of(container, self.path)
            jumps = container.format.flags & Flags.ts_discont.value
            clock = Clock(step, round(FARTHEST / self.time_base) if jumps else math.inf)
            for frame in _progressive(_decoded(container, stream, read), stream, self.notes, name):
                pts = clock.shown(None if frame.pts is None else frame.pts - begun)
                self.clocks[:] = dict.fromkeys((*self.clocks, clock.added[-1] * self.time_base))
                if not seen % 24 and not coloured and _colourful(frame):
                    coloured = True
                    self.notes.append(FilmError.of("film_coloured", name=name))
                seen += 1
                yield Frame(self._luma(frame), pts)
            end = 0.0 if clock.last is None else float((clock.last + step) * self.time_base)
            indexed = len(stream.index_entries) if container.format.name.startswith("mov") else 0
            says = self.seconds if len(self.clocks) == 1 else None  # a file of several clocks does not know its length
            ends_early = read.packets < indexed or (says and max(end, read.end - float(self.start)) < says - 1)
            damaged = len(read.broken) >= len(self.clocks)  # a broadcast's last packet before a new clock looks so, too
            if damaged or ends_early or read.last_broken or _lost_bytes(self.path):
                self.notes.append(FilmError.of("film_cut", name=name, seconds=end))

    def _luma(self, frame: VideoFrame) -> np.ndarray:
        turns = _turns(frame)
        size = (self.height, self.width) if turns % 2 else (self.width, self.height)
        if frame.format.name not in _AS_STORED or size != (frame.width, frame.height):
            wanted = self.coding.plain if frame.format.name not in _AS_STORED else frame.format.name
            frame = frame.reformat(*size, format=wanted, interpolation="AREA", **self.coding.conversion(frame))
        plane = frame.planes[0]
        kind = np.uint16 if self.coding.bits > 8 else np.uint8
        flat = np.frombuffer(plane, kind)  # type: ignore[call-overload]
        rows = flat.reshape(plane.height, -1)[:, : plane.width]
        return np.ascontiguousarray(np.rot90(rows, turns))


def opened(path: Path) -> InputContainer:
    """A film's container. Raises FilmError."""
    import av

    name = printable(path.name)
    try:
        return av.open(f"file:{path}", metadata_errors="replace")  # a name with a colon is no address
    except OSError as error:
        raise FilmError.of("photo_missing", name=name, reason=error.strerror or "no reason is known") from None
    except (av.error.FFmpegError, ValueError):
        raise FilmError.of("film_unknown" if os.path.getsize(path) else "photo_empty", name=name) from None


def others(container: InputContainer) -> list[av.stream.Stream]:
    """Sound, subtitles and everything else that is copied as it is."""
    kept = [each for each in container.streams if each.type in ("audio", "subtitle")]
    return [each for each in kept if each.codec_context is not None]


def picture_of(container: InputContainer, path: Path) -> VideoStream:
    """Raises FilmError where there is none, or none that can be decoded."""
    pictures = [each for each in container.streams.video if not each.disposition & each.disposition.attached_pic]
    if not pictures:
        kind = "film_no_picture" if container.streams.audio else "film_unknown"  # of a cut MP4 only data may be left
        raise FilmError.of(kind, name=printable(path.name))
    stream = pictures[0]
    if stream.codec_context is None or stream.codec_context.codec_tag in LOCKED:
        raise FilmError.of("film_locked", name=printable(path.name))
    stream.thread_type = "AUTO"
    return stream


@dataclass
class Read:
    """What was read of a film so far."""

    broken: set[int | None] = field(default_factory=set)
    """The times of packets and frames of the picture that are damaged."""
    packets: int = 0
    """Those of the picture."""
    end: float = 0.0
    """Seconds at which the last packet of any track ends, by the file's own clock."""
    last_broken: bool = False
    """Whether the last packet of the other tracks is damaged."""


def _decoded(container: InputContainer, stream: VideoStream, read: Read) -> Iterator[VideoFrame]:
    """Frames; what cannot be read or decoded is told in `read`. Where no more can be read, those that the decoder still
    holds come last."""
    import av

    packets = container.demux()
    while True:
        packet = None
        try:
            packet = next(packets, None)
            if packet is None:
                return
        except av.error.FFmpegError:
            read.broken.add(None)
        if packet is not None and packet.dts is not None:  # the last one of each track has none
            read.end = max(read.end, float((packet.dts + (packet.duration or 0)) * packet.time_base))
        if packet is not None and packet.stream.index != stream.index:
            read.last_broken = packet.is_corrupt if packet.size else read.last_broken
            continue
        if packet is not None and packet.size:
            read.packets += 1
            if packet.has_sidedata("encryption_info"):
                raise FilmError.of("film_locked", name=printable(Path(container.name).name))
        try:
            if packet is not None and packet.is_corrupt:  # its frame may look whole
                read.broken.add(packet.pts)
            for frame in stream.decode(packet):
                if frame.is_corrupt:
                    read.broken.add(frame.pts)
                yield frame
        except av.error.FFmpegError:
            read.broken.add(packet.pts if packet else None)
        if packet is None:
            return


def _progressive(
    frames: Iterator[VideoFrame], stream: VideoStream, notes: list[FilmError], name: str
) -> Iterator[VideoFrame]:
    """Whole frames: those that hold two half pictures of different moments are made one (bwdif)."""
    import av

    graph: Any = None
    for frame in frames:
        if graph is None and frame.interlaced_frame:
            notes.append(FilmError.of("film_interlaced", name=name))
            graph = av.filter.Graph()
            graph.link_nodes(
                graph.add_buffer(template=stream), graph.add("bwdif", "mode=send_frame"), graph.add("buffersink")
            ).configure()
        if graph is None:
            yield frame
        else:
            graph.push(frame)
            yield from _pulled(graph, stream)
    if graph is not None:
        graph.push(None)
        yield from _pulled(graph, stream)


def _pulled(graph: Any, stream: VideoStream) -> Iterator[VideoFrame]:
    """The frames that the filter has ready, in the stream's time base: the filter halves its own."""
    import av

    while True:
        try:
            frame = graph.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return
        if frame.pts is not None:
            frame.pts = round(frame.pts * frame.time_base / stream.time_base)
        yield frame


def _turns(frame: VideoFrame) -> int:
    """Quarter turns to the left that make a frame upright."""
    return round(frame.rotation / 90) % 4


def _colourful(frame: VideoFrame) -> bool:
    """Whether a frame is in colour."""
    small = frame.reformat(64, 48, format="yuv444p").to_ndarray().astype(np.int16)
    return float(np.abs(small[1:] - 128).mean()) > COLOURED


_MATROSKA = re.compile(rb"\x1aE\xdf\xa3.*?\x18S\x80g\x01(?!\xff{7})(.{7})", re.DOTALL)
_OTHERS = re.compile(
    rb"RIFF(?!\xff{4})(.{4})AVI |0&\xb2u.*?\xa1\xdc\xab\x8cG\xa9\xcf\x11\x8e\xe4\0\xc0\x0c Se.{24}(.{8})", re.DOTALL
)
"""AVI and WMV. An AVI says 8 bytes less than it has; some programs forget that."""


def _lost_bytes(path: Path) -> bool:
    """Whether a file ends before it says, in formats of which FFmpeg does not tell."""
    size = path.stat().st_size
    with open(path, "rb") as file:
        head = file.read(4096)
        if said := _MATROSKA.match(head):
            return said.end() + int.from_bytes(said[1], "big") > size
        if said := _OTHERS.match(head):
            return int.from_bytes(said[1] or said[2], "little") > size
        for length, first in ((188, 0), (192, 4)):  # the packets of a broadcast, and of a disc
            if {*head[first::length]} == {0x47}:
                file.seek(size - size % length)
                return file.read()[first : first + 1] == b"\x47"
    return False


NEAR = 8
"""Frames by which a time may be off, where frames are stored in a wrong order, without a new clock."""


@dataclass
class Clock:
    """Gives a film's frames times that only grow."""

    step: int
    """Ticks from a frame to the next, on average."""
    farthest: float
    """Ticks that a frame may be late before the clock is another."""
    added: list[int] = field(default_factory=lambda: [0])
    """Ticks that were added to the times, by all clocks so far."""
    last: int | None = None
    """When the last frame is shown."""

    def shown(self, pts: int | None) -> int:
        """When the next frame is shown, which says `pts` or nothing."""
        if self.last is None:
            self.last = pts or 0
            return self.last
        due, near = self.last + self.step, NEAR * self.step
        if pts is None:
            pts = due - self.added[-1]
        off = pts + self.added[-1] - due
        if abs(off) > near:
            known = [each for each in self.added if abs(pts + each - due) <= near]
            if known:  # one time was bad, and now all is as before
                self.added.append(known[-1])
            elif off < 0 or off > self.farthest:
                self.added.append(due - pts)
        now = pts + self.added[-1]
        self.last = max(now, self.last + 1)
        return self.last


def nearest(clocks: list[Fraction], time: Fraction, now: Fraction) -> Fraction:
    """The number to add to a time, so that it comes nearest to the time read before. clocks: all that there are."""
    return min(clocks, key=lambda each: abs(time + each - now))

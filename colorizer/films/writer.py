"""Writes films: pieces of coloured picture, and the whole with everything else that the film had."""

from __future__ import annotations

import heapq
import os
import struct
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, nullcontext, suppress
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from torch import Tensor

from ..errors import FilmError
from ..files.atomic import whole_file
from ..files.names import printable
from ..photo.metadata import PREDICTED, Provenance
from ..photo.xmp import packet_of
from .luma import halved
from .pieces import Pieces
from .reader import Film, nearest, opened, others, picture_of

if TYPE_CHECKING:
    from av.container import InputContainer, OutputContainer
    from av.packet import Packet
    from av.stream import Stream
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

_XMP_BOX = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
"""The identifier of a packet in MP4 and QuickTime (XMP specification, part 3)."""


@dataclass(frozen=True)
class Kind:
    """The contents of a film of some suffix."""

    container: str
    """ffmpeg's name of it."""
    mime: str
    codec: str
    pixels: str
    """ffmpeg's format of pixels for a source of 8 bits."""
    deep: str
    """The same for one of 10 bits."""
    options: dict[str, str] = field(default_factory=dict)
    even: bool = False
    """Whether width and height must be even."""
    lossy: bool = False
    """Whether there is a quality to choose."""
    keeps_aspect: bool = False
    """Whether pixels may be other than square: only H.264 says so itself."""
    keeps_range: bool = True
    """Whether black and white may be the lowest and highest levels."""
    xmp: bool = True
    """Whether XMP may stand at the end of the file."""


KINDS = {
    ".mp4": Kind(
        "mp4", "video/mp4", "libx264", "yuv420p", "yuv420p", {"preset": "veryfast", "bf": "0"},
        even=True, lossy=True, keeps_aspect=True,
    ),
    ".mov": Kind(
        "mov", "video/quicktime", "prores_ks", "yuv422p10le", "yuv422p10le", {"profile": "3"},
        even=True, keeps_range=False,
    ),
    ".mkv": Kind(
        "matroska", "video/x-matroska", "ffv1", "yuv420p", "yuv420p10le", {"level": "3"}, xmp=False
    ),
}  # fmt: skip
"""Films by suffix: H.264 for everybody, ProRes for editors, FFV1 without any loss for archives. H.264 has no frames
that look ahead (B), as their times would overlap where pieces meet."""


class Piece:
    """Encodes frames of a film into a file of its own."""

    def __init__(self, film: Film, path: Path, kind: Kind, crf: float):
        import av

        coding = film.coding if kind.keeps_range else replace(film.coding, full=False)
        self.film, self.kind, self.coding = film, kind, coding
        self._pixels = kind.pixels if coding.bits == 8 else kind.deep
        self._shift = (10 if "10" in self._pixels else 8) - coding.bits
        self._container = av.open(str(path), "w")
        options = {**kind.options, **({"crf": f"{crf:g}"} if kind.lossy else {})}
        stream: VideoStream = self._container.add_stream(kind.codec, rate=film.rate, options=options)  # type: ignore[assignment]
        stream.width, stream.height = (-(-side // 2) * 2 if kind.even else side for side in (film.width, film.height))
        stream.pix_fmt = self._pixels
        stream.time_base = stream.codec_context.time_base = film.time_base
        stream.codec_context.sample_aspect_ratio = film.aspect
        stream.codec_context.colorspace = coding.colorspace
        stream.codec_context.color_primaries, stream.codec_context.color_trc = coding.primaries, coding.transfer
        stream.codec_context.color_range = 2 if coding.full else 1
        self._stream, self._failed = stream, False

    def write(self, luma: np.ndarray, ab: Tensor, pts: int) -> None:
        """Add a frame. luma: as `Frame.luma`; ab: (2, h, w), Lab units. After an error this does
        nothing, as ffmpeg would crash."""
        from av.video.frame import VideoFrame

        if self._failed:
            return
        if self.film.coding.full and not self.coding.full:
            luma = self.film.coding.limited(luma)
        if self.kind.even:
            luma = np.pad(luma, ((0, luma.shape[0] % 2), (0, luma.shape[1] % 2)), "edge")
        small = halved(luma, 2, 1 if "422" in self._pixels else 2)
        frame = VideoFrame(luma.shape[1], luma.shape[0], self._pixels)
        for number, plane in enumerate((luma, *self.coding.chroma(small, ab))):
            _fill(frame, number, self._of_depth(plane))
        frame.pts, frame.time_base = pts, self.film.time_base
        try:
            self._container.mux(self._stream.encode(frame))
        except BaseException:
            self._failed = True
            raise

    def __enter__(self) -> Piece:
        return self

    def __exit__(self, kind: object, *rest: object) -> None:
        """Write what is left; after an error nothing of it is wanted any more."""
        with suppress(Exception) if kind else nullcontext():
            if not kind:
                self._container.mux(self._stream.encode(None))
            self._container.close()

    def _of_depth(self, plane: np.ndarray) -> np.ndarray:
        if self._shift > 0:
            return plane.astype(np.uint16) << self._shift
        if self._shift < 0:
            return ((plane.astype(np.uint32) + 2) >> 2).clip(0, 255).astype(np.uint8)
        return plane


def join_pieces(film: Film, pieces: Pieces, kind: Kind, by: Provenance, mark: str) -> None:
    """Put the coloured picture, and the film's own sound, subtitles, chapters and words, into one file. Every packet is
    copied as it is.

    Sound and subtitles that the format cannot hold are encoded again, or left out, as `check_tracks` says. by: how the
    colours were made. mark: what the film says about itself for `is_result`. Raises FilmError, and FFmpegError for
    what cannot be written.
    """
    import av

    target, options = pieces.target, {"movflags": "+faststart"} if kind.xmp else {}
    with whole_file(target, FilmError, within=pieces.folder) as partial, ExitStack() as stack:
        source, first = stack.enter_context(opened(film.path)), stack.enter_context(av.open(str(pieces.done()[0])))
        with av.open(str(partial), "w", options=options) as whole:
            picture = whole.add_stream_from_template(first.streams.video[0])
            picture.time_base = film.time_base
            own = picture_of(source, film.path)
            picture.metadata.update({name: own.metadata[name] for name in {"language", "title"} & {*own.metadata}})
            picture.disposition = own.disposition
            tracks: dict[int, Stream] = {}
            for track, codec in _tracks(source, whole):
                if codec:
                    tracks[track.index] = _added(whole, track, codec)
                    tracks[track.index].metadata.update(track.metadata)
                    tracks[track.index].disposition = track.disposition
            whole.metadata.update(_words(source.metadata, by.sentence()))
            if not kind.xmp:
                whole.metadata["COLORIZER"] = mark
            whole.set_chapters(source.chapters())
            copied = _copied(source, tracks, film) if tracks else iter(())
            for each in heapq.merge(_packets_of(pieces.done(), picture), copied, key=_moment):
                whole.mux_one(each)
        if kind.xmp:
            packet = packet_of(
                b"", (film.width, film.height), "", kind.mime, {**by.event(), "instanceID": mark}, by.sentence()
            )
            with open(partial, "ab") as file:
                file.write(struct.pack(">I4s", 24 + len(packet), b"uuid") + _XMP_BOX + packet)


def _words(said: Mapping[str, str], about: str) -> dict[str, str]:
    """A film's own words, and a sentence about its colours after its own comment."""
    words = {name: text for name, text in said.items() if name.lower() != "comment"}
    lines = [line for name, text in said.items() if name not in words for line in text.splitlines()]
    return {**words, "comment": "\n".join([*(line for line in lines if not line.startswith(PREDICTED)), about])}


def _packets_of(pieces: Sequence[Path], track: Stream) -> Iterator[Packet]:
    import av

    for piece in pieces:
        with av.open(str(piece)) as container:
            for packet in container.demux(video=0):
                if packet.dts is not None:
                    packet.stream = track
                    yield packet


def check_tracks(film: Film, target: Path, kind: Kind) -> None:
    """Say in `film.notes` what a film of this kind cannot hold as it is. Sound becomes AAC, and subtitles plain text;
    those that are pictures are left out."""
    import av

    with opened(film.path) as source, av.open(os.devnull, "w", format=kind.container) as whole:
        for track, codec in _tracks(source, whole):
            own = track.codec_context.name
            if codec != own:
                sentence = {None: "film_track", "aac": "film_aac"}.get(codec, "film_text")
                film.notes.append(FilmError.of(sentence, name=printable(target.name), track=own))


def _tracks(source: InputContainer, whole: OutputContainer) -> Iterator[tuple[Any, str | None]]:
    """The tracks of sound and subtitles, and the codec of each in another file: its own where that can hold it, None
    where it is left out."""
    held = whole.supported_codecs
    for track in others(source):
        codec = track.codec_context.codec
        text = ("mov_text" if "mov_text" in held else "subrip") if codec.text_sub else None
        yield track, codec.name if codec.name in held else "aac" if track.type == "audio" else text


def _added(whole: OutputContainer, track: Any, codec: str) -> Stream:
    """A track for the packets of another, or for what they hold, in another codec."""
    import av

    own = track.codec_context
    if codec == own.name:
        return whole.add_stream_from_template(track)
    if track.type == "audio":
        rate = min(av.Codec(codec, "w").audio_rates or [], key=lambda each: abs(each - track.rate))
        return whole.add_stream(codec, rate, layout=f"{track.channels}c")  # old files do not name their channels
    own.open(strict=False)  # which makes its header
    added: Any = whole.add_stream(codec)
    added.codec_context.subtitle_header = own.subtitle_header
    return added


def _encoded(packet: Packet, track: Any) -> Iterator[Packet]:
    """The contents of a packet for another track. What cannot be decoded is left out."""
    import av

    frames: list[Any] = []
    with suppress(av.error.FFmpegError):
        frames += packet.decode() if track.type == "audio" else _text(packet, track)
    if track.type == "subtitle":
        yield from frames
        return
    for frame in frames:
        yield from track.encode(frame)
    if packet.dts is None:  # the last one
        yield from track.encode(None)


def _text(packet: Packet, track: Any) -> Iterator[Packet]:
    """The subtitle of a packet for another track."""
    own: Any = packet.stream.codec_context
    said = own.decode2(packet) if packet.size else None
    if said:  # it is not empty
        text = track.codec_context.encode_subtitle(said)
        text.pts, text.dts, text.duration, text.time_base = packet.pts, packet.dts, packet.duration, packet.time_base
        text.stream = track
        yield text


def _copied(source: InputContainer, tracks: dict[int, Stream], film: Film) -> Iterator[Packet]:
    """Packets of sound and subtitles, at the times of the film's frames; for a track that is encoded, anew. Where two
    of a track are for the same moment, as where films were joined, the first stays. What cannot be read ends them, and
    a sentence in `film.notes` says so."""
    import av

    clocks, now, last = film.clocks, Fraction(0), dict[int, int]()
    read = [each for each in source.streams if each.index in tracks]
    if len(clocks) > 1:
        read.append(picture_of(source, film.path))  # it goes on where a track has nothing for long
    packets = source.demux(read)
    while True:
        try:
            packet = next(packets, None)
        except av.error.FFmpegError:
            film.notes.append(FilmError.of("film_sound", name=printable(film.path.name), seconds=float(now)))
            return
        if packet is None:
            return
        number = packet.stream.index  # the last packet of a track has no other
        track = tracks.get(number)
        encoded = track is not None and track.codec_context.is_encoder
        if packet.dts is None:
            if encoded:
                yield from _encoded(packet, track)
            continue
        time = packet.dts * packet.time_base - film.start
        clock = nearest(clocks, time, now)
        now, shift = time + clock, round((clock - film.start) / packet.time_base)
        packet.dts += shift
        packet.pts = None if packet.pts is None else packet.pts + shift
        again = packet.stream.type == "audio" and number in last and packet.dts <= last[number]
        if track is None or again:
            continue
        last[number] = packet.dts
        if encoded:
            yield from _encoded(packet, track)
        else:
            packet.stream = track
            yield packet


def _moment(packet: Packet) -> Fraction:
    return packet.dts * packet.time_base  # type: ignore[operator]


def _fill(frame: VideoFrame, number: int, values: np.ndarray) -> None:
    plane = frame.planes[number]
    rows = np.frombuffer(plane, values.dtype)  # type: ignore[call-overload]
    rows = rows.reshape(plane.height, plane.line_size // values.itemsize)
    rows[:, : plane.width] = values


def kind_of(path: Path) -> Kind:
    """The contents of a film to write, by its suffix. Raises FilmError."""
    try:
        return KINDS[path.suffix.lower()]
    except KeyError:
        raise FilmError.of("film_suffix", name=printable(path.name)) from None

"""Films for tests: made and read."""

from fractions import Fraction

import av
import numpy as np


def frames_of(path):
    """The frames of a film as uint8 (H, W, 3)."""
    with av.open(str(path)) as film:
        return [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]


def packets_of(path, kind="audio"):
    """The bytes of every packet of the first stream of a kind."""
    with av.open(str(path)) as film:
        stream = film.streams.get(**{kind: 0})[0]
        return [bytes(packet) for packet in film.demux(stream) if packet.size]


def moving_picture(count=12, size=(64, 48), colour=False, seed=0):
    """Frames of a picture that moves to the left by a pixel each: uint8 (H, W, 3)."""
    width, height = size
    random = np.random.default_rng(seed)
    small = random.integers(20, 235, (height // 8, (width + count) // 8 + 1, 3 if colour else 1))
    wide = np.repeat(small.repeat(8, axis=0).repeat(8, axis=1), 1 if colour else 3, axis=2).astype(np.uint8)
    return [np.ascontiguousarray(wide[:height, i : i + width]) for i in range(count)]


def write_film(
    path, frames, rate=12, codec="ffv1", pixels="yuv420p", sound=False, times=None, options=(), muxing=(), **properties
):
    """Write frames, uint8 (H, W, 3), or (H, W) for a format such as "gray10le". sound: whether there is some, or its
    codec. times: of each frame, in thousandths of a second. muxing: options of the
    container. properties: of the codec, such as color_range=2."""
    height, width = frames[0].shape[:2]
    with av.open(str(path), "w", options=dict(muxing)) as film:
        stream = film.add_stream(codec, rate=rate, options=dict(options))
        stream.width, stream.height, stream.pix_fmt = width, height, pixels
        if times:
            stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        for name, value in properties.items():
            setattr(stream.codec_context, name, value)
        heard = film.add_stream("pcm_s16le" if sound is True else sound, rate=8000, layout="mono") if sound else None
        for number, pixel in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(pixel, "rgb24" if pixel.ndim == 3 else pixels)
            if times:
                frame.pts, frame.time_base = times[number], Fraction(1, 1000)
            film.mux(stream.encode(frame))
            if heard:
                noise = np.random.default_rng(number).integers(-9000, 9000, (1, 8000 // rate), np.int16)
                voice = av.AudioFrame.from_ndarray(noise, "s16", "mono")
                voice.rate, voice.pts = 8000, number * (8000 // rate)
                film.mux(heard.encode(voice))
        film.mux(stream.encode(None))
        if heard:
            film.mux(heard.encode(None))
    return path


def rewritten(path, target, prepare=lambda film, tracks: None):
    """The same packets in another file. prepare: what is told of the film and its tracks, before they are written."""
    with av.open(str(path)) as source, av.open(str(target), "w") as film:
        tracks = [film.add_stream_from_template(each) for each in source.streams]
        prepare(film, tracks)
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = tracks[packet.stream_index]
                film.mux(packet)
    return target

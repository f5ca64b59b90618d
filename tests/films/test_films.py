"""Films: what is kept, what is coloured, and what is said of those that cannot be read."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import torch
from av.stream import Disposition
from film_files import frames_of, moving_picture, packets_of, rewritten, write_film
from PIL import Image

from colorizer.albums.plan import plan_films, plan_jobs
from colorizer.cli.parser import main
from colorizer.colour.lab import rgb_to_lab
from colorizer.colour.readout import Readout
from colorizer.errors import SENTENCES, FilmError
from colorizer.films import reader
from colorizer.films.colour import colour_film
from colorizer.films.luma import BT601, BT709, Coding
from colorizer.films.pieces import made_with
from colorizer.films.reader import Film


def lumas(path):
    """The first plane of every frame, and its time in seconds."""
    film = Film.open(path)
    return [(frame.luma, frame.pts * film.time_base) for frame in film.frames()]


@pytest.mark.parametrize(
    ("pixels", "full"),
    [("yuv420p", False), ("yuv420p", True), ("gray", True), ("yuv444p10le", False), ("bgr0", False)],
)
def test_a_films_own_gray_stays_to_the_last_level(colorizer, tmp_path, pixels, full):
    film = write_film(tmp_path / "a.mkv", moving_picture(3), pixels=pixels, color_range=2 if full else 1)
    colour_film(colorizer, film, tmp_path / "b.mkv")
    for (before, _), (after, _) in zip(lumas(film), lumas(tmp_path / "b.mkv"), strict=True):
        assert np.array_equal(before, after)
    assert Film.open(tmp_path / "b.mkv").coding.full == full


def test_sound_times_chapters_and_words_stay(colorizer, tmp_path):
    times = [0, 80, 200, 210, 500, 1000]
    film = write_film(tmp_path / "a.mov", moving_picture(6), codec="mpeg4", sound=True, times=times)

    def say(film, tracks):
        film.metadata["title"] = "Свадьба"
        film.set_chapters(
            [{"id": 1, "start": 0, "end": 400, "time_base": Fraction(1, 1000), "metadata": {"title": "One"}}]
        )

    with_words = rewritten(film, tmp_path / "words.mkv", say)
    colour_film(colorizer, with_words, tmp_path / "b.mkv")
    assert packets_of(tmp_path / "b.mkv") == packets_of(with_words)
    assert [round(time * 1000) for _, time in lumas(tmp_path / "b.mkv")] == times
    with av.open(str(tmp_path / "b.mkv")) as result:
        assert result.metadata["title"] == "Свадьба"
        assert "Colours predicted" in (result.metadata.get("comment") or result.metadata["COMMENT"])
        assert [chapter["metadata"]["title"] for chapter in result.chapters()] == ["One"]


def heard(path):
    """The samples of a film's sound, as float32, and its codec."""
    with av.open(str(path)) as film:
        (track,) = film.streams.audio
        to_float = av.AudioResampler("flt", "mono", 8000)
        parts = [part.to_ndarray()[0] for frame in film.decode(track) for part in to_float.resample(frame)]
        return np.concatenate(parts), track.codec_context.name


def test_sound_that_an_mp4_cannot_hold_becomes_aac(colorizer, tmp_path):
    """As that of Windows Media, and of old cameras; Matroska keeps it."""
    film = write_film(tmp_path / "a.mkv", moving_picture(24), sound="pcm_u8")
    (note,) = colour_film(colorizer, film, tmp_path / "b.mp4", height=24)
    assert str(note) == SENTENCES["film_aac"].format(name="b.mp4", track="pcm_u8")
    (before, _), (after, codec) = heard(film), heard(tmp_path / "b.mp4")
    assert codec == "aac"
    assert abs(len(after) - len(before)) <= 2048
    assert after.std() == pytest.approx(before.std(), rel=0.2)
    assert colour_film(colorizer, film, tmp_path / "b.mkv", height=24) == []
    assert packets_of(tmp_path / "b.mkv") == packets_of(film)


LINES = [(250, 500, b"Hello"), (1000, 750, "<i>Grüße</i>".encode())]


def subtitled(path, codec):
    """Write a film of two seconds with `LINES`: when each begins, for how long, both in thousandths of a second."""
    plain = write_film(path.with_name("plain.mkv"), moving_picture(24))
    with av.open(str(plain)) as source, av.open(str(path), "w") as film:
        picture, text = film.add_stream_from_template(source.streams.video[0]), film.add_stream(codec)
        text.codec_context.subtitle_header, text.time_base = b"[Script Info]", Fraction(1, 1000)
        text.metadata["language"] = "ger"
        for begin, duration, line in LINES:
            packet = av.Packet(line)
            packet.pts = packet.dts = begin
            packet.duration, packet.time_base, packet.stream = duration, Fraction(1, 1000), text
            film.mux(packet)
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = picture
                film.mux(packet)
    return path


def lines_of(path):
    """The subtitles of a film, as `LINES`."""
    with av.open(str(path)) as film:
        said = [packet for packet in film.demux(subtitles=0) if packet.size]
        moments = [(packet.pts * packet.time_base * 1000, packet.duration * packet.time_base * 1000) for packet in said]
        return [(*moment, bytes(packet)) for moment, packet in zip(moments, said, strict=True)]


def test_subtitles_stay_or_become_plain_text(colorizer, tmp_path):
    film = subtitled(tmp_path / "a.mkv", "subrip")
    assert colour_film(colorizer, film, tmp_path / "b.mkv", height=24) == []
    assert lines_of(tmp_path / "b.mkv") == lines_of(film) == LINES
    (note,) = colour_film(colorizer, film, tmp_path / "b.mp4", height=24)
    assert str(note) == SENTENCES["film_text"].format(name="b.mp4", track="srt")
    lines = [(begin, duration, text) for begin, duration, text in lines_of(tmp_path / "b.mp4") if len(text) > 2]
    assert [line[:2] for line in lines] == [line[:2] for line in LINES]
    assert ["Hello" in lines[0][2].decode(), "Grüße" in lines[1][2].decode("utf-8", "replace")] == [True, True]
    note, _ = colour_film(colorizer, tmp_path / "b.mp4", tmp_path / "c.mkv", height=24)  # it is in colour, too
    assert "plain text" in str(note)
    assert lines_of(tmp_path / "c.mkv") == LINES
    with av.open(str(tmp_path / "c.mkv")) as result:
        assert result.streams.subtitles[0].language == "ger"


def test_subtitles_that_are_pictures_are_left_out_of_an_mp4(colorizer, tmp_path):
    film = subtitled(tmp_path / "a.mkv", "dvbsub")
    (note,) = colour_film(colorizer, film, tmp_path / "b.mp4", height=24)
    assert str(note) == SENTENCES["film_track"].format(name="b.mp4", track="dvbsub")
    with av.open(str(tmp_path / "b.mp4")) as result:
        assert [track.type for track in result.streams] == ["video"]
    assert colour_film(colorizer, film, tmp_path / "b.mkv", height=24) == []
    assert packets_of(tmp_path / "b.mkv", "subtitles") == packets_of(film, "subtitles")


@pytest.mark.parametrize("suffix", [".mkv", ".mov"])
def test_what_a_player_is_told_of_tracks_stays(colorizer, tmp_path, suffix):
    """Which sound and subtitles are shown by default, which are forced, and their languages."""
    made = write_film(tmp_path / "a.mkv", moving_picture(3), codec="mpeg4", sound=True)
    told = [(Disposition(0), "ger"), (Disposition.default, "eng"), (Disposition.forced, "fra")]
    film = tmp_path / f"tracks{suffix}"
    with av.open(str(made)) as source, av.open(str(film), "w") as target:
        tracks = [target.add_stream_from_template(source.streams.video[0])]
        for disposition, language in told:
            tracks.append(target.add_stream_from_template(source.streams.audio[0]))
            tracks[-1].disposition, tracks[-1].metadata["language"] = disposition, language
        for packet in source.demux():
            for track in tracks[: 1 if packet.stream_index == 0 else None]:
                if packet.dts is not None and (track is tracks[0]) == (packet.stream_index == 0):
                    again = av.Packet(bytes(packet))
                    again.pts, again.dts, again.time_base = packet.pts, packet.dts, packet.time_base
                    again.stream, again.is_keyframe = track, packet.is_keyframe
                    target.mux(again)
    colour_film(colorizer, film, tmp_path / f"b{suffix}")
    with av.open(str(film)) as before, av.open(str(tmp_path / f"b{suffix}")) as after:
        sound = before.streams.audio, after.streams.audio
        said = [[(each.disposition, each.metadata["language"]) for each in tracks] for tracks in sound]
        assert len(said[0]) == 3
        assert said[0] == said[1]
        assert before.streams.video[0].disposition == after.streams.video[0].disposition


@pytest.mark.parametrize("suffix", [".mkv", ".mov", ".mp4"])
def test_a_films_own_comment_stays_beside_ours(colorizer, tmp_path, suffix):
    made = write_film(tmp_path / "a.mkv", moving_picture(3), codec="mpeg4")
    said = {"comment": "Found in the attic", "artist": "Grandfather", "date": "1931"}
    rewritten(made, tmp_path / "c.mov", lambda film, tracks: film.metadata.update(said))
    once, twice = tmp_path / f"once{suffix}", tmp_path / f"twice{suffix}"
    for before, after in ((tmp_path / "c.mov", once), (once, twice)):
        colour_film(colorizer, before, after)
        with av.open(str(after)) as film:
            words = {name.lower(): text for name, text in film.metadata.items()}
        comment = words["comment"].splitlines()
        assert comment[0] == "Found in the attic"
        assert len(comment) == 2
        assert comment[1].startswith("Colours predicted")
        assert (words["artist"], words["date"]) == ("Grandfather", "1931")


def test_an_mp4_says_that_its_colours_are_a_guess(colorizer, tmp_path):
    film = write_film(tmp_path / "a.mkv", moving_picture(3))
    colour_film(colorizer, film, tmp_path / "b.mp4")
    assert b"compositeWithTrainedAlgorithmicMedia" in (tmp_path / "b.mp4").read_bytes()
    assert len(frames_of(tmp_path / "b.mp4")) == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mkv", "b.mp4"]


@pytest.mark.parametrize(
    ("suffix", "size", "written"),
    [
        (".mp4", (61, 45), (62, 46)),
        (".mov", (61, 45), (62, 46)),
        (".mkv", (61, 45), (61, 45)),
        (".mkv", (191, 144), (191, 144)),
        (".mkv", (190, 143), (190, 143)),
    ],
)
def test_sizes_may_be_odd(colorizer, tmp_path, suffix, size, written):
    width, height = size
    frames = [frame[:height, :width] for frame in moving_picture(2, (192, 144))]
    film = write_film(tmp_path / "a.mkv", frames, pixels="yuv444p")
    colour_film(colorizer, film, tmp_path / f"b{suffix}")
    result = Film.open(tmp_path / f"b{suffix}")
    assert (result.width, result.height) == written


@pytest.mark.parametrize(("suffix", "width", "aspect"), [(".mp4", 64, Fraction(5, 4)), (".mkv", 80, Fraction(1))])
def test_wide_pixels_stay_wide_or_become_square(colorizer, tmp_path, suffix, width, aspect):
    film = write_film(tmp_path / "a.mp4", moving_picture(2), codec="libx264", sample_aspect_ratio=Fraction(5, 4))
    notes = colour_film(colorizer, film, tmp_path / f"b{suffix}")
    result = Film.open(tmp_path / f"b{suffix}")
    assert (result.width, result.height, result.aspect) == (width, 48, aspect)
    assert ("80 pixels wide" in "".join(map(str, notes))) == (suffix == ".mkv")


def test_a_film_can_be_made_smaller(colorizer, tmp_path):
    film = write_film(tmp_path / "a.mkv", moving_picture(2, (128, 96)))
    colour_film(colorizer, film, tmp_path / "b.mp4", height=48)
    result = Film.open(tmp_path / "b.mp4")
    assert (result.width, result.height) == (64, 48)
    assert colour_film(colorizer, film, tmp_path / "c.mov", height=50) == [], "its pixels stay square"


def test_a_film_on_its_side_is_put_upright(colorizer, tmp_path):
    frames = moving_picture(2)
    plain = write_film(tmp_path / "plain.mp4", frames, codec="libx264")
    rewritten(plain, tmp_path / "a.mp4", lambda film, tracks: tracks[0].set_display_rotation(90))
    film = Film.open(tmp_path / "a.mp4")
    assert (film.width, film.height) == (48, 64)
    turned, straight = next(film.frames()).luma, next(Film.open(plain).frames()).luma
    assert np.array_equal(turned, np.rot90(straight)) or np.array_equal(turned, np.rot90(straight, 3))
    colour_film(colorizer, tmp_path / "a.mp4", tmp_path / "b.mkv")
    assert np.array_equal(lumas(tmp_path / "b.mkv")[0][0], turned)


def test_half_pictures_are_made_whole(tmp_path):
    film = write_film(tmp_path / "a.mkv", moving_picture(6), codec="mpeg2video", options={"flags": "+ildct+ilme"})
    opened = Film.open(film)
    times = [float(frame.pts * opened.time_base) for frame in opened.frames()]
    assert times == pytest.approx([i / 12 for i in range(6)], abs=2e-3)
    assert any("interlaced" in str(note) for note in opened.notes)


@pytest.mark.parametrize("space", [BT601, BT709])
@pytest.mark.parametrize("bits", [8, 10])
@pytest.mark.parametrize("full", [False, True])
def test_chroma_is_that_of_the_colours(space, bits, full):
    coding = Coding(bits, full, space, 2, 2)
    unit = 1 << bits - 8
    luma = np.full((4, 4), 120 * unit, np.uint8 if bits == 8 else np.uint16)
    ab = torch.tensor([20.0, -30.0])[:, None, None].expand(2, 4, 4)
    blue, red = coding.chroma(luma, ab)
    frame = av.VideoFrame(4, 4, "yuv444p" if bits == 8 else "yuv444p10le")
    for plane, values in zip(frame.planes, (luma, blue, red), strict=True):
        rows = np.frombuffer(plane, values.dtype).reshape(4, -1)
        rows[:, :4] = values
    frame.colorspace, frame.color_range = space, 2 if full else 1
    rgb = frame.reformat(format="rgb24", src_colorspace=space, dst_color_range=2).to_ndarray()
    seen = rgb_to_lab(torch.tensor(rgb).permute(2, 0, 1) / 255.0)[:, 1, 1]
    assert (seen[1:] - ab[:, 0, 0]).abs().max() < 4  # chroma goes with luma, which is not quite lightness
    gray, _ = coding.chroma(luma, torch.zeros(2, 4, 4))
    assert np.abs(gray.astype(int) - 128 * unit).max() <= 1


@pytest.mark.parametrize(("pixels", "range_", "full"), [("gray", 2, True), ("gray", 1, False), ("yuv420p", 0, False)])
def test_black_and_white_are_where_the_film_says(tmp_path, pixels, range_, full):
    film = write_film(tmp_path / "a.mkv", moving_picture(1), pixels=pixels, color_range=range_)
    assert Film.open(film).coding.full == full


def test_full_range_becomes_limited_where_a_format_has_no_other(colorizer, tmp_path):
    film = write_film(tmp_path / "a.mkv", moving_picture(2), color_range=2)
    colour_film(colorizer, film, tmp_path / "b.mov")
    (before, _), (after, _) = lumas(film)[0], lumas(tmp_path / "b.mov")[0]
    assert not Film.open(tmp_path / "b.mov").coding.full
    assert np.abs(after / 4 - (16 + before * (219 / 255))).mean() < 1


def test_uneven_times_do_not_overlap_where_pieces_meet(colorizer, tmp_path, pieces_of):
    pieces_of(4)
    times = [0, 40, 80, 120, 160, 260, 360, 460, 500, 540]
    film = write_film(tmp_path / "a.mkv", moving_picture(10), times=times)
    colour_film(colorizer, film, tmp_path / "b.mp4")
    assert [round(time * 1000) for _, time in lumas(tmp_path / "b.mp4")] == times


def test_a_recording_that_begins_late_begins_at_once(colorizer, tmp_path):
    times = [3_600_000 + 40 * i for i in range(4)]
    film = write_film(tmp_path / "a.mkv", moving_picture(4), times=times)
    colour_film(colorizer, film, tmp_path / "b.mkv")
    assert [round(time * 1000) for _, time in lumas(tmp_path / "b.mkv")] == [0, 40, 80, 120]


def test_films_of_one_name_and_pieces_are_not_mixed_up(tmp_path):
    for folder in ("a", "b", ".part-film-x"):
        (tmp_path / folder).mkdir()
        write_film(tmp_path / folder / "reel.mkv", moving_picture(1))
    plan = plan_jobs([str(tmp_path)], tmp_path / "out", "png", False, films=True)
    assert [film.parent.name for film, _ in plan.films] == ["a", "b"]
    assert not plan.problems
    jobs, problems = plan_films([(film, Path()) for film, _ in plan.films], tmp_path / "out")
    assert len(jobs) == 1
    assert "would overwrite" in str(problems[0])


def test_pieces_of_other_settings_are_not_used(colorizer, tmp_path, pieces_of):
    pieces_of(4)
    film = write_film(tmp_path / "a.mkv", moving_picture(6))

    def stop(frames, share):
        if frames == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        colour_film(colorizer, film, tmp_path / "b.mkv", {"saturation": 0.0}, progress=stop)
    colour_film(colorizer, film, tmp_path / "b.mkv", {"saturation": 2.0})
    assert all(np.ptp(frame.astype(int), axis=2).mean() > 3 for frame in frames_of(tmp_path / "b.mkv"))
    pictures = [Image.new("RGB", (8, 8), colour) for colour in ("red", "red", "blue")]
    readouts = [Readout(reference=picture) for picture in pictures] + [Readout(saturation=1), Readout(saturation=1.0)]
    first, same, other, whole, number = (made_with("", readout, None, None) for readout in readouts)
    assert first == same != other
    assert whole == number
    assert not list(tmp_path.glob(".part-*"))


def made(tmp_path, what):
    """A file that is no good film, or a film that deserves a sentence."""
    path = tmp_path / "ré.mkv"
    if what in ("film_unknown", "photo_empty"):
        path.write_bytes(b"no film at all" * 100 if what == "film_unknown" else b"")
    elif what == "film_no_picture":
        with av.open(str(path), "w") as film:
            track = film.add_stream("pcm_s16le", rate=8000, layout="mono")
            voice = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), "s16", "mono")
            voice.rate = 8000
            film.mux(track.encode(voice))
            film.mux(track.encode(None))
    else:
        write_film(path, moving_picture(48, colour=what == "film_coloured"))
    if what == "film_cut":
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


@pytest.mark.parametrize("what", ["film_unknown", "photo_empty", "film_no_picture", "film_huge"])
def test_what_cannot_be_coloured_is_said(colorizer, tmp_path, what, monkeypatch):
    if what == "film_huge":
        monkeypatch.setattr(reader, "MOST_PIXELS", 64 * 48 - 1)
    film = made(tmp_path, what)
    with pytest.raises(FilmError, match=SENTENCES[what].partition("{name}")[2].partition("{")[0].strip()) as error:
        colour_film(colorizer, film, tmp_path / "b.mp4")
    assert "ré.mkv" in str(error.value)
    assert list(tmp_path.iterdir()) == [film]


@pytest.mark.parametrize("what", ["film_coloured", "film_cut", ""])
def test_what_should_be_known_is_said(colorizer, tmp_path, what):
    film = made(tmp_path, what)
    notes = colour_film(colorizer, film, tmp_path / "b.mp4", height=24)
    assert [str(note).split(" ", 1)[1][:12] for note in notes] == (
        [SENTENCES[what].partition("{name} ")[2][:12]] if what else []
    )
    assert len(frames_of(tmp_path / "b.mp4")) == 48 or what == "film_cut"


def test_films_from_the_command_line(weights, tmp_path, capsys):
    (tmp_path / "in" / "box").mkdir(parents=True)
    write_film(tmp_path / "in" / "box" / "reel.avi", moving_picture(3), codec="mpeg4")
    write_film(tmp_path / "in" / "box" / "reel.mkv", moving_picture(3))
    (tmp_path / "in" / "bad.mp4").write_bytes(b"no film")
    chosen = ["--checkpoint", str(weights / "mobile-unet.safetensors"), "--preset", "vivid"]
    assert main(["colorize", str(tmp_path / "in"), "-o", str(tmp_path / "out"), *chosen]) == 1
    said = capsys.readouterr().err
    assert "bad.mp4 is not a film that can be read" in said
    assert "2 coloured, 1 not" in said
    names = sorted(path.name for path in (tmp_path / "out" / "box").iterdir())
    assert names == ["reel-avi-colorized.mp4", "reel-mkv-colorized.mp4"]
    one = str(tmp_path / "in" / "box" / "reel.avi")
    assert main(["colorize", one, "-o", str(tmp_path / "a.mov"), *chosen]) == 0
    assert len(frames_of(tmp_path / "a.mov")) == 3
    for flags, sentence in (
        (["-o", str(tmp_path / "a.mov")], "is already there; add --overwrite"),
        (["-o", str(tmp_path / "a.avi")], "must end in .mp4, .mov or .mkv"),
        (["-o", str(tmp_path / "b.mp4"), "--triptych"], "--triptych is for photographs"),
        (["-o", str(tmp_path / "b.mp4"), "--crf", "70"], "--crf must be from 0 to 51"),
        (["-o", str(tmp_path / "b.mp4"), "--hint", "5,5,#c03020@70"], "a hint at second 70.0 lies outside"),
    ):
        assert main(["colorize", one, *flags, *chosen]) != 0
        assert sentence in capsys.readouterr().err

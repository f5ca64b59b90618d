"""Films that end in the middle, and disks that do: what there is stays, and one sentence says what is missing."""

import errno
import os
import re
import shutil
from contextlib import nullcontext

import av
import pytest
from conftest import filling, representing
from film_files import frames_of, moving_picture, packets_of, write_film

from colorizer.errors import SENTENCES, FilmError
from colorizer.films import colour, pieces, reader, writer
from colorizer.films.colour import colour_film


class Breaking:
    """A container that can be read up to some packet."""

    def __init__(self, container, packets):
        self._container, self._packets = container, packets

    def __getattr__(self, name):
        return getattr(self._container, name)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._container.close()

    def demux(self, *tracks):
        for number, packet in enumerate(self._container.demux(*tracks)):
            if number == self._packets:
                raise av.error.InvalidDataError(1, "not a sentence for people", "/a/secret/path")
            yield packet


def break_after(monkeypatch, packets, *modules):
    """Let films break there, where these modules read them."""
    for module in modules:
        read = module.opened
        monkeypatch.setattr(module, "opened", lambda path, read=read: Breaking(read(path), packets))


def test_where_a_film_breaks_its_last_frames_are_kept(colorizer, tmp_path, monkeypatch):
    film = write_film(tmp_path / "a.mkv", moving_picture(40), codec="libx264", options={"bf": "3"})
    break_after(monkeypatch, 20, reader)
    notes = colour_film(colorizer, film, tmp_path / "b.mkv", height=24)
    times = [frame.pts for frame in reader.Film.open(tmp_path / "b.mkv").frames()]
    assert len(times) == 20, "what the decoder held is not lost"
    (note,) = notes
    assert str(note) == SENTENCES["film_cut"].format(name="a.mkv", seconds=times[-1] / 1000 + 1 / 12)


def test_where_the_sound_breaks_the_picture_stays_whole(colorizer, tmp_path, monkeypatch):
    film = write_film(tmp_path / "a.mkv", moving_picture(24), sound=True)
    break_after(monkeypatch, 12, writer)
    notes = colour_film(colorizer, film, tmp_path / "b.mkv", height=24)
    assert len(frames_of(tmp_path / "b.mkv")) == 24
    assert packets_of(tmp_path / "b.mkv") == packets_of(film)[:12]
    assert [str(note) for note in notes] == [SENTENCES["film_sound"].format(name="a.mkv", seconds=11 / 12)]


@pytest.mark.parametrize("suffix", representing([".mp4", ".mov", ".mkv"], [".mp4", ".mkv"]))
@pytest.mark.parametrize("when", ["a piece begins", "a piece is written", "the film is joined", "its last bytes"])
def test_a_disk_that_fills_up_leaves_the_earlier_film(colorizer, tmp_path, monkeypatch, pieces_of, suffix, when):
    pieces_of(4)
    film, result = write_film(tmp_path / "a.mkv", moving_picture(8), sound=True), tmp_path / f"b{suffix}"
    colour_film(colorizer, film, result, height=24)
    whole = result.stat().st_size
    result.write_bytes(b"the earlier film")
    join, sizes = colour.join_pieces, {"a piece begins": 0, "a piece is written": 700}

    def joined(*values):
        with filling(whole - 200 if when == "its last bytes" else whole // 2):
            join(*values)

    monkeypatch.setattr(colour, "join_pieces", joined)
    said = rf"^b{suffix} could not be written \({os.strerror(errno.EFBIG)}\)"
    with pytest.raises(FilmError, match=said), filling(sizes[when]) if when in sizes else nullcontext():
        colour_film(colorizer, film, result, height=24)
    assert result.read_bytes() == b"the earlier film"
    assert {path.name for path in tmp_path.glob("[!.]*")} == {"a.mkv", result.name}
    left = {path.name for path in tmp_path.glob(".part-*/*/*") if path.is_file()}
    whole_files = {"complete", *(f"00000{number}{end}" for number in (0, 1) for end in (suffix, ".state"))}
    assert left <= whole_files
    assert left or not list(tmp_path.glob(".part-*"))
    monkeypatch.setattr(colour, "join_pieces", join)
    colour_film(colorizer, film, result, height=24)
    assert len(frames_of(result)) == 8
    assert {path.name for path in tmp_path.iterdir()} == {"a.mkv", result.name}


@pytest.mark.parametrize("free", ["all", "some", "none"])
def test_a_disk_without_room_is_told_of_once_and_stops_a_film_only_before_a_piece_that_does_not_fit(
    colorizer, tmp_path, monkeypatch, pieces_of, caplog, free
):
    pieces_of(4)
    film, frames, disk = write_film(tmp_path / "a.mkv", moving_picture(16)), [], shutil.disk_usage(tmp_path)

    def left(folder):
        piece, state = ((folder / f"000000{suffix}").stat().st_size for suffix in (".mkv", ".state"))
        return disk._replace(free={"all": 10**9, "some": 5 * piece + 2 * state, "none": piece}[free])

    monkeypatch.setattr(pieces.shutil, "disk_usage", left)
    said = r"^b.mkv needs about 1 MB more on the disk, and 0 MB are free; make room for it\.$"
    for _ in range(2):  # a run that is started again makes no further piece
        with pytest.raises(FilmError, match=said) if free == "none" else nullcontext():
            colour_film(colorizer, film, tmp_path / "b.mkv", progress=lambda count, share: frames.append(count))
        if free != "none":
            break
    assert frames == [*range(1, 5 if free == "none" else 17)]
    assert (tmp_path / "b.mkv").exists() == (free != "none")
    warnings = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert len(warnings) == (free == "some")
    assert all(re.match(said, warning) for warning in warnings)


FAST = {"movflags": "faststart"}
FORMATS = {
    ".mp4": {"codec": "libx264", "sound": "aac", "muxing": FAST},
    ".mov": {"codec": "mpeg4", "muxing": FAST},
    ".mkv": {"codec": "libx264", "sound": True},
    ".webm": {"codec": "libvpx"},
    ".avi": {"codec": "mpeg4", "sound": True},
    ".ts": {"codec": "libx264", "options": {"bf": "2"}},
    ".wmv": {"codec": "wmv2"},
    ".flv": {"codec": "flv"},
}


def told_of(path):
    """The last second of a film's frames, and all that is said of it."""
    film = reader.Film.open(path)
    (*_, last) = film.frames()
    return float(last.pts * film.time_base), film.notes


@pytest.mark.parametrize("suffix", representing([*FORMATS], [".mp4", ".mkv", ".avi", ".ts", ".wmv"]))
@pytest.mark.parametrize("missing", [9, 600])
def test_a_film_that_lost_less_than_a_second_says_so(tmp_path, suffix, missing):
    path = write_film(tmp_path / f"a{suffix}", moving_picture(40, (192, 144)), **FORMATS[suffix])
    assert told_of(path)[1] == []
    path.write_bytes(path.read_bytes()[:-missing])
    last, notes = told_of(path)
    assert last > 39 / 12 - 1
    assert [str(note) for note in notes] == [SENTENCES["film_cut"].format(name=path.name, seconds=last + 1 / 12)]


def test_an_index_tells_of_frames_that_are_missing_from_the_end(tmp_path):
    """Where the file ends between two frames."""
    path = write_film(tmp_path / "a.mp4", moving_picture(40), codec="libx264", muxing=FAST, options={"bf": "0"})
    last = packets_of(path, "video")[-1]
    path.write_bytes(path.read_bytes().removesuffix(last))
    assert [note.kind for note in told_of(path)[1]] == ["film_cut"]


def test_a_hole_in_a_broadcast_is_told_of(tmp_path):
    """A decoder makes whole frames of what is left."""
    path = write_film(tmp_path / "a.ts", moving_picture(48), codec="libx264")
    content = bytearray(path.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 800] = bytes(800)
    path.write_bytes(content)
    film = reader.Film.open(path)
    list(film.frames())
    assert [note.kind for note in film.notes] == ["film_cut"]


@pytest.mark.parametrize("kind", ["film_unknown", "film_locked"])
def test_what_is_no_film_to_read_is_said(tmp_path, kind):
    """An MP4 whose index, which is at its end, is cut off; and one that is protected against copying."""
    path = write_film(tmp_path / "a.mp4", moving_picture(60), codec="libx264")
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 2 // 3] if kind == "film_unknown" else whole.replace(b"avc1", b"encv"))
    with pytest.raises(FilmError) as error:
        reader.Film.open(path)
    assert error.value.kind == kind


def test_an_mp4_whose_packets_are_encrypted_is_refused(tmp_path):
    """FFmpeg gives its picture the name of one that is not."""
    secret = {"encryption_scheme": "cenc-aes-ctr", "encryption_key": "7a" * 16, "encryption_kid": "5b" * 16}
    path = write_film(tmp_path / "a.mp4", moving_picture(12), codec="libx264", muxing=secret)
    with pytest.raises(FilmError) as error:
        reader.Film.open(path)
    assert error.value.kind == "film_locked"

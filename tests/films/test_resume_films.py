"""Runs that go on where another stopped, to the same bytes: with its pieces, with its results, and not beside it."""

import multiprocessing
import os
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest
import torch
from conftest import representing
from film_files import moving_picture, packets_of, write_film
from PIL import Image

from colorizer import Colorizer, build
from colorizer.checkpoints.file import save_checkpoint
from colorizer.cli.parser import main
from colorizer.errors import FilmError
from colorizer.films import colour
from colorizer.films.colour import colour_film, is_coloured

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A small checkpoint."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("small") / "small.safetensors"
    save_checkpoint(path, build("alpha"), working_size=32)
    return path


@pytest.fixture(scope="module")
def colorizer(small):
    return Colorizer.from_checkpoint("small", folder=small.parent, device="cpu")


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
def test_a_result_is_known_by_film_settings_and_checkpoint(colorizer, weights, tmp_path, suffix):
    film, result = write_film(tmp_path / "a.mkv", moving_picture(3)), tmp_path / f"b{suffix}"
    colour_film(colorizer, film, result, {"saturation": 1.5}, crf=20)
    assert is_coloured(colorizer, film, result, {"saturation": 1.5}, crf=20)
    assert is_coloured(colorizer, film, result, {"saturation": 1.5}) == (suffix != ".mp4"), "only that has a quality"
    assert not is_coloured(colorizer, film, result, {}, crf=20)
    assert not is_coloured(colorizer, film, result, {"saturation": 1.5}, height=24, crf=20)
    another = Colorizer.from_checkpoint("mobile-unet", folder=weights, device="cpu")
    assert not is_coloured(another, film, result, {"saturation": 1.5}, crf=20)
    os.utime(film, (1, 1))
    assert is_coloured(colorizer, film, result, {"saturation": 1.5}, crf=20), "a copy is the same film"
    write_film(film, moving_picture(3, seed=1))
    assert not is_coloured(colorizer, film, result, {"saturation": 1.5}, crf=20)
    assert not is_coloured(colorizer, film, film, {"saturation": 1.5}, crf=20)


@pytest.mark.parametrize("out", ["out", "out/a-colorized.mp4"], ids=["folder", "file"])
def test_resume_keeps_what_is_right_and_names_what_is_not(small, tmp_path, capsys, out):
    film = write_film(tmp_path / "a.mkv", moving_picture(3))
    (tmp_path / "out").mkdir()
    command = ["colorize", str(film), "-o", str(tmp_path / out), "--checkpoint", str(small), "--resume"]
    result = tmp_path / "out" / "a-colorized.mp4"
    assert main(command) == 0
    first = result.stat().st_mtime_ns
    assert main(command) == 0
    assert result.stat().st_mtime_ns == first
    capsys.readouterr()
    assert main([*command, "--saturation", "0.5"]) == 1
    assert "is already there, but of another film, other settings or another checkpoint" in capsys.readouterr().err
    assert result.stat().st_mtime_ns == first
    assert main([*command, "--saturation", "0.5", "--overwrite"]) == 0
    assert result.stat().st_mtime_ns != first


def test_a_gif_becomes_a_film_where_one_is_wanted_and_a_photo_becomes_no_folder_of_that_name(small, tmp_path, capsys):
    first, *rest = [Image.fromarray(frame) for frame in moving_picture(3)]
    first.save(tmp_path / "a.gif", save_all=True, append_images=rest, duration=100)
    first.save(tmp_path / "a.png")
    (tmp_path / "b").mkdir()
    first.save(tmp_path / "b" / "a.gif")
    for name, code in (("a.gif", 0), ("a.png", 1), ("b", 1)):
        command = ["colorize", str(tmp_path / name), "-o", str(tmp_path / f"{name}.mp4"), "--checkpoint", str(small)]
        assert main(command) == code
    assert len(pictures_of(tmp_path / "a.gif.mp4")) == 3
    said = capsys.readouterr().err
    for name in ("a.png.mp4", "b.mp4"):
        assert f"a photograph cannot become {name}; end it in .png" in said
        assert not (tmp_path / name).exists()


@pytest.mark.skipif(os.name != "posix", reason="only Unix has these locks")
def test_two_runs_do_not_make_one_film(colorizer, tmp_path):
    film = write_film(tmp_path / "a.mkv", moving_picture(6))
    child = f"import sys, time; from pathlib import Path; from colorizer.films.pieces import Pieces\n" \
            f"with Pieces(Path({str(tmp_path / 'b.mp4')!r}), Path({str(film)!r}), 'other').alone():\n" \
            f"    print('held', flush=True); time.sleep(60)"  # fmt: skip
    with subprocess.Popen([sys.executable, "-c", child], cwd=ROOT, stdout=subprocess.PIPE) as other:
        try:
            assert other.stdout.readline() == b"held\n"
            with pytest.raises(FilmError, match=r"^Another run is making b.mp4; wait until it ends, or stop it\.$"):
                colour_film(colorizer, film, tmp_path / "b.mp4")
            colour_film(colorizer, film, tmp_path / "c.mp4")
        finally:
            other.kill()
    colour_film(colorizer, film, tmp_path / "b.mp4")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mkv", "b.mp4", "c.mp4"]


def test_what_was_seen_of_a_film_is_told_by_the_run_that_finishes_it(colorizer, tmp_path, monkeypatch):
    film = write_film(tmp_path / "a.mkv", moving_picture(6, colour=True))
    with monkeypatch.context() as patched:
        patched.setattr(colour, "join_pieces", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            colour_film(colorizer, film, tmp_path / "b.mkv")
    (note,) = colour_film(colorizer, film, tmp_path / "b.mkv")
    assert "is in colour" in str(note)


def pictures_of(path):
    """The bytes and moment of every frame."""
    with av.open(str(path)) as film:
        return [(bytes(packet), packet.pts) for packet in film.demux(video=0) if packet.size]


def test_a_run_that_was_stopped_goes_on_to_the_same_film(colorizer, tmp_path, pieces_of):
    pieces_of(8)
    film = write_film(tmp_path / "a.mkv", moving_picture(26), sound=True)
    colour_film(colorizer, film, tmp_path / "whole.mp4")
    started = []
    for stop in (1, 9, 12, 25, 26):

        def progress(frames, share, stop=stop):
            started.append(frames)
            if frames == stop:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            colour_film(colorizer, film, tmp_path / "b.mp4", progress=progress)
        assert not (tmp_path / "b.mp4").exists()
    colour_film(colorizer, film, tmp_path / "b.mp4", progress=lambda frames, share: started.append(frames))
    assert started.count(1) == 2, "the first piece was made again"
    assert started.count(26) == 1, "a stop after the last frame throws nothing away"
    assert pictures_of(tmp_path / "b.mp4") == pictures_of(tmp_path / "whole.mp4")
    assert b"".join(packets_of(tmp_path / "b.mp4")) == b"".join(packets_of(film))
    assert not list(tmp_path.glob(".part-*"))


@pytest.mark.parametrize("gone", [slice(0, 1), slice(1, 3), slice(2, 3), slice(0, 3)], ids=str)
def test_pieces_that_are_gone_are_made_again(colorizer, tmp_path, monkeypatch, pieces_of, gone):
    """A run may be killed while it deletes those of a finished film."""
    pieces_of(2)
    film = write_film(tmp_path / "a.mkv", moving_picture(6))
    with monkeypatch.context() as patched:
        patched.setattr(colour, "join_pieces", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            colour_film(colorizer, film, tmp_path / "b.mkv")
    pieces = sorted(tmp_path.glob(".part-film-*/*/0*.mkv"))
    assert len(pieces) == 3
    for piece in pieces[gone]:
        piece.unlink()
    colour_film(colorizer, film, tmp_path / "b.mkv")
    colour_film(colorizer, film, tmp_path / "whole.mkv")
    assert pictures_of(tmp_path / "b.mkv") == pictures_of(tmp_path / "whole.mkv")


@pytest.mark.skipif(os.name != "posix", reason="only Unix forks")
@pytest.mark.parametrize("moments", representing([5, 20], [5]))
def test_a_run_killed_at_any_moment_goes_on_to_the_same_film(small, tmp_path, pieces_of, moments):
    """By SIGKILL, after which nothing can be cleaned up."""
    pieces_of(8)
    film, whole, result = write_film(tmp_path / "a.mkv", moving_picture(40)), tmp_path / "w.mkv", tmp_path / "b.mkv"

    def pieces():
        return len(list(tmp_path.glob(".part-film-*/*/0*.mkv")))

    def run(out, wanted=None, seconds=0.0):
        """Colour the film in a process of its own, until so many pieces are there, and for so long; returns its exit
        code."""
        command = ["colorize", str(film), "--checkpoint", str(small), "--resume", "-o", str(out)]
        process = multiprocessing.get_context("fork").Process(target=main, args=(command,))
        process.start()
        while process.is_alive() and (wanted is None or pieces() < wanted):
            process.join(0.01)
        process.join(seconds)
        process.kill()
        process.join()
        return process.exitcode

    assert run(whole) == 0
    random, wanted, stages = np.random.default_rng(0), pictures_of(whole), set()
    for some in np.sort(random.integers(0, 5, moments)):
        assert run(result, some, random.uniform(0, 0.5)) in (0, -9), "killed or done, and never in the way of itself"
        stages.add(pieces())
        assert {path.name for path in tmp_path.glob("[!.]*")} <= {"a.mkv", "w.mkv", "b.mkv"}
        if result.exists():  # whole, and the next run begins anew
            assert pictures_of(result) == wanted
            result.unlink()
    assert len(stages) > 1, "some were killed when pieces were done"
    assert run(result) == 0
    assert pictures_of(result) == wanted
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mkv", "b.mkv", "w.mkv"]

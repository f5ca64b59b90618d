"""A film is read as a photograph of its beginning."""

import av
import numpy as np
import pytest
from film_files import moving_picture, write_film
from PIL import Image

from colorizer.errors import PhotoError
from colorizer.photo.decoder_pool import DecoderPool
from colorizer.photo.open import read_photo


def test_the_first_frame_with_something_to_see_is_the_photo(tmp_path):
    black = np.zeros((48, 64, 3), np.uint8)
    frames = moving_picture(3)
    film = write_film(tmp_path / "reel.mkv", [black, black, *frames], pixels="yuv444p")
    opened = read_photo(film)
    assert np.abs(np.asarray(opened.image).astype(int) - frames[0]).max() <= 3
    assert [str(note) for note in opened.notes] == ["reel.mkv is a film: this is a frame of its beginning."]
    pool = DecoderPool(1)
    try:
        assert pool.read(film).image.tobytes() == opened.image.tobytes()
    finally:
        pool.close()


@pytest.mark.parametrize("frames", [6, 48])
def test_of_a_film_that_fades_in_it_is_a_clear_one(tmp_path, frames):
    picture = moving_picture(1)[0]
    fading = [(picture * min(1.0, number / frames)).astype(np.uint8) for number in range(frames + 20)]
    film = write_film(tmp_path / "reel.mkv", fading, pixels="yuv444p")
    assert np.asarray(read_photo(film).image).mean() > 0.85 * picture.mean()


def test_a_film_whose_first_packet_is_damaged_is_shown_by_a_later_frame(tmp_path):
    film = write_film(tmp_path / "reel.avi", moving_picture(6), codec="mpeg4", options={"g": "1"})
    with av.open(str(film)) as container:
        packet = next(container.demux(video=0))
        at, size = packet.pos, packet.size
    data = bytearray(film.read_bytes())
    start = data.index(b"\0\0\1\xb6", at)
    data[start : at + size] = bytes([255]) * (at + size - start)
    film.write_bytes(data)
    assert np.asarray(read_photo(film).image).std() > 20


def test_a_film_that_is_black_throughout_is_a_black_photo(tmp_path):
    film = write_film(tmp_path / "reel.mkv", [np.zeros((48, 64, 3), np.uint8)] * 3)
    assert np.asarray(read_photo(film).image).max() <= 2


def test_a_photo_may_be_called_like_a_film(tmp_path):
    Image.new("RGB", (8, 8), "red").save(tmp_path / "photo.mov", "PNG")
    assert read_photo(tmp_path / "photo.mov").image.getpixel((0, 0)) == (255, 0, 0)


@pytest.mark.parametrize("how", ["codec", "packets"])
def test_a_film_that_is_protected_is_refused_in_a_sentence(tmp_path, how):
    secret = {"encryption_scheme": "cenc-aes-ctr", "encryption_key": "7a" * 16, "encryption_kid": "5b" * 16}
    muxing = secret if how == "packets" else ()
    film = write_film(tmp_path / "reel.mp4", moving_picture(3), codec="libx264", muxing=muxing)
    if how == "codec":
        film.write_bytes(film.read_bytes().replace(b"avc1", b"encv"))
    with pytest.raises(PhotoError, match="protected against copying"):
        read_photo(film)


@pytest.mark.parametrize("keep", [0, 300])
def test_a_broken_film_is_refused_in_a_sentence(tmp_path, keep):
    film = write_film(tmp_path / "reel.mp4", moving_picture(3), codec="mpeg4")
    film.write_bytes(film.read_bytes()[:keep])
    with pytest.raises(PhotoError, match=r"reel\.mp4 is (empty|not a film)"):
        read_photo(film)

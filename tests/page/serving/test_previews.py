"""Photographs go up as they are, and come down as previews."""

import io

import numpy as np
import pytest
from conftest import colour_photo
from hostile import encode
from PIL import Image

from colorizer.page.serving.served_files import served_file, shown_file
from colorizer.page.session.answer import PREVIEW_SIDE

BROWSER = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"
NAVIGATION = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


@pytest.fixture
def sent_up(upload):
    """The address of an uploaded file."""
    return lambda name, content: f"gradio_api/file={upload(name, content)}"


def looked_at(answer):
    return Image.open(io.BytesIO(answer.content))


@pytest.mark.parametrize("name", ["large photo.jpg", "größer + 50%.jpg"])
def test_to_look_at_a_preview_and_to_keep_the_file(stranger, sent_up, name):
    photo = encode(colour_photo(3000, 2000), "JPEG", quality=95)
    address = sent_up(name, photo)
    for keeps in ("*/*", NAVIGATION):
        assert stranger.get(address, headers={"Accept": keeps}).content == photo
    answer = stranger.get(address, headers={"Accept": BROWSER})
    assert looked_at(answer).size == (PREVIEW_SIDE, round(PREVIEW_SIDE / 1.5))
    assert answer.headers["content-type"] == "image/jpeg"
    assert "Accept" in answer.headers["vary"]
    assert answer.headers["content-security-policy"].startswith("sandbox")


def test_what_no_browser_shows_is_shown(stranger, sent_up):
    scan = np.linspace(0, 65535, 600).astype(np.uint16).reshape(20, 30)
    address = sent_up("scan.tif", encode(Image.fromarray(scan), "TIFF"))
    shown = np.asarray(looked_at(stranger.get(address, headers={"Accept": BROWSER})).convert("L"))
    assert shown.shape == (20, 30)
    assert shown[0].mean() < 20
    assert shown[-1].mean() > 235


@pytest.mark.parametrize("name", ["words.jpg", "drawing.svg", "nothing.png"])
def test_what_is_no_photograph_is_left_alone(stranger, sent_up, name):
    address = sent_up(name, b"this is no photograph")
    answer = stranger.get(address, headers={"Accept": BROWSER})
    assert answer.content == b"this is no photograph"


def test_what_was_made_to_be_looked_at_is_sent_as_it_is(stranger):
    kept = served_file("result.png")
    colour_photo(2560, 1700).save(kept)
    for made in (shown_file(colour_photo(2560, 1700), "on-the-stage"), kept):
        answer = stranger.get(f"gradio_api/file={made}", headers={"Accept": BROWSER})
        assert looked_at(answer).size == (2560, 1700)


@pytest.mark.parametrize("name", ["album.zip", "reel.mp4"])
def test_a_browser_asks_whether_what_it_saved_before_has_changed(stranger, name):
    """A corrected album is at the same address, and browsers take a file for fresh for a tenth of its age."""
    made = served_file(name)
    made.write_bytes(b"old")
    answer = stranger.get(f"gradio_api/file={made}")
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["etag"]


@pytest.mark.parametrize("asked", ["2-5", "0-1,4-5", "-3", "5-1", "x-y", f"0-{'9' * 5000}"])
def test_any_part_of_a_file_may_be_asked_for(stranger, upload, asked):
    path = upload("a.bin", b"0123456789")
    answer = stranger.get(f"gradio_api/file={path}", headers={"Range": f"bytes={asked}", "X-Mine": "a"})
    assert answer.status_code in (206, 400)
    assert "x-mine" not in answer.headers
    assert asked != "2-5" or answer.content == b"2345"

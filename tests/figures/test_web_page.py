"""Photographs as one HTML file: whole, escaped, and without a request to anyone."""

import base64
import hashlib
import io
import re

import pytest
from conftest import colour_photo
from html_page import Page
from PIL import Image

from colorizer import PhotoError
from colorizer.figures.slide import Exhibit
from colorizer.figures.web_page import Words, write_web_page

EVIL = "<script>alert('1912')</script> & \"Maria\""


def pictures(page):
    prefix = "data:image/jpeg;base64,"
    assert all(each["src"].startswith(prefix) for each in page.all("img"))
    return [Image.open(io.BytesIO(base64.b64decode(each["src"][len(prefix) :]))) for each in page.all("img")]


def panes(size, count=3):
    photo = colour_photo(*size)
    return [("Grayscale", photo.convert("L")), ("Predicted", photo), ("Original", photo.rotate(180))][:count]


def test_one_photo(tmp_path):
    about = ["Checkpoint: mobile-unet", "", "SHA-256 of the checkpoint: 0123"]
    photo = Exhibit(EVIL, panes((2000, 1000)), "A guess, <b>2026</b>", "© 'R'", about)
    page = Page(write_web_page([photo], tmp_path / "a.html", words=Words(language="it", divider='"D"')))
    assert page.all("html") == [{"lang": "it"}]
    for said in (EVIL, "A guess, <b>2026</b>", "© 'R'", "Grayscale", "Original", *filter(None, about)):
        assert said in page.words
    assert len(page.all("script")) == 1
    assert not page.all("nav")
    assert [(picture.size, picture.format) for picture in pictures(page)] == [((1600, 800), "JPEG")] * 3
    assert [picture.mode for picture in pictures(page)] == ["RGB", "L", "RGB"]  # the upper ones come later
    assert ["hidden" in each for each in page.all("img")] == [False, False, True]
    assert page.all("input")[0]["aria-label"] == '"D"'
    assert len(page.all("input")) == 3


def test_many_photos_have_a_title_and_ways_to_go_on(tmp_path):
    photos = (Exhibit(name, panes((90, 60), 2)) for name in ("one", "two", "three"))
    page = Page(write_web_page(photos, tmp_path / "a.html", "Family"))
    assert "Family" in page.words
    assert (len(page.all("section")), len(page.all("h1")), len(page.all("h2"))) == (3, 1, 3)
    assert len(pictures(page)) == 6
    assert [each["type"] for each in page.all("input")] == ["range"] * 3  # nothing to choose without a true original
    assert page.all("nav")[0]["data-count"] == "{number} of {count}"
    ids = re.findall(r' id="([^"]+)"', page.source)
    assert len(set(ids)) == len(ids) == 3


def test_it_asks_nobody_and_runs_only_its_own_script(tmp_path):
    page = Page(write_web_page([Exhibit("a", panes((90, 60)))], tmp_path / "a.html"))
    script = re.search(r"<script>(.*?)</script>", page.source, re.DOTALL)[1]
    (policy,) = (each["content"] for each in page.all("meta") if each.get("http-equiv") == "Content-Security-Policy")
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert rules["script-src"] == f"'sha256-{digest}'"
    assert (rules["default-src"], rules["img-src"], rules["font-src"]) == ("'none'", "data:", "data:")
    assert not re.search(r"(?:https?:)?//\w+\.\w", re.sub(r"base64,[A-Za-z0-9+/=]+", "", page.source))
    for tag, attributes in page.tags:
        assert tag not in ("link", "iframe", "object", "base", "form")
        assert not [name for name in attributes if name.startswith("on") or name == "href"]


def test_nothing_to_show_and_no_room(tmp_path):
    with pytest.raises(ValueError, match="needs a photograph"):
        write_web_page([], tmp_path / "a.html")
    with pytest.raises(PhotoError):
        write_web_page([Exhibit("a", panes((9, 6), 2))], tmp_path / "missing" / "a.html")
    assert not list(tmp_path.iterdir())

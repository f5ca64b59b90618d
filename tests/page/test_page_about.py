"""The About tab: what it says is so, in every language."""

import re
from pathlib import Path

import pytest
from PIL import Image

from colorizer import build
from colorizer.page.i18n.texts import LANGUAGES, speaking, text
from colorizer.page.tabs.about.tab import COLOURS, MEASURED, PAPERS, PICTURES, PROJECTS, about_html

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_all(language):
    with speaking("en"):
        english = about_html()
    with speaking(language):
        html = about_html()
        assert text("about_worth_1") in html
    assert not re.search(r"[{}]", html), "a blank was left"
    assert html.count("<p") == english.count("<p")
    for said in (*MEASURED.values(), str(COLOURS), "mobile-unet"):
        assert said in html, said


def test_figures_are_those_of_the_flagships_page():
    page = (ROOT / "docs" / "flagship.md").read_text(encoding="utf-8")
    rows = {}
    for line in page.splitlines():
        cells = [cell.strip(" *`") for cell in line.strip("|").split("|")]
        rows.setdefault(cells[0], cells[1:])
    flagship, oracle = rows["mobile-unet"], rows["oracle: the picture's own mean colour"]
    assert flagship[1:4] == [f"+{MEASURED[name]}" for name in ("gain", "object", "scene")]
    assert oracle[1] == f"+{MEASURED['oracle']}"
    assert flagship[-1] == f"0.{MEASURED['colourful']}"
    assert rows["vivid"][-1] == f"0.{MEASURED['vivid']}"
    assert 0 <= float(rows["vivid"][3]) < 0.1  # no closer than gray
    hints = dict(re.findall(r"^\| (\d+) \| [\d.]+ \| \+([\d.]+) \|", page.partition("## Hints")[2], re.MULTILINE))
    assert (hints["1"], hints["10"]) == (MEASURED["one"], MEASURED["ten"])
    assert f"| {MEASURED['size']} (its own) |" in page
    assert len(build("mobile-unet").centres) == COLOURS


def test_pictures_are_there_small_and_described():
    html = about_html()
    shown = re.findall(
        r'<img src="gradio_api/file=([^"]+)" width="300" height="200" loading="lazy" alt="([^"]+)">', html
    )
    assert len(shown) == html.count("<img") == 8
    assert {Path(path) for path, _ in shown} == set(PICTURES.glob("*.webp"))
    assert len({alt for _, alt in shown}) == 8
    for path in PICTURES.iterdir():
        assert path.stat().st_size < 12_000
        assert Image.open(path).size == (300, 200)


def test_sources_are_named_with_whoever_made_them():
    html = about_html()
    assert len(PROJECTS) == 5
    for source in (*PROJECTS, *PAPERS):
        assert f">{source.title}<" in html
        assert f">{source.who}<" in html
    assert all(address.startswith(("https://", "gradio_api/")) for address in re.findall(r'href="([^"]+)"', html))

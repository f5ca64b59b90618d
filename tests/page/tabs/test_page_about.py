"""The About tab: what it says is so, in every language."""

import re
from pathlib import Path

import pytest
from PIL import Image

from colorizer import build
from colorizer.checkpoints.file import read_card
from colorizer.page.i18n.texts import LANGUAGES, speaking, text
from colorizer.page.tabs.about import COLOURS, MEASURED, PICTURES, about_html

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_text_is_complete_in_every_language(language):
    with speaking("en"):
        english = about_html()
    with speaking(language):
        html = about_html()
        assert text("about_worth_1") in html
    assert not re.search(r"[{}]", html), "a blank was left"
    assert html.count("<p") == english.count("<p")
    measured = [value if language == "en" else value.replace(".", ",") for value in MEASURED.values()]
    if language == "de":
        assert "<kbd>Umschalt+Tab</kbd>" in html
        assert "<kbd>Entf</kbd>" in html
    assert "and others" not in html
    for said in (*measured, str(COLOURS), "mobile-unet"):
        assert said in html, said


def test_the_figures_are_those_of_docs_flagship():
    page = (ROOT / "docs" / "flagship.md").read_text(encoding="utf-8")
    rows = {}
    for line in page.splitlines():
        cells = [cell.strip(" *`") for cell in line.strip("|").split("|")]
        rows.setdefault(cells[0], cells[1:])
    flagship, oracle = rows["mobile-unet"], rows["oracle: the picture's own mean colour"]
    assert flagship[1:4] == [f"+{MEASURED[name]}" for name in ("gain", "object", "scene")]
    assert oracle[1] == f"+{MEASURED['oracle']}"
    assert flagship[-1] == f"0.{MEASURED['colourful']}"
    over_gray, colourful = float(rows["vivid"][4]), rows["vivid"][8]
    assert colourful == f"0.{MEASURED['vivid']}"
    assert over_gray <= 0.5  # hardly closer than gray
    hints = dict(re.findall(r"^\| (\d+) \| [\d.]+ \| \+([\d.]+) \|", page.partition("## Hints")[2], re.MULTILINE))
    assert (hints["1"], hints["10"]) == (MEASURED["one"], MEASURED["ten"])
    assert str(read_card(ROOT / "weights/mobile-unet.safetensors").working_size) == MEASURED["size"]
    assert len(build("mobile-unet").centres) == COLOURS


def test_pictures_exist_are_small_and_have_descriptions():
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


def test_a_host_may_link_to_the_site_that_needs_no_server(monkeypatch):
    assert str(text("about_site_link")) not in about_html()
    monkeypatch.setenv("COLORIZER_SITE", "https://example.org/colorizer/")
    assert (
        f'href="https://example.org/colorizer/" rel="noopener" target="_blank">{text("about_site_link")}'
        in about_html()
    )
    monkeypatch.setenv("COLORIZER_SITE", "javascript:alert(1)")
    with pytest.raises(ValueError, match="COLORIZER_SITE is an address, such as https"):
        about_html()

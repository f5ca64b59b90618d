"""What a host may say of itself on the page, and what it may not."""

import pytest
from PIL import Image

from colorizer.page import build_page
from colorizer.page.look.brand import Brand, contrast_to_white


def said(monkeypatch, **parts):
    for part, value in parts.items():
        monkeypatch.setenv(f"COLORIZER_{part}", str(value))
    return Brand.from_environment()


def test_a_host_has_the_page_under_its_own_name(monkeypatch, tmp_path, weights):
    Image.new("RGB", (8, 8)).save(tmp_path / "logo.png")
    lines = {"LICENCE": "Pictures: CC BY 4.0", "FOOTER": "Museum <of> Light"}
    brand = said(monkeypatch, NAME="Old & New", LOGO=tmp_path / "logo.png", COLOUR="#1d4ed8", **lines)
    assert brand.heading("Colorizer", "Colours.").startswith('<img src="data:image/png;base64,')
    assert "<h1>Old &amp; New</h1><p>Colours.</p>" in brand.heading("Colorizer", "Colours.")
    assert brand.foot() == "<p>Pictures: CC BY 4.0</p><p>Museum &lt;of&gt; Light</p>"
    assert "--color-accent: #1d4ed8" in brand.style_sheet()
    page = build_page(weights, tmp_path / "none", brand)
    assert page.title == "Old & New"
    shown = [str(each["props"].get("value")) for each in page.get_config_file()["components"]]
    assert any("<h1>Old &amp; New</h1>" in value for value in shown)
    assert any("Museum &lt;of&gt; Light" in value for value in shown)


def test_without_a_host_all_is_as_it_was(weights, tmp_path):
    brand = Brand.from_environment()
    assert (brand.foot(), brand.style_sheet()) == ("", "")
    assert brand.heading("Colorizer", "x") == "<h1>Colorizer</h1><p>x</p>"
    page = build_page(weights, tmp_path)
    assert page.title == "Colorizer"
    assert not [each for each in page.get_config_file()["components"] if each["props"].get("elem_id") == "brand"]


def test_what_cannot_be_used_is_told(monkeypatch, tmp_path):
    (tmp_path / "logo.txt").write_text("no picture")
    (tmp_path / "large.png").write_bytes(bytes(200_001))
    for part, value in {
        "COLOUR": "red; } body { display: none",
        "LOGO": tmp_path / "logo.txt",
    }.items():
        with monkeypatch.context() as context, pytest.raises(ValueError, match=f"COLORIZER_{part}"):
            said(context, **{part: value})
    for path in (tmp_path / "large.png", tmp_path / "none.png"):
        with monkeypatch.context() as context, pytest.raises(ValueError, match="at most 200 kB"):
            said(context, LOGO=path)
    with monkeypatch.context() as context, pytest.raises(ValueError, match="a darker colour"):
        said(context, COLOUR="#ffd700")


def test_contrast_to_white():
    assert contrast_to_white("#ffffff") == pytest.approx(1)
    assert contrast_to_white("#000000") == pytest.approx(21)

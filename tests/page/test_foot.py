"""The foot of the page: what a host may say of itself there, and what Gradio links to."""

import pytest

from colorizer.errors import UserError
from colorizer.page import build_page
from colorizer.page.app import footer_links


def feet(page):
    """The HTML at the foot of a page."""
    parts = [component["props"] for component in page.get_config_file()["components"]]
    return [part["value"] for part in parts if part.get("elem_id") == "foot"]


def test_a_host_has_a_foot_of_its_own(monkeypatch, weights, tmp_path, built_page):
    assert feet(built_page) == []
    foot = tmp_path / "foot.html"
    foot.write_text("<style>#foot { color: #1d4ed8 }</style><p>Musée · CC BY 4.0</p>", encoding="utf-8")
    monkeypatch.setenv("COLORIZER_FOOT", str(foot))
    assert feet(build_page(weights, tmp_path)) == [foot.read_text(encoding="utf-8")]


def test_a_foot_that_is_not_there_is_told(monkeypatch, weights, tmp_path):
    monkeypatch.setenv("COLORIZER_FOOT", str(tmp_path / "none.html"))
    with pytest.raises(UserError, match=r"none\.html is no text"):
        build_page(weights, tmp_path)


def test_gradios_settings_are_linked_where_they_have_something_that_works(monkeypatch):
    monkeypatch.delenv("SPACE_ID", raising=False)
    assert footer_links() == ["api", "settings"]
    monkeypatch.setenv("SPACE_ID", "someone/colorizer")
    assert footer_links() == ["api"]

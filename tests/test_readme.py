"""What the README promises is there."""

import re
from pathlib import Path

import pytest

from colorizer import list_architectures
from colorizer.protocols import PROTOCOLS
from colorizer.published import LAYOUTS

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("name", ["README.md", "weights/README.md"])
def test_links_lead_somewhere(name):
    page = ROOT / name
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target


def test_every_system_recipe_and_layout_is_named():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in (*list_architectures(), *PROTOCOLS, *LAYOUTS):
        assert f"`{name}`" in text or f"--recipe {name}" in text, name
    assert not re.search(r"\b[A-Z]{7,}\b", text.replace("CREDITS.md", "")), "a placeholder was left"


def test_the_comparison_is_shown():
    table = (ROOT / "docs" / "comparison.md").read_text(encoding="utf-8").strip()
    assert table in (ROOT / "README.md").read_text(encoding="utf-8")
    assert "plain gray" in table

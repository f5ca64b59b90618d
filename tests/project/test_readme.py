"""What the README promises is there."""

import re
from dataclasses import fields
from pathlib import Path

import pytest
from small_networks import SHIPPED

from colorizer import list_architectures
from colorizer.architectures.registry import architecture_class
from colorizer.checkpoints.published import LAYOUTS
from colorizer.training import Run
from colorizer.training.protocols import PROTOCOLS
from colorizer.training.recipes import Recipe

ROOT = Path(__file__).parents[2]
ELSEWHERE = {"overwrite", "layout", "variant", "width", "checkpoint", "temperature", "saturation"}
"""Flags in the text that belong to other commands or to a network."""


@pytest.mark.parametrize(
    "name",
    ["README.md", "weights/README.md", *(f"docs/{page.name}" for page in sorted((ROOT / "docs").glob("*.md")))],
)
def test_links_lead_somewhere(name):
    page = ROOT / name
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target


def test_every_system_recipe_and_layout_is_named():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in (*SHIPPED, *PROTOCOLS, *LAYOUTS):
        assert f"`{name}`" in text or f"--recipe {name}" in text, name
    assert not re.search(r"\b[A-Z]{7,}\b", re.sub(r"[A-Z]+\.md", "", text)), "a placeholder was left"


@pytest.mark.parametrize("name", ["README.md", "docs/training.md", "docs/scaling.md"])
def test_settings_of_training_that_are_named_exist(name):
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    commands = re.findall(r"train\.py ([a-z0-9-]+) ([^\n`]*)", text)
    assert commands
    known = {"recipe"} | {field.name.replace("_", "-") for kind in (Run, Recipe) for field in fields(kind)}
    for architecture, rest in commands:
        assert architecture in {"report", "NAME", *list_architectures()}
        of_network = fields(architecture_class(architecture).Config) if architecture in list_architectures() else ()
        named = set(re.findall(r"--([a-z][a-z0-9-]*)", rest.partition("#")[0]))
        assert named <= known | {"help"} | {field.name.replace("_", "-") for field in of_network}, architecture
    alone = set(re.findall(r"`--([a-z][a-z0-9-]*)[^`]*`", text)) - known
    assert alone <= ELSEWHERE, f"{alone - ELSEWHERE} is no setting of training"


def test_the_comparison_is_shown():
    table = (ROOT / "docs" / "comparison.md").read_text(encoding="utf-8").strip()
    assert table in (ROOT / "README.md").read_text(encoding="utf-8")
    assert "plain gray" in table

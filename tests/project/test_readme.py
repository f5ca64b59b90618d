"""Everything that the README and the pages of docs/ promise exists."""

import re
import shlex
from dataclasses import fields
from pathlib import Path

import pytest
from small_networks import SHIPPED

from colorizer import list_architectures
from colorizer.architectures.registry import architecture_class
from colorizer.checkpoints.published import LAYOUTS
from colorizer.cli.parser import command_line
from colorizer.training import Run
from colorizer.training.protocols import PROTOCOLS
from colorizer.training.recipes import Recipe

ROOT = Path(__file__).parents[2]
PAGES = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "weights/README.md", "examples/CREDITS.md"]
PAGES += [f"docs/{page.name}" for page in sorted((ROOT / "docs").glob("*.md"))]
ELSEWHERE = {"without", "overwrite", "layout", "checkpoint", "temperature", "saturation"}
"""Flags in the text that belong to other commands."""
MADE = {"colorizer/", "weights/mine.safetensors", "weights/album.safetensors"}
"""Names in the text that are not in the repository: TensorBoard's folder of a run, weights of the reader's own."""


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name):
    page = ROOT / name
    for target, _, heading in re.findall(r"\]\(([^)#\s]*)(#([^)\s]+))?\)", read(name)):
        if target.startswith("http"):
            continue
        assert (page.parent / target).exists(), target
        if heading:
            aim = page.parent / target if target else page
            headings = re.findall(r"^#+ (.*)$", aim.read_text(encoding="utf-8"), re.MULTILINE)
            slugs = {re.sub(r"[^\w\- ]", "", line.lower()).replace(" ", "-") for line in headings}
            assert heading in slugs, f"{target}#{heading}"


@pytest.mark.parametrize("name", PAGES)
def test_named_files_exist(name):
    for path in re.findall(r"`((?:colorizer|tests|benchmarks|docs|weights|examples|hosting)/[\w./*-]*)", read(name)):
        assert list(ROOT.glob(path.rstrip("/"))) or path in MADE, path


def test_the_readme_is_one_screen_and_a_half():
    assert len(read("README.md").encode()) <= 7000


def test_every_system_recipe_and_layout_is_named():
    for name in (*SHIPPED, *LAYOUTS):
        assert f"`{name}`" in read("docs/networks.md"), name
    training = read("docs/training.md")
    for name in PROTOCOLS:
        assert f"`{name}`" in training or f"--recipe {name}" in training, name


@pytest.mark.parametrize("name", ["docs/training.md", "docs/scaling.md"])
def test_named_training_settings_exist(name):
    text = read(name).replace("\\\n", " ")
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


@pytest.mark.parametrize(
    "name", ["README.md", "docs/cli.md", "docs/archives.md", "docs/training.md", "docs/networks.md", "docs/site.md"]
)
def test_every_command_is_understood(name):
    blocks = "\n".join(re.findall(r"^```\w*\n(.*?)^```", read(name), re.DOTALL | re.MULTILINE)).replace("\\\n", " ")
    lines = re.findall(r"^(?:RAY_ADDRESS=auto )?(?:python -m )?colorizer (\w.*)$", blocks, re.MULTILINE)
    assert lines
    for line in lines:
        arguments = shlex.split(re.sub(r"\s+# .*", "", line))
        if arguments[0] == "train":
            assert arguments[1] in list_architectures()
        else:
            command_line().parse_args(arguments)  # an unknown flag ends the test with SystemExit


def test_the_comparison_is_shown():
    table = read("docs/comparison.md").strip()
    assert table in read("docs/networks.md")
    assert "plain gray" in table
    shown = [line.strip("| ").split(" | ") for line in read("README.md").splitlines() if line.startswith("|")][2:]
    assert len(shown) == 3
    for name, *figures in shown:
        (row,) = [line for line in table.splitlines() if line.startswith(f"| {name} |")]
        assert row.endswith(f" | {' | '.join(figures)} |"), "`make benchmark` writes both"


def test_contributing_matches_the_repository():
    text = read("CONTRIBUTING.md")
    rooms = {f"{room}/" for room in re.findall(r"^\| `([a-z_/]+)/` \|", text, re.MULTILINE)}
    folders = {path.parent.relative_to(ROOT / "colorizer") for path in (ROOT / "colorizer").glob("*/__init__.py")}
    assert {f"{folder}/" for folder in folders} <= rooms
    for target in re.findall(r"^make ([a-z-]+)", text, re.MULTILINE):
        assert f"\n{target}:" in read("Makefile"), target
    for path in re.findall(r"pytest (tests/\S+)", text):
        assert (ROOT / path).exists(), path

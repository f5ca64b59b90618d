"""The examples of docs/api.md, run as they stand against one live server."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import colour_photo, representing
from PIL import Image

DOCS = Path(__file__).parents[3] / "docs" / "api.md"
ADDRESS = "http://127.0.0.1:7860"
RUN = {
    "bash": ["bash", "-euo", "pipefail", "-s"],
    "python": [sys.executable, "-"],
    "javascript": ["node", "--input-type=module", "-"],
}
SAYS = {
    "compare": ("mobile-unet", "resnet18-decoder"),
    "suggest": ("#",),
    "models": ("mobile-unet", "resnet18-decoder"),
}
"""The words that examples must print, by endpoint; `colorize` leaves a file."""


def examples() -> dict[tuple[str, str], str]:
    """Code by section and language."""
    found = {}
    for section in re.split(r"^## ", DOCS.read_text(encoding="utf-8"), flags=re.M)[1:]:
        for language, code in re.findall(r"^```(\w+)\n(.*?)^```", section, flags=re.M | re.S):
            found[section.splitlines()[0], language] = code
    return found


EXAMPLES = [(endpoint, language) for endpoint in ("colorize", *SAYS) for language in RUN]
ONE_OF_EACH = [*(("colorize", language) for language in RUN)]
ONE_OF_EACH += [("compare", "bash"), ("suggest", "javascript"), ("models", "bash")]


@pytest.mark.parametrize("example", representing(EXAMPLES, ONE_OF_EACH), ids="-".join)
def test_example(page, example, tmp_path):
    endpoint, language = example
    program = RUN[language][0]
    if not shutil.which(program):
        pytest.skip(f"{program} is not installed")
    colour_photo(120, 80).save(tmp_path / "old.jpg")
    code = examples()["Before the first request", language] + examples()[endpoint, language]
    ran = subprocess.run(
        RUN[language],
        input=code.replace(ADDRESS, page.local_url.rstrip("/")),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    for said in SAYS.get(endpoint, ()):
        assert said in ran.stdout
    if endpoint == "colorize":
        named = re.search(r"\S+\.png", ran.stdout)  # the Python client chooses a place itself
        result = Image.open(named[0] if named else tmp_path / "in-colour.png")
        assert (result.format, result.size) == ("PNG", (120, 80))
        assert "mobile-unet" in result.info["Description"]


def test_every_endpoint_has_an_example_in_every_language():
    assert set(examples()) >= {(endpoint, language) for endpoint in ("colorize", *SAYS) for language in RUN}

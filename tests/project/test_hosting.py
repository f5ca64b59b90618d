"""Hugging Face Spaces, containers and git hosts require some things of the repository."""

import json
import re
import subprocess
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
ZERO_GPU_PYTHON = {"3.10", "3.12"}
ZERO_GPU_TORCH = {"2.8.0", "2.9.1", "2.10.0", "2.11.0", "2.12.1", "2.13.0"}
"""The versions that ZeroGPU runs, by its documentation of September 2026."""
COLOURS = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}
LARGEST = 10_000_000
"""Bytes of a file that git hosts take without LFS."""


def front_matter(kind):
    _, front, _ = (ROOT / "hosting" / kind / "README.md").read_text(encoding="utf-8").split("---\n", 2)
    return yaml.safe_load(front)


@pytest.fixture(scope="module")
def space():
    """The front matter of the Space's README."""
    return front_matter("space")


@pytest.fixture(scope="module")
def requirements():
    """requirements.txt, by package."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert not [line for line in lines if line.startswith("-")], "an option here, such as an index, binds Spaces too"
    wanted = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {requirement.name: requirement.specifier for requirement in wanted}


@pytest.mark.parametrize("kind", ["space", "static"])
def test_a_space_is_described_as_the_hub_wants_it(kind):
    said = front_matter(kind)
    assert len(said["short_description"]) <= 60
    assert {said["colorFrom"], said["colorTo"]} <= COLOURS
    assert not said["emoji"].isascii()
    assert all(re.fullmatch("[a-z0-9-]+", tag) for tag in said["tags"])
    assert said["license"] == "mit"
    assert "MIT License" in (ROOT / "LICENSE").read_text(encoding="utf-8")
    if kind == "static":
        assert (said["sdk"], said["app_file"]) == ("static", "index.html")
        assert said["custom_headers"]["cross-origin-opener-policy"] == "same-origin"


def test_the_space_runs_what_the_requirements_allow(space, requirements):
    assert space["sdk"] == "gradio"
    assert requirements["gradio"].contains(space["sdk_version"])
    assert "serve()" in (ROOT / space["app_file"]).read_text(encoding="utf-8")
    assert space["python_version"] in ZERO_GPU_PYTHON
    assert [version for version in ZERO_GPU_TORCH if requirements["torch"].contains(version)]
    for installed in ("gradio", "spaces", "huggingface-hub"):  # Spaces brings its own, and fails at another's pin
        assert "==" not in str(requirements.get(installed, ""))


def test_each_way_to_a_space_puts_its_own_readme_at_the_root():
    text = (ROOT / "docs" / "hosting.md").read_text(encoding="utf-8")
    ways = re.findall(r"^```\w*\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    pushing = [way for way in ways if "hf upload" in way or "git push" in way]
    assert len(pushing) == 2
    for way in pushing:
        assert re.search(
            r"(git archive|git checkout main).*cp hosting/space/README\.md.*(hf upload|git push)", way, re.DOTALL
        )


def tracked():
    """Files in git, by path, with their sizes."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout")
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return {path: path.stat().st_size for path in paths if path.exists()}


def test_weights_are_in_git_itself_and_small():
    sizes = tracked()
    weights = [path for path in sizes if path.suffix == ".safetensors"]
    assert {path.parent for path in weights} == {ROOT / "weights", ROOT / "colorizer" / "inference"}
    assert set(weights) >= set((ROOT / "weights").glob("*.safetensors"))
    large = [path.name for path, size in sizes.items() if size >= LARGEST]
    assert not large, f"{large} need LFS"
    names = "\n".join(str(path.relative_to(ROOT)) for path in sizes)
    filters = subprocess.run(
        ["git", "check-attr", "--stdin", "filter"], cwd=ROOT, input=names, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert len(filters) == len(sizes)
    assert all(line.endswith("filter: unspecified") for line in filters)
    assert not [path.name for path in weights if path.read_bytes()[:7] == b"version"], "pointers instead of weights"
    total, of_weights = sum(sizes.values()), sum(sizes[path] for path in weights)
    print(f"\n{len(sizes)} files, {total / 1e6:.1f} MB, of them {of_weights / 1e6:.1f} MB weights")
    assert total < 150e6, "cloning takes long"


def test_what_git_push_puts_into_lfs_is_all_that_is_binary():
    """The Hub refuses a branch with any other file."""
    (patterns,) = re.findall("git lfs track (.*)", (ROOT / "docs" / "hosting.md").read_text(encoding="utf-8"))
    suffixes = set(re.findall(r"'\*(\.[a-z0-9]+)'", patterns))
    binary = {path.suffix for path in tracked() if b"\0" in path.read_bytes()[:8000]}
    assert suffixes == binary


@pytest.fixture(scope="module")
def image():
    """The Dockerfile's instructions, as (name, argument)."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    lines = text.replace("\\\n", " ").splitlines()
    return [(name, " ".join(argument.split())) for name, _, argument in (line.partition(" ") for line in lines) if name]


def last(image, name):
    return [argument for instruction, argument in image if instruction == name][-1]


def test_the_image_runs_as_an_unprivileged_user(image):
    user = last(image, "USER")
    assert user == "1000"
    assert f"--uid {user} " in last([i for i in image if "useradd" in i[1]], "RUN")
    names = [name for name, _ in image]
    after = names[len(names) - names[::-1].index("USER") :]
    assert not {"COPY", "ADD", "RUN"} & set(after), "what the user owns, a visitor might change"
    assert not [argument for name, argument in image if name == "COPY" and "--chown" in argument]


def test_the_image_writes_only_to_memory_and_handles_signals(image):
    settings = dict(pair.split("=", 1) for pair in last(image, "ENV").split())
    assert settings["GRADIO_SERVER_NAME"] == "0.0.0.0"
    assert settings["GRADIO_SERVER_PORT"] == last(image, "EXPOSE")
    for folder in ("GRADIO_TEMP_DIR", "MPLCONFIGDIR"):
        assert settings[folder].startswith("/tmp/")
    assert json.loads(last(image, "CMD")) == ["python", "app.py"], "a shell in between would keep SIGTERM to itself"


def test_the_image_is_of_the_python_that_spaces_runs(image, space):
    versions = re.findall(r"python:?(\d\.\d+)", " ".join(argument for _, argument in image))
    assert set(versions) == {space["python_version"]}


def test_dockerignore_lets_the_needed_files_through(image):
    rules = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert rules[rules.index("*") + 1 :], "all is kept out, and some let in"
    let_in = [rule[1:] for rule in rules if rule.startswith("!")]
    sources = [source for name, argument in image if name == "COPY" for source in argument.split()[:-1]]
    here = [source for source in sources if not source.startswith(("--from", "/"))]
    assert len(here) > 4
    for source in here:
        assert any(rule == source or fnmatch(rule, f"{source}/*") for rule in let_in), source
        assert (ROOT / source).exists()
    assert set(let_in) <= set(here) | {"examples/*.jpg", "examples/CREDITS.md"}, "let in for nothing"


def test_every_setting_of_ours_is_in_the_docs_and_read():
    told = set(re.findall(r"COLORIZER_[A-Z_]+", (ROOT / "docs" / "hosting.md").read_text(encoding="utf-8")))
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "colorizer").rglob("*.py")]
    read = {name for source in sources for name in re.findall(r"environ[^\n]*\"(COLORIZER_[A-Z_]+)\"", source)}
    assert told == read

"""`pip install .` installs the packages that it requires, and the wheel, tested without the repository."""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from PIL import Image

import colorizer

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[2]
EXTRAS = {"accelerate", "gradio", "jinja2", "onnx", "ray", "tensorboard", "torchvision", "tyro"}
"""Packages that only the extras bring."""
WITHOUT = f"""
from importlib.machinery import PathFinder
find = PathFinder.find_spec
PathFinder.find_spec = lambda name, *more: None if name.partition(".")[0] in {EXTRAS!r} else find(name, *more)
"""


@pytest.fixture(scope="module")
def project():
    """The table [project] of pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def required(name):
    """The requirements in a file, by package."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return by_name(line for line in lines if line and not line.startswith(("#", "-r")))


def by_name(lines):
    return {requirement.name: str(requirement) for requirement in map(Requirement, lines)}


def test_the_package_asks_for_what_the_requirements_do(project):
    extras = {name: by_name(lines) for name, lines in project["optional-dependencies"].items()}
    own = by_name(project["dependencies"])
    assert {**own, **extras["page"], **extras["train"]} == required("requirements.txt")
    assert {**extras["onnx"], **extras["ray"]}.items() <= required("requirements-dev.txt").items()
    assert not EXTRAS & set(own)
    assert "matplotlib" in own  # its DejaVu has the letters of captions that Inter lacks
    for extra, packages in extras.items():
        assert packages.items() <= {**required("requirements.txt"), **required("requirements-dev.txt")}.items(), extra


def test_the_citation_is_of_this_version(project):
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == project["version"] == colorizer.__version__
    assert citation["license"] == project["license"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built without network by the backend that requirements-dev.txt brings."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", folder, ROOT]
    subprocess.run(command, check=True, timeout=300)
    (built,) = folder.glob("colorizer-*.whl")
    return built


@pytest.mark.full
def test_the_wheel_contains_all_files_that_the_package_reads(wheel):
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
    files = [path for path in (ROOT / "colorizer").rglob("*") if path.is_file() and path.suffix not in (".pyc", ".pyi")]
    for path in [*files, *(ROOT / "examples").glob("*.jpg")]:
        name = path.relative_to(ROOT).as_posix()
        assert {name, f"colorizer/{name}"} & inside, name
    assert not [name for name in inside if not name.startswith("colorizer")]
    assert wheel.stat().st_size < 20e6


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """Runs a program of a new environment in an empty folder: (program, arguments) -> the finished process. The
    environment has the wheel, and the packages installed here except those that only extras need."""
    folder = tmp_path_factory.mktemp("elsewhere")
    venv.create(folder / "env", with_pip=False)
    scheme = sysconfig.get_paths("venv", vars={"base": str(folder / "env"), "platbase": str(folder / "env")})
    packages = Path(scheme["purelib"])
    command = [sys.executable, "-m", "pip", "--python", scheme["scripts"] + "/python", "install", "-q", "--no-deps"]
    subprocess.run([*command, wheel], check=True, timeout=300)
    (packages / "without_extras.py").write_text(WITHOUT)
    (packages / "of_the_tests.pth").write_text(f"{sysconfig.get_path('purelib')}\nimport without_extras\n")
    (folder / "work").mkdir()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COLORIZER"))}

    def run(program, *arguments):
        return subprocess.run(
            [Path(scheme["scripts"], program), *map(str, arguments)], cwd=folder / "work", env=environment,
            capture_output=True, text=True, timeout=300,
        )  # fmt: skip

    run.folder = folder / "work"
    return run


@pytest.mark.full
def test_the_installed_command_colours_a_photograph(installed):
    done = installed("colorizer", "colorize", ROOT / "examples" / "camera.jpg", "-o", "new.png")
    assert (done.returncode, done.stderr) == (0, "1 coloured\n")
    with Image.open(installed.folder / "new.png") as coloured, Image.open(ROOT / "examples" / "camera.jpg") as gray:
        assert coloured.size == gray.size
        assert coloured.mode == "RGB"
    assert "mobile-unet" in installed("colorizer", "models").stdout


@pytest.mark.full
def test_the_installed_package_brings_its_weights_and_examples(installed):
    code = """
from pathlib import Path
import colorizer
from colorizer.files.shipped import shipped
home = Path(colorizer.__file__).parent
assert {card.path.parent for card in colorizer.list_checkpoints()} == {home / "weights"}
assert not [card.error for card in colorizer.list_checkpoints() if card.error]
assert list(shipped("examples").glob("*.jpg"))
"""
    done = installed("python", "-c", code)
    assert done.returncode == 0, done.stderr


@pytest.mark.full
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["page"], "colorizer: The page needs gradio, jinja2; install colorizer[page]."),
        (["train", "alpha"], "needs accelerate, jinja2, tensorboard, tyro; install colorizer[train]."),
        (["export", "alpha", "-o", "a.onnx"], "colorizer: Exporting needs onnx; install colorizer[onnx]."),
        (["colorize", ROOT / "examples", "-o", "a", "--engine", "ray"], "A cluster needs ray; install colorizer[ray]"),
    ],
)
def test_a_missing_extra_is_named_in_one_sentence(installed, arguments, sentence):
    done = installed("colorizer", *arguments)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1

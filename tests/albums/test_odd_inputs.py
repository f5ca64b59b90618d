"""A heap of scans, with everything that archives hold: nothing stops the run, and everything left out is named."""

import json
import os

import pptx
import pytest
from conftest import colour_photo, representing
from PIL import Image

from colorizer.albums import engine, present
from colorizer.cli.parser import main

pytestmark = pytest.mark.skipif(os.name != "posix", reason="names, pipes and links are made as on Unix")


@pytest.fixture
def scans(tmp_path):
    folder = tmp_path / "in"
    for box in ("box 1", "box 2"):
        (folder / box).mkdir(parents=True)
        colour_photo(60, 40).convert("L").save(folder / box / "scan001.png")
    return folder


@pytest.fixture
def colorize(weights, capsys):
    def run(*arguments):
        code = main(["colorize", *map(str, arguments), "--weights", str(weights)])
        return code, capsys.readouterr().err

    return run


def results(out):
    files = [path for path in out.rglob("*") if path.is_file() and not path.name.startswith("manifest.")]
    pictures = sorted(path.relative_to(out).as_posix() for path in files)
    for name in pictures:
        with Image.open(out / name) as picture:
            picture.load()
    return pictures


def test_names_of_the_longest_allowed_length(scans, colorize, tmp_path):
    for last in "ab":
        colour_photo().save(scans / ("n" * 250 + last + ".png"))
    assert colorize(scans, "-o", tmp_path / "out")[0] == 0
    assert len(results(tmp_path / "out")) == 4
    code, said = colorize(scans, "-o", tmp_path / "out", "--resume")
    assert (code, said) == (0, "nothing left to colour\n")


def test_results_of_a_run_into_another_folder_are_not_coloured_again(scans, colorize):
    assert colorize(scans, "-o", scans / "first")[0] == 0
    code, said = colorize(scans, "-o", scans / "second")
    assert code == 0
    assert "Results of an earlier run were left out (2)." in said
    assert results(scans / "second") == results(scans / "first")


WAYS = [
    (out, further) for out in ("in", "in/done", ".") for further in ("--resume", "--overwrite", "--format jpg")
]  # fmt: skip


@pytest.mark.parametrize(
    "way", representing(WAYS, [("in", "--resume"), ("in/done", "--overwrite"), (".", "--format jpg")]), ids=" ".join
)
def test_results_are_not_coloured_again(scans, colorize, way):
    out, further = way
    out = scans.parent / out
    assert colorize(scans, "-o", out)[0] == 0
    before = {path.name for path in scans.parent.rglob("*-colorized*")}
    code, _ = colorize(scans, "-o", out, *further.split())
    assert code == 0
    after = {path.name for path in scans.parent.rglob("*-colorized*")}
    assert after - before <= {"scan001-colorized.jpg"}
    assert not [name for name in after if name.count("colorized") > 1]


def test_pipes_links_and_partial_files(scans, colorize, tmp_path):
    os.mkfifo(scans / "pipe.jpg")
    (scans / "box 1/loop").symlink_to(scans)
    (scans / ".part-12.png").write_bytes(b"half")
    (scans / "gone.png").symlink_to(scans / "nowhere.png")
    (scans / "letter.png").write_bytes(b"no photograph")
    code, said = colorize(scans, scans / "pipe.jpg", "-o", tmp_path / "out")
    assert code == 1
    assert f"{scans}/letter.png is not a picture" in said
    assert "pipe.jpg cannot be opened (it is no file)" in said
    assert f"{scans}/pipe.jpg is no file and was left out." in said
    assert f"{scans}/box 1/loop leads to a folder that was read already" in said
    assert f"{scans}/gone.png cannot be opened" in said
    assert "2 coloured, 4 not" in said
    assert results(tmp_path / "out") == ["box 1/scan001-colorized.png", "box 2/scan001-colorized.png"]


def test_pictures_that_are_left_out_are_counted(scans, colorize, tmp_path):
    colour_photo().save(scans / "scan0005", "JPEG")
    colour_photo().convert("L").save(scans / "d.pgm")
    code, said = colorize(scans, "-o", tmp_path / "out")
    assert code == 1
    assert f"{scans}/d.pgm is a picture in a format that is not read" in said
    assert "3 coloured, 1 not" in said
    assert "scan0005-colorized.png" in results(tmp_path / "out")
    lines = json.loads((tmp_path / "out/manifest.json").read_text())["photos"]
    assert [line["state"] for line in lines if line["source"].endswith("d.pgm")] == ["failed"]


def test_the_original_is_not_replaced(scans, colorize):
    photo = scans / "box 1/scan001.png"
    before = photo.read_bytes()
    code, said = colorize(photo, "-o", photo, "--overwrite")
    assert code == 1
    assert "would replace an original" in said
    (scans / "link.png").symlink_to(photo)
    assert colorize(photo, "-o", scans / "link.png", "--overwrite")[0] == 1
    assert photo.read_bytes() == before


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("not enough memory: you tried to allocate 9 GB")])
def test_too_little_memory_for_one_photo(error, scans, colorize, tmp_path, monkeypatch):
    opened = engine.read_photo

    def too_large(path, **options):
        if "box 1" in str(path):
            raise error
        return opened(path, **options)

    monkeypatch.setattr(engine, "read_photo", too_large)
    code, said = colorize(scans, "-o", tmp_path / "out", "--workers", "1")
    assert code == 1
    assert f"{scans}/box 1/scan001.png" in said
    assert "memory" in said
    assert "MemoryError" not in said
    assert results(tmp_path / "out") == ["box 2/scan001-colorized.png"]


def test_control_characters_in_a_name(scans, weights, tmp_path, capsys):
    colour_photo().save(scans / "a\x01\x1b[2Jb.png")
    (scans / "c\nd.png").write_bytes(b"no photograph")
    command = ["present", str(scans), "-o", str(tmp_path / "a.pptx"), "--weights", str(weights)]
    assert main(command) == 1
    said = capsys.readouterr().err
    assert "c\ufffdd.png is not a picture" in said
    assert "3 presented, 1 not" in said
    titles = [slide.shapes.title.text for slide in pptx.Presentation(tmp_path / "a.pptx").slides]
    assert "a\ufffd\ufffd[2Jb" in titles


def test_one_slide_that_cannot_be_written_does_not_end_the_others(scans, weights, tmp_path, capsys, monkeypatch):
    made = present.triptych_slide
    sizes = []

    def too_large(*arguments, **options):
        sizes.append(1)
        if len(sizes) == 1:
            raise MemoryError
        return made(*arguments, **options)

    monkeypatch.setattr(present, "triptych_slide", too_large)
    command = ["present", str(scans), "-o", str(tmp_path / "slides"), "--weights", str(weights)]
    assert main(command) == 1
    assert "1 presented, 1 not" in capsys.readouterr().err
    assert results(tmp_path / "slides") == ["box 2/scan001-slide.png"]

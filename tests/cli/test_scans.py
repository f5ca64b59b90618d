"""Scans of an archive on the command line: damaged, of several pages, deep."""

import io
import json

import numpy as np
import pytest
import tifffile
from conftest import colour_photo
from hostile import encode
from PIL import Image, ImageOps

from colorizer.albums.engine import Painter
from colorizer.albums.plan import plan_jobs
from colorizer.albums.work import Work
from colorizer.cli.parser import main
from colorizer.photo.form import Form
from colorizer.photo.open import read_photo

PHOTO = colour_photo(120, 90)


@pytest.fixture
def colorize(tmp_path, weights, capsys):
    """Colours a file or folder of that name, after writing `data` into it if there is any; returns the exit code and
    what was said."""

    def run(name, data, *flags, out="out.png"):
        if data:
            (tmp_path / name).write_bytes(data)
        code = main(["colorize", str(tmp_path / name), "-o", str(tmp_path / out), "--weights", str(weights), *flags])
        return code, capsys.readouterr().err.replace(str(tmp_path), "")

    return run


def write_pages(path):
    """A TIFF of a dark page and a light one."""
    with tifffile.TiffWriter(path) as file:
        for shade in (60, 200):
            file.write(np.full((40, 50), shade, np.uint8), photometric="minisblack", metadata=None)


def test_a_truncated_scan_is_coloured_on_request(colorize, tmp_path):
    half = encode(PHOTO, "PNG")[:6000]
    code, said = colorize("half.png", half)
    assert code == 1
    assert "half.png is damaged or incomplete" in said
    assert "Add --partial for that." in said
    assert not (tmp_path / "out.png").exists()
    code, said = colorize("half.png", half, "--partial")
    assert code == 0
    assert "half.png is incomplete: a part of the picture is missing." in said
    assert Image.open(tmp_path / "out.png").size == PHOTO.size


def test_a_page_is_chosen(colorize, tmp_path):
    write_pages(tmp_path / "a.tif")
    code, said = colorize("a.tif", b"", "--page", "2")
    assert (code, "a.tif: this is page 2 of 2." in said) == (0, True)
    assert np.asarray(Image.open(tmp_path / "out.png").convert("L")).mean() > 150


def test_all_pages_become_files_of_their_own(colorize, tmp_path):
    box, out = tmp_path / "box", tmp_path / "out"
    box.mkdir()
    write_pages(box / "album.tif")
    Image.new("L", (50, 40), 90).save(box / "single.png")
    code, said = colorize("box", b"", "--page", "all", out="out")
    assert (code, "this is page" in said) == (0, False)
    shades = {path.name: np.asarray(Image.open(path).convert("L")).mean() for path in out.glob("*.png")}
    assert sorted(shades) == ["album-page-1-colorized.png", "album-page-2-colorized.png", "single-colorized.png"]
    assert shades["album-page-2-colorized.png"] > shades["album-page-1-colorized.png"] + 100
    code, said = colorize("box", b"", "--page", "all", "--resume", out="out")
    assert (code, said.strip()) == (0, "nothing left to colour")
    code, said = colorize("box/album.tif", b"", "--page", "all", out="one.png")
    assert code == 1
    assert "2 pages cannot all become one.png; give a folder to --out." in said


def test_a_machine_of_a_cluster_colours_the_page_of_each_job(tmp_path, weights):
    write_pages(tmp_path / "album.tif")
    jobs = plan_jobs([str(tmp_path / "album.tif")], tmp_path / "out", "png", False, all_pages=True).jobs
    batch = {name: np.array([str(getattr(job, name)) for job in jobs]) for name in ("source", "target", "name")}
    painter = Painter(str(weights / "mobile-unet.safetensors"), "cpu", Work(form=Form(page=0)))
    said = painter({**batch, "page": np.array([job.page for job in jobs])})
    assert [json.loads(line)["state"] for line in said["line"]] == ["done", "done"]
    first, second = (np.asarray(Image.open(job.target).convert("L")).mean() for job in jobs)
    assert second > first + 100


def deep_scan() -> bytes:
    """A gray scan of 16 bits, with what an archive writes into its scans."""
    ramp = np.linspace(3000, 64000, 120 * 90).reshape(90, 120).astype(np.uint16)
    buffer = io.BytesIO()
    texts = [(315, "s", 0, "Jean Müller".encode(), True), (33432, "s", 0, "City archive", True)]
    tifffile.imwrite(
        buffer, ramp, photometric="minisblack", metadata=None, resolution=(600, 600), resolutionunit=2,
        description="Market square, 1912", software="VueScan 9", extratags=texts,
    )  # fmt: skip
    return buffer.getvalue()


def test_what_the_archive_wrote_stays_unless_nothing_is_to_be_said(colorize, tmp_path):
    assert colorize("scan.tif", deep_scan(), "--hint", "20,20,#b05030", out="out.jpg")[0] == 0
    kept = read_photo(tmp_path / "out.jpg").metadata
    assert kept.exif.text(0x010E).decode().startswith("Market square, 1912\n")
    assert '"x": 20.0' in kept.xmp.decode()
    assert colorize("scan.tif", deep_scan(), "--strip", out="bare.jpg")[0] == 0
    assert b"archive" not in (tmp_path / "bare.jpg").read_bytes()


def test_a_folder_becomes_tiffs_of_display_p3(colorize, tmp_path):
    (tmp_path / "in/box").mkdir(parents=True)
    (tmp_path / "in/box/a.tif").write_bytes(deep_scan())
    assert colorize("in", b"", "--format", "tif", "--bits", "16", "--space", "display-p3", out="out")[0] == 0
    with tifffile.TiffFile(tmp_path / "out/box/a-colorized.tif") as file:
        page = file.pages[0]
        assert (page.dtype, page.shape, page.compression) == (np.uint16, (90, 120, 3), 8)
        assert "Display P3".encode("utf-16-be") in page.tags[34675].value


def test_a_photograph_of_8_bits_stays_at_8(colorize, tmp_path):
    assert colorize("a.png", encode(ramp(10, 200), "PNG"), "--bits", "16", out="out.png")[0] == 0
    assert (tmp_path / "out.png").read_bytes()[24] == 8, "PNG says its bits there"


def ramp(low, high):
    return Image.fromarray(np.tile(np.linspace(low, high, 300).astype(np.uint8), (200, 1)))


def test_levels_and_a_mark(colorize, tmp_path):
    faded = encode(ramp(80, 170), "PNG")

    def result(out, *flags):
        assert colorize("faded.png", faded, *flags, out=out)[0] == 0
        return Image.open(tmp_path / out)

    plain, corrected = result("plain.png"), result("corrected.png", "--levels")
    assert np.ptp(np.asarray(plain.convert("L"))) < 110
    assert np.ptp(np.asarray(corrected.convert("L"))) > 240
    assert "levels" in str(corrected.info)
    assert "levels" not in str(plain.info)
    assert result("strip.png", "--mark", "strip").height > plain.height


def test_a_negative_is_told_of_and_inverted_on_request(colorize, tmp_path, monkeypatch):
    positive, negative = encode(ramp(10, 200), "PNG"), encode(ImageOps.invert(ramp(10, 200)), "PNG")
    monkeypatch.setattr("colorizer.albums.engine.looks_negative", lambda photo: np.asarray(photo)[0, 0, 0] > 127)

    def result(data, *flags):
        code, said = colorize("scan.png", data, "--overwrite", *flags)
        assert code == 0
        return np.asarray(Image.open(tmp_path / "out.png")), said

    expected, quiet = result(positive)
    inverted, none = result(negative, "--invert")
    assert np.array_equal(inverted, expected)
    assert "negative" not in quiet + none
    assert "looks like a negative: its tones are reversed. Add --invert" in result(negative)[1]
    assert "Leave out --invert" in result(positive, "--invert")[1]

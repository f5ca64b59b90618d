"""The benchmark of the flagship and the sheet of old photographs, on untrained weights."""

import shutil
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from conftest import colour_photo
from PIL import Image, ImageDraw

from benchmarks.flagship import outlines
from benchmarks.flagship.__main__ import main
from benchmarks.flagship.balanced_auc import BalancedAuc
from benchmarks.flagship.examination import Examination
from benchmarks.flagship.photos import open_photos
from benchmarks.pictures import archive_sheet
from colorizer import Colorizer, build
from colorizer.checkpoints.file import save_checkpoint
from colorizer.colour import metrics
from colorizer.colour.readout import PRESETS, Readout


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """An object and a scene."""
    folder = tmp_path_factory.mktemp("photos")
    for i, name in enumerate(("object_0", "scene-0")):
        colour_photo(60, 80, seed=i).save(folder / f"{name}.png")
    return folder


@pytest.fixture(scope="module")
def colorizer():
    torch.manual_seed(0)
    network = build("mobile-unet", width=0.1, grid=20)
    network.working_size = 64
    return Colorizer(network)


@pytest.fixture(scope="module")
def small(colorizer, tmp_path_factory):
    """A folder with the checkpoint of a small flagship alone."""
    folder = tmp_path_factory.mktemp("small")
    save_checkpoint(folder / "mobile-unet.safetensors", colorizer.architecture, title="untrained", working_size=64)
    return folder


def test_photos_are_taken_evenly_and_what_is_left_out_is_said(photos, tmp_path):
    shutil.copytree(photos, tmp_path / "all")
    colour_photo().convert("L").save(tmp_path / "all/object_2.png")
    (tmp_path / "all/scene_9.png").write_bytes(b"not a photograph")
    opened = open_photos([str(tmp_path / "all")])
    assert opened.kinds == ("object", "scene")
    assert all(image.size == (256, 256) for image in opened.images)
    assert "black and white" in opened.problems[0]
    assert "scene_9.png" in opened.problems[1]
    (tmp_path / "six").mkdir()
    for i in range(6):
        Image.new("RGB", (9, 9), (40 * i, 0, 200)).save(tmp_path / f"six/{i}.png")
    taken = open_photos([str(tmp_path / "six")], 2).images
    assert [image.getpixel((0, 0))[0] for image in taken] == [40, 160]


def test_figures_are_those_of_the_metrics(colorizer):
    photos = [colour_photo(256, 256, seed=i) for i in range(2)]
    examination = Examination(colorizer, classifier=None)
    for photo in photos:
        examination.add(photo)
    assert examination.own == Readout(1.0, 0.0)
    assert examination.presets["faithful"] == examination.own
    vivid = PRESETS["vivid"]
    for readout, asked in ((examination.own, {}), (examination.presets["vivid"], vivid)):
        expected = metrics.evaluate(lambda photo, asked=asked: colorizer.colorize(photo, **asked).image, photos)
        rows = [
            {**row, **beside} for row, beside in zip(examination.readouts[readout], examination.references, strict=True)
        ]
        assert metrics.average(rows) == pytest.approx(expected)
    balanced = BalancedAuc()
    for photo in photos:
        balanced.add(np.asarray(colorizer.colorize(photo, **vivid).image), np.asarray(photo))
    assert examination.balanced[examination.presets["vivid"]].value == pytest.approx(balanced.value)
    assert examination.sizes[0][64] == examination.readouts[examination.own][0]["psnr"]
    assert examination.recognized == {}


@pytest.mark.full
def test_command_prints_and_writes(photos, small, tmp_path, capsys):
    folder, out = tmp_path / "weights", tmp_path / "docs"
    shutil.copytree(small, folder)
    assert main([str(photos), "--weights", str(folder), "--write", "-o", str(out)]) == 0
    said = capsys.readouterr()
    text = (out / "flagship.md").read_text()
    assert text in said.out
    assert "recognition is left out" in said.err
    assert "no checkpoint 'fusion-narrow'" in said.err
    assert "Measured on 2 photographs (1 of kind `object`, 1 of kind `scene`, by their names)" in " ".join(text.split())
    tables = [line for line in text.splitlines() if line.startswith("| ")]
    assert "object: over gray | scene: over gray" in tables[0]
    gray = next(line for line in tables if line.startswith("| *plain gray*"))
    assert gray.count("+0.00") == 3
    assert gray.rstrip(" |").endswith("0.00")
    for row in ("| faithful | 1 | 0 |", "| 0 | ", "| 20 | ", "| 64 (its own) | ", "| 320 | "):
        assert any(line.startswith(row) for line in tables), row
    assert "Expected calibration error: 0." in text
    assert ElementTree.parse(out / "calibration.svg").getroot().tag.endswith("svg")
    torch.manual_seed(0)
    save_checkpoint(folder / "fusion-narrow.safetensors", build("fusion", width=0.05), title="untrained")
    assert main([str(photos), "--weights", str(folder), "--limit", "1"]) == 0
    said = capsys.readouterr()
    assert "| plain gray | " in said.out
    assert "%" in said.out
    assert "scene" not in said.out


def test_archive_sheet_is_pages_of_every_preset(weights, tmp_path, capsys):
    for i in range(5):
        colour_photo(60, 80, seed=i).convert("L").save(tmp_path / f"a-name-that-is-much-too-long-{i}.png")
    (tmp_path / "a-name-that-is-much-too-long-2.png").write_bytes(b"not a photograph")
    flags = ["--weights", str(weights), "-o", str(tmp_path / "out"), "--page", "3", "--height", "80"]
    assert archive_sheet.main([str(tmp_path), *flags]) == 0
    said = capsys.readouterr()
    assert "left out: a-name" in said.err
    pages = sorted((tmp_path / "out").iterdir())
    assert [page.name for page in pages] == ["archive-01.jpg", "archive-02.jpg"]
    first, second = (Image.open(page) for page in pages)
    assert first.height - second.height == 2 * 88  # three rows, then one
    assert first.width < 4 * 60 + 250
    assert str(pages[0]) in said.out


def outlined_folder(folder, count=2):
    """Photographs that each show a dark disc with an outline as in PASCAL VOC, and one without an outline."""
    for name in ("JPEGImages", "SegmentationObject"):
        (folder / name).mkdir(parents=True)
    for i in range(count):
        photo, numbers = Image.new("L", (96, 64), 190), Image.new("P", (96, 64), 0)
        for picture, fill in ((photo, 60), (numbers, 1)):
            ImageDraw.Draw(picture).ellipse((30, 15, 64, 49), fill=fill)
        numbers.putpixel((0, 0), 255)
        numbers.putpixel((5, 5), 2)  # a thing too small to count
        photo.convert("RGB").save(folder / f"JPEGImages/{i}.jpg")
        numbers.save(folder / f"SegmentationObject/{i}.png")
    numbers.save(folder / "SegmentationObject/without.png")
    return folder


def test_a_share_is_how_far_a_colour_moved_to_the_one_asked_for():
    before, after = torch.zeros(2, 1, 5), torch.zeros(2, 1, 5)
    after[0, 0] = torch.tensor([0.0, 20.0, 40.0, 60.0, -10.0])
    after[1, 0, 1] = 30.0  # aside counts for nothing
    assert outlines.shares(before, after, (40.0, 0.0)).tolist() == [[0, 0.5, 1, 1, 0]]
    thing, between = np.zeros((1, 5), bool), np.zeros((1, 5), bool)
    thing[0, 1:3], between[0, 3] = True, True
    assert outlines.moved(before, after, (40.0, 0.0), outlines.Outlined(thing, between)) == (0.75, 0.0)
    a, b = outlines.unthought(torch.tensor([40.0, 5.0])[:, None, None])
    assert (round(a), round(b)) == (-45, 0)


def test_bold_hints_on_outlined_things(colorizer, tmp_path):
    pictures = list(outlines.outlined(outlined_folder(tmp_path)))
    assert [len(things) for _, things in pictures] == [1, 1]
    assert outlines.innermost(pictures[0][1][0].thing) == pytest.approx((47.5, 32.5), abs=1)
    kept = outlines.keeping(colorizer, pictures)
    row = kept.row()
    assert row["things"] == 2
    assert all(0 <= row[key] <= 1 for key in outlines.FIGURES)
    assert row["leak"] <= row["worst tenth"]
    assert row["ms"] > 0
    assert "| 2 | " in outlines.section(kept)

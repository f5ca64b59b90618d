"""The benchmarks of colours, on two tiny pictures and untrained weights."""

import json
from xml.etree import ElementTree

import pytest
import torch
from conftest import colour_photo
from film_files import moving_picture, write_film
from PIL import Image, ImageDraw

from benchmarks.__main__ import main
from benchmarks.colour import blind, film, flagship, realism
from colorizer import build
from colorizer.architectures.efficientnet_lite import EfficientNetLiteEncoder
from colorizer.checkpoints.file import save_checkpoint


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """A small flagship with a finish, a small classifier, and an encoder."""
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("weights")
    network = build("mobile-unet", width=0.1, grid=20, finish=True)
    save_checkpoint(folder / "mobile-unet.safetensors", network, title="untrained", working_size=64)
    save_checkpoint(folder / "fusion-narrow.safetensors", build("fusion", width=0.05), title="untrained")
    (folder / "encoder").mkdir()
    torch.save(EfficientNetLiteEncoder().state_dict(), folder / "encoder/encoder.pth")
    return folder


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Ten photographs, objects and scenes, the least that a classifier can learn from; and one without colours."""
    folder = tmp_path_factory.mktemp("photos")
    for i in range(10):
        colour_photo(32, 32, seed=i).save(folder / f"{('object', 'scene')[i % 2]}_{i}.png")
    colour_photo(32, 32).convert("L").save(folder / "object_99.png")
    return folder


@pytest.fixture(scope="module")
def outlined(tmp_path_factory):
    """A photograph with an outlined disc, as in PASCAL VOC, and an outline without a photograph."""
    folder = tmp_path_factory.mktemp("voc")
    for name in ("JPEGImages", "SegmentationObject"):
        (folder / name).mkdir()
    photo, numbers = Image.new("RGB", (96, 64), (216, 166, 140)), Image.new("P", (96, 64), 0)
    for picture, fill in ((photo, (190, 60, 60)), (numbers, 1)):
        ImageDraw.Draw(picture).ellipse((30, 15, 64, 49), fill=fill)
    numbers.putpixel((5, 5), 2)  # a thing too small to count
    photo.save(folder / "JPEGImages/a.jpg")
    for name in ("a", "without"):
        numbers.save(folder / f"SegmentationObject/{name}.png")
    return folder


@pytest.mark.full
def test_flagship(photos, weights, outlined):
    found = flagship.measure((str(photos),), outlines=outlined, limit=2, weights=weights)
    text, diagram = found.texts
    assert "1 of kind `object`, 1 of kind `scene`" in " ".join(text.split())
    rows = [line.split(" | ")[0].strip("| ") for line in text.splitlines() if line.startswith("| ")]
    assert {"`mobile-unet`", "*plain gray*", "faithful", "20"} <= set(rows)
    assert "Expected calibration error: 0." in text
    assert "## Bold hints" in text
    assert ElementTree.fromstring(diagram).tag.endswith("svg")


def test_realism(photos, weights, capsys, monkeypatch):
    monkeypatch.setattr(realism, "LEAST", 4)
    monkeypatch.setattr(realism, "FOLDS", 2)
    asked = [str(photos), "--limit", "4", "--weights", str(weights), "--encoder", str(weights / "encoder/encoder.pth")]
    assert main(["realism", *asked]) == 0
    said = capsys.readouterr().out
    for row in ("*plain gray*", "*true photographs*", "`mobile-unet`, vivid", "`fusion-narrow`"):
        assert row in said, row
    assert main(["realism", *asked[:-1], "none.pth"]) == 1
    assert "none.pth" in capsys.readouterr().err


@pytest.mark.full
def test_film(weights, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(film, "HEIGHTS", (24,))
    clip = write_film(tmp_path / "clip.mkv", moving_picture(3, colour=True))
    assert main(["film", str(clip), "--weights", str(weights)]) == 0
    said = capsys.readouterr().out
    for part in ("| clip | 3 | ", "| **mean** |  | **", "| 24 | ", "Most memory of the process: ", "| network |"):
        assert part in said, part


def test_negatives_and_toned_prints(photos, capsys):
    assert main(["negatives", str(photos), "--limit", "2"]) == 0
    assert f"| {photos.name} | 2 |" in capsys.readouterr().out
    gray = str(photos / "object_99.png")
    assert main(["toned_prints", "--prints", gray, "--colour", str(photos), "--most", "2"]) == 0
    said = capsys.readouterr().out
    assert "prints that count as having colours: 0 of 1 " in said


def test_skin(weights, tmp_path, capsys):
    """Two parts of one colour, and a photograph without a mask."""
    photo, mask = Image.new("RGB", (96, 96), (90, 120, 90)), Image.new("L", (96, 96))
    for picture, fill in ((photo, (216, 166, 140)), (mask, 255)):
        for place in ((30, 5, 60, 35), (30, 55, 60, 85)):
            ImageDraw.Draw(picture).ellipse(place, fill=fill)
    photo.save(tmp_path / "a.jpg", quality=95)
    photo.save(tmp_path / "b.jpg")
    mask.save(tmp_path / "a.png")
    assert main(["skin", str(tmp_path), "--checkpoint", str(weights / "mobile-unet.safetensors")]) == 0
    header, _, truth, *looks = capsys.readouterr().out.strip().splitlines()
    assert "1 photographs" in header
    assert truth.startswith("| *truth* | 0.0° | 100% | 100% | 1.00 |")
    assert float(truth.split("|")[-2].strip("° ")) < 1
    assert len(looks) == 3


def test_a_blind_sheet_counts_marks_for_the_way_that_made_each_picture(photos, tmp_path, capsys):
    ways = {"gray": lambda photo: photo.convert("L").convert("RGB"), "same": lambda photo: photo}
    blind.write(tmp_path, [colour_photo(60, 40), colour_photo(40, 60)], ways, seed=0)
    page, key = (tmp_path / "page.html").read_text(), json.loads((tmp_path / "key.json").read_text())
    assert not [name for name in ways if f">{name}" in page]
    assert page.count("<img") == len(key) == 4
    assert len(list(tmp_path.glob("sheet-*.png"))) == 1
    marks = {number: "brown" if name == "gray" else "convincing" for number, name in key.items()}
    (tmp_path / "marks.json").write_text(json.dumps(marks))
    assert main(["blind_count", str(tmp_path), str(tmp_path / "marks.json")]) == 0
    gray, same = capsys.readouterr().out.strip().splitlines()[2:]
    assert gray == "| gray | 0.0 | 0.0 | 2.0 | 0.0 | 0.0 |"
    assert same == "| same | 2.0 | 0.0 | 0.0 | 0.0 | 0.0 |"
    assert main(["blind", str(photos), "--out", str(tmp_path), "--way", "nothing"]) == 1

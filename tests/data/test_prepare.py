"""Training sets made from folders and archives: which pictures are kept, and where they go."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from conftest import files_in
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps
from training_sources import detailed, make_sources, save

from colorizer.cli.parser import main
from colorizer.data import prepare as module
from colorizer.data.files import DataError, Picture, find_pictures, scaled_down, split
from colorizer.data.prepare import NEAR, Kept, class_of, difference_hash, file_name, prepare

ANY_TEXT = st.text(st.characters(), max_size=300)  # lone surrogates too: names that are no UTF-8


@pytest.fixture
def sources(tmp_path):
    return make_sources(tmp_path)


def test_which_pictures_are_kept(sources, tmp_path):
    report = prepare([sources], tmp_path / "out", held_out=0.3)
    counts = report.counts()
    assert counts == {
        "found": 26, "train": counts["train"], "validation": 20 - counts["train"],
        "unreadable": 3, "near gray": 1, "done without": 0, "duplicate": 1, "near duplicate": 1,
    }  # fmt: skip
    assert 0 < counts["validation"] < 20
    written = json.loads((tmp_path / "out/report.json").read_text())
    assert written["counts"] == counts
    dropped = {row["name"]: row["of"] for row in written["dropped"]}
    assert set(dropped) == {
        f"extra/{name}" for name in ("gray.png", "again.bmp", "smaller.jpg", "broken.jpg", "cut.png", "nowhere.png")
    }
    for name, same in (("again.bmp", "cats/3-"), ("smaller.jpg", "dogs/4-")):
        assert same in dropped[f"extra/{name}"]
        assert (tmp_path / "out" / dropped[f"extra/{name}"]).is_file()
    assert "is not a picture" in dropped["extra/broken.jpg"]
    assert "damaged" in dropped["extra/cut.png"]
    assert prepare([sources], tmp_path / "again", held_out=0.3).decisions == report.decisions
    pictures = {p.name for p in find_pictures([tmp_path / "out"])}
    assert len(pictures) == 20
    assert {tuple(name.split("/")[:-1]) for name in pictures} == {
        (side, name) for side in ("train", "validation") for name in ("cats", "dogs")
    }


def test_without_what_is_measured_on(sources, tmp_path):
    """A picture to leave out is recognized when it is smaller, compressed, stretched or mirrored; all others stay."""
    save(tmp_path / "test/a.png", detailed(1).resize((64, 64)))
    save(tmp_path / "test/b.jpg", ImageOps.mirror(detailed(102)), quality=80)
    (tmp_path / "test/torn.jpg").write_bytes(b"not a picture")
    out = tmp_path / "out"
    report = prepare([sources], out, held_out=0, without=[tmp_path / "test"])
    assert {d.name: d.of for d in report.decisions if d.why == "done without"} == {
        "deep/cats/1.png": "a.png", "dogs/2.jpg": "b.jpg",
    }  # fmt: skip
    assert report.counts()["train"] == 18
    assert run("prepare", sources, "-o", tmp_path / "other", "--held-out", 0, "--without", tmp_path / "test") == 0


def test_counts_of_each_source(sources, tmp_path):
    report = prepare([sources / "dogs", sources], tmp_path / "out", held_out=0)
    assert [report.counts(str(source))["train"] for source in (sources / "dogs", sources)] == [10, 10]
    assert report.counts(str(sources))["duplicate"] == 11
    assert any(line.strip() == f"{sources}: 10 of 26" for line in report.lines())


def test_only_a_new_folder_is_filled_and_appears_whole(sources, tmp_path, monkeypatch):
    out = tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr(module, "decide", None)
        with pytest.raises(TypeError):
            prepare([sources], out)
    assert not [path for path in tmp_path.iterdir() if path.name != "in"]
    out.mkdir()
    prepare([sources], out)
    before = files_in(out)
    (tmp_path / "file").write_text("")
    for taken in (out, tmp_path / "file"):
        with pytest.raises(DataError, match="is there already; choose another folder"):
            prepare([sources], taken)
    assert files_in(out) == before


def test_sides_are_those_of_split(sources, tmp_path):
    report = prepare([sources], tmp_path / "out", held_out=0.3)
    held_out = {p.name for p in split(find_pictures([sources]), 0.3)[1]}
    for decision in report.decisions:
        if decision.file:
            assert decision.file.startswith("validation/" if decision.name in held_out else "train/")


def test_files_are_small_rgb_jpegs_of_the_pictures(tmp_path):
    save(tmp_path / "in/wide.png", detailed(1, 400, 200))
    save(tmp_path / "in/tiny.png", detailed(2, 40, 30))
    report = prepare([tmp_path / "in"], tmp_path / "out", size=64, held_out=0)
    sizes = {}
    for decision in report.decisions:
        assert Path(decision.file).parent == Path("train/in")
        image = Image.open(tmp_path / "out" / decision.file)
        assert (image.format, image.mode) == ("JPEG", "RGB")
        sizes[decision.name] = image.size
        original = np.asarray(Image.open(tmp_path / "in" / decision.name).resize(image.size, Image.Resampling.BOX), int)
        assert np.abs(np.asarray(image, int) - original).mean() < 8
    assert sizes == {"wide.png": (128, 64), "tiny.png": (40, 30)}


def test_scaling_down_is_antialiased():
    stripes = Image.fromarray(np.tile(np.array([[[0] * 3, [255] * 3]], np.uint8), (200, 100, 1)))
    assert np.ptp(np.asarray(scaled_down(stripes, 50))[5:-5, 5:-5]) < 40


@given(st.lists(st.tuples(st.integers(0, 20), ANY_TEXT), unique=True))
def test_file_names_are_injective_and_safe(pictures):
    names = [file_name(source, name) for source, name in pictures]
    assert len({name.lower() for name in names}) == len(pictures)
    for name in names:
        assert Path(name).name == name
        assert not set(name) & set('\\/:*?"<>|\0\n')
        assert not name.startswith(".")
        assert name.endswith(".jpg")
        assert len(name.encode()) <= 255


@given(ANY_TEXT)
def test_class_folders_stay_inside(name):
    for picture in (Picture(name, "/somewhere/set.zip", member=name), Picture(name, "/s/set.tar", 0, 9)):
        folder = class_of(picture)
        assert folder not in (".", "..")
        assert Path(folder).name == folder
        assert len(folder.encode()) <= 255


def test_class_is_the_folder_a_picture_is_directly_in():
    assert class_of(Picture("a/b/x.jpg", "/data/set/a/b/x.jpg")) == "b"
    assert class_of(Picture("x.jpg", "/data/cats/x.jpg")) == "cats"
    assert class_of(Picture("a/b/x.jpg", "/data/set.zip", member="a/b/x.jpg")) == "b"
    assert class_of(Picture("a\\b\\x.jpg", "/data/set.zip", member="a\\b\\x.jpg")) == "b"
    assert class_of(Picture("x.jpg", "/data/cats.tar", 512, 100)) == "cats"
    assert class_of(Picture("../x.jpg", "/data/cats.zip", member="../x.jpg")) == "cats"
    assert class_of(Picture("x.jpg", "/x.jpg")) == ""


def test_names_that_are_no_utf_8(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    try:
        save(folder / "caf\udce9.png", detailed(1), format="PNG")
    except OSError:
        pytest.skip("this file system takes UTF-8 only")
    report = prepare([folder], tmp_path / "out", held_out=0)
    assert report.counts()["train"] == 1
    "\n".join(report.lines()).encode()


def run(*arguments) -> int:
    return main([str(argument) for argument in arguments])


def test_command(sources, tmp_path, capsys):
    out = tmp_path / "out"
    assert run("prepare", sources, "-o", out, "--size", 32, "--held-out", 0.3) == 0
    said = capsys.readouterr().out
    counts = json.loads((out / "report.json").read_text())["counts"]
    assert f"{out}: {counts['train']} in train, {counts['validation']} in validation\n" in said
    assert "of 26 found, left out: 3 unreadable, 1 near gray, 1 duplicate, 1 near duplicate" in said
    assert "broken.jpg is not a picture" in said
    assert all(min(Image.open(path).size) == 32 for path in out.rglob("*.jpg"))
    for wrong, sentence in (
        ((tmp_path / "nowhere",), "nowhere is not a folder"),
        ((sources, "--size", 0), "size must be at least 1"),
        ((sources, "--held-out", 1), "held-out share"),
    ):
        assert run("prepare", *wrong, "-o", tmp_path / "o") == 1
        assert sentence in capsys.readouterr().err
        assert not (tmp_path / "o").exists()
    assert run("prepare", sources / "extra/gray.png", "-o", tmp_path / "gray") == 1
    assert "no picture is left to train on" in capsys.readouterr().err


def test_many_unreadable_pictures_are_counted(tmp_path):
    save(tmp_path / "in/good.png", detailed(0))
    for i in range(12):
        (tmp_path / f"in/{i}.jpg").write_bytes(b"")
    *_, last = prepare([tmp_path / "in"], tmp_path / "out").lines()
    assert last.strip() == "and 2 more that cannot be read"


def test_an_empty_folder_behind_a_link_is_filled(sources, tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    prepare([sources], tmp_path / "link")
    assert (tmp_path / "link" / "train").is_dir()


@given(st.integers(0, 2**64 - 1), st.sets(st.integers(0, 63), max_size=6), st.lists(st.integers(0, 2**64 - 1)))
def test_near_duplicates_are_found_as_by_comparing_with_all(look, flipped, others):
    near = look
    for bit in flipped:
        near ^= 1 << bit
    kept = Kept()
    for i, other in enumerate([*others, near]):
        kept.add(f"train/{i}.jpg", str(i), other)
    expected = {i for i, other in enumerate([*others, near]) if (look ^ other).bit_count() <= NEAR}
    found = kept.similar(look)
    assert (int(Path(found).stem) in expected) if expected else found == ""


def test_difference_hash_survives_scaling_and_compression():
    photos = [detailed(i, 320, 240) for i in range(20)]
    hashes = [difference_hash(photo) for photo in photos]
    assert min((a ^ b).bit_count() for i, a in enumerate(hashes) for b in hashes[:i]) > NEAR
    for photo, expected in zip(photos, hashes, strict=True):
        file = io.BytesIO()
        photo.resize((200, 150), Image.Resampling.LANCZOS).save(file, "JPEG", quality=75)
        assert (difference_hash(Image.open(file)) ^ expected).bit_count() <= NEAR
        lighter = Image.fromarray((np.asarray(photo) * 0.9 + 20).astype(np.uint8))
        assert (difference_hash(lighter) ^ expected).bit_count() <= NEAR

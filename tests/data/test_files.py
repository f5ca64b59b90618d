import os
import tarfile
import zipfile

import pytest
from conftest import colour_photo
from PIL import Image

from colorizer import save_photo
from colorizer.data.crops import Crops, Schedule, batches
from colorizer.data.files import (
    DataError,
    Picture,
    classes_of,
    find_pictures,
    open_to_measure,
    open_training_photo,
    overlap,
    split,
)
from colorizer.errors import PhotoError


@pytest.fixture
def folder(tmp_path):
    """Nine pictures at several depths, and other files next to them."""
    for i in range(9):
        path = tmp_path / "set" / f"class{i % 3}" / ("deep" if i % 2 else "") / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        colour_photo(50 + i, 40, seed=i).save(path)
    (tmp_path / "set/notes.txt").write_text("no picture")
    (tmp_path / "set/.hidden.png").write_bytes(b"")
    return tmp_path / "set"


def test_folders_and_archives_hold_the_same(folder, tmp_path):
    with tarfile.open(tmp_path / "set.tar", "w") as tar, zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        for path in sorted(folder.rglob("*.png"), reverse=True):
            tar.add(path, path.relative_to(folder).as_posix())
            archive.write(path, path.relative_to(folder).as_posix())
    found = find_pictures([folder])
    assert [p.name for p in found] == sorted(p.name for p in found)
    assert len(found) == 9
    for source in ("set.tar", "set.zip"):
        packed = find_pictures([tmp_path / source])
        assert [(p.name, p.read()) for p in packed] == [(p.name, p.read()) for p in found]
    single = folder / "class0/0.png"
    assert find_pictures([single])[0].read() == single.read_bytes()


def test_sources_that_cannot_be_used(tmp_path):
    with pytest.raises(DataError, match="is not a folder"):
        find_pictures([tmp_path / "nowhere"])
    with pytest.raises(DataError, match="no picture in"):
        find_pictures([tmp_path])
    for name in ("bad.tar", "bad.zip"):
        (tmp_path / name).write_bytes(b"neither")
        with pytest.raises(DataError, match="cannot be read"):
            find_pictures([tmp_path / name])


def test_split_depends_only_on_the_name():
    pictures = [Picture(f"{i}.jpg", "") for i in range(2000)]
    train, held_out = split(pictures, 0.1)
    assert not {p.name for p in train} & {p.name for p in held_out}
    assert len(train) + len(held_out) == 2000
    assert 150 < len(held_out) < 250
    assert split(pictures[::2], 0.1)[1] == [p for p in held_out if p in set(pictures[::2])]


def test_an_archive_is_opened_once_and_reopened_after_a_change(folder, tmp_path, monkeypatch):
    path = tmp_path / "set.zip"
    opened = []
    whole = zipfile.ZipFile
    monkeypatch.setattr(zipfile, "ZipFile", lambda *a: opened.append(a) or whole(*a))
    for content in ("0.png", "1.png"):
        with whole(path, "w") as archive:
            for i in range(5):
                archive.write(next(folder.rglob(content)), f"{i}.png")
        os.utime(path, ns=(0, int(content[0])))
        found = find_pictures([path])
        opened.clear()
        assert {picture.read() for picture in found} == {next(folder.rglob(content)).read_bytes()}
        assert len(opened) == 1


def test_pictures_that_cannot_be_reached_or_unpacked_are_unreadable(folder, tmp_path):
    (folder / "gone.png").symlink_to(tmp_path / "nowhere.png")
    with zipfile.ZipFile(tmp_path / "bad.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.png", bytes(5000))
    encoded = bytearray((tmp_path / "bad.zip").read_bytes())
    encoded[40] ^= 0xFF
    (tmp_path / "bad.zip").write_bytes(encoded)
    pictures = find_pictures([folder, tmp_path / "bad.zip"])
    for picture in (p for p in pictures if p.name in ("gone.png", "a.png")):
        with pytest.raises(PhotoError, match=f"{picture.name} cannot be read"):
            open_training_photo(picture)
    assert overlap(pictures, pictures) == [p for p in pictures if p.name not in ("gone.png", "a.png")]
    assert Crops(pictures).batch([(0, len(pictures) - 1, 8)])[0].shape == (1, 3, 8, 8)


def test_unreadable_and_gray_pictures_are_skipped(folder):
    (folder / "class0/0.png").write_bytes(b"broken")
    Image.new("RGB", (20, 20), (100, 101, 100)).save(folder / "class1/1.png")
    pictures = find_pictures([folder])
    crops = Crops(pictures)
    for i in range(len(pictures)):
        assert crops.batch([(0, i, 16)])[0].shape == (1, 3, 16, 16)
    assert {picture.name for picture in crops.skipped} <= {"class0/0.png", "class1/1.png"}
    assert "class0/0.png" in {picture.name for picture in crops.skipped}


@pytest.mark.parametrize("kept", [("exif",), ("xmp",), ("exif", "xmp", "icc_profile")])
def test_what_was_coloured_here_is_no_truth(tmp_path, kept):
    """Also where another program kept only some of the file's metadata."""
    with Image.open(save_photo(colour_photo(60, 40), tmp_path / "a.jpg", checkpoint="alpha")) as result:
        result.load()
        result.save(tmp_path / "a.jpg", **{kind: result.info[kind] for kind in kept})
    photos, problems = open_to_measure(find_pictures([tmp_path]), 32)
    assert photos == []
    assert problems == [str(PhotoError.of("photo_coloured", name="a.jpg"))]


def test_unusable_data_gives_one_sentence(tmp_path):
    Image.new("RGB", (20, 20), (100, 101, 100)).save(tmp_path / "gray.png")
    crops = Crops(find_pictures([tmp_path]))
    with pytest.raises(DataError, match=r"^Every picture in the training set is unreadable or gray; .*learn from\.$"):
        next(batches(crops, Schedule(1, 1, (8,)), 1))


def test_a_class_is_the_folder_a_picture_is_in():
    pictures = [Picture(name, name) for name in ("a/coast/1.png", "b/coast/2.png", "forest/1.png", "3.png")]
    names, labels = classes_of(pictures)
    assert names == ["coast", "forest"]
    assert [labels.get(picture, -1) for picture in pictures] == [0, 0, 1, -1]


def test_overlap_is_found_by_content(folder, tmp_path):
    train = find_pictures([folder])
    (tmp_path / "x.png").write_bytes(train[2].read())
    colour_photo(seed=77).save(tmp_path / "y.png")
    held_out = find_pictures([tmp_path / "x.png", tmp_path / "y.png"])
    assert [picture.name for picture in overlap(train, held_out)] == ["x.png"]

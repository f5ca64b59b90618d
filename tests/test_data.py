import tarfile
import zipfile

import numpy as np
import pytest
import torch
from conftest import colour_photo
from PIL import Image

from colorizer import data, lab
from colorizer.data import Crops, DataError, Schedule, find_pictures, split, to_lab


@pytest.fixture
def folder(tmp_path):
    """Nine pictures at several depths, beside files that are none."""
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


def test_split_goes_by_name_alone():
    pictures = [data.Picture(f"{i}.jpg", "") for i in range(2000)]
    train, held_out = split(pictures, 0.1)
    assert not {p.name for p in train} & {p.name for p in held_out}
    assert len(train) + len(held_out) == 2000
    assert 150 < len(held_out) < 250
    assert split(pictures[::2], 0.1)[1] == [p for p in held_out if p in set(pictures[::2])]


def test_unreadable_and_gray_pictures_are_passed_over(folder):
    (folder / "class0/0.png").write_bytes(b"broken")
    Image.new("RGB", (20, 20), (100, 101, 100)).save(folder / "class1/1.png")
    pictures = find_pictures([folder])
    crops = Crops(pictures)
    for i in range(len(pictures)):
        assert crops[0, i, 16][0].shape == (3, 16, 16)
    assert {picture.name for picture in crops.skipped} <= {"class0/0.png", "class1/1.png"}
    assert "class0/0.png" in {picture.name for picture in crops.skipped}
    only_gray = Crops([data.Picture("g", str(folder / "class1/1.png"))])
    with pytest.raises(DataError, match="unreadable or gray"):
        only_gray[0, 0, 16]


def test_crops_follow_from_seed_epoch_and_index(folder):
    pictures = find_pictures([folder])
    assert torch.equal(Crops(pictures, 1)[2, 3, 16][0], Crops(pictures, 1)[2, 3, 16][0])
    assert not torch.equal(Crops(pictures, 1)[2, 3, 16][0], Crops(pictures, 1)[3, 3, 16][0])
    assert not torch.equal(Crops(pictures, 1)[2, 3, 16][0], Crops(pictures, 2)[2, 3, 16][0])
    assert Crops(pictures)[0, 0, 24][0].dtype == torch.uint8


def test_schedule_shows_every_picture_once_an_epoch_and_can_be_continued():
    whole = iter(Schedule(10, 4, (16, 32), seed=5))
    batches = [next(whole) for _ in range(15)]
    for epoch in range(6):
        shown = [index for batch in batches for e, index, _ in batch if e == epoch]
        assert sorted(shown) == list(range(10))
    assert all(len({size for _, _, size in batch}) == 1 for batch in batches)
    assert {batch[0][2] for batch in batches} == {16, 32}
    later = iter(Schedule(10, 4, (16, 32), seed=5, start=7))
    assert [next(later) for _ in range(8)] == batches[7:]


def test_targets_are_the_truth_whatever_is_done_to_lightness():
    photos = torch.stack([torch.from_numpy(np.array(colour_photo(16, 16, seed=i))).permute(2, 0, 1) for i in range(6)])
    truth = lab.rgb_to_lab(photos.float() / 255)
    L, ab = to_lab(photos, torch.Generator().manual_seed(0), jitter=0.5)
    flipped = 0
    for i in range(6):
        straight = torch.allclose(ab[i], truth[i, 1:], atol=1e-3)
        mirrored = torch.allclose(ab[i], truth[i, 1:].flip(2), atol=1e-3)
        assert straight != mirrored
        flipped += mirrored
        seen = truth[i, :1].flip(2) if mirrored else truth[i, :1]
        assert not torch.allclose(L[i], seen, atol=0.5)
        assert torch.equal(L[i].flatten().argsort(), seen.flatten().argsort()) or torch.allclose(
            L[i].flatten()[seen.flatten().argsort()].diff().clamp(max=0), torch.zeros(255), atol=1e-3
        )  # lightness keeps its order
    assert 0 < flipped < 6
    assert L.min() >= 0
    assert L.max() <= 100
    plain, _ = to_lab(photos, torch.Generator().manual_seed(3), jitter=0.0)
    assert torch.allclose(plain.flatten(1).sum(1), truth[:, 0].flatten(1).sum(1), rtol=1e-3)


def test_a_class_is_the_folder_a_picture_is_in():
    pictures = [data.Picture(name, name) for name in ("a/coast/1.png", "b/coast/2.png", "forest/1.png", "3.png")]
    names, labels = data.classes_of(pictures)
    assert names == ["coast", "forest"]
    assert [labels.get(picture, -1) for picture in pictures] == [0, 0, 1, -1]


def test_overlap_is_found_by_content(folder, tmp_path):
    train = find_pictures([folder])
    (tmp_path / "x.png").write_bytes(train[2].read())
    colour_photo(seed=77).save(tmp_path / "y.png")
    held_out = find_pictures([tmp_path / "x.png", tmp_path / "y.png"])
    assert [picture.name for picture in data.overlap(train, held_out)] == ["x.png"]


def test_warps_move_pictures_and_keep_their_colours():
    photos = torch.stack([torch.from_numpy(np.array(colour_photo(24, 24, seed=i))).permute(2, 0, 1) for i in range(4)])
    generator = torch.Generator().manual_seed(0)
    assert data.warp(photos, generator, 0, 0, 0) is photos
    for settings in ((20, 0, 0), (0, 0.2, 0), (0, 0, 0.2)):
        warped = data.warp(photos, generator, *settings)
        assert warped.dtype == torch.uint8
        assert warped.shape == photos.shape
        assert not torch.equal(warped, photos)
        # about its centre: the middle stays, and nothing but the picture's own colours comes in
        assert (warped[:, :, 11:13, 11:13].int() - photos[:, :, 11:13, 11:13].int()).abs().max() < 60
        for channel in range(3):
            assert warped[:, channel].min() >= photos[:, channel].min()
            assert warped[:, channel].max() <= photos[:, channel].max()
    plain = torch.full((2, 3, 8, 8), 77, dtype=torch.uint8)
    assert torch.equal(data.warp(plain, generator, 30, 0.3, 0.3), plain)


def test_flips_can_be_left_out():
    photos = torch.stack([torch.from_numpy(np.array(colour_photo(16, 16, seed=i))).permute(2, 0, 1) for i in range(6)])
    _, ab = to_lab(photos, torch.Generator().manual_seed(0), jitter=0.0, flip=False)
    assert torch.allclose(ab, lab.rgb_to_lab(photos.float() / 255)[:, 1:], atol=1e-3)


def test_names_that_are_not_utf_8_can_be_split():
    odd = [data.Picture(f"{i}\udce9.jpg", "x") for i in range(40)]
    train, held_out = data.split(odd, 0.5)
    assert len(train) + len(held_out) == 40
    assert train
    assert held_out

"""Datasets by name, on tiny sets in the layouts that torchvision unpacks. Nothing is downloaded."""

import json
import pickle
import tarfile
from pathlib import Path
from urllib.error import URLError

import numpy as np
import pytest
from conftest import colour_photo
from PIL import Image
from scipy.io import savemat

from colorizer.architectures.torchvision_import import import_torchvision
from colorizer.data.datasets import DATASETS, folder_of, resolve
from colorizer.data.files import DataError, find_pictures

tv = import_torchvision().datasets
CLASSES = {
    "cifar10": ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"],
    "stl10": ["airplane", "bird", "car", "cat", "deer", "dog", "horse", "monkey", "ship", "truck"],
}


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """Every download fails, as it does without a network."""

    def fail(*_, **__):
        raise URLError("no network in tests")

    for module in (tv.cifar, tv.stl10, tv.places365, tv.flowers102, tv.food101, tv.oxford_iiit_pet):
        monkeypatch.setattr(module, "download_and_extract_archive", fail)
    monkeypatch.setattr(tv.flowers102, "download_url", fail)


def make_cifar10(root: Path) -> np.ndarray:
    """Five training batches of four pictures and a test batch of two; returns all as (22, 32, 32, 3)."""
    folder = root / "cifar-10-batches-py"
    folder.mkdir()
    pictures = np.random.default_rng(0).integers(0, 256, (22, 32, 32, 3), np.uint8)
    for number, name in enumerate([*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"]):
        part = pictures[4 * number : 4 * number + 4]
        batch = {
            "data": part.transpose(0, 3, 1, 2).reshape(len(part), -1),
            "labels": [(4 * number + i) % 10 for i in range(len(part))],
        }
        (folder / name).write_bytes(pickle.dumps(batch))
    (folder / "batches.meta").write_bytes(pickle.dumps({"label_names": CLASSES["cifar10"]}))
    return pictures


def make_stl10(root: Path) -> np.ndarray:
    """Three training pictures and two test pictures; returns all as (5, 96, 96, 3)."""
    folder = root / "stl10_binary"
    folder.mkdir()
    pictures = np.random.default_rng(0).integers(0, 256, (5, 96, 96, 3), np.uint8)
    for part, name in ((slice(0, 3), "train"), (slice(3, 5), "test")):
        pictures[part].transpose(0, 3, 2, 1).tofile(folder / f"{name}_X.bin")  # column by column
        np.arange(1, 6, dtype=np.uint8)[part].tofile(folder / f"{name}_y.bin")
    (folder / "unlabeled_X.bin").write_bytes(b"")
    (folder / "class_names.txt").write_text("\n".join(CLASSES["stl10"]) + "\n")
    return pictures


def make_food101(root: Path) -> None:
    lists: dict[str, dict[str, list[str]]] = {"train": {}, "test": {}}
    for name in ("apple_pie", "waffles"):
        (root / "food-101/images" / name).mkdir(parents=True)
        for i in range(3):
            colour_photo(seed=i).save(root / f"food-101/images/{name}/{i}.jpg")
            lists["test" if i == 2 else "train"].setdefault(name, []).append(f"{name}/{i}")
    (root / "food-101/meta").mkdir()
    for part, files in lists.items():
        (root / f"food-101/meta/{part}.json").write_text(json.dumps(files))


def make_flowers102(root: Path) -> None:
    (root / "flowers-102/jpg").mkdir(parents=True)
    for i in range(1, 5):
        colour_photo(seed=i).save(root / f"flowers-102/jpg/image_{i:05d}.jpg")
    savemat(root / "flowers-102/imagelabels.mat", {"labels": [[77, 1, 60, 77]]})
    savemat(root / "flowers-102/setid.mat", {"trnid": [[1, 2]], "valid": [[3]], "tstid": [[4]]})


def make_pets(root: Path) -> None:
    (root / "oxford-iiit-pet/images").mkdir(parents=True)
    (root / "oxford-iiit-pet/annotations").mkdir()
    for i, name in enumerate(("Abyssinian_1", "Abyssinian_22", "american_bulldog_3")):
        colour_photo(seed=i).save(root / f"oxford-iiit-pet/images/{name}.jpg")
    (root / "oxford-iiit-pet/images/Abyssinian_1.mat").write_bytes(b"the archive has these too")
    for part in ("trainval", "test"):
        (root / f"oxford-iiit-pet/annotations/{part}.txt").write_text("Abyssinian_1 1 1 1\n")


def make_places365(root: Path) -> None:
    """Like the archive: torchvision renames data_256 after unpacking it, and reads the two lists first."""
    for name in ("a/airfield", "b/beach"):
        (root / "data_256" / name).mkdir(parents=True)
        colour_photo().save(root / "data_256" / name / "00000001.jpg")
    (root / "categories_places365.txt").write_text("/a/airfield 0\n/b/beach 1\n")
    (root / "places365_train_standard.txt").write_text("/a/airfield/00000001.jpg 0\n/b/beach/00000001.jpg 1\n")


def names(folder: Path) -> list[str]:
    return [picture.name for picture in find_pictures([folder])]


@pytest.mark.parametrize(("name", "make", "trained"), [("cifar10", make_cifar10, 20), ("stl10", make_stl10, 3)])
def test_arrays_become_png_once(tmp_path, monkeypatch, name, make, trained):
    pictures = make(tmp_path)
    module = getattr(tv, name.replace("cifar10", "cifar"))
    monkeypatch.setattr(module, "check_integrity", lambda path, md5=None: Path(path).is_file())
    train, test = folder_of(name, tmp_path), folder_of(f"{name}/test", tmp_path)
    assert (train, test) == (tmp_path / name / "train", tmp_path / name / "test")
    assert sorted(path.name for path in train.iterdir()) == CLASSES[name]
    for folder, part in ((train, pictures[:trained]), (test, pictures[trained:])):
        files = sorted(folder.rglob("*.png"), key=lambda path: path.name)
        assert [path.name for path in files] == [f"{i:05d}.png" for i in range(1, len(part) + 1)]
        assert all(np.array_equal(Image.open(path), picture) for path, picture in zip(files, part, strict=True))
    assert (train / CLASSES[name][1] / "00002.png").exists()
    monkeypatch.setattr(module, name.upper(), None)
    for path in train.parent.iterdir():
        assert not path.name.startswith(".")  # nothing temporary is left
    (train / CLASSES[name][1] / "00002.png").unlink()
    assert folder_of(name, tmp_path) == train
    assert not (train / CLASSES[name][1] / "00002.png").exists()


def test_an_interrupted_writing_leaves_no_folder(tmp_path, monkeypatch):
    make_cifar10(tmp_path)
    monkeypatch.setattr(tv.cifar, "check_integrity", lambda path, md5=None: Path(path).is_file())
    save = Image.Image.save

    def stop(image, path, **options):
        if path.name == "00007.png":
            raise KeyboardInterrupt
        save(image, path, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Image.Image, "save", stop)
        with pytest.raises(KeyboardInterrupt):
            folder_of("cifar10", tmp_path)
    assert list((tmp_path / "cifar10").iterdir()) == []
    assert len(names(folder_of("cifar10", tmp_path))) == 20


SETS = {
    "food101": (
        make_food101,
        "food-101/images",
        [f"{name}/{i}.jpg" for name in ("apple_pie", "waffles") for i in range(3)],
    ),
    "flowers102": (
        make_flowers102,
        "flowers102/by-class",
        [
            "passion flower/image_00001.jpg",
            "passion flower/image_00004.jpg",
            "pink primrose/image_00002.jpg",
            "pink-yellow dahlia/image_00003.jpg",
        ],
    ),
    "oxford-iiit-pet": (
        make_pets,
        "oxford-iiit-pet/by-class",
        ["Abyssinian/Abyssinian_1.jpg", "Abyssinian/Abyssinian_22.jpg", "american_bulldog/american_bulldog_3.jpg"],
    ),
    "places365": (make_places365, "data_256_standard", ["a/airfield/00000001.jpg", "b/beach/00000001.jpg"]),
}


@pytest.mark.parametrize("name", SETS)
def test_what_torchvision_fetches_lies_in_folders_of_its_class(tmp_path, monkeypatch, name):
    make, folder, expected = SETS[name]
    root = tmp_path / "data"
    module = getattr(tv, name.replace("-", "_"))

    def fetch(url, download_root, **_):
        assert url.startswith("http")
        assert Path(download_root).is_relative_to(root)
        if not any(root.rglob("*.jpg")):
            make(root)

    monkeypatch.setattr(module, "download_and_extract_archive", fetch)
    if hasattr(module, "check_integrity"):
        monkeypatch.setattr(module, "check_integrity", lambda path, md5=None: Path(path).is_file())
    if name == "flowers102":
        monkeypatch.setattr(module, "download_url", lambda *_, **__: None)
    for download in (True, False, False):
        assert folder_of(name, root, download=download) == root / folder
        assert names(root / folder) == expected


@pytest.mark.parametrize("name", [name for name in DATASETS if name != "flickr8k"])
def test_a_failed_download_gives_one_sentence(tmp_path, name):
    with pytest.raises(DataError, match=f"{name} could not be fetched into .*no network in tests.*start again"):
        folder_of(name, tmp_path)
    with pytest.raises(DataError, match=f"{name} is not (in|whole in) "):
        folder_of(name, tmp_path, download=False)


def test_damaged_archives_are_reported(tmp_path, monkeypatch):
    def fetch(*_, **__):
        raise tarfile.ReadError("unexpected end of data")

    monkeypatch.setattr(tv.food101, "download_and_extract_archive", fetch)
    with pytest.raises(DataError, match="unexpected end of data"):
        folder_of("food101", tmp_path)


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("food101", "food-101/images/waffles/1.jpg"),
        ("food101", "food-101/meta/test.json"),
        ("flowers102", "flowers-102/jpg/image_00003.jpg"),
    ],
)
def test_half_unpacked_sets_are_refused(tmp_path, name, missing):
    SETS[name][0](tmp_path)
    (tmp_path / missing).unlink()
    with pytest.raises(DataError, match=f"{name} is not whole"):
        folder_of(name, tmp_path)
    assert not list(tmp_path.rglob("by-class"))


def test_pictures_are_copied_if_hard_links_are_not_supported(tmp_path, monkeypatch):
    make_pets(tmp_path)

    def fail(*_):
        raise OSError("not on this file system")

    monkeypatch.setattr("colorizer.data.datasets.os.link", fail)
    assert len(names(folder_of("oxford-iiit-pet", tmp_path))) == 3


def test_flickr8k_must_be_downloaded_by_hand(tmp_path):
    with pytest.raises(DataError, match=r"by hand.*flickr8k"):
        folder_of("flickr8k", tmp_path)
    folder = tmp_path / "flickr8k/Flicker8k_Dataset"
    folder.mkdir(parents=True)
    with pytest.raises(DataError, match="by hand"):
        folder_of("flickr8k", tmp_path)
    colour_photo().save(folder / "1.jpg")
    assert folder_of("flickr8k", tmp_path) == folder


@pytest.mark.parametrize("name", ["cifar100", "food101/test", "cifar10/train", "", "../x"])
def test_an_unknown_name_gives_a_list_of_known_ones(tmp_path, name):
    with pytest.raises(DataError, match=r"no dataset .*cifar10, stl10.*stl10/test"):
        folder_of(name, tmp_path)


def test_names_among_sources_are_resolved(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make_pets(Path("."))
    sources = ["photos", Path("more.tar"), "oxford-iiit-pet", "flickr8k"]
    Path("flickr8k").mkdir()  # a folder of the user's own
    # oxford-iiit-pet exists as torchvision's folder here, so it is a path
    assert resolve(sources, tmp_path) == sources
    assert resolve(["oxford-iiit-pet"], tmp_path) == ["oxford-iiit-pet"]
    Path("elsewhere").mkdir()
    monkeypatch.chdir("elsewhere")
    assert resolve(["photos", "oxford-iiit-pet"], tmp_path) == ["photos", tmp_path / "oxford-iiit-pet/by-class"]

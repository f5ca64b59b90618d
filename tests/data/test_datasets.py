"""Datasets by name, on tiny sets like those that torchvision unpacks. Nothing is downloaded."""

from pathlib import Path
from types import SimpleNamespace
from urllib.error import URLError

import numpy as np
import pytest
from conftest import colour_photo
from PIL import Image

from colorizer.architectures.torchvision_import import import_torchvision
from colorizer.data import datasets
from colorizer.data.datasets import DATASETS, folder_of, resolve
from colorizer.data.files import DataError, find_pictures


@pytest.fixture
def fetched(monkeypatch):
    """The calls of torchvision, which gives three pictures: in memory, or as files where the real set has them."""
    calls = []

    def fetch(kind, root, download, **options):
        calls.append((kind, options))
        assert download
        (pictures,) = (each.pictures for each in DATASETS.values() if (each.kind, each.options) == (kind, options))
        photos = [(colour_photo(32, 32, seed=i), i % 2) for i in range(3)]
        if pictures is not None:
            for photo, label in photos:
                path = Path(root) / pictures / f"{label}" / f"{len(calls)}.jpg"
                path.parent.mkdir(parents=True, exist_ok=True)
                photo.save(path)
        return type("Set", (list,), {"classes": ["ship", 'a "bird?"']})(photos)

    kinds = {
        each.kind: lambda root, kind=each.kind, **options: fetch(kind, root, **options) for each in DATASETS.values()
    }
    monkeypatch.setattr(datasets, "import_torchvision", lambda: SimpleNamespace(datasets=SimpleNamespace(**kinds)))
    return calls


@pytest.mark.parametrize("name", DATASETS)
def test_a_set_is_fetched_once_into_a_folder_of_pictures(name, fetched, tmp_path):
    assert hasattr(import_torchvision().datasets, DATASETS[name].kind)
    folder = folder_of(name, tmp_path)
    assert folder == folder_of(name, tmp_path) == tmp_path / DATASETS[name].folder / (DATASETS[name].pictures or "")
    assert len(fetched) == 1
    assert len(find_pictures([folder])) == (3 if DATASETS[name].pictures is None else 2)
    assert not list(tmp_path.rglob(".*"))


def test_arrays_become_png_in_folders_by_class(fetched, tmp_path):
    folder = folder_of("cifar10", tmp_path)
    names = ["a bird/00002.png", "ship/00001.png", "ship/00003.png"]
    assert [picture.name for picture in find_pictures([folder])] == names
    assert np.array_equal(np.asarray(Image.open(folder / names[0])), np.asarray(colour_photo(32, 32, seed=1)))


@pytest.mark.parametrize("error", [URLError("no network in tests"), EOFError("no network in tests")])
def test_a_failed_download_gives_one_sentence_and_leaves_nothing(error, fetched, tmp_path, monkeypatch):
    def save(image, path):
        raise error

    monkeypatch.setattr(Image.Image, "save", save)
    with pytest.raises(DataError, match=r"cifar10 could not be fetched into .*no network in tests.*start again"):
        folder_of("cifar10", tmp_path)
    assert list((tmp_path / "cifar10").iterdir()) == []


@pytest.mark.parametrize("name", ["cifar100", "food101/test", "cifar10/train", "", "../x"])
def test_an_unknown_name_gives_a_list_of_known_ones(tmp_path, name):
    with pytest.raises(DataError, match=r"no dataset .*cifar10, .*stl10/test"):
        folder_of(name, tmp_path)


def test_names_among_sources_are_resolved_unless_they_are_paths(fetched, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("food101").mkdir()  # a folder of the user's own
    assert resolve(["photos", Path("more.tar"), "food101"]) == ["photos", Path("more.tar"), "food101"]
    assert resolve(["flowers102"]) == [Path("data/flowers102/flowers-102/jpg")]

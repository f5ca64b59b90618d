"""Training sets by name: downloaded by torchvision and kept as folders of pictures for `data.find_pictures`."""

from __future__ import annotations

import re
import tarfile
import tempfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ..architectures.torchvision_import import import_torchvision
from .files import DataError


class Dataset(NamedTuple):
    """A set that torchvision fetches."""

    kind: str
    """Its class in `torchvision.datasets`."""
    folder: str
    """The folder that it gets, below the root."""
    options: Mapping[str, Any]
    pictures: str | None = None
    """Where its pictures lie below its folder; None if it has arrays, which become PNG files in folders by class."""


DATASETS = {
    "cifar10": Dataset("CIFAR10", "cifar10/train", {"train": True}),
    "cifar10/test": Dataset("CIFAR10", "cifar10/test", {"train": False}),
    "stl10": Dataset("STL10", "stl10/train", {"split": "train"}),
    "stl10/test": Dataset("STL10", "stl10/test", {"split": "test"}),
    "places365": Dataset("Places365", "places365", {"small": True}, "data_256_standard"),
    "flowers102": Dataset("Flowers102", "flowers102", {}, "flowers-102/jpg"),
    "food101": Dataset("Food101", "food101", {}, "food-101/images"),
    "oxford-iiit-pet": Dataset("OxfordIIITPet", "oxford-iiit-pet", {}, "oxford-iiit-pet/images"),
}
"""The sets that `folder_of` knows, by name."""


def folder_of(name: str, root: str | Path = "data") -> Path:
    """A folder below `root` with the pictures of one of DATASETS, fetched and unpacked on first use.

    It appears whole or not at all. Raises DataError for an unknown name, and for a set that cannot be fetched.
    """
    if name not in DATASETS:
        raise DataError(f"There is no dataset {name!r}; choose one of {', '.join(DATASETS)}.")
    dataset = DATASETS[name]
    folder = Path(root).expanduser() / dataset.folder
    if folder.is_dir() and not (folder / (dataset.pictures or "")).is_dir():
        raise DataError(f"{folder} holds {name} as an earlier version laid it out; delete it, then start again.")
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as temporary:
            try:
                _fetch(dataset, Path(temporary)).rename(folder)
            except (RuntimeError, OSError, EOFError, zlib.error, tarfile.TarError) as error:
                if not folder.is_dir():  # otherwise another process was faster; its pictures are the same
                    raise DataError(
                        f"{name} could not be fetched into {root} ({error}); check the connection and the room on the "
                        "disk, then start again."
                    ) from None
    return folder / (dataset.pictures or "")


def _fetch(dataset: Dataset, temporary: Path) -> Path:
    """Fetch a set into a temporary folder; returns the folder in it that holds the set."""
    fetched, written = temporary / "fetched", temporary / "written"
    fetched.mkdir()
    found = getattr(import_torchvision().datasets, dataset.kind)(fetched, download=True, **dataset.options)
    if dataset.pictures is not None:
        return fetched
    for number, (image, label) in enumerate(found, 1):
        path = written / re.sub(r'[<>:"/\\|?*]', "", found.classes[label]) / f"{number:05d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        image.save(path)
    return written


def resolve(sources: Sequence[str | Path], root: str | Path = "data") -> list[str | Path]:
    """The sources with every dataset name replaced by its folder, fetched on first use; paths stay as they are.

    A path that exists is never taken for a name. Raises DataError as `folder_of` does.
    """
    return [folder_of(str(s), root) if str(s) in DATASETS and not Path(s).exists() else s for s in sources]

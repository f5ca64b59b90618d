"""Training sets by name: downloaded by torchvision and kept as folders of pictures for `data.find_pictures`.

If a set has classes, the class of a picture is the name of the folder that contains it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..architectures.torchvision_import import import_torchvision
from ..files.names import is_picture
from .files import DataError

DATASETS = ("cifar10", "stl10", "places365", "flowers102", "food101", "oxford-iiit-pet", "flickr8k")
"""Names that `folder_of` knows. cifar10 and stl10 are the training pictures; cifar10/test and stl10/test the others."""

_TESTS = ("cifar10/test", "stl10/test")


def folder_of(name: str, root: str | Path = "data", download: bool = True) -> Path:
    """A folder below `root` with the pictures of one of DATASETS, fetched and unpacked on first use.

    A set that torchvision has already unpacked in `root` is used. CIFAR-10 and STL-10 become PNG files (32 x 32 and
    96 x 96) in <root>/<name>/<train or test>/<class>. Flowers-102 and Oxford-IIIT Pet come without class folders and
    get them in <root>/<name>/by-class, as links that take no space. Raises DataError for an unknown name, for a missing
    set when `download` is off, and for a set that cannot be fetched or is incomplete.
    """
    base, _, split = name.partition("/")
    if name not in DATASETS + _TESTS:
        raise DataError(f"There is no dataset {name!r}; choose one of {', '.join(DATASETS + _TESTS)}.")
    root = Path(root).expanduser()
    if base in ("cifar10", "stl10"):
        return _arrays(base, split or "train", root, download)
    return _FOLDERS[base](root, download)


def resolve(sources: Sequence[str | Path], root: str | Path = "data") -> list[str | Path]:
    """The sources with every dataset name replaced by its folder, fetched on first use; paths stay as they are.

    A path that exists is never taken for a name. Raises DataError as `folder_of` does.
    """
    names = DATASETS + _TESTS
    return [folder_of(str(s), root) if str(s) in names and not Path(s).exists() else s for s in sources]


def _arrays(name: str, split: str, root: Path, download: bool) -> Path:
    """The pictures of CIFAR-10 or STL-10 as PNG files."""
    folder = root / name / split
    if folder.is_dir():
        return folder
    datasets = import_torchvision().datasets
    with _as_data_error(name, root, download):
        if name == "cifar10":
            dataset = datasets.CIFAR10(root, train=split == "train", download=download)
        else:
            dataset = datasets.STL10(root, split=split, download=download)

    def write(partial: Path) -> None:
        for class_name in dataset.classes:
            (partial / _folder_name(class_name)).mkdir()
        for number, (image, label) in enumerate(dataset, 1):
            image.save(partial / _folder_name(dataset.classes[label]) / f"{number:05d}.png")

    return _whole_or_not_at_all(folder, write)


def _places365(root: Path, download: bool) -> Path:
    folder = root / "data_256_standard"  # torchvision gives it this name once it is complete
    if not folder.is_dir():
        _fetch("places365", "Places365", root, download, small=True)
    return folder


def _food101(root: Path, download: bool) -> Path:
    folder, lists = root / "food-101/images", root / "food-101/meta"
    if not (folder.is_dir() and lists.is_dir()):
        _fetch("food101", "Food101", root, download)
    # If the folders exist, torchvision assumes a complete set, even after an interrupted unpacking.
    try:
        listed = [json.loads((lists / f"{part}.json").read_text()) for part in ("train", "test")]
        named = sum(len(files) for classes in listed for files in classes.values())
        whole = sum(len(os.listdir(folder / name)) for name in listed[0]) >= named
    except (OSError, ValueError):
        whole = False
    if not whole:
        raise _not_whole("food101", root / "food-101")
    return folder


def _flowers102(root: Path, download: bool) -> Path:
    folder = root / "flowers102/by-class"
    if folder.is_dir():
        return folder
    pictures, labels = root / "flowers-102/jpg", root / "flowers-102/imagelabels.mat"
    if not (pictures.is_dir() and labels.is_file()):  # the labels come after the pictures are unpacked
        _fetch("flowers102", "Flowers102", root, download)
    from scipy.io import loadmat

    classes = import_torchvision().datasets.Flowers102.classes
    numbers = loadmat(labels, squeeze_me=True)["labels"].tolist()
    files = {pictures / f"image_{i:05d}.jpg": classes[number - 1] for i, number in enumerate(numbers, 1)}
    if not all(file.is_file() for file in files):
        raise _not_whole("flowers102", pictures.parent)
    return _whole_or_not_at_all(folder, lambda partial: _link(files.items(), partial))


def _oxford_iiit_pet(root: Path, download: bool) -> Path:
    folder = root / "oxford-iiit-pet/by-class"
    if folder.is_dir():
        return folder
    pictures, annotations = root / "oxford-iiit-pet/images", root / "oxford-iiit-pet/annotations"
    if not (pictures.is_dir() and annotations.is_dir()):  # the annotations come after the pictures are unpacked
        _fetch("oxford-iiit-pet", "OxfordIIITPet", root, download)
    # Abyssinian_12.jpg is the twelfth Abyssinian
    files = [(path, path.stem.rpartition("_")[0]) for path in sorted(pictures.iterdir()) if is_picture(path.name)]
    if not files:
        raise _not_whole("oxford-iiit-pet", pictures.parent)
    return _whole_or_not_at_all(folder, lambda partial: _link(files, partial))


def _flickr8k(root: Path, download: bool) -> Path:
    # The archive's own folder is misspelt.
    for place in ("flickr8k/Images", "flickr8k/Flicker8k_Dataset", "flickr8k/Flickr8k_Dataset", "Flicker8k_Dataset"):
        if (root / place).is_dir() and any(is_picture(path.name) for path in (root / place).iterdir()):
            return root / place
    raise DataError(
        "Flickr8k can only be had by hand: get its pictures (8,091 JPEG files) and put their folder, Images or "
        f"Flicker8k_Dataset, into {root / 'flickr8k'}."
    )


_FOLDERS: dict[str, Callable[[Path, bool], Path]] = {
    "places365": _places365,
    "flowers102": _flowers102,
    "food101": _food101,
    "oxford-iiit-pet": _oxford_iiit_pet,
    "flickr8k": _flickr8k,
}


def _fetch(name: str, class_name: str, root: Path, download: bool, **options: Any) -> None:
    if not download:
        raise DataError(f"{name} is not in {root}; allow its download, or give the folder it is in as root.")
    root.mkdir(parents=True, exist_ok=True)
    datasets = import_torchvision().datasets
    with _as_data_error(name, root, download):
        getattr(datasets, class_name)(root, download=True, **options)


@contextmanager
def _as_data_error(name: str, root: Path, download: bool) -> Iterator[None]:
    """Turn any error from fetching, unpacking or reading into a DataError."""
    try:
        yield
    except (RuntimeError, OSError, EOFError, zlib.error, tarfile.TarError) as error:
        if not download:
            raise DataError(f"{name} is not whole in {root} ({error}).") from None
        raise DataError(
            f"{name} could not be fetched into {root} ({error}); check the connection and the room on the disk, then "
            "start again."
        ) from None


def _not_whole(name: str, folder: Path) -> DataError:
    return DataError(f"{name} is not whole: pictures are missing in {folder}; delete that folder and start again.")


def _whole_or_not_at_all(folder: Path, fill: Callable[[Path], None]) -> Path:
    """`folder`, filled under another name first, so that it never exists half filled."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as temporary:
        partial = Path(temporary, folder.name)
        partial.mkdir()
        fill(partial)
        try:
            partial.rename(folder)
        except OSError:
            if not folder.is_dir():  # otherwise another process was faster; its pictures are the same
                raise
    return folder


def _link(files: Iterable[tuple[Path, str]], folder: Path) -> None:
    """Put every picture into a folder named by its class, as a hard link, or as a copy if links are not supported."""
    for path, class_name in files:
        target = folder / _folder_name(class_name) / path.name
        target.parent.mkdir(exist_ok=True)
        try:
            os.link(path, target)
        except OSError:
            shutil.copyfile(path, target)


def _folder_name(class_name: str) -> str:
    return re.sub(r'[<>:"/\\|?*]', "", class_name)  # one of the flowers is a "pink-yellow dahlia?"

"""Folders and archives of pictures -> batches of (L, ab).

A picture goes through: find (sorted) -> split by hash of its name -> decode -> drop when near gray -> crop and scale
in a worker, as uint8 -> flip, Lab and lightness jitter for the whole batch. Targets are never altered: only the
lightness a network sees is.
"""

from __future__ import annotations

import hashlib
import io
import math
import os
import tarfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset, Sampler

from .lab import rgb_to_lab
from .photo import PhotoError, is_grayscale, open_photo

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".avif", ".heic", ".jp2"}
NEAR_GRAY = 4.0
"""Mean chroma, in Lab units, under which a picture teaches nothing but gray."""


class DataError(ValueError):
    """A training set that cannot be used; the message says what to do."""


@dataclass(frozen=True)
class Picture:
    """One encoded picture of `size` bytes: at `offset` of `file`, or a member of a .zip, or (size < 0) a whole file."""

    name: str
    file: str
    offset: int = 0
    size: int = -1
    member: str = ""

    @property
    def length(self) -> int:
        """Bytes of the encoded picture."""
        return self.size if self.size >= 0 else os.path.getsize(self.file)

    def read(self) -> bytes:
        """The encoded bytes."""
        if self.member:
            with zipfile.ZipFile(self.file) as archive:
                return archive.read(self.member)
        with open(self.file, "rb") as file:
            file.seek(self.offset)
            return file.read(self.size)


def find_pictures(sources: Sequence[str | Path]) -> list[Picture]:
    """Every picture in folders (any nesting), .tar and .zip files and single files, sorted by name.

    Names are relative to their source, so that a split does not depend on where the data lies. Raises DataError
    for a source that does not exist and when there is no picture at all.
    """
    found: list[Picture] = []
    for source in map(Path, sources):
        try:
            found += _pictures_in(source)
        except (tarfile.TarError, zipfile.BadZipFile, OSError) as error:
            raise DataError(f"{source} cannot be read ({error}); is it whole?") from None
    if not found:
        raise DataError(f"There is no picture in {', '.join(map(str, sources))}.")
    return sorted(found, key=lambda picture: (picture.name, picture.file))


def _pictures_in(source: Path) -> Iterator[Picture]:
    if source.is_dir():
        for root, _, files in os.walk(source, followlinks=True):
            for file in files:
                path = Path(root, file)
                if is_picture(file):
                    yield Picture(path.relative_to(source).as_posix(), str(path))
    elif source.suffix == ".tar" and source.is_file():
        with tarfile.open(source, "r:") as tar:  # not compressed, so that members can be read by their offset
            for member in tar:
                if member.isfile() and is_picture(member.name):
                    yield Picture(member.name, str(source), member.offset_data, member.size)
    elif source.suffix == ".zip" and source.is_file():
        with zipfile.ZipFile(source) as archive:
            for info in archive.infolist():
                if is_picture(info.filename):
                    yield Picture(info.filename, str(source), size=info.file_size, member=info.filename)
    elif source.is_file() and is_picture(source.name):
        yield Picture(source.name, str(source))
    else:
        raise DataError(f"{source} is not a folder, a .tar, a .zip or a picture.")


def is_picture(name: str) -> bool:
    """Whether a file of this name is taken for a picture: by its suffix; hidden files are not."""
    base = os.path.basename(name)
    return Path(base).suffix.lower() in SUFFIXES and not base.startswith(".")


def split(pictures: Sequence[Picture], share: float) -> tuple[list[Picture], list[Picture]]:
    """(training, held out): a picture is held out when the hash of its name falls below `share`.

    The same picture is on the same side in every run, whatever else is in the folder.
    """
    train: list[Picture] = []
    held_out: list[Picture] = []
    for picture in pictures:
        number = int.from_bytes(hashlib.blake2b(os.fsencode(picture.name), digest_size=8).digest(), "big")
        (held_out if number < share * 2**64 else train).append(picture)
    return train, held_out


def classes_of(pictures: Sequence[Picture]) -> tuple[list[str], dict[Picture, int]]:
    """Class names, sorted, and each picture's class: the folder it is directly in. Pictures in no folder have none."""
    folders = {picture: os.path.basename(os.path.dirname(picture.name)) for picture in pictures}
    names = sorted(set(folders.values()) - {""})
    number = {name: i for i, name in enumerate(names)}
    return names, {picture: number[folder] for picture, folder in folders.items() if folder}


def overlap(train: Sequence[Picture], held_out: Sequence[Picture]) -> list[Picture]:
    """Held-out pictures that are in the training set too, byte for byte, under whatever name."""
    sizes: dict[int, list[Picture]] = {}
    for picture in held_out:
        sizes.setdefault(picture.length, []).append(picture)
    suspects = [picture for picture in train if picture.length in sizes]
    known = {hashlib.blake2b(picture.read()).digest() for picture in suspects}
    suspicious = {picture.length for picture in suspects}
    return [p for p in held_out if p.length in suspicious and hashlib.blake2b(p.read()).digest() in known]


def mean_chroma(photo: Image.Image) -> float:
    """Mean sqrt(a^2 + b^2) of a small version of the photo, in Lab units."""
    small = np.asarray(photo.resize((16, 16), Image.Resampling.BOX), np.float32) / 255
    ab = rgb_to_lab(torch.from_numpy(small).permute(2, 0, 1))[1:]
    return float(ab.norm(dim=0).mean())


@dataclass
class Crops(Dataset):
    """Random crops of pictures as uint8 (3, size, size) with their class or -1, a function of (seed, epoch, index).

    Unreadable and near-gray pictures are replaced by the next one in the list.
    """

    pictures: list[Picture]
    seed: int = 0
    smallest: float = 0.5
    """Sides of a crop as a share of the picture's, at least."""
    labels: Mapping[Picture, int] = field(default_factory=dict)
    """The class of a picture where it is known."""
    skipped: set[Picture] = field(default_factory=set)

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, key: tuple[int, int, int]) -> tuple[Tensor, int]:
        epoch, index, size = key
        random = np.random.default_rng((self.seed, epoch, index))
        for step in range(len(self.pictures)):
            picture = self.pictures[(index + step) % len(self.pictures)]
            if picture in self.skipped:
                continue
            try:
                photo = open_training_photo(picture)
            except PhotoError:
                self.skipped.add(picture)
                continue
            if mean_chroma(photo) < NEAR_GRAY:
                self.skipped.add(picture)
                continue
            crop = torch.from_numpy(random_crop(photo, size, self.smallest, random)).permute(2, 0, 1)
            return crop, self.labels.get(picture, -1)
        raise DataError("Every picture in the training set is unreadable or gray; there is nothing to learn from.")


def open_training_photo(picture: Picture) -> Image.Image:
    """Decode one picture as `open_photo` does, by the short way for the plain small JPEGs most sets consist of."""
    encoded = picture.read()
    if encoded[:3] == b"\xff\xd8\xff":
        try:
            image = Image.open(io.BytesIO(encoded), formats=("JPEG",))
            if image.mode == "RGB" and not {"exif", "icc_profile"} & image.info.keys() and max(image.size) < 2048:
                image.load()
                return image
        except OSError:
            pass  # open_photo says what is wrong with it
    return open_photo(encoded, name=os.path.basename(picture.name))


def open_to_measure(pictures: Iterable[Picture], side: int) -> tuple[list[Image.Image], list[str]]:
    """Photographs stretched to `side` x `side`, and a sentence for each that is left out: unreadable ones, and
    black-and-white ones, whose colours nothing can be compared with."""
    photos, problems = [], []
    for picture in pictures:
        try:
            photo = open_training_photo(picture)
        except PhotoError as error:
            problems.append(str(error))
            continue
        if is_grayscale(photo):
            problems.append(f"{os.path.basename(picture.name)} is black and white; there is nothing to compare with.")
        else:
            photos.append(photo.resize((side, side), Image.Resampling.BICUBIC))
    return photos, problems


def random_crop(photo: Image.Image, size: int, smallest: float, random: np.random.Generator) -> np.ndarray:
    """uint8 (size, size, 3): a random part, between square and the photo's own shape stretched to a square; with
    `smallest` at 1 the whole photo, stretched."""
    width, height = photo.size
    square = random.uniform() if smallest < 1 else 0.0  # 0: keep the whole long side and stretch; 1: a square part
    scale = random.uniform(smallest, 1)
    crop_width = scale * width * (min(1, height / width) ** square)
    crop_height = scale * height * (min(1, width / height) ** square)
    left, top = random.uniform(0, width - crop_width), random.uniform(0, height - crop_height)
    box = (left, top, left + crop_width, top + crop_height)
    return np.array(photo.resize((size, size), Image.Resampling.BILINEAR, box=box))


class Schedule(Sampler):
    """Endless batches of (epoch, index, size): every picture once an epoch, sizes drawn per batch.

    A pure function of the seed and the number of batches already made, so a run can be continued anywhere.
    """

    def __init__(self, count: int, batch: int, sizes: Sequence[int], seed: int = 0, start: int = 0):
        self.count, self.batch, self.sizes, self.seed, self.start = count, batch, tuple(sizes), seed, start

    def _order(self, epoch: int) -> np.ndarray:
        return np.random.default_rng((self.seed, 1, epoch)).permutation(self.count)

    def __iter__(self) -> Iterator[list[tuple[int, int, int]]]:
        number = self.start
        epoch, order = -1, np.empty(0)
        while True:
            size = int(np.random.default_rng((self.seed, 2, number)).choice(self.sizes))
            keys = []
            for position in range(number * self.batch, (number + 1) * self.batch):
                if position // self.count != epoch:
                    epoch = position // self.count
                    order = self._order(epoch)
                keys.append((epoch, int(order[position % self.count]), size))
            yield keys
            number += 1


def warp(crops: Tensor, generator: torch.Generator, rotation: float, shear: float, zoom: float) -> Tensor:
    """Turn, slant and scale each picture of a batch at random; what comes in from outside is mirrored.

    uint8 (B, 3, H, W) -> uint8. rotation: degrees at most; shear: share of the height at most; zoom: 0.2 is 0.8 to 1.2.
    """
    if not (rotation or shear or zoom):
        return crops
    turn, slant, size = (torch.rand(3, len(crops), generator=generator) * 2 - 1).to(crops.device)
    angle, slant, size = turn * math.radians(rotation), slant * shear, 1 + size * zoom
    rows = torch.stack((angle.cos(), -angle.sin(), angle.sin(), angle.cos()), dim=1).reshape(-1, 2, 2)
    slanted = torch.eye(2, device=crops.device).repeat(len(crops), 1, 1)
    slanted[:, 0, 1] = slant
    matrix = F.pad(rows @ slanted / size[:, None, None], (0, 1))
    places = F.affine_grid(matrix, list(crops.shape), align_corners=False)
    return F.grid_sample(crops.float(), places, padding_mode="reflection", align_corners=False).round().to(torch.uint8)


def to_lab(crops: Tensor, generator: torch.Generator, jitter: float = 0.2, flip: bool = True) -> tuple[Tensor, Tensor]:
    """uint8 (B, 3, H, W) -> L (B, 1, H, W) as a network sees it, and the true ab (B, 2, H, W).

    flip: mirror half of the pictures. jitter: standard deviation of the logarithm of a random gamma on L alone: prints
    fade and scans differ, but the colours to find stay what they were.
    """
    mirrored = (torch.rand(len(crops), generator=generator) < 0.5) & flip
    crops = torch.where(mirrored[:, None, None, None].to(crops.device), crops.flip(3), crops)
    lab = rgb_to_lab(crops.float() / 255)
    gamma = (torch.randn(len(crops), 1, 1, 1, generator=generator) * jitter).exp().to(crops.device)
    return 100 * (lab[:, :1] / 100).clamp(0, 1) ** gamma, lab[:, 1:]

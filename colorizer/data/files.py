"""Finds pictures in folders and archives, splits them by name, and opens them for training and for measuring."""

from __future__ import annotations

import hashlib
import io
import logging
import os
import tarfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from ..colour.lab import rgb_to_lab
from ..errors import PhotoError
from ..files.names import is_picture
from ..files.walk import walk
from ..photo.kinds import is_grayscale
from ..photo.open import read_photo

log = logging.getLogger(__name__)

NEAR_GRAY = 4.0
"""Mean chroma, in Lab units, below which a picture teaches only gray."""


CHROMA_SIZE = (16, 16)
"""Size of the small version of a picture whose chroma is measured; shrinking it again changes nothing."""
NOTHING_TO_LEARN = "Every picture in the training set is unreadable or gray; there is nothing to learn from."


class DataError(ValueError):
    """A training set cannot be used; the message says what to do."""


@dataclass(frozen=True)
class Picture:
    """One encoded picture of `size` bytes: at `offset` in `file`, or a member of a .zip, or (size < 0) a whole file."""

    name: str
    file: str
    offset: int = 0
    size: int = -1
    member: str = ""

    @property
    def length(self) -> int:
        """Bytes of the encoded picture; 0 for a file that cannot be reached."""
        try:
            return self.size if self.size >= 0 else os.path.getsize(self.file)
        except OSError:
            return 0

    def read(self) -> bytes:
        """The encoded bytes. Raises one of `UNREADABLE` for a bad file or archive."""
        if self.member:
            return _archive(self.file, os.stat(self.file).st_mtime_ns).read(self.member)
        with open(self.file, "rb") as file:
            file.seek(self.offset)
            return file.read(self.size)


@lru_cache(maxsize=4)
def _archive(file: str, changed: int) -> zipfile.ZipFile:
    """A .zip that stays open, because reading its directory again for every picture would cost more than the
    pictures."""
    return zipfile.ZipFile(file)


def find_pictures(sources: Sequence[str | Path]) -> list[Picture]:
    """Every picture in folders (at any depth), .tar and .zip files and single files, sorted by name.

    Names are relative to their source, so that a split does not depend on where the data is stored. Pipes and folders
    that cannot be read are left out with a warning. Raises DataError for a source that does not exist, and if there are
    no pictures.
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
        found = walk(source)
        for left_out in found.left_out:
            log.warning("%s", left_out)
        for path in found.pictures:
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


UNREADABLE = (OSError, EOFError, RuntimeError, KeyError, ValueError, zipfile.BadZipFile, zlib.error)
"""Errors of reading encoded bytes: a broken link, a damaged or encrypted member of a .zip."""


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
    """Sorted class names, and each picture's class: the folder that contains it. Pictures outside folders have none."""
    folders = {picture: os.path.basename(os.path.dirname(picture.name)) for picture in pictures}
    names = sorted(set(folders.values()) - {""})
    number = {name: i for i, name in enumerate(names)}
    return names, {picture: number[folder] for picture, folder in folders.items() if folder}


def folders_of(pictures: Sequence[Picture]) -> list[int]:
    """For each picture, the number of the folder that it is directly in. An archive counts as a folder. Folders of the
    same name within their sources count as one.
    """
    numbers: dict[str, int] = {}
    return [numbers.setdefault(_folder(picture), len(numbers)) for picture in pictures]


def _folder(picture: Picture) -> str:
    whole_file = not picture.member and picture.size < 0
    return os.path.dirname(picture.name) or (os.path.dirname(picture.file) if whole_file else picture.file)


def digest_of_names(pictures: Sequence[Picture]) -> str:
    """16 hexadecimal digits that identify a list of pictures by their names and order."""
    names = "\n".join(picture.name for picture in pictures)
    return hashlib.sha256(names.encode(errors="surrogateescape")).hexdigest()[:16]


def overlap(train: Sequence[Picture], held_out: Sequence[Picture]) -> list[Picture]:
    """Held-out pictures that are also in the training set, byte for byte, under any name."""
    sizes: dict[int, list[Picture]] = {}
    for picture in held_out:
        sizes.setdefault(picture.length, []).append(picture)
    suspects = [picture for picture in train if picture.length in sizes]
    known = {fingerprint(picture) for picture in suspects} - {b""}
    suspicious = {picture.length for picture in suspects}
    return [picture for picture in held_out if picture.length in suspicious and fingerprint(picture) in known]


def fingerprint(picture: Picture) -> bytes:
    """A 16-byte hash of all encoded bytes; b"" for a picture that cannot be read."""
    try:
        return hashlib.blake2b(picture.read(), digest_size=16).digest()
    except UNREADABLE:
        return b""


def mean_chroma(photo: Image.Image) -> float:
    """Mean sqrt(a^2 + b^2) of a small version of the photo, in Lab units."""
    return float(mean_chromas([photo])[0])


def mean_chromas(photos: Sequence[Image.Image]) -> np.ndarray:
    """`mean_chroma` of several photos, float32 (N,); takes little longer than for one."""
    if not photos:
        return np.empty(0, np.float32)
    small = np.stack([np.asarray(photo.resize(CHROMA_SIZE, Image.Resampling.BOX)) for photo in photos])
    ab = rgb_to_lab(torch.from_numpy(small).permute(0, 3, 1, 2).float() / 255)[:, 1:]
    return ab.norm(dim=1).mean(dim=(1, 2)).numpy()


def scaled_down(photo: Image.Image, size: int) -> Image.Image:
    """The photo with a short side of `size` pixels, antialiased; unchanged if it is no larger."""
    factor = size / min(photo.size)
    if factor >= 1:
        return photo
    width, height = (max(size, round(side * factor)) for side in photo.size)
    return photo.resize((width, height), Image.Resampling.LANCZOS)


def open_training_photo(picture: Picture) -> Image.Image:
    """Decode one picture as `open_photo` does, with a fast path for plain small JPEGs, which most sets consist of.

    Raises only PhotoError for a picture that cannot be read, and for one whose colours Colorizer made: nobody learns
    from them, nor measures against them.
    """
    try:
        encoded = picture.read()
    except UNREADABLE as error:
        raise PhotoError(f"{os.path.basename(picture.name)} cannot be read ({error}); try another copy.") from None
    if encoded[:3] == b"\xff\xd8\xff":
        try:
            image = Image.open(io.BytesIO(encoded), formats=("JPEG",))
            plain = image.mode == "RGB" and not {"exif", "xmp", "icc_profile"} & image.info.keys()
            if plain and max(image.size) < 2048:
                image.load()
                return image
        except OSError:
            pass  # open_photo says what is wrong with it
    return open_true(encoded, os.path.basename(picture.name))


def open_true(encoded: bytes, name: str) -> Image.Image:
    """Decode a photograph as `open_photo` does. Raises PhotoError, also if Colorizer made its colours."""
    opened = read_photo(encoded, name=name)
    if opened.metadata.predicted:
        raise PhotoError.of("photo_coloured", name=name)
    return opened.image


def open_to_measure(pictures: Iterable[Picture], side: int) -> tuple[list[Image.Image], list[str]]:
    """Photographs stretched to `side` x `side`, and a sentence for each one left out: unreadable photographs, and
    black-and-white ones, which have no colours to compare with."""
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

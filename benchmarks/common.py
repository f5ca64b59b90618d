"""Tools that the benchmarks share: photographs to measure on, times, memory, and what they return."""

from __future__ import annotations

import io
import os
import re
import socket
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill
from typing import Any, NamedTuple, TypeVar

import matplotlib
import numpy as np
import tyro
from matplotlib.figure import Figure
from PIL import Image
from tqdm import tqdm

from colorizer import Colorizer
from colorizer.checkpoints.card import WEIGHTS
from colorizer.colour.metrics import PROTOCOL_SIDE
from colorizer.data.files import find_pictures, open_to_measure, open_training_photo
from colorizer.errors import PhotoError
from colorizer.evaluation.comparison import times

T = TypeVar("T")
Sources = tyro.conf.Positional[tuple[str, ...]]
"""Photographs as an argument of a command: folders, .tar and .zip files."""

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
FLAGSHIP = "mobile-unet"
MOST_KINDS = 6
"""Most kinds of photographs; if there are more, the first words are names, not kinds."""


class Measured(NamedTuple):
    """The findings of a benchmark."""

    texts: tuple[str, ...]
    """One for each of its places in the documents, as Markdown or SVG."""
    right: bool = True
    """False where it found something that must not be."""
    whole: bool = True
    """False where something is missing here that the documents should not lose."""


@dataclass(frozen=True)
class Photos:
    """Colour photographs, "RGB", stretched to 256 x 256."""

    images: tuple[Image.Image, ...]
    kinds: tuple[str, ...]
    """The kind of each photograph; all "" if the names give no kinds."""
    problems: tuple[str, ...]
    """One sentence for each picture that was left out."""


def open_photos(sources: Sequence[str], limit: int | None = None) -> Photos:
    """Photographs in folders, .tar and .zip files, sorted by name, at most `limit` of them, taken evenly.

    Raises ValueError if there are none.
    """
    names, images, problems = [], [], []
    for picture in evenly(find_pictures(sources), limit):
        opened, said = open_to_measure([picture], PROTOCOL_SIDE)
        names += [os.path.basename(picture.name)] * len(opened)
        images += opened
        problems += said
    if not images:
        raise ValueError("there is no colour photograph to measure on; give a folder or a .tar with some")
    return Photos(tuple(images), tuple(kinds_of(names)), tuple(problems))


def opened(sources: Sequence[str], limit: int | None = None) -> Iterator[tuple[str, Image.Image]]:
    """Names and photographs, black-and-white ones too, as `open_photos` finds them. Says which are left out."""
    for picture in tqdm(evenly(find_pictures(sources), limit), unit="photo"):
        try:
            yield picture.name, open_training_photo(picture)
        except PhotoError as error:
            say(f"left out: {error}")


def evenly(found: Sequence[T], limit: int | None) -> list[T]:
    """At most `limit` of a sequence, taken evenly; all of it for None."""
    count = len(found) if limit is None else min(limit, len(found))
    return [found[(2 * i + 1) * len(found) // (2 * count)] for i in range(count)]


def kinds_of(names: Sequence[str]) -> list[str]:
    """Kinds of pictures from their file names: the first word that is not the same in all names, up to "_", "-" or a
    digit: object_01.jpg, scene-02.jpg -> "object", "scene". All "" if the words give no kinds."""
    words = [[word for word in re.split(r"[\W_\d]+", os.path.splitext(name)[0]) if word] for name in names]
    for place in range(min(map(len, words), default=0)):
        found = [own[place] for own in words]
        if 1 < len(set(found)) <= MOST_KINDS:
            return found
    return [""] * len(names)


def photograph(megapixels: int, path: Path) -> Path:
    """A JPEG of this size, 4:3, with the detail and grain of a photograph."""
    height = round((megapixels * 1e6 * 3 / 4) ** 0.5)
    with Image.open(EXAMPLES / "china.jpg") as small:
        large = np.asarray(small.convert("RGB").resize((round(height * 4 / 3), height), Image.Resampling.BICUBIC))
    random = np.random.default_rng(0)
    rows = []
    for strip in np.array_split(large, max(1, height // 500)):
        grain = random.normal(0, 4, strip.shape[:2])[..., None]
        rows.append(np.clip(strip + grain, 0, 255).astype(np.uint8))
    Image.fromarray(np.concatenate(rows)).save(path, quality=92)
    return path


def another(jpeg: bytes, number: int, folder: Path) -> Path:
    """A new file with the same picture, unknown to a server."""
    path = folder / f"photograph-{number}.jpg"
    path.write_bytes(jpeg + number.to_bytes(4, "big"))
    return path


def flagship(weights: Path = WEIGHTS) -> Colorizer:
    """The flagship on the CPU, from a folder of checkpoints."""
    return Colorizer.from_checkpoint(FLAGSHIP, device="cpu", folder=weights)


def timed(work: Callable[..., object], *given: Any) -> float:
    """Seconds that something takes."""
    start = time.perf_counter()
    work(*given)
    return time.perf_counter() - start


def middle(seconds: Sequence[float], digits: int = 1) -> str:
    """The median, in words."""
    return f"{statistics.median(seconds):.{digits}f} s"


def faster(before: Sequence[float], after: Sequence[float], digits: int) -> str:
    """How many times faster, as the median over rounds."""
    return f"{times(before, after):.{digits}f} ×"


@contextmanager
def meanwhile(*works: Callable[[threading.Event], object]) -> Iterator[None]:
    """Run functions in threads of their own while the block runs; the event that each gets says that it ended."""
    ended = threading.Event()
    threads = [threading.Thread(target=work, args=[ended], daemon=True) for work in works]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def free_port() -> int:
    """A port of this machine that nothing listens on."""
    with socket.socket() as own:
        own.bind(("127.0.0.1", 0))
        return int(own.getsockname()[1])


def status(pid: int | str, key: str) -> int:
    """A number from a process's status in Linux, memory in kB; pid: or "self"."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{key}:"))


def peak_memory(pid: int | str = "self") -> float:
    """Peak resident memory of a process since `forget_peak`, MB."""
    return status(pid, "VmHWM") / 1024


def forget_peak(pid: int | str = "self") -> None:
    """Reset `peak_memory`."""
    Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")


def prose(*parts: str) -> str:
    """A paragraph wrapped to the code's line length."""
    return fill(" ".join(parts), 120, break_on_hyphens=False, break_long_words=False)


def svg(figure: Figure) -> str:
    """A figure as SVG, the same one each time."""
    with matplotlib.rc_context({"svg.hashsalt": "benchmarks"}), io.StringIO() as file:
        figure.savefig(file, format="svg", metadata={"Date": None})
        return file.getvalue()


def say(*words: object) -> None:
    """Tell on the terminal how far a long benchmark is."""
    print(*words, sep="\t", file=sys.stderr, flush=True)

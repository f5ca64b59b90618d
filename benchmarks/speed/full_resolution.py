"""The cost of a photograph from file to file. As a command, the cost of one way, in a process of its own."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.common import flagship, forget_peak, peak_memory, photograph, timed
from colorizer import Colorizer, open_photo, save_photo
from colorizer.evaluation.comparison import markdown

SIZES = (1, 4, 12, 24, 48, 100)
PLAIN_UP_TO = 24
"""Megapixels; above them, the plain way does not fit into small machines."""


def measure(sizes: tuple[int, ...] = SIZES, runs: int = 3) -> str:
    """The cost of a photograph from file to file.

    It opens, colours and saves photographs of 1 to 100 megapixels, each in its own process, and compares this with the
    plain way of most projects: scikit-image's `rgb2lab` and `lab2rgb` on the whole picture, and the same network at the
    same working size. Times are medians of a few runs. Memory is the peak above what the process held before. The
    ratios are what counts. sizes: megapixels.
    """
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            source = photograph(size, Path(folder) / f"{size}.jpg")
            ours = [in_its_own_process("ours", source) for _ in range(runs)]
            seconds, memory = (statistics.median(run[key] for run in ours) for key in ("seconds", "memory"))
            cells = [f"{size} MP", f"{seconds:.2f} s", f"{1000 * seconds / size:.0f} ms", f"{memory:.0f} MB"]
            if size <= PLAIN_UP_TO:
                plain = [in_its_own_process("plain", source) for _ in range(runs)]
                # Other work on the machine disturbs single runs, so the best run of each way is compared.
                faster = min(run["seconds"] for run in plain) / min(run["seconds"] for run in ours)
                smaller = memory / statistics.median(run["memory"] for run in plain)
                cells += [f"{faster:.1f} ×", f"{smaller:.2f}"]
            else:
                cells += ["", ""]
            rows.append(cells)
    return markdown(("photograph", "time", "a megapixel", "memory", "faster than plain", "of its memory"), rows)


def in_its_own_process(way: str, source: Path) -> dict[str, float]:
    """The result of `alone` in a new process."""
    target = source.with_name(f"{way}.jpg")
    command = [sys.executable, "-m", "benchmarks.speed.full_resolution", way, str(source), str(target)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def alone(way: Callable[[Path, Path], object], source: Path, target: Path) -> dict[str, float]:
    """Seconds from file to file, and the peak memory in MB above that held before, once everything is loaded."""
    way(photograph(1, source.with_name("warm.jpg")), target)
    forget_peak()
    before = peak_memory()
    return {"seconds": timed(way, source, target), "memory": peak_memory() - before}


def ours(source: Path, target: Path) -> None:
    """The same steps as the command line."""
    result = _colorizer().colorize(open_photo(source))
    save_photo(result.image, target, checkpoint="mobile-unet")


def plain(source: Path, target: Path) -> None:
    """The same network between scikit-image's conversions of the whole picture."""
    import torch
    import torch.nn.functional as F
    from skimage.color import lab2rgb, rgb2lab

    colorizer = _colorizer()
    with Image.open(source) as file:
        photo = file.convert("RGB")
    L = rgb2lab(np.asarray(photo))[..., 0]
    whole = torch.from_numpy(L).float()[None, None]
    stride = colorizer.architecture.stride
    size = [round(side / stride) * stride for side in colorizer.fitting_size(photo.size)]
    small = F.interpolate(whole, size, mode="bilinear", antialias=True)
    with torch.inference_mode():
        network = colorizer.architecture
        ab = network.to_ab(network(small), small, temperature=colorizer.card.temperature)
    large = F.interpolate(ab, whole.shape[2:], mode="bicubic")[0].permute(1, 2, 0).numpy()
    rgb = lab2rgb(np.concatenate((L[..., None], large), axis=2))
    Image.fromarray((rgb * 255).round().astype(np.uint8)).save(target, quality=95, subsampling=0)


WAYS = {"ours": ours, "plain": plain}


@cache
def _colorizer() -> Colorizer:
    return flagship()


if __name__ == "__main__":
    print(json.dumps(alone(WAYS[sys.argv[1]], *map(Path, sys.argv[2:]))))

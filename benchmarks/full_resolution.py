"""The cost of a photograph from file to file: `python -m benchmarks.full_resolution [--write]`.

It opens, colours and saves photographs of 1 to 100 megapixels, each in its own process, and compares this with the
plain way of most projects: scikit-image's `rgb2lab` and `lab2rgb` on the whole picture, and the same network at the
same working size. Times are medians of a few runs. Memory is the peak above what the process held before. The ratios
are what counts. `--write` puts the table into docs/speed.md.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from colorizer import Colorizer, open_photo, save_photo
from colorizer.evaluation.comparison import markdown
from colorizer.files.between import write_between

SIZES = (1, 4, 12, 24, 48, 100)
PLAIN_UP_TO = 24
"""Megapixels; above them, the plain way does not fit into small machines."""
DOCUMENT = Path(__file__).parent.parent / "docs" / "speed.md"
PICTURE = Path(__file__).parent.parent / "examples" / "china.jpg"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print, or write; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.full_resolution", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="megapixels")
    parser.add_argument("--write", action="store_true", help="put the table into docs/speed.md")
    parser.add_argument("--alone", nargs=3, metavar=("WAY", "FROM", "TO"), help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.alone:
        way, source, target = options.alone
        print(json.dumps(alone(WAYS[way], Path(source), Path(target))))
        return 0
    table = measure(options.sizes)
    print(table)
    if options.write:
        write_between(DOCUMENT, "<!-- full resolution -->", "<!-- end of full resolution -->", table, "table")
    return 0


def measure(sizes: Sequence[int], runs: int = 3) -> str:
    """A Markdown table: our seconds and memory for each size in megapixels, and how the plain way compares."""
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


def photograph(megapixels: int, path: Path) -> Path:
    """A JPEG of this size, 4:3, with the detail and grain of a photograph."""
    height = round((megapixels * 1e6 * 3 / 4) ** 0.5)
    with Image.open(PICTURE) as small:
        large = np.asarray(small.convert("RGB").resize((round(height * 4 / 3), height), Image.Resampling.BICUBIC))
    random = np.random.default_rng(0)
    rows = []
    for strip in np.array_split(large, max(1, height // 500)):
        grain = random.normal(0, 4, strip.shape[:2])[..., None]
        rows.append(np.clip(strip + grain, 0, 255).astype(np.uint8))
    Image.fromarray(np.concatenate(rows)).save(path, quality=92)
    return path


def in_its_own_process(way: str, source: Path) -> dict[str, float]:
    """The result of `alone` in a new process."""
    target = source.with_name(f"{way}.jpg")
    command = [sys.executable, "-m", "benchmarks.full_resolution", "--alone", way, str(source), str(target)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def alone(way: Callable[[Path, Path], object], source: Path, target: Path) -> dict[str, float]:
    """Seconds from file to file, and the peak memory in MB above that held before, once everything is loaded."""
    way(photograph(1, source.with_name("warm.jpg")), target)
    before = _peak_memory(reset=True)
    start = time.perf_counter()
    way(source, target)
    return {"seconds": time.perf_counter() - start, "memory": _peak_memory() - before}


def _peak_memory(reset: bool = False) -> float:
    """Peak resident memory in MB since the last reset, as Linux counts it."""
    if reset:
        Path("/proc/self/clear_refs").write_text("5")
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


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
    return Colorizer.from_checkpoint("mobile-unet", device="cpu")


if __name__ == "__main__":
    sys.exit(main())

"""An archive that is made, coloured, stopped and continued, and compared with its manifest."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image

from benchmarks.common import Measured
from colorizer.checkpoints.card import WEIGHTS

SIZE = (400, 300)
"""Width and height of a scan, in pixels."""


def measure(scans: int = 300, weights: Path = WEIGHTS) -> Measured:
    """Runs the command line over a made archive and checks the manifest.

    The archive has so many scans of several depths and formats, twins by name, names of 255 bytes, broken metadata,
    damaged files, a pipe, a loop of links and a folder that nobody may read. The run is stopped half-way (SIGTERM),
    continued, and continued again after an original was replaced, a result was cut short and a JPEG has arrived beside
    its master. Then every line of the manifest is compared with the files. The exit code is 1 if anything is wrong.
    """
    with tempfile.TemporaryDirectory() as folder:
        lines, wrong = run(Path(folder), scans, weights)
    return Measured(("\n".join([*lines, *(wrong or ["the manifest agrees with the files"])]),), not wrong)


def run(folder: Path, count: int, weights: Path) -> tuple[list[str], list[str]]:
    """What happened, and what of it is wrong."""
    scans, out = folder / "scans", folder / "out"
    make_archive(scans, count)
    command = [
        sys.executable, "-m", "colorizer", "colorize", str(scans), "-o", str(out), "--resume", "--weights", str(weights)
    ]  # fmt: skip
    lines, wrong = [], []

    def note(step: str, process: subprocess.Popen[bytes], start: float, **expected: int) -> None:
        states = Counter(line["state"] for line in manifest(out))
        lines.append(f"{step}: exit code {process.returncode}, {time.monotonic() - start:.0f} s, {dict(states)}")
        wrong.extend(f"{step}: {states[state]} {state}, not {n}" for state, n in expected.items() if states[state] != n)

    start = time.monotonic()
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    while len(list(out.rglob("*-colorized.png"))) < count // 2:
        if process.poll() is not None or time.monotonic() - start > 60 + 5 * count:
            return lines, [*wrong, "the first run ended too early, or did not get on"]
        time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    process.wait()
    note("stopped half-way", process, start)
    if not any(line["state"] == "waiting" for line in manifest(out)):
        wrong.append("the stopped run does not say what it did not reach")

    def again(step: str, **expected: int) -> dict[str, int]:
        before, start = times(out), time.monotonic()
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        process.wait()
        note(step, process, start, **expected)
        return {name: 1 for name, moment in times(out).items() if before.get(name) != moment}

    again("continued", done=count, waiting=0)
    done = [line for line in manifest(out) if line["state"] == "done"]
    master, cut = (scans / done[0]["source"]), out / done[1]["result"]
    save(master, picture(10_000).convert("L"))
    cut.write_bytes(cut.read_bytes()[:-100])
    twin = next(scans / line["source"] for line in done if line["source"].endswith(".tif"))
    save(twin.with_suffix(".jpg"), picture(10_001).convert("L"))
    changed = again("after a replaced original, a cut result and a new twin", done=count + 1, waiting=0)
    if len(changed) != 3:
        wrong.append(f"{len(changed)} results changed, not 3")
    if again("once more, with nothing to do", done=count + 1, waiting=0):
        wrong.append("a run with nothing to do wrote results")
    failed = [line for line in manifest(out) if line["state"] == "failed"]
    if len(failed) < len(DAMAGED):
        wrong.append(f"{len(failed)} failures in the manifest, not {len(DAMAGED)} or more")
    return lines, [*wrong, *disagreements(scans, out)]


def disagreements(scans: Path, out: Path) -> list[str]:
    """Lines of a manifest that are not true of the files, and results without a line."""
    wrong, listed = [], set()
    for line in manifest(out):
        if line["state"] != "done":
            if not line["reason"]:
                wrong.append(f"{line['source']}: no reason")
            continue
        listed.add(line["result"])
        for name, path in (("source", scans / line["source"]), ("result", out / line["result"])):
            if hashlib.sha256(path.read_bytes()).hexdigest() != line[f"{name}_sha256"]:
                wrong.append(f"{line['source']}: another SHA-256 of its {name}")
        with Image.open(out / line["result"]) as result:
            result.load()
            if result.size != (line["width"], line["height"]):
                wrong.append(f"{line['source']}: another size")
    found = {path.relative_to(out).as_posix() for path in out.rglob("*-colorized.png")}
    wrong.extend(f"{name}: a result without a line" for name in sorted(found - listed))
    return wrong


def manifest(out: Path) -> list[dict]:
    return json.loads((out / "manifest.json").read_text(encoding="utf-8"))["photos"]


def times(out: Path) -> dict[str, int]:
    return {path.relative_to(out).as_posix(): path.stat().st_mtime_ns for path in out.rglob("*-colorized.png")}


def picture(seed: int) -> Image.Image:
    small = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), np.uint8)
    return Image.fromarray(small).resize(SIZE, Image.Resampling.BICUBIC)


def save(path: Path, photo: Image.Image) -> None:
    photo.save(path)


def save_deep(path: Path, photo: Image.Image) -> None:
    tifffile.imwrite(path, np.asarray(photo.convert("L")).astype(np.uint16) * 257, resolution=(600, 600))


def save_negative(path: Path, photo: Image.Image) -> None:
    tifffile.imwrite(path, 255 - np.asarray(photo.convert("L")), photometric="miniswhite")


def save_toned(path: Path, photo: Image.Image) -> None:
    gray = np.asarray(photo.convert("L")).astype(float)
    Image.fromarray(np.stack([gray, gray * 0.86, gray * 0.66], axis=-1).astype(np.uint8)).save(path)


def save_with_garbage(path: Path, photo: Image.Image) -> None:
    photo.convert("L").save(path, exif=b"Exif\0\0II*\0garbage", icc_profile=b"garbage")


KINDS: tuple[tuple[str, Callable[[Path, Image.Image], None]], ...] = (
    ("{n:04}.jpg", save), ("{n:04}.tif", save_deep), ("{n:04}.png", save_toned), ("{n:04}n.tif", save_negative),
    ("{n:04}g.jpg", save_with_garbage), ("twin{n:04}.jpg", save), ("twin{m:04}.tif", save_deep),
    ("{n:04}" + "long" * 61 + ".png", save),
)  # fmt: skip
"""Names and ways to write a scan. Scan n = m + 1 of the sixth kind and n of the seventh are twins by name."""
DAMAGED = {"empty.jpg": b"", "words.tif": b"not a picture", "half.png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"}


def make_archive(scans: Path, count: int) -> None:
    """`count` readable scans in boxes, beside what archives also hold."""
    for n in range(count):
        box = scans / f"box {n // 50:02}"
        box.mkdir(parents=True, exist_ok=True)
        name, write = KINDS[n % len(KINDS)]
        write(box / name.format(n=n, m=n - 1), picture(n) if n % 3 else picture(n).convert("L"))
    for name, content in DAMAGED.items():
        (scans / name).write_bytes(content)
    if os.name == "posix":
        os.mkfifo(scans / "pipe.jpg")
        (scans / "loop").symlink_to(scans)
        (scans / "locked").mkdir(mode=0)

"""onnxruntime-web, which runs the network in a browser: a pinned version of its npm package."""

from __future__ import annotations

import json
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import UserError

VERSION = "1.30.0"
GPU = ("ort.jspi.min.mjs", "ort-wasm-simd-threaded.jspi.mjs", "ort-wasm-simd-threaded.jspi.wasm")
"""Files in its folder `dist`: the program with WebGPU, which only some browsers load."""
FILES = ("ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm", *GPU)
LICENCE = Path(__file__).with_name("onnxruntime-LICENSE.txt")
"""The package names the licence and has no file of it; this is the one of its repository."""


@contextmanager
def runtime(folder: Path | None) -> Iterator[dict[str, bytes]]:
    """The files by name, from a package's folder, or else from npm. Raises UserError."""
    if folder is not None:
        yield _files(folder)
        return
    with tempfile.TemporaryDirectory() as name:
        yield _files(_fetched(Path(name)))


def _fetched(target: Path) -> Path:
    """The package's folder, after npm has put it into `target`."""
    npm = shutil.which("npm")
    if npm is None:
        raise UserError.of("no_npm", version=VERSION)
    command = [npm, "pack", f"onnxruntime-web@{VERSION}", "--silent", "--pack-destination", str(target)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, cwd=target)
        reason = next((line for line in done.stderr.splitlines() if line.strip()), f"status {done.returncode}")
    except subprocess.TimeoutExpired:
        raise UserError.of("npm_failed", version=VERSION, reason="no answer for ten minutes") from None
    archives = list(target.glob("*.tgz"))
    if done.returncode or not archives:
        raise UserError.of("npm_failed", version=VERSION, reason=reason)
    wanted = {"package/package.json", *(f"package/dist/{name}" for name in FILES)}
    with tarfile.open(archives[0]) as archive:
        archive.extractall(target, [member for member in archive if member.name in wanted], filter="data")
    return target / "package"


def _files(package: Path) -> dict[str, bytes]:
    missing = [name for name in ("package.json", *(f"dist/{name}" for name in FILES)) if not (package / name).is_file()]
    if not missing and json.loads((package / "package.json").read_text(encoding="utf-8")).get("version") != VERSION:
        missing = [f"version {VERSION}"]
    if missing:
        raise UserError.of("no_runtime", name=package.name, version=VERSION, missing=missing[0])
    files = {name: (package / "dist" / name).read_bytes() for name in FILES}
    return {**files, "LICENSE.txt": LICENCE.read_text(encoding="utf-8").format(version=VERSION).encode()}

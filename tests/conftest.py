"""Shared by all tests: no network, no GPU, untrained weights, photographs made here."""

import asyncio
import copy
import functools
import gc
import math
import multiprocessing
import os
import shutil
import ssl
import tempfile
import time
from collections.abc import Callable, Collection, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Any, TypeVar

os.environ["GRADIO_TEMP_DIR"] = tempfile.mkdtemp(prefix="colorizer-tests-")
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as the page does; tests share their machine
if "PYTEST_XDIST_WORKER" in os.environ:  # one process for each core gains nothing from more threads
    os.environ.setdefault("OMP_NUM_THREADS", "1")
# Where Gradio begins to look for a free port. Two processes that find the same one wait five seconds each.
os.environ["GRADIO_SERVER_PORT"] = str(7860 + 100 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]))

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from PIL import Image

from colorizer.checkpoints.card import WEIGHTS

T = TypeVar("T")

# Tests speak plain HTTP, yet every client that they make would read all certificates first, which takes 60 ms.
ssl.create_default_context = functools.cache(ssl.create_default_context)

IN_A_BROWSER = "tests/browser/"

LOADED: dict[tuple, Any] = {}
"""The `Colorizer` of each file that was loaded last, by its path and what else tells that it is the same."""
MOST_LOADED = 16

# How long one example takes says more about the machine than about the code. `make test` tries the same examples
# every time, so that it fails for whoever broke something; `make test-all` tries others (--hypothesis-profile random).
TIMELESS = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("gate", TIMELESS, derandomize=True, max_examples=40)
settings.register_profile("random", TIMELESS, max_examples=200)
settings.load_profile("gate")


def representing(everything: Iterable, chosen: Collection) -> list:
    """The values of a parametrized test: `chosen` are tried by `make test`, the others by `make test-all` alone."""
    everything = list(everything)
    unknown = [each for each in chosen if each not in everything]
    assert chosen, "nothing is left for `make test`"
    assert not unknown, f"not among the values: {unknown}"
    return [each if each in chosen else pytest.param(each, marks=pytest.mark.full) for each in everything]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those in a browser first, as they take longest together."""
    items.sort(key=lambda item: not item.nodeid.startswith(IN_A_BROWSER))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Each file on one worker. For `make test`, which runs few of each, all files in a browser on the same: a browser
    and its server take as long to start as three tests."""
    from xdist.scheduler import LoadFileScheduling

    class Scheduling(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            together = config.option.markexpr == "not full" and nodeid.startswith(IN_A_BROWSER)
            return IN_A_BROWSER if together else super()._split_scope(nodeid)

    return Scheduling(config, log)


def pytest_collection_finish():
    """Never look again through all that libraries made when they were imported."""
    gc.freeze()


def pytest_sessionfinish():
    """Leave nothing of what the page uploaded and made."""
    shutil.rmtree(os.environ["GRADIO_TEMP_DIR"], ignore_errors=True)


def colour_photo(width: int = 90, height: int = 60, seed: int = 0) -> Image.Image:
    """A smooth picture with strong colours."""
    small = np.random.default_rng(seed).integers(0, 256, (5, 7, 3), np.uint8)
    return Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)


def run_async(coroutine: Coroutine[Any, Any, T]) -> T:
    """The outcome of a coroutine. It runs in a thread of its own, as this one's loop is Playwright's once there is a
    browser."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


@contextmanager
def filling(size=20_000):
    """Limit files to so many bytes, as a disk does that is nearly full."""
    resource = pytest.importorskip("resource", reason="only Unix limits the size of files")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def files_in(folder: Path) -> dict[str, bytes]:
    """The contents of all files in a folder and below it, by their paths in it."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def wait_for(condition: Callable[[], object], seconds: float = 60) -> None:
    """Wait until a condition holds; fail if it takes longer."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def prepared_processes() -> BaseContext:
    """Starts processes with all libraries loaded that have computed nothing yet. An optimizer imports torch._dynamo and
    a plot imports its own libraries, which takes seconds, so those are loaded too."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["colorizer.training", "skimage.color", "matplotlib.pyplot", "torch._dynamo"])
    return context


def measure_small(patch: pytest.MonkeyPatch) -> None:
    """Let validations measure pictures at a sixteenth of the pixels of published figures."""
    from colorizer.colour import metrics
    from colorizer.training import validation

    for module in (metrics, validation):
        patch.setattr(module, "PROTOCOL_SIDE", 64)


@pytest.fixture(autouse=True)
def never_negative(monkeypatch, request):
    """No photo is a negative, but for tests that say so in their names: the question costs as much as the colours."""
    if "negative" not in request.node.nodeid:
        monkeypatch.setattr("colorizer.inference.negative.margin", lambda photo: None)


@pytest.fixture(autouse=True)
def loaded_once(monkeypatch):
    """A file's network is loaded once for all tests, which takes longer than many of them."""
    from colorizer import Colorizer
    from colorizer.checkpoints.file import find_checkpoint

    load = Colorizer.from_checkpoint

    @functools.wraps(load)
    def from_checkpoint(name, device="auto", folder=WEIGHTS):
        path = find_checkpoint(name, folder)
        file = os.stat(path)
        key = str(path), device, file.st_ino, file.st_mtime_ns, file.st_size
        if key not in LOADED:
            LOADED[key] = load(name, device, folder)
            if len(LOADED) > MOST_LOADED:
                del LOADED[next(iter(LOADED))]
        return copy.copy(LOADED[key])

    monkeypatch.setattr(Colorizer, "from_checkpoint", staticmethod(from_checkpoint))


@pytest.fixture
def small_measures(monkeypatch):
    """`measure_small` for a test."""
    measure_small(monkeypatch)


def write_photos(folder: Path, count: int, width: int, height: int) -> Path:
    """A folder of `count` different pictures, 0.png and so on."""
    for i in range(count):
        colour_photo(width, height, seed=i).save(folder / f"{i}.png")
    return folder


@pytest.fixture(scope="session")
def weights(tmp_path_factory):
    """A folder with an untrained checkpoint of both first architectures, the flagship's a narrow one."""
    import torch

    from colorizer import build
    from colorizer.checkpoints.file import save_checkpoint

    folder = tmp_path_factory.mktemp("weights")
    for name, config in (("mobile-unet", {"width": 0.25}), ("resnet18-decoder", {})):
        torch.manual_seed(0)
        save_checkpoint(folder / f"{name}.safetensors", build(name, **config), title="untrained", working_size=64)
    return folder


@pytest.fixture(scope="session")
def kinds(weights, tmp_path_factory):
    """A folder of checkpoints of which some answer more than ab."""
    from colorizer import build
    from colorizer.checkpoints.file import save_checkpoint

    folder = tmp_path_factory.mktemp("kinds")
    for path in weights.glob("*.safetensors"):
        shutil.copy(path, folder)
    save_checkpoint(folder / "painter.safetensors", build("conv-fc", width=0.25), title="paints")
    measured = {"metrics": {"psnr": 24.0, "gray_psnr": 22.0}, "classes": ["ice_floe", "b", "c", "d"]}
    network = build("iizuka16", width=0.125, global_size=32, classes=4)
    save_checkpoint(folder / "namer.safetensors", network, working_size=64, **measured)
    return folder


class SlowPasses(list[tuple[int, int]]):
    """The passes that ran, by the size of the photograph."""

    def __init__(self, seconds: float):
        super().__init__()
        self.seconds = seconds
        """How much longer the next one takes."""
        self.most = math.inf
        """How many may run; those after them wait until there may be more."""


def slow_passes(monkeypatch: pytest.MonkeyPatch, seconds: float) -> SlowPasses:
    """Make every pass of a network take `seconds`; returns a record of the passes."""
    from colorizer import Colorizer

    ran, predict = SlowPasses(seconds), Colorizer._predict

    def slow(self, photo, hints, size, finish):
        time.sleep(ran.seconds)
        wait_for(lambda: len(ran) < ran.most)
        ran.append(photo.size)
        return predict(self, photo, hints, size, finish)

    monkeypatch.setattr(Colorizer, "_predict", slow)
    return ran


@pytest.fixture
def passes(monkeypatch):
    """One entry for each time that a network runs: its number of hints."""
    from colorizer import Colorizer

    ran, predict = [], Colorizer._predict

    def counted(self, photo, hints, size, finish):
        ran.append(len(hints))
        return predict(self, photo, hints, size, finish)

    monkeypatch.setattr(Colorizer, "_predict", counted)
    return ran


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """A folder for the uploads and results of the pages in a module that uses this fixture."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("cache")
        patch.setenv("GRADIO_TEMP_DIR", str(folder))
        yield folder

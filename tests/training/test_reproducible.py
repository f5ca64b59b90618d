"""The same photograph, checkpoint and settings give the same bytes, whatever else the machine is doing."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch
from conftest import colour_photo, representing
from showing import full_size
from small_networks import small

from colorizer import Colorizer, Hint, list_architectures
from colorizer.page.session.request import PhotoRequest
from colorizer.page.session.shelf import Shelf
from colorizer.page.tabs.one_photo.handlers import Handlers
from colorizer.runtime.threads import for_strips, limit_strips


@pytest.fixture
def threads():
    """Sets PyTorch's default number of threads, and how many threads share a photograph's pixels."""
    torch_s, strips = torch.get_num_threads(), for_strips()

    def set_both(count):
        torch.set_num_threads(count)
        limit_strips(count)

    yield set_both
    torch.set_num_threads(torch_s)
    limit_strips(strips)


KINDS = ["mobile-unet", "conv-fc", "iizuka16", "siggraph17"]
"""One of each kind: a distribution and hints; fully connected layers; a second look at the whole; hints alone."""


@pytest.mark.parametrize("name", representing(list_architectures(), KINDS))
@pytest.mark.parametrize("size", representing([(301, 203), (97, 640)], [(301, 203)]))
def test_the_same_bytes_for_any_number_of_threads(threads, name, size):
    colorizer = Colorizer(small(name).eval())
    asked = [{}]
    if colorizer.architecture.takes_hints:
        asked.append({"hints": [Hint(20, 20, (40.0, 30.0)), Hint(80, 160, (-20.0, 10.0))]})
    if colorizer.architecture.has_distribution:
        asked.append({"temperature": 0.4, "vividness": 0.6})
    for wishes in asked:
        pictures, doubts = set(), set()
        for count in (1, 2, 3, 5):
            threads(count)
            result = colorizer.colorize(colour_photo(*size), **wishes)
            pictures.add(result.image.tobytes() + result.low_ab.numpy().tobytes())
            doubts.add(None if result.entropy is None else result.entropy.tobytes())
            assert torch.get_num_threads() == count, "the caller's own number is as it was"
        assert len(pictures) == len(doubts) == 1


@pytest.mark.full
def test_the_same_file_in_any_environment(weights, tmp_path):
    photo = tmp_path / "photo.png"
    colour_photo(1500, 1100).save(photo)
    files = set()
    for count in ("1", "3"):
        out = tmp_path / f"{count}.png"
        checkpoint = weights / "mobile-unet.safetensors"
        command = [sys.executable, "-m", "colorizer", "colorize", photo, "--out", out, "--checkpoint", checkpoint]
        limits = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), count)
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, **limits})
        files.add(out.read_bytes())
    assert len(files) == 1


def test_the_same_bytes_for_any_number_of_visitors(weights, tmp_path):
    paths = []
    for seed in range(4):
        paths.append(str(tmp_path / f"{seed}.png"))
        colour_photo(300, 200, seed=seed).save(paths[-1])

    def download(handlers, path):
        return Path(full_size(handlers, PhotoRequest(path, "mobile-unet"))).read_bytes()

    alone = {path: download(Handlers(Shelf(weights)), path) for path in paths}
    assert len(set(alone.values())) == len(paths)
    together = Handlers(Shelf(weights))
    with ThreadPoolExecutor(8) as pool:
        asked = paths * 6
        for path, content in zip(asked, pool.map(lambda path: download(together, path), asked), strict=True):
            assert content == alone[path], os.path.basename(path)

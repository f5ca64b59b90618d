"""The same photograph, checkpoint and settings give the same bytes, whatever else the machine does."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import colour_photo

from colorizer import Colorizer, save_photo
from colorizer.page.asked import Asked
from colorizer.page.handlers import Handlers
from colorizer.page.models import Shelf


@pytest.fixture
def threads():
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


@pytest.mark.parametrize("name", ["mobile-unet", "resnet18-decoder"])
@pytest.mark.parametrize("size", [(301, 203), (1500, 1100)])
def test_the_same_bytes_with_the_same_number_of_threads(weights, tmp_path, threads, name, size):
    """With another number PyTorch adds up in another order: a sample then differs by one level of 255 at most."""
    pictures = []
    for count in (1, 2, 4):
        threads(count)
        results = [Colorizer.from_checkpoint(name, folder=weights).colorize(colour_photo(*size)) for _ in range(2)]
        for suffix in (".png", ".jpg"):
            files = [save_photo(each.image, tmp_path / f"a{suffix}", checkpoint=name).read_bytes() for each in results]
            assert files[0] == files[1]
        pictures.append(np.asarray(results[0].image).astype(int))
    assert max(np.abs(picture - pictures[0]).max() for picture in pictures) <= 1


def test_the_same_bytes_for_any_number_of_visitors(weights, tmp_path):
    paths = []
    for seed in range(4):
        paths.append(str(tmp_path / f"{seed}.png"))
        colour_photo(300, 200, seed=seed).save(paths[-1])

    def download(handlers, path):
        return Path(handlers.file(Asked(path, "mobile-unet"))["file"]).read_bytes()

    alone = {path: download(Handlers(Shelf(weights)), path) for path in paths}
    assert len(set(alone.values())) == len(paths)
    together = Handlers(Shelf(weights))
    with ThreadPoolExecutor(8) as pool:
        asked = paths * 6
        for path, content in zip(asked, pool.map(lambda path: download(together, path), asked), strict=True):
            assert content == alone[path], os.path.basename(path)

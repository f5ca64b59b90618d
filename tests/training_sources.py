"""Folders of pictures to make a training set from."""

from pathlib import Path

import numpy as np
from PIL import Image


def save(path: Path, photo: Image.Image, **options) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    photo.save(path, **options)
    return path


def detailed(seed: int, width: int = 120, height: int = 90) -> Image.Image:
    """Pictures of which no two are nearly the same."""
    cells = np.random.default_rng(seed).integers(0, 256, (12, 16, 3), np.uint8)
    return Image.fromarray(cells).resize((width, height), Image.Resampling.BICUBIC)


def make_sources(tmp_path: Path) -> Path:
    """in/: cats and dogs, ten each, and one picture of each kind that must be left out."""
    for i in range(10):
        save(tmp_path / f"in/deep/cats/{i}.png", detailed(i))
        save(tmp_path / f"in/dogs/{i}.jpg", detailed(100 + i), quality=95)
    folder = tmp_path / "in/extra"
    save(folder / "gray.png", Image.new("RGB", (50, 50), (90, 91, 90)))
    save(folder / "again.bmp", detailed(3))  # the same pixels in another format
    save(folder / "smaller.jpg", detailed(104).resize((84, 63)), quality=80)
    (folder / "broken.jpg").write_bytes(b"not a picture")
    (folder / "cut.png").write_bytes((tmp_path / "in/deep/cats/1.png").read_bytes()[:500])
    (folder / "nowhere.png").symlink_to("missing.png")
    return tmp_path / "in"

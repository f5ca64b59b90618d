"""What `--old` does to photographs: `python -m benchmarks.pictures.old_prints` writes docs/old-prints.jpg.

One row per photograph: as it is, then worn in random ways by `colorizer.data.degradation`, as in training. Photographs
are first reduced to about the size of a training crop, because grain and scratches are measured in pixels.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from colorizer.colour.lab import lab_to_rgb, rgb_to_lab
from colorizer.data.degradation import COLUMNS, degrade
from colorizer.data.files import find_pictures, open_training_photo
from colorizer.figures import contact_sheet


def reduced(photo: Image.Image, side: int) -> Tensor:
    """Lab, float32 (1, 3, H, W), of a photo reduced to a short side of `side` pixels."""
    factor = side / min(photo.size)
    small = photo.convert("RGB").resize([round(length * factor) for length in photo.size], Image.Resampling.LANCZOS)
    return rgb_to_lab(torch.from_numpy(np.array(small)).permute(2, 0, 1)[None].float() / 255)


def shown(L: Tensor) -> Image.Image:
    """A gray picture of lightness (1, H, W)."""
    rgb = lab_to_rgb(torch.cat((L, torch.zeros_like(L), torch.zeros_like(L)))[None])[0]
    return Image.fromarray((rgb * 255).round().byte().permute(1, 2, 0).numpy()).convert("L")


def main() -> None:
    """Write the sheet."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("photos", nargs="*", default=["examples"], help="folders or files (default: examples)")
    parser.add_argument("-o", "--out", type=Path, default=Path("docs/old-prints.jpg"))
    parser.add_argument("--times", type=int, default=5, help="how often each is worn (default 5)")
    parser.add_argument("--side", type=int, default=128, help="short side in pixels (default 128)")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    random = torch.Generator().manual_seed(options.seed)
    rows = []
    for picture in find_pictures(options.photos):
        L, ab = reduced(open_training_photo(picture), options.side).repeat(options.times, 1, 1, 1).split((1, 2), dim=1)
        worn = degrade(L, torch.rand(options.times, COLUMNS, generator=random), ab=ab)
        rows.append(("", [shown(one) for one in (L[0], *worn)]))
    sheet = contact_sheet(rows, ["as it is", *[f"worn {i + 1}" for i in range(options.times)]], options.side)
    sheet.convert("L").save(options.out, quality=72, optimize=True)
    print(f"{options.out} is written, {options.out.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()

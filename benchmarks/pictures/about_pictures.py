"""Make the small pictures on the page's tab About; run it again after a change of the flagship.

    python -m benchmarks.pictures.about_pictures

One example in gray, as colours alone, in the three presets, as a map of uncertainty, and in its original colours.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image

from colorizer import Colorizer, open_photo
from colorizer.colour.lab import compress_chroma, lab_to_rgb
from colorizer.colour.names import uncertainty_picture
from colorizer.colour.readout import PRESETS, preset
from colorizer.page.tabs.about.tab import PICTURES

EXAMPLE = Path(__file__).parents[2] / "examples" / "china.jpg"
SIZE = (300, 200)
LIGHTNESS = 65.0
"""Lightness at which colours are shown without the photograph's own lightness."""


def main() -> None:
    """Write the pictures into the page's folder."""
    result = Colorizer.from_checkpoint("mobile-unet", device="cpu").colorize(open_photo(EXAMPLE))
    read = {name: result.with_readout(**preset(name)) for name in PRESETS}
    pictures = {
        "gray": result.grayscale.convert("RGB"),
        "colours": _alone(read["natural"].ab),
        "doubt": uncertainty_picture(result.entropy, result.grayscale),
        "truth": result.original,
        **{name: reading.image for name, reading in read.items()},
    }
    PICTURES.mkdir(exist_ok=True)
    for name, picture in pictures.items():
        path = PICTURES / f"{name}.webp"
        picture.resize(SIZE, Image.Resampling.LANCZOS).save(path, quality=70, method=6)
        print(f"{path.name}: {path.stat().st_size / 1000:.1f} kB")


def _alone(ab: np.ndarray) -> Image.Image:
    """Colours (H, W, 2), Lab units, all at one lightness."""
    chroma = torch.from_numpy(np.ascontiguousarray(ab)).permute(2, 0, 1).float()
    lightness = torch.full((1, *chroma.shape[1:]), LIGHTNESS)
    rgb = lab_to_rgb(torch.cat((lightness, compress_chroma(lightness, chroma)))).clamp(0, 1)
    return Image.fromarray((rgb.permute(1, 2, 0).numpy() * 255).round().astype(np.uint8))


if __name__ == "__main__":
    main()

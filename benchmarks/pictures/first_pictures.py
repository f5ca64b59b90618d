"""Make the two pictures that the page's first tab opens with; run it again after a change of the flagship.

    python -m benchmarks.pictures.first_pictures

One example in gray, and in the colours that the page shows by default.
"""

from __future__ import annotations

from pathlib import Path

from colorizer import Colorizer, open_photo
from colorizer.colour.readout import preset
from colorizer.page.session.tones import DEFAULT_PRESET
from colorizer.page.tabs.one_photo.first_sight import PICTURES, SIZE

EXAMPLE = Path(__file__).parents[2] / "examples" / "walt_whitman.jpg"


def main() -> None:
    """Write the pictures into the page's folder."""
    result = Colorizer.from_checkpoint("mobile-unet", device="cpu").colorize(
        open_photo(EXAMPLE), **preset(DEFAULT_PRESET)
    )
    assert result.original.size == SIZE
    PICTURES.mkdir(exist_ok=True)
    for name, picture in {"gray": result.grayscale, "colour": result.image}.items():
        path = PICTURES / f"{name}.webp"
        picture.convert("RGB").save(path, quality=80, method=6)
        print(f"{path.name}: {path.stat().st_size / 1000:.1f} kB")


if __name__ == "__main__":
    main()

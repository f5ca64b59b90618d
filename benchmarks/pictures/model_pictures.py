"""Make the small pictures on the page's tab Models; run it again after a change of any weights.

    python -m benchmarks.pictures.model_pictures

One example in the colours of each checkpoint in `weights/`. A picture is named after its checkpoint's SHA-256, so that
other weights never stand beside it.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from colorizer import Colorizer, open_photo
from colorizer.checkpoints.card import WEIGHTS
from colorizer.checkpoints.file import list_checkpoints
from colorizer.page.tabs.models.thumbnails import PICTURES

EXAMPLE = Path(__file__).parents[2] / "examples" / "china.jpg"
SIZE = (192, 128)


def main() -> None:
    """Write the pictures into the page's folder, and remove those of other weights."""
    photo = open_photo(EXAMPLE)
    PICTURES.mkdir(exist_ok=True)
    old = set(PICTURES.glob("*.webp"))
    for card in list_checkpoints(WEIGHTS):
        picture = Colorizer.from_checkpoint(card.name, device="cpu").colorize(photo).image
        path = PICTURES / f"{card.sha256[:16]}.webp"
        picture.resize(SIZE, Image.Resampling.LANCZOS).save(path, quality=70, method=6)
        old.discard(path)
        print(f"{card.name}: {path.name}, {path.stat().st_size / 1000:.1f} kB")
    for path in old:
        path.unlink()


if __name__ == "__main__":
    main()

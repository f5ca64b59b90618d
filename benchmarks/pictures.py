"""Makes the sheets of pictures in docs/ and the small pictures on the page; run it again after a change of weights."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from benchmarks.common import EXAMPLES, FLAGSHIP, Sources, flagship, opened
from colorizer import Colorizer, open_photo
from colorizer.checkpoints.card import WEIGHTS
from colorizer.checkpoints.file import list_checkpoints
from colorizer.colour.lab import compress_chroma, lab_to_rgb, rgb_to_lab
from colorizer.colour.names import uncertainty_picture
from colorizer.colour.readout import BOLDNESS, SLIDERS, preset, preset_readout
from colorizer.data.degradation import COLUMNS, degrade
from colorizer.data.files import scaled_down
from colorizer.figures.sheets import contact_sheet
from colorizer.page.session.request import DEFAULT_PRESET
from colorizer.page.tabs.about import PICTURES as ABOUT
from colorizer.page.tabs.models import PICTURES as MODELS
from colorizer.page.tabs.one_photo.layout import FIRST_PICTURES, FIRST_SIZE

LIGHTNESS = 65.0
"""Lightness at which colours are shown without the photograph's own lightness."""


def about_pictures() -> str:
    """The small pictures on the page's tab About: one example in gray, as colours alone, in the three presets, as a map
    of uncertainty, and in its original colours."""
    result = flagship().colorize(open_photo(EXAMPLES / "china.jpg"))
    read = {name: result.with_readout(**preset(name)) for name in BOLDNESS}
    pictures = {
        "gray": result.grayscale,
        "colours": _alone(read["natural"].ab),
        "doubt": uncertainty_picture(result.entropy, result.grayscale),
        "truth": result.original,
        **{name: reading.image for name, reading in read.items()},
    }
    return _save(ABOUT, pictures, (300, 200), 70)


def first_pictures() -> str:
    """The two pictures that the page's first tab opens with: one example in gray, and in the page's own colours."""
    result = flagship().colorize(open_photo(EXAMPLES / "walt_whitman.jpg"), **preset(DEFAULT_PRESET))
    assert result.original.size == FIRST_SIZE
    return _save(FIRST_PICTURES, {"gray": result.grayscale, "colour": result.image}, FIRST_SIZE, 80)


def model_pictures() -> str:
    """The small pictures on the page's tab Models: one example in the colours of each checkpoint in `weights/`. A
    picture is named after its checkpoint's SHA-256, so that other weights never stand beside it."""
    photo = open_photo(EXAMPLES / "china.jpg")
    pictures = {
        card.sha256[:16]: Colorizer.from_checkpoint(card.name, device="cpu").colorize(photo).image
        for card in list_checkpoints(WEIGHTS)
    }
    said = _save(MODELS, pictures, (192, 128), 70)
    for path in MODELS.glob("*.webp"):
        if path.stem not in pictures:
            path.unlink()
    return said


def _save(folder: Path, pictures: Mapping[str, Image.Image], size: tuple[int, int], quality: int) -> str:
    folder.mkdir(exist_ok=True)
    said = []
    for name, picture in pictures.items():
        path = folder / f"{name}.webp"
        small = picture.convert("RGB")
        small = small if small.size == size else small.resize(size, Image.Resampling.LANCZOS)
        small.save(path, quality=quality, method=6)
        said.append(_written(path))
    return "\n".join(said)


def _written(path: Path) -> str:
    return f"{path} is written, {path.stat().st_size / 1000:.1f} kB"


def _alone(ab: np.ndarray) -> Image.Image:
    """Colours (H, W, 2), Lab units, all at one lightness."""
    chroma = torch.from_numpy(np.ascontiguousarray(ab)).permute(2, 0, 1).float()
    lightness = torch.full((1, *chroma.shape[1:]), LIGHTNESS)
    rgb = lab_to_rgb(torch.cat((lightness, compress_chroma(lightness, chroma)))).clamp(0, 1)
    return Image.fromarray((rgb.permute(1, 2, 0).numpy() * 255).round().astype(np.uint8))


def archive_sheet(
    photos: Sources,
    out: Path = Path("runs/archive"),
    checkpoint: str = FLAGSHIP,
    weights: Path = WEIGHTS,
    count: int = 20,
    page: int = 5,
    height: int = 280,
) -> str:
    """Black-and-white photographs in gray and under every preset, as pages to look at.

    Old photographs have no true colours to compare with, so we judge by eye how bold a preset may be. The photographs
    are taken evenly from the sorted names, not hand-picked. out: a folder. count: how many photographs, `page` of them
    on a page. height: of a picture, in pixels.
    """
    colorizer = Colorizer.from_checkpoint(checkpoint, device="cpu", folder=weights)
    asked = {name: preset_readout(name, colorizer.card.temperature) for name in BOLDNESS}
    rows = []
    for name, photo in opened(photos, count):
        result = colorizer.colorize(scaled_down(photo, 2 * height))
        presets = [result.with_readout(readout).image for readout in asked.values()]
        rows.append((Path(name).stem.replace("_", " "), [result.grayscale, *presets]))
    columns = ["gray"]
    for name, readout in asked.items():
        columns.append(f"{name}: " + ", ".join(f"{control} {getattr(readout, control):g}" for control in SLIDERS))
    out.mkdir(parents=True, exist_ok=True)
    said = []
    for first in range(0, len(rows), page):
        path = out / f"archive-{first // page + 1:02d}.jpg"
        contact_sheet(rows[first : first + page], columns, height).save(path, quality=88, optimize=True)
        said.append(_written(path))
    return "\n".join(said)


def old_prints(
    photos: Sources = ("examples",), out: Path = Path("docs/old-prints.jpg"), times: int = 5, side: int = 128
) -> str:
    """The work of `--old` on photographs: a row for each, as it is, then worn in random ways as in training.

    Photographs are first reduced to a short side of `side` pixels, about the size of a training crop, because grain and
    scratches are measured in pixels. times: how often each is worn.
    """
    random = torch.Generator().manual_seed(0)
    rows = []
    for _, photo in opened(photos):
        small = torch.from_numpy(np.array(scaled_down(photo, side))).permute(2, 0, 1) / 255
        L, ab = rgb_to_lab(small).repeat(times, 1, 1, 1).split((1, 2), dim=1)
        worn = degrade(L, torch.rand(times, COLUMNS, generator=random), ab=ab)
        rows.append(("", [_shown(one) for one in (L[0], *worn)]))
    sheet = contact_sheet(rows, ["as it is", *[f"worn {i + 1}" for i in range(times)]], side)
    sheet.convert("L").save(out, quality=72, optimize=True)
    return _written(out)


def _shown(L: Tensor) -> Image.Image:
    """A gray picture of lightness (1, H, W)."""
    rgb = lab_to_rgb(torch.cat((L, torch.zeros_like(L), torch.zeros_like(L)))[None])[0]
    return Image.fromarray((rgb * 255).round().byte().permute(1, 2, 0).numpy()).convert("L")

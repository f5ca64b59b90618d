"""Pictures about pictures: triptychs, sample sheets, learning curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from .inference import Colorization
from .photo import is_grayscale

GAP = 8
CAPTION = 22


def row(pictures: Sequence[Image.Image], height: int) -> Image.Image:
    """Pictures beside each other at one height, on white."""
    scaled = [
        p.convert("RGB").resize((max(1, round(p.width * height / p.height)), height), Image.Resampling.LANCZOS)
        for p in pictures
    ]
    sheet = Image.new("RGB", (sum(p.width for p in scaled) + GAP * (len(scaled) - 1), height), "white")
    left = 0
    for picture in scaled:
        sheet.paste(picture, (left, 0))
        left += picture.width + GAP
    return sheet


def triptych(result: Colorization, height: int = 400) -> Image.Image:
    """Grayscale | predicted | original, captioned; a black-and-white photo has no original colours to show."""
    titles = ["Grayscale", "Predicted", "Original"]
    panes = [result.grayscale, result.image, result.original]
    if is_grayscale(result.original):
        del titles[2], panes[2]
    pictures = row(panes, height)
    sheet = Image.new("RGB", (pictures.width, height + CAPTION), "white")
    sheet.paste(pictures, (0, CAPTION))
    draw = ImageDraw.Draw(sheet)
    step = (pictures.width + GAP) / len(panes)
    for i, title in enumerate(titles):
        draw.text((i * step, 3), title, fill="black", font=ImageFont.load_default(14))
    return sheet


def sample_sheet(results: Sequence[Colorization], height: int = 128, columns: int = 2) -> Image.Image:
    """Triptychs without captions in a grid: how a network does on the same photographs, validation by validation."""
    rows = [row((r.grayscale, r.image, r.original), height) for r in results]
    width = max(r.width for r in rows)
    lines = -(-len(rows) // columns)
    sheet = Image.new("RGB", (columns * (width + 2 * GAP), lines * (height + GAP)), "white")
    for i, picture in enumerate(rows):
        sheet.paste(picture, (i % columns * (width + 2 * GAP), i // columns * (height + GAP)))
    return sheet


def learning_curve(history: Sequence[Mapping[str, float]], path: str | Path) -> None:
    """Loss and PSNR over pictures seen, with the line of plain gray, as a PNG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.5), layout="constrained")
    FigureCanvasAgg(figure)
    seen = [point["pictures_seen"] for point in history]
    left, right = figure.subplots(1, 2)
    left.plot(seen, [point["loss"] for point in history])
    left.set(xlabel="pictures seen", ylabel="training loss")
    right.plot(seen, [point["psnr"] for point in history], label="predicted")
    right.plot(seen, [point["gray_psnr"] for point in history], "--", color="gray", label="plain gray")
    right.set(xlabel="pictures seen", ylabel="PSNR, dB")
    right.legend()
    figure.savefig(path, dpi=110)

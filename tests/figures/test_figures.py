import numpy as np
import pytest
from conftest import colour_photo
from PIL import Image

from colorizer import Colorizer
from colorizer.figures.sheets import GAP, captioned_grid, contact_sheet, triptych


def test_triptych_shows_gray_predicted_and_original(weights):
    result = Colorizer.from_checkpoint("resnet18-decoder", folder=weights).colorize(colour_photo(90, 60))
    sheet = triptych(result, height=60)
    panes = [sheet.crop((8 + i * 98, 26, 98 + i * 98, 86)) for i in range(3)]
    for pane, expected in zip(panes, (result.grayscale, result.image, result.original), strict=True):
        assert pane.tobytes() == expected.convert("RGB").tobytes()


@pytest.mark.parametrize("kind", ["black and white", "toned", "coloured before"])
def test_without_an_original_to_compare_with_there_is_no_third_pane(weights, kind):
    photo, gray = colour_photo(90, 60), colour_photo(90, 60).convert("L")
    if kind != "coloured before":
        tone = (1, 0.9, 0.75) if kind == "toned" else (1, 1, 1)
        photo = Image.merge("RGB", [gray.point([round(v * share) for v in range(256)]) for share in tone])
    result = Colorizer.from_checkpoint("resnet18-decoder", folder=weights).colorize(photo)
    assert triptych(result, height=60, coloured=kind == "coloured before").width == 2 * 98 + 8


def test_contact_sheet_has_every_picture_under_its_caption():
    rows = [(name, [Image.new("RGB", (40, 20), colour) for colour in ("red", "lime", "blue")]) for name in ("a", "b")]
    sheet = contact_sheet(rows, ["plain gray", "mobile-unet", "original"], height=40)
    pixels = np.asarray(sheet).reshape(-1, 3)
    for colour in ((255, 0, 0), (0, 255, 0), (0, 0, 255)):
        assert (pixels == colour).all(axis=1).sum() == 2 * 80 * 40
    assert (pixels == 0).all(axis=1).any()
    with pytest.raises(ValueError, match="3 pictures"):
        contact_sheet([("a", [])], ["x", "y", "z"])


def test_captioned_grid_fills_its_rows():
    pictures = [(f"checkpoint number {i}", Image.new("RGB", (60, 30), (250, i, 0))) for i in range(5)]
    sheet = captioned_grid(pictures, columns=3, width=80)
    pixels = np.asarray(sheet).reshape(-1, 3)
    for i in range(5):
        assert (pixels == (250, i, 0)).all(axis=1).sum() == 80 * 40
    assert sheet.width == GAP + 3 * (80 + GAP)
    with pytest.raises(ValueError, match="needs a picture"):
        captioned_grid([])

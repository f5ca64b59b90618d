"""A mount becomes gray, and the pictures on it come out as they do without it."""

import numpy as np
import pytest
from conftest import colour_photo
from hostile import encode
from PIL import Image, ImageDraw

from colorizer import Colorizer, Hint, open_photo
from colorizer.inference.mount import Mounted, find_mount


def board(level: float, grain: float = 2, slope: float = 8) -> Image.Image:
    """A card of 300 x 260 pixels with the grain of paper, lighter on one side, and a line of writing."""
    y, x = np.mgrid[:260, :300]
    light = level + slope * (x / 300 + y / 520) + np.random.default_rng(0).normal(0, grain, (260, 300))
    card = Image.fromarray(light.clip(0, 255).astype(np.uint8))
    ImageDraw.Draw(card).text((30, 235), "Main Street 12", fill=int(255 - level))
    return card.convert("RGB")


def textured(width: int, height: int) -> Image.Image:
    noise = np.random.default_rng(1).integers(0, 256, (height // 4, width // 4), np.uint8)
    return Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC)


def place(card: Image.Image, frame: tuple[int, int, int, int], shape: str = "print") -> Image.Image:
    size = frame[2] - frame[0], frame[3] - frame[1]
    mask, within = Image.new("L", size), (0, 0, size[0] - 1, size[1] - 1)
    draw = ImageDraw.Draw(mask)
    if shape == "arched":
        draw.ellipse((0, 0, size[0] - 1, size[1] * 2 // 3), fill=255)
        draw.rectangle((0, size[1] // 3, *size), fill=255)
    elif shape == "tilted":
        mask = Image.new("L", (size[0] * 9 // 10, size[1] * 9 // 10), 255).rotate(4, expand=True).resize(size)
    elif shape in ("oval", "disc"):
        draw.ellipse(within, fill=255)
    elif shape == "figure":
        draw.polygon([(size[0] // 2, 0), (size[0], size[1]), (0, size[1])], fill=255)
    else:
        draw.rounded_rectangle(within, {"print": 0, "rounded": 10}[shape], fill=255)
    card.paste(textured(*size), frame[:2], mask)
    return card


def near(found: tuple[float, ...], frame: tuple[int, int, int, int]) -> bool:
    return bool(np.abs(np.multiply(found, (300, 260, 300, 260)) - frame).max() <= 2)


@pytest.mark.parametrize("level", [30, 128, 225])
@pytest.mark.parametrize("shape", ["print", "rounded", "oval", "arched", "tilted"])
def test_boards_of_any_lightness_are_found(level, shape):
    frame = (70, 30, 210, 215)
    mount = find_mount(place(board(level), frame, shape))
    assert mount is not None
    assert len(mount.boxes) == 1
    assert near(mount.boxes[0], frame)
    assert mount.mask[240, 30:120].all()  # the writing


@pytest.mark.parametrize(("grain", "slope"), [(9, 0), (3, 28)], ids=["grainy", "lit from one side"])
def test_rough_boards_are_found(grain, slope):
    mount = find_mount(place(board(130, grain, slope), (70, 30, 210, 215)))
    assert mount is not None
    assert len(mount.boxes) == 1
    assert near(mount.boxes[0], (70, 30, 210, 215))


def test_pictures_side_by_side_and_on_a_card_on_a_scanners_bed():
    frames = [(40, 40, 145, 200), (155, 40, 260, 200)]
    mount = find_mount(place(place(board(100), frames[0]), frames[1]))
    assert mount is not None
    assert [near(box, frame) for box, frame in zip(sorted(mount.boxes), frames, strict=True)] == [True, True]
    bed = Image.new("RGB", (300, 260), (12, 12, 12))
    bed.paste(board(180).crop((20, 20, 280, 240)), (20, 20))
    mount = find_mount(place(bed, (60, 60, 220, 200)))
    assert mount is not None
    assert len(mount.boxes) == 1
    assert near(mount.boxes[0], (60, 60, 220, 200))


@pytest.mark.parametrize("level", [0, 128, 255])
@pytest.mark.parametrize("frame", [(60, 0, 240, 260), (0, 30, 300, 200)], ids=["left and right", "above and below"])
def test_a_picture_between_two_bars(level, frame):
    """As of a film, or of a slide show."""
    card = Image.new("RGB", (300, 260), (level,) * 3)
    mount = find_mount(open_photo(encode(place(card, frame), "JPEG", quality=85)))
    assert mount is not None
    assert len(mount.boxes) == 1
    assert near(mount.boxes[0], frame)


def test_photographs_have_no_mount():
    white = Image.new("RGB", (300, 260), "white")
    assert find_mount(place(white, (60, 0, 240, 260), "figure")) is None  # a person cut by the frame below
    one_sky = Image.new("RGB", (300, 260), (200, 200, 200))
    one_sky.paste(textured(300, 120), (0, 140))
    assert find_mount(one_sky) is None  # without any grain
    assert find_mount(colour_photo(300, 260)) is None
    landscape = board(200)
    landscape.paste(textured(300, 120), (0, 140))
    assert find_mount(landscape) is None  # a sky
    assert find_mount(place(board(150), (90, 40, 200, 260), "figure")) is None  # before a backdrop
    assert find_mount(place(board(150), (90, 40, 200, 220), "figure")) is None
    assert find_mount(place(board(230), (70, 60, 210, 200), "disc")) is None  # a plate
    slope = Image.linear_gradient("L").resize((300, 260)).convert("RGB")
    assert find_mount(slope) is None


@pytest.fixture(scope="module")
def flagship(weights):
    return Colorizer.from_checkpoint("mobile-unet", folder=weights)


FRAME = (70, 30, 210, 200)


@pytest.fixture(scope="module")
def mounted(flagship):
    card = Image.new("RGB", (300, 260), (8, 8, 8))
    card.paste(colour_photo(140, 170), FRAME[:2])
    result = flagship.colorize(card)
    assert isinstance(result, Mounted)
    return result


def outside(ab: np.ndarray) -> np.ndarray:
    """Colours (n, 2) on the mount of ab (260, 300, 2)."""
    left, top, right, bottom = FRAME
    on = np.ones((260, 300), bool)
    on[top - 2 : bottom + 2, left - 2 : right + 2] = False
    return ab[on]


def test_a_mount_is_gray_and_the_picture_as_it_is_without(flagship, mounted):
    assert np.abs(outside(mounted.ab)).max() < 0.01
    alone = flagship.colorize(colour_photo(140, 170))
    left, top, right, bottom = FRAME
    assert np.abs(alone.ab).mean() > 1
    assert np.abs(mounted.ab[top:bottom, left:right] - alone.ab).mean() < 0.2
    assert mounted.suggest(80, 50) == alone.suggest(10, 20)
    assert mounted.most_uncertain() == pytest.approx(np.add(alone.most_uncertain(), FRAME[:2]), abs=0.01)


def test_a_plain_gray_picture_stays_gray(flagship):
    result = flagship.colorize(Image.new("RGB", (80, 60), (128, 128, 128)))
    assert np.abs(np.asarray(result.image).astype(int) - 128).max() <= 1


def test_hints_on_the_picture_and_on_the_mount(flagship, mounted):
    there = Hint(120.0, 90.0, (40.0, 30.0), reach="thing")
    result = flagship.colorize(mounted.original, [there, Hint(10.0, 250.0, (3.0, 12.0))])
    assert result.ab[90, 120] == pytest.approx([40, 30], abs=6)
    assert np.abs(outside(result.ab) - [3, 12]).max() < 0.01
    small = result.at_size(mounted.original.resize((150, 130)))
    assert small.ab[45, 60] == pytest.approx([40, 30], abs=6)
    assert small.ab[125, 5] == pytest.approx([3, 12], abs=0.01)
    alone = flagship.colorize(colour_photo(140, 170))
    thing = mounted.region(120.0, 90.0)
    assert outside(thing[..., None]).max() == 0
    assert thing[30:200, 70:210].mean() == pytest.approx(alone.region(50.0, 60.0).mean(), abs=0.02)
    assert mounted.region(10.0, 10.0).mean() == pytest.approx(1 - 140 * 170 / (300 * 260), abs=0.01)
    assert len(mounted.grid) == 2


def test_other_readouts_and_versions_keep_the_mount(flagship, mounted):
    assert np.abs(mounted.with_readout(saturation=2.0).ab).max() > 1.2 * np.abs(mounted.ab).max()
    assert np.abs(outside(mounted.with_readout(temperature=0.2).ab)).max() < 0.01
    versions = flagship.alternatives(mounted, 2)
    assert [type(version) for version in versions] == [Mounted, Mounted]
    assert (versions[0].low_ab - versions[1].low_ab).abs().max() > 1


@pytest.mark.parametrize("quality", [0, 85])
@pytest.mark.parametrize(("least", "corner"), [(0.04, 0), (0.012, 0), (0.04, 60)])
def test_a_dark_picture_on_black_is_found(quality, least, corner):
    """Its left side is hardly lighter than black, or a corner is black."""
    frame = (70, 30, 210, 215)
    card = Image.new("RGB", (300, 260))
    dim = np.tile(np.linspace(-0.4, 1, 140).clip(least), (185, 1))
    dim[: corner // 2, :corner] = 0
    card.paste(Image.fromarray((dim * (100 + 0.4 * np.asarray(textured(140, 185)))).astype(np.uint8)), frame[:2])
    mount = find_mount(open_photo(encode(card, "JPEG", quality=quality)) if quality else card)
    assert mount is not None
    assert np.abs(np.multiply(mount.boxes[0], (300, 260, 300, 260)) - frame).max() <= 8

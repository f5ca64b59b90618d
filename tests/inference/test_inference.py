import io
import math
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import colour_photo, wait_for
from PIL import Image, ImageCms
from skimage.color import rgb2lab

from colorizer import (
    Card,
    CheckpointError,
    Colorizer,
    Hint,
    PhotoError,
    build,
    correct_levels,
    marked,
    open_photo,
    preset,
    read_photo,
    save_photo,
)
from colorizer.colour.hex import hex_to_ab
from colorizer.colour.readout import saturated
from colorizer.errors import UserError
from colorizer.inference import colorization
from colorizer.inference.doubts import Doubt
from colorizer.photo.picture import as_rgb


@pytest.fixture(scope="module")
def flagship(weights):
    return Colorizer.from_checkpoint("mobile-unet", folder=weights)


@pytest.fixture(scope="module")
def regression(weights):
    return Colorizer.from_checkpoint(weights / "resnet18-decoder.safetensors")


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (37, 91), (300, 200)])
def test_every_size_is_kept(flagship, regression, size):
    for colorizer in (flagship, regression):
        result = colorizer.colorize(colour_photo(*size))
        assert result.image.size == result.grayscale.size == result.original.size == size
        assert (result.image.mode, result.grayscale.mode, result.original.mode) == ("RGB", "L", "RGB")
        assert result.ab.shape == (size[1], size[0], 2)
        assert result.ab.dtype == np.float32


GRAYS = np.linspace(0, 255, 48).round().astype(np.uint8).reshape(6, 8)


def of_mode(mode):
    """The same gray picture in any mode of Pillow's, in the range of numbers that belongs to it."""
    gray = Image.fromarray(GRAYS)
    if mode.startswith("I;16"):
        big = mode.endswith("B") or (mode.endswith("N") and sys.byteorder == "big")
        return Image.frombytes(mode, gray.size, (GRAYS * np.uint16(257)).astype(">u2" if big else "<u2").tobytes())
    if mode == "I-16":
        return Image.fromarray(GRAYS.astype(np.int32) * 257)
    if mode == "F-1":
        return Image.fromarray(GRAYS.astype(np.float32) / 255)
    if mode == "LAB":
        to_lab = ImageCms.buildTransform(*map(ImageCms.createProfile, ("sRGB", "LAB")), "RGB", "LAB")
        return ImageCms.applyTransform(gray.convert("RGB"), to_lab)
    through = {"La": "LA", "RGBa": "RGBA", "PA": "P"}.get(mode, "RGB" if mode in ("HSV", "YCbCr", "CMYK") else "L")
    return gray.convert(through).convert(mode)


@pytest.mark.parametrize(
    "mode",
    [
        "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "HSV", "LAB", "I", "F", "I;16",
        "I;16B", "I;16L", "I;16N", "I-16", "F-1",
    ],
)  # fmt: skip
def test_pictures_of_every_mode_keep_their_grays(mode):
    shown = np.asarray(as_rgb(of_mode(mode)), np.int16)
    assert np.abs(shown - GRAYS[..., None]).max() <= 1


def test_what_is_transparent_is_on_white_and_a_picture_of_two_tones_stays_so():
    clear = Image.new("RGBA", (2, 1), (0, 0, 0, 0))
    clear.putpixel((0, 0), (9, 9, 9, 255))
    assert np.asarray(as_rgb(clear))[0, :, 0].tolist() == [9, 255]
    assert np.asarray(as_rgb(Image.new("1", (2, 1), 1)))[0, :, 0].tolist() == [255, 255]


def test_the_missing_part_of_a_torn_jpeg_stays_gray_and_nobody_is_asked_about_it(flagship, tmp_path, monkeypatch):
    colour_photo(320, 240).save(tmp_path / "whole.jpg", quality=95)
    content = (tmp_path / "whole.jpg").read_bytes()
    (tmp_path / "torn.jpg").write_bytes(content[: len(content) // 2])
    photo = read_photo(tmp_path / "torn.jpg", partial=True).image
    rows = 240 - np.argmax((np.asarray(photo) != 128).any(axis=2)[::-1], axis=0)  # that are there, for each column
    assert 80 < rows[-1] < rows[0] < 200, "it ends within a row of blocks"
    result = flagship.colorize(photo)
    ab = np.abs(result.ab).max(axis=2)
    assert ab[rows[0] + 6 :].max() < 0.5 < ab[: rows[-1] - 12].mean()
    assert ab[rows[-1] + 6 :, -20:].max() < 0.5
    found = [Doubt(300.0, y, 0.2, 30.0, ((40.0, 30.0), (-30.0, 20.0))) for y in (rows[-1] + 6.0, 10.0)]
    monkeypatch.setattr(colorization, "doubts", lambda *given: found)
    assert result.doubts() == found[1:]


def test_what_is_no_picture_gets_a_sentence_that_says_how_to_make_one(flagship, tmp_path):
    array = np.zeros((4, 4, 3), np.uint8)
    for given, says in {"a.png": r"open_photo\('a.png'\)", tmp_path: "open_photo", b"x": "open_photo"}.items():
        with pytest.raises(ValueError, match=says):
            flagship.colorize(given)
    for ask in (flagship.colorize, lambda given: flagship.colorize(colour_photo(), reference=given)):
        with pytest.raises(ValueError, match=r"Image\.fromarray"):
            ask(array)
    for size in ((0, 0), (5, 0)):
        with pytest.raises(ValueError, match=rf"not one of {size[0]} × 0 pixels"):
            flagship.colorize(Image.new("RGB", size))
    for given in (array, colour_photo(), io.StringIO("text")):
        with pytest.raises(PhotoError, match="takes a path, bytes or a binary file"):
            open_photo(given)


@pytest.mark.parametrize("given", [object(), b"x", math.nan, np.zeros((4, 4)), "x" * 5000], ids=lambda v: str(type(v)))
def test_a_wrong_kind_of_value_gets_a_sentence(flagship, given, tmp_path):
    photo, file, buffer = colour_photo(), tmp_path / "a.png", io.BytesIO()
    photo.save(buffer, "PNG")
    result = flagship.colorize(photo)
    calls = [
        lambda: Colorizer.from_checkpoint(given),
        lambda: Colorizer(flagship.architecture, device=given),
        lambda: Colorizer(given),
        lambda: build(given),
        lambda: preset(given),
        lambda: flagship.colorize(photo, given),
        lambda: flagship.colorize(photo, [Hint(1, 1, (0, 0), path=given)]),
        lambda: flagship.colorize(photo, [Hint(1, 1, (0, 0), strength=given)]),
        lambda: flagship.colorize(photo, size=given),
        lambda: flagship.colorize(photo, palette=given),
        lambda: next(flagship.film(given)),
        lambda: Hint.stroke(given, (0, 0)),
        lambda: result.with_readout(given),
        lambda: result.pixels(16, given),
        lambda: result.pixels(16, gray=given),
        lambda: result.suggest(given, 3),
        lambda: result.suggest(3, 3, given),
        lambda: result.region(given, 3),
        lambda: marked(photo, given),
        lambda: marked(given, "strip"),
        lambda: correct_levels(given),
        lambda: open_photo(given),
        lambda: open_photo(buffer.getvalue(), page=given),
        lambda: save_photo(given, file),
        lambda: save_photo(photo, file, metadata=given),
        lambda: save_photo(photo, file, provenance=given),
        lambda: save_photo(photo, file, space=given),
    ]
    for number, call in enumerate(calls):
        with pytest.raises(UserError) as error:
            call()
        assert "Error" not in str(error.value), number
    for name in (3, None):
        with pytest.raises(CheckpointError, match=f"by its name or its path, not {name}"):
            Colorizer.from_checkpoint(name)


def test_colours_are_taken_as_numbers_or_as_hex(flagship):
    photo, (a, b) = colour_photo(), hex_to_ab("#a03020")
    numbers = flagship.colorize(photo, [Hint(20, 10, (a, b))], palette=[(a, b)])
    words = flagship.colorize(photo, [(20, 10, "#a03020")], palette=["#a03020"])
    assert words.hints == numbers.hints
    assert torch.equal(words.low_ab, numbers.low_ab)
    assert words.probability(20, 10, "#a03020") == numbers.probability(20, 10, (a, b))
    for hint, says in {
        Hint(20, 10, "red"): "#rrggbb",
        Hint(20, 10, 5): "two numbers",
        ("x", 1, (0, 0)): "a hint is",
    }.items():
        with pytest.raises(ValueError, match=says):
            flagship.colorize(photo, [hint])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_forked_child_computes_after_its_parent_did():
    """As under gunicorn --preload, Celery and multiprocessing."""
    x, weight = torch.rand(1, 8, 200, 200), torch.rand(8, 8, 3, 3)

    def compute():
        before = torch.get_num_threads()
        torch.set_num_threads(2)  # of one thread, OpenMP would keep none
        torch.nn.functional.conv2d(x, weight).exp().sum()
        torch.set_num_threads(before)

    compute()
    child = os.fork()
    if not child:
        compute()
        os._exit(0)
    try:
        wait_for(lambda: os.waitpid(child, os.WNOHANG)[0])
    except AssertionError:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        raise


def test_only_lightness_is_used(flagship):
    photo = colour_photo()
    gray = flagship.colorize(photo).grayscale.convert("RGB")
    from_gray = flagship.colorize(gray).low_ab
    assert torch.allclose(from_gray, flagship.colorize(photo).low_ab, atol=1.5)


def test_other_readouts_do_not_run_the_network(flagship, monkeypatch):
    result = flagship.colorize(colour_photo())
    monkeypatch.setattr(flagship.network, "forward", lambda *_: pytest.fail("the network ran again"))
    assert np.array_equal(np.asarray(result.with_readout(saturation=1.0).image), np.asarray(result.image))
    gray = np.asarray(result.with_readout(saturation=0.0).image).astype(int)
    assert np.ptp(gray, axis=2).max() <= 1
    for factor in (0.5, 2.0):
        assert torch.allclose(result.with_readout(saturation=factor).low_ab, saturated(result.low_ab, factor))
    assert torch.allclose(result.with_readout(saturation=0.5).low_ab, result.low_ab / 2)
    cold = result.with_readout(temperature=0.1)
    assert not torch.allclose(cold.low_ab, result.low_ab)
    assert result.at_size(colour_photo(45, 30)).image.size == (45, 30)


def test_the_default_temperature_is_the_checkpoints_own(weights, flagship):
    import dataclasses

    own = Colorizer(flagship.architecture, card=dataclasses.replace(flagship.card, temperature=0.3))
    photo = colour_photo()
    assert torch.equal(own.colorize(photo).low_ab, flagship.colorize(photo, temperature=0.3).low_ab)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"temperature": 0}, "temperature must be a number from 0.001 to 100"),
        ({"temperature": float("nan")}, "temperature must be a number"),
        ({"temperature": 1e-40}, "temperature must be a number"),
        ({"vividness": float("inf")}, "vividness must be a number"),
        ({"saturation": 1e308}, "saturation must be a number"),
        ({"palette": [(float("nan"), 1.0)]}, "two numbers"),
        ({"saturation": -1}, "saturation must be a number from 0"),
        ({"vividness": -0.1}, "vividness must be a number from 0"),
        ({"strength": -1}, "strength must be a number from 0"),
        ({"hints": [Hint(1000, 0, (0, 0))]}, "outside the photo"),
    ],
)
def test_settings_out_of_range(flagship, settings, sentence):
    with pytest.raises(ValueError, match=sentence):
        flagship.colorize(colour_photo(), **settings)


@pytest.mark.parametrize(
    "settings", [{"temperature": 0.5}, {"vividness": 0.5}, {"palette": [(1, 1)]}, {"hints": [Hint(1, 1, (0, 0))]}]
)
def test_settings_an_architecture_does_not_support(regression, settings):
    with pytest.raises(ValueError, match="resnet18-decoder"):
        regression.colorize(colour_photo(), **settings)


def test_a_reference_lends_its_colours(flagship):
    photo = colour_photo()
    red = Image.new("RGB", (40, 40), (220, 30, 30))
    result = flagship.colorize(photo, reference=red)
    assert result.low_ab[0].mean() > flagship.colorize(photo).low_ab[0].mean() + 5
    with pytest.raises(ValueError, match="not both"):
        flagship.colorize(photo, reference=red, palette=[(1, 1)])


def test_working_size_and_size(flagship):
    seen = []
    handle = flagship.network.register_forward_pre_hook(lambda _, args: seen.append(tuple(args[0].shape[2:])))
    flagship.colorize(colour_photo(400, 100))
    flagship.colorize(colour_photo(400, 100), size=(100, 130))
    flagship.colorize(colour_photo(9000, 2))
    handle.remove()
    assert seen == [(32, 128), (96, 128), (32, 128)]


def test_hints_hold_on_a_preview_too(flagship):
    photo = colour_photo(120, 120)
    hinted = flagship.colorize(photo, hints=[Hint(90, 30, (60, 40)), Hint(20, 110, (-30, 30), radius=6)])
    preview = hinted.at_size(photo.resize((60, 30)))
    assert torch.equal(preview.low_ab, hinted.low_ab)
    assert preview.hints[1] == Hint(10, 27.5, (-30, 30), radius=3)


def test_entropy_and_suggestions(flagship, regression):
    photo = colour_photo()
    entropy = flagship.colorize(photo).entropy
    assert entropy.ndim == 2
    assert (entropy >= 0).all()
    assert (entropy <= 1 + 1e-6).all()
    assert len(flagship.colorize(photo).suggest(89, 59)) == 5
    assert len(flagship.colorize(photo).suggest(0, 0, count=2)) == 2
    assert regression.colorize(photo).entropy is None
    with pytest.raises(ValueError, match="cannot suggest"):
        regression.colorize(photo).suggest(0, 0)


def test_one_colorizer_serves_many_threads(flagship):
    photos = [colour_photo(60 + i, 50, seed=i) for i in range(8)]
    serial = [np.asarray(flagship.colorize(photo).image) for photo in photos]
    with ThreadPoolExecutor(8) as pool:
        parallel = list(pool.map(lambda photo: np.asarray(flagship.colorize(photo).image), photos))
    assert all(np.array_equal(a, b) for a, b in zip(serial, parallel, strict=True))


def test_a_network_of_one_size_gets_the_photo_stretched_to_it():
    colorizer = Colorizer(build("conv-fc", width=0.25))
    photo = colour_photo(90, 60)
    result = colorizer.colorize(photo)
    assert result.L.shape == (1, 1, 32, 32)
    assert result.image.size == photo.size
    with pytest.raises(ValueError, match="32 x 32 only"):
        colorizer.colorize(photo, size=(64, 64))


def test_an_rgb_network_keeps_the_photos_lightness_by_default():
    colorizer = Colorizer(build("unet-rgb", width=0.25))
    photo = colour_photo(90, 60)
    result = colorizer.colorize(photo)
    lightness = [rgb2lab(np.asarray(p))[..., 0] for p in (photo, result.image, result.raw)]
    assert np.abs(lightness[0] - lightness[1]).max() < 1.5
    assert np.abs(lightness[0] - lightness[2]).max() > 10
    assert result.raw.size == photo.size
    assert Colorizer(build("alpha")).colorize(photo).raw is None


def test_classes_have_names_and_an_order():
    network = build("iizuka16", width=0.125, classes=3, global_size=32)
    card = Card("x", Path("x"), "iizuka16", classes=("sea", "wood", "town"), working_size=64)
    seen = Colorizer(network, card=card).colorize(colour_photo()).classes
    assert {name for name, _ in seen} == {"sea", "wood", "town"}
    assert [p for _, p in seen] == sorted((p for _, p in seen), reverse=True)
    assert Colorizer(network).colorize(colour_photo()).classes is None  # untaught, it has nothing to say
    assert Colorizer(build("alpha")).colorize(colour_photo()).classes is None


def test_alternatives_keep_hints_and_readout(flagship, regression):
    hint = Hint(10, 10, (40.0, 30.0))
    given = flagship.colorize(colour_photo(), [hint], size=(96, 128), temperature=0.4, saturation=0.5)
    for version in flagship.alternatives(given, count=2):
        assert version.hints[0] == hint
        assert (version.hints[1].x, version.hints[1].y) == given.most_uncertain()
        assert version.readout == given.readout
        assert version.readout.saturation == 0.5
        assert version.L.shape == given.L.shape
    with pytest.raises(ValueError, match="no alternatives"):
        regression.alternatives(colour_photo())


def test_the_most_uncertain_point_has_the_highest_entropy_around_it(flagship):
    result = flagship.colorize(colour_photo())
    doubt = np.zeros_like(result.entropy)
    doubt[2, 3] = 1.0  # one doubtful pixel is less than many half doubtful ones
    doubt[-6:, -6:] = 0.5
    result.__dict__["entropy"] = doubt
    x, y = result.most_uncertain()
    height, width = doubt.shape
    assert x > (width - 6) / width * result.original.width
    assert y > (height - 6) / height * result.original.height

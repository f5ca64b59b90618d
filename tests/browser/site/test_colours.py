"""The site gives photographs the colours that Python gives them."""

import json
from dataclasses import replace

import numpy as np
import pytest
from conftest import colour_photo
from PIL import Image, ImageChops
from playwright.sync_api import expect

from benchmarks.site.serving import give, in_colour, poll, said_in, saved, view
from colorizer import Hint, open_photo
from colorizer.colour.readout import PRESETS, preset
from colorizer.photo.kinds import has_own_colours

from ..conftest import SCREENSHOTS
from ..one_photo.picker import click
from ..visit import EXAMPLES

pytestmark = [pytest.mark.browser, pytest.mark.full]
LEVELS, SHARE = 2, 0.001
"""At most this share of the samples may differ by more than these levels."""


def pictures(folder):
    """Twenty photographs and more: portraits, panoramas, tiny ones, gray ones, one with twelve megapixels."""
    made = {path.stem: open_photo(path) for path in sorted(EXAMPLES.glob("*.jpg"))}
    china, astronaut = made["china"], made["astronaut"]
    made |= {
        "gray": china.convert("L").convert("RGB"),
        "tall": astronaut.crop((150, 0, 250, 512)),
        "panorama": china.crop((0, 200, 640, 290)),
        "ribbon": china.crop((0, 100, 640, 140)),
        "tiny": astronaut.resize((9, 13)),
        "pixel": astronaut.crop((200, 100, 201, 101)),
        "line": china.crop((0, 50, 300, 51)),
        "large": china.resize((4000, 3000), Image.Resampling.BICUBIC),
        "odd": made["coffee"].resize((601, 399)),
        "strong": colour_photo(500, 320),
        "noise": Image.fromarray(np.random.default_rng(5).integers(0, 256, (120, 180, 3), np.uint8)),
        "extremes": Image.fromarray(np.repeat(np.tile(np.arange(256, dtype=np.uint8), (40, 1))[..., None], 3, axis=2)),
    }
    assert len(made) >= 20
    for name, picture in made.items():
        picture.convert("RGB").save(folder / f"{name}.png")
    return made


def unlike(path, expected):
    """The share of samples that differ by more than LEVELS, and the largest difference; strip by strip."""
    got = Image.open(path)
    assert got.size == expected.size
    many, most = 0, 0
    for top in range(0, got.height, 512):
        strip = (0, top, got.width, min(top + 512, got.height))
        away = np.asarray(ImageChops.difference(got.crop(strip), expected.crop(strip)))
        many, most = many + int((away > LEVELS).sum()), max(most, int(away.max()))
    return many / (3 * got.width * got.height), most


def test_twenty_photographs_have_the_colours_that_python_gives_them(page, colorizer, tmp_path):
    rows = []
    view_side = "document.querySelector('.stage-modes [value=side]').click()"
    for name, picture in pictures(tmp_path).items():
        give(page, tmp_path / f"{name}.png")
        page.evaluate(view_side)
        assert page.locator("#truth").is_visible() == has_own_colours(picture.convert("RGB")), name
        got = saved(page, "png", tmp_path / f"{name}-site.png")
        expected = colorizer.colorize(open_photo(tmp_path / f"{name}.png"), **preset("natural")).image
        rows.append((name, *picture.size, *unlike(got, expected)))
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    (SCREENSHOTS / "site.json").write_text(json.dumps(rows), encoding="utf-8")
    print("\n".join(map(str, rows)))
    assert not [row for row in rows if row[3] > SHARE]


def test_forty_eight_megapixels_have_the_colours_that_python_gives_them(page, colorizer, tmp_path):
    picture = open_photo(EXAMPLES / "china.jpg").resize((8000, 6000), Image.Resampling.BICUBIC)
    picture.save(tmp_path / "large.png", compress_level=1)
    give(page, tmp_path / "large.png")
    got = saved(page, "png", tmp_path / "got.png")
    away, most = unlike(got, colorizer.colorize(picture, **preset("natural")).image)
    print(f"48 megapixels: {away:.5%} of the samples differ by more than {LEVELS} levels, at most by {most}")
    assert away <= SHARE, most


@pytest.mark.parametrize("look", ["faithful", "vivid", "warm"])
def test_looks_and_saturation_are_those_of_python(page, colorizer, tmp_path, look):
    photo = open_photo(EXAMPLES / "astronaut.jpg")
    photo.save(tmp_path / "astronaut.png")
    give(page, tmp_path / "astronaut.png")
    poll(page, f"document.querySelectorAll('.look img[src]').length === {len(PRESETS)}")
    plain = colorizer.colorize(photo, **preset("natural"))
    readout = replace(plain.readout, **preset(look))
    page.locator(f".look:has([value={look}])").click()
    page.locator("#saturation").fill("1.4")
    in_colour(page)
    got = saved(page, "png", tmp_path / "got.png")
    away, most = unlike(got, plain.with_readout(readout, saturation=1.4).image)
    assert away <= SHARE, most
    assert said_in(got)[1]["settings"]["saturation"] == 1.4


def test_a_correction_colours_as_in_python(page, colorizer, tmp_path):
    photo = open_photo(EXAMPLES / "china.jpg")
    photo.save(tmp_path / "china.png")
    give(page, tmp_path / "china.png")
    view(page, "picture")
    for (x, y), shade, whole in (((0.42, 0.5), 9, False), ((0.8, 0.75), 13, True)):
        click(page, x, y)
        if whole:
            page.locator(".picker-whole").click()
        page.locator(".picker-shade").nth(shade).click()
        in_colour(page)
    expect(page.locator(".picker-dot")).to_have_count(2)
    got = saved(page, "png", tmp_path / "got.png")
    _, said = said_in(got)
    assert [hint["reach"] for hint in said["hints"]] == ["thing", "picture"]
    hints = [Hint(hint["x"], hint["y"], tuple(hint["ab"]), reach=hint["reach"]) for hint in said["hints"]]
    expected = colorizer.colorize(photo, hints, **preset("natural")).image
    away, most = unlike(got, expected)
    assert away <= SHARE, most
    plain = colorizer.colorize(photo, **preset("natural")).image
    assert unlike(got, plain)[0] > 0.1, "the corrections did something"


def test_suggestions_are_those_of_python(page, colorizer, tmp_path):
    photo = open_photo(EXAMPLES / "china.jpg")
    photo.save(tmp_path / "china.png")
    give(page, tmp_path / "china.png")
    view(page, "picture")
    click(page, 0.3, 0.7)
    page.locator(".picker-swatch").first.click()
    in_colour(page)
    _, said = said_in(saved(page, "png", tmp_path / "got.png"))
    (hint,) = said["hints"]
    likeliest = colorizer.colorize(photo, **preset("natural")).suggest(hint["x"], hint["y"])[0]
    assert hint["ab"] == pytest.approx(likeliest, abs=1e-3)

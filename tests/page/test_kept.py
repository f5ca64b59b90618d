"""A browser keeps a photo, and its work comes back from there."""

import json
import zipfile
from pathlib import Path

import pytest
from conftest import colour_photo
from hypothesis import given
from hypothesis import strategies as st

from colorizer import Colorizer, Hint, read_photo, save_photo
from colorizer.colour.readout import PRESETS, Readout, preset
from colorizer.page.app import EXAMPLES
from colorizer.page.session.request import PhotoRequest, digest_of, kept, made_with, request_of
from colorizer.page.session.roll import Roll
from colorizer.photo.form import Form
from colorizer.photo.metadata import Metadata

PATH, OTHER = (str(EXAMPLES / name) for name in ("coffee.jpg", "camera.jpg"))
REQUEST = PhotoRequest(
    path=PATH,
    checkpoint="mobile-unet",
    preset="own",
    sliders=Readout(temperature=0.4, vividness=0.2, saturation=1.4, finish=0.5, strength=0.9),
    like="palette",
    palette=("#b5653a", "#4f7a94"),
    points=({"x": 0.2, "y": 0.4, "color": "#d01818", "path": [[0.3, 0.4]], "note": "her dress"},),
    view="picture",
    form=Form(invert=True, levels=True, partial=True, format="tif", bits=16),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def test_what_a_browser_kept_comes_back_as_it_was():
    found = request_of({"key": digest_of(PATH), "request": json.loads(json.dumps(kept(REQUEST)))}, PATH)
    assert found is not None
    assert (found.path, kept(found)) == (PATH, kept(REQUEST))


def test_a_picture_whose_colours_are_preferred_comes_back_from_the_servers_own_folder_alone(cache):
    (cache / "red.png").write_bytes(b"a picture")
    for path, expected in ((str(cache / "red.png"), str(cache / "red.png")), (PATH, None), (7, None), (None, None)):
        said = {**kept(REQUEST), "like": "picture", "reference": path}
        assert request_of({"key": digest_of(PATH), "request": said}, PATH).reference == expected


def test_files_of_the_strip_that_are_in_no_album_are_loose(tmp_path):
    paths = [str(tmp_path / f"{name}.png") for name in "abc"]
    for path in paths:
        Path(path).write_bytes(b"x")
    roll = Roll()
    roll.add_files(paths[:2])
    roll.hold_files(paths[1:])
    assert roll.loose() == paths[:1]
    roll.remove(roll.at(paths[0]).key)
    assert roll.loose() == []
    roll.remove(roll.at(paths[1]).key)
    assert roll.album() == paths[2:], "what was let go does not come back"


def test_what_was_kept_of_another_photo_is_left_alone():
    assert request_of({"key": digest_of(PATH), "request": kept(REQUEST)}, OTHER) is None


@given(st.sampled_from(sorted(kept(REQUEST))), JSON)
def test_what_comes_from_a_browser_never_breaks_the_page(part, value):
    found = request_of({"key": digest_of(PATH), "request": {**kept(REQUEST), part: value}}, PATH)
    assert found is None or isinstance(found, PhotoRequest)


@pytest.fixture(scope="module")
def result(weights):
    colorizer = Colorizer.from_checkpoint("mobile-unet", folder=weights)
    hints = [
        Hint(30, 20, (40.0, 30.0), note="her dress"),
        Hint.stroke([(100, 80), (110, 82)], (-10.0, -40.0), reach="thing"),
    ]
    return colorizer.colorize(colour_photo(120, 90), hints)


@pytest.mark.parametrize("look", [*PRESETS, "own"])
def test_a_file_that_was_saved_says_what_its_colours_were_made_with(result, tmp_path, look):
    palette = [(20.0, 30.0), (-10.0, -20.0)]
    readout = {"saturation": 0.7, "palette": palette, "strength": 0.4} if look == "own" else preset(look)
    made = result.with_readout(Readout().with_own(result.own_temperature), **readout)
    path = tmp_path / "saved.png"
    save_photo(made.image, path, provenance=made.provenance)
    opened = read_photo(path)
    again = made_with(opened.metadata, str(path), opened.image.size)
    assert again is not None
    assert (again.checkpoint, again.preset, again.view) == ("mobile-unet", look, "side")
    assert [point["x"] * 120 for point in again.points] == pytest.approx([30, 100])
    assert again.points[0]["note"] == "her dress"
    assert again.points[1]["path"] == [[pytest.approx(110 / 120), pytest.approx(82 / 90)]]
    assert again.points[1]["reach"] == "thing"
    if look == "own":
        assert again.like == "palette"
        assert len(again.palette) == 2
        assert (again.sliders.saturation, again.sliders.strength) == (0.7, 0.4)


def test_what_a_file_says_never_breaks_the_page(monkeypatch):
    for said in (
        {},
        {"settings": 3},
        {"checkpoint": "x", "settings": {"palette": 7}},
        {"settings": {"saturation": "<b>"}},
    ):
        monkeypatch.setattr(Metadata, "made", said)
        assert made_with(Metadata(), PATH, (10, 10)) is None


def test_the_photos_of_an_album_that_comes_back_have_their_corrections(tmp_path):
    names = ("corrected.png", "settings.png", "bare.png", "packed.png")
    for number, name in enumerate(names):
        colour_photo(60, 40, seed=number).save(tmp_path / name)
    with zipfile.ZipFile(tmp_path / "box.zip", "w") as archive:
        archive.write(tmp_path / "packed.png", "1932/packed.png")
    roll = Roll()
    roll.add_files([*(str(tmp_path / name) for name in names[:3]), str(tmp_path / "box.zip")])
    point, vivid = {"points": [dict(REQUEST.points[0])]}, PhotoRequest(checkpoint="mobile-unet", preset="vivid")
    album = PhotoRequest(checkpoint="mobile-unet", preset="natural")
    said = {
        "corrected.png": {"request": kept(vivid) | point, "made": None},
        "settings.png": {"request": kept(vivid), "made": kept(album)},
        "bare.png": {"request": kept(vivid), "made": None},
        "packed.png": {"request": kept(vivid) | point},
    }
    roll.take_up(json.loads(json.dumps({digest_of(str(tmp_path / name)): each for name, each in said.items()})))
    asked = [frame.asked(album) for frame in roll.frames()]
    assert [(each.preset, len(each.points)) for each in asked] == [
        ("vivid", 1),
        ("vivid", 0),
        ("natural", 0),
        ("vivid", 1),
    ]


def test_a_photo_that_was_removed_from_an_archive_stays_away(tmp_path):
    with zipfile.ZipFile(tmp_path / "box.zip", "w") as archive:
        for number in range(3):
            colour_photo(60, 40, seed=number).save(tmp_path / f"{number}.png")
            archive.write(tmp_path / f"{number}.png")
    before, after, box = Roll(), Roll(), [str(tmp_path / "box.zip")]
    before.hold_files(box)
    before.remove(before.frames()[1].key)
    after.add_files(box)  # to the strip first, while the album's tab is not open
    after.take_up({"gone": before.removed()})
    after.hold_files(box)
    assert [frame.key for frame in after.frames()] == [frame.key for frame in before.frames()]


@given(JSON)
def test_what_comes_from_a_browser_of_an_album_never_breaks_the_page(value):
    roll = Roll()
    roll.add_files([PATH])
    known = {"request": kept(REQUEST), "made": value}
    for said in (value, {"gone": value}, {digest_of(PATH): value}, {digest_of(PATH): known}):
        roll.take_up(said)

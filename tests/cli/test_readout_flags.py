"""The readout's flags: presets, and what overrides them."""

import argparse

import pytest
from PIL import Image

from colorizer import Colorizer
from colorizer.cli.flags import add_preferences, add_readout, chosen_readout, readout_to_show
from colorizer.colour.readout import BOLDNESS, PRESETS, Readout, preset


def chosen(*flags):
    parser = argparse.ArgumentParser()
    add_readout(parser)
    add_preferences(parser)
    return chosen_readout(parser.parse_args(list(flags)))


@pytest.mark.parametrize(
    ("network", "flags", "expected"),
    [
        ("mobile-unet", [], preset("natural")),
        ("mobile-unet", ["--preset", "faithful"], preset("faithful")),
        ("mobile-unet", ["--vividness", "0.3"], {"vividness": 0.3}),
        ("resnet18-decoder", [], {}),
    ],
)
def test_who_asks_for_nothing_sees_what_the_page_shows(weights, network, flags, expected):
    parser = argparse.ArgumentParser()
    add_readout(parser)
    colorizer = Colorizer.from_checkpoint(network, folder=weights)
    assert readout_to_show(parser.parse_args(flags), colorizer) == expected


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_a_flag(name):
    assert chosen("--preset", name) == preset(name)
    assert Readout(**preset(name)).prefers_colours == ("palette" in PRESETS[name])
    assert set(BOLDNESS) <= set(PRESETS)


def test_single_flags_override_a_preset(tmp_path):
    assert chosen("--preset", "warm", "--saturation", "0.5") == {**preset("warm"), "saturation": 0.5}
    assert chosen("--preset", "warm", "--strength", "1")["strength"] == 1  # of the preset's palette


def test_a_palette_or_reference_takes_the_place_of_the_presets(tmp_path):
    Image.new("RGB", (8, 8), "red").save(tmp_path / "red.png")
    own = chosen("--preset", "warm", "--reference", str(tmp_path / "red.png"))
    assert "palette" not in own
    assert "strength" not in own  # chosen for the preset's palette
    assert chosen("--preset", "warm", "--palette", "#ff0000")["palette"] != preset("warm")["palette"]
    with pytest.raises(ValueError, match="--strength"):
        chosen("--preset", "natural", "--strength", "1")

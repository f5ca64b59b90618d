"""How a visitor asks for colours: presets and numbers, a reference or a palette, the picture of uncertainty."""
# ruff: noqa: F811 - fixtures of another file

from types import SimpleNamespace
from typing import Any

import gradio as gr
import numpy as np
import pytest
import torch
from conftest import colour_photo
from PIL import Image
from showing import answer_to, show
from skimage.color import rgb2lab

from colorizer.colour.names import uncertainty_picture
from colorizer.colour.readout import PRESETS, SLIDERS, Readout, preset_readout
from colorizer.page.i18n.texts import speaking
from colorizer.page.session.request import OWN, PhotoRequest
from colorizer.page.tabs.one_photo.wording import row_name

from .test_page_hints import RED, folder, handlers, photo  # noqa: F401


def test_a_preset_is_its_readout(handlers, photo):
    colorizer = handlers.shelf.colorizer("flagship")
    for name, readout in PRESETS.items():
        expected = colorizer.colorize(colour_photo(300, 200), **readout)
        asked = PhotoRequest(
            photo, "flagship", preset=name, sliders=Readout(temperature=0.1, vividness=1.0, saturation=0)
        )  # not its own
        assert torch.equal(answer_to(handlers.shelf, asked).result.low_ab, expected.low_ab)
    own = PhotoRequest(photo, "flagship", preset=OWN, sliders=Readout(temperature=0.3, vividness=0.9, saturation=0.5))
    expected = colorizer.colorize(colour_photo(300, 200), temperature=0.3, vividness=0.9, saturation=0.5)
    assert torch.equal(answer_to(handlers.shelf, own).result.low_ab, expected.low_ab)
    # where there is nothing to preset, the slider that is left counts
    plain = PhotoRequest(photo, "plain", preset="vivid", sliders=Readout(saturation=0.5))
    assert answer_to(handlers.shelf, plain).result.readout.saturation == 0.5


def test_presets_and_sliders_agree(handlers):
    card = handlers.shelf.card("flagship")
    assert handlers.preset_chosen("faithful", "flagship") == {
        "temperature": 0.7,
        "vividness": 0.0,
        "saturation": 1.0,
        "finish": 0.0,
    }
    for name in PRESETS:
        chosen = handlers.preset_chosen(name, "flagship")
        readout = preset_readout(name, card.temperature)
        assert chosen == {slider: getattr(readout, slider) for slider in SLIDERS}
        controls = handlers.checkpoint_chosen("flagship", name)
        assert controls["temperature"]["value"] == chosen["temperature"]
    assert handlers.checkpoint_chosen("plain", "vivid")["saturation"]["value"] == 1.0, "it has no looks"
    assert "value" not in handlers.checkpoint_chosen("plain", OWN)["saturation"]
    assert handlers.preset_chosen(OWN, "flagship") == {"fine": gr.update(open=True)}
    assert "value" not in handlers.checkpoint_chosen("flagship", OWN)["temperature"]  # a visitor's own stay


def test_the_rows_of_measures_say_what_they_measure(handlers, photo):
    def table(**asked):
        return show(handlers, PhotoRequest(photo, "flagship", **asked))["measures"]["value"].split("\n")[4:]

    safest = table(preset="faithful")
    assert safest[0].startswith("| In colour (faithful) |")
    assert safest[1].startswith("| Plain gray |")
    bold = table(preset="vivid", like="palette", palette=["#ff0000"], points=[RED])
    assert bold[0].startswith("| In colour (vivid, colours of a palette, 1 correction) |")
    assert bold[1].startswith("| The network’s own, faithful |")
    assert table(preset="vivid")[1].split("|")[2:] == safest[0].split("|")[2:]


def test_nouns_in_a_rows_name_keep_their_capitals():
    """Presets are adjectives, and small within the brackets; all else may have nouns, which German writes large."""
    answer: Any = SimpleNamespace(
        asked=PhotoRequest(preset="vivid", like="picture"),
        card=SimpleNamespace(facts=SimpleNamespace(has_distribution=True)),
        result=SimpleNamespace(readout=SimpleNamespace(prefers_colours=True)),
        plain=SimpleNamespace(hints="ab"),
    )
    with speaking("de"):
        name = row_name(answer)
    assert name == "In Farbe (kräftig, Farben eines Bildes, 2 Korrekturen)"


def test_either_a_reference_or_a_palette_is_used(handlers, photo, tmp_path):
    Image.new("RGB", (40, 40), (220, 30, 30)).save(tmp_path / "red.png")
    given = {"reference": str(tmp_path / "red.png"), "palette": ["#2030d0"]}

    def mean(**like):
        asked = PhotoRequest(photo, "flagship", preset="faithful", **given, **like)
        return answer_to(handlers.shelf, asked).result.low_ab.mean(dim=(1, 2))

    plain, a, b = mean(), mean(like="picture"), mean(like="palette")
    assert a[0] > plain[0] + 5
    assert b[1] < plain[1] - 5
    for like in ("picture", "palette"):  # chosen, but nothing given yet; and where nothing can be preferred
        assert torch.equal(
            answer_to(handlers.shelf, PhotoRequest(photo, "flagship", like=like)).result.low_ab,
            answer_to(handlers.shelf, PhotoRequest(photo, "flagship")).result.low_ab,
        )
        plain = answer_to(handlers.shelf, PhotoRequest(photo, "plain", like=like, **given))
        assert not plain.result.readout.prefers_colours
    with pytest.raises(gr.Error, match="5 colours at most"):
        show(handlers, PhotoRequest(photo, "flagship", like="palette", palette=["#123456"] * 6))


def test_a_reference_that_cannot_be_read_is_refused_at_once(handlers, photo, tmp_path):
    (tmp_path / "bad.png").write_bytes(b"no picture")
    with pytest.raises(gr.Error, match="not a picture"):
        handlers.reference_given(str(tmp_path / "bad.png"))
    assert handlers.reference_given(photo) == {"reference": photo}
    assert handlers.reference_given(None) == {"reference": None}


def test_the_picture_of_uncertainty(handlers, photo):
    shown = show(handlers, PhotoRequest(photo, "flagship"))["picker"]["shown"]
    assert Image.open(shown["uncertainty"]["path"]).size == Image.open(shown["photo"]["path"]).size
    x, y = answer_to(handlers.shelf, PhotoRequest(photo, "flagship")).plain.most_uncertain()
    assert shown["ring"] == pytest.approx([x / 300, y / 200])
    bare = show(handlers, PhotoRequest(photo, "hints"))["picker"]["shown"]
    assert "uncertainty" not in bare
    assert bare["ring"] == []
    entropy = np.linspace(0, 1, 12, dtype=np.float32)[None].repeat(3, axis=0)
    picture = uncertainty_picture(entropy, Image.new("L", (240, 60), 128))
    lightness = rgb2lab(np.asarray(picture))[30, :, 0]
    assert picture.size == (240, 60)
    assert (np.diff(lightness) > -0.6).all()  # brighter is more in doubt, everywhere
    assert np.abs(np.diff(lightness)).max() < 3  # and no network's grid to be seen
    assert lightness[-1] - lightness[0] > 35

"""The two sides of the slider: which there are, which are shown, and which networks run for them."""

from itertools import combinations

import numpy as np
import pytest
from conftest import colour_photo
from PIL import Image
from showing import answer_to, show

from colorizer import Hint, save_photo
from colorizer.colour.hex import hex_to_ab
from colorizer.colour.readout import preset
from colorizer.page.session.request import PhotoRequest
from colorizer.page.session.shelf import Shelf
from colorizer.page.tabs.one_photo.pictures import side_options

from .test_page import colour_of, handlers, mean_difference, photo  # noqa: F401  # fixtures

RED = {"x": 0.2, "y": 0.3, "color": "#d02020"}
OTHER = "system:resnet18-decoder"


def asked_for(path, **more):
    return PhotoRequest(path, "mobile-unet", **{"view": "compare", **more})


def sides_of(shown):
    shown = shown["stage"]["sides"]
    return shown["left"]["side"], shown["right"]["side"]


def picture_of(shown, at):
    return shown["stage"]["sides"][at]["file"]["path"]


def test_gray_and_the_prediction_are_the_default_sides(handlers, photo):  # noqa: F811
    assert sides_of(show(handlers, asked_for(photo))) == ("gray", "predicted")
    assert sides_of(show(handlers, asked_for(photo, points=[RED]))) == ("gray", "hinted")
    wishes = {"left": "original", "right": "predicted"}
    assert sides_of(show(handlers, asked_for(photo, points=[RED], sides=wishes))) == ("original", "predicted")


def test_the_sides_to_choose_from(handlers, photo, tmp_path):  # noqa: F811
    shelf = handlers.shelf
    assert side_options(answer_to(shelf, asked_for(photo))) == ["gray", "original", "predicted", OTHER]
    hinted = side_options(answer_to(shelf, asked_for(photo, points=[RED])))
    assert hinted == ["gray", "original", "predicted", "hinted", OTHER]
    deaf = PhotoRequest(photo, "resnet18-decoder", points=[RED])
    assert side_options(answer_to(shelf, deaf)) == ["gray", "original", "predicted", "system:mobile-unet"]
    colour_photo().convert("L").save(tmp_path / "bw.png")
    assert side_options(answer_to(shelf, asked_for(str(tmp_path / "bw.png")))) == ["gray", "predicted", OTHER]


def test_every_side_shows_what_its_name_says(handlers, photo):  # noqa: F811
    shelf, original = handlers.shelf, colour_photo(300, 200)
    hint = Hint(60, 60, hex_to_ab("#d02020"))
    expected = {
        "gray": shelf.colorize(photo, "mobile-unet").grayscale.convert("RGB"),
        "original": original,
        "predicted": shelf.colorize(photo, "mobile-unet").with_readout(**preset("vivid")).image,
        "hinted": shelf.colorize(photo, "mobile-unet", [hint]).with_readout(**preset("vivid")).image,
        OTHER: shelf.colorize(photo, "resnet18-decoder").image,
    }
    apart = [np.abs(np.asarray(a, int) - np.asarray(b, int)).mean() for a, b in combinations(expected.values(), 2)]
    assert min(apart) > 1.5  # or else one could stand for another
    for side, picture in expected.items():
        asked = asked_for(photo, preset="vivid", points=[RED], sides={"left": side, "right": side})
        for shown in (show(handlers, asked), handlers.answered(handlers.sides_chosen, asked)):
            assert sides_of(shown) == (side, side)
            assert mean_difference(picture_of(shown, "left"), picture) < 1


def test_another_checkpoint_runs_only_while_it_is_on_view(handlers, photo, passes):  # noqa: F811
    show(handlers, asked_for(photo))
    assert passes == [0]
    other = {"right": OTHER}
    assert sides_of(show(handlers, asked_for(photo, sides=other, view="picture"))) == ("gray", "predicted")
    assert "stage" not in handlers.answered(handlers.view_chosen, asked_for(photo, view="picture"))
    assert passes == [0]
    assert sides_of(handlers.answered(handlers.view_chosen, asked_for(photo, sides=other))) == ("gray", OTHER)
    assert passes == [0, 0]
    for more in ({}, {"preset": "vivid"}, {"sides": {"left": "original", "right": "predicted"}}, {"sides": other}):
        show(handlers, asked_for(photo, **more))
        handlers.answered(handlers.sides_chosen, asked_for(photo, **more))
    assert passes == [0, 0]
    show(handlers, asked_for(photo, points=[RED], sides=other))
    assert passes == [0, 0, 1]  # hints are for the network that was asked; the other has answered


def test_chosen_sides_stay_as_long_as_possible(handlers, photo, tmp_path):  # noqa: F811
    colour_photo().convert("L").save(tmp_path / "bw.png")
    wishes = {"left": "original", "right": OTHER}
    assert sides_of(show(handlers, asked_for(photo, preset="vivid", sides=wishes))) == ("original", OTHER)
    assert sides_of(show(handlers, asked_for(str(tmp_path / "bw.png"), sides=wishes))) == ("gray", OTHER)
    same = PhotoRequest(photo, "resnet18-decoder", view="compare", sides=wishes)
    assert sides_of(show(handlers, same)) == ("original", "predicted")  # now it is no other system
    assert show(handlers, same)["stage"]["sides"]["chosen"] == wishes
    assert sides_of(show(handlers, asked_for(photo, sides={"right": "hinted"}))) == ("gray", "predicted")
    assert sides_of(show(handlers, asked_for(photo, sides={"left": "system:nobody"}))) == ("gray", "predicted")


def test_another_checkpoint_that_fails_gives_a_warning(handlers, photo, monkeypatch):  # noqa: F811
    run = Shelf.run

    def failing(shelf, name, photo, hints=()):
        if name == "resnet18-decoder":
            raise RuntimeError("not enough <memory>\nmore")
        return run(shelf, name, photo, hints)

    monkeypatch.setattr(Shelf, "run", failing)
    with pytest.warns(UserWarning, match="not enough &lt;memory&gt;$"):
        shown = show(handlers, asked_for(photo, sides={"right": OTHER}))
    assert sides_of(shown) == ("gray", "predicted")
    assert mean_difference(colour_of(shown), np.asarray(Image.open(picture_of(shown, "right")))) == 0


def test_a_photo_that_was_coloured_here_has_no_original_and_nothing_is_measured(handlers, tmp_path):  # noqa: F811
    coloured = str(save_photo(colour_photo(300, 200), tmp_path / "a.png", checkpoint="alpha"))
    assert side_options(answer_to(handlers.shelf, asked_for(coloured))) == ["gray", "coloured", "predicted", OTHER]
    shown = show(handlers, asked_for(coloured))
    assert [pane["side"] for pane in shown["stage"]["panes"]] == ["gray", "predicted", "coloured"]
    assert shown["measures"]["visible"] is False
    assert "a.png was coloured by Colorizer" in shown["time"].replace("\\", "")

"""The public endpoint, through its client and a running server."""

import numpy as np
import pytest
from conftest import colour_photo
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

from colorizer import Colorizer, Hint
from colorizer.page import build_page
from colorizer.page.colours import hex_to_ab
from colorizer.presets import preset


@pytest.fixture(scope="module")
def client(weights):
    page = build_page(weights)
    _, url, _ = page.launch(prevent_thread_lock=True, quiet=True, max_file_size="80mb")
    yield Client(url, verbose=False)
    page.close()


def test_only_colorize_is_public(client):
    info = client.view_api(return_format="dict")
    assert list(info["named_endpoints"]) == ["/colorize"]
    assert info["unnamed_endpoints"] == {}
    names = [p["parameter_name"] for p in info["named_endpoints"]["/colorize"]["parameters"]]
    assert names == [
        "photo", "checkpoint", "temperature", "saturation", "preset", "vividness", "hints", "palette",
    ]  # fmt: skip


def test_colorize_endpoint(client, weights, tmp_path):
    colour_photo(2000, 1000).save(tmp_path / "wide.png")
    file, report = client.predict(
        photo=handle_file(tmp_path / "wide.png"), checkpoint="mobile-unet", saturation=0.5, api_name="/colorize"
    )
    expected = Colorizer.from_checkpoint("mobile-unet", folder=weights).colorize(
        colour_photo(2000, 1000), saturation=0.5
    )
    assert np.array_equal(np.asarray(Image.open(file)), np.asarray(expected.image))
    assert file.endswith("wide-colorized.png")
    assert report["checkpoint"] == "mobile-unet"
    assert report["seconds"] > 0
    assert {"psnr", "gray_psnr"} <= set(report["metrics"])


def test_all_that_can_be_asked(client, weights, tmp_path):
    photo = colour_photo(120, 80)
    photo.save(tmp_path / "a.png")
    colorizer = Colorizer.from_checkpoint("mobile-unet", folder=weights)
    hints = [Hint(30, 20, hex_to_ab("#cc2020")), Hint(100, 60, hex_to_ab("#2040c0"))]
    palette = [hex_to_ab(colour) for colour in ("#b05030", "#407090")]
    settings = {**preset("vivid"), "vividness": 0.2}
    expected = colorizer.colorize(photo, hints, palette=palette, **settings)
    file, report = client.predict(
        photo=handle_file(tmp_path / "a.png"), checkpoint="mobile-unet", preset="vivid", vividness=0.2,
        hints=[[30, 20, "#cc2020"], [100, 60, "#2040c0"]], palette=["#b05030", "#407090"], api_name="/colorize",
    )  # fmt: skip
    assert np.array_equal(np.asarray(Image.open(file)), np.asarray(expected.image))
    assert report["hints"] == 2


def test_endpoint_errors_are_told_and_the_server_goes_on(client, tmp_path):
    (tmp_path / "bad.jpg").write_bytes(b"no photo")
    colour_photo().convert("L").save(tmp_path / "good.png")
    bad, good = (handle_file(tmp_path / name) for name in ("bad.jpg", "good.png"))
    for arguments, sentence in (
        ({"photo": bad, "checkpoint": "mobile-unet"}, "not a picture"),
        ({"photo": good, "checkpoint": "../x"}, "no checkpoint"),
        ({"photo": good, "checkpoint": "resnet18-decoder", "temperature": 0.5}, "has no temperature"),
        ({"photo": good, "checkpoint": "mobile-unet", "temperature": -1}, "temperature must be above 0"),
        ({"photo": good, "checkpoint": "mobile-unet", "preset": "loud"}, "no preset 'loud'"),
        ({"photo": good, "checkpoint": "resnet18-decoder", "preset": "vivid"}, "one colour only"),
        ({"photo": good, "checkpoint": "mobile-unet", "hints": [[5, 5, "red"]]}, "written as #rrggbb"),
        ({"photo": good, "checkpoint": "mobile-unet", "hints": [[5, "#ff0000"]]}, "a hint is"),
        ({"photo": good, "checkpoint": "mobile-unet", "hints": [[500, 5, "#ff0000"]]}, "outside the photo"),
        ({"photo": good, "checkpoint": "mobile-unet", "hints": [[5, 5, "#ff0000"]] * 101}, "100 hints at most"),
        ({"photo": good, "checkpoint": "resnet18-decoder", "hints": [[5, 5, "#ff0000"]]}, "takes no colour hints"),
        ({"photo": good, "checkpoint": "mobile-unet", "palette": ["#123456"] * 6}, "5 colours at most"),
    ):
        with pytest.raises(AppError, match=sentence):
            client.predict(**arguments, api_name="/colorize")
    _, report = client.predict(photo=good, checkpoint="resnet18-decoder", api_name="/colorize")
    assert report["metrics"] is None

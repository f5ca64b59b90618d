"""The public endpoints, through their client, bare HTTP, and a running server."""

import json
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import get_args

import gradio as gr
import httpx
import numpy as np
import pytest
from conftest import colour_photo
from gradio.utils import get_upload_folder
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

from colorizer import Colorizer, Hint, read_photo, save_photo
from colorizer.checkpoints.file import list_checkpoints
from colorizer.colour.hex import hex_to_ab
from colorizer.colour.readout import PRESETS, preset
from colorizer.page.api.endpoints import Endpoints, Preset
from colorizer.page.app import launch
from colorizer.page.gradio_mcp import tools_possible
from colorizer.page.session.shelf import Shelf

ENDPOINTS = {
    "colorize": [
        "photo", "checkpoint", "temperature", "saturation", "preset", "vividness", "hints", "palette", "strength",
        "format", "bits", "levels", "mark", "partial", "strip", "invert", "finish",
    ],
    "compare": ["photo", "checkpoints"],
    "suggest": ["photo", "x", "y", "count", "checkpoint"],
    "models": [],
}  # fmt: skip
META = {"_type": "gradio.FileData"}


@pytest.fixture(scope="module")
def client(page):
    return Client(page.local_url, verbose=False)


@pytest.fixture
def ask(page):
    """The answer over plain HTTP: the data, or the error as the server tells it."""

    def asked(endpoint, **parameters):
        url = f"{page.local_url}gradio_api/call"
        number = httpx.post(f"{url}/v2/{endpoint}", json=parameters).json()["event_id"]
        answer = httpx.get(f"{url}/{endpoint}/{number}", timeout=60).text
        return json.loads(answer.rpartition("data: ")[2])

    return asked


@pytest.fixture
def photo(page, tmp_path):
    """A photograph that was uploaded, as HTTP names it."""
    colour_photo(120, 80).save(tmp_path / "a.png")
    with open(tmp_path / "a.png", "rb") as file:
        (path,) = httpx.post(f"{page.local_url}gradio_api/upload", files={"files": file}).json()
    return {"path": path, "meta": META}


def test_openapi_lists_them_with_their_types(page):
    paths = httpx.get(f"{page.local_url}gradio_api/openapi.json").json()["paths"]
    asks = {f"/gradio_api/call/v2/{name}" for name in ENDPOINTS}
    fetches = {f"/gradio_api/call/{name}/{{event_id}}" for name in ENDPOINTS}
    assert set(paths) == {"/gradio_api/upload"} | asks | fetches
    for name, parameters in ENDPOINTS.items():
        operation = paths[f"/gradio_api/call/v2/{name}"]["post"]
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        assert list(schema["properties"]) == parameters
        assert all(schema["properties"].values()), f"{name} has a parameter of any type"
        assert operation["operationId"] == name
    colorize = paths["/gradio_api/call/v2/colorize"]["post"]
    asked = colorize["requestBody"]["content"]["application/json"]["schema"]["properties"]
    assert asked["preset"]["oneOf"][1]["enum"] == list(PRESETS) == list(get_args(Preset))
    assert "an array of 2 elements" in colorize["description"]
    assert "probability" in paths["/gradio_api/call/v2/suggest"]["post"]["description"]


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
    assert file.endswith("a-colorized.png")
    assert (report["checkpoint"], report["hints"]) == ("mobile-unet", 2)
    assert report["seconds"] > 0
    assert {"psnr", "gray_psnr"} <= set(report["metrics"])


def test_files_of_every_form(client, weights, tmp_path):
    faded = Image.fromarray(np.tile(np.linspace(30000, 40000, 120, dtype=np.uint16), (80, 1)))
    faded.save(tmp_path / "faded.tif")
    asked = {"photo": handle_file(tmp_path / "faded.tif"), "api_name": "/colorize"}
    deep, report = client.predict(**asked, format="tif", bits=16)
    assert deep.endswith("faded-colorized.tif")
    assert np.abs(read_photo(deep, deep=True).gray.astype(int) - np.asarray(faded)).max() <= 2
    assert report["incomplete"] is False
    plain, _ = client.predict(**asked, format="jpg", strip=True, mark="strip")
    assert b"Colorizer" not in Path(plain).read_bytes()
    assert Image.open(plain).height > 80
    colour_photo(120, 80).save(tmp_path / "whole.png")
    data = (tmp_path / "whole.png").read_bytes()
    (tmp_path / "torn.png").write_bytes(data[: len(data) // 2])
    torn = {**asked, "photo": handle_file(tmp_path / "torn.png")}
    with pytest.raises(AppError, match="damaged or incomplete"):
        client.predict(**torn)
    file, report = client.predict(**torn, partial=True)
    assert file.endswith("torn-colorized-incomplete.png")
    assert report["incomplete"] is True
    assert report["notes"] == ["torn.png is incomplete: a part of the picture is missing."]


def test_compare_goes_on_after_one_that_fails(client, weights, tmp_path):
    colour_photo(120, 80).save(tmp_path / "a.png")
    asked = {"photo": handle_file(tmp_path / "a.png"), "api_name": "/compare"}
    results = client.predict(**asked, checkpoints=["resnet18-decoder", "nobody", "mobile-unet", "nobody"])
    assert [result["checkpoint"] for result in results] == ["resnet18-decoder", "nobody", "mobile-unet"]
    failed = results.pop(1)
    assert "no checkpoint 'nobody'" in failed["error"]
    assert failed["file"] is failed["seconds"] is failed["metrics"] is None
    for result in results:
        expected = Colorizer.from_checkpoint(result["checkpoint"], folder=weights).colorize(colour_photo(120, 80))
        assert np.array_equal(np.asarray(Image.open(result["file"])), np.asarray(expected.image))
        assert {"psnr", "gray_psnr"} <= set(result["metrics"])
        assert result["seconds"] > 0
        assert result["error"] is None
    all_there_are = client.predict(**asked)
    assert [result["checkpoint"] for result in all_there_are] == ["mobile-unet", "resnet18-decoder"]


def test_compare_measures_no_black_and_white_photograph(client, tmp_path):
    colour_photo().convert("L").save(tmp_path / "gray.png")
    results = client.predict(photo=handle_file(tmp_path / "gray.png"), api_name="/compare")
    assert [result["metrics"] for result in results] == [None, None]
    save_photo(colour_photo(120, 80), tmp_path / "coloured.png", checkpoint="alpha")  # whose colours are no truth
    results = client.predict(photo=handle_file(tmp_path / "coloured.png"), api_name="/compare")
    assert [result["metrics"] for result in results] == [None, None]
    _, report = client.predict(photo=handle_file(tmp_path / "coloured.png"), api_name="/colorize")
    assert [result["notes"] for result in results] == [report["notes"]] * 2 != [[], []]


def test_suggest(client, weights, tmp_path):
    colour_photo(120, 80).save(tmp_path / "a.png")
    asked = {"photo": handle_file(tmp_path / "a.png"), "x": 30, "y": 20, "api_name": "/suggest"}
    colours = client.predict(**asked, count=3, checkpoint="mobile-unet")
    result = Colorizer.from_checkpoint("mobile-unet", folder=weights).colorize(colour_photo(120, 80))
    assert [tuple(colour["ab"]) for colour in colours] == result.suggest(30, 20, 3)
    likely = [colour["probability"] for colour in colours]
    assert likely == sorted(likely, reverse=True)
    assert likely[0] == pytest.approx(result.probability(30, 20, result.suggest(30, 20)[0]))
    assert all(len(colour["hex"]) == 7 and colour["name"] for colour in colours)
    assert len(client.predict(**asked)) == 5
    only = client.predict(**asked, checkpoint="resnet18-decoder")
    assert [colour["probability"] for colour in only] == [None]
    own = Colorizer.from_checkpoint("resnet18-decoder", folder=weights).colorize(colour_photo(120, 80))
    assert only[0]["ab"] == pytest.approx(own.ab[20, 30].tolist(), abs=1.0)


def test_models_are_the_cards(client, weights):
    models = client.predict(api_name="/models")
    cards = {card.name: card for card in list_checkpoints(weights)}
    assert [model["name"] for model in models] == list(cards)
    for model in models:
        card = cards[model["name"]]
        for key in ("architecture", "title", "parameters", "licence", "working_size", "sha256"):
            assert model[key] == getattr(card, key)
    assert [model["has_distribution"] for model in models] == [True, False]
    assert [model["takes_hints"] for model in models] == [True, False]
    assert str(weights) not in json.dumps(models)


def test_results_go_with_the_pages_other_files(page, ask, photo):
    file, _ = ask("colorize", photo=photo)
    ((result, *_),) = ask("compare", photo=photo)
    for answer in (file, result["file"]):
        assert answer["path"] in page.upload_file_set
        assert Path(answer["path"]).is_relative_to(get_upload_folder())
        assert httpx.get(answer["url"]).headers["content-type"] == "image/png"


@pytest.mark.parametrize(
    ("endpoint", "parameters", "sentence"),
    [
        ("colorize", {"checkpoint": "../x"}, "There is no checkpoint '../x'"),
        ("colorize", {"checkpoint": "resnet18-decoder", "temperature": 0.5}, "has no temperature"),
        ("colorize", {"checkpoint": "resnet18-decoder", "preset": "vivid"}, "one colour only"),
        ("colorize", {"hints": [[5, 5, "red"]]}, "written as #rrggbb"),
        ("colorize", {"hints": [[5, "#ff0000"]]}, "a hint is"),
        ("colorize", {"hints": [[500, 5, "#ff0000"]]}, "outside the photo"),
        ("colorize", {"checkpoint": "resnet18-decoder", "hints": [[5, 5, "#ff0000"]]}, "takes no colour hints"),
        ("colorize", {"format": "jpg", "bits": 16}, "a JPEG has 8 bits"),
        ("colorize", {"levels": True, "bits": 16}, "for files of 8 bits"),
        ("suggest", {"x": 120, "y": 1}, r"the point \(120, 1\) lies outside the photo, 120 x 80 pixels"),
        ("suggest", {"x": 1, "y": -1}, "outside the photo"),
        ("suggest", {"x": 1, "y": 1, "count": 0}, "count must be from 1 to 20"),
        ("suggest", {"x": 1, "y": 1, "count": 2.5}, "count: input should be a valid integer"),
    ],
)  # fmt: skip
def test_mistakes_are_told(client, tmp_path, endpoint, parameters, sentence):
    colour_photo(120, 80).convert("L").save(tmp_path / "good.png")
    with pytest.raises(AppError, match=sentence):
        client.predict(photo=handle_file(tmp_path / "good.png"), **parameters, api_name=f"/{endpoint}")


def test_without_checkpoints_each_says_so(tmp_path):
    with gr.Blocks() as page:
        endpoints = Endpoints(Shelf(tmp_path), page)
    folder = Path(get_upload_folder())
    folder.mkdir(parents=True, exist_ok=True)
    colour_photo().save(folder / "nobody.png")
    photo = gr.FileData(path=str(folder / "nobody.png"))
    assert endpoints.models() == []
    for ask in (endpoints.colorize, endpoints.compare, lambda p: endpoints.suggest(p, 1, 1)):
        with pytest.raises(gr.Error, match="no weights to colour with"):
            ask(photo)


@pytest.mark.parametrize(("installed", "possible"), [("1.30.0", True), ("2.0.1", False), (None, False)])
def test_tools_are_possible_where_an_mcp_that_gradio_knows_is_installed(monkeypatch, installed, possible):
    def version(name):
        if installed is None:
            raise PackageNotFoundError(name)
        return installed

    monkeypatch.setattr("colorizer.page.gradio_mcp.version", version)
    assert tools_possible() is possible


@pytest.mark.parametrize("possible", [True, False])
def test_tools_are_served_where_they_are_possible(monkeypatch, page, possible):
    told = {}
    monkeypatch.setattr("colorizer.page.app.tools_possible", lambda: possible)
    monkeypatch.setattr("colorizer.page.app.mend_tools", lambda: None)
    monkeypatch.setattr("colorizer.page.app.build_page", lambda *_: page)
    monkeypatch.setattr(gr.Blocks, "launch", lambda _, **options: told.update(options))
    monkeypatch.setattr(Shelf, "warm_up", lambda *_: None)
    launch(prevent_thread_lock=True)
    assert told["mcp_server"] is possible

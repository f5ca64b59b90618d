"""The Compare tab as a visitor uses it, in a real Chromium."""

import io
import shutil
from pathlib import Path

import pytest
from conftest import colour_photo
from PIL import Image
from playwright.sync_api import expect

from colorizer import build
from colorizer.checkpoint import save_checkpoint
from colorizer.page import build_page
from colorizer.page.look import CSS, HEAD, theme

from .test_one_photo import EXAMPLES, browser, natural_size, page, upload  # noqa: F401  # fixtures

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def url(weights, tmp_path_factory):
    folder = tmp_path_factory.mktemp("many")
    for path in weights.glob("*.safetensors"):
        shutil.copy(path, folder)
    network = build("iizuka16", width=0.125, global_size=32, classes=3)
    metrics = {"psnr": 24.0, "gray_psnr": 22.0}
    save_checkpoint(folder / "namer.safetensors", network, working_size=64, metrics=metrics, classes=["sea", "b", "c"])
    save_checkpoint(folder / "painter.safetensors", build("conv-fc", width=0.25))
    shown = build_page(folder, EXAMPLES)
    options = {"prevent_thread_lock": True, "quiet": True, "show_error": False, "run_history": False}
    _, address, _ = shown.launch(theme=theme(), css=CSS, head=HEAD, **options)
    yield address
    shown.close()


@pytest.mark.parametrize("page", [(1400, 1000), (390, 800)], indirect=True)
def test_every_checkpoint_side_by_side(page, tmp_path):  # noqa: F811
    colour_photo(300, 200).save(tmp_path / "holiday.png")
    page.get_by_role("tab", name="Compare").click()
    page.locator("#compare-photo input[type=file]").set_input_files(tmp_path / "holiday.png")
    expect(page.locator("#compare-status")).to_contain_text("4 checkpoints", timeout=60_000)
    captions = page.locator("#compare-grid .caption-label").all_inner_texts()
    assert [caption.split()[0].strip(":") for caption in captions] == [
        "Grayscale", "Original", "namer", "mobile-unet", "painter", "resnet18-decoder",
    ]  # fmt: skip
    assert "dB" in captions[2]
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    button = page.locator("#compare-download")
    expect(button).to_be_enabled()
    with page.expect_download() as download:
        button.click()
    assert download.value.suggested_filename == "holiday-compared.png"
    assert Image.open(io.BytesIO(Path(download.value.path()).read_bytes())).width > 1000


def test_the_first_tabs_photo_is_taken_over(page, tmp_path):  # noqa: F811
    colour_photo(120, 80).save(tmp_path / "a.png")
    upload(page, tmp_path / "a.png")
    natural_size(page, "colour")
    page.get_by_role("tab", name="Compare").click()
    assert natural_size(page, "compare-photo") == [120, 80]
    page.locator("#compare-button").click()
    expect(page.locator("#compare-status")).to_contain_text("4 checkpoints", timeout=60_000)


def test_what_an_architecture_adds_is_shown(page, tmp_path):  # noqa: F811
    colour_photo(120, 80).save(tmp_path / "a.png")
    upload(page, tmp_path / "a.png")
    natural_size(page, "colour")
    expect(page.locator("#classes")).to_be_hidden()
    page.locator("#architecture input").click()
    page.get_by_role("option", name="iizuka16 · the papers").click()
    expect(page.locator("#classes")).to_contain_text("It believes to see", timeout=30_000)
    expect(page.locator("#raw")).to_be_hidden()
    page.locator("#architecture input").click()
    page.get_by_role("option", name="conv-fc · the five projects").click()
    expect(page.locator("#raw")).to_be_visible()
    expect(page.locator("#time")).to_contain_text("painter", timeout=30_000)
    before = page.locator("#colour img").get_attribute("src")
    page.get_by_label("Show the network's own RGB").check()
    expect(page.locator("#colour img")).not_to_have_attribute("src", before, timeout=30_000)

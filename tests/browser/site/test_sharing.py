"""A visitor sends others one page with a divider, or the picture, where the device can share."""

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from PIL import Image
from playwright.sync_api import expect

from benchmarks.site.serving import arrive, give, in_colour, poll, said_in, view

from ..test_accessibility import AXE, RULES
from ..visit import EXAMPLES

pytestmark = [pytest.mark.browser, pytest.mark.full]


@pytest.mark.parametrize(("name", "pictures"), [("china", 3), ("camera", 2)])
def test_a_page_to_send_needs_nothing_else(page, tmp_path, name, pictures):
    give(page, EXAMPLES / f"{name}.jpg")
    with page.expect_download() as download:
        page.locator("#save-html").click()
    download.value.save_as(tmp_path / "sent.html")
    assert "{{" not in (tmp_path / "sent.html").read_text(encoding="utf-8")
    sent = page.context.new_page()
    sent.emulate_media(reduced_motion="reduce")
    asked, wrong = [], []
    sent.on("request", lambda request: asked.append(request.url))
    sent.on("console", lambda said: wrong.append(said.text))
    sent.goto((tmp_path / "sent.html").as_uri())
    width = Image.open(EXAMPLES / f"{name}.jpg").width
    assert sent.locator("img").evaluate_all("images => images.map(image => image.naturalWidth)") == [width] * pictures
    sent.locator("[type=range]").focus()
    sent.keyboard.press("ArrowRight")
    assert sent.locator(".stage").evaluate("node => node.style.getPropertyValue('--at')") == "52%"
    expect(sent.locator(".guess")).to_contain_text("mobile-unet")
    sent.evaluate(AXE_SCRIPT)
    assert sent.evaluate(AXE, RULES) == []
    assert not wrong
    assert [url for url in asked if not url.startswith(("data:", "file:"))] == []
    sent.close()


def test_a_correction_that_is_off_has_no_note_in_a_page_to_send(page, tmp_path):
    give(page, EXAMPLES / "camera.jpg")
    view(page, "picture")
    page.locator(".picker-plane").click()
    page.locator(".picker-swatch").first.click()
    in_colour(page)
    page.locator(".picker-note").fill("The coat was red")
    page.locator(".picker-note").blur()
    told = []
    for name in ("on", "off"):
        with page.expect_download() as download:
            page.locator("#save-html").click()
        download.value.save_as(tmp_path / f"{name}.html")
        told.append("The coat was red" in (tmp_path / f"{name}.html").read_text(encoding="utf-8"))
        page.locator(".picker-eye").click()
        in_colour(page)
    assert told == [True, False]


def test_a_phone_shares_the_picture(browser, site, tmp_path):
    with browser.new_context() as context:
        page = context.new_page()
        page.add_init_script("""
            navigator.canShare = () => true;
            navigator.share = async ({ files: [file] }) => {
                const bytes = [...new Uint8Array(await file.arrayBuffer())];
                window.shared = { name: file.name, type: file.type, bytes };
            };
        """)
        arrive(page, site.url)
        give(page, EXAMPLES / "camera.jpg")
        page.locator(".stage-share").click()
        poll(page, "'shared' in window")
        shared = page.evaluate("window.shared")
    assert (shared["name"], shared["type"]) == ("camera-colorized.jpg", "image/jpeg")
    (tmp_path / "shared.jpg").write_bytes(bytes(shared["bytes"]))
    assert "Colours predicted by Colorizer" in said_in(tmp_path / "shared.jpg")[0]

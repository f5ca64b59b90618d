"""The site in a browser: files, keys, languages; nothing is sent anywhere, and it works without a network."""

import io

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from conftest import colour_photo
from PIL import Image
from playwright.sync_api import expect

from benchmarks.site.serving import arrive, give, in_colour, poll, said_in, saved, served, view
from colorizer import open_photo
from colorizer.colour.readout import PRESETS
from colorizer.errors import SENTENCES
from colorizer.site.write import LOOK

from ..conftest import SCREENSHOTS
from ..one_photo.picker import click
from ..test_accessibility import AXE, RULES
from ..visit import EXAMPLES

pytestmark = [pytest.mark.browser, pytest.mark.full]


@pytest.mark.parametrize("kind", ["png", "jpg"])
def test_files_say_that_the_colours_are_predicted(page, tmp_path, kind):
    give(page, EXAMPLES / "camera.jpg")
    got = saved(page, kind, tmp_path / f"got.{kind}")
    picture = Image.open(got)
    picture.load()
    assert picture.size == Image.open(EXAMPLES / "camera.jpg").size
    packet, said = said_in(got)
    assert "digitalsourcetype/compositeWithTrainedAlgorithmicMedia" in packet
    assert "Colours predicted by Colorizer, checkpoint mobile-unet" in packet
    assert said["checkpoint"] == "mobile-unet"
    assert len(said["sha256"]) == 64
    assert open_photo(got).size == picture.size


def test_looks_are_never_those_of_another_photo(page):
    give(page, EXAMPLES / "camera.jpg")
    poll(page, f"document.querySelectorAll('.look img[src]').length === {len(PRESETS)}")
    page.evaluate("""new MutationObserver(() => {
        const looks = document.querySelectorAll('.look:not(.look-blank)').length;
        window.atFirst ??= looks;
    }).observe(document.querySelector('#colour img'), { attributeFilter: ['src'] })""")
    page.locator("#choose").set_input_files(EXAMPLES / "china.jpg")
    poll(page, "'atFirst' in window")
    assert page.evaluate("window.atFirst") == 0


def test_nothing_is_asked_for_after_loading(page, site, tmp_path):
    page.evaluate("navigator.serviceWorker.ready")
    poll(page, site.kept)
    everywhere = []
    page.context.on("request", lambda request: everywhere.append(request.url))
    before = len(site.asked)
    give(page, EXAMPLES / "chelsea.jpg")
    page.locator(".look:has([value=vivid])").click()
    in_colour(page)
    saved(page, "png", tmp_path / "a.png")
    saved(page, "jpg", tmp_path / "a.jpg")
    assert site.asked[before:] == []
    assert not [url for url in everywhere if not url.startswith(("blob:", "data:", site.url))]


def test_it_works_without_a_network_after_the_first_visit(browser, site, tmp_path):
    folder = site.server.RequestHandlerClass.keywords["directory"]
    with browser.new_context(accept_downloads=True) as context:
        page = context.new_page()
        with served(folder) as own:
            arrive(page, own.url)
            poll(page, own.kept)
            url = own.url
            for large in ("/network.onnx", "/clues.onnx", "/onnxruntime/ort-wasm-simd-threaded.wasm"):
                assert own.asked.count(large) == 1, "the page and the service worker both fetched it"
        page.reload()  # the server is gone
        page.locator("body.ready").wait_for(timeout=90_000)
        page.locator("[data-example='camera.jpg']").click()
        in_colour(page)
        assert Image.open(saved(page, "png", tmp_path / "a.png")).size == (512, 512)
        assert page.url == url
        assert page.evaluate("crossOriginIsolated"), "the network may use several cores from the second visit on"


@pytest.mark.parametrize("size", [(1400, 900), (390, 844)], ids=["desktop", "phone"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(page, size, theme):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.emulate_media(color_scheme=theme)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    found = {}

    def check(state):
        page.screenshot(path=SCREENSHOTS / f"site-{theme}-{size[0]}-{state}.png", full_page=True)
        page.evaluate(AXE_SCRIPT)
        found[state] = [
            f"{each['id']}: {node['target']} {node['failureSummary']}"
            for each in page.evaluate(AXE, RULES)
            for node in each["nodes"]
        ]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{state} is wider than the window"

    check("start")
    page.evaluate("localStorage.removeItem('colorizer-stage')")
    give(page, EXAMPLES / "astronaut.jpg")
    poll(page, "[...document.querySelectorAll('.look img')].every((image) => image.naturalWidth > 0)")
    view(page, "side")
    check("panes")
    view(page, "compare")
    check("divider")
    view(page, "picture")
    click(page, 0.5, 0.8)
    check("panel")
    page.locator(".picker-shade").nth(6).click()
    in_colour(page)
    check("corrected")
    assert not any(found.values()), found


def test_everything_can_be_done_with_keys(page, tmp_path):
    page.keyboard.press("Tab")
    expect(page.locator("#language")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#choose")).to_be_focused()
    page.locator("#choose").set_input_files(EXAMPLES / "camera.jpg")
    in_colour(page)
    page.locator(".stage-modes [value=side]").focus()
    page.keyboard.press("ArrowLeft")  # around to the last
    page.locator(".picker-plane").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator(".picker-swatch").first).to_be_focused()
    page.keyboard.press("Enter")
    in_colour(page)
    expect(page.locator(".picker-dot")).to_have_count(1)
    page.locator("#saturation").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#saturation-value")).to_have_text(f"{PRESETS[LOOK]['saturation'] + 0.05:.2f}")
    page.locator(".look:has([value=faithful])").click()
    expect(page.locator("#saturation-value")).to_have_text("1.00")  # a look sets it


def test_what_is_no_picture_is_refused_in_a_sentence(page, tmp_path):
    made = {kind: io.BytesIO() for kind in ("png", "jpeg", "webp", "gif", "bmp", "avif")}
    for kind, file in made.items():
        colour_photo(120, 60).save(file, kind)
    cut = [("photo_partial", file.getvalue()[: file.tell() // 2]) for file in made.values()]
    bad = [("photo_unknown", b"this is no photograph"), ("photo_empty", b""), ("photo_damaged", b"\x89PNG\r\n\x1a\n")]
    for kind, content in [*bad, *cut]:
        (tmp_path / "bad.png").write_bytes(content)
        page.locator("#choose").set_input_files(tmp_path / "bad.png")
        expect(page.locator("#status")).to_have_text(SENTENCES[kind].format(name="bad.png"))
    give(page, EXAMPLES / "camera.jpg")
    expect(page.locator("#status")).to_have_text("")


def test_turned_photographs_are_upright(page, tmp_path):
    picture = colour_photo(120, 60)
    exif = Image.Exif()
    exif[0x0112] = 6
    picture.save(tmp_path / "turned.jpg", exif=exif)
    give(page, tmp_path / "turned.jpg")
    assert Image.open(saved(page, "png", tmp_path / "a.png")).size == (60, 120)

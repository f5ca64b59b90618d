"""The page as a visitor uses it, in a real Chromium."""

import io
import threading

import pytest
from conftest import colour_photo
from PIL import Image, ImageOps
from playwright.sync_api import expect

from colorizer.files.shipped import example_photos
from colorizer.page.session.shelf import Shelf
from colorizer.page.tabs.one_photo import handlers

from ..visit import EXAMPLES, choose_network, natural_size, pull, unfold, upload

pytestmark = pytest.mark.browser


LEARNS_LATE = """() => {
  const { fetch } = window;
  let cancelled = false;
  window.fetch = async (...asked) => {
    cancelled ||= `${asked[0]}`.includes('/cancel');
    const answer = await fetch(...asked);
    while (!cancelled && `${asked[0]}`.includes('queue/join')) await new Promise((done) => setTimeout(done, 50));
    return answer;
  };
}"""
"""The browser learns that work has begun only when it has cancelled it, as on a busy machine."""


def test_a_bad_file_is_told_and_the_page_goes_on(page, tmp_path, monkeypatch):
    """With a black-and-white photo, which says so, and with one that was taken away and does not come back."""
    (tmp_path / "bad.jpg").write_bytes(b"this is no photograph")
    upload(page, tmp_path / "bad.jpg")
    expect(page.locator("#question-text")).to_contain_text("bad.jpg is not a picture that can be read")
    expect(page.locator("#waiting")).to_be_visible()
    expect(page.locator("#working")).to_be_hidden()
    expect(page.locator("#photo [aria-dropeffect]")).to_be_visible()  # the input takes the next one at once
    expect(page.locator("#photo img")).to_have_count(0)
    expect(page.locator("#question-text")).to_contain_text("bad.jpg is not a picture that can be read")
    colour_photo(80, 50).convert("L").save(tmp_path / "bw.jpg")
    page.locator("#photo").evaluate(DROP, ["bw.jpg", [*(tmp_path / "bw.jpg").read_bytes()]])
    expect(page.locator("#question-text")).to_be_hidden()
    expect(page.locator("#photo img")).to_have_css("visibility", "visible")
    assert natural_size(page, "colour") == [80, 50]
    expect(page.locator("#working")).to_be_hidden()
    expect(page.locator("#no-truth")).to_contain_text("No original colours")
    expect(page.locator("#no-truth")).to_be_visible()
    expect(page.locator(".stage-pane")).to_have_count(2)
    expect(page.locator("#figures")).to_be_hidden()
    page.get_by_label("Remove Image").click()
    expect(page.locator("#waiting")).to_be_visible()

    colour_photo(50, 40).save(tmp_path / "slow.png")
    page.evaluate(LEARNS_LATE)
    for place, name in ((Shelf, "answer"), (handlers, "request_of")):  # while it is coloured, and just before
        entered, go_on, now = threading.Event(), threading.Event(), getattr(place, name)

        def slow(*arguments, now=now, entered=entered, go_on=go_on):
            entered.set()
            go_on.wait(20)
            return now(*arguments)

        with monkeypatch.context() as patch:
            patch.setattr(place, name, slow)
            upload(page, tmp_path / "slow.png")
            expect(page.locator("#working")).to_have_text("Colouring …")
            expect(page.locator("#working")).to_be_visible()
            assert entered.wait(30)
            page.get_by_label("Remove Image").click()
            expect(page.locator("#working")).to_be_hidden()
            expect(page.locator("#waiting")).to_be_visible()
            go_on.set()
            page.wait_for_timeout(1500)
        expect(page.locator("#waiting")).to_be_visible()
        expect(page.locator(".stage-pane")).to_have_count(0)


def test_examples_architectures_and_sliders(page):
    page.locator("#examples button").first.click()
    size = list(Image.open(example_photos(EXAMPLES)[0]).size)
    assert natural_size(page, "colour") == size
    unfold(page, "Fine control")
    expect(page.locator("#temperature")).to_be_visible()
    choose_network(page, "resnet18-decoder")
    expect(page.locator("#time")).to_contain_text("resnet18-decoder")
    expect(page.locator("#temperature")).to_be_hidden()
    first = page.locator("#colour img").get_attribute("src")
    pull(page, "look")
    page.locator("#saturation input[type=number]").fill("0")
    page.locator("#saturation input[type=number]").press("Enter")
    expect(page.locator("#colour img")).not_to_have_attribute("src", first)


def test_a_negative_is_inverted_when_the_visitor_says_so(page, tmp_path):
    with Image.open(EXAMPLES / "china.jpg") as photo:
        ImageOps.invert(photo.convert("L")).save(tmp_path / "negative.png")
    upload(page, tmp_path / "negative.png")
    expect(page.locator("#question")).to_contain_text("looks like a negative")
    expect(page.locator("#show-partial")).to_be_hidden()
    before = page.locator("#gray img").get_attribute("src")
    page.get_by_role("button", name="Invert it").click()
    expect(page.locator("#question")).to_be_hidden()
    expect(page.locator("#gray img")).not_to_have_attribute("src", before)
    colour_photo(60, 40).save(tmp_path / "next.png")
    upload(page, tmp_path / "next.png")
    page.wait_for_function("document.querySelector('#colour img')?.naturalWidth === 60")
    pull(page, "look")
    expect(page.locator("#invert input")).not_to_be_checked()


DROP = """(place, [name, bytes]) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([new Uint8Array(bytes)], name));
    place.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
}"""
"""Drops a file to which the browser gives no type."""


def test_the_server_decides_what_is_a_photo(page):
    """Files without a type are taken, whether chosen or dropped, and what is none gets our own sentence."""
    chosen, dropped = io.BytesIO(), io.BytesIO()
    colour_photo(300, 200).save(chosen, "JPEG")
    colour_photo(200, 300).save(dropped, "JPEG2000", no_jp2=False)

    def choose(name, content):
        page.locator("#photo input[type=file]").set_input_files({"name": name, "mimeType": "", "buffer": content})

    page.locator("#photo [aria-dropeffect]").first.evaluate(DROP, ["IMG_0042.JPX", [*dropped.getvalue()]])
    assert natural_size(page, "colour") == [200, 300]
    choose("scan0005", chosen.getvalue())
    page.wait_for_function("document.querySelector('#colour img')?.naturalWidth === 300")
    choose("notes.txt", b"no picture")
    expect(page.get_by_text("notes.txt is not a picture that can be read")).to_be_visible()
    expect(page.get_by_text("Invalid file type")).to_have_count(0)


@pytest.mark.full
def test_a_photo_is_pasted(page):
    buffer = io.BytesIO()
    colour_photo(70, 40).save(buffer, "PNG")
    page.evaluate(
        """bytes => {
            const data = new DataTransfer();
            data.items.add(new File([new Uint8Array(bytes)], 'pasted.png', { type: 'image/png' }));
            document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }));
        }""",
        list(buffer.getvalue()),
    )
    assert natural_size(page, "colour") == [70, 40]


@pytest.mark.full
def test_a_photo_chosen_while_another_fails_has_its_turn(page, tmp_path, monkeypatch):
    entered, go_on, open_any = threading.Event(), threading.Event(), Shelf.open

    def slow(shelf, file, *more):
        if str(getattr(file, "path", file)).endswith("bad.jpg"):
            entered.set()
            go_on.wait(20)
        return open_any(shelf, file, *more)

    monkeypatch.setattr(Shelf, "open", slow)
    (tmp_path / "bad.jpg").write_bytes(b"this is no photograph")
    colour_photo(80, 50).save(tmp_path / "good.png")
    upload(page, tmp_path / "bad.jpg")
    assert entered.wait(30)
    page.wait_for_timeout(500)
    upload(page, tmp_path / "good.png")
    page.wait_for_timeout(1000)
    go_on.set()
    assert natural_size(page, "colour") == [80, 50]

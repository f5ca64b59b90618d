"""The places of things on the first tab, at every width that a window may have."""

import itertools
import re

import pytest
from conftest import colour_photo, wait_for
from playwright.sync_api import expect

from colorizer.colour.readout import PRESETS

from ..visit import EXAMPLES, look_at_all, natural_size, pull, pull_all, upload

pytestmark = pytest.mark.browser

MEASURED = """() => {
  const box = (node) => { const at = node.getBoundingClientRect(); return [at.left, at.top, at.right, at.bottom]; };
  const room = document.querySelector('#stage .stage-room');
  return {
    room: box(room), scrolls: document.documentElement.scrollWidth - innerWidth,
    high: document.querySelector('#stage .stage-panes').clientHeight,
    views: [...document.querySelectorAll('#stage .stage-pane .stage-view')].map(box),
    captions: [...document.querySelectorAll('#stage .stage-pane figcaption')].map(box),
    covered: [...document.querySelectorAll('#input button')].filter((node) => {
      const [left, top, right, bottom] = box(node);
      const [x, y] = [(left + right) / 2, (top + bottom) / 2];
      const edges = [[x, top + 2], [x, bottom - 2], [left + 2, y], [right - 2, y]];
      return new Set(edges.map(([x, y]) => node.contains(document.elementFromPoint(x, y)))).size > 1;
    }).map((node) => node.ariaLabel),
    examples: [...document.querySelectorAll('#examples button')].filter(
      (node) => node.offsetParent && box(node)[3] < box(room)[1]).length,
  };
}"""
CAPTION = 34


def overlap(one, other):
    across, down = (min(one[i + 2], other[i + 2]) - max(one[i], other[i]) for i in (0, 1))
    return min(across, down)


def settled(page):
    """The places of things, once nothing moves any more."""
    seen, before = page.evaluate(MEASURED), None
    while seen != before:
        page.wait_for_timeout(300)
        before, seen = seen, page.evaluate(MEASURED)
    return seen


@pytest.mark.parametrize("page", [(390, 844)], indirect=True)
def test_on_a_phone_the_looks_stay_where_they_are_whatever_the_pictures_shape(page, tmp_path):
    places = set()
    for name, size, mode in (("wide", (300, 200), "RGB"), ("high", (200, 300), "RGB"), ("gray", (300, 130), "L")):
        colour_photo(*size).convert(mode).save(tmp_path / f"{name}.png")
        upload(page, tmp_path / f"{name}.png")
        expect(page.locator("#colour img")).to_have_attribute("src", re.compile(name))
        expect(page.locator(f"#preset img[src*='{name}']")).to_have_count(len(PRESETS))
        places.add(round(page.locator("#preset").bounding_box()["y"]))
    assert len(places) == 1
    assert places.pop() < 844 - 100


NAMELESS = """() => [...document.querySelectorAll('button')].filter((node) => node.offsetParent &&
  !node.textContent.trim() && !node.querySelector('img') && !node.title).map((node) => node.outerHTML.slice(0, 200))"""


@pytest.mark.parametrize("page", [{"size": (1440, 900)}], indirect=True)
def test_pictures_are_large_and_whole_at_every_width_and_looks_stay_where_they_are(page, monkeypatch):
    upload(page, EXAMPLES / "coffee.jpg")
    assert natural_size(page, "colour") == [600, 400]
    expect(page.locator(".stage-pane")).to_have_count(3)
    page.wait_for_function(f"({NAMELESS})().length === 0")  # every icon has a tooltip
    for width in (320, 390, 480, 600, 640, 700, 768, 820, 960, 1000, 1024, 1100, 1280, 1440, 1700, 1920, 2560):
        page.set_viewport_size({"width": width, "height": 900})
        seen = settled(page)
        room = seen["room"]
        alone = min(room[2] - room[0], (seen["high"] - CAPTION) * 1.5)
        assert seen["scrolls"] <= 0, width
        assert not seen["covered"], (width, seen["covered"])
        assert width < 1000 or seen["examples"] >= 7, width
        largest = max(box[2] - box[0] for box in seen["views"])
        assert width > 800 or largest > 0.4 * width, width  # there the page may scroll
        boxes = [*seen["views"], *seen["captions"]]
        for box in seen["views"]:
            assert box[2] - box[0] >= 0.45 * min(alone, room[2] - room[0]) - 2, (width, box)
        for i, box in enumerate(boxes):
            assert room[0] - 1 <= box[0] < box[2] <= room[2] + 1, (width, box)
            assert room[1] - 1 <= box[1] < box[3] <= room[3] + 1, (width, box)
            for other in boxes[:i]:
                assert overlap(box, other) <= 1, (width, box, other)
    page.set_viewport_size({"width": 1440, "height": 900})
    settled(page)
    place = page.locator("#preset").bounding_box()["y"]
    for part in itertools.chain(look_at_all(page), pull_all(page)):
        assert page.locator("#preset").bounding_box()["y"] == pytest.approx(place, abs=2), part
    pull(page, "save")
    expect(page.locator("#export-page")).to_be_in_viewport(ratio=1)  # the last in the drawer
    monkeypatch.setattr("colorizer.inference.negative.looks_negative", lambda photo: True)
    upload(page, EXAMPLES / "camera.jpg")
    expect(page.locator("#question button")).to_be_visible()
    assert page.locator("#preset").bounding_box()["y"] == pytest.approx(place, abs=2), "a question"


def header_is_low(page):
    boxes = [page.locator(part).bounding_box() for part in ("#header", ".tab-wrapper", "#language")]
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return max(box["y"] + box["height"] for box in boxes) <= 64 and wide <= 0


BESIDE = """() => {
    const [upload, drawer] = ['#input', '#drawer'].map((name) => document.querySelector(name).getBoundingClientRect());
    return drawer.width && (upload.right <= drawer.left || upload.bottom <= drawer.top);
}"""


def test_before_the_first_photo_the_drawer_stands_beside_the_upload_and_the_header_is_low_on_a_phone(page):
    for width in (320, 390, 600):
        page.set_viewport_size({"width": width, "height": 844})
        wait_for(lambda: header_is_low(page))
    page.set_viewport_size({"width": 1400, "height": 900})
    pull(page, "network")
    for width in (1440, 1000, 900):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_function(BESIDE)  # at once, but not while a busy page opens the drawer


DROP = """async ([name, bytes, selector]) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([new Uint8Array(bytes)], name, { type: 'image/jpeg' }));
    const place = document.querySelector(selector ?? '[role=tabpanel]:not([style*="display: none"])') ?? document.body;
    place.dispatchEvent(new DragEvent('dragover', { dataTransfer, bubbles: true, cancelable: true }));
    document.body.dataset.dropping = document.body.classList.contains('dropping');
    place.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
}"""


def test_the_whole_page_takes_a_photo_in_every_tab(page):
    page.get_by_role("tab", name="About").click()
    page.evaluate(DROP, ["dropped.jpg", [*(EXAMPLES / "camera.jpg").read_bytes()]])
    assert page.evaluate("document.body.dataset.dropping") == "true"
    assert not page.evaluate("document.body.classList.contains('dropping')")
    expect(page.get_by_role("tab", name="One photo")).to_have_attribute("aria-selected", "true")
    expect(page.locator("#colour img")).to_have_attribute("src", re.compile("dropped"))
    strip, photo = page.locator("#roll .roll-open"), [*(EXAMPLES / "camera.jpg").read_bytes()]
    page.get_by_role("tab", name="Show").click()
    page.locator("#show").wait_for()
    page.evaluate(DROP, ["shown.jpg", photo, "#show"])
    expect(strip).to_have_text(["dropped", "shown"])
    expect(page.get_by_role("tab", name="Show")).to_have_attribute("aria-selected", "true")
    page.get_by_role("tab", name="Many photos").click()
    for place, count in (
        ("#many-waiting", 3),
        ("#many-files", 4),
    ):  # the second time, the list of files is in its place
        page.evaluate(DROP, [f"{count}.jpg", photo, place])
        expect(page.locator("#many-chosen")).to_contain_text(f"Photographs to colour: {count}")

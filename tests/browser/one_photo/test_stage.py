"""The stage, its looks and its drawer, as a visitor uses them in a real Chromium."""

import re

import pytest
from conftest import colour_photo, representing, wait_for
from playwright.sync_api import expect

from ..visit import arrive, give_photo, look_at, look_closely, natural_size, pull, put, upload
from .picker import changed

pytestmark = pytest.mark.browser

LAPTOP, PHONE = (1366, 768), (390, 844)
SIDE_BY_SIDE = """() => {
    const boxes = [...document.querySelectorAll('.stage-view')].map(each => each.getBoundingClientRect());
    const shown = boxes.filter(box => box.width > 0);
    return shown.every((box, i) => !i || box.left >= shown[i - 1].right);
}"""


def boxes(page, selector):
    return [each.bounding_box() for each in page.locator(selector).all()]


def test_side_by_side_a_divider_and_one_large_picture(shown):
    """Escape there closes first what lies above, then the drawer."""
    page = shown
    page.wait_for_function(SIDE_BY_SIDE)
    panes = boxes(page, ".stage-view:visible")
    assert len(panes) == 3
    assert len({round(pane["y"]) for pane in panes}) == len({round(pane["width"]) for pane in panes}) == 1
    captions = page.locator(".stage-pane figcaption")
    assert captions.all_inner_texts() == ["Grayscale", "In colour · click to correct", "Original"]
    assert all(
        caption["y"] >= panes[0]["y"] + panes[0]["height"] - 1 for caption in boxes(page, ".stage-pane figcaption")
    )
    expect(page.locator("#figures")).to_contain_text("Plain gray")
    expect(page.locator("#time")).to_contain_text("300 × 200 pixels")
    expect(page.locator("#no-truth")).to_be_hidden()
    look_at(page, "Before and after")
    expect(page.locator(".stage-view:visible")).to_have_count(1)
    (view,) = boxes(page, ".stage-view:visible")
    assert view["width"] > 1.3 * panes[0]["width"]
    page.mouse.move(view["x"] + view["width"] * 0.5, view["y"] + 40)
    page.mouse.down()
    page.mouse.move(view["x"] + view["width"] * 0.25, view["y"] + 40, steps=4)
    page.mouse.up()
    at = "node => parseFloat(node.style.getPropertyValue('--at'))"
    wait_for(lambda: page.locator(".stage-compare").evaluate(at) == pytest.approx(25, abs=1))
    page.get_by_role("combobox", name="Left", exact=True).select_option("Original")
    expect(page.locator(".stage-left")).to_have_text("Original")
    page.get_by_role("combobox", name="Right", exact=True).select_option("resnet18-decoder")
    expect(page.locator(".stage-right")).to_have_text("resnet18-decoder")
    page.get_by_role("combobox", name="Left", exact=True).select_option("In colour")
    expect(page.locator(".stage-left")).to_have_text("In colour · mobile-unet")
    look_closely(page)
    expect(page.locator(".picker-plane")).to_be_visible()
    expect(page.locator(".stage-view").first).to_be_hidden()
    pull(page, "network")
    drawer, picker = page.locator("#drawer"), page.locator(".picker-panel")
    page.locator(".picker-ring").click()
    expect(picker).to_be_visible()
    page.keyboard.press("Escape")
    expect(picker).to_be_hidden()
    expect(drawer).to_be_visible()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()


@pytest.mark.parametrize("page", representing([LAPTOP, PHONE], [LAPTOP]), indirect=True)
def test_a_portrait_is_whole_at_the_divider_too(page, tmp_path):
    give_photo(page, tmp_path, (200, 300))
    look_at(page, "Before and after")
    expect(page.locator(".stage-view:visible")).to_have_count(1)
    (view,), (caption,) = boxes(page, ".stage-view:visible"), boxes(page, ".stage-compare figcaption")
    (room,), (bar,) = boxes(page, ".stage-room"), boxes(page, ".stage-bar")
    assert view["y"] >= room["y"] - 1, "its head is cut off"
    assert view["height"] / view["width"] == pytest.approx(1.5, abs=0.02)
    assert caption["y"] + caption["height"] <= room["y"] + room["height"] + 1
    assert caption["height"] < 50
    assert page.viewport_size != {"width": LAPTOP[0], "height": LAPTOP[1]} or bar["height"] < 60, "two lines of buttons"


@pytest.mark.full
def test_all_pictures_zoom_and_move_in_step(shown):
    page = shown

    def seen():
        images = page.locator(".stage-pane img")
        # Without motion, a change takes a hundredth of a millisecond, but until the next frame.
        images.evaluate_all("all => Promise.all(all.flatMap(each => each.getAnimations()).map(each => each.finished))")
        return images.evaluate_all("images => images.map(image => getComputedStyle(image).transform)")

    def scale():
        (matrix,) = set(seen())
        return float(re.match(r"matrix\(([\d.]+)", matrix)[1]) if matrix != "none" else 1.0

    assert scale() == 1
    view = page.locator(".stage-view").first.bounding_box()
    middle = (view["x"] + view["width"] / 2, view["y"] + view["height"] / 2)
    page.mouse.move(*middle)
    page.mouse.wheel(0, -400)
    expect(page.locator(".stage-whole")).not_to_have_text("100 %")
    assert scale() > 1.5
    before = seen()
    page.mouse.down()
    page.mouse.move(middle[0] - 30, middle[1] - 10, steps=3)
    page.mouse.up()
    assert len(set(seen())) == 1
    assert seen() != before
    page.mouse.dblclick(*middle)
    expect(page.locator(".stage-whole")).to_have_text("100 %")
    page.locator(".stage-panes").focus()
    page.keyboard.press("+")
    assert scale() == pytest.approx(1.5)
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("-")
    assert scale() == 1
    page.locator(".stage-in").click()
    page.keyboard.press("0")
    assert scale() == 1


@pytest.mark.full
def test_another_photo_is_whole_at_first(shown, tmp_path):
    page = shown
    page.locator(".stage-in").click()
    expect(page.locator(".stage-whole")).to_have_text("150 %")
    page.locator("#preset label").nth(1).click()  # the same photo stays as it is
    page.wait_for_timeout(1500)
    expect(page.locator(".stage-whole")).to_have_text("150 %")
    colour_photo(200, 300, seed=5).save(tmp_path / "b.png")
    changed(page, lambda: upload(page, tmp_path / "b.png"))
    expect(page.locator(".stage-whole")).to_have_text("100 %")


@pytest.mark.full
def test_a_new_photo_stands_side_by_side_but_a_link_comes_first(shown, url, tmp_path):
    page = shown
    look_at(page, "Before and after")
    colour_photo(90, 60, seed=4).save(tmp_path / "new.png")
    changed(page, lambda: upload(page, tmp_path / "new.png"))
    expect(page.locator("#view input:checked")).to_have_value("side")
    expect(page.locator("#colour img")).to_be_visible()
    arrive(page, f"{url}?view=picture&example=coffee")
    natural_size(page, "colour")
    expect(page.locator("#view input:checked")).to_have_value("picture")


@pytest.mark.parametrize("page", [LAPTOP], indirect=True)
def test_on_a_laptop_nothing_that_matters_is_below_the_fold(page, tmp_path):
    """Not before there is a photo either: what is on the stage then is a result."""
    expect(page.locator("#waiting img")).to_have_count(2)
    page.wait_for_function("[...document.querySelectorAll('#waiting img')].every(image => image.naturalWidth === 768)")
    expect(page.locator("#waiting figcaption")).to_contain_text("Walt Whitman")
    expect(page.locator("#waiting .first-line")).to_be_visible()
    stage, drop = page.locator("#waiting").bounding_box(), page.locator("#photo").bounding_box()
    assert stage["y"] < drop["y"]
    assert drop["y"] + drop["height"] < stage["y"] + stage["height"], "the photo goes onto the stage"
    put(page, tmp_path)
    shown = (".stage-pane", ".stage-pane figcaption", "#preset label", "#download", "#photo img", ".drawer-bar button")
    for what in shown:
        wait_for(lambda what=what: all(0 <= box["y"] <= LAPTOP[1] - box["height"] for box in boxes(page, what)))
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.mark.parametrize("page", [PHONE], indirect=True)
def test_on_a_phone_the_upload_comes_first_then_the_result_then_looks_on_the_open_drawer(page, tmp_path):
    drop, first = page.locator("#photo").bounding_box(), page.locator("#waiting").bounding_box()
    assert drop["y"] + drop["height"] <= first["y"]
    assert drop["y"] + drop["height"] < PHONE[1]
    put(page, tmp_path)
    colour = page.locator("#colour .stage-view")
    wait_for(lambda: 0 <= colour.bounding_box()["y"] < PHONE[1] - 60 - colour.bounding_box()["height"])
    assert colour.bounding_box()["width"] > 300
    assert page.locator("#colour").bounding_box()["y"] < page.locator("#gray").bounding_box()["y"]
    page.locator(".drawer-bar [data-part=look]").click()
    expect(page.get_by_role("button", name="Fine control")).to_be_visible()
    (drawer,), (bar,) = boxes(page, "#drawer"), boxes(page, ".drawer-bar")
    assert drawer["y"] > PHONE[1] * 0.3
    assert drawer["y"] + drawer["height"] == pytest.approx(bar["y"], abs=12)
    page.locator(".look:has([value=warm])").click()  # which nothing covers
    expect(page.locator(".look:has([value=warm])")).to_have_class(re.compile("selected"))
    looks, drawer, picture = (page.locator(each).bounding_box() for each in ("#preset", "#drawer", "#colour img"))
    assert picture["y"] + picture["height"] * 0.9 < looks["y"]
    assert looks["y"] + looks["height"] == pytest.approx(drawer["y"], abs=2)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.locator("#drawer .label-wrap").first.focus()
    page.keyboard.press("Escape")
    expect(page.locator("#drawer")).to_be_hidden()
    expect(page.locator(".drawer-bar [data-part=look]")).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.locator("#drawer")).to_be_hidden()


@pytest.mark.full
def test_a_photo_can_be_shared_where_the_device_can(page, tmp_path):
    page.add_init_script(
        "navigator.canShare = () => true;"
        "navigator.share = async ({ files }) => { window.given = [files[0].name, files[0].type, files[0].size]; };"
    )
    page.reload()
    give_photo(page, tmp_path, (80, 50))
    page.get_by_role("button", name="Share").click()
    page.wait_for_function("window.given")
    name, kind, size = page.evaluate("window.given")
    assert (name, kind) == ("a-colorized.png", "image/png")
    assert size > 1000

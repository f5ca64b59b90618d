"""The photo, its settings and its corrections are there again, whatever happened, at whatever moment."""

import random
import re

import pytest
from conftest import colour_photo, wait_for
from PIL import Image
from playwright.sync_api import expect

from ..visit import arrive, look_closely, serve, unfold, upload, wait_until_kept
from .picker import changed, click

pytestmark = pytest.mark.browser

SEED = 36
IN_ADDRESS = re.compile("#photo=[0-9a-f]{16}$")


class House:
    """A server that is started again at the same address, over the same cache."""

    def __init__(self, networks):
        self.networks, self.port = networks, None
        self.start()

    def start(self):
        self._serving = serve(self.networks, self.port)
        self.address = self._serving.__enter__()
        self.port = int(self.address.rstrip("/").rpartition(":")[2])

    def stop(self):
        self._serving.__exit__(None, None, None)


@pytest.fixture(scope="module")
def house(networks):
    house = House(networks)
    yield house
    house.stop()


@pytest.fixture(scope="module")
def url(house):
    return house.address


class Work:
    """A visitor's work so far: by photo the look that they chose, and how many corrections they gave."""

    def __init__(self, page, house, folder, chance):
        self.page, self.house, self.folder, self.chance = page, house, folder, chance
        self.done: dict[str, tuple[str, int]] = {}
        self.now = ""

    def another(self):
        name = f"photo{len(self.done)}.png"
        colour_photo(300, 200, seed=len(self.done)).save(self.folder / name)
        before = self.page.url
        upload(self.page, self.folder / name)
        expect(self.page).not_to_have_url(before)
        expect(self.page).to_have_url(IN_ADDRESS)
        look = self.done[self.now][0] if self.now else "natural"  # a new photo is shown as the last one was
        self.now, self.done[name] = name, (look, 0)

    def another_look(self):
        look = self.chance.choice(["vivid", "faded", "warm"])
        self.page.locator(f"#preset input[value={look}]").check(force=True)
        self.done[self.now] = (look, self.done[self.now][1])

    def correct(self):
        look, count = self.done[self.now]
        look_closely(self.page)
        click(self.page, 0.2 + 0.15 * count, 0.5)
        self.page.locator(".picker-swatch").nth(self.chance.randrange(3)).click()
        expect(self.page.locator(".picker-dot")).to_have_count(count + 1)
        self.done[self.now] = (look, count + 1)

    def reload(self):
        self.page.reload()

    def leave_and_come_back(self):
        self.page.goto(self.house.address + "/robots.txt")
        self.page.go_back()

    def start_again(self):
        self.house.stop()
        self.house.start()
        self.page.reload()

    def expect_all(self):
        """All is as the visitor left it."""
        look, count = self.done[self.now]
        page = self.page
        expect(page.locator(f"#photo img[src*='{self.now}']")).to_be_visible()
        page.wait_for_function("document.querySelector('#colour img')?.naturalWidth > 0")  # hidden where one corrects
        expect(page.locator(f"#preset input[value={look}]")).to_be_checked()
        expect(page.locator(".picker-dot")).to_have_count(count)


@pytest.mark.parametrize("times", [3, pytest.param(30, marks=pytest.mark.full)])
def test_reloads_backs_and_restarts_at_random_moments_lose_nothing(page, house, tmp_path, times):
    """Each of these at first, then any of them."""
    chance = random.Random(SEED + times)
    work = Work(page, house, tmp_path, chance)
    work.another()
    work.expect_all()
    ways = [work.reload, work.leave_and_come_back, work.start_again]
    for number in range(times):
        corrected = work.done[work.now][1]
        chance.choice([work.another_look, work.correct if corrected < 4 else work.another, work.another])()
        page.wait_for_timeout(chance.uniform(300, 2000))
        (ways[number] if number < len(ways) else chance.choice(ways))()
        work.expect_all()
    arrive(page, house.address)
    expect(page.locator("#kept .roll-open")).to_have_count(len(work.done))


def test_back_leads_to_the_tab_before_and_to_the_photo_before(page, house, tmp_path):
    work = Work(page, house, tmp_path, random.Random(SEED))
    work.another()
    work.expect_all()
    work.another_look()
    work.another()
    work.expect_all()
    page.get_by_role("tab", name="About").click()
    expect(page).to_have_url(re.compile(r"\?tab=about#photo="))
    page.reload()
    tab = page.get_by_role("tab", selected=True)
    expect(tab).to_have_text("About")
    page.go_back()
    expect(tab).to_have_text("One photo")
    work.expect_all()
    page.go_back()
    work.now = "photo0.png"
    work.expect_all()
    page.go_forward()
    work.now = "photo1.png"
    work.expect_all()
    uploads = []
    page.on("request", lambda request: uploads.append(request.url) if "/upload" in request.url else None)
    page.get_by_role("tab", name="About").click()
    expect(page).to_have_url(re.compile(r"\?tab=about#photo="))
    page.go_back()
    expect(tab).to_have_text("One photo")
    page.wait_for_timeout(1000)
    work.expect_all()
    assert not uploads, "the photo was on the page already"


SECRET = "sessionStorage.getItem('colorizer-album')"


def test_an_album_has_its_corrections_after_a_restart_and_a_duplicated_tab_has_an_album_of_its_own(
    page, house, tmp_path
):
    for number in range(2):
        colour_photo(300, 200, seed=number).save(tmp_path / f"{number}.png")
    page.get_by_role("tab", name="Many photos").click()
    page.locator("#many-files input[type=file]").set_input_files([tmp_path / "0.png", tmp_path / "1.png"])
    photos, dots = page.locator("#roll .roll-open"), page.locator(".picker-dot")
    expect(page.locator("#many-chosen")).to_contain_text("Photographs to colour: 2")
    expect(photos).to_have_count(2)
    photos.first.click()
    page.wait_for_function("document.querySelector('#colour img')?.naturalWidth > 0")
    look_closely(page)
    click(page, 0.3, 0.5)
    page.locator(".picker-swatch").first.click()
    expect(dots).to_have_count(1)
    unfold(page, "Colours like")
    page.locator("#like").get_by_text("A picture").click()
    Image.new("RGB", (30, 30), "red").save(tmp_path / "red.png")
    changed(page, lambda: page.locator("#reference input[type=file]").set_input_files(tmp_path / "red.png"))
    wait_until_kept(page, "work.reference && work.request?.like === 'picture'")
    page.get_by_role("tab", name="Show").click()
    expect(page).to_have_url(re.compile(r"\?tab=show#photo="))
    address = page.url
    page.goto("about:blank")  # or Gradio loads the page again by itself
    house.stop()
    house.start()
    arrive(page, address)
    expect(page.locator("#show .show-count")).to_have_text("1 of 2")
    page.get_by_role("tab", name="Many photos").click()
    expect(page.locator("#many-chosen")).to_contain_text("Photographs to colour: 2")
    expect(photos).to_have_count(2)
    photos.first.click()
    expect(dots).to_have_count(1)
    expect(page.locator("#reference img[src*='red.png']")).to_have_count(1)
    expect(page.locator("#figures")).to_contain_text("a picture")
    changed(page, page.locator("#reference").get_by_label("Remove Image").click)
    wait_until_kept(page, "work.request && !work.reference")
    with page.expect_popup() as opened:
        page.evaluate("window.open('?tab=many')")
    other = opened.value
    expect(other.locator("#many-chosen")).to_contain_text("Photographs to colour: 2")
    wait_for(lambda: other.evaluate(SECRET) not in (None, page.evaluate(SECRET)))

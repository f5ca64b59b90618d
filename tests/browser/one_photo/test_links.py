"""Permalinks that visitors follow, in a real Chromium."""

import re

import pytest
from playwright.sync_api import expect

from ..visit import example, natural_size

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    "page", [{"query": "?example=coffee&checkpoint=mobile-unet&preset=vivid&lang=it&__theme=dark"}], indirect=True
)
def test_a_link_opens_the_picture_with_its_settings(page, passes):
    assert natural_size(page, "colour") == [600, 400]
    expect(page.locator("#colour img")).to_have_attribute("src", re.compile(r"coffee-colorized"))
    assert natural_size(page, "photo") == [600, 400]
    expect(page.locator("#preset label.selected")).to_have_text("Vivace")
    expect(page.locator("#figures")).to_contain_text("(vivace)")
    expect(page.locator("#checkpoint label.selected")).to_have_text("mobile-unet · mai misurato")
    expect(page.locator("#download")).to_be_enabled()
    assert page.evaluate("document.body.classList.contains('dark')")
    assert passes == [0]
    example(page, "astronaut").click()  # and the page goes on
    expect(page.locator("#colour img")).to_have_attribute("src", re.compile("astronaut"))


@pytest.mark.full
@pytest.mark.parametrize("page", [{"query": "?example=tea&preset=bold<b>&view=versions&lang=es"}], indirect=True)
def test_unknown_names_are_told_and_the_page_goes_on(page):
    toasts = page.locator("[data-testid=toast-body]")
    expect(toasts).to_contain_text("La página no conoce «example=tea»")
    expect(toasts).to_contain_text("La página no conoce «preset=bold<b>»")
    expect(page.locator("#waiting")).to_be_visible()
    example(page, "astronaut").click()
    expect(page.locator("#version-grid .caption-label")).to_have_count(4)

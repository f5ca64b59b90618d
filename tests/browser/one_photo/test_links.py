"""Permalinks that visitors follow and copy, in a real Chromium."""

import re

import pytest
from conftest import colour_photo
from playwright.sync_api import expect

from ..visit import example, look_at, natural_size, pull, speak, upload

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
    expect(page.locator("#checkpoint input")).to_have_value("mobile-unet · mai misurato")
    expect(page.locator("#download")).to_be_enabled()
    assert page.evaluate("document.body.classList.contains('dark')")
    assert passes == [0]
    example(page, "astronaut").click()  # and the page goes on
    expect(page.locator("#colour img")).to_have_attribute("src", re.compile("astronaut"))


@pytest.mark.full
@pytest.mark.parametrize("page", [{"query": "?example=tea&preset=bold<b>&view=versions&lang=es"}], indirect=True)
def test_unknown_names_are_told_and_the_page_goes_on(page):
    toasts = page.locator("[data-testid=toast-body]")
    expect(toasts).to_contain_text("«example=tea» no significa nada aquí")
    expect(toasts).to_contain_text("«preset=bold<b>» no significa nada aquí")
    expect(page.locator("#waiting")).to_be_visible()
    example(page, "astronaut").click()
    expect(page.locator("#version-grid .caption-label")).to_have_count(4)


def copied(page):
    return page.evaluate("navigator.clipboard.readText()")


@pytest.mark.full
@pytest.mark.parametrize(
    "page", [{"query": "?__theme=light&other=1", "permissions": ["clipboard-read", "clipboard-write"]}], indirect=True
)
def test_a_link_is_copied_and_opens_the_same(page):
    example(page, "coffee").click()
    natural_size(page, "colour")
    page.locator("#preset").get_by_text("Faithful", exact=True).click()
    expect(page.locator("#figures")).to_contain_text("(faithful)")
    look_at(page, "Before and after")
    pull(page, "save")
    page.locator(".link-copy").click()
    expect(page.locator(".link-status")).to_have_text("Copied. The address bar has it too.")
    assert page.url == copied(page) == page.locator(".link-field").input_value()
    parts = set(page.url.split("?")[1].split("&"))
    assert parts == {
        "__theme=light", "other=1", "example=coffee", "checkpoint=mobile-unet", "preset=faithful", "view=compare"
    }  # fmt: skip
    speak(page, "Русский")
    expect(page.locator(".link-status")).to_have_text("Скопировано. Ссылка есть и в адресной строке.")
    page.locator(".link-copy").click()
    page.wait_for_url("**lang=ru**")
    page.reload()
    expect(page.locator("#colour img")).to_have_attribute("src", re.compile("coffee"))
    expect(page.locator("#preset label.selected")).to_have_text("Мягко")
    expect(page.locator(".stage-compare")).to_be_visible()


@pytest.mark.full
@pytest.mark.parametrize("page", [{"permissions": ["clipboard-read", "clipboard-write"]}], indirect=True)
def test_the_same_link_is_copied_again(page):
    for _ in range(2):
        example(page, "coffee").click()
        natural_size(page, "colour")
        pull(page, "save")
        page.locator(".link-copy").dblclick()
        expect(page.locator(".link-status")).to_contain_text("Copied")
        page.get_by_label("Remove Image").click()
        expect(page.locator("#waiting")).to_be_visible()


@pytest.mark.full
def test_an_upload_stays_with_its_owner(page, tmp_path):
    colour_photo(60, 40).save(tmp_path / "secret.png")
    upload(page, tmp_path / "secret.png")
    natural_size(page, "colour")
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error()); }")
    pull(page, "save")
    page.locator(".link-copy").click()
    expect(page.locator(".link-status")).to_contain_text("copy it by hand")
    expect(page.locator(".link-status")).to_contain_text("Your own photograph is not in it")
    field = page.locator(".link-field")
    expect(field).to_be_focused()
    assert field.input_value().endswith("?checkpoint=mobile-unet&preset=natural")
    assert "secret" not in page.url

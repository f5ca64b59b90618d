"""The page in a visitor's language, in a real Chromium."""

import re
import time

import pytest
from conftest import representing, wait_for
from playwright.sync_api import expect

from colorizer.page.i18n import language as languages
from colorizer.page.i18n.texts import current_language

from .visit import give_photo, look_at, look_closely, speak, upload

pytestmark = pytest.mark.browser

RUSSIAN = {"locale": "ru-RU"}


def language(page):
    return page.evaluate("document.documentElement.lang")


def in_its_own_letters(page, selector):
    """Whether the letters of an element are those that the page brings, whatever fonts this machine has."""
    session = page.context.new_cdp_session(page)
    for domain in ("DOM", "CSS"):
        session.send(f"{domain}.enable")
    root = session.send("DOM.getDocument")["root"]["nodeId"]
    node = session.send("DOM.querySelector", {"nodeId": root, "selector": selector})["nodeId"]
    painted = session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
    return bool(painted) and all(font["isCustomFont"] for font in painted)


@pytest.mark.parametrize("page", [{"query": "?lang=it"}], indirect=True)
def test_the_address_beats_the_browser_and_a_choice_beats_both(page, tmp_path):
    expect(page.get_by_role("tab", name="Una foto")).to_be_visible()
    page.wait_for_function("document.documentElement.lang === 'it'")
    speak(page, "Русский")
    page.wait_for_function("document.documentElement.lang === 'ru'")
    expect(page.get_by_role("tab", name="Одно фото")).to_be_visible()
    page.wait_for_function("location.search.includes('lang=ru')")  # or a reload would undo the choice
    for selector in ("#heading h1", "[role=tab]", "#honesty p", ".drawer-bar button"):
        wait_for(lambda here=selector: in_its_own_letters(page, here))
    (tmp_path / "bad.jpg").write_bytes(b"this is no photograph")
    upload(page, tmp_path / "bad.jpg")
    expect(page.locator("#question-text")).to_contain_text("bad.jpg не удаётся прочесть как картинку")


@pytest.fixture
def hesitant(monkeypatch):
    """A page that is slow to send the words of any other language than Italian."""
    translations = languages.translations

    def slow(*arguments):
        time.sleep(1.5 if current_language() == "ru" else 0)
        return translations(*arguments)

    monkeypatch.setattr(languages, "translations", slow)


@pytest.mark.full
@pytest.mark.parametrize("page", [RUSSIAN], indirect=True)
def test_a_choice_in_the_first_second_holds(hesitant, page):
    speak(page, "Italiano")
    expect(page.get_by_role("tab", name="Una foto")).to_be_visible()
    page.wait_for_timeout(2000)
    expect(page.get_by_role("tab", name="Una foto")).to_be_visible()
    expect(page.locator("#language input")).to_have_value("Italiano")
    assert language(page) == "it"


@pytest.mark.full
@pytest.mark.parametrize("page", representing([(390, 800), (1400, 1000)], [(390, 800)]), indirect=True)
def test_nothing_is_lost_when_the_language_changes(page, tmp_path, passes):
    give_photo(page, tmp_path)
    look_closely(page)
    plane = page.locator(".picker-plane")
    box = plane.bounding_box()
    plane.click(position={"x": box["width"] * 0.3, "y": box["height"] * 0.4})
    page.locator(".picker-swatch").first.click()
    dot = page.locator(".picker-dot")
    expect(dot).to_have_count(1)
    expect(dot).to_have_attribute("title", re.compile("^Correction 1: [a-z ]+, 30 % from the left"))
    page.locator("#preset").get_by_text("Vivid").click()
    expect(page.locator("#figures")).to_contain_text("(vivid, 1 correction)")
    look_at(page, "Before and after")
    slider = page.locator(".stage-compare input")
    slider.fill("80")
    colour = page.locator("#colour img").get_attribute("src")
    ran = len(passes)
    speak(page, "Русский")
    expect(page.locator("#figures")).to_contain_text("(сочно, 1 поправка)")
    expect(page.locator("#figures")).to_contain_text("дБ")
    assert slider.input_value() == "80"
    expect(page.locator("#preset label.selected")).to_have_text("Сочно")
    expect(page.locator("#checkpoint label.selected")).to_have_text("mobile-unet · не измерен")
    look_at(page, "Выбор цвета")
    expect(dot).to_have_count(1)
    expect(dot).to_have_attribute("title", re.compile("^Поправка 1: [а-яё -]+, 30"))
    assert page.locator("#colour img").get_attribute("src") == colour
    assert len(passes) == ran
    expect(page.locator(".picker-status")).to_have_text("Выбрано цветов: 1")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0

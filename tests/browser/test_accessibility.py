"""The page for people who see little or nothing, on every tab: axe-core's rules, names, and what is read aloud."""

import re
from collections import Counter

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from conftest import colour_photo, representing
from playwright.sync_api import expect

from colorizer.page.i18n.texts import LANGUAGES, speaking, text
from colorizer.page.widgets.translated_html import GRADIO_WORDS

from .visit import each_state, each_tab, give_photo, look_at, look_at_all, pull_all, unfold_all, upload

pytestmark = pytest.mark.browser

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE = """async rules => {
    // What fades in or out has colours of its own for a moment.
    const short = (animation) => animation.effect.getComputedTiming().endTime < 1500;
    await Promise.allSettled(document.getAnimations().filter(short).map((animation) => animation.finished));
    return (await axe.run({ runOnly: rules, resultTypes: ['violations'] })).violations;
}"""
SIZES = ((1400, 1000), (390, 800))
LOOKS = [{"looks": {"color_scheme": theme}, "size": size} for theme in ("light", "dark") for size in SIZES]
looks = pytest.mark.parametrize(
    "page", representing(LOOKS, LOOKS[1:2]), indirect=True, ids=["light", "light-phone", "dark", "dark-phone"]
)


@pytest.mark.full
@looks
def test_axe_finds_nothing_serious(page, tmp_path):
    report = {}
    page.evaluate(AXE_SCRIPT)

    def check(state):
        report[state] = page.evaluate(AXE, RULES)

    for tab in each_tab(page):
        unfold_all(page)
        check(tab)
    give_photo(page, tmp_path, (640, 400))
    expect(page.locator("#download")).to_be_enabled()
    unfold_all(page)
    for view in look_at_all(page):
        check(view)
    look_at(page, "Side by side")  # axe also judges what lies under a drawer
    for part in pull_all(page):
        check(part)
    (tmp_path / "bad.jpg").write_bytes(b"this is no photograph")
    upload(page, tmp_path / "bad.jpg")
    expect(page.locator("#question-text [role=alert]")).to_be_visible()
    check("an error")
    told = [
        f"{state}: {found['id']} ({found['impact']}) {node['target']}: {node['failureSummary']}"
        for state, violations in report.items()
        for found in violations
        if found["impact"] in ("critical", "serious")
        for node in found["nodes"]
    ]
    assert not told, "\n".join(told)


def test_language_title_and_headings_and_that_axe_runs(page):
    """The rules really run: they report a page that was broken on purpose."""
    assert page.locator("html").get_attribute("lang") in LANGUAGES
    assert page.title()
    for tab in each_tab(page):
        assert page.locator("h1:visible").count() == 1, tab
        panel = page.get_by_role("tabpanel", name=tab, exact=True)
        expect(panel).to_be_visible()
        assert panel.get_attribute("id") == page.get_by_role("tab", selected=True).get_attribute("aria-controls")
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<button></button><img src=x>')")
    page.evaluate(AXE_SCRIPT)
    assert {"button-name", "image-alt"} <= {found["id"] for found in page.evaluate(AXE, RULES)}


@pytest.mark.full
def test_everything_to_press_has_a_name_of_its_own(page, tmp_path):
    """Reads the browser's accessibility tree, which axe does not read."""
    give_photo(page, tmp_path, (200, 120))
    expect(page.locator("#download")).to_be_enabled()
    session = page.context.new_cdp_session(page)
    for tab in each_state(page):
        nodes = [node for node in session.send("Accessibility.getFullAXTree")["nodes"] if not node["ignored"]]
        focusable = [node for node in nodes if any(p["name"] == "focusable" for p in node.get("properties", []))]
        names = [
            (node["role"]["value"], node.get("name", {}).get("value", ""))
            for node in focusable
            if node["role"]["value"] != "RootWebArea"
        ]
        assert len(names) > 5, tab
        assert not [role for role, name in names if not name.strip()], (tab, names)
        assert not [name for name, count in Counter(names).items() if count > 1], tab
        for group in page.locator(":is(fieldset, [role=group], [role=dialog]):visible").all():
            expect(group).to_have_accessible_name(re.compile(r"\S"))


@pytest.mark.full
def test_gallery_pictures_are_called_what_stands_below_them(page):
    first = page.locator("#examples button").first
    caption = first.locator(".caption-label").text_content()
    expect(first).to_have_accessible_name(caption)
    first.click()
    expect(first).to_have_attribute("aria-current", "true")
    page.locator("#examples button").nth(1).click()
    expect(first).not_to_have_attribute("aria-current", "true")


@pytest.mark.full
@pytest.mark.parametrize("page", [{"query": "?lang=it"}, {"query": "?lang=ru"}], indirect=True, ids=["it", "ru"])
def test_gradios_own_words_are_the_pages(page, request, tmp_path):
    """In a language into which Gradio is not translated, and in one into which it is."""
    with speaking(request.node.callspec.id):
        words = {english: str(text(key)) for english, key in GRADIO_WORDS.items()}
        photo = str(text("photo"))
    button = page.locator("#photo .source-selection button").first
    expect(button).to_have_accessible_name(f"{words['Upload file']}: {photo}")
    expect(page.locator("footer")).to_have_accessible_name(words["Gradio footer navigation"])
    page.get_by_role("tab").nth(1).click()
    (tmp_path / "bad.jpg").write_bytes(b"this is no photograph")
    page.locator("#compare-photo input[type=file]").set_input_files(tmp_path / "bad.jpg")
    expect(page.locator(".toast-title")).to_contain_text(words["Error"])
    expect(page.locator(".toast-close")).to_have_accessible_name(words["Close"])


@pytest.mark.full
def test_what_happens_is_read_aloud(page, tmp_path):
    voice = page.locator("#voice")
    expect(voice).to_have_attribute("role", "status")
    colour_photo(80, 50).save(tmp_path / "a.png")
    upload(page, tmp_path / "a.png")
    expect(voice).to_contain_text("Coloured in")
    expect(voice).to_contain_text("80 × 50 pixels")
    (tmp_path / "bad.jpg").write_bytes(b"this is no photograph")
    upload(page, tmp_path / "bad.jpg")
    expect(page.get_by_role("alert")).to_contain_text("bad.jpg is not a picture")
    for tab in each_tab(page):
        silent = page.locator("[id$=status]:visible:not(.announced, .announced *, [role=status], [aria-live])")
        assert silent.count() == 0, f"{tab}: elem_classes='announced' has a status line read aloud"

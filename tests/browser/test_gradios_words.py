"""Gradio's own parts of the page: its settings, and its buttons, in the page's words."""

import pytest
from playwright.sync_api import expect

from .visit import give_photo

pytestmark = pytest.mark.browser


TOLD = """() => {
    window.told = [];
    new MutationObserver((changes) => {
        for (const { target, oldValue } of changes)
            if (target.parentElement?.matches('.sr-only[role=status]')) told.push([oldValue, target.data]);
    }).observe(document, { subtree: true, characterData: true, characterDataOldValue: true });
}"""
"""Notes what screen readers are told."""


@pytest.mark.parametrize("page", [{"query": "?lang=de"}], indirect=True)
def test_gradio_speaks_as_the_page_does_and_offers_only_what_works_here(page, tmp_path):
    """No app to install, no film of the screen, no second choice of a language; and no key of a sentence for which
    Gradio has no words, as of the button that adds more files ("common.upload"), or of the end of its work
    ("common.complete")."""
    page.locator("footer .settings").click()
    settings = page.get_by_role("dialog", name="Einstellungen")
    expect(settings.get_by_role("heading")).to_have_count(2)
    expect(settings.get_by_role("heading").first).to_contain_text("Einstellungen")
    expect(settings.get_by_role("heading").last).to_have_text("Darstellung")
    for name in ("Hell", "Dunkel", "Wie auf diesem Gerät"):
        expect(settings.get_by_role("button", name=name)).to_be_visible()
    expect(settings.get_by_role("button")).to_have_count(4)
    settings.get_by_role("button", name="Dunkel").click()
    expect(page.locator("body.dark")).to_be_attached()
    page.locator("footer .settings").click()
    page.get_by_role("dialog").get_by_role("button", name="Schließen").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.evaluate(TOLD)
    give_photo(page, tmp_path)
    page.wait_for_function("told.some(([before, now]) => before === 'common.complete' && !now)")
    assert not page.evaluate("told.filter(([, now]) => now.includes('common.'))")
    page.get_by_role("tab", name="Viele Fotos").click()
    page.locator("#many-files input[type=file]").set_input_files(tmp_path / "a.png")
    expect(page.get_by_role("button", name="Dateien hinzufügen")).to_be_visible()
    assert page.locator("[aria-label*='common.'], [title*='common.']").count() == 0
    assert "common." not in page.locator("body").inner_text()

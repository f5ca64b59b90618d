"""Gradio's own parts of the page: its settings, and its buttons, in the page's words."""

import pytest
from conftest import colour_photo
from playwright.sync_api import expect

from .visit import give_photo

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("page", [{"query": "?lang=de"}], indirect=True)
def test_settings_offer_only_what_works_here(page):
    """No app to install, no film of the screen, and no second choice of a language."""
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


@pytest.mark.parametrize("page", [{"query": "?tab=many&lang=fr"}], indirect=True)
def test_no_key_of_gradios_sentences_is_seen(page, tmp_path):
    """Gradio has no word for the button that adds more files, and would show "common.upload"."""
    colour_photo(60, 40).save(tmp_path / "a.png")
    page.locator("#many-files input[type=file]").set_input_files(tmp_path / "a.png")
    expect(page.get_by_role("button", name="Ajouter des fichiers: Photos, films et fichiers ZIP")).to_be_visible()
    assert page.locator("[aria-label*='common.'], [title*='common.']").count() == 0
    assert "common." not in page.locator("body").inner_text()


def test_screen_readers_are_not_told_a_key(page, tmp_path):
    """Gradio has no word for the end of its work, either, and would announce "common.complete"."""
    page.evaluate("""() => {
        window.told = [];
        new MutationObserver((changes) => {
            for (const { target, oldValue } of changes)
                if (target.parentElement?.matches('.sr-only[role=status]')) told.push([oldValue, target.data]);
        }).observe(document, { subtree: true, characterData: true, characterDataOldValue: true });
    }""")
    give_photo(page, tmp_path)
    page.wait_for_function("told.some(([before, now]) => before === 'common.complete' && !now)")
    assert not page.evaluate("told.filter(([, now]) => now.includes('common.'))")

"""The site's page without a network: what a visitor sees before, or if it cannot be loaded."""

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import expect
from small_site import PIPELINE, write_package

from benchmarks.site.serving import served
from colorizer.page.i18n.texts import speaking, text
from colorizer.site.write import write_site

from ..test_accessibility import AXE, RULES

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site of a network that cannot run."""
    folder = tmp_path_factory.mktemp("small")
    write_site(folder / "site", PIPELINE, write_package(folder / "package"))
    with served(folder / "site") as site:
        yield site


def test_the_page_says_what_is_missing_in_the_visitors_language(browser, site):
    with browser.new_context(locale="it-IT") as context:
        page = context.new_page()
        wrong = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(site.url)
        with speaking("it"):
            expect(page.locator("#status")).to_have_text(str(text("site_no_network")))
            expect(page.locator(".large")).to_have_text(str(text("site_drop")))
        page.evaluate(AXE_SCRIPT)
        assert page.evaluate(AXE, RULES) == []
        assert not wrong


def test_a_browser_that_is_too_old_is_told_so(browser, site):
    with browser.new_context(locale="en-GB") as context:
        page = context.new_page()
        page.add_init_script("delete globalThis.CompressionStream")
        page.goto(site.url)
        expect(page.locator("#status")).to_have_text(str(text("site_old")))


def test_the_policy_forbids_other_origins(browser, site):
    page = browser.new_page()
    page.goto(site.url)
    told = page.evaluate("""new Promise((done) => {
        addEventListener('securitypolicyviolation', (violation) => done(violation.blockedURI));
        fetch('http://127.0.0.1:9/').catch(() => {});
    })""")
    assert told.startswith("http://127.0.0.1:9")
    page.close()

"""The About tab as a visitor reads it, in a real Chromium."""

import pytest
from conftest import representing
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


SMALL = (390, 800)


@pytest.mark.full
@pytest.mark.parametrize(
    "page",
    representing([(1400, 1000), SMALL, {"size": SMALL, "looks": {"color_scheme": "dark"}}], [SMALL]),
    indirect=True,
)
def test_readable(page):
    page.get_by_role("tab", name="About").click()
    expect(page.get_by_role("heading", name="How it works")).to_be_visible()
    pictures = page.locator(".about img")
    for i in range(pictures.count()):
        pictures.nth(i).scroll_into_view_if_needed()
        page.wait_for_function("i => document.querySelectorAll('.about img')[i].naturalWidth === 300", arg=i)
    for heading in ("Your photographs", "Its limits, measured", "Where it comes from", "For programs", "By keyboard"):
        folded = page.locator(".about summary", has_text=heading)
        folded.focus()
        folded.press("Enter")
        expect(folded.locator("xpath=..")).to_have_attribute("open", "")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    longest = """() => {
      const ruler = document.createElement('span');
      ruler.textContent = '0';
      document.querySelector('.about-text p').append(ruler);
      const ch = ruler.getBoundingClientRect().width;
      ruler.remove();
      return Math.max(...[...document.querySelectorAll('.about-text > p:not(.strong)')].map((p) => p.clientWidth / ch));
    }"""
    assert page.evaluate(longest) <= 70.5

"""A page on which nobody does anything, in a real Chromium: it asks for nothing and draws nothing."""

import pytest
from conftest import colour_photo

from .visit import arrive, natural_size, upload

pytestmark = pytest.mark.browser

COUNT_FRAMES = """
  const draw = window.requestAnimationFrame.bind(window);
  window.frames_drawn = 0;
  window.requestAnimationFrame = (step) => { window.frames_drawn += 1; return draw(step); };
"""
REST = 1000
"""Milliseconds without requests and frames that count as rest; a loop that draws would draw sixty times."""
PATIENCE = 15
"""Times that it may take until then: the sign that waits for the page swings on for some seconds."""


@pytest.fixture
def watched(page, url):
    """The page, whose requests and animation frames are counted from its first script on."""
    page.add_init_script(COUNT_FRAMES)
    arrive(page, url)
    page.wait_for_function("document.querySelector('#language input')?.disabled === false")
    assert page.evaluate("window.frames_drawn") > 0, "none is counted"
    return page


def expect_rest(page):
    """Check that the page comes to ask for nothing and draw nothing."""
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    for _ in range(PATIENCE):
        asked.clear()
        before = page.evaluate("window.frames_drawn")
        page.wait_for_timeout(REST)
        frames = page.evaluate("window.frames_drawn") - before
        if not asked and not frames:
            return
    raise AssertionError(f"{frames} frames in {REST} ms, and these requests: {asked}")


def test_a_page_comes_to_rest_without_a_photo_and_with_one(watched, tmp_path):
    expect_rest(watched)
    colour_photo(300, 200).save(tmp_path / "a.png")
    upload(watched, tmp_path / "a.png")
    natural_size(watched, "colour")
    expect_rest(watched)

"""The page at 400 %, on touch screens, without motion, and in the system's own colours, on every tab."""

import io

import numpy as np
import pytest
from conftest import representing
from PIL import Image
from playwright.sync_api import expect

from .keyboard import described, stops
from .visit import each_state, give_photo, look_at_all, look_closely, pull, unfold_all

pytestmark = pytest.mark.browser

LEAST = 24
"""Least width and height of a target, in pixels (WCAG 2.2, 2.5.8)."""


@pytest.fixture
def coloured(page, tmp_path):
    give_photo(page, tmp_path, (640, 400))
    expect(page.locator("#download")).to_be_enabled()
    return page


LONG_WORDS = {"size": (320, 640), "query": "?lang=ru"}
LARGE = representing([(320, 640), (700, 500), LONG_WORDS], [LONG_WORDS])


@pytest.mark.full
@pytest.mark.parametrize("page", LARGE, indirect=True, ids=["400 %", "200 %", "400 %, long words"])
def test_nothing_sticks_out_of_a_page_made_larger(coloured):
    too_wide = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
        [...document.querySelectorAll('main *')].filter(node => node.checkVisibility()
            && node.getBoundingClientRect().right > innerWidth + 1).map(node => node.outerHTML.slice(0, 120))"""
    for tab in each_state(coloured):
        assert not coloured.evaluate(too_wide), tab
    for view in look_at_all(coloured):
        assert not coloured.evaluate(too_wide), view
    expect(coloured.locator("#version-grid img")).to_have_count(4)
    assert not coloured.evaluate(too_wide)


@pytest.mark.full
@pytest.mark.parametrize("page", [(390, 800)], indirect=True)
def test_nothing_to_press_is_smaller_than_a_finger(coloured):
    size = """node => {
        const unseen = getComputedStyle(node).opacity === '0';
        const target = node.matches('label input') ? node.closest('label') : unseen ? node.parentElement : node;
        const { width, height } = target.getBoundingClientRect();
        return node.matches('p a, li a') ? Infinity : Math.min(width, height);
    }"""
    for tab in each_state(coloured):
        small = {described(node): at_least for node in stops(coloured) if (at_least := node.evaluate(size)) < LEAST}
        assert not small, (tab, sorted(small.items()))


NOTE_WHAT_MOVES = """() => {
    window.moving = 0;
    const note = () => window.moving += document.getAnimations().filter(animation =>
        (animation instanceof CSSAnimation || animation instanceof CSSTransition)
        && animation.effect.getComputedTiming().duration > 1 && animation.effect.target.checkVisibility()).length;
    for (const kind of ['transitionrun', 'animationstart']) document.addEventListener(kind, note);
    note();
}"""


@pytest.mark.full
@pytest.mark.parametrize(
    "page",
    [{"looks": {"reduced_motion": kind}} for kind in ("no-preference", "reduce")],
    indirect=True,
    ids=["motion", "no motion"],
)
def test_nothing_moves_for_who_wants_no_motion(coloured, request):
    coloured.evaluate(NOTE_WHAT_MOVES)
    coloured.locator("#preset label").last.hover()
    look_closely(coloured)
    coloured.locator(".picker-plane").click(position={"x": 50, "y": 50})
    expect(coloured.locator(".picker-swatch").first).to_be_visible()
    assert bool(coloured.evaluate("window.moving")) == (request.node.callspec.id == "motion")


@pytest.mark.full
@pytest.mark.parametrize("theme", representing(["light", "dark"], ["light"]))
@pytest.mark.parametrize("page", [{"looks": {"forced_colors": "active"}}], indirect=True, ids=[""])
def test_in_forced_colours_what_is_chosen_can_be_told(coloured, theme):
    """Windows' contrast themes paint over every fill."""
    page = coloured
    page.emulate_media(color_scheme=theme, forced_colors="active")
    page.mouse.move(0, 0)

    def seen(locator) -> np.ndarray:
        return np.asarray(Image.open(io.BytesIO(locator.screenshot())).convert("L")).astype(int)

    for group, chosen in (("[role=tab]", "[aria-selected=true]"), (".segmented label", ".selected")):
        choices = page.locator(f"{group}:visible")
        one, other = (choices.and_(page.locator(which)).first for which in (chosen, f":not({chosen})"))
        upper = [seen(each)[:4].mean() for each in (one, other)]
        assert abs(upper[0] - upper[1]) > 25, group
    pull(page, "look")
    unfold_all(page)
    slider = seen(page.locator("#saturation input[type=range]"))
    assert np.ptp(slider[len(slider) // 2]) > 60, "a slider's place can be seen"
    look_closely(page)
    page.locator(".picker-plane").click(position={"x": 90, "y": 60})
    swatches = page.locator(".picker-swatch")
    expect(swatches.first).to_be_visible()
    painted = {swatch.evaluate("node => getComputedStyle(node).backgroundColor") for swatch in swatches.all()}
    assert len(painted) == swatches.count(), "colours to choose from keep their colours"

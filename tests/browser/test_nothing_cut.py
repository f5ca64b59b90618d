"""Nothing sticks out, is cut or lies over something else, on any tab, in the longest words, on screens of any width."""

from contextlib import suppress

import pytest
from conftest import representing, wait_for

from .visit import EXAMPLES, each_tab, natural_size, pull, unfold_all, upload

pytestmark = pytest.mark.browser

CUT = """async () => {
    const drawn = (then) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(then)));
    await new Promise(drawn);
    const [found, seen] = [[], []];
    const box = ({ left, top, right, bottom }) => [left, top, right, bottom];
    const common = (one, other) => one.map((at, i) => Math[i < 2 ? 'max' : 'min'](at, other[i]));
    if (document.documentElement.scrollWidth > innerWidth) found.push('the page is too wide');
    for (const node of document.querySelectorAll('input[role=combobox], input[type=number]')) {
        if (node.checkVisibility() && node.scrollWidth > node.clientWidth + 1) found.push(`${node.value} is cut`);
    }
    const walker = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
    for (let text; (text = walker.nextNode());) {
        const [words, holder, range] = [text.data.trim(), text.parentElement, document.createRange()];
        const unseen = !holder.checkVisibility({ opacityProperty: true, visibilityProperty: true });
        // The reasons in the strip are whole in the album's list.
        if (!words || unseen || holder.closest('.unseen, .sr-only, option, script, style, .roll-unread')) continue;
        range.selectNodeContents(text);
        const rooms = [];
        let [layer, scrolls] = ['', false];
        for (let node = holder; node !== document.body; node = node.parentElement) {
            const { overflowX, position } = getComputedStyle(node);
            if (/fixed|sticky/.test(position)) layer = node.id || node.className;
            if (overflowX === 'visible') continue;
            scrolls ||= /auto|scroll/.test(overflowX); // all further out is then not cut, but hidden for now
            rooms.push({ room: box(node.getBoundingClientRect()), scrolls });
        }
        for (const rect of range.getClientRects()) {
            const line = box(rect);
            if (rect.width < 2 || rect.height < 2) continue;
            if (rooms.some(({ room, scrolls }) => !scrolls && (line[0] < room[0] - 1.5 || line[2] > room[2] + 1.5))) {
                found.push(`${words} is cut`);
            }
            const here = rooms.reduce((part, { room }) => common(part, room), line);
            if (here[2] > here[0] && here[3] > here[1]) seen.push({ words, here, layer, holder });
        }
    }
    seen.forEach((one, i) => seen.slice(0, i).forEach((other) => {
        const [left, top, right, bottom] = common(one.here, other.here);
        if (one.layer !== other.layer || one.holder === other.holder || right - left < 2 || bottom - top < 4) return;
        found.push(`${one.words} lies over ${other.words}`);
    }));
    return found;
}"""
WIDTHS = (320, 390, 600, 820, 960, 1024, 1280, 2560)
LONGEST = [{"query": f"?lang={code}"} for code in ("ru", "de", "fr")]


@pytest.mark.parametrize("page", representing(LONGEST, LONGEST[:1]), indirect=True)
def test_nothing_is_cut_and_nothing_lies_over_something_else(page):
    def look():
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            with suppress(AssertionError):  # things move for a moment
                wait_for(lambda: not page.evaluate(CUT), 20)
            assert page.evaluate(CUT) == [], width

    look()
    upload(page, EXAMPLES / "coffee.jpg")
    natural_size(page, "colour")
    for _ in each_tab(page):
        if page.locator("#many-files").is_visible():
            page.locator("#many-files input[type=file]").set_input_files(EXAMPLES / "astronaut.jpg")
            page.locator("#many-files .stem").wait_for()
        unfold_all(page)
        look()
    pull(page, "look")
    look()

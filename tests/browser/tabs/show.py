"""A lecturer's steps on the Show tab, and how it answers."""

from playwright.sync_api import expect

FETCHED = "performance.getEntriesByType('resource').some(entry => entry.name.endsWith('{}'))"


def enter(page):
    """Open the tab and wait for its first photograph."""
    page.get_by_role("tab", name="Show").click()
    expect(page.locator(".show-frame")).to_be_visible()


def add(page, files):
    """Add photographs to the show."""
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Add photographs for the show").click()
    chooser.value.set_files(files)


def divider(page):
    """Where the divider is, in percent from the left."""
    return float(page.locator(".show-frame").evaluate("frame => parseFloat(frame.style.getPropertyValue('--at'))"))


def name(page):
    return page.locator(".show-name")


def fills_the_screen(page):
    return page.evaluate("document.fullscreenElement?.classList.contains('show-stage') ?? false")


def colourful(page, layer):
    """Whether the picture in a layer of the stage has colours."""
    return page.locator(f".show-{layer} img").evaluate("""picture => {
        const canvas = new OffscreenCanvas(20, 20), context = canvas.getContext('2d');
        context.drawImage(picture, 0, 0, 20, 20);
        const { data } = context.getImageData(0, 0, 20, 20);
        return data.some((value, i) => i % 4 === 0 && Math.abs(value - data[i + 2]) > 30);
    }""")

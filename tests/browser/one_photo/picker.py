"""A visitor's steps with the large picture, and how it answers."""

import numpy as np
from PIL import Image
from playwright.sync_api import expect
from skimage.color import rgb2lab

from colorizer.colour.hex import hex_to_ab


def click(page, x, y):
    """Click the large picture at fractions of it, and wait for suggestions."""
    plane = page.locator(".picker-plane")
    box = plane.bounding_box()
    plane.click(position={"x": box["width"] * x, "y": box["height"] * y})
    expect(page.locator(".picker-swatch").first).to_be_visible()


def changed(page, act, image="#colour img"):
    """Call `act`, which shows another picture, and wait until it is there."""
    before = page.locator(image).get_attribute("src")
    act()
    expect(page.locator(image)).not_to_have_attribute("src", before)


def pixel(page, x, y):
    """(L, a, b) of the predicted pane at fractions of it, as its file has it."""
    address = page.locator("#colour img").get_attribute("src")
    picture = Image.open(address.split("file=", 1)[1]).convert("RGB")
    return rgb2lab(np.asarray(picture))[int(y * picture.height), int(x * picture.width)]


def has_hue(page, x, y, colour):
    """Whether the predicted pane has this hue there, and some chroma."""
    _, a, b = pixel(page, x, y)
    wanted = np.arctan2(*hex_to_ab(colour)[::-1])
    return abs((np.arctan2(b, a) - wanted + np.pi) % (2 * np.pi) - np.pi) < 0.35 and np.hypot(a, b) > 8


def free_colour(page, colour):
    page.locator(".picker-free input").fill(colour)

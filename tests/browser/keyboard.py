"""A visitor's steps without a mouse."""

from collections.abc import Iterator

from playwright.sync_api import ElementHandle, Locator, Page

MOST = 250
"""Stops of a page."""


def stops(page: Page) -> Iterator[ElementHandle]:
    """Press Tab from the top of the page to its end; yields the focused element each time."""
    page.evaluate("document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex')")
    for _ in range(MOST):
        page.keyboard.press("Tab")
        here = page.evaluate_handle("document.activeElement").as_element()
        if here.evaluate("node => node === document.body"):
            return
        yield here
    raise AssertionError(f"after {MOST} times Tab the page has no end")


def tab_to(page: Page, goal: Locator) -> None:
    """Press Tab until `goal` has the focus."""
    for _ in range(MOST):
        page.keyboard.press("Tab")
        if goal.evaluate("node => node === document.activeElement"):
            return
    raise AssertionError(f"{MOST} times Tab do not reach {goal}")


def described(node: ElementHandle) -> str:
    """The beginning of an element's HTML."""
    return node.evaluate('node => node.cloneNode(false).outerHTML.replace(/ (style|class)="[^"]*"/g, \'\')')

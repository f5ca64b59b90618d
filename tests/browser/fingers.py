"""Fingers on a page, as Chromium's own protocol has them; Playwright knows only taps."""

from collections.abc import Sequence

from playwright.sync_api import Page

Point = tuple[float, float]


class Fingers:
    """Up to two fingers, whose places are in pixels of the page's window."""

    def __init__(self, page: Page):
        self._session = page.context.new_cdp_session(page)
        self._session.send("Emulation.setTouchEmulationEnabled", {"enabled": True, "maxTouchPoints": 2})

    def touch(self, kind: str, *points: Point) -> None:
        """One event: "touchStart", "touchMove" or "touchEnd", with the fingers that are then on the page."""
        places = [{"x": across, "y": down, "id": number} for number, (across, down) in enumerate(points)]
        self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    def go(self, *ways: Sequence[Point]) -> None:
        """Put one finger after the other down, lead each along its way, and lift them one after the other."""
        for count in range(1, len(ways) + 1):
            self.touch("touchStart", *(way[0] for way in ways[:count]))
        for places in zip(*(way[1:] for way in ways), strict=True):
            self.touch("touchMove", *places)
        for count in range(len(ways) - 1, -1, -1):
            self.touch("touchEnd", *(way[-1] for way in ways[:count]))

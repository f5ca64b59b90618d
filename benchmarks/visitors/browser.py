"""Which Chromium shows the page: one that is installed, else Playwright's own. As a script, it prints the path.

Debian's headless shell comes first: without a window's interface the tests of the page take a fifth less time."""

import os
import shutil
import sys
from pathlib import Path

NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Tabs share one process, and with it what is compiled: opening the page costs a third less.
    "--process-per-site",
    "--disable-site-isolation-trials",
]


def find_browser() -> str | None:
    """Path of an executable, or None; $CHROMIUM names another."""
    for name in (os.environ.get("CHROMIUM", ""), *NAMES):
        if name and shutil.which(name):
            return shutil.which(name)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


if __name__ == "__main__":
    found = find_browser()
    print(found or "no Chromium found")
    sys.exit(0 if found else 1)

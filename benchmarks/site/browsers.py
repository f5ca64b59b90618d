"""The site in three browsers, its colours beside Python's."""

from __future__ import annotations

import base64
import io
import signal
import sys
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.common import EXAMPLES, ROOT, Measured, flagship, say, timed
from colorizer import Colorizer, Hint, open_photo
from colorizer.colour.readout import preset
from colorizer.evaluation.comparison import markdown

from .drivers import SIZES, Driver, NotInstalledError, chromium, firefox, webkit
from .serving import make_site, said_in, served

BROWSERS: dict[str, Callable[[Path], AbstractContextManager[Driver]]] = {
    "Chromium": chromium,
    "Firefox": firefox,
    "WebKitGTK": webkit,
}
PHOTOS = ("china", "camera", "astronaut", "coffee")
LEVELS, SHARE = 2, 0.001
"""At most this share of the samples may differ by more than these levels."""
WAIT = "for (const end = Date.now() + 240000; !({}); await new Promise((later) => {{ setTimeout(later, 50); }}))\
 if (Date.now() > end) throw new Error(document.getElementById('status').textContent || 'nothing happened');"
READY = WAIT.format("document.body.classList.contains('ready')")
SHOWN = "document.querySelector('#colour img')?.naturalWidth"
IN_COLOUR = WAIT.format(f"{SHOWN} && !document.querySelector('#stage-box').classList.contains('busy')")
GIVE = (
    """
document.querySelector('#colour img')?.removeAttribute('src');
const bytes = Uint8Array.from(atob(given[0]), (letter) => letter.charCodeAt(0));
const taken = new DataTransfer();
taken.items.add(new File([bytes], given[1]));
const input = document.getElementById('choose');
input.files = taken.files;
input.dispatchEvent(new Event('change'));
"""
    + IN_COLOUR
)
SETTLED = (
    WAIT.format("document.querySelectorAll('.look img[src]').length === 4")
    + """
await Promise.all([...document.querySelectorAll('#work img[src]')].map((picture) => picture.decode()));
"""
)
SAVE = (
    """
const page = window.wrappedJSObject ?? window;
const saved = document.getElementById('status');
saved.textContent = '';
document.querySelector(given[0]).click();
"""
    + WAIT.format("saved.textContent.includes(given[1])")
    + """
const blob = await (await fetch(page.lastSaved)).blob();
const read = new FileReader();
await new Promise((done) => { read.onload = done; read.readAsDataURL(blob); });
return read.result.split(',')[1];
"""
)
CORRECT = (
    """
document.querySelector('.stage-modes [value=side]').click();
const picture = document.querySelector('#colour .stage-view');
const box = picture.getBoundingClientRect();
const at = { clientX: box.left + 0.4 * box.width, clientY: box.top + 0.5 * box.height, bubbles: true, detail: 1 };
picture.dispatchEvent(new PointerEvent('pointerdown', { ...at, isPrimary: true }));
picture.dispatchEvent(new PointerEvent('pointerup', { ...at, isPrimary: true }));
picture.dispatchEvent(new MouseEvent('click', at));
"""
    + WAIT.format("document.querySelector('.picker-swatch')")
    + """
document.querySelectorAll('.picker-shade')[9].click();
"""
    + IN_COLOUR
)


def measure(only: str = "", screenshots: Path = ROOT / "runs" / "browsers") -> Measured:
    """The site in Chromium, in Firefox and in WebKitGTK, Safari's nearest relative.

    It makes the site, opens it in each that is installed (Debian: `apt install firefox-esr`, and `apt install
    webkit2gtk-driver xvfb`), colours the same photographs there and in Python, and compares every sample of the saved
    PNG. It also corrects a photograph after a click on its colours, saves a JPEG, opens the site again, which has to
    work without the server, and takes pictures of the page at two sizes. The exit code is 1 if colours differ. only:
    one of the browsers.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # so that no browser stays behind
    screenshots.mkdir(parents=True, exist_ok=True)
    colorizer = flagship()
    rows, worst = [], 0.0
    with tempfile.TemporaryDirectory() as name:
        site = make_site(Path(name))
        for browser in [only] if only else BROWSERS:
            with tempfile.TemporaryDirectory() as profile:
                try:
                    with BROWSERS[browser](Path(profile)) as driver:
                        share, row = visit(driver, site, colorizer, screenshots / browser.lower())
                except NotInstalledError as error:
                    say(f"{browser} is left out: {error} is not installed")
                    continue
            rows.append((browser, *row))
            worst = max(worst, share)
    differ = f"samples that differ by more than {LEVELS} levels, at most"
    heading = ("browser", "version", "photographs", differ, "largest difference, levels")
    return Measured((markdown(heading, rows),), worst <= SHARE, whole=len(rows) == len(BROWSERS))


def visit(driver: Driver, site: Path, colorizer: Colorizer, pictures: Path) -> tuple[float, tuple[str, ...]]:
    """All that a visitor does. The largest share of samples that differ, and a row for the table."""
    unlikes: dict[str, tuple[float, int]] = {}
    waited: list[float] = []
    with served(site) as server:
        driver.resize(*SIZES[0])
        driver.go(server.url)
        driver.run(READY)
        watch(driver)
        for name in PHOTOS:
            photo = open_photo(EXAMPLES / f"{name}.jpg")
            waited.append(give(driver, photo, f"{name}.png"))
            expected = colorizer.colorize(photo, **preset("natural")).image
            unlikes[name] = unlike(saved(driver, "#download", "png"), expected)
        photo = open_photo(EXAMPLES / "china.jpg")
        give(driver, photo, "china.png")
        driver.run(SETTLED)
        driver.screenshot(pictures.with_name(f"{pictures.name}-side.png"))
        driver.run(CORRECT)
        driver.run(SETTLED)
        driver.screenshot(pictures.with_name(f"{pictures.name}-corrected.png"))
        got = saved(driver, "#download", "png")
        hints = [Hint(h["x"], h["y"], tuple(h["ab"]), reach=h["reach"]) for h in said_in(io.BytesIO(got))[1]["hints"]]
        unlikes["corrected"] = unlike(got, colorizer.colorize(photo, hints, **preset("natural")).image)
        Image.open(io.BytesIO(saved(driver, "#save-jpg", "jpg"))).load()
        driver.resize(*SIZES[1])
        driver.screenshot(pictures.with_name(f"{pictures.name}-phone.png"))
        driver.resize(*SIZES[0])
        driver.run(WAIT.format(f"await {server.kept}"))
    driver.go(server.url)  # the server is gone
    driver.run(READY)
    watch(driver)
    give(driver, photo, "china.png")
    cores = "several" if driver.run("return self.crossOriginIsolated") else "one"
    gpu = driver.run("return document.body.dataset.gpu === 'true'")
    say(driver.version, f"cores: {cores}", f"GPU: {gpu}", unlikes, [f"{each:.1f} s" for each in waited])
    worst, most = (max(column) for column in zip(*unlikes.values(), strict=True))
    return worst, (driver.version, str(len(unlikes)), f"{worst:.4%}", str(most))


def watch(driver: Driver) -> None:
    """Keep the address of each file that is saved, in place of the browser's questions."""
    driver.run("""
        const page = window.wrappedJSObject ?? window;
        const keep = function () { page.lastSaved = this.href; };
        page.HTMLAnchorElement.prototype.click = window.wrappedJSObject ? exportFunction(keep, page) : keep;
    """)


def give(driver: Driver, photo: Image.Image, name: str) -> float:
    """Give a photograph to the site; seconds until it is in colour."""
    buffer = io.BytesIO()
    photo.save(buffer, "PNG")
    return timed(driver.run, GIVE, base64.b64encode(buffer.getvalue()).decode(), name)


def saved(driver: Driver, button: str, ending: str) -> bytes:
    """The file that a button saves."""
    return base64.b64decode(driver.run(SAVE, button, f"-colorized.{ending}"))


def unlike(got: bytes, expected: Any) -> tuple[float, int]:
    """The share of samples that differ by more than LEVELS, and the largest difference."""
    away = np.abs(np.asarray(Image.open(io.BytesIO(got)), np.int16) - np.asarray(expected, np.int16))
    return float((away > LEVELS).mean()), int(away.max())

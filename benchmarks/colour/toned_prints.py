"""How often prints count as photographs with colours of their own, and colour photographs do not."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable

import numpy as np
from PIL import Image
from skimage.color import lab2rgb, rgb2lab

from colorizer.data.files import find_pictures, open_training_photo
from colorizer.photo.kinds import has_own_colours, looks_gray

TONES = ("sepia", "cyanotype", "selenium", "plain", "faded")


def polar(hue: float, chroma: float) -> np.ndarray:
    """(a, b) of a hue in degrees."""
    return chroma * np.array([np.cos(np.radians(hue)), np.sin(np.radians(hue))])


def cloud(shape: tuple[int, int], cells: int, random: np.random.Generator) -> np.ndarray:
    """Something uneven and smooth, from 0 to 1."""
    noise = Image.fromarray(random.normal(size=(cells, cells)).astype(np.float32))
    values = np.asarray(noise.resize(shape[::-1], Image.Resampling.BICUBIC))
    return (values - values.min()) / max(np.ptp(values), 1e-9)


def stops(tone: str, random: np.random.Generator) -> list[tuple[float, np.ndarray]]:
    """(a, b) of a tone at some lightnesses."""
    if tone == "sepia":
        hue, chroma = random.uniform(40, 90), random.uniform(6, 32)
        paper = polar(hue + random.uniform(0, 20), chroma * random.uniform(0.2, 1))
        return [(0, polar(hue - random.uniform(0, 25), chroma * 0.5)), (50, polar(hue, chroma)), (100, paper)]
    if tone == "cyanotype":
        hue, chroma = random.uniform(225, 285), random.uniform(10, 45)
        paper = polar(random.uniform(70, 100), random.uniform(0, 12))
        return [(0, polar(hue, chroma * random.uniform(0.4, 1))), (40, polar(hue, chroma)), (100, paper)]
    if tone == "selenium":
        hue, chroma = random.uniform(320, 400), random.uniform(3, 14)
        paper = polar(random.uniform(60, 100), random.uniform(0, 14))
        return [(0, polar(hue, chroma)), (50, polar(hue + 10, chroma * 0.7)), (100, paper)]
    hue, chroma = random.uniform(50, 110), random.uniform(1, 10) if tone == "plain" else random.uniform(8, 30)
    return [(0, polar(hue, chroma * 0.5)), (100, polar(hue, chroma))]


def print_of(photo: Image.Image, tone: str, seed: int) -> Image.Image:
    """A photograph as a print of a tone, as decades and a scanner leave it."""
    random = np.random.default_rng(seed)
    small = photo.convert("RGB")
    small.thumbnail((256, 256))
    L = rgb2lab(np.asarray(small))[..., 0]
    if tone == "faded":
        low, high = random.uniform(10, 35), random.uniform(65, 95)
        L = low + L * (high - low) / 100
    at, colours = zip(*stops(tone, random), strict=True)
    ab = np.stack([np.interp(L, at, [colour[i] for colour in colours]) for i in (0, 1)], axis=-1)
    height, width = L.shape
    y, x = np.mgrid[0:height, 0:width]
    if random.random() < 0.6:  # uneven
        ab *= 1 - random.uniform(0.1, 0.6) * cloud(L.shape, 3, random)[..., None]
    if random.random() < 0.4:  # yellow from its edges
        edge = np.minimum(np.minimum(x, width - 1 - x) / width, np.minimum(y, height - 1 - y) / height)
        rim = np.clip(1 - edge / random.uniform(0.03, 0.25), 0, 1) * cloud(L.shape, 8, random)
        ab += rim[..., None] * polar(random.uniform(55, 95), random.uniform(5, 25))
    if random.random() < 0.3:  # stained
        middle = random.uniform(0, width), random.uniform(0, height)
        reach = np.hypot(x - middle[0], y - middle[1]) / (random.uniform(0.05, 0.35) * max(L.shape))
        stain = np.clip((1 - reach - 0.25 * cloud(L.shape, 8, random)) * 8, 0, 1) * random.uniform(0.3, 1)
        ab += stain[..., None] * polar(random.uniform(55, 95), random.uniform(3, 18))
        L = L - 10 * stain
    if random.random() < 0.2:  # spotted
        for _ in range(random.integers(5, 40)):
            spot = np.exp(-((x - random.uniform(0, width)) ** 2 + (y - random.uniform(0, height)) ** 2) / 4)
            ab += spot[..., None] * polar(60, 15)
    if random.random() < 0.2:  # mounted
        border = int(random.uniform(0.02, 0.1) * min(L.shape)) + 1
        mount = np.ones(L.shape, bool)
        mount[border:-border, border:-border] = False
        ab[mount], L = polar(random.uniform(60, 100), random.uniform(0, 15)), np.where(mount, random.uniform(50, 95), L)
    ab = ab + random.normal(0, random.uniform(0, 2), ab.shape)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of colours that no screen shows
        rgb = lab2rgb(np.dstack([np.clip(L, 0, 100), ab]))
    encoded = io.BytesIO()
    Image.fromarray((np.clip(rgb, 0, 1) * 255).round().astype(np.uint8)).save(encoded, "JPEG", quality=85)
    return Image.open(encoded).convert("RGB")


def share(answers: Iterable[bool]) -> str:
    known = list(answers)
    return f"{sum(known)} of {len(known)} ({100 * np.mean(known):.1f} %)" if known else "none given"


def measure(prints: tuple[str, ...] = (), colour: tuple[str, ...] = ("examples",), most: int = 1000) -> str:
    """How often prints count as photographs with colours of their own, and colour photographs do not.

    prints: scans of black-and-white prints of every tone, in folders; each that counts as having colours is named.
    colour: colour photographs, at most `most` of them, evenly chosen. They are also made into prints (sepia, cyanotype,
    selenium, faded, uneven, stained, spotted, mounted), the same ones every time.
    """
    scans = list(find_pictures(prints)) if prints else []
    photos = list(find_pictures(colour))
    photos = photos[:: max(1, len(photos) // most)]
    wrong = [scan.name for scan in scans if has_own_colours(open_training_photo(scan))]
    lines = [
        f"prints that count as having colours: {share(scan.name in wrong for scan in scans)}",
        *(f"  {name}" for name in wrong),
        f"prints that look gray: {share(looks_gray(open_training_photo(scan)) for scan in scans)}",
        f"colour photographs that look gray: {share(looks_gray(open_training_photo(photo)) for photo in photos)}",
        f"colour photographs recognized: {share(has_own_colours(open_training_photo(photo)) for photo in photos)}",
    ]
    for number, tone in enumerate(TONES):
        made = (print_of(open_training_photo(photo), tone, 10 * i + number) for i, photo in enumerate(photos[:200]))
        lines.append(f"{tone} made of them, that count as having colours: {share(map(has_own_colours, made))}")
    return "\n".join(lines)

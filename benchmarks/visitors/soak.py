"""Thousands of photographs through one server, and whether anything grows."""

from __future__ import annotations

import itertools
import json
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from gradio_client import handle_file
from PIL import Image

from benchmarks.common import EXAMPLES, Measured, another, say
from colorizer.checkpoints.card import WEIGHTS
from colorizer.checkpoints.file import list_checkpoints
from colorizer.evaluation.comparison import markdown

from .attacks import client, uploaded
from .load import connect
from .server import Sample, Server, serving

SIDE = 320
CLIENTS = 4
SAMPLES = 100
WATCHED = {"memory": "memory, MB", "handles": "open files", "threads": "threads", "temporary": "temporary files"}
"""Figures that may not grow, by their names in `Sample`."""


class Growth(NamedTuple):
    """How a figure changed over the second half."""

    level: float
    """Its mean."""
    grown: float
    """The rise of the straight line fitted to it."""
    noise: float
    """Largest rise that does not count as growth: twice its standard error, and at least a hundredth of the level."""

    @property
    def none(self) -> bool:
        return self.grown <= self.noise


def measure(photographs: int = 4000, weights: Path = WEIGHTS) -> Measured:
    """Sends thousands of photographs through one server.

    They are small, each is a file of its own, and they take all ways in: one lasting client, with and without hints,
    with one network or another; and bare HTTP, where every request is a new visitor. Memory, open files, threads and
    files are sampled meanwhile. Gradio's cache grows by design, because it keeps uploads and results for a day; nothing
    else may grow in the second half: then, and if a photograph failed, the exit code is 1.
    """
    done, samples, problems = soak(photographs, weights)
    grown = {name: growth(done, [getattr(sample, name) for sample in samples]) for name in WATCHED}
    text = table(done, samples, grown, problems)
    return Measured((text,), not problems and all(one.none for one in grown.values()))


def soak(photographs: int, weights: Path) -> tuple[list[int], list[Sample], list[str]]:
    """Numbers of photographs done, the server's samples at those moments, and sentences for failures."""
    names = [card.name for card in list_checkpoints(weights) if not card.error]
    hinted, other = ("mobile-unet", next(name for name in names if name != "mobile-unet"))
    done, samples, problems = [0], [], []
    counted = itertools.count(1)
    with tempfile.TemporaryDirectory() as name, serving(Path(name) / "server", weights) as server:
        folder = Path(name)
        ways = ways_in(server, folder, hinted, other)
        with Image.open(EXAMPLES / "china.jpg") as example:
            example.thumbnail((SIDE, SIDE))
            example.save(folder / "small.jpg", quality=90)
        jpeg = (folder / "small.jpg").read_bytes()
        for number, way in enumerate(dict.fromkeys(ways)):  # loads every network before the first sample
            way(another(jpeg, 10**6 + number, folder))
        samples.append(server.sample())

        def one(number: int) -> None:
            path = another(jpeg, number, folder)
            try:
                ways[number % len(ways)](path)
            except Exception as error:  # report it and go on with the others
                problems.append(f"{type(error).__name__}: {error}")
            finally:
                path.unlink()
                count = next(counted)
                if count % max(1, photographs // SAMPLES) == 0:
                    done.append(count)
                    samples.append(server.sample())
                    say(count, *samples[-1])

        with ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(one, range(photographs)))
    return done, samples, problems


def ways_in(server: Server, folder: Path, hinted: str, other: str) -> list[Callable[[Path], None]]:
    """Functions of a photograph's path, each a different way to have it coloured; they raise on failure."""
    lasting = connect(server, folder / "answers")

    def ask(path: Path, **wishes: object) -> None:
        file, _ = lasting.predict(photo=handle_file(path), api_name="/colorize", **wishes)
        check(file)
        Path(file).unlink()

    def bare(path: Path) -> None:
        with client(server) as visitor:
            photo = uploaded(visitor, path.name, path.read_bytes())
            begun = visitor.post("/call/v2/colorize", json={"photo": photo, "checkpoint": hinted})
            answer = visitor.get(f"/call/colorize/{begun.json()['event_id']}").text
        if "event: complete" not in answer:
            raise ValueError(answer[-200:])
        check(json.loads(answer.rpartition("data: ")[2])[0]["path"])

    plain = partial(ask, checkpoint=hinted)
    wishes = partial(ask, checkpoint=hinted, hints=[[40, 30, "#c04030"], [200, 100, "#3060c0"]], preset="vivid")
    others = partial(ask, checkpoint=other)
    # Most are new visitors, so that the server remembers as many visitors as it can before the second half.
    return [plain, bare, wishes, bare, others, bare, bare]


def check(file: str) -> None:
    """Raise ValueError for a file that is not a picture of the photographs' size."""
    with Image.open(file) as picture:
        if max(picture.size) != SIDE:
            raise ValueError(f"a picture of {picture.size}")


def growth(done: Sequence[int], values: Sequence[float]) -> Growth:
    """How values rise over the second half of the run."""
    half = [(x, y) for x, y in zip(done, values, strict=True) if x >= done[-1] / 2]
    x, y = np.array(half, float).T
    slope, start = np.polyfit(x, y, 1)
    error = float(np.std(y - (slope * x + start))) * (12 / len(x)) ** 0.5  # as for evenly spaced samples
    noise = max(2 * error, 0.01 * float(y.mean()))
    return Growth(float(y.mean()), float(slope * (x[-1] - x[0])), noise)


def table(done: Sequence[int], samples: Sequence[Sample], grown: dict[str, Growth], problems: Sequence[str]) -> str:
    """A Markdown table of growth, and of what is kept per photograph."""
    rows = [
        (WATCHED[name], f"{getattr(samples[0], name):.0f}", f"{one.level:.0f}", f"{one.grown:+.1f}", f"{one.noise:.1f}",
         "no growth" if one.none else "**grows**")
        for name, one in grown.items()
    ]  # fmt: skip
    last, first = samples[-1], samples[0]
    kept = (last.kept - first.kept) / done[-1], (last.kept_megabytes - first.kept_megabytes) / done[-1] * 1000
    told = [*dict.fromkeys(problems)][:3]
    return (
        markdown(("", "at first", "last half, mean", "rise in the last half", "noise", ""), rows)
        + f"\n\n{done[-1]} photographs; {len(problems)} failed{': ' + '; '.join(told) if told else ''}. Kept for a day "
        f"by design: {kept[0]:.1f} files, {kept[1]:.0f} kB for each of these small photographs."
    )

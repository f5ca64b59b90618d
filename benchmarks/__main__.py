"""The measurements behind the documents: `python -m benchmarks NAME [--write] [OPTIONS]`; without a name, their list.

Each prints its tables. `--write` puts them into the documents; `--help` after a name shows its options. The exit code
is 1 where it cannot measure, and where what it measures is not as it should be.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, NamedTuple

import tyro

from benchmarks.common import ROOT, Measured
from colorizer.files.atomic import write_between, write_whole


class Benchmark(NamedTuple):
    """A measurement, and where its results stand."""

    function: str
    """"module:function" in this package. It returns a text, or `Measured`; its parameters are the options."""
    places: tuple[str, ...] = ()
    """For each text "document#marker", or a file that it fills."""

    def load(self) -> Callable[..., str | Measured]:
        """The function; raises ModuleNotFoundError if it needs a package that is not there."""
        module, _, name = self.function.partition(":")
        found: Callable[..., str | Measured] = getattr(import_module(f"benchmarks.{module}"), name)
        return found


BENCHMARKS = {
    "errands": Benchmark("visitors.errands:measure", ("docs/page.md#first visit", "docs/page.md#errands")),
    "load": Benchmark("visitors.load:measure", ("docs/load.md#load",)),
    "soak": Benchmark("visitors.soak:measure", ("docs/load.md#soak",)),
    "strangers": Benchmark("visitors.strangers:measure", ("docs/load.md#strangers",)),
    "full_resolution": Benchmark("speed.full_resolution:measure", ("docs/speed.md#full resolution",)),
    "many_photographs": Benchmark("speed.many_photographs:measure", ("docs/speed.md#many photographs",)),
    "networks": Benchmark("speed.networks:measure", ("docs/speed.md#networks",)),
    "blind": Benchmark("colour.blind:make"),
    "comparison": Benchmark(
        "colour.comparison:taken",
        ("docs/networks.md#comparison: written by `make benchmark`", "README.md#summary: written by `make benchmark`"),
    ),
    "blind_count": Benchmark("colour.blind:count"),
    "film": Benchmark(
        "colour.film:measure", ("docs/films.md#steadiness", "docs/films.md#speed", "docs/films.md#shares")
    ),
    "flagship": Benchmark("colour.flagship:measure", ("docs/flagship.md", "docs/calibration.svg")),
    "negatives": Benchmark("colour.negatives:measure"),
    "realism": Benchmark("colour.realism:measure", ("docs/networks.md#realism",)),
    "skin": Benchmark("colour.skin:measure"),
    "toned_prints": Benchmark("colour.toned_prints:measure"),
    "browsers": Benchmark("site.browsers:measure", ("docs/site.md#browsers",)),
    "site": Benchmark("site.cost:measure", ("docs/site.md#first visit", "docs/site.md#times")),
    "about_pictures": Benchmark("pictures:about_pictures"),
    "archive_sheet": Benchmark("pictures:archive_sheet"),
    "first_pictures": Benchmark("pictures:first_pictures"),
    "model_pictures": Benchmark("pictures:model_pictures"),
    "old_prints": Benchmark("pictures:old_prints"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print, and write if requested; returns the exit code."""
    name, *options = (sys.argv[1:] if arguments is None else arguments) or [""]
    if name not in BENCHMARKS:
        print(__doc__, *sorted(BENCHMARKS), sep="\n  ", file=sys.stderr)
        return 2
    write = "--write" in options
    benchmark = BENCHMARKS[name]
    try:
        function: Any = benchmark.load()
        found = tyro.cli(function, prog=f"python -m benchmarks {name}", args=[o for o in options if o != "--write"])
        texts, right, whole = found if isinstance(found, Measured) else Measured((found,))
        for text, place in zip(texts, benchmark.places or [""] * len(texts), strict=True):
            if not place.endswith(".svg"):
                print(text, end="\n\n")
            if write and whole and place:
                put(text, place)
    except ModuleNotFoundError as error:
        print(f"{name} needs {error.name}; requirements-dev.txt has it", file=sys.stderr)
        return 1
    except (ValueError, OSError) as error:
        print(f"{name}: {error}", file=sys.stderr)
        return 1
    return 0 if right else 1


def put(text: str, place: str) -> None:
    """Write a text to its place. Raises ValueError if the document has no such marker."""
    document, _, marker = place.partition("#")
    if marker:
        end = f"<!-- end of {marker.partition(':')[0]} -->"
        write_between(ROOT / document, f"<!-- {marker} -->", end, text, "table")
    else:
        write_whole(ROOT / document, text)


if __name__ == "__main__":
    sys.exit(main())

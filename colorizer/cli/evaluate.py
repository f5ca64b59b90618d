"""`evaluate`: measures on photographs how good checkpoints are."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..checkpoints.file import find_checkpoint, list_checkpoints, read_card, update_card
from ..colour.readout import CONTROLS
from ..errors import CheckpointError
from ..files.atomic import whole_file, write_whole
from ..files.shipped import shipped
from .flags import (
    Subparsers,
    add_readout,
    add_weights,
    chosen_readout,
    count,
    supported_readout,
)

if TYPE_CHECKING:
    from PIL import Image

EXAMPLES = shipped("examples")


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser("evaluate", help="measure checkpoints on photographs, beside plain gray")
    parser.set_defaults(run=run)
    parser.add_argument("data", nargs="+", metavar="DIR", help="colour photographs: folders, .tar or .zip files")
    parser.add_argument(
        "--all",
        action="store_true",
        help="compare every checkpoint: parameters, MACs, time, all figures; writes comparison.md and comparison.jpg",
    )
    parser.add_argument("-o", "--out", type=Path, default=Path("runs/comparison"), help="folder for --all's files")
    parser.add_argument(
        "--sheet", type=Path, default=EXAMPLES, help="photographs on --all's sheet (default: the examples)"
    )
    parser.add_argument("--checkpoint", action="append", metavar="NAME", help="repeatable; default: all checkpoints")
    add_weights(parser)
    parser.add_argument("--limit", type=count, help="use only the first LIMIT photographs")
    parser.add_argument("--working-size", type=int, help="feed networks at this size instead of their own")
    parser.add_argument(
        "--save",
        action="store_true",
        help="write the figures into the checkpoint's header, with the temperature and working size used",
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    add_readout(parser)


def run(options: argparse.Namespace) -> int:
    from ..colour.metrics import PROTOCOL_SIDE
    from ..data.files import find_pictures, open_to_measure

    _refuse_contradictions(options)
    photos, problems = open_to_measure(find_pictures(options.data)[: options.limit], PROTOCOL_SIDE)
    if not photos:
        raise ValueError(
            "There is no colour photograph to measure on; black-and-white ones have no truth to compare with."
        )
    for problem in problems:
        print(f"colorizer: left out: {problem}", file=sys.stderr)
    names = options.checkpoint or [card.name for card in list_checkpoints(options.weights) if not card.error]
    if not names:
        raise CheckpointError("There is no checkpoint to evaluate; train one or give --checkpoint FILE.")
    if options.all:
        return _compare_all(options, names, photos)
    results = _measure(options, names, photos)
    if not results:
        raise ValueError("No checkpoint here predicts a distribution; leave preset, temperature and vividness out.")
    print(json.dumps(results, indent=1) if options.json else _table(results))
    return 0


def _refuse_contradictions(options: argparse.Namespace) -> None:
    """Raise ValueError for flags that contradict each other."""
    chosen = chosen_readout(options)
    changed = {name for name, value in chosen.items() if value != CONTROLS[name].default}
    if options.save and (bold := changed - {"temperature"}):
        raise ValueError(f"--save keeps figures without {', '.join(sorted(bold))}; leave these out")
    if options.all and (changed or options.working_size):
        raise ValueError("--all compares checkpoints as they come; leave temperature, vividness and the like out")
    if options.json and options.all:
        raise ValueError("--all prints a table; leave --json out")


def _measure(
    options: argparse.Namespace, names: Sequence[str], photos: Sequence[Image.Image]
) -> dict[str, dict[str, float]]:
    """Figures by checkpoint. If the flags need a distribution, checkpoints without one are left out, unless named."""
    from tqdm import tqdm

    from ..colour.metrics import evaluate
    from ..inference.colorizer import Colorizer

    results: dict[str, dict[str, float]] = {}
    for name in names:
        colorizer = Colorizer.from_checkpoint(name, folder=options.weights)
        # Two runs may both have a best.safetensors: the paths as given tell them apart.
        label = str(name) if colorizer.name in results else colorizer.name
        colorizer.working_size = options.working_size or colorizer.working_size
        try:
            readout = supported_readout(options, colorizer)
        except ValueError as error:
            if options.checkpoint:
                raise
            print(f"colorizer: left out: {error}", file=sys.stderr)
            continue
        results[label] = evaluate(
            lambda photo, c=colorizer, r=readout: c.colorize(photo, **r).image,  # type: ignore[misc]
            tqdm(photos, desc=label, unit="photo"),
        )
        if options.save:
            own = {"temperature": readout["temperature"]} if readout.get("temperature") else {}
            update_card(colorizer.card.path, metrics=results[label], working_size=colorizer.working_size, **own)
    return results


def _table(results: dict[str, dict[str, float]]) -> str:
    from ..colour.metrics import cells, counted, headings

    first = next(iter(results.values()))
    over = [heading.replace(",", "").replace("Δ", "d") for heading in headings(ratios=True)]  # any terminal has these
    widths = [max(9, len(heading) + 2) for heading in over]

    def line(name: str, columns: Sequence[str]) -> str:
        return f"{name:24}" + "".join(f"{cell:>{width}}" for cell, width in zip(columns, widths, strict=True))

    lines = [f"{counted(first['pictures'], 'photograph')} at 256 x 256; PSNR: mean over pictures, RGB", line("", over)]
    lines += [line(name, cells(metrics)) for name, metrics in results.items()]
    return "\n".join([*lines, line("plain gray", cells(first, "gray_"))])


def _compare_all(options: argparse.Namespace, names: Sequence[str], photos: Sequence[Image.Image]) -> int:
    from tqdm import tqdm

    from ..data.files import find_pictures, open_training_photo
    from ..evaluation.comparison import compare_all, sheet, table

    cards = [read_card(find_checkpoint(name, options.weights)) for name in names]
    rows = compare_all(cards, photos, progress=lambda items, name: tqdm(items, desc=name, unit="photo"))
    if options.save:
        for row in rows:
            update_card(row.card.path, metrics=dict(row.metrics))
    options.out.mkdir(parents=True, exist_ok=True)
    shown = {Path(p.name).stem: open_training_photo(p) for p in find_pictures([options.sheet])[:8]}
    with whole_file(options.out / "comparison.jpg") as partial:
        sheet([row.card for row in rows], shown).save(partial, quality=88)
    text = table(rows)
    write_whole(options.out / "comparison.md", text + "\n")
    print(text)
    print(f"\nwritten: {options.out / 'comparison.md'}, {options.out / 'comparison.jpg'}", file=sys.stderr)
    return 0

"""What `python -m colorizer evaluate` does."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..checkpoints.file import find_checkpoint, list_checkpoints, read_card, update_card
from ..errors import CheckpointError
from ..files.between import write_between
from .commands import readout_of

if TYPE_CHECKING:
    from PIL import Image


def evaluate(options: argparse.Namespace) -> int:
    from tqdm import tqdm

    from ..colour.metrics import PROTOCOL_SIDE, evaluate
    from ..data.datasets import resolve
    from ..data.files import find_pictures, open_to_measure
    from ..inference.colorizer import Colorizer

    bold = options.vividness or options.preset or options.saturation != 1
    if options.save and bold:
        raise ValueError("--save keeps figures without preset, vividness or saturation; leave these out")
    if options.write and not options.all:
        raise ValueError("--write puts --all's table into a file; add --all")
    if options.all and (options.temperature or options.working_size or bold):
        raise ValueError("--all compares checkpoints as they come; leave temperature, vividness and the like out")
    if options.json and options.all:
        raise ValueError("--all prints a table; leave --json out")
    photos, problems = open_to_measure(find_pictures(resolve(options.data))[: options.limit], PROTOCOL_SIDE)
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
    results: dict[str, dict[str, float]] = {}
    for name in names:
        colorizer = Colorizer.from_checkpoint(name, folder=options.weights)
        # best.safetensors of two runs are told apart by how they were given.
        label = str(name) if colorizer.name in results else colorizer.name
        colorizer.working_size = options.working_size or colorizer.working_size
        try:
            readout = {**readout_of(options, colorizer), "saturation": options.saturation}
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
    if not results:
        raise ValueError("No checkpoint here predicts a distribution; leave preset, temperature and vividness out.")
    if options.json:
        print(json.dumps(results, indent=1))
        return 0
    first = next(iter(results.values()))
    print(f"{first['pictures']} photographs at 256 x 256; PSNR: mean over pictures, RGB")
    print(f"{'':24}{'PSNR dB':>9}{'over gray':>11}{'dE2000':>9}{'colourfulness / truth':>23}")
    truth = first["true_colourfulness"]
    for name, m in results.items():
        ratio = m["colourfulness"] / truth
        print(f"{name:24}{m['psnr']:9.2f}{m['psnr_gain']:+11.2f}{m['delta_e']:9.2f}{ratio:23.2f}")
    ratio = first["gray_colourfulness"] / truth
    print(f"{'plain gray':24}{first['gray_psnr']:9.2f}{0:+11.2f}{first['gray_delta_e']:9.2f}{ratio:23.2f}")
    return 0


def _compare_all(options: argparse.Namespace, names: Sequence[str], photos: Sequence[Image.Image]) -> int:
    from tqdm import tqdm

    from ..data.files import find_pictures, open_training_photo
    from ..evaluation.comparison import END, START, compare_all, sheet, table

    cards = [read_card(find_checkpoint(name, options.weights)) for name in names]
    rows = compare_all(cards, photos, progress=lambda items, name: tqdm(items, desc=name, unit="photo"))
    if options.save:
        for row in rows:
            update_card(row.card.path, metrics=dict(row.metrics))
    options.out.mkdir(parents=True, exist_ok=True)
    shown = {Path(p.name).stem: open_training_photo(p) for p in find_pictures([options.sheet])[:8]}
    sheet([row.card for row in rows], shown).save(options.out / "comparison.jpg", quality=88)
    text = table(rows)
    (options.out / "comparison.md").write_text(text + "\n", encoding="utf-8")
    if options.write:
        write_between(options.write, START, END, text, "the comparison")
    print(text)
    print(f"\nwritten: {options.out / 'comparison.md'}, {options.out / 'comparison.jpg'}", file=sys.stderr)
    return 0

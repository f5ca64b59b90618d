"""What the commands of the command line do, each with its parsed options; returns the exit code."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .cards import plain, write_between, write_cards
from .checkpoint import CheckpointError, find_checkpoint, list_checkpoints, read_card, update_card
from .presets import preset

if TYPE_CHECKING:
    from PIL import Image

    from .inference import Colorizer


def _readout(options: argparse.Namespace, colorizer: Colorizer) -> dict[str, float | None]:
    """What the options ask of a distribution; what is named apart overrides the preset. Raises ValueError for a
    checkpoint that has none to ask."""
    chosen = preset(options.preset) if options.preset else {"temperature": None, "vividness": 0.0}
    named = {key: getattr(options, key) for key in ("temperature", "vividness") if getattr(options, key) is not None}
    readout = {**chosen, **named}
    if any(readout.values()) and not colorizer.architecture.has_distribution:
        raise ValueError(
            f"{colorizer.name} predicts one colour only, which no temperature, vividness or preset but faithful "
            "changes; leave these out"
        )
    return readout


def colorize(options: argparse.Namespace) -> int:
    from tqdm import tqdm

    from .inference import Colorizer
    from .jobs import Work, plan_jobs, run_jobs

    jobs, problems = plan_jobs(options.inputs, options.out, options.format, options.overwrite, resume=options.resume)
    for problem in problems:
        print(f"colorizer: {problem}", file=sys.stderr)
    if not jobs:
        if options.resume and not problems:
            print("nothing left to colour", file=sys.stderr)
        return 1 if problems or not options.resume else 0
    colorizer = Colorizer.from_checkpoint(options.checkpoint, device=options.device, folder=options.weights)
    work = Work({**_readout(options, colorizer), "saturation": options.saturation}, options.triptych)
    if options.engine == "ray":
        from .cluster import run_on_ray

        outcomes = run_on_ray(colorizer.card.path, jobs, work, options.device)
    else:
        outcomes = run_jobs(colorizer, jobs, work, options.workers or os.cpu_count() or 1)
    failures = len(problems)
    for outcome in tqdm(outcomes, total=len(jobs), unit="photo", disable=len(jobs) == 1):
        if outcome.problem:
            failures += 1
            tqdm.write(f"colorizer: {outcome.problem}", file=sys.stderr)
    done = len(jobs) + len(problems) - failures
    print(f"{done} coloured, {failures} not" if failures else f"{done} coloured", file=sys.stderr)
    return 1 if failures else 0


def present(options: argparse.Namespace) -> int:
    from .inference import Colorizer
    from .presenting import EACH, Presenter, kind_of

    kind = kind_of(options.out, options.kind)
    colorizer = Colorizer.from_checkpoint(options.checkpoint, device=options.device, folder=options.weights)
    readout = {**_readout(options, colorizer), "saturation": options.saturation}
    presenter = Presenter(colorizer, readout, report=lambda problem: print(f"colorizer: {problem}", file=sys.stderr))
    if kind in EACH:
        size = (3840, 2160) if options.uhd else (1920, 1080)
        presenter.each(kind, options.inputs, options.out, options.overwrite, size)
    else:
        presenter.together(kind, options.inputs, options.out, options.overwrite)
    print(f"{presenter.done} presented" + (f", {presenter.failed} not" if presenter.failed else ""), file=sys.stderr)
    return 1 if presenter.failed else 0


def evaluate(options: argparse.Namespace) -> int:
    from tqdm import tqdm

    from .data import find_pictures, open_to_measure
    from .datasets import resolve
    from .inference import Colorizer
    from .metrics import PROTOCOL_SIDE, evaluate

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
            readout = {**_readout(options, colorizer), "saturation": options.saturation}
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

    from .comparison import END, START, compare_all, sheet, table
    from .data import find_pictures, open_training_photo

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


def models(options: argparse.Namespace) -> int:
    cards = list_checkpoints(options.weights)
    if not cards:
        print(f"There is no .safetensors file in {options.weights}.")
    for card in cards:
        print(plain(card))
    if options.write:
        write_cards(options.write, [card for card in cards if not card.error])
    return 0


def card(options: argparse.Namespace) -> int:
    from .model_card import model_card

    print(model_card(read_card(find_checkpoint(options.checkpoint, options.weights))), end="")
    return 0


def convert(options: argparse.Namespace) -> int:
    from .published import LAYOUTS, convert, file_sha256

    _prepare_checkpoint(options)
    card = convert(options.source, options.layout, options.out)
    digest, expected = file_sha256(options.source), LAYOUTS[options.layout].sha256
    if not digest.startswith(expected):
        print(
            f"colorizer: {options.source.name} has SHA-256 {digest}; the published file's begins with {expected}; "
            "the layout is right, but these may be other weights",
            file=sys.stderr,
        )
    print(plain(card))
    return 0


def average(options: argparse.Namespace) -> int:
    from .averaging import average

    _prepare_checkpoint(options)
    paths = [find_checkpoint(name, options.weights) for name in options.checkpoints]
    print(plain(average(paths, options.shares or [1.0] * len(paths), options.out)))
    return 0


def _prepare_checkpoint(options: argparse.Namespace) -> None:
    """See that a checkpoint can be written; raises CheckpointError."""
    if options.out.exists() and not options.overwrite:
        raise CheckpointError(f"{options.out.name} is already there; choose another name or add --overwrite.")
    if options.out.suffix != ".safetensors":
        raise CheckpointError(f"{options.out.name} must end in .safetensors, or nothing will find it.")
    options.out.parent.mkdir(parents=True, exist_ok=True)


def prepare(options: argparse.Namespace) -> int:
    from .datasets import resolve
    from .prepare import Settings, prepare

    settings = Settings(options.size, options.held_out, options.near_gray, options.quality, options.flat)
    report = prepare(resolve(options.sources), options.out, settings, progress=True)
    for line in report.lines():
        print(line)
    if not report.counts["train"]:
        print("colorizer: no picture is left to train on", file=sys.stderr)
        return 1
    return 0

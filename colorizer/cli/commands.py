"""What the commands of the command line do, each with its parsed options; returns the exit code."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING, Any

from ..checkpoints.card_text import plain, write_cards
from ..checkpoints.file import find_checkpoint, list_checkpoints, read_card
from ..colour.presets import preset
from ..errors import CheckpointError
from ..photo.open import open_photo

if TYPE_CHECKING:
    from ..inference.colorizer import Colorizer


def readout_of(options: argparse.Namespace, colorizer: Colorizer) -> dict[str, float | None]:
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

    from ..albums.jobs import Work, plan_jobs, run_jobs
    from ..inference.colorizer import Colorizer

    jobs, problems = plan_jobs(options.inputs, options.out, options.format, options.overwrite, resume=options.resume)
    for problem in problems:
        print(f"colorizer: {problem}", file=sys.stderr)
    if not jobs:
        if options.resume and not problems:
            print("nothing left to colour", file=sys.stderr)
        return 1 if problems or not options.resume else 0
    if options.hints and len(jobs) > 1:
        raise ValueError("--hint tells the colour of a place in one photograph; colour those with hints one at a time")
    wishes = _wishes(options)
    colorizer = Colorizer.from_checkpoint(options.checkpoint, device=options.device, folder=options.weights)
    asked = {**readout_of(options, colorizer), **wishes, "saturation": options.saturation}
    work = Work(asked, options.triptych)
    if options.engine == "ray":
        from ..albums.cluster import run_on_ray

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


def _wishes(options: argparse.Namespace) -> dict[str, Any]:
    """Hints, and a reference or palette with its strength, as `Colorizer.colorize` takes them. Raises PhotoError for a
    reference that cannot be read, and ValueError for a strength of nothing."""
    from ..colour.hex import hex_to_ab
    from ..inference.hints import Hint

    wishes: dict[str, Any] = {"hints": [Hint(x, y, hex_to_ab(colour)) for x, y, colour in options.hints]}
    if options.reference:
        wishes["reference"] = open_photo(options.reference)
    if options.palette:
        wishes["palette"] = [hex_to_ab(colour) for colour in options.palette]
    if options.strength is not None:
        if not (options.reference or options.palette):
            raise ValueError("--strength says how much a --reference or --palette counts; give one of these")
        wishes["strength"] = options.strength
    return wishes


def present(options: argparse.Namespace) -> int:
    from ..albums.present import EACH, Presenter, kind_of
    from ..inference.colorizer import Colorizer

    kind = kind_of(options.out, options.kind)
    colorizer = Colorizer.from_checkpoint(options.checkpoint, device=options.device, folder=options.weights)
    readout = {**readout_of(options, colorizer), "saturation": options.saturation}
    presenter = Presenter(colorizer, readout, report=lambda problem: print(f"colorizer: {problem}", file=sys.stderr))
    if kind in EACH:
        size = (3840, 2160) if options.uhd else (1920, 1080)
        presenter.each(kind, options.inputs, options.out, options.overwrite, size)
    else:
        presenter.together(kind, options.inputs, options.out, options.overwrite)
    print(f"{presenter.done} presented" + (f", {presenter.failed} not" if presenter.failed else ""), file=sys.stderr)
    return 1 if presenter.failed else 0


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
    from ..hub.model_card import model_card

    print(model_card(read_card(find_checkpoint(options.checkpoint, options.weights))), end="")
    return 0


def convert(options: argparse.Namespace) -> int:
    from ..checkpoints.published import LAYOUTS, convert, file_sha256

    _prepare_file(options, ".safetensors")
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
    from ..checkpoints.average import average

    _prepare_file(options, ".safetensors")
    paths = [find_checkpoint(name, options.weights) for name in options.checkpoints]
    print(plain(average(paths, options.shares or [1.0] * len(paths), options.out)))
    return 0


def export(options: argparse.Namespace) -> int:
    from ..checkpoints.onnx import export, parse_size

    size = parse_size(options.size)
    _prepare_file(options, ".onnx")
    exported = export(find_checkpoint(options.checkpoint, options.weights), options.out, opset=options.opset, size=size)
    print(f"{options.out}: {options.out.stat().st_size / 1e6:.1f} MB, {' and '.join(exported.inputs)} to ab")
    if exported.difference is None:
        print("Not checked: onnxruntime is not installed (pip install onnxruntime).")
    else:
        print(f"Checked: onnxruntime's colours are within {exported.difference:.1g} Lab units of torch's.")
    return 0


def _prepare_file(options: argparse.Namespace, suffix: str) -> None:
    """See that a file of this kind can be written; raises CheckpointError."""
    if options.out.exists() and not options.overwrite:
        raise CheckpointError(f"{options.out.name} is already there; choose another name or add --overwrite.")
    if options.out.suffix != suffix:
        raise CheckpointError(f"{options.out.name} must end in {suffix}.")
    options.out.parent.mkdir(parents=True, exist_ok=True)


def prepare(options: argparse.Namespace) -> int:
    from ..data.datasets import resolve
    from ..data.prepare import Settings, prepare

    settings = Settings(options.size, options.held_out, options.near_gray, options.quality, options.flat)
    report = prepare(resolve(options.sources), options.out, settings, progress=True)
    for line in report.lines():
        print(line)
    if not report.counts["train"]:
        print("colorizer: no picture is left to train on", file=sys.stderr)
        return 1
    return 0

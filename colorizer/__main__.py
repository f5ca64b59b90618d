"""The command line: python -m colorizer colorize | evaluate | models | convert | prepare."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .cards import plain, write_between, write_cards
from .checkpoint import WEIGHTS, CheckpointError, find_checkpoint, list_checkpoints, read_card, update_card
from .photo import PhotoError

if TYPE_CHECKING:
    from PIL import Image

# Read when torch is imported. Threads that spin while they wait take the cores from whatever else is running.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

DEFAULT_CHECKPOINT = "mobile-unet"
EXAMPLES = Path(__file__).parent.parent / "examples"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 all well, 1 something failed (and was said), 2 wrong usage."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except (CheckpointError, PhotoError, ValueError, OSError) as error:
        print(f"colorizer: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m colorizer", description="Colours for black-and-white photographs.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    colorize = commands.add_parser("colorize", help="colour photographs")
    colorize.set_defaults(run=_colorize)
    colorize.add_argument("inputs", nargs="+", metavar="IN", help="photographs, folders or patterns such as 'a/*.jpg'")
    colorize.add_argument(
        "-o", "--out", required=True, type=Path, help="a folder, or for one photograph a .png or .jpg file"
    )
    colorize.add_argument("--format", choices=("png", "jpg"), default="png", help="format in folders (default png)")
    colorize.add_argument("--overwrite", action="store_true", help="replace results that are already there")
    colorize.add_argument("--triptych", action="store_true", help="write gray, predicted and original side by side")
    _add_checkpoint(colorize)
    _add_readout(colorize)

    evaluate = commands.add_parser("evaluate", help="measure checkpoints on photographs, beside plain gray")
    evaluate.set_defaults(run=_evaluate)
    evaluate.add_argument("data", nargs="+", metavar="DIR", help="colour photographs: folders, .tar or .zip files")
    evaluate.add_argument(
        "--all",
        action="store_true",
        help="compare every checkpoint: parameters, MACs, time, all figures; writes comparison.md and comparison.jpg",
    )
    evaluate.add_argument("-o", "--out", type=Path, default=Path("runs/comparison"), help="folder for --all's files")
    evaluate.add_argument("--sheet", type=Path, default=EXAMPLES, help="photographs on --all's sheet (the examples)")
    evaluate.add_argument("--write", type=Path, metavar="README", help="put --all's table into this Markdown file")
    evaluate.add_argument("--checkpoint", action="append", metavar="NAME", help="repeatable; default: all there are")
    evaluate.add_argument("--weights", type=Path, default=WEIGHTS, help=argparse.SUPPRESS)
    evaluate.add_argument("--limit", type=int, help="the first so many photographs only")
    evaluate.add_argument("--working-size", type=int, help="feed networks at this size instead of their own")
    evaluate.add_argument(
        "--save",
        action="store_true",
        help="write the figures into the checkpoint's header, with the temperature and working size used",
    )
    evaluate.add_argument("--json", action="store_true", help="print JSON instead of a table")
    _add_readout(evaluate)

    models = commands.add_parser("models", help="list the checkpoints there are")
    models.set_defaults(run=_models)
    models.add_argument("--weights", type=Path, default=WEIGHTS, help="folder to look in")
    models.add_argument("--write", type=Path, metavar="README", help="put the cards into this Markdown file")

    convert = commands.add_parser("convert", help="import published weights (.pth)")
    convert.set_defaults(run=_convert)
    convert.add_argument("source", type=Path, metavar="FILE.pth")
    convert.add_argument(
        "--layout", required=True, help="whose weights: akbokha, bianchini, eccv16, melas-kyriazi, siggraph17"
    )
    convert.add_argument("-o", "--out", type=Path, required=True, help="the .safetensors file to write")
    convert.add_argument("--overwrite", action="store_true", help="replace the file if it is there")

    prepare = commands.add_parser("prepare", help="make a training set of folders and archives of pictures")
    prepare.set_defaults(run=_prepare)
    prepare.add_argument(
        "sources", nargs="+", metavar="SOURCE", help="folders, .tar or .zip files, or datasets by name"
    )
    prepare.add_argument("-o", "--out", type=Path, required=True, help="folder for train/, validation/, report.json")
    prepare.add_argument("--size", type=int, default=256, help="short side in pixels; never enlarged (default 256)")
    prepare.add_argument("--held-out", type=float, default=0.05, help="share for validation/ (default 0.05)")
    prepare.add_argument(
        "--near-gray", type=float, default=4.0, help="drop pictures with less mean chroma, in Lab units (default 4)"
    )
    prepare.add_argument("--quality", type=int, default=92, help="of the JPEG files (default 92)")
    prepare.add_argument("--flat", action="store_true", help="no folders by class (the folder a picture was in)")
    return parser


def _add_checkpoint(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--checkpoint", default=DEFAULT_CHECKPOINT, help=f"a name that `models` lists, or a file ({DEFAULT_CHECKPOINT})"
    )
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help=argparse.SUPPRESS)
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or mps")


def _add_readout(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--temperature", type=float, help="1: safest, lower: clearer (default: as measured best)")
    parser.add_argument("--vividness", type=float, default=0.0, help="prefer rare colours, 0 to 1 (default 0)")
    parser.add_argument("--saturation", type=float, default=1.0, help="factor on chroma (default 1)")


def _colorize(options: argparse.Namespace) -> int:
    from tqdm import tqdm

    from .inference import Colorizer
    from .jobs import plan_jobs, run_job

    jobs, problems = plan_jobs(options.inputs, options.out, options.format, options.overwrite)
    for problem in problems:
        print(f"colorizer: {problem}", file=sys.stderr)
    if not jobs:
        return 1
    colorizer = Colorizer.from_checkpoint(options.checkpoint, device=options.device, folder=options.weights)
    readout = {key: getattr(options, key) for key in ("temperature", "vividness", "saturation")}
    failures = len(problems)
    for job in tqdm(jobs, unit="photo", disable=len(jobs) == 1):
        try:
            run_job(colorizer, job, readout, options.triptych)
        except PhotoError as error:
            failures += 1
            tqdm.write(f"colorizer: {error}", file=sys.stderr)
    done = len(jobs) + len(problems) - failures
    print(f"{done} coloured, {failures} not" if failures else f"{done} coloured", file=sys.stderr)
    return 1 if failures else 0


def _evaluate(options: argparse.Namespace) -> int:
    from tqdm import tqdm

    from .data import find_pictures, open_to_measure
    from .datasets import resolve
    from .inference import Colorizer
    from .metrics import PROTOCOL_SIDE, evaluate

    if options.save and (options.vividness or options.saturation != 1):
        raise ValueError("--save keeps figures without vividness or saturation; leave these out")
    if options.write and not options.all:
        raise ValueError("--write puts --all's table into a file; add --all")
    if options.all and (options.temperature or options.working_size or options.vividness or options.saturation != 1):
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
        distribution = colorizer.architecture.has_distribution
        readout = {
            "temperature": options.temperature if distribution else None,
            "vividness": options.vividness if distribution else 0.0,
            "saturation": options.saturation,
        }
        results[label] = evaluate(
            lambda photo, c=colorizer, r=readout: c.colorize(photo, **r).image,  # type: ignore[misc]
            tqdm(photos, desc=label, unit="photo"),
        )
        if options.save:
            own = {"temperature": readout["temperature"]} if readout["temperature"] else {}
            update_card(colorizer.card.path, metrics=results[label], working_size=colorizer.working_size, **own)
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


def _models(options: argparse.Namespace) -> int:
    cards = list_checkpoints(options.weights)
    if not cards:
        print(f"There is no .safetensors file in {options.weights}.")
    for card in cards:
        print(plain(card))
    if options.write:
        write_cards(options.write, [card for card in cards if not card.error])
    return 0


def _convert(options: argparse.Namespace) -> int:
    from .published import LAYOUTS, convert, file_sha256

    if options.out.exists() and not options.overwrite:
        raise CheckpointError(f"{options.out.name} is already there; choose another name or add --overwrite.")
    if options.out.suffix != ".safetensors":
        raise CheckpointError(f"{options.out.name} must end in .safetensors, or nothing will find it.")
    options.out.parent.mkdir(parents=True, exist_ok=True)
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


def _prepare(options: argparse.Namespace) -> int:
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


if __name__ == "__main__":
    sys.exit(main())

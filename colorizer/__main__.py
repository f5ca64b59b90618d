"""The command line: python -m colorizer colorize | present | evaluate | models | card | convert | average | prepare."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from . import commands
from .checkpoint import WEIGHTS, CheckpointError
from .photo import PhotoError
from .presets import PRESETS

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
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")

    colorize = subparsers.add_parser("colorize", help="colour photographs")
    colorize.set_defaults(run=commands.colorize)
    colorize.add_argument("inputs", nargs="+", metavar="IN", help="photographs, folders or patterns such as 'a/*.jpg'")
    colorize.add_argument(
        "-o", "--out", required=True, type=Path, help="a folder, or for one photograph a .png or .jpg file"
    )
    colorize.add_argument("--format", choices=("png", "jpg"), default="png", help="format in folders (default png)")
    colorize.add_argument("--overwrite", action="store_true", help="replace results that are already there")
    colorize.add_argument("--resume", action="store_true", help="keep results that are already there, do the rest")
    colorize.add_argument("--workers", type=_count, help="photographs at once (default: one for each core)")
    colorize.add_argument(
        "--engine", choices=("local", "ray"), default="local", help="ray: on the Ray cluster at $RAY_ADDRESS"
    )
    colorize.add_argument("--triptych", action="store_true", help="write gray, predicted and original side by side")
    _add_checkpoint(colorize)
    _add_readout(colorize)

    present = subparsers.add_parser("present", help="make slides, films or a PowerPoint deck of photographs")
    present.set_defaults(run=commands.present)
    present.add_argument("inputs", nargs="+", metavar="IN", help="photographs, folders or patterns such as 'a/*.jpg'")
    present.add_argument(
        "-o", "--out", required=True, type=Path, help="talk.pptx, film.mp4, slide.png, or a folder for many"
    )
    present.add_argument(
        "--as",
        dest="kind",
        choices=("deck", "sheet", "slide", "film"),
        help="what to make (default: by --out's suffix, slides in a folder); a deck or a contact sheet holds all",
    )
    present.add_argument("--4k", dest="uhd", action="store_true", help="slides of 3840 x 2160 instead of 1920 x 1080")
    present.add_argument("--overwrite", action="store_true", help="replace files that are already there")
    _add_checkpoint(present)
    _add_readout(present)

    evaluate = subparsers.add_parser("evaluate", help="measure checkpoints on photographs, beside plain gray")
    evaluate.set_defaults(run=commands.evaluate)
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
    evaluate.add_argument("--limit", type=_count, help="the first so many photographs only")
    evaluate.add_argument("--working-size", type=int, help="feed networks at this size instead of their own")
    evaluate.add_argument(
        "--save",
        action="store_true",
        help="write the figures into the checkpoint's header, with the temperature and working size used",
    )
    evaluate.add_argument("--json", action="store_true", help="print JSON instead of a table")
    _add_readout(evaluate)

    models = subparsers.add_parser("models", help="list the checkpoints there are")
    models.set_defaults(run=commands.models)
    models.add_argument("--weights", type=Path, default=WEIGHTS, help="folder to look in")
    models.add_argument("--write", type=Path, metavar="README", help="put the cards into this Markdown file")

    card = subparsers.add_parser("card", help="print a checkpoint's model card for the Hugging Face Hub")
    card.set_defaults(run=commands.card)
    card.add_argument("checkpoint", metavar="NAME", help="a name that `models` lists, or a file")
    card.add_argument("--weights", type=Path, default=WEIGHTS, help=argparse.SUPPRESS)

    convert = subparsers.add_parser("convert", help="import published weights (.pth)")
    convert.set_defaults(run=commands.convert)
    convert.add_argument("source", type=Path, metavar="FILE.pth")
    convert.add_argument(
        "--layout", required=True, help="whose weights: akbokha, bianchini, eccv16, melas-kyriazi, siggraph17"
    )
    convert.add_argument("-o", "--out", type=Path, required=True, help="the .safetensors file to write")
    convert.add_argument("--overwrite", action="store_true", help="replace the file if it is there")

    average = subparsers.add_parser("average", help="the mean of several checkpoints of one training")
    average.set_defaults(run=commands.average)
    average.add_argument("checkpoints", nargs="+", metavar="NAME", help="names that `models` lists, or files")
    average.add_argument("--shares", nargs="+", type=float, metavar="X", help="how much of each (default: alike)")
    average.add_argument("-o", "--out", type=Path, required=True, help="the .safetensors file to write")
    average.add_argument("--overwrite", action="store_true", help="replace the file if it is there")
    average.add_argument("--weights", type=Path, default=WEIGHTS, help=argparse.SUPPRESS)

    prepare = subparsers.add_parser("prepare", help="make a training set of folders and archives of pictures")
    prepare.set_defaults(run=commands.prepare)
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


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def _add_checkpoint(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--checkpoint", default=DEFAULT_CHECKPOINT, help=f"a name that `models` lists, or a file ({DEFAULT_CHECKPOINT})"
    )
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help=argparse.SUPPRESS)
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or mps")


def _add_readout(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--preset", choices=tuple(PRESETS), help="how bold: a temperature and vividness by name")
    parser.add_argument("--temperature", type=float, help="1: safest, lower: clearer (default: as measured best)")
    parser.add_argument("--vividness", type=float, help="prefer rare colours, 0 to 1 (default 0)")
    parser.add_argument("--saturation", type=float, default=1.0, help="factor on chroma (default 1)")


if __name__ == "__main__":
    sys.exit(main())

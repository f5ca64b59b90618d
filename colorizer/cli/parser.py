"""The command line: python -m colorizer COMMAND; `--help` lists the commands, and after one its options."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

from ..checkpoints.card import WEIGHTS
from ..colour.hex import parse_hex
from ..colour.presets import PRESETS
from ..errors import CheckpointError, PhotoError
from ..runtime import openmp  # noqa: F401
from . import commands
from . import evaluate as evaluation_command

DEFAULT_CHECKPOINT = "mobile-unet"
EXAMPLES = Path(__file__).parents[2] / "examples"

Subparsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


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
    for add in (_colorize, _present, _evaluate, _models, _card, _convert, _average, _export, _prepare):
        add(subparsers)
    return parser


def _colorize(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser("colorize", help="colour photographs")
    parser.set_defaults(run=commands.colorize)
    parser.add_argument("inputs", nargs="+", metavar="IN", help="photographs, folders or patterns such as 'a/*.jpg'")
    parser.add_argument(
        "-o", "--out", required=True, type=Path, help="a folder, or for one photograph a .png or .jpg file"
    )
    parser.add_argument("--format", choices=("png", "jpg"), default="png", help="format in folders (default png)")
    _add_overwrite(parser, "replace results that are already there")
    parser.add_argument("--resume", action="store_true", help="keep results that are already there, do the rest")
    parser.add_argument("--workers", type=_count, help="photographs at once (default: one for each core)")
    parser.add_argument(
        "--engine", choices=("local", "ray"), default="local", help="ray: on the Ray cluster at $RAY_ADDRESS"
    )
    parser.add_argument("--triptych", action="store_true", help="write gray, predicted and original side by side")
    _add_checkpoint(parser)
    _add_readout(parser)
    asked = parser.add_argument_group("colours to tell or to prefer")
    asked.add_argument(
        "--hint",
        dest="hints",
        action="append",
        type=_hint,
        default=[],
        metavar="X,Y,#RRGGBB",
        help="the colour at a pixel of the upright photograph; repeatable",
    )
    asked.add_argument("--palette", type=_palette, default=[], metavar="#RRGGBB,...", help="colours to prefer")
    asked.add_argument("--reference", type=Path, metavar="PICTURE", help="prefer the colours of this picture")
    asked.add_argument("--strength", type=float, help="how much these are preferred, 0 or more (default 1)")


def _present(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser("present", help="make slides, films or a PowerPoint deck of photographs")
    parser.set_defaults(run=commands.present)
    parser.add_argument("inputs", nargs="+", metavar="IN", help="photographs, folders or patterns such as 'a/*.jpg'")
    parser.add_argument(
        "-o", "--out", required=True, type=Path, help="talk.pptx, film.mp4, slide.png, or a folder for many"
    )
    parser.add_argument(
        "--as",
        dest="kind",
        choices=("deck", "sheet", "slide", "film"),
        help="what to make (default: by --out's suffix, slides in a folder); a deck or a contact sheet holds all",
    )
    parser.add_argument("--4k", dest="uhd", action="store_true", help="slides of 3840 x 2160 instead of 1920 x 1080")
    _add_overwrite(parser, "replace files that are already there")
    _add_checkpoint(parser)
    _add_readout(parser)


def _evaluate(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser("evaluate", help="measure checkpoints on photographs, beside plain gray")
    parser.set_defaults(run=evaluation_command.evaluate)
    parser.add_argument("data", nargs="+", metavar="DIR", help="colour photographs: folders, .tar or .zip files")
    parser.add_argument(
        "--all",
        action="store_true",
        help="compare every checkpoint: parameters, MACs, time, all figures; writes comparison.md and comparison.jpg",
    )
    parser.add_argument("-o", "--out", type=Path, default=Path("runs/comparison"), help="folder for --all's files")
    parser.add_argument("--sheet", type=Path, default=EXAMPLES, help="photographs on --all's sheet (the examples)")
    parser.add_argument("--write", type=Path, metavar="README", help="put --all's table into this Markdown file")
    parser.add_argument("--checkpoint", action="append", metavar="NAME", help="repeatable; default: all there are")
    _add_weights(parser)
    parser.add_argument("--limit", type=_count, help="the first so many photographs only")
    parser.add_argument("--working-size", type=int, help="feed networks at this size instead of their own")
    parser.add_argument(
        "--save",
        action="store_true",
        help="write the figures into the checkpoint's header, with the temperature and working size used",
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    _add_readout(parser)


def _models(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser("models", help="list the checkpoints there are")
    parser.set_defaults(run=commands.models)
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="folder to look in")
    parser.add_argument("--write", type=Path, metavar="README", help="put the cards into this Markdown file")


def _card(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser("card", help="print a checkpoint's model card for the Hugging Face Hub")
    parser.set_defaults(run=commands.card)
    parser.add_argument("checkpoint", metavar="NAME", help="a name that `models` lists, or a file")
    _add_weights(parser)


def _convert(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser("convert", help="import published weights (.pth)")
    parser.set_defaults(run=commands.convert)
    parser.add_argument("source", type=Path, metavar="FILE.pth")
    parser.add_argument(
        "--layout", required=True, help="whose weights: akbokha, bianchini, eccv16, melas-kyriazi, siggraph17"
    )
    parser.add_argument("-o", "--out", type=Path, required=True, help="the .safetensors file to write")
    _add_overwrite(parser)


def _average(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser("average", help="the mean of several checkpoints of one training")
    parser.set_defaults(run=commands.average)
    parser.add_argument("checkpoints", nargs="+", metavar="NAME", help="names that `models` lists, or files")
    parser.add_argument("--shares", nargs="+", type=float, metavar="X", help="how much of each (default: alike)")
    parser.add_argument("-o", "--out", type=Path, required=True, help="the .safetensors file to write")
    _add_overwrite(parser)
    _add_weights(parser)


def _prepare(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser("prepare", help="make a training set of folders and archives of pictures")
    parser.set_defaults(run=commands.prepare)
    parser.add_argument("sources", nargs="+", metavar="SOURCE", help="folders, .tar or .zip files, or datasets by name")
    parser.add_argument("-o", "--out", type=Path, required=True, help="folder for train/, validation/, report.json")
    parser.add_argument("--size", type=int, default=256, help="short side in pixels; never enlarged (default 256)")
    parser.add_argument("--held-out", type=float, default=0.05, help="share for validation/ (default 0.05)")
    parser.add_argument(
        "--near-gray", type=float, default=4.0, help="drop pictures with less mean chroma, in Lab units (default 4)"
    )
    parser.add_argument("--quality", type=int, default=92, help="of the JPEG files (default 92)")
    parser.add_argument("--flat", action="store_true", help="no folders by class (the folder a picture was in)")


def _export(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser("export", help="write a checkpoint as an ONNX graph, for programs without torch")
    parser.set_defaults(run=commands.export)
    parser.add_argument("checkpoint", metavar="NAME", help="a name that `models` lists, or a file")
    parser.add_argument("-o", "--out", type=Path, required=True, help="the .onnx file to write")
    parser.add_argument("--opset", type=int, default=18, help="version of ONNX's operators (default 18)")
    parser.add_argument(
        "--size", default="dynamic", metavar="HxW", help="take this size only, 256 or 192x256 (default: dynamic)"
    )
    _add_overwrite(parser)
    _add_weights(parser)


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def _hint(text: str) -> tuple[float, float, str]:
    try:
        x, y, colour = text.split(",")
        hint = float(x), float(y), colour
    except ValueError:
        raise argparse.ArgumentTypeError(f"a hint is X,Y,#RRGGBB, such as 200,120,#c03020; {text!r} is not") from None
    _colour(colour)
    return hint


def _palette(text: str) -> list[str]:
    return [_colour(colour) for colour in text.split(",")]


def _colour(text: str) -> str:
    try:
        parse_hex(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return text


def _add_checkpoint(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--checkpoint", default=DEFAULT_CHECKPOINT, help=f"a name that `models` lists, or a file ({DEFAULT_CHECKPOINT})"
    )
    _add_weights(parser)
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or mps")


def _add_weights(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help=argparse.SUPPRESS)


def _add_overwrite(parser: argparse.ArgumentParser, says: str = "replace the file if it is there") -> None:
    parser.add_argument("--overwrite", action="store_true", help=says)


def _add_readout(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--preset", choices=tuple(PRESETS), help="how bold: a temperature and vividness by name")
    parser.add_argument("--temperature", type=float, help="1: safest, lower: clearer (default: as measured best)")
    parser.add_argument("--vividness", type=float, help="prefer rare colours, 0 to 1 (default 0)")
    parser.add_argument("--saturation", type=float, default=1.0, help="factor on chroma (default 1)")

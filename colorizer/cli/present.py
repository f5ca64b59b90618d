"""`present`: makes slides, films, contact sheets, PowerPoint decks and web pages."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .flags import (
    AS_ON_THE_PAGE,
    Subparsers,
    add_checkpoint,
    add_overwrite,
    add_readout,
    readout_to_show,
)


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser("present", help="make slides, films, a PowerPoint deck or a web page of photographs")
    parser.set_defaults(run=run)
    parser.add_argument("inputs", nargs="+", metavar="IN", help="photographs, folders or patterns such as 'a/*.jpg'")
    parser.add_argument(
        "-o", "--out", required=True, type=Path, help="talk.pptx, talk.html, film.mp4, slide.png, or a folder for many"
    )
    parser.add_argument(
        "--as",
        dest="kind",
        choices=("deck", "page", "sheet", "slide", "film"),
        help="what to make (default: by --out's suffix, slides in a folder); a deck, page or contact sheet holds all",
    )
    parser.add_argument("--4k", dest="uhd", action="store_true", help="slides of 3840 x 2160 instead of 1920 x 1080")
    add_overwrite(parser, "replace files that are already there")
    add_checkpoint(parser)
    add_readout(parser, AS_ON_THE_PAGE)


def run(options: argparse.Namespace) -> int:
    from ..albums.present import EACH, Presenter, kind_of
    from ..inference.colorizer import Colorizer

    kind = kind_of(options.out, options.kind)
    colorizer = Colorizer.from_checkpoint(options.checkpoint, device=options.device, folder=options.weights)
    readout = readout_to_show(options, colorizer)
    presenter = Presenter(colorizer, readout, report=lambda problem: print(f"colorizer: {problem}", file=sys.stderr))
    if kind in EACH:
        size = (3840, 2160) if options.uhd else (1920, 1080)
        presenter.each(kind, options.inputs, options.out, options.overwrite, size)
    else:
        presenter.together(kind, options.inputs, options.out, options.overwrite)
    print(f"{presenter.done} presented" + (f", {presenter.failed} not" if presenter.failed else ""), file=sys.stderr)
    return 1 if presenter.failed else 0

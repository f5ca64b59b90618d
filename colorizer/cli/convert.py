"""`convert`: turns weights published by others into a checkpoint."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ..checkpoints.card_text import plain
from .flags import Subparsers, add_overwrite, check_target


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser("convert", help="import published weights (.pth)")
    parser.set_defaults(run=run)
    parser.add_argument("source", type=Path, metavar="FILE.pth")
    parser.add_argument(
        "--layout", required=True, help="whose weights: akbokha, bianchini, eccv16, melas-kyriazi, siggraph17"
    )
    parser.add_argument("-o", "--out", type=Path, required=True, help="the .safetensors file to write")
    add_overwrite(parser)


def run(options: argparse.Namespace) -> int:
    from ..checkpoints.published import LAYOUTS, convert
    from ..files.identity import sha256

    check_target(options, ".safetensors")
    card = convert(options.source, options.layout, options.out)
    digest, expected = sha256(options.source), LAYOUTS[options.layout].sha256
    if not digest.startswith(expected):
        print(
            f"colorizer: {options.source.name} has SHA-256 {digest}; the published file's begins with {expected}; "
            "the layout is right, but these may be other weights",
            file=sys.stderr,
        )
    print(plain(card))
    return 0

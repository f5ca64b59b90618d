"""`average`: makes one checkpoint, the mean of several."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..checkpoints.card_text import plain
from ..checkpoints.file import find_checkpoint
from .flags import Subparsers, add_overwrite, add_weights, check_target


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser("average", help="average several checkpoints of one training")
    parser.set_defaults(run=run)
    parser.add_argument("checkpoints", nargs="+", metavar="NAME", help="names that `models` lists, or files")
    parser.add_argument(
        "--shares", nargs="+", type=float, metavar="X", help="the share of each (default: equal shares)"
    )
    parser.add_argument("-o", "--out", type=Path, required=True, help="the .safetensors file to write")
    add_overwrite(parser)
    add_weights(parser)


def run(options: argparse.Namespace) -> int:
    from ..checkpoints.average import average

    check_target(options, ".safetensors")
    paths = [find_checkpoint(name, options.weights) for name in options.checkpoints]
    print(plain(average(paths, options.shares or [1.0] * len(paths), options.out)))
    return 0

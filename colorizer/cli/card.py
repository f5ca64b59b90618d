"""`card`: a checkpoint's model card for the Hugging Face Hub."""

from __future__ import annotations

import argparse

from ..checkpoints.file import find_checkpoint, read_card
from .flags import Subparsers, add_weights


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser("card", help="print a checkpoint's model card for the Hugging Face Hub")
    parser.set_defaults(run=run)
    parser.add_argument("checkpoint", metavar="NAME", help="a name that `models` lists, or a file")
    add_weights(parser)


def run(options: argparse.Namespace) -> int:
    from ..hub.model_card import model_card

    print(model_card(read_card(find_checkpoint(options.checkpoint, options.weights))), end="")
    return 0

"""`models`: lists the checkpoints."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..checkpoints.card import WEIGHTS
from ..checkpoints.card_text import plain, write_cards
from ..checkpoints.file import list_checkpoints
from .flags import Subparsers


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser("models", help="list the checkpoints")
    parser.set_defaults(run=run)
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="folder to look in")
    parser.add_argument("--write", type=Path, metavar="README", help="put the cards into this Markdown file")


def run(options: argparse.Namespace) -> int:
    cards = list_checkpoints(options.weights)
    if not cards:
        print(f"There is no .safetensors file in {options.weights}.")
    for card in cards:
        print(plain(card))
    if options.write:
        write_cards(options.write, [card for card in cards if not card.error])
    return 0

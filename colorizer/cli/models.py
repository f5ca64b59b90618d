"""`models`: lists the checkpoints; `card`: the model card of one, for the Hugging Face Hub."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..checkpoints.card import WEIGHTS
from ..checkpoints.card_text import plain, write_cards
from ..checkpoints.file import find_checkpoint, list_checkpoints, read_card
from .flags import Subparsers, add_weights


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser("models", help="list the checkpoints")
    parser.set_defaults(run=run)
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="folder to look in")
    parser.add_argument("--write", type=Path, metavar="README", help="put the cards into this Markdown file")
    card = subparsers.add_parser("card", help="print a checkpoint's model card for the Hugging Face Hub")
    card.set_defaults(run=print_card)
    card.add_argument("checkpoint", metavar="NAME", help="a name that `models` lists, or a file")
    add_weights(card)


def run(options: argparse.Namespace) -> int:
    cards = list_checkpoints(options.weights)
    if not cards:
        print(f"There is no .safetensors file in {options.weights}.")
    for card in cards:
        print(plain(card))
    if options.write:
        write_cards(options.write, [card for card in cards if not card.error])
    return 0


def print_card(options: argparse.Namespace) -> int:
    from ..hub.model_card import model_card

    print(model_card(read_card(find_checkpoint(options.checkpoint, options.weights))), end="")
    return 0

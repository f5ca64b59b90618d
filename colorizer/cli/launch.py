"""Starts the page and training, from the command line and from app.py and train.py in a checkout."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..errors import UserError
from ..files.atomic import wait_for_files
from ..runtime.extras import need

if TYPE_CHECKING:
    from .flags import Subparsers


def add_parser(subparsers: Subparsers) -> None:
    subparsers.add_parser("train", help="train a network; alone, it lists the networks and recipes there are")
    page = subparsers.add_parser("page", help="serve the page; $GRADIO_SERVER_PORT chooses the port")
    page.set_defaults(run=lambda options: serve())


def serve() -> int:
    """Serve the page until Ctrl-C or SIGTERM ends the process; returns 1 if the page cannot start."""
    try:
        need("needs_page", "gradio", "jinja2", "matplotlib")
        from ..page import launch

        hear_sigterm()
        launch()
    except (ValueError, OSError) as error:
        print(f"colorizer: {error}", file=sys.stderr)
        return 1
    wait_for_files(seconds=8)
    sys.stdout.flush()
    os._exit(0)  # exiting normally would abort if a network is still running in a thread


def train(arguments: Sequence[str] | None = None, program: str = "colorizer train") -> int:
    """Train, as `train.main` does; returns the exit code, 1 if packages are missing."""
    try:
        need("needs_train", "accelerate", "jinja2", "matplotlib", "tensorboard", "tyro")
    except UserError as error:
        print(f"{program}: {error}", file=sys.stderr)
        return 1
    from .train import main

    return main(arguments, program)


def hear_sigterm() -> None:
    """Make SIGTERM, with which containers and systemd stop a process, work like Ctrl-C. The first process of a
    container ignores it unless it installs a handler."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)

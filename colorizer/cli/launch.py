"""Starts the page and training, from the command line and from app.py and train.py in a checkout."""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ..errors import UserError, need
from ..files.atomic import give_up_files, wait_for_files

if TYPE_CHECKING:
    from .flags import Subparsers

STOP_SECONDS = 6.0
"""Seconds from SIGTERM to the end; by default containers are killed after ten."""


def add_parser(subparsers: Subparsers) -> None:
    subparsers.add_parser("train", help="train a network; with nothing else, list the networks and recipes")
    page = subparsers.add_parser("page", help="serve the page; $GRADIO_SERVER_PORT chooses the port")
    page.set_defaults(run=lambda options: serve())


def serve() -> int:
    """Serve the page until Ctrl-C or SIGTERM ends the process, within `STOP_SECONDS`; returns 1 if the page cannot
    start."""
    print_utf8()
    hear_sigterm(then=_leave_soon)
    try:
        need("needs_page", "gradio", "jinja2")
        from ..page import check_port, launch

        check_port()
        launch()
    except (ValueError, OSError) as error:
        print(f"colorizer: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:  # while it started
        pass
    _leave_soon()
    wait_for_files(seconds=STOP_SECONDS)
    _leave()
    return 0


def _leave_soon() -> None:
    """Let the process end after `STOP_SECONDS`, whatever its threads are doing. Containers and systemd kill it soon
    after."""
    timer = threading.Timer(STOP_SECONDS, _leave)
    timer.daemon = True
    timer.start()


def _leave() -> None:
    """End the process, and leave no partial file. Exiting normally would abort if a network still runs in a thread."""
    give_up_files()
    sys.stdout.flush()
    os._exit(0)


def train(arguments: Sequence[str] | None = None, program: str = "colorizer train") -> int:
    """Train, as `train.main` does; returns the exit code, 1 if packages are missing."""
    print_utf8()
    try:
        need("needs_train", "accelerate", "jinja2", "tensorboard", "tyro")
    except UserError as error:
        print(f"{program}: {error}", file=sys.stderr)
        return 1
    from .train import main

    return while_read(lambda: main(arguments, program))


def while_read(main: Callable[[], int]) -> int:
    """Run a command; returns its exit code. A reader of what it prints who has enough, such as `head`, is no error."""
    try:
        try:
            return main()
        finally:
            sys.stdout.flush()  # not at the very end, where Python would complain
    except BrokenPipeError:
        if not nobody_reads():
            raise
        return 0


def nobody_reads() -> bool:
    """Whether stdout, and not another pipe, has lost its reader. What is still to be printed then goes nowhere."""
    try:
        print(flush=True)  # only another write tells
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return True
    return False


def print_utf8() -> None:
    """Print UTF-8 into files and pipes, whatever the locale says: what a command prints may become a file. A terminal
    keeps its encoding, and shows letters that it lacks as their numbers."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="backslashreplace")


def hear_sigterm(then: Callable[[], None] | None = None) -> None:
    """Make SIGTERM, with which containers and systemd stop a process, work like Ctrl-C; what follows the first is not
    heard, so that it cannot interrupt the tidying. The first process of a container ignores SIGTERM unless it installs
    a handler. then: called first, for Ctrl-C too."""

    def stop(number: int, frame: object) -> None:
        for each in (signal.SIGTERM, signal.SIGINT) if number == signal.SIGTERM else (signal.SIGTERM,):
            signal.signal(each, signal.SIG_IGN)
        if then:
            then()
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    if then:
        signal.signal(signal.SIGINT, stop)

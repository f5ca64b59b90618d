"""Python programs of this package that run in a process of their own, and end with the one that started them."""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path


def command(module: str, *arguments: str) -> list[str]:
    """The command that starts a module of this package as a program."""
    return [sys.executable, "-m", module, *arguments]


def environment(**more: str) -> dict[str, str]:
    """This process's environment, in which a child finds this package as well. more: further variables."""
    search = os.pathsep.join(filter(None, (str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH"))))
    return {**os.environ, **more, "PYTHONPATH": search}


def end_with(parent: int) -> None:
    """End when the parent, a process's number, has ended, even in the middle of work."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()

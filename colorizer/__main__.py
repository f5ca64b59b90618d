"""The door of the command line: `colorizer COMMAND`, or `python -m colorizer COMMAND`."""

import sys

from .cli.launch import hear_sigterm
from .cli.parser import main


def run() -> None:
    """One command. SIGTERM is as Ctrl-C: what is being written is given up, and leaves nothing behind."""
    hear_sigterm()
    sys.exit(main())


if __name__ == "__main__":
    run()

"""The entry point of the command line: `colorizer COMMAND`, or `python -m colorizer COMMAND`."""

import sys

from .cli.launch import hear_sigterm, print_utf8, while_read
from .cli.parser import main


def run() -> None:
    """Run one command. SIGTERM acts as Ctrl-C does: files that are being written are given up, and nothing is left
    behind."""
    print_utf8()
    hear_sigterm()
    sys.exit(while_read(main))


if __name__ == "__main__":
    run()

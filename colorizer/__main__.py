"""The door of the command line: `colorizer COMMAND`, or `python -m colorizer COMMAND`."""

import sys

from .cli.launch import hear_sigterm, print_utf8, while_read
from .cli.parser import main


def run() -> None:
    """One command. SIGTERM is as Ctrl-C: what is being written is given up, and leaves nothing behind."""
    print_utf8()
    hear_sigterm()
    sys.exit(while_read(main))


if __name__ == "__main__":
    run()

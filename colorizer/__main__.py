"""The door of the command line: python -m colorizer COMMAND."""

import signal
import sys

from .cli.parser import main

if __name__ == "__main__":
    # As Ctrl-C: what is being written is given up, and leaves nothing behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())

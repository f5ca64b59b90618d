"""Starts the page."""

import os
import signal
import sys

from colorizer.files.atomic import wait_for_files
from colorizer.page import launch

if __name__ == "__main__":
    # How containers and systemd say stop. The first process of a container is deaf to it unless it asks to hear it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    launch()
    wait_for_files(seconds=8)
    sys.stdout.flush()
    os._exit(0)  # a network that is at work in a thread aborts an interpreter that ends around it

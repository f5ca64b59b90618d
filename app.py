"""Starts the page."""

import signal

from colorizer.page import launch

if __name__ == "__main__":
    # How containers and systemd say stop. The first process of a container is deaf to it unless it asks to hear it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    launch()

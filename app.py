"""Starts the page."""

import sys

from colorizer.cli.launch import serve

if __name__ == "__main__":
    sys.exit(serve())

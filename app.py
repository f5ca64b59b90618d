"""Starts the page."""

import argparse
import sys

from colorizer.cli.launch import serve

if __name__ == "__main__":
    argparse.ArgumentParser(usage="python app.py, without arguments; $GRADIO_SERVER_PORT chooses the port").parse_args()
    sys.exit(serve())

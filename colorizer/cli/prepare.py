"""`prepare`: turns folders and archives of pictures into a training set."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .flags import Subparsers


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser("prepare", help="make a training set from folders and archives of pictures")
    parser.set_defaults(run=run)
    parser.add_argument("sources", nargs="+", metavar="SOURCE", help="folders, .tar or .zip files")
    parser.add_argument("-o", "--out", type=Path, required=True, help="folder for train/, validation/, report.json")
    parser.add_argument("--size", type=int, default=256, help="short side in pixels; never enlarged (default 256)")
    parser.add_argument("--held-out", type=float, default=0.05, help="share for validation/ (default 0.05)")
    parser.add_argument(
        "--without",
        nargs="+",
        default=[],
        metavar="SOURCE",
        help="drop pictures that are nearly the same, mirrored or not, as one in these folders or archives",
    )


def run(options: argparse.Namespace) -> int:
    from ..data.prepare import prepare

    report = prepare(options.sources, options.out, options.size, options.held_out, options.without, progress=True)
    for line in report.lines():
        print(line)
    if not report.counts()["train"]:
        print("colorizer: no picture is left to train on", file=sys.stderr)
        return 1
    return 0

"""`export`: writes a checkpoint as an ONNX graph."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..checkpoints.file import find_checkpoint, load_checkpoint
from .flags import Subparsers, add_overwrite, add_weights, check_target


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser("export", help="write a checkpoint as an ONNX graph, for programs without torch")
    parser.set_defaults(run=run)
    parser.add_argument("checkpoint", metavar="NAME", help="a name that `models` lists, or a file")
    parser.add_argument("-o", "--out", type=Path, required=True, help="the .onnx file to write")
    parser.add_argument(
        "--whole",
        action="store_true",
        help="the whole pipeline in one file: photograph in, coloured photograph out, with readouts and hints",
    )
    add_overwrite(parser)
    add_weights(parser)


def run(options: argparse.Namespace) -> int:
    from ..checkpoints.onnx import write_graph

    check_target(options, ".onnx")
    if options.whole:
        return _whole(options)
    checkpoint = load_checkpoint(find_checkpoint(options.checkpoint, options.weights))
    exported = write_graph(*checkpoint, options.out)
    print(f"{options.out}: {options.out.stat().st_size / 1e6:.1f} MB, {' and '.join(exported.inputs)} to ab")
    print(f"Checked: onnxruntime's colours are within {exported.difference:.1g} Lab units of torch's.")
    return 0


def _whole(options: argparse.Namespace) -> int:
    from ..graph.whole import write_pipeline

    unlike = write_pipeline(find_checkpoint(options.checkpoint, options.weights), options.out)
    print(f"{options.out}: {options.out.stat().st_size / 1e6:.1f} MB, photo to image")
    print(f"Checked: {unlike:.2%} of the samples differ from torch's by more than one level.")
    return 0

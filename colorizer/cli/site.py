"""`site`: writes a static site that colours photographs in the visitor's own browser."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..checkpoints.file import find_checkpoint, load_checkpoint
from ..errors import UserError
from .flags import DEFAULT_CHECKPOINT, Subparsers, add_overwrite, add_weights


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser("site", help="write a static site that colours in the visitor's own browser")
    parser.set_defaults(run=run)
    parser.add_argument("out", metavar="OUT", type=Path, help="the folder to write")
    parser.add_argument(
        "--checkpoint", default=DEFAULT_CHECKPOINT, help=f"a name that `models` lists, or a file ({DEFAULT_CHECKPOINT})"
    )
    parser.add_argument(
        "--onnxruntime",
        type=Path,
        metavar="FOLDER",
        help="onnxruntime-web's npm package, unpacked; without it, npm fetches it",
    )
    add_overwrite(parser, "write into a folder that holds other files")
    add_weights(parser)


def run(options: argparse.Namespace) -> int:
    from ..graph.whole import pipeline
    from ..site.write import write_site

    if options.out.is_dir() and any(options.out.iterdir()) and not options.overwrite:
        raise UserError.of("site_folder", name=options.out.name)
    made = pipeline(*load_checkpoint(find_checkpoint(options.checkpoint, options.weights)))
    sizes = write_site(options.out, made, options.onnxruntime)
    print(f"{options.out}: {len(sizes)} files, {sum(sizes.values()) / 1e6:.1f} MB")
    print(f"To look at it: python -m http.server -d {options.out}")
    return 0

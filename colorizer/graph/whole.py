"""Writes the whole pipeline of `Colorizer` as one ONNX file: a photograph in, the coloured photograph out.

torch exports the network and the steps around it in pieces (`pieces`, `photo`), which compute with the functions of
`Colorizer`. The network runs once, and a second time if a hint is a clue for the whole picture.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from ..architectures.contract import Architecture
from ..checkpoints.card import Card
from ..checkpoints.file import load_checkpoint
from ..checkpoints.onnx import KEY, description, metadata, session_of
from ..colour.readout import Readout
from ..errors import CheckpointError, need
from ..files.atomic import write_whole
from ..inference.colorizer import Colorizer
from ..inference.hints import REACH_NUMBERS, Hint

LARGEST = 256
"""Working size, in pixels, up to which the longest side of the grid of regions is at most `region.SPAN`."""
MOST_UNLIKE = 0.001
"""Largest share of samples that may differ from `Colorizer` by more than one level."""


class Pipeline(NamedTuple):
    """A checkpoint's pipeline as ONNX models that were checked."""

    card: Mapping[str, Any]
    """The checkpoint's words about itself, and a value for each input that has one: see `defaults`."""
    parts: Mapping[str, bytes]
    """The pieces that `pieces` describes, each as a file of its own, by name."""
    whole: bytes
    """All of them in one file, see `write_pipeline`."""
    unlike: float
    """The share of samples that differ from `Colorizer` by more than one level."""


def write_pipeline(source: Path, target: Path) -> float:
    """Write a checkpoint's whole pipeline as one ONNX file, atomically and only if it passes the check.

    Inputs: photo uint8 (H, W, 3), sRGB, any size; hints float32 (K, 5), as `hint_rows` makes them; points float32
    (P, 2), x and y in pixels, at which to suggest colours; the numbers of `Readout`, float32; histogram float32 (Q,),
    which sums to 1, of colours to prefer with `strength`. K and P may be 0. Outputs: image uint8 (H, W, 3); entropy
    float32 (h, w) in [0, 1]; suggestions float32 (P, 5, 2), Lab units, not a number where the network knows fewer. The
    metadata hold `Pipeline.card`.

    Returns `Pipeline.unlike`. Raises CheckpointError when the file cannot be written, and all that `pipeline` raises.
    """
    made = pipeline(*load_checkpoint(source))
    target.parent.mkdir(parents=True, exist_ok=True)
    write_whole(target, made.whole, CheckpointError)
    return made.unlike


def pipeline(network: Architecture, card: Card) -> Pipeline:
    """Export the pipeline of a network with its card. Raises ValueError for a package that is missing, a network that
    has no such pipeline, and a graph that onnxruntime does not compute as torch does."""
    need("needs_onnx", "onnx", "onnxscript", "onnxruntime")
    from onnx import helper

    from .assembly import alone, assembled, exported

    working_size = card.working_size or network.working_size
    if not getattr(network.config, "sharp", False) or working_size > LARGEST:
        raise ValueError(f"{card.name} cannot be exported whole; only mobile-unet can. Leave --whole out")
    pieces = exported(network, working_size)
    own = {name: value.tolist() for name, value in defaults(network, card).items()}
    said = {**metadata(card, network, None), "defaults": own}
    whole = assembled(network, pieces)
    whole.doc_string = description(card)
    helper.set_model_props(whole, {KEY: json.dumps(said)})
    file = whole.SerializeToString()
    unlike = difference(file, Colorizer(network, card=card))
    if unlike > MOST_UNLIKE:
        raise ValueError(
            f"{unlike:.2%} of the samples differ from torch's by more than one level; nothing was written. "
            "Please report this with the versions of torch, onnxscript and onnxruntime"
        )
    return Pipeline(said, {name: alone(piece).SerializeToString() for name, piece in pieces.items()}, file, unlike)


def defaults(network: Architecture, card: Card) -> dict[str, Any]:
    """A value for every input but the photo, as arrays: no hints, no points, the checkpoint's own readout, and no
    colours to prefer."""
    own = Readout().with_own(card.temperature)
    names = ("temperature", "vividness", "saturation", *(["finish"] if network.has_finish else []))
    numbers = {name: np.array(getattr(own, name), np.float32) for name in names}
    nothing = {"hints": np.zeros((0, 5), np.float32), "points": np.zeros((0, 2), np.float32)}
    flat = np.full(len(network.centres), 1 / len(network.centres), np.float32)
    return {**nothing, **numbers, "histogram": flat, "strength": np.zeros((), np.float32)}


def hint_rows(hints: Sequence[Hint]) -> np.ndarray:
    """Hints as float32 (K, 5): x, y, a, b and reach, a row for each point of a stroke. Radii and
    strengths are left out."""
    rows = [(x, y, *hint.ab, REACH_NUMBERS[hint.reach]) for hint in hints for x, y in hint.points]
    return np.array(rows, np.float32).reshape(-1, 5)


def difference(model: bytes, colorizer: Colorizer) -> float:
    """The largest share of samples by which onnxruntime and `Colorizer` differ by more than one level, of a wide and a
    tall picture, with hints and without, and of the finish if there is one."""
    session = session_of(model)
    given = defaults(colorizer.architecture, colorizer.card)
    worst = 0.0
    for width, height in ((300, 200), (90, 130)):
        photo = _picture(width, height)
        bold = Hint(width * 0.3, height * 0.6, (60.0, 40.0))
        for hints in ((), (bold, Hint(width * 0.8, height * 0.2, (0.0, -20.0), reach="picture"))):
            for finish in (0.0, 1.0) if colorizer.architecture.has_finish else (0.0,):
                share = {"finish": np.array(finish, np.float32)} if "finish" in given else {}
                inputs = {**given, **share, "photo": np.asarray(photo), "hints": hint_rows(hints)}
                (image,) = session.run(["image"], inputs)
                expected = np.asarray(colorizer.colorize(photo, hints, finish=finish).image)
                worst = max(worst, float((np.abs(image.astype(int) - expected) > 1).mean()))
    return worst


def _picture(width: int, height: int) -> Image.Image:
    """A picture with edges and slopes."""
    random = np.random.default_rng(width)
    coarse = Image.fromarray(random.integers(0, 256, (5, 7, 3), dtype=np.uint8))
    smooth = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC))
    blocks = np.asarray(coarse.resize((width, height), Image.Resampling.NEAREST))
    return Image.fromarray((smooth // 2 + blocks // 2).astype(np.uint8))

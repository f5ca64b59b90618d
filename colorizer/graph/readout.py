"""Readouts of a distribution over bins, as functions of ONNX: `bins.read`, `bins.entropy` and `bins.top_modes`."""

# onnxscript reads the source of these functions: annotations are its types, and operators are ONNX's.
# mypy: ignore-errors
from __future__ import annotations

from onnxscript import FLOAT, INT64, script
from onnxscript import opset18 as op

from ..colour.saturation import ALL, APART, CAST, NEUTRAL

DISTANCE = 20.0
"""Least distance between suggestions, in Lab units."""


@script()
def annealed_mean(
    logits: FLOAT[1, "Q", "h", "w"],
    centres: FLOAT["Q", 2],
    prior: FLOAT["Q"],
    temperature: FLOAT,
    vividness: FLOAT,
    histogram: FLOAT["Q"],
    strength: FLOAT,
) -> FLOAT[1, 2, "h", "w"]:
    """The mean colour at a temperature, after rare colours and those of `histogram` were preferred."""
    count = op.Cast(op.Size(prior), to=FLOAT.dtype)
    rare = vividness * op.Log(prior * 0.5 + op.Reciprocal(count) * 0.5)
    known = op.Max(prior, 1e-6)
    wanted = strength * op.Log((0.98 * histogram + 0.02 * known) / known)
    flat = op.Transpose(op.Flatten(op.Squeeze(logits, op.Constant(value_ints=[0])), axis=1), perm=[1, 0])
    p = op.Softmax((flat - rare + wanted) / temperature, axis=1)
    ab = op.Transpose(op.MatMul(p, centres), perm=[1, 0])
    shape = op.Concat(op.Constant(value_ints=[1, 2]), op.Shape(logits, start=2), axis=0)
    return op.Reshape(ab, shape)


@script()
def between(plain: FLOAT[1, 2, "H", "W"], finished: FLOAT[1, 2, "H", "W"], finish: FLOAT) -> FLOAT[1, 2, "H", "W"]:
    """The calibrated colours, the finish's, or a mean of both."""
    return op.Add(plain * (1.0 - finish), finished * finish)


@script()
def saturated(ab: FLOAT[1, 2, "H", "W"], saturation: FLOAT) -> FLOAT[1, 2, "H", "W"]:
    """`colour.saturation.saturated`."""
    chroma = op.ReduceL2(ab, op.Constant(value_ints=[1]))
    mean = op.ReduceMean(ab, op.Constant(value_ints=[2, 3]))
    cast = mean * CAST / op.Max(op.ReduceL2(mean, op.Constant(value_ints=[1])), CAST)
    apart = (ab - cast) * (chroma / (chroma + NEUTRAL))
    more = op.Max(saturation - 1.0, 0.0)
    return op.Min(saturation, 1.0) * ab + more * (ALL * ab + APART * apart)


@script()
def entropy(logits: FLOAT[1, "Q", "h", "w"]) -> FLOAT["h", "w"]:
    """How uncertain the network is: 0 to 1."""
    log_p = op.LogSoftmax(logits, axis=1)
    count = op.Cast(op.Squeeze(op.Shape(logits, start=1, end=2)), to=FLOAT.dtype)
    total = op.ReduceSum(op.Exp(log_p) * log_p, op.Constant(value_ints=[0, 1]), keepdims=0)
    return -total / op.Log(count)


@script()
def cells(points: FLOAT["N", 2], sides: FLOAT[2], grid: INT64[2]) -> INT64["N"]:
    """Each point's cell on a grid of (h, w), row by row. points: (x, y) in pixels; sides: (H, W) of the photograph."""
    rows, columns = op.Split(op.Cast(grid, to=FLOAT.dtype), num_outputs=2, axis=0)
    height, width = op.Split(sides, num_outputs=2, axis=0)
    x, y = op.Split(points, num_outputs=2, axis=1)
    row = op.Clip(op.Floor(y * rows / height), 0.0, op.Squeeze(rows) - 1.0)
    column = op.Clip(op.Floor(x * columns / width), 0.0, op.Squeeze(columns) - 1.0)
    return op.Squeeze(op.Cast(row * columns + column, to=INT64.dtype), op.Constant(value_ints=[1]))


@script()
def at_cells(logits: FLOAT[1, "Q", "h", "w"], cell: INT64["N"]) -> FLOAT["N", "Q"]:
    """The distributions at cells."""
    flat = op.Flatten(op.Squeeze(logits, op.Constant(value_ints=[0])), axis=1)
    return op.Softmax(op.Transpose(op.Gather(flat, cell, axis=1), perm=[1, 0]), axis=1)


@script()
def suggestions(p: FLOAT["N", "Q"], centres: FLOAT["Q", 2], between: FLOAT["Q", "Q"], step: FLOAT) -> FLOAT["N", 5, 2]:
    """The five likeliest colours of each distribution, likeliest first; not a number where there are fewer.

    between: the distances of bins; step: the smallest of them that is not 0.
    """
    last = op.Constant(value_ints=[-1])
    neighbours = op.Where(between < 1.5 * step, 1.0, 0.0)
    spread = op.Unsqueeze(p, op.Constant(value_ints=[1])) * neighbours
    around = op.ReduceMax(spread, last, keepdims=0)
    most = op.ReduceMax(p, last)
    peak = op.And(p >= around, p >= most / 20.0)
    score = p + op.Cast(peak, to=FLOAT.dtype)
    chosen = op.Unsqueeze(op.ArgMax(score, axis=1, keepdims=0), op.Constant(value_ints=[1]))
    left = op.Where(op.Gather(between, op.Squeeze(chosen, op.Constant(value_ints=[1])), axis=0) < DISTANCE, -1.0, score)
    for _ in range(4):
        best = op.ArgMax(left, axis=1, keepdims=1)
        exhausted = op.ReduceMax(left, last) < 0.0
        near = op.Gather(between, op.Squeeze(best, op.Constant(value_ints=[1])), axis=0) < DISTANCE
        chosen = op.Concat(chosen, op.Where(exhausted, op.Cast(-1, to=INT64.dtype), best), axis=1)
        left = op.Where(near, -1.0, left)
    there = chosen >= 0
    index = op.Max(chosen, op.Cast(0, to=INT64.dtype))
    likely = op.Where(there, op.GatherElements(p, index, axis=1), -1.0)
    _, order = op.TopK(likely, op.Constant(value_ints=[5]), axis=1)
    colours = op.Gather(centres, op.GatherElements(index, order, axis=1), axis=0)
    known = op.Unsqueeze(op.GatherElements(op.Cast(there, to=FLOAT.dtype), order, axis=1), last)
    return colours / known * known  # not a number where `known` is 0


@script()
def cells_of(points: FLOAT["N", "C"], sides: FLOAT[2], logits: FLOAT[1, "Q", "h", "w"]) -> INT64["N"]:
    """Each point's cell of a distribution; points are the first two of C columns."""
    xy = op.Slice(points, op.Constant(value_ints=[0]), op.Constant(value_ints=[2]), op.Constant(value_ints=[1]))
    return cells(xy, sides, op.Shape(logits, start=2, end=4))


@script()
def suggested(
    points: FLOAT["P", 2], sides: FLOAT[2], logits: FLOAT[1, "Q", "h", "w"], centres: FLOAT["Q", 2],
    between: FLOAT["Q", "Q"], step: FLOAT,
) -> FLOAT["P", 5, 2]:  # fmt: skip
    """`suggestions` at points of the photograph; there may be none, though most operators want a row or more."""
    some = op.Pad(points, op.Constant(value_ints=[1, 0, 0, 0]))
    found = suggestions(at_cells(logits, cells_of(some, sides, logits)), centres, between, step)
    return op.Slice(found, op.Constant(value_ints=[1]), op.Constant(value_ints=[2147483647]))

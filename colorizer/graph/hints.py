"""Hints as functions of ONNX: the planes that the network gets of them (`inference.reach`), and how its colours are
made exact at them (`inference.hints.honour`).

A hint is a row: x, y in pixels of the photograph, a, b in Lab units, and its reach, 0 (by how plausible it is), 1 (one
thing) or 2 (the whole picture). The first row is never a hint, so that no tensor is empty: runtimes may crash there.
"""

# onnxscript reads the source of these functions: annotations are its types, and operators are ONNX's.
# mypy: ignore-errors
from __future__ import annotations

from onnxscript import BOOL, DOUBLE, FLOAT, INT64, script
from onnxscript import opset18 as op

from .readout import cells


@script()
def with_first(hints: FLOAT["K", 5]):
    """The rows with a first one that is no hint, and which of them are hints: (N, 5), bool (N,)."""
    nobody = op.Reshape(op.Constant(value_floats=[0.0, 0.0, 0.0, 0.0, 2.0]), op.Constant(value_ints=[1, 5]))
    rows = op.Concat(nobody, hints, axis=0)
    count = op.Squeeze(op.Shape(rows, start=0, end=1))
    return rows, op.Range(0, count, 1) > 0


@script()
def latest(cell: INT64["N"], given: BOOL["N"]) -> BOOL["N"]:
    """Which hints are the last on their cell."""
    count = op.Squeeze(op.Shape(cell, start=0, end=1))
    order = op.Range(0, count, 1)
    first, second = op.Constant(value_ints=[0]), op.Constant(value_ints=[1])
    later = op.Unsqueeze(order, first) > op.Unsqueeze(order, second)
    same = op.Unsqueeze(cell, first) == op.Unsqueeze(cell, second)
    over = op.And(op.And(later, same), op.Unsqueeze(given, first))
    return op.And(given, op.Not(op.ReduceMax(op.Cast(over, to=FLOAT.dtype), second, keepdims=0) > 0.5))


@script()
def alike(values: FLOAT["N", "C"], given: BOOL["N"]) -> FLOAT["N", "N"]:
    """1 where two hints have the same values, else 0; a row that is no hint is like none."""
    first, second = op.Constant(value_ints=[0]), op.Constant(value_ints=[1])
    differ = op.ReduceMax(
        op.Abs(op.Unsqueeze(values, first) - op.Unsqueeze(values, second)), op.Constant(value_ints=[2]), keepdims=0
    )
    both = op.And(op.Unsqueeze(given, first), op.Unsqueeze(given, second))
    return op.Cast(op.And(differ == 0.0, both), to=FLOAT.dtype)


@script()
def clues(
    hints: FLOAT["N", 5],
    given: BOOL["N"],
    p: FLOAT["N", "Q"],
    centres: FLOAT["Q", 2],
    halo: FLOAT["Q", "Q"],
) -> FLOAT["N"]:
    """How far each hint is a clue for the whole picture. p: the distribution at each hint, without hints; halo: a
    Gaussian of the distances of bins."""
    second, third = op.Constant(value_ints=[1]), op.Constant(value_ints=[2])
    ab = op.Slice(hints, op.Constant(value_ints=[2]), op.Constant(value_ints=[4]), second)
    away = op.Unsqueeze(ab, second) - op.Unsqueeze(centres, op.Constant(value_ints=[0]))
    own = op.Exp(op.ReduceSum(away * away, third, keepdims=0) / -200.0)
    here = op.ReduceSum(own * p, second) * 1.00001
    density = op.MatMul(p, halo)
    plausible = op.ReduceSum(op.Where(density <= here, p, 0.0), second, keepdims=0)
    judged = op.Clip((plausible - 0.02) / 0.02, 0.0, 1.0)
    reach = op.Squeeze(op.Slice(hints, op.Constant(value_ints=[4]), op.Constant(value_ints=[5]), second), second)
    share = op.Where(reach < 0.5, judged, op.Where(reach > 1.5, 1.0, 0.0))
    same = alike(op.Slice(hints, op.Constant(value_ints=[2]), op.Constant(value_ints=[5]), second), given)
    most = op.ReduceMax(same * op.Unsqueeze(share, op.Constant(value_ints=[0])), second, keepdims=0)
    return op.Where(given, most, 1.0)


@script()
def planes(
    hints: FLOAT["N", 5],
    given: BOOL["N"],
    share: FLOAT["N"],
    p: FLOAT["N", "Q"],
    centres: FLOAT["Q", 2],
    sides: FLOAT[2],
    size: INT64[2],
) -> FLOAT[1, 3, "h", "w"]:
    """The planes that the network gets: a, b and mask of the hints that are clues, on patches of 7 pixels. A partial
    clue has a colour between the network's own and the hint's."""
    first, second = op.Constant(value_ints=[0]), op.Constant(value_ints=[1])
    asked = op.Slice(hints, op.Constant(value_ints=[2]), op.Constant(value_ints=[4]), second)
    mine = op.MatMul(p, centres)
    ab = mine + op.Unsqueeze(share, second) * (asked - mine)
    ab = op.Where(op.Unsqueeze(share, second) < 1.0, ab, asked)
    told = op.And(given, share > 0.0)
    height, width = op.Split(op.Cast(size, to=DOUBLE.dtype), num_outputs=2, axis=0)
    photo_height, photo_width = op.Split(op.Cast(sides, to=DOUBLE.dtype), num_outputs=2, axis=0)
    x = op.Cast(op.Slice(hints, first, second, second), to=DOUBLE.dtype) * width / photo_width
    y = op.Cast(op.Slice(hints, second, op.Constant(value_ints=[2]), second), to=DOUBLE.dtype) * height / photo_height
    column = op.Unsqueeze(op.Cast(op.Range(0, op.Squeeze(op.Cast(width, to=INT64.dtype)), 1), to=DOUBLE.dtype), first)
    row = op.Unsqueeze(op.Cast(op.Range(0, op.Squeeze(op.Cast(height, to=INT64.dtype)), 1), to=DOUBLE.dtype), first)
    across = op.And(column >= op.Round(x - 3.5), column < op.Max(op.Round(x + 3.5), op.Cast(1.0, to=DOUBLE.dtype)))
    down = op.And(row >= op.Round(y - 3.5), row < op.Max(op.Round(y + 3.5), op.Cast(1.0, to=DOUBLE.dtype)))
    inside = op.And(op.Unsqueeze(down, op.Constant(value_ints=[2])), op.Unsqueeze(across, second))  # (N, h, w)
    count = op.Squeeze(op.Shape(hints, start=0, end=1))
    number = op.Unsqueeze(op.Range(0, count, 1), op.Constant(value_ints=[1, 2]))
    here = op.And(inside, op.Unsqueeze(told, op.Constant(value_ints=[1, 2])))
    owner = op.ReduceMax(op.Where(here, number, 0), first, keepdims=0)
    colours = op.Concat(ab, op.Unsqueeze(op.Cast(told, to=FLOAT.dtype), second), axis=1)
    colours = op.Where(op.Unsqueeze(told, second), colours, 0.0)
    return op.Unsqueeze(op.Transpose(op.Gather(colours, owner, axis=0), perm=[2, 0, 1]), first)


@script()
def solved(kernel: DOUBLE["N", "N"], wanted: DOUBLE["N", 2]) -> DOUBLE["N", 2]:
    """kernel^-1 wanted, by Gauss and Jordan; the kernel is positive definite, so that no pivot is needed."""
    both = op.Concat(kernel, wanted, axis=1)
    count = op.Squeeze(op.Shape(kernel, start=0, end=1))
    numbers = op.Unsqueeze(op.Range(0, count, 1), op.Constant(value_ints=[1]))
    for k in range(count):
        at = op.Unsqueeze(k, op.Constant(value_ints=[0]))
        column = op.Gather(both, at, axis=1)
        row = op.Gather(both, at, axis=0) / op.Gather(column, at, axis=0)
        both = op.Where(numbers == k, row, both - op.MatMul(column, row))
    return op.Slice(
        both,
        op.Unsqueeze(count, op.Constant(value_ints=[0])),
        op.Constant(value_ints=[2147483647]),
        op.Constant(value_ints=[1]),
    )


@script()
def likeness(features: FLOAT["P", "C"], cell: INT64["N"]) -> FLOAT["P", "N"]:
    """Gaussian similarity of every pixel to every hinted one."""
    second = op.Constant(value_ints=[1])
    away = op.Unsqueeze(features, second) - op.Unsqueeze(op.Gather(features, cell, axis=0), op.Constant(value_ints=[0]))
    return op.Exp(op.ReduceSum(away * away, op.Constant(value_ints=[2]), keepdims=0) * -0.5)


@script()
def honoured(
    ab: FLOAT[1, 2, "h", "w"], L: FLOAT[1, 1, "h", "w"], hints: FLOAT["N", 5], given: BOOL["N"], sides: FLOAT[2]
) -> FLOAT[1, 2, "h", "w"]:
    """ab corrected at the hints, and in similar areas around them."""
    zero, first, second = op.Constant(value_ints=[0]), op.Constant(value_ints=[1]), op.Constant(value_ints=[2])
    size = op.Shape(ab, start=2, end=4)
    cell = cells(op.Slice(hints, zero, second, first), sides, size)
    there = op.Unsqueeze(op.Cast(latest(cell, given), to=FLOAT.dtype), first)  # (N, 1)
    flat = op.Transpose(op.Flatten(op.Squeeze(ab, zero), axis=1), perm=[1, 0])  # (P, 2)
    wanted = op.Slice(hints, second, op.Constant(value_ints=[4]), first)
    missing = (wanted - op.Gather(flat, cell, axis=0)) * there
    height, width = op.Split(size, num_outputs=2, axis=0)
    row = op.Range(0, op.Squeeze(height), 1)
    column = op.Range(0, op.Squeeze(width), 1)
    y = op.Reshape(op.Expand(op.Unsqueeze(row, first), size), op.Constant(value_ints=[-1, 1]))
    x = op.Reshape(op.Expand(op.Unsqueeze(column, zero), size), op.Constant(value_ints=[-1, 1]))
    side = op.Sqrt(op.Cast(height * width, to=FLOAT.dtype))
    across = op.Cast(op.Concat(y, x, axis=1), to=FLOAT.dtype) / side
    light = op.Reshape(L, op.Constant(value_ints=[-1, 1]))
    none = 1.0 - op.Cast(there, to=DOUBLE.dtype)
    there_row = op.Transpose(there, perm=[1, 0])
    far = likeness(op.Concat(across, light / 30.0, flat / 10.0, axis=1), cell)
    near = likeness(op.Concat(across / 0.15, light / 12.0, axis=1), cell)
    similar = (far + 0.3 * near) * there_row
    kernel = op.Cast(op.Gather(similar, cell, axis=0) * there, to=DOUBLE.dtype)
    same = op.EyeLike(kernel)
    kernel = kernel + same * 0.05 + same * none
    added = op.MatMul(similar, op.Cast(solved(kernel, op.Cast(missing, to=DOUBLE.dtype)), to=FLOAT.dtype))
    close = likeness(op.Concat(across / 0.025, light / 12.0, axis=1), cell) * there_row
    kernel = op.Cast(op.Gather(close, cell, axis=0) * there, to=DOUBLE.dtype) + same * 1e-6 + same * none
    left = op.Cast((missing - op.Gather(added, cell, axis=0)) * there, to=DOUBLE.dtype)
    added = added + op.MatMul(close, op.Cast(solved(kernel, left), to=FLOAT.dtype))
    lowest = op.Min(op.ReduceMin(missing, zero), 0.0)
    highest = op.Max(op.ReduceMax(missing, zero), 0.0)
    corrected = flat + op.Min(op.Max(added, lowest), highest)
    return op.Reshape(op.Transpose(corrected, perm=[1, 0]), op.Shape(ab))


@script()
def silence(L: FLOAT[1, 1, "h", "w"]) -> FLOAT[1, 3, "h", "w"]:
    """The planes that the network gets without any hint."""
    nothing = L * 0.0
    return op.Concat(nothing, nothing, nothing, axis=1)


@script()
def any_clue(given: BOOL["N"], share: FLOAT["N"]) -> BOOL:
    """Whether the network must get any hint."""
    told = op.Cast(op.And(given, share > 0.0), to=FLOAT.dtype)
    return op.Squeeze(op.ReduceMax(told, op.Constant(value_ints=[0])) > 0.5)

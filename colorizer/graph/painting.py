"""The painting of hints, as functions of ONNX: the regions that `inference.region` finds, and
`inference.reach.paint`."""

# onnxscript reads the source of these functions: annotations are its types, and operators are ONNX's.
# mypy: ignore-errors
from __future__ import annotations

from onnxscript import BOOL, FLOAT, INT64, script
from onnxscript import opset18 as op

from .hints import alike, latest
from .readout import cells

SPAN = 128
"""Longest side of the grid of regions."""
FAR = 1e6


@script()
def directions(features: FLOAT[1, "C", "h", "w"], grid: INT64[2]) -> FLOAT["C", "H", "W"]:
    """Features on the grid, as unit vectors, after every channel has got the same mean and spread."""
    flat = op.Flatten(op.Squeeze(features, op.Constant(value_ints=[0])), axis=1)
    second = op.Constant(value_ints=[1])
    centred = flat - op.ReduceMean(flat, second)
    spread = op.Sqrt(op.ReduceMean(centred * centred, second))
    even = centred / (spread + 0.001 * op.ReduceMean(spread, op.Constant(value_ints=[0, 1])) + 0.000001)
    shape = op.Concat(op.Constant(value_ints=[1]), op.Shape(features, start=1, end=2), grid, axis=0)
    finer = op.Resize(op.Reshape(even, op.Shape(features)), None, None, shape, mode="linear")
    finer = op.Squeeze(finer, op.Constant(value_ints=[0]))
    first = op.Constant(value_ints=[0])
    return finer / op.Max(op.Sqrt(op.ReduceSum(finer * finer, first)), 1e-12)


@script()
def jumps(seen: FLOAT["C", "H", "W"]):
    """Lengths of the steps to the right and downwards: (H, W - 1), (H - 1, W)."""
    zero, one, two = op.Constant(value_ints=[0]), op.Constant(value_ints=[1]), op.Constant(value_ints=[2])
    end, last = op.Constant(value_ints=[2147483647]), op.Constant(value_ints=[-1])
    right = op.Slice(seen, one, end, two) - op.Slice(seen, zero, last, two)
    below = op.Slice(seen, one, end, one) - op.Slice(seen, zero, last, one)
    across = op.Sqrt(op.ReduceSum(right * right, zero, keepdims=0))
    down = op.Sqrt(op.ReduceSum(below * below, zero, keepdims=0))
    return across, down


@script()
def geodesic(across: FLOAT["H", "w"], down: FLOAT["h", "W"], start: FLOAT["N", "H", "W"]) -> FLOAT["N", "H", "W"]:
    """Cost of the cheapest path from any of each row's places, where `start` is 0, to every cell.

    A sweep is a running minimum, which is a pool of all that came before.
    """
    one = op.Constant(value_ints=[1])
    toll_down = op.CumSum(op.Pad(down, op.Constant(value_ints=[1, 0, 0, 0])), op.Constant(value_int=0))
    toll_across = op.CumSum(op.Pad(across, op.Constant(value_ints=[0, 1, 0, 0])), op.Constant(value_int=1))
    way = op.Unsqueeze(start, one)
    for _ in range(400):
        before = way
        above = op.MaxPool(toll_down - way, kernel_shape=[SPAN, 1], pads=[SPAN - 1, 0, 0, 0])
        below = op.MaxPool(-(way + toll_down), kernel_shape=[SPAN, 1], pads=[0, 0, SPAN - 1, 0])
        way = op.Min(toll_down - above, -below - toll_down)
        left = op.MaxPool(toll_across - way, kernel_shape=[1, SPAN], pads=[0, SPAN - 1, 0, 0])
        right = op.MaxPool(-(way + toll_across), kernel_shape=[1, SPAN], pads=[0, 0, 0, SPAN - 1])
        way = op.Min(toll_across - left, -right - toll_across)
        settled = op.ReduceMax(before - way, keepdims=0) < 0.0001
        if settled:
            break
    return op.Where(start == 0.0, 0.0, op.Squeeze(way, one))


@script()
def unlike(seen: FLOAT["C", "H", "W"], cell: INT64["N"]) -> FLOAT["N", "HW"]:
    """1 - cosine of the features at each place to those around each cell."""
    zero, first = op.Constant(value_ints=[0]), op.Constant(value_ints=[1])
    around = op.AveragePool(op.Unsqueeze(seen, zero), kernel_shape=[3, 3], pads=[1, 1, 1, 1])
    around = op.Transpose(op.Gather(op.Flatten(op.Squeeze(around, zero), axis=1), cell, axis=1), perm=[1, 0])
    around = around / op.Max(op.Sqrt(op.ReduceSum(around * around, first)), 1e-12)
    return op.MatMul(around, op.Flatten(seen, axis=1)) * -1.0 + 1.0


@script()
def parts(
    L: FLOAT[1, 1, "h", "w"],
    fine: FLOAT[1, "C", "H", "W"],
    middle: FLOAT[1, "D", "y", "x"],
    coarse: FLOAT[1, "E", "v", "u"],
    hints: FLOAT["N", 5],
    given: BOOL["N"],
    share: FLOAT["N"],
    sides: FLOAT[2],
) -> FLOAT[1, 3, "H", "W"]:
    """How much of each place is painted, and the painted a and b times that. Each hint paints the share of it that is
    no clue, on its thing. fine, middle, coarse: the network's evidence."""
    zero, first, second = op.Constant(value_ints=[0]), op.Constant(value_ints=[1]), op.Constant(value_ints=[2])
    grid = op.Shape(fine, start=2, end=4)
    cell = cells(op.Slice(hints, zero, second, first), sides, grid)
    owns = latest(cell, given)
    ab = op.Slice(hints, second, op.Constant(value_ints=[4]), first)
    same = alike(op.Concat(ab, op.Unsqueeze(share, first), axis=1), owns)
    there = op.Unsqueeze(op.Cast(owns, to=FLOAT.dtype), first)
    light = op.Squeeze(op.AveragePool(L * 0.025, kernel_shape=[4, 4], strides=[4, 4]), zero)
    see_fine, see_middle, see_coarse = directions(fine, grid), directions(middle, grid), directions(coarse, grid)
    across, down = jumps(light)
    across_fine, down_fine = jumps(see_fine)
    across_middle, down_middle = jumps(see_middle)
    across_coarse, down_coarse = jumps(see_coarse)
    across = across + across_fine + across_middle + across_coarse
    down = down + down_fine + down_middle + down_coarse
    # A hint's ways begin at the cells of all hints that count as one with it.
    cells_of = op.Squeeze(op.Shape(op.Flatten(op.Squeeze(fine, zero), axis=1), start=1, end=2))
    at = op.Cast(op.Unsqueeze(op.Range(0, cells_of, 1), zero) == op.Unsqueeze(cell, first), to=FLOAT.dtype)
    begins = op.MatMul(same, at) > 0.5  # (N, HW)
    shape = op.Concat(op.Constant(value_ints=[-1]), grid, axis=0)
    way = op.Flatten(geodesic(across, down, op.Reshape(op.Where(begins, 0.0, FAR), shape)), axis=1)
    strange = unlike(see_fine, cell) + unlike(see_middle, cell) + unlike(see_coarse, cell)
    each = op.Where(op.Unsqueeze(same, second) > 0.5, op.Unsqueeze(strange, zero), FAR)
    strange = op.ReduceMin(each, first, keepdims=0)  # of the most alike of the hints that count as one
    score = 12.1 - 4.5 * op.Log(way + 0.1) - 4.1 / 3.0 * strange
    mask = op.Where(begins, 1.0, op.Sigmoid(score)) * there
    near = op.ReduceMin(op.Where(there > 0.5, way, FAR), zero)
    members = op.Max(op.ReduceSum(same, first), 1.0)
    weight = mask * op.Exp((near - way) / 0.15)
    weight = weight / op.Max(op.ReduceSum(weight / members, zero), 1e-9)
    rest = op.Unsqueeze(1.0 - share, first)
    covered = op.ReduceMax(op.Where(rest > 0.0, mask, 0.0), zero)
    weight = covered * weight * rest / members
    painted = op.MatMul(op.Transpose(op.Concat(there, ab, axis=1), perm=[1, 0]), weight)
    return op.Reshape(painted, op.Concat(op.Constant(value_ints=[1, 3]), grid, axis=0))


@script()
def painted(ab: FLOAT[1, 2, "h", "w"], parts: FLOAT[1, 3, "h", "w"]) -> FLOAT[1, 2, "h", "w"]:
    """ab with the result of `parts` painted on it, at the same resolution."""
    share, colour = op.Split(parts, op.Constant(value_ints=[1, 2]), axis=1)
    return ab * (1.0 - op.Clip(share, 0.0, 1.0)) + colour

"""From a photograph to a network's lightness, and from a network's colours to a photograph: the work of `whole_photo`
and `Colorizer.fitting_size`, as functions of ONNX.

Antialiased and bicubic resizing are products with matrices of weights. Runtimes differ in how they resize, and for a
large photograph a product is faster.
"""

# onnxscript reads the source of these functions: annotations are its types, and operators are ONNX's.
# mypy: ignore-errors
from __future__ import annotations

from onnxscript import FLOAT, INT64, UINT8, script
from onnxscript import opset18 as op

from ..colour.gamut import LEVELS
from ..colour.lab import SLACK

DARKEST, BRIGHTEST = -SLACK / 12.92 * LEVELS, (1 + SLACK) * LEVELS
"""Linear values, in steps, between which sRGB can show a colour."""
WHITE = float(LEVELS)
MAX_ASPECT = 4.0


@script()
def luminance(photo: UINT8["H", "W", 3], tables: FLOAT[3, 256]) -> FLOAT["H", "W"]:
    """Y in steps. tables: the contribution of each level of red, green and blue."""
    red, green, blue = op.Split(op.Cast(photo, to=INT64.dtype), num_outputs=3, axis=2)
    of_red, of_green, of_blue = op.Split(tables, num_outputs=3, axis=0)
    axis = op.Constant(value_ints=[0])
    Y = op.Gather(op.Squeeze(of_red, axis), red) + op.Gather(op.Squeeze(of_green, axis), green)
    Y = Y + op.Gather(op.Squeeze(of_blue, axis), blue)
    return op.Squeeze(Y, op.Constant(value_ints=[2]))


@script()
def cube_root(Y: FLOAT["H", "W"]) -> FLOAT["H", "W"]:
    """f(Y) of CIE Lab, of luminance in steps."""
    share = Y / WHITE
    return op.Where(share > 0.008856, op.Pow(op.Max(share, 0.008856), 1.0 / 3.0), 7.787 * share + 16.0 / 116.0)


@script()
def fitting_size(photo: UINT8["H", "W", 3], working_size: FLOAT, stride: FLOAT) -> INT64[2]:
    """(H, W) of the network's input, as `Colorizer.fitting_size` says, in multiples of the stride."""
    sides = op.Cast(op.Shape(photo, start=0, end=2), to=FLOAT.dtype)
    height, width = op.Split(sides, num_outputs=2, axis=0)
    aspect = op.Sqrt(op.Clip(width / height, 1.0 / MAX_ASPECT, MAX_ASPECT))
    wanted = op.Round(op.Concat(working_size / aspect, working_size * aspect, axis=0))
    return op.Cast(op.Max(op.Round(wanted / stride) * stride, stride), to=INT64.dtype)


@script()
def smaller(before: INT64[1], after: INT64[1]) -> FLOAT["after", "before"]:
    """Weights of an antialiased bilinear resize along one axis: torch's triangles, as wide as the scale, or one pixel
    where the result is larger."""
    one = op.Constant(value_float=1.0)
    n, m = op.Cast(before, to=FLOAT.dtype), op.Cast(after, to=FLOAT.dtype)
    scale = n / m
    support = op.Max(scale, one)
    at = (op.Cast(op.Range(0, op.Squeeze(after), 1), to=FLOAT.dtype) + 0.5) * scale
    centre = op.Unsqueeze(at, op.Constant(value_ints=[1]))
    taps = op.Unsqueeze(op.Cast(op.Range(0, op.Squeeze(before), 1), to=FLOAT.dtype), op.Constant(value_ints=[0]))
    weights = op.Max(one - op.Abs(taps + 0.5 - centre) / support, 0.0)
    return weights / op.ReduceSum(weights, op.Constant(value_ints=[1]))


@script()
def larger(before: INT64[1], after: INT64[1]) -> FLOAT["after", "before"]:
    """Weights of torch's bicubic resize along one axis; the pixels at the edge continue outside."""
    n, m = op.Cast(before, to=FLOAT.dtype), op.Cast(after, to=FLOAT.dtype)
    at = (op.Cast(op.Range(0, op.Squeeze(after), 1), to=FLOAT.dtype) + 0.5) * (n / m) - 0.5
    centre = op.Unsqueeze(at, op.Constant(value_ints=[1, 2]))  # (after, 1, 1)
    base = op.Floor(centre)
    offsets = op.Constant(value_floats=[-1.0, 0.0, 1.0, 2.0])
    around = base + op.Unsqueeze(offsets, op.Constant(value_ints=[0, 2]))  # (after, 4, 1)
    d = op.Abs(around - centre)
    near = (1.25 * d - 2.25) * d * d + 1.0
    far = ((-0.75 * d + 3.75) * d - 6.0) * d + 3.0
    weights = op.Where(d <= 1.0, near, far)
    inside = op.Clip(around, 0.0, op.Squeeze(n) - 1.0)
    taps = op.Unsqueeze(op.Cast(op.Range(0, op.Squeeze(before), 1), to=FLOAT.dtype), op.Constant(value_ints=[0, 1]))
    chosen = op.Where(op.Abs(inside - taps) < 0.5, weights, 0.0)  # (after, 4, before)
    return op.ReduceSum(chosen, op.Constant(value_ints=[1]), keepdims=0)


@script()
def fed(photo: UINT8["H", "W", 3], tables: FLOAT[3, 256], working_size: FLOAT, stride: FLOAT) -> FLOAT[1, 1, "h", "w"]:
    """The lightness that the network gets."""
    L = 116.0 * cube_root(luminance(photo, tables)) - 16.0
    height, width = op.Split(fitting_size(photo, working_size, stride), num_outputs=2, axis=0)
    rows = smaller(op.Shape(photo, start=0, end=1), height)
    columns = smaller(op.Shape(photo, start=1, end=2), width)
    small = op.MatMul(op.MatMul(rows, L), op.Transpose(columns, perm=[1, 0]))
    return op.Unsqueeze(small, op.Constant(value_ints=[0, 1]))


@script()
def mixed(gray: FLOAT[3, "N"], f: FLOAT[2, "N"], from_xz: FLOAT[3, 2]) -> FLOAT[3, "N"]:
    """Linear red, green and blue in steps, from luminance's share of them and f(X) and f(Z)."""
    high = op.Max(f, 0.2068966)
    xz = high * high * high + (f - high) / 7.787
    return gray + op.MatMul(from_xz, xz)


@script()
def outside(linear: FLOAT[3, "N"]):
    """Where sRGB cannot show a colour: bool (N,)."""
    axis = op.Constant(value_ints=[0])
    low, high = op.ReduceMin(linear, axis, keepdims=0), op.ReduceMax(linear, axis, keepdims=0)
    return op.Or(low < DARKEST, high > BRIGHTEST)


@script()
def joined(
    photo: UINT8["H", "W", 3],
    ab: FLOAT[2, "h", "w"],
    tables: FLOAT[3, 256],
    from_y: FLOAT[3, 1],
    from_xz: FLOAT[3, 2],
    levels: UINT8["steps"],
) -> UINT8["H", "W", 3]:
    """The photograph with new colours and its own lightness; chroma that sRGB cannot show is compressed."""
    rows = larger(op.Shape(ab, start=1, end=2), op.Shape(photo, start=0, end=1))
    columns = larger(op.Shape(ab, start=2, end=3), op.Shape(photo, start=1, end=2))
    scale = op.Reshape(op.Constant(value_floats=[0.002, -0.005]), op.Constant(value_ints=[2, 1, 1]))
    large = op.MatMul(rows, op.MatMul(ab, op.Transpose(columns, perm=[1, 0]))) * scale
    Y = luminance(photo, tables)
    f = op.Reshape(cube_root(Y), op.Constant(value_ints=[1, -1]))
    chroma = op.Reshape(large, op.Constant(value_ints=[2, -1]))
    gray = from_y * op.Reshape(Y, op.Constant(value_ints=[1, -1]))
    linear = mixed(gray, f + chroma, from_xz)
    out = op.NonZero(outside(linear))
    where = op.Squeeze(out, op.Constant(value_ints=[0]))
    gray_out, f_out = op.Gather(gray, where, axis=1), op.Gather(f, where, axis=1)
    chroma_out = op.Gather(chroma, where, axis=1)
    low = 0.0 * f_out
    step = op.Constant(value_float=1.0)
    for _ in range(12):
        step = step * 0.5
        beyond = outside(mixed(gray_out, f_out + chroma_out * (low + step), from_xz))
        low = low + op.Where(beyond, 0.0, step)
    inside = mixed(gray_out, f_out + chroma_out * low, from_xz)
    pixels = op.Transpose(linear, perm=[1, 0])
    pixels = op.ScatterND(pixels, op.Transpose(out, perm=[1, 0]), op.Transpose(inside, perm=[1, 0]))
    # Linear values are stored as the level of the step they fall into.
    steps = op.Cast(op.Clip(pixels, 0.0, WHITE), to=INT64.dtype)
    shape = op.Concat(op.Shape(photo, start=0, end=2), op.Constant(value_ints=[3]), axis=0)
    return op.Reshape(op.Gather(levels, steps), shape)


@script()
def sides_of(photo: UINT8["H", "W", 3]) -> FLOAT[2]:
    """(H, W)."""
    return op.Cast(op.Shape(photo, start=0, end=2), to=FLOAT.dtype)


@script()
def silence(L: FLOAT[1, 1, "h", "w"]) -> FLOAT[1, 3, "h", "w"]:
    """The planes that the network gets without any hint."""
    nothing = L * 0.0
    return op.Concat(nothing, nothing, nothing, axis=1)

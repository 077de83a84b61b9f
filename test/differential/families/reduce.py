# SPDX-License-Identifier: Apache-2.0
"""Reductions, running sums, softmax and orders."""
from graph import F16, F32, F64, np
from families import family

REDUCTIONS = ["ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceSumSquare",
              "ReduceLogSum", "ReduceLogSumExp"]


def reduction(g, kind, x, rank, axes=None):
    """Axes are an attribute before opset 18 (13 for sums), then an input."""
    axes = (g.axes(rank) if rank else []) if axes is None else axes
    attributes = {"keepdims": g.int(0, 1)} if g.chance(0.8) else {}
    absent = not axes or g.chance(0.15)
    if g.opset < (13 if kind == "ReduceSum" else 18):
        return g.node(kind, [x], axes=None if absent else axes, **attributes)
    if g.chance(0.2):
        attributes["noop_with_empty_axes"] = g.int(0, 1)
    return g.node(kind, [x, None if absent else g.stored(np.array(axes, np.int64))], **attributes)


@family(11)
def reduce_float(g):
    kind = g.pick(REDUCTIONS)
    shape = g.shape(1, zero=0.02, big=0.2)
    dtype = g.pick([F32, F32, F32, F64])
    x = g.floats(shape, dtype)
    if kind == "ReduceLogSum":
        x = np.abs(x) + np.asarray(0.5, dtype)
    elif kind == "ReduceProd":
        x = np.asarray(1 + x * 0.1, dtype)
    g.sums(x.size)
    g.result(reduction(g, kind, g.input(x), len(shape)))


@family(13)
def reduce_half(g):
    kind = g.pick(["ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin"])
    shape = g.shape(1, zero=0)
    g.result(reduction(g, kind, g.input(g.floats(shape, F16)), len(shape)))


@family(13)
def reduce_integer(g):
    kind = g.pick(["ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceSumSquare"])
    dtype = g.pick([np.int8, np.uint8, np.int32, np.int64]) if kind in ("ReduceMax", "ReduceMin") else g.pick([np.int32, np.int64])
    shape = g.shape(1, 3, zero=0, big=0)
    low, high = (-2, 2) if kind == "ReduceProd" else (max(-50, np.iinfo(dtype).min), 50)
    if kind == "ReduceProd":
        shape = shape[:2]
    g.result(reduction(g, kind, g.input(g.integers(shape, dtype, low, high)), len(shape)))


@family(13)
def arg_extremes(g):
    shape = g.shape(1, zero=0)
    dtype = g.pick([F32, F64, np.int32, np.int8, np.uint8])
    x = g.floats(shape, dtype) if dtype in (F32, F64) else g.integers(shape, dtype, 0, 5)
    if dtype == F32 and g.chance(0.5):
        x = np.round(x)
    attributes = {"axis": g.axis(len(shape)), "keepdims": g.int(0, 1), "select_last_index": g.int(0, 1)}
    g.result(g.node(g.pick(["ArgMax", "ArgMin"]), [g.input(x)], **attributes))


@family(13)
def running_sum(g):
    shape = g.shape(1)
    dtype = g.pick([F32, F64, np.int32, np.int64])
    axis = np.array(g.axis(len(shape)), g.pick([np.int32, np.int64]))
    g.sums(max(shape))
    g.result(g.node("CumSum", [g.input(g.values(shape, dtype)), g.stored(axis)], exclusive=g.int(0, 1), reverse=g.int(0, 1)))


@family(11)
def softmax(g):
    """Over one axis since opset 13, over all from one on before."""
    kind = g.pick(["Softmax", "LogSoftmax", "Hardmax"])
    shape = g.shape(1, big=0.2)
    dtype = g.pick([F32, F32, F32, F64, F16]) if kind != "Hardmax" else F32
    g.sums(np.prod(shape))
    attributes = {"axis": g.axis(len(shape))} if g.chance(0.8) else {}
    x = g.input(g.floats(shape, dtype, scale=g.pick([0.1, 2, 20])))
    if g.opset < 13 and len(shape) == 1 and not attributes:
        attributes = {"axis": 0}
    g.result(g.node(kind, [x], **attributes))


@family(11)
def top_k(g):
    shape = g.shape(1, zero=0)
    axis = g.axis(len(shape))
    dtype = g.pick([F32, F64, np.int32, np.int64])
    x = g.floats(shape, dtype) if dtype in (F32, F64) else g.integers(shape, dtype)
    k = g.operand(np.array([g.int(1, shape[axis])], np.int64), 0.7)
    values, indices = g.node("TopK", [g.input(x), k], 2, axis=axis, largest=g.int(0, 1), sorted=1)
    g.result(values, indices)


@family(13)
def extremes_of_booleans(g):
    shape = g.shape(1, zero=0)
    x = g.node("Greater", [g.input(g.floats(shape)), g.stored(np.float32(0.3))])
    y = g.node("Cast", [x], to=g.pick([6, 7, 1]))
    g.result(reduction(g, g.pick(["ReduceMax", "ReduceMin", "ReduceSum"]), y, len(shape)))


@family(13)
def mean_and_variance(g):
    # More than one element: onnxruntime divides the deviation 0 by itself, ONNX's function adds to it first.
    shape = (g.int(1, 3), g.int(2, 4), g.int(2, 5), g.int(2, 5))
    axes = g.pick([None, [0, 2, 3], [2, 3], [1]])
    g.resizable = False
    g.sums(np.prod(shape))
    g.result(g.node("MeanVarianceNormalization", [g.input(g.floats(shape))], axes=axes))


@family(13)
def reductions_of_reductions(g):
    shape = g.shape(2, zero=0)
    g.sums(4 * np.prod(shape))
    x = g.input(g.floats(shape))
    kinds = [g.pick(["ReduceSum", "ReduceMean", "ReduceMax", "ReduceL2"]) for _ in range(2)]
    g.opset = max(g.opset, 18)
    y = g.node(kinds[0], [x, g.stored(np.array([g.axis(len(shape))], np.int64))], keepdims=1)
    z = g.node(g.pick(["Sub", "Mul", "Add"]), [x, y])
    g.result(g.node(kinds[1], [z, g.stored(np.array(g.axes(len(shape)), np.int64))], keepdims=g.int(0, 1)))


@family(26, 26)
def running_product(g):
    shape = g.shape(1, zero=0, big=0, most=300)
    axis = g.axis(len(shape))
    exclusive, reverse = g.int(0, 1), g.int(0, 1)
    name = g.input(g.floats(shape, g.pick([F32, F64]), low=0.5, high=1.5))

    def reference(feeds):
        x = feeds[name].astype(F64)
        x = np.flip(x, axis) if reverse else x
        y = np.cumprod(x, axis)
        if exclusive:
            y = np.concatenate([np.ones_like(np.take(y, [0], axis)), np.delete(y, -1, axis)], axis)
        return [(np.flip(y, axis) if reverse else y).astype(feeds[name].dtype)]

    g.reference, g.resizable = reference, False
    g.sums(max(shape))
    g.result(g.node("CumProd", [name, g.stored(np.array(axis, np.int64))], exclusive=exclusive, reverse=reverse))

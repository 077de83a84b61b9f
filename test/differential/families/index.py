# SPDX-License-Identifier: Apache-2.0
"""Gathers, scatters and what finds elements."""
from graph import BOOL, F16, F32, F64, np
from families import family

DATA = [F32, F32, F64, F16, np.int32, np.int64, np.uint8, BOOL]


def indices(g, shape, size, dtype=None):
    """Valid ones, also counted from the end."""
    return g.integers(shape, dtype or g.pick([np.int32, np.int64]), -size, size - 1)


@family(13)
def gather(g):
    shape = g.shape(1, zero=0)
    axis = g.axis(len(shape))
    data = g.operand(g.values(shape, g.pick(DATA)))
    g.resizable = False
    g.result(g.node("Gather", [data, g.operand(indices(g, g.shape(0, 2), shape[axis]))], axis=axis))


@family(13)
def gather_elements(g):
    shape = g.shape(1, zero=0)
    axis = g.axis(len(shape))
    chosen = [g.int(1, d) for d in shape]
    chosen[axis] = g.int(1, 6)
    g.resizable = False
    x = g.input(g.values(shape, g.pick(DATA)))
    g.result(g.node("GatherElements", [x, g.operand(indices(g, chosen, shape[axis]))], axis=axis))


def tuples(g, index):
    """How long they are decides the result's rank."""
    return g.operand(index, fixed=[-1])


def nd_indices(g, shape, lead, depth):
    """[*lead, depth] into the first `depth` dims."""
    parts = [g.integers(lead, np.int64, -d, d - 1) for d in shape[:depth]]
    return np.stack(parts, -1).astype(np.int64)


@family(13)
def gather_nd(g):
    shape = g.shape(1, zero=0)
    batch = g.int(0, min(2, len(shape) - 1))
    depth = g.int(1, len(shape) - batch)
    lead = [*shape[:batch], *g.shape(0, 2, zero=0)]
    index = nd_indices(g, shape[batch:], lead, depth)
    g.resizable = False
    g.result(g.node("GatherND", [g.operand(g.values(shape, g.pick(DATA))), tuples(g, index)], batch_dims=batch))


@family(13)
def scatter_elements(g):
    reduction = g.pick(["none", "none", "add", "mul"] + (["max", "min"] if g.opset >= 18 else []))
    if g.opset < 16:
        reduction = None
    shape = g.shape(1, zero=0)
    axis = g.axis(len(shape))
    part = [g.int(1, d) for d in shape]
    dtype = g.pick([F32, F32, F64, np.int32, np.int64])
    if reduction in (None, "none"):  # places that are written twice have no defined result
        index = np.argsort(g.numbers.random(part[:axis % len(shape)] + [shape[axis]] + part[axis % len(shape) + 1:]), axis=axis)
        index = np.take(index, range(part[axis]), axis=axis).astype(np.int64)
    else:
        index = indices(g, part, shape[axis], np.int64)
    g.resizable = False
    g.sums(np.prod(part))
    updates = g.operand(g.values(part, dtype))
    g.result(g.node("ScatterElements", [g.input(g.values(shape, dtype)), g.operand(index), updates], axis=axis, reduction=reduction))


@family(13)
def scatter_nd(g):
    reduction = g.pick(["none", "none", "add", "mul"] + (["max", "min"] if g.opset >= 18 else []))
    if g.opset < 16:
        reduction = None
    shape = g.shape(1, zero=0)
    depth = g.int(1, len(shape))
    dtype = g.pick([F32, F32, F64, np.int32, np.int64])
    places = int(np.prod(shape[:depth]))
    if reduction in (None, "none"):
        flat = g.numbers.permutation(places)[:g.int(1, places)]
        index = np.stack(np.unravel_index(flat, shape[:depth]), -1).astype(np.int64)
    else:
        index = nd_indices(g, shape, g.shape(1, 2, zero=0, big=0), depth)
    updates = g.values((*index.shape[:-1], *shape[depth:]), dtype)
    g.resizable = False
    g.sums(index.size)
    g.result(g.node("ScatterND", [g.input(g.values(shape, dtype)), tuples(g, index), g.operand(updates)], reduction=reduction))


@family(13)
def one_hot(g):
    depth, shape = g.int(1, 7), g.shape(0, 3)
    index = g.integers(shape, np.int64, -depth - 1, depth + 1)
    values = g.stored(np.array([2, 5], g.pick([F32, np.int64])))
    depth = g.operand(np.array(depth, np.int64), 0.7)
    g.resizable = False
    g.result(g.node("OneHot", [g.input(index), depth, values], axis=g.int(-len(shape) - 1, len(shape))))


@family(13)
def non_zero(g):
    dtype = g.pick([F32, np.int32, np.int64, np.uint8, BOOL])
    x = g.values(g.shape(1), dtype)
    g.result(g.node("NonZero", [g.input(np.where(g.booleans(x.shape), x, np.zeros((), x.dtype)))]))


@family(13)
def compress(g):
    shape = g.shape(1, zero=0)
    axis = g.axis(len(shape)) if g.chance(0.7) else None
    size = int(np.prod(shape)) if axis is None else shape[axis]
    condition = g.booleans((g.int(1, size),))
    x = g.input(g.values(shape, g.pick([F32, F64, np.int32, np.int64])))
    g.result(g.node("Compress", [x, g.operand(condition)], axis=axis))


@family(13)
def unique(g):
    shape = g.shape(1, 2, zero=0)
    axis = g.axis(len(shape)) if g.chance(0.5) else None
    x = g.integers(shape, g.pick([np.int64, np.int8]), 0, 3)
    if g.chance(0.4):
        x = x.astype(F32)
    outputs = [True] + [g.chance(0.6) for _ in range(3)]
    names = g.node("Unique", [g.input(x)], outputs, axis=axis, sorted=g.int(0, 1))
    g.result(*names)


@family(13)
def range_(g):
    dtype = g.pick([F32, F64, np.int32, np.int64])
    if dtype in (F32, F64):
        start, delta = g.int(-9, 9) * 0.5, g.pick([0.5, 0.25, 1.0, -0.75, 1.5])
        limit = start + delta * (g.int(-1, 9) + 0.5)
    else:
        start, delta, limit = g.int(-9, 9), g.pick([1, 2, 3, -1, -4]), g.int(-20, 20)
    g.result(g.node("Range", [g.operand(np.array(v, dtype), 0.5) for v in (start, limit, delta)]))


@family(24, 24)
def tensor_scatter(g):
    batch, size, new, rest = g.int(1, 3), g.int(3, 9), g.int(1, 3), g.int(1, 4)
    shape = [batch, *([g.int(1, 3)] if g.chance(0.5) else []), size, rest]
    mode = g.pick(["linear", "circular"])
    start = g.integers((batch,), np.int64, 0, size - new if mode == "linear" else size - 1)
    update = [*shape[:-2], new, rest]
    names = [g.input(g.floats(shape)), g.input(g.floats(update)), g.input(start)]

    def reference(feeds):
        past, fresh, at = (feeds[n] for n in names)
        out = past.copy()
        for b in range(past.shape[0]):
            for i in range(fresh.shape[-2]):
                out[b, ..., (at[b] + i) % past.shape[-2], :] = fresh[b, ..., i, :]
        return [out]

    g.reference, g.resizable = reference, False
    g.result(g.node("TensorScatter", names, mode=mode))


@family(13)
def array_features(g):
    from graph import ML
    shape = g.shape(1, zero=0)
    index = g.integers((g.int(1, 4),), np.int64, 0, shape[-1] - 1)
    g.resizable = False
    g.result(g.node("ArrayFeatureExtractor", [g.input(g.values(shape, g.pick([F32, F64, np.int64]))), g.operand(index)], domain=ML))


@family(13, every=4)
def found_and_used(g):
    """Sizes that only data gives, and what is computed with them."""
    rows, width = g.int(2, 9), g.int(1, 5)
    x = g.input(g.floats((rows, width)))
    marked = g.node("Greater", [g.input(g.floats((rows,))), g.stored(np.float32(0))])
    places = g.node("Squeeze", [g.node("NonZero", [marked]), g.stored(np.array([0], np.int64))])
    picked = g.node("Gather", [x, places], axis=0)
    w = g.stored(g.floats((width, g.int(1, 9))))
    y = g.node("MatMul", [picked, w])
    g.sums(width)
    g.result(y)
    if g.chance(0.5):
        count = g.node("Shape", [places])
        g.result(g.node("Expand", [g.node("ReduceSum", [x, g.stored(np.array([0], np.int64))], keepdims=1),
                                   g.node("Concat", [count, g.stored(np.array([width], np.int64))], axis=0)]))


@family(9, 10)
def scatter(g):
    shape = g.shape(1, zero=0)
    axis = g.int(0, len(shape) - 1)
    index = np.argsort(g.numbers.random(shape), axis=axis).astype(np.int64)
    names = [g.input(g.floats(shape)), g.operand(index), g.operand(g.floats(shape))]
    g.resizable = False
    g.result(g.node("Scatter", names, axis=axis))

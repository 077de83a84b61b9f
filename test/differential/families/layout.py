# SPDX-License-Identifier: Apache-2.0
"""Operators that move, repeat, cut and join elements."""
from graph import BOOL, F16, F32, F64, INTS, np
from families import family

ANY = [F32, F32, F64, F16, BOOL] + INTS


@family(13)
def transpose(g):
    shape = g.shape(0, 5)
    perm = list(range(len(shape)))
    g.choices.shuffle(perm)
    g.result(g.node("Transpose", [g.input(g.values(shape, g.pick(ANY)))], perm=perm if g.chance(0.8) else None))


def factors(g, size):
    """A random shape of that many elements."""
    dims = []
    while size > 1 and len(dims) < 4:
        options = [d for d in range(1, size + 1) if size % d == 0]
        dims.append(g.pick(options))
        size //= dims[-1]
    return [*dims, size]


@family(13)
def reshape(g):
    shape = g.shape(zero=0.08)
    target = factors(g, int(np.prod(shape))) if np.prod(shape) else [0, g.int(1, 5)]
    attributes = {}
    if np.prod(shape) == 0:
        g.opset, attributes = max(g.opset, 14), {"allowzero": 1}
    else:
        for i, d in enumerate(shape[:len(target)]):
            if target[i] == d and g.chance(0.5):
                target[i] = 0
        if g.chance(0.5):
            target[g.int(0, len(target) - 1)] = -1
    g.resizable = False
    g.result(g.node("Reshape", [g.input(g.values(shape, g.pick(ANY))), g.ints(target)], **attributes))


@family(11)
def squeeze_unsqueeze(g):
    dtype = g.pick(ANY)
    if g.chance(0.5):
        shape = g.shape(0, 3)
        rank = len(shape) + g.int(1, 2)
        axes = g.choices.sample(range(rank), rank - len(shape))
        if g.opset >= 13:
            axes = [a - rank if g.chance(0.4) else a for a in axes]
        kind = "Unsqueeze"
    else:
        shape = [g.pick([1, 1, 2, 5]) for _ in range(g.int(1, 5))]
        axes = [i - len(shape) if g.chance(0.4) else i for i, d in enumerate(shape) if d == 1 and g.chance(0.7)]
        kind = "Squeeze"
    x = g.input(g.values(shape, dtype), fixed=kind == "Squeeze" or ())
    if not axes:
        return g.result(g.node("Squeeze", [x]))
    g.result(g.node(kind, [x], axes=axes) if g.opset < 13 else g.node(kind, [x, g.stored(np.array(axes, np.int64))]))


@family(13)
def flatten(g):
    shape = g.shape()
    axis = g.int(-len(shape), len(shape))
    g.result(g.node("Flatten", [g.input(g.values(shape, g.pick([F32, F64, np.int32, np.uint8])))], axis=axis))


@family(13)
def concat(g):
    shape, dtype = list(g.shape(1)), g.pick(ANY)
    axis = g.axis(len(shape))
    parts = []
    for _ in range(g.int(1, 4)):
        shape[axis] = g.size(0.1)
        parts.append(g.operand(g.values(shape, dtype)))
    g.result(g.node("Concat", parts, axis=axis))


@family(11)
def split(g):
    shape, dtype = list(g.shape(1, zero=0)), g.pick([F32, F64, np.int32, np.int64, np.uint8])
    axis = g.axis(len(shape))
    parts = [g.int(0, 4) if g.chance(0.1) else g.int(1, 4) for _ in range(g.int(1, 4))]
    even = g.chance(0.4)
    if even:
        parts = [g.int(1, 4)] * len(parts)
    shape[axis] = sum(parts)
    x, attributes, inputs = g.input(g.values(shape, dtype)), {"axis": axis}, []
    if even and g.opset >= 18 and g.chance(0.7):
        attributes["num_outputs"] = len(parts)
    elif g.opset < 13:
        attributes["split"] = parts
    elif not even or g.opset >= 18:
        inputs = [g.stored(np.array(parts, np.int64))]
    g.resizable = False
    names = g.node("Split", [x, *inputs], len(parts), **attributes)
    g.result(*([names] if len(parts) == 1 else names))


@family(11)
def slice_(g):
    shape, dtype = g.shape(1, zero=0.03), g.pick([F32, F32, F64, np.int32, np.int64, np.uint8, BOOL])
    axes = g.axes(len(shape))
    starts = [g.int(-d - 2, d + 1) for d in (shape[a] for a in axes)]
    steps = [g.pick([1, 1, 1, 2, 3, -1, -1, -2]) for _ in axes]
    # onnxruntime takes the largest number for an open end of backward slices too, which the specification does not.
    far = [[2**31 - 1, 2**63 - 1], [-2**31, -2**63]]
    ends = [g.pick([g.int(-d - 2, d + 2), *far[s < 0]]) for d, s in zip((shape[a] for a in axes), steps)]
    given = sorted(a % len(shape) for a in axes) == list(range(len(axes))) and g.chance(0.5)
    if given:
        axes = [a % len(shape) for a in axes]
        order = np.argsort(axes)
        starts, ends, steps = ([v[i] for i in order] for v in (starts, ends, steps))
    names = [g.ints(starts), g.ints(ends), None if given else g.ints(axes)]
    if any(s != 1 for s in steps) or g.chance(0.3):
        names.append(g.ints(steps))
    g.result(g.node("Slice", [g.input(g.values(shape, dtype)), *names]))


@family(13)
def expand(g):
    shape = g.shape()
    target = list(g.narrowed(shape))
    x = g.input(g.values(g.narrowed(shape), g.pick([F32, F64, np.int32, np.int64, BOOL])))
    g.result(g.node("Expand", [x, g.ints(target)]))


@family(13)
def tile(g):
    shape = g.shape(1, most=300)
    x = g.input(g.values(shape, g.pick([F32, F64, np.int32, np.int64, np.uint8, BOOL])))
    g.result(g.node("Tile", [x, g.ints([g.pick([0, 1, 1, 2, 3]) for _ in shape])]))


@family(11)
def pad(g):
    shape = g.shape(1, zero=0, most=600)
    mode = g.pick(["constant", "constant", "reflect", "edge"] + (["wrap"] if g.opset >= 19 else []))
    dtype = g.pick([F32, F32, F64, np.int32, np.int64, np.uint8]) if g.opset >= 13 else F32
    axes = sorted(a % len(shape) for a in g.axes(len(shape))) if g.opset >= 18 and g.chance(0.4) else list(range(len(shape)))
    most = {"reflect": lambda d: d - 1, "wrap": lambda d: d}.get(mode, lambda d: 3)
    pads = [g.int(0, min(3, most(shape[a]))) for a in axes * 2]
    if mode == "constant" and g.chance(0.3):
        pads = [-1 if shape[a] > 2 and g.chance(0.3) else p for a, p in zip(axes * 2, pads)]
    value = g.stored(np.asarray(3, dtype)) if mode == "constant" and g.chance(0.6) else None
    inputs = [g.input(g.values(shape, dtype)), g.ints(pads), value]
    if axes != list(range(len(shape))):
        inputs.append(g.stored(np.array([a - len(shape) if g.chance(0.3) else a for a in axes], np.int64)))
    g.result(g.node("Pad", inputs, mode=mode))


@family(13)
def depth_and_space(g):
    block, n, c, h, w = g.int(1, 3), g.int(1, 2), g.int(1, 3), g.int(1, 4), g.int(1, 4)
    if g.chance(0.5):
        x = g.input(g.floats((n, c * block * block, h, w)))
        return g.result(g.node("DepthToSpace", [x], blocksize=block, mode=g.pick(["DCR", "CRD"])))
    g.result(g.node("SpaceToDepth", [g.input(g.floats((n, c, h * block, w * block)))], blocksize=block))


@family(14)
def trilu(g):
    shape = g.shape(2)
    x = g.input(g.values(shape, g.pick([F32, F64, np.int64, BOOL])))
    k = g.operand(np.array(g.int(-4, 4), np.int64), 0.7) if g.chance(0.7) else None
    g.result(g.node("Trilu", [x, k], upper=g.int(0, 1)))


@family(13)
def made_of_shapes(g):
    """Sizes that become data, and data that becomes sizes."""
    shape = g.shape(1, 3, zero=0)
    x = g.input(g.floats(shape))
    attributes = {}
    if g.opset >= 15:
        attributes = {"start": g.int(-len(shape), len(shape))}
        if g.chance(0.5):
            attributes["end"] = g.int(-len(shape), len(shape))
    size = g.node("Size", [x])
    g.result(g.node("Shape", [x], **attributes), size)
    doubled = g.node("Mul", [g.node("Shape", [x]), g.stored(np.array([2], np.int64))])
    filled = g.node("ConstantOfShape", [doubled], value=g.pick([None, tensor(7, np.int64), tensor(1.5, F32), tensor(True, BOOL)]))
    g.result(filled)


def tensor(value, dtype):
    from graph import numpy_helper
    return numpy_helper.from_array(np.array([value], dtype))


@family(13)
def eye_like(g):
    shape = (g.int(1, 6), g.int(1, 6))
    x = g.input(g.values(shape, g.pick([F32, F64, np.int32, np.int64])))
    g.result(g.node("EyeLike", [x], k=g.int(-3, 3), dtype=g.pick([None, 1, 7, 11])))


@family(13)
def reverse_sequence(g):
    shape = [g.int(1, 6), g.int(1, 6), *g.shape(0, 2, zero=0)]
    time = g.int(0, 1)
    lengths = g.integers((shape[1 - time],), np.int64, 1, shape[time])
    g.resizable = False
    g.result(g.node("ReverseSequence", [g.input(g.floats(shape)), g.input(lengths)], time_axis=time, batch_axis=1 - time))


@family(18)
def center_crop_pad(g):
    shape = g.shape(1, zero=0, most=500)
    axes = sorted(a % len(shape) for a in g.axes(len(shape)))
    target = g.ints([g.int(1, 9) for _ in axes])
    g.result(g.node("CenterCropPad", [g.input(g.floats(shape)), target], axes=axes if len(axes) < len(shape) else None))


@family(13)
def layout_chain(g):
    """Views of views: transposes, reshapes, slices and joins that cancel or become one."""
    shape = [g.int(1, 4) * 2 for _ in range(3)]
    x = g.input(g.values(shape, g.pick([F32, F32, np.int64])))
    for _ in range(g.int(2, 6)):
        kind = g.pick(["Transpose", "Reshape", "Slice", "Concat", "Flip"])
        if kind == "Transpose":
            perm = g.choices.sample(range(len(shape)), len(shape))
            x, shape = g.node(kind, [x], perm=perm), [shape[p] for p in perm]
        elif kind == "Reshape":
            shape = factors(g, int(np.prod(shape)))
            x = g.node(kind, [x, g.stored(np.array(shape, np.int64))])
        elif kind == "Concat" and np.prod(shape) < 500:
            axis = g.axis(len(shape))
            x = g.node(kind, [x, x], axis=axis)
            shape[axis] *= 2
        elif kind in ("Slice", "Flip"):
            axis = g.int(0, len(shape) - 1)
            start, end, step = (-1, -2**31, -1) if kind == "Flip" else (0, max(1, shape[axis] - 1), 1)
            x = g.node("Slice", [x, *(g.stored(np.array([v], np.int64)) for v in (start, end, axis, step))])
            shape[axis] = shape[axis] if kind == "Flip" else end
    g.resizable = False
    g.result(g.node("Identity", [x]) if x in g.feeds else x)

# SPDX-License-Identifier: Apache-2.0
"""Normalizations, of ONNX and of onnxruntime."""
from graph import F32, F64, MICROSOFT, np
from families import family


@family(17)
def layer_norm(g):
    shape = g.shape(1, zero=0, big=0.2)
    axis = g.axis(len(shape))
    inner = shape[axis:] if axis < 0 else shape[axis:]
    dtype = g.pick([F32, F32, F32, F64])
    g.sums(2 * np.prod(inner) + 16)
    outputs = [True, g.chance(0.3), g.chance(0.3)]
    names = [g.input(g.floats(shape, dtype)), g.stored(g.floats(inner, dtype))]
    if g.chance(0.7):
        names.append(g.stored(g.floats(inner, dtype)))
    if dtype == F64:
        outputs = [True]
    y = g.node("LayerNormalization", names, outputs, axis=axis, epsilon=g.pick([1e-5, 1e-3, 0.1]))
    g.result(*([y] if len(outputs) == 1 else y))


@family(23)
def rms_norm(g):
    shape = g.shape(1, zero=0, big=0.2)
    axis = g.axis(len(shape))
    g.sums(np.prod(shape[axis:]) + 16)
    names = [g.input(g.floats(shape)), g.stored(g.floats(shape[axis:]))]
    g.result(g.node("RMSNormalization", names, axis=axis, epsilon=g.pick([1e-5, 1e-3, 0.1])))


@family(13)
def simplified_norm(g):
    shape = g.shape(2, zero=0, big=0.2)
    g.sums(shape[-1] + 16)
    names = [g.input(g.floats(shape)), g.operand(g.floats(shape[-1:]))]
    g.result(g.node("SimplifiedLayerNormalization", names, axis=-1, epsilon=g.pick([1e-5, 1e-3]), stash_type=1))


@family(13)
def skip_norm(g):
    shape = (g.int(1, 3), g.int(1, 9), g.pick([4, 8, 17, 32]))
    simplified = g.chance(0.5)
    skip = shape if g.chance(0.7) else (1, *shape[1:])
    names = [g.input(g.floats(shape)), g.input(g.floats(skip)), g.stored(g.floats(shape[-1:]))]
    if not simplified:
        names.append(g.stored(g.floats(shape[-1:])) if g.chance(0.8) else None)
    names.append(g.stored(g.floats(shape[-1:])) if g.chance(0.5) else None)
    g.sums(2 * shape[-1] + 16)
    y = g.node("SkipSimplifiedLayerNormalization" if simplified else "SkipLayerNormalization", names,
               [True, False, False, g.chance(0.5)], domain=MICROSOFT, epsilon=g.pick([1e-5, 1e-3]))
    g.result(y[0], y[3])


@family(13)
def embed_norm(g):
    batch, seq, width, words, types = g.int(1, 3), g.int(1, 6), g.pick([4, 8, 17]), g.int(4, 30), 2
    ids = g.input(g.integers((batch, seq), np.int32, 0, words - 1))
    segments = g.input(g.integers((batch, seq), np.int32, 0, types - 1)) if g.chance(0.6) else None
    tables = [g.stored(g.floats((words, width))), g.stored(g.floats((seq + 3, width))),
              g.stored(g.floats((types, width))) if segments else None]
    mask = g.input(g.integers((batch, seq), np.int32, 0, 1)) if g.chance(0.4) else None
    norm = [g.stored(g.floats((width,))), g.stored(g.floats((width,)))]
    y = g.node("EmbedLayerNormalization", [ids, segments, *tables, *norm, mask], [True, True, g.chance(0.4)],
               domain=MICROSOFT, epsilon=1e-5)
    g.sums(2 * width + 16)
    g.resizable = False
    g.result(y[0], y[1] if mask else None, y[2])


@family(15)
def batch_norm(g):
    shape = (g.int(1, 3), g.int(1, 6), *g.shape(0, 2, zero=0, big=0))
    c = shape[1]
    dtype = g.pick([F32, F32, F64])
    names = [g.floats((c,), dtype) for _ in range(3)] + [g.floats((c,), dtype, low=0.5, high=2)]
    g.sums(16)
    g.result(g.node("BatchNormalization", [g.input(g.floats(shape, dtype)), *map(g.operand, names)],
                    epsilon=g.pick([1e-5, 0.01])))


@family(13)
def instance_norm(g):
    # Of one or two elements the deviation may be all but 0: onnxruntime scales numbers by what is 1 / sqrt(epsilon) then,
    # and subtracts after that.
    shape = (g.int(1, 3), g.int(1, 5), g.int(4, 9), *g.shape(0, 1, zero=0, big=0.1))
    g.sums(2 * np.prod(shape[2:]) + 16)
    g.resizable = False
    names = [g.input(g.floats(shape)), *(g.operand(g.floats(shape[1:2])) for _ in range(2))]
    g.result(g.node("InstanceNormalization", names, epsilon=g.pick([1e-5, 0.01])))


@family(21)
def group_norm(g):
    # No group of few elements: as above.
    groups, each = g.int(1, 4), g.int(1, 4)
    shape = (g.int(1, 3), groups * each, g.int(4, 9), *g.shape(0, 1, zero=0, big=0.1))
    g.sums(2 * np.prod(shape[1:]) // groups + 16)
    names = [g.input(g.floats(shape)), *(g.operand(g.floats(shape[1:2])) for _ in range(2))]
    g.result(g.node("GroupNormalization", names, num_groups=groups, epsilon=g.pick([1e-5, 0.01])))


@family(13)
def local_response_norm(g):
    shape = (g.int(1, 3), g.int(1, 9), *g.shape(2, 2, zero=0, big=0))
    g.sums(20)
    g.result(g.node("LRN", [g.input(g.floats(shape))], size=g.pick([1, 3, 5]), alpha=g.pick([1e-4, 0.1, 0.5]),
                    beta=g.pick([0.75, 0.5]), bias=g.pick([1.0, 2.0])))


@family(13)
def lp_norm(g):
    shape = g.shape(1, zero=0)
    dtype = g.pick([F32, F32, F64])
    axis = g.axis(len(shape))
    x = g.floats(shape, dtype)
    if g.chance(0.2):
        x = x * 0
    g.sums(shape[axis])
    g.result(g.node("LpNormalization", [g.input(x)], axis=axis, p=g.int(1, 2)))


@family(14)
def norm_spellings(g):
    """Layer and RMS norms in primitives, as exporters write them."""
    shape = (g.int(1, 3), g.int(1, 5), g.pick([4, 8, 17, 33]))
    x, width = g.input(g.floats(shape)), shape[-1]
    g.sums(3 * width + 16)
    g.opset = g.pick([14, 17, 18, 20])

    def mean(v):
        if g.opset < 18:
            return g.node("ReduceMean", [v], axes=[-1], keepdims=1)
        return g.node("ReduceMean", [v, g.stored(np.array([-1], np.int64))], keepdims=1)

    def square(v):
        return g.node("Mul", [v, v]) if g.chance(0.4) else g.node("Pow", [v, g.stored(np.float32(2))])

    centred = g.chance(0.5)
    y = g.node("Sub", [x, mean(x)]) if centred else x
    epsilon = g.stored(np.float32(g.pick([1e-5, 1e-3])))
    root = g.node("Sqrt", [g.node("Add", [mean(square(y)), epsilon])])
    if g.chance(0.5):
        y = g.node("Div", [y, root])
    else:
        y = g.node("Mul", [y, g.node("Reciprocal", [root]) if g.chance(0.5) else g.node("Div", [g.stored(np.float32(1)), root])])
    pair = [y, g.stored(g.floats((width,)))]
    y = g.node("Mul", pair if g.chance(0.5) else pair[::-1])
    if centred and g.chance(0.8):
        y = g.node("Add", [y, g.stored(g.floats((width,)))])
    g.result(y)

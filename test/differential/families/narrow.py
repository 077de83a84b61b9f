# SPDX-License-Identifier: Apache-2.0
"""Floats of 16 bits, computed in f32: onnxruntime runs the same graph in f32 on the rounded numbers."""
import oracle
from graph import BF16, F16, F32, np
from families import family


def rounded_from_f32(g, dtype):
    def reference(feeds):
        wide = {n: a.astype(F32) if a.dtype == dtype else a for n, a in feeds.items()}
        return [a.astype(dtype) if a.dtype == F32 else a for a in oracle.run(oracle.in_f32(g.model()), wide)]
    g.reference = reference


@family(17, 22)
def narrow_floats(g):
    dtype = g.pick([BF16, BF16, F16])
    shape = g.shape(2, 3, zero=0)
    x = g.input(g.floats(shape, dtype))
    kind = g.pick(["Add", "Mul", "Max", "Relu", "Tanh", "Sigmoid", "Exp", "Softmax", "MatMul", "Linear", "ReduceSum", "ReduceMax",
                   "Transpose", "Concat", "Where", "LayerNormalization", "Gemm", "Clip", "Erf", "Sqrt"])
    g.sums(shape[-1])
    if kind in ("Add", "Mul", "Max"):
        y = g.node(kind, [x, g.operand(g.floats(g.narrowed(shape), dtype))])
    elif kind in ("MatMul", "Linear"):
        w = g.floats((shape[-1], g.size()), dtype, scale=shape[-1] ** -0.5)
        y = g.node("MatMul", [x, g.operand(w, 0.7)])
        if kind == "Linear":
            y = g.node("Add", [y, g.stored(g.floats(w.shape[1:], dtype))])
    elif kind == "Gemm":
        x = g.input(g.floats(shape[:2], dtype))
        y = g.node("Gemm", [x, g.stored(g.floats((shape[1], g.size()), dtype, scale=shape[1] ** -0.5))])
    elif kind in ("ReduceSum", "ReduceMax"):
        g.opset = 18
        y = g.node(kind, [x, g.stored(np.array([g.axis(len(shape))], np.int64))])
    elif kind == "Transpose":
        y = g.node(kind, [x], perm=list(range(len(shape)))[::-1])
    elif kind == "Concat":
        y = g.node(kind, [x, g.stored(g.floats(shape, dtype))], axis=-1)
    elif kind == "Where":
        y = g.node(kind, [g.input(g.booleans(shape)), x, g.stored(g.floats((), dtype))])
    elif kind == "LayerNormalization":
        y = g.node(kind, [x, g.stored(g.floats(shape[-1:], dtype)), g.stored(g.floats(shape[-1:], dtype))], axis=-1, epsilon=0.01)
    elif kind == "Clip":
        y = g.node(kind, [x, g.stored(np.asarray(-0.5, dtype)), g.stored(np.asarray(0.75, dtype))])
    elif kind == "Softmax":
        y = g.node(kind, [x], axis=g.axis(len(shape)))
    else:
        y = g.node(kind, [g.node("Abs", [x]) if kind == "Sqrt" else x])
    rounded_from_f32(g, dtype)
    g.result(y)


@family(17, 22, every=4)
def narrow_block(g):
    """Norm, product, activation, residual."""
    dtype = g.pick([BF16, F16])
    rows, width = g.int(1, 5), g.pick([8, 16, 17])
    x = g.input(g.floats((rows, width), dtype))
    y = g.node("LayerNormalization", [x, g.stored(g.floats((width,), dtype)), g.stored(g.floats((width,), dtype))], axis=-1)
    y = g.node("MatMul", [y, g.stored(g.floats((width, width), dtype, scale=width**-0.5))])
    y = g.node(g.pick(["Relu", "Tanh", "Sigmoid"]), [y])
    g.sums(width)
    rounded_from_f32(g, dtype)
    g.result(g.node("Add", [x, y]))

# SPDX-License-Identifier: Apache-2.0
"""Matrix products, with stored weights and with computed ones."""
from graph import F16, F32, F64, MICROSOFT, np
from families import family


def product_shapes(g, zero=0.02):
    """Of MatMul: vectors, matrices, batches that broadcast."""
    m, k, n = (g.size(zero, 0.25) for _ in range(3))
    lead = g.shape(0, 2, zero=0, big=0)
    a, b = [*g.narrowed(lead), m, k], [*g.narrowed(lead), k, n]
    if g.chance(0.1):
        a = [k]
    if g.chance(0.1):
        b = [k]
    return a, b, k


@family(13, every=4)
def matmul(g):
    a, b, k = product_shapes(g)
    dtype = g.pick([F32, F32, F32, F64])
    g.sums(k)
    g.result(g.node("MatMul", [g.operand(g.floats(a, dtype), 0.1), g.operand(g.floats(b, dtype), 0.6)]))


@family(13, every=4)
def matmul_half(g):
    a, b, k = product_shapes(g, 0)
    g.sums(k)
    g.result(g.node("MatMul", [g.input(g.floats(a, F16)), g.operand(g.floats(b, F16), 0.7)]))


@family(13)
def matmul_integer_types(g):
    a, b, _ = product_shapes(g, 0)
    dtype = g.pick([np.int32, np.int64, np.uint32, np.uint64])
    low = -9 if np.dtype(dtype).kind == "i" else 0
    g.result(g.node("MatMul", [g.input(g.integers(a, dtype, low, 9)), g.operand(g.integers(b, dtype, low, 9))]))


@family(13, every=4)
def gemm(g):
    m, k, n = (g.size(0.01, 0.2) for _ in range(3))
    ta, tb = g.int(0, 1), g.int(0, 1)
    dtype = g.pick([F32, F32, F32, F64, F16])
    a = g.floats((k, m) if ta else (m, k), dtype)
    b = g.floats((n, k) if tb else (k, n), dtype)
    c = g.floats(g.pick([(m, n), (n,), (1, n), (m, 1), (), (1,)]), dtype)
    attributes = {name: v for name, v in (("transA", ta), ("transB", tb)) if v or g.chance(0.3)}
    if g.chance(0.4):
        attributes.update(alpha=g.pick([0.5, 1.0, -2.0]), beta=g.pick([0.0, 0.25, 1.0]))
    g.sums(k)
    names = [g.operand(a, 0.1), g.operand(b, 0.7)] + ([g.operand(c, 0.7)] if g.chance(0.7) else [])
    g.result(g.node("Gemm", names, **attributes))


EQUATIONS = ["ij,jk->ik", "bij,bjk->bik", "ij->ji", "ii->i", "ii->", "ij->", "ij->j", "i,j->ij", "i,i->", "bhqd,bhkd->bhqk",
             "bhqk,bhkd->bqhd", "bij,kj->bik", "...ij,...jk->...ik", "...ij->...ji", "...i->...", "ij,ij->ij", "ijk,jil->kl",
             "ij,jk,kl->il", "bi,bj,bk->bijk", "ij,jk", "ijk->kij", "abc,cd,de->abe", "i...,i...->...", "bqhd,bkhd->bhqk"]


@family(13)
def einsum(g):
    equation = g.pick(EQUATIONS)
    sizes = {c: g.int(1, 6) for c in "abcdehijklq"}
    lead = [g.int(1, 3) for _ in range(g.int(0, 2))]
    shapes = []
    for term in equation.split("->")[0].split(","):
        shape = []
        for part in term.replace("...", ".."):
            shape += [sizes[part]] if part != "." else []
        at = term.find("...")
        if at >= 0:
            shape[at:at] = lead
        shapes.append(shape)
    dtype = g.pick([F32, F32, F64, np.int32, np.int64])
    g.sums(np.prod([sizes[c] for c in set(equation) if c in sizes]) if equation.count(",") else 36)
    names = [g.operand(g.floats(s, dtype) if dtype in (F32, F64) else g.integers(s, dtype, -5, 5), 0.3) for s in shapes]
    g.resizable = False  # onnxruntime broadcasts sizes of 1
    g.result(g.node("Einsum", names, equation=equation))


@family(13)
def fused_matmul(g):
    a, b, k = product_shapes(g, 0)
    if min(len(a), len(b)) < 2:
        a, b = [1, k], [k, 1]  # onnxruntime multiplies other elements of vectors where it transposes
    ta, tb = (int(g.chance(0.5)) for _ in range(2))
    if ta:
        a[-2:] = a[:-3:-1]
    if tb:
        b[-2:] = b[:-3:-1]
    g.sums(k)
    names = [g.input(g.floats(a)), g.operand(g.floats(b), 0.6)]
    g.result(g.node("FusedMatMul", names, domain=MICROSOFT, transA=ta, transB=tb, alpha=g.pick([1.0, 0.5, 2.0])))


@family(13)
def determinant(g):
    n = g.int(1, 5)
    x = g.floats((*g.shape(0, 2, zero=0, big=0), n, n)) + 2 * np.eye(n, dtype=F32)
    g.sums(50)
    g.result(g.node("Det", [g.input(x)]))


@family(14, every=4)
def linear_layers(g):
    """Products with stored weights, a bias, an activation and a residual, as layers of models have them."""
    rows = [g.pick([1, 1, 2, 3, 7, 17, 33])] if g.chance(0.5) else [g.int(1, 3), g.int(1, 9)]
    width = g.pick([8, 16, 24, 31, 48, 64])
    x = g.input(g.floats((*rows, width)))
    for _ in range(g.int(1, 3)):
        out = width if g.chance(0.4) else g.pick([1, 5, 16, 17, 40, 64])
        w = g.floats((width, out), scale=width**-0.5)
        if g.chance(0.3):
            y = g.node("MatMul", [x, g.node("Transpose", [g.stored(np.ascontiguousarray(w.T))], perm=[1, 0])])
        else:
            y = g.node("MatMul", [x, g.stored(w)])
        if g.chance(0.6):
            pair = [y, g.stored(g.floats((out,)))]
            y = g.node("Add", pair if g.chance(0.7) else pair[::-1])
        if g.chance(0.5):
            y = g.node(g.pick(["Relu", "Tanh", "Sigmoid", "Erf"]), [y])
        if out == width and g.chance(0.5):
            y = g.node("Add", [y, x])
        x, width = y, out
        g.sums(3 * width + 64)
    g.result(x)


@family(13, every=4)
def products_of_products(g):
    """No stored weights: scores and their use."""
    b, m, n, d = g.int(1, 3), g.int(1, 9), g.int(1, 17), g.int(1, 9)
    q, k, v = g.input(g.floats((b, m, d))), g.input(g.floats((b, n, d))), g.input(g.floats((b, n, g.int(1, 5))))
    scores = g.node("MatMul", [q, g.node("Transpose", [k], perm=[0, 2, 1])])
    if g.chance(0.5):
        scores = g.node("Mul", [scores, g.stored(np.float32(0.5))])
    if g.chance(0.5):
        scores = g.node("Softmax", [scores], axis=-1)
    g.sums(d * n * 4)
    g.result(g.node("MatMul", [scores, v]))

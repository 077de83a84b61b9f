# SPDX-License-Identifier: Apache-2.0
"""Quantized operators. Scales are powers of two where a result is rounded to an integer: then products are exact, and a
half is one on both sides."""
from graph import F16, F32, MICROSOFT, TensorProto, np
from families import family

SMALL = [np.uint8, np.int8, np.uint16, np.int16]
BYTES = [np.uint8, np.int8]


def power(g, shape=(), low=-6, high=0, dtype=F32):
    return np.exp2(g.integers(shape, np.int64, low, high)).astype(dtype)


def any_of(g, shape, dtype):
    info = np.iinfo(dtype)
    return g.integers(shape, dtype, info.min, info.max)


@family(13)
def quantize_linear(g):
    dtype = g.pick(SMALL) if g.opset >= 21 else g.pick(BYTES)
    shape = g.shape(1)
    axis = g.axis(len(shape))
    count = () if g.chance(0.5) else (shape[axis],)
    x = g.floats(shape, g.pick([F32, F32, F16]) if g.opset >= 19 else F32, scale=30)
    scale = power(g, count, -4, 1, x.dtype)
    names = [g.input(x), g.operand(scale, 0.7)]
    if g.chance(0.8) or dtype != np.uint8:
        names.append(g.stored(g.integers(count, dtype, 0, 100)))
    g.result(g.node("QuantizeLinear", names, axis=axis if count or g.chance(0.2) else None))


@family(13)
def dequantize_linear(g):
    dtype = g.pick([*SMALL, np.int32]) if g.opset >= 21 else g.pick([*BYTES, np.int32])
    shape = list(g.shape(1, zero=0))
    axis = g.axis(len(shape))
    attributes = {}
    count = () if g.chance(0.4) else (shape[axis],)
    if g.opset >= 21 and dtype != np.int32 and g.chance(0.4):
        block = g.int(1, 4)
        count = list(shape)
        count[axis] = -(-shape[axis] // block)
        if g.chance(0.7):
            shape[axis] = count[axis] * block
        attributes["block_size"] = block
        if -(-shape[axis] // block) != count[axis]:
            count[axis] = -(-shape[axis] // block)
    names = [g.operand(any_of(g, shape, dtype), 0.5), g.operand(g.floats(count, scale=0.1), 0.8)]
    if g.chance(0.7) and dtype != np.int32:
        names.append(g.stored(any_of(g, count, dtype)))
    if count != () or g.chance(0.2):
        attributes["axis"] = axis
    g.resizable = False
    g.result(g.node("DequantizeLinear", names, **attributes))


@family(21, every=4)
def dequantize_4_bits(g):
    signed = g.chance(0.5)
    element, low, high = (TensorProto.INT4, -8, 7) if signed else (TensorProto.UINT4, 0, 15)
    rows, blocks, block = g.int(1, 5), g.int(1, 4), g.pick([16, 32])
    axis = g.int(0, 1)
    shape, count = [rows, rows], [rows, rows]
    shape[axis], count[axis] = blocks * block, blocks
    names = [g.stored(g.integers(shape, np.int8, low, high), element), g.stored(g.floats(count, scale=0.1))]
    if g.chance(0.6):
        names.append(g.stored(g.integers(count, np.int8, low, high), element))
    y = g.node("DequantizeLinear", names, axis=axis, block_size=block)
    if g.chance(0.7):
        x = g.input(g.floats((g.int(1, 4), shape[0])))
        g.sums(shape[0])
        y = g.node("MatMul", [x, y])
    g.result(y)


@family(13)
def dynamic_quantize(g):
    x = g.floats(g.shape(1, zero=0), scale=g.pick([0.01, 1, 50]))
    if g.chance(0.3):
        x = np.abs(x) + np.float32(1)
    # Ends of the range that make the scale a power of two, so that nothing lies between two roundings.
    step = float(power(g, (), -5, 1))
    low = g.int(0, 200)
    x = np.clip(np.round(x / step), -low, 255 - low).astype(F32) * F32.type(step)
    x.reshape(-1)[0] = step * (255 - low)
    if x.size > 1:
        x.reshape(-1)[-1] = -step * low
    g.resizable = False
    if x.size == 1 and low:
        x = np.abs(x)
    g.result(*g.node("DynamicQuantizeLinear", [g.input(x)], 3))


@family(13)
def matmul_of_integers(g):
    m, k, n = (g.size(0.01, 0.3) for _ in range(3))
    lead = g.shape(0, 1, zero=0, big=0)
    a, b = g.pick([(np.uint8, np.uint8), (np.uint8, np.int8), (np.int8, np.int8)])
    names = [g.input(any_of(g, (*lead, m, k), a)), g.operand(any_of(g, (k, n), b), 0.7)]
    if g.chance(0.7):
        names.append(g.operand(any_of(g, (), a), 0.6))
        if g.chance(0.7):
            names.append(g.stored(any_of(g, (n,) if g.chance(0.5) else (), b)))
    g.result(g.node("MatMulInteger", names))


@family(13)
def qlinear_matmul(g):
    m, k, n = (g.size(0, 0.3) for _ in range(3))
    a, b = g.pick([(np.uint8, np.uint8), (np.uint8, np.int8), (np.int8, np.int8)])
    columns = (n,) if g.chance(0.5) else ()
    names = [g.input(any_of(g, (m, k), a)), g.stored(power(g)), g.stored(any_of(g, (), a)),
             g.operand(any_of(g, (k, n), b), 0.7), g.stored(power(g, columns)), g.stored(any_of(g, columns, b)),
             g.stored(power(g, (), 0, 8)), g.stored(any_of(g, (), a))]
    g.result(g.node("QLinearMatMul", names))


def quantized(g, shape, dtype):
    """A tensor with its scale and zero point."""
    return [g.input(any_of(g, shape, dtype)), g.stored(power(g, (), -5, -2)), g.stored(g.integers((), dtype, 0, 100))]


@family(13)
def qlinear_arithmetic(g):
    dtype = g.pick(BYTES)
    kind = g.pick(["QLinearAdd", "QLinearMul", "QLinearConcat", "QLinearWhere"])
    shape = g.shape(1, zero=0)
    out = [g.stored(power(g, (), -4, -1)), g.stored(g.integers((), dtype, 0, 50))]
    if kind == "QLinearConcat":
        parts = [quantized(g, shape, dtype) for _ in range(g.int(1, 3))]
        y = g.node(kind, [*out, *(n for p in parts for n in p)], domain=MICROSOFT, axis=g.axis(len(shape)))
    elif kind == "QLinearWhere":
        a, b, c = (g.narrowed(shape) for _ in range(3))
        y = g.node(kind, [g.input(g.booleans(a)), *quantized(g, b, dtype), *quantized(g, c, dtype), *out], domain=MICROSOFT)
    else:
        a, b = (g.narrowed(shape) for _ in range(2))
        y = g.node(kind, [*quantized(g, a, dtype), *quantized(g, b, dtype), *out], domain=MICROSOFT)
    g.result(y)


@family(13)
def qlinear_functions(g):
    """Rounded results of functions, compared as numbers: a value between two steps may become either."""
    dtype = g.pick(BYTES)
    kind = g.pick(["QLinearSigmoid", "QLinearLeakyRelu", "QLinearSoftmax"])
    shape = g.shape(1, zero=0)
    out = [g.stored(power(g, (), -8, -7) if kind != "QLinearLeakyRelu" else power(g, (), -3, -2)),
           g.stored(np.array(0 if dtype == np.uint8 else -128, dtype))]
    attributes = {"alpha": 0.25} if kind == "QLinearLeakyRelu" else {}
    if kind == "QLinearSoftmax":
        attributes = {"axis": g.axis(len(shape)), "opset": 13}
    y = g.node(kind, [*quantized(g, shape, dtype), *out], domain=MICROSOFT, **attributes)
    g.exact = 1.01 if kind != "QLinearLeakyRelu" else 0.0
    g.result(g.node("Cast", [y], to=TensorProto.FLOAT))


@family(13, every=4)
def matmul_nbits(g):
    bits = g.pick([4, 4, 8])
    block, k, n = g.pick([16, 32, 64, 128]), g.pick([16, 32, 40, 64, 96, 130, 256]), g.pick([1, 8, 16, 17, 32, 40])
    dtype = g.pick([F32, F32, F32, F16])
    blocks = -(-k // block)
    names = [g.input(g.floats((*g.shape(0, 1, zero=0, big=0), g.pick([1, 1, 2, 5, 17]), k), dtype)),
             g.stored(any_of(g, (n, blocks, block * bits // 8), np.uint8)),
             g.stored(g.floats((n * blocks,), dtype, low=0.005, high=0.03) * np.asarray(g.pick([1, 1, -1]), dtype))]
    if g.chance(0.5):
        names.append(g.stored(any_of(g, (n * -(-blocks * bits // 8),), np.uint8)))
    if g.chance(0.3):
        names += [None] * (5 - len(names)) + [g.stored(g.floats((n,), dtype))]
    g.sums(k)
    g.resizable = False
    g.result(g.node("MatMulNBits", names, domain=MICROSOFT, K=k, N=n, bits=bits, block_size=block))


@family(13)
def gather_of_blocks(g):
    rows, block = g.int(2, 9), g.pick([16, 32])
    width = block * g.int(1, 4)
    signed = g.chance(0.5)
    element, low, high = (TensorProto.INT4, -8, 7) if signed else (TensorProto.UINT4, 0, 15)
    g.opset = max(g.opset, 21)
    names = [g.stored(g.integers((rows, width), np.int8, low, high), element),
             g.operand(g.integers(g.shape(1, 2, zero=0, big=0), np.int64, 0, rows - 1), 0.1),
             g.stored(g.floats((rows, width // block), scale=0.1))]
    if g.chance(0.5):
        names.append(g.stored(g.integers((rows, width // block), np.int8, low, high), element))
    g.resizable = False
    g.result(g.node("GatherBlockQuantized", names, domain=MICROSOFT, gather_axis=0, quantize_axis=1, block_size=block))


@family(13, every=4)
def dynamic_quantize_matmul(g):
    """The activation's range is that of whole steps, as in dynamic_quantize."""
    m, k, n = g.int(1, 5), g.pick([4, 17, 32, 64]), g.pick([1, 8, 17, 32])
    x = g.integers((m, k), np.int64, -100, 155).astype(F32) * F32.type(0.25)
    x[0, 0], x[0, -1] = 155 * 0.25, -100 * 0.25
    w = g.pick(BYTES)
    columns = (n,) if g.chance(0.5) else ()
    g.sums(k)
    g.resizable = False
    scale = g.stored(g.floats(columns, low=0.005, high=0.03))
    weight, zero = g.stored(any_of(g, (k, n), w)), g.stored(any_of(g, columns, w))
    bias = g.stored(g.floats((n,))) if g.chance(0.5) else None
    form = g.pick(["fused", "parts", "integers"])
    if form == "fused":
        return g.result(g.node("DynamicQuantizeMatMul", [g.input(x), weight, scale, zero, bias], domain=MICROSOFT))
    q, s, z = g.node("DynamicQuantizeLinear", [g.input(x)], 3)
    if form == "integers":
        return g.result(g.node("MatMulIntegerToFloat", [q, weight, s, scale, z, zero, bias], domain=MICROSOFT))
    y = g.node("Cast", [g.node("MatMulInteger", [q, weight, z, zero])], to=TensorProto.FLOAT)
    y = g.node("Mul", [y, g.node("Mul", [s, scale])])
    g.result(g.node("Add", [y, bias]) if bias else y)


@family(13)
def quantized_gemm(g):
    m, k, n = g.int(1, 5), g.size(), g.size()
    tb = g.int(0, 1)
    a, b = g.pick([(np.uint8, np.int8), (np.uint8, np.uint8), (np.int8, np.int8)])
    names = [g.input(any_of(g, (m, k), a)), g.stored(power(g)), g.stored(any_of(g, (), a)),
             g.stored(any_of(g, (n, k) if tb else (k, n), b)), g.stored(power(g)), g.stored(any_of(g, (), b)),
             g.stored(g.integers((n,), np.int32, -900, 900)) if g.chance(0.5) else None]
    if g.chance(0.7):
        names += [g.stored(power(g, (), 0, 6)), g.stored(any_of(g, (), a))]
    g.result(g.node("QGemm", names, domain=MICROSOFT, transB=tb, alpha=g.pick([1.0, 0.5])))


@family(13, every=4)
def quantize_and_back(g):
    """QDQ around a product, as static quantization leaves it."""
    m, k, n = g.int(1, 5), g.pick([4, 8, 17, 32]), g.pick([1, 8, 17])

    def qdq(x, scale, zero):
        names = [g.stored(np.array(scale, F32)), g.stored(np.array(zero, np.uint8))]
        return g.node("DequantizeLinear", [g.node("QuantizeLinear", [x, *names]), *names])

    x = qdq(g.input(g.floats((m, k))), 0.03125, 128)
    axis = {"axis": 1} if g.chance(0.5) else {}
    scale = power(g, (n,) if axis else (), -8, -6)
    w = g.node("DequantizeLinear", [g.stored(any_of(g, (k, n), np.int8)), g.stored(scale), g.stored(np.zeros(scale.shape, np.int8))],
               **axis)
    g.sums(k)
    y = g.node("MatMul", [x, w])
    if g.chance(0.5):
        y = g.node("Relu", [y])
    g.result(qdq(y, 0.0625, 128) if g.chance(0.5) else y)



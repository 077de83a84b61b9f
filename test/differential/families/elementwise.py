# SPDX-License-Identifier: Apache-2.0
"""Elementwise operators, conversions and activations, with broadcasting, over all element types."""
from graph import (BF16, BOOL, F16, F32, F64, INTS, MICROSOFT, ML, SIGNED, TensorProto, element_type, is_float, math,
                   np)
from families import family

# Where each function is smooth; elsewhere an ulp of the operand is many of the result.
DOMAINS = {
    "Exp": (-5, 5), "Log": (0.05, 50), "Sqrt": (0, 50), "Reciprocal": (0.2, 9), "Sin": (-20, 20), "Cos": (-20, 20),
    "Tan": (-1.3, 1.3), "Asin": (-0.95, 0.95), "Acos": (-0.95, 0.95), "Atan": (-9, 9), "Sinh": (-4, 4), "Cosh": (-4, 4),
    "Asinh": (-9, 9), "Acosh": (1.1, 20), "Atanh": (-0.95, 0.95), "Erf": (-4, 4), "Tanh": (-9, 9), "Sigmoid": (-20, 20),
    "Softplus": (-20, 20), "Abs": (-9, 9), "Neg": (-9, 9), "Relu": (-3, 3), "Floor": (-9, 9), "Ceil": (-9, 9),
    "Round": (-9, 9), "Sign": (-3, 3), "Identity": (-3, 3)}


@family(13)
def unary_float(g):
    kind = g.pick(DOMAINS)
    dtype = g.pick([F32, F32, F64, F16])
    low, high = DOMAINS[kind]
    x = g.input(g.floats(g.shape(), dtype, low=low, high=high))
    g.result(g.node(kind, [x]))


@family(13)
def unary_integer(g):
    kind, types = g.pick([("Abs", INTS), ("Neg", SIGNED), ("Sign", INTS), ("BitwiseNot", INTS), ("Not", [BOOL]),
                          ("Relu", [np.int8, np.int32]), ("Identity", INTS + [BOOL])])
    if kind == "BitwiseNot":
        g.opset = max(g.opset, 18)
    g.result(g.node(kind, [g.input(g.values(g.shape(), g.pick(types)))]))


@family(13)
def special_values(g):
    kind = g.pick(["Floor", "Ceil", "Round", "Sign", "Abs", "Neg", "Relu", "IsNaN", "IsInf", "Exp", "Sqrt", "Tanh",
                   "Sigmoid", "Erf", "Reciprocal", "Log", "Identity", "Softplus"])
    dtype = g.pick([F32, F32, F64]) if kind == "IsInf" else g.pick([F32, F32, F64, F16])
    x = g.special(g.floats(g.shape(1), dtype, scale=3))
    if kind == "Log":
        x = np.abs(x) + np.asarray(0.125, dtype)
    elif kind == "Round":
        x = np.round(x * 2) / 2
    elif kind == "Sign":
        x = np.where(np.isnan(x), np.asarray(2, dtype), x)  # nobody says what the sign of NaN is
    attributes = {}
    if kind == "IsInf":
        attributes = {"detect_negative": g.int(0, 1), "detect_positive": g.int(0, 1)}
    g.result(g.node(kind, [g.input(x.astype(dtype))], **attributes))


@family(13)
def binary_float(g):
    kind, dtype = g.pick(["Add", "Sub", "Mul", "Div", "Pow", "Max", "Min", "Mod"]), g.pick([F32, F32, F64, F16])
    a, b = g.broadcast(2)
    x, y = g.floats(a, dtype, scale=3), g.floats(b, dtype, scale=3)
    attributes = {}
    if kind == "Div":
        y = (np.sign(y) + (y == 0)) * (np.abs(y) + np.asarray(0.5, dtype))
    elif kind == "Pow":
        x, y = g.floats(a, dtype, low=0.1, high=3), g.floats(b, dtype, low=-3, high=3)
        if g.chance(0.3):  # whole exponents of negative numbers
            x, y = g.floats(a, dtype, scale=2), np.round(y).astype(dtype)
            x = np.where(np.abs(x) < 0.2, np.asarray(1, dtype), x)
    elif kind == "Mod":
        attributes = {"fmod": 1}
        # Whole numbers: a quotient that rounds to a whole one is not the question here.
        x, y = np.round(x * 5).astype(dtype), (np.abs(np.round(y)) + 1).astype(dtype) * g.pick([-1, 1])
    g.result(g.node(kind, [g.operand(x), g.operand(y.astype(dtype))], **attributes))


def nonzero(y):
    return np.where(y == 0, np.asarray(3, y.dtype), y)


@family(13)
def binary_integer(g):
    kind, dtype = g.pick(["Add", "Sub", "Mul", "Div", "Max", "Min", "Mod", "Pow"]), g.pick(INTS)
    a, b = g.broadcast(2)
    x, y = g.integers(a, dtype), g.integers(b, dtype)
    attributes = {}
    if kind in ("Div", "Mod"):
        y = nonzero(y)
        if np.dtype(dtype).kind == "i":  # the quotient of the least number and -1 overflows
            y = np.where(y == -1, np.asarray(2, y.dtype), y)
        if kind == "Mod" and g.chance(0.5):
            attributes = {"fmod": 1}
    elif kind == "Pow":
        dtype = g.pick([np.int32, np.int64])
        x, y = g.integers(a, dtype, -5, 5), g.integers(b, dtype, 0, 6)
    elif kind in ("Add", "Sub", "Mul") and dtype.itemsize < 4:
        g.opset = max(g.opset, 14)
        # onnxruntime has no kernels for these; numbers wrap as NumPy's do.
        operation = {"Add": np.add, "Sub": np.subtract, "Mul": np.multiply}[kind]
        names = [g.input(x), g.input(y)]
        g.reference = lambda feeds: [operation(feeds[names[0]], feeds[names[1]])]
        return g.result(g.node(kind, names))
    g.result(g.node(kind, [g.operand(x), g.operand(y)], **attributes))


@family(13)
def power_of_mixed_types(g):
    base, exponent = g.pick([F32, F64, np.int32, np.int64]), g.pick([F32, F64, np.int32, np.int64])
    a, b = g.broadcast(2)
    x = g.floats(a, base, low=0.5, high=2.5) if is_float(base) else g.integers(a, base, 1, 5)
    y = g.floats(b, exponent, low=-2, high=3) if is_float(exponent) else g.integers(b, exponent, 0, 4)
    if not is_float(base):
        y = np.round(np.abs(y)).astype(exponent)
    g.result(g.node("Pow", [g.input(x), g.operand(y)]))


@family(18)
def bitwise(g):
    kind = g.pick(["BitwiseAnd", "BitwiseOr", "BitwiseXor", "BitShift"])
    dtype = g.pick(INTS[4:]) if kind == "BitShift" else g.pick(INTS)
    a, b = g.broadcast(2)
    x, y = g.integers(a, dtype), g.integers(b, dtype)
    attributes = {}
    if kind == "BitShift":
        y = g.integers(b, dtype, 0, np.dtype(dtype).itemsize * 8 - 1)
        attributes = {"direction": g.pick(["LEFT", "RIGHT"])}
        if dtype == np.uint16:
            names = [g.input(x), g.input(y)]  # onnxruntime has no kernel
            shift = np.left_shift if attributes["direction"] == "LEFT" else np.right_shift
            g.reference = lambda feeds: [shift(feeds[names[0]], feeds[names[1]])]
            return g.result(g.node(kind, names, **attributes))
    g.result(g.node(kind, [g.operand(x), g.operand(y)], **attributes))


@family(16)
def compare(g):
    kind = g.pick(["Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual"])
    dtype = g.pick(INTS + [F32, F32, F64, F16] + ([BOOL] if kind == "Equal" else []))
    a, b = g.broadcast(2)
    x, y = g.values(a, dtype), g.values(b, dtype)
    if is_float(dtype):
        x, y = np.round(x), np.round(y)
        if g.chance(0.3):
            x, y = g.special(x), g.special(y)
    operation = {"Equal": np.equal, "Less": np.less, "LessOrEqual": np.less_equal, "Greater": np.greater,
                 "GreaterOrEqual": np.greater_equal}[kind]
    names = [g.input(x), g.input(y)]
    g.reference = lambda feeds: [operation(feeds[names[0]], feeds[names[1]])]
    g.result(g.node(kind, names))


@family(13)
def logical(g):
    kind = g.pick(["And", "Or", "Xor"])
    a, b, c = g.broadcast(3)
    x = g.node(kind, [g.operand(g.booleans(a)), g.operand(g.booleans(b))])
    g.result(x, g.node("Not", [g.node(g.pick(["And", "Or", "Xor"]), [x, g.operand(g.booleans(c))])]))


@family(16)
def where(g):
    dtype = g.pick([F32, F64, F16, np.uint8, np.int32, np.int64, BOOL])
    a, b, c = g.broadcast(3)
    g.result(g.node("Where", [g.operand(g.booleans(a)), g.operand(g.values(b, dtype)), g.operand(g.values(c, dtype))]))


@family(13)
def variadic(g):
    kind = g.pick(["Max", "Min", "Sum", "Mean"])
    dtype = g.pick([F32, F32, F64, F16] + ([np.int32, np.int64, np.uint32, np.uint64, np.int8, np.uint8]
                                           if kind in ("Max", "Min") else []))
    shapes = g.broadcast(g.int(1, 4))
    g.result(g.node(kind, [g.operand(g.values(s, dtype)) for s in shapes]))


@family(13)
def cast(g):
    types = INTS + [F32, F64, F16, BOOL]
    dtype, to = g.pick(types), g.pick(types + [BF16])
    shape = g.shape()
    x = g.values(shape, dtype)
    if is_float(dtype):
        # What lies outside the target's range is nobody's promise.
        x = (np.abs(x) * 9 if np.dtype(to).kind == "u" else x * 9).astype(dtype)
        x = np.round(x * 4) / np.asarray(4, dtype)
    elif to == F16 and dtype != BOOL:
        x = g.integers(shape, dtype, 0, 100)
    y = g.node("Cast", [g.input(x)], to=element_type(to))
    g.result(g.node("Cast", [y], to=TensorProto.FLOAT) if to == BF16 else y)


@family(19)
def cast_small_floats(g):
    """8 bits: values in range, infinities and NaN, and back."""
    to = g.pick([TensorProto.FLOAT8E4M3FN, TensorProto.FLOAT8E4M3FNUZ, TensorProto.FLOAT8E5M2, TensorProto.FLOAT8E5M2FNUZ,
                 TensorProto.BFLOAT16])
    dtype = g.pick([F32, F16])
    x = g.floats(g.shape(), dtype, scale=g.pick([0.01, 1, 50, 400]))
    if g.chance(0.3):
        x = g.special(x)
    attributes = {} if to == TensorProto.BFLOAT16 else {"saturate": g.int(0, 1)}
    if not attributes.get("saturate", 1):
        # What is beyond the largest number is NaN or infinity, but onnxruntime makes it a number where it is f16.
        x = np.where(np.isfinite(x), np.clip(x, -240, 240), x).astype(dtype)
    y = g.node("Cast", [g.input(x)], to=to, **attributes)
    g.result(g.node("Cast", [y], to=g.pick([TensorProto.FLOAT, TensorProto.FLOAT16])))


@family(21)
def cast_small_integers(g):
    """4 bits from integers and back; from floats the roundings differ (onnxruntime: halves away from 0)."""
    to = g.pick([TensorProto.INT4, TensorProto.UINT4])
    low, high = (-8, 7) if to == TensorProto.INT4 else (0, 15)
    x = g.floats(g.shape(), F32, low=low - 0.4, high=high + 0.4)
    x = np.clip(np.round(x), low, high)
    y = g.node("Cast", [g.input(x)], to=to)
    g.result(g.node("Cast", [y], to=g.pick([TensorProto.FLOAT, TensorProto.INT8 if low else TensorProto.UINT8])))


@family(15)
def cast_like(g):
    types = [F32, F64, F16, np.int32, np.int64, np.uint8, BOOL]
    dtype, to = g.pick(types), g.pick(types)
    x = g.values(g.shape(), dtype)
    if is_float(dtype):
        x = np.abs(np.round(x * 9)).astype(dtype)
    g.result(g.node("CastLike", [g.input(x), g.operand(g.values((2,), to))]))


@family(11)
def clip(g):
    dtype = g.pick([F32, F32, F64, F16, np.int8, np.uint8, np.int32, np.int64, np.uint64])
    if g.opset < 12:
        dtype = F32
    x = g.values(g.shape(), dtype)
    bounds = sorted([g.values((), dtype) for _ in range(2)]) if is_float(dtype) else [np.asarray(2, dtype), np.asarray(7, dtype)]
    names = [g.operand(np.asarray(v), 0.7) if g.chance(0.8) else None for v in bounds]
    g.result(g.node("Clip", [g.input(x), *names]))


ACTIVATIONS = {
    "Elu": (6, "alpha"), "Selu": (6, ""), "LeakyRelu": (6, "alpha"), "HardSigmoid": (6, "alpha beta"), "HardSwish": (14, ""),
    "Mish": (18, ""), "Softsign": (1, ""), "ThresholdedRelu": (10, "alpha"), "Celu": (12, "alpha"), "Shrink": (9, "lambd bias"),
    "Softplus": (1, ""), "Gelu": (20, ""), "Sigmoid": (6, ""), "Relu": (14, ""), "Swish": (24, "alpha")}


@family(13)
def activation(g):
    kind = g.pick(ACTIVATIONS)
    since, names = ACTIVATIONS[kind]
    g.opset = max(g.opset, since)
    attributes = {n: round(g.choices.uniform(0.1, 1.5), 3) for n in names.split() if g.chance(0.6)}
    if kind == "Gelu":
        attributes = {"approximate": g.pick(["none", "tanh"])}
    dtype = g.pick([F32, F32, F32, F16, F64] if kind in ("LeakyRelu", "Relu", "Sigmoid", "Elu") else [F32])
    x = g.floats(g.shape(), dtype, scale=3)
    names = [g.input(x)]
    if kind == "Swish":
        alpha = attributes.get("alpha", 1.0)
        g.reference = lambda feeds: [(feeds[names[0]] / (1 + np.exp(-alpha * feeds[names[0]].astype(F64)))).astype(dtype)]
    g.result(g.node(kind, names, **attributes))


@family(13)
def activation_contrib(g):
    kind = g.pick(["Gelu", "FastGelu", "FastGeluBias", "BiasGelu", "QuickGelu", "Binarizer"])
    shape = g.shape(1, zero=0)
    names = [g.input(g.floats(shape, scale=3))]
    if kind in ("FastGeluBias", "BiasGelu"):
        names.append(g.operand(g.floats(shape[-1:])))
    if kind == "Binarizer":
        return g.result(g.node(kind, names, domain=ML, threshold=0.3))
    attributes = {"alpha": g.pick([1.0, 1.702, 0.5])} if kind == "QuickGelu" else {}
    g.result(g.node(kind.replace("GeluBias", "Gelu"), names, domain=MICROSOFT, **attributes))


@family(13)
def prelu(g):
    shape = g.shape(1)
    dtype = g.pick([F32, F32, F64, F16])
    g.result(g.node("PRelu", [g.input(g.floats(shape, dtype)), g.operand(g.floats(g.narrowed(shape), dtype))]))


@family(14)
def elementwise_chain(g):
    """Chains with values used twice, which become one kernel."""
    shape = g.shape(zero=0.05)
    dtype = g.pick([F32, F32, F32, F64])
    values = [g.input(g.floats(g.narrowed(shape), dtype)) for _ in range(g.int(1, 3))]
    for _ in range(g.int(2, 8)):
        kind = g.pick(["Add", "Sub", "Mul", "Max", "Min", "Tanh", "Sigmoid", "Relu", "Abs", "Neg", "Sin", "Erf"])
        if kind in ("Add", "Sub", "Mul", "Max", "Min"):
            other = g.pick(values) if g.chance(0.6) else g.operand(g.floats(g.narrowed(shape), dtype), 0.8)
            pair = [g.pick(values), other]
            g.choices.shuffle(pair)
            values.append(g.node(kind, pair))
        else:
            values.append(g.node(kind, [g.pick(values)]))
    g.result(*(v for v in dict.fromkeys([values[-1], g.pick(values[1:])]) if v not in g.feeds))


@family(28, 28)
def gated_activation(g):
    """onnxruntime lacks it as yet."""
    shape, alpha = g.shape(1), g.pick([1.0, 1.702])
    names = [g.input(g.floats(shape)), g.input(g.floats(shape))]
    g.resizable = False

    def reference(feeds):
        a, b = (feeds[n].astype(F64) for n in names)
        return [(a / (1 + np.exp(-alpha * a)) * b).astype(F32)]

    g.reference = reference
    g.result(g.node("SwiGLU", names, alpha=alpha))


@family(13)
def split_activation(g):
    """onnxruntime has no CPU kernel."""
    shape = (g.int(1, 2), g.int(1, 3), 2 * g.int(1, 9))
    names = [g.input(g.floats(shape), [2]), g.stored(g.floats(shape[-1:]))]
    bias, half = g.arrays[names[1]].astype(F64), shape[-1] // 2

    def reference(feeds):
        x = feeds[names[0]] + bias
        gate = x[..., half:]
        return [(x[..., :half] * gate * 0.5 * (1 + np.vectorize(math.erf)(gate / 2**0.5))).astype(F32)]

    g.reference, g.resizable = reference, False
    g.result(g.node("BiasSplitGelu", names, domain=MICROSOFT))


@family(26, 26)
def bit_cast(g):
    """onnxruntime's kernels lack some pairs."""
    pairs = [(F32, np.int32), (np.int32, F32), (F16, np.int16), (np.uint8, np.int8), (np.int64, F64), (np.uint32, np.int32)]
    dtype, to = g.pick(pairs)
    name = g.input(g.floats(g.shape(), dtype) if is_float(dtype) else g.integers(g.shape(), dtype, 0, 99))
    g.reference = lambda feeds: [feeds[name].view(to)]
    g.result(g.node("BitCast", [name], to=element_type(to)))

# SPDX-License-Identifier: Apache-2.0
"""A small random ONNX graph while a family draws it: choices, values, nodes; and the whole of it as a model."""
import math
import random

import ml_dtypes
import numpy as np
from onnx import TensorProto, helper, numpy_helper

MICROSOFT, ML = "com.microsoft", "ai.onnx.ml"
F16, F32, F64 = np.dtype(np.float16), np.dtype(np.float32), np.dtype(np.float64)
BF16 = np.dtype(ml_dtypes.bfloat16)
INTS = [np.dtype(t) for t in (np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64)]
SIGNED = INTS[:4]
BOOL = np.dtype(np.bool_)
SIZES = [1, 1, 2, 2, 3, 3, 4, 5, 6, 7, 8, 9]
ODD_SIZES = [15, 16, 17, 31, 32, 33, 40]


class Redraw(Exception):
    """What was drawn has no meaning, or no oracle; the next attempt draws again."""


def element_type(dtype):
    return helper.np_dtype_to_tensor_dtype(np.dtype(dtype))


def is_float(dtype):
    return np.dtype(dtype).kind == "f" or np.dtype(dtype) == BF16


class Graph:
    """Names carry a prefix so that graphs can stand side by side in one model."""

    def __init__(self, seed, prefix, opset):
        self.choices = random.Random(seed)
        self.numbers = np.random.default_rng(self.choices.getrandbits(64))
        self.prefix, self.opset = prefix, opset
        self.nodes, self.initializers, self.inputs, self.outputs = [], [], [], []
        self.feeds, self.arrays = {}, {}
        # Sizes are numbers, symbols of their own, or one symbol for all dims of one size.
        self.sizes = self.pick(["fixed", "fixed", "own", "shared"])
        self.longest_sum = 1
        self.exact = 0.0  # what each result may be off whatever its type, such as a step of quantization
        self.reference = None  # computes the results from the feeds where onnxruntime does not
        self.resizable = True
        self.count = 0

    # Choices.
    def pick(self, options):
        return self.choices.choice(list(options))

    def chance(self, p):
        return self.choices.random() < p

    def int(self, low, high):
        return self.choices.randint(low, high)

    def size(self, zero=0.0, big=0.08):
        if self.chance(zero):
            return 0
        return self.pick(ODD_SIZES) if self.chance(big) else self.pick(SIZES)

    def shape(self, low=0, high=4, zero=0.02, big=0.08, most=4000):
        while True:
            dims = tuple(self.size(zero, big) for _ in range(self.int(low, high)))
            if math.prod(dims) <= most:
                return dims

    def narrowed(self, shape):
        """A shape that broadcasts to `shape`."""
        shape = list(shape)
        if self.chance(0.5):
            return tuple(shape)
        shape = [1 if self.chance(0.3) else d for d in shape]
        return tuple(shape[self.int(0, len(shape)) if self.chance(0.4) else 0:])

    def broadcast(self, count, **options):
        """Shapes of operands that broadcast together."""
        shape = self.shape(**options)
        return [self.narrowed(shape) for _ in range(count)]

    def axis(self, rank):
        """Any axis, often counted from the end."""
        axis = self.int(0, rank - 1)
        return axis - rank if self.chance(0.4) else axis

    def axes(self, rank, low=1):
        chosen = self.choices.sample(range(rank), self.int(min(low, rank), rank))
        return [a - rank if self.chance(0.3) else a for a in chosen]

    # Values.
    def floats(self, shape, dtype=F32, scale=1.0, low=None, high=None):
        """Normal, or uniform between the bounds."""
        if low is None:
            values = self.numbers.standard_normal(shape) * scale
        else:
            values = self.numbers.uniform(low, high, shape)
        return np.asarray(values, dtype=np.float64).astype(dtype)

    def integers(self, shape, dtype=np.int64, low=None, high=None):
        """Inclusive bounds, by default small ones or all of the type."""
        info = np.iinfo(dtype)
        if low is None:
            low, high = (info.min, info.max) if self.chance(0.3) else (max(info.min, -9), min(info.max, 9))
        return np.asarray(self.numbers.integers(low, high, shape, dtype=np.dtype(dtype), endpoint=True))

    def booleans(self, shape):
        return np.asarray(self.numbers.random(shape) < 0.5)

    def values(self, shape, dtype, **options):
        dtype = np.dtype(dtype)
        if dtype == BOOL:
            return self.booleans(shape)
        return self.floats(shape, dtype, **options) if is_float(dtype) else self.integers(shape, dtype)

    def special(self, array):
        """Some elements become zeros, infinities and NaN."""
        array = np.array(array)
        flat = array.reshape(-1)
        for i in range(flat.size):
            if self.chance(0.15):
                flat[i] = self.pick([0.0, -0.0, np.inf, -np.inf, np.nan, 1.0, -1.0])
        return array

    # Parts of the graph.
    def name(self, hint="v"):
        self.count += 1
        return f"{self.prefix}{hint}{self.count}"

    def input(self, array, fixed=()):
        """`fixed` are axes whose size llmc has to know, or True for all."""
        array = np.asarray(array)
        name = self.name("x")
        dims = list(array.shape)
        for i, size in enumerate(dims):
            if fixed is True or i in fixed or i - len(dims) in fixed or self.sizes == "fixed" or self.chance(0.3):
                continue
            dims[i] = f"{self.prefix}n{size}" if self.sizes == "shared" else self.name("d")
        self.inputs.append(helper.make_tensor_value_info(name, element_type(array.dtype), dims))
        self.feeds[name] = self.arrays[name] = array
        return name

    def stored(self, array, element=None):
        """A weight: an initializer, or a Constant. `element` packs integers as a type that NumPy lacks."""
        array = np.asarray(array)
        name = self.name("w")
        if element is None:
            tensor = numpy_helper.from_array(np.array(array, order="C"), name)
        else:
            tensor = helper.make_tensor(name, element, array.shape, array.flatten().tolist())
        self.arrays[name] = array
        if self.chance(0.8):
            self.initializers.append(tensor)
        else:
            self.nodes.append(helper.make_node("Constant", [], [name], value=tensor))
        return name

    def operand(self, array, stored=0.35, fixed=()):
        return self.stored(array) if self.chance(stored) else self.input(array, fixed)

    def ints(self, values, stored=0.8):
        """A list of sizes or axes: how many there are is known."""
        return self.operand(np.asarray(values, dtype=np.int64), stored, fixed=True)

    def node(self, kind, inputs, outputs=1, domain="", **attributes):
        """The result's name, or a list of them; `outputs` may be flags of which ones exist."""
        flags = [True] * outputs if isinstance(outputs, int) else list(outputs)
        names = [self.name() if f else "" for f in flags]
        inputs = [i or "" for i in inputs]
        while inputs and not inputs[-1]:
            inputs.pop()
        # An empty list has no type of its own.
        attributes = {k: v for k, v in attributes.items() if v is not None and v != []}
        self.nodes.append(helper.make_node(kind, inputs, names, name=names[0] or self.name(), domain=domain, **attributes))
        return names[0] if len(names) == 1 else names

    def result(self, *names):
        self.outputs += [n for n in names if n]

    def sums(self, length):
        """Results add up so many rounded terms."""
        self.longest_sum = max(self.longest_sum, int(length))

    # The whole.
    def opsets(self):
        return [helper.make_opsetid("", self.opset), helper.make_opsetid(MICROSOFT, 1), helper.make_opsetid(ML, 3)]

    def model(self, types=None):
        """`types` are element types of the results, where they are known."""
        return make_model([self], types)


def make_model(graphs, types=None):
    """One model of several graphs with equal opsets."""
    types = types or {}
    results = []
    for graph in graphs:
        for name in graph.outputs:
            info = helper.make_empty_tensor_value_info(name)
            if name in types:
                info = helper.make_tensor_value_info(name, types[name], None)
            results.append(info)
    parts = [[x for g in graphs for x in getattr(g, part)] for part in ("nodes", "inputs", "initializers")]
    proto = helper.make_graph(parts[0], "g", parts[1], results, parts[2])
    opset = graphs[0].opset
    ir_version = 10 if opset < 24 else 11 if opset < 25 else 13
    return helper.make_model(proto, opset_imports=graphs[0].opsets(), ir_version=ir_version)


__all__ = ["BF16", "BOOL", "F16", "F32", "F64", "INTS", "MICROSOFT", "ML", "SIGNED", "Graph", "Redraw", "TensorProto",
           "element_type", "helper", "is_float", "make_model", "math", "np", "numpy_helper"]

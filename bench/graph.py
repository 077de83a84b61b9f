# SPDX-License-Identifier: Apache-2.0
"""Builds ONNX graphs out of the primitives that PyTorch's TorchScript exporter writes, with seeded random weights."""
import os

import ml_dtypes
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 18
PRECISIONS = {"f32": np.float32, "f16": np.float16, "bf16": ml_dtypes.bfloat16, "int4": np.float32}
BLOCK = 32  # weights of int4 that share a scale


class Graph:
    """A graph under construction. Values are names; op() returns the name of its output. Weights and what is computed
    are of one type of floats, the precision; with int4 products are onnxruntime's MatMulNBits, which rounds activations
    to 8 bits."""

    def __init__(self, precision="f32", seed=0):
        self.float, self.quantizes = np.dtype(PRECISIONS[precision]), precision == "int4"
        self.type = helper.np_dtype_to_tensor_dtype(self.float)
        self.nodes, self.weights, self.inputs, self.outputs = [], [], [], []
        self.random = np.random.default_rng(seed)
        self.constants = {}

    def input(self, name, dims, dtype=TensorProto.INT64):
        self.inputs.append(helper.make_tensor_value_info(name, dtype, dims))
        return name

    def output(self, name, dims):
        self.outputs.append(helper.make_tensor_value_info(name, self.type, dims))

    def op(self, kind, *inputs, name=None, **attributes):
        out = name or f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [out], f"node_{len(self.nodes)}", **attributes))
        return out

    def ints(self, *values):
        return self.constant(np.array(values, np.int64))

    def row(self, count):
        """0 1 2 ... as [1, count]"""
        return self.constant(np.arange(count, dtype=np.int64).reshape(1, -1))

    def scalar(self, value, dtype=np.int64):
        return self.constant(np.array(value, dtype))

    def number(self, value):
        """A float, as a scalar."""
        return self.constant(np.array(value, self.float))

    def floats(self, values):
        return self.constant(np.asarray(values, self.float))

    def lowest(self):
        return ml_dtypes.finfo(self.float).min

    def wide(self, x):
        """x as f32: what exporters write where sums of halves would lose too much."""
        return x if self.type == TensorProto.FLOAT else self.op("Cast", x, to=TensorProto.FLOAT)

    def narrow(self, x):
        """The way back."""
        return x if self.type == TensorProto.FLOAT else self.op("Cast", x, to=self.type)

    def constant(self, array):
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self.constants:
            self.constants[key] = self.op("Constant", value=numpy_helper.from_array(array))
        return self.constants[key]

    def weight(self, name, array):
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(array, self.float), name))
        return name

    def normal(self, *dims):
        return self.random.standard_normal(dims, np.float32) * np.float32(0.02)

    def size(self, value, axis):
        """One size of a value, as a scalar."""
        return self.op("Gather", self.op("Shape", value), self.scalar(axis), axis=0)

    def dims(self, *parts):
        """A shape out of scalars (names) and numbers."""
        one = [self.ints(p) if isinstance(p, int) else self.op("Unsqueeze", p, self.ints(0)) for p in parts]
        return self.op("Concat", *one, axis=0)

    def product(self, x, stored, weight, name=None):
        """x times a weight [fan_in, fan_out]"""
        if not self.quantizes:
            return self.op("MatMul", x, self.weight(stored, weight), name=name)
        fan_in, fan_out = weight.shape
        blocks = np.ascontiguousarray(weight.T).reshape(fan_out, -1, BLOCK)
        largest = np.take_along_axis(blocks, np.abs(blocks).argmax(-1, keepdims=True), -1)
        scales = largest / -8  # the largest becomes -8, beside a zero point of 8
        q = np.clip(np.rint(blocks / scales) + 8, 0, 15).astype(np.uint8)
        for suffix, array in ((".q", q[..., ::2] | q[..., 1::2] << 4), (".scales", scales[..., 0])):
            self.weights.append(numpy_helper.from_array(array, stored + suffix))
        return self.op("MatMulNBits", x, stored + ".q", stored + ".scales", name=name, domain="com.microsoft", K=fan_in,
                       N=fan_out, bits=4, block_size=BLOCK, accuracy_level=4)

    def linear(self, x, name, fan_in, fan_out, bias):
        x = self.product(x, name + ".weight", self.normal(fan_in, fan_out))
        return self.op("Add", self.weight(name + ".bias", self.normal(fan_out)), x) if bias else x

    def save(self, path, name, inline=False):
        """Writes the model, with its weights in a file beside it or inline."""
        graph = helper.make_graph(self.nodes, name, self.inputs, self.outputs, self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid("com.microsoft", 1)],
                                  ir_version=8)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if inline:
            onnx.save(model, path)
            return
        data = os.path.basename(path) + "_data"
        if os.path.exists(os.path.join(os.path.dirname(path), data)):
            os.remove(os.path.join(os.path.dirname(path), data))
        onnx.save(model, path, save_as_external_data=True, all_tensors_to_one_file=True, location=data,
                  size_threshold=4096)

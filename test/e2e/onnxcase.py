# SPDX-License-Identifier: Apache-2.0
"""Small ONNX models made in tests, run on both targets and compared with onnxruntime."""
import os

import cases
import exported
import harness
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

F, I, B = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL
random = np.random.default_rng(0)


def floats(*shape):
    return random.standard_normal(shape).astype(np.float32)


def ints(value):
    return np.array(value, dtype=np.int64)


def bools(value):
    return np.array(value, dtype=bool)


def value(name, kind, shape=None):
    return helper.make_tensor_value_info(name, kind, shape)


def node(op, inputs, outputs, **attributes):
    """`_` stands for an input that is left out."""
    return helper.make_node(op, ["" if name == "_" else name for name in inputs.split()], outputs.split(), **attributes)


def graph(nodes, inputs, outputs, **constants):
    stored = [numpy_helper.from_array(np.asarray(v), k) for k, v in constants.items()]
    return helper.make_graph(nodes, "graph", inputs, outputs, stored)


def proto(content, info):
    """A value as its message, by the declared type."""
    kind = info.type.WhichOneof("value")
    if kind == "sequence_type":
        return numpy_helper.from_list(content, info.name, onnx.SequenceProto.TENSOR)
    if kind == "optional_type":
        return numpy_helper.from_optional(content, info.name)
    return numpy_helper.from_array(np.asarray(content), info.name)


class OnnxCase(harness.Case):
    def save(self, g, opset=18, name="model.onnx"):
        model = helper.make_model(g, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
        onnx.save(model, self.path(name))
        return self.path(name)

    def check(self, g, *feeds, opset=18):
        """Runs each feed, a dictionary of inputs, on both targets, and as the model is written back; equal to
        onnxruntime. Sequences are lists, and an absent optional value is None."""
        path = self.save(g, opset)
        session = cases.unoptimized(onnx.load(path))
        expected = [session.run(None, inputs) for inputs in feeds]
        for i, (inputs, want) in enumerate(zip(feeds, expected)):
            folder = self.path(f"test_data_set_{i}")
            os.mkdir(folder)
            for kind, values in (("input", [(v, inputs[v.name]) for v in g.input]), ("output", zip(g.output, want))):
                for k, (info, content) in enumerate(values):
                    with open(os.path.join(folder, f"{kind}_{k}.pb"), "wb") as file:
                        file.write(proto(content, info).SerializeToString())
        for target in ("host", "ref"):
            artifact = self.compile(path, f"{target}.llmc", "--target", target)
            self.llmc("verify", artifact, "--data", self.dir, "--rtol", "1e-4", "--atol", "1e-5")
        exported.check(self, path, feeds, expected)

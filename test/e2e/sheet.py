# SPDX-License-Identifier: Apache-2.0
"""Many small nodes in one model, compared with onnxruntime without optimizations: each node's results are outputs that
carry its name."""
import os

import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper

import exported


class Sheet:
    """add() nodes, then check() with a test case. `dynamic`: every dim of an input is a symbol of its own."""

    def __init__(self, opset=22, dynamic=False, seed=0):
        self.opset, self.dynamic = opset, dynamic
        self.rng = np.random.default_rng(seed)
        self.nodes, self.inputs, self.values, self.outputs, self.weights = [], [], [], [], []

    def array(self, *shape, dtype=np.float32):
        return self.rng.standard_normal(shape).astype(dtype)

    def add(self, name, op, operands, outputs=1, stored=(), **attributes):
        """Operands are arrays or None; those whose positions are in `stored` become initializers."""
        names = []
        for i, array in enumerate(operands):
            if array is None:
                names.append("")
                continue
            operand = f"{name}.{i}"
            names.append(operand)
            if i in stored:
                self.weights.append(numpy_helper.from_array(array, operand))
                continue
            dims = [f"{operand}.{d}" for d in range(array.ndim)] if self.dynamic else list(array.shape)
            self.inputs.append(helper.make_tensor_value_info(
                operand, helper.np_dtype_to_tensor_dtype(array.dtype), dims))
            self.values.append((operand, array))
        results = [f"{name}:{i}" for i in range(outputs)]
        self.outputs += results
        self.nodes.append(helper.make_node(op, names, results, name=name, **attributes))

    def model(self):
        graph = helper.make_graph(self.nodes, "sheet", self.inputs,
                                  [helper.make_empty_tensor_value_info(o) for o in self.outputs], self.weights)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.opset)], ir_version=10)

    def reference(self, model):
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        return session.run(self.outputs, dict(self.values))

    def save(self, case):
        """Writes model.onnx, with outputs declared as onnxruntime gives them; returns its path and those outputs."""
        model = self.model()
        results = self.reference(model)
        del model.graph.output[:]
        for name, value in zip(self.outputs, results):
            dims = [f"{name}.{d}" for d in range(value.ndim)] if self.dynamic else list(value.shape)
            model.graph.output.append(helper.make_tensor_value_info(
                name, helper.np_dtype_to_tensor_dtype(value.dtype), dims))
        path = case.path("model.onnx")
        onnx.save(model, path)
        return path, results

    def check(self, case, rtol=1e-4, atol=1e-5, targets=("host", "ref"), exports=True):
        """Runs the model on every target, and as it is written back."""
        path, results = self.save(case)
        data = case.path("test_data_set_0")
        os.makedirs(data, exist_ok=True)
        for old in os.listdir(data):
            os.remove(os.path.join(data, old))
        named = {"input": self.values, "output": list(zip(self.outputs, results))}
        for kind, values in named.items():
            for i, (name, array) in enumerate(values):
                with open(os.path.join(data, f"{kind}_{i}.pb"), "wb") as file:
                    file.write(numpy_helper.from_array(array, name).SerializeToString())
        for target in targets:
            with case.subTest(target=target):
                case.llmc("verify", path, "--data", data, "--rtol", str(rtol), "--atol", str(atol), "--target", target)
        if exports:
            exported.check(case, path, [dict(self.values)], [results], rtol, atol)

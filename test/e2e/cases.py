# SPDX-License-Identifier: Apache-2.0
"""Folders of small models with test vectors, whose expected outputs onnxruntime computes without optimizations, so that
every op means what it says."""
import os

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

MICROSOFT = "com.microsoft"


def value_info(name, array):
    return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(array.dtype), list(array.shape))


def initializer(name, array, element=None):
    """A stored tensor; `element` packs the numbers as a type that NumPy lacks."""
    if element is None:
        return numpy_helper.from_array(np.array(array, order="C"), name)
    return helper.make_tensor(name, element, array.shape, array.flatten().tolist())


def node(kind, inputs, outputs=("y",), domain="", **attributes):
    return helper.make_node(kind, list(inputs), list(outputs), domain=domain, **attributes)


def model(nodes, feeds, initializers=(), outputs=("y",), opset=21):
    """`outputs` are names, or (name, element type) where onnxruntime cannot infer it."""
    results = [helper.make_empty_tensor_value_info(o) if isinstance(o, str)
               else helper.make_tensor_value_info(o[0], o[1], None) for o in outputs]
    graph = helper.make_graph(list(nodes), "g", [value_info(n, a) for n, a in feeds.items()], results,
                              list(initializers))
    opsets = [helper.make_opsetid("", opset), helper.make_opsetid(MICROSOFT, 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=10)


def drawers(rng):
    """floats(*shape) from a normal distribution, and integers(dtype, *shape) from all of the type's."""
    def floats(*shape, dtype=np.float32):
        return rng.standard_normal(shape).astype(dtype)

    def integers(dtype, *shape):
        info = np.iinfo(dtype)
        return rng.integers(info.min, info.max + 1, shape, dtype=dtype)

    return floats, integers


def unoptimized(proto):
    """A session of onnxruntime that runs the nodes as they stand."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(proto.SerializeToString(), options, providers=["CPUExecutionProvider"])


def expected(proto, feeds):
    session = unoptimized(proto)
    return dict(zip([o.name for o in session.get_outputs()], session.run(None, feeds)))


def write(folder, name, proto, feeds, results=None):
    """A case for `llmc verify`; results default to onnxruntime's."""
    results = expected(proto, feeds) if results is None else results
    case = os.path.join(folder, name)
    data = os.path.join(case, "test_data_set_0")
    os.makedirs(data)
    # Outputs as they are: some of the types above cannot be inferred by onnx.
    for output in proto.graph.output:
        output.CopyFrom(value_info(output.name, results[output.name]))
    onnx.save(proto, os.path.join(case, "model.onnx"))
    for kind, arrays in (("input", feeds), ("output", results)):
        for i, (key, array) in enumerate(arrays.items()):
            with open(os.path.join(data, f"{kind}_{i}.pb"), "wb") as file:
                file.write(numpy_helper.from_array(np.asarray(array), key).SerializeToString())


__all__ = ["MICROSOFT", "TensorProto", "drawers", "expected", "initializer", "model", "node", "np", "onnx", "unoptimized", "write"]

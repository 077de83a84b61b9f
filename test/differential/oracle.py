# SPDX-License-Identifier: Apache-2.0
"""What a graph's results should be: onnxruntime without optimizations, and how far others may be from it."""
import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from graph import BF16, Redraw, is_float, make_model

onnxruntime.set_default_logger_severity(4)

# One rounding of each type, relative.
EPSILON = {np.dtype(np.float16): 2.0**-11, BF16: 2.0**-8, np.dtype(np.float32): 2.0**-24, np.dtype(np.float64): 2.0**-53}


def session(proto):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(proto.SerializeToString(), options, providers=["CPUExecutionProvider"])


def run(proto, feeds, outputs=None):
    """Arrays in the order of the outputs; Redraw where onnxruntime cannot."""
    try:
        return [np.asarray(a) for a in session(proto).run(outputs, feeds)]
    except Exception as error:  # its exceptions have no common class
        raise Redraw(str(error)) from error


def results(graph, feeds=None):
    feeds = graph.feeds if feeds is None else feeds
    if graph.reference:
        return dict(zip(graph.outputs, map(np.asarray, graph.reference(feeds)), strict=True))
    return dict(zip(graph.outputs, run(graph.model(), feeds), strict=True))


def tolerance(graph, wanted):
    """(rtol, atol). Every node rounds its results a few times (8 ulps for a polynomial, one where f16 is computed in f32),
    a sum once per term and onnxruntime as often as llmc; an absolute error is one of the largest magnitude, from which
    smaller results may be differences. In powers of 4, so that graphs with equal ones share a model."""
    floats = [a for a in wanted.values() if is_float(a.dtype)]
    rtol, atol = 0.0, graph.exact
    for array in floats:
        each = 8 if array.dtype.itemsize >= 4 else 2
        steps = 2 * (each * max(1, sum(n.op_type != "Constant" for n in graph.nodes)) +
                     (graph.longest_sum if array.dtype.itemsize >= 4 else 2))
        relative = steps * EPSILON[np.dtype(array.dtype)]
        finite = np.abs(array.astype(np.float64))
        finite = finite[np.isfinite(finite)]
        rtol = max(rtol, relative)
        atol = max(atol, relative * max(0.1, finite.max(initial=0.0)))
    return power_of_4(rtol), power_of_4(atol)


def power_of_4(x):
    return 0.0 if x == 0 else float(4.0 ** np.ceil(np.log(x) / np.log(4.0) - 1e-9))


WIDE = {TensorProto.FLOAT: TensorProto.DOUBLE, TensorProto.FLOAT16: TensorProto.DOUBLE}
NARROW = {TensorProto.FLOAT16: TensorProto.FLOAT, TensorProto.BFLOAT16: TensorProto.FLOAT}


def retyped(proto, types):
    """The same model with other types of floats."""
    wide = type(proto)()
    wide.CopyFrom(proto)

    def tensor(t):
        if t.data_type in types:
            dtype = helper.tensor_dtype_to_np_dtype(types[t.data_type])
            t.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(t).astype(dtype), t.name))

    for t in wide.graph.initializer:
        tensor(t)
    for info in [*wide.graph.input, *wide.graph.output]:
        if info.type.tensor_type.elem_type in types:
            info.type.tensor_type.elem_type = types[info.type.tensor_type.elem_type]
    for node in wide.graph.node:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                tensor(attribute.t)
            if node.op_type == "Cast" and attribute.name == "to":
                attribute.i = types.get(attribute.i, attribute.i)
            if attribute.HasField("g"):
                raise Redraw("a subgraph")
    return wide


def in_f32(proto):
    return retyped(proto, NARROW)


def exact_results(graph):
    """In double, or None where onnxruntime has no kernels for that."""
    feeds = {k: v.astype(np.float64) if is_float(v.dtype) else v for k, v in graph.feeds.items()}
    try:
        return dict(zip(graph.outputs, run(retyped(graph.model(), WIDE), feeds), strict=True))
    except Redraw:
        return None


def as_close(ours, theirs, exact):
    """Is ours about as near to the exact result as onnxruntime's?"""
    if ours.shape != theirs.shape or not is_float(theirs.dtype):
        return False
    a, b, e = (x.astype(np.float64) for x in (ours, theirs, exact))
    if not np.array_equal(np.isfinite(a), np.isfinite(b)) or not np.array_equal(np.isfinite(a), np.isfinite(e)):
        return False
    good = np.isfinite(a)
    a, b, e = a[good], b[good], e[good]
    unit = EPSILON[np.dtype(theirs.dtype)] * max(np.abs(e).max(initial=0.0), 1e-30)
    return bool(np.abs(a - e).max(initial=0.0) <= 4 * np.abs(b - e).max(initial=0.0) + 8 * unit)


__all__ = ["Redraw", "as_close", "exact_results", "helper", "in_f32", "make_model", "results", "run", "tolerance"]

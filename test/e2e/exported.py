# SPDX-License-Identifier: Apache-2.0
"""Models written back as ONNX: valid, and the same to onnxruntime."""
import numpy as np
import onnx
import onnxruntime


def session(path):
    """Runs the nodes of a file as they stand; the file may have its weights beside it."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def export(case, path, *options):
    written = case.path("written.onnx")
    case.llmc("export", "-q", path, "-o", written, *options)
    onnx.checker.check_model(written, full_check=True)
    return written


def same(case, got, want, rtol, atol, name):
    if isinstance(want, list):
        case.assertEqual(len(got), len(want), name)
        for a, b in zip(got, want):
            same(case, a, b, rtol, atol, name)
    elif want is None:
        case.assertIsNone(got, name)
    else:
        got, want = np.asarray(got), np.asarray(want)
        case.assertEqual((got.shape, got.dtype), (want.shape, want.dtype), name)
        np.testing.assert_allclose(got, want, rtol=rtol, atol=atol, err_msg=name)


def check(case, path, feeds, expected, rtol=1e-4, atol=1e-5):
    """`expected` are the outputs for each of the feeds, in the model's order. Returns the path of the written model."""
    written = export(case, path)
    again = session(written)
    outputs = [o.name for o in again.get_outputs()]
    for feed, wanted in zip(feeds, expected):
        for name, got, want in zip(outputs, again.run(outputs, feed), wanted):
            same(case, got, want, rtol, atol, name)
    return written

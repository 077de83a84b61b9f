# SPDX-License-Identifier: Apache-2.0
"""Writes ONNX's own backend tests as folders that `llmc verify` reads: generate.py OUT

The tests are those of the installed onnx package (requirements.txt pins it). A folder made by the same version stays.
"""
import json
import os
import shutil
import sys
import warnings

import numpy as np
import onnx
from onnx import numpy_helper
from onnx.backend.test.case import model, node

DATA = os.path.join(os.path.dirname(onnx.__file__), "backend", "test", "data")


def write(path, content):
    with open(path, "wb") as file:
        file.write(content)


def proto(value, info):
    """A value as its message, by the declared type."""
    kind = info.type.WhichOneof("value")
    if kind == "sequence_type":
        return numpy_helper.from_list(value, info.name)
    if kind == "optional_type":
        return numpy_helper.from_optional(value, info.name)
    if isinstance(value, onnx.TensorProto):
        return value
    return numpy_helper.from_array(np.asarray(value), info.name)


def write_case(case, folder):
    os.makedirs(folder)
    write(os.path.join(folder, "model.onnx"), case.model.SerializeToString())
    with open(os.path.join(folder, "data.json"), "w", encoding="utf-8") as file:
        json.dump({"rtol": case.rtol, "atol": case.atol}, file)
    graph = case.model.graph
    for n, (inputs, outputs) in enumerate(case.data_sets):
        data = os.path.join(folder, f"test_data_set_{n}")
        os.makedirs(data)
        for what, values, infos in (("input", inputs, graph.input), ("output", outputs, graph.output)):
            for i, (value, info) in enumerate(zip(values, infos)):
                write(os.path.join(data, f"{what}_{i}.pb"), proto(value, info).SerializeToString())


def main(out):
    stamp = os.path.join(out, "version")
    if os.path.exists(stamp) and open(stamp, encoding="utf-8").read() == onnx.__version__:
        return
    shutil.rmtree(out, ignore_errors=True)
    warnings.simplefilter("ignore")
    for case in [*node.collect_testcases(), *model.collect_testcases()]:
        if case.kind != "real":  # those are downloads
            write_case(case, os.path.join(out, case.kind, case.name))
    # Older tests are files of the package.
    for kind in ("pytorch-converted", "pytorch-operator", "simple"):
        source = os.path.join(DATA, kind)
        for name in sorted(os.listdir(source)) if os.path.isdir(source) else []:
            target = os.path.join(out, kind, name)
            if not os.path.exists(target):
                shutil.copytree(os.path.join(source, name), target)
    with open(stamp, "w", encoding="utf-8") as file:
        file.write(onnx.__version__)


main(sys.argv[1])

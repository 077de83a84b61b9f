# SPDX-License-Identifier: Apache-2.0
"""`llmc compile` says in one line what is wrong with a model, exits as agreed and leaves nothing behind."""
import os

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import harness


def model(nodes, inputs=("x",), outputs=("y",), initializers=(), opset=18, domain="", dtype=TensorProto.FLOAT):
    values = [[helper.make_tensor_value_info(n, dtype, [2, 3]) for n in names] for names in (inputs, outputs)]
    graph = helper.make_graph(list(nodes), "g", *values, list(initializers))
    opsets = [helper.make_opsetid("", opset)] + ([helper.make_opsetid(domain, 1)] if domain else [])
    return helper.make_model(graph, opset_imports=opsets, ir_version=8)


def node(kind, inputs, outputs, **attributes):
    return helper.make_node(kind, inputs, outputs, **attributes)


RELU = node("Relu", ["x"], ["y"])


class Errors(harness.Case):
    def refused(self, data, *words, code=2):
        path = self.path("bad.onnx")
        with open(path, "wb") as file:
            file.write(data if isinstance(data, bytes) else data.SerializeToString())
        before = sorted(os.listdir(self.dir))
        r = self.llmc("compile", path, "-o", self.path("out.llmc"), code=code)
        self.assertEqual(sorted(os.listdir(self.dir)), before)
        self.assertIn("bad.onnx", r.error)
        for word in words:
            self.assertIn(word.lower(), r.stderr.lower())
        return r

    def test_good_one_compiles(self):
        path = self.path("good.onnx")
        onnx.save(model([RELU]), path)
        self.compile(path)

    def test_not_a_model(self):
        self.refused(b"")
        self.refused(b"\x00" * 100)
        self.refused(b"<html>not found</html>")
        good = model([RELU]).SerializeToString()
        self.refused(good[:len(good) // 2])
        self.assertIn("nothere", self.llmc("compile", self.path("nothere.onnx"), code=2).error)

    def test_graph(self):
        self.refused(model([node("Relu", ["nowhere"], ["y"])]), "nowhere")
        self.refused(model([RELU, node("Neg", ["x"], ["y"])]), "y")
        self.refused(model([node("Relu", ["b"], ["a"]), node("Relu", ["a"], ["b"])], outputs=("a",)), "cyclic", "node 0", "node 1")
        self.refused(model([RELU], outputs=("z",)), "z")

    def test_external_data(self):
        weight = numpy_helper.from_array(np.ones((2, 3), np.float32), "w")
        graph = model([node("Add", ["x", "w"], ["y"])], initializers=[weight])
        tensor = graph.graph.initializer[0]
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        for location, words in (("missing.bin", ("missing.bin",)), ("../../../../etc/passwd", ("passwd",)),
                                ("/etc/passwd", ("passwd",))):
            del tensor.external_data[:]
            tensor.external_data.add(key="location", value=location)
            self.refused(graph, *words)

    def test_all_unsupported_at_once(self):
        nodes = [node("Strange", ["x"], ["a"], domain="made.up", name="first"),
                 node("Stranger", ["a"], ["y"], domain="made.up", name="second")]
        r = self.refused(model(nodes, domain="made.up"), "Strange", "Stranger", code=3)
        self.assertEqual(len([line for line in r.stderr.splitlines() if line.startswith("note: ")]), 2)

    def test_untrusted_text_is_escaped(self):
        self.refused(model([node("Relu", ["no\x1b[31mwhere\n"], ["y"])]))


harness.main()

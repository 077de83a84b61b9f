# SPDX-License-Identifier: Apache-2.0
"""A folder of several models becomes one artifact, in which equal weights are stored once."""
import json
import os

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import harness

SIZE = 96
WEIGHT = np.random.default_rng(0).standard_normal((SIZE, SIZE)).astype(np.float32)


def model(path, nodes, weights):
    def tensor(name):
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", SIZE])
    graph = helper.make_graph(nodes, "g", [tensor("x")], [tensor("y")],
                              [numpy_helper.from_array(w, name) for name, w in weights.items()])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


class Models(harness.Case):
    def setUp(self):
        super().setUp()
        self.folder = self.path("model")
        os.mkdir(self.folder)
        model(os.path.join(self.folder, "encoder_model.onnx"),
              [helper.make_node("MatMul", ["x", "w"], ["y"])], {"w": WEIGHT})
        model(os.path.join(self.folder, "decoder_model.onnx"),
              [helper.make_node("MatMul", ["x", "v"], ["h"]), helper.make_node("Add", ["h", "b"], ["y"])],
              {"b": np.full(SIZE, 3, np.float32), "v": WEIGHT})

    def run_model(self, artifact, name, x):
        np.savez(self.path("in.npz"), x=x)
        self.llmc("run", artifact, "--model", name, "--inputs", self.path("in.npz"), "--outputs", self.path(name))
        return np.load(os.path.join(self.path(name), "y.npy"))

    def test_each_model_runs(self):
        artifact = self.compile(self.folder)
        x = np.random.default_rng(1).standard_normal((3, SIZE)).astype(np.float32)
        product = x.astype(np.float64) @ WEIGHT
        # 96 products of unit normals: an f32 sum is off by a few units in the last place of its largest part
        np.testing.assert_allclose(self.run_model(artifact, "encoder", x), product, atol=1e-4)
        np.testing.assert_allclose(self.run_model(artifact, "decoder", x), product + 3, atol=1e-4)

    def test_equal_weights_are_stored_once(self):
        found = json.loads(self.llmc("inspect", self.compile(self.folder), "--json").stdout)
        self.assertEqual(sorted((m["name"], m["role"]) for m in found["models"]),
                         [("decoder", "decoder"), ("encoder", "encoder")])
        self.assertLess(found["weights"]["bytes"], 1.5 * WEIGHT.nbytes)

    def test_unknown_model(self):
        r = self.llmc("run", self.compile(self.folder), "--model", "third", "--inputs", self.path("in.npz"),
                      "--outputs", self.path("out"), code=2)
        self.assertIn("third", r.error)


harness.main()

# SPDX-License-Identifier: Apache-2.0
"""A model that was imported and written back as ONNX gives onnxruntime the same outputs, before and after recognition
of its structure, and compiles again."""
import glob
import json
import os

import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper

import exported
import harness


def load(path):
    proto = onnx.TensorProto()
    with open(path, "rb") as file:
        proto.ParseFromString(file.read())
    return numpy_helper.to_array(proto)


class Export(harness.Case):
    def check(self, folder, stage, tolerance):
        model = os.path.join(folder, "model.onnx")
        written = exported.export(self, model, "--stage", stage)
        session = exported.session(written)
        inputs, outputs = ([v.name for v in values] for values in (session.get_inputs(), session.get_outputs()))
        for data in sorted(glob.glob(os.path.join(folder, "test_data_set_*"))):
            feed = {name: load(os.path.join(data, f"input_{i}.pb")) for i, name in enumerate(inputs)}
            for i, got in enumerate(session.run(outputs, feed)):
                exported.same(self, got, load(os.path.join(data, f"output_{i}.pb")), tolerance["rel"], tolerance["abs"],
                              outputs[i])
        return written

    def test_models(self):
        for folder in sorted(glob.glob(os.path.join(harness.MODELS, "*", ""))):
            with open(os.path.join(folder, "info.json"), encoding="utf-8") as file:
                tolerance = json.load(file)["tolerance"]
            for stage in ("simplify", "recognise"):
                with self.subTest(folder=folder, stage=stage):
                    written = self.check(folder, stage, tolerance)
            self.llmc("verify", written, "--data", folder, "--target", "ref", "--rtol", str(tolerance["rel"]), "--atol",
                      str(tolerance["abs"]))

    def test_same_bytes(self):
        model = os.path.join(harness.MODELS, "opt_llama_gqa", "model.onnx")
        os.mkdir(self.path("other"))
        paths = [self.path("m.onnx"), os.path.join(self.path("other"), "m.onnx")]
        for path in paths:
            self.llmc("export", "-q", model, "-o", path)
        for suffix in ("", ".data"):
            with open(paths[0] + suffix, "rb") as first, open(paths[1] + suffix, "rb") as second:
                self.assertEqual(first.read(), second.read())

    def test_layout_and_types(self):
        """Ops that language models have few of: backward slices, padding, triangles, ranges, integers."""
        x = helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, ["n", 4])
        constants = {"minus": [-1], "far": [-9], "axis": [0], "pads": [0, 1, 0, 2], "zero": 0, "one": 1}
        nodes = [
            helper.make_node("Slice", ["x", "minus", "far", "axis", "minus"], ["back"]),
            helper.make_node("Pad", ["back", "pads"], ["padded"]),
            helper.make_node("Trilu", ["padded"], ["y"], upper=0),
            helper.make_node("Shape", ["x"], ["shape"]),
            helper.make_node("Gather", ["shape", "zero"], ["n"]),
            helper.make_node("Range", ["zero", "n", "one"], ["range"]),
            helper.make_node("CumSum", ["range", "zero"], ["sums"], reverse=1),
            helper.make_node("ArgMax", ["x"], ["best"], axis=1, keepdims=0),
            helper.make_node("Mod", ["sums", "n"], ["rest"]),
            helper.make_node("Add", ["rest", "best"], ["z"])]
        outputs = [helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, ["n", 7]),
                   helper.make_tensor_value_info("z", onnx.TensorProto.INT64, ["n"])]
        weights = [numpy_helper.from_array(np.array(v, np.int64), k) for k, v in constants.items()]
        model = helper.make_model(helper.make_graph(nodes, "g", [x], outputs, weights), ir_version=8,
                                  opset_imports=[helper.make_opsetid("", 17)])
        onnx.save(model, self.path("model.onnx"))
        self.llmc("export", "-q", self.path("model.onnx"), "-o", self.path("out.onnx"))
        feed = {"x": np.random.default_rng(0).standard_normal((5, 4)).astype(np.float32)}
        want, got = (onnxruntime.InferenceSession(self.path(p)).run(["y", "z"], feed)
                     for p in ("model.onnx", "out.onnx"))
        for a, b in zip(want, got):
            np.testing.assert_array_equal(a, b)

    def test_sizes_from_data(self):
        """Ops whose sizes are values of inputs."""
        x = helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, ["n", 4])
        ints = [helper.make_tensor_value_info(name, onnx.TensorProto.INT64, [size])
                for name, size in (("k", 1), ("shape", 2), ("ends", 2), ("pads", 4), ("axes", 1))]
        nodes = [
            helper.make_node("TopK", ["x", "k"], ["best", "places"], axis=1, largest=0),
            helper.make_node("Reshape", ["x", "shape"], ["reshaped"]),
            helper.make_node("Shape", ["ends"], ["two"]),
            helper.make_node("ConstantOfShape", ["two"], ["zeros"],
                             value=numpy_helper.from_array(np.array([0], np.int64))),
            helper.make_node("Slice", ["x", "zeros", "ends"], ["part"]),
            helper.make_node("Pad", ["x", "pads"], ["padded"], mode="edge"),
            helper.make_node("ReduceSum", ["x", "axes"], ["sum"], keepdims=0),
            helper.make_node("NonZero", ["x"], ["where"]),
            helper.make_node("Unique", ["places"], ["values", "first", "group", "counts"], sorted=0)]
        kinds = {"best": 1, "places": 7, "reshaped": 1, "part": 1, "padded": 1, "sum": 1, "where": 7, "values": 7,
                 "first": 7, "group": 7, "counts": 7}
        outputs = [helper.make_tensor_value_info(name, kind, None) for name, kind in kinds.items()]
        onnx.save(helper.make_model(helper.make_graph(nodes, "g", [x, *ints], outputs), ir_version=8,
                                    opset_imports=[helper.make_opsetid("", 18)]), self.path("model.onnx"))
        self.llmc("export", "-q", self.path("model.onnx"), "-o", self.path("out.onnx"))
        a, b = (onnxruntime.InferenceSession(self.path(p)) for p in ("model.onnx", "out.onnx"))
        values = np.random.default_rng(0).standard_normal((5, 4)).astype(np.float32)
        values[2] = 0
        for numbers in ([3], [4, 5], [-1, 9], [1, 0, 0, 2], [1]), ([1], [0, -1], [2, -2], [0, 0, 3, 0], [-2]):
            feed = {"x": values, **{i.name: np.array(v, np.int64) for i, v in zip(ints, numbers)}}
            for name, want, got in zip(kinds, a.run(list(kinds), feed), b.run(list(kinds), feed)):
                np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-6, err_msg=name)

    def test_folder_of_several(self):
        os.mkdir(self.path("model"))
        for name in ("encoder_model", "decoder_model"):
            with open(os.path.join(harness.MODELS, "opt_llama_gqa", "model.onnx"), "rb") as file:
                bytes_ = file.read()
            with open(os.path.join(self.path("model"), name + ".onnx"), "wb") as file:
                file.write(bytes_)
        r = self.llmc("export", self.path("model"), "-o", self.path("out.onnx"), code=2)
        self.assertIn("the folder has several models", r.error)
        self.assertFalse(os.path.exists(self.path("out.onnx")))


harness.main()

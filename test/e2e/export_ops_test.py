# SPDX-License-Identifier: Apache-2.0
"""Op families written back as ONNX: valid models that give onnxruntime the same outputs, and what can't be written."""
import itertools

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto

import cases
import harness
from onnxcase import B, F, I, OnnxCase, bools, floats, graph, ints, node, value
from sheet import Sheet


class Written(OnnxCase):
    """Checks that export what the other tests compile."""

    def export(self, path):
        written = self.path("out.onnx")
        self.llmc("export", "-q", path, "-o", written)
        onnx.checker.check_model(written, full_check=True)
        return written

    def session(self, path):
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.log_severity_level = 4
        return onnxruntime.InferenceSession(path, options)

    def equal(self, got, want, name=""):
        if isinstance(want, list):
            self.assertEqual(len(got), len(want))
            for a, b in zip(got, want):
                self.equal(a, b, name)
            return
        self.assertEqual((got.shape, got.dtype), (want.shape, want.dtype), name)
        np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-5, err_msg=name)

    def check(self, g, *feeds, opset=18):
        path = self.save(g, opset)
        session, again = cases.unoptimized(onnx.load(path)), self.session(self.export(path))
        for feed in feeds:
            for want, got, output in zip(session.run(None, feed), again.run(None, feed), g.output):
                self.equal(got, want, output.name)

    def check_sheet(self, sheet):
        path, results = sheet.save(self)
        written = self.export(path)
        outputs = self.session(written).run(sheet.outputs, dict(sheet.values))
        for name, want, got in zip(sheet.outputs, results, outputs):
            self.equal(got, want, name)
        return onnx.load(written)

    def check_model(self, model, feeds):
        onnx.save(model, self.path("model.onnx"))
        want, again = cases.expected(model, feeds), self.session(self.export(self.path("model.onnx")))
        for output in again.get_outputs():
            self.equal(again.run([output.name], feeds)[0], want[output.name], output.name)
        return onnx.load(self.path("out.onnx"))


class Families(Written):
    def test_integers(self):
        s = Sheet(opset=21, dynamic=True)
        for kind in (np.uint8, np.uint32, np.uint64):
            for direction in ("LEFT", "RIGHT"):
                s.add(f"{direction}_{kind.__name__}", "BitShift",
                      [np.array([1, 200, 7], kind), np.array([3, 1, 2], kind)], direction=direction)
        x, y = np.array([-7, 7, -8, 0], np.int32), np.array([3, -3, 4, 5], np.int32)
        s.add("mod", "Mod", [x, y])
        s.add("fmod", "Mod", [x.astype(np.float32), y.astype(np.float32)], fmod=1)
        s.add("range", "Range", [np.array(v, np.int16) for v in (2, 9, 3)])
        self.check_sheet(s)

    def test_quantized_activations(self):
        s = Sheet(opset=21)
        x, scale = s.array(3, 8), np.array([0.02, 0.05, 0.1], np.float32)
        for kind in (np.uint8, np.int8, np.uint16, np.int16):
            q = f"{kind.__name__}"
            s.add(f"one_{q}", "QuantizeLinear", [x, scale[:1].reshape(()), np.array(3, kind)])
            s.add(f"rows_{q}", "QuantizeLinear", [x, scale, np.array([0, 1, 2], kind)], axis=0)
            s.add(f"back_{q}", "DequantizeLinear", [np.arange(24).reshape(3, 8).astype(kind), scale], axis=0)
        s.add("blocks", "QuantizeLinear", [x, np.repeat(scale[:, None], 2, 1)], axis=1, block_size=4,
              output_dtype=TensorProto.INT8)
        s.add("dynamic", "DynamicQuantizeLinear", [x], outputs=3)
        a, b = np.arange(12).reshape(3, 4).astype(np.uint8), np.arange(8).reshape(4, 2).astype(np.int8)
        s.add("product", "MatMulInteger", [a, b, np.array(2, np.uint8), np.array([1, -1], np.int8)])
        self.check_sheet(s)

    def test_quantized_weights_stay_quantized(self):
        floats_, integers = cases.drawers(np.random.default_rng(0))
        x = floats_(3, 256)
        nodes, stored = [], []

        def add(name, q, element, scale, zero, **attributes):
            stored.extend([cases.initializer(f"{name}.q", q, element), cases.initializer(f"{name}.s", scale)])
            if zero is not None:
                stored.append(cases.initializer(f"{name}.z", zero, element))
            inputs = [f"{name}.q", f"{name}.s"] + ([f"{name}.z"] if zero is not None else [])
            nodes.append(cases.node("DequantizeLinear", inputs, [f"{name}.w"], **attributes))
            nodes.append(cases.node("MatMul", ["x", f"{name}.w"], [name]))

        nibbles, bytes_ = integers(np.uint8, 256, 48) % 16, integers(np.int8, 256, 48)
        add("tensor", bytes_, TensorProto.INT8, np.float32(0.02), np.array(3, np.int8))
        add("columns", bytes_, TensorProto.INT8, abs(floats_(48)), None, axis=1)
        add("blocks", nibbles, TensorProto.UINT4, abs(floats_(8, 48)), integers(np.uint8, 8, 48) % 16, axis=0, block_size=32)
        add("signed", nibbles.astype(np.int8) - 8, TensorProto.INT4, abs(floats_(8, 48)), None, axis=0, block_size=32)
        names = ["tensor", "columns", "blocks", "signed"]
        written = self.check_model(cases.model(nodes, {"x": x}, stored, names), {"x": x})
        kinds = [t.data_type for t in written.graph.initializer if list(t.dims) == [256, 48]]
        self.assertCountEqual(set(kinds), {TensorProto.INT8, TensorProto.UINT4, TensorProto.INT4})

    def test_quantized_weights_of_contrib_ops(self):
        floats_, integers = cases.drawers(np.random.default_rng(0))
        x = floats_(3, 80)
        for bits, accuracy, zeros in itertools.product((4, 8), (0, 4), (None, np.uint8, np.float32)):
            if bits == 8 and zeros == np.float32:  # not in onnxruntime
                continue
            with self.subTest(bits=bits, accuracy=accuracy, zeros=zeros):
                stored = [cases.initializer("q", integers(np.uint8, 48, 3, 32 * bits // 8)),
                          cases.initializer("s", abs(floats_(48, 3)))]
                if zeros == np.uint8:
                    stored.append(cases.initializer("z", integers(np.uint8, 48, (3 * bits + 7) // 8)))
                elif zeros:
                    stored.append(cases.initializer("z", floats_(48, 3)))
                product = cases.node("MatMulNBits", ["x", "q", "s"] + (["z"] if zeros else []), domain=cases.MICROSOFT, K=80,
                                     N=48, bits=bits, block_size=32, accuracy_level=accuracy)
                model = cases.model([product], {"x": x}, stored)
                onnx.save(model, self.path("model.onnx"))
                got = self.session(self.export(self.path("model.onnx"))).run(None, {"x": x})[0]
                want = cases.expected(model, {"x": x})["y"]
                # onnxruntime's own kernels quantize x in another order of sums.
                np.testing.assert_allclose(got, want, rtol=1e-3, atol=0.02 * abs(want).max() if accuracy else 1e-3)
                stored = onnx.load(self.path("out.onnx"), load_external_data=False).graph.initializer
                self.assertFalse([t.name for t in stored if t.data_type == TensorProto.FLOAT and list(t.dims) == [80, 48]])

    def test_convolutions_of_integers(self):
        s = Sheet(opset=21)
        x = np.arange(2 * 4 * 5 * 6).reshape(2, 4, 5, 6).astype(np.uint8)
        w = (np.arange(6 * 2 * 3 * 2).reshape(6, 2, 3, 2) - 40).astype(np.int8)
        s.add("whole", "ConvInteger", [x, w], group=2, strides=[2, 1], pads=[1, 0, 1, 1])
        s.add("stored", "ConvInteger", [x, w.astype(np.uint8), np.array(9, np.uint8), np.array(3, np.uint8)], stored=(1, 2, 3),
              group=2, dilations=[1, 2])
        one, big = np.array(0.1, np.float32), np.array(9, np.float32)
        s.add("linear", "QLinearConv", [x, one, np.array(3, np.uint8), w, one, np.zeros(6, np.int8), big,
                                        np.array(7, np.uint8), np.arange(6, dtype=np.int32)], group=2, stored=(3, 5, 8))
        s.add("channels", "QLinearConv", [x, one, np.array(3, np.uint8), w.astype(np.uint8), np.full(6, 0.1, np.float32),
                                          np.arange(6, dtype=np.uint8), big, np.array(7, np.uint8)], group=2)
        written = self.check_sheet(s)
        self.assertIn("ConvInteger", {n.op_type for n in written.graph.node})

    def test_control(self):
        """Captured values and sizes, sizes that only the run tells, rows."""
        yes = graph([node("Concat", "x y", "t", axis=0)], [], [value("t", F)])
        no = graph([node("Mul", "x one", "e")], [], [value("e", F)], one=np.float32(2))
        body = graph([node("Concat", "state x", "grown", axis=0), node("ReduceSum", "grown axis", "row", keepdims=0),
                      node("Shape", "grown", "size"), node("Less", "i most", "go_on")],
                     [value("i", I, []), value("go", B, []), value("state", F, None)],
                     [value("go_on", B, []), value("grown", F), value("row", F), value("size", I)], axis=ints([0]))
        g = graph([node("If", "c", "chosen", then_branch=yes, else_branch=no),
                   node("Loop", "trips _ chosen", "last rows sizes", body=body), node("Shape", "last", "shape"),
                   node("Expand", "chosen shape2", "wide")],
                  [value("c", B, []), value("x", F, ["n", 3]), value("y", F, ["m", 3]), value("trips", I, []),
                   value("most", I, []), value("shape2", I, [3])],
                  [value("last", F), value("rows", F), value("sizes", I), value("shape", I), value("wide", F)])
        feed = {"x": floats(4, 3), "y": floats(2, 3), "most": ints(7)}
        self.check(g, *({**feed, "c": bools(c), "trips": ints(n), "shape2": ints([2, 6 if c else 4, 3])}
                        for c, n in ((True, 3), (False, 2), (True, 1))))

    def test_names_of_values(self):
        """Names of inputs and outputs that look like the exporter's own, and an input that is an output."""
        g = graph([node("Add", "v0 v1", "v2"), node("Neg", "v2", "v3"), node("Shape", "v3", "v5")],
                  [value("v0", F, ["a", 2]), value("v1", F, ["a", 1])],
                  [value("v3", F, ["a", 2]), value("v2", F, ["a", 2]), value("v5", I, [2]), value("v0", F, ["a", 2])])
        self.check(g, {"v0": floats(3, 2), "v1": floats(3, 1)})


harness.main()

# SPDX-License-Identifier: Apache-2.0
"""Op families written back as ONNX: valid models that give onnxruntime the same outputs, and what can't be written."""
import itertools

import numpy as np
import onnx
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

import cases
import exported
import harness
from onnxcase import B, F, I, bools, floats, graph, ints, node, value
from sheet import Sheet


class Families(harness.Case):
    """Only what is written back; the tests of the families themselves do the same with theirs."""

    def check(self, g, *feeds, opset=18):
        path = self.path("model.onnx")
        onnx.save(helper.make_model(g, opset_imports=[helper.make_opsetid("", opset)], ir_version=8), path)
        want = cases.unoptimized(onnx.load(path))
        exported.check(self, path, feeds, [want.run(None, feed) for feed in feeds])

    def check_sheet(self, sheet, **tolerance):
        path, results = sheet.save(self)
        return onnx.load(exported.check(self, path, [dict(sheet.values)], [results], **tolerance))

    def check_model(self, model, feeds, want=None, **tolerance):
        onnx.save(model, self.path("model.onnx"))
        want = list(cases.expected(model, feeds).values()) if want is None else want
        return onnx.load(exported.check(self, self.path("model.onnx"), [feeds], [want], **tolerance))

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
        self.assertCountEqual(set(kinds), {TensorProto.INT8, TensorProto.INT4})
        self.assertEqual([n.op_type for n in written.graph.node].count("MatMulNBits"), 1)  # of the unsigned blocks

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
                # onnxruntime's own kernels quantize x in another order of sums.
                written = self.check_model(model, {"x": x}, rtol=1e-3, atol=0.2 if accuracy else 1e-3)
                kinds = {t.data_type for t in written.graph.initializer if list(t.dims) == [80, 48]}
                self.assertNotIn(TensorProto.FLOAT, kinds)

    def test_tied_tables_are_stored_once(self):
        table = np.random.default_rng(0).standard_normal((100, 32)).astype(np.float32)
        nodes = [cases.node("Gather", ["table", "ids"], ["x"]), cases.node("MatMul", ["x", "head"])]
        feeds = {"ids": ints([[3, 99, 0]])}
        stored = [cases.initializer("table", table), cases.initializer("head", table.T)]
        written = self.check_model(cases.model(nodes, feeds, stored), feeds)
        self.assertEqual([list(t.dims) for t in written.graph.initializer if len(t.dims) == 2], [[100, 32]])

    def test_rows_of_quantized_tables(self):
        """Gathered first: no tool dequantizes the whole table for a few rows."""
        floats_, integers = cases.drawers(np.random.default_rng(0))
        feeds = {"ids": ints([[3, 99, 0], [7, -1, 3]])}
        for element, zeros, block in itertools.product((TensorProto.UINT4, TensorProto.INT4, TensorProto.INT8), (True, False),
                                                       (16, 0)):
            with self.subTest(element=element, zeros=zeros, block=block):
                low = 0 if element == TensorProto.UINT4 else -8
                numbers = np.int8 if low else np.uint8
                rows = 96 // block if block else 1
                small = lambda *shape: (integers(np.uint8, *shape) % 16).astype(numbers) + np.array(low, numbers)  # noqa: E731
                scale = abs(floats_(100, rows)) if block else abs(floats_(100))
                stored = [cases.initializer("q", small(100, 96), element), cases.initializer("s", scale),
                          cases.initializer("z", small(*scale.shape), element)]
                nodes = [cases.node("DequantizeLinear", ["q", "s"] + ["z"] * zeros, ["table"], axis=1 if block else 0,
                                    **({"block_size": block} if block else {})),
                         cases.node("Gather", ["table", "ids"])]
                written = self.check_model(cases.model(nodes, feeds, stored), feeds)
                self.assertNotIn("DequantizeLinear", {n.op_type for n in written.graph.node})
                self.assertIn([100, 96 if element == TensorProto.INT8 else 48],
                              [list(t.dims) for t in written.graph.initializer])

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

    def test_windows(self):
        s = Sheet(opset=21, dynamic=True)
        s.add("pool", "MaxPool", [s.array(1, 2, 9, 12)], kernel_shape=[3, 2], strides=[2, 3], ceil_mode=1, outputs=2)
        s.add("mean", "AveragePool", [s.array(1, 2, 9, 12)], kernel_shape=[3, 2], pads=[1, 1, 1, 1], count_include_pad=1)
        for i, op in enumerate(("MaxPool", "AveragePool", "LpPool")):
            s.add(f"same{i}", op, [s.array(1, 2, 9, 12)], kernel_shape=[3, 2], strides=[2, 1], auto_pad="SAME_LOWER")
        s.add("conv", "Conv", [s.array(1, 2, 11, 14), s.array(3, 2, 4, 3)], stored=(1,), auto_pad="SAME_UPPER", strides=[2, 3])
        s.add("transposed", "ConvTranspose", [s.array(1, 6, 5, 7), s.array(6, 4, 3, 3), s.array(4)], stored=(1, 2),
              strides=[2, 2], pads=[1, 1, 1, 1], output_padding=[1, 1])
        self.check_sheet(s)

    def test_deformed_convolution(self):
        s = Sheet(opset=19)
        s.add("deform", "DeformConv", [s.array(1, 4, 6, 5), s.array(6, 2, 2, 3), s.array(1, 24, 6, 3), s.array(6),
                                       s.array(1, 12, 6, 3)], group=2, offset_group=2, pads=[1, 0, 0, 0])
        self.check_sheet(s)

    def test_resampling(self):
        s = Sheet(opset=20)
        for mode in ("nearest", "linear", "cubic"):
            x = s.array(1, 2, 5, 6)
            s.add(f"scaled_{mode}", "Resize", [x, None, np.array([0.6, 2.1], np.float32)], stored=(2,), axes=[3, 2], mode=mode)
            s.add(f"sized_{mode}", "Resize", [x, None, None, ints([9])], stored=(3,), axes=[3], mode=mode,
                  coordinate_transformation_mode="align_corners")
            s.add(f"grid_{mode}", "GridSample", [x, s.array(1, 3, 4, 2)], mode=mode, padding_mode="reflection")
        s.add("line", "Resize", [s.array(2, 7), None, None, ints([3, 9])], mode="linear")
        self.check_sheet(s)

    def test_transforms(self):
        s = Sheet(opset=20)
        s.add("real", "DFT", [s.array(2, 15, 3, 1), None, ints(1)], stored=(2,), onesided=1)
        s.add("longer", "DFT", [s.array(2, 10, 2), ints(16)], stored=(1,))
        s.add("inverse", "DFT", [s.array(2, 9, 2)], inverse=1)
        self.check_sheet(s, atol=1e-4)

    def test_inverse_transforms_to_reals(self):
        for n in (6, 7, 1):
            x = np.random.default_rng(n).standard_normal((2, n // 2 + 1, 2)).astype(np.float32)
            model = cases.model([cases.node("DFT", ["x", "n"], inverse=1, onesided=1)], {"x": x},
                                [cases.initializer("n", ints(n))], [("y", TensorProto.FLOAT)], opset=20)
            want = np.fft.irfft(x[..., 0] + 1j * x[..., 1], n)[..., None].astype(np.float32)
            self.check_model(model, {"x": x}, [want])

    def test_boxes(self):
        s = Sheet(opset=16)
        boxes = np.random.default_rng(1).random((1, 9, 4)).astype(np.float32)
        boxes[..., 2:] += boxes[..., :2]
        s.add("chosen", "NonMaxSuppression", [boxes, abs(s.array(1, 2, 9)), ints(5), np.array(0.3, np.float32),
                                              np.array(0.2, np.float32)])
        for mode in ("avg", "max"):
            s.add(f"regions_{mode}", "RoiAlign", [s.array(2, 3, 8, 9), boxes[0] * 4, ints([0, 1, 0, 1, 0, 1, 0, 1, 0])],
                  mode=mode, output_height=3, output_width=2, spatial_scale=0.9)
        self.check_sheet(s)

    def test_recurrent(self):
        for gates, op in ((1, "RNN"), (3, "GRU"), (4, "LSTM")):
            s = Sheet(opset=14)
            for stored, direction in itertools.product(((1, 2, 3), ()), ("forward", "bidirectional")):
                d = 2 if direction == "bidirectional" else 1
                operands = [s.array(5, 3, 7), s.array(d, gates * 6, 7), s.array(d, gates * 6, 6), s.array(d, gates * 12),
                            np.array([5, 2, 4], np.int32), s.array(d, 3, 6)]
                if op == "LSTM":
                    operands += [s.array(d, 3, 6), s.array(d, 18)]
                s.add(f"{direction}{len(stored)}", op, operands, outputs=3 if op == "LSTM" else 2, stored=stored,
                      direction=direction, hidden_size=6, clip=2.0,
                      **({"linear_before_reset": len(stored) // 3} if op == "GRU" else {}))
            activations = {"RNN": ["LeakyRelu"], "GRU": ["LeakyRelu", "ScaledTanh"], "LSTM": ["HardSigmoid", "Elu", "Softsign"]}
            s.add("other", op, [s.array(4, 2, 3), s.array(1, gates * 5, 3), s.array(1, gates * 5, 5)], outputs=2, hidden_size=5,
                  activations=activations[op], activation_alpha=[0.2, 0.9][:1 if op == "RNN" else 2],
                  **({} if op == "RNN" else {"activation_beta": [0.4]}))
            self.check_sheet(s)

    def test_experts(self):
        floats_, integers = cases.drawers(np.random.default_rng(0))
        x, router = floats_(5, 32), floats_(5, 4)
        stored = [cases.initializer("up", floats_(4, 48, 32)), cases.initializer("up_bias", floats_(4, 48)),
                  cases.initializer("down", floats_(4, 32, 48)), cases.initializer("down_bias", floats_(4, 32))]
        moe = cases.node("MoE", ["x", "router", "up", "up_bias", "down", "down_bias"], domain=cases.MICROSOFT, k=2,
                         activation_type="silu", normalize_routing_weights=1)
        feeds = {"x": x, "router": router}
        self.check_model(cases.model([moe], feeds, stored), feeds, rtol=1e-3, atol=1e-3)
        for name, n, k in (("up", 48, 32), ("down", 32, 48)):
            stored += [cases.initializer(f"{name}_q", integers(np.uint8, 4, n, k)),
                       cases.initializer(f"{name}_s", abs(floats_(4, n)) / 100)]
        moe = cases.node("QMoE", ["x", "router", "up_q", "up_s", "up_bias", "down_q", "down_s", "down_bias"],
                         domain=cases.MICROSOFT, k=2, activation_type="relu", expert_weight_bits=8)
        written = self.check_model(cases.model([moe], feeds, stored), feeds, rtol=1e-2, atol=0.05)
        self.assertEqual(sum(n.op_type == "DequantizeLinear" for n in written.graph.node), 2)

    def test_linear_attention(self):
        floats_, _ = cases.drawers(np.random.default_rng(0))
        for rule, rest in (("linear", []), ("gated", ["decay"]), ("delta", ["beta"]), ("gated_delta", ["decay", "beta"])):
            with self.subTest(rule=rule):
                feeds = {"q": floats_(2, 5, 32), "k": floats_(2, 5, 16) / 4, "v": floats_(2, 5, 16), "state": floats_(2, 2, 8, 8)}
                feeds.update({name: -abs(floats_(2, 5, 2)) if name == "decay" else abs(floats_(2, 5, 2)) / 2 for name in rest})
                inputs = ["q", "k", "v", "state"] + [name if name in rest else "" for name in ("decay", "beta")]
                op = cases.node("LinearAttention", inputs, ["y", "present"], q_num_heads=4, kv_num_heads=2, update_rule=rule)
                model = cases.model([op], feeds, (), [("y", TensorProto.FLOAT), ("present", TensorProto.FLOAT)], opset=27)
                self.check_model(model, feeds, ReferenceEvaluator(model).run(None, feeds), rtol=1e-3, atol=1e-4)


harness.main()

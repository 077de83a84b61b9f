# SPDX-License-Identifier: Apache-2.0
"""Ops whose results' sizes depend on data: values against ONNX's reference implementation, sizes of 0, and failures."""
import numpy as np
import onnx
from onnx import helper
from onnx.reference import ReferenceEvaluator

import cases
import harness
from harness import llmc
from sheet import Sheet


def i64(*values):
    return np.array(values, np.int64)


def f32(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape, np.float32)


class Node:
    """A node all of whose inputs are inputs of the model, with sets of arrays to run it on. The first input's sizes
    are open unless `fixed`; the others' are those of the first set unless `open`."""

    def __init__(self, op, *sets, outputs=1, fixed=False, open=(), expect=None, rtol=1e-6, **attributes):
        self.op, self.sets, self.outputs, self.attributes = op, sets, outputs, attributes
        self.open = set(open) | (set() if fixed else {0})
        self.expect, self.rtol = expect, rtol


def build(nodes, opset, types=()):
    """`types`: the outputs' element types, in order; without them the model is for the reference only."""
    made, inputs, outputs = [], [], []
    for n, node in enumerate(nodes):
        names = []
        for i, array in enumerate(node.sets[0]):
            names.append("" if array is None else f"in_{n}_{i}")
            if array is None:
                continue
            dims = [f"d_{n}_{i}_{axis}" if i in node.open else size for axis, size in enumerate(array.shape)]
            inputs.append(helper.make_tensor_value_info(names[i], helper.np_dtype_to_tensor_dtype(array.dtype), dims))
        results = [f"out_{n}_{k}" for k in range(node.outputs)]
        for name in results:
            dtype = types[len(outputs)] if types else onnx.TensorProto.FLOAT
            outputs.append(helper.make_tensor_value_info(name, dtype, None))
        made.append(helper.make_node(node.op, names, results, f"node_{n}", **node.attributes))
    return helper.make_model(helper.make_graph(made, "g", inputs, outputs),
                             opset_imports=[helper.make_opsetid("", opset)], ir_version=10)


def feed(nodes, which):
    values = {}
    for n, node in enumerate(nodes):
        for i, array in enumerate(node.sets[min(which, len(node.sets) - 1)]):
            if array is not None:
                values[f"in_{n}_{i}"] = np.array(array, order="C")
    return values


def wanted(node, opset, which):
    """The outputs of one node, by its own function or the reference."""
    which = min(which, len(node.sets) - 1)
    if node.expect:
        want = node.expect(*node.sets[which])
        return list(want) if isinstance(want, (list, tuple)) else [want]
    return ReferenceEvaluator(build([node], opset)).run(None, feed([node], which))


class Sizes(harness.Case):
    @classmethod
    def setUpClass(cls):
        cls.library = harness.library()

    def open(self, nodes, opset, target):
        path = self.path("model.onnx")
        types = [helper.np_dtype_to_tensor_dtype(np.asarray(v).dtype) for node in nodes for v in wanted(node, opset, 0)]
        onnx.save(build(nodes, opset, types), path)
        artifact = self.compile(path, f"{target}.llmc", "--target", target)
        return self.library.open(artifact).session()

    def check(self, *nodes, opset=20, targets=("host", "ref")):
        for target in targets:
            session = self.open(nodes, opset, target)
            for which in range(max(len(node.sets) for node in nodes)):
                values = feed(nodes, which)
                got = session.run(values)
                for n, node in enumerate(nodes):
                    for k, w in enumerate(wanted(node, opset, which)):
                        with self.subTest(op=node.op, which=which, output=k, target=target):
                            g = got[f"out_{n}_{k}"]
                            self.assertEqual(g.shape, np.shape(w))
                            np.testing.assert_allclose(g, w, rtol=node.rtol, atol=node.rtol)

    def fails(self, node, *words, code=2, opset=20, place="node_0"):
        """The first set is good, all others fail."""
        session = self.open([node], opset, "host")
        session.run(feed([node], 0))
        for which in range(1, len(node.sets)):
            with self.subTest(op=node.op, which=which):
                with self.assertRaises(llmc.Failure) as caught:
                    session.run(feed([node], which))
                self.assertEqual(caught.exception.code, code)
                self.assertIn(place, str(caught.exception))
                for word in words:
                    self.assertIn(word, str(caught.exception))
            session.run(feed([node], 0))  # the session is as good as new

    def test_reshape(self):
        x = f32(2, 3, 4)
        self.check(
            Node("Reshape", (x, i64(4, 6)), (x, i64(-1, 8)), (x, i64(0, -1)), (f32(0, 3, 4), i64(0, 5))),
            Node("Reshape", (x, i64(-1)), (f32(5, 0, 2), i64(-1))),
            Node("Reshape", (f32(0, 3), i64(3, 0, 0)), (f32(0, 7), i64(0, 1, 5)), allowzero=1),
            Node("Reshape", (f32(1, 1), i64()), fixed=True))

    def test_expand_and_tile(self):
        self.check(
            Node("Expand", (f32(3, 1), i64(2, 3, 4)), (f32(3, 1), i64(1, 1, 1)), (f32(1, 1), i64(0, 5, 2))),
            Node("Expand", (f32(3, 1), i64(3, 4)), (f32(3, 1), i64(1, 1)), (f32(3, 1), i64(3, 0)), fixed=True),
            Node("Tile", (f32(2, 3), i64(2, 3)), (f32(2, 3), i64(0, 1)), (f32(2, 3), i64(1, 1))),
            Node("ConstantOfShape", (i64(2, 3),), (i64(0, 3),), (i64(4, 1),), fixed=True,
                 value=onnx.numpy_helper.from_array(np.array([7], np.int64))))

    def test_slice(self):
        x, far = f32(5, 6, 7), 2**63 - 1
        self.check(
            Node("Slice", (x, i64(1, 0), i64(4, 3)), (x, i64(-3, 2), i64(far, -1)), (x, i64(4, 0), i64(2, 3)),
                 (f32(0, 6, 7), i64(0, 1), i64(9, -1))),
            Node("Slice", (x, i64(1), i64(4), i64(0)), (x, i64(0), i64(far), i64(-1)), (x, i64(-2), i64(9), i64(1))),
            Node("Slice", (x, i64(0, 1), i64(5, 6), i64(0, 1), i64(2, 3)),
                 (x, i64(4, -1), i64(-far - 1, 0), i64(2, 0), i64(-1, -2)),
                 (x, i64(9, 20), i64(-20, -3), i64(1, 2), i64(-1, -5)), (x, i64(0, 0), i64(0, 1), i64(0, 2), i64(1, 1))),
            Node("Slice", (x, i64(2), i64(-9), None, i64(-1)), (x, i64(-9), i64(3), None, i64(2))))

    def test_stored_bounds_of_an_axis_that_data_gives(self):
        stored = [cases.initializer(n, i64(v)) for n, v in (("s", -1), ("e", 2**63 - 1), ("t", 3))]
        for axis in (0, 1, -1):
            feeds = {"x": f32(4, 9), "a": i64(axis)}
            proto = cases.model([cases.node("Slice", ["x", "s", "e", "a", "t"])], feeds, stored)
            cases.write(self.path("cases"), f"axis_{axis}", proto, feeds)
        self.llmc("verify", self.path("cases"))

    def test_split(self):
        x = f32(7, 2)
        self.check(
            Node("Split", (x, i64(3, 4)), (x, i64(0, 7)), (f32(0, 2), i64(0, 0)), outputs=2),
            Node("Split", (f32(2, 7), i64(1, 2, 4)), outputs=3, axis=-1),
            Node("Split", (x,), (f32(8, 2),), outputs=3, num_outputs=3))

    def test_pad(self):
        x = f32(3, 4)
        two = np.array(2, np.float32)

        def cut_and_padded(x, pads, value):
            pairs = list(zip(pads[:x.ndim], pads[x.ndim:]))
            for axis, (front, back) in enumerate(pairs):
                x = x.take(range(max(0, -front), x.shape[axis] + min(0, back)), axis)
            return np.pad(x, [(max(0, f), max(0, b)) for f, b in pairs], constant_values=value)

        self.check(
            Node("Pad", (x, i64(1, 2, 3, 0), two), (x, i64(0, -1, 0, -2), two), (f32(0, 4), i64(2, 0, 0, 0), two),
                 (x, i64(-1, 3, 2, -4), two), expect=cut_and_padded),
            Node("Pad", (x, i64(1, 2), two, i64(1)), (x, i64(2, 0), two, i64(-2))),
            Node("Pad", (x, i64(2, 1, 1, 3)), (x, i64(0, 0, 0, 0)), mode="reflect"),
            Node("Pad", (x, i64(5, 1, 1, 6)), mode="edge"),
            Node("Pad", (x, i64(2, 1, 1, 3)), (x, i64(7, 0, 0, 9)), mode="wrap"),
            opset=21)

    def test_center_crop_pad(self):
        self.check(
            Node("CenterCropPad", (f32(20, 8), i64(10, 9)), (f32(3, 8), i64(6, 3)), (f32(3, 8), i64(0, 8))),
            Node("CenterCropPad", (f32(5, 8, 3), i64(7)), axes=[-2]))

    def test_range(self):
        def scalars(dtype, *sets):
            return [tuple(np.array(v, dtype) for v in s) for s in sets]

        self.check(
            Node("Range", *scalars(np.int64, (0, 10, 3), (10, 0, -4), (3, 3, 1), (3, 0, 1), (-5, 6, 2))),
            Node("Range", *scalars(np.int32, (0, 10, 3), (-1, -9, -2))),
            Node("Range", *scalars(np.float32, (0, 1, 0.25), (2, -1, -0.7), (1, 1, 0.5), (1, 0, 0.5))),
            Node("Range", *scalars(np.float64, (0, 1, 0.1), (0, 0.95, 0.1))))

    def test_axes(self):
        x = f32(1, 3, 1, 2)
        self.check(
            Node("Squeeze", (x, i64(0)), (x, i64(-2))),
            Node("Squeeze", (x, i64(0, 2)), (x, i64(-2, 0))),
            Node("Unsqueeze", (f32(3, 4), i64(0, 2)), (f32(3, 4), i64(-1, 1)), (f32(0, 4), i64(2, 3))),
            Node("CumSum", (f32(3, 4), i64(0)[0:1].reshape(())), (f32(3, 4), np.array(-1)), (f32(0, 4), np.array(1)),
                 rtol=1e-5),
            Node("CumSum", (f32(3, 4), np.array(1)), (f32(3, 4), np.array(0)), exclusive=1, reverse=1, rtol=1e-5))

    def test_reduce(self):
        x = f32(3, 2, 4)
        some = (x, i64(0, 2)), (x, i64(-2, -1)), (f32(0, 2, 4), i64(0, 1)), (x, i64(1, 0))
        one = (x, i64(1)), (x, i64(-1)), (f32(0, 2, 4), i64(0))
        self.check(
            Node("ReduceSum", *some, rtol=1e-5), Node("ReduceSum", *one, keepdims=0, rtol=1e-5),
            Node("ReduceMean", *some[:2], keepdims=0, rtol=1e-5), Node("ReduceProd", *some, rtol=1e-5),
            Node("ReduceL2", *one, rtol=1e-5), Node("ReduceLogSumExp", *one[:2], rtol=1e-5),
            Node("ReduceMax", *some[:2], keepdims=0),
            Node("ReduceSum", (x, i64()), noop_with_empty_axes=1), Node("ReduceSum", (x, i64()), rtol=1e-5))

    def test_top_k(self):
        ties = np.array([[1, 3, 3, 2, 3], [5, 5, 1, 5, 0]], np.int32)
        big = f32(4, 1000)

        def best(x, k, sign=-1):
            order = np.argsort(sign * x, axis=-1, kind="stable")[..., :k[0]]
            return np.take_along_axis(x, order, -1), order

        self.check(
            Node("TopK", (ties, i64(3)), (ties, i64(5)), (ties, i64(0)), (ties[:, :1], i64(1)), outputs=2, expect=best),
            Node("TopK", (ties, i64(4)), outputs=2, largest=0, expect=lambda x, k: best(x, k, 1)),
            Node("TopK", (big, i64(37)), (big, i64(1000)), (f32(0, 50), i64(7)), outputs=2, expect=best),
            Node("TopK", (big, i64(2)), outputs=2, axis=0))

    def test_one_hot(self):
        values = np.array([2, 5], np.float32)
        at = i64(0, 3, -1, 9)

        def one_hot(at, depth, values, axis=-1):
            places = np.arange(int(depth.reshape(())))
            hit = np.where(at < 0, at + len(places), at)[..., None] == places
            return np.moveaxis(np.where(hit, values[1], values[0]), -1, axis)

        self.check(
            Node("OneHot", (at, i64(4), values), (at, i64(10), values), (at[:0], i64(3), values),
                 expect=one_hot),
            Node("OneHot", (at.reshape(2, 2), np.array(4, np.float32), values), axis=1,
                 expect=lambda *inputs: one_hot(*inputs, axis=1)),
            Node("EyeLike", (f32(3, 4),), (f32(0, 2),), k=1, dtype=7),
            Node("EyeLike", (f32(4, 3),), k=-1))

    def test_non_zero(self):
        x = np.array([[1, 0, 2], [0, 0, 3]], np.float32)
        mask = np.array([0, 1, 1, 0, 1, 0], bool)
        self.check(
            Node("NonZero", (x,), (np.zeros((2, 3), np.float32),), (x[:0],), (np.ones((4, 5), np.float32),)),
            Node("NonZero", (mask,), (~mask,)),
            Node("Compress", (f32(2, 3), mask), (f32(2, 3), ~mask), (f32(2, 3), np.zeros(6, bool))),
            Node("Compress", (f32(3, 4), mask[:3]), (f32(3, 4), np.zeros(3, bool)), axis=0))

    def test_unique(self):
        x = np.array([2, 1, 1, 3, 4, 3], np.float32)
        rows = np.array([[1, 0, 0], [1, 0, 0], [2, 3, 4], [0, 9, 9]], np.float32)

        def by_value(x):
            y, first, group, counts = np.unique(x, True, True, True)
            return y, first, group.reshape(-1), counts

        def by_appearance(x):
            y, first, group, counts = by_value(x)
            order = np.argsort(first)
            return y[order], first[order], np.argsort(order)[group], counts[order]

        self.check(
            Node("Unique", (x,), (x[:0],), (np.array([5, 5, 5], np.float32),), outputs=4, expect=by_value),
            Node("Unique", (x,), (x[:1],), outputs=4, sorted=0, expect=by_appearance),
            Node("Unique", (rows,), (rows[:0],), axis=0, outputs=4,
                 expect=lambda r: np.unique(r, True, True, True, axis=0) if len(r) else (r, i64(), i64(), i64())))

    def test_chain(self):
        """Sizes of one op's data go through others, and their buffers come and go."""
        helpers = [
            helper.make_node("Greater", ["x", "zero"], ["above"]),
            helper.make_node("Compress", ["x", "above"], ["kept"]),
            helper.make_node("Mul", ["kept", "kept"], ["squares"]),
            helper.make_node("Concat", ["squares", "kept"], ["both"], axis=0),
            helper.make_node("Shape", ["both"], ["n"]),
            helper.make_node("Cast", ["n"], ["size"], to=1),
            helper.make_node("ReduceSum", ["both"], ["sum"], keepdims=0),
            helper.make_node("Div", ["sum", "size"], ["mean"]),
        ]
        x = helper.make_tensor_value_info("x", 1, ["n"])
        outputs = [helper.make_tensor_value_info(n, 1, None) for n in ("both", "mean")]
        zero = onnx.numpy_helper.from_array(np.float32(0), "zero")
        model = helper.make_model(helper.make_graph(helpers, "g", [x], outputs, [zero]),
                                  opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
        onnx.save(model, self.path("chain.onnx"))
        session = self.library.open(self.compile(self.path("chain.onnx"))).session()
        for n in (10, 0, 10000, 3):
            v = f32(n)
            kept = v[v > 0]
            got = session.run({"x": v})
            np.testing.assert_allclose(got["both"], np.concatenate([kept * kept, kept]), rtol=1e-6)
            if len(kept):
                np.testing.assert_allclose(got["mean"], [got["both"].mean(dtype=np.float64)], rtol=1e-5)

    def test_sizes_that_do_not_fit(self):
        x = f32(2, 3)
        self.fails(Node("Reshape", (x, i64(3, 2)), (x, i64(4, 2)), (x, i64(-1, -1)), (x, i64(-7, 2)),
                        (x, i64(2**32, 2**32))))
        self.fails(Node("Expand", (x, i64(2, 3)), (x, i64(3, 3)), (x, i64(2, -3)), fixed=True))
        self.fails(Node("Split", (x, i64(1, 1)), (x, i64(1, 2)), (x, i64(-1, 3)), outputs=2))
        self.fails(Node("Squeeze", (f32(1, 3), i64(0)), (f32(1, 3), i64(1)), (f32(1, 3), i64(2))))
        self.fails(Node("Unsqueeze", (x, i64(0, 1)), (x, i64(0, 0)), (x, i64(0, 4)), (x, i64(-5, 0))))
        self.fails(Node("Slice", (x, i64(0), i64(1), i64(0), i64(1)), (x, i64(0), i64(1), i64(0), i64(0)),
                        (x, i64(0), i64(1), i64(2), i64(1))))
        self.fails(Node("TopK", (x, i64(1)), (x, i64(4)), (x, i64(-1)), outputs=2))
        self.fails(Node("Pad", (x, i64(0, 0, 1, 1)), (x, i64(-3, 0, 0, 0))))
        self.fails(Node("Pad", (x, i64(0, 0, 1, 1)), (x[:0], i64(1, 0, 0, 0)), mode="edge"))
        self.fails(Node("ReduceSum", (x, i64(0)), (x, i64(2)), keepdims=0))
        self.fails(Node("Range", *[tuple(np.array(v) for v in s) for s in ((0, 3, 1), (0, 3, 0))]), "not allowed")

    def test_sizes_that_are_too_large(self):
        huge = 2**62
        value = onnx.numpy_helper.from_array(np.array([1], np.float32))
        self.fails(Node("ConstantOfShape", (i64(2, 3),), (i64(huge, 2),), (i64(huge, huge),), (i64(2**33, 2**33),),
                        fixed=True, value=value), "too large")
        self.fails(Node("ConstantOfShape", (i64(2, 3),), (i64(2**30, 2**20),), fixed=True, value=value), "memory", code=5)
        self.fails(Node("Tile", (f32(2, 3), i64(1, 2)), (f32(2, 3), i64(huge, 2))), "too large")
        self.fails(Node("Range", *[tuple(np.array(v, np.float32) for v in s) for s in ((0, 3, 1), (0, 3, 0))]),
                   "too large")
        self.fails(Node("Range", *[tuple(np.array(v) for v in s) for s in ((0, 3, 1), (0, 2**50, 1))]), "memory", code=5)

    def test_sizes_that_other_inputs_say(self):
        """Symbols that the operator itself gives a size, and calls that say another one."""
        def fails(node):
            self.fails(node, "expected", place="input 'in_0_")

        boxes = np.array([[[0, 0, 1, 1], [0, 0, 2, 2], [3, 3, 4, 4]]], np.float32)
        limits = i64(2), np.array([0.5], np.float32), np.array([-9], np.float32)
        fails(Node("NonMaxSuppression", (boxes, f32(1, 2, 3), *limits), (boxes[..., :3], f32(1, 2, 3), *limits), open=(2,)))
        regions = np.array([[0, 0, 2, 2]], np.float32)
        fails(Node("RoiAlign", (f32(1, 1, 4, 4), regions, i64(0)), (f32(1, 1, 4, 4), regions[:, :2], i64(0)), open=(1,)))
        fails(Node("GridSample", (f32(1, 1, 3, 3), f32(1, 2, 2, 2)), (f32(1, 1, 3, 3), f32(1, 2, 2, 1)), open=(1,)))
        fails(Node("Conv", (f32(1, 2, 5), f32(3, 2, 3)), (f32(1, 2, 5), f32(3, 2, 1)), open=(1,), kernel_shape=[3]))
        fails(Node("TopK", (f32(2, 5), i64(2)), (f32(2, 5), i64(2, 3)), outputs=2, open=(1,)))
        # Parts of other sizes would be written behind the result.
        fails(Node("Concat", (f32(2, 3), f32(2, 4)), (f32(9, 3), f32(2, 4)), axis=1))

    def test_parameters_of_unknown_sizes(self):
        """Tables and scales whose sizes have to agree, each under names of its own."""
        s = Sheet(opset=23, dynamic=True)
        x, tables = s.array(1, 2, 3, 8), (s.array(1, 3, 4), s.array(1, 3, 4))
        s.add("rotary", "RotaryEmbedding", [x, *tables], stored=(0,))
        scale = np.abs(s.array(1))
        s.add("scale", "DequantizeLinear", [np.arange(6, dtype=np.int8).reshape(6, 1), scale, np.array([-6], np.int8)],
              stored=(0, 2), axis=1)
        s.check(self, exports=False)

    def test_ranks_that_are_not_known(self):
        node = Node("Reshape", (f32(2, 3), i64(3, 2)), open=(1,))
        onnx.save(build([node], 20), self.path("open.onnx"))
        r = self.llmc("compile", self.path("open.onnx"), "-o", self.path("out.llmc"), code=3)
        self.assertIn("node_0", r.stderr)
        self.assertIn("number of elements", r.stderr)
        for op, inputs in (("GatherND", (f32(3, 3), i64([0, 1]))), ("ScatterND", (f32(3, 3), i64([0, 1]), f32(1)))):
            onnx.save(build([Node(op, inputs, open=(1,))], 20), self.path("open.onnx"))
            r = self.llmc("compile", self.path("open.onnx"), "-o", self.path("out.llmc"), code=3)
            self.assertIn("index tuples of symbolic length", r.stderr)
        onnx.save(build([Node("DFT", (f32(1, 4, 2),))], 17), self.path("open.onnx"))
        r = self.llmc("compile", self.path("open.onnx"), "-o", self.path("out.llmc"), code=3)
        self.assertIn("real or complex", r.stderr)


harness.main()

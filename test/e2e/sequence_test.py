# SPDX-License-Identifier: Apache-2.0
"""Sequences against onnxruntime: made, split, changed, joined, mapped, carried by loops and given by branches."""
import harness
import numpy as np
from onnx import helper
from onnxcase import B, F, I, OnnxCase, bools, floats, graph, ints, node, value


def sequence(name):
    return helper.make_tensor_sequence_value_info(name, F, None)


class Sequences(OnnxCase):
    def test_split_and_join(self):
        g = graph([node("SplitToSequence", "x sizes", "s", axis=0), node("SequenceLength", "s", "n"),
                   node("SequenceAt", "s last", "t"), node("Neg", "t", "u"), node("SequenceInsert", "s u zero", "v"),
                   node("SequenceErase", "v one", "w"), node("ConcatFromSequence", "w", "y", axis=0)],
                  [value("x", F, ["n", 3]), value("sizes", I, ["k"])],
                  [value("n", I, []), value("t", F, ["a", 3]), value("y", F, ["m", 3])],
                  last=ints(-1), zero=ints(0), one=ints(1))
        self.check(g, {"x": floats(6, 3), "sizes": ints([1, 2, 3])}, {"x": floats(4, 3), "sizes": ints([4])},
                   {"x": floats(3, 3), "sizes": ints([3, 0])})

    def test_split_evenly(self):
        g = graph([node("SplitToSequence", "x two", "s", axis=1), node("ConcatFromSequence", "s", "y", axis=0),
                   node("SplitToSequence", "x", "t", axis=0, keepdims=0),
                   node("ConcatFromSequence", "t", "z", axis=1, new_axis=1)],
                  [value("x", F, ["n", 4])], [value("y", F, ["m", 2]), value("z", F, [4, "n"])], two=ints(2))
        self.check(g, {"x": floats(3, 4)}, {"x": floats(1, 4)})

    def test_position_out_of_range(self):
        g = graph([node("SequenceConstruct", "x x", "s"), node("SequenceAt", "s p", "y")],
                  [value("x", F, ["n"]), value("p", I, [])], [value("y", F, ["n"])])
        session = harness.library().open(self.compile(self.save(g))).session()
        x = floats(3)
        np.testing.assert_array_equal(session.run({"x": x, "p": ints(-2)})["y"], x)
        for p in (2, -3):
            with self.assertRaises(harness.llmc.Failure) as failure:
                session.run({"x": x, "p": ints(p)})
            self.assertIn("(SequenceAt): an index is outside [-2, 2)", str(failure.exception))

    def test_carried_by_a_loop(self):
        body = graph([node("Mul", "x i1", "part"), node("Cast", "i", "i1", to=F), node("SequenceInsert", "s part", "t"),
                      node("Identity", "go", "next")],
                     [value("i", I, []), value("go", B, []), sequence("s")], [value("next", B, []), sequence("t")])
        body.node.insert(0, body.node.pop(1))
        g = graph([node("SequenceEmpty", "", "e"), node("SequenceInsert", "e x", "e1"),
                   node("Loop", "n _ e1", "r", body=body), node("ConcatFromSequence", "r", "y", axis=0)],
                  [value("n", I, []), value("x", F, ["k"])], [value("y", F, ["m"])])
        self.check(g, {"n": ints(3), "x": floats(2)}, {"n": ints(0), "x": floats(2)})

    def test_given_by_branches(self):
        yes = graph([node("SequenceConstruct", "x x x", "s")], [], [sequence("s")])
        no = graph([node("SequenceConstruct", "x", "t")], [], [sequence("t")])
        g = graph([node("If", "c", "r", then_branch=yes, else_branch=no), node("SequenceLength", "r", "n"),
                   node("ConcatFromSequence", "r", "y", axis=0)],
                  [value("c", B, []), value("x", F, ["k"])], [value("n", I, []), value("y", F, ["m"])])
        self.check(g, {"c": bools(True), "x": floats(2)}, {"c": bools(False), "x": floats(2)})

    def test_mapped(self):
        body = graph([node("Add", "a b", "c"), node("Shape", "a", "d")], [value("a", F), value("b", F)],
                     [value("c", F), value("d", I)])
        g = graph([node("SplitToSequence", "x sizes", "s", axis=0), node("SequenceMap", "s b0", "t u", body=body),
                   node("ConcatFromSequence", "t", "y", axis=0), node("ConcatFromSequence", "u", "z", axis=0)],
                  [value("x", F, ["n"]), value("sizes", I, ["k"]), value("b0", F, [])],
                  [value("y", F, ["m"]), value("z", I, ["k"])])
        self.check(g, {"x": floats(6), "sizes": ints([1, 2, 3]), "b0": floats()})

    def test_of_different_ranks(self):
        """What is taken out of such a sequence would need a rank; all else works."""
        nodes = [node("SequenceConstruct", "x", "s"), node("SequenceInsert", "s y zero", "t"),
                 node("SequenceErase", "t one", "u"), node("SequenceLength", "u", "n")]
        inputs = [value("x", F, ["k"]), value("y", F, [2, "m"])]
        g = graph(nodes, inputs, [value("n", I, []), sequence("u")], zero=ints(0), one=ints(-1))
        self.check_alone(g, {"x": floats(3), "y": floats(2, 3)}, lambda x, y: {"n": np.int64(1), "u": [y]})
        g = graph([*nodes, node("SequenceAt", "u zero", "z")], inputs, [value("z", F)], zero=ints(0), one=ints(-1))
        r = self.llmc("compile", self.save(g), "-o", self.path("out"), code=3)
        self.assertIn("1 node (1 operator) is not supported", r.error)
        self.assertIn("(SequenceAt): a sequence whose tensors' rank is unknown is not supported", r.stderr)

    def check_alone(self, g, inputs, expected):
        """Without onnxruntime, which wants tensors of one rank."""
        got = harness.library().open(self.compile(self.save(g))).session().run(inputs)
        for name, want in expected(**inputs).items():
            if not isinstance(want, list):
                want, got[name] = [want], [got[name]]
            self.assertEqual(len(got[name]), len(want))
            for a, b in zip(got[name], want):
                np.testing.assert_array_equal(a, b)


harness.main()

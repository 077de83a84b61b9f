# SPDX-License-Identifier: Apache-2.0
"""Sequences and optional values as inputs and outputs of a model: against onnxruntime, through files, through the
library, and written back as ONNX."""
import json
import os

import harness
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxcase import B, F, I, OnnxCase, bools, floats, graph, ints, node, value

Sequence = harness.llmc.Sequence


def sequence(name, kind=F, shape=None):
    return helper.make_tensor_sequence_value_info(name, kind, shape)


def optional(name, shape=("n",), kind=F, of_sequence=False):
    element = helper.make_tensor_type_proto(kind, shape)
    if of_sequence:
        element = helper.make_sequence_type_proto(element)
    return helper.make_value_info(name, helper.make_optional_type_proto(element))


def changed():
    """Takes a sequence, gives one and a tensor of it."""
    return graph([node("SequenceInsert", "s x zero", "t"), node("SequenceErase", "t", "u"),
                  node("SequenceAt", "u zero", "y")],
                 [sequence("s", shape=["n"]), value("x", F, ["m"])], [sequence("u", shape=["n"]), value("y", F, ["m"])],
                 zero=ints(0))


def chosen(of_sequence=False):
    """The optional value's element, or what stands for it."""
    has = graph([node("OptionalGetElement", "o", "e")] +
                ([node("ConcatFromSequence", "e", "e1", axis=0)] if of_sequence else [node("Neg", "e", "e1")]),
                [], [value("e1", F)])
    none = graph([node("Identity", "x", "e2")], [], [value("e2", F)])
    return graph([node("OptionalHasElement", "o", "c"), node("If", "c", "y", then_branch=has, else_branch=none)],
                 [optional("o", of_sequence=of_sequence), value("x", F, ["k"])],
                 [value("c", B, []), value("y", F, ["m"])])


def gives_optional(of_sequence=False):
    element = helper.make_tensor_type_proto(F, ["n"])
    if of_sequence:
        element = helper.make_sequence_type_proto(element)
    make = [node("SequenceConstruct", "x x", "e")] if of_sequence else [node("Identity", "x", "e")]
    has = graph([*make, node("Optional", "e", "a")], [], [optional("a", of_sequence=of_sequence)])
    none = graph([node("Optional", "", "b", type=element)], [], [optional("b", of_sequence=of_sequence)])
    none.node[0].input.clear()
    return graph([node("If", "c", "o", then_branch=has, else_branch=none)], [value("c", B, []), value("x", F, ["n"])],
                 [optional("o", of_sequence=of_sequence)])


class Values(OnnxCase):
    def session(self, g, opset=18):
        return harness.library().open(self.compile(self.save(g, opset))).session()

    def equal(self, got, want):
        self.assertEqual(len(got), len(want))
        for a, b in zip(got, want):
            np.testing.assert_array_equal(a, b)

    def test_sequences(self):
        self.check(changed(), {"s": [floats(3), floats(1)], "x": floats(2)}, {"s": [floats(0)], "x": floats(2)})

    def test_mapped(self):
        body = graph([node("Add", "a b", "c")], [value("a", F), value("b", F)], [value("c", F)])
        g = graph([node("SequenceMap", "s x", "t", body=body)],
                  [sequence("s", shape=["n", 2]), value("x", F, [2])], [sequence("t", shape=["n", 2])])
        self.check(g, {"s": [floats(3, 2), floats(1, 2), floats(0, 2)], "x": floats(2)})

    def test_optional_tensor(self):
        session = self.session(chosen())
        a, x = floats(3), floats(2)
        got = session.run({"o": Sequence(np.float32, [a]), "x": x})
        self.assertTrue(got["c"])
        np.testing.assert_array_equal(got["y"], -a)
        got = session.run({"o": Sequence(np.float32), "x": x})
        self.assertFalse(got["c"])
        np.testing.assert_array_equal(got["y"], x)
        with self.assertRaises(harness.llmc.Failure) as failure:
            session.run({"o": Sequence(np.float32, [a, a]), "x": x})
        self.assertIn("input 'o' has 2 tensors, expected 0 or 1", str(failure.exception))

    def test_optional_sequence(self):
        session = self.session(chosen(True))
        a, b, x = floats(3), floats(1), floats(2)
        np.testing.assert_array_equal(session.run({"o": Sequence(np.float32, [a, b]), "x": x})["y"],
                                      np.concatenate([a, b]))
        np.testing.assert_array_equal(session.run({"o": Sequence(np.float32, absent=True), "x": x})["y"], x)

    def test_optional_outputs(self):
        x = floats(3)
        session = self.session(gives_optional())
        self.equal(session.run({"c": bools(True), "x": x})["o"], [x])
        self.assertEqual(session.run({"c": bools(False), "x": x})["o"], [])
        session = self.session(gives_optional(True))
        self.equal(session.run({"c": bools(True), "x": x})["o"], [x, x])
        self.assertIsNone(session.run({"c": bools(False), "x": x})["o"])

    def test_known_optional_output(self):
        g = graph([node("Optional", "x", "o")], [value("x", F, ["n"])], [optional("o")])
        x = floats(3)
        self.equal(self.session(g).run({"x": x})["o"], [x])

    def test_absent_element(self):
        g = graph([node("OptionalGetElement", "o", "y")], [optional("o")], [value("y", F, ["n"])])
        session = self.session(g)
        x = floats(2)
        np.testing.assert_array_equal(session.run({"o": Sequence(np.float32, [x])})["y"], x)
        with self.assertRaises(harness.llmc.Failure) as failure:
            session.run({"o": Sequence(np.float32)})
        self.assertIn("(OptionalGetElement): the optional value has no element", str(failure.exception))

    def test_carried_optional(self):
        """A state that is there from the second turn on."""
        first = graph([node("Identity", "x", "f")], [], [value("f", F)])
        more = graph([node("OptionalGetElement", "o", "e"), node("Add", "e x", "m")], [], [value("m", F)])
        body = graph([node("OptionalHasElement", "o", "has"),
                      node("If", "has", "s", then_branch=more, else_branch=first), node("Optional", "s", "p"),
                      node("Identity", "go", "next")],
                     [value("i", I, []), value("go", B, []), optional("o")], [value("next", B, []), optional("p")])
        none = node("Optional", "", "start", type=helper.make_tensor_type_proto(F, ["n"]))
        none.input.clear()
        g = graph([none, node("Loop", "n _ start", "end", body=body), node("OptionalHasElement", "end", "c")],
                  [value("n", I, []), value("x", F, ["k"])], [optional("end"), value("c", B, [])])
        session, x = self.session(g), floats(2)
        got = session.run({"n": ints(3), "x": x})
        np.testing.assert_allclose(got["end"], [3 * x], rtol=1e-6)
        self.assertTrue(got["c"])
        got = session.run({"n": ints(0), "x": x})
        self.assertEqual((got["end"], bool(got["c"])), ([], False))

    def test_run_with_files(self):
        artifact = self.compile(self.save(changed()))
        s, x = [floats(3), floats(1)], floats(2)
        np.savez(self.path("in.npz"), **{"s[0]": s[0], "s[1]": s[1], "x": x})
        r = self.llmc("run", artifact, "--inputs", self.path("in.npz"), "--outputs", self.path("out"))
        self.assertEqual(r.stdout.splitlines(), ["u  sequence(f32[2], f32[3])", "y  f32[2]"])
        proto = onnx.SequenceProto()
        with open(self.path("out/u.pb"), "rb") as file:
            proto.ParseFromString(file.read())
        self.equal(numpy_helper.to_list(proto), [x, s[0]])
        with open(self.path("out/signature.json"), encoding="utf-8") as file:
            entry = json.load(file)["tensors"][0]
        self.assertEqual((entry["name"], entry["kind"], entry["dims"]), ("u", "sequence", [[2], [3]]))
        np.savez(self.path("empty.npz"), x=x)
        r = self.llmc("run", artifact, "--inputs", self.path("empty.npz"), code=2)
        self.assertIn("(SequenceAt): an index is out of range", r.error)
        np.savez(self.path("gap.npz"), **{"s[0]": s[0], "s[2]": s[1], "x": x})
        r = self.llmc("run", artifact, "--inputs", self.path("gap.npz"), code=2)
        self.assertIn("'s[2]': the model has no input of this name", r.error)
        np.savez(self.path("rank.npz"), **{"s[0]": floats(2, 2), "x": x})
        r = self.llmc("run", artifact, "--inputs", self.path("rank.npz"), code=2)
        self.assertIn("input 's[0]' has rank 2, expected 1", r.error)

    def test_run_on_nothing(self):
        g = graph([node("SequenceLength", "s", "n"), node("Identity", "s", "t"), node("Identity", "o", "p")],
                  [sequence("s"), optional("o", of_sequence=True)],
                  [value("n", I, []), sequence("t"), optional("p", of_sequence=True)])
        np.savez(self.path("in.npz"))
        r = self.llmc("run", self.compile(self.save(g)), "--inputs", self.path("in.npz"), "--outputs", self.path("out"))
        self.assertEqual(r.stdout.splitlines(), ["n  i64[]", "t  sequence()", "p  optional()"])
        self.assertEqual(np.load(self.path("out/n.npy")), 0)

    def test_verify_tells_what_differs(self):
        path = self.save(changed())
        s, x = [floats(3), floats(1)], floats(2)

        def verify(want, code=4):
            os.makedirs(self.path("test_data_set_0"), exist_ok=True)
            for name, content in (("input_0", numpy_helper.from_list(s, "s")),
                                  ("input_1", numpy_helper.from_array(x, "x")),
                                  ("output_0", numpy_helper.from_list(want, "u"))):
                with open(self.path(f"test_data_set_0/{name}.pb"), "wb") as file:
                    file.write(content.SerializeToString())
            return self.llmc("verify", path, code=code)

        verify([x, s[0]], 0)
        self.assertIn("output 'u': has 2 tensors, expected 1", verify([x]).error)
        self.assertIn("output 'u': tensor 1: 3 of 3 values differ", verify([x, s[0] + 1]).error)

    def test_inspect(self):
        g = graph([node("Identity", "a", "b"), node("Identity", "c", "d"), node("Identity", "e", "f")],
                  [sequence("a"), optional("c", [4]), optional("e", of_sequence=True)],
                  [sequence("b"), optional("d", [4]), optional("f", of_sequence=True)])
        artifact = self.compile(self.save(g))
        r = self.llmc("inspect", artifact)
        for line in ("input   a  sequence(f32)", "input   c  optional(f32[4])",
                     "output  f  optional(sequence(f32[?]))"):
            self.assertIn(line, r.stdout)
        inputs = json.loads(self.llmc("inspect", "--json", artifact).stdout)["models"][0]["entries"][0]["inputs"]
        self.assertEqual([i["kind"] for i in inputs], ["sequence", "optional", "optional_sequence"])
        session = harness.library().open(artifact).session()
        given = {"a": [floats(2), floats(), floats(1, 2)], "c": [floats(4)], "e": [floats(3)]}
        got = session.run({k: Sequence(np.float32, v) for k, v in given.items()})
        for name, source in (("b", "a"), ("d", "c"), ("f", "e")):
            self.equal(got[name], given[source])

    def test_export(self):
        for g, feed in ((changed(), {"s": [floats(3), floats(1)], "x": floats(2)}),
                        (graph([node("OptionalGetElement", "o", "e"), node("Add", "e e", "y")], [optional("o")],
                               [value("y", F, ["n"])]), {"o": floats(3)})):
            path = self.save(g)
            self.llmc("export", "-q", path, "-o", self.path("back.onnx"))
            want, got = (onnxruntime.InferenceSession(p).run(None, feed) for p in (path, self.path("back.onnx")))
            for a, b in zip(want, got):
                self.equal(a, b)
            self.compile(self.path("back.onnx"))

    def test_export_of_optional(self):
        none = node("Optional", "", "o", type=helper.make_tensor_type_proto(F, ["n"]))
        none.input.clear()
        g = graph([none, node("Optional", "x", "p"), node("OptionalHasElement", "q", "c")],
                  [value("x", F, ["n"]), optional("q", of_sequence=True)],
                  [optional("o"), optional("p"), value("c", B, [])])
        self.llmc("export", "-q", self.save(g), "-o", self.path("back.onnx"))
        onnx.checker.check_model(self.path("back.onnx"))
        session, x = harness.library().open(self.compile(self.path("back.onnx"))).session(), floats(2)
        got = session.run({"x": x, "q": Sequence(np.float32, absent=True)})
        self.assertEqual((got["o"], bool(got["c"])), ([], False))
        self.equal(got["p"], [x])

    def test_what_is_not_supported(self):
        def refused(g, message):
            r = self.llmc("compile", self.save(g, 21), "-o", self.path("out"), code=3)
            self.assertIn(message, r.error)

        packed = sequence("s", TensorProto.INT4, ["n"])
        refused(graph([node("SequenceLength", "s", "n")], [packed], [value("n", I, [])]),
                "input 's': sequences of element type i4 are not supported")
        refused(graph([node("SequenceEmpty", "", "s", dtype=TensorProto.INT4)], [], [packed]),
                "output 's': sequences of element type i4 are not supported")
        nested = helper.make_value_info("s", helper.make_sequence_type_proto(
            helper.make_sequence_type_proto(helper.make_tensor_type_proto(F, ["n"]))))
        refused(graph([node("SequenceLength", "s", "n")], [nested], [value("n", I, [])]),
                "input 's': an input that is neither a tensor, a sequence of tensors nor an optional one is not "
                "supported")


harness.main()

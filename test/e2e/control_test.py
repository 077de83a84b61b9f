# SPDX-License-Identifier: Apache-2.0
"""If, Loop and Scan against onnxruntime: sizes that only the run tells, nesting, captures, no turns, early exits."""
import threading

import harness
import numpy as np
import onnx
from onnx import helper
from onnxcase import B, F, I, OnnxCase, bools, floats, graph, ints, node, value


def turn(nodes, states, outputs, **constants):
    """A loop's body: `iteration`, `go`, the states -> `next`, outputs."""
    return graph(nodes, [value("iteration", I, []), value("go", B, []), *states],
                 [value("next", B, []), *outputs], **constants)


ALWAYS = node("Identity", "go", "next")


class Control(OnnxCase):
    def test_branches_of_different_sizes(self):
        yes = graph([node("Concat", "x x", "t", axis=0)], [], [value("t", F)])
        no = graph([node("Mul", "x x", "e")], [], [value("e", F)])
        g = graph([node("If", "c", "y", then_branch=yes, else_branch=no), node("Add", "y y", "z"), node("Shape", "y", "s")],
                  [value("c", B, []), value("x", F, ["n", 3])],
                  [value("y", F, ["m", 3]), value("z", F, ["m", 3]), value("s", I, [2])])
        self.check(g, {"c": bools(True), "x": floats(4, 3)}, {"c": bools(False), "x": floats(4, 3)},
                   {"c": bools(True), "x": floats(0, 3)})

    def test_the_other_branch_does_not_fail(self):
        yes = graph([node("Add", "x y", "t")], [], [value("t", F)])
        no = graph([node("Identity", "x", "e")], [], [value("e", F)])
        g = graph([node("If", "c", "z", then_branch=yes, else_branch=no)],
                  [value("c", B, [1]), value("x", F, ["n"]), value("y", F, ["m"])], [value("z", F, ["k"])])
        self.check(g, {"c": bools([True]), "x": floats(4), "y": floats(4)},
                   {"c": bools([False]), "x": floats(4), "y": floats(3)},
                   {"c": bools([True]), "x": floats(1), "y": floats(5)})

    def test_branches_of_different_ranks(self):
        yes = graph([node("Identity", "x", "t")], [], [value("t", F)])
        no = graph([node("ReduceSum", "x", "e", keepdims=0)], [], [value("e", F)])
        g = graph([node("If", "c", "z", then_branch=yes, else_branch=no)],
                  [value("c", B, []), value("x", F, ["n"])], [value("z", F)])
        r = self.llmc("compile", self.save(g), "-o", self.path("x"), code=3)
        self.assertIn("branches whose results have different ranks, f32[?] and f32[]", r.stderr)

    def test_known_condition(self):
        # Only the taken branch is converted: the other one has an unknown operator.
        yes = graph([node("Neg", "x", "t")], [], [value("t", F)])
        no = graph([node("Unknown", "x", "e")], [], [value("e", F)])
        no.node[0].domain = "nowhere"
        g = graph([node("If", "c", "z", then_branch=yes, else_branch=no)], [value("x", F, ["n"])],
                  [value("z", F, ["n"])], c=bools(True))
        model = helper.make_model(g, opset_imports=[helper.make_opsetid("", 18), helper.make_opsetid("nowhere", 1)],
                                  ir_version=8)
        onnx.save(model, self.path("m.onnx"))
        self.compile(self.path("m.onnx"))

    def test_growing_state(self):
        body = turn([node("Concat", "a x", "b", axis=0), node("ReduceSum", "b", "row", keepdims=0),
                     node("Less", "row limit", "next")],
                    [value("a", F)], [value("b", F), value("row", F, [])], limit=np.float32(1e9))
        g = graph([node("Loop", "n _ x", "y rows", body=body)],
                  [value("n", I, []), value("x", F, ["k", 2])], [value("y", F, ["m", 2]), value("rows", F, ["t"])])
        self.check(g, {"n": ints(3), "x": floats(2, 2)}, {"n": ints(0), "x": floats(2, 2)},
                   {"n": ints(5), "x": floats(1, 2)}, {"n": ints(2), "x": floats(0, 2)})

    def test_states_of_one_shrinking_size(self):
        body = turn([node("Slice", "a one big zero", "b"), node("Slice", "d one big zero", "e"), node("Add", "b e", "s"),
                     node("ReduceSum", "s", "row", keepdims=0), ALWAYS],
                    [value("a", F), value("d", F)], [value("b", F), value("e", F), value("row", F, [])],
                    one=ints([1]), zero=ints([0]), big=ints([2**62]))
        g = graph([node("Loop", "n _ x z", "y v rows", body=body)],
                  [value("n", I, []), value("x", F, ["k"]), value("z", F, ["k"])],
                  [value("y", F, ["m"]), value("v", F, ["m"]), value("rows", F, ["t"])])
        self.check(g, {"n": ints(3), "x": floats(6), "z": floats(6)}, {"n": ints(0), "x": floats(2), "z": floats(2)},
                   {"n": ints(5), "x": floats(3), "z": floats(3)})

    def test_swapped_states_and_exit(self):
        body = turn([node("Add", "p q", "s"), node("Identity", "q", "r"), node("Less", "s limit", "next"),
                     node("Identity", "p", "row")],
                    [value("p", I, []), value("q", I, [])], [value("r", I, []), value("s", I, []), value("row", I, [])],
                    limit=ints(100))
        g = graph([node("Loop", "_ c a b", "p0 q0 rows", body=body)],
                  [value("c", B, []), value("a", I, []), value("b", I, [])],
                  [value("p0", I, []), value("q0", I, []), value("rows", I, ["t"])])
        self.check(g, {"c": bools(True), "a": ints(0), "b": ints(1)}, {"c": bools(False), "a": ints(3), "b": ints(4)})

    def test_nested(self):
        inner = turn([node("Add", "u k", "v"), ALWAYS], [value("u", F)], [value("v", F)], k=np.float32(1))
        body = turn([node("Loop", "iteration _ a", "b", body=inner), node("Add", "iteration one", "end"),
                     node("Unsqueeze", "end zero", "ends"), node("Slice", "x zero ends zero", "part"),
                     node("ReduceSum", "part", "row", keepdims=0), ALWAYS],
                    [value("a", F)], [value("b", F), value("row", F, [])], one=ints(1), zero=ints([0]))
        yes = graph([node("Loop", "n _ x", "ty tr", body=body)], [], [value("ty", F), value("tr", F)])
        no = graph([node("Neg", "x", "ey"), node("Identity", "x", "er")], [], [value("ey", F), value("er", F)])
        g = graph([node("If", "c", "y r", then_branch=yes, else_branch=no)],
                  [value("c", B, []), value("n", I, []), value("x", F, ["k"])], [value("y", F, ["k"]), value("r", F, ["t"])])
        self.check(g, {"c": bools(True), "n": ints(4), "x": floats(6)}, {"c": bools(False), "n": ints(4), "x": floats(6)},
                   {"c": bools(True), "n": ints(0), "x": floats(2)})

    def test_products_in_turns(self):
        body = turn([node("MatMul", "a w", "b"), node("Tanh", "b", "row"), ALWAYS], [value("a", F)],
                    [value("b", F), value("row", F)], w=floats(48, 48) * np.float32(0.1))
        g = graph([node("Loop", "n _ x", "y rows", body=body)], [value("x", F, ["k", 48])],
                  [value("y", F, ["k", 48]), value("rows", F, ["t", "k", 48])], n=ints(3))
        self.check(g, {"x": floats(5, 48)}, {"x": floats(1, 48)}, {"x": floats(0, 48)})

    def test_scan_axes_and_directions(self):
        body = graph([node("Add", "h x1", "h2"), node("Mul", "h2 y1", "o")],
                     [value("h", F), value("x1", F), value("y1", F)], [value("h2", F), value("o", F)])
        g = graph([node("Scan", "h0 x y", "hn os", body=body, num_scan_inputs=2, scan_input_axes=[1, -1],
                        scan_input_directions=[1, 0], scan_output_axes=[-1], scan_output_directions=[1])],
                  [value("h0", F, ["k"]), value("x", F, ["k", "t"]), value("y", F, ["k", "t"])],
                  [value("hn", F, ["k"]), value("os", F, ["k", "t"])])
        self.check(g, {"h0": floats(3), "x": floats(3, 4), "y": floats(3, 4)},
                   {"h0": floats(3), "x": floats(3, 1), "y": floats(3, 1)})

    def test_scan_with_batch(self):
        body = graph([node("Add", "h x1", "h2"), node("Mul", "h2 h2", "o")], [value("h", F, [2]), value("x1", F, [2])],
                     [value("h2", F, [2]), value("o", F, [2])])
        g = graph([node("Scan", "_ h0 x", "hn os", body=body, num_scan_inputs=1, directions=[1])],
                  [value("h0", F, ["b", 2]), value("x", F, ["b", "t", 2])],
                  [value("hn", F, ["b", 2]), value("os", F, ["b", "t", 2])])
        self.check(g, {"h0": floats(3, 2), "x": floats(3, 4, 2)}, {"h0": floats(1, 2), "x": floats(1, 1, 2)}, opset=8)

    def test_cancel(self):
        # No bound and no condition: only a cancel ends it.
        body = turn([node("Add", "a one", "b"), ALWAYS], [value("a", F)], [value("b", F)], one=np.float32(1))
        g = graph([node("Loop", "_ _ x", "y", body=body)], [value("x", F, ["n"])], [value("y", F, ["n"])])
        library = harness.library()
        session = library.open(self.compile(self.save(g))).session()
        timer = threading.Timer(0.5, library.lib.llmc_session_cancel, [session.handle])
        timer.start()
        with self.assertRaises(harness.llmc.Failure) as failure:
            session.run({"x": floats(3)})
        timer.join()
        self.assertIn("cancelled", str(failure.exception))


harness.main()

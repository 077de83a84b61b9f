# SPDX-License-Identifier: Apache-2.0
"""`llmc compile` says in one line what is wrong with a model, exits as agreed and leaves nothing behind."""
import json
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
    def write(self, data):
        path = self.path("bad.onnx")
        with open(path, "wb") as file:
            file.write(data if isinstance(data, bytes) else data.SerializeToString())
        return path

    def compile_of(self, data):
        return self.compile(self.write(data), "good.llmc")

    def refused(self, data, *words, code=2, options=()):
        path = self.write(data)
        before = sorted(os.listdir(self.dir))
        r = self.llmc("compile", path, "-o", self.path("out.llmc"), *options, code=code)
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

    def test_files_of_other_kinds(self):
        self.refused(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "git lfs pointer")
        self.refused(b"<!DOCTYPE html><html></html>", "html")
        self.refused(b"PK\x03\x04archive", "zip archive")
        self.refused(b"GGUF\x03" + bytes(60), "gguf")
        self.refused(b"\x10" + bytes(7) + b'{"a": {}}', "safetensors")

    def test_wire_format(self):
        good = model([RELU]).SerializeToString()
        self.refused(good + b"\x08", "truncated protobuf at byte")
        self.refused(good + b"\xa2\x06\x7fzz", "claims 127 bytes, 2 remain")
        for kind in (3, 4, 6, 7):
            self.refused(good + bytes([0x90 | kind, 3]), "invalid protobuf tag at byte")
        self.refused(good + b"\x00\x00", "invalid protobuf tag at byte")
        self.refused(good + b"\xa0\x06" + b"\x80" * 10 + b"\x01", "varint too long at byte")

    def test_header(self):
        def changed(**fields):
            m = model([RELU])
            for name, value in fields.items():
                setattr(m, name, value)
            return m

        hollow = model([RELU])
        hollow.ClearField("graph")
        self.refused(hollow, "the model has no graph")
        bare = model([RELU])
        del bare.opset_import[:]
        self.refused(bare, "no opset import")
        self.refused(changed(ir_version=0), "ir_version is missing")
        self.refused(changed(ir_version=99), "IR 99 is newer than supported")
        for opset in (99, 0, -1):
            self.refused(model([RELU], opset=opset), f"opset {opset} of domain 'ai.onnx' is unsupported")
        twice = model([RELU])
        twice.opset_import.add(domain="ai.onnx", version=21)
        self.refused(twice, "domain 'ai.onnx' is imported twice (opsets 18 and 21)")
        foreign = node("Frob", ["x"], ["y"], domain="acme", name="f")
        self.refused(model([foreign]), "node 0 'f' (Frob): uses domain 'acme', which the model does not import")
        self.refused(model([node("Reluu", ["x"], ["y"])]), "node 0 (Reluu): there is no operator 'Reluu'")
        self.refused(model([node("Gelu", ["x"], ["y"])]), "Gelu needs opset >= 20 of ai.onnx, the model imports 18")
        self.refused(model([node("Upsample", ["x"], ["y"])]), "Upsample was removed in opset 10")

    def test_nesting(self):
        def field(number, content):  # protobuf's own library would not go this deep
            size = len(content)
            return bytes([number << 3 | 2, size & 0x7f | 0x80, size >> 7 & 0x7f | 0x80, size >> 14]) + content

        attribute = helper.make_attribute("then_branch", helper.make_graph([], "g", [], []))
        attribute.ClearField("g")
        graph = b""
        for _ in range(70):
            graph = field(1, node("If", ["c"], ["y"]).SerializeToString() +
                          field(5, attribute.SerializeToString() + field(6, graph)))
        hollow = model([RELU])
        hollow.ClearField("graph")
        self.refused(hollow.SerializeToString() + field(7, graph), "subgraph nesting exceeds 64")

    def test_functions(self):
        def with_bodies(*bodies):
            m = model([node("F", ["x"], ["y"], domain="local")], domain="local")
            for name, callee in bodies:
                m.functions.add().CopyFrom(helper.make_function("local", name, ["a"], ["b"], [
                    node(callee, ["a"], ["b"], domain="local" if callee in "FG" else "")],
                    [helper.make_opsetid("", 18), helper.make_opsetid("local", 1)]))
            return m

        self.compile_of(with_bodies(("F", "Relu")))
        self.refused(with_bodies(("F", "G"), ("G", "F")), "function call cycle", "'local.F'", "'local.G'")
        self.refused(with_bodies(("F", "Relu"), ("F", "Relu")), "function 'local.F': the function is defined twice")

    def test_names(self):
        ones = np.ones((2, 3), np.float32)
        weight = numpy_helper.from_array(ones, "w")
        add = node("Add", ["x", "w"], ["y"], name="a")
        self.refused(model([add]), "node 0 'a' (Add): input 1 'w' is not defined")
        self.refused(model([add], initializers=[weight, weight]), "initializer 'w' is defined twice")
        self.refused(model([RELU], inputs=("x", "x")), "input 'x' is listed twice")
        self.refused(model([RELU], outputs=("y", "y")), "output 'y' is listed twice")
        self.refused(model([RELU, node("Abs", ["x"], ["y"])]), "value 'y' is produced by nodes 0 and 1")
        self.refused(model([node("Relu", ["x"], ["w"]), node("Relu", ["w"], ["y"])], initializers=[weight]),
                     "output 'w' has the name of an initializer")
        self.refused(model([node("Relu", ["x"], ["x"])], outputs=("x",)), "output 'x' has the name of an input")
        self.refused(model([RELU], outputs=("z",)), "output 'z' is not produced")

    def test_order(self):
        swapped = [node("Relu", ["m"], ["y"]), node("Relu", ["x"], ["m"])]
        path = self.compile_of(model(swapped))
        self.refused(model(swapped), "not in topological order", options=("--strict",))
        self.assertTrue(os.path.exists(path))

    def test_tensors(self):
        def weight(dims, data, kind=TensorProto.FLOAT, **fields):
            tensor = TensorProto(name="w", data_type=kind, dims=dims, **fields)
            if data is not None:
                tensor.raw_data = data
            return model([node("Add", ["x", "w"], ["y"])], initializers=[tensor])

        self.refused(weight([2, 3], bytes(20)), "tensor 'w'", "f32[2,3] needs 24 bytes, has 20")
        self.refused(weight([2, 3], bytes(28)), "tensor 'w'", "needs 24 bytes, has 28")
        self.refused(weight([2, 3], None, float_data=[1.0] * 5), "tensor 'w'")
        self.refused(weight([2, 3], bytes(24), float_data=[1.0] * 6), "tensor 'w'", "two fields")
        self.refused(weight([2, 3], None, int64_data=[1] * 6), "tensor 'w'", "int64_data")
        self.refused(weight([-2, 3], bytes(24)), "tensor 'w': shape has a negative dimension, -2")
        self.refused(weight([1 << 40, 1 << 40], bytes(4)), "tensor 'w': shape overflows")
        self.refused(weight([1] * 1000, bytes(4)), "tensor 'w': rank 1000")
        self.refused(weight([1 << 40], bytes(4)), "tensor 'w'", "needs 4398046511104 bytes, has 4")
        self.refused(weight([2, 0], bytes(4)), "tensor 'w': f32[2,0] has no elements, but data")
        self.refused(weight([3], bytes(3), TensorProto.INT4), "tensor 'w'", "needs 2 bytes, has 3")
        for kind in (0, 99):
            self.refused(weight([1], bytes(4), kind), f"tensor 'w': element type {kind} unknown")

    def test_sizes_beyond_any_memory(self):
        def sized(op, inputs, numbers):
            return model([node(op, inputs, ["y"], name="n")],
                         initializers=[numpy_helper.from_array(np.array(numbers, np.int64), "s")])

        self.refused(sized("ConstantOfShape", ["s"], [1 << 40, 1 << 20]), "node 0 'n'", "is larger than any memory")
        self.refused(sized("Tile", ["x", "s"], [1 << 40, 1 << 40]), "node 0 'n'", "is larger than any memory")
        self.compile_of(sized("ConstantOfShape", ["s"], [1 << 14, 1 << 14]))  # 1 GB that no artifact holds

    def test_layout_rules(self):
        def refused(message, op, inputs, numbers=(), outputs=("y",), **attributes):
            stored = [numpy_helper.from_array(np.array(value, kind), name) for name, kind, value in numbers]
            self.refused(model([node(op, inputs, outputs, name="n", **attributes)], initializers=stored),
                         f"node 0 'n' ({op}): {message}")

        ints = [("s", np.int64, [0, 0]), ("e", np.int64, [1, 1])]
        refused("perm holds -1", "Transpose", ["x"], perm=[-1, 0])
        refused("axis 0 is listed twice", "Slice", ["x", "s", "e", "s"], ints)
        refused("sizes and num_outputs are both given", "Split", ["x", "p"], [("p", np.int64, [1, 2])], ("y", "z"),
                axis=1, num_outputs=2)
        refused("scatter_nd of updates that don't fit the indices and the data", "ScatterND", ["x", "i", "u"],
                [("i", np.int64, [[0]]), ("u", np.float32, [[1, 1, 1, 1]])])

    def test_attention_of_other_sizes(self):
        def attention(k, v, lengths):
            shapes = {"q": [2, 4, 1, 8], "k": k, "v": v}
            values = [helper.make_tensor_value_info(n, TensorProto.FLOAT, dims) for n, dims in shapes.items()]
            values.append(helper.make_tensor_value_info("n", TensorProto.INT64, lengths))
            attend = node("Attention", ["q", "k", "v", "", "", "", "n"], ["y"], is_causal=1)
            results = [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)]
            graph = helper.make_graph([attend], "g", values, results)
            return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 24)], ir_version=10)

        self.compile_of(attention([2, 2, 8, 8], [2, 2, 8, 8], [2]))
        self.refused(attention([2, 2, 8, 8], [2, 2, 8, 8], []), "node 0 (Attention): needs one length")
        self.refused(attention([2, 2, 8, 8], [2, 2, 7, 8], [2]), "node 0 (Attention): has tokens of k and v of 8 and 7")

    def test_integers_where_floats_are_usual(self):
        self.compile_of(model([node("PRelu", ["x", "x"], ["y"])], dtype=TensorProto.UINT32))

    def test_a_folder_names_its_file(self):
        self.write(model([node("Relu", ["nowhere"], ["y"])]))
        self.assertIn("/bad.onnx: node 0", self.llmc("compile", self.dir, code=2).error)

    def test_every_verb_validates(self):
        path = self.write(model([node("Relu", ["nowhere"], ["y"])]))
        for command in (("check", path), ("inspect", path), ("verify", path, "--data", self.dir)):
            self.assertIn("'nowhere' is not defined", self.llmc(*command, code=2).error)

    def test_check_names_what_has_no_kernel(self):
        """An operator that general loops run, with its largest result, beside one that is recognised and has a kernel."""
        w = numpy_helper.from_array(np.ones((3, 3), np.float32), "w")
        both = model([node("MatMul", ["x", "w"], ["m"]), node("CumSum", ["m", "axis"], ["y"])],
                     initializers=[w, numpy_helper.from_array(np.array(1, np.int64), "axis")])
        found = json.loads(self.llmc("check", self.write(both), "--json").stdout)["models"][0]
        self.assertEqual(found["recognised"], {"linear": 1})
        self.assertEqual(found["general"], {"cumulate": {"count": 1, "largest": "f32[2,3]"}})

    def test_graph(self):
        self.refused(model([node("Relu", ["nowhere"], ["y"])]), "nowhere")
        self.refused(model([RELU, node("Neg", ["x"], ["y"])]), "y")
        ring = [node("Relu", ["b"], ["a"]), node("Relu", ["a"], ["b"])]
        self.refused(model(ring, outputs=("a",)), "cyclic", "node 0", "node 1")
        self.refused(model([RELU], outputs=("z",)), "z")
        ints = numpy_helper.from_array(np.array([2, 3], np.int32), "s")
        self.refused(model([node("Reshape", ["x", "s"], ["y"], name="r")], initializers=[ints]),
                     "node 0 'r' (Reshape): input 1 is i32, Reshape takes i64")

    def test_external_data(self):
        weight = numpy_helper.from_array(np.ones((2, 3), np.float32), "w")
        graph = model([node("Add", ["x", "w"], ["y"])], initializers=[weight])
        tensor = graph.graph.initializer[0]
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL

        def refused(*words, **entries):
            del tensor.external_data[:]
            for key, value in entries.items():
                tensor.external_data.add(key=key, value=value)
            self.refused(graph, "tensor 'w'", *words)

        refused("has no location")
        refused("'missing.bin': cannot open (ENOENT", location="missing.bin")
        for location in ("../../../../etc/passwd", "/etc/passwd", "a/../../b", "..\\b", "C:/b"):
            refused("leaves the model directory", location=location)
        for location, words in (("", "is empty"), (".", "not a regular file"), ("p" * 5000, "too long"),
                                ("file:///etc/passwd", "is a URL")):
            refused(words, location=location)
        with open(self.path("data.bin"), "wb") as file:
            file.write(bytes(48))
        os.symlink("data.bin", self.path("link"))
        os.symlink(".", self.path("here"))
        os.mkfifo(self.path("fifo"))
        for location in ("link", "here/data.bin", "fifo"):
            refused("not a regular file inside the model directory", location=location)
        os.link(self.path("data.bin"), self.path("second"))
        refused("has several hard links", location="data.bin")
        os.remove(self.path("second"))
        for offset in ("-1", "0x10", "12abc"):
            refused("is not a non-negative decimal number", location="data.bin", offset=offset)
        refused("is too large", location="data.bin", offset="18446744073709551624")
        refused("48 bytes", location="data.bin", offset="25")
        refused("length 20", location="data.bin", length="20")

    def test_all_unsupported_at_once(self):
        nodes = [node("Strange", ["x"], ["a"], domain="made.up", name="first"),
                 node("Stranger", ["a"], ["y"], domain="made.up", name="second")]
        r = self.refused(model(nodes, domain="made.up"), "Strange", "Stranger", code=3)
        self.assertEqual(len([line for line in r.stderr.splitlines() if line.startswith("note: ")]), 2)

    def test_windows(self):
        image, filters = ("x", [1, 2, 4, 4]), ("w", [4, 2, 3, 3])

        def refused(kind, operands, *words, **attributes):
            values = [helper.make_tensor_value_info(n, TensorProto.FLOAT, d) for n, d in operands]
            result = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
            graph = helper.make_graph([node(kind, [n for n, _ in operands], ["y"], **attributes)], "g", values, [result])
            self.refused(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=8), *words)

        refused("Conv", [image, filters], "group", group=0)
        refused("Conv", [image, filters], "groups", group=3)
        refused("Conv", [image, filters], "strides", strides=[0, 0])
        refused("Conv", [image, filters], "dilations", dilations=[1 << 62, 1])
        refused("Conv", [image, filters], "pads", pads=[-1, 0, 0, 0])
        refused("Conv", [image, filters], "kernel_shape", kernel_shape=[2, 3])
        refused("Conv", [image, filters], "channels", group=2)
        refused("Conv", [image, ("w", [4, 2, 5, 5])], "kernel spans 5")
        refused("MaxPool", [image], "kernel_shape", kernel_shape=[2])
        refused("BatchNormalization", [image, ("s", [2]), ("b", [2]), ("m", [3]), ("v", [2])], "3 numbers for 2")
        refused("GroupNormalization", [image, ("s", [2]), ("b", [2])], "num_groups", num_groups=0)
        refused("LSTM", [("x", [5, 3, 7]), ("w", [1, 24, 7]), ("r", [1, 24, 5])], "dim", hidden_size=5)
        refused("Resize", [("x", [1, 1, 4, 4])], "scales or sizes")

    def test_untrusted_text_is_escaped(self):
        self.refused(model([node("Relu", ["no\x1b[31mwhere\n"], ["y"])]))


harness.main()

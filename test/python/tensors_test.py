# SPDX-License-Identifier: Apache-2.0
"""Tensors from Python: the numbers of onnxruntime, every element type, sequences, and that nothing is copied."""
import gc
import os
import subprocess
import sys
import threading

import ml_dtypes
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper

from package import Case, harness, llmc


def value(name, dtype, dims):
    return helper.make_tensor_value_info(name, dtype, dims)


def high_water():
    """Bytes of memory that the process had at most so far."""
    with open("/proc/self/status", encoding="ascii") as file:
        return next(int(line.split()[1]) << 10 for line in file if line.startswith("VmHWM"))


class Tensors(Case):
    def model_of(self, nodes, inputs, outputs, opset=21):
        graph = helper.make_graph(nodes, "g", inputs, outputs)
        path = self.path("model.onnx")
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10), path)
        return llmc.load(self.compile(path), threads=1)

    def doubled(self, columns=3):
        """y = x + x"""
        return self.model_of([helper.make_node("Add", ["x", "x"], ["y"])], [value("x", TensorProto.FLOAT, ["n", columns])],
                             [value("y", TensorProto.FLOAT, ["n", columns])])

    def test_the_numbers_of_onnxruntime(self):
        model = llmc.load(harness.TALES_ARTIFACT, threads=1)
        ids = np.array([model.tokenize("The quick brown fox jumps over the lazy dog")], np.int64)
        feeds = {"input_ids": ids, "attention_mask": np.ones_like(ids), "position_ids": np.arange(ids.shape[1])[None]}
        for info in model.entry()["inputs"][3:]:
            feeds[info["name"]] = np.zeros((1, info["dims"][1], 0, info["dims"][3]), np.float32)
        peer = onnxruntime.InferenceSession(os.path.join(harness.TALES, "model.onnx"), providers=["CPUExecutionProvider"])
        want = dict(zip([output.name for output in peer.get_outputs()], peer.run(None, feeds)))
        got = model.run(feeds)
        self.assertEqual(list(got), list(want))
        for name, array in want.items():
            np.testing.assert_allclose(got[name], array, rtol=1e-3, atol=1e-4, err_msg=name)

    def test_arrays_of_all_kinds(self):
        model, x = self.doubled(), np.arange(12, dtype=np.float32).reshape(4, 3)
        fixed = x.copy()
        fixed.flags.writeable = False
        wide = np.arange(24, dtype=np.float32).reshape(4, 6)
        for array in (x, fixed, x.T.copy().T, wide[:, ::2], x[::-1], x[:0], x.tolist(), 1 * x.astype(">f4").astype("f4")):
            np.testing.assert_array_equal(model.run({"x": array})["y"], np.asarray(array, np.float32) * 2)

    def test_outputs_stay(self):
        model, x = self.doubled(), np.ones((2, 3), np.float32)
        kept = [model.run({"x": x * i})["y"] for i in range(10)]
        for i, array in enumerate(kept):
            self.assertFalse(array.flags.owndata)
            self.assertTrue(array.flags.writeable)
            np.testing.assert_array_equal(array, x * 2 * i)
        addresses = {array.ctypes.data for array in kept}
        self.assertEqual(len(addresses), 10)
        del kept, array
        gc.collect()
        again = model.run({"x": x})["y"]
        self.assertIn(again.ctypes.data, addresses, "a session that nobody shows is used again")
        del model
        np.testing.assert_array_equal(again, x * 2)

    def test_inputs_are_read_in_place(self):
        """256 MiB of zeros that no memory stands behind until something writes them, as a copy would."""
        model = self.model_of([helper.make_node("Gather", ["x", "i"], ["y"])],
                              [value("x", TensorProto.FLOAT, ["n", 1024]), value("i", TensorProto.INT64, ["k"])],
                              [value("y", TensorProto.FLOAT, ["k", 1024])])
        model.run({"x": np.zeros((2, 1024), np.float32), "i": [0]})
        x, before = np.zeros((1 << 16, 1024), np.float32), high_water()
        np.testing.assert_array_equal(model.run({"x": x, "i": [0, 65535]})["y"], 0)
        self.assertLess(high_water() - before, 32 << 20)

    def test_types(self):
        """Each type through a cast from f32 and one to it; sub-byte ones are packed on the way."""
        numbers = np.array([[0, 1, 1, 0, 1]], np.float32)
        types = ("FLOAT16 DOUBLE BFLOAT16 FLOAT8E4M3FN FLOAT8E4M3FNUZ FLOAT8E5M2 FLOAT8E5M2FNUZ UINT4 INT4 INT8 UINT8 INT16 "
                 "UINT16 INT32 UINT32 INT64 UINT64 BOOL").split()
        numbers_of = {name: getattr(TensorProto, name) for name in types}
        nodes, inputs, outputs = [], [], []
        for name, number in numbers_of.items():
            nodes.append(helper.make_node("Cast", ["x"], [f"made_{name}"], to=number))
            nodes.append(helper.make_node("Cast", [f"given_{name}"], [f"read_{name}"], to=TensorProto.FLOAT))
            inputs.append(value(f"given_{name}", number, [1, 5]))
            outputs += [value(f"made_{name}", number, [1, 5]), value(f"read_{name}", TensorProto.FLOAT, [1, 5])]
        model = self.model_of(nodes, [value("x", TensorProto.FLOAT, [1, 5]), *inputs], outputs)
        zeros = {f"given_{name}": np.zeros((1, 5), self.type_of(model, name)) for name in types}
        made = model.run({"x": numbers, **zeros})
        values = -numbers
        for name in types:
            array = made[f"made_{name}"]
            self.assertEqual(array.dtype, self.type_of(model, name), name)
            np.testing.assert_array_equal(array.astype(np.float32), numbers, err_msg=name)
        read = model.run({"x": numbers, **{f"given_{name}": made[f"made_{name}"] for name in types}})
        signed = model.run({"x": values, **zeros})["made_INT4"]
        np.testing.assert_array_equal(signed.astype(np.float32), values)
        for name in types:
            np.testing.assert_array_equal(read[f"read_{name}"], numbers, err_msg=name)
        self.assertEqual(made["made_BFLOAT16"].dtype, ml_dtypes.bfloat16)
        bits = made["made_BFLOAT16"].view(np.uint16)
        given = {f"given_{name}": made[f"made_{name}"] for name in types} | {"given_BFLOAT16": bits}
        np.testing.assert_array_equal(model.run({"x": numbers, **given})["read_BFLOAT16"], numbers)

    def test_types_without_ml_dtypes(self):
        nodes = [helper.make_node("Identity", ["i"], ["j"]), helper.make_node("Cast", ["b"], ["c"], to=TensorProto.FLOAT),
                 helper.make_node("Cast", ["c"], ["d"], to=TensorProto.BFLOAT16)]
        self.model_of(nodes, [value("i", TensorProto.INT4, [3]), value("b", TensorProto.BFLOAT16, [2])],
                      [value("j", TensorProto.INT4, [3]), value("c", TensorProto.FLOAT, [2]),
                       value("d", TensorProto.BFLOAT16, [2])])
        program = """if True:
            import sys
            sys.modules["ml_dtypes"] = None
            import llmc
            import numpy as np
            made = llmc.load(sys.argv[1]).run({"i": np.array([-8, 7, -1], np.int8), "b": np.array([0x3F80, 0xC000], np.uint16)})
            assert made["j"].dtype == np.int8 and made["j"].tolist() == [-8, 7, -1], made
            assert made["c"].tolist() == [1, -2], made
            assert made["d"].dtype == np.uint16 and made["d"].tolist() == [0x3F80, 0xC000], made
            """
        run = subprocess.run([sys.executable, "-c", program, self.path("out.llmc")], capture_output=True, text=True, check=False)
        self.assertEqual(run.returncode, 0, run.stderr)

    def type_of(self, model, name):
        info = next(info for info in model.entry()["inputs"] if info["name"] == f"given_{name}")
        return llmc.dtype_of(info["dtype"])

    def test_sequences(self):
        sequence = helper.make_tensor_sequence_value_info
        nodes = [helper.make_node("SequenceInsert", ["s", "x"], ["t"]), helper.make_node("SequenceLength", ["t"], ["n"])]
        model = self.model_of(nodes, [sequence("s", TensorProto.FLOAT, None), value("x", TensorProto.FLOAT, ["k"])],
                              [sequence("t", TensorProto.FLOAT, None), value("n", TensorProto.INT64, [])])
        x = np.array([1, 2, 3], np.float32)
        for given in ([], [x * 2], [x * 2, x[:0]]):
            made = model.run({"s": given, "x": x})
            self.assertEqual(made["n"], len(given) + 1)
            for got, want in zip(made["t"], [*given, x], strict=True):
                np.testing.assert_array_equal(got, want)

    def test_threads(self):
        """Any number of threads on one model."""
        model, failures = self.doubled(256), []

        def work(number):
            x = np.full((64, 256), number, np.float32)
            for _ in range(100):
                if not (model.run({"x": x})["y"] == 2 * number).all():
                    failures.append(number)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])

    def test_what_is_wrong(self):
        model, x = self.doubled(), np.ones((2, 3), np.float32)
        references = sys.getrefcount(x)
        for inputs, message in (({}, "input 'x' is missing"), ({"x": x, "z": x}, "has no input 'z'; it has x"),
                                ({"x": x.astype(np.float64)}, "input 'x' has type f64, expected f32"),
                                ({"x": x[0]}, "input 'x' has rank 1, expected 2"),
                                ({"x": x[:, :2]}, "input 'x' dim 1 = 2, expected 3"),
                                ({"x": np.ones((1,) * 17, np.float32)}, "input 'x' has rank 17, expected 2")):
            with self.fails(llmc.Code.BAD_INPUT, message):
                model.run(inputs)
        with self.fails(llmc.Code.UNSUPPORTED, "arrays of type <U1 have no tensor"):
            model.run({"x": np.array(["a"])})
        with self.fails(llmc.Code.BAD_INPUT, "no entry 'decode'"):
            model.run({"x": x}, "decode")
        with self.fails(llmc.Code.BAD_INPUT, "no entry 'raw' of a model 'other'"):
            model.run({"x": x}, model="other")
        self.assertEqual(sys.getrefcount(x), references)
        np.testing.assert_array_equal(model.run({"x": x})["y"], 2)


harness.main()

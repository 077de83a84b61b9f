# SPDX-License-Identifier: Apache-2.0
"""Keys and values kept in fewer bits, as floats or as integers with scales: --kv."""
import json
import os

import numpy as np
import onnx
from onnx import helper, numpy_helper

import harness

with open(os.path.join(harness.ROOT, "test", "golden", "tales-greedy.json"), encoding="utf-8") as file:
    CASE = json.load(file)["greedy"][0]
# A key or value is rounded once, relative to itself; scores and sums of many of them carry a few such roundings to the
# logits, whose largest is the measure here.
EPSILON = {"f16": 2.0**-11, "bf16": 2.0**-8}
STEPS = 16


def logits(artifact, threads=0, count=100):
    session = harness.library().open(artifact, threads).session()
    rows = [session.append(CASE["prompt_ids"]).copy()]
    for token in CASE["greedy_ids"][:count]:
        rows.append(session.append([token]).copy())
    return np.stack(rows)


def packed(rows, bits):
    """Rows of numbers as caches of so many bits have them."""
    out = np.empty_like(rows)
    for first in range(0, rows.shape[-1], 32):
        x = rows[..., first:first + 32]
        low = x.min(-1, keepdims=True).astype(np.float16).astype(np.float32) if bits == 4 else np.float32(0)
        span = (x.max(-1, keepdims=True) - x.min(-1, keepdims=True)) / 15 if bits == 4 else abs(x).max(-1, keepdims=True) / 127
        scale = span.astype(np.float16).astype(np.float32)
        q = np.clip(np.rint((x - low) / scale), 0 if bits == 4 else -127, 15 if bits == 4 else 127)
        out[..., first:first + 32] = q * scale + low
    return out


def summing_model(path, table):
    """logits = the token's row + the sum of all rows so far, which a cache of [1, 1, past, size] keeps."""
    size = table.shape[1]
    past, present = ([1, 1, name, size] for name in ("past", "total"))
    nodes = [helper.make_node("Gather", ["table", "input_ids"], ["row"]),
             helper.make_node("Unsqueeze", ["row", "heads"], ["one"]),
             helper.make_node("Concat", ["past_key_values.0.key", "one"], ["present.0.key"], axis=2),
             helper.make_node("ReduceSum", ["present.0.key", "positions"], ["sum"], keepdims=0),
             helper.make_node("Add", ["row", "sum"], ["logits"])]
    graph = helper.make_graph(
        nodes, "sums",
        [helper.make_tensor_value_info("input_ids", onnx.TensorProto.INT64, [1, "sequence"]),
         helper.make_tensor_value_info("past_key_values.0.key", onnx.TensorProto.FLOAT, past)],
        [helper.make_tensor_value_info("logits", onnx.TensorProto.FLOAT, [1, "sequence", size]),
         helper.make_tensor_value_info("present.0.key", onnx.TensorProto.FLOAT, present)],
        [numpy_helper.from_array(table, "table"), numpy_helper.from_array(np.array([1]), "heads"),
         numpy_helper.from_array(np.array([2]), "positions")])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)


class Caches(harness.Case):
    def test_close_to_the_models_own(self):
        want = logits(harness.TALES_ARTIFACT)
        for kind, epsilon in EPSILON.items():
            artifact = self.compile(harness.TALES, kind + ".llmc", "--kv", kind)
            got = logits(artifact)
            error = np.abs(got - want).max() / np.abs(want).max()
            self.assertLess(error, STEPS * epsilon, kind)
            self.assertGreater(error, 0, kind)
            entries = {e["name"]: e for e in json.loads(self.llmc("inspect", artifact, "--json").stdout)["models"][0]["entries"]}
            self.assertEqual({s["dtype"] for s in entries["decode"]["states"]}, {kind})
            self.assertEqual({i["dtype"] for i in entries["raw"]["inputs"] if "past" in i["name"]}, {"f32"})

    def test_packed(self):
        # An integer is off by half a step, of a range that outliers stretch: the measure of 8 bits is that of bf16, of 4
        # bits 16 times as much. The loops of the reference target read and write the same bytes, but for a few integers.
        want = logits(harness.TALES_ARTIFACT)
        for kind, row, measure in (("int8", 32 + 4, EPSILON["bf16"]), ("int4", 16 + 4, 16 * EPSILON["bf16"])):
            artifact = self.compile(harness.TALES, kind + ".llmc", "--kv", kind)
            got = logits(artifact, 1)
            error = np.abs(got - want).max() / np.abs(want).max()
            self.assertLess(error, STEPS * measure, kind)
            self.assertGreater(error, 0, kind)
            self.assertEqual(list(got[:-1].argmax(-1)), CASE["greedy_ids"][:100])
            self.assertTrue(np.array_equal(logits(artifact, 2), got), "threads")
            session = harness.library().open(artifact).session()
            last = session.append(CASE["prompt_ids"] + CASE["greedy_ids"][:100])
            self.assertTrue(np.array_equal(last, got[-1]), "a prompt and steps")
            states = json.loads(self.llmc("inspect", artifact, "--json").stdout)["models"][0]["entries"][-1]["states"]
            self.assertEqual({(s["dtype"], s["dims"][3]) for s in states}, {("u8", row)})
            reference = self.compile(harness.TALES, kind + "-ref.llmc", "--kv", kind, "--target", "ref")
            error = np.abs(logits(reference, count=10) - got[:11]).max() / np.abs(want).max()
            self.assertLess(error, measure / 4, "the reference target")

    def test_other_readers(self):
        """What is no attention reads the numbers that were packed."""
        table = np.random.default_rng(3).standard_normal((50, 72)).astype(np.float32)
        summing_model(self.path("model.onnx"), table)
        tokens = [3, 17, 17, 40, 8, 25, 1]
        for bits in (8, 4):
            rows = packed(table[tokens], bits)
            for target in ("host", "ref"):
                artifact = self.compile(self.path("model.onnx"), "sums.llmc", "--kv", f"int{bits}", "--target", target)
                session = harness.library().open(artifact).session(64)
                session.append(tokens[:4])
                for i in range(4, len(tokens)):
                    want = table[tokens[i]] + rows[:i + 1].sum(0, dtype=np.float64)
                    self.assertLess(np.abs(session.append([tokens[i]]) - want).max(), 1e-5, (bits, target, i))

    def test_unknown(self):
        run = self.llmc("compile", harness.TALES, "-o", self.path("x.llmc"), "--kv", "int3", code=2)
        self.assertIn("--kv: int3 not in {f32,f16,bf16,int8,int4}", run.error)

    def test_a_model_without_caches(self):
        model = os.path.join(harness.MODELS, "opt_bert_feat", "model.onnx")
        run = self.llmc("compile", model, "-o", self.path("bert.llmc"), "--kv", "f16")
        self.assertIn("warning: --kv changes nothing", run.stderr)
        self.llmc("compile", model, "-o", self.path("strict.llmc"), "--kv", "f16", "--strict", code=2)


harness.main()

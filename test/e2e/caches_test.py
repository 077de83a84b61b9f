# SPDX-License-Identifier: Apache-2.0
"""Keys and values kept in fewer bits: --kv."""
import json
import os

import numpy as np

import harness

with open(os.path.join(harness.ROOT, "test", "golden", "tales-greedy.json"), encoding="utf-8") as file:
    CASE = json.load(file)["greedy"][0]
# A key or value is rounded once, relative to itself; scores and sums of many of them carry a few such roundings to the
# logits, whose largest is the measure here.
EPSILON = {"f16": 2.0**-11, "bf16": 2.0**-8}
STEPS = 16


def logits(artifact):
    session = harness.library().open(artifact).session()
    rows = [session.append(CASE["prompt_ids"])]
    for token in CASE["greedy_ids"][:100]:
        rows.append(session.append([token]))
    return np.stack(rows)


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

    def test_a_model_without_caches(self):
        model = os.path.join(harness.MODELS, "opt_bert_feat", "model.onnx")
        run = self.llmc("compile", model, "-o", self.path("bert.llmc"), "--kv", "f16")
        self.assertIn("warning: --kv changes nothing", run.stderr)
        self.llmc("compile", model, "-o", self.path("strict.llmc"), "--kv", "f16", "--strict", code=2)


harness.main()

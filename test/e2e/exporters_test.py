# SPDX-License-Identifier: Apache-2.0
"""The same kind of model in the spellings of different exporters becomes the same operations, layer by layer."""
import json
import os

import harness

SPELLINGS = ["opt_llama_gqa", "dyn_llama_op18", "dyn_llama_op23", "genai_llama_fp32"]


class Exporters(harness.Case):
    def test_same_operations(self):
        lists = {}
        for name in SPELLINGS:
            artifact = self.compile(os.path.join(harness.MODELS, name, "model.onnx"), name + ".llmc")
            document = json.loads(self.llmc("inspect", artifact, "--ops", "--json").stdout)
            # How positions come from the inputs differs: genai has no position_ids.
            lists[name] = [layer for layer in document["models"][0]["layers"] if layer["layer"] != "embedding"]
        self.assertEqual([layer["layer"] for layer in lists[SPELLINGS[0]]], ["0", "1", "head"])
        for name in SPELLINGS[1:]:
            self.assertEqual(lists[name], lists[SPELLINGS[0]], f"{name} against {SPELLINGS[0]}")


harness.main()

# SPDX-License-Identifier: Apache-2.0
"""The IR of one small decoder at each border between phases, as test/golden/ir has it. After a change that is meant to
change it: `test/e2e/golden_test.py --bless`, and read the difference before committing it."""
import os
import sys

import harness

STAGES = ["onnx", "import", "simplify", "recognise", "entries", "fuse"]
FOLDER = os.path.join(harness.ROOT, "test", "golden", "ir")
MODEL = os.path.join(harness.MODELS, "opt_llama_gqa", "model.onnx")
BLESS = "--bless" in sys.argv
if BLESS:
    sys.argv.remove("--bless")


class Golden(harness.Case):
    def test_stages(self):
        for stage in STAGES:
            with self.subTest(stage=stage):
                got = self.llmc("compile", "-q", MODEL, "--emit", stage, "--verify-each").stdout
                path = os.path.join(FOLDER, stage + ".mlir")
                if BLESS:
                    os.makedirs(FOLDER, exist_ok=True)
                    with open(path, "w", encoding="utf-8") as file:
                        file.write(got)
                with open(path, encoding="utf-8") as file:
                    want = file.read()
                for line, (a, b) in enumerate(zip(got.splitlines(), want.splitlines()), 1):
                    self.assertEqual(a, b, f"{path}, line {line}; --bless takes the new text")
                self.assertEqual(got.count("\n"), want.count("\n"), path)


harness.main()

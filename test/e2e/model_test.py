# SPDX-License-Identifier: Apache-2.0
"""Compiles a model of test/models and verifies its test vectors: model_test.py NAME [TARGET]"""
import json
import os
import sys

import harness

name = sys.argv.pop(1)
target = sys.argv.pop(1) if len(sys.argv) > 1 else "host"


class Model(harness.Case):
    def test_vectors(self):
        folder = os.path.join(harness.MODELS, name)
        with open(os.path.join(folder, "info.json"), encoding="utf-8") as file:
            tolerance = json.load(file)["tolerance"]
        artifact = self.compile(os.path.join(folder, "model.onnx"), "out.llmc", "--target", target)
        self.llmc("verify", artifact, "--data", folder, "--rtol", str(tolerance["rel"]), "--atol",
                  str(tolerance["abs"]), program=harness.RUNNER)


harness.main()

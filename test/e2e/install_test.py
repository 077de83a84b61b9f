# SPDX-License-Identifier: Apache-2.0
"""An installation without the compiler runs artifacts, and nothing in it needs LLVM, ONNX or protobuf's full library."""
import os
import shutil
import subprocess

import harness

HEAVY = ("LLVM", "MLIR", "libprotobuf.so", "onnx")


class Install(harness.Case):
    def test_run_without_the_compiler(self):
        program = self.path("llmc")
        shutil.copy(harness.LLMC, program)
        run = self.llmc("run", harness.TALES_ARTIFACT, "--prompt", "Once upon a time", "--max-tokens", "8",
                        program=program)
        self.assertTrue(run.stdout.strip())
        self.assertIn("no compiler", self.llmc("compile", harness.TALES, "-o", self.path("x.llmc"), code=3,
                                               program=program).error)

    def test_what_is_linked(self):
        for file in ("bin/llmc", "lib/libllmc.so"):
            needed = subprocess.run(["ldd", os.path.join(harness.BUILD, file)], capture_output=True, check=True,
                                    text=True).stdout
            for name in HEAVY:
                self.assertNotIn(name, needed, file)


harness.main()

# SPDX-License-Identifier: Apache-2.0
"""An installation without the compiler: it runs artifacts, nothing in it needs LLVM, ONNX or protobuf's full library, it
is small, and programs of C and C++ are built against it."""
import os
import shutil
import subprocess

import harness

HEAVY = ("LLVM", "MLIR", "libprotobuf.so", "onnx")
EXAMPLES = os.path.join(harness.ROOT, "examples")
SMALL = 2_000_000  # bytes of the runtime without symbols


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

    def run_tool(self, *command, **options):
        r = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, **options)
        self.assertEqual(r.returncode, 0, f"{command}\n{r.stdout}{r.stderr}")
        return r.stdout

    def test_programs_are_built_against_it(self):
        prefix = self.path("prefix")
        for component in ("runtime", "tools"):
            self.run_tool("cmake", "--install", harness.BUILD, "--component", component, "--prefix", prefix)
        library = os.path.join(prefix, "lib", "libllmc.so")
        self.assertFalse(os.path.exists(os.path.join(prefix, "lib", "libllmc-compiler.so")))
        self.run_tool("strip", "--strip-all", "-o", self.path("stripped.so"), library)
        if os.environ.get("LLMC_SANITIZE") != "1":
            self.assertLess(os.path.getsize(self.path("stripped.so")), SMALL)
        self.assertIn("Once upon", self.llmc("tokenize", harness.TALES_ARTIFACT, "--text", "Once upon",
                                             program=os.path.join(prefix, "bin", "llmc")).stdout)

        for example in ("03-chat", "05-c"):
            build = self.path(example)
            self.run_tool("cmake", "-S", os.path.join(EXAMPLES, example), "-B", build, f"-DCMAKE_PREFIX_PATH={prefix}")
            self.run_tool("cmake", "--build", build)
        self.run_tool(os.path.join(self.path("03-chat"), "03-chat"), harness.TALES_ARTIFACT, stdin=subprocess.DEVNULL)
        said = self.run_tool(os.path.join(self.path("05-c"), "05-c"), harness.TALES_ARTIFACT, "There was once")
        self.assertIn("likeliest next: ", said)

        found = dict(os.environ, PKG_CONFIG_PATH=os.path.join(prefix, "lib", "pkgconfig"))
        flags = self.run_tool("pkg-config", "--cflags", "--libs", "llmc", env=found).split()
        self.run_tool("cc", "-std=c99", "-Wall", "-Werror", os.path.join(EXAMPLES, "05-c", "main.c"), "-o", self.path("story"),
                      *flags, f"-Wl,-rpath,{prefix}/lib")
        self.assertIn("tokens:", self.run_tool(self.path("story"), harness.TALES_ARTIFACT, "The fox"))


harness.main()

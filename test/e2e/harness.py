# SPDX-License-Identifier: Apache-2.0
"""What the end-to-end tests share: the built programs, runs of `llmc` with their checks, and libllmc.so."""
import os
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("LLMC_BUILD", os.path.join(ROOT, "build", "release"))
LLMC = os.path.join(BUILD, "bin", "llmc")
# What runs artifacts: the same program, or one for another machine and its emulator.
RUNNER = os.environ.get("LLMC_RUNNER", LLMC).split()
MODELS = os.path.join(ROOT, "test", "models")
TALES = os.path.join(ROOT, "examples", "models", "tales")
# Compiled once, by the test e2e-tales-compile.
TALES_ARTIFACT = os.path.join(BUILD, "test", "e2e", "tales.llmc")

sys.path.insert(0, os.path.join(ROOT, "bench"))
import llmc  # noqa: E402


def library():
    if os.environ.get("LLMC_SANITIZE") == "1":
        # Python lacks the sanitizers' runtime; the unit tests call the same functions with it.
        raise unittest.SkipTest("libllmc.so is not loaded where it is built with sanitizers")
    return llmc.Library(os.path.join(BUILD, "lib", "libllmc.so"))


class Case(unittest.TestCase):
    def setUp(self):
        self.keep = tempfile.TemporaryDirectory()
        self.dir = self.keep.name

    def tearDown(self):
        self.keep.cleanup()

    def path(self, name):
        return os.path.join(self.dir, name)

    def llmc(self, *command, code=0, program=LLMC, **options):
        """Runs llmc and checks its exit code and that there is one error line exactly when it fails."""
        start = [program] if isinstance(program, str) else program
        r = subprocess.run([*start, *command], capture_output=True, timeout=300, **options)
        r.stdout, r.stderr = r.stdout.decode("utf-8", "replace"), r.stderr.decode("utf-8", "replace")
        self.assertEqual(r.returncode, code, f"{command}\n{r.stdout}{r.stderr}")
        errors = [line for line in r.stderr.splitlines() if line.startswith("error: ")]
        self.assertEqual(len(errors), 0 if code == 0 else 1, r.stderr)
        self.assertFalse([c for c in r.stderr if ord(c) < 32 and c not in "\n\t"], "control characters in a message")
        r.error = errors[0] if errors else ""
        return r

    def compile(self, model, name="out.llmc", *options):
        artifact = self.path(name)
        self.llmc("compile", "-q", model, "-o", artifact, *options)
        return artifact


def main():
    unittest.main(verbosity=2)

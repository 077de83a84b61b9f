# SPDX-License-Identifier: Apache-2.0
"""Runs the ```sh blocks of a README as they stand: readme_test.py FILE. The folder that they run in looks like the
repository's root, with llmc and the Python of the tests in the path, and the package llmc where it is built. Where a
README names the first one, which compiles tales.llmc, the artifact of all tests is there."""
import os
import re
import subprocess
import sys

import harness

FILE = sys.argv.pop(1)


class Readme(harness.Case):
    def test_commands(self):
        for name in os.listdir(harness.ROOT):
            if name != "build" and not name.startswith("."):
                os.symlink(os.path.join(harness.ROOT, name), self.path(name))
        os.mkdir(self.path("build"))
        os.symlink(harness.BUILD, self.path("build/release"))
        with open(os.path.join(harness.ROOT, FILE), encoding="utf-8") as file:
            text = file.read()
        if "(../01-steps/README.md)" in text:
            os.symlink(harness.TALES_ARTIFACT, self.path("tales.llmc"))
        blocks = re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S)
        self.assertTrue(blocks, "no ```sh block")
        programs = [os.path.join(harness.BUILD, "bin"), os.path.dirname(sys.executable), os.environ["PATH"]]
        environment = dict(os.environ, PATH=os.pathsep.join(programs), PYTHONPATH=os.path.join(harness.BUILD, "python"))
        for block in blocks:
            r = subprocess.run(["bash", "-euc", block], cwd=self.dir, env=environment, capture_output=True, text=True,
                               timeout=300)
            self.assertEqual(r.returncode, 0, block + r.stdout + r.stderr)
            print(r.stdout)


harness.main()

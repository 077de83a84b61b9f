# SPDX-License-Identifier: Apache-2.0
"""`pip install .`: the wheel that pyproject.toml makes, in a folder of its own, tells a story. Built with the compiler of
the other builds, beside them, so that ccache has its objects."""
import os
import subprocess
import sys
import zipfile

from package import Case, harness

STORY = """
import llmc, sys
print(llmc.__file__)
print(llmc.load(sys.argv[1], threads=1).generate("Once upon a time", max_tokens=8, seed=1).text())
"""


class Wheel(Case):
    def pip(self, *arguments):
        root = harness.ROOT
        environment = dict(os.environ, CCACHE_BASEDIR=root, CCACHE_NOHASHDIR="1", PIP_DISABLE_PIP_VERSION_CHECK="1")
        r = subprocess.run([sys.executable, "-m", "pip", *arguments], capture_output=True, text=True, timeout=500, cwd=root,
                           env=environment, check=False)
        self.assertEqual(r.returncode, 0, r.stdout + r.stderr)

    def test_a_story_from_a_wheel(self):
        settings = {"build-dir": "build/wheel", "cmake.define.CMAKE_C_COMPILER": "clang-22",
                    "cmake.define.CMAKE_CXX_COMPILER": "clang++-22"}
        self.pip("wheel", "--no-build-isolation", "--no-deps", "--wheel-dir", self.path("wheels"), ".",
                 *[f"--config-settings={name}={value}" for name, value in settings.items()])
        [name] = os.listdir(self.path("wheels"))
        wheel = os.path.join(self.path("wheels"), name)
        with zipfile.ZipFile(wheel) as file:
            names = {entry for entry in file.namelist() if entry.startswith("llmc/")}
        with_ending = {entry for entry in names if not entry.endswith(".py")}
        self.assertEqual({entry.split(".")[0] for entry in with_ending}, {"llmc/_native", "llmc/libllmc", "llmc/py"})
        self.assertEqual(len(with_ending), 4)  # the module and its types, the library, and the mark of types
        self.assertEqual({os.path.basename(entry) for entry in names - with_ending},
                         set(filter(lambda entry: entry.endswith(".py"), os.listdir(os.path.join(
                             harness.ROOT, "bindings", "python", "llmc")))))

        self.pip("install", "--no-deps", "--no-index", "--target", self.path("site"), wheel)
        run = subprocess.run([sys.executable, "-c", STORY, harness.TALES_ARTIFACT], capture_output=True, text=True,
                             timeout=100, cwd=self.dir, env=dict(os.environ, PYTHONPATH=self.path("site")), check=True)
        where, text = run.stdout.split("\n", 1)
        self.assertTrue(where.startswith(self.path("site")), where)
        self.assertTrue(text.strip())


harness.main()

# SPDX-License-Identifier: Apache-2.0
"""What every text file keeps: an SPDX line in sources, no paths of a developer's machine, no conflict markers, no
leftovers such as T-O-D-O."""
import re

from tree import files, finish, read

SOURCES = (".cpp", ".h", ".c", ".td", ".py", ".cmake", "CMakeLists.txt", ".inc")
SCRIPTS = ("dev", ".ci/run", "test/check/run")
SPDX = "SPDX-License-Identifier: Apache-2.0"
MACHINE = re.compile(r"(?<![\w.])/(?:home|root|work|Users)/\w+")
LEFTOVER = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b|^(?:<<<<<<<|>>>>>>>) ", re.M)
TEXT = SOURCES + SCRIPTS + (".md", ".mlir", ".sh", ".json", ".txt", ".yml")
DATA = ("examples/models/", "test/models/", "test/golden/", "LICENSE")


def main():
    problems = []
    for name in files(*TEXT):
        if name.startswith(DATA):
            continue
        text = read(name)
        if (name.endswith(SOURCES) or name in SCRIPTS) and SPDX not in "\n".join(text.split("\n", 3)[:3]):
            problems.append(f"{name}: no '{SPDX}' in its first lines")
        if name == "test/check/text.py":
            continue
        for pattern, what in ((MACHINE, "a machine's path"), (LEFTOVER, "a leftover")):
            for match in pattern.finditer(text):
                line = text[:match.start()].count("\n") + 1
                problems.append(f"{name}:{line}: {what}: {match.group(0)}")
    finish(problems)


main()

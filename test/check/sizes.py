# SPDX-License-Identifier: Apache-2.0
"""File sizes: source files above 400 lines are a warning, above 800 a failure; no file above 30 MB."""
import os
import sys

from tree import ROOT, files, finish, read

WARN, FAIL, BYTES = 400, 800, 30 << 20
GENERATED = ("frontend/onnx/reader/schema/",)  # tables that a script writes


def main():
    problems = []
    for name in files():
        size = os.path.getsize(os.path.join(ROOT, name))
        if size > BYTES:
            problems.append(f"{name}: {size >> 20} MB, at most {BYTES >> 20}")
    for name in files(".cpp", ".h", ".c", ".td", ".py", ".cmake", ".txt"):
        if name.startswith(GENERATED) or (name.endswith(".txt") and not name.endswith("CMakeLists.txt")):
            continue
        lines = read(name).count("\n")
        if lines > FAIL:
            problems.append(f"{name}: {lines} lines, at most {FAIL}")
        elif lines > WARN:
            print(f"warning: {name}: {lines} lines, aim at 250", file=sys.stderr)
    finish(problems)


main()

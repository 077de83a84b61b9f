# SPDX-License-Identifier: Apache-2.0
"""Who may include whom (docs/architecture.md). A rule is a folder and what files in it must not include; the most
specific folder of a file decides."""
import re

from tree import files, finish, read

LLVM = ["mlir/", "llvm/", "llvm-c/", "lld/"]
ONNX = ["onnx/", "google/protobuf/"]

# folder -> the project's folders it may include (its own always) and the foreign headers it must not.
MAY = {
    "runtime": ([], LLVM + ONNX),
    "ir": ([], ONNX),
    "frontend": (["ir", "runtime/core"], ["onnx/"]),
    "frontend/onnx/reader": (["frontend", "runtime/core"], LLVM + ["onnx/"]),
    "frontend/package": (["frontend", "runtime/core"], LLVM + ONNX),
    "frontend/tensorfile": (["frontend", "runtime/core"], LLVM + ["onnx/"]),
    "passes": (["ir"], ONNX),
    "codegen": (["ir", "runtime/include", "runtime/model", "runtime/core"], ONNX),
    "codegen/artifact": (["runtime/model", "runtime/core"], LLVM + ONNX),
    "tools/llmc": (["frontend", "runtime", "tools"], LLVM + ONNX),
    "bindings": (["runtime/include"], LLVM + ONNX),
    "examples": (["runtime/include"], LLVM + ONNX),
}
PASS_FAMILIES = "passes/"
SHARED_BY_PASSES = {"passes/match"}
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.M)
ROOMS = ("runtime/", "ir/", "frontend/", "passes/", "codegen/", "tools/", "test/", "bench/", "examples/", "bindings/")


def within(path, folder):
    return path == folder or path.startswith(folder + "/")


def rule_of(name):
    folders = [f for f in MAY if within(name, f)]
    return max(folders, key=len) if folders else None


def resolve(target):
    """The installed runtime headers are included as <llmc/...>."""
    return "runtime/include/" + target if target.startswith("llmc/") else target


def wrong(name, target):
    folder = rule_of(name)
    if not folder:
        return None
    allowed, foreign = MAY[folder]
    if any(target.startswith(f) for f in foreign):
        return f"{folder}/ never includes {target.split('/')[0]}"
    target = resolve(target)
    if not target.startswith(ROOMS):
        return None
    if not within(target, folder) and not any(within(target, a) for a in allowed):
        return f"{folder}/ may include only itself{''.join(', ' + a for a in allowed)}"
    if name.startswith(PASS_FAMILIES) and name.count("/") > 1:
        family, other = "/".join(name.split("/")[:2]), "/".join(target.split("/")[:2])
        if within(target, "passes") and target.count("/") > 1 and other not in {family} | SHARED_BY_PASSES:
            return "one phase never includes another's header"
    return None


def main():
    problems = []
    for name in files(".h", ".cpp", ".c", ".td"):
        text = read(name)
        for match in INCLUDE.finditer(text):
            why = wrong(name, match.group(2))
            if why:
                problems.append(f"{name}:{text[:match.start()].count(chr(10)) + 1}: includes {match.group(2)}: {why}")
    header = "runtime/include/llmc/abi.h"
    for match in INCLUDE.finditer(read(header)):
        if match.group(2) != "stdint.h":
            problems.append(f"{header}: includes {match.group(2)}; only stdint.h is allowed")
    finish(problems)


main()

# SPDX-License-Identifier: Apache-2.0
"""docs/support.md, made from the operator rules and the llm dialect's records: support.py LLMC_OPT LLVM_TBLGEN MLIR_INCLUDE [--update]

Without --update it compares, and shows what differs.
"""
import json
import os
import subprocess
import sys

from made import ROOT, finish

FLOATS = ["f32", "f16", "f64", "bf16"]
INTS = ["i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64"]
INTRODUCTION = """# What is supported

Made by `test/docs/support.py --update` from the rules and records themselves; a test compares. `llmc check model.onnx` says the same of one
model, and `llmc inspect --ops` what its layers became.

## ONNX operators

An operator is taken at every version up to the newest opset, 28, with that version's meaning; listed are the versions that differ. Types are
those of the newest version, one group per type variable: *floats* are f32, f16, f64 and bf16, *ints* are i8 to i64 and u8 to u64. Strings are
refused wherever a run would need them. What an operator becomes depends on the graph around it: norms, attention, rotary
embeddings, gated layers and quantized products are recognised however they are spelled.
"""
KERNELS = """
## Operations of the `llm` dialect

What everything above becomes, and what a CPU runs it with (x86-64 with AVX2 or AVX-512; the reference target runs general loops throughout).
General loops take all element types and every layout; they are correct, threaded and slow.
"""


def compact(types):
    """One type variable's list with names for the usual groups."""
    names = types.split()
    for group, label in ((FLOATS, "floats"), (INTS, "ints")):
        if all(t in names for t in group):
            names = [label] + [t for t in names if t not in group]
    return " ".join(names)


def operators(llmc_opt):
    out = subprocess.run([llmc_opt, "--list-operators"], capture_output=True, text=True, check=True).stdout
    rows = [line.split("\t") for line in out.splitlines()]
    for domain in dict.fromkeys(row[0] for row in rows):
        own = [row for row in rows if row[0] == domain]
        known = [row for row in own if row[2] == "yes"]
        missing = [row[1] for row in own if row[2] == "no"]
        yield f"\n### {domain}: {len(known)} of {len(own)}\n"
        if known:
            yield "| operator | versions | types |"
            yield "| --- | --- | --- |"
        for _, name, _, versions, types in known:
            yield f"| {name} | {versions.replace(',', ', ')} | {', '.join(map(compact, types.split(', ')))} |"
        if missing:
            yield ("\n" if known else "") + f"Refused by name (exit code 3): {', '.join(missing)}."


def operations(tblgen, mlir):
    command = [tblgen, "--dump-json", "-I", ROOT, "-I", mlir, os.path.join(ROOT, "ir", "llm", "Ops.td")]
    records = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    yield "| operation | meaning | runs as |"
    yield "| --- | --- | --- |"
    for op in sorted((records[name] for name in records["!instanceof"]["Llm_Op"]), key=lambda op: op["opName"]):
        if op["opName"] != "yield":
            yield f"| {op['opName']} | {op['summary'].strip()} | {op['kernel']} |"


def main(llmc_opt, tblgen, mlir):
    lines = [INTRODUCTION.rstrip(), *operators(llmc_opt), KERNELS, *operations(tblgen, mlir)]
    return finish("docs/support.md", "\n".join(lines) + "\n", "--update" in sys.argv)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))

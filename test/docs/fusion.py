# SPDX-License-Identifier: Apache-2.0
"""docs/fusion.md, made from the passes' records and from what they do to the test models: fusion.py LLMC_OPT LLVM_TBLGEN MLIR_INCLUDE [--update]

Without --update it compares, and shows what differs.
"""
import json
import os
import re
import subprocess
import sys

from made import ROOT, finish

DOCUMENT = "docs/fusion.md"
RECORDS = ["passes/recognise/Passes.td", "passes/fuse/Passes.td"]
MODELS = os.path.join(ROOT, "test", "models")
PASS = re.compile(r"[\w-]+(?:\{[^}]*\})?")
INTRODUCTION = """# Fusion

Made by `test/docs/fusion.py --update` from the passes' records and the models of `test/models`; a test compares.

A step is an operation with code of its own: it reads its operands from memory and writes its result there. A fusion makes one step of several. Each
is a pass of its own, in the order of `passes/Pipelines.cpp`, and has tests of what it takes and what it leaves alone (`test/passes/fuse`,
`test/passes/recognise`) and of the numbers with and without it (`test/e2e/fusion_test.py`). One is
switched off by leaving it out of the passes that are run, which the artifact lists:

```sh
llmc compile model.onnx --passes "$(llmc compile model.onnx --emit passes | grep -v fuse-maps | paste -sd,)"
```

## The fusions
"""
MORE = """
Biases, factors of weights and transposes of weights need no fusion: they are a part of the product, or of the stored weight, when models are
recognised. Of a prompt, the entry `prefill` computes the logits of the last token alone (`passes/recognise/MakeEntries.cpp`).

Not fused: a norm into the product behind it, which would normalize each row once per block of columns; a reduction with the elementwise ops
around it, but for the recognised ones (norms, softmax, attention); a gather of embeddings into the norm behind it.
"""
STEPS = """
## Steps per layer

Of each test model: nodes of the ONNX graph, and the steps of its layers without any of the fusions above and with all; for layers that differ, one
number each. Then the steps of the whole model that come back when one fusion alone is left out; where another one takes over (a norm the sum
that no product took), fewer do.

| model | nodes | steps, apart | steps, fused | come back without |
| --- | --- | --- | --- | --- |"""


def records(tblgen, mlir):
    """(pass, summary, what fires, what stays, numbers) of the passes that are fusions."""
    for path in RECORDS:
        command = [tblgen, "--dump-json", "-I", mlir, os.path.join(ROOT, path)]
        out = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        for name in out["!instanceof"]["PassBase"]:
            parts = re.findall(r"^\s*(Fires|Stays|Numbers): (.*)$", out[name]["description"], re.M)
            if [label for label, _ in parts] == ["Fires", "Stays", "Numbers"]:
                yield out[name]["argument"], out[name]["summary"], *(text for _, text in parts)


def default_passes(llmc_opt):
    """The whole pipeline, pass by pass."""
    out = subprocess.run([llmc_opt, "--llmc", "--dump-pass-pipeline", "-"], input="", capture_output=True, text=True, check=True)
    return PASS.findall(re.search(r"builtin\.module\((.*)\)", out.stderr, re.S).group(1))


def sections(llmc_opt, model, passes):
    """The number of steps of each layer, of what stands in front of them, and behind."""
    pipeline = ",".join(["llmc-convert-onnx-to-llm", *passes, "llmc-op-summary"])
    path = os.path.join(MODELS, model, "model.onnx")
    command = [llmc_opt, path, f"--pass-pipeline=builtin.module({pipeline})", "-o", os.devnull]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    return {name: len(ops.split()) for name, ops in re.findall(r"^(\w+):(.*)$", out, re.M)}


def nodes(llmc_opt, model):
    command = [llmc_opt, os.path.join(MODELS, model, "model.onnx"), "--llmc-op-counts", "-o", os.devnull]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    return sum(int(n) for n in re.findall(r"^(\d+) onnx\.node", out, re.M))


def short(name):
    return re.sub(r"^llmc-[a-z]+-", "", name)


def per_layer(steps):
    numbers = [n for name, n in steps.items() if name.isdecimal()]
    return str(numbers[0]) if len(set(numbers)) == 1 else ", ".join(map(str, numbers))


def steps(llmc_opt, fusions):
    passes = default_passes(llmc_opt)

    def without(*names):
        return [p for p in passes if p.split("{")[0] not in names]

    helped = set()
    for model in sorted(m for m in os.listdir(MODELS) if os.path.exists(os.path.join(MODELS, m, "info.json"))):
        apart, fused = sections(llmc_opt, model, without(*fusions)), sections(llmc_opt, model, passes)
        more = {f: sum(sections(llmc_opt, model, without(f)).values()) - sum(fused.values()) for f in fusions}
        helped |= {f for f in fusions if more[f] > 0}
        names = ", ".join(f"{short(f)} {more[f]}" for f in fusions if more[f])
        yield f"| {model} | {nodes(llmc_opt, model)} | {per_layer(apart)} | {per_layer(fused)} | {names} |"
    if helped != set(fusions):
        sys.exit(f"no test model has fewer steps by {', '.join(sorted(set(fusions) - helped))}")


def main(llmc_opt, tblgen, mlir):
    order = [p.split("{")[0] for p in default_passes(llmc_opt)]
    rows = sorted(records(tblgen, mlir), key=lambda row: order.index(row[0]))
    lines = [INTRODUCTION.rstrip(), "", "| pass | what | where | leaves alone | numbers with and without |",
             "| --- | --- | --- | --- | --- |"]
    lines += [f"| {short(name)} | {summary} | {fires} | {stays} | {numbers} |" for name, summary, fires, stays, numbers in rows]
    lines += [MORE.rstrip(), STEPS, *steps(llmc_opt, [row[0] for row in rows])]
    return finish(DOCUMENT, "\n".join(lines) + "\n", "--update" in sys.argv)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))

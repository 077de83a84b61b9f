#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What quantization costs: perplexity, KL divergence and agreement of a decoder for a list of `--quantize` rules, as a table.

    bench/accuracy.py examples/models/tales --text EVAL.txt --calibrate CALIB.txt [--row NAME ...]

Every row is compiled, and measured by `llmc eval` against the model as it is."""
import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INNER = "embed=float,head=float"  # the layers' weights alone
METHODS = ["rtn", "rtn+clip", "hqq", "awq+rtn", "awq+clip", "gptq", "gptq+clip", "gptq+clip+order", "gptq+clip+refine",
           "awq+gptq+clip", "awq+gptq+clip+refine", "gptq+clip+refine+qep"]


def rows():
    """Names and what `llmc compile` is asked for."""
    table = {"f32": []}
    table["f16"] = ["--quantize", "f16"]
    table["int8"] = ["--quantize", "int8"]
    table["int8 act=int8"] = ["--quantize", "int8,act=int8"]
    table["int8 act=int8 smooth"] = ["--quantize", "int8,act=int8,method=rtn+smooth"]
    for group in (32, 64, 128):
        for method in METHODS:
            table[f"int4 g{group} {method}"] = ["--quantize", f"int4,{INNER},group={group},method={method}"]
    for method in ("rtn+clip", "gptq+clip", "gptq+clip+refine+qep"):
        table[f"int4 g32 asym {method}"] = ["--quantize", f"int4,{INNER},group=32,asym,method={method}"]
    for method in ("rtn+clip", "gptq+clip+refine+qep"):
        table[f"int2 g32 asym {method}"] = ["--quantize", f"int2,{INNER},group=32,asym,method={method}"]
    for kind in ("nf4", "fp4", "mxfp4", "fp8", "e5m2", "int3"):
        table[kind] = ["--quantize", f"{kind},{INNER}"]
    table["nf4 gptq+clip+refine+qep"] = ["--quantize", f"nf4,{INNER},method=gptq+clip+refine+qep"]
    for kind in ("f16", "int8", "int4"):
        table[f"kv {kind}"] = ["--kv", kind]
    return table


def run(args):
    done = subprocess.run([str(a) for a in args], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, args))}\n{done.stderr}")
    return done.stdout


def measure(args, llmc, folder, options):
    path = Path(folder) / "model.llmc"
    if args.calibrate and any(word in option for option in options for word in ("gptq", "awq", "smooth")):
        options = [*options, "--calibrate", args.calibrate]
    start = time.monotonic()
    run([llmc, "compile", args.model, "-o", path, "-q", *options])
    seconds = time.monotonic() - start
    report = json.loads(run([llmc, "eval", path, "--text", args.text, "--baseline", f"{folder}/f32.llmc", "--json",
                             "--worst", "0", "--windows", args.windows]))
    return seconds, report


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--text", required=True)
    parser.add_argument("--calibrate", help="a text; without it the model writes its own")
    parser.add_argument("--windows", default="0", help="of the text, 0: all")
    parser.add_argument("--row", action="append", help="only rows whose name has this; repeat")
    args = parser.parse_args()
    llmc = ROOT / "build/release/bin/llmc"
    with tempfile.TemporaryDirectory() as folder:
        run([llmc, "compile", args.model, "-o", f"{folder}/f32.llmc", "-q"])
        print("| row | perplexity | KL | same top | size MB | seconds |\n| --- | --- | --- | --- | --- | --- |")
        for name, options in rows().items():
            if args.row and not any(part in name for part in args.row):
                continue
            seconds, report = measure(args, llmc, folder, options)
            ours = report["artifact"]
            print(f"| {name} | {ours['perplexity']:.3f} | {report['kl']['mean']:.3g} | {100 * report['top1_agreement']:.2f} % "
                  f"| {ours['size'] / 1e6:.2f} | {seconds:.0f} |", flush=True)


if __name__ == "__main__":
    main()

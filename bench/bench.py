# SPDX-License-Identifier: Apache-2.0
"""llmc against onnxruntime on the same models, in pairs: each round measures one, then the other, in alternating
order, and the row is the ratio of the medians. Started by ./dev bench; bench/README.md says how to read it."""
import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time

import numpy as np

import llmc
import models
import peer

TOLERANCE = 1e-3  # of the sides' results
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def newer(path, *sources):
    return os.path.exists(path) and all(os.path.getmtime(path) >= os.path.getmtime(s) for s in sources)


def prepare(name, build, work):
    """The model and its artifact, made when missing or older than what makes them."""
    folder = os.path.join(work, name)
    model, artifact = os.path.join(folder, "model.onnx"), os.path.join(folder, name + ".llmc")
    here = os.path.dirname(os.path.abspath(__file__))
    if not newer(model, os.path.join(here, "models.py"), os.path.join(here, "graph.py")):
        print(f"making {name}", file=sys.stderr)
        models.make(name, folder)
    if not newer(artifact, model, os.path.join(build, "lib", "libllmc-compiler.so")):
        print(f"compiling {name}", file=sys.stderr)
        subprocess.run([os.path.join(build, "bin", "llmc"), "compile", "-q", model, "-o", artifact], check=True)
    return model, artifact


class EncoderRow:
    """One pass over `length` tokens, batch 1."""
    unit, higher = "ms", False

    def __init__(self, model, length):
        self.model, self.length, self.name = model, length, f"{model} S={length}"

    def start(self, library, path, artifact, threads):
        shape = models.SHAPES[self.model]
        ids = np.random.default_rng(0).integers(5, shape.vocabulary, (1, self.length))
        self.inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        session = library.open(artifact, threads).session()
        other = peer.Encoder(path, threads)
        self.check(session.run(self.inputs)["last_hidden_state"], other.run(self.inputs))
        ours, theirs = session.prepare(self.inputs), other.prepare(self.inputs)
        self.session, self.other = session, other  # the prepared calls use them
        once = min(timed(ours) for _ in range(3))
        self.repeat = max(3, min(50, int(0.3 / once)))
        return [lambda: self.measure(ours), lambda: self.measure(theirs)]

    def measure(self, call):
        return statistics.median(timed(call) for _ in range(self.repeat)) * 1e3

    def check(self, got, want):
        self.difference = float(np.abs(got - want).max())


class DecoderRow:
    """Tokens a second, one at a time, with `context` positions before them."""
    unit, higher = "tok/s", True
    tokens = 32

    def __init__(self, model, context):
        self.model, self.context, self.name = model, context, f"{model} decode at {context}"

    def start(self, library, path, artifact, threads):
        shape = models.SHAPES[self.model]
        random = np.random.default_rng(0)
        self.prompt = random.integers(5, shape.vocabulary, self.context)
        self.next = random.integers(5, shape.vocabulary, self.tokens)
        session = library.open(artifact, threads).session(self.context + self.tokens)
        other = peer.Decoder(path, threads)
        got, want = session.append(self.prompt).copy(), other.append(self.prompt)
        self.difference = float(np.abs(got - want).max())
        return [lambda: self.measure(session), lambda: self.measure(other)]

    def measure(self, session):
        session.rewind(self.context)
        start = time.perf_counter()
        for token in self.next:
            session.append([token])
        return self.tokens / (time.perf_counter() - start)


ROWS = [EncoderRow("bert", 128), EncoderRow("minilm", 16), EncoderRow("minilm", 128), DecoderRow("smollm", 128)]
SMOKE = [EncoderRow("tiny-encoder", 16), DecoderRow("tiny-decoder", 16)]


def timed(call):
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def run_row(row, library, args):
    path, artifact = prepare(row.model, args.build, args.work)
    sides = row.start(library, path, artifact, args.threads)
    if row.difference > TOLERANCE:
        sys.exit(f"{row.name}: the results differ by {row.difference}")
    samples = [[], []]
    for side in sides:
        side()  # warms up
    for i in range(args.rounds):
        for which in ((0, 1) if i % 2 == 0 else (1, 0)):
            time.sleep(0.1)  # the other side's threads come to rest
            samples[which].append(sides[which]())
    ours, theirs = map(statistics.median, samples)
    return {"row": row.name, "unit": row.unit, "llmc": ours, "onnxruntime": theirs, "samples": samples,
            "ratio": ours / theirs if row.higher else theirs / ours, "max_abs_difference": row.difference}


def cpu_name():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        return next((l.split(":", 1)[1].strip() for l in file if l.startswith("model name")), platform.machine())


def main():
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("--only", default="", help="rows whose name contains this")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", help="where the results go (default: bench.json in the work folder)")
    parser.add_argument("--build", default=os.path.join(ROOT, "build", "release"))
    parser.add_argument("--work", default=os.path.join(ROOT, "build", "bench"), help="where models are made")
    parser.add_argument("--smoke", action="store_true", help="tiny models: shows that the benchmark works")
    args = parser.parse_args()
    library = llmc.Library(os.path.join(args.build, "lib", "libllmc.so"))
    os.makedirs(args.work, exist_ok=True)
    results = []
    print(f"{cpu_name()}, {args.threads} threads, fp32, medians of {args.rounds}")
    print(f"{'':24}{'llmc':>10}{'ort':>10}{'':7}{'ratio':>8}{'difference':>12}")
    for row in SMOKE if args.smoke else ROWS:
        if args.only not in row.name:
            continue
        r = run_row(row, library, args)
        print(f"{r['row']:24}{r['llmc']:10.2f}{r['onnxruntime']:10.2f} {r['unit']:6}{r['ratio']:7.2f}x"
              f"{r['max_abs_difference']:12.1e}", flush=True)
        results.append(r)
    with open(args.json or os.path.join(args.work, "bench.json"), "w", encoding="utf-8") as file:
        json.dump({"cpu": cpu_name(), "threads": args.threads, "onnxruntime": peer.VERSION, "rows": results}, file,
                  indent=1)


main()

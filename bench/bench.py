# SPDX-License-Identifier: Apache-2.0
"""llmc against its peers on the same models, interleaved: each round measures all of them, in alternating order, and a
row shows the medians, the ratio to the best peer and how near the limits of the machine llmc is. Started by ./dev bench;
bench/README.md says how to read it."""
import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time

import numpy as np

import engines
import plot
import rows
from engines.llama_engine import Peer as Llama
from engines.llmc_engine import Ours

# Of the results' differences, as a share of the results (root mean squares; what has nothing in common differs by 1.4).
# A rounding is a share u of what it rounds, some 50 of them in a row differ by 7 u where they are independent: f32 sums of
# a thousand products 1e-6, 11 and 8 bits 1e-4 and 1e-3, 8 bits of a row's largest number, which is four times the others,
# 1e-2. Twice that, since both sides round, and as much again for what differs from row to row. With int4 both round the same
# blocks of 32, whose largest number is twice the others: 5e-3, and little more than the roundings of one side.
TOLERANCE = {"f32": 3e-5, "f16": 3e-3, "bf16": 3e-2, "int8": 3e-1, "int4": 4.5e-2}
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def difference(row, model, ours, theirs):
    """Of the results, as a share of them; ends the program where they are not those of one model."""
    if ours is None or theirs is None:
        return None
    ours, theirs = np.asarray(ours, np.float64), np.asarray(theirs, np.float64)
    share = float(np.sqrt(np.square(ours - theirs).mean() / np.square(theirs).mean()))
    if not share <= TOLERANCE[model.precision]:
        sys.exit(f"{row.name}: the results differ by {share:.1e} of themselves")
    return share


def measure(row, model, sides, rounds):
    """Samples of each engine."""
    samples = {name: [] for name in sides}
    for side in sides.values():
        side()  # warms up
    names = list(sides)
    for i in range(rounds):
        for name in names if i % 2 == 0 else reversed(names):
            time.sleep(0.1)  # the other sides' threads come to rest
            samples[name].append(sides[name]())
    return samples


def run_row(row, model, ours, peers, threads, limits, rounds):
    sides, differences = {}, {}
    sides[ours.name], result = row.side(ours, model, threads)
    for peer in peers:
        if not row.once and peer.takes(row, model):
            sides[peer.name], theirs = row.side(peer, model, threads)
            differences[peer.name] = difference(row, model, result, theirs)
    samples = measure(row, model, sides, min(rounds, 3) if row.once else rounds)
    medians = {name: statistics.median(s) for name, s in samples.items()}
    best = (max if row.higher else min)((n for n in medians if n != ours.name), key=medians.get, default=None)
    ratio = None
    if best:
        ratio = medians[ours.name] / medians[best] if row.higher else medians[best] / medians[ours.name]
    share = {n: row.limit(model, v, limits) if limits else None for n, v in medians.items()}
    return {"row": row.name, "model": model.name, "threads": threads, "unit": row.unit, "medians": medians,
            "limit_share": share, "best_peer": best, "ratio": ratio, "relative_difference": differences,
            "samples": samples}


def raise_limits(limits, build):
    """What the machine can do with so many threads, the most that was seen: before each model it is measured again. None
    where the program that does it is not built."""
    program = os.path.join(build, "bin", "llmc-kernel-bench")
    if not os.path.exists(program):
        return
    for threads, known in limits.items():
        out = subprocess.run([program, "limits", "--threads", str(threads)], check=True, capture_output=True).stdout
        found = json.loads(out)
        limits[threads] = {key: max(value, known[key]) for key, value in found.items()} if known else found
        if limits[threads] != known:
            print(f"limits with {threads} threads: {limits[threads]['fma_gflops']:.0f} GFLOP/s of f32, reads "
                  f"{limits[threads]['read_gbytes']:.1f} GB/s", flush=True)


def cpu_name():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        return next((l.split(":", 1)[1].strip() for l in file if l.startswith("model name")), platform.machine())


def percent(share):
    return "" if share is None else f"{100 * share:.0f} %"


def print_head(width, peers):
    print(f"{'':{width}}{'threads':>8}{'llmc':>10} {'':5}{'limit':>6}" + "".join(f"{p.name:>13}{'limit':>6}" for p in peers) +
          f"{'difference':>12}{'ratio':>9}")


def print_row(r, width, peers):
    line = f"{r['row']:{width}}{r['threads']:8}{r['medians']['llmc']:10.2f} {r['unit']:5}{percent(r['limit_share']['llmc']):>6}"
    for p in peers:
        value = r["medians"].get(p.name)
        line += f"{'' if value is None else format(value, '.2f'):>13}{percent(r['limit_share'].get(p.name)):>6}"
    found = [d for d in r["relative_difference"].values() if d is not None]
    line += f"{format(max(found), '.1e') if found else '':>12}"
    if r["ratio"]:
        line += f"{r['ratio']:8.2f}x" + (f" {r['best_peer']}" if len(peers) > 1 else "")
    print(line.rstrip(), flush=True)


def numbers(text):
    return [int(n) for n in text.split(",")]


def parse_arguments():
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("--only", default="", help="rows whose name contains this")
    parser.add_argument("--threads", type=numbers, default=[2], help="one number or several, such as 1,2")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--large", action="store_true", help="Qwen2.5-0.5B as well: minutes, and 8 GB of memory")
    parser.add_argument("--long", action="store_true", help="decoding at 16384 as well")
    parser.add_argument("--precision", default="f32", help="of the models: f32, f16, bf16, int4, or bf16-math or int8, models in "
                        "f32 with products in bf16 or int8; or several")
    parser.add_argument("--peers", action="store_true", help="all peers of bench/requirements.txt, not onnxruntime alone")
    parser.add_argument("--llama-bench", action="append", default=[], metavar="[NAME=]PROGRAM [ARGUMENTS]",
                        help="the program of llama.cpp, or of one derived from it, for a peer more; or several")
    parser.add_argument("--gguf", action="append", default=[], metavar="MODEL=FILE", help="a model for them")
    parser.add_argument("--json", help="where the results go (default: bench.json in the work folder)")
    parser.add_argument("--build", default=os.path.join(ROOT, "build", "release"))
    parser.add_argument("--work", default=os.path.join(ROOT, "build", "bench"), help="where models are made")
    parser.add_argument("--smoke", action="store_true", help="tiny models: shows that the benchmark works")
    return parser.parse_args()


def main():
    args = parse_arguments()
    ours, peers = Ours(args.build), engines.peers(args.peers)
    files = dict(g.split("=", 1) for g in args.gguf)
    peers += [Llama(command, files) for command in args.llama_bench]
    chosen = [r for r in rows.choose(args.smoke, args.large, args.long, args.precision.split(",")) if args.only in r.name]
    os.makedirs(args.work, exist_ok=True)
    print(f"{cpu_name()}; medians of {args.rounds} rounds")
    limits = {threads: None for threads in args.threads}
    width = max((len(r.name) for r in chosen), default=0)
    print_head(width, peers)
    results, model = [], None
    for row in chosen:
        if model is None or model.name != row.model:
            for peer in peers:
                peer.close()
            model = rows.Model(row.model, args.work)
            for m in {model.name: model, model.wide().name: model.wide()}.values():
                m.make()
            model.compile(args.build)
            raise_limits(limits, args.build)
        for threads in args.threads:
            results.append(run_row(row, model, ours, peers, threads, limits[threads], args.rounds))
            print_row(results[-1], width, peers)
    document = {"cpu": cpu_name(), "limits": limits, "engines": {e.name: e.version for e in [ours, *peers]},
                "rounds": args.rounds, "rows": results}
    with open(args.json or os.path.join(args.work, "bench.json"), "w", encoding="utf-8") as file:
        json.dump(document, file, indent=1)
    plot.draw(document, os.path.join(args.work, "bench.svg"))


main()

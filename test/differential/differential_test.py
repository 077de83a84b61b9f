# SPDX-License-Identifier: Apache-2.0
"""llmc against onnxruntime on random small graphs.

    differential_test.py [--seed N] [--count N] [--family NAME...] [--jobs N] [--keep DIR] [--target T...]

The same seed draws the same graphs. A difference is made smaller and kept as a folder that `llmc verify` runs.
"""
import argparse
import collections
import itertools
import os
import re
import sys
import tempfile
import time
import zlib

import numpy as np

import batch
import families
import oracle
import shrink
from graph import Graph, Redraw

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("LLMC_BUILD", os.path.join(ROOT, "build", "release"))
BATCH = 1000
ATTEMPTS = 30


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="the first graph's number")
    parser.add_argument("--count", type=int, default=1000, help="graphs in all")
    parser.add_argument("--family", nargs="*", default=[], help="only these")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--keep", help="a folder for what fails")
    parser.add_argument("--target", nargs="*", default=[])
    parser.add_argument("--llmc", default=os.path.join(BUILD, "bin", "llmc"))
    parser.add_argument("--list", action="store_true", help="print the families")
    parser.add_argument("--no-shrink", action="store_true")
    return parser.parse_args()


def draw(name, seed, index, counts=None):
    """The graph of this number; draws again what onnxruntime has no kernel for."""
    family = families.FAMILIES[name]
    last = None
    for attempt in range(ATTEMPTS):
        start = zlib.crc32(f"{name}/{seed}/{index}/{attempt}".encode())
        graph = Graph(start, f"{name}{index}.", 0)
        low, high = family.opsets
        # One for the graphs of some rounds, so that they can share a model.
        graph.opset = min(max(zlib.crc32(f"{seed}/{index // 8}/{attempt}".encode()) % 14 + 11, low), high)
        try:
            family.draw(graph)
            if not graph.outputs or set(graph.outputs) & set(graph.feeds):
                raise Redraw("no results")
            with np.errstate(all="ignore"):
                sets = [(graph.feeds, oracle.results(graph))]
                more = resized(graph)
                sets += [more] if more else []
            return batch.Drawn(name, index, graph, sets, oracle.tolerance(graph, sets[0][1]))
        except Redraw as error:
            last = error
            if counts is not None:
                counts[name] += 1
    raise RuntimeError(f"{name}: {ATTEMPTS} attempts gave no graph: {last}")


def resized(graph):
    """The feeds again with other sizes where all symbols agree, if that has a meaning."""
    if graph.sizes != "shared" or not graph.resizable:
        return None
    dims = {i.name: [d.dim_param for d in i.type.tensor_type.shape.dim] for i in graph.inputs}
    symbols = sorted({d for ds in dims.values() for d in ds if d})
    if not symbols:
        return None
    sizes = {s: graph.pick([1, 2, 3, 5, 6, 9]) for s in symbols}
    feeds = {}
    for name, array in graph.feeds.items():
        shape = [sizes.get(d, n) for d, n in zip(dims[name], array.shape)]
        feeds[name] = np.resize(array, shape) if array.size else np.zeros(shape, array.dtype)
    try:
        return feeds, oracle.results(graph, feeds)
    except (Redraw, ValueError, IndexError):
        return None


def with_first_sizes(drawn, llmc):
    """Sizes that the graph doesn't promise may be refused: onnxruntime broadcasts some that differ."""
    if drawn.code == 2 and len(drawn.sets) > 1:
        drawn.sets = drawn.sets[:1]
        llmc.check([drawn])
    return drawn


def judged(drawn, llmc):
    """Differences in roundings alone are none: what is as near to the exact result as onnxruntime's passes."""
    exact = oracle.exact_results(drawn.graph) if not drawn.graph.reference else None
    ours = llmc.outputs(drawn) if exact else None
    if not ours or len(drawn.sets) > 1:
        return False
    theirs = drawn.sets[0][1]
    return all(n in ours and (np.array_equal(ours[n], theirs[n]) or oracle.as_close(ours[n], theirs[n], exact[n]))
               for n in theirs)


def differs(drawn, llmc):
    return drawn.code != 0 and not (drawn.code == 4 and judged(drawn, llmc))


def main():
    args = options()
    names = list(families.load())
    if args.list:
        print("\n".join(names))
        return 0
    names = [n for n in names if not args.family or n in args.family]
    start, drawing = time.time(), 0.0
    counts, redrawn, refused = collections.Counter(), collections.Counter(), collections.Counter()
    failures = []
    with tempfile.TemporaryDirectory() as work:
        keep = args.keep or os.path.join(tempfile.gettempdir(), "llmc-differential")
        llmc = batch.Llmc(args.llmc, work, args.jobs, args.target)
        numbers = itertools.islice(families.schedule(names), args.first, args.first + args.count)
        while part := list(itertools.islice(numbers, BATCH)):
            began = time.time()
            drawn = [draw(name, args.seed, number, redrawn) for name, number in part]
            drawing += time.time() - began
            llmc.check(drawn)
            for d in (with_first_sizes(d, llmc) for d in drawn):
                counts[d.family] += 1
                pattern = families.FAMILIES[d.family].refuses
                if d.code == 3 and pattern and re.search(pattern, d.message):
                    refused[d.family] += 1
                elif differs(d, llmc):
                    small = d if args.no_shrink else shrink.smaller(d, llmc, lambda d: differs(d, llmc))
                    folder = os.path.join(keep, f"{args.seed}-{d.name}")
                    batch.write_case(folder, [small])
                    failures.append(d)
                    print(f"FAIL {d.name} (seed {args.seed}): exit {d.code}: {d.message}\n     {folder}: "
                          f"{', '.join(n.op_type for n in small.graph.nodes if n.op_type != 'Constant')}", flush=True)
    print(f"{sum(counts.values())} graphs of {len(counts)} families, seed {args.seed}: {len(failures)} differ, "
          f"{sum(refused.values())} refused, {sum(redrawn.values())} drawn again; "
          f"{time.time() - start:.0f} s, {drawing:.0f} s of them to draw")
    if args.count > 2000 or failures:
        for name in names:
            print(f"  {name}: {counts[name]} graphs, {refused[name]} refused, {redrawn[name]} drawn again")
    return 1 if failures else 0


sys.exit(main())

# SPDX-License-Identifier: Apache-2.0
"""Requests of mixed lengths together and one after the other: tokens a second of both, in alternating rounds, and that
both give the same tokens. The model has the shape of SmolLM2-135M (or another of models.py), or is any artifact with a
tokenizer.

    batching.py [--model NAME | --artifact FILE] [--quantize SPEC] [--requests N] [--threads N] [--rounds N]
"""
import argparse
import os
import statistics
import subprocess
import tempfile
import time

import llmc
import models

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def requests(count):
    """Prompts of 4 to 188 bytes, which are as many tokens of a shape's tokenizer, and texts of 16 to 76 tokens."""
    text = "one two three four " * 10
    return [(text[:4 + 8 * (i * 7 % 24)], {"max_tokens": 16 + 4 * (i * 5 % 16)}) for i in range(count)]


def alone(model, todo, settings):
    session, texts = model.session(), []
    start = time.perf_counter()
    for prompt, own in todo:
        texts.append(session.generate(prompt, **settings, **own)[0].ids)
    return time.perf_counter() - start, texts


def together(model, todo, settings, options):
    batch = model.batch(**options)
    start = time.perf_counter()
    made = [batch.submit(prompt, **settings, **own) for prompt, own in todo]
    batch.run()
    seconds = time.perf_counter() - start
    return seconds, [request.texts[0].ids for request in made]


def compile_model(args, folder, llmc_program):
    if args.artifact:
        return args.artifact
    models.make(args.model, folder)
    artifact = os.path.join(folder, "model.llmc")
    quantize = ["--quantize", args.quantize] if args.quantize else []
    subprocess.run([llmc_program, "compile", "-q", folder, "-o", artifact, *quantize], check=True)
    return artifact


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", default="smollm", help="a shape of models.py")
    parser.add_argument("--artifact", help="in place of a shape")
    parser.add_argument("--quantize", help="as `llmc compile` has it")
    parser.add_argument("--requests", type=int, default=16)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--build", default=os.path.join(ROOT, "build", "release"))
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = compile_model(args, folder, os.path.join(args.build, "bin", "llmc"))
        model = llmc.Library(os.path.join(args.build, "lib", "libllmc.so")).open(path, args.threads)
        todo, settings = requests(args.requests), {"temperature": 0, "ignore_eos": 1}
        options = {"sequences": args.requests, "step_tokens": max(256, 2 * args.requests)}
        times = {"alone": [], "together": []}
        for _ in range(args.rounds):
            seconds, want = alone(model, todo, settings)
            times["alone"].append(seconds)
            seconds, got = together(model, todo, settings, options)
            times["together"].append(seconds)
            assert got == want, "the tokens differ"
    tokens = sum(len(ids) for ids in want)
    speeds = {name: tokens / statistics.median(seconds) for name, seconds in times.items()}
    ratios = [a / b for a, b in zip(times["alone"], times["together"])]
    print(f"{args.requests} requests, {tokens} tokens, {args.threads} threads: one after the other "
          f"{speeds['alone']:.1f} tokens/s, together {speeds['together']:.1f}, {statistics.median(ratios):.2f} times "
          f"({min(ratios):.2f} to {max(ratios):.2f})")


main()

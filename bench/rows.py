# SPDX-License-Identifier: Apache-2.0
"""What a row of the benchmark measures: for every engine a function that gives one sample, and how near the limits of the
machine a sample is."""
import json
import os
import statistics
import subprocess
import sys
import time

import numpy as np

import graph
import models

CHUNK = 512  # tokens of a long prompt at once


class Model:
    """A model of models.py, its files and its artifact."""

    def __init__(self, name, work):
        self.name, self.work = name, work
        self.base = name.removesuffix("-math").removesuffix("-int8")
        self.rounds = name.endswith("-math")  # the model in f32, its products in this precision
        self.quantizes = name.endswith("-int8")  # the same; onnxruntime has quantized it, too
        self.shape, self.precision = models.parse(self.base)
        if self.quantizes:
            self.precision = "int8"
        self.folder = os.path.join(work, name)
        self.source = os.path.join(self.wide().folder if self.rounds or self.quantizes else self.folder, "model.onnx")
        beside = os.path.dirname(self.source) if self.rounds else self.folder
        self.onnx = os.path.join(beside, "model.onnx")
        self.last = os.path.join(beside, "last.onnx")
        self.artifact = os.path.join(self.folder, name + ".llmc")

    def wide(self):
        """The same in f32."""
        if self.quantizes:
            return Model(self.base, self.work)
        return self if self.precision == "f32" else Model(self.base.removesuffix("-" + self.precision), self.work)

    @property
    def bytes(self):
        """Of an element of a weight."""
        return {"f32": 4, "int8": 1, "int4": 0.5 + 4 / graph.BLOCK}.get(self.precision, 2)

    @property
    def cache_bytes(self):
        """Of an element of the caches."""
        return 2 if self.halves_caches else self.bytes

    @property
    def halves_caches(self):
        """Whether the caches of an f32 model are kept in f16, as llama.cpp does by itself."""
        return self.precision in ("int8", "int4") and isinstance(self.shape, models.Decoder)

    def peak(self, limits):
        """Operations a second, of the machine."""
        own = {"bf16": "pair_gflops", "int8": "byte_gops", "int4": "byte_gops"}.get(self.precision)
        return (own and limits[own] or limits["fma_gflops"]) * 1e9

    def make(self):
        if self.rounds:
            os.makedirs(self.folder, exist_ok=True)
            self.wide().make()
            return
        if self.quantizes:
            self.wide().make()
            for to, source in ((self.onnx, self.wide().onnx), (self.last, self.wide().last)):
                if os.path.exists(source) and not newer(to, source):
                    print(f"quantizing {self.name}", file=sys.stderr)
                    models.quantize(source, to)
            return
        here = os.path.dirname(os.path.abspath(__file__))
        if not newer(self.onnx, os.path.join(here, "models.py"), os.path.join(here, "graph.py")):
            print(f"making {self.name}", file=sys.stderr)
            models.make(self.name, self.folder)

    def compile(self, build):
        if not newer(self.artifact, self.source, os.path.join(build, "lib", "libllmc-compiler.so")):
            print(f"compiling {self.name}", file=sys.stderr)
            llmc = os.path.join(build, "bin", "llmc")
            options = ["--math", self.precision] if self.rounds else []
            if self.quantizes:
                options = ["--quantize", "int8,act=int8"]
            if self.halves_caches:
                options += ["--kv", "f16"]
            os.makedirs(self.folder, exist_ok=True)
            subprocess.run([llmc, "compile", "-q", self.source, "-o", self.artifact, *options], check=True)


def newer(path, *sources):
    return os.path.exists(path) and all(os.path.getmtime(path) >= os.path.getmtime(s) for s in sources)


def timed(call):
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def tokens(model, *dims):
    return np.random.default_rng(0).integers(5, model.shape.vocabulary, dims)


class Row:
    """side() gives a function that measures once, and the result to compare, or None."""
    higher, once = False, False  # whether more is better; whether llmc alone is measured, and once

    def __init__(self, model, length, batch=1):
        self.model, self.length, self.batch = model, length, batch
        self.name = f"{model} {self.kind} {self.text()}".rstrip()

    def text(self):
        return str(self.length)

    def side(self, engine, model, threads):
        if hasattr(engine, "sample"):
            return engine.sample(self, model, threads), None
        return self.start(engine, model, threads)

    def limit(self, model, value, limits):
        """How much of the machine's limit a value is, or None."""
        return None


class Encode(Row):
    """A pass over `batch` rows of `length` tokens."""
    kind, unit = "encode", "ms"

    def text(self):
        return f"S={self.length}" if self.batch == 1 else f"B{self.batch} S{self.length}"

    def start(self, engine, model, threads):
        ids = tokens(model, self.batch, self.length)
        inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        encoder = engine.encoder(model, threads)
        result, call = encoder.run(inputs), encoder.prepare(inputs)
        once = min(timed(call) for _ in range(3))
        repeat = max(3, min(50, int(0.3 / once)))
        return lambda keep=(encoder, inputs): statistics.median(timed(call) for _ in range(repeat)) * 1e3, result

    def limit(self, model, value, limits):
        return model.shape.flops(self.batch, self.length) / (value * 1e-3) / model.peak(limits)


class Prefill(Row):
    """Tokens a second of a prompt into an empty cache, with the logits of the last one."""
    kind, unit, higher = "prefill", "tok/s", True

    def start(self, engine, model, threads):
        prompt = tokens(model, self.length)
        decoder = engine.decoder(model, threads, self.length)

        def once():
            decoder.clear()
            return self.length / timed(lambda: decoder.append(prompt))
        decoder.clear()
        return once, np.array(decoder.append(prompt), np.float32)

    def limit(self, model, value, limits):
        seconds = self.length / value
        return model.shape.flops(self.length) / seconds / model.peak(limits)


class Decode(Row):
    """Tokens a second, one at a time, with `length` positions before them."""
    kind, unit, higher, tokens = "decode", "tok/s", True, 32

    def text(self):
        return f"at {self.length}"

    def start(self, engine, model, threads):
        everything = tokens(model, self.length + self.tokens)
        prompt, following = everything[:self.length], everything[self.length:]
        decoder = engine.decoder(model, threads, self.length + self.tokens)
        decoder.clear()
        for at in range(0, self.length, CHUNK):
            result = np.array(decoder.append(prompt[at:at + CHUNK]), np.float32)
        decoder.keep()

        def once():
            decoder.rewind()
            return self.tokens / timed(lambda: [decoder.append([t]) for t in following])
        return once, result

    def limit(self, model, value, limits):
        shape = model.shape
        read = ((shape.weights() + shape.head_weights()) * model.bytes +
                shape.cache(self.length + self.tokens // 2) * model.cache_bytes)
        return read * value / (limits["read_gbytes"] * 1e9)


class FirstToken(Row):
    """From the start of the process to the first token of a prompt of five, its files in the system's cache."""
    kind, unit, once = "first token", "s", True

    def text(self):
        return ""

    def start(self, engine, model, threads):
        command = [engine.program, "run", model.artifact, "--prompt", "12345", "--max-tokens", "1", "--ignore-eos",
                   "--greedy", "--threads", str(threads)]
        return lambda: timed(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL)), None


class Memory(Row):
    """Resident memory beyond weights, which are a mapping of the file, and the caches."""
    kind, unit, once = "memory of prefill", "MiB", True

    def start(self, engine, model, threads):
        command = [engine.program, "bench", model.artifact, "--prompt-tokens", str(self.length), "--tokens", "0",
                   "--repeat", "1", "--threads", str(threads), "--json"]

        def once():
            out = subprocess.run(command, check=True, capture_output=True).stdout
            caches = model.shape.cache(self.length) * model.cache_bytes
            return (json.loads(out)["memory"]["anonymous"] - caches) / 2 ** 20
        return once, None


def encoder_rows(model, *lengths):
    return [Encode(model, n) for n in lengths]


def decoder_rows(model, contexts, prompts):
    return ([Decode(model, n) for n in contexts] + [Prefill(model, n) for n in prompts] +
            [FirstToken(model, 5), Memory(model, prompts[-1])])


def choose(smoke, large, long, precisions):
    """The rows, those of a model together."""
    rows = []
    for precision in precisions:
        suffix = "" if precision == "f32" else "-" + precision
        if smoke:
            rows += encoder_rows("tiny-encoder" + suffix, 16) + decoder_rows("tiny-decoder" + suffix, [16], [8])
            continue
        rows += encoder_rows("bert" + suffix, 16, 128, 384) + [Encode("bert" + suffix, 128, batch=8)]
        rows += encoder_rows("minilm" + suffix, 16, 128, 384)
        rows += decoder_rows("smollm" + suffix, [128, 4096] + ([16384] if long else []), [128, 512])
        if large:
            rows += decoder_rows("qwen" + suffix, [128], [128, 512])
    return rows

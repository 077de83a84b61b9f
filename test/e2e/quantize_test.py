# SPDX-License-Identifier: Apache-2.0
"""Weights quantized by the compiler: against NumPy that rounds the same numbers, on every path; what is written back as
ONNX against onnxruntime; what can't be quantized."""
import filecmp
import json
import os

import numpy as np
import onnx

import cases
from cases import initializer, node
import exported
import harness

RNG = np.random.default_rng(41)
VOCABULARY = 50


def grouped(w, group):
    """[K, N] as a list of blocks of rows."""
    return [w[at:at + group] for at in range(0, len(w), group)]


def integers(w, bits=4, group=32, symmetric=True, scale=np.float16):
    """Round to nearest, as documented for --quantize; the numbers that the integers stand for."""
    out = []
    for block in grouped(w, group or len(w)):
        low, high = np.minimum(block.min(0), 0), np.maximum(block.max(0), 0)
        furthest = np.where(-low > high, low, high)
        if not symmetric:
            step, first, last = (high.astype(float) - low) / (2 ** bits - 1), 0, 2 ** bits - 1
        elif bits == 8:
            step, first, last = np.abs(furthest) / np.float32(127), -127, 127
        else:
            step, first, last = furthest / np.float32(-2 ** (bits - 1)), -2 ** (bits - 1), 2 ** (bits - 1) - 1
        step = step.astype(scale).astype(np.float32)
        zero = np.zeros_like(step) if symmetric else np.clip(np.rint(-low / step), 0, last)
        out.append((np.clip(np.rint(block / step) + zero, first, last) - zero) * step)
    return np.concatenate(out)


def numbers(code):
    """What the codes of a type stand for."""
    if code == "nf4":
        half = [0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224, 0.44070982933044434,
                0.5626170039176941, 0.7229568362236023, 1.0]
        return np.float32([-1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635,
                           -0.18477343022823334, -0.09105003625154495, 0.0] + half)
    if code == "fp4":
        return np.float32([s * x for s in (1, -1) for x in (0, 0.5, 1, 1.5, 2, 3, 4, 6)])
    kind = {"e4m3": cases.TensorProto.FLOAT8E4M3FN, "e5m2": cases.TensorProto.FLOAT8E5M2}[code]
    every = np.arange(256, dtype=np.uint8).view(onnx.helper.tensor_dtype_to_np_dtype(kind)).astype(np.float32)
    return every[np.isfinite(every)]


def coded(code, group=32, scale=np.float16):
    """The same for numbers that are no integers; without a type of scales these are powers of two."""
    table = numbers(code)

    def f(w):
        out = []
        for block in grouped(w, group or len(w)):
            most = np.abs(block).max(0)
            step = (2 ** (np.floor(np.log2(most)) - 2) if scale is None else
                    (most / table.max()).astype(scale)).astype(np.float32)
            near = np.abs((block / step)[..., None] - table).argmin(-1)
            out.append(table[near] * step)
        return np.concatenate(out)
    return f


def rounded(x, group):
    """Rows of activations to int8 and back."""
    if group is None:
        return x
    parts = []
    for at in range(0, x.shape[-1], group or x.shape[-1]):
        part = x[..., at:at + (group or x.shape[-1])]
        most = np.abs(part).max(-1, keepdims=True)
        most = np.where(most == 0, 1, most)
        parts.append(np.rint(part * 127 / most) * most / 127)
    return np.concatenate(parts, -1)


def as_type(dtype):
    return lambda w: w.astype(dtype).astype(np.float32)


BF16 = cases.onnx.helper.tensor_dtype_to_np_dtype(cases.TensorProto.BFLOAT16)
BYTES = {"bits": 8, "group": 0, "scale": np.float32}
# spec -> (products, head and table, activations' group)
SPECS = {
    "int4,method=rtn": ({}, BYTES, None),
    "int4,group=16,asym,scale=f32,method=rtn": ({"group": 16, "symmetric": False, "scale": np.float32}, BYTES, None),
    "int4,group=channel,scale=bf16,method=rtn": ({"group": 0, "scale": BF16}, BYTES, None),
    "int8": (BYTES, BYTES, None),
    "int8,group=32,asym": ({"bits": 8, "symmetric": False}, {"bits": 8, "symmetric": False}, None),
    "int4,method=rtn,act=int8": ({}, BYTES, 0),
    "int4,method=rtn,act=int8,act_group=32": ({}, BYTES, 32),
    "int8,act=int8": (BYTES, BYTES, 0),
    "int4,method=rtn,head=float": ({}, lambda w: w, None),
    "int4,method=rtn,head=f16": ({}, as_type(np.float16), None),
    "nf4,method=rtn": (coded("nf4"), BYTES, None),
    "mxfp4,method=rtn": (coded("fp4", scale=None), BYTES, None),
    "fp8": (coded("e4m3", 0, np.float32), coded("e4m3", 0, np.float32), None),
    "e5m2,group=32": (coded("e5m2", 32, BF16), coded("e5m2", 32, BF16), None),
    "int3,group=64,asym,method=rtn": ({"bits": 3, "group": 64, "symmetric": False}, BYTES, None),
    "f16": (as_type(np.float16), as_type(np.float16), None),
    "bf16": (as_type(BF16), as_type(BF16), None),
}


class Network:
    """An embedding, a layer of two products around a residual sum, and logits by the same table."""

    def __init__(self, width, inner, tied=True):
        self.table = RNG.standard_normal((VOCABULARY, width)).astype(np.float32)
        self.head = self.table.T if tied else RNG.standard_normal((width, VOCABULARY)).astype(np.float32)
        self.up, self.down = (RNG.standard_normal(s).astype(np.float32) / 8 for s in ((width, inner), (inner, width)))
        self.bias = RNG.standard_normal(inner).astype(np.float32)

    def proto(self):
        nodes = [node("Gather", ["table", "ids"], ["x"]), node("MatMul", ["x", "up"], ["u"]),
                 node("Add", ["u", "bias"], ["v"]), node("Relu", ["v"], ["h"]),
                 node("MatMul", ["h", "down"], ["d"]), node("Add", ["x", "d"], ["s"]),
                 node("MatMul", ["s", "head"], ["logits"])]
        stored = [initializer(n, np.ascontiguousarray(getattr(self, n))) for n in ("table", "head", "up", "down", "bias")]
        return cases.model(nodes, {"ids": np.zeros((2, 3), np.int64)}, stored, ["logits"])

    def run(self, ids, products=lambda w: w, head=lambda w: w, embedding=None, activations=None):
        def product(x, w, rounds=True):
            return rounded(x, activations if rounds else None).astype(np.float64) @ w.astype(np.float64)
        outer = head(self.head)
        table = outer.T if embedding is None else embedding(self.table.T).T
        x = table[ids].astype(np.float64)
        h = np.maximum(product(x, products(self.up)) + self.bias, 0)
        return product(x + product(h, products(self.down)), outer, head in ROUNDED)


class Residual:
    """Layers around a residual stream that has two large channels, as decoders have them: what they say is as much as what others do."""

    LAYERS, LARGE, FACTOR = 3, [3, 20], 30

    def __init__(self, width, inner, tied):
        self.width, self.stored = width, {}
        table = RNG.standard_normal((VOCABULARY, width)).astype(np.float32)
        table[:, self.LARGE] *= self.FACTOR
        self.stored["table"] = table
        for i in range(self.LAYERS):
            self.stored[f"gain{i}"] = 1 + 0.1 * RNG.standard_normal(width).astype(np.float32)
            self.stored[f"up{i}"] = RNG.standard_normal((width, inner)).astype(np.float32) / 8
            self.stored[f"up{i}"][self.LARGE] /= self.FACTOR
            self.stored[f"down{i}"] = RNG.standard_normal((inner, width)).astype(np.float32) / 8
        self.stored["gain"] = 1 + 0.1 * RNG.standard_normal(width).astype(np.float32)
        self.stored["gain"][self.LARGE] /= self.FACTOR ** (2 if tied else 1)
        self.stored["head"] = np.ascontiguousarray(table.T) if tied else RNG.standard_normal((width, VOCABULARY)).astype(np.float32)

    def proto(self):
        nodes = [node("Gather", ["table", "ids"], ["x0"])]
        for i in range(self.LAYERS):
            nodes += [node("RMSNormalization", [f"x{i}", f"gain{i}"], [f"n{i}"], epsilon=1e-6),
                      node("MatMul", [f"n{i}", f"up{i}"], [f"u{i}"]), node("Tanh", [f"u{i}"], [f"h{i}"]),
                      node("MatMul", [f"h{i}", f"down{i}"], [f"d{i}"]), node("Add", [f"x{i}", f"d{i}"], [f"x{i + 1}"])]
        nodes += [node("RMSNormalization", [f"x{self.LAYERS}", "gain"], ["n"], epsilon=1e-6), node("MatMul", ["n", "head"], ["logits"])]
        stored = [initializer(n, w) for n, w in self.stored.items()]
        return cases.model(nodes, {"ids": np.zeros((2, 3), np.int64)}, stored, ["logits"], opset=23)

    def run(self, ids):
        def norm(x, gain):
            return x / np.sqrt((x ** 2).mean(-1, keepdims=True) + 1e-6) * self.stored[gain]
        x = self.stored["table"][ids].astype(float)
        for i in range(self.LAYERS):
            x = x + np.tanh(norm(x, f"gain{i}") @ self.stored[f"up{i}"]) @ self.stored[f"down{i}"]
        return norm(x, "gain") @ self.stored["head"]


ROUNDED = set()  # weights of integers: only these have rounded activations


def quantizer(settings):
    if callable(settings):
        return settings
    f = lambda w: integers(w, **settings)  # noqa: E731
    ROUNDED.add(f)
    return f


class Quantize(harness.Case):
    def setUp(self):
        super().setUp()
        self.ids = RNG.integers(0, VOCABULARY, (2, 3))

    def save(self, network, name="model.onnx"):
        onnx.save(network.proto(), self.path(name))
        return self.path(name)

    def logits(self, artifact):
        return harness.library().open(artifact).session().run({"ids": self.ids}, "raw")["logits"]

    def close(self, got, want, rounds, message):
        # A number between two integers may become either where activations are rounded.
        np.testing.assert_allclose(got, want, rtol=1e-4, atol=np.std(want) * (2e-2 if rounds else 1e-4), err_msg=message)

    def test_numbers(self):
        network = Network(72, 40)  # groups of 32 and 16 leave a shorter last one
        model = self.save(network)
        for i, (spec, (products, head, activations)) in enumerate(SPECS.items()):
            want = network.run(self.ids, quantizer(products), quantizer(head), None, activations)
            for target in ("host", "ref") if i % 3 else ("host", "x86-64-v3", "ref"):
                with self.subTest(spec=spec, target=target):
                    got = self.logits(self.compile(model, "out.llmc", "--quantize", spec, "--target", target))
                    self.close(got, want, activations is not None, spec)

    def test_head_and_table_apart(self):
        network = Network(64, 96, tied=False)
        model = self.save(network)
        half = as_type(np.float16)
        for spec, head, embedding in (("int4,method=rtn,embed=f16", BYTES, half),
                                      ("int4,method=rtn,head=float", lambda w: w, BYTES),
                                      ("int4,method=rtn,head=f16,embed=bf16", half, as_type(BF16))):
            with self.subTest(spec=spec):
                want = network.run(self.ids, quantizer({}), quantizer(head), quantizer(embedding))
                self.close(self.logits(self.compile(model, "out.llmc", "--quantize", spec)), want, False, spec)

    def test_patterns(self):
        network = Network(64, 96)
        model = self.save(network)
        artifact = self.compile(model, "out.llmc", "--quantize", "int4,method=rtn", "--quantize", "float@down")
        outer = quantizer(BYTES)
        x = outer(network.head).T[self.ids].astype(float)
        h = np.maximum(x @ integers(network.up) + network.bias, 0)
        self.close(self.logits(artifact), (x + h @ network.down) @ outer(network.head), False, "float@down")

    def types(self, artifact):
        document = json.loads(self.llmc("inspect", artifact, "--ops", "--json").stdout)
        return {t["type"]: t for t in document["models"][0]["weight_types"]}

    def test_inspect_tells_types_and_bits(self):
        artifact = self.compile(self.save(Network(72, 40)), "out.llmc", "--quantize", "int4")
        types = self.types(artifact)
        # Both products, and the table and the logits' weight as one.
        four, eight = types["int4,group=32,sym,scale=f16"], types["int8,group=channel,sym,scale=f32"]
        self.assertEqual((len(types), four["count"], eight["count"]), (2, 2, 1))
        self.assertEqual(four["elements"], 2 * 72 * 40)
        self.assertEqual(four["bits"], 2 * 72 * 40 * 4 + (3 * 40 + 2 * 72) * 16)
        self.assertEqual(eight["bits"], 72 * VOCABULARY * 8 + VOCABULARY * 32)
        text = self.llmc("inspect", artifact, "--ops").stdout
        self.assertIn("linear:int4", text)
        self.assertIn("weights  int4,group=32,sym,scale=f16: 2 of 5760 elements, 4.733 bits each", text)
        self.assertIn("weights  all: ", text)

    def test_same_bytes(self):
        model = self.save(Network(96, 160))
        artifacts = [self.compile(model, f"{jobs}.llmc", "--quantize", "int4,asym", "--jobs", jobs) for jobs in "13"]
        self.assertTrue(filecmp.cmp(*artifacts, shallow=False))

    def test_written_back(self):
        """onnxruntime's logits are the artifact's; blocks become MatMulNBits."""
        network = Network(64, 96)
        model = self.save(network)
        for spec, products in (("int4", {"MatMulNBits": 2}), ("int4,group=16,asym", {"MatMulNBits": 2}),
                               ("int8,group=32,asym", {"MatMulNBits": 3}),
                               ("int4,act=int8,act_group=32", {"MatMulNBits": 2}), ("int4,act=int8", {}),
                               ("nf4", {"MatMulBnb4": 2}), ("mxfp4", {}), ("fp8,embed=float", {}),
                               ("int3,group=64", {"MatMulNBits": 1}),
                               ("int8", {}), ("int8,act=int8", {}), ("int4,group=channel", {"MatMulNBits": 1}), ("f16", {})):
            with self.subTest(spec=spec):
                written = self.path("written.onnx")
                self.llmc("quantize", "-q", model, "-o", written, "--quantize", spec)
                proto = onnx.load(written)
                kinds = [n.op_type for n in proto.graph.node]
                self.assertEqual({k: kinds.count(k) for k in products}, products, kinds)
                if not products:
                    self.assertNotIn("MatMulNBits", kinds)
                got = exported.session(written).run(None, {"ids": self.ids})[0]
                want = self.logits(self.compile(model, "out.llmc", "--quantize", spec))
                self.close(got, want, "act=" in spec, spec)
                if "act=" not in spec:
                    self.close(self.logits(self.compile(written, "again.llmc")), want, False, spec)

    def test_rotations(self):
        """The function stays, large channels no longer take all of a scale, and onnxruntime agrees."""
        for width, inner, tied, spec in ((64, 96, False, "int8,act=int8"), (96, 80, True, "int8,act=int8,head=float,embed=float")):
            network = Residual(width, inner, tied)
            model, want = self.save(network), network.run(self.ids)
            with self.subTest(spec=spec):
                def error(method):
                    got = self.logits(self.compile(model, "out.llmc", "--quantize", f"{spec},method={method}"))
                    return np.linalg.norm(got - want) / np.linalg.norm(want), got
                plain, _ = error("rtn")
                rotated, ours = error("rtn+rotate")
                self.assertLess(rotated, plain / 1.5)
                written = self.path("written.onnx")
                self.llmc("quantize", "-q", model, "-o", written, "--quantize", f"{spec},method=rtn+rotate")
                self.close(exported.session(written).run(None, {"ids": self.ids})[0], ours, True, spec)

    def test_bundled_model(self):
        small = self.path("small.llmc")
        self.llmc("compile", "-q", harness.TALES, "-o", small, "--quantize", "int4")
        passes = json.loads(self.llmc("inspect", small, "--json").stdout)["passes"]
        self.assertIn("llmc-quantize-quantize-weights{spec=int4}", passes)
        whole, half = (os.path.getsize(p) for p in (harness.TALES_ARTIFACT, small))
        self.assertLess(half, whole / 3)
        library = harness.library()
        ids = [1, 17, 300, 5, 88, 1024]
        sessions = [library.open(p).session() for p in (harness.TALES_ARTIFACT, small)]
        a, b = (session.append(ids) for session in sessions)
        self.assertLess(np.std(a - b), np.std(a) / 10)

    def test_bad_specs(self):
        model = self.save(Network(16, 16))
        for specs, what in ((["int5"], "'int5' is no type of weights"), (["int4,group=20"], "'group=20' is no group"),
                            (["int4", "int8"], "two rules without a pattern"),
                            (["nf4,method=hqq"], "hqq is for weights of integers"),
                            (["mxfp4,group=64"], "32 numbers share a power of two")):
            flags = [f for spec in specs for f in ("--quantize", spec)]
            r = self.llmc("compile", model, "-o", self.path("out.llmc"), *flags, code=2)
            self.assertIn(what, r.error)
            self.assertFalse(os.path.exists(self.path("out.llmc")))

    def test_not_a_number(self):
        network = Network(64, 96)
        network.down[3, 5] = np.nan
        model = self.save(network)
        for verb, out in (("compile", "out.llmc"), ("quantize", "out.onnx")):
            r = self.llmc(verb, model, "-o", self.path(out), "--quantize", "int8", code=2)
            self.assertIn("tensor 'down': has numbers that are not finite: it can't be quantized", r.error)
            self.assertEqual([f for f in os.listdir(self.dir) if f.startswith("out")], [])

    def test_nothing_to_quantize(self):
        x = np.zeros((2, 4), np.float32)
        onnx.save(cases.model([node("Add", ["x", "x"])], {"x": x}), self.path("model.onnx"))
        for flags in (["int4"], ["float"]):
            r = self.llmc("compile", self.path("model.onnx"), "-o", self.path("out.llmc"), "--quantize", *flags, code=2)
            self.assertIn("--quantize: nothing to quantize: no rule changes a stored weight of a product", r.error)

    def test_already_quantized(self):
        network = Network(64, 96)
        self.llmc("quantize", "-q", self.save(network), "-o", self.path("q.onnx"), "--quantize", "int4,head=float")
        r = self.llmc("compile", self.path("q.onnx"), "-o", self.path("out.llmc"), "--quantize", "int8")
        self.assertIn("note: 2 products have weights that are quantized already; they stay as they are", r.stderr)
        self.assertEqual(set(self.types(self.path("out.llmc"))),
                         {"int4,group=32,sym,scale=f32", "int8,group=channel,sym,scale=f32"})
        self.llmc("quantize", "-q", self.path("q.onnx"), "-o", self.path("all.onnx"), "--quantize", "int8")
        r = self.llmc("compile", self.path("all.onnx"), "-o", self.path("out.llmc"), "--quantize", "int4", code=2)
        self.assertIn("nothing to quantize: the model's weights are quantized already", r.error)


harness.main()

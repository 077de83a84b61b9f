# SPDX-License-Identifier: Apache-2.0
"""Halves through functions that are computed in double, remainders, casts that must round once, products, and what a
transformer is made of: against NumPy in double. Compiled code may call no library, so every one of them must become
instructions."""
import os

import cases
from cases import TensorProto, node, np
import harness

RNG = np.random.default_rng(3)
BF16 = cases.onnx.helper.tensor_dtype_to_np_dtype(TensorProto.BFLOAT16)
NEAR, ABOVE, SIGNED = RNG.uniform(-0.99, 0.99, 41), RNG.uniform(1.01, 9, 41), RNG.uniform(-6, 6, 41)
FUNCTIONS = {"Sin": (np.sin, SIGNED), "Cos": (np.cos, SIGNED), "Tan": (np.tan, NEAR), "Asin": (np.arcsin, NEAR),
             "Acos": (np.arccos, NEAR), "Atan": (np.arctan, SIGNED), "Sinh": (np.sinh, SIGNED), "Cosh": (np.cosh, SIGNED),
             "Asinh": (np.arcsinh, SIGNED), "Acosh": (np.arccosh, ABOVE), "Atanh": (np.arctanh, NEAR),
             "Log": (np.log, ABOVE), "Exp": (np.exp, SIGNED), "Sqrt": (np.sqrt, ABOVE), "Tanh": (np.tanh, SIGNED),
             "Softplus": (lambda x: np.log1p(np.exp(x)), SIGNED), "Round": (np.round, SIGNED)}


class Halves(harness.Case):
    def add(self, name, nodes, feeds, y, **options):
        proto = cases.model(nodes, feeds, outputs=(("y", cases.onnx.helper.np_dtype_to_tensor_dtype(y.dtype)),), **options)
        cases.write(self.path("cases"), name, proto, feeds, {"y": y})

    def verify(self, rtol, atol="0"):
        for target in ("host", "x86-64-v3", "ref"):
            with self.subTest(target=target):
                self.llmc("verify", self.path("cases"), "--target", target, "--rtol", rtol, "--atol", atol)

    def test_functions(self):
        for op, (f, x) in FUNCTIONS.items():
            x = x.astype(np.float16)
            y = f(x.astype(float)).astype(np.float16)
            self.add(op, [node(op, ["x"])], {"x": x}, y)
            self.add(op + "_negative", [node(op, ["x"], ["z"]), node("Neg", ["z"])], {"x": x}, -y)
        x, p = ABOVE.astype(np.float16), NEAR.astype(np.float16)
        self.add("Pow", [node("Pow", ["x", "p"])], {"x": x, "p": p}, (x.astype(float) ** p.astype(float)).astype(np.float16))
        self.verify("1e-3", "1e-6")

    def test_remainders(self):
        """Exact: the remainder of numbers of one type is one of them, but for one rounding where the signs differ."""
        wide = (SIGNED * 10.0 ** RNG.integers(-3, 4, SIGNED.size)).astype(np.float16)
        by = np.where(np.abs(SIGNED[::-1]) < 0.01, 1, SIGNED[::-1]).astype(np.float16)
        a, b = wide.astype(float), by.astype(float)
        self.add("fmod", [node("Mod", ["x", "p"], fmod=1)], {"x": wide, "p": by}, np.fmod(a, b).astype(np.float16))
        self.add("mod", [node("Mod", ["x", "p"], fmod=0)], {"x": wide, "p": by}, np.mod(a, b).astype(np.float16))
        self.add("abs", [node("Mod", ["x", "p"], ["z"], fmod=1), node("Abs", ["z"])], {"x": wide, "p": by},
                 np.abs(np.fmod(a, b)).astype(np.float16))
        self.verify("0")

    def test_casts_round_once(self):
        """Doubles just above the middle of two halves, where a stop at f32 would round to even, and so down."""
        to = cases.onnx.helper.np_dtype_to_tensor_dtype
        for name, bits, kind in (("f16", 10, np.float16), ("bf16", 7, BF16),
                                 ("f8", 3, cases.onnx.helper.tensor_dtype_to_np_dtype(TensorProto.FLOAT8E4M3FN))):
            last = 2.0 ** -bits
            x = np.array([1 + last / 2 + 2.0 ** -40, 1 + last / 2, 1 + last / 2 - 2.0 ** -40, -1 - last / 2 - 2.0 ** -45])
            y = np.array([1 + last, 1, 1, -1 - last]).astype(kind)
            self.add(name, [node("Cast", ["x"], to=to(y.dtype))], {"x": x}, y)
            y = (y.astype(np.float32)).astype(kind)
            self.add(name + "_negative", [node("Neg", ["x"], ["z"]), node("Cast", ["z"], to=to(y.dtype))], {"x": -x}, y)
        self.verify("0")

    def attention(self, name, kind, queries, keys, heads=4, kv_heads=2, size=24, **attributes):
        q, k, v = (RNG.standard_normal(shape).astype(kind) for shape in
                   ((2, heads, queries, size), (2, kv_heads, keys, size), (2, kv_heads, keys, size)))
        wide = [np.repeat(x.astype(float), heads // kv_heads, 1) for x in (k, v)]
        scores = q.astype(float) @ wide[0].swapaxes(2, 3) / np.sqrt(size)
        if attributes.get("is_causal"):
            scores[..., np.triu(np.ones((queries, keys), bool), 1)] = -np.inf
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        y = weights @ wide[1] / weights.sum(-1, keepdims=True)
        self.add(name, [node("Attention", ["q", "k", "v"], **attributes)], {"q": q, "k": k, "v": v}, y.astype(kind), opset=24)

    def parts(self, kind):
        x, weight, bias = (RNG.standard_normal(shape).astype(kind) for shape in ((2, 3, 72), 72, 72))
        wide = x.astype(float)
        rms = wide / np.sqrt((wide ** 2).mean(-1, keepdims=True) + 1e-5) * weight.astype(float)
        self.add("rms", [node("RMSNormalization", ["x", "w"])], {"x": x, "w": weight}, rms.astype(kind), opset=23)
        centered = wide - wide.mean(-1, keepdims=True)
        layer = centered / np.sqrt((centered ** 2).mean(-1, keepdims=True) + 1e-5) * weight.astype(float) + bias.astype(float)
        self.add("layer", [node("LayerNormalization", ["x", "w", "b"])], {"x": x, "w": weight, "b": bias},
                 layer.astype(kind), opset=23)
        x, at = RNG.standard_normal((2, 3, 5, 24)).astype(kind), RNG.integers(0, 30, (2, 5))
        angles = RNG.uniform(-3, 3, (30, 10))
        cos, sin = np.cos(angles).astype(kind), np.sin(angles).astype(kind)
        c, s = (table.astype(float)[at][:, None] for table in (cos, sin))
        a, b, rest = np.split(x.astype(float), (10, 20), -1)
        for interleaved in (0, 1):
            if interleaved:
                a, b = x.astype(float)[..., 0:20:2], x.astype(float)[..., 1:20:2]
            turned = [a * c - b * s, b * c + a * s]
            y = np.stack(turned, -1).reshape(2, 3, 5, 20) if interleaved else np.concatenate(turned, -1)
            self.add(f"rope{interleaved}",
                     [node("RotaryEmbedding", ["x", "c", "s", "at"], interleaved=interleaved, rotary_embedding_dim=20)],
                     {"x": x, "c": cos, "s": sin, "at": at}, np.concatenate([y, rest], -1).astype(kind), opset=23)
        self.attention("decode", kind, 1, 700)
        self.attention("few", kind, 3, 131, heads=6, kv_heads=1, size=16)
        self.attention("prefill", kind, 150, 150, is_causal=1)

    def test_parts_of_transformers(self):
        self.parts(np.float16)
        self.verify("1e-3", "1e-4")

    def test_parts_of_transformers_in_bf16(self):
        self.parts(cases.onnx.helper.tensor_dtype_to_np_dtype(TensorProto.BFLOAT16))
        self.verify("8e-3", "1e-4")

    def test_append_to_rows_of_lengths(self):
        """A prompt padded on the right, then steps: onnxruntime in f32 on the same numbers."""
        for seq, past, lengths in ((6, 0, [6, 4]), (1, 6, [7, 4]), (1, 150, [151, 131])):
            feeds = {n: RNG.standard_normal(shape).astype(np.float16) for n, shape in
                     (("q", (2, seq, 64)), ("k", (2, seq, 32)), ("v", (2, seq, 32)), ("pk", (2, 2, past, 16)),
                      ("pv", (2, 2, past, 16)))}
            feeds["lengths"], feeds["total"] = np.array(lengths, np.int32) - 1, np.array(past + seq, np.int32)
            append = node("GroupQueryAttention", feeds, ["y", "nk", "nv"], domain=cases.MICROSOFT, num_heads=4, kv_num_heads=2)
            widened = {n: x.astype(np.float32) if x.dtype == np.float16 else x for n, x in feeds.items()}
            protos = [cases.model([append], x, outputs=[(o, kind) for o in ("y", "nk", "nv")])
                      for x, kind in ((widened, TensorProto.FLOAT), (feeds, TensorProto.FLOAT16))]
            results = {n: x.astype(np.float16) for n, x in cases.expected(protos[0], widened).items()}
            cases.write(self.path("cases"), f"append{seq}_{past}", protos[1], feeds, results)
        self.verify("1e-3", "1e-4")

    def products(self, name, dtype, k, n):
        """By a stored weight: plain, Gemm with a bias and an activation, and tied to an embedding."""
        def half(*shape):
            return RNG.uniform(-1, 1, shape).astype(dtype)

        w, bias = half(k, n), half(n)
        wide = w.astype(float)
        for rows in (1, 9, 70):
            x = half(rows, k)
            y = x.astype(float) @ wide
            self.add(f"{name}_{rows}", [node("MatMul", ["x", "w"])], {"x": x}, y.astype(dtype),
                     initializers=[cases.initializer("w", w)])
        y = np.maximum(y + bias.astype(float), 0).astype(dtype)
        self.add(f"{name}_gemm", [node("Gemm", ["x", "w", "b"], ["z"]), node("Relu", ["z"])], {"x": x}, y,
                 initializers=[cases.initializer("w", w), cases.initializer("b", bias)])
        left, right = half(3, 7, k), half(2, 1, k, n)
        self.add(f"{name}_computed", [node("MatMul", ["x", "o"])], {"x": left, "o": right},
                 (left.astype(float) @ right.astype(float)).astype(dtype))
        i = np.array([0, n - 1, 5, 5])
        row = w.T[i].astype(float)
        self.add(f"{name}_tied", [node("Gather", ["t", "i"], ["x"]), node("Transpose", ["t"], ["w"], perm=[1, 0]),
                                  node("MatMul", ["x", "w"])], {"i": i}, (row @ wide).astype(dtype),
                 initializers=[cases.initializer("t", np.ascontiguousarray(w.T))])

    def test_products_f16(self):
        for k, n in ((37, 50), (600, 64)):
            self.products(f"k{k}", np.float16, k, n)
        self.verify("1e-3", "2e-3")

    def test_products_bf16(self):
        for k, n in ((37, 50), (258, 33)):
            self.products(f"k{k}", BF16, k, n)
        self.verify("8e-3", "4e-3")

    def test_rounded_products(self):
        """--math bf16: f32 models whose products take rounded operands; what the rounding costs is known, what is left
        is the order of sums."""
        def rounded(x):
            return x.astype(BF16).astype(np.float32)

        x, w, v = (RNG.uniform(-1, 1, shape).astype(np.float32) for shape in ((9, 70), (70, 50), (50, 33)))
        bias, table = RNG.uniform(-1, 1, 50).astype(np.float32), RNG.uniform(-1, 1, (40, 70)).astype(np.float32)
        i = np.array([0, 39, 5])
        hidden = np.maximum(rounded(x).astype(float) @ rounded(w) + bias, 0).astype(np.float32)
        twice = [node("Gemm", ["x", "w", "b"], ["z"]), node("Relu", ["z"], ["h"]), node("MatMul", ["h", "v"])]
        tied = [node("Gather", ["t", "i"], ["x"]), node("Transpose", ["t"], ["w"], perm=[1, 0]), node("MatMul", ["x", "w"])]
        for name, nodes, feeds, y, weights in (
                ("twice", twice, {"x": x}, rounded(hidden).astype(float) @ rounded(v), {"w": w, "b": bias, "v": v}),
                ("tied", tied, {"i": i}, rounded(table)[i].astype(float) @ rounded(table).T, {"t": table})):
            y = y.astype(np.float32)
            proto = cases.model(nodes, feeds, outputs=(("y", TensorProto.FLOAT),),
                                initializers=[cases.initializer(n, a) for n, a in weights.items()])
            cases.write(self.path("cases"), name, proto, feeds, {"y": y})
            for target in ("host", "x86-64-v3", "ref"):
                with self.subTest(name=name, target=target):
                    model = os.path.join(self.path("cases"), name, "model.onnx")
                    artifact = self.compile(model, "out.llmc", "--target", target, "--math", "bf16")
                    # A hidden element near the middle of two bf16 may round to either.
                    self.llmc("verify", artifact, "--data", os.path.join(self.path("cases"), name), "--rtol", "1e-4",
                              "--atol", "8e-3" if name == "twice" else "1e-4")

    def test_rounding_where_nothing_rounds(self):
        x = NEAR.astype(np.float32)
        self.add("abs", [node("Abs", ["x"])], {"x": x}, np.abs(x))
        model = os.path.join(self.path("cases"), "abs", "model.onnx")
        done = self.llmc("compile", model, "-o", self.path("out.llmc"), "--math", "bf16")
        self.assertIn("warning: --math changes nothing: the model has no products of f32 weights", done.stderr)


harness.main()

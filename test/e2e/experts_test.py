# SPDX-License-Identifier: Apache-2.0
"""Mixtures of experts: with quantized weights (QMoE) against NumPy in double, and against onnxruntime where its CPU kernel
computes in floats; with weights of floats (MoE) against onnxruntime. On the host's kernels, on AVX2's and on the plain
loops of ref."""
import os

import cases
from cases import MICROSOFT, initializer, node, np
import harness

RNG = np.random.default_rng(11)
floats, _ = cases.drawers(RNG)


def unpack(packed, bits, count):
    """Integers out of bytes along the last dim, low bits first."""
    parts = [packed >> (bits * i) & ((1 << bits) - 1) for i in range(8 // bits)]
    return np.stack(parts, -1).reshape(*packed.shape[:-1], -1)[..., :count].astype(float)


class Projection:
    """Quantized weights [experts, n, k] of one layer and what they stand for."""

    def __init__(self, experts, n, k, bits, block, zeros, dtype):
        blocks = k // block if block else 1
        self.packed = RNG.integers(0, 256, (experts, n, k * bits // 8), dtype=np.uint8)
        scales = (RNG.random((experts, n, blocks)) + 0.5) / np.sqrt(k) / 2 ** (bits - 1)
        self.scales = (scales if block else scales[..., 0]).astype(dtype)
        self.bias = floats(experts, n, dtype=dtype)
        packed = (experts, n, -(-blocks * bits // 8)) if block else (experts, -(-n * bits // 8))
        self.zeros = RNG.integers(0, 256, packed, dtype=np.uint8) if zeros else None
        zero = float(2 ** (bits - 1))
        if zeros:
            zero = unpack(self.zeros, bits, blocks) if block else unpack(self.zeros, bits, n)[..., None]
            zero = np.repeat(zero, k // zero.shape[-1], -1)
        each = self.scales.astype(float).reshape(experts, n, blocks).repeat(k // blocks, -1)
        self.weights = (unpack(self.packed, bits, k) - zero) * each


def activated(kind, g, alpha):
    if kind in ("silu", "swiglu"):
        return g / (1 + np.exp(-alpha * g))
    if kind == "relu":
        return np.maximum(g, 0)
    if kind == "identity":
        return g
    return g * (1 + np.tanh(np.sqrt(2 / np.pi) * (g + 0.044715 * g ** 3))) / 2


def sparse_mixer(logits):
    """As PhiMoE routes: two experts, each weighed among those near it."""
    chosen, weights, left = [], [], logits.copy()
    for _ in range(2):
        top = left.max()
        near = (top - logits) / np.maximum(np.abs(logits), top) <= 0.02
        gates = np.where(near, np.exp(left), 0)
        chosen.append(left.argmax())
        weights.append(gates[chosen[-1]] / gates.sum())
        left[chosen[-1]] = -np.inf
    return chosen, weights


class Experts(harness.Case):
    def verify(self, rtol="1e-4", atol="2e-5", targets=("host", "x86-64-v3", "ref")):
        for target in targets:
            with self.subTest(target=target):
                self.llmc("verify", self.path("cases"), "--target", target, "--rtol", rtol, "--atol", atol)

    def add(self, name, kind="swiglu", fusion=1, bits=4, block=32, zeros=False, dtype=np.float32, tokens=(5,), experts=5,
            k=2, hidden=64, inner=96, oracle=True, router_weights=False, bits2=None, bias=True, **attributes):
        """`oracle`: onnxruntime's kernel agrees, and is compared with NumPy here."""
        fused = kind in ("swiglu", "geglu") and fusion
        make = lambda n, c, b=bits: Projection(experts, n, c, b, block, zeros, dtype)
        fc1, fc2 = make(inner * (2 if fused else 1), hidden), make(hidden, inner, bits2 or bits)
        fc3 = make(inner, hidden) if kind == "swiglu" and not fusion else None
        names, stored = ["x", "r"], []
        for i, fc in enumerate((fc1, fc2, fc3)):
            parts = {"w": fc and fc.packed, "s": fc and fc.scales, "b": fc.bias if fc and bias else None}
            for part, array in parts.items():
                names.append(f"{part}{i}" if array is not None else "")
                if array is not None:
                    stored.append(initializer(names[-1], array))
        for i, fc in enumerate((fc1, fc2, fc3)):
            names.append(f"z{i}" if fc and zeros else "")
            if fc and zeros:
                stored.append(initializer(names[-1], fc.zeros))
        feeds = {"x": floats(*tokens, hidden, dtype=dtype),
                 "r": floats(int(np.prod(tokens)), experts, dtype=dtype)}
        if router_weights:
            names.append("rw")
            feeds["rw"] = RNG.random(feeds["r"].shape).astype(dtype)
        while not names[-1]:
            names.pop()
        values = dict(k=k, expert_weight_bits=bits, activation_type=kind, swiglu_fusion=fusion, **attributes)
        if block:
            values["block_size"] = block
        if bits2:
            values["fc2_expert_weight_bits"] = bits2
        proto = cases.model([node("QMoE", names, domain=MICROSOFT, **values)], feeds, stored)
        y = self.numpy(feeds, fc1, fc2, fc3, kind, fusion if fused else 0, k, bias, attributes).astype(dtype)
        if oracle:
            np.testing.assert_allclose(cases.expected(proto, feeds)["y"], y, rtol=1e-3, atol=2e-2 if dtype == np.float16 else 1e-4)
        cases.write(self.path("cases"), name, proto, feeds, {"y": y})

    def numpy(self, feeds, fc1, fc2, fc3, kind, fused, k, bias, attributes):
        x, logits = feeds["x"].astype(float), feeds["r"].astype(float)
        rows = x.reshape(-1, x.shape[-1])
        alpha, limit = attributes.get("activation_alpha", 1.0), attributes.get("swiglu_limit", np.inf)
        y = np.zeros_like(rows)
        for t, row in enumerate(rows):
            chosen = np.argsort(-logits[t])[:k]
            weights = np.exp(logits[t, chosen])
            weights /= weights.sum()
            if attributes.get("use_sparse_mixer"):
                chosen, weights = sparse_mixer(logits[t])
            if "rw" in feeds:
                weights = feeds["rw"][t, chosen].astype(float)
                if attributes.get("normalize_routing_weights"):
                    weights /= weights.sum()
            for e, weight in zip(chosen, weights):
                g, u = fc1.weights[e] @ row + fc1.bias[e] * bias, None
                if fc3:
                    u = fc3.weights[e] @ row + fc3.bias[e] * bias
                elif fused:
                    g, u = (g[::2], g[1::2]) if fused == 1 else np.split(g, 2)
                if u is None or kind == "geglu":
                    h = activated(kind, g, 1.0) * (1 if u is None else u)
                else:
                    u = np.clip(u, -limit, limit) + attributes.get("activation_beta", 0.0)
                    h = activated(kind, np.minimum(g, limit), alpha) * u
                y[t] += weight * (fc2.weights[e] @ h + fc2.bias[e] * bias)
        return y.reshape(x.shape)

    def test_four_bits(self):
        for block in (0, 16, 32):
            for zeros in (False, True):
                self.add(f"b{block}_{zeros}", block=block, zeros=zeros)
        self.add("gpt_oss", activation_alpha=1.702, activation_beta=1.0, swiglu_limit=0.7, k=3, tokens=(2, 4))
        self.add("no_bias", bias=False, tokens=(1,))
        self.add("all", k=5, tokens=(70,))
        self.add("raw", weights_prepacked=0)
        self.verify()

    def test_other_widths(self):
        """onnxruntime rounds activations to 8 bits where weights have 2 or 8 bits in blocks: those are NumPy's."""
        for bits in (2, 8):
            for block in (0, 32):
                for zeros in (False, True):
                    self.add(f"{bits}_{block}_{zeros}", bits=bits, block=block, zeros=zeros, oracle=not block and bits == 8)
        self.add("mixed", bits=4, bits2=8, oracle=False)
        self.verify()

    def test_forms(self):
        for kind in ("silu", "relu", "gelu", "identity"):
            self.add(kind, kind=kind, fusion=0)
        self.add("concatenated", fusion=2, zeros=True, oracle=False, swiglu_limit=1.0)
        self.add("separate", fusion=0, zeros=True, oracle=False, activation_alpha=1.5)
        self.add("geglu", kind="geglu", oracle=False)
        self.add("router_weights", router_weights=True)
        self.add("normalized", router_weights=True, normalize_routing_weights=1)
        # onnxruntime's CPU kernel reads the attribute and routes as without it.
        self.add("sparse_mixer", use_sparse_mixer=1, tokens=(40,), experts=16, oracle=False)
        self.verify()

    def test_sizes_beside_panels(self):
        """Experts of columns that are no whole panels."""
        self.add("odd", bits=8, block=0, hidden=20, inner=28)
        self.add("odd_zeros", bits=8, block=0, hidden=20, inner=28, zeros=True, fusion=2, oracle=False)
        self.add("few", bits=2, block=0, hidden=32, inner=12, zeros=True, oracle=False)
        self.verify()

    def test_halves(self):
        self.add("half", dtype=np.float16)
        self.verify(rtol="1e-3", atol="5e-3")

    def moe(self, name, kind, hidden=64, inner=96, experts=5, dtype=np.float32, stored=True, **attributes):
        fused = 2 if kind == "swiglu" else 1
        arrays = {"w1": floats(experts, fused * inner, hidden, dtype=dtype) / 8, "b1": floats(experts, fused * inner, dtype=dtype),
                  "w2": floats(experts, hidden, inner, dtype=dtype) / 8, "b2": floats(experts, hidden, dtype=dtype)}
        feeds = {"x": floats(7, hidden, dtype=dtype), "r": floats(7, experts, dtype=dtype)}
        weights = [initializer(n, a) for n, a in arrays.items()] if stored else []
        feeds.update({} if stored else arrays)
        op = node("MoE", ["x", "r", *arrays], domain=MICROSOFT, activation_type=kind, k=2, **attributes)
        proto = cases.model([op], feeds, weights, (("y", cases.onnx.helper.np_dtype_to_tensor_dtype(feeds["x"].dtype)),))
        cases.write(self.path("cases"), name, proto, feeds)

    def test_float_weights(self):
        for kind in ("relu", "gelu", "silu", "identity"):
            self.moe(kind, kind)
        swiglu = dict(swiglu_fusion=1, activation_alpha=1.702, activation_beta=1.0, swiglu_limit=0.7)
        self.moe("swiglu", "swiglu", **swiglu, normalize_routing_weights=1)
        self.moe("computed", "swiglu", stored=False, **swiglu)
        self.moe("beside_panels", "swiglu", hidden=24, inner=20, **swiglu)
        self.verify(atol="5e-5")

    def test_half_weights(self):
        self.moe("half", "silu", dtype=np.float16)
        self.verify(rtol="2e-3", atol="1e-2")  # onnxruntime's sums of halves

    def refused(self, why, code=3, **changes):
        self.add("refused", oracle=False)
        model = cases.onnx.load(os.path.join(self.path("cases"), "refused", "model.onnx"))
        for name, value in changes.items():
            kept = [a for a in model.graph.node[0].attribute if a.name != name]
            del model.graph.node[0].attribute[:]
            model.graph.node[0].attribute.extend(kept + [cases.onnx.helper.make_attribute(name, value)])
        cases.onnx.save(model, self.path("refused.onnx"))
        self.assertIn(why, self.llmc("compile", self.path("refused.onnx"), "-o", self.path("x.llmc"), code=code).stderr)

    def test_refusals(self):
        for why, changes in (("weights_prepacked 1 is not supported: a layout of one device", {"weights_prepacked": 1}),
                             ("quant_type 'fp4' is not supported", {"quant_type": "fp4"}),
                             ("weights of 3 bits are not supported", {"expert_weight_bits": 3})):
            with self.subTest(why):
                self.tearDown(), self.setUp()
                self.refused(why, **changes)


harness.main()

# SPDX-License-Identifier: Apache-2.0
"""onnxruntime's attention operators, skip norms and mixtures of experts: one-node models against onnxruntime without
optimizations. Sums are f32 on both sides, in another order: 2e-5 where values are about 1."""
import os
import shutil

import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper

import harness

MS = "com.microsoft"
rng = np.random.default_rng(7)


def f(*shape):
    return rng.standard_normal(shape).astype(np.float32)


def i32(*values):
    return np.array(values, np.int32)


class Case(harness.Case):
    def model(self, op, inputs, outputs, domain, attributes):
        names = ["" if x is None else f"i{k}" for k, x in enumerate(inputs)]
        results = [f"o{k}" if kind else "" for k, kind in enumerate(outputs)]
        given = {n: x for n, x in zip(names, inputs) if n}
        infos = [helper.make_tensor_value_info(n, helper.np_dtype_to_tensor_dtype(x.dtype), x.shape)
                 for n, x in given.items()]
        node = helper.make_node(op, names, results, domain=domain, **attributes)
        typed = [helper.make_tensor_value_info(r, kind, None) for r, kind in zip(results, outputs) if r]
        graph = helper.make_graph([node], "g", infos, typed)
        opsets = [helper.make_opsetid("", 21), helper.make_opsetid(MS, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=10), given

    def agree(self, op, inputs, outputs, domain=MS, tol=2e-5, like=None, **attributes):
        """Runs the node on `inputs` (None: absent) in both; `outputs` holds element types, 0 where one is not used.
        onnxruntime takes the inputs `like` instead where its CPU kernels lack a form."""
        model, given = self.model(op, like or inputs, outputs, domain, attributes)
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        wanted = dict(zip([o.name for o in model.graph.output], session.run(None, given)))
        model, given = self.model(op, inputs, outputs, domain, attributes)
        data = self.path("test_data_set_0")
        shutil.rmtree(data, ignore_errors=True)
        os.makedirs(data)
        for stem, tensors in (("input", given), ("output", wanted)):
            for k, (name, x) in enumerate(tensors.items()):
                with open(os.path.join(data, f"{stem}_{k}.pb"), "wb") as file:
                    file.write(numpy_helper.from_array(x, name).SerializeToString())
        onnx.save(model, self.path("m.onnx"))
        self.llmc("verify", self.path("m.onnx"), "--data", data, "--rtol", str(tol), "--atol", str(tol))


class GroupQuery(Case):
    def gqa(self, batch=1, seq=5, past=0, lengths=None, heads=4, kv=2, size=16, packed=True, outputs=(1, 1, 1),
            capacity=None, extra=(), **attributes):
        width = (heads + 2 * kv) * size if packed else heads * size
        new = [None, None] if packed else [f(batch, seq, kv * size), f(batch, seq, kv * size)]
        cached = capacity if capacity is not None else past
        caches = [f(batch, kv, cached, size), f(batch, kv, cached, size)]
        lengths = lengths or [past + seq] * batch
        inputs = [f(batch, seq, width), *new, *caches, i32(*[n - 1 for n in lengths]), np.array(past + seq, np.int32), *extra]
        self.agree("GroupQueryAttention", inputs, outputs, num_heads=heads, kv_num_heads=kv, **attributes)

    def test_layouts(self):
        self.gqa()
        self.gqa(packed=False, past=3, seq=2)
        self.gqa(batch=2, seq=6, lengths=[6, 4])
        self.gqa(batch=2, seq=1, past=6, lengths=[7, 4])
        self.gqa(seq=4, scale=0.5, kv=4)

    def test_rotation(self):
        angles = f(32, 8)
        tables = [np.cos(angles), np.sin(angles)]
        self.gqa(extra=tables, do_rotary=1, past=3, seq=2)
        self.gqa(extra=tables, do_rotary=1, rotary_interleaved=1, batch=2, seq=1, past=5, lengths=[6, 3])
        self.gqa(extra=tables, do_rotary=1, size=32)  # half of each head
        self.gqa(extra=[*tables, np.array([[4, 5, 6, 7, 8]], np.int64)], do_rotary=1)

    def test_scores(self):
        self.gqa(seq=9, local_window_size=4)
        self.gqa(seq=9, local_window_size=4, softcap=2.0, batch=2, lengths=[9, 5])
        self.gqa(batch=2, seq=9, local_window_size=4, lengths=[9, 5])
        self.gqa(softcap=3.0, past=2, seq=3)
        self.gqa(smooth_softmax=1)
        self.gqa(extra=[None, None, None, None, f(4)])
        self.gqa(extra=[None, None, None, f(1, 1, 5, 5)])
        self.gqa(extra=[None, None, None, f(1, 4, 2, 6)], past=4, seq=2)
        self.gqa(outputs=(1, 1, 1, 1), qk_output=2)

    def test_cache_of_a_window(self):
        # Full caches: what stands behind the resident tokens of others is nobody's.
        for past, seq, capacity in ((0, 20, 8), (7, 1, 8), (9, 1, 8), (19, 3, 8), (10, 1, 11), (18, 1, 11), (12, 7, 11)):
            self.gqa(past=past, seq=seq, capacity=capacity, local_window_size=8, sliding_window_cache=1)


class MultiHead(Case):
    def mha(self, seq=3, keys=5, past=0, mask=None, bias=None, added=None, outputs=(1,), heads=2, size=8, **attributes):
        q, k, v = f(2, seq, heads * size), f(2, keys, heads * size), f(2, keys, heads * size)
        cache = [f(2, heads, past, size), f(2, heads, past, size)] if past else [None, None]
        self.agree("MultiHeadAttention", [q, k, v, bias, mask, added, *cache], outputs, num_heads=heads, **attributes)

    def test_masks(self):
        self.mha(mask=i32([1, 1, 1, 0, 0], [1, 1, 1, 1, 0]))
        self.mha(mask=i32(3, 4), mask_filter_value=-5.0)
        self.mha(mask=i32(3, 4, 0, 3, 6, 0, 5, 10), mask_filter_value=-5.0)
        self.mha(mask=rng.integers(0, 2, (2, 3, 5)).astype(np.int32), mask_filter_value=-5.0)
        self.mha(added=f(1, 2, 3, 5), scale=0.3)
        self.mha(added=f(2, 1, 3, 5), mask=i32([1, 1, 1, 0, 0], [1, 1, 1, 1, 0]))

    def test_layouts(self):
        self.mha(bias=f(48), outputs=(1, 1, 1))
        self.mha(past=4, seq=3, keys=3, outputs=(1, 1, 1), unidirectional=1)
        self.mha(past=4, seq=3, keys=3, outputs=(1, 1, 1, 1), mask=i32([0, 1, 1, 1, 1, 1, 1], [1] * 7))
        qkv, kv, q = f(2, 3, 2, 3, 8), f(2, 5, 2, 2, 8), f(2, 3, 16)
        parts = [qkv[:, :, :, k].reshape(2, 3, 16) for k in range(3)]
        self.agree("MultiHeadAttention", [qkv], (1,), like=parts, num_heads=2)
        self.agree("MultiHeadAttention", [q, kv], (1,), num_heads=2,
                   like=[q, kv[:, :, :, 0].reshape(2, 5, 16), kv[:, :, :, 1].reshape(2, 5, 16)])
        self.agree("MultiHeadAttention", [q, f(2, 2, 5, 8), f(2, 2, 5, 8)], (1,), num_heads=2)

    def test_projected(self):
        def attention(mask=None, past=0, outputs=(1, 1), weights=None, **attributes):
            cache = f(2, 2, 2, past, 8) if past else None
            self.agree("Attention", [f(2, 3, 16), weights if weights is not None else f(16, 48), f(48), mask, cache], outputs,
                       num_heads=2, **attributes)

        attention()
        attention(i32(2, 3), mask_filter_value=-5.0)
        attention(i32(2, 3, 1, 0), mask_filter_value=-5.0)
        attention(i32([1, 1, 0], [1, 1, 1]), unidirectional=1)
        attention(i32([0, 1, 1, 1, 1], [1, 1, 1, 1, 1]), past=2, unidirectional=1)
        attention(rng.integers(0, 2, (2, 3, 3)).astype(np.int32))


class Others(Case):
    def test_skip_norms(self):
        x, skip, gamma, beta, bias = f(2, 3, 16), f(2, 3, 16), f(16), f(16), f(16)
        self.agree("SkipLayerNormalization", [x, skip, gamma, beta, bias], (1, 0, 0, 1), epsilon=1e-3)
        self.agree("SkipLayerNormalization", [x, f(1, 3, 16), gamma], (1,))
        self.agree("SkipSimplifiedLayerNormalization", [x, skip, gamma, bias], (1, 0, 0, 1))
        self.agree("SimplifiedLayerNormalization", [x, gamma], (1, 1), domain="", axis=-1)
        self.agree("LayerNormalization", [x, f(3, 16), f(3, 16)], (1, 1, 1), domain="", axis=1)

    def test_embedding_norm(self):
        ids, segments = rng.integers(0, 9, (2, 3)).astype(np.int32), rng.integers(0, 2, (2, 3)).astype(np.int32)
        tables = [f(9, 16), f(5, 16)]
        mask = i32([1, 1, 0], [1, 1, 1])
        self.agree("EmbedLayerNormalization", [ids, segments, *tables, f(2, 16), f(16), f(16), mask], (1, 6, 1), epsilon=1e-5)
        self.agree("EmbedLayerNormalization", [ids, None, *tables, None, f(16), f(16), None, i32([1, 2, 3], [0, 1, 2])],
                   (1, 6))

    def test_rotary_embedding(self):
        tables = [np.cos(f(32, 4)), np.sin(f(32, 4))]
        at = np.array([[3, 4, 5], [0, 1, 2]], np.int64)
        self.agree("RotaryEmbedding", [f(2, 3, 16), at, *tables], (1,))
        self.agree("RotaryEmbedding", [f(2, 2, 3, 8), np.array([3], np.int64), *tables], (1,), interleaved=1)
        self.agree("RotaryEmbedding", [f(2, 3, 32), at, *tables], (1,), num_heads=2, rotary_embedding_dim=8)

    def test_experts(self):
        for kind, inner in (("relu", 6), ("gelu", 6), ("silu", 6), ("identity", 6)):
            self.agree("MoE", [f(5, 8), f(5, 4), f(4, inner, 8), f(4, inner), f(4, 8, 6), f(4, 8)], (1,), k=2,
                       activation_type=kind)
        self.agree("MoE", [f(2, 3, 8), f(6, 4), f(4, 12, 8), f(4, 12), f(4, 8, 6), f(4, 8)], (1,), k=2,
                   activation_type="swiglu", swiglu_fusion=1, activation_alpha=1.702, activation_beta=1.0, swiglu_limit=0.5,
                   normalize_routing_weights=1)

    def flex(self, nodes, code):
        """The message on a FlexAttention with this score_mod."""
        scores, out = (helper.make_tensor_value_info(n, 1, None) for n in ("scores", "out"))
        body = helper.make_graph(nodes, "score_mod", [scores], [out])
        infos = [helper.make_tensor_value_info(n, 1, [1, 2, 3, 8]) for n in "qkv"]
        node = helper.make_node("FlexAttention", list("qkv"), ["y"], domain="ai.onnx.preview", score_mod=body)
        graph = helper.make_graph([node], "g", infos, [helper.make_tensor_value_info("y", 1, None)])
        opsets = [helper.make_opsetid("", 24), helper.make_opsetid("ai.onnx.preview", 1)]
        onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=11), self.path("m.onnx"))
        return self.llmc("compile", self.path("m.onnx"), "-o", self.path("m.llmc"), code=code).stderr

    def test_flex_attention_of_wrong_scores(self):
        self.flex([helper.make_node("Abs", ["scores"], ["out"])], 0)
        self.assertIn("score_mod that gives another rank than 4",
                      self.flex([helper.make_node("Size", ["scores"], ["out"])], 2))
        self.assertIn("sizes of the scores and their score_mod",
                      self.flex([helper.make_node("ReduceMax", ["scores"], ["out"])], 2))
        self.assertIn("not supported", self.flex([helper.make_node("Bernoulli", ["scores"], ["out"])], 3))

    def test_paged_attention_is_refused(self):
        half = np.float16
        inputs = [f(3, 32).astype(half), f(3, 16).astype(half), f(3, 16).astype(half), f(4, 16, 2, 8).astype(half),
                  f(4, 16, 2, 8).astype(half), i32(0, 1, 3), i32(2, 4), i32([0, 1], [2, 3])]
        model, _ = self.model("PagedAttention", inputs, (10, 10, 10), MS, {"num_heads": 4, "kv_num_heads": 2})
        onnx.save(model, self.path("m.onnx"))
        message = self.llmc("compile", self.path("m.onnx"), "-o", self.path("m.llmc"), code=3).stderr
        self.assertIn("the caller pages its caches", message)


harness.main()

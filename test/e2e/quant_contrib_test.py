# SPDX-License-Identifier: Apache-2.0
"""Quantized operators of com.microsoft beside MatMulNBits, and gates of hybrid models: against onnxruntime where its CPU
has a kernel, else against NumPy, on the host's kernels, on AVX2's and on the plain loops of ref."""
import cases
from cases import MICROSOFT, TensorProto, initializer, node, np
import harness

RNG = np.random.default_rng(17)
floats, integers = cases.drawers(RNG)


def i32(*values):
    return np.array(values, np.int32)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


class Contrib(harness.Case):
    def add(self, name, op, inputs, outputs=("y",), results=None, opset=21, kinds=None, **attributes):
        """Arrays are inputs of the model, `initializer`s stored, and None is absent. `kinds`: the outputs' types where
        onnxruntime has no kernel that says them."""
        feeds, stored, names = {}, [], []
        for i, value in enumerate(inputs):
            name_of = "" if value is None else f"i{i}"
            if isinstance(value, TensorProto):
                value.name = name_of
                stored.append(value)
            elif value is not None:
                feeds[name_of] = value
            names.append(name_of)
        named = [o for o in outputs if o]
        proto = cases.model([node(op, names, outputs, domain=MICROSOFT, **attributes)], feeds, stored,
                            named if kinds is None else list(zip(named, kinds)), opset)
        cases.write(self.path("cases"), name, proto, feeds, results)

    def verify(self, rtol="1e-4", atol="1e-5", targets=("host", "x86-64-v3", "ref")):
        for target in targets:
            with self.subTest(target=target):
                self.llmc("verify", self.path("cases"), "--target", target, "--rtol", rtol, "--atol", atol)

    def qattention(self, name, batch=2, seq=5, hidden=12, heads=3, head=4, past=0, mask=None, per_column=False, stored=True,
                   input_type=np.uint8, weight_type=np.int8, outputs=("y",), **attributes):
        keep = initializer if stored else lambda _, array: np.asarray(array)
        width = 3 * heads * head
        columns = (width,) if per_column else ()
        state = floats(2, batch, heads, past, head) if past else None
        zero = np.array(3, weight_type) if not per_column else np.zeros(columns, weight_type)
        self.add(name, "QAttention",
                 [integers(input_type, batch, seq, hidden), keep("", integers(weight_type, hidden, width)), keep("", floats(width)),
                  keep("", np.float32(0.01)), keep("", (RNG.random(columns) * 0.01 + 0.005).astype(np.float32)), mask,
                  keep("", np.array(7, input_type)), keep("", zero), state], outputs, num_heads=heads, **attributes)

    def test_qattention(self):
        self.qattention("plain")
        self.qattention("per_column", per_column=True)
        self.qattention("computed", stored=False)
        self.qattention("unsigned", weight_type=np.uint8)
        self.qattention("causal", unidirectional=1)
        self.qattention("lengths", mask=i32(3, 5))
        self.qattention("mask", mask=i32([1, 1, 1, 0, 0], [1, 1, 1, 1, 1]), mask_filter_value=-5000.0)
        self.qattention("past", seq=2, past=3, outputs=("y", "present"), unidirectional=1)
        self.verify()

    def lstm(self, name, directions=1, hidden=8, seq=5, batch=2, inputs=6, per_column=False, weight_type=np.int8, bias=True,
             state=False, lengths=None, **attributes):
        columns = (directions, 4 * hidden) if per_column else (directions,)
        scale = lambda: initializer("", (RNG.random(columns) * 0.004 + 0.002).astype(np.float32))
        zero = lambda: initializer("", np.zeros(columns, weight_type))
        weights = lambda n: initializer("", integers(weight_type, directions, n, 4 * hidden))
        states = [floats(directions, batch, hidden) / 2 for _ in range(2)] if state else [None, None]
        self.add(name, "DynamicQuantizeLSTM",
                 [floats(seq, batch, inputs), weights(inputs), weights(hidden),
                  initializer("", floats(directions, 8 * hidden) / 4) if bias else None, lengths, *states, None, scale(), zero(),
                  scale(), zero()], ("y", "h", "c"), hidden_size=hidden, **attributes)

    def test_dynamic_quantize_lstm(self):
        """onnxruntime also rounds the states to 8 bits: about half a percent of their range."""
        self.lstm("plain")
        self.lstm("columns", per_column=True, bias=False)
        self.lstm("both", directions=2, direction="bidirectional", state=True)
        self.lstm("reverse", direction="reverse", lengths=i32(3, 5))
        self.verify(rtol="1e-2", atol="1e-2")

    def test_q_embedding_norm(self):
        for dtype in (np.uint8, np.int8):
            for segments in (True, False):
                ids = RNG.integers(0, 9, (2, 3)).astype(np.int32)
                parts = [initializer("", integers(dtype, *shape)) for shape in ((9, 16), (5, 16), (2, 16), (16,), (16,))]
                scales = [initializer("", np.float32(0.01 * (i + 1))) for i in range(5)]
                zeros = [initializer("", np.array(5 + i, dtype)) for i in range(5)]
                inputs = [ids, RNG.integers(0, 2, (2, 3)).astype(np.int32), *parts, i32([1, 1, 0], [1, 1, 1]), *scales, *zeros]
                if not segments:
                    for i in (1, 4, 10, 15):
                        inputs[i] = None
                self.add(f"{dtype.__name__}_{segments}", "QEmbedLayerNormalization", inputs, ("y", "m"))
        self.verify()

    def bnb4(self, name, k, n, block, kind, rows=3, dtype=np.float32, **attributes):
        count = k * n
        weights = [initializer("", integers(np.uint8, (count + 1) // 2)),
                   initializer("", (RNG.random(-(-count // block)) + 0.1).astype(dtype))]
        width = k if attributes.get("transB", 1) else n
        self.add(name, "MatMulBnb4", [floats(rows, width, dtype=dtype), *weights], K=k, N=n, block_size=block, quant_type=kind,
                 **attributes)

    def test_matmul_bnb4(self):
        for kind in (0, 1):
            self.bnb4(f"whole{kind}", 64, 40, 32, kind)
            self.bnb4(f"tall{kind}", 128, 33, 64, kind, rows=20)
            self.bnb4(f"across{kind}", 24, 7, 16, kind)  # blocks that end inside a row
        self.bnb4("odd", 5, 3, 16, 1)
        self.verify()

    def test_matmul_bnb4_stays_packed(self):
        self.bnb4("large", 256, 512, 64, 1)
        model = self.path("cases") + "/large/model.onnx"
        self.assertLess(cases.os.path.getsize(self.compile(model)), 200_000)  # 64 KiB of codes, not 512 of floats

    def test_small_float_weights(self):
        """onnxruntime's CPU has no kernels for these: NumPy's."""
        f8 = cases.onnx.helper.tensor_dtype_to_np_dtype(TensorProto.FLOAT8E4M3FN)
        e2m1 = np.array([0, 0.5, 1, 1.5, 2, 3, 4, 6, -0.0, -0.5, -1, -1.5, -2, -3, -4, -6])
        k, n = 96, 20
        x, bias = floats(3, k, dtype=np.float16), floats(n, dtype=np.float16)
        w = floats(n, k).astype(f8)
        s = (RNG.random((n, 3)) + 0.5).astype(np.float32)
        scaled = w.astype(float) * np.repeat(s.astype(float), 32, 1)
        f16 = [TensorProto.FLOAT16]
        self.add("fp8", "MatMulBlockQuantizedFp8Weight", [x, initializer("", w), initializer("", s), None, initializer("", bias)],
                 results={"y": (x.astype(float) @ scaled.T + bias).astype(np.float16)}, kinds=f16, block_size=32)
        a = np.float32(0.02)
        rounded = (x.astype(np.float32) / a).astype(f8).astype(float) * a
        self.add("fp8_both", "MatMulBlockQuantizedFp8Weight",
                 [x, initializer("", w), initializer("", s), initializer("", a)],
                 results={"y": (rounded.astype(np.float16).astype(float) @ scaled.T).astype(np.float16)}, kinds=f16, block_size=32)
        q = integers(np.uint8, n, k // 2)
        s = (RNG.random((n, k // 16)) + 0.5).astype(f8)
        values = e2m1[np.stack([q & 15, q >> 4], -1).reshape(n, k)]
        scaled = values * np.repeat(s.astype(float) * 0.25, 16, 1)
        self.add("fp4", "MatMulBlockQuantizedFp4Weight",
                 [x, initializer("", q), initializer("", s.view(np.uint8)), initializer("", np.float32(0.25)), None,
                  initializer("", bias)],
                 results={"y": (x.astype(float) @ scaled.T + bias).astype(np.float16)}, kinds=f16)
        self.verify(rtol="2e-3", atol="2e-3")

    def test_q_linear_pools(self):
        scales = [initializer("", np.float32(s)) for s in (0.02, 0.013)]
        zeros = [initializer("", np.array(z, np.uint8)) for z in (7, 120)]
        x = integers(np.uint8, 2, 3, 6, 5)
        parameters = [scales[0], zeros[0], scales[1], zeros[1]]
        self.add("average", "QLinearAveragePool", [x, *parameters], kernel_shape=[3, 2], strides=[2, 1], pads=[1, 0, 1, 0])
        self.add("padded", "QLinearAveragePool", [x, *parameters], kernel_shape=[2, 2], pads=[1, 1, 1, 1], count_include_pad=1)
        for last in (0, 1):
            self.add(f"global{last}", "QLinearGlobalAveragePool", [x, *parameters], channels_last=last)
        self.verify(rtol="0", atol="0")

    def test_gates(self):
        """onnxruntime's CPU lacks them: NumPy's."""
        x, gate, scale = floats(2, 3, 16), floats(2, 3, 16), floats(8)
        rows = x.astype(float).reshape(2, 3, 2, 8)
        normed = (rows / np.sqrt((rows ** 2).mean(-1, keepdims=True) + 1e-5) * scale).reshape(x.shape)
        one = [TensorProto.FLOAT]
        for name, factor in (("silu", gate * sigmoid(gate)), ("sigmoid", sigmoid(gate))):
            self.add(name, "GatedRMSNorm", [x, initializer("", scale), gate], results={"y": (normed * factor).astype(np.float32)},
                     kinds=one, activation=name)
        a, b, bias, decay = floats(2, 3, 4), floats(2, 3, 4), floats(4), -np.exp(floats(4))
        self.add("decay", "LinearAttentionGate", [a, initializer("", bias), initializer("", decay), b], ("y", "beta"),
                 {"y": decay * np.log1p(np.exp(a + bias)), "beta": sigmoid(b)}, kinds=one * 2)
        self.add("decay_alone", "LinearAttentionGate", [a, initializer("", bias), initializer("", decay)],
                 results={"y": decay * np.log1p(np.exp(a + bias))}, kinds=one)
        y, g, k, w = floats(2, 3, 16), floats(2, 3, 1), floats(2, 3, 5), floats(5, 1)
        self.add("plain", "GatedAdd", [x, y, g], results={"y": x + y * g}, kinds=one)
        self.add("projected", "GatedAdd", [x, y, k, initializer("", w)], results={"y": x + y * sigmoid(k @ w)}, kinds=one)
        self.verify()


harness.main()

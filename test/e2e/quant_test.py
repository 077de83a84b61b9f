# SPDX-License-Identifier: Apache-2.0
"""Quantized ops on small models against onnxruntime, on the host's kernels and on the plain loops of ref."""
import cases
from cases import MICROSOFT, TensorProto, initializer, node, np
import harness

RNG = np.random.default_rng(5)
floats, integers = cases.drawers(RNG)


def scales(*shape, dtype=np.float32):
    return (RNG.random(shape) * 0.02 + 0.005).astype(dtype)


class Quant(harness.Case):
    def add(self, name, nodes, feeds, initializers=(), outputs=("y",), opset=21, results=None):
        cases.write(self.path("cases"), name, cases.model(nodes, feeds, initializers, outputs, opset), feeds, results)

    # 1e-5: sums of up to 200 products in another order than onnxruntime's.
    def verify(self, rtol="1e-4", atol="1e-5", targets=("host", "ref")):
        for target in targets:
            with self.subTest(target=target):
                self.llmc("verify", self.path("cases"), "--target", target, "--rtol", rtol, "--atol", atol)

    def test_quantize_linear(self):
        x = floats(3, 5, 4)
        x[0, 0] = [0.5, 1.5, 2.5, -0.5]  # halves go to the even neighbour
        x[0, 1] = [1e9, -1e9, np.inf, -np.inf]
        for dtype in (np.uint8, np.int8, np.uint16, np.int16):
            for axis, s in ((None, np.float32(1)), (1, scales(5)), (-1, scales(4))):
                zero = integers(dtype, *np.shape(s))
                attributes = {} if axis is None else {"axis": axis}
                self.add(f"{dtype.__name__}_{axis}", [node("QuantizeLinear", ["x", "s", "z"], **attributes)],
                         {"x": x}, [initializer("s", np.array(s)), initializer("z", zero)])
        self.add("no_zero", [node("QuantizeLinear", ["x", "s"])], {"x": x}, [initializer("s", scales(1))])
        self.add("half", [node("QuantizeLinear", ["x", "s", "z"])], {"x": floats(7, dtype=np.float16)},
                 [initializer("s", np.array(0.01, np.float16)), initializer("z", np.array(3, np.int8))])
        self.verify()

    def test_dequantize_linear(self):
        for dtype in (np.uint8, np.int8, np.uint16, np.int16):
            q = integers(dtype, 4, 6)
            for axis, block, shape in ((None, 0, ()), (0, 0, (4,)), (1, 0, (6,)), (0, 2, (2, 6)), (1, 4, (4, 2))):
                attributes = {} if axis is None else {"axis": axis}
                if block:
                    attributes["block_size"] = block
                self.add(f"{dtype.__name__}_{axis}_{block}", [node("DequantizeLinear", ["x", "s", "z"], **attributes)],
                         {"x": q}, [initializer("s", scales(*shape)), initializer("z", integers(dtype, *shape))])
        self.add("i32", [node("DequantizeLinear", ["x", "s"])], {"x": integers(np.int32, 5)},
                 [initializer("s", scales(1))])
        self.verify()

    def test_dynamic_quantize(self):
        outputs = ("y", "s", "z")
        for name, x in (("mixed", floats(37, 3)), ("positive", np.abs(floats(5)) + 1), ("zeros", np.zeros((2, 3), np.float32))):
            self.add(name, [node("DynamicQuantizeLinear", ["x"], outputs)], {"x": x.astype(np.float32)}, outputs=outputs)
        self.verify()

    def test_matmul_integer(self):
        for a in (np.uint8, np.int8):
            for b in (np.uint8, np.int8):
                if a == np.int8 and b == np.uint8:
                    continue  # onnxruntime has no such kernel
                for stored in (False, True):
                    x, w = integers(a, 2, 3, 50), integers(b, 50, 20)
                    feeds, weights = {"x": x}, [initializer("az", np.array(7, a)), initializer("bz", integers(b, 20))]
                    feeds, weights = ({"x": x}, weights + [initializer("w", w)]) if stored else ({"x": x, "w": w}, weights)
                    self.add(f"{a.__name__}_{b.__name__}_{stored}", [node("MatMulInteger", ["x", "w", "az", "bz"])],
                             feeds, weights)
        self.verify(rtol="0", atol="0")

    def test_capped_product(self):
        """What a language model's head of dynamically quantized weights gives, softly capped: cap * tanh(y / cap)."""
        nodes = [node("DynamicQuantizeLinear", ["x"], ["q", "s", "z"]), node("MatMulInteger", ["q", "w", "z", "wz"], ["i"]),
                 node("Cast", ["i"], ["f"], to=TensorProto.FLOAT), node("Mul", ["s", "ws"], ["t"]), node("Mul", ["f", "t"], ["p"]),
                 node("Div", ["p", "cap"], ["d"]), node("Tanh", ["d"], ["h"]), node("Mul", ["h", "cap"])]
        self.add("capped", nodes, {"x": floats(3, 7, 50)},
                 [initializer("w", integers(np.int8, 50, 20)), initializer("wz", np.array(0, np.int8)),
                  initializer("ws", np.array(0.01, np.float32)), initializer("cap", np.array(3, np.float32))])
        program = self.llmc("compile", self.path("cases/capped/model.onnx"), "--emit", "fuse").stdout
        self.assertRegex(program, r"llm\.linear .*activation = 5 : i32, gain = 3.0.* rounding = #llm.rounding<tensor>, scale = 0.33")
        self.verify()

    def test_qlinear_matmul(self):
        for dtype in (np.uint8, np.int8):
            names = ["x", "as", "az", "w", "bs", "bz", "ys", "yz"]
            self.add(dtype.__name__, [node("QLinearMatMul", names)], {"x": integers(dtype, 3, 40)},
                     [initializer("as", np.float32(0.02)), initializer("az", np.array(5, dtype)),
                      initializer("w", integers(dtype, 40, 18)), initializer("bs", scales(18)),
                      initializer("bz", np.zeros(18, dtype)), initializer("ys", np.float32(0.7)),
                      initializer("yz", np.array(9, dtype))])
        self.verify(rtol="0", atol="0")

    def nbits(self, k, n, bits, block, zeros="", dtype=np.float32, rows=3, **attributes):
        blocks = -(-k // block)
        stored = [initializer("w", integers(np.uint8, n, blocks, block * bits // 8)),
                  initializer("s", scales(n * blocks, dtype=dtype))]
        names = ["x", "w", "s"]
        if zeros == "packed":
            stored.append(initializer("z", integers(np.uint8, n * -(-blocks * bits // 8))))
            names.append("z")
        elif zeros == "float":
            stored.append(initializer("z", (RNG.random(n * blocks) * 2**bits).astype(dtype)))
            names.append("z")
        name = f"k{k}_n{n}_b{bits}_g{block}_{zeros}_{dtype.__name__}_m{rows}"
        self.add(name, [node("MatMulNBits", names, domain=MICROSOFT, K=k, N=n, bits=bits, block_size=block, **attributes)],
                 {"x": floats(rows, k, dtype=dtype)}, stored)

    def test_matmul_nbits(self):
        for bits in (4, 8):
            for block in (16, 32, 128):
                for zeros in ("", "packed"):
                    self.nbits(96, 40, bits, block, zeros)
            self.nbits(50, 19, bits, 32, "packed")  # the last block is padded
            self.nbits(600, 33, bits, 32, rows=70)  # several blocks of K, tall
        self.nbits(64, 32, 4, 32, "float")
        self.nbits(64, 48, 2, 16, "packed")
        self.nbits(64, 48, 2, 32)
        self.verify()

    def test_matmul_nbits_of_bytes(self):
        """accuracy_level 4: activations are rounded to 8 bits, block by block, as onnxruntime's integer kernels do."""
        for bits, block, zeros in ((4, 32, ""), (4, 128, "packed"), (8, 64, "packed"), (4, 16, "")):
            self.nbits(160, 40, bits, block, zeros, accuracy_level=4)
        self.nbits(300, 33, 4, 32, "packed", rows=70, accuracy_level=4)
        self.verify()

    def test_matmul_nbits_half(self):
        self.nbits(64, 32, 4, 32, "packed", dtype=np.float16)
        self.verify(rtol="1e-2", atol="5e-3")  # onnxruntime's sums of halves

    def test_group_indices(self):
        """The group of every row of K. onnxruntime forgets the zero points of such weights, so those are NumPy's."""
        k, n, block = 64, 24, 16
        order = RNG.permutation(np.repeat(np.arange(k // block), block)).astype(np.int32)
        for name, groups in (("whole", order), ("uneven", RNG.integers(0, 4, k).astype(np.int32))):
            w, s, z = integers(np.uint8, n, k // block, block // 2), scales(n, k // block), integers(np.uint8, n, 2)
            x = floats(2, k)
            for zeros in ("", "z"):
                stored = [initializer("w", w), initializer("s", s), initializer("z", z), initializer("g", groups)]
                results = None
                if zeros:
                    q, zero = (np.stack([b & 15, b >> 4], -1).reshape(n, -1).astype(float) for b in (w, z))
                    results = {"y": (x @ ((q - zero[:, groups]) * s[:, groups]).T).astype(np.float32)}
                self.add(name + zeros, [node("MatMulNBits", ["x", "w", "s", zeros, "g"], domain=MICROSOFT, K=k, N=n,
                                             bits=4, block_size=block)], {"x": x},
                         [t for t in stored if zeros or t.name != "z"], results=results)
        self.verify()

    def test_gather_block_quantized(self):
        index = np.array([[0, 11, -1], [-12, 12, 5]], np.int64)  # 12 is outside: zeros
        for bits in (4, 8):
            for zeros in (False, True):
                stored = [initializer("w", integers(np.uint8, 12, 32 * bits // 8)), initializer("s", scales(12, 2))]
                names = ["w", "i", "s"]
                if zeros:
                    stored.append(initializer("z", integers(np.uint8, 12, max(1, 2 * bits // 8))))
                    names.append("z")
                self.add(f"u8_{bits}_{zeros}", [node("GatherBlockQuantized", names, domain=MICROSOFT, bits=bits,
                                                     block_size=16, gather_axis=0, quantize_axis=1)], {"i": index}, stored)
        values = RNG.integers(-8, 8, (12, 32))
        self.add("i4", [node("GatherBlockQuantized", ["w", "i", "s"], domain=MICROSOFT, block_size=16, gather_axis=0,
                             quantize_axis=1)], {"i": index},
                 [initializer("w", values, TensorProto.INT4), initializer("s", scales(12, 2))])
        self.verify()

    def parameters(self, *numbers, dtype=np.uint8):
        """Initializers p0, p1, ...: floats are scales, integers zero points; None is absent."""
        stored = [initializer(f"p{i}", np.array(v, np.float32 if isinstance(v, float) else dtype))
                  for i, v in enumerate(numbers) if v is not None]
        return [None if v is None else f"p{i}" for i, v in enumerate(numbers)], stored

    def test_halves_of_qlinear_arithmetic(self):
        """onnxruntime rounds them with the zero point in the sum."""
        for dtype in (np.uint8, np.int8):
            for zero in (0, 1):
                for kind, one in (("QLinearAdd", 0), ("QLinearMul", 1)):
                    x, scale = (np.arange(40) * 2 + 1).astype(dtype), np.float32(0.5)
                    stored = [initializer("s", scale), initializer("z", np.array(0, dtype)), initializer("u", np.float32(1)),
                              initializer("o", np.array([one], dtype)), initializer("t", np.array(zero, dtype))]
                    self.add(f"{kind}_{dtype.__name__}_{zero}",
                             [node(kind, ["x", "s", "z", "o", "u", "z", "u", "t"], domain=MICROSOFT)], {"x": x}, stored)
        self.verify(rtol="0", atol="0")

    def test_qlinear_elementwise(self):
        for dtype in (np.uint8, np.int8):
            x, z = integers(dtype, 3, 4, 6), integers(dtype, 4, 6)
            name = dtype.__name__
            for kind, out in (("QLinearAdd", 0.05), ("QLinearMul", 0.013)):
                p, stored = self.parameters(0.02, 7, 0.03, 100, out, 50, dtype=dtype)
                self.add(f"{kind}_{name}", [node(kind, ["x", p[0], p[1], "z", p[2], p[3], p[4], p[5]], domain=MICROSOFT)],
                         {"x": x, "z": z}, stored)
            p, stored = self.parameters(0.04, 3, 1 / 256, 0 if dtype == np.uint8 else -128, dtype=dtype)
            self.add(f"sigmoid_{name}", [node("QLinearSigmoid", ["x", *p], domain=MICROSOFT)], {"x": x}, stored)
            self.add(f"softmax_{name}", [node("QLinearSoftmax", ["x", *p], domain=MICROSOFT, axis=-1, opset=13)], {"x": x},
                     stored)
            p, stored = self.parameters(0.04, 3, 0.05, 9, dtype=dtype)
            self.add(f"leaky_{name}", [node("QLinearLeakyRelu", ["x", *p], domain=MICROSOFT, alpha=0.1)], {"x": x}, stored)
            p, stored = self.parameters(0.05, 9, 0.04, 3, 0.05, 9, dtype=dtype)
            self.add(f"concat_{name}", [node("QLinearConcat", [p[0], p[1], "x", p[2], p[3], "v", p[4], p[5]],
                                             domain=MICROSOFT, axis=1)], {"x": x, "v": integers(dtype, 3, 2, 6)}, stored)
        # Where a number lies next to the middle of two, the orders of rounding differ by one step.
        self.verify(rtol="0", atol="1")

    def test_products_to_floats(self):
        w, x = integers(np.int8, 40, 18), floats(3, 40)
        zero = initializer("bz", integers(np.int8, 18))
        bias, scale = initializer("b", floats(18)), initializer("bs", scales(18))
        self.add("dynamic", [node("DynamicQuantizeMatMul", ["x", "w", "bs", "bz", "b"], domain=MICROSOFT)], {"x": x},
                 [initializer("w", w), scale, zero, bias])
        self.add("to_float", [node("MatMulIntegerToFloat", ["x", "w", "as", "bs", "az", "bz", "b"], domain=MICROSOFT)],
                 {"x": integers(np.uint8, 3, 40)},
                 [initializer("w", w), initializer("as", np.float32(0.03)), scale, initializer("az", np.array(7, np.uint8)),
                  zero, bias])
        stored = [initializer("w", np.ascontiguousarray(w.T)), initializer("as", np.float32(0.03)),
                  initializer("az", np.array(7, np.uint8)), initializer("bs", np.float32(0.01)),
                  initializer("bz", np.array(2, np.int8)), initializer("c", integers(np.int32, 18) >> 18)]
        names = ["x", "as", "az", "w", "bs", "bz", "c"]
        self.add("gemm", [node("QGemm", names, domain=MICROSOFT, transB=1)], {"x": integers(np.uint8, 3, 40)}, stored)
        self.verify()

    def refused(self, what, nodes, feeds, stored):
        proto = cases.model(nodes, feeds, stored)
        path = self.path("bad.onnx")
        cases.onnx.save(proto, path)
        self.assertIn(what, self.llmc("compile", path, "-o", self.path("out.llmc"), code=2).error)

    def test_what_does_not_fit(self):
        w = initializer("w", integers(np.int8, 4, 6))
        scale = initializer("s", scales(4))
        for what, names, stored, attributes in (
                ("axis 5", ["w", "s"], [w, scale], {"axis": 5}),
                ("3 scales", ["w", "s"], [w, initializer("s", scales(3))], {"axis": 0}),
                ("rank 3", ["w", "s"], [w, initializer("s", scales(1, 4, 1))], {"axis": 0}),
                ("input 1 is i32", ["w", "s"], [w, initializer("s", integers(np.int32, 4))], {"axis": 0}),
                ("another shape", ["w", "s", "z"], [w, scale, initializer("z", integers(np.int8, 3))], {"axis": 0}),
                ("inputs 0 and 2 are i8 and u8", ["w", "s", "z"], [w, scale, initializer("z", integers(np.uint8, 4))], {"axis": 0})):
            self.refused(what, [node("DequantizeLinear", names, **attributes)], {}, stored)
        x = {"x": integers(np.uint8, 2, 3)}
        self.refused("inner sizes differ", [node("MatMulInteger", ["x", "w"])], x, [initializer("w", integers(np.uint8, 4, 4))])
        self.refused("zero points", [node("MatMulInteger", ["x", "w", "", "z"])], x,
                     [initializer("w", integers(np.uint8, 3, 4)), initializer("z", integers(np.uint8, 3))])
        good = {"K": 64, "N": 4, "bits": 4, "block_size": 32}
        w, s = initializer("w", integers(np.uint8, 4, 2, 16)), initializer("s", scales(8))
        for what, names, more, changed in (
                ("bits 0", [], [], {"bits": 0}), ("block_size 24", [], [], {"block_size": 24}),
                ("block_size -32", [], [], {"block_size": -32}), ("K 0", [], [], {"K": 0}),
                ("no sizes", [], [], {"K": 1 << 62}), ("rows of 64", [], [], {"K": 50}),
                ("bytes of zero points", ["z"], [initializer("z", integers(np.uint8, 3))], {}),
                ("group indices", ["", "g"], [initializer("g", integers(np.int32, 63))], {}),
                ("bias", ["", "", "b"], [initializer("b", floats(5))], {})):
            self.refused(what, [node("MatMulNBits", ["x", "w", "s", *names], domain=MICROSOFT, **(good | changed))],
                         {"x": floats(2, 64)}, [w, s, *more])

    def test_blocked_weights(self):
        """DequantizeLinear of a stored weight before a product is a quantized product."""
        for element, low, high in ((TensorProto.INT4, -8, 8), (TensorProto.UINT4, 0, 16)):
            w, zero = RNG.integers(low, high, (64, 24)), RNG.integers(low, high, (2, 24))
            names = ["w", "s", "z"] if low == 0 else ["w", "s"]
            stored = [initializer("w", w, element), initializer("s", scales(2, 24))]
            if low == 0:
                stored.append(initializer("z", zero, element))
            self.add(f"k_n_{low}", [node("DequantizeLinear", names, ["f"], axis=0, block_size=32),
                                    node("MatMul", ["x", "f"])], {"x": floats(5, 64)}, stored)
            turned = [initializer("w", w.T, element), initializer("s", scales(24, 2))]
            self.add(f"n_k_{low}", [node("DequantizeLinear", ["w", "s"], ["f"], axis=1, block_size=32),
                                    node("Transpose", ["f"], ["t"], perm=[1, 0]), node("MatMul", ["x", "t"])],
                     {"x": floats(5, 64)}, turned)
        w = integers(np.int8, 50, 24)
        for name, s, attributes in (("tensor", np.float32(0.01), {}), ("columns", scales(24), {"axis": 1})):
            self.add(name, [node("DequantizeLinear", ["w", "s"], ["f"], **attributes), node("MatMul", ["x", "f"])],
                     {"x": floats(1, 50)}, [initializer("w", w), initializer("s", np.array(s))])
        self.verify()


harness.main()

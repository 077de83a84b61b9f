# SPDX-License-Identifier: Apache-2.0
"""Halves through functions that are computed in double, remainders, and casts that must round once: against NumPy in
double. Compiled code may call no library, so every one of them must become instructions."""
import cases
from cases import TensorProto, node, np
import harness

RNG = np.random.default_rng(3)
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
        for name, bits, kind in (("f16", 10, np.float16), ("bf16", 7, cases.onnx.helper.tensor_dtype_to_np_dtype(TensorProto.BFLOAT16)),
                                 ("f8", 3, cases.onnx.helper.tensor_dtype_to_np_dtype(TensorProto.FLOAT8E4M3FN))):
            last = 2.0 ** -bits
            x = np.array([1 + last / 2 + 2.0 ** -40, 1 + last / 2, 1 + last / 2 - 2.0 ** -40, -1 - last / 2 - 2.0 ** -45])
            y = np.array([1 + last, 1, 1, -1 - last]).astype(kind)
            self.add(name, [node("Cast", ["x"], to=to(y.dtype))], {"x": x}, y)
            y = (y.astype(np.float32)).astype(kind)
            self.add(name + "_negative", [node("Neg", ["x"], ["z"]), node("Cast", ["z"], to=to(y.dtype))], {"x": -x}, y)
        self.verify("0")


harness.main()

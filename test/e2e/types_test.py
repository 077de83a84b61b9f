# SPDX-License-Identifier: Apache-2.0
"""Element types whose results need care: doubles that stay doubles, powers of integers, types of one width, remainders
of f16."""
import ml_dtypes

import cases
import harness
from cases import initializer, node, np

RNG = np.random.default_rng(3)


class Types(harness.Case):
    def add(self, name, nodes, feeds, stored=()):
        cases.write(self.path("cases"), name, cases.model(nodes, feeds, stored), feeds)

    def verify(self, rtol, atol):
        for target in ("host", "ref"):
            with self.subTest(target=target):
                self.llmc("verify", self.path("cases"), "--target", target, "--rtol", rtol, "--atol", atol)

    def test_products_of_doubles(self):
        x, w, bias = RNG.standard_normal((5, 33)), RNG.standard_normal((33, 17)), RNG.standard_normal(17)
        stored = [initializer("w", w), initializer("b", bias)]
        self.add("matmul", [node("MatMul", ["x", "w"], ["p"]), node("Add", ["p", "b"], ["s"]), node("Relu", ["s"])],
                 {"x": x}, stored)
        self.add("gemm", [node("Gemm", ["x", "w", "b"], transA=1)], {"x": np.ascontiguousarray(x.T)}, stored)
        self.verify("1e-13", "1e-13")

    def test_integers_to_real_powers(self):
        """Whole results, which a rounded power may lie just below."""
        for dtype in (np.int32, np.int64):
            base = np.arange(-9, 10).astype(dtype)
            for real in (np.float32, np.float64):
                self.add(f"whole_{dtype.__name__}_{real.__name__}", [node("Pow", ["x", "p"])],
                         {"x": base[:, None], "p": np.arange(7).astype(real)})
                roots = np.array([0.5, 1.5, 2.5, 1 / 3], real)
                self.add(f"root_{dtype.__name__}_{real.__name__}", [node("Pow", ["x", "p"])],
                         {"x": np.array([[1], [2], [4], [9], [27]], dtype), "p": roots})
        self.verify("0", "0")

    def test_one_value_in_types_of_one_width(self):
        """They are kept in memory alike, and computed by kernels of their own."""
        kinds = {"f16": np.float16, "bf16": ml_dtypes.bfloat16, "e4m3": ml_dtypes.float8_e4m3fn,
                 "e5m2": ml_dtypes.float8_e5m2}
        x = np.array([0, 1, -2, 0.5, 6], np.float32)
        nodes = [node("Cast", ["x"], [name], to=cases.helper.np_dtype_to_tensor_dtype(np.dtype(kind)))
                 for name, kind in kinds.items()]
        results = {name: x.astype(kind) for name, kind in kinds.items()}
        proto = cases.model(nodes, {"x": x}, outputs=tuple(kinds))
        cases.write(self.path("cases"), "casts", proto, {"x": x}, results)
        self.verify("0", "0")

    def test_remainders_of_halves(self):
        x = (RNG.standard_normal((4, 9)) * 30).astype(np.float16)
        y = np.array([-4, 3, 0.5, 7, -2.5, 1, 11, -9, 2], np.float16)
        self.add("each", [node("Mod", ["x", "m"], fmod=1)], {"x": x, "m": y})
        self.add("scalar", [node("Mod", ["x", "m"], fmod=1)], {"x": np.array(x[0, 0]), "m": np.array(y[0])})
        self.verify("0", "0")


harness.main()

# SPDX-License-Identifier: Apache-2.0
"""Quantization by what activations are: what the model is run on, what the methods gain on it, and what cannot be."""
import filecmp
import os

import numpy as np
import onnx

import cases
from cases import initializer, node
import exported
import harness

RNG = np.random.default_rng(43)
WIDTH, INNER, ROWS = 64, 96, 40
DECODER = os.path.join(harness.MODELS, "genai_llama_fp32")


def inputs():
    """Rows of few directions, and of channels of different size: what makes rounding with a look at them worth it."""
    few = RNG.standard_normal((ROWS, 8)) @ RNG.standard_normal((8, WIDTH))
    return (few * np.exp(RNG.standard_normal(WIDTH)) + 0.1 * RNG.standard_normal((ROWS, WIDTH))).astype(np.float32)


class Layer:
    """A norm and two products with a nonlinearity between them."""

    def __init__(self):
        self.gain = 1 + 0.1 * RNG.standard_normal(WIDTH).astype(np.float32)
        self.up, self.down = (RNG.standard_normal(s).astype(np.float32) / 8 for s in ((WIDTH, INNER), (INNER, WIDTH)))

    def save(self, path, x):
        nodes = [node("RMSNormalization", ["x", "gain"], ["n"], epsilon=1e-6), node("MatMul", ["n", "up"], ["u"]),
                 node("Tanh", ["u"], ["h"]), node("MatMul", ["h", "down"], ["y"])]
        stored = [initializer(n, getattr(self, n)) for n in ("gain", "up", "down")]
        model = cases.model(nodes, {"x": x}, stored, ["y"], opset=23)
        model.graph.input[0].type.tensor_type.shape.dim[0].dim_param = "rows"
        onnx.save(model, path)
        return path

    def run(self, x):
        x = x.astype(float)
        n = x / np.sqrt((x ** 2).mean(-1, keepdims=True) + 1e-6) * self.gain
        return np.tanh(n @ self.up) @ self.down


class Calibration(harness.Case):
    def setUp(self):
        super().setUp()
        self.layer, self.x = Layer(), inputs()
        self.model = self.layer.save(self.path("model.onnx"), self.x)
        os.mkdir(self.path("samples"))
        for i in range(2):
            np.savez(self.path(f"samples/{i}.npz"), x=self.x[i::2])

    def error(self, spec, *options):
        artifact = self.compile(self.model, "out.llmc", "--quantize", spec, *options)
        got = harness.library().open(artifact).session().run({"x": self.x}, "raw")["y"]
        want = self.layer.run(self.x)
        return np.linalg.norm(got - want) / np.linalg.norm(want)

    def test_methods_gain(self):
        samples = ["--calibrate", self.path("samples")]
        plain = self.error("int4,method=rtn")
        self.assertGreater(plain, 0.02)
        for method, least in (("gptq", 1.5), ("gptq+clip+refine+qep", 1.8), ("awq+rtn", 1.1)):
            with self.subTest(method=method):
                self.assertGreater(plain / self.error(f"int4,method={method}", *samples), least)
        both = "int8,act=int8,method=rtn"
        self.assertGreater(self.error(both) / self.error(both + "+smooth", *samples), 1.1)

    def test_float_function_stays(self):
        # Factors of channels alone change nothing: a pattern that fits no product leaves all weights as they are.
        samples = ["--calibrate", self.path("samples")]
        error = self.error("int4,method=awq+rtn;f16@up;f16@down", *samples)
        self.assertLess(error, 1e-3)

    def test_same_bytes(self):
        flags = ["--quantize", "int4,method=gptq+qep", "--calibrate", self.path("samples")]
        one = self.compile(self.model, "one.llmc", *flags, "--jobs", "1")
        self.assertTrue(filecmp.cmp(one, self.compile(self.model, "two.llmc", *flags, "--jobs", "3"), shallow=False))

    def test_written_back(self):
        self.llmc("quantize", "-q", self.model, "-o", self.path("q.onnx"), "--quantize", "int4,method=awq+gptq",
                  "--calibrate", self.path("samples"))
        theirs = exported.session(self.path("q.onnx")).run(None, {"x": self.x})[0]
        ours = harness.library().open(self.compile(self.path("q.onnx"), "q.llmc")).session().run({"x": self.x}, "raw")["y"]
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4)

    def test_decoder(self):
        # A text, and text that the model writes by itself: other samples, other integers.
        with open(self.path("text.txt"), "w") as f:
            f.write("One fine day the fox met a crow. " * 40)
        spec = ["--quantize", "int4,method=gptq", "--calibrate-tokens", "24"]
        own = self.compile(DECODER, "own.llmc", *spec, "--calibrate-samples", "8")
        r = self.llmc("compile", DECODER, "-o", self.path("text.llmc"), *spec, "--calibrate", self.path("text.txt"),
                      "--calibrate-samples", "2")
        self.assertFalse(filecmp.cmp(self.path("text.llmc"), own, shallow=False))
        self.assertIn("note: calibrated with 48 tokens alone: 4096 or more say better which inputs count", r.stderr)

    def refused(self, model, code, message, *flags, spec="int4,method=gptq"):
        r = self.llmc("compile", model, "-o", self.path("bad.llmc"), "--quantize", spec, *flags, code=code)
        self.assertIn(message, r.error)
        self.assertFalse(os.path.exists(self.path("bad.llmc")))

    def text(self, content):
        with open(self.path("bad.txt"), "wb") as f:
            f.write(content)
        return ["--calibrate", self.path("bad.txt")]

    def test_bad_samples(self):
        self.refused(self.model, 2, "there is nothing to calibrate with, and the model does not generate text")
        self.refused(self.model, 2, "the model has no tokenizer.json to read a text with", *self.text(b"a text"))
        self.refused(self.model, 2, "--calibrate", "--calibrate", self.path("missing.txt"))
        self.refused(DECODER, 2, "bad.txt: is empty", *self.text(b""))
        self.refused(DECODER, 2, "bad.txt: the text is too short to calibrate with: 1 token", *self.text(b"a"))
        self.refused(DECODER, 2, "bad.txt", *self.text(b"\xff\xfe\x00"))
        np.savez(self.path("bad.npz"), x=self.x[:, 1:])
        self.refused(self.model, 2, "bad.npz: input 'x' dim 1 = 63, expected 64", "--calibrate", self.path("bad.npz"))
        np.savez(self.path("bad.npz"), x=np.zeros((1,) * 20, np.float32))
        self.refused(self.model, 2, "bad.npz: input 'x' has rank 20, at most 16 is possible", "--calibrate",
                     self.path("bad.npz"))
        np.savez(self.path("bad.npz"), y=self.x)
        self.refused(self.model, 2, "'x'", "--calibrate", self.path("bad.npz"))
        for number in (np.nan, np.inf):
            self.x[3, 5] = number
            np.savez(self.path("bad.npz"), x=self.x)
            self.refused(self.model, 2, "the samples make numbers that are not finite", "--calibrate", self.path("bad.npz"))

    def test_flags(self):
        r = self.llmc("compile", self.model, "-o", self.path("out.llmc"), "--quantize", "int4", "--calibrate",
                      self.path("samples"))
        self.assertIn("--calibrate changes nothing: no rule has a method that looks at activations", r.stderr)
        r = self.llmc("compile", self.model, "-o", self.path("out.llmc"), "--calibrate-tokens", "8", code=2)
        self.assertIn("--calibrate-tokens requires --quantize", r.error)

    def test_several_models(self):
        folder = self.path("pair")
        os.mkdir(folder)
        for name in ("encoder_model", "decoder_model"):
            self.layer.save(os.path.join(folder, name + ".onnx"), self.x)
        self.refused(folder, 3, "the folder has several models, and what one of them calibrates with comes from another",
                     "--calibrate", self.path("samples"))



harness.main()

# SPDX-License-Identifier: Apache-2.0
"""Quantization by what activations are: what the model is run on, what the methods gain on it, and what cannot be."""
import filecmp
import json
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


def inputs(rows=ROWS):
    """Rows of few directions, and of channels of different size: what makes rounding with a look at them worth it."""
    few = RNG.standard_normal((rows, 8)) @ RNG.standard_normal((8, WIDTH))
    return (few * np.exp(RNG.standard_normal(WIDTH)) + 0.1 * RNG.standard_normal((rows, WIDTH))).astype(np.float32)


class Layer:
    """A norm and two products with a nonlinearity between them."""

    def __init__(self, inner=INNER):
        self.gain = 1 + 0.1 * RNG.standard_normal(WIDTH).astype(np.float32)
        self.up, self.down = (RNG.standard_normal(s).astype(np.float32) / 8 for s in ((WIDTH, inner), (inner, WIDTH)))

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

    def test_many_channels_and_rows(self):
        # Sums of products go through several blocks of columns, and batches of rows that no sample ends at.
        self.layer, self.x = Layer(inner=1100), inputs(rows=5100)
        self.model = self.layer.save(self.path("model.onnx"), self.x)
        for i in range(2):
            np.savez(self.path(f"samples/{i}.npz"), x=self.x[i::2])
        samples = ["--calibrate", self.path("samples")]
        plain, fed = (self.error(f"float;int4,method={m}@down", *samples) for m in ("rtn", "gptq"))
        self.assertGreater(plain / fed, 5)  # inputs of 8 directions leave most errors free
        # What is summed beside the products.
        fixed, both = (self.error(f"float;int8,act=static,method={m}@down", *samples) for m in ("rtn", "gptq"))
        self.assertLess(both, 1.1 * fixed)
        alone, moved = (self.error(f"int4,method=gptq;int4,method={m}@down", *samples) for m in ("gptq", "gptq+qep"))
        self.assertGreater(alone / moved, 1.3)

    def test_bias(self):
        # Inputs whose mean is far from 0: what rounding takes from the mean of each result comes back.
        self.x += 3
        for i in range(2):
            np.savez(self.path(f"samples/{i}.npz"), x=self.x[i::2])
        samples, want = ["--calibrate", self.path("samples")], self.layer.run(self.x)
        shifts = [abs((self.outputs("--quantize", f"float;int2,method={m}@down", *samples) - want)
                      .mean(0)).max() for m in ("rtn", "rtn+bias")]
        self.assertGreater(shifts[0], 100 * shifts[1])

    def test_float_function_stays(self):
        # Factors of channels alone change nothing: a pattern that fits no product leaves all weights as they are.
        samples = ["--calibrate", self.path("samples")]
        error = self.error("int4,method=awq+rtn;f16@up;f16@down", *samples)
        self.assertLess(error, 1e-3)

    def test_same_bytes(self):
        flags = ["--quantize", "int4,method=gptq+qep", "--calibrate", self.path("samples")]
        one = self.compile(self.model, "one.llmc", *flags, "--jobs", "1")
        self.assertTrue(filecmp.cmp(one, self.compile(self.model, "two.llmc", *flags, "--jobs", "3"), shallow=False))

    def losses(self, spec, *flags, code=0):
        """The budget's document for this SPEC: rows that are given once, and what --budget says of them."""
        r = self.llmc("compile", "--json", self.model, "-o", self.path("out.llmc"), "--quantize", spec, "--calibrate",
                      self.path("samples"), *flags, code=code)
        return json.loads(r.stdout), r

    def outputs(self, *flags):
        artifact = self.compile(self.model, "some.llmc", *flags)
        return harness.library().open(artifact).session().run({"x": self.x}, "raw")["y"].astype(float)

    def cosine(self, spec):
        a, b = self.outputs("--quantize", spec), self.outputs()
        return ((a * b).sum(-1) / np.linalg.norm(a, axis=-1) / np.linalg.norm(b, axis=-1)).mean()

    def test_budget(self):
        kept, _ = self.losses("int4", "--budget", "cosine=0.9")
        self.assertAlmostEqual(kept["budget"][0]["value"], self.cosine("int4"), delta=1e-6)
        self.assertTrue(kept["budget"][0]["kept"])
        os.remove(self.path("out.llmc"))
        missed, r = self.losses("int4", "--budget", "cosine=0.999999", code=4)
        self.assertIn("the budget is not kept: cosine is 0.9", r.error)
        self.assertFalse(os.path.exists(self.path("out.llmc")))
        # The table is what each weight costs alone.
        costs = [row["loss"] for row in missed["costliest"]]
        alone = sorted((1 - self.cosine(spec) for spec in ("int4@up", "int8@down")), reverse=True)  # down is the head
        np.testing.assert_allclose(costs, alone, atol=1e-6)

    def test_budget_of_decoder(self):
        # What `eval` says of the same text.
        text = self.path("text.txt")
        with open(text, "w") as f:
            f.write("One fine day the fox met a crow. ")
        r = self.llmc("compile", "--json", DECODER, "-o", self.path("q.llmc"), "--quantize", "int4", "--budget",
                      "kl=1,ppl=+50%", "--budget-text", text, "--calibrate", os.path.join(DECODER, "tokenizer.json"),
                      "--calibrate-samples", "1", "--calibrate-tokens", "512")
        got = {row["name"]: row["value"] for row in json.loads(r.stdout)["budget"]}
        r = self.llmc("eval", "--json", self.path("q.llmc"), "--text", text, "--baseline", self.compile(DECODER, "f32.llmc"))
        want = json.loads(r.stdout)
        self.assertAlmostEqual(got["kl"], want["kl"]["mean"], delta=1e-6 * want["kl"]["mean"])
        self.assertAlmostEqual(got["ppl"], want["artifact"]["perplexity"] / want["baseline"]["perplexity"] - 1, delta=1e-6)

    def test_mixed(self):
        sizes = {}
        for bits in (3.6, 4.6, 7):
            self.losses(f"mixed,bits={bits}")
            weights = json.loads(self.llmc("inspect", "--json", "--ops", self.path("out.llmc")).stdout)["models"][0]["weight_types"]
            sizes[bits] = sum(w["bits"] for w in weights) / sum(w["elements"] for w in weights)
            self.assertLessEqual(sizes[bits], bits)
        self.assertLess(sizes[3.6], sizes[4.6])
        self.assertLess(sizes[4.6], sizes[7])
        # The fewest bits whose loss is expected to be small enough; that it is, --budget says.
        few, _ = self.losses("mixed,kl=0.02", "--budget", "cosine=0.97")
        more, _ = self.losses("mixed,kl=0.001,types=int4/int8/f16", "--budget", "cosine=0.998")
        self.assertLess(few["weight_bytes"], more["weight_bytes"])

    def test_mixed_cannot(self):
        for target, what in (("bits=3", "the fewest that the types allow are: 3."), ("size=1K", "the fewest that"),
                             ("kl=1e-9", "the least loss that the types allow is: ")):
            _, r = self.losses(f"mixed,{target}", code=4)
            self.assertIn("mixed types cannot meet their target: " + what, r.error)

    def test_static_activations(self):
        """One scale for all rows, that of the samples' largest number; numbers beyond it are cut."""
        static = self.error("int8,act=static", "--calibrate", self.path("samples"))
        self.assertLess(static, 0.1)
        self.assertLess(self.error("int8,act=int8"), static)
        np.savez(self.path("small.npz"), x=self.x * 1e-4)
        self.assertGreater(self.error("int8,act=static", "--calibrate", self.path("small.npz")), static)
        self.llmc("quantize", "-q", self.model, "-o", self.path("q.onnx"), "--quantize", "int8,act=static",
                  "--calibrate", self.path("samples"))
        kinds = [n.op_type for n in onnx.load(self.path("q.onnx")).graph.node]
        self.assertEqual(kinds.count("QuantizeLinear"), 2)
        theirs = exported.session(self.path("q.onnx")).run(None, {"x": 2 * self.x})[0]
        ours = harness.library().open(self.compile(
            self.model, "q.llmc", "--quantize", "int8,act=static", "--calibrate", self.path("samples")))
        got = ours.session().run({"x": 2 * self.x}, "raw")["y"]
        np.testing.assert_allclose(got, theirs, rtol=1e-4, atol=2e-2 * np.std(theirs))

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

    def test_budget_flags(self):
        def refused(message, *flags):
            self.refused(self.model, 2, message, *flags, "--calibrate", self.path("samples"), spec="int4")
        refused("'kl=0.1': this is not measured here", "--budget", "kl=0.1")
        refused("'speed=2': 'speed' is none of kl", "--budget", "speed=2")
        refused("--budget-text requires --budget", "--budget-text", self.model)
        refused("--budget excludes --passes", "--budget", "cosine=1", "--passes", "cse")



harness.main()

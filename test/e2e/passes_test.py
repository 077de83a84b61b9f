# SPDX-License-Identifier: Apache-2.0
"""The numbers with and without each group of passes: a model whose ops stay primitive still runs, and recognising or
fusing them changes nothing but the speed."""
import json
import os
import re

import harness

NORMS = "llmc-recognise-match-norms,llmc-recognise-match-activations"
STAGES = {
    "nothing": "cse",
    "simplified": "llmc-simplify",
    "norms": f"llmc-simplify,{NORMS}",
    "rotations": "llmc-simplify,llmc-recognise-match-rope,llmc-fuse",
    "attention": "llmc-simplify,llmc-recognise-match-attention,llmc-recognise-match-cache,llmc-simplify",
    "products": "llmc-simplify,llmc-recognise-match-linear,llmc-recognise-match-gated-mlp,"
                "llmc-recognise-merge-linears,llmc-fuse-split-gated-mlps,llmc-fuse-fuse-epilogues",
    "integers": "llmc-simplify,llmc-recognise-match-embedding,llmc-recognise-match-integer-products,"
                "llmc-recognise-match-linear,llmc-recognise-merge-linears,llmc-fuse-fuse-epilogues",
    "roundings": "llmc-simplify,llmc-recognise-match-integer-products,llmc-recognise-match-linear,"
                 "llmc-recognise-match-gated-mlp,llmc-fuse-split-gated-mlps,llmc-fuse-fuse-roundings",
    "maps": "llmc-simplify,llmc-fuse-fuse-maps",
    "entries": "llmc-simplify,llmc-recognise,llmc-recognise-make-entries,llmc-simplify,"
               "llmc-fuse-split-gated-mlps",
}


class Passes(harness.Case):
    def verify(self, model, *stages):
        folder = os.path.join(harness.MODELS, model)
        with open(os.path.join(folder, "info.json"), encoding="utf-8") as file:
            tolerance = json.load(file)["tolerance"]
        for stage in stages:
            pipeline = STAGES[stage]
            with self.subTest(model=model, stage=stage):
                artifact = self.compile(os.path.join(folder, "model.onnx"), "out.llmc", "--passes", pipeline)
                self.llmc("verify", artifact, "--data", folder, "--rtol", str(tolerance["rel"]), "--atol",
                          str(tolerance["abs"]))

    def test_results_over_operands(self):
        """A sum stands where its residual stood, a norm where its operand did: nothing reads these any more."""
        model = os.path.join(harness.MODELS, "opt_bert_feat", "model.onnx")
        code = self.llmc("compile", model, "--emit", "rt").stdout
        calls = [(kernel, args.split(", ")) for kernel, args in
                 re.findall(r"rt\.parallel %arg0, @(matmul|norm)_\d+\((.*?)\)", code)]
        sums = [args[5:7] for kernel, args in calls if kernel == "matmul" and not args[5].startswith("%c0")]
        norms = [(args[0], args[4]) for kernel, args in calls if kernel == "norm"]
        self.assertEqual(len(sums), 4)
        self.assertTrue(all(residual == c for residual, c in sums), sums)
        self.assertEqual(sum(x != y for x, y in norms), 1, norms)  # the last one is the model's output

    def test_llama(self):
        self.verify("opt_llama_gqa", *(stage for stage in STAGES if stage not in ("integers", "roundings")))

    def test_llama_dynamo(self):
        self.verify("dyn_llama_op18", "simplified", "rotations", "attention")

    def test_bert(self):
        self.verify("opt_bert_feat", "nothing", "simplified", "norms", "attention", "products", "maps")

    def test_rounded_products(self):
        self.verify("q_llama_dyn_u8", "nothing", "integers")
        self.verify("q_llama_nb4_sym128_acc4", "nothing", "integers", "roundings")

    def test_listed(self):
        """What --emit passes prints is what runs: given back, with any spelling, it makes the same artifact."""
        model = os.path.join(harness.MODELS, "opt_bert_feat", "model.onnx")
        passes = self.llmc("compile", model, "--emit", "passes").stdout.splitlines()
        self.assertIn("llmc-fuse-fuse-maps{max-inputs=12 max-ops=32}", passes)
        artifacts = [self.compile(model, "whole.llmc")]
        for i, text in enumerate((",".join(passes), f" builtin.module({', '.join(passes)}) ")):
            artifacts.append(self.compile(model, f"{i}.llmc", "--passes", text))
        document = json.loads(self.llmc("inspect", artifacts[0], "--json").stdout)
        self.assertEqual(document["passes"], passes)
        contents = []
        for artifact in artifacts:
            with open(artifact, "rb") as file:
                contents.append(file.read())
        self.assertEqual(contents[1:], contents[:1] * 2)

    def test_options_change_the_list(self):
        model = os.path.join(harness.MODELS, "opt_llama_gqa", "model.onnx")
        for options, name in (([], "llmc-fuse-fuse-maps{max-inputs=12 max-ops=32}"),
                              (["--kv", "f16"], "llmc-quantize-store-caches{type=f16}")):
            with self.subTest(options=options):
                self.assertIn(name, self.llmc("compile", model, "--emit", "passes", *options).stdout.splitlines())
        plain = self.llmc("compile", model, "--emit", "passes", "--target", "ref").stdout
        self.assertNotIn("fuse-maps", plain)

    def test_wrong_passes(self):
        for text, why in (("nonsense", "'nonsense' does not refer to a registered pass"),
                          ("cse,", "'' does not refer to a registered pass"),
                          (" ", "'' does not refer to a registered pass"),
                          ("builtin.module(cse", "unbalanced parentheses"),
                          ("llmc-fuse-fuse-maps{max-opz=3}", "failed to add `llmc-fuse-fuse-maps` with options `max-opz=3`"),
                          ("llmc-fuse-fuse-maps{max-ops=x}", "failed to add `llmc-fuse-fuse-maps` with options `max-ops=x`")):
            with self.subTest(passes=text):
                r = self.llmc("compile", os.path.join(harness.MODELS, "opt_llama_gqa", "model.onnx"), "-o", self.path("x"),
                              "--passes", text, code=2)
                self.assertIn("--passes: ", r.error)
                self.assertIn(why, r.error)
                self.assertFalse(os.path.exists(self.path("x")))


harness.main()

# SPDX-License-Identifier: Apache-2.0
"""The numbers with and without each group of passes: a model whose ops stay primitive still runs, and recognising or
fusing them changes nothing but the speed."""
import json
import os

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
    def verify(self, model):
        folder = os.path.join(harness.MODELS, model)
        with open(os.path.join(folder, "info.json"), encoding="utf-8") as file:
            tolerance = json.load(file)["tolerance"]
        for stage, pipeline in STAGES.items():
            with self.subTest(model=model, stage=stage):
                artifact = self.compile(os.path.join(folder, "model.onnx"), "out.llmc", "--passes", pipeline)
                self.llmc("verify", artifact, "--data", folder, "--rtol", str(tolerance["rel"]), "--atol",
                          str(tolerance["abs"]))

    def test_llama(self):
        self.verify("opt_llama_gqa")

    def test_llama_dynamo(self):
        self.verify("dyn_llama_op18")

    def test_bert(self):
        self.verify("opt_bert_feat")

    def test_rounded_products(self):
        self.verify("q_llama_dyn_u8")
        self.verify("q_llama_nb4_sym128_acc4")

    def test_unknown_pass(self):
        r = self.llmc("compile", os.path.join(harness.MODELS, "opt_llama_gqa", "model.onnx"), "-o", self.path("x"),
                      "--passes", "nonsense", code=2)
        self.assertIn("--passes: 'nonsense' does not refer to a registered pass", r.error)


harness.main()

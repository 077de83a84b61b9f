# SPDX-License-Identifier: Apache-2.0
"""Sentence embeddings: a folder's modules.json decides how hidden states become a vector, unless a run says otherwise."""
import ctypes
import json
import os

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, pre_tokenizers

import harness

WORDS = "[UNK] the cat sits outside".split()
SIZE = 8
TABLE = np.random.default_rng(0).standard_normal((len(WORDS), SIZE)).astype(np.float32)
TEXT, ROWS = "the cat sits", TABLE[[1, 2, 3]].astype(np.float64)
POOLED = {"mean": ROWS.mean(0), "first": ROWS[0], "last": ROWS[2], "max": ROWS.max(0)}
NORMALIZE = {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}
DENSE = {"idx": 3, "name": "3", "path": "3_Dense", "type": "sentence_transformers.models.Dense"}


def unit(vector):
    return vector / np.sqrt((vector ** 2).sum())


class Embedding(harness.Case):
    def setUp(self):
        super().setUp()
        self.folder = self.path("model")
        os.mkdir(self.folder)
        graph = helper.make_graph(
            [helper.make_node("Gather", ["table", "input_ids"], ["last_hidden_state"])], "g",
            [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "n"])],
            [helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["batch", "n", SIZE])],
            [numpy_helper.from_array(TABLE, "table")])
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8),
                  os.path.join(self.folder, "model.onnx"))
        tokenizer = Tokenizer(models.WordLevel({w: i for i, w in enumerate(WORDS)}, unk_token="[UNK]"))
        tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
        tokenizer.save(os.path.join(self.folder, "tokenizer.json"))

    def modules(self, pooling, *more):
        path = {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}
        first = {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"}
        os.makedirs(os.path.join(self.folder, "1_Pooling"), exist_ok=True)
        for name, value in (("modules.json", [first, path, *more]), ("1_Pooling/config.json", pooling)):
            with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
                json.dump(value, file)

    def embed(self, artifact, *options):
        run = self.llmc("run", artifact, "--text", TEXT, "--json", *options)
        return np.array(json.loads(run.stdout)["embedding"])

    def same(self, got, want):
        np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-6)  # f32, printed in full

    def test_the_folder_decides(self):
        keys = {"mean": "mean_tokens", "first": "cls_token", "last": "lasttoken", "max": "max_tokens"}
        for pooling, key in keys.items():
            flags = {f"pooling_mode_{k}": k == key for k in keys.values()}
            self.modules({"word_embedding_dimension": SIZE, **flags}, *([NORMALIZE] if pooling == "first" else []))
            want = unit(POOLED["first"]) if pooling == "first" else POOLED[pooling]
            self.same(self.embed(self.compile(self.folder)), want)
        self.modules({"pooling_mode": "lasttoken"})
        self.same(self.embed(self.compile(self.folder)), POOLED["last"])

    def test_options_go_before_the_folder(self):
        self.modules({"pooling_mode_cls_token": True}, NORMALIZE)
        artifact = self.compile(self.folder)
        self.same(self.embed(artifact, "--pooling", "max"), unit(POOLED["max"]))
        self.same(self.embed(artifact, "--no-normalize"), POOLED["first"])

    def test_without_modules(self):
        artifact = self.compile(self.folder)
        self.same(self.embed(artifact), POOLED["mean"])
        self.same(self.embed(artifact, "--pooling", "last", "--normalize"), unit(POOLED["last"]))

    def test_the_library_takes_the_folders_way(self):
        self.modules({"pooling_mode_cls_token": True}, NORMALIZE)
        session = harness.library().open(self.compile(self.folder)).session()
        text, size = TEXT.encode(), ctypes.c_size_t()
        for pooling, normalize, want in ((-1, -1, unit(POOLED["first"])), (0, 0, POOLED["mean"]),
                                         (3, -1, unit(POOLED["max"])), (2, 0, POOLED["last"])):
            vector = (ctypes.c_float * SIZE)()
            session.library.check(session.library.lib.llmc_session_embed(
                session.handle, text, ctypes.c_size_t(len(text)), pooling, normalize, vector, ctypes.c_size_t(SIZE),
                ctypes.byref(size)))
            self.assertEqual(size.value, SIZE)
            self.same(np.array(vector), want)

    def test_what_is_not_supported_is_said(self):
        self.modules({"pooling_mode_cls_token": True, "pooling_mode_max_tokens": True}, DENSE)
        run = self.llmc("compile", "-q", self.folder, "-o", self.path("out.llmc"))
        self.assertIn("asks for a pooling that is not supported", run.stderr)
        self.assertIn("the step 'Dense' is not supported", run.stderr)

    def test_hostile_modules(self):
        for path in ("../elsewhere", ".."):
            self.modules({}, {"type": "x.Pooling", "path": path})
            r = self.llmc("compile", self.folder, "-o", self.path("out.llmc"), code=2)
            self.assertIn("modules.json", r.error)
            self.assertIn("path", r.error)


harness.main()

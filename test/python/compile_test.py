# SPDX-License-Identifier: Apache-2.0
"""Compiling from Python, embeddings of what was compiled, and what an installation without the compiler says."""
import json
import os
import pathlib
import subprocess
import threading
import unittest.mock
import warnings

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, pre_tokenizers

from package import Case, harness, llmc

WORDS = "[UNK] the cat sits outside".split()
TABLE = np.random.default_rng(0).standard_normal((len(WORDS), 8)).astype(np.float32)
TEXTS = ["the cat sits", "outside", "the the cat"]


class Compile(Case):
    def setUp(self):
        super().setUp()
        path = unittest.mock.patch.dict(os.environ, PATH=os.path.join(harness.BUILD, "bin"))
        path.start()
        self.addCleanup(path.stop)

    def encoder(self):
        """Hidden states of words, and how they become a vector."""
        folder = pathlib.Path(self.path("encoder"))
        (folder / "1_Pooling").mkdir(parents=True)
        graph = helper.make_graph(
            [helper.make_node("Gather", ["table", "input_ids"], ["last_hidden_state"])], "g",
            [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "n"])],
            [helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["batch", "n", TABLE.shape[1]])],
            [numpy_helper.from_array(TABLE, "table")])
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), folder / "model.onnx")
        tokenizer = Tokenizer(models.WordLevel({w: i for i, w in enumerate(WORDS)}, unk_token="[UNK]"))
        tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
        tokenizer.save(str(folder / "tokenizer.json"))
        modules = [{"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
                   {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}]
        (folder / "modules.json").write_text(json.dumps(modules), encoding="utf-8")
        (folder / "1_Pooling/config.json").write_text(json.dumps({"pooling_mode_mean_tokens": True}), encoding="utf-8")
        return folder

    def test_embeddings_of_llmc_run(self):
        artifact = llmc.compile(self.encoder(), self.path("out.llmc"), target=["x86-64-v3", "ref"])
        self.assertEqual(artifact, pathlib.Path(self.path("out.llmc")))
        model = llmc.load(artifact, threads=1, isa="ref")
        self.assertEqual([code["target"] for code in model.manifest["code"]], ["x86-64-v3", "ref"])
        want = [json.loads(self.llmc("run", str(artifact), "--isa", "ref", "--text", text, "--json").stdout)["embedding"]
                for text in TEXTS]
        got = model.embed(TEXTS)
        self.assertEqual((got.dtype, got.shape), (np.float32, (3, 8)))
        np.testing.assert_allclose(got, want, rtol=1e-6)
        np.testing.assert_array_equal(model.embed(TEXTS[1]), got[1])
        np.testing.assert_allclose(model.embed(TEXTS[0], pooling="max", normalize=False), TABLE[[1, 2, 3]].max(0))
        self.assertEqual(model.embed([]).shape[0], 0)
        made = []
        threads = [threading.Thread(target=lambda: made.extend(model.embed(TEXTS * 100))) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        np.testing.assert_array_equal(made, np.tile(got, (400, 1)))
        with self.fails(llmc.Code.BAD_INPUT, "pooling is 'sum', must be one of 'mean', 'first'"):
            model.embed("the", pooling="sum")

    def test_what_fails(self):
        folder, out = self.encoder(), self.path("out.llmc")
        with self.fails(llmc.Code.BAD_INPUT, "none.onnx"):
            llmc.compile(self.path("none.onnx"), out)
        with self.fails(llmc.Code.BAD_INPUT, "--nonsense"):
            llmc.compile(folder, out, nonsense=1)
        with self.fails(llmc.Code.BAD_INPUT, "--math"):
            llmc.compile(folder, out, math="f99")
        self.assertFalse(os.path.exists(out))
        (folder / "1_Pooling/config.json").write_text(json.dumps({"pooling_mode_sum": True}), encoding="utf-8")
        with self.assertWarnsRegex(UserWarning, "asks for a pooling that is not supported"):
            llmc.compile(folder, out)
        with self.fails(llmc.Code.BAD_INPUT, "asks for a pooling that is not supported"):
            llmc.compile(folder, out, strict=True)

    def test_the_package_needs_no_compiler(self):
        folder = pathlib.Path(llmc.__file__).parent
        libraries = sorted(folder.glob("*.so*"))
        self.assertEqual([library.name.split(".")[0] for library in libraries], ["_native", "libllmc"])
        for library in libraries:
            needed = subprocess.run(["/usr/bin/ldd", library], capture_output=True, check=True, text=True).stdout
            self.assertNotRegex(needed, "LLVM|MLIR|protobuf|onnx|not found")
        self.assertIn(f"libllmc.so.0 => {folder}", subprocess.run(["/usr/bin/ldd", libraries[0]], capture_output=True,
                                                                  check=True, text=True).stdout)

    def test_without_the_compiler(self):
        with unittest.mock.patch.dict(os.environ, PATH=self.dir):
            with self.fails(llmc.Code.UNSUPPORTED, "this installation has no compiler"):
                llmc.compile(self.encoder(), self.path("out.llmc"))
            with self.fails(llmc.Code.UNSUPPORTED, "cannot load the compiler"):
                llmc.compile(self.dir, self.path("out.llmc"), compiler=pathlib.Path(self.path("none.so")))

    def test_files_that_are_no_artifacts(self):
        path = self.path("x.llmc")
        with self.fails(llmc.Code.BAD_INPUT, "No such file"):
            llmc.load(path)
        with open(harness.TALES_ARTIFACT, "rb") as file:
            content = bytearray(file.read())
        for place in (0, content.index(b'"models"')):
            damaged = content[:]
            damaged[place] ^= 1
            pathlib.Path(path).write_bytes(damaged)
            with self.fails(llmc.Code.INTEGRITY, "x.llmc"):
                llmc.load(path)
        with self.fails(llmc.Code.BAD_INPUT, "threads"):
            llmc.load(harness.TALES_ARTIFACT, threads=-1)
        with self.fails(llmc.Code.BAD_INPUT, "has no code for 'sparc'"):
            llmc.load(harness.TALES_ARTIFACT, isa="sparc")


warnings.simplefilter("error")
harness.main()

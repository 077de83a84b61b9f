# SPDX-License-Identifier: Apache-2.0
"""Encoders with decoders: what `run --prompt` writes about a text is what onnxruntime writes without caches, from the two
files of a decoder and from the merged one, greedy and with beams, under the folder's settings."""
import json
import os
import tempfile

import numpy as np

import harness
from search import beam_search, greedy
from seq2seq import Oracle, write_folder, write_json

START, EOS = 1, 2
CONFIG = {"model_type": "t5", "is_encoder_decoder": True, "decoder_start_token_id": START, "eos_token_id": EOS,
          "pad_token_id": EOS, "vocab_size": 320}
SOURCE = [17, 250, 33, 90, 41, 7, 199]
TEXT = " ".join(f"w{i}" for i in SOURCE)
LENGTH = 12


class Seq2Seq(harness.Case):
    @classmethod
    def setUpClass(cls):
        cls.shared = tempfile.TemporaryDirectory()
        cls.plain = os.path.join(cls.shared.name, "t5.llmc")
        write_folder(os.path.join(cls.shared.name, "t5"), "t5", CONFIG)
        cls.llmc(cls("run_json"), "compile", "-q", os.path.join(cls.shared.name, "t5"), "-o", cls.plain)
        ids = np.array([SOURCE], np.int64)
        cls.oracle = Oracle("t5").read(input_ids=ids, attention_mask=np.ones_like(ids))

    @classmethod
    def tearDownClass(cls):
        cls.shared.cleanup()

    def build(self, merged=False, generation=None):
        folder = self.path("model")
        write_folder(folder, "t5", CONFIG, merged)
        if generation:
            write_json(folder, "generation_config.json", generation)
        return self.compile(folder)

    def run_json(self, artifact, *flags, text=TEXT):
        return json.loads(self.llmc("run", artifact, "--prompt", text, "--json", "--max-tokens", str(LENGTH), *flags).stdout)

    def test_as_without_caches(self):
        wanted = greedy(self.oracle, [START], LENGTH, [EOS])
        self.assertGreater(len(set(wanted)), 1)
        for artifact in (self.plain, self.build(merged=True)):
            made = self.run_json(artifact)
            self.assertEqual(made["ids"], wanted)
            self.assertEqual(made["stats"]["prompt_tokens"], len(SOURCE))
            beams = self.run_json(artifact, "--beams", "3", "--sequences", "3", "--length-penalty", "0.7")
            texts = beam_search(self.oracle, [START], 3, LENGTH, [EOS], 0.7)
            self.assertEqual([t["ids"] for t in beams["texts"]], [[i for i in ids if i != EOS] for ids, _ in texts])
            for text, (_, score) in zip(beams["texts"], texts):
                self.assertAlmostEqual(text["score"], score, delta=1e-3)
        entries = {m["name"]: [e["name"] for e in m["entries"]]
                   for m in json.loads(self.llmc("inspect", artifact, "--json").stdout)["models"]}
        self.assertEqual(entries, {"decoder_with_past": ["raw", "decode"], "decoder": ["raw", "cross"], "encoder": ["raw"]})

    def test_a_session_reads_one_text_after_another(self):
        session = harness.library().open(self.plain).session()
        wanted = greedy(self.oracle, [START], LENGTH, [EOS])
        other = [5, 6, 300]
        ids = np.array([other], np.int64)
        unlike = greedy(Oracle("t5").read(input_ids=ids, attention_mask=np.ones_like(ids)), [START], LENGTH, [EOS])
        self.assertNotEqual(unlike, wanted)
        for source, want in ((SOURCE, wanted), (other, unlike), (SOURCE, wanted)):
            text = session.generate(" ".join(f"w{i}" for i in source), max_tokens=LENGTH)[0]
            self.assertEqual(text.ids, want)

    def test_settings_of_the_folder(self):
        plain = greedy(self.oracle, [START], LENGTH, [EOS])
        settings = {"forced_bos_token_id": 77, "forced_eos_token_id": EOS, "suppress_tokens": plain[:2],
                    "begin_suppress_tokens": [88], "decoder_start_token_id": 9}

        class Ruled:
            def logprobs(_, tokens):
                scores = self.oracle.logprobs(tokens)
                scores[plain[:2]] = -np.inf
                forced = 77 if len(tokens) == 1 else EOS if len(tokens) == LENGTH else None
                return scores if forced is None else np.where(np.arange(320) == forced, 0.0, -np.inf)
        made = self.run_json(self.build(generation=settings))
        self.assertEqual(made["ids"], greedy(Ruled(), [9], LENGTH, [EOS]))
        self.assertEqual((made["ids"][0], len(made["ids"]), made["finish"]), (77, LENGTH - 1, "end_token"))

    def test_what_is_missing_is_said(self):
        folder = self.path("alone")
        write_folder(folder, "t5", CONFIG)
        os.remove(os.path.join(folder, "encoder_model.onnx"))
        failed = self.llmc("run", self.compile(folder), "--prompt", TEXT, code=3)
        self.assertIn("the decoder looks at an encoder, which is not in the artifact", failed.error)


harness.main()

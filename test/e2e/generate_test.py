# SPDX-License-Identifier: Apache-2.0
"""Generation with the bundled model: log probabilities and beam search against onnxruntime, seeds, stop strings, the
artifact's defaults, limits and cancelling."""
import json
import math
import os
import shutil
import threading

import numpy as np
import onnxruntime

import harness
import llmc
from search import beam_search

PROMPT = "Once upon a time there was a poor woodcutter"
EOS, FULL_STOP = 2, 47
# Two computations of a log probability: logits of size 20 in f32, whose sums over 256 terms in six layers come in
# different orders. The greedy golden test grants the same.
CLOSE = 1e-3


class Oracle:
    """Log probabilities of the next token by onnxruntime, always over the whole sequence."""

    def __init__(self):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(os.path.join(harness.TALES, "model.onnx"), options,
                                                    providers=["CPUExecutionProvider"])
        self.known = {}

    def feed(self, tokens):
        ids = np.array([tokens], np.int64)
        values = {"input_ids": ids, "attention_mask": np.ones_like(ids),
                  "position_ids": np.arange(len(tokens), dtype=np.int64)[None]}
        for value in self.session.get_inputs():
            if value.name not in values:  # a cache: [batch, heads, past, head size]
                values[value.name] = np.zeros([1, value.shape[1], 0, value.shape[3]], np.float32)
        return values

    def logprobs(self, tokens):
        key = tuple(tokens)
        if key not in self.known:
            logits = self.session.run(["logits"], self.feed(tokens))[0][0, -1].astype(np.float64)
            logits -= logits.max()
            self.known[key] = logits - math.log(np.exp(logits).sum())
        return self.known[key]


class Generate(harness.Case):
    @classmethod
    def setUpClass(cls):
        cls.oracle = Oracle()
        cls.library = harness.library()
        cls.models = {threads: cls.library.open(harness.TALES_ARTIFACT, threads) for threads in (1, 2)}
        cls.session = cls.models[1].session()
        cls.prompt = [1, 2840, 667, 261, 523, 448, 310, 261, 928, 935, 102, 2420]
        cls.greedy = cls.session.generate(PROMPT, temperature=0, max_tokens=40, ignore_eos=1)[0]

    def run_json(self, *flags, artifact=harness.TALES_ARTIFACT):
        return json.loads(self.llmc("run", artifact, "--prompt", PROMPT, "--json", *flags).stdout)

    def test_log_probabilities(self):
        made = self.session.generate(PROMPT, temperature=1.5, seed=3, max_tokens=20, presence_penalty=1, logprobs=5)[0]
        self.assertGreater(len(made.ids), 5)
        for i, token in enumerate(made.ids):
            want = self.oracle.logprobs(self.prompt + made.ids[:i])
            self.assertAlmostEqual(made.logprobs[i], want[token], delta=CLOSE)
            got = dict(made.likeliest[i])
            self.assertEqual(len(got), 5)
            for other, logprob in got.items():
                self.assertAlmostEqual(logprob, want[other], delta=CLOSE)
            self.assertGreater(min(got.values()), np.sort(want)[-5] - CLOSE)
            self.assertEqual(list(got.values()), sorted(got.values(), reverse=True))

    def test_the_program_tells_the_same(self):
        document = self.run_json("--greedy", "--max-tokens", "6", "--ignore-eos", "--logprobs", "2")
        self.assertEqual(document["ids"], self.greedy.ids[:6])
        self.assertEqual(document["finish"], "length")
        self.assertEqual([t["id"] for t in document["logprobs"]], document["ids"])
        for token in document["logprobs"]:
            self.assertEqual(token["likeliest"][0], {"id": token["id"], "logprob": token["likeliest"][0]["logprob"]})
            self.assertAlmostEqual(token["logprob"], token["likeliest"][0]["logprob"], delta=1e-5)
            self.assertEqual(len(token["likeliest"]), 2)
        drawn = self.run_json("--temperature", "0.9", "--top-k", "50", "--seed", "4", "--sequences", "2", "--max-tokens", "9")
        texts = self.session.generate(PROMPT, temperature=0.9, top_k=50, seed=4, sequences=2, max_tokens=9)
        self.assertEqual([t["ids"] for t in drawn["texts"]], [t.ids for t in texts])
        self.assertEqual([t["text"] for t in drawn["texts"]], [t.text for t in texts])
        self.assertEqual(drawn["ids"], texts[0].ids)
        lines = self.llmc("run", harness.TALES_ARTIFACT, "--prompt", PROMPT, "--temperature", "0.9", "--top-k", "50",
                          "--seed", "4", "--sequences", "2", "--max-tokens", "9").stdout
        self.assertEqual(lines, "".join(t.text + "\n" for t in texts))

    def test_a_seed_gives_the_same_on_any_threads(self):
        settings = dict(temperature=1.1, top_p=0.95, min_p=0.01, repetition_penalty=1.1, max_tokens=30)
        first = [t.ids for t in self.session.generate(PROMPT, seed=9, sequences=3, **settings)]
        self.assertEqual(len({tuple(ids) for ids in first}), 3)
        second = self.models[2].session().generate(PROMPT, seed=9, sequences=3, **settings)
        self.assertEqual([t.ids for t in second], first)
        self.assertEqual(self.session.generate(PROMPT, seed=9, **settings)[0].ids, first[0])
        self.assertNotEqual(self.session.generate(PROMPT, seed=10, **settings)[0].ids, first[0])

    def test_stop_strings_across_tokens(self):
        text, pieces = self.greedy.text, self.greedy.pieces
        borders = set(np.cumsum([len(p) for p in pieces]))
        crossed = 0
        for start in range(0, len(text) - 8, 3):
            stop = text[start:start + 7]
            end = text.find(stop)
            crossed += any(end < border < end + len(stop) for border in borders)
            made = self.session.generate(PROMPT, temperature=0, max_tokens=40, ignore_eos=1,
                                         stop_strings=["not in the text", stop])[0]
            self.assertEqual((made.text, made.finish), (text[:end], "stop_string"))
            # Nothing that belongs to the string was shown before.
            self.assertTrue(text[:end].startswith("".join(made.pieces)))
        self.assertGreater(crossed, 5)
        document = self.run_json("--greedy", "--ignore-eos", "--max-tokens", "40", "--stop", text[9:14], "--stop", "zzz")
        self.assertEqual((document["text"], document["finish"]), (text[:text.find(text[9:14])], "stop_string"))

    def test_pieces_are_whole_characters(self):
        # So hot that bytes of all kinds follow each other; Text.add decodes every piece strictly.
        made = self.session.generate("a", temperature=100.0, max_tokens=400, seed=1, ignore_eos=1)[0]
        self.assertEqual(len(made.ids), 400)
        self.assertIn("\ufffd", made.text)

    def test_ends(self):
        ids = self.greedy.ids
        made = self.session.generate(PROMPT, temperature=0, max_tokens=40, stop_tokens=[ids[7]])[0]
        self.assertEqual((made.ids, made.finish), (ids[:ids.index(ids[7])], "end_token"))
        later = self.session.generate(PROMPT, temperature=0, max_tokens=40, min_tokens=20, stop_tokens=[ids[7]])[0]
        self.assertGreaterEqual(len(later.ids), 20)
        self.assertNotIn(ids[7], later.ids)
        timed = self.session.generate(PROMPT, temperature=0, time_limit=1e-6)[0]
        self.assertEqual((timed.ids, timed.finish), (ids[:1], "time"))
        enough = self.session.generate(PROMPT, lambda text: len(text.ids) < 4, temperature=0)[0]
        self.assertEqual((enough.ids, enough.finish), (ids[:4], None))

    def test_bias_and_runs(self):
        free = self.session.generate(PROMPT, temperature=0, max_tokens=40, ignore_eos=1, no_repeat_ngram=3)[0].ids
        whole = self.prompt + free
        runs = [tuple(whole[i:i + 3]) for i in range(len(whole) - 2)]
        self.assertEqual(len(set(runs)), len(runs))
        self.assertLess(len({tuple(self.greedy.ids[i:i + 3]) for i in range(38)}), 38)
        first = self.greedy.ids[0]
        made = self.session.generate(PROMPT, temperature=0, max_tokens=40, ignore_eos=1, logit_bias=[(first, -math.inf)])
        self.assertNotIn(first, made[0].ids)
        only = self.run_json("--greedy", "--max-tokens", "3", "--logit-bias", "5=100", "--logit-bias", f"{first}=-inf")
        self.assertEqual(only["ids"], [5, 5, 5])

    def test_beam_search(self):
        cases = [dict(beams=3, length=8), dict(beams=4, length=14, ends=[FULL_STOP], penalty=1.0),
                 dict(beams=4, length=14, ends=[FULL_STOP], penalty=0.0, early="yes"),
                 dict(beams=3, length=14, ends=[FULL_STOP], penalty=2.0, early="never"),
                 dict(beams=3, length=12, ends=[FULL_STOP, 272], penalty=-0.5, early="no"),
                 dict(beams=2, length=16, ban_runs=2)]
        finishes = set()
        for case in cases:
            with self.subTest(**case):
                ends = case.pop("ends", [])
                want = beam_search(self.oracle, self.prompt, ends=[EOS, *ends], **case)
                made = self.session.generate(
                    PROMPT, beams=case["beams"], sequences=case["beams"], max_tokens=case["length"], stop_tokens=ends,
                    length_penalty=case.get("penalty", 1.0), no_repeat_ngram=case.get("ban_runs", 0),
                    early_stopping=["no", "yes", "never"].index(case.get("early", "no")), logprobs=0)
                self.assertEqual(len(made), len(want))
                for text, (ids, score) in zip(made, want):
                    self.assertAlmostEqual(text.score, score, delta=CLOSE)
                    finishes.add(text.finish)
                    ended = text.finish == "end_token"
                    self.assertEqual(text.ids, ids[:-1] if ended else ids)
                    logprobs = [self.oracle.logprobs(self.prompt + ids[:i])[t] for i, t in enumerate(text.ids)]
                    self.assertTrue(np.allclose(text.logprobs, logprobs, atol=CLOSE))
        self.assertEqual(finishes, {"end_token", "length"})
        # The session is whole again, and one beam is greedy.
        self.assertEqual(self.session.generate(PROMPT, temperature=0, max_tokens=40, ignore_eos=1)[0].ids, self.greedy.ids)
        document = self.run_json("--beams", "3", "--max-tokens", "8")
        self.assertEqual(document["ids"], beam_search(self.oracle, self.prompt, 3, 8, [EOS])[0][0])
        self.assertIn("score", document)

    def test_beams_end_before_stop_strings(self):
        made = self.session.generate(PROMPT, beams=3, sequences=3, max_tokens=20, stop_strings=[". ", "and"])
        for text in made:
            self.assertFalse(". " in text.text or "and" in text.text)
        self.assertIn("stop_string", [text.finish for text in made])

    def test_defaults_of_the_artifact(self):
        folder = self.path("model")
        shutil.copytree(harness.TALES, folder)
        with open(os.path.join(folder, "generation_config.json"), "w", encoding="utf-8") as file:
            json.dump({"eos_token_id": [EOS, FULL_STOP], "num_beams": 2, "num_return_sequences": 2, "max_new_tokens": 12,
                       "repetition_penalty": 1.3, "no_repeat_ngram_size": 3, "min_new_tokens": 3, "length_penalty": 0.5,
                       "early_stopping": True, "do_sample": False, "temperature": 0.5, "typical_p": 0.9}, file)
        artifact = self.path("own.llmc")
        warned = self.llmc("compile", "-q", folder, "-o", artifact).stderr
        self.assertIn("typical_p: generation does not use it", warned)
        common = ["--max-tokens", "12", "--repetition-penalty", "1.3", "--no-repeat-ngram", "3", "--min-tokens", "3",
                  "--stop-token", str(FULL_STOP)]
        beams = ["--beams", "2", "--sequences", "2", "--length-penalty", "0.5", "--early-stopping", "yes"]
        own = self.run_json(artifact=artifact)
        said = self.run_json(*common, *beams)
        for key in ("ids", "text", "finish", "score", "texts"):
            self.assertEqual(own[key], said[key], key)
        self.assertEqual(self.run_json("--beams", "1", artifact=artifact)["ids"], self.run_json("--greedy", *common)["ids"])
        free = self.run_json("--greedy", "--beams", "1", "--max-tokens", "30", "--repetition-penalty", "1",
                             "--no-repeat-ngram", "0", "--ignore-eos", artifact=artifact)
        self.assertEqual(free["ids"], self.greedy.ids[:30])
        drawn = self.run_json("--top-k", "5", "--seed", "2", artifact=artifact)  # samples at the folder's temperature
        said = self.run_json("--top-k", "5", "--seed", "2", "--temperature", "0.5", "--sequences", "2", "--top-p", "1", *common)
        self.assertEqual(drawn["texts"], said["texts"])

    def test_another_thread_cancels(self):
        def cancel(text):
            if len(text.ids) == 3:
                other = threading.Thread(target=self.session.cancel)
                other.start()
                other.join()
            return True
        with self.assertRaises(llmc.Failure) as caught:
            self.session.generate(PROMPT, cancel, temperature=0, max_tokens=40)
        self.assertEqual((caught.exception.code, str(caught.exception)), (5, "cancelled"))
        self.assertEqual(self.session.generate(PROMPT, temperature=0, max_tokens=5)[0].ids, self.greedy.ids[:5])

    def test_wrong_settings(self):
        for flags, message in [
                (["--temperature", "-1"], "temperature -1 is not a number from 0 on"),
                (["--temperature", "nan"], "temperature nan is not a number from 0 on"),
                (["--top-p", "0"], "top-p 0 is outside (0, 1]"),
                (["--max-tokens", "0"], "maximum of tokens 0 is outside [1, 1099511627776]"),
                (["--stop", ""], "stop string 1 is empty"),
                (["--logit-bias", "99999=1"], "logit bias of token 99999: the vocabulary has 4096"),
                (["--logit-bias", "5"], "--logit-bias: '5' is not ID=BIAS, such as 42=-5 or 42=-inf"),
                (["--stop-token", "4096"], "stop token 4096: the vocabulary has 4096"),
                (["--greedy", "--sequences", "2"], "2 sequences without sampling would all be the same"),
                (["--greedy", "--temperature", "1"], "--greedy excludes --temperature"),
                (["--beams", "2", "--temperature", "1"], "a beam search does not sample"),
                (["--early-stopping", "maybe"], "--early-stopping: maybe not in {yes,no,never}")]:
            failed = self.llmc("run", harness.TALES_ARTIFACT, "--prompt", "a", *flags, code=2)
            self.assertIn(message, failed.error)

    def test_wrong_calls(self):
        lib, options = self.library.lib, llmc.GenerateOptions()
        size = llmc.c.sizeof(options)
        refused = f"generation options of 4 bytes, this library knows {size}: llmc_generate_defaults makes them"
        self.assertEqual(lib.llmc_generate_defaults(llmc.c.byref(options), llmc.c.c_size_t(4)), 2)
        self.assertEqual(lib.llmc_last_error().decode(), refused)
        self.assertEqual(lib.llmc_generate_defaults(None, llmc.c.c_size_t(size)), 2)
        take = llmc.GenerateCallback(lambda user, made: 0)

        def generate():
            return lib.llmc_session_generate(self.session.handle, b"a", llmc.c.c_size_t(1), llmc.c.byref(options), take, None,
                                             None)
        self.assertEqual(generate(), 2)  # options that nobody made
        # A caller that knows fewer fields: the others have their defaults.
        known = llmc.GenerateOptions.temperature.offset
        self.assertEqual(lib.llmc_generate_defaults(llmc.c.byref(options), llmc.c.c_size_t(known)), 0)
        options.max_tokens = 2
        self.assertEqual(generate(), 0)
        self.assertEqual(lib.llmc_generate_defaults(llmc.c.byref(options), llmc.c.c_size_t(size)), 0)
        options.stop_string_count = 1
        self.assertEqual(generate(), 2)
        self.assertEqual(lib.llmc_last_error().decode(), "a list of the generation options is null")
        options.stop_string_count, options.early_stopping = 0, 7
        self.assertEqual(generate(), 2)
        self.assertEqual(lib.llmc_last_error().decode(), "unknown early stopping")
        with self.assertRaisesRegex(llmc.Failure, "temperature -1 is not a number from 0 on"):
            self.session.generate("a", temperature=-1.0)


harness.main()

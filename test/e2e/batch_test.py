# SPDX-License-Identifier: Apache-2.0
"""Many requests at once and speculative decoding: the same tokens and log probabilities as one request alone, bit for
bit, whoever runs beside it, however prompts are cut and whatever is proposed."""
import json
import os

import harness

PROMPTS = ["Once upon a time there was a poor woodcutter", "The king", "A fox and a crow sat in a tree, and the fox said",
           "In the forest " * 20, "Hans", "There lived an old man who had three sons, the youngest of whom was called",
           "One day the wolf came to the house " * 12, "She went"]


def settings(i):
    """Of request i: all kinds, and texts of different lengths."""
    choice = [{"temperature": 0}, {"temperature": 0.9, "top_k": 50}, {"temperature": 1.2, "repetition_penalty": 1.2},
              {"temperature": 0.7, "top_p": 0.9, "sequences": 2}][i % 4]
    return {"max_tokens": 6 + 5 * (i * 7 % 6), "seed": i, "logprobs": 2, "ignore_eos": i % 3 == 0, **choice}


def told(texts):
    return [(t.ids, t.logprobs, t.likeliest, t.text, t.finish) for t in texts]


class Batches(harness.Case):
    @classmethod
    def setUpClass(cls):
        cls.library = harness.library()
        cls.models = {threads: cls.library.open(harness.TALES_ARTIFACT, threads) for threads in (1, 2)}
        session = cls.models[1].session()
        cls.want = [told(session.generate(PROMPTS[i % len(PROMPTS)], **settings(i))) for i in range(16)]

    def run_all(self, threads, **options):
        batch = self.models[threads].batch(**options)
        requests = []
        for i in range(16):
            requests.append(batch.submit(PROMPTS[i % len(PROMPTS)], **settings(i)))
            if i % 5 == 4:  # the others join while these run
                batch.step()
        batch.run()
        for i, request in enumerate(requests):
            self.assertEqual((request.status, request.error), (0, ""))
            self.assertEqual(told(request.texts), self.want[i], f"request {i}, {threads} threads, {options}")

    def test_the_same_bits_in_company(self):
        self.run_all(2, sequences=16)
        self.run_all(1, sequences=3, step_tokens=9)
        self.run_all(2, sequences=5, step_tokens=64, lookup=3)

    def test_speculation_changes_nothing(self):
        model = self.models[2]
        session, draft = model.session(), model.session()
        for i in (0, 1, 2, 3, 6):
            for speculation in ({"lookup": 1}, {"draft": draft, "speculate_tokens": 3}):
                texts = session.generate(PROMPTS[i % len(PROMPTS)], **settings(i), **speculation)
                self.assertEqual(told(texts), self.want[i], f"request {i}, {speculation}")

    def test_the_program(self):
        with open(self.path("prompts.jsonl"), "w", encoding="utf-8") as file:
            for i, prompt in enumerate(PROMPTS):
                line = {"prompt": prompt, "max_tokens": 8, "seed": i, "temperature": 0.8}
                file.write(json.dumps(prompt if i == 1 else line) + "\n\n")
        flags = ["--greedy", "--max-tokens", "5", "--stats"]
        out = self.llmc("run", harness.TALES_ARTIFACT, "--prompts", self.path("prompts.jsonl"), *flags)
        lines = [json.loads(line) for line in out.stdout.splitlines()]
        self.assertEqual([line["line"] for line in lines], [2 * i + 1 for i in range(len(PROMPTS))])
        session = self.models[1].session()
        for i, line in enumerate(lines):
            chosen = {"temperature": 0, "max_tokens": 5} if i == 1 else {"temperature": 0.8, "max_tokens": 8, "seed": i}
            self.assertEqual(line["ids"], session.generate(PROMPTS[i], **chosen)[0].ids)
        self.assertRegex(out.stderr, "note: 8 requests, [0-9]+ tokens in ")
        spoken = ["run", harness.TALES_ARTIFACT, "--prompt", PROMPTS[6], "--greedy", "--max-tokens", "30", "--json"]
        alone = json.loads(self.llmc(*spoken).stdout)
        for how in ("ngram", harness.TALES_ARTIFACT):
            helped = json.loads(self.llmc(*spoken, "--speculate", how, "--speculate-tokens", "3").stdout)
            self.assertEqual(helped["ids"], alone["ids"])
            self.assertLess(helped["stats"]["steps"], alone["stats"]["steps"])
        self.assertEqual(helped["stats"]["accepted"], helped["stats"]["proposed"])

    def test_what_is_refused(self):
        def fails(text, *flags, content='"x"\n', code=2):
            with open(self.path("p.jsonl"), "w", encoding="utf-8") as file:
                file.write(content)
            run = self.llmc("run", harness.TALES_ARTIFACT, "--prompts", self.path("p.jsonl"), *flags, code=code)
            self.assertIn(text, run.error)

        fails("line 1: has an unknown field 'size'", content='{"prompt": "x", "size": 3}\n')
        fails("line 2: is neither a string nor an object", content='"x"\n[3]\n')
        fails("line 1: [json", content="x\n")
        fails("line 1: temperature -1 is not a number", content='{"prompt": "x", "temperature": -1}\n')
        fails("sequences at the same time: must be between", "--concurrency", "0")
        fails("tokens in a step: must be between 32 and", "--step-tokens", "31")
        fails("a draft model helps one prompt at a time", "--speculate", harness.TALES_ARTIFACT)
        fails("does not run beside other requests", "--beams", "2", code=3)
        prompt = ["run", harness.TALES_ARTIFACT, "--prompt", "x", "--speculate"]
        self.assertIn("65 tokens proposed at once", self.llmc(*prompt, "ngram", "--speculate-tokens", "65", code=2).error)
        other = self.compile(os.path.join(harness.MODELS, "opt_llama_gqa"))
        self.assertIn("has not the tokenizer", self.llmc(*prompt, other, code=2).error)
        with self.assertRaisesRegex(self.library_failure, "not by both"):
            self.models[1].session().generate("x", lookup=1, draft=self.models[1].session())
        with self.assertRaisesRegex(self.library_failure, "a setting of the batch"):
            self.models[1].batch().submit("x", lookup=1)

    library_failure = harness.llmc.Failure

    def test_cancelling(self):
        batch = self.models[2].batch()
        kept = batch.submit(PROMPTS[0], temperature=0, max_tokens=20, ignore_eos=1)
        dropped = batch.submit(PROMPTS[0], temperature=0, max_tokens=200, ignore_eos=1)
        batch.step()
        batch.step()
        batch.cancel(dropped)
        batch.run()
        self.assertEqual((dropped.status, dropped.error), (5, "cancelled"))
        self.assertEqual((kept.status, len(kept.texts[0].ids)), (0, 20))
        self.assertLess(len(dropped.texts[0].ids), 3)


harness.main()

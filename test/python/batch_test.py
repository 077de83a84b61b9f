# SPDX-License-Identifier: Apache-2.0
"""Batches from Python: the texts of `generate`, whatever runs beside them, from several threads; events, ends and
misuse. Speculation, which changes nothing of a text."""
import gc
import json
import os
import threading
import time
import weakref

from package import Case, harness, llmc

PROMPTS = ["Once upon a time there was a poor woodcutter", "The king",
           "A fox and a crow sat in a tree, and the fox said", "Hans", "One day the wolf came to the house " * 6, "She went"]


def settings(i):
    """Of request i: all kinds, and texts of different lengths."""
    choices = {"temperature": 0.0}, {"temperature": 0.9, "top_k": 50}, {"temperature": 0.7, "top_p": 0.9, "sequences": 2}
    return {"max_tokens": 5 + 4 * (i % 3), "seed": i, "logprobs": 2, "ignore_eos": i % 2 == 0, **choices[i % 3]}


class Batches(Case):
    @classmethod
    def setUpClass(cls):
        cls.model = llmc.load(harness.TALES_ARTIFACT, threads=1)
        cls.want = []
        for i, prompt in enumerate(PROMPTS):
            made = cls.model.generate(prompt, **settings(i))
            made.text()
            cls.want.append(made.texts)

    def submit_all(self, batch):
        return [batch.submit(prompt, **settings(i)) for i, prompt in enumerate(PROMPTS)]

    def check(self, requests):
        for request, want in zip(requests, self.want, strict=True):
            self.assertTrue(request.is_over)
            self.assertIsNone(request.error)
            self.assertEqual(request.texts, want)
            self.assertEqual(request.text(), want[0].text)
            self.assertEqual(request.stats["tokens"], sum(len(text.ids) for text in want))

    def test_the_same_in_company(self):
        for options in ({}, {"sequences": 2, "step_tokens": 7}, {"sequences": 3, "lookup": 3, "step_tokens": 40}):
            with self.model.batch(**options) as batch:
                requests = self.submit_all(batch)
                self.assertTrue(batch.step())
                self.assertFalse(requests[4].is_over)
                batch.run()
                self.assertFalse(batch.step())
                self.check(requests)
                if "lookup" in options:
                    self.assertGreater(sum(request.stats["proposed"] for request in requests), 0)

    def test_events_as_they_come(self):
        batch = self.model.batch(sequences=4)
        requests = self.submit_all(batch)
        tokens, ended, late = {request: [] for request in requests}, [], None
        for request, token in batch:
            if token is None:
                self.assertTrue(request.is_over)
                ended.append(request)
                if late is None:  # joins those that run
                    late = batch.submit(PROMPTS[0], **settings(0))
                    tokens[late] = []
            else:
                self.assertNotIn(request, ended)
                tokens[request].append(token)
        self.check(requests)
        self.assertEqual(set(ended), set(tokens))
        self.assertEqual(late.texts, self.want[0])
        for request, told in tokens.items():
            for sequence, text in enumerate(request.texts):
                mine = [token for token in told if token.sequence == sequence]
                self.assertEqual([token.id for token in mine], [*text.ids, None])
                self.assertEqual("".join(token.text for token in mine), text.text)
                self.assertEqual(mine[-1].finish, text.finish)
        self.assertEqual(list(batch), [])

    def test_threads_submit_and_cancel(self):
        """One thread steps; others submit, each cancelling every second request of its own."""
        batch, done, cancelled, kept = self.model.batch(sequences=4), threading.Event(), [], []

        def serve():
            while not done.is_set() or batch.step():
                batch.step()

        def ask(i):
            for _ in range(3):
                kept.append((i, batch.submit(PROMPTS[i], **settings(i))))
                dropped = batch.submit(PROMPTS[i], max_tokens=2000, ignore_eos=True)
                (dropped.cancel if i % 2 else lambda: batch.cancel(dropped))()
                cancelled.append(dropped)

        server = threading.Thread(target=serve)
        askers = [threading.Thread(target=ask, args=(i,)) for i in range(3)]
        for thread in [server, *askers]:
            thread.start()
        for thread in askers:
            thread.join()
        done.set()
        server.join()
        self.assertEqual((len(kept), len(cancelled)), (9, 9))
        for i, request in kept:
            self.assertEqual(request.texts, self.want[i])
        for request in cancelled:
            self.assertEqual((request.error.code, str(request.error)), (llmc.Code.RESOURCE, "cancelled"))
            self.assertIsNone(request.stats)
            with self.fails(llmc.Code.RESOURCE, "cancelled"):
                request.text()
            request.cancel()

    def test_the_gil_is_released(self):
        batch, counted, done = self.model.batch(), [0], threading.Event()
        batch.submit("In the forest " * 60, max_tokens=1)

        def count():
            while not done.is_set():
                counted[0] += 1
                time.sleep(0)

        thread = threading.Thread(target=count)
        thread.start()
        before = counted[0]
        batch.step()
        between = counted[0] - before
        done.set()
        thread.join()
        self.assertGreater(between, 10)

    def test_closed_batches(self):
        with self.model.batch() as batch:
            running, waiting = (batch.submit(PROMPTS[0], max_tokens=400, ignore_eos=True) for _ in range(2))
            batch.step()
        for request in (running, waiting):
            self.assertEqual(request.error.code, llmc.Code.RESOURCE)
        for call in (batch.step, batch.run, lambda: batch.submit("x"), lambda: next(iter(batch))):
            with self.fails(llmc.Code.BAD_INPUT, "the batch is closed"):
                call()
        batch.close()
        batch.cancel(running)
        dropped = self.model.batch()
        alive, request = weakref.ref(dropped), dropped.submit(PROMPTS[0])
        del dropped, request
        gc.collect()
        self.assertIsNone(alive())

    def test_closed_by_another_thread(self):
        for _ in range(5):
            batch, errors = self.model.batch(), []
            requests = [batch.submit(PROMPTS[0], max_tokens=2000, ignore_eos=True) for _ in range(3)]

            def step(batch=batch, errors=errors):
                try:
                    batch.run()
                except llmc.Error as error:
                    errors.append(str(error))

            thread = threading.Thread(target=step)
            thread.start()
            time.sleep(0.02)
            batch.close()
            thread.join()
            self.assertEqual(errors, ["the batch is closed"])
            self.assertTrue(all(request.error.code == llmc.Code.RESOURCE for request in requests))

    def test_misuse(self):
        batch, other = self.model.batch(), self.model.batch()
        foreign = other.submit(PROMPTS[0], max_tokens=1)
        with self.fails(llmc.Code.BAD_INPUT, "the request is another batch's"):
            batch.cancel(foreign)
        for wrong in (None, 1, "x"):
            with self.assertRaisesRegex(TypeError, "takes a Request"):
                batch.cancel(wrong)
        with self.assertRaisesRegex(TypeError, r"submit\(\) got an unknown setting 'max_token'"):
            batch.submit("x", max_token=3)
        with self.assertRaisesRegex(TypeError, "wrong type for 'top_k'"):
            batch.submit("x", top_k="many")
        for wrong in (b"x", 3.5, None):
            with self.assertRaises((TypeError, llmc.Error)):
                batch.submit(wrong)
        for given, code, message in (({"temperature": -1.0}, llmc.Code.BAD_INPUT, "temperature -1 is not a number"),
                                     ({"beams": 2}, llmc.Code.UNSUPPORTED, "does not run beside other requests"),
                                     ({"lookup": True}, llmc.Code.BAD_INPUT, "a setting of the batch"),
                                     ({"draft": self.model}, llmc.Code.BAD_INPUT, "a setting of the batch"),
                                     ({"grammar": "root ::= ("}, llmc.Code.BAD_INPUT, "grammar")):
            with self.fails(code, message):
                batch.submit("x", **given)
        self.assertFalse(batch.step())
        for given, message in (({"sequences": 0}, "sequences is 0"), ({"sequences": -1}, "-1 sequences at the same"),
                               ({"sequences": 200}, "256 tokens in a step: must be between 400"),
                               ({"lookup": 65}, "65 tokens proposed at once")):
            with self.fails(llmc.Code.BAD_INPUT, message):
                self.model.batch(**given)
        for given in ({"sequences": "many"}, {"state_bytes": -1}, {"lookup": 0.5}):
            with self.assertRaises(TypeError):
                self.model.batch(**given)
        with self.fails(llmc.Code.RESOURCE, "caches of"):
            self.model.batch(state_bytes=1).submit("x")
        with self.fails(llmc.Code.UNSUPPORTED, "it has no entry 'step'"):
            self.model.batch(model="other")
        with self.fails(llmc.Code.BAD_INPUT, "has no tokenizer"):
            llmc.load(self.compile(os.path.join(harness.MODELS, "opt_bert_feat"))).batch()

    def test_constraints_and_conversations(self):
        batch = self.model.batch()
        request = batch.submit("Is it true?", grammar='root ::= "yes" | "no"', max_tokens=9, seed=5)
        with self.fails(llmc.Code.BAD_INPUT, "has no chat template"):
            batch.submit([{"role": "user", "content": "Hello"}])
        batch.run()
        self.assertIn(request.text(), ("yes", "no"))

    def test_two_threads_step(self):
        batch, errors, done = self.model.batch(), [], threading.Event()
        request = batch.submit(PROMPTS[4], max_tokens=2000, ignore_eos=True)

        def step():
            while not errors and not done.is_set():
                try:
                    batch.step()
                except llmc.Error as error:
                    errors.append(error)

        threads = [threading.Thread(target=step) for _ in range(2)]
        for thread in threads:
            thread.start()
        threads[0].join(60)
        done.set()
        threads[1].join()
        self.assertEqual(errors[0].code, llmc.Code.BAD_INPUT)
        self.assertIn("another call steps the batch", str(errors[0]))
        self.assertIsNone(request.error)


class Speculation(Case):
    @classmethod
    def setUpClass(cls):
        cls.model = llmc.load(harness.TALES_ARTIFACT, threads=1)

    def test_texts_and_stats_of_llmc_run(self):
        prompt = PROMPTS[4]
        flags = ["--prompt", prompt, "--greedy", "--max-tokens", "24", "--json", "--speculate-tokens", "3"]
        for how, given in (("ngram", {"lookup": True}), (harness.TALES_ARTIFACT, {"draft": self.model}),
                           (harness.TALES_ARTIFACT, {"draft": self.model.session()})):
            want = json.loads(self.llmc("run", harness.TALES_ARTIFACT, *flags, "--speculate", how).stdout)
            made = self.model.generate(prompt, temperature=0.0, max_tokens=24, speculate_tokens=3, **given)
            self.assertEqual(made.text(), want["text"])
            for name in ("proposed", "accepted", "tokens"):
                self.assertEqual(made.stats[name], want["stats"][name], name)
            self.assertGreater(made.stats["accepted"], 0)
        made = self.model.generate(prompt, temperature=0.0, max_tokens=24)
        self.assertEqual(made.text(), want["text"])
        self.assertEqual((made.stats["proposed"], made.stats["accepted"]), (0, 0))

    def test_sampling_stays_the_same(self):
        given = {"temperature": 0.9, "top_k": 50, "seed": 3, "max_tokens": 20, "logprobs": 1}
        alone = self.model.generate(PROMPTS[0], **given)
        alone.text()
        helped = self.model.generate(PROMPTS[0], draft=self.model, **given)
        helped.text()
        self.assertEqual(helped.texts, alone.texts)

    def test_misuse(self):
        for wrong in ("tales", 3, self.model.batch()):
            with self.assertRaisesRegex(TypeError, "takes a Model or a Session as draft"):
                self.model.generate("x", draft=wrong)
        with self.assertRaisesRegex(TypeError, "wrong type for 'lookup'"):
            self.model.generate("x", lookup="yes")
        for given, message in (({"lookup": True, "draft": self.model}, "not by both"),
                               ({"lookup": True, "speculate_tokens": 65}, "65 tokens proposed at once")):
            with self.fails(llmc.Code.BAD_INPUT, message):
                self.model.generate("x", **given).text()
        other = llmc.load(self.compile(os.path.join(harness.MODELS, "opt_llama_gqa")))
        with self.fails(llmc.Code.BAD_INPUT, "has not the tokenizer"):
            self.model.generate("x", draft=other).text()

    def test_a_draft_that_is_dropped(self):
        made = self.model.generate(PROMPTS[0], draft=llmc.load(harness.TALES_ARTIFACT, threads=1), max_tokens=60)
        gc.collect()
        next(made)
        made.close()
        self.model.generate(PROMPTS[0], draft=self.model, max_tokens=400, ignore_eos=True)  # dropped at once


harness.main()

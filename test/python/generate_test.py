# SPDX-License-Identifier: Apache-2.0
"""Texts from Python: those of `llmc run`, piece by piece, ended early, in threads; chat templates and tokens."""
import json
import os
import shutil
import threading
import time

from package import Case, harness, llmc

PROMPT = "Once upon a time there was a"
TEMPLATE = "{% for m in messages %}<s>{{ m.role }}: {{ m.content }}\n{% endfor %}{% if add_generation_prompt %}bear:{% endif %}"


class Generate(Case):
    @classmethod
    def setUpClass(cls):
        cls.model = llmc.load(harness.TALES_ARTIFACT, threads=1)

    def run_of(self, artifact, *options):
        return json.loads(self.llmc("run", artifact, "--json", *options).stdout)

    def test_the_text_of_llmc_run(self):
        for seed in (7, 8):
            want = self.run_of(harness.TALES_ARTIFACT, "--prompt", PROMPT, "--max-tokens", "40", "--seed", str(seed),
                               "--top-k", "50", "--temperature", "0.9", "--logprobs", "2")
            made = self.model.generate(PROMPT, max_tokens=40, seed=seed, top_k=50, temperature=0.9, logprobs=2)
            pieces = list(made)
            self.assertGreater(len(pieces), 10)
            self.assertEqual("".join(pieces), want["text"])
            text = made.texts[0]
            self.assertEqual((text.text, text.ids, text.finish), (want["text"], want["ids"], want["finish"]))
            for mine, theirs in zip(text.logprobs, want["logprobs"], strict=True):
                self.assertAlmostEqual(mine, theirs["logprob"], places=5)
            self.assertEqual([[i for i, _ in best] for best in text.likeliest],
                             [[t["id"] for t in best["likeliest"]] for best in want["logprobs"]])
            self.assertEqual(made.stats["tokens"], 40)

    def test_several_texts(self):
        want = self.run_of(harness.TALES_ARTIFACT, "--prompt", PROMPT, "--max-tokens", "12", "--beams", "3", "--sequences",
                           "2", "--temperature", "0", "--stop", ".")
        made = self.model.generate(PROMPT, max_tokens=12, beams=3, sequences=2, temperature=0.0, stop=".")
        ends = [token for token in made.tokens() if token.id is None]
        self.assertEqual([text.text for text in made.texts], [text["text"] for text in want["texts"]])
        self.assertEqual([(end.sequence, end.finish) for end in ends],
                         [(i, text["finish"]) for i, text in enumerate(want["texts"])])
        for end, text in zip(ends, want["texts"]):
            self.assertAlmostEqual(end.score, text["score"], places=5)

    def test_settings(self):
        forced = self.model.tokenize("fox", add_special=False)[0]
        made = self.model.generate(PROMPT, max_tokens=3, logit_bias={forced: 1000.0}, stop_tokens=[], top_p=None)
        made.text()
        self.assertEqual(made.texts[0].ids, [forced] * 3)
        with self.assertRaisesRegex(TypeError, "unknown setting 'max_token'"):
            self.model.generate(PROMPT, max_token=3)
        with self.assertRaisesRegex(TypeError, "wrong type for 'top_k'"):
            self.model.generate(PROMPT, top_k="many")
        with self.fails(llmc.Code.BAD_INPUT, "early_stopping is 3, must be one of"):
            self.model.generate(PROMPT, early_stopping=3)
        with self.fails(llmc.Code.BAD_INPUT, "top-p 7 is outside"):
            self.model.generate(PROMPT, top_p=7).text()
        with self.fails(llmc.Code.BAD_INPUT, "no model 'other'; it has"):
            self.model.generate(PROMPT, model="other")

    def test_constraints(self):
        schema = {"type": "object", "properties": {"legs": {"type": "integer", "minimum": 2, "maximum": 4}},
                  "required": ["legs"], "additionalProperties": False}
        for given in (schema, json.dumps(schema)):
            text = self.model.generate("A crow has", json_schema=given, max_tokens=40, seed=5).text()
            self.assertIn(json.loads(text)["legs"], (2, 3, 4))
        made = self.model.generate("Is it true?", grammar='root ::= "yes" | "no"', max_tokens=9, seed=5)
        self.assertIn(made.text(), ("yes", "no"))
        self.assertEqual(made.texts[0].finish, "end_token")
        for settings, message in (({"grammar": "root ::= ("}, "grammar"), ({"constraint": "none"}, "none"),
                                  ({"grammar": 'root ::= "a"', "json_schema": "{}"}, "at most one is taken")):
            with self.fails(llmc.Code.BAD_INPUT, message):
                self.model.generate("Is it true?", **settings).text()

    def test_ended_early(self):
        for end in ("close", "with", "drop"):
            made = self.model.generate(PROMPT, max_tokens=400, ignore_eos=True)
            next(made)
            begin = time.monotonic()
            if end == "with":
                with made:
                    pass
            elif end == "close":
                made.close()
                made.close()
            if end != "drop":
                self.assertEqual(list(made), [])
                self.assertLess(len(made.texts[0].ids), 400)
            del made
            self.assertLess(time.monotonic() - begin, 5)
        unused = self.model.generate(PROMPT * 20, max_tokens=400)  # in its prompt, or not even there
        unused.close()
        self.assertEqual(unused.texts, [])
        self.assertEqual(self.model.generate(PROMPT, max_tokens=2, seed=7).text(),
                         self.model.generate(PROMPT, max_tokens=2, seed=7).text())

    def test_threads_with_a_generation_each(self):
        settings = {"max_tokens": 60, "ignore_eos": True}
        want = [self.model.generate(PROMPT, seed=seed, **settings).text() for seed in range(4)]
        got = [None] * 4

        def work(seed):
            got[seed] = self.model.generate(PROMPT, seed=seed, **settings).text()

        threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(got, want)
        self.assertEqual(len(set(want)), 4)

    def test_a_session_token_by_token(self):
        want = self.model.generate(PROMPT, max_tokens=8, temperature=0.0)
        want.text()
        session = self.model.session(capacity=64)
        ids = self.model.tokenize(PROMPT)
        logits, made = session.append(ids), []
        for _ in range(8):
            made.append(int(logits.argmax()))
            logits = session.append(made[-1:])
        self.assertEqual(made, want.texts[0].ids)
        self.assertEqual(len(session), len(ids) + 8)
        session.rewind(len(ids))
        again = session.append(made[:1])
        self.assertEqual(int(again.argmax()), made[1])
        with self.fails(llmc.Code.BAD_INPUT, "no token"):
            session.append([])
        with self.fails(llmc.Code.RESOURCE, "the context is full"):
            session.append([1] * 65)
        session.cancel()
        with self.fails(llmc.Code.RESOURCE, "cancelled"):
            session.append([1])

    def test_a_session_in_two_threads(self):
        """The GIL is released while one computes, so that the other one comes through, and is refused."""
        session, errors, done = self.model.session(), [], threading.Event()

        def intrude():
            while not done.is_set() and not errors:
                try:
                    session.append([1])
                    session.rewind(0)
                except llmc.Error as error:
                    errors.append(error)

        thread = threading.Thread(target=intrude)
        thread.start()
        deadline = time.monotonic() + 60
        while not errors and time.monotonic() < deadline:
            try:
                session.append([1] * 300)
                session.rewind(0)
            except llmc.Error as error:
                errors.append(error)
        done.set()
        thread.join()
        self.assertEqual(errors[0].code, llmc.Code.BAD_INPUT)
        self.assertIn("the session is in use by another thread", str(errors[0]))

    def test_tokens(self):
        ids = self.model.tokenize("The quick brown fox – 狐")
        self.assertEqual(self.model.detokenize(ids), "The quick brown fox – 狐")
        self.assertEqual(self.model.tokenize("fox", add_special=False), self.model.tokenize("fox")[1:])
        self.assertEqual(self.model.manifest["generation"]["eos"], [2])

    def test_conversations(self):
        folder = self.path("chat")
        shutil.copytree(harness.TALES, folder)
        with open(os.path.join(folder, "chat_template.jinja"), "w", encoding="utf-8") as file:
            file.write(TEMPLATE)
        model = llmc.load(self.compile(folder, "chat.llmc", "--target", "ref"), threads=1)
        messages = [{"role": "fox", "content": "Who are you, “old” one?"}]
        text = model.apply_chat_template(messages)
        self.assertEqual(text, "<s>fox: Who are you, “old” one?\nbear:")
        self.assertEqual(model.apply_chat_template(messages, add_generation_prompt=False), text.removesuffix("bear:"))
        settings = {"max_tokens": 5, "seed": 3}
        self.assertEqual(model.generate(messages, **settings).text(),
                         model.generate(text, add_special=False, **settings).text())
        with self.fails(llmc.Code.BAD_INPUT, "no chat template"):
            self.model.generate(messages)


harness.main()

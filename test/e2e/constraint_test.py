# SPDX-License-Identifier: Apache-2.0
"""Constrained text of the bundled model: grammars and JSON schemas with sampling, beams, penalties, stop strings and
limits, from the program and the library."""
import json
import re

import constrained
import harness
import llmc

PROMPT = "Once upon a time there was a"
ANSWERS = 'root ::= ("yes" | "no" | "perhaps") "."'


class Constraint(harness.Case):
    @classmethod
    def setUpClass(cls):
        cls.session = harness.library().open(harness.TALES_ARTIFACT, 1).session()

    def generate(self, **settings):
        return self.session.generate(PROMPT, **{"max_tokens": 200, **settings})

    def run_json(self, *flags):
        return json.loads(self.llmc("run", harness.TALES_ARTIFACT, "--prompt", PROMPT, "--json", *flags).stdout)

    def test_schemas(self):
        valid, cut = constrained.draw(self.session, 2)
        self.assertGreater(valid, cut)

    def test_the_program_tells_the_same(self):
        schema = {"type": "object", "properties": {"name": {"type": "string", "maxLength": 30}, "age": {"type": "integer", "maximum": 99}},
                  "required": ["name", "age"]}
        path = self.path("schema.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(schema, file)
        made = self.generate(temperature=0.0, json_schema=json.dumps(schema))[0]
        self.assertEqual(made.finish, "end_token")
        self.assertEqual(list(json.loads(made.text)), ["name", "age"])
        for given in (path, json.dumps(schema)):
            document = self.run_json("--greedy", "--max-tokens", "200", "--json-schema", given)
            self.assertEqual((document["ids"], document["text"]), (made.ids, made.text))
        with open(self.path("a.gbnf"), "w", encoding="utf-8") as file:
            file.write(ANSWERS)
        texts = {self.run_json("--greedy", "--grammar", given)["text"] for given in (ANSWERS, self.path("a.gbnf"))}
        self.assertEqual(texts, {self.generate(temperature=0.0, grammar=ANSWERS)[0].text})
        self.assertIsInstance(json.loads(self.run_json("--temperature", "2", "--seed", "5", "--json-schema", "{}")["text"]),
                              (dict, list, str, int, float, bool, type(None)))

    def test_what_allows_all_changes_nothing(self):
        free = self.generate(temperature=0.0, max_tokens=60)[0]
        self.assertEqual(self.generate(temperature=0.0, max_tokens=60, grammar="root ::= .*")[0].ids, free.ids)
        drawn = self.generate(temperature=0.8, top_k=40, seed=3, sequences=2, max_tokens=60)
        same = self.generate(temperature=0.8, top_k=40, seed=3, sequences=2, max_tokens=60, grammar="root ::= .*")
        self.assertEqual([t.ids for t in same], [t.ids for t in drawn])

    def test_log_probabilities_are_the_models(self):
        made = self.generate(temperature=0.0, grammar=ANSWERS, logprobs=3)[0]
        self.assertEqual(len(made.logprobs), len(made.ids))
        # Most tokens were not among the best of the model.
        self.assertTrue(any(t not in dict(best) for t, best in zip(made.ids, made.likeliest)))
        self.assertTrue(all(logprob < 0 for logprob in made.logprobs))

    def test_several_texts(self):
        drawn = self.generate(temperature=3.0, sequences=12, seed=2, grammar=ANSWERS)
        self.assertEqual({t.text for t in drawn} - {"yes.", "no.", "perhaps."}, set())
        self.assertGreater(len({t.text for t in drawn}), 1)
        self.assertEqual({t.finish for t in drawn}, {"end_token"})
        beams = self.generate(beams=3, sequences=3, grammar=ANSWERS)
        self.assertTrue({t.text for t in beams} <= {"yes.", "no.", "perhaps."})
        self.assertEqual({t.finish for t in beams}, {"end_token"})
        # Without an end token a text ends where nothing may follow.
        for text in self.generate(beams=3, sequences=3, grammar=ANSWERS, ignore_eos=1) + \
                self.generate(temperature=1.0, sequences=3, grammar=ANSWERS, ignore_eos=1):
            self.assertIn(text.text, ["yes.", "no.", "perhaps."])
            self.assertEqual(text.finish, "complete")

    def test_other_settings(self):
        lines = 'root ::= line line line\nline ::= [a-z ]{5,20} "\\n"'
        made = self.generate(temperature=0.7, seed=1, grammar=lines, repetition_penalty=1.3, presence_penalty=0.5,
                             logit_bias=[(300, 2.0)])[0]
        self.assertRegex(made.text, r"^([a-z ]{5,20}\n){3}$")
        stopped = self.generate(temperature=0.7, seed=1, grammar=lines, stop_strings=["\n"])[0]
        self.assertEqual(stopped.finish, "stop_string")
        self.assertRegex(stopped.text, r"^[a-z ]{5,20}$")
        cut = self.generate(temperature=0.7, seed=1, grammar=lines, max_tokens=4)[0]
        self.assertEqual((len(cut.ids), cut.finish), (4, "length"))
        # A text that must end does, though more tokens were asked for.
        short = self.generate(temperature=0.0, grammar=ANSWERS, min_tokens=50)[0]
        self.assertIn(short.text, ["yes.", "no.", "perhaps."])
        nothing = self.generate(temperature=0.0, grammar='root ::= ""')[0]
        self.assertEqual((nothing.text, nothing.finish), ("", "end_token"))

    def test_parts_of_characters(self):
        texts = self.generate(temperature=2.0, sequences=4, grammar='root ::= [à-ÿ一-龥]{8} ("😀" | "😁")')
        for text in texts:
            self.assertTrue(re.fullmatch("[à-ÿ一-龥]{8}[😀😁]", text.text), text.text)

    def test_kept_in_the_artifact(self):
        schema = {"type": "object", "properties": {"name": {"type": "string", "maxLength": 20}, "old": {"type": "boolean"}}, "required": ["name"]}
        for name, text in (("person.json", json.dumps(schema)), ("answer.gbnf", ANSWERS), ("wrong.json", '{"type": 1}')):
            with open(self.path(name), "w", encoding="utf-8") as file:
                file.write(text)
        artifact = self.compile(harness.TALES, "kept.llmc", "--json-schema", f"person={self.path('person.json')}",
                                "--grammar", f"answer={self.path('answer.gbnf')}")
        flags = ["--prompt", PROMPT, "--json", "--temperature", "1.2", "--seed", "4", "--max-tokens", "200"]
        kept = json.loads(self.llmc("run", artifact, *flags, "--constraint", "person").stdout)
        self.assertEqual(kept["ids"], json.loads(self.llmc("run", artifact, *flags, "--json-schema", self.path("person.json")).stdout)["ids"])
        session = harness.library().open(artifact, 1).session()
        for _ in range(2):
            text = session.generate(PROMPT, temperature=1.2, seed=4, max_tokens=200, constraint="person")[0]
            self.assertEqual(text.ids, kept["ids"])
            self.assertIn(session.generate(PROMPT, temperature=0.0, constraint="answer")[0].text, ["yes.", "no.", "perhaps."])
        failed = self.llmc("run", artifact, "--prompt", "a", "--constraint", "other", code=2)
        self.assertIn("has no constraint 'other'", failed.error)
        self.assertIn("it has answer, person", failed.stderr)
        for given, code, message in [("a", 2, "'a' is not NAME=FILE"), ("a b=x", 2, "'a b=x' is not NAME=FILE"),
                                     (f"w={self.path('wrong.json')}", 2, "wrong.json: #/type: type is neither")]:
            failed = self.llmc("compile", harness.TALES, "-o", self.path("x.llmc"), "--json-schema", given, code=code)
            self.assertIn(message, failed.error)

    def test_errors(self):
        def run(*flags, code=2):
            return self.llmc("run", harness.TALES_ARTIFACT, "--prompt", "a", *flags, code=code).error
        self.assertEqual(run("--grammar", 'root ::= "a'), "error: --grammar: line 1, column 10: this literal has no end")
        self.assertEqual(run("--json-schema", '{"properties": {"a": {"not": {}}}}', code=3),
                         "error: --json-schema: #/properties/a/not: not is not supported")
        self.assertIn("no.such: ", run("--json-schema", self.path("no.such")))
        with open(self.path("bad.json"), "w", encoding="utf-8") as file:
            file.write('{"type": "strange"}')
        self.assertIn("bad.json: #/type: unknown type 'strange'", run("--json-schema", self.path("bad.json")))
        self.assertIn("--json-schema excludes --grammar", run("--grammar", ANSWERS, "--json-schema", "{}"))
        self.assertIn("the schema is not JSON", run("--json-schema", "{"))
        with self.assertRaisesRegex(llmc.Failure, "of json_schema, grammar and constraint at most one is taken"):
            self.generate(json_schema="{}", grammar=ANSWERS)
        with self.assertRaisesRegex(llmc.Failure, "json_schema: #/type: unknown type 'x'"):
            self.generate(json_schema='{"type": "x"}')
        # What is ruled out by other settings.
        only = 'root ::= "a" "b"*'
        with self.assertRaisesRegex(llmc.Failure, "no token is left to choose from"):
            self.generate(temperature=0.0, grammar=only, no_repeat_ngram=1, ignore_eos=1, max_tokens=20)
        self.assertEqual(self.generate(temperature=0.0, grammar='root ::= "ab"', ignore_eos=1)[0].text, "ab")


harness.main()

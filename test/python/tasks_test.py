# SPDX-License-Identifier: Apache-2.0
"""What a model says about a text, from Python: the classes, words, entities and answers of `llmc run`, whose numbers
are checked against NumPy elsewhere."""
import json
import threading

import numpy as np
from onnx import TensorProto, helper

from package import Case, harness, llmc
from tables import IDS, LABELS, WORDS, draw, gather, softmax, write

NAMES = ["bad", "fair", "good"]
TEXT = "ann bob lives in paris , new york city . bob works in the"


class Tasks(Case):
    def build(self, name, *arguments, **options):
        """A model and its artifact."""
        self.tokenizer = write(self.path(name), *arguments, **options)
        artifact = self.compile(self.path(name), name + ".llmc")
        return llmc.load(artifact, threads=1), artifact

    def run_json(self, artifact, *flags):
        return json.loads(self.llmc("run", artifact, "--json", *flags).stdout)

    def classifier(self, problem=None):
        total = helper.make_node("ReduceSum", ["rows", "axis"], ["logits"], keepdims=0, name="output")
        nodes = [gather("table", "rows", ""), total]
        self.table = draw(len(WORDS), len(NAMES))
        return self.build(f"classes-{problem}", {"table": self.table, "axis": np.array([1], np.int64)}, nodes,
                          {"id2label": {str(i): name for i, name in enumerate(NAMES)}, "problem_type": problem})

    def test_classes(self):
        for problem in (None, "regression"):
            model, artifact = self.classifier(problem)
            want = self.run_json(artifact, "--text", TEXT)["classes"]
            got = model.classify(TEXT)
            self.assertEqual([(label.index, label.name) for label in got], [(c["class"], c["name"]) for c in want])
            np.testing.assert_allclose([label.score for label in got], [c["probability"] for c in want], rtol=1e-6)
            self.assertEqual(model.classify(TEXT, 2), got[:2])
            self.assertEqual(model.classify(TEXT, count=0), [])
            logits = self.table[self.tokenizer.encode(TEXT).ids].sum(0).astype(np.float64)
            scores = logits if problem else softmax(logits)
            np.testing.assert_allclose([label.score for label in got], -np.sort(-scores), rtol=1e-5)

    def test_masks(self):
        model, artifact = self.build("masks", {"table": draw(len(WORDS), len(WORDS))}, [gather("table", "logits")])
        text = "ann [MASK] in [MASK][MASK]"
        got = model.fill_masks(text, 3)
        self.assertEqual([(mask.start, mask.end) for mask in got], [(4, 10), (14, 20), (20, 26)])
        want = self.run_json(artifact, "--text", text, "--top", "3")["masks"]
        for mask, other in zip(got, want, strict=True):
            self.assertEqual([(w.id, w.text) for w in mask.words], [(w["token"], w["text"]) for w in other["words"]])
            np.testing.assert_allclose([w.score for w in mask.words], [w["probability"] for w in other["words"]],
                                       rtol=1e-6)
        self.assertEqual([len(mask.words) for mask in model.fill_masks(text)], [5, 5, 5])
        with self.fails(llmc.Code.BAD_INPUT, "the text has no mask to fill"):
            model.fill_masks("ann")

    def test_entities(self):
        table = np.zeros((len(WORDS), len(LABELS)), np.float32)
        table[:, 0] = 1
        for word, label in (("ann", 1), ("bob", 1), ("par", 3), ("new", 3), ("york", 4), ("city", 4), ("works", 2)):
            table[IDS[word], label] = 3
        config = {"architectures": ["XForTokenClassification"],
                  "id2label": {str(i): label for i, label in enumerate(LABELS)}}
        model, artifact = self.build("tags", {"table": table}, [gather("table", "logits")], config)
        for aggregation in ("none", "simple", "first", "average", "max"):
            want = self.run_json(artifact, "--text", TEXT, "--aggregation", aggregation)["entities"]
            got = model.tag(TEXT, aggregation=aggregation)
            self.assertEqual([(e.name, e.start, e.end, e.text) for e in got],
                             [(e["name"], e["start"], e["end"], e["text"]) for e in want])
            np.testing.assert_allclose([e.score for e in got], [e["score"] for e in want], rtol=1e-6)
            if aggregation == "simple":
                self.assertEqual(model.tag(TEXT), got)
                self.assertIn("new york city", [e.text for e in got])
        shifted = model.tag("é " + TEXT)[0]
        self.assertEqual((shifted.start, shifted.text), (2, "ann"))
        with self.fails(llmc.Code.BAD_INPUT, "aggregation is 'last', must be one of 'none', 'simple'"):
            model.tag(TEXT, aggregation="last")

    def test_answers(self):
        nodes = [helper.make_node("Cast", ["token_type_ids"], ["types"], to=TensorProto.FLOAT)]
        for name in ("start", "end"):
            nodes += [gather(name + "s", name, ""),
                      helper.make_node("Add", [name, "types"], [name + "_logits"], name="output")]
        tables = {"starts": draw(len(WORDS)), "ends": draw(len(WORDS))}
        model, artifact = self.build("answers", tables, nodes, types=True)
        question, context = "the city of bob", "ann lives in paris . bob works in new york , the city of cities . " * 3
        for options in ({}, {"count": 4}, {"count": 3, "window": 20, "stride": 6}):
            flags = [f"--{name.replace('count', 'top')}={value}" for name, value in options.items()]
            want = self.run_json(artifact, "--question", question, "--context", context, *flags)["answers"]
            got = model.answer(question, context, **options)
            self.assertEqual([(a.start, a.end, a.text) for a in got], [(a["start"], a["end"], a["text"]) for a in want])
            np.testing.assert_allclose([a.score for a in got], [a["score"] for a in want], rtol=1e-6)
            self.assertTrue(all(context[a.start:a.end] == a.text for a in got))
        short = model.answer(question, context, 20, longest=1)
        self.assertTrue(all(len(answer.text.split()) == 1 for answer in short), short)
        with self.fails(llmc.Code.BAD_INPUT, "the text has no token"):
            model.answer(question, "")

    def test_misuse(self):
        model, _ = self.classifier()
        for call in (lambda: model.classify(3), lambda: model.classify(TEXT, "many"), lambda: model.classify(TEXT, -1),
                     lambda: model.classify(b"text"), lambda: model.fill_masks(None), lambda: model.answer(TEXT, 1),
                     lambda: model.tag([TEXT])):
            with self.assertRaises(TypeError):
                call()
        for call in (lambda: model.fill_masks(TEXT), lambda: model.tag(TEXT), lambda: model.answer(TEXT, TEXT),
                     lambda: llmc.load(harness.TALES_ARTIFACT).classify(TEXT),
                     lambda: model.transcribe(np.zeros(9, "f4")).text()):
            with self.fails(llmc.Code.UNSUPPORTED, "."):
                call()
        with self.fails(llmc.Code.BAD_INPUT, "no model 'other'"):
            model.classify(TEXT, model="other")

    def test_threads(self):
        model, _ = self.classifier()
        want, right = model.classify(TEXT), []

        def work():
            for _ in range(50):
                right.append(model.classify(TEXT) == want)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(right, [True] * 200)


harness.main()

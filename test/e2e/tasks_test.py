# SPDX-License-Identifier: Apache-2.0
"""What a model says about a text: classes, labels of words, answers, words for masks, similarity. Small models look their
outputs up in tables, so that NumPy tells what is right."""
import ctypes
import json

import numpy as np
from onnx import TensorProto, helper

import harness
from tables import IDS, LABELS, WORDS, draw, gather, softmax, write


class Tasks(harness.Case):
    def run_json(self, artifact, *flags):
        return json.loads(self.llmc("run", artifact, "--json", *flags).stdout)

    def session(self, artifact):
        return harness.library().open(artifact).session()

    def test_classes(self):
        table, text = draw(len(WORDS), 3), "ann lives in paris"
        nodes = [gather("table", "rows", ""), helper.make_node("ReduceSum", ["rows", "axis"], ["logits"], keepdims=0, name="output")]
        names = {"id2label": {"0": "bad", "1": "fair", "2": "good"}}
        for problem, scores in ((None, softmax), ("multi_label_classification", lambda x: 1 / (1 + np.exp(-x))),
                                ("regression", lambda x: x)):
            folder = self.path(f"classes-{problem}")
            tokenizer = write(folder, {"table": table, "axis": np.array([1], np.int64)}, nodes, {**names, "problem_type": problem})
            want = scores(table[tokenizer.encode(text).ids].sum(0).astype(np.float64))
            artifact = self.compile(folder, f"{problem}.llmc")
            got = self.run_json(artifact, "--text", text)["classes"]
            order = np.argsort(-want)
            self.assertEqual([c["name"] for c in got], [names["id2label"][str(i)] for i in order])
            np.testing.assert_allclose([c["probability"] for c in got], want[order], rtol=1e-5)
            found = self.session(artifact).findings("classify", [text], ctypes.c_size_t(2))
            self.assertEqual([f[0] for f in found], list(order[:2]))
        self.assertEqual(len(self.run_json(artifact, "--text", text, "--top", "1")["classes"]), 1)

    def entities(self, rows, encoding, text, aggregation):
        """As transformers' pipeline for token classification finds them."""
        units = []
        for row, (start, end), special, word in zip(softmax(rows.astype(np.float64)), encoding.offsets,
                                                    encoding.special_tokens_mask, encoding.tokens):
            if special:
                continue
            if aggregation in ("first", "average", "max") and word.startswith("##"):
                units[-1][0].append(row)
                units[-1][2] = end
            else:
                units.append([[row], start, end])
        merge = {"average": lambda r: np.mean(r, 0), "max": lambda r: max(r, key=np.max)}.get(aggregation, lambda r: r[0])
        found, last = [], None
        for scores, start, end in units:
            scores = merge(scores)
            label, score = LABELS[int(np.argmax(scores))], scores.max()
            kind = label if aggregation == "none" else label.split("-")[-1]
            if aggregation != "none" and last == kind and not label.startswith("B-"):
                found[-1][1].append(score)
                found[-1][3] = end
            else:
                found.append([kind, [score], start, end])
            last = kind
        return [(kind, np.mean(scores), start, end, text[start:end]) for kind, scores, start, end in found if kind != "O"]

    def test_labels_of_words(self):
        table = np.zeros((len(WORDS), len(LABELS)), np.float32)
        table[:, 0] = 1
        for word, label in (("ann", 1), ("bob", 1), ("par", 3), ("##is", 0), ("new", 3), ("york", 4), ("city", 4), ("works", 2)):
            table[IDS[word], label] = 3
        table += 0.2 * draw(*table.shape)
        config = {"architectures": ["XForTokenClassification"], "id2label": {str(i): label for i, label in enumerate(LABELS)}}
        tokenizer = write(self.path("tags"), {"table": table}, [gather("table", "logits")], config)
        artifact = self.compile(self.path("tags"))
        text = "ann bob lives in paris , new york city . bob works in the"
        encoding = tokenizer.encode(text)
        found = {}
        for number, aggregation in enumerate(("none", "simple", "first", "average", "max")):
            want = self.entities(table[encoding.ids], encoding, text, aggregation)
            got = self.run_json(artifact, "--text", text, "--aggregation", aggregation)["entities"]
            self.assertEqual([(e["name"], e["start"], e["end"], e["text"]) for e in got], [(w[0], *w[2:]) for w in want])
            np.testing.assert_allclose([e["score"] for e in got], [w[1] for w in want], rtol=1e-5)
            told = self.session(artifact).findings("tag", [text], ctypes.c_int(number))
            self.assertEqual([(f[1], *f[3:]) for f in told], [(w[0], *w[2:]) for w in want])
            found[aggregation] = [w[4] for w in want]
        self.assertIn("new york city", found["simple"])
        self.assertIn("par", found["simple"])
        self.assertIn("paris", found["first"])
        self.assertEqual(self.run_json(artifact, "--text", "é " + text)["entities"][0]["start"], 2)

    def answers(self, tokenizer, starts, ends, question, context, window, stride, count, longest=15):
        """As transformers' pipeline for question answering finds them."""
        tokenizer.enable_truncation(window, stride=stride, strategy="only_second")
        encoding = tokenizer.encode(question, context)
        found = []
        for part in [encoding, *encoding.overflowing]:
            allowed = np.array([s == 1 for s in part.sequence_ids])
            keep = allowed.copy()
            keep[0] = True
            scores = []
            for table in (starts, ends):
                logits = table[part.ids].astype(np.float64) + 0.5 * np.array(part.type_ids)
                scores.append(softmax(np.where(keep, logits, -10000.0)))
            outer = np.triu(np.outer(np.where(allowed, scores[0], 0), np.where(allowed, scores[1], 0)))
            outer = np.tril(outer, longest - 1)
            for place in np.argsort(-outer, axis=None, kind="stable")[:2 * count + 10]:
                if outer.flat[place] == 0:
                    continue
                s, e = np.unravel_index(place, outer.shape)
                begin = part.word_to_chars(part.token_to_word(int(s)), 1)[0]
                end = part.word_to_chars(part.token_to_word(int(e)), 1)[1]
                same = [f for f in found if f[3].lower() == context[begin:end].lower()]
                if same:
                    same[0][0] += outer[s, e]
                else:
                    found.append([outer[s, e], begin, end, context[begin:end]])
        tokenizer.no_truncation()
        return sorted(found, key=lambda f: -f[0])[:count]

    def test_answers(self):
        tables = {"starts": draw(len(WORDS)) * 2, "ends": draw(len(WORDS)) * 2, "half": np.array(0.5, np.float32)}
        nodes = [helper.make_node("Cast", ["token_type_ids"], ["types"], to=TensorProto.FLOAT),
                 helper.make_node("Mul", ["types", "half"], ["shift"])]
        for name in ("start", "end"):
            nodes += [gather(name + "s", name, ""), helper.make_node("Add", [name, "shift"], [name + "_logits"], name="output")]
        tokenizer = write(self.path("answers"), tables, nodes, types=True)
        artifact = self.compile(self.path("answers"))
        question = "the city of bob"
        context = "ann lives in paris . bob works in new york , the city of cities , and bob lives in paris and works and works . "
        context += "the citys of york and paris , new and the ann lives in the new city of bob and ann"
        for window, stride, count in ((384, 128, 1), (384, 128, 5), (20, 4, 1), (20, 6, 4), (12, 3, 3)):
            want = self.answers(tokenizer, tables["starts"], tables["ends"], question, context, window, stride, count)
            got = self.run_json(artifact, "--question", question, "--context", context, "--top", str(count), "--window",
                                str(window), "--stride", str(stride))["answers"]
            self.assertEqual([(a["start"], a["end"], a["text"]) for a in got], [tuple(w[1:]) for w in want])
            np.testing.assert_allclose([a["score"] for a in got], [w[0] for w in want], rtol=1e-5)
        told = self.session(artifact).findings("answer", [question, context], None)
        want = self.answers(tokenizer, tables["starts"], tables["ends"], question, context, 384, 128, 1)
        self.assertEqual([f[3:] for f in told], [tuple(w[1:]) for w in want])
        failed = self.llmc("run", artifact, "--question", question, "--context", context, "--window", "7", code=2)
        self.assertIn("the question takes 7 tokens of the 7 that there are with the text", failed.error)
        self.assertIn("the text has no token", self.llmc("run", artifact, "--question", question, "--context", "", code=2).error)
        failed = self.llmc("run", artifact, "--text", context, code=3)
        self.assertIn("neither an embedding nor logits", failed.error)

    def test_masks(self):
        table, text = draw(len(WORDS), len(WORDS)), "ann [MASK] in [MASK]"
        tokenizer = write(self.path("masks"), {"table": table}, [gather("table", "logits")])
        artifact = self.compile(self.path("masks"))
        ids = tokenizer.encode(text).ids
        want = softmax(table[IDS["[MASK]"]].astype(np.float64))
        best = np.argsort(-want)[:3]
        masks = self.run_json(artifact, "--text", text, "--top", "3")["masks"]
        self.assertEqual([m["position"] for m in masks], [i for i, t in enumerate(ids) if t == IDS["[MASK]"]])
        for mask in masks:
            self.assertEqual([w["token"] for w in mask["words"]], list(best))
            np.testing.assert_allclose([w["probability"] for w in mask["words"]], want[best], rtol=1e-5)
        told = self.session(artifact).findings("fill_masks", [text], ctypes.c_size_t(3))
        self.assertEqual([(f[0], f[1], f[3], f[4]) for f in told],
                         [(i, WORDS[i], start, start + 6) for start in (4, 14) for i in best])
        self.assertIn("the text has no mask to fill", self.llmc("run", artifact, "--text", "ann", code=2).error)

    def test_similarity(self):
        table = draw(len(WORDS), 8)
        tokenizer = write(self.path("vectors"), {"table": table}, [gather("table", "last_hidden_state")])
        artifact = self.compile(self.path("vectors"))
        one, other = "ann lives in paris", "bob works in new york"
        a, b = (table[tokenizer.encode(t).ids].astype(np.float64).mean(0) for t in (one, other))
        want = a @ b / np.sqrt((a @ a) * (b @ b))
        self.assertAlmostEqual(self.run_json(artifact, "--text", one, "--similar", other)["similarity"], want, places=5)
        self.assertAlmostEqual(self.run_json(artifact, "--text", one, "--similar", one)["similarity"], 1, places=6)
        self.assertIn("--similar requires --text", self.llmc("run", artifact, "--similar", one, code=2).error)

    def test_too_long_a_text(self):
        write(self.path("short"), {"table": draw(len(WORDS), 4)}, [gather("table", "logits")],
              {"max_position_embeddings": 6, "architectures": ["XForTokenClassification"]})
        failed = self.llmc("run", self.compile(self.path("short")), "--text", "ann bob ann bob ann", code=2)
        self.assertIn("the text has 7 tokens, and the model takes 6", failed.error)


harness.main()

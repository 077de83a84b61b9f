# SPDX-License-Identifier: Apache-2.0
"""llmc eval: perplexity against onnxruntime, divergences against NumPy in double on the runtime's own logits, pairs and
labels against plain formulas, budgets, and what is said of bad input."""
import json
import os

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, pre_tokenizers

import harness

WINDOW, WINDOWS = 48, 3
GENAI = os.path.join(harness.MODELS, "genai_llama_fp32")
TEXT = """Once upon a time there was a miller who had nothing in the world but an old mill, a grey cat and three apple
trees. When the apples were ripe he took them to the town, and the cat sat on the cart and looked at the road. "What
shall we buy for the apples?" asked the cat. "Flour," said the miller, "for the river is low and the wheel stands
still." But the people in the town had no money, for a giant had come over the hills and asked for a golden ring from
every house. So the miller gave the apples to the children, and in the evening he and the cat went home with an empty
cart and light hearts. In the night the rain began to fall, the river rose, and the wheel turned round and round.
"""
TOKENS = Tokenizer.from_file(os.path.join(harness.TALES, "tokenizer.json")).encode(TEXT).ids


def log_softmax(logits):
    logits = logits.astype(np.float64)
    shifted = logits - logits.max(-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))


def windows(stride=WINDOW):
    return [(begin, 0 if begin == 0 else WINDOW - stride) for begin in range(0, len(TOKENS) - WINDOW, stride)][:WINDOWS]


def session_logs(artifact):
    """Log probabilities [windows, WINDOW, vocabulary], token by token."""
    session = harness.library().open(artifact).session()
    rows = []
    for begin, _ in windows():
        session.rewind(0)
        rows.append(np.stack([session.append([token]).copy() for token in TOKENS[begin:begin + WINDOW]]))
    return log_softmax(np.stack(rows))


def onnxruntime_perplexity(stride):
    session = onnxruntime.InferenceSession(os.path.join(harness.TALES, "model.onnx"), providers=["CPUExecutionProvider"])
    losses = []
    for begin, skipped in windows(stride):
        ids = np.array([TOKENS[begin:begin + WINDOW]], np.int64)
        feeds = {}
        for value in session.get_inputs():
            if value.name == "input_ids":
                feeds[value.name] = ids
            elif value.name == "attention_mask":
                feeds[value.name] = np.ones_like(ids)
            elif value.name == "position_ids":
                feeds[value.name] = np.arange(WINDOW, dtype=np.int64)[None]
            else:
                feeds[value.name] = np.zeros((1, value.shape[1], 0, value.shape[3]), np.float32)
        logs = log_softmax(session.run(["logits"], feeds)[0][0])
        following = TOKENS[begin + 1:begin + WINDOW + 1]
        losses += [-logs[i, following[i]] for i in range(skipped, WINDOW)]
    return np.exp(np.mean(losses))


def write(path, text, mode="w"):
    with open(path, mode, **({} if "b" in mode else {"encoding": "utf-8"})) as file:
        file.write(text)
    return path


class Eval(harness.Case):
    def setUp(self):
        super().setUp()
        self.text = write(self.path("text.txt"), TEXT)

    def eval(self, artifact, *options, code=0):
        r = self.llmc("eval", artifact, "--json", *options, code=code)
        return json.loads(r.stdout)

    def eval_text(self, artifact, *options, code=0):
        return self.eval(artifact, "--text", self.text, "--window", str(WINDOW), "--windows", str(WINDOWS), *options,
                         code=code)

    def test_perplexity_is_onnxruntimes(self):
        for stride in (WINDOW, 20):
            got = self.eval_text(harness.TALES_ARTIFACT, "--stride", str(stride))
            want = onnxruntime_perplexity(stride)
            self.assertAlmostEqual(got["artifact"]["perplexity"] / want, 1, delta=1e-5)
            self.assertEqual(got["text"]["tokens"], len(TOKENS))
            self.assertEqual(got["text"]["predicted"], WINDOW + (WINDOWS - 1) * stride)
        self.assertEqual(got["artifact"]["size"], os.path.getsize(harness.TALES_ARTIFACT))

    def test_divergence_of_other_products_and_caches(self):
        """Other caches than the model's own only show where the runtime keeps them."""
        want = session_logs(harness.TALES_ARTIFACT)
        for name, options in (("math", ("--math", "bf16")), ("kv", ("--kv", "bf16"))):
            artifact = self.compile(harness.TALES, name + ".llmc", *options)
            logs = session_logs(artifact)
            divergences = (np.exp(want) * (want - logs)).sum(-1).reshape(-1)
            got = self.eval_text(artifact, "--baseline", harness.TALES_ARTIFACT, "--worst", "3")
            self.assertGreater(got["kl"]["mean"], 1e-8)
            self.assertAlmostEqual(got["kl"]["mean"], divergences.mean(), delta=1e-10 + 1e-3 * divergences.mean())
            self.assertAlmostEqual(got["kl"]["max"], divergences.max(), delta=1e-10 + 1e-3 * divergences.max())
            same = (want.argmax(-1) == logs.argmax(-1)).mean()
            self.assertAlmostEqual(got["top1_agreement"], same, delta=1e-12)
            worst = [int(i) + 1 for i in np.argsort(-divergences, kind="stable")[:3]]
            self.assertEqual([w["position"] for w in got["worst"]], worst)
            for w in got["worst"]:
                self.assertEqual(w["next"]["id"], TOKENS[w["position"]])
                self.assertEqual(w["baseline_top"]["id"], int(want.reshape(-1, want.shape[-1])[w["position"] - 1].argmax()))
            one, two = (self.eval_text(artifact, "--baseline", harness.TALES_ARTIFACT, "--threads", n) for n in "12")
            for key in ("kl", "worst", "top1_agreement"):
                self.assertEqual(one[key], two[key], "the threads must not matter")
            self.assertEqual(one["artifact"]["perplexity"], two["artifact"]["perplexity"])

    def test_the_same_artifact_differs_nowhere(self):
        got = self.eval_text(harness.TALES_ARTIFACT, "--baseline", harness.TALES_ARTIFACT)
        self.assertEqual((got["kl"]["max"], got["top1_agreement"]), (0, 1))
        self.assertEqual(got["artifact"]["perplexity"], got["baseline"]["perplexity"])

    def test_a_text_shorter_than_a_window(self):
        got = self.eval(harness.TALES_ARTIFACT, "--text", self.text)
        self.assertEqual((got["text"]["windows"], got["text"]["predicted"]), (1, len(TOKENS) - 1))
        plain = self.eval(harness.TALES_ARTIFACT, "--text", self.text, "--no-special")
        self.assertEqual(plain["text"]["tokens"], len(TOKENS) - 1, "without the token that begins texts")

    def test_the_table(self):
        r = self.llmc("eval", harness.TALES_ARTIFACT, "--text", self.text, "--baseline", harness.TALES_ARTIFACT,
                      "--budget", "kl=0.01,ppl=+1%,top1=99%")
        for part in ("perplexity", "tokens/s", "tales.llmc (baseline)", "0 nats a token", "100.000% of the tokens", "kept"):
            self.assertIn(part, r.stdout)
        self.assertEqual(r.stderr, "")

    def test_budgets(self):
        base = ("--baseline", harness.TALES_ARTIFACT)
        kept = self.eval_text(harness.TALES_ARTIFACT, *base, "--budget", "kl=0,size=+0%,top1=100%,accuracy=0.01")
        self.assertEqual([b["kept"] for b in kept["budget"]], [True] * 4)
        missed = self.eval_text(harness.TALES_ARTIFACT, *base, "--budget", "kl=0,size=-50%,ppl=2", code=4)
        self.assertEqual([b["kept"] for b in missed["budget"]], [True, False, False])
        self.assertIn("size is +0%, at most -50% was asked for; ppl is ", missed["error"]["what"])
        table = self.llmc("eval", harness.TALES_ARTIFACT, "--text", self.text, "--budget", "ppl=2", code=4)
        self.assertIn("NOT KEPT", table.stdout)
        for budget, what in (("speed=1", "'speed' is none of kl, kl-max"), ("kl", "expected NAME=LIMIT"),
                             ("ppl=lots", "its limit is no number"), ("ppl=nan", "its limit is no number"),
                             ("kl=+1%", "it is against the baseline already"),
                             ("cosine=1", "this is not measured here")):
            r = self.eval_text(harness.TALES_ARTIFACT, *base, "--budget", budget, code=2)
            self.assertIn(what, r["error"]["what"])
        for budget in ("kl=1", "ppl=+1%"):
            r = self.eval_text(harness.TALES_ARTIFACT, "--budget", budget, code=2)
            self.assertIn("it needs a --baseline", r["error"]["what"])

    def test_layers(self):
        base, ours = (self.compile(GENAI, n + ".llmc", "--layers", *q) for n, q in (("f32", []), ("int4", ["--quantize", "int4"])))
        text = write(self.path("short.txt"), TEXT[:60])
        rows = self.eval(ours, "--text", text, "--baseline", base, "--layers")["layers"]
        self.assertEqual([row["name"] for row in rows], ["layer.0", "layer.1"])
        ids = np.array([Tokenizer.from_file(os.path.join(GENAI, "tokenizer.json")).encode(TEXT[:60]).ids[:-1]])  # it predicts nothing
        values = []
        for artifact in (ours, base):
            session = harness.library().open(artifact).session()
            feeds = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
            for value in onnx.load(os.path.join(GENAI, "model.onnx"), load_external_data=False).graph.input:
                if value.name.startswith("past"):
                    feeds[value.name] = np.zeros((1, value.type.tensor_type.shape.dim[1].dim_value, 0, 16), np.float32)
            values.append(session.run(feeds, "layers"))
        for row in rows:
            a, b = (v[row["name"]].astype(float) for v in values)
            self.assertAlmostEqual(row["error"], np.linalg.norm(a - b) / np.linalg.norm(b), delta=1e-9)
            cosines = (a * b).sum(-1) / np.linalg.norm(a, axis=-1) / np.linalg.norm(b, axis=-1)
            self.assertAlmostEqual(row["cosine"], cosines.mean(), delta=1e-9)
        self.assertIn("   layer.1 ", self.llmc("eval", ours, "--text", text, "--baseline", base, "--layers").stdout)
        got = self.eval(ours, "--text", text, "--baseline", harness.TALES_ARTIFACT, "--layers", code=2)
        self.assertIn("the artifact does not give its layers' results", got["error"]["what"])
        got = self.eval(ours, "--text", text, "--layers", code=2)
        self.assertIn("--layers needs a --baseline", got["error"]["what"])

    def test_layers_are_the_models(self):
        # What the last norm reads where layers begin with one, and what it gives where they end with one.
        for model, value in (("opt_gpt2", lambda norm: norm.input[0]), ("opt_bert_feat", lambda norm: norm.output[0])):
            folder = os.path.join(harness.MODELS, model)
            graph = onnx.load(os.path.join(folder, "model.onnx"))
            name = value([n for n in graph.graph.node if n.op_type == "LayerNormalization"][-1])
            if name not in [o.name for o in graph.graph.output]:
                graph.graph.output.append(helper.make_empty_tensor_value_info(name))
            session = onnxruntime.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
            sizes = {"batch_size": 2, "sequence_length": 7, "past_sequence_length": 3}
            feeds = {}
            for i in session.get_inputs():
                dims = [d if isinstance(d, int) else sizes.get(d, sum(sizes[p.strip()] for p in d.split("+")) if "+" in d else 7)
                        for d in i.shape]
                feeds[i.name] = np.full(dims, 0.1, np.float32) if i.type == "tensor(float)" else \
                    np.arange(np.prod(dims)).reshape(dims) % (2 if "mask" in i.name or "type" in i.name else 7)
                if "mask" in i.name:
                    feeds[i.name][:] = 1
            got = harness.library().open(self.compile(folder, "out.llmc", "--layers")).session().run(feeds, "layers")
            np.testing.assert_allclose(got["layer.1"], session.run([name], feeds)[0], rtol=1e-4, atol=1e-5)
        r = self.llmc("compile", self.perceptron(), "-o", self.path("out.llmc"), "--layers")
        self.assertIn("--layers changes nothing: no layers are recognised", r.stderr)

    def perceptron(self):
        x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [2, 4])
        graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "g", [x],
                                  [helper.make_tensor_value_info("y", TensorProto.FLOAT, [2, 4])])
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10), self.path("p.onnx"))
        return self.path("p.onnx")

    def test_bad_texts(self):
        for text, what in ((b"", "is empty"), (b"abc \xff\xfe", "is not UTF-8: byte 4"), ("a".encode("utf-16"), "byte 0"),
                           (b"a", "the text is too short: it has 1 token")):
            r = self.llmc("eval", harness.TALES_ARTIFACT, "--text", write(self.path("bad.txt"), text, "wb"), "--no-special",
                          code=2)
            self.assertIn("bad.txt", r.error)
            self.assertIn(what, r.error)
        self.llmc("eval", harness.TALES_ARTIFACT, "--text", self.path("none.txt"), code=2)
        for options, what in ((("--window", "9999"), "longer than the model's context of 512"),
                              (("--window", "16", "--stride", "17"), "would skip tokens"),
                              (("--pairs", "x"), "takes one of")):
            r = self.llmc("eval", harness.TALES_ARTIFACT, "--text", self.text, *options, code=2)
            self.assertIn(what, r.error)
        self.llmc("eval", harness.TALES_ARTIFACT, code=2)

    def test_models_that_cannot_be_compared(self):
        other = self.compile(os.path.join(harness.MODELS, "opt_llama_gqa"))
        r = self.llmc("eval", harness.TALES_ARTIFACT, "--text", self.text, "--baseline", other, code=2)
        self.assertIn("makes other tokens", r.error)
        folder = self.path("renamed")
        os.mkdir(folder)
        os.symlink(os.path.join(harness.MODELS, "opt_llama_gqa", "model.onnx"), os.path.join(folder, "model.onnx"))
        other = self.compile(folder, "renamed.llmc", "--package", harness.TALES)
        r = self.llmc("eval", harness.TALES_ARTIFACT, "--text", self.text, "--baseline", other, code=2)
        self.assertIn("its vocabulary has 320 tokens, and the artifact's 4096", r.error)


WORDS = "[UNK] the cat sits outside near a river".split()
TABLES = np.random.default_rng(0).standard_normal((2, len(WORDS), 6)).astype(np.float32)
TABLES[1] = TABLES[0] + 0.1 * TABLES[1]
PAIRS = [("the cat", "a cat", 0.9), ("the river", "the cat sits", 0.1), ("near a river", "outside", 0.4),
         ("the cat sits", "the cat sits outside", 0.8), ("a", "river near", 0.4)]
CLASSES = ["animal", "water", "place"]
LABELS = [("the cat sits", "animal"), ("a river", "1"), ("outside", "place"), ("near the river", "water")]
HEAD = np.random.default_rng(1).standard_normal((6, 3)).astype(np.float32)


def vector(table, text):
    return table[[WORDS.index(word) for word in text.split()]].astype(np.float64).mean(0)


def cosine(a, b):
    return a @ b / np.sqrt((a @ a) * (b @ b))


def spearman(a, b):
    def ranks(values):
        values = np.asarray(values)
        return [(values < v).sum() + ((values == v).sum() + 1) / 2 for v in values]
    return np.corrcoef(ranks(a), ranks(b))[0, 1]


class Encoders(harness.Case):
    def model(self, name, table, head=None):
        folder = self.path(name)
        os.mkdir(folder)
        nodes = [helper.make_node("Gather", ["table", "input_ids"], ["last_hidden_state"])]
        outputs = [helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["batch", "n", 6])]
        weights = [numpy_helper.from_array(table, "table")]
        if head is not None:
            nodes += [helper.make_node("ReduceMean", ["last_hidden_state"], ["mean"], axes=[1], keepdims=0),
                      helper.make_node("MatMul", ["mean", "head"], ["logits"])]
            outputs = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", head.shape[1]])]
            weights.append(numpy_helper.from_array(head, "head"))
            write(os.path.join(folder, "config.json"), json.dumps({"id2label": dict(enumerate(CLASSES))}))
        graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "n"])],
                                  outputs, weights)
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8),
                  os.path.join(folder, "model.onnx"))
        tokenizer = Tokenizer(models.WordLevel({w: i for i, w in enumerate(WORDS)}, unk_token="[UNK]"))
        tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
        tokenizer.save(os.path.join(folder, "tokenizer.json"))
        return self.compile(folder, name + ".llmc")

    def file(self, rows):
        return write(self.path("rows.tsv"), "\n".join("\t".join(map(str, row)) for row in rows) + "\r\n\n")

    def eval(self, *arguments, code=0):
        r = self.llmc("eval", *arguments, "--json", code=code)
        return json.loads(r.stdout)

    def test_pairs(self):
        base, ours = (self.model(f"m{i}", TABLES[i]) for i in range(2))
        similar = [[cosine(vector(t, a), vector(t, b)) for a, b, _ in PAIRS] for t in TABLES]
        scores = [score for _, _, score in PAIRS]
        got = self.eval(ours, "--pairs", self.file(PAIRS), "--baseline", base, "--budget", "cosine=0.9")
        for side, values in (("artifact", similar[1]), ("baseline", similar[0])):
            self.assertAlmostEqual(got[side]["pearson"], np.corrcoef(values, scores)[0, 1], delta=1e-6)
            self.assertAlmostEqual(got[side]["spearman"], spearman(values, scores), delta=1e-12)
        self.assertAlmostEqual(got["ranking"], spearman(*similar), delta=1e-12)
        texts = [text for a, b, _ in PAIRS for text in (a, b)]
        cosines = [cosine(vector(TABLES[0], t), vector(TABLES[1], t)) for t in texts]
        self.assertAlmostEqual(got["cosine"]["mean"], np.mean(cosines), delta=1e-6)
        self.assertAlmostEqual(got["cosine"]["min"], min(cosines), delta=1e-6)
        worst = int(np.argmin(cosines))
        self.assertEqual((got["worst"][0]["line"], got["worst"][0]["text"]), (worst // 2 + 1, texts[worst]))
        table = self.llmc("eval", ours, "--pairs", self.file(PAIRS), "--baseline", base).stdout
        for part in ("spearman", "ranking", "texts/s"):
            self.assertIn(part, table)

    def test_labels(self):
        base, ours = (self.model(f"c{i}", TABLES[i], HEAD) for i in range(2))
        names = {name: i for i, name in enumerate(CLASSES)} | {"1": 1}
        logs = [log_softmax(np.stack([vector(t, text) @ HEAD for text, _ in LABELS])) for t in TABLES]
        right = [names[label] for _, label in LABELS]
        got = self.eval(ours, "--labels", self.file(LABELS), "--baseline", base)
        self.assertEqual(got["artifact"]["accuracy"], np.mean(logs[1].argmax(-1) == right))
        self.assertEqual(got["baseline"]["accuracy"], np.mean(logs[0].argmax(-1) == right))
        divergences = (np.exp(logs[0]) * (logs[0] - logs[1])).sum(-1)
        self.assertAlmostEqual(got["kl"]["mean"], divergences.mean(), delta=1e-6)
        self.assertEqual(got["worst"][0]["line"], int(divergences.argmax()) + 1)
        self.assertIn("accuracy", self.llmc("eval", ours, "--labels", self.file(LABELS), "--baseline", base).stdout)

    def test_budget_of_classifier(self):
        # Its logits are of classes: no text is predicted.
        self.model("c", TABLES[0], HEAD)
        r = self.llmc("compile", self.path("c"), "-o", self.path("q.llmc"), "--quantize", "int8", "--budget", "ppl=2",
                      "--calibrate", write(self.path("text.txt"), "the cat sits"), code=2)
        self.assertIn("'ppl=2': this is not measured here", r.error)

    def test_bad_files(self):
        encoder, classifier = self.model("e", TABLES[0]), self.model("c", TABLES[0], HEAD)
        for artifact, form, rows, what in (
                (encoder, "--pairs", [("a", "the", "much")], "line 1: 'much' is no number"),
                (encoder, "--pairs", [("a", "the", "inf")], "line 1: 'inf' is no number"),
                (encoder, "--pairs", [("a", "the", 1), ("cat", 2)], "line 2: has 2 fields, expected 3"),
                (encoder, "--pairs", [("", "the", 1)], "line 1: there is no token to embed"),
                (classifier, "--labels", [("a", "fish")], "line 1: 'fish' is none of the 3 classes"),
                (classifier, "--labels", [("a", "3")], "line 1: '3' is none of the 3 classes"),
                (encoder, "--labels", [("a", "1")], "the model gives no logits"),
                (encoder, "--text", [("the cat sits",)], "the model gives no logits"),
                (classifier, "--text", [("the cat sits",)], "no logits of each token"),
                (classifier, "--pairs", [("a", "the", 1)], "the model gives no embedding")):
            unsupported = "the model gives" in what or "each token" in what
            r = self.llmc("eval", artifact, form, self.file(rows), code=3 if unsupported else 2)
            self.assertIn(what, r.error)
        r = self.llmc("eval", encoder, "--pairs", write(self.path("blank.tsv"), "\n\n"), code=2)
        self.assertIn("has no lines", r.error)


harness.main()

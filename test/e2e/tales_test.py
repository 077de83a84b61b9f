# SPDX-License-Identifier: Apache-2.0
"""The bundled model writes the text that onnxruntime writes with it."""
import json
import os

import numpy as np

import harness

with open(os.path.join(harness.ROOT, "test", "golden", "tales-greedy.json"), encoding="utf-8") as file:
    GREEDY = json.load(file)["greedy"]
TIE = 1e-3  # two logits closer than this may change places


class Tales(harness.Case):
    def test_greedy_tokens(self):
        session = harness.library().open(harness.TALES_ARTIFACT).session()
        for case in GREEDY:
            session.rewind(0)
            logits = session.append(case["prompt_ids"])
            for step, want in enumerate(case["greedy_ids"]):
                if int(logits.argmax()) != want:
                    best = np.partition(logits, -2)[-2:]
                    self.assertLess(abs(float(best[1] - best[0])), TIE, f"{case['prompt']!r}, token {step}")
                logits = session.append([want])

    def test_run_prints_the_same(self):
        case = GREEDY[0]
        run = self.llmc("run", harness.TALES_ARTIFACT, "--prompt", case["prompt"], "--greedy", "--max-tokens", "32",
                        "--ignore-eos", "--json")
        self.assertEqual(json.loads(run.stdout)["ids"], case["greedy_ids"][:32])

    def test_seed_decides_the_sample(self):
        def story(seed):
            return self.llmc("run", harness.TALES_ARTIFACT, "--prompt", "Once", "--max-tokens", "24", "--seed",
                             str(seed)).stdout
        self.assertEqual(story(1), story(1))
        self.assertNotEqual(story(1), story(2))

    def test_tied_embedding_is_stored_once(self):
        weights = json.loads(self.llmc("inspect", harness.TALES_ARTIFACT, "--json").stdout)["weights"]
        model = os.path.getsize(os.path.join(harness.TALES, "model.onnx"))
        self.assertLess(weights["bytes"], model - 4096 * 256 * 4 + (1 << 20))


harness.main()
